//! Times that the law or a common agreement sets, as rows with the days on which they are valid.
//!
//! Source: `data/deadlines.toml`, which names its own.

use serde::Deserialize;

/// How the time of a deadline runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Calendar days.
    Calendar,
    /// Business days.
    Business,
    /// Hours, day and night.
    Elapsed,
}

/// What has to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Tell of a breach.
    BreachNotice,
    /// Delete.
    Deletion,
    /// Answer a request.
    Answer,
    /// Tell whoever asks that a request was received.
    Confirmation,
    /// Tell people of something.
    Notice,
    /// Keep a record.
    Keep,
    /// Look again.
    Review,
}

/// Who is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// The school or district, or whoever else controls the data.
    School,
    /// Those whose data it is: parents, students, staff.
    People,
    /// An authority.
    Authority,
}

/// One deadline.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The rule, e.g. `NDPA-V-4`.
    pub id: String,
    /// What starts the clock.
    pub trigger: String,
    /// How long it may take, ISO 8601.
    pub limit: Option<String>,
    /// No time is set: without undue delay.
    #[serde(default)]
    pub without_delay: bool,
    /// How much longer it may take, ISO 8601.
    pub extension: Option<String>,
    /// How long something has to be kept, ISO 8601.
    pub keep_at_least: Option<String>,
    /// The day of the year, `MM-DD`.
    pub date: Option<String>,
    /// How time runs.
    pub clock: Clock,
    /// Who has to: `school`, `provider`, `controller` …
    pub actor: String,
    /// What.
    pub task: Task,
    /// Who is told, for a notice of a breach.
    pub told: Option<Told>,
    /// The form of agreement that carries it.
    pub agreement: Option<String>,
    /// The body of law that carries it.
    pub regime: Option<String>,
    /// First day, `YYYY-MM-DD`.
    pub valid_from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    pub valid_to: Option<String>,
    /// What says so.
    pub source: String,
    /// The row is not confirmed from the text itself.
    #[serde(default)]
    pub review: bool,
}

impl Deadline {
    /// Whether it holds on a day, written `YYYY-MM-DD`.
    pub fn holds_on(&self, day: &str) -> bool {
        self.valid_from.as_deref().is_none_or(|first| first <= day)
            && self.valid_to.as_deref().is_none_or(|last| day <= last)
    }
}
