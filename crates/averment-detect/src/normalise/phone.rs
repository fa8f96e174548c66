//! Telephone numbers: digits only, and the national spellings under which the same number is written.
//!
//! Rule: formatting, a leading `+` or `00`, and a bracketed trunk `(0)` are removed. A number with a country code is also
//! known without it, as it is dialled inside that country: bare for +1 (10 digits), with the trunk `0` elsewhere. A
//! 10-digit number without country code is also known with `1` in front.
//!
//! Source: ITU-T E.164 and its list of assigned country codes; E.123 for the written form.

/// Fewest digits of a number that is looked for.
pub const MIN_DIGITS: usize = 7;
/// Most digits, E.164 clause 6.2.1.
pub const MAX_DIGITS: usize = 15;

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

/// Every form under which a number of the directory is indexed; the first is [`phone`].
pub fn national_forms(text: &str) -> Vec<String> {
    let Some(digits) = phone(text) else { return Vec::new() };
    let international = text.trim_start().starts_with(['+', '\u{ff0b}']) || text.trim_start().starts_with("00");
    let mut forms = vec![digits.clone()];
    match digits.as_bytes() {
        [b'1', rest @ ..] if rest.len() == 10 => forms.push(digits[1..].to_owned()),
        [b'0' | b'1', ..] => {}
        rest if rest.len() == 10 && !international => forms.push(format!("1{digits}")),
        _ if international => {
            let national = &digits[country_code_length(&digits)..];
            forms.push(format!("0{national}"));
            if national.len() >= 9 {
                forms.push(national.to_owned());
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
