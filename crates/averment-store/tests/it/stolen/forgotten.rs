//! What somebody can confirm of people who were forgotten, who comes afterwards, takes everything that was written about
//! them and has a list of addresses that holds them all: directory, ledger, index, inbox and documents.
//!
//! The suite runs it with some thousands of candidates, `examples/stolen_folder.rs` with a million.

use std::collections::HashSet;
use std::path::Path;

use averment_detect::PersonNumber;
use averment_ledger::{Authority, ConsentChange, Deed, FindingEntry, ManualDisclosure, Message, Reference};
use averment_register::Digest;
use averment_store::{
    DataFolder, Documents, Inbox, Index, Journal, Keys, Parcel, People, request_digest, trusted, verify,
};
use jiff::Timestamp;

use super::attack::{address, all_bytes, guessed_keys, load, plain_digests, under};

/// Every so many is forgotten.
const FORGOTTEN_ONE_IN: usize = 10;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Remains {
    pub(crate) forgotten: usize,
    /// Candidates of which anything is found in the data folder without the keys.
    pub(crate) confirmed: usize,
    /// Forgotten people whose address the directory's key confirms.
    pub(crate) confirmed_with_key: usize,
    /// The same of those who were not forgotten: all of them, or the search itself is broken.
    pub(crate) others_with_key: usize,
    /// Forgotten people of whom the key of a request confirms a body that the attacker guesses to the last byte.
    pub(crate) bodies_with_key: usize,
    /// Whether the ledger still verifies.
    pub(crate) holds: bool,
    /// Bytes that were searched.
    pub(crate) bytes: usize,
}

/// Loads `members` people, records traffic about each, forgets every tenth, and tries `candidates` addresses.
pub(crate) fn attack_after_forgetting(place: &Path, members: usize, candidates: usize) -> Remains {
    let (data, keys_dir) = (place.join("data"), place.join("keys"));
    load(place, (&data, &keys_dir), members);
    let (folder, keys) = DataFolder::open(&data, &keys_dir).unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    write_everything(&folder, &keys, &mut people, members);
    forget(&folder, &keys, &mut people, members);
    let holds = verify(&folder, trusted(&folder, &keys).unwrap()).unwrap().holds();
    drop(people);
    let bytes = all_bytes(&data);
    let found: HashSet<[u8; 8]> = bytes.windows(8).map(|window| window.try_into().unwrap()).collect();
    let is_found = |short: &[u8; 8]| found.contains(short);
    let is_there = |parts: &Vec<[u8; 8]>| parts.iter().all(is_found);
    let (guessed, stranger) = (guessed_keys(&bytes), strange_keys(place));
    // Every other one is nobody's, when there are enough.
    let tries = (0..candidates).map(|number| match number % (candidates / members) {
        0 if number / (candidates / members) < members => address(number / (candidates / members)),
        _ => format!("candidate{number}@school.example"),
    });
    let confirmed = tries.filter(|address| {
        let whole = [plain_digests(address), requests(&stranger, address)].concat();
        under(&guessed, address).iter().any(is_found) || whole.iter().any(is_there)
    });
    let confirmed = confirmed.count();
    let key = [keys.directory_key()];
    let is_confirmed = |member: &usize| under(&key, &address(*member)).iter().any(is_found);
    let (gone, stayed): (Vec<usize>, Vec<usize>) = (0..members).partition(|member| is_forgotten(*member));
    let has_body = |member: &&usize| requests(&keys, &address(**member)).iter().any(is_there);
    Remains {
        forgotten: gone.len(),
        confirmed,
        confirmed_with_key: gone.iter().filter(|member| is_confirmed(member)).count(),
        others_with_key: stayed.iter().filter(|member| is_confirmed(member)).count(),
        bodies_with_key: gone.iter().filter(has_body).count(),
        holds,
        bytes: bytes.len(),
    }
}

fn is_forgotten(member: usize) -> bool {
    member.is_multiple_of(FORGOTTEN_ONE_IN)
}

fn now() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn id(member: usize) -> String {
    format!("s-{member}")
}

fn body(address: &str) -> String {
    format!(r#"{{"email":"{address}"}}"#)
}

/// Messages and consents about everybody, a disclosure by hand that is recorded and one that waits, a document.
fn write_everything(folder: &DataFolder, keys: &Keys, people: &mut People, members: usize) {
    let journal = Journal::open(folder, keys, now, Digest::of(b"")).unwrap().0;
    let snapshot = people.snapshot(now()).unwrap();
    for member in 0..members {
        let number = PersonNumber(u32::try_from(member).unwrap() + 1);
        let known = people.know(&id(member), now()).unwrap().unwrap().id;
        assert_eq!(
            snapshot.persons.id(number),
            Some(known),
            "people are numbered as they are loaded"
        );
        let key = snapshot.person_keys.get(number).unwrap();
        let note = |make: &dyn Fn(Reference) -> Deed| {
            journal.note_about(&[(number, key)], |named| make(named[0])).unwrap();
        };
        note(&|person| Deed::Intent(message(keys, member, person)));
        note(&|person| Deed::Consent(consent(person)));
    }
    let inbox = Inbox::new(folder);
    put_in(&inbox, people, 0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(journal.begin_log()).unwrap();
    journal.close().unwrap();
    Documents::new(folder)
        .keep(b"what somebody wrote down", "letter.txt")
        .unwrap();
    let mut index = Index::open(folder, || ()).unwrap();
    index.follow(folder, keys, people, |_| ()).unwrap();
}

fn message(keys: &Keys, member: usize, person: Reference) -> Message {
    let finding = FindingEntry {
        element: "contact.email".to_owned(),
        subject: Some("student.under13".to_owned()),
        person: Some(person),
        known_by: "exact".to_owned(),
        part: "body".to_owned(),
        pointer: "email".to_owned(),
        count: 1,
        treated: "pass".to_owned(),
        treatment: "pass".to_owned(),
        reason: "declared".to_owned(),
        rule: Some("desk".to_owned()),
        ..FindingEntry::default()
    };
    Message {
        id: format!("{member:032x}"),
        host: "desk.example".to_owned(),
        recipient: Some("desk".to_owned()),
        plane: "gateway".to_owned(),
        mode: "enforce".to_owned(),
        action: "forward".to_owned(),
        judged: "forward".to_owned(),
        findings: vec![finding],
        body_bytes: body(&address(member)).len() as u64,
        request: request_digest(keys, "POST", "/", body(&address(member)).as_bytes()),
        ..Message::default()
    }
}

fn consent(person: Reference) -> ConsentChange {
    ConsentChange {
        consent: "directory_information".into(),
        state: "given".into(),
        version: 1,
        by: "parent".into(),
        person: Some(person),
        school: None,
    }
}

/// A telephone call about somebody, entered by hand.
fn put_in(inbox: &Inbox, people: &People, member: usize) {
    let known = people.know(&id(member), now()).unwrap().unwrap();
    let subject = known.subject.unwrap().to_string();
    let call = ManualDisclosure {
        id: "0".repeat(32),
        recipient: None,
        party: Some("a court".to_owned()),
        means: "telephone".to_owned(),
        result: "disclosed".to_owned(),
        happened_at: "2026-02-27T09:00:00Z".to_owned(),
        elements: vec!["contact.email".to_owned()],
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
    };
    let parcel = Parcel::about(vec![(known.id, subject)], Deed::Manual(call));
    inbox.put(&parcel, now()).unwrap();
}

/// As `averment people forget` does.
fn forget(folder: &DataFolder, keys: &Keys, people: &mut People, members: usize) {
    let gone: Vec<String> = (0..members).filter(|member| is_forgotten(*member)).map(id).collect();
    assert_eq!(people.forget(&gone, now()).unwrap().people, gone.len() as u64);
    let mut index = Index::open_existing(folder, || ()).unwrap().unwrap();
    index.forget(people).unwrap();
    index.follow(folder, keys, people, |_| ()).unwrap();
}

/// Keys of another house: the attacker has made some, too.
fn strange_keys(place: &Path) -> Keys {
    DataFolder::open(&place.join("data of others"), &place.join("keys of others"))
        .unwrap()
        .1
}

/// The digest of the request that everybody's address went out in, raw and as entries spell it: each is found where all of
/// its parts are.
fn requests(keys: &Keys, address: &str) -> Vec<Vec<[u8; 8]>> {
    let digest = request_digest(keys, "POST", "/", body(address).as_bytes());
    let text = serde_json::to_string(&digest).unwrap();
    let spelled = text.trim_matches('"').as_bytes();
    let parts = |bytes: &[u8]| bytes.as_chunks::<8>().0.to_vec();
    vec![parts(&digest.0[..8]), parts(&spelled[..16])]
}
