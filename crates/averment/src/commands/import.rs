//! `averment import`: published pages become a register; what was not understood is listed.

use std::io::Read as _;
use std::path::Path;

use averment_register::{
    DOCUMENT_MAX_BYTES, ImportChange, ImportChangeKind, ImportReport, Outcome as Read, Severity, Source, check, decode,
    import_all, reimport, rewrite, write,
};
use serde_json::{Value, json};

use crate::cli::{Format, ImportArgs};
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

pub(crate) fn run(arguments: &ImportArgs) -> Result<Outcome, Failure> {
    let documents = arguments
        .files
        .iter()
        .map(|file| Ok((name(file), read(file)?)))
        .collect::<Result<Vec<(String, String)>, Failure>>()?;
    let given: Vec<(&str, &str)> = documents
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let (source, reports, changes) = if arguments.again {
        let existing = Source::read(&arguments.into)?;
        let again = reimport(&existing, &given)?;
        rewrite(&again.source, &arguments.into)?;
        (again.source, again.reports, again.changes)
    } else {
        let all = import_all(&given)?;
        write(&all.source, &arguments.into)?;
        (all.source, all.reports, Vec::new())
    };
    let compiled = check(&source, crate::clock::today());
    let counts = [Severity::Error, Severity::Warning, Severity::Note].map(|severity| compiled.count(severity));
    match arguments.format {
        Format::Text => print_text(arguments, &reports, &changes, counts),
        Format::Json => print_json(arguments, &reports, &changes, counts),
    }
    Ok(if compiled.charter.is_some() {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

fn print_text(arguments: &ImportArgs, reports: &[ImportReport], changes: &[ImportChange], counts: [usize; 3]) {
    for report in reports {
        if arguments.explain {
            anstream::print!("{}", report.explain());
        }
        anstream::println!("{}", report.render());
    }
    if arguments.again {
        print_changes(changes);
    }
    let into = arguments.into.display();
    anstream::println!("Written to {into}. Next: `averment check {into}`");
    let [errors, warnings, notes] = counts;
    anstream::println!("({errors} errors, {warnings} warnings, {notes} notes)");
}

fn print_changes(changes: &[ImportChange]) {
    let conflicts = changes
        .iter()
        .filter(|change| change.kind == ImportChangeKind::Conflict)
        .count();
    anstream::println!(
        "Since the last import: {} changes, {conflicts} conflicts",
        changes.len()
    );
    for change in changes {
        let place = if change.place.is_empty() {
            String::new()
        } else {
            format!(": {}", change.place)
        };
        let line = format!("  {} {}{place}", change.kind.as_str(), change.file);
        anstream::println!("{}", wrap(&line, 80, "    "));
        if let Some(page) = &change.page {
            anstream::println!("    the page says: {}", wrap(page, 60, "    "));
        }
    }
    anstream::println!();
}

fn print_json(arguments: &ImportArgs, reports: &[ImportReport], changes: &[ImportChange], counts: [usize; 3]) {
    let [errors, warnings, notes] = counts;
    let changes = changes.iter().map(|change| {
        json!({ "file": change.file, "place": change.place, "kind": change.kind.as_str(), "page": change.page })
    });
    let document = json!({
        "schema": "averment.import/1",
        "register": arguments.into.display().to_string(),
        "documents": reports.iter().map(document).collect::<Vec<Value>>(),
        "changes": changes.collect::<Vec<Value>>(),
        "errors": errors,
        "warnings": warnings,
        "notes": notes,
    });
    anstream::println!("{document:#}");
}

fn document(report: &ImportReport) -> Value {
    let recipients = report.recipients.iter().map(|one| {
        json!({
            "line": one.line,
            "id": one.id,
            "name": one.name,
            "third_parties": one.third_parties,
            "discloses": one.discloses,
            "claims": one.claims,
        })
    });
    let sentences = report.sentences.iter().map(|one| {
        let found = match &one.outcome {
            Read::Kept => Vec::new(),
            Read::Typed(found) => found
                .iter()
                .map(|one| json!({ "what": one.what, "rule": one.rule }))
                .collect(),
        };
        json!({ "line": one.line, "recipient": one.recipient, "sentence": one.sentence, "understood": found })
    });
    let problems = report
        .problems
        .iter()
        .map(|one| json!({ "line": one.line, "message": one.message }));
    let layout = report
        .layout
        .iter()
        .map(|(line, text)| json!({ "line": line, "text": text }));
    json!({
        "document": report.document,
        "organisation": report.organisation,
        "recipients": recipients.collect::<Vec<Value>>(),
        "sentences": sentences.collect::<Vec<Value>>(),
        "problems": problems.collect::<Vec<Value>>(),
        "layout": layout.collect::<Vec<Value>>(),
    })
}

/// The name that `said` will refer to.
fn name(file: &Path) -> String {
    match file.file_name().map(|name| name.to_string_lossy().into_owned()) {
        Some(name) if name != "-" => name,
        _ => "document".to_owned(),
    }
}

/// The text of a page. Reading ends one byte behind the limit, so that a pipe without end is refused too.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", file.display())).because(error);
    let limit = u64::try_from(DOCUMENT_MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin()
            .lock()
            .take(limit)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
    } else {
        let open = std::fs::File::open(file).map_err(failed)?;
        open.take(limit).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() > DOCUMENT_MAX_BYTES {
        let message = format!("`{}` is larger than {DOCUMENT_MAX_BYTES} bytes", file.display());
        return Err(Failure::new(message).hint("save the part of the page that lists recipients"));
    }
    Ok(decode(&bytes))
}
