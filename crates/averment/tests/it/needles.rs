//! Every identifier of the example people, in every spelling and encoding that somebody could have left behind.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;

use crate::world::root;

/// Columns of the people file that say who somebody is.
const NAMES: [&str; 2] = ["full_name", "guardian_name"];
const NUMBERS: [&str; 2] = ["phone", "guardian_phone"];
const WORDS: [&str; 5] = ["id", "email", "username", "guardian_email", "student_number"];

/// One spelling of one identifier.
struct Needle {
    /// Which, without its value, e.g. `email in line 2 as base64`.
    label: String,
    finder: Finder<'static>,
    letters: Letters,
}

/// How letters are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    AnyCase,
    AsTheyAre,
}

/// All needles.
pub(crate) struct Needles(Vec<Needle>);

impl Needles {
    /// Of `examples/people.csv`.
    pub(crate) fn of_example_people() -> Self {
        let people = std::fs::read_to_string(root().join("examples/people.csv")).expect("the example people");
        let mut lines = people.lines();
        let columns: Vec<&str> = lines.next().expect("a heading").split(',').collect();
        let mut needles = Self(Vec::new());
        for (row, line) in lines.enumerate() {
            for (column, value) in columns
                .iter()
                .zip(line.split(','))
                .filter(|(_, value)| !value.is_empty())
            {
                needles.add(&format!("{column} in line {}", row + 2), column, value);
            }
        }
        needles
    }

    /// What is found in `haystack`.
    pub(crate) fn found_in(&self, haystack: &[u8]) -> Vec<&str> {
        let lower = haystack.to_ascii_lowercase();
        let found = self.0.iter().filter(|needle| {
            let haystack = if needle.letters == Letters::AnyCase {
                &lower
            } else {
                haystack
            };
            needle.finder.find(haystack).is_some()
        });
        found.map(|needle| needle.label.as_str()).collect()
    }

    fn add(&mut self, label: &str, column: &str, value: &str) {
        let spellings = match column {
            _ if NAMES.contains(&column) => spellings_of_name(value),
            _ if NUMBERS.contains(&column) => spellings_of_number(value),
            _ if WORDS.contains(&column) => vec![value.to_owned()],
            // Role, year of birth and school say nothing about who it is.
            _ => return,
        };
        for spelling in spellings {
            self.add_encodings(label, &spelling);
        }
    }

    fn add_encodings(&mut self, label: &str, value: &str) {
        let lower = value.to_lowercase();
        for plain in [lower.clone(), without_accents(&lower)] {
            self.push(label, "plain", Letters::AnyCase, plain.as_bytes());
            self.push(label, "percent", Letters::AnyCase, percent(&plain).as_bytes());
            self.push(label, "escaped", Letters::AnyCase, escaped(&plain).as_bytes());
        }
        for bytes in [value.as_bytes(), lower.as_bytes()] {
            self.push(label, "hex", Letters::AnyCase, hex(bytes).as_bytes());
            self.push(label, "numbers", Letters::AnyCase, numbers(bytes).as_bytes());
            for shift in 0..3 {
                let (standard, url) = (STANDARD_NO_PAD, URL_SAFE_NO_PAD);
                self.push(
                    label,
                    "base64",
                    Letters::AsTheyAre,
                    inside_base64(&standard, bytes, shift).as_bytes(),
                );
                self.push(
                    label,
                    "base64url",
                    Letters::AsTheyAre,
                    inside_base64(&url, bytes, shift).as_bytes(),
                );
            }
        }
    }

    fn push(&mut self, label: &str, form: &str, letters: Letters, bytes: &[u8]) {
        if self
            .0
            .iter()
            .any(|known| known.letters == letters && known.finder.needle() == bytes)
        {
            return;
        }
        let finder = Finder::new(bytes).into_owned();
        self.0.push(Needle {
            label: format!("{label} as {form}"),
            finder,
            letters,
        });
    }
}

/// As written, with other separators, turned round, and the family name alone.
fn spellings_of_name(name: &str) -> Vec<String> {
    let words: Vec<&str> = name.split(' ').collect();
    let family = words.last().expect("a name has words");
    let joined = [" ", "+", "-", "_", ".", ""].map(|separator| words.join(separator));
    let turned = format!("{family}, {}", words[..words.len() - 1].join(" "));
    joined.into_iter().chain([turned, (*family).to_owned()]).collect()
}

/// As written, the bare digits with and without country, and the local part with any separator.
fn spellings_of_number(number: &str) -> Vec<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let local = &digits[digits.len() - 7..];
    let separated = [" ", "-", ".", "+", ""].map(|separator| [&local[..3], &local[3..]].join(separator));
    separated
        .into_iter()
        .chain([number.to_owned(), digits[1..].to_owned(), digits])
        .collect()
}

fn without_accents(text: &str) -> String {
    text.replace('á', "a").replace('é', "e").replace('ö', "o")
}

fn percent(text: &str) -> String {
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let bytes = text.bytes().map(|byte| {
        if kept(byte) {
            (byte as char).to_string()
        } else {
            format!("%{byte:02x}")
        }
    });
    bytes.collect()
}

/// As JSON without letters beyond ASCII.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                format!("\\u{:04x}", c as u32)
            }
        })
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As `{:?}` prints bytes.
fn numbers(bytes: &[u8]) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// The characters that stand for `bytes` and nothing else, `shift` bytes into a group of three.
fn inside_base64(alphabet: &impl base64::Engine, bytes: &[u8], shift: usize) -> String {
    let padded = [&vec![0; shift][..], bytes].concat();
    let encoded = alphabet.encode(&padded);
    let (first, end) = ((shift * 8).div_ceil(6), padded.len() * 8 / 6);
    encoded[first..end].to_owned()
}

#[test]
fn finds_what_was_left_behind() {
    let needles = Needles::of_example_people();
    let left_behind = [
        "Mail=MAYA.Lindqvist@birch.example",
        "?mail=maya.lindqvist%40birch.example",
        r#"{"name":"Tom\u00e1s Okafor"}"#,
        "TOMAS OKAFOR",
        "call (202) 555-0146",
        "to=%2B1+202+555+0146",
        "6d6179615f6275696c6473",
        "[109, 97, 121, 97, 95, 98, 117, 105, 108, 100, 115]",
        "about S-10421:",
        "no. 4810227",
    ];
    for text in left_behind {
        assert!(!needles.found_in(text.as_bytes()).is_empty(), "{text}");
    }
    for before in ["", "{", "{\"", "{\"e"] {
        let text = STANDARD_NO_PAD.encode(format!("{before}maya.lindqvist@birch.example\"}}"));
        assert!(!needles.found_in(text.as_bytes()).is_empty(), "{text}");
    }
    assert_eq!(
        needles.found_in(b"Birch Elementary has 12 people; entry 10421, port 2041"),
        Vec::<&str>::new()
    );
}
