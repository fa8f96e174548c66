//! The changes as an Atom feed: one entry per change.
//!
//! Source: RFC 4287 (Atom), RFC 9562 (identifiers made from digests), XML 1.0 section 2.2 (characters).

use std::fmt::Write as _;

use crate::changes::{Change, History, Publication, uuid_of};
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
    let changes = history
        .publications()
        .iter()
        .flat_map(|publication| publication.changes.iter().map(move |change| (publication, change)));
    for (publication, change) in changes.take(MOST) {
        entry(&mut out, document, publication, change);
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

fn entry(out: &mut String, document: &Document, publication: &Publication, change: &Change) {
    let at = publication.at;
    let anchor = change.id.rsplit(':').next().unwrap_or_default();
    let link = address(document, &format!("changes.html#change-{anchor}"));
    _ = writeln!(out, "  <entry>");
    _ = writeln!(out, "    <id>{}</id>", escape(&change.id));
    _ = writeln!(out, "    <title>{}</title>", escape(&change.words));
    _ = writeln!(out, "    <published>{at}</published>\n    <updated>{at}</updated>");
    _ = writeln!(out, "    <link rel=\"alternate\" type=\"text/html\" href=\"{link}\"/>");
    _ = writeln!(
        out,
        "    <content type=\"text\">{}</content>",
        escape(&details(publication, change))
    );
    _ = writeln!(out, "  </entry>");
}

fn details(publication: &Publication, change: &Change) -> String {
    let mut lines = vec![change.words.clone()];
    lines.extend(change.before.iter().map(|text| format!("Before: {text}")));
    lines.extend(change.after.iter().map(|text| format!("Now: {text}")));
    lines.push(format!("Register: {}", publication.charter));
    lines.join("\n")
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
