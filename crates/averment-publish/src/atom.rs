//! The changes as an Atom feed: one entry per change, and one where nobody can tell what changed.
//!
//! Source: RFC 4287 (Atom), RFC 9562 (identifiers made from digests), XML 1.0 section 2.2 (characters).

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::changes::{Change, DutyRow, History, Publication, uuid_of};
use crate::document::Document;

/// Entries in the feed; `changes.json` has more.
const MOST: usize = 500;

pub(crate) fn feed(document: &Document, history: &History) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
    let language = escape(&document.about.language);
    _ = writeln!(
        out,
        "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{language}\">"
    );
    head(&mut out, document, history);
    let publications = history.publications().iter();
    for entry in publications.flat_map(entries).take(MOST) {
        write(&mut out, document, &entry);
    }
    out += "</feed>\n";
    out
}

fn head(out: &mut String, document: &Document, history: &History) {
    let organisation = escape(&document.organisation);
    let updated = history
        .publications()
        .first()
        .map_or(document.generated_at, |last| last.at);
    let id = uuid_of(&format!("averment feed of {}", document.organisation));
    _ = writeln!(out, "  <id>{id}</id>");
    _ = writeln!(out, "  <title>Changes to who receives data from {organisation}</title>");
    _ = writeln!(out, "  <updated>{updated}</updated>");
    _ = writeln!(out, "  <author><name>{organisation}</name></author>");
    if document.about.page.is_some() {
        _ = writeln!(
            out,
            "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>",
            address(document, "feed.atom")
        );
    }
    _ = writeln!(
        out,
        "  <link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>",
        address(document, "changes.html")
    );
    if let Some(notice) = &document.notice {
        _ = writeln!(out, "  <subtitle>Please note: {}</subtitle>", escape(notice));
    }
}

/// What the feed tells of a publication or of a change.
struct Entry<'a> {
    id: &'a str,
    /// Place on the page of changes.
    anchor: String,
    title: &'a str,
    at: Timestamp,
    lines: Vec<String>,
}

/// What could not be compared comes first: a reader who sees nothing would take it for no change.
fn entries(publication: &Publication) -> impl Iterator<Item = Entry<'_>> {
    let not_compared = publication.not_compared.as_ref().map(|reason| Entry {
        id: &publication.id,
        anchor: format!("publication-{}", last_part(&publication.id)),
        title: "What changed in the register cannot be told",
        at: publication.at,
        lines: vec![format!("What changed in the register cannot be told: {reason}.")],
    });
    let changes = publication.changes.iter().map(|change| Entry {
        id: &change.id,
        anchor: format!("change-{}", last_part(&change.id)),
        title: &change.sentence,
        at: publication.at,
        lines: details(publication, change),
    });
    not_compared.into_iter().chain(changes)
}

fn write(out: &mut String, document: &Document, entry: &Entry) {
    let at = entry.at;
    let link = address(document, &format!("changes.html#{}", entry.anchor));
    _ = writeln!(out, "  <entry>");
    _ = writeln!(out, "    <id>{}</id>", escape(entry.id));
    _ = writeln!(out, "    <title>{}</title>", escape(entry.title));
    _ = writeln!(out, "    <published>{at}</published>\n    <updated>{at}</updated>");
    _ = writeln!(out, "    <link rel=\"alternate\" type=\"text/html\" href=\"{link}\"/>");
    let lines = entry.lines.join("\n");
    _ = writeln!(out, "    <content type=\"text\">{}</content>", escape(&lines));
    _ = writeln!(out, "  </entry>");
}

fn details(publication: &Publication, change: &Change) -> Vec<String> {
    let mut lines = vec![
        change.sentence.clone(),
        format!("Direction: {}", change.direction.words()),
    ];
    if !change.duties.is_empty() {
        let duties: Vec<String> = change.duties.iter().map(DutyRow::words).collect();
        lines.push(format!("It obliges to: {}", duties.join("; ")));
    }
    lines.push(format!("Register: {}", publication.charter));
    lines
}

/// `urn:uuid:…` without what stands before the number.
fn last_part(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or_default()
}

/// `path` where the site is published, when the register says where; relative to the feed otherwise.
fn address(document: &Document, path: &str) -> String {
    let base = document.about.page.as_deref().unwrap_or_default();
    escape(&crate::discovery::below(base, path))
}

/// XML has no place for most control characters, whatever way they are written.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\n' | '\t' => out.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
