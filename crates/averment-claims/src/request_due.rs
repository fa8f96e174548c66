//! By when a request of a data subject or a school has to be answered: by every law that applies or may, by the agreement
//! with the school.
//!
//! Start at [`request_due`]. Days are days of the calendar; a period of months ends on the day of the same number, or on the
//! last day of a month that has none. A last day on a weekend stays where it is: a later one would be Regulation (EEC,
//! Euratom) 1182/71 Art. 3(4), and nobody is late who is early.
//!
//! Source: `deadlines.toml` of the catalog; 34 CFR 99.10(b); GDPR Art. 12(3).

use averment_catalog::{Clock, Deadline, Region, Task, catalog};
use averment_ledger::RequestKind;
use averment_register::{Charter, ClaimKind, Controller, Period};
use jiff::civil::{Date, Weekday};

use crate::due::due_after;

/// What is known of a request.
#[derive(Debug, Clone, Copy)]
pub struct AskedFor<'a> {
    /// What is asked for.
    pub kind: RequestKind,
    /// Whether the school asks.
    pub by_school: bool,
    /// The school of whom it is about, if the register has it.
    pub school: Option<&'a Controller>,
    /// The day on which it was received.
    pub received_on: Date,
    /// Whether whoever asks was told that it was received.
    pub confirmed: bool,
    /// The day on which whoever asks was told that more time is taken, with reasons.
    pub extended_on: Option<Date>,
}

/// Whether a time binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applies {
    /// It does, as far as the register says.
    Binds,
    /// The register does not say enough to rule it out.
    May,
}

impl Applies {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Binds => "binds",
            Self::May => "may apply",
        }
    }
}

/// One time for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestDue {
    /// The rule, or whose agreement: `GDPR-12-a`, `agreement:westfield`.
    pub rule: String,
    /// Who has to: `school`, `controller`, `provider`.
    pub actor: String,
    /// Whether it is only to say that the request was received.
    pub confirms: bool,
    /// How long: `45 days`, `without undue delay`.
    pub within: String,
    /// The last day; none where no time is set, or where it is beyond what a calendar holds.
    pub by: Option<Date>,
    /// Whether more time that was taken counts: the rule knows it, and whoever asks was told in time.
    pub extended: bool,
    /// Whether it binds.
    pub applies: Applies,
    /// What that follows from, in a few words.
    pub because: String,
    /// What says so.
    pub source: String,
    /// Whether that was not read in the text itself.
    pub is_unconfirmed: bool,
}

/// Every time for a request, the shortest first; those without a day last.
pub fn request_due(charter: &Charter, asked: &AskedFor<'_>) -> Vec<RequestDue> {
    let day = asked.received_on.to_string();
    let started: Vec<&str> = triggers(asked).collect();
    let rows = catalog().deadlines().iter();
    let rows = rows.filter(|row| {
        let task = match row.task {
            Task::Answer | Task::Deletion => true,
            Task::Confirmation => !asked.confirmed,
            _ => false,
        };
        task && started.contains(&row.trigger.as_str()) && row.holds_on(&day)
    });
    let by_law = rows.filter_map(|row| {
        let (applies, because) = applies(row, charter, asked)?;
        Some(of_row(row, asked, applies, because))
    });
    let mut all: Vec<RequestDue> = by_law.chain(by_agreement(asked)).collect();
    all.sort_by(|a, b| {
        let key = |due: &RequestDue| (due.by.is_none(), due.by, due.applies, due.rule.clone());
        key(a).cmp(&key(b))
    });
    all
}

/// The earliest last day.
pub fn earliest(due: &[RequestDue]) -> Option<Date> {
    due.iter().filter_map(|one| one.by).min()
}

/// Which clocks a request starts.
fn triggers(asked: &AskedFor<'_>) -> impl Iterator<Item = &'static str> {
    let kind = asked.kind;
    let inspects = matches!(
        kind,
        RequestKind::Access | RequestKind::Portability | RequestKind::SchoolExport
    );
    let of_a_subject = !kind.is_of_a_school() && !matches!(kind, RequestKind::Amendment | RequestKind::LegalHold);
    let of_a_consumer = matches!(
        kind,
        RequestKind::Access | RequestKind::Portability | RequestKind::Rectification | RequestKind::Erasure
    );
    let disposes = kind == RequestKind::SchoolDeletion || kind == RequestKind::Erasure && asked.by_school;
    let started = [
        ("access_request.received", inspects),
        ("subject_request.received", of_a_subject),
        ("consumer_request.received", of_a_consumer && !asked.by_school),
        ("amendment_request.received", kind == RequestKind::Amendment),
        ("disposition.requested", disposes),
    ];
    started
        .into_iter()
        .filter(|(_, is_started)| *is_started)
        .map(|(trigger, _)| trigger)
}

fn of_row(row: &Deadline, asked: &AskedFor<'_>, applies: Applies, because: String) -> RequestDue {
    let limit: Option<Period> = row.limit.as_deref().and_then(|limit| limit.parse().ok());
    let more: Option<Period> = row.extension.as_deref().and_then(|more| more.parse().ok());
    let first = limit.and_then(|limit| last_day(asked.received_on, limit, row.clock));
    // Whoever is told after the first period has ended was told too late.
    let told_in_time = asked.extended_on.zip(first).is_some_and(|(told, last)| told <= last);
    let longer = limit
        .zip(more)
        .filter(|_| told_in_time)
        .map(|(limit, more)| sum(limit, more));
    let by = match longer {
        Some(longer) => last_day(asked.received_on, longer, row.clock),
        None => first,
    };
    RequestDue {
        rule: row.id.clone(),
        actor: row.actor.clone(),
        confirms: row.task == Task::Confirmation,
        within: in_words(longer.or(limit), row.clock),
        by,
        extended: longer.is_some(),
        applies,
        because,
        source: row.source.clone(),
        is_unconfirmed: row.review,
    }
}

/// The agreement with the school: its own time to delete.
fn by_agreement(asked: &AskedFor<'_>) -> Option<RequestDue> {
    let deletes = asked.kind == RequestKind::SchoolDeletion || asked.kind == RequestKind::Erasure && asked.by_school;
    let school = asked.school.filter(|_| deletes)?;
    let limit = school.agreement.as_ref()?.deletion?;
    Some(RequestDue {
        rule: format!("agreement:{}", school.id),
        actor: "provider".to_owned(),
        confirms: false,
        within: limit.in_words(),
        by: due_after(asked.received_on, limit),
        extended: false,
        applies: Applies::Binds,
        because: "agreed".to_owned(),
        source: "the register".to_owned(),
        is_unconfirmed: false,
    })
}

/// Where somebody is, as far as the law asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Unknown,
    UnitedStates,
    EconomicArea,
    Elsewhere,
}

fn place(country: Option<&String>) -> Place {
    match country.map(String::as_str) {
        None => Place::Unknown,
        Some("US") => Place::UnitedStates,
        Some(code) => match catalog().country(code).map(|country| country.region) {
            Some(Region::Eea) => Place::EconomicArea,
            Some(_) => Place::Elsewhere,
            None if ["EU", "EEA"].contains(&code) => Place::EconomicArea,
            None => Place::Unknown,
        },
    }
}

/// Whether a row applies, and why; none when the register rules it out.
fn applies(row: &Deadline, charter: &Charter, asked: &AskedFor<'_>) -> Option<(Applies, String)> {
    if let Some(form) = &row.agreement {
        return by_form(form, asked);
    }
    let says = |applies, because: &str| Some((applies, because.to_owned()));
    let regime = row.regime.as_deref();
    if regime.is_some_and(|word| is_claimed(charter, word)) {
        return says(Applies::Binds, "the published text says that this law is met");
    }
    let school = place(asked.school.and_then(|school| school.country.as_ref()));
    let organisation = place(charter.content().about.country.as_ref());
    if regime == Some("gdpr") {
        return match (school, organisation) {
            (Place::EconomicArea, _) => says(Applies::Binds, "the school lies in the European Economic Area"),
            (_, Place::EconomicArea) => says(Applies::Binds, "the organisation lies in the European Economic Area"),
            (Place::Unknown, _) | (_, Place::Unknown) => says(Applies::May, "a country is not known"),
            _ => None,
        };
    }
    match (regime, school) {
        (Some("ferpa"), Place::UnitedStates) => says(Applies::Binds, "the school lies in the United States"),
        (_, Place::UnitedStates) => says(Applies::May, "the state is not known"),
        (_, Place::Unknown) => says(Applies::May, "the country of the school is not known"),
        _ => None,
    }
}

/// A row of a form of agreement binds whom it was made with; with a school that is not known there may be one.
fn by_form(form: &str, asked: &AskedFor<'_>) -> Option<(Applies, String)> {
    let Some(school) = asked.school else {
        return Some((Applies::May, format!("if there is an agreement of the form `{form}`")));
    };
    let agreement = school.agreement.as_ref()?;
    let is_of_form = agreement.form.as_str() == form;
    is_of_form.then(|| {
        (
            Applies::Binds,
            format!("the agreement with `{}` is of this form", school.id),
        )
    })
}

fn is_claimed(charter: &Charter, regime: &str) -> bool {
    charter.content().claims.values().any(|claim| match &claim.kind {
        ClaimKind::CompliesWith { regimes } => regimes.iter().any(|word| word.as_str() == regime),
        _ => false,
    })
}

fn in_words(limit: Option<Period>, clock: Clock) -> String {
    match (limit, clock) {
        (None, _) => "without undue delay".to_owned(),
        (Some(limit), Clock::Business) => format!("{} (business days)", limit.in_words()),
        (Some(limit), Clock::Calendar | Clock::Elapsed) => limit.in_words(),
    }
}

/// One period after the other, as one: the months are counted together, GDPR Art. 12(3) makes one month three.
fn sum(first: Period, second: Period) -> Period {
    let ((months, days, _), (more_months, more_days, _)) = (first.parts(), second.parts());
    let (months, days) = (months.saturating_add(more_months), days.saturating_add(more_days));
    format!("P{months}M{days}D").parse().unwrap_or(first)
}

fn last_day(received_on: Date, limit: Period, clock: Clock) -> Option<Date> {
    match clock {
        Clock::Business => business_days_after(received_on, limit.parts().1),
        Clock::Calendar | Clock::Elapsed => due_after(received_on, limit),
    }
}

/// So many days later, Saturdays and Sundays left out; holidays differ from place to place and would make it later. None
/// beyond what a calendar holds.
pub fn business_days_after(day: Date, days: u32) -> Option<Date> {
    let is_open = |day: Date| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let weeks = i64::from(days / 5);
    // Five business days are a week, wherever they begin.
    let mut reached = day.checked_add(jiff::Span::new().try_weeks(weeks).ok()?).ok()?;
    let mut left = days % 5;
    // From a day off, whole weeks lead to a day off: the business day before it is the one that was counted.
    while left == 0 && days > 0 && !is_open(reached) {
        reached = reached.yesterday().ok()?;
    }
    while left > 0 {
        reached = reached.tomorrow().ok()?;
        left -= u32::from(is_open(reached));
    }
    Some(reached)
}

#[cfg(test)]
mod tests;
