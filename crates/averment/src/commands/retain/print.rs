//! A plan or a run for people: a paragraph per rule, what could not be looked at, and what it comes to.

use averment_duties::retain::{Look, Report, RuleReport};
use serde_json::json;

use crate::cli::Format;
use crate::text::wrap;

pub(super) fn print(report: &Report, format: Format) {
    match format {
        Format::Json => anstream::println!("{:#}", json!(report)),
        Format::Text => {
            report.rules.iter().for_each(rule);
            rest(report);
            anstream::println!("{}", wrap(&comes_to(report), 80, ""));
        }
    }
}

fn rule(rule: &RuleReport) {
    let school = rule
        .school
        .as_ref()
        .map_or_else(String::new, |school| format!(" for school {school}"));
    let what = match &rule.columns[..] {
        [] if rule.objects => "objects".to_owned(),
        [] => "rows".to_owned(),
        columns => format!("columns {}", columns.join(", ")),
    };
    line(
        &format!(
            "{}.{}: {what} go {} after {} ({}{school})",
            rule.store,
            rule.table,
            rule.duration.in_words(),
            rule.after.as_str().replace('_', " "),
            rule.claim
        ),
        "",
    );
    line(
        &found(&rule.before, if rule.objects { "objects" } else { "rows" }),
        "  ",
    );
    let index = match (rule.objects, rule.index) {
        (true, _) => "",
        (_, true) => "; by an index",
        _ => "; no index helps: the whole table is read",
    };
    line(&format!("`{}` is {}{index}", rule.time, rule.read_as), "  ");
    if !rule.takes_with.is_empty() {
        line(&format!("with them go rows of {}", rule.takes_with.join(", ")), "  ");
    }
    if let Some(ended) = rule.ended {
        let left = rule.overdue();
        line(&format!("{ended} went, {left} overdue are left"), "  ");
    }
    if let Some(because) = &rule.stopped {
        line(&format!("broken off: {because}"), "  ");
    }
}

fn found(look: &Look, rows: &str) -> String {
    let mut text = format!("{} {rows}, {} overdue", look.rows, look.overdue());
    let counts = [
        (look.held, "due and under hold"),
        (look.blocked, "due and kept by rows that refer to them"),
        (look.unread, "whose time cannot be read"),
    ];
    for (count, words) in counts.into_iter().filter(|(count, _)| *count > 0) {
        text.push_str(&format!(", {count} {words}"));
    }
    if let (Some(oldest), Some(days)) = (&look.oldest, look.oldest_days) {
        text.push_str(&format!("; the oldest is {days} days old ({oldest})"));
    }
    if let Some(next) = look.next_due {
        text.push_str(&format!("; the next is due {next:.0}"));
    }
    text
}

fn rest(report: &Report) {
    for one in &report.unmeasured {
        let place = match (&one.store, &one.table) {
            (Some(store), Some(table)) => format!(" in {store}.{table}"),
            _ => String::new(),
        };
        line(&format!("not measurable: {}{place}: {}", one.claim, one.because), "");
    }
    for one in &report.kept {
        line(
            &format!("kept: {}.{} ({}): {}", one.store, one.table, one.claim, one.reason),
            "",
        );
    }
}

fn comes_to(report: &Report) -> String {
    let overdue = report.overdue();
    let told = match (&report.refused, report.run) {
        (Some(because), true) => format!("Nothing went: {because}."),
        (Some(because), false) => format!("{overdue} rows are overdue. A run would refuse: {because}."),
        (None, false) => format!("{overdue} rows are overdue."),
        (None, true) => match (report.ended(), overdue) {
            (0, 1..) => format!("It failed: nothing went, and {overdue} rows are overdue."),
            (ended, _) => format!("{ended} rows went, {overdue} overdue are left."),
        },
    };
    match &report.not_looked_at()[..] {
        [] => told,
        [one] => format!("{told} Not looked at, so more may be overdue: {one}."),
        [first, rest @ ..] => format!(
            "{told} Not looked at, so more may be overdue: {first} and {} more tables or prefixes, named above.",
            rest.len()
        ),
    }
}

fn line(text: &str, indent: &str) {
    let width = 80 - indent.len();
    let wrapped = wrap(text, width, &format!("{indent}  "));
    anstream::println!("{indent}{wrapped}");
}
