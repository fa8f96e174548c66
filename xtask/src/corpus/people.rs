//! The fictional people that are planted, and the directory that knows them.

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, PersonNumber};

use super::random::Random;

const GIVEN: &[&str] = &[
    "Mira",
    "Theo",
    "Zoë",
    "José",
    "Björn",
    "Åsa",
    "Łukasz",
    "François",
    "Siân",
    "Noël",
    "Jürgen",
    "Anaïs",
    "Priya",
    "Kwame",
    "Ines",
    "Tomasz",
    "Freya",
    "Oskar",
    "Leila",
    "Marek",
    "Dilan",
    "Hana",
    "Ruben",
    "Saskia",
    "Ewan",
    "Nadia",
    "Piotr",
    "Camille",
    "Yusuf",
    "Aoife",
    "Rémi",
    "Søren",
    "Maeve",
    "Ilse",
    "Dario",
    "Chloé",
    "Bence",
    "Tova",
    "Elif",
    "Gwen",
];
const FAMILY: &[&str] = &[
    "Oakley",
    "Lund",
    "Ferrara",
    "Núñez",
    "O'Hara",
    "Müller",
    "Ångström",
    "Kowalski",
    "Thornbury",
    "Okafor",
    "Smith-Jones",
    "Castellanos",
    "Björkman",
    "Delacroix",
    "Petrov",
    "Hargreave",
    "Yıldız",
    "Novák",
    "Sørensen",
    "Whitlock",
    "Marchetti",
    "Dvořák",
    "Abernathy",
    "Lindqvist",
    "Öztürk",
    "Fairweather",
    "Quintero",
    "Brennan",
    "Szabó",
    "Halloran",
    "Vandermeer",
    "Iwu",
    "Castonguay",
    "Nyström",
    "Pemberton",
    "Rossetti",
    "Talbot",
    "García",
    "Underhill",
    "Zielinski",
];
const MIDDLE: &[&str] = &["Quincy", "Isolde", "Leopold", "Winifred", "Ambrose", "Ottilie"];
const STREETS: &[&str] = &[
    "Elm",
    "Harbour",
    "Old Baker",
    "Quarry",
    "Millrace",
    "Larch",
    "Saint Anne",
];
const KINDS_OF_STREET: &[&str] = &["Street", "Avenue", "Road", "Lane", "Drive", "Court"];
const ANIMALS: &[&str] = &["fox", "owl", "otter", "lynx", "heron", "newt", "ibex"];

/// Somebody who does not exist.
pub(super) struct Person {
    pub(super) number: u32,
    pub(super) given: &'static str,
    pub(super) middle: &'static str,
    pub(super) family: &'static str,
    pub(super) email: String,
    pub(super) username: String,
    pub(super) account: String,
    pub(super) student_number: String,
    pub(super) phone: Phone,
    pub(super) guardian: String,
    pub(super) guardian_email: String,
    pub(super) guardian_phone: Phone,
    pub(super) street: String,
    /// Year, month, day.
    pub(super) born: (usize, usize, usize),
}

/// A telephone number: country code and national number without a trunk prefix.
pub(super) struct Phone {
    pub(super) code: &'static str,
    pub(super) national: String,
}

impl Phone {
    fn random(random: &mut Random) -> Self {
        let code = *random.pick(&["1", "1", "44", "46", "49"]);
        let national = match code {
            // Area and exchange begin with 2 to 9.
            "1" => format!("{}{}555{}", random.between(2, 9), random.digits(2), random.digits(4)),
            _ => random.digits(10),
        };
        Self { code, national }
    }

    pub(super) fn international(&self) -> String {
        format!("+{}{}", self.code, self.national)
    }
}

impl Person {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }
}

/// All people, and the names that nobody has.
pub(super) struct People {
    pub(super) all: Vec<Person>,
    /// Given and family name of the lists that are nobody's together.
    pub(super) nobody: Vec<(&'static str, &'static str)>,
}

impl People {
    pub(super) fn random(seed: u64, count: u32) -> Self {
        let mut random = Random::of(seed, u64::MAX);
        let mut names: Vec<(&str, &str)> = GIVEN
            .iter()
            .flat_map(|given| FAMILY.iter().map(|family| (*given, *family)))
            .collect();
        for at in (1..names.len()).rev() {
            names.swap(at, random.below(at + 1));
        }
        let mut names = names.into_iter();
        let all = (1..=count)
            .filter_map(|number| Some(person(number, names.next()?, names.next()?, &mut random)))
            .collect();
        Self {
            all,
            nobody: names.collect(),
        }
    }

    pub(super) fn directory(&self) -> Result<Directory, String> {
        let key = DirectoryKey::new([0x5a; 32]);
        let mut rows = Vec::new();
        for person in &self.all {
            for (kind, text) in fields(person) {
                let forms = identifiers(kind, &text).map_err(|error| format!("a planted {kind:?}: {error}"))?;
                rows.extend(forms.into_iter().map(|(form, normal)| DirectoryRow {
                    digest: key.digest(form, &normal),
                    element: kind.element(),
                    person: PersonNumber(person.number),
                }));
            }
        }
        let student = SubjectId::new("student.under13").map_err(|error| error.to_string())?;
        let subjects = self
            .all
            .iter()
            .map(|person| (PersonNumber(person.number), student.clone()));
        Ok(Directory::new(key, rows, subjects.collect::<Vec<_>>()))
    }
}

/// As the loader of people does it.
fn fields(person: &Person) -> Vec<(IdentifierKind, String)> {
    let (year, month, day) = person.born;
    vec![
        (IdentifierKind::Email, person.email.clone()),
        (IdentifierKind::EmailDigest, person.email.clone()),
        (IdentifierKind::Username, person.username.clone()),
        (IdentifierKind::AccountId, person.account.clone()),
        (IdentifierKind::StudentId, person.student_number.clone()),
        (IdentifierKind::Phone, person.phone.international()),
        (IdentifierKind::FullName, person.name()),
        (IdentifierKind::GuardianName, person.guardian.clone()),
        (IdentifierKind::GuardianEmail, person.guardian_email.clone()),
        (IdentifierKind::GuardianEmailDigest, person.guardian_email.clone()),
        (IdentifierKind::GuardianPhone, person.guardian_phone.international()),
        (IdentifierKind::Address, person.street.clone()),
        (
            IdentifierKind::NameAndBirthDate,
            format!("{}, {year}-{month:02}-{day:02}", person.name()),
        ),
    ]
}

fn person(number: u32, name: (&'static str, &'static str), guardian: (&str, &str), random: &mut Random) -> Person {
    let plain = |text: &str| -> String { text.chars().filter(char::is_ascii_alphabetic).collect() };
    let local = |name: (&str, &str)| format!("{}.{}{number}", plain(name.0), plain(name.1)).to_lowercase();
    let hex = |random: &mut Random, count| random.letters(b"0123456789abcdef", count);
    Person {
        number,
        given: name.0,
        middle: random.pick::<&str>(MIDDLE),
        family: name.1,
        email: format!("{}@school.example", local(name)),
        username: format!("{}_{}{}", random.pick(ANIMALS), random.pick(ANIMALS), 1000 + number),
        account: format!(
            "{}-{}-4{}-8{}-{}",
            hex(random, 8),
            hex(random, 4),
            hex(random, 3),
            hex(random, 3),
            hex(random, 12)
        ),
        student_number: format!("{}{}", 70_000 + number, random.digits(3)),
        phone: Phone::random(random),
        guardian: format!("{} {}", guardian.0, guardian.1),
        guardian_email: format!("{}@home.example", local(guardian)),
        guardian_phone: Phone::random(random),
        street: format!(
            "{}{number} {} {}",
            random.between(1, 9),
            random.pick(STREETS),
            random.pick(KINDS_OF_STREET)
        ),
        // No two on one day, and no day that may be a month: a date and a name are then one person's.
        born: (
            2008 + number as usize / 192,
            1 + number as usize / 16 % 12,
            13 + number as usize % 16,
        ),
    }
}
