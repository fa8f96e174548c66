//! What a plan or a run says about claims: one measurement for each that the data map holds something of.

use std::collections::{BTreeMap, BTreeSet};

use averment_ledger::Measurement;
use averment_register::ClaimId;

use super::report::{Report, RuleReport};

/// Who looked.
pub const BY: &str = "probe.retention";
/// Most places in a measurement.
const PLACES_MAX: usize = 100;

/// Measurements without identifiers. `scheduled`: whether what is due goes by itself, so that a run that left nothing is
/// evidence that the claim is enforced.
///
/// Rows: all that a rule is about; contrary: those due that nobody holds; unreadable: those whose time cannot be read; unseen:
/// tables that could not be looked at. A claim of which no table holds anything has no measurement. Where the clock is doubted
/// nothing counts as seen.
pub fn measure(report: &Report, scheduled: bool) -> Vec<Measurement> {
    let mut claims: BTreeMap<&ClaimId, Vec<&RuleReport>> = BTreeMap::new();
    for rule in &report.rules {
        claims.entry(&rule.claim).or_default().push(rule);
    }
    for one in report.unmeasured.iter().filter(|one| one.store.is_some()) {
        claims.entry(&one.claim).or_default();
    }
    let one = |(claim, rules): (&ClaimId, Vec<&RuleReport>)| of_claim(report, claim, &rules, scheduled);
    claims.into_iter().map(one).collect()
}

fn of_claim(report: &Report, claim: &ClaimId, rules: &[&RuleReport], scheduled: bool) -> Measurement {
    let unseen: BTreeSet<_> = report
        .unmeasured
        .iter()
        .filter(|one| one.claim == *claim && one.store.is_some())
        .map(|one| (&one.store, &one.table))
        .collect();
    let sum = |of: fn(&RuleReport) -> u64| rules.iter().map(|rule| of(rule)).sum::<u64>();
    let contrary = sum(RuleReport::overdue);
    let stopped = rules.iter().any(|rule| rule.stopped.is_some());
    if report.refused.is_some() {
        let unseen = (unseen.len() + rules.len()) as u64;
        return Measurement {
            unseen,
            ..empty(report, claim)
        };
    }
    Measurement {
        observed: sum(|rule| rule.now().rows),
        contrary,
        unreadable: sum(|rule| rule.now().unread),
        unseen: unseen.len() as u64,
        enforcing: scheduled && report.run && contrary == 0 && !stopped && unseen.is_empty(),
        places: places(report, claim, rules),
        ..empty(report, claim)
    }
}

fn empty(report: &Report, claim: &ClaimId) -> Measurement {
    Measurement {
        claim: claim.to_string(),
        by: BY.to_owned(),
        plane: Some("database".to_owned()),
        from: report.from.to_string(),
        until: report.until.to_string(),
        ..Measurement::default()
    }
}

fn places(report: &Report, claim: &ClaimId, rules: &[&RuleReport]) -> Vec<String> {
    let counts = rules.iter().flat_map(|rule| {
        let look = rule.now();
        let (table, rows) = match rule.objects {
            true => ("objects under", "objects"),
            false => ("table", "rows"),
        };
        let words = [
            (look.overdue(), "longer there than said"),
            (look.unread, "with a time that cannot be read"),
            (look.held, "kept by holds"),
        ];
        let some = words.into_iter().filter(|(count, _)| *count > 0);
        some.map(move |(count, words)| format!("{}, {table} {}: {count} {rows} {words}", rule.store, rule.table))
    });
    let unseen = report
        .unmeasured
        .iter()
        .filter(|one| one.claim == *claim)
        .filter_map(|one| {
            let store = one.store.as_ref()?;
            Some(format!(
                "{store}, table {}: not measured",
                one.table.as_deref().unwrap_or("*")
            ))
        });
    let kept = report.kept.iter().filter(|one| one.claim == *claim);
    let kept = kept.map(|one| format!("{}, {}: kept, as the data map says", one.store, one.table));
    counts.chain(unseen).chain(kept).take(PLACES_MAX).collect()
}
