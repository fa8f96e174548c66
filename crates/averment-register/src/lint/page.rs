//! A published page held against the rules before anything is installed: findings by the page's own lines.
//!
//! Start at [`check_page`]. The page is imported in memory; what says something about it is kept, what is only about how a
//! register is kept is not.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::charter::Said;
use crate::compile::check;
use crate::diagnostic::{Diagnostic, Lines, Severity};
use crate::import::{ImportError, ImportReport, import};

/// The findings about a page, by line.
///
/// `name`: the page's file name; `text`: the page. Each finding stands in the page itself, with its own excerpt; those
/// about the page as a whole have no place.
///
/// # Errors
/// [`ImportError`] when nothing can be read from the page.
pub fn check_page(name: &str, text: &str, today: Date) -> Result<Vec<Diagnostic>, ImportError> {
    let imported = import(name, text)?;
    let compiled = check(&imported.source, today);
    let page = Page::of(text, &imported.report);
    let mut findings: Vec<Diagnostic> = compiled
        .diagnostics
        .into_iter()
        .filter_map(|finding| page.place(finding))
        .collect();
    let line = |finding: &Diagnostic| finding.at.as_ref().map_or((usize::MAX, 0), |at| (at.line, at.column));
    findings.sort_by(|a, b| (line(a), a.code).cmp(&(line(b), b.code)));
    findings.dedup_by(|a, b| a.code == b.code && a.message == b.message && a.at == b.at);
    Ok(findings)
}

/// The page with the lines of its recipients.
struct Page<'a> {
    text: &'a str,
    lines: Lines<'a>,
    starts: Vec<usize>,
    document: &'a str,
    recipients: BTreeMap<String, u32>,
}

impl<'a> Page<'a> {
    fn of(text: &'a str, report: &'a ImportReport) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let file = |id: &crate::charter::RecipientId| format!("recipients/{id}.toml");
        Self {
            text,
            lines: Lines::of(text),
            starts: std::iter::once(0).chain(breaks).collect(),
            document: &report.document,
            recipients: report.recipients.iter().map(|row| (file(&row.id), row.line)).collect(),
        }
    }

    /// The finding with its place in the page; none when it is only about the register.
    fn place(&self, mut finding: Diagnostic) -> Option<Diagnostic> {
        let of_recipient = self.recipients.get(&finding.file).copied();
        let compiled = finding.severity == Severity::Error && finding.context.ids.is_empty() && of_recipient.is_some();
        if !finding.context.page && !compiled {
            return None;
        }
        let here = finding
            .context
            .said
            .as_ref()
            .filter(|said| said.document == self.document);
        let line = here.map(|said| said.line).or(of_recipient);
        finding.at = line.and_then(|line| self.position(line, finding.context.words.as_deref()));
        finding.context.said = line.map(|line| Said {
            document: self.document.to_owned(),
            line,
        });
        self.document.clone_into(&mut finding.file);
        Some(finding)
    }

    /// The words in the line or soon behind it; else the line.
    fn position(&self, line: u32, words: Option<&str>) -> Option<crate::diagnostic::Position> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |next| next - 1);
        let near = self.starts.get(index + 4).map_or(self.text.len(), |next| next - 1);
        let found = words.and_then(|words| {
            let at = start + self.text.get(start..near)?.find(words)?;
            Some(at..at + words.len())
        });
        Some(self.lines.position(found.unwrap_or(start..end)))
    }
}
