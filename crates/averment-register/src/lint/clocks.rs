//! Clocks beside clocks: what is promised to schools, what recipients promise, and what the law or a form of agreement sets.
//!
//! Source: `deadlines.toml` of the catalog.

use averment_catalog::{Deadline, Task, catalog};
use toml::Spanned;

use super::look::{ControllerLook, Register};
use super::rule::{Eyes, Found, Rule, listed};
use crate::charter::{ClaimKind, Period};
use crate::diagnostic::Severity::Error;

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "breach-clock",
        ids: &["X-CLOCK-1", "NDPA-V-4", "GDPR-33-b", "NY-10-a", "IL-15-f"],
        severity: Error,
        cite: Some("GDPR Art. 33(1)-(2); 8 NYCRR 121.10(a); 105 ILCS 85/15(5)"),
        hint: "agree on a shorter time with the recipient: the platform cannot tell schools before it is told",
        eyes: Eyes::Register(breach),
        ..Rule::BLANK
    },
    Rule {
        code: "deletion-clock",
        ids: &["X-DEL-1", "NDPA-IV-6"],
        severity: Error,
        cite: Some("GDPR Art. 28(3)(g); National Data Privacy Agreement, Art. IV(6)"),
        hint: "promise no less than the slowest recipient and the backups need, or agree on a shorter time with them",
        eyes: Eyes::Register(deletion),
        ..Rule::BLANK
    },
    Rule {
        code: "agreement-over-limit",
        ids: &["NDPA-V-4", "NDPA-IV-6"],
        severity: Error,
        cite: Some("National Data Privacy Agreement, Art. IV(6), V(4)"),
        hint: "this form of agreement sets a shorter time: mend the number, or the form",
        eyes: Eyes::Controller(over_limit),
        unverified: true,
        ..Rule::BLANK
    },
    Rule {
        code: "backup-outlives-deletion",
        ids: &["X-DEL-1"],
        severity: Error,
        cite: Some("GDPR Art. 5(1)(a), 17(1)"),
        hint: "say how long a deleted value stays in backups: add a `retained_for` claim for them, or say \"except backups\"",
        eyes: Eyes::Register(backups),
        ..Rule::BLANK
    },
];

/// A time that binds the platform, and who set it.
struct Bound {
    limit: Period,
    by: String,
}

/// The deadlines of one task that hold on the day.
fn holding(register: &Register<'_>, task: Task) -> Vec<&'static Deadline> {
    let day = register.today.to_string();
    let rows = catalog().deadlines().iter();
    rows.filter(|row| row.task == task && row.holds_on(&day)).collect()
}

fn limit(row: &Deadline) -> Option<Period> {
    row.limit.as_deref().and_then(|text| text.parse().ok())
}

/// The shortest time within which the platform has to tell of a breach: by agreements, their forms, and laws said to be met.
fn shortest_breach_clock(register: &Register<'_>) -> Option<Bound> {
    let rows = holding(register, Task::BreachNotice);
    let provider = |row: &&&Deadline| row.actor != "school";
    let by_law = rows.iter().filter(provider).filter_map(|row| {
        let binds = row.regime.as_deref().is_some_and(|word| match word {
            "gdpr" => register.under_gdpr(),
            word => register.claims_regime(word),
        });
        let limit = limit(row).filter(|_| binds)?;
        Some(Bound {
            limit,
            by: format!("`{}`", row.id),
        })
    });
    let by_school = register.content.controllers.values().filter_map(|school| {
        let agreement = school.agreement.as_ref()?;
        let of_form = rows
            .iter()
            .find(|row| row.agreement.as_deref() == Some(agreement.form.as_str()));
        let limit = agreement.breach_notice.or_else(|| of_form.and_then(|row| limit(row)))?;
        Some(Bound {
            limit,
            by: format!("the agreement with `{}`", school.id),
        })
    });
    by_law
        .chain(by_school)
        .min_by_key(|bound| bound.limit.approximate_seconds())
}

/// Recipients whose own clock is not below the shortest one.
fn breach(register: &Register<'_>) -> Vec<Found> {
    let Some(bound) = shortest_breach_clock(register) else {
        return Vec::new();
    };
    let slow = register.recipients.iter().filter_map(|look| {
        let own = look.recipient.contract.as_ref()?.breach_notice?;
        let late = own.approximate_seconds() >= bound.limit.approximate_seconds();
        let table = look.file.contract.as_ref()?;
        let span = table
            .get_ref()
            .breach_notice
            .as_ref()
            .map_or(table.span(), Spanned::span);
        let message = format!(
            "`{}` tells of a breach within {}, and {} leaves {} in all",
            look.recipient.id,
            own.in_words(),
            bound.by,
            bound.limit.in_words()
        );
        (late && look.gets_student_data()).then(|| look.at(message, span))
    });
    slow.collect()
}

/// How often backups are made, when a claim says so.
fn backup_cycle(register: &Register<'_>) -> Option<Period> {
    register.of_the_list().find_map(|look| match &look.claim.kind {
        ClaimKind::PerformedEvery { activity, period } if activity.as_str() == "backup" => *period,
        _ => None,
    })
}

/// Schools that are promised a deletion sooner than the slowest recipient, and the backups behind it, can do.
fn deletion(register: &Register<'_>) -> Vec<Found> {
    let cycle = backup_cycle(register).map_or(0, Period::approximate_seconds);
    let with_students = register.recipients.iter().filter(|look| look.gets_student_data());
    let slowest = with_students
        .filter_map(|look| Some((look.recipient.contract.as_ref()?.deletion?, &look.recipient.id)))
        .max_by_key(|(period, _)| period.approximate_seconds());
    let Some((slowest, id)) = slowest else {
        return Vec::new();
    };
    let needed = slowest.approximate_seconds() + cycle;
    let and_backups = if cycle > 0 { " and the backups after it" } else { "" };
    let short = register.controllers.iter().filter_map(|school| {
        let promised = school.controller.agreement.as_ref()?.deletion?;
        let table = school.file.agreement.as_ref()?;
        let span = table.get_ref().deletion.as_ref().map_or(table.span(), Spanned::span);
        let message = format!(
            "`{}` is promised deletion within {}, and `{id}` takes {}{and_backups}",
            school.controller.id,
            promised.in_words(),
            slowest.in_words()
        );
        (promised.approximate_seconds() < needed).then(|| school.at(message, span))
    });
    short.collect()
}

/// Times in an agreement that are longer than its form allows.
fn over_limit(look: &ControllerLook<'_>) -> Vec<Found> {
    let (Some(agreement), Some(table)) = (&look.controller.agreement, &look.file.agreement) else {
        return Vec::new();
    };
    let times = [
        (
            Task::BreachNotice,
            agreement.breach_notice,
            table.get_ref().breach_notice.as_ref(),
        ),
        (Task::Deletion, agreement.deletion, table.get_ref().deletion.as_ref()),
    ];
    let day = look.look.today.to_string();
    let of_form = |task: Task| {
        let mut rows = catalog()
            .deadlines()
            .iter()
            .filter(|row| row.task == task && row.holds_on(&day));
        rows.find(|row| row.agreement.as_deref() == Some(agreement.form.as_str()))
    };
    times
        .into_iter()
        .filter_map(|(task, own, place)| {
            let row = of_form(task)?;
            let (own, limit) = (own?, limit(row)?);
            let message = format!(
                "{} is longer than the {} of `{}`",
                own.in_words(),
                limit.in_words(),
                row.id
            );
            let span = place.map_or(table.span(), Spanned::span);
            (own.approximate_seconds() > limit.approximate_seconds()).then(|| look.at(message, span))
        })
        .collect()
}

/// Words of a sentence that deletes at once.
const AT_ONCE: &[&str] = &[
    "immediate",
    "immediately",
    "at once",
    "instantly",
    "right away",
    "without delay",
    "permanently",
];

/// Words of a sentence that deletes.
const DELETES: &[&str] = &["delet", "terminat", "eras", "remov", "purg", "destroy"];

/// Words of a sentence on backups that are made again and again.
const AGAIN: &[&str] = &[
    "weekly",
    "daily",
    "nightly",
    "hourly",
    "monthly",
    "every week",
    "every day",
    "every night",
    "regularly",
    "configured to run",
];

/// Deletion at once, beside backups that keep what was deleted until the next one.
fn backups(register: &Register<'_>) -> Vec<Found> {
    let lists = || register.of_the_list();
    let speaks = |look: &&super::look::ClaimLook<'_>| look.claim.sentence.to_lowercase().contains("backup");
    let accounted = lists().any(|look| {
        let keeps = matches!(
            look.claim.kind,
            ClaimKind::RetainedFor { .. } | ClaimKind::ErasedOn { .. }
        );
        keeps && speaks(&look)
    });
    let made = lists().find(|look| match &look.claim.kind {
        ClaimKind::PerformedEvery { activity, .. } => activity.as_str() == "backup",
        ClaimKind::Statement => speaks(look) && has_one(&look.claim.sentence, AGAIN),
        _ => false,
    });
    let Some(made) = made.filter(|_| !accounted) else {
        return Vec::new();
    };
    let mut told = std::collections::BTreeSet::new();
    let at_once = lists().filter(|look| match &look.claim.kind {
        ClaimKind::ErasedOn { duration, .. } => *duration == Period::ZERO,
        ClaimKind::Statement => has_one(&look.claim.sentence, AT_ONCE) && has_one(&look.claim.sentence, DELETES),
        _ => false,
    });
    let at_once = at_once.filter(|look| !speaks(look) && told.insert(look.claim.sentence.as_str()));
    let how_often = backup_cycle(register).map_or_else(String::new, |period| format!(" every {}", period.in_words()));
    at_once
        .map(|look| {
            let kind = listed([look.claim.id.as_str()], 1);
            look.found(format!(
                "claim {kind} deletes at once, beside {}: backups{how_often} keep what was deleted",
                made.named()
            ))
        })
        .collect()
}

fn has_one(sentence: &str, words: &[&str]) -> bool {
    let lower = sentence.to_lowercase();
    words.iter().any(|word| lower.contains(word))
}
