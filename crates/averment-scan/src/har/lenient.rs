//! Values of a recording that may be of any kind: what is not as the format says is nothing, and never ends the reading.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::cap::CUT;

/// A text, at most `MAX` bytes of it; empty for anything else.
#[derive(Default, Clone)]
pub(super) struct Text<const MAX: usize = 65_536> {
    text: String,
    is_cut: bool,
}

impl<const MAX: usize> Text<MAX> {
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether something of it is missing.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    fn of(text: &str) -> Self {
        let (text, cut) = text.strip_suffix(CUT).map_or((text, false), |text| (text, true));
        let end = text.floor_char_boundary(MAX);
        Self {
            text: text[..end].to_owned(),
            is_cut: cut || end < text.len(),
        }
    }
}

/// An object; the default for anything else.
#[derive(Default)]
pub(super) struct Object<T>(pub(super) T);

/// The first `MAX` elements of a list; none for anything else.
pub(super) struct Few<T, const MAX: usize> {
    pub(super) items: Vec<T>,
    /// Elements that were left out.
    pub(super) more: usize,
}

impl<T, const MAX: usize> Default for Few<T, MAX> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            more: 0,
        }
    }
}

/// A whole number; none for anything else.
#[derive(Default, Clone, Copy)]
pub(super) struct Number(pub(super) Option<i64>);

/// What a kind of value gives; the default of the type unless said.
trait Lenient<'de>: Default {
    fn of_str(_: &str) -> Self {
        Self::default()
    }
    fn of_number(_: Option<i64>) -> Self {
        Self::default()
    }
    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        drain_map(map).map(|()| Self::default())
    }
    fn of_list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        drain_list(list).map(|_| Self::default())
    }
}

fn drain_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<usize, A::Error> {
    let mut drained = 0;
    while list.next_element::<IgnoredAny>()?.is_some() {
        drained += 1;
    }
    Ok(drained)
}

struct Any<T>(PhantomData<T>);

impl<'de, T: Lenient<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_str(text))
    }
    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::of_number(Some(number)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::of_number(i64::try_from(number).ok()))
    }
    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(map)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::of_list(list)
    }
}

impl<const MAX: usize> Lenient<'_> for Text<MAX> {
    fn of_str(text: &str) -> Self {
        Self::of(text)
    }
}

impl Lenient<'_> for Number {
    fn of_number(number: Option<i64>) -> Self {
        Self(number)
    }
}

impl<'de, T: Deserialize<'de> + Default> Lenient<'de> for Object<T> {
    fn of_map<A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Self)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Lenient<'de> for Few<T, MAX> {
    fn of_list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut few = Self::default();
        while few.items.len() < MAX {
            match list.next_element()? {
                Some(item) => few.items.push(item),
                None => return Ok(few),
            }
        }
        few.more = drain_list(list)?;
        Ok(few)
    }
}

macro_rules! deserialize_any {
    ([$($generics:tt)*] $type:ty) => {
        impl<'de, $($generics)*> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(Any(PhantomData))
            }
        }
    };
}

deserialize_any!([const MAX: usize] Text<MAX>);
deserialize_any!([] Number);
deserialize_any!([T: Deserialize<'de> + Default] Object<T>);
deserialize_any!([T: Deserialize<'de>, const MAX: usize] Few<T, MAX>);
