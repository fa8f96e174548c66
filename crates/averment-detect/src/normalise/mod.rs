//! One normal form per identifier, used for loading the directory and for looking things up in it.
//!
//! Start at [`identifiers`], which a loader calls for every field of a person; [`email`], [`phone`], [`word`] and
//! [`name`] are the rules. Two spellings match exactly when their normal forms are equal.
//!
//! Source: RFC 5321 (addresses), ITU-T E.164 (telephone numbers), Unicode Standard Annex #15.

mod country;
pub(crate) mod fold;
mod identifiers;
mod phone;
mod punycode;
mod street;
mod variants;

pub use identifiers::{IdentifierKind, NotMatchable, identifiers, identifiers_in};
pub(crate) use phone::country_code_length;
pub use phone::{MAX_DIGITS, MIN_DIGITS, national_forms, national_forms_in, phone};
pub(crate) use street::street_line;
pub(crate) use variants::kept_by_host;

use fold::{fold, without_marks};

/// The most words of a name that are looked for together.
pub const NAME_WORDS_MAX: usize = 5;

/// The normal form of an e-mail address: NFKC, case folded, without invisible characters, surrounding punctuation and
/// `mailto:`. Dots and `+tags` stay: the matcher looks an address up with and without its tag, and without dots where
/// its host ignores them.
///
/// `None`: not `local@host` with something on both sides.
pub fn email(text: &str) -> Option<String> {
    let folded = fold(text);
    let bare = folded.trim().trim_start_matches(['<', '"', '\'', '(', '[', ' ']);
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    let bare = bare.trim_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '+' | '-' | '=' | '~' | '!'));
    let (local, host) = bare.rsplit_once('@')?;
    let sound =
        !local.is_empty() && !host.is_empty() && !bare.contains([' ', ',', ';', '<', '>']) && !local.contains('@');
    sound.then(|| bare.to_owned())
}

/// The normal form of a user name, account or student number: NFKC, case folded, trimmed.
pub fn word(text: &str) -> String {
    fold(text).trim().to_owned()
}

/// The normal form of a name: its words (split at spaces, hyphens, commas, apostrophes, dots and underscores), folded,
/// without diacritics, in alphabetical order. So "Lovelace, Ada" and "Ada Lovelace" are the same.
pub fn name(text: &str) -> String {
    let folded = fold(text);
    sorted(name_words(&folded).map(without_marks).collect())
}

/// The words of a folded text.
fn name_words(folded: &str) -> impl Iterator<Item = &str> {
    folded
        .split(|c: char| !(c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c)))
        .filter(|word| !word.is_empty())
}

fn sorted(mut words: Vec<String>) -> String {
    words.sort_unstable();
    words.join(" ")
}
