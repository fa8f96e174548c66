//! What the tests share: a charter of one recipient, one known person, messages about them.

use std::path::PathBuf;

use averment_catalog::ElementId;
use averment_detect::{Directory, DirectoryKey, Finding, Inspection, KnownBy, Part, PersonNumber, Place, Whose};
use averment_policy::{Decision, Facts, Observation, Permit, Verdict, decide};
use averment_register::{Charter, Source, compile};
use averment_store::{DataFolder, FolderError, Journal, Keys, PersonKey, Persons, Record, Recovery, Request, Snapshot};
use jiff::Timestamp;

/// A data folder and a key folder that vanish with the value.
pub(crate) struct Home {
    pub(crate) dir: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("averment-data")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.dir.path().join("averment-keys")
    }

    pub(crate) fn open(&self) -> (DataFolder, Keys) {
        // A test beside this one may just be starting a program, which for a moment has a copy of every lock.
        let free = |opened: &Result<_, _>| !matches!(opened, Err(FolderError::Locked { .. }));
        let mut tries = std::iter::repeat_with(|| DataFolder::open(&self.data(), &self.keys()));
        tries
            .by_ref()
            .take(10_000)
            .find(free)
            .unwrap_or_else(|| tries.next().unwrap())
            .unwrap()
    }

    pub(crate) fn journal(&self) -> (Journal, Recovery, DataFolder, Keys) {
        let (folder, keys) = self.open();
        let (journal, recovery) = Journal::open(&folder, &keys, noon, charter().digest()).unwrap();
        (journal, recovery, folder, keys)
    }
}

pub(crate) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(crate) fn charter() -> Charter {
    let organisation = "organisation = \"Example School Platform\"\n";
    let desk = r#"
recipient = "desk"
third_parties = []
purpose = "To answer questions."
information = "The address of whoever asks."
planes = ["gateway"]
role = "processor"
student_records = "possible"
mode = "enforce"
hosts = ["desk.example"]
[contract]
document = "DPA-17"
[[discloses]]
elements = ["contact.email"]
subjects = ["student", "teacher"]
treatment = "mask"
"#;
    let mut source = Source::default();
    source.insert("organisation.toml", organisation);
    source.insert("recipients/desk.toml", desk);
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

pub(crate) fn snapshot() -> Snapshot {
    Snapshot {
        directory: Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []),
        person_keys: [(PersonNumber(1), PersonKey::new([1; 32]))].into(),
        persons: Persons::default(),
        loaded_at: Some(noon()),
        version: 1,
    }
}

/// A finding about person 1.
pub(crate) fn finding(element: &str, at: usize) -> Finding {
    Finding {
        element: ElementId::new(element).unwrap(),
        whose: Whose::Person {
            number: PersonNumber(1),
            subject: "student.under13".parse().unwrap(),
        },
        known_by: KnownBy::Exact,
        place: Place {
            part: Part::Body,
            pointer: "events[].*".into(),
        },
        layers: Vec::new(),
        span: at..at + 5,
    }
}

pub(crate) fn inspection(findings: Vec<Finding>) -> Inspection {
    Inspection {
        findings,
        unreadable: Vec::new(),
        bytes_read: 100,
        own_mailboxes: 0,
    }
}

pub(crate) fn decide_on(inspection: &Inspection) -> Decision {
    decide(
        &charter(),
        &Observation {
            host: "desk.example",
            inspection,
        },
        &Facts::default(),
    )
}

pub(crate) fn permit(inspection: &Inspection) -> Permit {
    match decide_on(inspection) {
        Decision::Proceed(permit) => permit,
        Decision::Refuse(verdict) => panic!("{verdict:?}"),
    }
}

pub(crate) fn refused(inspection: &Inspection) -> Verdict {
    match decide_on(inspection) {
        Decision::Refuse(verdict) => verdict,
        Decision::Proceed(permit) => panic!("{permit:?}"),
    }
}

pub(crate) fn record<'a>(inspection: &'a Inspection, snapshot: &'a Snapshot) -> Record<'a> {
    let request = Request {
        method: "POST",
        target: "/tickets",
        body: b"{}",
    };
    Record {
        host: "desk.example",
        inspection,
        body_bytes: 2,
        request,
        snapshot,
    }
}
