//! Entries as JSON: the short way of reading says what the derived one does.

use averment_ledger::{Base64, Deed, ENTRY_VERSION, Entry, Fault, FindingEntry, Message, Outcome, UnreadableEntry};

fn entry(deed: Deed) -> Entry {
    Entry {
        v: ENTRY_VERSION,
        at: "2026-03-01T12:00:00.000000Z".into(),
        charter: "sha256:00".into(),
        deed,
    }
}

fn message() -> Message {
    Message {
        id: "0".repeat(32),
        recipient: Some("desk".into()),
        host: "desk.example".into(),
        action: "forward \"as it is\"\n".into(),
        findings: vec![FindingEntry {
            element: "contact.email".into(),
            count: 3,
            ..FindingEntry::default()
        }],
        unreadable: vec![UnreadableEntry {
            part: "body".into(),
            because: "malformed".into(),
        }],
        request: Base64([7; 16]),
        ..Message::default()
    }
}

fn derived(json: &str) -> Result<Entry, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn read(json: &str) -> Result<Entry, String> {
    Entry::from_json(json.as_bytes()).map_err(|error| error.to_string())
}

#[test]
fn every_kind_is_read_as_it_was_written() {
    let outcome = Outcome {
        id: "1".repeat(32),
        result: "answered".into(),
        status: Some(200),
        ..Outcome::default()
    };
    let fault = Fault {
        fault: "directory_empty".into(),
    };
    let deeds = [
        Deed::Intent(message()),
        Deed::Refusal(message()),
        Deed::Outcome(outcome),
        Deed::Fault(fault),
    ];
    for entry in deeds.map(entry) {
        assert_eq!(read(&entry.to_json()), Ok(entry.clone()));
        assert_eq!(derived(&entry.to_json()), Ok(entry));
    }
}

#[test]
fn what_an_entry_about_a_student_does_not_say_is_taken_for_a_disclosure_to_record() {
    for (subject, said, expected) in [
        (Some("student"), None, Some(true)),
        (Some("student.under13"), None, Some(true)),
        (Some("student.minor"), Some(false), Some(false)),
        (Some("student"), Some(true), Some(true)),
        (Some("students"), None, None),
        (Some("teacher"), Some(true), None),
        (None, None, None),
    ] {
        let finding = FindingEntry {
            subject: subject.map(str::to_owned),
            record_required: said,
            ..FindingEntry::default()
        };
        assert_eq!(finding.must_be_recorded(), expected, "{subject:?} {said:?}");
    }
}

#[test]
fn own_mailboxes_stand_in_an_entry_only_where_some_were_met() {
    let without = entry(Deed::Intent(message())).to_json();
    assert!(!without.contains("own_mailboxes"), "{without}");
    let met = Message {
        own_mailboxes: 2,
        ..message()
    };
    let with = entry(Deed::Intent(met)).to_json();
    assert_eq!(with.replacen("\"own_mailboxes\":2,", "", 1), without);
    let read_back = read(&with).unwrap();
    assert!(matches!(read_back.deed, Deed::Intent(message) if message.own_mailboxes == 2));
}

#[test]
fn what_is_no_entry_is_refused_alike() {
    let good = entry(Deed::Intent(message())).to_json();
    let changed = [
        good.replacen("\"v\":2", "\"v\":\"2\"", 1),
        good.replacen("\"v\":2", "\"v\":2,\"v\":2", 1),
        good.replacen("\"host\"", "\"id\":\"1\",\"host\"", 1),
        good.replacen("\"host\"", "\"hosts\"", 1),
        good.replacen("\"kind\":\"intent\"", "\"kind\":\"later\"", 1),
        good.replacen("\"kind\":\"intent\",", "", 1),
        good.replacen("\"count\":3", "\"count\":-3", 1),
        good[..good.len() - 1].to_owned(),
        format!("{good}{good}"),
        "[2,\"\",\"\",\"intent\"]".to_owned(),
        "{}".to_owned(),
    ];
    for json in changed {
        assert_eq!(read(&json), derived(&json), "{json}");
    }
}
