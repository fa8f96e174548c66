//! What values have the look of, counted: the detection room looks at each value, and only numbers are kept.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ElementId;
use averment_detect::{Directory, Limits, Message, inspect};

use super::{Column, Table};

/// Longest value that is looked at, bytes.
const VALUE_BYTES_MAX: usize = 1 << 20;

/// Looks at values, and forgets them.
pub struct Sampler<'a> {
    rows: u32,
    directory: &'a Directory,
    limits: Limits,
}

/// What the values of columns had the look of: numbers only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples {
    columns: BTreeMap<(String, String), ColumnSample>,
    unread: BTreeSet<String>,
}

/// One column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnSample {
    /// Values that were looked at, empty ones not counted.
    pub looked: u64,
    /// Values in which an element was found, by element; inside of JSON too.
    pub elements: BTreeMap<ElementId, u64>,
    /// Values with the shape of a password hash.
    pub hashes: u64,
}

/// What password hashes begin with: bcrypt, argon2, scrypt, crypt(3), Django's and Werkzeug's PBKDF2.
const HASH_SHAPES: [&[u8]; 10] = [
    b"$2a$",
    b"$2b$",
    b"$2y$",
    b"$argon2",
    b"$scrypt$",
    b"$5$",
    b"$6$",
    b"pbkdf2_",
    b"pbkdf2:",
    b"scrypt:",
];

impl<'a> Sampler<'a> {
    /// Looks at up to so many rows of each table, for people of `directory` and for what has the shape of an identifier.
    pub fn new(rows: u32, directory: &'a Directory) -> Self {
        Self {
            rows,
            directory,
            limits: Limits::default(),
        }
    }

    /// Rows of each table.
    pub fn rows(&self) -> u32 {
        self.rows
    }

    fn elements(&self, value: &[u8]) -> BTreeSet<ElementId> {
        let json = matches!(value.trim_ascii_start().first(), Some(b'{' | b'['));
        let kind: &[u8] = if json { b"application/json" } else { b"text/plain" };
        let message = Message {
            authority: "",
            target: "/",
            headers: &[("content-type", kind)],
            body: value,
        };
        let inspection = inspect(&message, self.directory, &self.limits);
        inspection.findings.into_iter().map(|finding| finding.element).collect()
    }
}

impl Samples {
    /// Looks at one value and counts what it has the look of.
    pub fn add(&mut self, sampler: &Sampler<'_>, table: &Table, column: &Column, value: &[u8]) {
        let value = &value[..value.len().min(VALUE_BYTES_MAX)];
        if value.trim_ascii().is_empty() {
            return;
        }
        let sample = self
            .columns
            .entry((table.name.clone(), column.name.clone()))
            .or_default();
        sample.looked += 1;
        sample.hashes += u64::from(HASH_SHAPES.iter().any(|shape| value.starts_with(shape)));
        for element in sampler.elements(value) {
            *sample.elements.entry(element).or_default() += 1;
        }
    }

    /// A table whose rows could not be read.
    pub fn not_read(&mut self, table: &str) {
        self.unread.insert(table.to_owned());
    }

    /// Tables whose rows could not be read.
    pub fn unread(&self) -> impl Iterator<Item = &str> {
        self.unread.iter().map(String::as_str)
    }

    /// One column; none when nothing was in it.
    pub fn of(&self, table: &str, column: &str) -> Option<&ColumnSample> {
        self.columns.get(&(table.to_owned(), column.to_owned()))
    }

    /// How many values were looked at.
    pub fn looked(&self) -> u64 {
        self.columns.values().map(|sample| sample.looked).sum()
    }
}

impl ColumnSample {
    /// The element that more than half of the values are, the most frequent first.
    pub fn mostly(&self) -> Option<(&ElementId, u64)> {
        let most = self
            .elements
            .iter()
            .max_by_key(|(id, count)| (**count, std::cmp::Reverse((*id).clone())));
        most.map(|(id, count)| (id, *count))
            .filter(|(_, count)| count * 2 > self.looked)
    }

    /// Whether more than half have the shape of a password hash.
    pub fn is_hashed(&self) -> bool {
        self.looked > 0 && self.hashes * 2 > self.looked
    }
}
