use std::sync::Arc;

use averment_detect::{Directory, DirectoryKey};
use averment_register::{Charter, Source, compile};
use averment_store::Snapshot;

use super::Terms;
use crate::settings::{CutOff, Settings};

fn charter(recipients: &[(&str, &str)]) -> Arc<Charter> {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example\"\n");
    for (id, host) in recipients {
        let text = format!(
            "recipient = \"{id}\"\nthird_parties = []\npurpose = \"To test.\"\ninformation = \"What tests need.\"\n\
             planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"{host}\"]\n"
        );
        source.insert(format!("recipients/{id}.toml"), text);
    }
    Arc::new(compile(&source).charter.unwrap())
}

fn terms(recipients: &[(&str, &str)], settings: Settings) -> Terms {
    let snapshot = Snapshot {
        directory: Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []),
        person_keys: [].into(),
        loaded_at: None,
        version: 0,
    };
    Terms::new(charter(recipients), Arc::new(snapshot), Arc::new(settings))
}

fn cutting(recipient: &str) -> CutOff {
    CutOff {
        all: false,
        recipients: [recipient.parse().unwrap()].into(),
    }
}

#[test]
fn what_was_cut_off_outlasts_other_settings_and_lifts_only_itself() {
    let both = [("desk", "desk.example"), ("mail", "mail.example")];
    let fixed = || Settings {
        cut_off: cutting("mail"),
        ..Settings::default()
    };
    let mut terms = terms(&both, fixed());
    assert!(terms.cuts_off("mail.example") && !terms.cuts_off("desk.example"));
    terms.take_cut_off(cutting("desk"));
    assert!(terms.cuts_off("mail.example") && terms.cuts_off("desk.example"));
    terms.take_settings(Arc::default());
    assert!(!terms.cuts_off("mail.example") && terms.cuts_off("desk.example"));
    terms.take_settings(Arc::new(fixed()));
    terms.take_cut_off(CutOff::default());
    assert!(terms.cuts_off("mail.example") && !terms.cuts_off("desk.example"));
    terms.take_cut_off(CutOff {
        all: true,
        ..CutOff::default()
    });
    assert!(terms.cuts_off("unknown.example"));
}

#[test]
fn of_recipients_that_share_a_host_one_that_is_cut_off_is_enough() {
    let mut terms = terms(
        &[("one", "shared.example"), ("two", "shared.example")],
        Settings::default(),
    );
    terms.take_cut_off(cutting("two"));
    assert!(terms.cuts_off("shared.example"));
}

#[test]
fn a_tunnel_is_lost_with_its_recipient_its_host_or_a_cut_off() {
    let old = terms(
        &[("desk", "desk.example"), ("mail", "mail.example")],
        Settings::default(),
    );
    let gone = terms(&[("mail", "mail.example")], Settings::default());
    let moved = terms(
        &[("desk", "other.example"), ("mail", "mail.example")],
        Settings::default(),
    );
    let mut cut = old.clone();
    cut.take_cut_off(cutting("desk"));
    for new in [&gone, &moved, &cut] {
        assert!(old.narrows_to(new) && old.loses(new, "desk.example"));
        assert!(!old.loses(new, "mail.example"), "others stay");
        assert!(
            !old.loses(new, "unknown.example"),
            "who was nobody before loses nothing"
        );
    }
    let wider = terms(
        &[
            ("desk", "desk.example"),
            ("mail", "mail.example"),
            ("new", "new.example"),
        ],
        Settings::default(),
    );
    assert!(!old.narrows_to(&wider) && !old.narrows_to(&old.clone()));
}
