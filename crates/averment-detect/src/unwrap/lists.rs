//! Bytes written as lists of numbers: `61 64 61`, `61:64:61`, `0x61, 0x64`, `[97,100,97]`, octal and binary.
//!
//! Start at [`lists`]. A list has at least four numbers with the same between them; what they stand for must be text.
//! One test over 64 positions at a time says that a stretch of text holds none, which is nearly always so.

use std::ops::Range;

use super::Walk;
use super::base64::is_readable;
use crate::Layer;
use crate::mask::{Kind, mask_at};
use crate::span::{Edit, apply};

/// Fewest numbers of a list, and fewest bytes of the text that it is or holds.
const NUMBERS_MIN: usize = 4;
const BYTES_MIN: usize = 5;
/// Longest gap between two numbers: a comma, a line end and an indentation.
const GAP_MAX: usize = 40;
/// Positions that are tested at once.
const BLOCK: usize = 64;

/// How the numbers of a list are written.
#[derive(Clone)]
pub(super) struct Spelling {
    radix: u32,
    /// Digits of each number; 0: as many as it needs.
    width: usize,
    prefix: Vec<u8>,
    gap: Vec<u8>,
    upper: bool,
    /// From -128 to 127.
    signed: bool,
}

/// Numbers that stand for text.
pub(super) struct List {
    pub(super) range: Range<usize>,
    pub(super) decoded: Vec<u8>,
    pub(super) spelling: Spelling,
}

/// Numbers as they stand, whatever they mean.
struct Numbers {
    /// The digits of each, without prefix.
    digits: Vec<Range<usize>>,
    prefix: Vec<u8>,
    gap: Vec<u8>,
}

/// The lists in `bytes` that stand for text.
pub(super) fn lists(bytes: &[u8]) -> Vec<List> {
    let mut found = Vec::new();
    let mut done = 0;
    for at in number_starts(bytes) {
        if at < done {
            continue;
        }
        let Some(numbers) = numbers(bytes, first_digit(bytes, at)) else {
            continue;
        };
        done = numbers.digits.last().map_or(at, |last| last.end);
        found.extend(texts(bytes, &numbers));
    }
    found
}

/// Positions behind whose separator a number of two to eight digits and another separator stand.
fn number_starts(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    positions(bytes, Signs::at, |base, here, next| {
        let both = |here: u64, next: u64| u128::from(here) | u128::from(next) << BLOCK;
        let separators = both(here.separators, next.separators);
        let digits = both(here.digits, next.digits);
        let begins = separators & digits >> 1 & digits >> 2;
        // Most blocks of a text end here.
        if begins & (separators >> 3 | separators >> 4 | separators >> 5 | separators >> 9) == 0 {
            return 0;
        }
        // Four digits are an octal number or `0x` and two, which begin with a zero, or two bytes; between hyphens they are
        // of a UUID.
        let zeros = both(mask_at::<Zero>(bytes, base), mask_at::<Zero>(bytes, base + BLOCK)) >> 1;
        let hyphens = both(mask_at::<Hyphen>(bytes, base), mask_at::<Hyphen>(bytes, base + BLOCK));
        let two_bytes = digits >> 3 & digits >> 4 & !hyphens;
        let four = separators >> 5 & (zeros | two_bytes);
        (begins & (separators >> 3 | separators >> 4 | four | separators >> 9)) as u64
    })
}

/// Positions from which on three groups of four bytes stand with a space between.
pub(super) fn group_starts(bytes: &[u8]) -> impl Iterator<Item = usize> + '_ {
    positions(bytes, mask_at::<Space>, |_, here, next| {
        let spaces = u128::from(here) | u128::from(next) << BLOCK;
        let four = !(spaces | spaces >> 1 | spaces >> 2 | spaces >> 3);
        (four & spaces >> 4 & four >> 5 & spaces >> 9 & four >> 10) as u64
    })
}

/// The positions that `found` gives as bits, for where a block starts and what `look` gives of its 64 bytes and of the 64
/// behind them.
fn positions<'b, S: Copy + 'b>(
    bytes: &'b [u8],
    look: impl Fn(&[u8], usize) -> S + 'b,
    found: impl Fn(usize, S, S) -> u64 + 'b,
) -> impl Iterator<Item = usize> + 'b {
    let (mut base, mut bits) = (0, 0_u64);
    let mut ahead = look(bytes, 0);
    std::iter::from_fn(move || {
        while bits == 0 {
            if base >= bytes.len() {
                return None;
            }
            let here = ahead;
            base += BLOCK;
            ahead = look(bytes, base);
            bits = found(base - BLOCK, here, ahead);
        }
        let at = base - BLOCK + bits.trailing_zeros() as usize;
        bits &= bits - 1;
        Some(at)
    })
}

/// Which of 64 bytes are what, one bit each.
#[derive(Clone, Copy)]
struct Signs {
    separators: u64,
    digits: u64,
}

impl Signs {
    fn at(bytes: &[u8], base: usize) -> Self {
        Self {
            separators: mask_at::<Separator>(bytes, base),
            digits: mask_at::<RadixDigit>(bytes, base),
        }
    }
}

/// What stands between numbers: , - . / : ; _ | and white space.
struct Separator;
/// Of any radix up to 16, or the `x` of a prefix.
struct RadixDigit;
struct Zero;
struct Hyphen;
struct Space;

impl Kind for Separator {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        is_separator(byte)
    }
}

impl Kind for RadixDigit {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        (byte.wrapping_sub(b'0') < 10) | ((byte | 0x20).wrapping_sub(b'a') < 6) | (byte == b'x')
    }
}

impl Kind for Zero {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        byte == b'0'
    }
}

impl Kind for Hyphen {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        byte == b'-'
    }
}

impl Kind for Space {
    #[inline(always)]
    fn is(byte: u8) -> bool {
        byte == b' '
    }
}

#[inline(always)]
fn is_separator(byte: u8) -> bool {
    // , - . / and : ;
    let mark = (byte.wrapping_sub(b',') < 4) | (byte.wrapping_sub(b':') < 2) | (byte == b'_') | (byte == b'|');
    mark | (byte == b' ') | (byte == b'\n') | (byte == b'\t')
}

/// Where the number begins that ends before the separator at `at`, or the next one.
fn first_digit(bytes: &[u8], at: usize) -> usize {
    let end = bytes[..at]
        .iter()
        .rev()
        .take(2)
        .take_while(|b| b.is_ascii_whitespace() || **b == b',')
        .count();
    let digits = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b'x' | b'X');
    let before = bytes[..at - end].iter().rev().take(BLOCK).take_while(digits).count();
    let start = at - end - before;
    let bounded = before > 0 && start.checked_sub(1).is_none_or(|at| !bytes[at].is_ascii_alphanumeric());
    if bounded { start } else { at + 1 }
}

/// The numbers from `at` on that are written alike. `None`: too few.
fn numbers(bytes: &[u8], at: usize) -> Option<Numbers> {
    // Most are too few: they are counted before anything is kept.
    let mut count = 0;
    each_number(bytes, at, |_, _| {
        count += 1;
        count < NUMBERS_MIN
    });
    if count < NUMBERS_MIN {
        return None;
    }
    let (mut all, mut between): (Vec<Range<usize>>, &[u8]) = (Vec::new(), b"");
    each_number(bytes, at, |digits, gap| {
        all.push(digits);
        between = gap;
        true
    });
    Some(Numbers {
        digits: all,
        prefix: prefix(&bytes[at..]).to_vec(),
        gap: between.to_vec(),
    })
}

/// Gives the digits of every number from `at` on that is written as the first, and the first gap, until `each` wants no
/// more.
fn each_number<'b>(bytes: &'b [u8], mut at: usize, mut each: impl FnMut(Range<usize>, &'b [u8]) -> bool) {
    let prefix = prefix(&bytes[at..]);
    let mut first_gap: Option<&[u8]> = None;
    while bytes.get(at..).is_some_and(|rest| rest.starts_with(prefix)) {
        let from = at + prefix.len();
        let length = bytes[from..]
            .iter()
            .take(9)
            .take_while(|b| b.is_ascii_hexdigit())
            .count();
        if length == 0 || length > 8 || bytes.get(from + length).is_some_and(u8::is_ascii_alphanumeric) {
            return;
        }
        let end = from + length;
        let gap = gap(&bytes[end..]);
        let first = *first_gap.get_or_insert(gap);
        if !each(from..end, first) || gap.is_empty() || !is_like(gap, first) {
            return;
        }
        at = end + gap.len();
    }
}

fn prefix(bytes: &[u8]) -> &[u8] {
    match bytes {
        [b'0', b'x' | b'X', ..] => &bytes[..2],
        _ => b"",
    }
}

/// What stands between two numbers.
fn gap(bytes: &[u8]) -> &[u8] {
    let length = bytes
        .iter()
        .take(GAP_MAX)
        .take_while(|b| is_separator(**b) || **b == b'\r')
        .count();
    &bytes[..length]
}

/// Whether two gaps have the same sign; white space may be a line end now and then.
fn is_like(gap: &[u8], first: &[u8]) -> bool {
    let signs = |gap: &[u8]| -> Option<u8> { gap.iter().copied().find(|b| !b.is_ascii_whitespace()) };
    gap == first || signs(gap) == signs(first) && gap.iter().filter(|b| !b.is_ascii_whitespace()).count() <= 1
}

/// What the numbers stand for in the first radix in which that is text. A word of hexadecimal letters or a count may
/// stand before a list, and anything behind it.
fn texts(bytes: &[u8], numbers: &Numbers) -> Vec<List> {
    let tries = if numbers.prefix.is_empty() {
        &TRIES[..]
    } else {
        &PREFIXED
    };
    // Digits alone may be of several radices: each reading is looked at.
    let of_skip = |skip: usize| -> Vec<List> {
        let lists = tries.iter().flat_map(|tried| of_radix(bytes, numbers, skip, *tried));
        lists.collect()
    };
    let skips = 0..=numbers.digits.len().min(SKIPPED_MAX);
    skips.map(of_skip).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Radix and width in digits of what is tried; 0: as many as a byte needs.
const TRIES: [(u32, usize); 6] = [(2, 8), (16, 2), (16, 4), (16, 8), (10, 0), (8, 3)];
const PREFIXED: [(u32, usize); 1] = [(16, 0)];

/// Numbers at the start of a list that may be no part of it.
const SKIPPED_MAX: usize = 2;

fn of_radix(bytes: &[u8], numbers: &Numbers, skip: usize, (radix, width): (u32, usize)) -> Vec<List> {
    let fits = |digits: &&Range<usize>| {
        let digits = &bytes[(*digits).clone()];
        let long = if width == 0 {
            digits.len() <= 3
        } else {
            digits.len() == width
        };
        long && digits.iter().all(|b| char::from(*b).is_digit(radix))
    };
    let count = numbers.digits[skip..].iter().take_while(fits).count();
    let digits = &numbers.digits[skip..skip + count];
    let bytes_of = |digits: &Range<usize>| bytes[digits.clone()].chunks(if width > 3 && radix == 16 { 2 } else { 8 });
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    // A number beyond a byte ends the list, as another width does.
    let decoded: Vec<u8> = digits.iter().flat_map(bytes_of).map_while(byte).collect();
    let per_number = if width > 3 && radix == 16 { width / 2 } else { 1 };
    if decoded.len() < BYTES_MIN || !decoded.len().is_multiple_of(per_number) {
        return Vec::new();
    }
    let is_upper = |digits: &Range<usize>| bytes[digits.clone()].iter().any(u8::is_ascii_uppercase);
    let spelling = Spelling {
        radix,
        width,
        prefix: numbers.prefix.clone(),
        gap: numbers.gap.clone(),
        upper: digits.iter().any(is_upper),
        signed: false,
    };
    let list = |part: Range<usize>, decoded: Vec<u8>| List {
        range: digits[part.start].start - numbers.prefix.len()..digits[part.end - 1].end,
        decoded,
        spelling: spelling.clone(),
    };
    if is_readable(&decoded) {
        return vec![list(0..decoded.len() / per_number, decoded)];
    }
    if per_number > 1 {
        return Vec::new();
    }
    readable_parts(&decoded)
        .into_iter()
        .map(|part| list(part.clone(), decoded[part].to_vec()))
        .collect()
}

/// The stretches of text in bytes that are none as a whole.
fn readable_parts(decoded: &[u8]) -> Vec<Range<usize>> {
    let is_clear = |b: &u8| matches!(b, b' '..=b'~' | 0x80.. | b'\t' | b'\r' | b'\n');
    let mut parts = Vec::new();
    let mut at = 0;
    for run in decoded.split(|b| !is_clear(b)) {
        if run.len() >= BYTES_MIN && std::str::from_utf8(run).is_ok() {
            parts.push(at..at + run.len());
        }
        at += run.len() + 1;
    }
    parts
}

impl Spelling {
    /// `bytes` as a list.
    fn encode(&self, bytes: &[u8]) -> Vec<u8> {
        let step = if self.radix == 16 { (self.width / 2).max(1) } else { 1 };
        let numbers: Vec<Vec<u8>> = bytes.chunks(step).map(|bytes| self.number(bytes)).collect();
        numbers.join(self.gap.as_slice())
    }

    fn number(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.prefix.clone();
        for byte in bytes {
            let text = match self.radix {
                2 => format!("{byte:08b}"),
                8 => format!("{byte:03o}"),
                16 if self.upper => format!("{byte:02X}"),
                16 => format!("{byte:02x}"),
                _ if self.signed => format!("{}", *byte as i8),
                _ => format!("{byte}"),
            };
            out.extend(text.into_bytes());
        }
        out
    }
}

/// The numbers of the JSON array whose first item is at `start`, as bytes, when they are text: `[97,100,97]`, also of
/// -128 to 127. `None`: they are not.
fn json_array(bytes: &[u8], start: usize) -> Option<List> {
    let (mut at, mut decoded, mut signed) = (start, Vec::new(), false);
    let mut gap: Option<&[u8]> = None;
    let end = loop {
        let minus = usize::from(bytes.get(at) == Some(&b'-'));
        let from = at + minus;
        let length = bytes[from..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        let number: i16 = std::str::from_utf8(&bytes[at..from + length]).ok()?.parse().ok()?;
        signed |= number < 0;
        decoded.push(
            u8::try_from(number)
                .ok()
                .or_else(|| i8::try_from(number).ok().map(|byte| byte as u8))?,
        );
        let end = from + length;
        let space = bytes[end..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        match bytes.get(end + space)? {
            b']' => break end,
            b',' => {}
            _ => return None,
        }
        let after = end + space + 1;
        let next = after + bytes[after..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        gap.get_or_insert(&bytes[end..next]);
        at = next;
    };
    let text = decoded.len() >= BYTES_MIN && is_readable(&decoded);
    text.then(|| List {
        range: start..end,
        decoded,
        spelling: Spelling {
            radix: 10,
            width: 0,
            prefix: Vec::new(),
            gap: gap.unwrap_or_default().to_vec(),
            upper: false,
            signed,
        },
    })
}

/// `"0":97,"1":100,…` behind the brace at `at`: what JavaScript makes of an array of bytes.
fn json_indexed(bytes: &[u8], at: usize) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    let mut rest = bytes.get(at..)?.trim_ascii_start();
    while let Some(after) = rest.strip_prefix(format!("\"{}\"", decoded.len()).as_bytes()) {
        let after = after.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let length = after.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        decoded.push(std::str::from_utf8(&after[..length]).ok()?.parse().ok()?);
        rest = after[length..].trim_ascii_start();
        match rest.split_first()? {
            (b',', after) => rest = after.trim_ascii_start(),
            _ => break,
        }
    }
    (decoded.len() >= BYTES_MIN && is_readable(&decoded)).then_some(decoded)
}

/// Bytes in a document of JSON.
pub(super) enum OfJson {
    Array(List),
    /// By their places; cannot be put back.
    Object(Vec<u8>),
}

/// The bytes that an array or object holds, which opens at `at`. What stands behind the bracket is looked at first, so
/// that others cost nothing.
pub(super) fn of_json(bytes: &[u8], at: usize) -> Option<OfJson> {
    let space = |b: &&u8| matches!(b, b' ' | b'\n' | b'\r' | b'\t');
    let inside = at + 1 + bytes[at + 1..].iter().take(GAP_MAX).take_while(space).count();
    match (bytes[at], bytes.get(inside)?) {
        (b'[', b'0'..=b'9' | b'-') => json_array(bytes, inside).map(OfJson::Array),
        (b'{', b'"') if bytes[inside..].starts_with(b"\"0\"") => json_indexed(bytes, inside).map(OfJson::Object),
        _ => None,
    }
}

impl Walk<'_> {
    /// The lists of numbers in `text`.
    pub(super) fn list_tokens(&mut self, text: &[u8]) -> Vec<Edit> {
        let mut edits = Vec::new();
        for list in lists(text) {
            edits.extend(self.list_token(list));
        }
        edits
    }

    fn list_token(&mut self, list: List) -> Option<Edit> {
        if !self.pay(list.decoded.len()) {
            return None;
        }
        let edits = self.layer(Layer::Numbers, |walk| walk.token_content(&list.decoded))?;
        (!edits.is_empty()).then(|| Edit {
            with: list.spelling.encode(&apply(&list.decoded, edits)),
            range: list.range,
        })
    }

    /// The bytes that an array or object of JSON holds.
    pub(super) fn json_numbers(&mut self, list: OfJson) -> Vec<Edit> {
        match list {
            OfJson::Array(list) => self.list_token(list).into_iter().collect(),
            OfJson::Object(decoded) => {
                if self.pay(decoded.len()) {
                    self.frozen(|walk| {
                        walk.layer(Layer::Numbers, |walk| walk.token_content(&decoded))
                            .unwrap_or_default()
                    });
                }
                Vec::new()
            }
        }
    }
}
