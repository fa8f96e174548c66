//! Texts that come again and again, each kept once and named by a number.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Transaction};

use super::IndexError;

/// Texts kept in memory; beyond that they are looked up anew.
const KEPT_MAX: usize = 100_000;

/// One table of texts.
pub(super) struct Texts {
    find: &'static str,
    put: &'static str,
    known: HashMap<String, i64>,
}

impl Texts {
    pub(super) fn words() -> Self {
        Self::of(
            "select id from word where text = ?1",
            "insert into word (text) values (?1)",
        )
    }

    pub(super) fn schools() -> Self {
        Self::of(
            "select id from school where text = ?1",
            "insert into school (text) values (?1)",
        )
    }

    pub(super) fn shapes() -> Self {
        Self::of(
            "select id from shape where json = ?1",
            "insert into shape (json) values (?1)",
        )
    }

    fn of(find: &'static str, put: &'static str) -> Self {
        let known = HashMap::new();
        Self { find, put, known }
    }

    /// The number of `text`, which is given one where it has none.
    pub(super) fn number(&mut self, transaction: &Transaction<'_>, text: &str) -> Result<i64, IndexError> {
        if let Some(number) = self.known.get(text) {
            return Ok(*number);
        }
        let found = transaction
            .prepare_cached(self.find)?
            .query_row([text], |row| row.get(0));
        let number = match found.optional()? {
            Some(number) => number,
            None => transaction.prepare_cached(self.put)?.insert([text])?,
        };
        if self.known.len() >= KEPT_MAX {
            self.known.clear();
        }
        self.known.insert(text.to_owned(), number);
        Ok(number)
    }
}
