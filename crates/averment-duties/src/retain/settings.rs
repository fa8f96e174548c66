//! `[retention]` of `averment-duties.toml`: how data that are due go, and when. How long they may stay is said by claims alone.

use std::collections::BTreeMap;
use std::time::Duration;

use averment_register::{ControllerId, Period};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use serde::Deserialize;

/// How retention is done.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// How often, in days; not by itself when absent.
    pub every: Option<Period>,
    /// At what time of day, in `zone`.
    pub at: Time,
    /// The zone of times that are stored without one, and in which days end: `Europe/Helsinki`.
    pub zone: String,
    /// Most rows that go in one statement.
    pub batch_rows: u32,
    /// How long a statement may take before the next one takes fewer rows, milliseconds.
    pub batch_ms: u32,
    /// Longest rest between two statements, milliseconds: usually it is three hundredths of what the last one took, and more where
    /// others wait.
    pub pause_ms: u32,
    /// When to stop and leave the rest to the next run, seconds.
    pub stop_after_s: u32,
    /// What schools are called in the column with `edu.school`, where that is neither their identifier nor their name.
    pub schools: BTreeMap<ControllerId, String>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            every: None,
            at: Time::constant(2, 30, 0, 0),
            zone: "UTC".to_owned(),
            batch_rows: 5_000,
            batch_ms: 500,
            pause_ms: 200,
            stop_after_s: 3_600,
            schools: BTreeMap::new(),
        }
    }
}

impl Retention {
    /// The zone of times without one.
    ///
    /// # Errors
    /// What was expected, when there is no such zone.
    pub fn time_zone(&self) -> Result<TimeZone, String> {
        TimeZone::get(&self.zone).map_err(|_| {
            format!(
                "`{}` is no time zone: expected a name such as `Europe/Helsinki`",
                self.zone
            )
        })
    }

    /// How long a run may take.
    pub(super) fn stop_after(&self) -> Duration {
        Duration::from_secs(self.stop_after_s.into())
    }
}
