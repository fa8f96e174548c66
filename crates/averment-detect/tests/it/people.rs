//! The fictional people of all tests, read from `cases/people.txt`, and small helpers to look at messages.

use std::sync::LazyLock;

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Inspection, Limits, Message, PersonNumber, inspect};

pub(crate) const KEY: [u8; 32] = [7; 32];

fn kind(word: &str) -> IdentifierKind {
    match word {
        "email" => IdentifierKind::Email,
        "guardian_email" => IdentifierKind::GuardianEmail,
        "username" => IdentifierKind::Username,
        "account_id" => IdentifierKind::AccountId,
        "student_id" => IdentifierKind::StudentId,
        "phone" => IdentifierKind::Phone,
        "guardian_phone" => IdentifierKind::GuardianPhone,
        "full_name" => IdentifierKind::FullName,
        "guardian_name" => IdentifierKind::GuardianName,
        "address" => IdentifierKind::Address,
        "name_and_birth_date" => IdentifierKind::NameAndBirthDate,
        other => panic!("unknown kind {other}"),
    }
}

pub(crate) fn directory() -> Directory {
    let key = DirectoryKey::new(KEY);
    let (mut rows, mut people) = (Vec::new(), Vec::new());
    for line in include_str!("../../cases/people.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        match line.strip_prefix("  ") {
            None => {
                let (number, subject) = line.split_once(' ').unwrap();
                people.push((PersonNumber(number.parse().unwrap()), SubjectId::new(subject).unwrap()));
            }
            Some(line) => {
                let (word, value) = line.split_once(' ').unwrap();
                let person = people.last().unwrap().0;
                for kind in std::iter::once(kind(word)).chain(kind(word).derived()) {
                    for (form, normal) in identifiers(kind, value).unwrap() {
                        rows.push(DirectoryRow {
                            digest: key.digest(form, &normal),
                            element: kind.element(),
                            person,
                        });
                    }
                }
            }
        }
    }
    Directory::new(key, rows, people)
}

/// Made once: properties look many thousand times.
pub(crate) static DIRECTORY: LazyLock<Directory> = LazyLock::new(directory);

/// A POST of `body` with these headers.
pub(crate) fn looked_at(headers: &[(&str, &[u8])], body: &[u8]) -> Inspection {
    let message = Message {
        authority: "sink.example",
        target: "/v1/x",
        headers,
        body,
    };
    inspect(&message, &DIRECTORY, &Limits::default())
}

pub(crate) fn found_people(inspection: &Inspection) -> Vec<u32> {
    let mut people: Vec<u32> = inspection.findings.iter().filter_map(person).collect();
    people.sort_unstable();
    people.dedup();
    people
}

pub(crate) fn person(finding: &averment_detect::Finding) -> Option<u32> {
    match &finding.whose {
        averment_detect::Whose::Person { number, .. } => Some(number.0),
        averment_detect::Whose::Unknown => None,
    }
}
