//! From a field of a person to what is digested into the directory.

use averment_catalog::ElementId;

use super::fold::{fold, without_marks};
use super::{NAME_WORDS_MAX, email, name_words, national_forms, sorted, word};
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
}

impl IdentifierKind {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Email,
        Self::GuardianEmail,
        Self::Username,
        Self::AccountId,
        Self::StudentId,
        Self::Phone,
        Self::GuardianPhone,
        Self::FullName,
        Self::GuardianName,
    ];

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
}

/// What to digest for one field of a person: one or more (form, normal form) pairs.
///
/// # Errors
/// [`NotMatchable`] when the value would match by chance or could never match.
pub fn identifiers(kind: IdentifierKind, text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    if text.trim().is_empty() {
        return Err(NotMatchable::Empty);
    }
    match kind {
        IdentifierKind::Email | IdentifierKind::GuardianEmail => address(text),
        IdentifierKind::Phone | IdentifierKind::GuardianPhone => number(text),
        IdentifierKind::FullName | IdentifierKind::GuardianName => full_name(text),
        IdentifierKind::Username | IdentifierKind::AccountId | IdentifierKind::StudentId => account(text),
    }
}

fn address(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let normal = email(text).ok_or(NotMatchable::NotAnAddress)?;
    Ok(vec![(Form::Email, normal)])
}

fn number(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let forms = national_forms(text);
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

/// The whole name; first and last word where there are words between; each also with apostrophes closed up ("ONeil").
fn full_name(text: &str) -> Result<Vec<(Form, String)>, NotMatchable> {
    let folded = fold(text);
    let mut forms = Vec::new();
    let mut most = 0;
    for spelling in [folded.clone(), folded.replace('\'', "")] {
        for words in [all_words(&spelling), first_and_last(&spelling)] {
            most = most.max(words.len());
            if (2..=NAME_WORDS_MAX).contains(&words.len()) {
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
