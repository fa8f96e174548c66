use std::sync::Arc;

use averment_detect::{Directory, DirectoryKey};
use averment_register::{Charter, Source, compile};
use averment_store::{Consents, DataFolder, Persons, Snapshot};

use super::Terms;
use crate::credentials::Credentials;
use crate::gate::Prepared;
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

fn prepared(settings: Settings) -> Prepared {
    Prepared {
        settings: Arc::new(settings),
        credentials: Credentials::default(),
        tls: None,
    }
}

fn terms(recipients: &[(&str, &str)], settings: Settings) -> Terms {
    let snapshot = Snapshot {
        directory: Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []),
        person_keys: [].into(),
        persons: Persons::default(),
        loaded_at: None,
        version: 0,
    };
    let home = tempfile::tempdir().unwrap();
    let (folder, keys) = DataFolder::open(&home.path().join("data"), &home.path().join("keys")).unwrap();
    let consents = Consents::open(&folder, &keys).unwrap();
    let all = (charter(recipients), Arc::new(snapshot), Arc::new(settings));
    Terms::new(all, Credentials::default(), None, consents)
}

fn cutting(recipient: &str) -> CutOff {
    CutOff {
        all: false,
        recipients: [recipient.parse().unwrap()].into(),
    }
}

fn serves(terms: &Terms, recipient: &str) -> bool {
    terms.serves(&recipient.parse().unwrap())
}

#[test]
fn what_was_cut_off_outlasts_other_settings_and_lifts_only_itself() {
    let both = [("desk", "desk.example"), ("mail", "mail.example")];
    let fixed = || Settings {
        cut_off: cutting("mail"),
        ..Settings::default()
    };
    let mut terms = terms(&both, fixed());
    assert!(!serves(&terms, "mail") && serves(&terms, "desk"));
    terms.take_cut_off(cutting("desk"));
    assert!(!serves(&terms, "mail") && !serves(&terms, "desk"));
    terms.take_settings(prepared(Settings::default()));
    assert!(serves(&terms, "mail") && !serves(&terms, "desk"));
    terms.take_settings(prepared(fixed()));
    terms.take_cut_off(CutOff::default());
    assert!(!serves(&terms, "mail") && serves(&terms, "desk"));
    terms.take_cut_off(CutOff {
        all: true,
        ..CutOff::default()
    });
    assert!(terms.cuts_off_all());
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
