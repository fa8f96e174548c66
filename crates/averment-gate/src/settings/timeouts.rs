//! `[timeouts]` of the settings: how long things may take, in seconds, where it is not what the gate comes with.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::time::Duration;

use averment_register::RecipientId;
use serde::Deserialize;
use serde::de::Error as _;

use crate::gate::Timeouts;

/// How long things may take, seconds. What is absent is as [`Timeouts::default`] has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TimeoutSettings {
    /// Resolving a recipient's name, connecting and the TLS handshake; 1 to 120.
    #[serde(deserialize_with = "connect")]
    pub connect_s: Option<u64>,
    /// A request's head, from its first byte on, and the first request of a connection; 1 to 120.
    #[serde(deserialize_with = "head")]
    pub head_s: Option<u64>,
    /// A caller's HTTP/1.1 connection between two requests; 1 to 3600.
    #[serde(deserialize_with = "keep")]
    pub keep_alive_s: Option<u64>,
    /// Silence in a request's body; 1 to 600.
    #[serde(deserialize_with = "body")]
    pub body_s: Option<u64>,
    /// From the end of a request to the head of the recipient's answer; 1 to 3600.
    #[serde(deserialize_with = "answer")]
    pub answer_s: Option<u64>,
    /// Recipients that may take another time.
    #[serde(deserialize_with = "recipients_once")]
    pub recipients: Vec<RecipientTimeouts>,
}

/// One recipient's.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecipientTimeouts {
    /// The recipient.
    pub recipient: RecipientId,
    /// As [`TimeoutSettings::answer_s`].
    #[serde(deserialize_with = "answer")]
    pub answer_s: Option<u64>,
}

impl TimeoutSettings {
    /// `base` with what is set here.
    pub(crate) fn over(&self, base: Timeouts) -> Timeouts {
        let or = |seconds: Option<u64>, base| seconds.map_or(base, Duration::from_secs);
        Timeouts {
            connect: or(self.connect_s, base.connect),
            head: or(self.head_s, base.head),
            keep_alive: or(self.keep_alive_s, base.keep_alive),
            body: or(self.body_s, base.body),
            answer: or(self.answer_s, base.answer),
            ..base
        }
    }

    /// What is set for the answers of `recipient` by itself.
    pub(crate) fn answer_of(&self, recipient: &RecipientId) -> Option<Duration> {
        let row = self.recipients.iter().find(|row| row.recipient == *recipient)?;
        row.answer_s.map(Duration::from_secs)
    }
}

fn within<'de, D>(deserializer: D, range: RangeInclusive<u64>) -> Result<Option<u64>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let seconds = i64::deserialize(deserializer)?;
    match u64::try_from(seconds) {
        Ok(seconds) if range.contains(&seconds) => Ok(Some(seconds)),
        _ => Err(D::Error::custom(format!(
            "expected {} to {} seconds, found {seconds}",
            range.start(),
            range.end()
        ))),
    }
}

fn connect<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    within(deserializer, 1..=120)
}

fn head<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    within(deserializer, 1..=120)
}

fn keep<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    within(deserializer, 1..=3600)
}

fn body<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    within(deserializer, 1..=600)
}

fn answer<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    within(deserializer, 1..=3600)
}

/// Of two rows for one recipient nobody could say which counts.
fn recipients_once<'de, D>(deserializer: D) -> Result<Vec<RecipientTimeouts>, D::Error>
where
    D: serde::Deserializer<'de>,
{
    let rows = Vec::<RecipientTimeouts>::deserialize(deserializer)?;
    let mut seen = BTreeSet::new();
    match rows.iter().find(|row| !seen.insert(&row.recipient)) {
        Some(twice) => Err(D::Error::custom(format!(
            "expected one row for each recipient, found `{}` twice",
            twice.recipient
        ))),
        None => Ok(rows),
    }
}

#[cfg(test)]
mod tests;
