//! Mailboxes of the platform's own: nobody's, unless the directory knows somebody by one.

use std::collections::BTreeSet;

use averment_catalog::{SubjectId, Treatment};
use averment_detect::normalise::IdentifierKind;
use averment_detect::{
    Directory, DirectoryKey, DirectoryRow, Finding, Form, Inspection, Limits, Look, Message, PersonNumber,
    ReplacementKey, Whose,
};
use proptest::prelude::*;

use crate::people::KEY;

const PUPIL: &str = "ada.hill@lantern.example";
const OWN: [&str; 2] = ["news@lantern.example", "desk@lantern.example"];

/// A directory of one pupil, known by `address`.
fn directory(address: &str) -> Directory {
    let key = DirectoryKey::new(KEY);
    let row = DirectoryRow {
        digest: key.digest(Form::Email, address),
        element: IdentifierKind::Email.element(),
        person: PersonNumber(0),
    };
    let student = SubjectId::new("student").unwrap();
    Directory::new(key, vec![row], [(PersonNumber(0), student)])
}

fn own() -> BTreeSet<String> {
    OWN.map(str::to_owned).into()
}

/// Whom the findings are of; `None` is somebody unknown.
fn found(directory: &Directory, own: &BTreeSet<String>, body: &str) -> Vec<Option<PersonNumber>> {
    let whose = |finding: &Finding| match finding.whose {
        Whose::Person { number, .. } => Some(number),
        Whose::Unknown => None,
    };
    looked_at(directory, own, body).findings.iter().map(whose).collect()
}

fn looked_at(directory: &Directory, own: &BTreeSet<String>, body: &str) -> Inspection {
    let headers = [("content-type", b"application/json".as_slice())];
    let message = Message {
        authority: "sink.example",
        target: "/v1/x",
        headers: &headers,
        body: body.as_bytes(),
    };
    let look = Look {
        directory,
        limits: &Limits::default(),
        own,
    };
    look.inspect(&message)
}

fn json(address: &str) -> String {
    format!("{{\"from\":{{\"email\":\"{address}\"}}}}")
}

#[test]
fn an_own_mailbox_is_nobody_however_it_is_written() {
    let directory = directory(PUPIL);
    for address in [
        "news@lantern.example",
        "News@Lantern.example",
        "News of us <news@lantern.example>",
    ] {
        assert_eq!(found(&directory, &own(), &json(address)), [], "{address}");
        assert_eq!(found(&directory, &BTreeSet::new(), &json(address)), [None], "{address}");
    }
    let encoded = "{\"raw\":\"bmV3c0BsYW50ZXJuLmV4YW1wbGU=\"}";
    assert_eq!(found(&directory, &own(), encoded), []);
}

#[test]
fn what_only_looks_like_an_own_mailbox_is_still_somebodys() {
    let directory = directory(PUPIL);
    for address in [
        "news@lantern.example.org",
        "my-news@lantern.example",
        "news+ada@lantern.example",
        "news@mail.lantern.example",
        "eve@lantern.example",
    ] {
        assert_eq!(found(&directory, &own(), &json(address)), [None], "{address}");
    }
}

#[test]
fn own_mailboxes_are_counted() {
    let directory = directory(PUPIL);
    let count = |own: &BTreeSet<String>, body: &str| looked_at(&directory, own, body).own_mailboxes;
    let body = format!("{{\"from\":\"{}\",\"to\":\"{PUPIL}\",\"cc\":\"{}\"}}", OWN[0], OWN[1]);
    assert_eq!(count(&own(), &body), 2);
    assert_eq!(count(&BTreeSet::new(), &body), 0);
    assert_eq!(count(&own(), &json("o'news@lantern.example")), 0);
}

#[test]
fn a_longer_local_part_that_ends_like_an_own_mailbox_is_somebodys() {
    let directory = directory(PUPIL);
    let longer = [
        "o'news@lantern.example",
        "ada/news@lantern.example",
        "SRS0=hash=tt=elsewhere.example=news@lantern.example",
        "-news@lantern.example",
        "ada\u{b7}news@lantern.example",
        "..news@lantern.example",
        "+news@lantern.example",
        "n\u{e9}ws@lantern.example",
        "news@lantern.example.md",
        "news@lantern.example@elsewhere.example",
    ];
    let is_nobodys = |address: &&str| !found(&directory, &own(), &json(address)).contains(&None);
    let passed: Vec<&str> = longer.into_iter().filter(is_nobodys).collect();
    assert_eq!(passed, Vec::<&str>::new());
}

#[test]
fn whoever_the_directory_knows_by_an_own_mailbox_counts() {
    let directory = directory(OWN[0]);
    assert_eq!(found(&directory, &own(), &json(OWN[0])), [Some(PersonNumber(0))]);
    assert_eq!(found(&directory, &own(), &json(OWN[1])), []);
}

#[test]
fn a_pupil_beside_an_own_mailbox_is_found_and_taken_out() {
    let directory = directory(PUPIL);
    let body = format!(
        "{{\"from\":\"{}\",\"to\":\"{PUPIL}\",\"cc\":\"eve@elsewhere.example\"}}",
        OWN[0]
    );
    assert_eq!(found(&directory, &own(), &body), [Some(PersonNumber(0)), None]);
    let headers = [("content-type", b"application/json".as_slice())];
    let message = Message {
        authority: "sink.example",
        target: "/v1/x",
        headers: &headers,
        body: body.as_bytes(),
    };
    let own = own();
    let look = Look {
        directory: &directory,
        limits: &Limits::default(),
        own: &own,
    };
    let key = ReplacementKey {
        key: &KEY,
        recipient: "desk",
    };
    let rewritten = look.rewrite(&message, &key, &|_| Treatment::Drop, None).unwrap();
    let text = String::from_utf8(rewritten.body).unwrap();
    assert!(
        text.contains(OWN[0]) && !text.contains(PUPIL) && !text.contains("eve@"),
        "{text}"
    );
}

proptest! {
    /// Whatever the house calls its own: what the directory knows a pupil by is theirs.
    #[test]
    fn no_address_of_a_pupil_passes_as_the_houses(
        local in "[a-z][a-z0-9]{1,8}([._-][a-z0-9]{1,5})?",
        host in "(lantern|birch)\\.example",
        around in prop::sample::select(vec!["", "to: ", "x=", "<", "export-"]),
        others in prop::collection::btree_set("[a-z]{2,6}@(lantern|birch)\\.example", 0..4),
    ) {
        let address = format!("{local}@{host}");
        let directory = directory(&address);
        let own: BTreeSet<String> = others.into_iter().chain([address.clone()]).collect();
        let found = found(&directory, &own, &json(&format!("{around}{address}")));
        prop_assert!(found.contains(&Some(PersonNumber(0))), "{found:?}");
    }
}
