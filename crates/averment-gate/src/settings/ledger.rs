//! How the record is kept.

use averment_store::NewLog;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// How the record is kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LedgerSettings {
    /// When the ledger goes on in a new log: `on_demand` (`averment ledger rotate`), `monthly` or `yearly`.
    pub new_log: Term,
    /// Days on which it does, in the place of `new_log`: `["2027-02-01", "2027-08-01"]`.
    pub new_log_on: Vec<jiff::civil::Date>,
    /// The time zone that these days, months and years are of: `America/Chicago`; UTC unless given.
    #[serde(deserialize_with = "time_zone")]
    pub zone: TimeZone,
    /// Seconds after which a gate that had nothing else to record records that it is there; 0: never.
    pub heartbeat_s: u32,
}

/// How long a log lasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// Until somebody ends it.
    #[default]
    OnDemand,
    /// A month.
    Monthly,
    /// A year.
    Yearly,
}

fn time_zone<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    let wrong = |_| format!("`{name}` is no time zone: expected a name such as `America/Chicago`");
    TimeZone::get(&name).map_err(wrong).map_err(serde::de::Error::custom)
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            new_log: Term::default(),
            new_log_on: Vec::new(),
            zone: TimeZone::UTC,
            heartbeat_s: 60,
        }
    }
}

impl LedgerSettings {
    /// When the ledger goes on in a new log.
    pub fn new_log(&self) -> NewLog {
        match self.new_log {
            _ if !self.new_log_on.is_empty() => NewLog::On(self.new_log_on.clone()),
            Term::OnDemand => NewLog::OnDemand,
            Term::Monthly => NewLog::Monthly,
            Term::Yearly => NewLog::Yearly,
        }
    }
}
