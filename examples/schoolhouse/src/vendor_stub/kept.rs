//! What the vendors keep: records by vendor, kind and number.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Asked;

type Key = (&'static str, String);

/// Records of all vendors. A kind is written with its vendor: `stripe customers`.
pub(super) struct Kept {
    only_says_so: bool,
    records: BTreeMap<Key, Value>,
    /// Deleted for now, and not for good.
    hidden: BTreeSet<Key>,
    /// Deleted for good.
    gone: BTreeSet<Key>,
    arrived: Vec<Value>,
    last: u64,
}

impl Kept {
    pub(super) fn new(only_says_so: bool) -> Self {
        Self {
            only_says_so,
            records: BTreeMap::new(),
            hidden: BTreeSet::new(),
            gone: BTreeSet::new(),
            arrived: Vec::new(),
            last: 1000,
        }
    }

    /// A number that nothing has yet.
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn keep(&mut self, kind: &'static str, id: &str, record: Value) {
        self.records.insert((kind, id.to_owned()), record);
    }

    /// A record that is there and not hidden.
    pub(super) fn get(&self, kind: &'static str, id: &str) -> Option<&Value> {
        let key = (kind, id.to_owned());
        self.records.get(&key).filter(|_| !self.hidden.contains(&key))
    }

    /// Records of a kind whose field is this; all of them for an empty field. With their numbers.
    pub(super) fn with(&self, kind: &'static str, field: &str, value: &str) -> Vec<(String, Value)> {
        let is = |record: &Value| field.is_empty() || record[field].as_str() == Some(value);
        let found = self
            .records
            .iter()
            .filter(|(key, record)| key.0 == kind && !self.hidden.contains(*key) && is(record));
        found.map(|(key, record)| (key.1.clone(), record.clone())).collect()
    }

    /// Takes a record out of sight; whether there was one. Only says so when that mistake is on.
    pub(super) fn hide(&mut self, kind: &'static str, id: &str) -> bool {
        let there = self.get(kind, id).is_some();
        if there && !self.only_says_so {
            self.hidden.insert((kind, id.to_owned()));
        }
        there
    }

    /// Deletes a record for good; whether there was one, hidden or not. Only says so when that mistake is on.
    pub(super) fn delete(&mut self, kind: &'static str, id: &str) -> bool {
        let key = (kind, id.to_owned());
        if self.only_says_so {
            return self.records.contains_key(&key);
        }
        self.hidden.remove(&key);
        let there = self.records.remove(&key).is_some();
        if there {
            self.gone.insert(key);
        }
        there
    }

    /// Whether there was one that was deleted for good.
    pub(super) fn is_gone(&self, kind: &'static str, id: &str) -> bool {
        self.gone.contains(&(kind, id.to_owned()))
    }

    pub(super) fn arrive(&mut self, vendor: &str, asked: &Asked) {
        let arrived = json!({
            "vendor": vendor,
            "method": asked.method.as_str(),
            "path": asked.path,
            "query": asked.query,
            "body": asked.body,
        });
        self.arrived.push(arrived);
    }

    /// Everything that is kept, by kind; what is hidden too.
    pub(super) fn rows(&self) -> Value {
        let mut kinds: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
        for ((kind, id), record) in &self.records {
            kinds.entry(kind).or_default().insert(id, record);
        }
        json!(kinds)
    }

    /// Every request, in order.
    pub(super) fn arrived(&self) -> Value {
        Value::Array(self.arrived.clone())
    }
}
