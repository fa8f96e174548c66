//! The inbox: deeds come into the ledger in order and once for whoever reads, whatever is killed between two steps.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use averment_ledger::{Authority, Correction, Deed, Fault, ManualDisclosure};
use averment_register::Digest;
use averment_store::{
    DataFolder, Documents, Inbox, Journal, Kept, Keys, Parcel, People, Receipt, Under, entries, person_entries,
};
use jiff::Timestamp;

struct Office {
    _dir: tempfile::TempDir,
    folder: DataFolder,
    keys: Keys,
    people: People,
    inbox: Inbox,
}

const PEOPLE: &str = "id,role,email\ns-1,student,maya@birch.example\ns-2,student,lev@birch.example\n";

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn office() -> Office {
    let dir = tempfile::tempdir().unwrap();
    let (folder, keys) = DataFolder::open(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    people.load_csv(PEOPLE.as_bytes(), "people", now()).unwrap();
    let inbox = Inbox::new(&folder);
    Office {
        _dir: dir,
        folder,
        keys,
        people,
        inbox,
    }
}

impl Office {
    fn journal(&self) -> Journal {
        Journal::open(&self.folder, &self.keys, now, Digest::of(b"")).unwrap().0
    }

    fn take(&mut self) -> averment_store::Taken {
        let journal = self.journal();
        let taken = self
            .inbox
            .take(&journal, &mut self.people, Under::OfEach, now())
            .unwrap();
        journal.close().unwrap();
        taken
    }

    fn deeds(&self) -> Vec<Deed> {
        let read = entries(&self.folder, Some(self.keys.verifier())).unwrap();
        read.map(|numbered| numbered.unwrap().entry.deed).collect()
    }

    fn manual_about(&self, ids: &[&str]) -> Parcel {
        let people = ids.iter().map(|id| {
            let known = self.people.know(id, now()).unwrap().unwrap();
            (known.id, known.subject.unwrap().to_string())
        });
        Parcel::about(people.collect(), Deed::Manual(manual()))
    }

    fn waiting(&self) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.folder.path().join("inbox")).unwrap();
        let files = files.map(|entry| entry.unwrap().path());
        files.filter(|path| path.is_file()).collect()
    }
}

#[test]
fn a_deed_carries_the_charter_that_it_is_about_where_no_gate_runs() {
    let mut office = office();
    let [one, other] = [b"one", b"two"].map(|text| Digest::of(text));
    assert!(office.inbox.says_every_charter().unwrap());
    let charters = |office: &Office| {
        let read = entries(&office.folder, Some(office.keys.verifier())).unwrap();
        let all: Vec<String> = read.map(|numbered| numbered.unwrap().entry.charter).collect();
        all
    };
    let later = |seconds: i64| now() + jiff::SignedDuration::from_secs(seconds);
    office.inbox.put(&correction(0).under(one), now()).unwrap();
    office.inbox.put(&correction(1).under(other), later(1)).unwrap();
    assert!(office.inbox.says_every_charter().unwrap());
    // As a version before this one put it in.
    office.inbox.put(&correction(2), later(2)).unwrap();
    assert!(!office.inbox.says_every_charter().unwrap());
    assert_eq!(office.take().recorded, 3);
    let in_force = Digest::of(b"").to_string();
    let expected = [one.to_string(), other.to_string(), in_force.clone()];
    assert!(charters(&office).ends_with(&expected), "{:?}", charters(&office));
    office.inbox.put(&correction(3).under(one), now()).unwrap();
    let journal = office.journal();
    let taken = office.inbox.take(&journal, &mut office.people, Under::InForce, now());
    journal.close().unwrap();
    assert_eq!(taken.unwrap().recorded, 1);
    assert_eq!(charters(&office).pop(), Some(in_force));
}

#[test]
fn what_names_no_charter_is_put_aside() {
    let mut office = office();
    office.inbox.put(&correction(0).under(Digest::of(b"")), now()).unwrap();
    let file = office.waiting().pop().unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let digest = Digest::of(b"").to_string();
    assert!(text.contains(&digest), "{text}");
    std::fs::write(&file, text.replace(&digest, "sha256:no")).unwrap();
    let taken = office.take();
    assert_eq!((taken.recorded, taken.aside.len()), (0, 1));
}

fn correction(entry: u64) -> Parcel {
    Parcel::new(Deed::Correction(Correction {
        id: String::new(),
        entry,
        leaf: averment_ledger::Base64([0; 32]),
        because: "a slip".to_owned(),
        void: false,
    }))
}

fn manual() -> ManualDisclosure {
    ManualDisclosure {
        id: "0".repeat(32),
        recipient: None,
        party: Some("a court".to_owned()),
        means: "letter".to_owned(),
        result: "disclosed".to_owned(),
        happened_at: "2026-02-27T09:00:00Z".to_owned(),
        elements: vec!["edu.grade".to_owned()],
        people: Vec::new(),
        forgotten: 0,
        authority: Authority {
            basis: "ferpa.court_order".to_owned(),
            consent: None,
            instrument: None,
            record_required: true,
        },
        interest: None,
        document: None,
    }
}

#[test]
fn deeds_are_recorded_in_their_order_and_whoever_put_them_is_told_the_entry() {
    let mut office = office();
    let tickets: Vec<_> = (0..3)
        .map(|number| {
            let at = now() + jiff::SignedDuration::from_secs(number);
            office.inbox.put(&correction(number.unsigned_abs()), at).unwrap()
        })
        .collect();
    for file in office.waiting() {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(tickets[0].receipt().unwrap(), None);
    let taken = office.take();
    assert_eq!((taken.recorded, taken.aside.len()), (3, 0));
    let corrected: Vec<u64> = office
        .deeds()
        .iter()
        .map(|deed| match deed {
            Deed::Correction(correction) => correction.entry,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(corrected, [0, 1, 2]);
    let told: Vec<_> = tickets
        .iter()
        .map(|ticket| ticket.receipt().unwrap().unwrap())
        .collect();
    assert_eq!(told, [Receipt::Entry(0), Receipt::Entry(1), Receipt::Entry(2)]);
    assert!(office.waiting().is_empty());
}

#[test]
fn people_are_named_by_references_that_are_found_again_and_by_nothing_else() {
    let mut office = office();
    office
        .inbox
        .put(&office.manual_about(&["s-1", "s-2", "s-1"]), now())
        .unwrap();
    let file = std::fs::read_to_string(&office.waiting()[0]).unwrap();
    assert!(!file.contains("s-1"), "{file}");
    office.inbox.put(&office.manual_about(&["s-2"]), now()).unwrap();
    assert_eq!(office.take().recorded, 2);
    let people: Vec<usize> = office
        .deeds()
        .iter()
        .filter_map(|deed| match deed {
            Deed::Manual(manual) => Some(manual.people.len()),
            _ => None,
        })
        .collect();
    let mut sorted = people;
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 2]);
    // What names somebody counts: later entries are found by the next reference.
    assert!(person_entries(&office.folder, &office.keys, &office.people, "s-2").is_ok());
}

#[test]
fn somebody_forgotten_before_it_was_recorded_is_counted_and_not_named() {
    let mut office = office();
    office.inbox.put(&office.manual_about(&["s-1", "s-2"]), now()).unwrap();
    let done = office
        .people
        .forget(&["s-1".to_owned(), "nobody".to_owned()], now())
        .unwrap();
    assert_eq!((done.people, done.before, done.unknown), (1, 0, 1));
    assert_eq!(office.people.forget(&["s-1".to_owned()], now()).unwrap().before, 1);
    assert_eq!(office.take().recorded, 1);
    let named = office.deeds().into_iter().find_map(|deed| match deed {
        Deed::Manual(manual) => Some((manual.people.len(), manual.forgotten)),
        _ => None,
    });
    assert_eq!(named, Some((1, 1)));
    assert!(office.people.know("s-1", now()).unwrap().unwrap().is_forgotten);
}

#[test]
fn what_is_no_deed_is_put_aside_and_stops_nobody() {
    let mut office = office();
    office.inbox.put(&correction(7), now()).unwrap();
    let inbox = office.folder.path().join("inbox");
    let gate_only = serde_json::json!({ "v": 1, "deed": Deed::Fault(Fault { fault: "x".into() }) });
    for (name, text) in [
        ("0.json", "{\"v\":1,\"deed\":".to_owned()),
        ("1.json", gate_only.to_string()),
        (
            "2.json",
            "{\"v\":1,\"deed\":{\"kind\":\"of_a_newer_version\"}}".to_owned(),
        ),
        ("3.json", " ".repeat(1 << 19)),
    ] {
        std::fs::write(inbox.join(name), text).unwrap();
    }
    std::fs::create_dir(inbox.join("4.json")).unwrap();
    let taken = office.take();
    assert_eq!((taken.recorded, taken.aside.len()), (1, 5));
    assert!(office.waiting().is_empty());
    let aside = std::fs::read_dir(inbox.join("aside")).unwrap().count();
    assert_eq!(aside, 5, "none is lost");
}

#[test]
fn a_deed_taken_twice_after_a_kill_has_the_same_id() {
    let mut office = office();
    office.inbox.put(&office.manual_about(&["s-1"]), now()).unwrap();
    let (file, bytes) = {
        let file = office.waiting().remove(0);
        let bytes = std::fs::read(&file).unwrap();
        (file, bytes)
    };
    assert_eq!(office.take().recorded, 1);
    // As if it had been killed before the file was removed.
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(office.take().recorded, 1);
    let ids: Vec<String> = office
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Manual(manual) => Some(manual.id),
            _ => None,
        })
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    // A file that was still being written is not there yet.
    std::fs::write(office.folder.path().join("inbox/.half.json.new"), "{").unwrap();
    assert_eq!(office.take(), averment_store::Taken::default());
}

#[test]
fn a_document_that_was_exchanged_is_seen() {
    let office = office();
    let documents = Documents::new(&office.folder);
    let document = documents.keep(b"report", "report.pdf").unwrap();
    assert_eq!(documents.look(&document).unwrap(), Kept::Whole);
    let file = documents.file(&document);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&file, "rePort").unwrap();
    assert_eq!(documents.look(&document).unwrap(), Kept::Changed);
    documents.keep(b"report", "report.pdf").unwrap();
    assert_eq!(documents.look(&document).unwrap(), Kept::Whole);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(documents.look(&document).unwrap(), Kept::Missing);
}
