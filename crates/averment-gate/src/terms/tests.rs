use std::sync::Arc;

use averment_detect::{Directory, DirectoryKey, DirectoryRow, Form, PersonNumber};
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

/// A directory of one student for each address.
fn snapshot(addresses: &[&str]) -> Snapshot {
    let key = DirectoryKey::new([7; 32]);
    let row = |(number, address): (u32, &&str)| DirectoryRow {
        digest: key.digest(Form::Email, address),
        element: "contact.email".parse().unwrap(),
        person: PersonNumber(number),
    };
    let rows: Vec<DirectoryRow> = (0..).zip(addresses).map(row).collect();
    let students: Vec<_> = rows
        .iter()
        .map(|row| (row.person, "student".parse().unwrap()))
        .collect();
    Snapshot {
        directory: Directory::new(key, rows, students),
        person_keys: [].into(),
        persons: Persons::default(),
        loaded_at: None,
        version: 0,
    }
}

fn terms(recipients: &[(&str, &str)], settings: Settings) -> Terms {
    let snapshot = snapshot(&[]);
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

#[test]
fn own_mailboxes_that_are_somebodys_are_told_when_their_number_changes() {
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        "organisation = \"Example\"\n[about]\nown_domains = [\"lantern.example\"]\n\
         own_mailboxes = [\"news@lantern.example\", \"desk@lantern.example\"]\n",
    );
    let mut terms = terms(&[], Settings::default());
    terms.take_charter(Arc::new(compile(&source).charter.unwrap()));
    let told = |terms: &Terms, addresses: &[&str]| {
        // As a running gate changes what is in force: a copy takes the place.
        let mut terms = terms.clone();
        terms.snapshot = Arc::new(snapshot(addresses));
        terms.newly_held()
    };
    let both = ["news@lantern.example", "desk@lantern.example", "eve@lantern.example"];
    assert_eq!(told(&terms, &both[..1]), Some(1));
    assert_eq!(told(&terms, &both[..1]), None);
    assert_eq!(told(&terms, &both), Some(2));
    assert_eq!(told(&terms, &[]), Some(0));
    assert_eq!(told(&terms, &both), Some(2));
}
