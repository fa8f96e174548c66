//! The report for a terminal of 80 columns. Prose lines are `label: text` and left to the caller to break.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use averment_register::Severity;

use super::excerpt::{Excerpts, word};
use super::{clipped, counted, counts, visible};
use crate::drift::{Drift, Report, Rule};
use crate::observation::Spot;
use crate::seen::Coverage;

const WIDTH: usize = 80;
/// Most of what could not be read that is named.
const UNREAD_MAX: usize = 10;

/// The report: third parties with open drift, the worst first, then what was seen. `places_max`: places named per drift.
pub fn text(report: &Report, places_max: usize) -> String {
    let excerpts = Excerpts::of(&report.seen);
    let mut out = String::new();
    let absent = absent(report);
    let is_told_together = |one: &Drift| absent.len() > 1 && one.rule == Rule::NeverSeen;
    for (who, drift) in by_party(report, is_told_together) {
        _ = writeln!(out, "{}\n", clipped(&visible(&who), WIDTH));
        for one in drift {
            block(&mut out, one, &excerpts, places_max);
        }
    }
    if absent.len() > 1 {
        together(&mut out, &absent);
    }
    for notice in &report.notices {
        _ = writeln!(out, "baseline: {}", visible(notice));
    }
    _ = writeln!(out, "{}", counts(report));
    coverage(&mut out, report);
    out
}

/// Open drift by third party, in the order of the worst of each, then by name; what is about nobody comes last of its kind.
fn by_party(report: &Report, is_left_out: impl Fn(&Drift) -> bool) -> Vec<(String, Vec<&Drift>)> {
    let mut groups: BTreeMap<String, Vec<&Drift>> = BTreeMap::new();
    for one in report.open().filter(|one| !is_left_out(one)) {
        let who = one
            .party
            .as_ref()
            .map_or_else(|| report.seen.look.as_str().to_owned(), ToString::to_string);
        groups.entry(who).or_default().push(one);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    let worst = |drift: &[&Drift]| drift.iter().map(|one| one.severity).max().unwrap_or(Severity::Note);
    groups.sort_by_key(|(_, drift)| Reverse(worst(drift)));
    groups
}

/// Recipients that were never seen.
fn absent(report: &Report) -> Vec<&Drift> {
    report.open().filter(|one| one.rule == Rule::NeverSeen).collect()
}

/// They say the same but for the name, so that they are told in one line.
fn together(out: &mut String, absent: &[&Drift]) {
    let severity = absent.iter().map(|one| one.severity).max().unwrap_or(Severity::Note);
    let (severity, count) = (severity.as_str(), absent.len());
    let subjects: Vec<String> = absent
        .iter()
        .map(|one| format!("`{}`", visible(&one.subject)))
        .collect();
    let hint = absent.iter().find_map(|one| one.hint.as_deref()).unwrap_or_default();
    let subjects = subjects.join(", ");
    _ = writeln!(out, "declared, and never seen\n");
    _ = writeln!(
        out,
        "{severity}: {count} recipients were never seen on planes of theirs: {subjects}"
    );
    _ = writeln!(out, "hint: {}\nrule: {}\n", visible(hint), Rule::NeverSeen.as_str());
}

fn block(out: &mut String, drift: &Drift, excerpts: &Excerpts<'_>, places_max: usize) {
    _ = writeln!(out, "{}: {}", drift.severity.as_str(), visible(&drift.message));
    for spot in drift.places.iter().take(places_max) {
        _ = writeln!(out, "{}", place(drift, spot, excerpts));
    }
    let more = drift.places.len().saturating_sub(places_max);
    if more > 0 {
        let there = if places_max == 0 { "at" } else { "and" };
        let more = counted(more, if places_max == 0 { "place" } else { "more place" });
        _ = writeln!(out, "  {there} {more}");
    }
    if let Some(hint) = &drift.hint {
        _ = writeln!(out, "hint: {}", visible(hint));
    }
    _ = writeln!(
        out,
        "rule: {}, subject `{}`\n",
        drift.rule.as_str(),
        visible(&drift.subject)
    );
}

/// One line: where, and what stands there as far as it fits.
fn place(drift: &Drift, spot: &Spot, excerpts: &Excerpts<'_>) -> String {
    let place = visible(&spot.to_string());
    let room = WIDTH - "  --> ".len();
    let length = place.chars().count();
    if length > room {
        // The end of a path says more than its beginning.
        let end: String = place.chars().skip(length - room + 1).collect();
        return format!("  --> …{end}");
    }
    let Some(evidence) = excerpts.at(drift, spot) else {
        return format!("  --> {place}");
    };
    let excerpt = format!("  {} {}", word(evidence.how), visible(&evidence.what));
    format!("  --> {place}{}", clipped(&excerpt, room - length))
        .trim_end()
        .to_owned()
}

fn coverage(out: &mut String, report: &Report) {
    let seen = &report.seen;
    let Coverage { read, live, unread, .. } = &seen.coverage;
    let look = seen.look.as_str();
    let could_not = unread.len();
    _ = writeln!(
        out,
        "{look}: {read} read, {live} of them live, {could_not} could not be read"
    );
    for (reason, count) in &seen.coverage.left_out {
        _ = writeln!(out, "  {count} left out: {}", clipped(&visible(reason), WIDTH - 24));
    }
    for (reason, count) in &seen.coverage.not_looked_at {
        _ = writeln!(
            out,
            "  {count} not looked at: {}",
            clipped(&visible(reason), WIDTH - 28)
        );
    }
    for one in unread.iter().take(UNREAD_MAX) {
        let line = visible(&format!("  could not read {}: {}", one.spot, one.because));
        _ = writeln!(out, "{}", clipped(&line, WIDTH));
    }
    if could_not > UNREAD_MAX {
        _ = writeln!(out, "  and {} more", could_not - UNREAD_MAX);
    }
    if !seen.coverage.saw_something() {
        _ = writeln!(out, "nothing could be seen, so nothing was found out: this is no pass");
    }
}
