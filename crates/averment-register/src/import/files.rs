//! An import to register files: one key per line, texts escaped, the document's line in the comment.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use averment_catalog::{ElementId, catalog};

use super::recipient::{Discloses, Imported, ImportedClaim};
use super::row::Quote;
use crate::charter::{Claim, ClaimId, ClaimKind, RecipientId, STUDENT_RECORD_CATEGORIES, Said, StudentRecords};
use crate::emit::{self, quoted};
use crate::model::UNKNOWN_ORGANISATION;

/// What stands where a page says nothing.
pub(super) const NOT_SAID: &str = "(not said)";

/// The comments that an import writes into fields and rows; those at the top of a file stay where they are.
pub(super) const COMMENTS: [&str; 6] = [
    "# The document does not say: fill it in.",
    "# not said in the document: check",
    "# Whose data it is is not said: check.",
    "# report: forward what is not declared and record it; enforce: refuse it.",
    "# Claims about the list as a whole. A `list_complete` claim says that there is no recipient besides these;",
    "# make it only where the document says so.",
];

fn quoted_list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quoted(&item.to_string())).collect();
    format!("[{}]", items.join(", "))
}

fn said(said: &Said) -> String {
    format!(
        "said = {{ document = {}, line = {} }}\n",
        quoted(&said.document),
        said.line
    )
}

/// `organisation.toml`. `documents`: file name and title of each.
pub(super) fn organisation(organisation: &str, documents: &[(String, String)]) -> String {
    let mut out = String::from(match organisation {
        UNKNOWN_ORGANISATION => "# Who makes the statements. The document does not say: fill it in.\n",
        _ => "# Who makes the statements. The name was read from the document: check it.\n",
    });
    _ = writeln!(out, "organisation = {}\n", quoted(organisation));
    out.push_str("[defaults]\n# report: forward what is not declared and record it; enforce: refuse it.\n");
    out.push_str("mode = \"report\"\nunknown_hosts = \"report\"\n");
    for (id, title) in documents {
        _ = writeln!(out, "\n[[documents]]\nid = {}\ntitle = {}", quoted(id), quoted(title));
    }
    out
}

/// `recipients/<id>.toml`.
pub(super) fn recipient(id: &RecipientId, imported: &Imported) -> String {
    let row = &imported.row;
    let mut out = format!(
        "# {}: line {} of {}.\n",
        comment(&row.name),
        row.said.line,
        comment(&row.said.document)
    );
    _ = writeln!(out, "recipient = {}", quoted(id.as_str()));
    _ = writeln!(out, "name = {}", quoted(&row.name));
    if let Some(operator) = &row.operator {
        _ = writeln!(out, "operator = {}", quoted(operator));
    }
    if imported.third_parties.len() != 1 || imported.third_parties[0].as_str() != id.as_str() {
        _ = writeln!(out, "third_parties = {}", quoted_list(&imported.third_parties));
    }
    text("purpose", &purpose(imported), &mut out);
    _ = writeln!(out, "purposes = {}", quoted_list(&imported.purposes));
    text("information", &joined(&row.information), &mut out);
    let planes = imported.planes.iter().map(|plane| plane.as_str());
    _ = writeln!(out, "planes = {}", quoted_list(planes));
    let sure = imported.claims.iter().any(|claim| match &claim.kind {
        ClaimKind::ContractSays { term } => term.as_str() == "processor_only",
        _ => false,
    });
    let check = if sure { "" } else { " # not said in the document: check" };
    _ = writeln!(out, "role = \"processor\"{check}");
    let records = student_records(imported.student_records);
    _ = writeln!(out, "student_records = {}", quoted(records));
    place(imported, &mut out);
    out.push_str(&said(&row.said));
    for row in &imported.discloses {
        discloses(row, &mut out);
    }
    transfers(imported, &mut out);
    for row in &imported.claims {
        claim(row, &mut out);
    }
    out
}

/// A published text; where there is none the file says so, because a register has no empty texts.
fn text(key: &str, value: &str, out: &mut String) {
    if value.is_empty() {
        _ = writeln!(
            out,
            "# The document does not say: fill it in.\n{key} = {}",
            quoted(NOT_SAID)
        );
    } else {
        _ = writeln!(out, "{key} = {}", quoted(value));
    }
}

/// Why, in the page's words: the row's own, else what stands above its group.
fn purpose(imported: &Imported) -> String {
    let own = joined(&imported.row.purpose);
    match (own.is_empty(), &imported.row.topic) {
        (true, Some(topic)) => topic.text.clone(),
        _ => own,
    }
}

/// Pieces of text one after another, each once.
fn joined(quotes: &[Quote]) -> String {
    let mut seen = BTreeSet::new();
    let mut out = String::new();
    for quote in quotes.iter().filter(|quote| seen.insert(quote.text.as_str())) {
        if !out.is_empty() {
            out.push_str(if out.ends_with(['.', '!', '?', ':', ';']) {
                " "
            } else {
                "; "
            });
        }
        out.push_str(&quote.text);
    }
    out
}

/// Where it processes, and how to reach it.
fn place(imported: &Imported, out: &mut String) {
    let row = &imported.row;
    if !row.countries.is_empty() {
        _ = writeln!(out, "countries = {}", quoted_list(&row.countries));
    }
    for (key, value) in [("address", &row.address), ("website", &row.website)] {
        if let Some(value) = value {
            _ = writeln!(out, "{key} = {}", quoted(value));
        }
    }
    if let Some((date, _)) = &row.retired {
        _ = writeln!(out, "retired = {date}");
    }
}

/// What a transfer rests on, for each third country that the row names.
fn transfers(imported: &Imported, out: &mut String) {
    let row = &imported.row;
    for (safeguard, instrument) in &row.transfers {
        let third = |code: &&String| {
            let country = catalog().country(code);
            country.is_some_and(|country| country.region != averment_catalog::Region::Eea)
        };
        for to in row.countries.iter().filter(third) {
            _ = writeln!(out, "\n[[transfers]]\nto = {}", quoted(to));
            _ = writeln!(
                out,
                "safeguard = {}\ninstrument = {}",
                quoted(safeguard),
                quoted(instrument)
            );
        }
    }
}

fn discloses(row: &Discloses, out: &mut String) {
    out.push_str(if row.guessed {
        "\n# Whose data it is is not said: check.\n"
    } else {
        "\n"
    });
    _ = writeln!(out, "[[discloses]]\nelements = {}", quoted_list(&row.elements));
    _ = writeln!(out, "subjects = {}", quoted_list(&row.subjects));
    _ = writeln!(out, "when = {}", quoted(&row.when.to_string()));
}

/// One `[[claims]]` row, without its identifier and without parameters that are what none means.
pub(super) fn claim(row: &ImportedClaim, out: &mut String) {
    let claim = Claim {
        id: ClaimId::new("claim").expect("a plain word is an identifier"),
        kind: row.kind.clone(),
        recipient: None,
        sentence: row.sentence.clone(),
        said: Some(row.said.clone()),
        evidence: None,
    };
    let usual = is_student_records(&row.kind);
    out.push_str("\n[[claims]]\n");
    for line in emit::claim(&claim).lines() {
        let parameter = line.starts_with("elements = ") || line.starts_with("subjects = ");
        let left_out = line.starts_with("id = ") || usual && parameter;
        if !left_out {
            out.push_str(line);
            out.push('\n');
        }
    }
}

/// "No student records": what a `never_shares` row without parameters says.
fn is_student_records(kind: &ClaimKind) -> bool {
    let ClaimKind::NeverShares { elements, subjects } = kind else {
        return false;
    };
    let elements: Vec<&str> = elements.iter().map(ElementId::as_str).collect();
    let mut usual = STUDENT_RECORD_CATEGORIES;
    usual.sort_unstable();
    elements == usual && subjects.iter().map(averment_catalog::SubjectId::as_str).eq(["student"])
}

/// `claims/<document>.toml`: claims about the organisation and the list as a whole.
pub(super) fn claims(rows: &[ImportedClaim]) -> String {
    let mut out = String::from(
        "# Claims about the list as a whole. A `list_complete` claim says that there is no recipient besides these;\n",
    );
    out.push_str("# make it only where the document says so.\n");
    for row in rows {
        claim(row, &mut out);
    }
    out
}

/// One line that a comment can hold.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn student_records(value: StudentRecords) -> &'static str {
    match value {
        StudentRecords::None => "none",
        StudentRecords::Technical => "technical",
        StudentRecords::Content => "content",
        StudentRecords::Possible => "possible",
        StudentRecords::Yes => "yes",
    }
}
