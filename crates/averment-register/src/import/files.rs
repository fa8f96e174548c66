//! An import to register files: one key per line, texts escaped, the document's line in the comment.

use std::fmt::Write as _;

use super::recipient::{Discloses, Imported, ImportedClaim};
use crate::charter::{RecipientId, StudentRecords};
use crate::emit::quoted;
use crate::model::UNKNOWN_ORGANISATION;

fn quoted_list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| quoted(&item.to_string())).collect();
    format!("[{}]", items.join(", "))
}

fn said(document: &str, line: u32) -> String {
    format!("said = {{ document = {}, line = {line} }}\n", quoted(document))
}

/// `organisation.toml`.
pub(super) fn organisation(organisation: &str, document: &str) -> String {
    let mut out = String::from(match organisation {
        UNKNOWN_ORGANISATION => "# Who makes the statements. The document does not say: fill it in.\n",
        _ => "# Who makes the statements. The name was read from the document: check it.\n",
    });
    _ = writeln!(out, "organisation = {}\n", quoted(organisation));
    out.push_str("[defaults]\n# report: forward what is not declared and record it; enforce: refuse it.\n");
    out.push_str("mode = \"report\"\nunknown_hosts = \"report\"\n\n[[documents]]\n");
    _ = writeln!(out, "id = {}\ntitle = {}", quoted(document), quoted(document));
    out
}

/// `recipients/<id>.toml`.
pub(super) fn recipient(id: &RecipientId, imported: &Imported, document: &str) -> String {
    let row = &imported.row;
    let mut out = format!(
        "# {}: line {} of {}.\n",
        comment(&row.name),
        row.line,
        comment(document)
    );
    _ = writeln!(out, "recipient = {}", quoted(id.as_str()));
    _ = writeln!(out, "name = {}", quoted(&row.name));
    if imported.third_parties.len() != 1 || imported.third_parties[0].as_str() != id.as_str() {
        _ = writeln!(out, "third_parties = {}", quoted_list(&imported.third_parties));
    }
    _ = writeln!(out, "purpose = {}", quoted(&row.purpose));
    _ = writeln!(out, "purposes = {}", quoted_list(&imported.purposes));
    _ = writeln!(out, "information = {}", quoted(&row.information));
    _ = writeln!(
        out,
        "planes = {}",
        quoted_list(imported.planes.iter().map(|plane| plane.as_str()))
    );
    let sure = imported
        .claims
        .iter()
        .any(|claim| claim.term.as_deref() == Some("processor_only"));
    _ = writeln!(
        out,
        "role = \"processor\"{}",
        if sure { "" } else { " # not said in the document: check" }
    );
    _ = writeln!(
        out,
        "student_records = {}",
        quoted(student_records(imported.student_records))
    );
    out.push_str(&said(document, row.line));
    for row in &imported.discloses {
        discloses(row, &mut out);
    }
    for row in &imported.claims {
        claim(row, document, imported.row.line, &mut out);
    }
    out
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

/// One `[[claims]]` row.
pub(super) fn claim(row: &ImportedClaim, document: &str, line: u32, out: &mut String) {
    _ = writeln!(out, "\n[[claims]]\nkind = {}", quoted(&row.kind));
    if !row.elements.is_empty() {
        _ = writeln!(out, "elements = {}", quoted_list(&row.elements));
    }
    if !row.subjects.is_empty() {
        _ = writeln!(out, "subjects = {}", quoted_list(&row.subjects));
    }
    for (key, value) in [("form", &row.form), ("term", &row.term), ("host", &row.host)] {
        if let Some(value) = value {
            _ = writeln!(out, "{key} = {}", quoted(value));
        }
    }
    _ = writeln!(out, "sentence = {}", quoted(&row.sentence));
    out.push_str(&said(document, line));
}

/// `claims/list.toml`: claims about the list as a whole.
pub(super) fn list(rows: &[(u32, ImportedClaim)], document: &str) -> String {
    let mut out = String::from(
        "# Claims about the list as a whole. A `list_complete` claim says that there is no recipient besides these;\n",
    );
    out.push_str("# make it only where the document says so.\n");
    for (line, row) in rows {
        claim(row, document, *line, &mut out);
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
