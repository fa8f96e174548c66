//! Words in alphabets that nothing announces: the other base32 alphabets, base58, base85, and base64 that is shorter or
//! in smaller groups than a text in the midst of others can be told by.
//!
//! Many words decode to something, so what they stand for counts only where it is a known person's.
//!
//! Source: RFC 4648 section 7 (base32hex); Crockford's base32; z-base-32 (Zooko); the base58 of Bitcoin; the PostScript
//! language reference section 3.13.3 (ASCII85); RFC 1924 (base85); ZeroMQ RFC 32 (Z85).

use std::ops::Range;

use super::Walk;
use super::base64;
use crate::Layer;
use crate::mask::{Kind, long_runs};
use crate::signs::Signs;
use crate::span::{Edit, apply};

/// The alphabets of base32 beside that of RFC 4648 section 6, in the order of their values.
const BASE32: [&[u8; 32]; 3] = [
    b"0123456789abcdefghijklmnopqrstuv",
    b"0123456789abcdefghjkmnpqrstvwxyz",
    b"ybndrfg8ejkmcpqxot1uwisza345h769",
];
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/// RFC 1924, as Git and Python write it; ASCII85; Z85.
const BASE85: [&[u8; 85]; 3] = [
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
    b"!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstu",
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
];

const ASCII85: usize = 1;

/// Shortest and longest word of base58: the work grows with the square of the length.
const BASE58_RANGE: Range<usize> = 8..257;
/// Changes between small letters and capitals, which words of programs have fewer of.
const BASE58_TURNS: usize = 3;
/// Up to this length two are enough: such a word costs little.
const BASE58_SHORT: usize = 12;
/// Fewest characters of base85: two groups.
const BASE85_MIN: usize = 10;
/// Longest name before `="` that a word may stand behind, bytes.
const NAME_MAX: usize = 40;
/// Fewest and most characters of base64 that is shorter than one in the midst of a text.
const SHORT_BASE64: Range<usize> = 6..8;
/// Letters of a small group of base64, and the fewest characters of all groups together.
const GROUP: usize = 4;
const SPACED_MIN: usize = 14;

/// A word in an alphabet.
#[derive(Clone, Copy)]
pub(crate) enum Alphabet {
    Base32 { which: usize, upper: bool },
    Base58,
    Base85 { which: usize },
}

impl Alphabet {
    pub(super) fn layer(self) -> Layer {
        match self {
            Self::Base32 { .. } => Layer::Base32,
            Self::Base58 => Layer::Base58,
            Self::Base85 { .. } => Layer::Base85,
        }
    }

    pub(super) fn encode(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Base32 { which, upper } => {
                let mut out = base32_encoded(bytes, BASE32[which]);
                if upper {
                    out.make_ascii_uppercase();
                }
                out
            }
            Self::Base58 => base58_encoded(bytes),
            Self::Base85 { which } => base85_encoded(bytes, BASE85[which]),
        }
    }
}

/// What the alphanumeric run `run` stands for in each alphabet in which it is text.
pub(crate) fn decoded(run: &[u8]) -> Vec<(Vec<u8>, Alphabet)> {
    let mut found = Vec::new();
    let upper = run.iter().any(u8::is_ascii_uppercase);
    if upper && run.iter().any(u8::is_ascii_lowercase) {
        found.extend(base58_decoded(run).map(|decoded| (decoded, Alphabet::Base58)));
        return found;
    }
    for which in 0..BASE32.len() {
        if is_base32_head(run, which)
            && let Some(decoded) = base32_decoded(run, which)
        {
            found.push((decoded, Alphabet::Base32 { which, upper }));
        }
    }
    found
}

/// Whether the first eight letters are five bytes of text. Nearly every word ends here, before anything is allocated.
#[inline]
fn is_base32_head(run: &[u8], which: usize) -> bool {
    let Some(head) = run.first_chunk::<8>() else {
        return false;
    };
    let (mut bits, mut all) = (0_u64, 0);
    for letter in head {
        let value = BASE32_VALUES[which][usize::from(*letter)];
        bits = bits << 5 | u64::from(value & 31);
        all |= value;
    }
    let [.., a, b, c, d, e] = bits.to_be_bytes();
    all < 32 && is_clear_start(&[a, b, c, d, e])
}

/// Whether text may begin so, see [`is_clear`].
fn is_clear_start(head: &[u8]) -> bool {
    if head.iter().any(|byte| is_control(*byte)) {
        return false;
    }
    head.is_ascii() || std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// What each byte stands for in an alphabet; 255, nothing.
const fn values<const COUNT: usize>(set: &[u8; COUNT], fold: bool) -> [u8; 256] {
    let mut values = [255; 256];
    let mut at = 0;
    while at < COUNT {
        values[set[at] as usize] = at as u8;
        if fold {
            values[set[at].to_ascii_uppercase() as usize] = at as u8;
        }
        at += 1;
    }
    values
}

static BASE32_VALUES: [[u8; 256]; 3] = [
    values(BASE32[0], true),
    values(BASE32[1], true),
    values(BASE32[2], true),
];
static BASE58_VALUES: [u8; 256] = values(BASE58, false);
static BASE85_VALUES: [[u8; 256]; 3] = [
    values(BASE85[0], false),
    values(BASE85[1], false),
    values(BASE85[2], false),
];

fn base32_decoded(run: &[u8], which: usize) -> Option<Vec<u8>> {
    let value = |byte: &u8| Some(BASE32_VALUES[which][usize::from(*byte)]).filter(|value| *value < 32);
    let (mut bits, mut count) = (0_u32, 0);
    let mut out = Vec::with_capacity(run.len() * 5 / 8);
    for byte in run {
        bits = bits << 5 | u32::from(value(byte)?);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    (bits == 0 && count < 5 && is_clear(&out)).then_some(out)
}

fn base32_encoded(bytes: &[u8], set: &[u8; 32]) -> Vec<u8> {
    let mut out = Vec::new();
    for group in bytes.chunks(5) {
        let value = group.iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte)) << (8 * (5 - group.len()));
        let letters = (group.len() * 8).div_ceil(5);
        out.extend((0..letters).map(|place| set[(value >> (35 - 5 * place) & 31) as usize]));
    }
    out
}

/// Text without control characters, which noise of this length hardly ever is.
fn is_clear(bytes: &[u8]) -> bool {
    bytes.len() >= 3 && !bytes.iter().any(|byte| is_control(*byte)) && std::str::from_utf8(bytes).is_ok()
}

fn is_control(byte: u8) -> bool {
    byte < b' ' && !byte.is_ascii_whitespace() || byte == 0x7f
}

fn base58_decoded(run: &[u8]) -> Option<Vec<u8>> {
    let turns = run
        .windows(2)
        .filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase())
        .count();
    let few = if run.len() <= BASE58_SHORT { 2 } else { BASE58_TURNS };
    let sure = turns >= few || run.iter().any(u8::is_ascii_digit);
    if !BASE58_RANGE.contains(&run.len()) || !sure {
        return None;
    }
    // Digits of 2^32, the lowest first.
    let mut out: Vec<u32> = Vec::with_capacity(run.len() * 3 / 16 + 1);
    for byte in run {
        let mut carry = u64::from(Some(BASE58_VALUES[usize::from(*byte)]).filter(|value| *value < 58)?);
        for digit in &mut out {
            carry += u64::from(*digit) * 58;
            *digit = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            out.push(carry as u32);
        }
    }
    let bytes: Vec<u8> = out.iter().rev().flat_map(|digit| digit.to_be_bytes()).collect();
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let bytes = bytes[zeros..].to_vec();
    is_clear(&bytes).then_some(bytes)
}

fn base58_encoded(bytes: &[u8]) -> Vec<u8> {
    let mut digits: Vec<u8> = Vec::new();
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in &mut digits {
            carry += u32::from(*digit) << 8;
            *digit = (carry % 58) as u8;
            carry /= 58;
        }
        while carry > 0 {
            digits.push((carry % 58) as u8);
            carry /= 58;
        }
    }
    digits.iter().rev().map(|digit| BASE58[usize::from(*digit)]).collect()
}

/// Whether the first two groups of `word` may be text in an alphabet: their first characters stand for 2 to 4 where white
/// space begins them, for 10 to 40 where another byte of ASCII does, for 41 to 78 where one of UTF-8 does.
#[inline]
fn may_be_base85(word: &[u8; BASE85_MIN], values: &[u8; 256]) -> bool {
    let value = |at: usize| values[usize::from(word[at])];
    matches!(value(0), 2..=4 | 10..=40 | 62..=78) && matches!(value(5), 2..=4 | 10..=78)
}

fn base85_decoded(word: &[u8], which: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for group in word.chunks(5) {
        let mut value = 0_u64;
        for at in 0..5 {
            let digit = group
                .get(at)
                .map_or(84, |byte| BASE85_VALUES[which][usize::from(*byte)]);
            value = value * 85 + u64::from(Some(digit).filter(|digit| *digit < 85)?);
        }
        let bytes = u32::try_from(value).ok()?.to_be_bytes();
        if group.len() == 1 || !bytes[0].is_ascii() && out.is_empty() && bytes[0] < 0xc2 {
            return None;
        }
        // Most words end here, before anything is put down.
        if bytes[..group.len() - 1]
            .iter()
            .any(|byte| *byte < b' ' && !byte.is_ascii_whitespace())
        {
            return None;
        }
        out.extend_from_slice(&bytes[..group.len() - 1]);
    }
    is_clear(&out).then_some(out)
}

fn base85_encoded(bytes: &[u8], set: &[u8; 85]) -> Vec<u8> {
    let mut out = Vec::new();
    for group in bytes.chunks(4) {
        let mut four = [0; 4];
        four[..group.len()].copy_from_slice(group);
        let value = u32::from_be_bytes(four);
        let digits = [85_u32.pow(4), 85_u32.pow(3), 85 * 85, 85, 1].map(|power| set[(value / power % 85) as usize]);
        out.extend_from_slice(&digits[..=group.len()]);
    }
    out
}

/// A word in base85, at the start of `run` or behind signs or a name that may stand before it.
fn base85_of(run: &[u8], signs: Signs) -> Option<(usize, Vec<u8>, Alphabet)> {
    if signs.any(Signs::TILDE)
        && let Some(start) = memchr::memmem::find(run, b"<~").map(|at| at + 2)
    {
        let length = memchr::memmem::find(&run[start..], b"~>").unwrap_or(run.len() - start);
        if let Some(decoded) = base85_decoded(&run[start..start + length], ASCII85) {
            return Some((start, decoded, Alphabet::Base85 { which: ASCII85 }));
        }
    }
    let lead = run.iter().take(3).take_while(|b| b"(<\"'[{=".contains(b)).count();
    let head = &run[..run.len().min(NAME_MAX)];
    let quoted = signs
        .all(Signs::EQUALS.or(Signs::QUOTE))
        .then(|| memchr::memmem::find(head, b"=\""));
    let quoted = quoted.flatten().map(|at| at + 2);
    let starts = quoted.into_iter().chain((0..=lead).rev());
    starts.filter_map(|start| base85_from(run, start)).next()
}

/// The word from `start` on, with or without the signs that may stand behind it.
fn base85_from(run: &[u8], start: usize) -> Option<(usize, Vec<u8>, Alphabet)> {
    let rest = &run[start..];
    let head = rest.first_chunk()?;
    let may_be = BASE85_VALUES
        .each_ref()
        .map(|values| may_be_base85(head, values) && is_base85_head(head, values));
    if may_be == [false; 3] {
        return None;
    }
    let closing = rest
        .iter()
        .rev()
        .take(2)
        .take_while(|b| b")>\"']}.,;:".contains(b))
        .count();
    (rest.len() - closing..=rest.len()).rev().find_map(|end| {
        let word = Some(&rest[..end]).filter(|word| word.len() >= BASE85_MIN)?;
        let which = (0..BASE85.len()).filter(|which| may_be[*which]);
        let found = which
            .filter_map(|which| Some((which, base85_decoded(word, which)?)))
            .next();
        found.map(|(which, decoded)| (start, decoded, Alphabet::Base85 { which }))
    })
}

/// Whether the first two groups of a word are text. Nearly every word ends here, before anything is allocated.
fn is_base85_head(word: &[u8; BASE85_MIN], values: &[u8; 256]) -> bool {
    let mut head = [0; 8];
    for (group, out) in word.as_chunks::<5>().0.iter().zip(head.as_chunks_mut::<4>().0) {
        let value = group.iter().try_fold(0_u64, |value, letter| {
            let digit = values[usize::from(*letter)];
            (digit < 85).then_some(value * 85 + u64::from(digit))
        });
        let Some(value) = value.and_then(|value| u32::try_from(value).ok()) else {
            return false;
        };
        *out = value.to_be_bytes();
        if out.iter().any(|byte| is_control(*byte)) {
            return false;
        }
    }
    is_clear_start(&head)
}

/// Printable without a space: what words of base85 are made of.
struct Graphic;

impl Kind for Graphic {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        byte.wrapping_sub(b'!') < 0x5e
    }
}

/// Six or seven letters of base64 that stand for letters and signs of ASCII.
fn may_be_short_base64(text: &[u8]) -> bool {
    SHORT_BASE64.contains(&text.len())
        && !text.contains(&b'=')
        && base64::decode(text).is_some_and(|decoded| decoded.iter().all(|b| matches!(b, b'!'..=b'~')))
}

/// Base64 in groups of four letters, and what it stands for.
pub(super) fn spaced(bytes: &[u8]) -> Vec<(Range<usize>, Vec<u8>)> {
    let mut found: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    let mut done = 0;
    for start in super::lists::group_starts(bytes) {
        let bounded = start
            .checked_sub(1)
            .is_none_or(|before| !bytes[before].is_ascii_alphanumeric());
        if start < done || !bounded {
            continue;
        }
        let end = spaced_end(bytes, start);
        if end - start < SPACED_MIN {
            continue;
        }
        done = end;
        let decoded = base64::decode(&bytes[start..end]).filter(|decoded| base64::is_readable(decoded));
        found.extend(decoded.map(|decoded| (start..end, decoded)));
    }
    found
}

/// Where groups of four letters end.
fn spaced_end(bytes: &[u8], start: usize) -> usize {
    let letters = |from: usize| {
        let group = bytes[from..].iter().take(GROUP + 1);
        group
            .take_while(|b| base64::base64_value(**b) < 64 || **b == b'=')
            .count()
    };
    let (mut at, mut end) = (start, start);
    while at < bytes.len() && letters(at) == GROUP {
        end = at + GROUP;
        if bytes[end - 1] == b'=' || bytes.get(end) != Some(&b' ') {
            break;
        }
        at = end + 1;
    }
    end
}

impl Walk<'_> {
    /// The known people in words of `text`, and in all of it, in alphabets that nothing announces.
    pub(super) fn rare_words(&mut self, text: &str, signs: Signs) -> Vec<Edit> {
        let bytes = text.as_bytes();
        let mut edits = self.short_base64(text);
        if signs.any(Signs::SPACE) {
            for (range, decoded) in spaced(bytes) {
                edits.extend(self.known_base64(bytes, range, &decoded));
            }
        }
        for start in long_runs::<Graphic>(bytes, 8) {
            let length = bytes[start..].iter().take_while(|b| Graphic::is(**b)).count();
            let word = &bytes[start..start + length];
            if let Some((lead, decoded, alphabet)) = base85_of(word, signs) {
                let end = start + lead + encoded_length(decoded.len());
                edits.extend(self.rare_word(start + lead..end, &decoded, alphabet));
            }
        }
        edits
    }

    /// A text that is nothing but a short word of base64.
    fn short_base64(&mut self, text: &str) -> Vec<Edit> {
        let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        if text.len() >= SHORT_BASE64.end && is_end(text.as_bytes().first()) && is_end(text.as_bytes().last()) {
            return Vec::new();
        }
        let trimmed = text.trim();
        if !may_be_short_base64(trimmed.as_bytes()) {
            return Vec::new();
        }
        let from = text.len() - text.trim_start().len();
        let decoded = base64::decode(trimmed.as_bytes()).unwrap_or_default();
        let edit = self.known_base64(text.as_bytes(), from..from + trimmed.len(), &decoded);
        edit.into_iter().collect()
    }

    fn known_base64(&mut self, bytes: &[u8], range: Range<usize>, decoded: &[u8]) -> Option<Edit> {
        if !self.pay(decoded.len()) {
            return None;
        }
        let walked = |walk: &mut Self| {
            walk.layer(Layer::Base64, |walk| walk.token_content(decoded))
                .unwrap_or_default()
        };
        let edits = self.known(walked);
        (!edits.is_empty()).then(|| Edit {
            with: base64::Alphabet::of(&bytes[range.clone()]).encode(&apply(decoded, edits)),
            range,
        })
    }

    /// What a word stands for, of which only known people count.
    pub(super) fn rare_word(&mut self, range: Range<usize>, decoded: &[u8], alphabet: Alphabet) -> Option<Edit> {
        if !self.pay(decoded.len()) {
            return None;
        }
        let walked = |walk: &mut Self| {
            walk.layer(alphabet.layer(), |walk| walk.leaf(decoded))
                .unwrap_or_default()
        };
        let edits = self.known(walked);
        (!edits.is_empty()).then(|| Edit {
            range,
            with: alphabet.encode(&apply(decoded, edits)),
        })
    }
}

/// Characters of base85 for so many bytes.
fn encoded_length(bytes: usize) -> usize {
    bytes / 4 * 5 + if bytes.is_multiple_of(4) { 0 } else { bytes % 4 + 1 }
}
