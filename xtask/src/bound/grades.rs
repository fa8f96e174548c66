//! The published statements with the grades that they earn: a statement is as good as the weakest claim that it is made of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

use crate::run::root;

/// From best to worst.
const GRADES: [&str; 5] = ["enforced", "monitored", "attested", "unverified", "broken"];

#[derive(Deserialize)]
struct Statements {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
struct Statement {
    example: String,
    says: String,
    #[serde(default)]
    claims: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    recipients: Vec<String>,
}

/// A claim as `averment claims --format json` tells it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) grade: String,
    pub(super) reason: String,
}

/// A statement with what it earned.
pub(super) struct Row {
    pub(super) example: String,
    pub(super) says: String,
    pub(super) grade: String,
    /// The weakest claim, and why it is no better.
    pub(super) because: String,
}

/// Claims of one register.
pub(super) fn claims(document: &serde_json::Value) -> Result<Vec<Claim>, String> {
    serde_json::from_value(document["claims"].clone()).map_err(|error| error.to_string())
}

/// The statements of the examples in `graded`, with their grades.
pub(super) fn rows(graded: &BTreeMap<String, Vec<Claim>>) -> Result<Vec<Row>, String> {
    let file = root().join("examples/statements.toml");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("`{}`: {error}", file.display()))?;
    let all: Statements = toml::from_str(&text).map_err(|error| error.to_string())?;
    let bound = all
        .statement
        .into_iter()
        .filter_map(|statement| Some((graded.get(&statement.example)?, statement)));
    bound.map(|(claims, statement)| row(claims, statement)).collect()
}

fn row(claims: &[Claim], statement: Statement) -> Result<Row, String> {
    let patterns = patterns(&statement);
    let meant = claims
        .iter()
        .filter(|claim| patterns.iter().any(|pattern| fits(pattern, &claim.id)));
    let weakest = meant.max_by_key(|claim| rank(&claim.grade));
    let weakest = weakest.ok_or_else(|| format!("no claim stands for the statement `{}`", statement.says))?;
    Ok(Row {
        example: statement.example,
        says: statement.says,
        grade: weakest.grade.clone(),
        because: format!("{}: {}", weakest.id, timeless(&weakest.reason)),
    })
}

/// A reason without the days and hours of this run, so that the table of two runs is the same.
fn timeless(reason: &str) -> String {
    let reason = reason.split_once(" as of ").map_or(reason, |(before, _)| before);
    match reason
        .split_once(" looked on ")
        .and_then(|(by, rest)| Some((by, rest.split_once(" UTC")?.1)))
    {
        Some((by, rest)) => format!("{by} looked{rest}"),
        None => reason.to_owned(),
    }
}

/// Claims that a statement is made of; what it says by a row of disclosures or a recipient alone is what that recipient gets.
fn patterns(statement: &Statement) -> Vec<String> {
    if !statement.claims.is_empty() {
        return statement.claims.clone();
    }
    let of_rules = statement.rules.iter().filter_map(|rule| rule.split_once('/'));
    let recipients = of_rules.map(|(recipient, _)| recipient.to_owned());
    let all = recipients.chain(statement.recipients.iter().cloned());
    all.map(|recipient| format!("{recipient}/shares")).collect()
}

fn fits(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => id.starts_with(beginning),
        None => id == pattern,
    }
}

fn rank(grade: &str) -> usize {
    GRADES.iter().position(|known| *known == grade).unwrap_or(GRADES.len())
}

/// How many have each grade.
pub(super) fn counts(rows: &[Row]) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(rank(&row.grade)).or_default() += 1;
    }
    counts
}

/// How many are enforced or monitored.
pub(super) fn measured(rows: &[Row]) -> usize {
    rows.iter().filter(|row| rank(&row.grade) <= 1).count()
}

/// The table, as it stands in `examples/bound/grades.md`.
pub(super) fn table(rows: &[Row]) -> String {
    let mut out = String::from(
        "# What the statements earn on the example platform\n\n`cargo xtask bound` writes this table; docs/bound.md says what it shows.\n",
    );
    for example in ["cocalc", "thinglink"] {
        _ = write!(
            out,
            "\n## {example}\n\n| statement | grade | why it is no better |\n|---|---|---|\n"
        );
        for row in rows.iter().filter(|row| row.example == example) {
            let why = if rank(&row.grade) <= 1 { "" } else { &row.because };
            _ = writeln!(out, "| {} | {} | {} |", row.says, row.grade, why.replace('|', "\\|"));
        }
    }
    out.push('\n');
    out.push_str(&summary(rows));
    out
}

/// The counts in one line.
pub(super) fn summary(rows: &[Row]) -> String {
    let each = counts(rows);
    let each = each
        .iter()
        .map(|(rank, count)| format!("{count} {}", GRADES.get(*rank).unwrap_or(&"?")));
    let each: Vec<String> = each.collect();
    format!("{} statements: {}.\n", rows.len(), each.join(", "))
}
