//! Until when whom to tell: by law, by the agreements with schools, by the contract with the recipient.
//!
//! A register says which agreements there are and which laws are said to be met; whether any other law applies is for
//! people to say, so every row is listed. Days are those of the zones of whom it is about ([`super::zones`]); where these are several, the
//! earliest end counts.
//!
//! Source: `deadlines.toml` of the catalog.

use averment_catalog::{Clock, Deadline, Task, Told, catalog};
use averment_claims::business_days_after;
use averment_policy::normal_name;
use averment_register::{Charter, ClaimKind, Controller};
use averment_store::Reach;
use jiff::{Span, SpanRelativeTo, Timestamp};
use serde::Serialize;

use super::super::asked::DayOrMoment;
use super::zones::{Zone, Zones};
use crate::school;

/// One deadline of this breach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Due {
    /// The rule or agreement.
    pub(super) rule: String,
    /// Who has to tell.
    pub(super) who: String,
    /// Who is to be told.
    pub(super) told: String,
    /// `72 hours`, or `without undue delay` where no time is set.
    pub(super) within: String,
    /// The last day, or the last moment; none without a day of discovery.
    pub(super) by: Option<String>,
    /// When that is over, in universal time.
    pub(super) ends_at: Option<Timestamp>,
    /// The zone that a day is of.
    pub(super) zone: Option<String>,
    /// What starts the clock.
    pub(super) trigger: String,
    /// Whether it binds, as far as is known.
    pub(super) applies: String,
    /// What says so.
    pub(super) source: String,
    /// Whether that was not read in the text itself.
    pub(super) is_unconfirmed: bool,
}

impl Due {
    /// `within 72 hours`, or `without undue delay`.
    pub(super) fn limit(&self) -> String {
        if self.within.starts_with("without") {
            self.within.clone()
        } else {
            format!("within {}", self.within)
        }
    }
}

/// Every deadline, the earliest first; those without a day last.
pub(super) fn due(
    charter: Option<&Charter>,
    recipient: &str,
    schools: &[&Controller],
    zones: &Zones,
    discovered: Option<DayOrMoment>,
) -> Vec<Due> {
    let clocks = Clocks { discovered, zones };
    let day = discovered.map(|discovered| discovered.day(zones.house()).to_string());
    let rows = catalog().deadlines().iter();
    let rows = rows.filter(|row| row.task == Task::BreachNotice && day.as_ref().is_none_or(|day| row.holds_on(day)));
    let mut all: Vec<Due> = rows.map(|row| by_law(row, charter, schools, &clocks)).collect();
    all.extend(schools.iter().filter_map(|school| by_agreement(school, &clocks)));
    all.extend(charter.and_then(|charter| by_contract(charter, recipient, &clocks)));
    all.sort_by_key(|due| (due.ends_at.is_none(), due.ends_at, due.rule.clone()));
    all
}

/// From where days are counted, and by which calendars.
struct Clocks<'a> {
    discovered: Option<DayOrMoment>,
    zones: &'a Zones,
}

impl Clocks<'_> {
    /// The earliest end in `zones`.
    fn end<'z>(&self, limit: &str, clock: Clock, zones: impl Iterator<Item = &'z Zone>) -> Option<End> {
        let discovered = self.discovered?;
        zones
            .filter_map(|zone| last(discovered, limit, clock, zone))
            .min_by_key(|end| end.ends_at)
    }
}

/// When a deadline ends.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    by: String,
    ends_at: Timestamp,
    zone: Option<String>,
}

impl Due {
    fn ending(self, end: Option<End>) -> Self {
        let Some(end) = end else { return self };
        Self {
            by: Some(end.by),
            ends_at: Some(end.ends_at),
            zone: end.zone,
            ..self
        }
    }
}

/// The schools of the register of which somebody is affected.
pub(super) fn affected<'a>(charter: &'a Charter, reach: &Reach) -> Vec<&'a Controller> {
    let named: Vec<String> = reach
        .schools
        .iter()
        .filter(|(_, of_school)| of_school.people.affected() > 0)
        .filter_map(|(school, _)| school.as_deref().map(normal_name))
        .collect();
    let is_named = |school: &&Controller| school::names_of(school).iter().any(|name| named.contains(name));
    charter.content().controllers.values().filter(is_named).collect()
}

fn by_law(row: &Deadline, charter: Option<&Charter>, schools: &[&Controller], clocks: &Clocks<'_>) -> Due {
    let limit = row.limit.as_deref().unwrap_or_default();
    let told = match row.told {
        Some(Told::People) => "those affected",
        Some(Told::Authority) => "the authority",
        Some(Told::School) | None => "the school",
    };
    Due {
        rule: row.id.clone(),
        who: row.actor.clone(),
        told: told.to_owned(),
        within: in_words(limit, row.clock),
        by: None,
        ends_at: None,
        zone: None,
        trigger: row.trigger.clone(),
        applies: applies(row, charter, schools),
        source: row.source.clone(),
        is_unconfirmed: row.review,
    }
    .ending(clocks.end(limit, row.clock, clocks.zones.all()))
}

fn applies(row: &Deadline, charter: Option<&Charter>, schools: &[&Controller]) -> String {
    let form = |school: &&&Controller| {
        let agreement = school.agreement.as_ref();
        agreement.is_some_and(|agreement| row.agreement.as_deref() == Some(agreement.form.as_str()))
    };
    let regime = row.regime.as_deref();
    let is_said = charter.is_some_and(|charter| {
        charter.content().claims.values().any(|claim| match &claim.kind {
            ClaimKind::CompliesWith { regimes } => regimes.iter().any(|word| Some(word.as_str()) == regime),
            _ => false,
        })
    });
    match (&row.agreement, schools.iter().find(form)) {
        (Some(_), Some(school)) => format!("binds by the agreement with `{}`", school.id),
        (Some(form), None) => format!("if there is an agreement of the form `{form}`"),
        _ if is_said => "binds: the published text says that this law is met".to_owned(),
        _ => "if this law applies".to_owned(),
    }
}

fn by_agreement(school: &Controller, clocks: &Clocks<'_>) -> Option<Due> {
    let limit = school.agreement.as_ref()?.breach_notice?;
    let text = limit.to_string();
    let clock = clock_of(&text);
    let due = Due {
        rule: format!("agreement with `{}`", school.id),
        who: "provider".to_owned(),
        told: format!("the school ({})", school.name),
        within: limit.in_words(),
        by: None,
        ends_at: None,
        zone: None,
        trigger: "as agreed".to_owned(),
        applies: "binds".to_owned(),
        source: "the register".to_owned(),
        is_unconfirmed: false,
    };
    Some(due.ending(clocks.end(&text, clock, std::iter::once(clocks.zones.of(&school.id)))))
}

fn by_contract(charter: &Charter, recipient: &str, clocks: &Clocks<'_>) -> Option<Due> {
    let recipients = &charter.content().recipients;
    let (id, row) = recipients.iter().find(|(id, _)| id.as_str() == recipient)?;
    let limit = row.contract.as_ref()?.breach_notice?;
    let text = limit.to_string();
    let clock = clock_of(&text);
    let due = Due {
        rule: format!("contract with `{id}`"),
        who: format!("`{id}`"),
        told: "the provider".to_owned(),
        within: limit.in_words(),
        by: None,
        ends_at: None,
        zone: None,
        trigger: "as agreed".to_owned(),
        applies: "binds the recipient".to_owned(),
        source: "the register".to_owned(),
        is_unconfirmed: false,
    };
    Some(due.ending(clocks.end(&text, clock, std::iter::once(clocks.zones.house_zone()))))
}

/// Agreements in hours run day and night, others by the day.
fn clock_of(limit: &str) -> Clock {
    if limit.starts_with("PT") {
        Clock::Elapsed
    } else {
        Clock::Calendar
    }
}

fn in_words(limit: &str, clock: Clock) -> String {
    let Ok(period) = limit.parse::<averment_register::Period>() else {
        return "without undue delay".to_owned();
    };
    match clock {
        Clock::Business => format!("{} (business days)", period.in_words()),
        Clock::Calendar | Clock::Elapsed => period.in_words(),
    }
}

/// The last moment of an hours' clock, the last day of a days' clock. What starts the clock cannot be before the discovery, so
/// this is the earliest that the deadline can be. Hours are counted as they pass, whatever clocks are set to; days by the calendar.
fn last(discovered: DayOrMoment, limit: &str, clock: Clock, zone: &Zone) -> Option<End> {
    let span: Span = limit.parse().ok()?;
    if clock == Clock::Elapsed {
        let passed = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
        let ends_at = discovered.begins(&zone.zone)?.checked_add(passed).ok()?;
        let (by, zone) = (ends_at.to_string(), None);
        return Some(End { by, ends_at, zone });
    }
    let first = discovered.day(&zone.zone);
    let day = match clock {
        Clock::Business => business_days_after(first, u32::try_from(span.get_days()).ok()?)?,
        _ => first.checked_add(span).ok()?,
    };
    Some(End {
        by: day.to_string(),
        ends_at: DayOrMoment::Day(day).ends(&zone.zone)?,
        zone: Some(zone.name.clone()),
    })
}

#[cfg(test)]
mod tests;
