//! `docs/claims.md` says what the table of kinds says.

use std::path::Path;

use averment_claims::{ATTESTED_DAYS, MEASURED_DAYS, Messages, ROWS, Row, WINDOW_DAYS};
use averment_register::ClaimKind;

const BEGIN: &str = "<!-- kinds -->\n";
const END: &str = "<!-- /kinds -->";

fn table() -> String {
    let head = "| kind | messages | programs | where | best grade | what breaks it |\n|---|---|---|---|---|---|\n";
    ROWS.iter().fold(head.to_owned(), |table, row| table + &line(row))
}

fn line(row: &Row) -> String {
    let programs: Vec<&str> = row.programs.iter().map(|program| program.as_str()).collect();
    let planes: Vec<&str> = row.planes.iter().map(|plane| plane.as_str()).collect();
    let messages = match row.messages {
        Messages::Nothing => "–",
        Messages::OnlyAgainst => "only against",
        Messages::Both => "count for",
        Messages::Enforced => "enforce",
        Messages::Absence => "by absence",
    };
    let (programs, planes) = match (programs.is_empty(), planes.is_empty()) {
        (true, _) => ("–".to_owned(), "–".to_owned()),
        (false, true) => (programs.join(", "), "the recipient's planes".to_owned()),
        (false, false) => (programs.join(", "), planes.join(", ").replace('_', " ")),
    };
    let Row {
        kind, best, broken_by, ..
    } = row;
    format!(
        "| `{kind}` | {messages} | {programs} | {planes} | `{}` | {broken_by} |\n",
        best.as_str()
    )
}

#[test]
fn the_page_has_the_table_of_kinds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/claims.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (front, rest) = text.split_once(BEGIN).unwrap();
    let (found, back) = rest.split_once(END).unwrap();
    if std::env::var_os("REWRITE_CASES").is_some() {
        std::fs::write(&path, format!("{front}{BEGIN}{}{END}{back}", table())).unwrap();
        return;
    }
    assert_eq!(found, table(), "REWRITE_CASES=1 writes the table");
    let days = [
        (WINDOW_DAYS, "30 days"),
        (MEASURED_DAYS.into(), "30 days"),
        (ATTESTED_DAYS.into(), "a year and a day"),
    ];
    assert_eq!(
        days.map(|(days, _)| days),
        [30, 30, 366],
        "the words of the page are about these numbers"
    );
    assert!(days.iter().all(|(_, words)| text.contains(words)));
}

#[test]
fn the_table_has_one_row_per_kind() {
    let mut kinds: Vec<&str> = ROWS.iter().map(|row| row.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), ROWS.len());
    // A kind without a row would be found by the scenarios of its file; this is about the other way.
    assert!(kinds.contains(&ClaimKind::Shares.as_str()) && kinds.contains(&ClaimKind::Statement.as_str()));
}
