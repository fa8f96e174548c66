//! The document of a recording as a stream: each request is taken as soon as it is read, and forgotten.

use std::fmt;
use std::io::Read;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cap::Capped;
use super::entry::Recording;
use super::lenient::Object;
use super::model::{Entry, Page};

/// Reads `source` to its end or its first fault; gives the bytes that were read.
pub(super) fn read(source: impl Read, name: &str, recording: &mut Recording<'_, '_>) -> u64 {
    let mut capped = Capped::new(source);
    let mut found = Found(false);
    let mut parser = serde_json::Deserializer::from_reader(&mut capped);
    let document = Level::Document(recording, &mut found);
    let done = document.deserialize(&mut parser).and_then(|()| parser.end());
    match done {
        Err(error) => recording.unread(name, &reason(&error)),
        Ok(()) if !found.0 => recording.unread(name, "no recording: expected an object with `log.entries`"),
        Ok(()) => {}
    }
    capped.bytes
}

/// Where and why, without a word of what stands there.
fn reason(error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Io => {
            let told = error.to_string();
            let told = told.split(" at line ").next().unwrap_or_default();
            format!("stopped: {}", super::mask::plain_words(told))
        }
        serde_json::error::Category::Eof => format!("ends too early, at {place}"),
        serde_json::error::Category::Syntax => format!("not JSON at {place}"),
        serde_json::error::Category::Data => format!("not a recording at {place}"),
    }
}

/// Whether a list of entries was there.
struct Found(bool);

/// Where in the document the parser is.
enum Level<'r, 'l, 'g> {
    Document(&'r mut Recording<'l, 'g>, &'r mut Found),
    Log(&'r mut Recording<'l, 'g>, &'r mut Found),
    Pages(&'r mut Recording<'l, 'g>),
    Entries(&'r mut Recording<'l, 'g>),
}

impl<'de> DeserializeSeed<'de> for Level<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a recording")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (recording, found, inside) = match self {
            Self::Document(recording, found) => (recording, found, false),
            Self::Log(recording, found) => (recording, found, true),
            Self::Pages(_) | Self::Entries(_) => return Err(A::Error::custom("expected a list")),
        };
        while let Some(key) = map.next_key::<Key>()? {
            match (inside, key) {
                (false, Key::Log) => map.next_value_seed(Level::Log(recording, found))?,
                (true, Key::Pages) => map.next_value_seed(Level::Pages(recording))?,
                (true, Key::Entries) => {
                    found.0 = true;
                    map.next_value_seed(Level::Entries(recording))?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        match self {
            Self::Pages(recording) => {
                while let Some(page) = list.next_element::<Object<Page>>()? {
                    recording.page(&page.0);
                }
            }
            Self::Entries(recording) => {
                while let Some(entry) = list.next_element::<Object<Entry>>()? {
                    recording.entry(&entry.0);
                }
            }
            Self::Document(..) | Self::Log(..) => return Err(A::Error::custom("expected an object")),
        }
        Ok(())
    }
}

/// The names that matter; all others are one.
enum Key {
    Log,
    Pages,
    Entries,
    Other,
}

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl Visitor<'_> for Names {
            type Value = Key;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                Ok(match name {
                    "log" => Key::Log,
                    "pages" => Key::Pages,
                    "entries" => Key::Entries,
                    _ => Key::Other,
                })
            }
        }
        deserializer.deserialize_str(Names)
    }
}
