//! Keys, tokens and national identifiers that are one word: told by their shape, and where that is weak by a word before.
//!
//! They are looked for in bodies alone. In headers and queries a key is how a request says whose it is.
//!
//! Source: the issuers' own descriptions of their prefixes (AWS, GitHub, GitLab, Slack, Stripe, Google, npm, DigitalOcean);
//! RFC 6750 section 2.1 and RFC 7519 section 3 for bearer tokens; RFC 7468 section 2 for keys; RFC 3986 section 3.2.1;
//! Real Decreto 1553/2005 (DNI, NIE), D.M. 23/12/1976 (codice fiscale), the RENAPO instructive (CURP), HMRC NIM39110
//! (National Insurance), the Indian income tax rules, rule 114 (PAN).

use std::ops::Range;

use averment_catalog::ElementId;

use super::Walk;
use crate::matcher::Hit;
use crate::span::Edit;
use crate::{Form, KnownBy, Part, Whose};

const TOKEN: &str = "account.session_token";
const PASSWORD: &str = "account.password";
const NATIONAL: &str = "identity.gov_id.other";

/// How keys begin, how many characters follow at least, and of what.
const PREFIXES: [(&[u8], usize, Letters); 20] = [
    (b"AKIA", 16, Letters::Capitals),
    (b"ASIA", 16, Letters::Capitals),
    (b"ghp_", 36, Letters::Any),
    (b"gho_", 36, Letters::Any),
    (b"ghu_", 36, Letters::Any),
    (b"ghs_", 36, Letters::Any),
    (b"ghr_", 36, Letters::Any),
    (b"github_pat_", 40, Letters::Any),
    (b"glpat-", 20, Letters::Any),
    (b"xoxb-", 20, Letters::Any),
    (b"xoxp-", 20, Letters::Any),
    (b"xoxa-", 20, Letters::Any),
    (b"xapp-", 20, Letters::Any),
    (b"sk_live_", 16, Letters::Any),
    (b"rk_live_", 16, Letters::Any),
    (b"whsec_", 24, Letters::Any),
    (b"AIza", 35, Letters::Any),
    (b"npm_", 36, Letters::Any),
    (b"dop_v1_", 64, Letters::Any),
    (b"sk-ant-", 32, Letters::Any),
];

/// What a key is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    Capitals,
    /// Letters, digits, `_`, `-`.
    Any,
}

/// Longest private key, bytes.
const KEY_MAX: usize = 16 << 10;

/// How far before an identifier the word that names it may stand, bytes.
const NAME_REACH: usize = 48;

const DNI_NAMES: [&str; 4] = ["dni", "nie", "nif", "documento"];
const CF_NAMES: [&str; 3] = ["codice fiscale", "cod. fisc", "cf:"];
const CURP_NAMES: [&str; 1] = ["curp"];
const NINO_NAMES: [&str; 3] = ["national insurance", "nino", "ni number"];
const PAN_NAMES: [&str; 3] = ["pan card", "pan number", "pan:"];

/// What a word is.
pub(super) struct Told {
    range: Range<usize>,
    element: &'static str,
}

/// What the run of letters, digits, `_`, `-`, `+` and `/` at `token` is. Most end at their first byte.
pub(super) fn told(text: &[u8], token: &Range<usize>) -> Option<Told> {
    let word = &text[token.clone()];
    key(text, token)
        .or_else(|| bearer(text, token))
        .or_else(|| private_key(text, token))
        .or_else(|| national(text, token).filter(|_| word.len() <= 18))
}

/// What the prefixes begin with: most words end here.
static FIRST: [bool; 256] = {
    let mut first = [false; 256];
    let mut at = 0;
    while at < PREFIXES.len() {
        first[PREFIXES[at].0[0] as usize] = true;
        at += 1;
    }
    first
};

fn key(text: &[u8], token: &Range<usize>) -> Option<Told> {
    let word = &text[token.clone()];
    if !word.first().is_some_and(|first| FIRST[usize::from(*first)]) {
        return None;
    }
    let (prefix, least, letters) = PREFIXES.iter().find(|(prefix, ..)| word.starts_with(prefix))?;
    let fits = |b: &&u8| match letters {
        Letters::Capitals => b.is_ascii_uppercase() || b.is_ascii_digit(),
        Letters::Any => b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'),
    };
    let rest = &word[prefix.len()..];
    let length = rest.iter().take_while(fits).count();
    let varied = rest.iter().any(u8::is_ascii_digit) && rest.iter().any(u8::is_ascii_alphabetic);
    let exact = *letters == Letters::Any || length == *least;
    (length >= *least && exact && varied).then(|| Told {
        range: token.start..token.start + prefix.len() + length,
        element: TOKEN,
    })
}

/// `Bearer` and three pieces of base64, the first a header.
fn bearer(text: &[u8], token: &Range<usize>) -> Option<Told> {
    if text[token.clone()].first_chunk() != Some(b"eyJ") {
        return None;
    }
    let before = text[..token.start].trim_ascii_end();
    let named = before.len() >= 6 && before[before.len() - 6..].eq_ignore_ascii_case(b"bearer");
    if !named {
        return None;
    }
    let is_part = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let length = text[token.start..].iter().take(8192).take_while(is_part).count();
    let range = token.start..token.start + length;
    let dots = text[range.clone()].iter().filter(|b| **b == b'.').count();
    (dots == 2 || dots == 4).then_some(Told { range, element: TOKEN })
}

/// `-----BEGIN … PRIVATE KEY-----`: what stands between that and the line that ends it.
fn private_key(text: &[u8], token: &Range<usize>) -> Option<Told> {
    let rest = text.get(token.start..)?;
    if rest.first() != Some(&b'-') {
        return None;
    }
    let head = rest.strip_prefix(b"-----BEGIN ")?;
    let line = &head[..head.len().min(40)];
    let told = memchr::memmem::find(line, b"PRIVATE KEY-----")?;
    let start = token.start + 11 + told + 16;
    let most = text.len().min(start.saturating_add(KEY_MAX));
    let end = memchr::memmem::find(text.get(start..most)?, b"-----END").map_or(most, |at| start + at);
    (end - start >= 32).then_some(Told {
        range: start..end,
        element: PASSWORD,
    })
}

fn national(text: &[u8], token: &Range<usize>) -> Option<Told> {
    let word = &text[token.clone()];
    if !matches!(word.len(), 9 | 10 | 16 | 18) || !word.iter().any(u8::is_ascii_digit) {
        return None;
    }
    let word = word.to_ascii_uppercase();
    let names: &[&str] = match word.len() {
        9 if is_dni(&word) => &DNI_NAMES,
        9 if is_nino(&word) => &NINO_NAMES,
        10 if is_pan(&word) => &PAN_NAMES,
        16 if is_codice_fiscale(&word) => &CF_NAMES,
        18 if is_curp(&word) => &CURP_NAMES,
        _ => return None,
    };
    let before = &text[token.start.saturating_sub(NAME_REACH)..token.start];
    let before = String::from_utf8_lossy(before).to_lowercase();
    names.iter().any(|name| before.contains(name)).then(|| Told {
        range: token.clone(),
        element: NATIONAL,
    })
}

/// Eight digits, the first of a foreigner's a letter, and the letter of their rest by 23.
fn is_dni(word: &[u8]) -> bool {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let first = match word[0] {
        b'X' => b'0',
        b'Y' => b'1',
        b'Z' => b'2',
        other => other,
    };
    let digits = std::iter::once(&first).chain(&word[1..8]);
    let number = digits
        .map(|b| b.is_ascii_digit().then(|| usize::from(b - b'0')))
        .try_fold(0, |number, digit| Some(number * 10 + digit?));
    number.is_some_and(|number| LETTERS[number % 23] == word[8])
}

fn is_nino(word: &[u8]) -> bool {
    let prefix = [word[0], word[1]];
    let letter = |b: u8, none: &[u8]| b.is_ascii_uppercase() && !none.contains(&b);
    letter(word[0], b"DFIQUV")
        && letter(word[1], b"DFIOQUV")
        && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&prefix)
        && word[2..8].iter().all(u8::is_ascii_digit)
        && matches!(word[8], b'A'..=b'D')
}

/// Five letters, of which the fourth says whose it is, four digits, a letter.
fn is_pan(word: &[u8]) -> bool {
    word[..5].iter().all(u8::is_ascii_uppercase)
        && b"PCHFATBLJG".contains(&word[3])
        && word[5..9].iter().all(u8::is_ascii_digit)
        && word[9].is_ascii_uppercase()
}

/// The last letter is the rest by 26 of values that differ at odd and even places.
fn is_codice_fiscale(word: &[u8]) -> bool {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
    ];
    let value = |(at, byte): (usize, &u8)| {
        let place = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A',
            _ => return None,
        };
        Some(if at % 2 == 0 {
            ODD[usize::from(place)]
        } else {
            u32::from(place)
        })
    };
    let letters = word[..6].iter().all(u8::is_ascii_uppercase) && word[8].is_ascii_uppercase();
    let sum = word[..15]
        .iter()
        .enumerate()
        .map(value)
        .try_fold(0, |sum, value| Some(sum + value?));
    letters && sum.is_some_and(|sum| u32::from(word[15]) == u32::from(b'A') + sum % 26)
}

/// Four letters, a date, sex, state, three consonants, a character, and the check digit.
fn is_curp(word: &[u8]) -> bool {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'N' => Some(u32::from(byte - b'A') + 10),
        b'O'..=b'Z' => Some(u32::from(byte - b'O') + 25),
        _ => None,
    };
    let shape = word[..4].iter().all(u8::is_ascii_uppercase)
        && word[4..10].iter().all(u8::is_ascii_digit)
        && matches!(word[10], b'H' | b'M' | b'X')
        && word[11..16].iter().all(u8::is_ascii_uppercase)
        && word[17].is_ascii_digit();
    let weighted = (2..=18)
        .rev()
        .zip(&word[..17])
        .map(|(weight, byte)| Some(weight * value(*byte)?));
    let sum = weighted
        .into_iter()
        .try_fold(0, |sum, value: Option<u32>| Some(sum + value?));
    shape && sum.is_some_and(|sum| (10 - sum % 10) % 10 == u32::from(word[17] - b'0'))
}

/// Passwords in locations: `https://name:password@host`.
fn in_locations(text: &[u8]) -> impl Iterator<Item = Told> + '_ {
    memchr::memmem::find_iter(text, b"://").filter_map(|at| {
        let start = at + 3;
        let ends = |b: &&u8| !b.is_ascii_whitespace() && !b"/?#\"'<>\\".contains(b);
        let authority = &text[start..start + text[start..].iter().take(256).take_while(ends).count()];
        let user = &authority[..memchr::memrchr(b'@', authority)?];
        let colon = memchr::memchr(b':', user)?;
        let password = &user[colon + 1..];
        // `https://user:${PASSWORD}@host`, `https://x:***@host`.
        let real =
            password.len() >= 4 && !b"${<*[%".contains(&password[0]) && password.iter().any(u8::is_ascii_alphanumeric);
        let range = start + colon + 1..start + user.len();
        (real && !is_ours(password)).then_some(Told {
            range,
            element: PASSWORD,
        })
    })
}

/// Whether this is what a treatment put there.
fn is_ours(text: &[u8]) -> bool {
    text.len() == 35 && (text.starts_with(b"h1_") || text.starts_with(b"p1_"))
}

impl Walk<'_> {
    /// What the base64-like run at `token` is, where it is in a body.
    pub(super) fn secret(&mut self, text: &str, token: &Range<usize>) -> Option<Edit> {
        if self.trail.part != Part::Body || self.known_only > 0 {
            return None;
        }
        told(text.as_bytes(), token).and_then(|told| self.told(text, told))
    }

    /// Passwords in the locations of a text in a body.
    pub(super) fn location_passwords(&mut self, text: &str) -> Vec<Edit> {
        if self.trail.part != Part::Body || self.known_only > 0 {
            return Vec::new();
        }
        let found: Vec<Told> = in_locations(text.as_bytes()).collect();
        found.into_iter().filter_map(|told| self.told(text, told)).collect()
    }

    fn told(&mut self, text: &str, told: Told) -> Option<Edit> {
        let hit = Hit {
            range: told.range.clone(),
            form: Form::Word,
            normal: text.get(told.range.clone())?.to_owned(),
            element: ElementId::new(told.element).ok()?,
            whose: Whose::Unknown,
            known_by: KnownBy::Pattern,
        };
        self.found_in(text, hit, told.range)
    }
}

#[cfg(test)]
mod tests;
