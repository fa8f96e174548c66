//! What is there: rows of a rule, how many are due, how old the oldest is.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::bound::Bound;
use super::due::{Cut, Happened, due};
use super::holds::{self, Held};
use super::time::{Reading, always_happens};
use crate::connect::{Database, DatabaseError, Dialect};

/// What a look at the rows of one rule found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Rows that the rule is about.
    pub rows: u64,
    /// Those that are due.
    pub due: u64,
    /// Those of them that are of somebody under hold.
    pub held: u64,
    /// Those of them that cannot go because other rows refer to them.
    pub blocked: u64,
    /// Rows whose time is missing or cannot be read.
    pub unread: u64,
    /// The oldest time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
    /// How old that is, days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_days: Option<i64>,
    /// When the next row is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_due: Option<Timestamp>,
    /// The newest time.
    #[serde(skip)]
    pub(super) newest: Option<Timestamp>,
}

impl Look {
    /// Rows that are due and that nobody holds.
    pub fn overdue(&self) -> u64 {
        self.due - self.held
    }
}

/// With what is looked.
pub(super) struct Eyes<'a> {
    pub(super) now: Timestamp,
    pub(super) zone: &'a TimeZone,
    pub(super) held: &'a Held,
}

/// Looks at the rows of a rule.
pub(super) fn look(bound: &Bound<'_>, eyes: &Eyes<'_>, database: &mut dyn Database) -> Result<Look, DatabaseError> {
    let cut = Cut::of(bound.rule.duration, eyes.now, eyes.zone);
    let (sql, parameters) = statement(bound, eyes, cut.as_ref());
    let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
    let row = database.all(&sql, &parameters)?.pop().unwrap_or_default();
    let text = |place: usize| row.get(place).cloned().flatten();
    let count = |place: usize| text(place).and_then(|text| text.parse().ok()).unwrap_or(0);
    let time = |place: usize| text(place).and_then(|text| bound.time.read(&text));
    let oldest = time(5);
    Ok(Look {
        rows: count(0),
        due: count(1),
        held: count(2),
        blocked: count(3),
        unread: count(4),
        oldest_days: oldest.and_then(|oldest| age_days(oldest, eyes)),
        oldest: oldest.map(in_words),
        next_due: time(6).and_then(|next| due(bound.rule.duration, next, eyes.zone)),
        newest: time(7).and_then(|newest| moment(newest, eyes.zone)),
    })
}

fn statement(bound: &Bound<'_>, eyes: &Eyes<'_>, cut: Option<&Cut>) -> (String, Vec<String>) {
    let dialect = bound.dialect;
    let never = || "1 = 0".to_owned();
    let is_due = cut.map_or_else(never, |cut| bound.is_due(cut));
    let held = holds::is_held(bound.graph, &bound.reached.table, eyes.held, dialect, 1);
    let (held, parameters) = held.map_or_else(|| (never(), Vec::new()), |part| (part.sql, part.parameters));
    let blocked = bound.is_blocked().unwrap_or_else(never);
    let flag = |condition: &str| format!("case when {condition} then 1 else 0 end");
    let time = dialect.name(&bound.time.name);
    let mut columns = vec![
        format!("{} as is_due", flag(&is_due)),
        format!("{} as is_held", flag(&held)),
        format!("{} as is_blocked", flag(&blocked)),
        format!("{} as is_unread", flag(&bound.is_unread())),
    ];
    let outer = if bound.holds_time() {
        columns.push(time);
        [("min", "1 = 1"), ("min", "is_due = 0"), ("max", "1 = 1")]
            .map(|(which, among)| bound.time.extreme(which, among))
    } else {
        let null = if dialect == Dialect::Postgres {
            "null::text"
        } else {
            "null"
        };
        [null; 3].map(str::to_owned)
    };
    let count = |condition: &str| counted(dialect, condition);
    let scope = bound
        .scope
        .as_ref()
        .map_or_else(String::new, |scope| format!(" where {scope}"));
    let sql = format!(
        "select {}, {}, {}, {}, {}, {} from (select {} from {}{scope}) as seen",
        count("1 = 1"),
        count("is_due = 1"),
        count("is_due = 1 and is_held = 1"),
        count("is_due = 1 and is_held = 0 and is_blocked = 1"),
        count("is_unread = 1"),
        outer.join(", "),
        columns.join(", "),
        dialect.table(&bound.reached.table.name),
    );
    (sql, parameters)
}

fn counted(dialect: Dialect, condition: &str) -> String {
    let count = format!("count(case when {condition} then 1 end)");
    match dialect {
        Dialect::Postgres => format!("{count}::text"),
        Dialect::Mysql | Dialect::Sqlite => count,
    }
}

/// The newest time of a rule whose times are always in the past.
pub(super) fn newest(bound: &Bound<'_>, look: &Look) -> Option<Timestamp> {
    let newest = look.newest.filter(|_| always_happens(&bound.rule.after))?;
    match bound.time.reading {
        // Of texts the zone is not known here, and may be fourteen hours off.
        Reading::Text | Reading::Mixed => newest.checked_sub(SignedDuration::from_hours(14)).ok(),
        _ => Some(newest),
    }
}

/// The moment at the latest: what is stored by the day may be at its end, and is no witness against a clock within it.
fn moment(happened: Happened, zone: &TimeZone) -> Option<Timestamp> {
    match happened {
        Happened::At(instant) => Some(instant),
        Happened::Local(local) => zone.to_ambiguous_timestamp(local).earlier().ok(),
        Happened::On(day) => day.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp()),
    }
}

fn age_days(happened: Happened, eyes: &Eyes<'_>) -> Option<i64> {
    let moment = moment(happened, eyes.zone)?;
    Some(eyes.now.duration_since(moment).as_hours() / 24)
}

fn in_words(happened: Happened) -> String {
    match happened {
        Happened::At(instant) => format!("{instant:.0}"),
        Happened::Local(local) => format!("{local:.0}"),
        Happened::On(day) => day.to_string(),
    }
}
