//! Numbers that tell themselves by their own check digits: payment cards, bank accounts, national identifiers; and
//! internet addresses.
//!
//! One check digit is right by chance once in ten. Where a number has no more than that and is written like any other, a
//! word before it must say what it is.
//!
//! Source: ISO/IEC 7812-1 annex B (Luhn) and its issuer ranges; ISO 13616 (IBAN) with ISO/IEC 7064 MOD 97-10; 20 CFR
//! 422.103 for United States numbers; the registrars' own rules for the others; RFC 6890 for addresses that are nobody's.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::is_word;

/// Where a code stands and which element it is.
pub(crate) struct Code {
    pub(crate) range: Range<usize>,
    pub(crate) element: &'static str,
}

/// What the digits of a run may be.
#[derive(Clone, Copy)]
enum Kind {
    /// Nothing else is written so.
    Sure(&'static str),
    /// One of these must stand before it.
    Named(&'static str, &'static [&'static [u8]]),
}

/// Digits, their groups, the check, and the words that name the number.
type NamedRow = (usize, u32, fn(&[u8]) -> bool, &'static [&'static [u8]]);

/// How far before a number the word that names it may stand, bytes.
const NAME_REACH: usize = 48;
const CARD_NAMES: [&[u8]; 8] = [
    b"card",
    b"visa",
    b"amex",
    b"carte",
    b"karte",
    b"tarjeta",
    b"kaart",
    b"discover",
];
const AADHAAR_NAMES: [&[u8]; 3] = [b"aadhaar", b"aadhar", b"uidai"];
const PERSONNUMMER_NAMES: [&[u8]; 4] = [b"person", b"pnr", b"samordning", b"identit"];
const SIN_NAMES: [&[u8]; 3] = [b"social insurance", b"sin:", b"sin "];
const NHS_NAMES: [&[u8]; 2] = [b"nhs", b"health service"];
const BSN_NAMES: [&[u8]; 3] = [b"bsn", b"burgerservice", b"sofinummer"];
const NIF_NAMES: [&[u8]; 3] = [b"nif", b"contribuinte", b"fiscal"];
const TFN_NAMES: [&[u8]; 2] = [b"tfn", b"tax file"];
const TAX_ID_NAMES: [&[u8]; 4] = [b"steuer", b"idnr", b"tax id", b"identifikationsnummer"];
const PESEL_NAMES: [&[u8]; 1] = [b"pesel"];
const MY_NUMBER_NAMES: [&[u8]; 2] = [b"my number", b"individual number"];

const CARD: &str = "finance.payment_card";
const ACCOUNT: &str = "finance.bank_account";
const SOCIAL_SECURITY: &str = "identity.gov_id.ssn";
const NATIONAL: &str = "identity.gov_id.other";
const INTERNET: &str = "tech.ip_address";

/// Bytes before a run of digits in which an account number may have begun: `gb29 nwbk 6016…`.
const ACCOUNT_HEAD: usize = 12;
/// Longest account number with a space after every four characters.
const ACCOUNT_MAX: usize = 34 + 8;

/// The code in a run of digits and what may stand between groups of them (`start..end` of a folded text). `card`: the name
/// of the field says that it is a card's number.
pub(crate) fn code(text: &[u8], start: usize, end: usize, card: bool) -> Option<Code> {
    bank_account(text, start).or_else(|| grouped(text, start, end, card))
}

/// Groups of digits, all of the run, and nothing that it would be a part of.
fn grouped(text: &[u8], start: usize, end: usize, card: bool) -> Option<Code> {
    let is_digit = |at: &usize| text[*at].is_ascii_digit();
    let start = (start..end).find(is_digit)?;
    let end = (start..end).rev().find(is_digit)? + 1;
    let run = &text[start..end];
    if run.len() > 24 || !is_alone(text, start, end) {
        return None;
    }
    let mut shape = Shape::default();
    for byte in run {
        shape.take(*byte)?;
    }
    let before = &text[start.saturating_sub(NAME_REACH)..start];
    let element = match shape.kind(before)? {
        Kind::Sure(element) => element,
        Kind::Named(CARD, _) if card => CARD,
        Kind::Named(element, names) => is_named(before, names).then_some(element)?,
    };
    Some(Code {
        range: start..end,
        element,
    })
}

fn is_named(before: &[u8], names: &[&[u8]]) -> bool {
    let is_in = |name: &&[u8]| before.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name));
    names.iter().any(is_in)
}

/// Whether nothing that a number may be a part of stands beside `start..end`.
fn is_alone(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |b: u8| is_word(b) || matches!(b, b'_' | b'-' | b'/' | b'+' | b'#' | b'%' | b'$');
    let before = start.checked_sub(1).map(|at| text[at]);
    let decimal = before == Some(b'.') && start >= 2 && text[start - 2].is_ascii_digit();
    let after = text.get(end).copied();
    let goes_on = matches!(after, Some(b'.' | b',')) && text.get(end + 1).is_some_and(u8::is_ascii_digit);
    !before.is_some_and(joins) && !decimal && !after.is_some_and(joins) && !goes_on
}

/// Digits in groups.
#[derive(Default)]
struct Shape {
    digits: [u8; 24],
    count: usize,
    /// Lengths of the groups, as decimal digits of one number: 344 for `206-5550-1000`.
    groups: u32,
    group: u32,
    /// What stands between them; the last where several.
    gap: u8,
    gaps: [u8; 4],
    gap_count: usize,
}

impl Shape {
    fn take(&mut self, byte: u8) -> Option<()> {
        if byte.is_ascii_digit() {
            *self.digits.get_mut(self.count)? = byte - b'0';
            self.count += 1;
            self.group += 1;
            return Some(());
        }
        // Two separators in a row are no part of a number.
        if self.group == 0 || self.group > 9 || self.groups > 9_999_999 {
            return None;
        }
        self.groups = self.groups * 10 + self.group;
        self.group = 0;
        self.gap = byte;
        if let Some(gap) = self.gaps.get_mut(self.gap_count) {
            *gap = byte;
        }
        self.gap_count += 1;
        Some(())
    }

    /// `before`: what stands before it, where a word may tell.
    fn kind(&self, before: &[u8]) -> Option<Kind> {
        let digits = &self.digits[..self.count];
        let groups = if self.group > 9 {
            0
        } else {
            self.groups * 10 + self.group
        };
        let same = self.gaps[..self.gap_count.min(4)].iter().all(|gap| *gap == self.gap);
        let spaced = same && matches!(self.gap, b' ' | b'-');
        let single = self.gap_count == 0;
        let card =
            (single && (15..=16).contains(&self.count)) || (spaced && matches!(groups, 4444 | 465 | 464 | 44443));
        if card && is_card(digits) {
            return Some(if single {
                Kind::Named(CARD, &CARD_NAMES)
            } else {
                Kind::Sure(CARD)
            });
        }
        if let Some(names) = self.named_alone(before, single, spaced, groups) {
            return Some(Kind::Named(NATIONAL, names));
        }
        match groups {
            324 if same && self.gap == b'-' && is_social_security(digits) => Some(Kind::Sure(SOCIAL_SECURITY)),
            444 if self.gap == b' ' && digits[0] > 1 && is_verhoeff(digits) => {
                Some(Kind::Named(NATIONAL, &AADHAAR_NAMES))
            }
            3332 if self.gaps[..3] == *b"..-" && is_cpf(digits) => Some(Kind::Sure(NATIONAL)),
            64 | 84 if self.gap == b'-' && is_personnummer(&digits[self.count - 10..]) => {
                Some(Kind::Named(NATIONAL, &PERSONNUMMER_NAMES))
            }
            1_222_332 if self.gap == b' ' && is_nir(digits) => Some(Kind::Sure(NATIONAL)),
            _ => None,
        }
    }

    /// National numbers of digits together or in spaced groups that only a word before them can tell.
    fn named_alone(&self, before: &[u8], single: bool, spaced: bool, groups: u32) -> Option<&'static [&'static [u8]]> {
        let digits = &self.digits[..self.count];
        let grouped = |wanted: u32| single || spaced && groups == wanted;
        // Several may be right by chance: the word decides.
        let rows: [NamedRow; 9] = [
            (9, 333, is_luhn, &SIN_NAMES),
            (10, 334, is_nhs, &NHS_NAMES),
            (9, 333, is_bsn, &BSN_NAMES),
            (9, 333, is_nif, &NIF_NAMES),
            (9, 333, is_tfn, &TFN_NAMES),
            (11, 2333, is_tax_id, &TAX_ID_NAMES),
            (11, 11, is_pesel, &PESEL_NAMES),
            (12, 444, is_my_number, &MY_NUMBER_NAMES),
            (12, 12, is_verhoeff, &AADHAAR_NAMES),
        ];
        let fits = rows
            .into_iter()
            .filter(|(count, wanted, check, _)| *count == self.count && grouped(*wanted) && check(digits));
        fits.map(|(.., names)| names).find(|names| is_named(before, names))
    }
}

/// One check digit with these weights: the sum of all by `modulus`.
fn weighted(digits: &[u8], weights: &[u32], modulus: u32) -> u32 {
    let sum: u32 = digits
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    sum % modulus
}

/// United Kingdom, National Health Service: modulo 11, where 11 is 0 and 10 is never issued.
fn is_nhs(digits: &[u8]) -> bool {
    let check = 11 - weighted(&digits[..9], &[10, 9, 8, 7, 6, 5, 4, 3, 2], 11);
    check % 11 == u32::from(digits[9]) && check != 10
}

/// Netherlands: nine weights, the last of them negative.
fn is_bsn(digits: &[u8]) -> bool {
    let rest = weighted(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2], 11);
    rest == u32::from(digits[8]) && digits.iter().any(|digit| *digit != 0)
}

/// Portugal: modulo 11, where 10 and 11 are 0.
fn is_nif(digits: &[u8]) -> bool {
    let check = 11 - weighted(&digits[..8], &[9, 8, 7, 6, 5, 4, 3, 2], 11);
    (if check > 9 { 0 } else { check }) == u32::from(digits[8]) && matches!(digits[0], 1..=3 | 5..=9)
}

/// Australia, tax file number of nine digits.
fn is_tfn(digits: &[u8]) -> bool {
    weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10], 11) == 0 && digits.iter().any(|digit| *digit != 0)
}

/// Germany: ISO/IEC 7064 MOD 11,10; no leading zero.
fn is_tax_id(digits: &[u8]) -> bool {
    let product = digits[..10].iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    digits[0] != 0 && (11 - product) % 10 == u32::from(digits[10])
}

/// Poland: a month (with the century in it), a day, and weights.
fn is_pesel(digits: &[u8]) -> bool {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let rest = weighted(&digits[..10], &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10);
    (1..=12).contains(&(two(2) % 20)) && (1..=31).contains(&two(4)) && (10 - rest) % 10 == u32::from(digits[10])
}

/// Japan, individual number: weights from the right, 2 to 7 and again.
fn is_my_number(digits: &[u8]) -> bool {
    let rest = weighted(&digits[..11], &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11);
    (if rest <= 1 { 0 } else { 11 - rest }) == u32::from(digits[11])
}

fn is_card(digits: &[u8]) -> bool {
    let head = digits[..4]
        .iter()
        .fold(0_u32, |value, digit| value * 10 + u32::from(*digit));
    let issued = match digits.len() {
        14 => matches!(head, 3000..=3059 | 3600..=3699 | 3800..=3999),
        15 => matches!(head, 3400..=3499 | 3700..=3799),
        16 => matches!(head, 2221..=2720 | 3528..=3589 | 4000..=4999 | 5100..=5599 | 6011 | 6200..=6299 | 6440..=6599),
        19 => matches!(head, 4000..=4999 | 6200..=6299),
        _ => false,
    };
    let same = digits.iter().all(|digit| *digit == digits[0]);
    issued && !same && is_luhn(digits)
}

/// The sum of all digits, every second one from the right doubled, ends with 0.
fn is_luhn(digits: &[u8]) -> bool {
    let sum = digits.iter().rev().enumerate().fold(0_u32, |sum, (at, digit)| {
        let value = u32::from(*digit) << (at % 2);
        sum + value / 10 + value % 10
    });
    sum.is_multiple_of(10)
}

/// No area, group or serial of zeros, no area 666 or from 900.
fn is_social_security(digits: &[u8]) -> bool {
    let area = digits[..3]
        .iter()
        .fold(0_u32, |value, digit| value * 10 + u32::from(*digit));
    !matches!(area, 0 | 666 | 900..) && digits[3..5] != [0, 0] && digits[5..] != [0, 0, 0, 0]
}

/// Brazil: two check digits, each modulo 11.
fn is_cpf(digits: &[u8]) -> bool {
    let check = |count: usize| {
        let sum: u32 = (2..)
            .zip(digits[..count].iter().rev())
            .map(|(weight, digit)| weight * u32::from(*digit))
            .sum();
        (sum * 10 % 11 % 10) as u8
    };
    digits.len() == 11 && digits.iter().any(|d| *d != digits[0]) && check(9) == digits[9] && check(10) == digits[10]
}

/// Sweden: a month, a day (60 more for coordination numbers) and Luhn.
fn is_personnummer(digits: &[u8]) -> bool {
    let two = |at: usize| digits[at] * 10 + digits[at + 1];
    let day = two(4) % 60;
    (1..=12).contains(&two(2)) && (1..=31).contains(&day) && two(4) < 92 && is_luhn(digits)
}

/// France: sex, year, month, department, place, order, and a key that makes it a multiple of 97.
fn is_nir(digits: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0_u64, |value, digit| value * 10 + u64::from(*digit));
    let (body, key) = digits.split_at(13);
    matches!(digits[0], 1 | 2) && digits.len() == 15 && number(key) == 97 - number(body) % 97
}

/// India: Verhoeff's dihedral scheme.
fn is_verhoeff(digits: &[u8]) -> bool {
    const MOVED: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let check = digits.iter().rev().enumerate().fold(0, |check, (at, digit)| {
        let moved = (0..at % 8).fold(*digit, |digit, _| MOVED[usize::from(digit)]);
        dihedral(check, moved)
    });
    check == 0
}

/// The product in the group of the pentagon's symmetries, rotations 0 to 4 and reflections 5 to 9.
fn dihedral(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b) % 5,
        (false, true) => 5 + (a - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    }
}

/// An account number that begins a little before the digits, or with the letters before them.
fn bank_account(text: &[u8], digits: usize) -> Option<Code> {
    let floor = digits.saturating_sub(ACCOUNT_HEAD);
    let head = (floor..digits).find(|at| {
        let begins = at
            .checked_sub(1)
            .is_none_or(|before| !is_word(text[before]) && text[before] != b'_');
        begins
            && matches!(text.get(*at..at + 4), Some([a, b, c, d])
            if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && c.is_ascii_digit() && d.is_ascii_digit())
    })?;
    account_at(text, head)
}

fn account_at(text: &[u8], start: usize) -> Option<Code> {
    let (mut compact, mut count) = ([0_u8; 34], 0);
    for (at, byte) in text[start..].iter().take(ACCOUNT_MAX).enumerate() {
        let spaced = *byte == b' ' && count % 4 == 0 && text[start + at - 1] != b' ';
        if byte.is_ascii_alphanumeric() && count < compact.len() {
            compact[count] = byte.to_ascii_lowercase();
            count += 1;
            let end = start + at + 1;
            if is_iban(&compact[..count]) && !text.get(end).is_some_and(|b| is_word(*b)) {
                return Some(Code {
                    range: start..end,
                    element: ACCOUNT,
                });
            }
        } else if !spaced {
            return None;
        }
    }
    None
}

/// As long as its country's are, and 1 modulo 97 with the first four characters behind the rest.
fn is_iban(compact: &[u8]) -> bool {
    let length = match compact {
        [b'n', b'o', ..] => 15,
        [b'b', b'e', ..] => 16,
        [b'd', b'k'] => 18,
        [b'd', b'k', ..] | [b'f', b'i', ..] | [b'n', b'l', ..] => 18,
        [b's', b'i', ..] => 19,
        [b'a', b't', ..] | [b'l', b'u', ..] | [b'l', b't', ..] | [b'e', b'e', ..] => 20,
        [b'c', b'h', ..] | [b'h', b'r', ..] | [b'l', b'v', ..] | [b'l', b'i', ..] => 21,
        [b'd', b'e', ..] | [b'g', b'b', ..] | [b'i', b'e', ..] | [b'b', b'g', ..] | [b'r', b's', ..] => 22,
        [b'i', b'l', ..] | [b'a', b'e', ..] => 23,
        [b'e', b's', ..] | [b's', b'e', ..] | [b'c', b'z', ..] | [b's', b'k', ..] | [b'r', b'o', ..] => 24,
        [b'p', b't', ..] => 25,
        [b'i', b's', ..] | [b't', b'r', ..] => 26,
        [b'f', b'r', ..] | [b'i', b't', ..] | [b'g', b'r', ..] | [b'm', b'c', ..] => 27,
        [b'p', b'l', ..] | [b'h', b'u', ..] | [b'c', b'y', ..] | [b'a', b'l', ..] => 28,
        [b'm', b't', ..] => 31,
        _ => return false,
    };
    let value = |byte: u8| {
        if byte.is_ascii_digit() {
            u32::from(byte - b'0')
        } else {
            u32::from(byte - b'a') + 10
        }
    };
    compact.len() == length
        && compact[4..].iter().chain(&compact[..4]).fold(0, |rest, byte| {
            let value = value(*byte);
            (rest * if value > 9 { 100 } else { 10 } + value) % 97
        }) == 1
}

/// An address at `start..end`, of which something before it says whose it is: one in a configuration or a log is a
/// machine's, and nobody's data.
pub(crate) fn internet_address(text: &[u8], start: usize, end: usize) -> Option<Code> {
    let text_of = std::str::from_utf8(text.get(start..end)?).ok()?;
    let written = text_of.trim_end_matches(['.', ':']);
    let global = match (written.parse::<Ipv4Addr>(), written.parse::<Ipv6Addr>()) {
        (Ok(address), _) => is_global(address),
        (_, Ok(address)) => is_global_6(address),
        _ => false,
    };
    let end = start + written.len();
    let before = start.checked_sub(1).map(|at| text[at]);
    let joined = |b: u8| is_word(b) || matches!(b, b'.' | b'-' | b'_' | b'+');
    let free = !before.is_some_and(joined) && !text.get(end).is_some_and(|b| is_word(*b) || matches!(b, b'-' | b'_'));
    (global && free).then_some(Code {
        range: start..end,
        element: INTERNET,
    })
}

fn is_global(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    let shared = octets[0] == 100 && (64..128).contains(&octets[1]);
    let none = octets[0] == 0 || octets[0] >= 224 || octets[1..] == [0, 0, 0];
    !(address.is_private() || address.is_loopback() || address.is_link_local() || shared || none)
}

fn is_global_6(address: Ipv6Addr) -> bool {
    (0x2000..0x4000).contains(&address.segments()[0]) && address.segments()[1..] != [0; 7]
}

#[cfg(test)]
mod tests;
