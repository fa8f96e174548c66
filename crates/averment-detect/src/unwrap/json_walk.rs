//! Through a JSON document: every key, every string, every whole number, in place.
//!
//! Nothing is built and nothing serialised: white space, number spelling, key order and duplicate keys stay as they are.
//!
//! Source: RFC 8259.

use std::borrow::Cow;
use std::ops::Range;

use super::Walk;
use super::charset::Charset;
use super::escapes::is_mostly_text;
use super::json::{JsonFault, Numbers, are_lines, hex4, is_valid};
use super::names::{HalfName, NameField};
use super::seen::{Said, Seen};
use crate::directory::WordOf;
use crate::mask::{Finder, StringEnd};
use crate::matcher::Hint;
use crate::pointer::Step;
use crate::span::{Edit, SourceMap, shifted};
use crate::{Directory, Form, Inspection, Layer, UnreadableBecause};

/// How many JSON texts a body may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    One,
    /// One per line.
    Lines,
}

/// Shorter strings are nothing.
const STRING_MIN: usize = 3;

/// A level that is open.
enum Level {
    /// What the name of the field says that it is the value of.
    Array(Hint),
    /// Before a key, or between a value and the next key.
    ObjectKey,
    /// After a key, and what that says.
    ObjectValue(Said),
}

/// Where the walk through one document is.
struct Document<'b> {
    bytes: &'b [u8],
    /// The same.
    text: &'b str,
    open: Vec<Level>,
    /// Steps on the trail before this document, and what they say.
    base: usize,
    hint: Hint,
    /// How many of the open levels have their step on the trail. Most values are passed over, and need none.
    stepped: usize,
    /// Values in which nothing is.
    quiet: Seen<'b, ()>,
    names: Seen<'b, Said>,
    string_ends: Finder<'b, StringEnd>,
    /// What the last key says of the value that follows it.
    name: Option<NameField>,
    /// Halves of names in the objects that are open, outer ones first.
    halves: Vec<HalfName>,
    edits: Vec<Edit>,
}

impl Walk<'_> {
    /// A text that happens to be JSON, or lines of it, perhaps after a byte order mark. `None`: it is not.
    pub(super) fn json_text(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        let text = without_mark(bytes);
        let edits = self.json_sniffed(text)?;
        Some(shifted(edits, bytes.len() - text.len()))
    }

    fn json_sniffed(&mut self, bytes: &[u8]) -> Option<Vec<Edit>> {
        if !matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')) {
            return None;
        }
        match is_valid(bytes, self.limits.nesting_max, Numbers::WithNaN) {
            Ok(()) => self.layer(Layer::Json, |walk| walk.json_document(bytes)),
            Err(JsonFault::TooDeep) => {
                self.unreadable(UnreadableBecause::TooDeep);
                None
            }
            Err(JsonFault::Malformed) if are_lines(bytes, self.limits.nesting_max, Numbers::WithNaN) => self
                .layer(Layer::Json, |walk| {
                    walk.step(Step::Items, |walk| walk.json_document(bytes))
                }),
            Err(JsonFault::Malformed) => None,
        }
    }

    /// A body that says that it is JSON: what is not, is noted, and looked at as text.
    pub(super) fn json_declared(&mut self, bytes: &[u8], texts: Texts) -> Vec<Edit> {
        let text = without_mark(bytes);
        let nesting_max = self.limits.nesting_max;
        let edits = match is_valid(text, nesting_max, Numbers::Strict) {
            Ok(()) => self.layer(Layer::Json, |walk| walk.json_document(text)),
            Err(_) if texts == Texts::Lines && are_lines(text, nesting_max, Numbers::Strict) => self
                .layer(Layer::Json, |walk| {
                    walk.step(Step::Items, |walk| walk.json_document(text))
                }),
            Err(fault) => {
                self.unreadable(fault.because());
                let before = self.inspection.findings.len();
                self.frozen(|walk| walk.broken_json(text));
                // Its own character set, which it may not have: lenient readers would.
                if std::str::from_utf8(text).is_err() && is_mostly_text(text) {
                    self.also(before, |walk| {
                        walk.recoded(text, Charset::LATIN, |walk, text| walk.broken_json(text))
                    });
                }
                None
            }
        };
        shifted(edits.unwrap_or_default(), bytes.len() - text.len())
    }

    /// Text that is nearly JSON: its escapes are undone all the same, since a lenient reader would.
    fn broken_json(&mut self, bytes: &[u8]) -> Vec<Edit> {
        if is_valid(bytes, self.limits.nesting_max, Numbers::WithNaN).is_ok() {
            return self
                .layer(Layer::Json, |walk| walk.json_document(bytes))
                .unwrap_or_default();
        }
        if memchr::memchr(b'\\', bytes).is_some() {
            let (decoded, _) = unescaped(bytes);
            if self.pay(decoded.len()) {
                return self.raw(&decoded);
            }
        }
        self.raw(bytes)
    }

    /// Steps over a valid document, or several.
    fn json_document(&mut self, bytes: &[u8]) -> Vec<Edit> {
        // Valid documents are UTF-8.
        let Ok(text) = std::str::from_utf8(bytes) else {
            return Vec::new();
        };
        let mut document = Document {
            bytes,
            text,
            open: Vec::new(),
            base: self.trail.steps.len(),
            hint: self.trail.hint(),
            stepped: 0,
            quiet: Seen::new(bytes, ()),
            names: Seen::new(bytes, Said::NOTHING),
            string_ends: Finder::new(bytes),
            name: None,
            halves: Vec::new(),
            edits: Vec::new(),
        };
        self.json_values(&mut document);
        document.edits
    }

    fn json_values(&mut self, document: &mut Document<'_>) {
        let mut at = 0;
        while let Some(byte) = document.bytes.get(at) {
            match byte {
                b'"' => at = self.json_string(document, at + 1),
                b'{' | b'[' => self.json_open(document, at, *byte),
                b'}' | b']' => {
                    document.open.pop();
                    self.unstep(document, document.open.len());
                    if !document.halves.is_empty() {
                        self.json_names(document);
                    }
                }
                b',' => self.next_key(document),
                b'0'..=b'9' | b'-' => {
                    at = self.json_number(document, at);
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// A bracket opens. What stands behind it may be bytes.
    fn json_open(&mut self, document: &mut Document<'_>, at: usize, bracket: u8) {
        if let Some(list) = super::lists::of_json(document.bytes, at) {
            self.step_in(document);
            let edits = self.json_numbers(list);
            document.edits.extend(edits);
        }
        let level = match bracket {
            b'{' => Level::ObjectKey,
            _ => Level::Array(document.hint()),
        };
        document.open.push(level);
    }

    /// The full names in an object that has just closed.
    fn json_names(&mut self, document: &mut Document<'_>) {
        let level = document.open.len();
        let inside = document
            .halves
            .iter()
            .rev()
            .take_while(|half| half.level > level)
            .count();
        let halves = document.halves.split_off(document.halves.len() - inside);
        if halves.len() > 1 {
            self.step_in(document);
            let encode = |edit: Edit| Edit {
                range: edit.range,
                with: json_escaped(&edit.with),
            };
            let edits = self.full_names(&halves);
            document.edits.extend(edits.into_iter().map(encode));
        }
    }

    /// After a value: where it stood in an object, a key follows.
    fn next_key(&mut self, document: &mut Document<'_>) {
        if let Some(level @ Level::ObjectValue(..)) = document.open.last_mut() {
            *level = Level::ObjectKey;
            self.unstep(document, document.open.len() - 1);
        }
    }

    /// Puts the steps of all open levels on the trail.
    fn step_in(&mut self, document: &mut Document<'_>) {
        for level in &document.open[document.stepped..] {
            self.trail.steps.push(match level {
                Level::ObjectValue(said) => said.step(),
                Level::Array(_) | Level::ObjectKey => Step::Items,
            });
        }
        document.stepped = document.open.len();
    }

    /// Takes the steps of levels beyond `level` off the trail.
    fn unstep(&mut self, document: &mut Document<'_>, level: usize) {
        if document.stepped > level {
            document.stepped = level;
            self.trail.steps.truncate(document.base + level);
        }
    }

    /// A key or a value whose first character is at `start`; gives the position of its last sign: the quote that closes it, or
    /// the colon behind that.
    fn json_string(&mut self, document: &mut Document<'_>, start: usize) -> usize {
        let (end, spelled) = document.string_end(start);
        if let Some(Level::ObjectKey) = document.open.last() {
            self.json_key(document, start..end, spelled);
            // What follows a key in most documents; white space is stepped over.
            return end + usize::from(document.bytes.get(end + 1) == Some(&b':'));
        }
        self.json_value(document, start..end, spelled);
        end
    }

    fn json_key(&mut self, document: &mut Document<'_>, range: Range<usize>, spelled: Spelled) {
        let said = document.key(&range);
        if said.is_quiet {
            self.inspection.bytes_read += range.len() as u64;
        } else if self.is_quiet(document, range.clone(), spelled, Some(WordOf::Name))
            && let Some(said) = document.names.get(&range)
        {
            said.is_quiet = true;
        }
    }

    fn json_value(&mut self, document: &mut Document<'_>, range: Range<usize>, spelled: Spelled) {
        if let Some(field) = document.name.take() {
            document.half_name(field, range.clone(), spelled);
        }
        let hint = document.hint();
        let short = range.len() < STRING_MIN && spelled == Spelled::Plain;
        let is_nobodys = |string| spelled == Spelled::Plain && self.is_nobodys(string);
        let is_known =
            hint == Hint::None && (is_nobodys(&document.bytes[range.clone()]) || document.quiet.get(&range).is_some());
        if short || is_known {
            self.inspection.bytes_read += range.len() as u64;
            return;
        }
        let what = (hint == Hint::None).then_some(WordOf::Value);
        if self.is_quiet(document, range.clone(), spelled, what) && what.is_some() {
            document.quiet.keep(&range, ());
        }
    }

    /// Looks at a string; whether nothing is in it, and never will be. `what`: what it is where no name says anything of it.
    fn is_quiet(
        &mut self,
        document: &mut Document<'_>,
        range: Range<usize>,
        spelled: Spelled,
        what: Option<WordOf>,
    ) -> bool {
        let (text, string) = (document.text, &document.bytes[range.clone()]);
        let before = self.noted();
        let look = |walk: &mut Self| {
            walk.step_in(document);
            walk.json_leaf(text, range.clone(), spelled)
        };
        let edits = self.unless_met(string, what.filter(|_| spelled == Spelled::Plain), look);
        document.edits.extend(edits);
        // A document in a string may be too deep, and is noted at each of its places.
        let is_document = matches!(document.bytes[range].trim_ascii_start(), [b'{' | b'[', ..]);
        self.noted() == before && !is_document
    }

    /// What changes when a look finds, notes or decodes something.
    pub(super) fn noted(&self) -> (usize, usize, usize, u32) {
        let Inspection {
            findings,
            unreadable,
            own_mailboxes,
            ..
        } = &self.inspection;
        (findings.len(), unreadable.len(), self.budget, *own_mailboxes)
    }

    fn json_leaf(&mut self, document: &str, range: Range<usize>, spelled: Spelled) -> Vec<Edit> {
        let inside = document.get(range.clone()).unwrap_or_default();
        if spelled == Spelled::Plain {
            let edits = self.text(inside);
            if edits.is_empty() {
                return edits;
            }
            let encode = |edit: Edit| Edit {
                range: edit.range,
                with: json_escaped(&edit.with),
            };
            return shifted(edits.into_iter().map(encode).collect(), range.start);
        }
        let (decoded, map) = unescaped(inside.as_bytes());
        if !self.pay(decoded.len()) {
            return Vec::new();
        }
        let edits = self.leaf(&decoded);
        shifted(map.back(edits, json_escaped), range.start)
    }

    /// A whole number may be somebody's number, also where a float was made of it on the way. Gives its end.
    fn json_number(&mut self, document: &mut Document<'_>, start: usize) -> usize {
        let range = start..start + number_length(&document.bytes[start..]);
        let digits = &document.bytes[range.clone()];
        if is_looked_at(digits) {
            let hint = if digits.len() >= 10 {
                document.hint()
            } else {
                Hint::None
            };
            if hint == Hint::None && !may_be_known_number(digits, self.directory) {
                self.inspection.bytes_read += range.len() as u64;
            } else {
                self.step_in(document);
                let edits = self.json_digits(document.bytes, range.clone(), hint);
                document.edits.extend(edits);
            }
        } else if digits.iter().any(|b| matches!(b, b'.' | b'e' | b'E'))
            && let Some(whole) = whole_number(digits)
        {
            self.step_in(document);
            let edits = self.matched(&whole, document.hint());
            let quoted = |edit: Edit| Edit {
                range: range.clone(),
                with: [b"\"".as_slice(), &json_escaped(&edit.with), b"\""].concat(),
            };
            document.edits.extend(edits.into_iter().next().map(quoted));
        }
        range.end
    }

    /// What replaces a number is a string.
    fn json_digits(&mut self, bytes: &[u8], range: Range<usize>, hint: Hint) -> Vec<Edit> {
        let Ok(text) = std::str::from_utf8(&bytes[range.clone()]) else {
            return Vec::new();
        };
        let edits = self.matched(text, hint);
        let quoted = |edit: Edit| Edit {
            range: edit.range,
            with: [b"\"".as_slice(), &json_escaped(&edit.with), b"\""].concat(),
        };
        shifted(edits.into_iter().map(quoted).collect(), range.start)
    }
}

/// How a string is spelled.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelled {
    Plain,
    /// With escapes.
    Escaped,
}

impl Document<'_> {
    /// The closing quote of the string whose first character is at `start`.
    fn string_end(&mut self, start: usize) -> (usize, Spelled) {
        let (mut at, mut spelled) = (start, Spelled::Plain);
        loop {
            at = self.string_ends.next(at).unwrap_or(self.bytes.len());
            if self.bytes.get(at) != Some(&b'\\') {
                return (at, spelled);
            }
            spelled = Spelled::Escaped;
            at += 2;
        }
    }

    /// Keeps the value at `range` as a half of a name.
    fn half_name(&mut self, field: NameField, range: Range<usize>, spelled: Spelled) {
        let Some(Level::ObjectValue(said)) = self.open.last() else {
            return;
        };
        let step = said.step();
        let inside = &self.bytes[range.clone()];
        let value = match spelled {
            Spelled::Plain => inside.into(),
            Spelled::Escaped => Cow::from(unescaped(inside).0),
        };
        let level = self.open.len();
        self.halves.extend(HalfName::new(field, step, &value, range, level));
    }

    /// Takes the key of the value that follows.
    fn key(&mut self, range: &Range<usize>) -> Said {
        let said = match self.names.get(range) {
            Some(said) => *said,
            None => {
                let said = Said::by(&self.bytes[range.clone()]);
                self.names.keep(range, said);
                said
            }
        };
        self.name = if said.is_half_name {
            NameField::of(&self.bytes[range.clone()])
        } else {
            None
        };
        if let Some(level) = self.open.last_mut() {
            *level = Level::ObjectValue(said);
        }
        said
    }

    /// What the name of the field says about its value.
    fn hint(&self) -> Hint {
        match self.open.last() {
            Some(Level::Array(hint)) => *hint,
            Some(Level::ObjectValue(said)) => said.hint,
            Some(Level::ObjectKey) | None => self.hint,
        }
    }
}

/// Whether a number may be somebody's as it stands: 5 to 64 digits and nothing else.
fn is_looked_at(number: &[u8]) -> bool {
    (5..=64).contains(&number.len()) && number.iter().all(u8::is_ascii_digit)
}

/// Whether the directory may know a number of JSON, which begins with no zero, as an account's or a telephone's.
fn may_be_known_number(digits: &[u8], directory: &Directory) -> bool {
    let token = directory.token_key().hash(digits);
    [Form::Word, Form::Phone]
        .iter()
        .any(|form| directory.filter(*form).passes(token))
}

/// `bytes` without the byte order mark of UTF-8.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// The digits of `12065550100.0` or `1.2065550100e10`, when there are 5 to 20 of them.
fn whole_number(number: &[u8]) -> Option<String> {
    let number = std::str::from_utf8(number).ok().filter(|number| number.len() <= 64)?;
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.trim_start_matches('+').parse().ok()?),
        None => (number, 0_usize),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let zeros = exponent.checked_sub(fraction.len()).filter(|zeros| *zeros <= 20)?;
    let digits = [whole, fraction, &"0".repeat(zeros)].concat();
    let digits = digits.trim_start_matches('0');
    let plain = (5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    (plain && digits != number).then(|| digits.to_owned())
}

fn number_length(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E'))
        .count()
}

/// The inside of a JSON string, escapes undone. Half a surrogate pair becomes U+FFFD.
pub(crate) fn unescaped(bytes: &[u8]) -> (Vec<u8>, SourceMap) {
    let mut out = Vec::with_capacity(bytes.len());
    let mut map = SourceMap::default();
    let mut at = 0;
    while at < bytes.len() {
        let plain = memchr::memchr(b'\\', &bytes[at..]).unwrap_or(bytes.len() - at);
        if plain > 0 {
            map.verbatim(out.len(), at);
            out.extend_from_slice(&bytes[at..at + plain]);
            at += plain;
            continue;
        }
        map.escape(out.len(), at);
        if let Some((byte, length)) = byte_escape(&bytes[at..]) {
            out.push(byte);
            at += length;
            continue;
        }
        let (character, length) = escape(&bytes[at..]);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        at += length;
    }
    map.end(bytes.len());
    (out, map)
}

/// `\xXX`, `\x{X}` and `\OOO`, which are none in JSON, but in the strings of many languages. Gives the length, too.
fn byte_escape(bytes: &[u8]) -> Option<(u8, usize)> {
    let digit = |at: usize, radix| char::from(*bytes.get(at)?).to_digit(radix);
    if let [_, b'x', b'{', high, low, b'}', ..] = bytes {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        return Some((u8::try_from(digit(high)? * 16 + digit(low)?).ok()?, 6));
    }
    if bytes.get(1) == Some(&b'x') {
        return Some((u8::try_from(digit(2, 16)? * 16 + digit(3, 16)?).ok()?, 4));
    }
    let octal = digit(1, 8)? * 64 + digit(2, 8)? * 8 + digit(3, 8)?;
    Some((u8::try_from(octal).ok()?, 4))
}

fn escape(bytes: &[u8]) -> (char, usize) {
    let character = match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u' | b'U') => return unicode_escape(bytes),
        Some(other) if other.is_ascii() => char::from(*other),
        _ => return ('\\', 1),
    };
    (character, 2)
}

/// `\uXXXX`, in pairs where need be, `\u{X…}` and `\UXXXXXXXX`.
fn unicode_escape(bytes: &[u8]) -> (char, usize) {
    if let Some(long) = long_unicode_escape(bytes) {
        return long;
    }
    let Some(high) = hex4(bytes, 2) else { return ('u', 2) };
    let low = if bytes.get(6..8) == Some(b"\\u") {
        hex4(bytes, 8)
    } else {
        None
    };
    match (high, low) {
        (0xd800..=0xdbff, Some(low @ 0xdc00..=0xdfff)) => {
            let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12)
        }
        _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), 6),
    }
}

fn long_unicode_escape(bytes: &[u8]) -> Option<(char, usize)> {
    let (from, length, end) = match bytes.get(1..3)? {
        b"u{" => {
            let length = bytes[3..].iter().take(6).take_while(|b| b.is_ascii_hexdigit()).count();
            (3, length, usize::from(bytes.get(3 + length) == Some(&b'}')))
        }
        [b'U', _] => (2, 8, 1),
        _ => return None,
    };
    let digits = std::str::from_utf8(bytes.get(from..from + length)?).ok()?;
    let character = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    let braces = usize::from(from == 3);
    (end == 1).then_some((character, from + length + braces))
}

/// Bytes for the inside of a JSON string.
pub(crate) fn json_escaped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', *byte]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0..=0x1f => out.extend(format!("\\u{byte:04x}").into_bytes()),
            _ => out.push(*byte),
        }
    }
    out
}
