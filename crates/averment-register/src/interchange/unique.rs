//! JSON in which no table has a key twice.
//!
//! Start at [`parse`]. Of two values with one key a person reads the first and a program mostly the last, so a form with
//! both could say one thing and be another.
//!
//! Source: RFC 8259 section 4.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

/// `text` as one JSON value, at most 128 levels deep.
///
/// # Errors
/// The line, from 1, and what is wrong there.
pub(super) fn parse(text: &str) -> Result<Value, (usize, String)> {
    let parsed: Result<Unique, serde_json::Error> = serde_json::from_str(text);
    parsed.map(|Unique(value)| value).map_err(|error| {
        let reason = match error.classify() {
            Category::Data => format!("a field stands there twice, up to column {}", error.column()),
            _ => format!("not JSON at column {}", error.column()),
        };
        (error.line(), reason)
    })
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

/// Takes every value; refuses a second one for a key.
struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Unique(item)) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some((key, Unique(value))) = fields.next_entry::<String, Unique>()? {
            if all.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands there twice"));
            }
        }
        Ok(Value::Object(all))
    }
}
