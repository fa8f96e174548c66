//! What travels to and from a database.

use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::StoreError;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Number(i64),
    Flag(bool),
    Text(String),
    Time(Timestamp),
    Day(Date),
}

/// One row, by the names of its columns.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(super) names: Rc<[String]>,
    pub(super) values: Vec<Value>,
}

impl Row {
    fn value(&self, name: &str) -> Result<&Value, StoreError> {
        let at = self.names.iter().position(|known| known == name);
        at.and_then(|at| self.values.get(at)).ok_or_else(|| wrong(name))
    }

    /// The number in the first column.
    pub(super) fn first(&self) -> Result<i64, StoreError> {
        match self.values.first() {
            Some(Value::Number(number)) => Ok(*number),
            _ => Err(wrong("first")),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<String, StoreError> {
        self.maybe_text(name)?.ok_or_else(|| wrong(name))
    }

    pub(crate) fn maybe_text(&self, name: &str) -> Result<Option<String>, StoreError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.clone())),
            _ => Err(wrong(name)),
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<i64, StoreError> {
        self.maybe_number(name)?.ok_or_else(|| wrong(name))
    }

    pub(crate) fn maybe_number(&self, name: &str) -> Result<Option<i64>, StoreError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Number(number) => Ok(Some(*number)),
            _ => Err(wrong(name)),
        }
    }

    pub(crate) fn flag(&self, name: &str) -> Result<bool, StoreError> {
        match self.value(name)? {
            Value::Flag(flag) => Ok(*flag),
            Value::Number(number) => Ok(*number != 0),
            _ => Err(wrong(name)),
        }
    }

    /// A time as RFC 3339 in UTC, to the second.
    pub(crate) fn time(&self, name: &str) -> Result<String, StoreError> {
        match self.value(name)? {
            Value::Time(time) => Ok(written(*time)),
            Value::Text(text) => Ok(text.clone()),
            _ => Err(wrong(name)),
        }
    }

    /// A day as ISO 8601.
    pub(crate) fn maybe_day(&self, name: &str) -> Result<Option<String>, StoreError> {
        match self.value(name)? {
            Value::Null => Ok(None),
            Value::Day(day) => Ok(Some(day.to_string())),
            Value::Text(text) => Ok(Some(text.clone())),
            _ => Err(wrong(name)),
        }
    }

    /// The row as JSON, for a person's own copy.
    pub(crate) fn json(&self) -> serde_json::Value {
        let one = |value: &Value| match value {
            Value::Null => serde_json::Value::Null,
            Value::Number(number) => (*number).into(),
            Value::Flag(flag) => (*flag).into(),
            Value::Text(text) => text.clone().into(),
            Value::Time(time) => written(*time).into(),
            Value::Day(day) => day.to_string().into(),
        };
        self.names.iter().cloned().zip(self.values.iter().map(one)).collect()
    }
}

/// A time as SQLite keeps it: texts of one length sort as times do.
pub(super) fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn wrong(name: &str) -> StoreError {
    StoreError::Column(name.to_owned())
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Timestamp> for Value {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl From<Date> for Value {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
