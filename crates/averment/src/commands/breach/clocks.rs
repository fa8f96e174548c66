//! Until when whom to tell: by law, by the agreements with schools, by the contract with the recipient.
//!
//! A register says which agreements there are and which laws are said to be met; whether any other law applies is for
//! people to say, so every row is listed.
//!
//! Source: `deadlines.toml` of the catalog.

use averment_catalog::{Clock, Deadline, Task, Told, catalog};
use averment_claims::business_days_after;
use averment_policy::normal_name;
use averment_register::{Charter, ClaimKind, Controller};
use averment_store::Reach;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::Serialize;

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
    reach: &Reach,
    discovered: Option<Timestamp>,
) -> Vec<Due> {
    let schools = charter.map(|charter| affected(charter, reach)).unwrap_or_default();
    let day = discovered
        .unwrap_or(Timestamp::MAX)
        .to_zoned(TimeZone::UTC)
        .date()
        .to_string();
    let rows = catalog().deadlines().iter();
    let rows = rows.filter(|row| row.task == Task::BreachNotice && (discovered.is_none() || row.holds_on(&day)));
    let mut all: Vec<Due> = rows.map(|row| by_law(row, charter, &schools, discovered)).collect();
    all.extend(schools.iter().filter_map(|school| by_agreement(school, discovered)));
    all.extend(charter.and_then(|charter| by_contract(charter, recipient, discovered)));
    all.sort_by_key(|due| (due.by.is_none(), due.by.clone(), due.rule.clone()));
    all
}

/// The schools of the register of which somebody is affected.
fn affected<'a>(charter: &'a Charter, reach: &Reach) -> Vec<&'a Controller> {
    let named: Vec<String> = reach
        .schools
        .iter()
        .filter(|(_, of_school)| of_school.people.affected() > 0)
        .filter_map(|(school, _)| school.as_deref().map(normal_name))
        .collect();
    let is_named = |school: &&Controller| {
        named.contains(&normal_name(school.id.as_str())) || named.contains(&normal_name(&school.name))
    };
    charter.content().controllers.values().filter(is_named).collect()
}

fn by_law(row: &Deadline, charter: Option<&Charter>, schools: &[&Controller], discovered: Option<Timestamp>) -> Due {
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
        by: discovered.and_then(|discovered| last(discovered, limit, row.clock)),
        trigger: row.trigger.clone(),
        applies: applies(row, charter, schools),
        source: row.source.clone(),
        is_unconfirmed: row.review,
    }
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

fn by_agreement(school: &Controller, discovered: Option<Timestamp>) -> Option<Due> {
    let limit = school.agreement.as_ref()?.breach_notice?;
    let text = limit.to_string();
    let clock = clock_of(&text);
    Some(Due {
        rule: format!("agreement with `{}`", school.id),
        who: "provider".to_owned(),
        told: format!("the school ({})", school.name),
        within: limit.in_words(),
        by: discovered.and_then(|discovered| last(discovered, &text, clock)),
        trigger: "as agreed".to_owned(),
        applies: "binds".to_owned(),
        source: "the register".to_owned(),
        is_unconfirmed: false,
    })
}

fn by_contract(charter: &Charter, recipient: &str, discovered: Option<Timestamp>) -> Option<Due> {
    let recipients = &charter.content().recipients;
    let (id, row) = recipients.iter().find(|(id, _)| id.as_str() == recipient)?;
    let limit = row.contract.as_ref()?.breach_notice?;
    let text = limit.to_string();
    let clock = clock_of(&text);
    Some(Due {
        rule: format!("contract with `{id}`"),
        who: format!("`{id}`"),
        told: "the provider".to_owned(),
        within: limit.in_words(),
        by: discovered.and_then(|discovered| last(discovered, &text, clock)),
        trigger: "as agreed".to_owned(),
        applies: "binds the recipient".to_owned(),
        source: "the register".to_owned(),
        is_unconfirmed: false,
    })
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

/// The last moment of an hours' clock, the last day of a days' clock, in universal time. What starts the clock cannot be
/// before the discovery, so this is the earliest that the deadline can be.
fn last(discovered: Timestamp, limit: &str, clock: Clock) -> Option<String> {
    let span: Span = limit.parse().ok()?;
    let zoned = discovered.to_zoned(TimeZone::UTC);
    match clock {
        Clock::Elapsed => Some(zoned.checked_add(span).ok()?.timestamp().to_string()),
        Clock::Calendar => Some(zoned.date().checked_add(span).ok()?.to_string()),
        Clock::Business => {
            let days = u32::try_from(span.get_days()).ok()?;
            Some(business_days_after(zoned.date(), days)?.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_run_by_the_hour_by_the_day_and_by_business_days() {
        let friday: Timestamp = "2026-10-02T15:00:00Z".parse().unwrap();
        let at = |limit, clock| last(friday, limit, clock).unwrap();
        assert_eq!(at("PT72H", Clock::Elapsed), "2026-10-05T15:00:00Z");
        assert_eq!(at("P7D", Clock::Calendar), "2026-10-09");
        assert_eq!(at("P1M", Clock::Calendar), "2026-11-02");
        assert_eq!(at("P5D", Clock::Business), "2026-10-09");
        assert_eq!(last(friday, "", Clock::Elapsed), None);
    }

    #[test]
    fn every_notice_of_a_breach_in_the_catalog_has_a_line() {
        let lines = due(None, "desk", &Reach::default(), "2026-10-02T15:00:00Z".parse().ok());
        let line = |rule: &str| lines.iter().find(|line| line.rule == rule).unwrap();
        assert_eq!(line("NY-10-a").by.as_deref(), Some("2026-10-09"));
        assert_eq!(line("GDPR-33-a").by.as_deref(), Some("2026-10-05T15:00:00Z"));
        assert_eq!(
            (line("GDPR-34-a").by.as_deref(), line("GDPR-34-a").told.as_str()),
            (None, "those affected")
        );
        assert!(line("NDPA-V-4").is_unconfirmed);
    }
}
