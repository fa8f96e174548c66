//! JSON in which no object has a member twice: what is said twice has two readings, and each reader picks one.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Whether `bytes` are one JSON text in which no object, at any depth, has a member twice.
pub(crate) fn says_nothing_twice(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Once>(bytes).is_ok()
}

/// Any value, of which nothing is kept.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Self;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON without a member twice")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    /// Numbers with a point or an exponent, and those beyond 64 bits, have another reading elsewhere.
    fn visit_f64<E: Error>(self, _: f64) -> Result<Self, E> {
        Err(E::custom("a number that is not whole"))
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        let mut met = HashSet::new();
        while let Some((name, _)) = members.next_entry::<String, Once>()? {
            if !met.insert(name) {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(self)
    }
}
