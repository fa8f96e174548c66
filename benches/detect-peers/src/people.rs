//! Fictional people: those of the directory, and strangers made of the same names.

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Form, IdentifierDigest, PersonNumber};

use crate::random::Random;

/// People of whom every identifier is made from its text.
const KNOWN: usize = 1000;

#[rustfmt::skip]
const GIVEN: [&str; 48] = [
    "Mira", "Theo", "Zoe", "Jose", "Bjorn", "Asa", "Lukas", "Frances", "Sian", "Noel", "Jurgen", "Anais", "Priya",
    "Kwame", "Ines", "Tomasz", "Freya", "Oskar", "Leila", "Marek", "Dilan", "Hana", "Ruben", "Saskia", "Ewan", "Nadia",
    "Piotr", "Camille", "Yusuf", "Emily", "Daniel", "Sarah", "James", "Olivia", "Michael", "Sofia", "David", "Emma",
    "Robert", "Grace", "Thomas", "Hannah", "Samuel", "Julia", "Peter", "Laura", "Marcus", "Elena",
];
#[rustfmt::skip]
const FAMILY: [&str; 48] = [
    "Oakley", "Lund", "Ferrara", "Nunez", "O'Hara", "Muller", "Angstrom", "Kowalski", "Thornbury", "Okafor", "Jones",
    "Castellanos", "Bjorkman", "Delacroix", "Petrov", "Hargreave", "Yildiz", "Novak", "Sorensen", "Whitlock",
    "Marchetti", "Dvorak", "Abernathy", "Lindqvist", "Ozturk", "Fairweather", "Quintero", "Brennan", "Szabo",
    "Halloran", "Vandermeer", "Iwu", "Johnson", "Nystrom", "Pemberton", "Rossetti", "Talbot", "Garcia", "Underhill",
    "Zielinski", "Williams", "Anderson", "Martinez", "Taylor", "Thompson", "Robinson", "Clark", "Walker",
];
const STREETS: [&str; 6] = [
    "Elm Street",
    "Harbour Road",
    "Quarry Lane",
    "Larch Avenue",
    "Millrace Drive",
    "Old Baker Street",
];
const ANIMALS: [&str; 8] = ["fox", "owl", "otter", "lynx", "heron", "newt", "ibex", "panda"];

#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) number: u32,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) phone: String,
    pub(crate) username: String,
    pub(crate) account: String,
    pub(crate) student_number: String,
    pub(crate) street: String,
}

pub(crate) struct People {
    /// In the directory.
    pub(crate) known: Vec<Person>,
    /// Not in the directory; no name of theirs is a known person's.
    pub(crate) strangers: Vec<Person>,
}

impl People {
    pub(crate) fn new() -> Self {
        let mut random = Random(1);
        let mut names: Vec<String> = GIVEN
            .iter()
            .flat_map(|given| FAMILY.iter().map(move |family| format!("{given} {family}")))
            .collect();
        for at in (1..names.len()).rev() {
            names.swap(at, random.below(at as u64 + 1) as usize);
        }
        let mut all = names
            .into_iter()
            .zip(1..)
            .map(|(name, number)| person(name, number, &mut random));
        Self {
            known: all.by_ref().take(KNOWN).collect(),
            strangers: all.collect(),
        }
    }

    /// A directory of `count` identifiers. Beyond those of the known people the digests are random numbers, which is what
    /// digests are to whoever does not have the key.
    pub(crate) fn directory(&self, count: usize) -> Directory {
        let key = DirectoryKey::new([7; 32]);
        let mut rows = Vec::with_capacity(count);
        for person in &self.known {
            add(&mut rows, &key, person);
        }
        let (mut random, mut number) = (Random(2), KNOWN as u32 + 1);
        while rows.len() < count {
            add_unwritten(&mut rows, &mut random, number);
            number += 1;
        }
        let student = SubjectId::new("student").expect("a literal");
        Directory::new(
            key,
            rows,
            (1..number).map(|number| (PersonNumber(number), student.clone())),
        )
    }
}

fn person(name: String, number: u32, random: &mut Random) -> Person {
    let local: String = name
        .chars()
        .map(|c| if c == ' ' { '.' } else { c })
        .filter(|c| *c != '\'')
        .collect();
    Person {
        number,
        // A reserved name (RFC 2606) under a real top-level domain: others ask for one.
        email: format!("{}{number}@school.example.org", local.to_lowercase()),
        phone: format!(
            "+1 {} 555 {:04}",
            random.of(&["206", "415", "312", "617", "303"]),
            100 + number
        ),
        username: format!("{}_{}{}", random.of(&ANIMALS), random.of(&ANIMALS), 1000 + number),
        account: random.uuid(),
        student_number: format!("S-{}-{number:05}", 2015 + random.below(10)),
        street: format!("{}{number} {}", 1 + random.below(9), random.of(&STREETS)),
        name,
    }
}

fn add(rows: &mut Vec<DirectoryRow>, key: &DirectoryKey, person: &Person) {
    for (kind, text) in [
        (IdentifierKind::Email, &person.email),
        (IdentifierKind::Phone, &person.phone),
        (IdentifierKind::FullName, &person.name),
        (IdentifierKind::Username, &person.username),
        (IdentifierKind::AccountId, &person.account),
        (IdentifierKind::StudentId, &person.student_number),
        (IdentifierKind::Address, &person.street),
    ] {
        let forms = identifiers(kind, text).expect("made to be matched");
        rows.extend(forms.into_iter().map(|(form, normal)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: kind.element(),
            person: PersonNumber(person.number),
        }));
    }
}

/// About the same forms as [`add`] gives somebody.
fn add_unwritten(rows: &mut Vec<DirectoryRow>, random: &mut Random, number: u32) {
    for (form, kind) in [
        (Form::Email, IdentifierKind::Email),
        (Form::Word, IdentifierKind::Username),
        (Form::Word, IdentifierKind::AccountId),
        (Form::Word, IdentifierKind::StudentId),
        (Form::Phone, IdentifierKind::Phone),
        (Form::Phone, IdentifierKind::Phone),
        (Form::Name, IdentifierKind::FullName),
    ] {
        let mut strong = [0; 16];
        strong[..8].copy_from_slice(&random.next().to_le_bytes());
        strong[8..].copy_from_slice(&random.next().to_le_bytes());
        rows.push(DirectoryRow {
            digest: IdentifierDigest {
                fast: random.next() & !3 | u64::from(form.code() - 1),
                strong,
            },
            element: kind.element(),
            person: PersonNumber(number),
        });
    }
}
