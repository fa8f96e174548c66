//! Redaction as a team would write it: a JSON tree, each word looked up among the people's identifiers, all that looks like
//! an e-mail address masked, and the tree written again. The same as `mitmproxy_addon.py` does.

use std::collections::HashSet;
use std::path::Path;

use serde_json::{Map, Value};

use crate::Failure;

const MASK: &str = "***";
/// A school or a role says nothing about one person; a birth year would match any number.
const NOT_IDENTIFYING: [&str; 3] = ["role", "birth_year", "school"];

/// Whom it knows.
pub struct Redactor {
    known: HashSet<String>,
}

impl Redactor {
    /// Every word of every identifying column, lower case. Words of one or two letters would match prose.
    pub fn read(people: &Path) -> Result<Self, Failure> {
        let mut reader = csv::Reader::from_path(people)?;
        let columns = reader.headers()?.clone();
        let mut known = HashSet::new();
        for record in reader.records() {
            let record = record?;
            let values = columns.iter().zip(record.iter());
            for (_, value) in values.filter(|(column, _)| !NOT_IDENTIFYING.contains(column)) {
                known.extend(words(value).filter(|word| word.len() > 2).map(str::to_lowercase));
            }
        }
        Ok(Self { known })
    }

    /// The body without identifiers.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn body(&self, body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.value(serde_json::from_slice(body)?))
    }

    fn value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.into_iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                let redacted = members
                    .into_iter()
                    .map(|(name, value)| (self.text(name), self.value(value)));
                Value::Object(redacted.collect::<Map<_, _>>())
            }
            other => other,
        }
    }

    fn text(&self, text: String) -> String {
        if !words(&text).any(|word| self.is_masked(word)) {
            return text;
        }
        let mut out = String::new();
        let mut rest = text.as_str();
        while let Some(begin) = rest.find(is_of_word) {
            let word = rest[begin..].split(|c| !is_of_word(c)).next().unwrap_or_default();
            out.push_str(&rest[..begin]);
            out.push_str(if self.is_masked(word) { MASK } else { word });
            rest = &rest[begin + word.len()..];
        }
        out + rest
    }

    fn is_masked(&self, word: &str) -> bool {
        let is_address = word
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        is_address || self.known.contains(word) || self.known.contains(&word.to_lowercase())
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c| !is_of_word(c)).filter(|word| !word.is_empty())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '.' | '+' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_addresses_are_masked_and_nothing_else() {
        let known = HashSet::from(["ada@school.example".to_owned(), "ada_l".to_owned()]);
        let redactor = Redactor { known };
        let body = r#"{"a":["ask Ada_L, or ADA@school.example","b@c.example."],"n":1,"p":"/lessons/7"}"#;
        let redacted = String::from_utf8(redactor.body(body.as_bytes()).unwrap()).unwrap();
        assert_eq!(redacted, r#"{"a":["ask ***, or ***","***"],"n":1,"p":"/lessons/7"}"#);
        assert!(redactor.body(b"no JSON").is_err());
    }
}
