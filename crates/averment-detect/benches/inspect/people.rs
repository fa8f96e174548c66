//! A directory of made-up people.

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Form, IdentifierDigest, PersonNumber};

use crate::floor::Hashes;
use crate::random::Random;

/// People of whom every identifier is made from its text; the digests of the others are random numbers, which is what
/// digests are to whoever does not have the key.
const WRITTEN: u32 = 2_000;

pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) username: String,
    pub(crate) student_id: String,
    pub(crate) phone: String,
    pub(crate) name: String,
}

pub(crate) struct People {
    pub(crate) directory: Directory,
    /// As many random hashes as there are identifiers.
    pub(crate) hashes: Hashes,
    /// Somebody of them.
    pub(crate) known: Person,
}

pub(crate) fn people(identifier_count: usize) -> People {
    let mut random = Random(identifier_count as u64);
    let key = DirectoryKey::new([7; 32]);
    let mut rows = Vec::with_capacity(identifier_count);
    let known = person(&mut random);
    add(&mut rows, &key, 0, &known);
    for number in 1..WRITTEN {
        add(&mut rows, &key, number, &person(&mut random));
    }
    let mut number = WRITTEN;
    while rows.len() < identifier_count {
        add_unwritten(&mut rows, &key, &mut random, number);
        number += 1;
    }
    rows.truncate(identifier_count);
    let student = SubjectId::new("student").expect("a literal");
    let subjects = (0..number).map(|number| (PersonNumber(number), student.clone()));
    People {
        directory: Directory::new(key, rows, subjects),
        hashes: (0..identifier_count).map(|_| random.next()).collect(),
        known,
    }
}

fn person(random: &mut Random) -> Person {
    let (first, last) = (random.name(2), random.name(3));
    let number = random.below(1_000_000);
    Person {
        email: format!("{first}.{last}{number}@school.example"),
        username: format!("{first}_{number}"),
        student_id: format!("S-{}-{number:06}", random.below(9999)),
        phone: format!("+1 {} 555 {:04}", 201 + random.below(700), random.below(10_000)),
        name: format!("{first} {last}"),
    }
}

fn add(rows: &mut Vec<DirectoryRow>, key: &DirectoryKey, number: u32, person: &Person) {
    for (kind, text) in [
        (IdentifierKind::Email, &person.email),
        (IdentifierKind::Username, &person.username),
        (IdentifierKind::StudentId, &person.student_id),
        (IdentifierKind::Phone, &person.phone),
        (IdentifierKind::FullName, &person.name),
    ] {
        let pairs = identifiers(kind, text).expect("made to be matched");
        rows.extend(pairs.into_iter().map(|(form, normal)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: kind.element(),
            person: PersonNumber(number),
        }));
    }
}

/// The same forms as [`add`] gives somebody. Names are written all the same, of 20,000 first and 300,000 last names: their
/// digests say which have a word in common.
fn add_unwritten(rows: &mut Vec<DirectoryRow>, key: &DirectoryKey, random: &mut Random, number: u32) {
    let name = format!(
        "{} {}",
        letters(random.below(20_000)),
        letters(20_000 + random.below(300_000))
    );
    for (form, kind) in [
        (Form::Email, IdentifierKind::Email),
        (Form::Word, IdentifierKind::Username),
        (Form::Word, IdentifierKind::StudentId),
        (Form::Phone, IdentifierKind::Phone),
        (Form::Phone, IdentifierKind::Phone),
        (Form::Name, IdentifierKind::FullName),
    ] {
        let mut strong = [0; 16];
        strong[..8].copy_from_slice(&random.next().to_le_bytes());
        strong[8..].copy_from_slice(&random.next().to_le_bytes());
        let fast = random.next() & !3 | u64::from(form.code() - 1);
        let digest = match form {
            Form::Name => key.digest(form, &name),
            _ => IdentifierDigest { fast, strong },
        };
        rows.push(DirectoryRow {
            digest,
            element: kind.element(),
            person: PersonNumber(number),
        });
    }
}

/// A word for a number.
fn letters(number: u64) -> String {
    let mut rest = number;
    let mut word = String::from("x");
    while rest > 0 {
        word.push(char::from(b'a' + (rest % 26) as u8));
        rest /= 26;
    }
    word
}
