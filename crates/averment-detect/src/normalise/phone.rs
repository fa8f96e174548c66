//! Telephone numbers: digits only, and the national spellings under which the same number is written.
//!
//! Rule: formatting, a leading `+` or `00`, and a bracketed trunk `(0)` are removed. A number with a country code is also
//! known without it, as it is dialled inside that country: bare for +1 (10 digits), with the trunk prefix elsewhere. A
//! number without one is completed for the school's country where that is told; without it, a 10-digit number without country code is also known with `1` in front.
//!
//! Source: ITU-T E.164 and its list of assigned country codes; E.123 for the written form.

use super::country::{dialling_in, dialling_of};

/// Fewest digits of a number that is looked for.
pub const MIN_DIGITS: usize = 7;
/// Most digits, E.164 clause 6.2.1.
pub const MAX_DIGITS: usize = 15;

/// Fewest digits of a number that is looked for as it is dialled where nothing is dialled before it.
const BARE_MIN: usize = 8;

/// The normal form: digits without `+`, `00` or `(0)`. `None` when fewer than [`MIN_DIGITS`] or more than [`MAX_DIGITS`].
pub fn phone(text: &str) -> Option<String> {
    let folded = super::fold::fold(text).replace("(0)", "");
    let main = folded.split(['x', ';', '#']).next().unwrap_or_default();
    let mut digits: String = main.chars().filter(char::is_ascii_digit).collect();
    if digits.starts_with("00") {
        digits.drain(..2);
    }
    (MIN_DIGITS..=MAX_DIGITS).contains(&digits.len()).then_some(digits)
}

/// As [`national_forms`], of a number that may be written as it is dialled inside `country` (ISO 3166-1, two capitals).
/// A country whose dialling is not known says nothing.
pub fn national_forms_in(text: &str, country: Option<&str>) -> Vec<String> {
    let mut forms = national_forms(text);
    let dialling = country.and_then(dialling_in);
    if let (Some(dialling), false, Some(digits)) = (dialling, is_international(text), forms.first().cloned()) {
        let (code, trunk) = (dialling.code, dialling.trunk);
        let national = digits.strip_prefix(trunk).unwrap_or(&digits);
        let whole = format!("+{code}{national}");
        forms.extend(national_forms(&whole));
        forms.push(format!("{trunk}{national}"));
    }
    let mut seen = std::collections::BTreeSet::new();
    forms.retain(|form| (MIN_DIGITS..=MAX_DIGITS).contains(&form.len()) && seen.insert(form.clone()));
    forms
}

fn is_international(text: &str) -> bool {
    text.trim_start().starts_with(['+', '\u{ff0b}']) || text.trim_start().starts_with("00")
}

/// Every form under which a number of the directory is indexed; the first is [`phone`].
pub fn national_forms(text: &str) -> Vec<String> {
    let Some(digits) = phone(text) else { return Vec::new() };
    let international = is_international(text);
    let mut forms = vec![digits.clone()];
    match digits.as_bytes() {
        [b'1', rest @ ..] if rest.len() == 10 => forms.push(digits[1..].to_owned()),
        [b'0' | b'1', ..] => {}
        rest if rest.len() == 10 && !international => forms.push(format!("1{digits}")),
        _ if international => {
            let (code, national) = digits.split_at(country_code_length(&digits));
            forms.push(format!("0{national}"));
            let trunk = dialling_of(code).map_or("0", |dialling| dialling.trunk);
            if national.len() >= 9 || (trunk.is_empty() && national.len() >= BARE_MIN) {
                forms.push(national.to_owned());
            }
            if !matches!(trunk, "" | "0") {
                forms.push(format!("{trunk}{national}"));
            }
        }
        _ => {}
    }
    forms.retain(|form| form.len() >= MIN_DIGITS);
    forms
}

/// How many of the leading digits are the country code.
pub(crate) fn country_code_length(digits: &str) -> usize {
    let two = digits.get(..2).unwrap_or_default();
    match two.as_bytes() {
        [b'1' | b'7', ..] => 1,
        b"20" | b"27" | b"28" => 2,
        [b'3', b'0'..=b'4' | b'6' | b'9'] | [b'4', b'0' | b'1' | b'3'..=b'9'] => 2,
        [b'5', b'1'..=b'8'] | [b'6', b'0'..=b'6'] | [b'8', b'1' | b'2' | b'4' | b'6'] | [b'9', b'0'..=b'5' | b'8'] => 2,
        _ => 3.min(digits.len()),
    }
}
