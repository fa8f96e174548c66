//! From a field of a person to what is digested into the directory.

use averment_catalog::ElementId;

use super::fold::{fold, without_marks};
use super::variants::{digests, kept_by_host, latin_of, without_umlauts};
use super::{NAME_WORDS_MAX, email, name_words, national_forms_in, sorted, street_line, word};
use crate::Form;

/// Fewest characters of a user name or number that is looked for in free text.
const WORD_MIN: usize = 3;
/// Fewest digits of one that has nothing but digits: shorter ones are years, prices and counts.
const DIGITS_MIN: usize = 5;

/// Which field of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentifierKind {
    /// The person's e-mail address.
    Email,
    /// A guardian's e-mail address.
    GuardianEmail,
    /// The name that the person signs in with or shows.
    Username,
    /// The platform's own number of the account.
    AccountId,
    /// The school's number of the student.
    StudentId,
    /// The person's telephone number.
    Phone,
    /// A guardian's telephone number.
    GuardianPhone,
    /// First and last name, in any order.
    FullName,
    /// A guardian's name.
    GuardianName,
    /// A line with house number and street.
    Address,
    /// A guardian's.
    GuardianAddress,
    /// Digests of the e-mail address, made of [`Self::Email`].
    EmailDigest,
    /// Digests of a guardian's, made of [`Self::GuardianEmail`].
    GuardianEmailDigest,
    /// First or last name beside the date of birth: `Ada Lovelace, 2015-03-02`.
    NameAndBirthDate,
}

impl IdentifierKind {
    /// All that are fields of a person; the others are made of these, see [`Self::derived`].
    pub const ALL: [Self; 11] = [
        Self::Email,
        Self::GuardianEmail,
        Self::Username,
        Self::AccountId,
        Self::StudentId,
        Self::Phone,
        Self::GuardianPhone,
        Self::FullName,
        Self::GuardianName,
        Self::Address,
        Self::GuardianAddress,
    ];

    /// What else a loader makes of the same text.
    pub fn derived(self) -> Option<Self> {
        match self {
            Self::Email => Some(Self::EmailDigest),
            Self::GuardianEmail => Some(Self::GuardianEmailDigest),
            _ => None,
        }
    }

    /// The field that it is made of; itself where it is one.
    pub fn field(self) -> Self {
        match self {
            Self::EmailDigest => Self::Email,
            Self::GuardianEmailDigest => Self::GuardianEmail,
            Self::NameAndBirthDate => Self::FullName,
            field => field,
        }
    }

    /// The catalog's element for it.
    pub fn element(self) -> ElementId {
        let id = match self {
            Self::Email => "contact.email",
            Self::GuardianEmail => "guardian.email",
            Self::Username => "account.username",
            Self::AccountId => "account.id",
            Self::StudentId => "edu.student_id.local",
            Self::Phone => "contact.phone",
            Self::GuardianPhone => "guardian.phone",
            Self::FullName => "identity.name.full",
            Self::GuardianName => "guardian.name",
            Self::Address => "contact.address.postal",
            Self::GuardianAddress => "guardian.address",
            Self::EmailDigest => "contact.email_hash",
            // The catalog has no element of its own for it: whoever may have the address may have its digest.
            Self::GuardianEmailDigest => "guardian.email",
            Self::NameAndBirthDate => "demographic.date_of_birth",
        };
        ElementId::new(id).expect("the test `elements_of_identifiers_are_in_the_catalog` reads each")
    }
}

/// Why a field cannot be looked for. The loader reports it with the line and the kind, never with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum NotMatchable {
    /// Nothing there: not a fault.
    #[error("empty")]
    Empty,
    /// Shorter than 3 characters: it would match by chance.
    #[error("fewer than 3 characters")]
    TooShort,
    /// Only digits, and fewer than 5: it would match years, prices and counts.
    #[error("only digits, and fewer than 5")]
    TooFewDigits,
    /// A name of one word: it would match ordinary words.
    #[error("a name of one word")]
    OneWord,
    /// A name of more than 5 words, of which no first and last word can be told.
    #[error("a name of more words than are looked for together")]
    TooManyWords,
    /// Not of the form `local@host`.
    #[error("not an e-mail address")]
    NotAnAddress,
    /// Fewer than 7 or more than 15 digits.
    #[error("not a telephone number of 7 to 15 digits")]
    NotANumber,
    /// A user name or number with other characters than letters, digits, `.`, `_` and `-`.
    #[error("characters other than letters, digits, `.`, `_` and `-`")]
    Characters,
    /// No house number, or no word for a kind of street, or nothing beside them.
    #[error("no house number and street")]
    NoStreet,
    /// Not a name, a comma and a date.
    #[error("not a name and a date as `YYYY-MM-DD`")]
    NoDate,
}

/// What to digest for one field of a person: one or more (form, normal form) pairs.
///
/// # Errors
/// [`NotMatchable`] when the value would match by chance or could never match.
pub fn identifiers(kind: IdentifierKind, text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    identifiers_in(kind, text, None)
}

/// As [`identifiers`], for a school in `country` (ISO 3166-1, two capitals), where telephone numbers may be written as
/// they are dialled there.
///
/// # Errors
/// As [`identifiers`].
pub fn identifiers_in(
    kind: IdentifierKind,
    text: &str,
    country: Option<&str>,
) -> Result<Vec<(Form, String)>, NotMatchable> {
    if text.trim().is_empty() {
        return Err(NotMatchable::Empty);
    }
    match kind {
        IdentifierKind::Email | IdentifierKind::GuardianEmail => address(text),
        IdentifierKind::Phone | IdentifierKind::GuardianPhone => number(text, country),
        IdentifierKind::FullName | IdentifierKind::GuardianName => full_name(text),
        IdentifierKind::Address | IdentifierKind::GuardianAddress => street(text),
        IdentifierKind::EmailDigest | IdentifierKind::GuardianEmailDigest => address_digests(text),
        IdentifierKind::NameAndBirthDate => name_and_date(text),
        IdentifierKind::Username | IdentifierKind::AccountId | IdentifierKind::StudentId => account(text),
    }
}

/// The address, and as its host keeps it.
fn spellings(text: &str) -> Result<Vec<String>, NotMatchable> {
    let normal = email(text).ok_or(NotMatchable::NotAnAddress)?;
    let kept = kept_by_host(&normal).filter(|kept| *kept != normal);
    Ok(std::iter::once(normal).chain(kept).collect())
}

/// Every spelling, and the same with its host in ASCII or in its own letters.
fn address(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let mut spellings = spellings(text)?;
    let other = spellings.first().and_then(|normal| {
        let (local, host) = normal.rsplit_once('@')?;
        Some(format!("{local}@{}", super::punycode::other_spelling(host)?))
    });
    spellings.extend(other);
    Ok(pairs(Form::Email, spellings))
}

/// They stand where words stand, so they are looked for as words.
fn address_digests(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let spellings = spellings(text)?;
    Ok(pairs(
        Form::Word,
        spellings.iter().flat_map(|normal| digests(normal)).collect(),
    ))
}

/// The first line with a house number in it.
fn street(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let folded = fold(text);
    let line = folded.split([',', ';', '\n']).find_map(street_line);
    Ok(vec![(Form::Name, line.ok_or(NotMatchable::NoStreet)?)])
}

/// The date with each of the name's words: in what order they stand does not matter.
fn name_and_date(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let (name, date) = text.rsplit_once(',').ok_or(NotMatchable::NoDate)?;
    let date = date.trim();
    let shape = |(at, b): (usize, u8)| {
        if matches!(at, 4 | 7) {
            b == b'-'
        } else {
            b.is_ascii_digit()
        }
    };
    if date.len() != 10 || !date.bytes().enumerate().all(shape) {
        return Err(NotMatchable::NoDate);
    }
    let words = all_words(&fold(name));
    let long = words.into_iter().filter(|word| word.chars().count() > 1);
    let mut forms: Vec<String> = long.map(|word| format!("{date} {word}")).collect();
    forms.dedup();
    if forms.is_empty() {
        Err(NotMatchable::NoDate)
    } else {
        Ok(pairs(Form::Name, forms))
    }
}

fn number(text: &str, country: Option<&str>) -> Result<Vec<(Form, String)>, NotMatchable> {
    let forms = national_forms_in(text, country);
    if forms.is_empty() {
        Err(NotMatchable::NotANumber)
    } else {
        Ok(pairs(Form::Phone, forms))
    }
}

fn account(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let normal = word(text);
    if normal.contains('@') {
        return address(text);
    }
    if normal.contains(' ') && normal.chars().all(|c| c.is_alphabetic() || c == ' ') {
        return full_name(text);
    }
    let wordly = |c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '_' | '-') || unicode_normalization::char::is_combining_mark(c)
    };
    if !normal.chars().all(wordly) || !normal.chars().any(char::is_alphanumeric) {
        return Err(NotMatchable::Characters);
    }
    let only_digits = normal.bytes().all(|b| b.is_ascii_digit());
    match normal.chars().count() {
        count if count < WORD_MIN => Err(NotMatchable::TooShort),
        count if only_digits && count < DIGITS_MIN => Err(NotMatchable::TooFewDigits),
        _ => Ok(vec![(Form::Word, normal)]),
    }
}

/// The whole name; first and last word where there are words between; each also with apostrophes closed up ("ONeil"),
/// with umlauts written out ("Bjoern") and with the endings that transliterations differ in ("Yury").
fn full_name(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let folded = fold(text);
    let mut forms = Vec::new();
    let mut most = 0;
    let written_out = without_umlauts(&folded);
    for spelling in [folded.clone(), folded.replace('\'', "")]
        .into_iter()
        .chain(written_out)
    {
        for words in [all_words(&spelling), first_and_last(&spelling)] {
            most = most.max(words.len());
            if (2..=NAME_WORDS_MAX).contains(&words.len()) {
                forms.extend(short_endings(&spelling, &words).map(sorted));
                forms.push(sorted(words));
            }
        }
    }
    forms.sort_unstable();
    forms.dedup();
    match (forms.is_empty(), most) {
        (false, _) => Ok(pairs(Form::Name, forms)),
        (true, 0 | 1) => Err(NotMatchable::OneWord),
        (true, _) => Err(NotMatchable::TooManyWords),
    }
}

/// `Yuriy` as `Yury`, where the name was not in Latin letters.
fn short_endings(spelling: &str, words: &[String]) -> Option<Vec<String>> {
    let shorter = |word: &String| {
        word.strip_suffix("iy")
            .or(word.strip_suffix("yy"))
            .map(|stem| format!("{stem}y"))
    };
    let changed = words.iter().any(|word| shorter(word).is_some());
    let foreign = spelling.chars().any(|c| latin_of(c).is_some());
    (changed && foreign).then(|| {
        words
            .iter()
            .map(|word| shorter(word).unwrap_or_else(|| word.clone()))
            .collect()
    })
}

fn all_words(folded: &str) -> Vec<String> {
    name_words(folded).map(without_marks).collect()
}

/// The words of the first given name and of the last family name: "Lovelace, Ada Maria" gives `ada lovelace`.
fn first_and_last(folded: &str) -> Vec<String> {
    let (first, last) = match folded.split_once(',') {
        Some((family, given)) => (given.split_whitespace().next(), family.split_whitespace().next_back()),
        None => (folded.split_whitespace().next(), folded.split_whitespace().next_back()),
    };
    let (Some(first), Some(last)) = (first, last) else {
        return Vec::new();
    };
    if first == last {
        return Vec::new();
    }
    name_words(first).chain(name_words(last)).map(without_marks).collect()
}

fn pairs(form: Form, normals: Vec<String>) -> Vec<(Form, String)> {
    normals.into_iter().map(|normal| (form, normal)).collect()
}
