//! Messages about people, for tests that record intents.

use std::sync::OnceLock;

use averment_detect::{Directory, DirectoryKey, Finding, Inspection, KnownBy, Part, PersonNumber, Place, Whose};
use averment_policy::{Decision, Facts, Observation, Permit, decide};
use averment_register::{Charter, Source, compile};

use crate::{PersonKey, PersonKeys, Persons, Record, Request, Snapshot};

fn charter() -> &'static Charter {
    static CHARTER: OnceLock<Charter> = OnceLock::new();
    CHARTER.get_or_init(|| {
        let desk = "recipient = \"desk\"\nthird_parties = []\npurpose = \"Help.\"\ninformation = \"Mail.\"\n\
            planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n\
            [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n";
        let mut source = Source::default();
        source.insert("organisation.toml", "organisation = \"Example\"\n");
        source.insert("recipients/desk.toml", desk);
        compile(&source).charter.unwrap()
    })
}

/// A message that names somebody or nobody.
pub(super) struct Letter {
    inspection: Inspection,
    snapshot: Snapshot,
    target: String,
}

impl Letter {
    /// One whose target is `/number`.
    pub(super) fn new(number: u64, person: Option<(PersonNumber, PersonKey)>) -> Self {
        let named = person.as_ref().map(|(person, _)| finding(*person));
        let inspection = Inspection {
            findings: named.into_iter().collect(),
            unreadable: Vec::new(),
            bytes_read: 1,
            own_mailboxes: 0,
        };
        let snapshot = Snapshot {
            directory: Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []),
            person_keys: person.map_or_else(PersonKeys::default, |one| [one].into()),
            persons: Persons::default(),
            loaded_at: None,
            version: 1,
        };
        Self {
            inspection,
            snapshot,
            target: target(number),
        }
    }

    pub(super) fn permit(&self) -> Permit {
        let observation = Observation {
            host: "desk.example",
            inspection: &self.inspection,
        };
        match decide(charter(), &observation, &Facts::default()) {
            Decision::Proceed(permit) => permit,
            Decision::Refuse(verdict) => panic!("{verdict:?}"),
        }
    }

    pub(super) fn record(&self) -> Record<'_> {
        Record {
            host: "desk.example",
            inspection: &self.inspection,
            body_bytes: 0,
            request: Request {
                method: "POST",
                target: &self.target,
                body: b"",
            },
            snapshot: &self.snapshot,
        }
    }
}

/// What tells the entry of a message from others.
pub(super) fn target(number: u64) -> String {
    format!("/{number}")
}

fn finding(person: PersonNumber) -> Finding {
    Finding {
        element: "contact.email".parse().unwrap(),
        whose: Whose::Person {
            number: person,
            subject: "student.under13".parse().unwrap(),
        },
        known_by: KnownBy::Exact,
        place: Place {
            part: Part::Body,
            pointer: "email".into(),
        },
        layers: Vec::new(),
        span: 0..1,
    }
}
