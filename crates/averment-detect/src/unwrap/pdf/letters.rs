//! From the codes of a PDF's strings to letters.

use std::collections::BTreeMap;

use crate::unwrap::charset::Charset;

/// Codes of a table that are kept.
const CODES_MAX: usize = 70_000;

/// A table of letters (`ToUnicode`): codes of one or two bytes.
pub(super) struct Letters {
    width: usize,
    codes: BTreeMap<u32, String>,
    /// Codes that were told, also those that were told before.
    told: usize,
}

impl Letters {
    /// The table in a stream; `None`: it holds none.
    pub(super) fn of(content: &[u8]) -> Option<Self> {
        let _ = memchr::memmem::find(content, b"beginbf")?;
        let text = String::from_utf8_lossy(content);
        let mut letters = Self {
            width: 0,
            codes: BTreeMap::new(),
            told: 0,
        };
        let mut rest = text.as_ref();
        while let Some(at) = rest.find("beginbf") {
            let ranges = rest[at..].starts_with("beginbfrange");
            let inside = &rest[at..];
            let end = inside.find("endbf").unwrap_or(inside.len());
            letters.section(&inside[..end], ranges);
            rest = &inside[end.max(1)..];
        }
        (!letters.codes.is_empty()).then_some(letters)
    }

    fn section(&mut self, section: &str, ranges: bool) {
        for line in section.lines() {
            let is_list = line.contains('[');
            let fields: Vec<&str> = line
                .split('<')
                .skip(1)
                .filter_map(|field| field.split('>').next())
                .collect();
            let code = |field: &str| u32::from_str_radix(field.trim(), 16).ok();
            // Several pairs may stand in one line.
            if !ranges {
                for pair in fields.chunks_exact(2) {
                    if let Some(from) = code(pair[0]) {
                        self.insert(pair[0], from, letters_of(pair[1]));
                    }
                }
            } else if let [first, last, to @ ..] = &fields[..]
                && let (Some(from), Some(last)) = (code(first), code(last))
            {
                for (step, number) in (from..=last.min(from.saturating_add(0xffff))).enumerate() {
                    let letters = match to {
                        _ if is_list => to.get(step).map(|to| letters_of(to)),
                        [to, ..] => Some(later(&letters_of(to), step)),
                        [] => None,
                    };
                    let Some(letters) = letters.filter(|_| self.told < CODES_MAX) else {
                        break;
                    };
                    self.insert(first, number, letters);
                }
            }
        }
    }

    fn insert(&mut self, digits: &str, code: u32, letters: String) {
        self.told += 1;
        if self.told < CODES_MAX {
            self.width = digits.trim().len().div_ceil(2).clamp(1, 2);
            self.codes.insert(code, letters);
        }
    }

    /// The text that these strings are with this table.
    pub(super) fn read(&self, shown: &[Vec<u8>]) -> String {
        let mut out = String::new();
        for piece in shown {
            match &piece[..] {
                [] => out.push(' '),
                [b'\n'] => out.push('\n'),
                piece => {
                    for code in piece.chunks(self.width.max(1)) {
                        let code = code.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
                        out.push_str(self.codes.get(&code).map_or("\u{fffd}", String::as_str));
                    }
                }
            }
        }
        out
    }
}

/// UTF-16BE in hexadecimal digits.
fn letters_of(digits: &str) -> String {
    let digits: Vec<u32> = digits.chars().filter_map(|c| c.to_digit(16)).collect();
    let units = digits
        .chunks(4)
        .map(|four| four.iter().fold(0, |unit, digit| unit * 16 + *digit) as u16);
    String::from_utf16_lossy(&units.collect::<Vec<u16>>())
}

/// `letters` with its last so many places later in Unicode.
fn later(letters: &str, step: usize) -> String {
    let mut letters = letters.to_owned();
    let last = letters.pop().map(u32::from).unwrap_or_default();
    let last = u32::try_from(step)
        .ok()
        .and_then(|step| char::from_u32(last.checked_add(step)?));
    letters.extend(last);
    letters
}

/// The text where codes are those of Windows-1252.
pub(super) fn windows(shown: &[Vec<u8>]) -> String {
    let piece = |piece: &Vec<u8>| {
        if piece.is_empty() {
            return " ".to_owned();
        }
        Charset::LATIN.decode(piece).text
    };
    shown.iter().map(piece).collect()
}

/// The text where codes are two bytes of UTF-16.
pub(super) fn utf_16(shown: &[Vec<u8>]) -> String {
    let mut out = String::new();
    for piece in shown {
        match &piece[..] {
            [] => out.push(' '),
            [b'\n'] => out.push('\n'),
            piece => {
                let units: Vec<u16> = piece
                    .as_chunks::<2>()
                    .0
                    .iter()
                    .map(|unit| u16::from_be_bytes(*unit))
                    .collect();
                out.push_str(&String::from_utf16_lossy(&units));
            }
        }
    }
    out
}
