//! Files in a text between `begin 644 name` and `end`.
//!
//! Source: IEEE Std 1003.1-2017, `uuencode`.

use super::Walk;
use crate::Layer;

/// Longest name of a file, with what stands before it, bytes.
const NAME_MAX: usize = 300;
/// Most bytes of a line.
const LINE_MAX: usize = 45;

/// What the lines from the start of `bytes` stand for. `None`: one is none, or there is none.
fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for line in bytes.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let (first, letters) = line.split_first()?;
        let count = value(*first)?;
        if count == 0 {
            return (!out.is_empty()).then_some(out);
        }
        if count > LINE_MAX {
            return None;
        }
        let mut content = Vec::with_capacity(count + 2);
        for group in 0..count.div_ceil(3) {
            // Spaces at the end of a line are often lost.
            let letter = |place: usize| letters.get(group * 4 + place).map_or(Some(0), |letter| value(*letter));
            let bits = (0..4).try_fold(0, |bits, place| Some(bits << 6 | letter(place)?))?;
            content.extend_from_slice(&(bits as u32).to_be_bytes()[1..]);
        }
        out.extend_from_slice(&content[..count]);
    }
    None
}

fn value(letter: u8) -> Option<usize> {
    match letter {
        b'`' => Some(0),
        b' '..=b'_' => Some(usize::from(letter - b' ')),
        _ => None,
    }
}

/// Where the lines begin behind `begin 644 name`.
fn content_of(bytes: &[u8], at: usize) -> Option<usize> {
    let head = &bytes[at + b"begin ".len()..];
    let mode = head.iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let line = memchr::memchr(b'\n', &head[..head.len().min(NAME_MAX)])?;
    (mode >= 3 && head.get(mode) == Some(&b' ')).then_some(at + b"begin ".len() + line + 1)
}

impl Walk<'_> {
    /// The files in a text. What is found in one cannot be put back.
    pub(super) fn uuencoded(&mut self, bytes: &[u8]) {
        let starts: Vec<usize> = memchr::memmem::find_iter(bytes, b"begin ").collect();
        let mut done = 0;
        for at in starts {
            let Some(start) = content_of(bytes, at).filter(|start| *start >= done) else {
                continue;
            };
            if let Some(content) = decoded(&bytes[start..]) {
                done = start + content.len();
                if self.pay(content.len()) {
                    self.frozen(|walk| {
                        walk.layer(Layer::Uuencode, |walk| walk.sniffed(&content))
                            .unwrap_or_default()
                    });
                }
            }
        }
    }
}
