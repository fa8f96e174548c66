//! What an import made of a document: every sentence with what became of it, and what could not be used.

use std::fmt::Write as _;

use averment_catalog::ThirdPartyId;

use crate::charter::RecipientId;
use crate::model::UNKNOWN_ORGANISATION;

/// Something that was understood in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What: `purpose …`, `discloses …`, `condition …`, `recipient …`, `claim …`.
    pub what: String,
    /// The rule by which.
    pub rule: &'static str,
}

impl Finding {
    pub(super) fn new(what: &str, rule: &'static str) -> Self {
        Self {
            what: what.to_owned(),
            rule,
        }
    }
}

/// What became of one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was read; this came of it.
    Typed(Vec<Finding>),
    /// It is kept verbatim, as a `statement` claim.
    Kept,
}

/// One sentence of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentenceReport {
    /// Line in the document, from 1.
    pub line: u32,
    /// The recipient whose row it stands in; none for text outside the table.
    pub recipient: Option<RecipientId>,
    /// The sentence, verbatim but for white space.
    pub sentence: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// One recipient that came of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientReport {
    /// Line in the document, from 1.
    pub line: u32,
    /// Identifier in the register.
    pub id: RecipientId,
    /// Name as published.
    pub name: String,
    /// Third parties of the catalog; empty when none is known.
    pub third_parties: Vec<ThirdPartyId>,
    /// How many `[[discloses]]` rows it has.
    pub discloses: usize,
    /// Kinds of its `[[claims]]` rows, in order.
    pub claims: Vec<String>,
}

/// Something that could not be used or that a person has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportProblem {
    /// Line in the document, from 1.
    pub line: u32,
    /// What.
    pub message: String,
}

/// What an import made of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportReport {
    /// The document's name.
    pub document: String,
    /// Who published it, as read from the text; a placeholder in brackets where the text does not say.
    pub organisation: String,
    /// Recipients, in the document's order.
    pub recipients: Vec<RecipientReport>,
    /// Sentences, in the document's order.
    pub sentences: Vec<SentenceReport>,
    /// Problems, in the document's order.
    pub problems: Vec<ImportProblem>,
    /// Headings, heads of tables, names, menus, targets of links: every word that is no sentence, with its line.
    pub layout: Vec<(u32, String)>,
}

impl ImportReport {
    /// How many claims of this kind were made.
    pub fn claims(&self, kind: &str) -> usize {
        self.recipients
            .iter()
            .flat_map(|recipient| &recipient.claims)
            .filter(|claim| *claim == kind)
            .count()
    }

    /// How many `[[discloses]]` rows were made.
    pub fn discloses(&self) -> usize {
        self.recipients.iter().map(|recipient| recipient.discloses).sum()
    }

    /// How many third parties of the catalog were recognised, counting one per recipient.
    pub fn resolved(&self) -> usize {
        self.recipients
            .iter()
            .filter(|recipient| !recipient.third_parties.is_empty())
            .count()
    }

    /// The sentences that are kept verbatim.
    pub fn kept(&self) -> impl Iterator<Item = &SentenceReport> {
        self.sentences
            .iter()
            .filter(|sentence| sentence.outcome == Outcome::Kept)
    }

    /// How many sentences were read.
    pub fn typed(&self) -> usize {
        self.sentences.len() - self.kept().count()
    }

    /// One block per sentence: the sentence, what was understood, and by which rule; at most 80 columns.
    pub fn explain(&self) -> String {
        let mut out = String::new();
        for sentence in &self.sentences {
            let whose = sentence
                .recipient
                .as_ref()
                .map_or(String::new(), |id| format!(", {id}"));
            _ = writeln!(out, "line {}{whose}", sentence.line);
            wrap(&sentence.sentence, &mut out);
            match &sentence.outcome {
                Outcome::Kept => out.push_str("  = kept as a statement (no rule fits)\n"),
                Outcome::Typed(found) => {
                    for one in found {
                        wrap_as("  = ", &format!("{} ({})", one.what, one.rule), &mut out);
                    }
                }
            }
            out.push('\n');
        }
        out
    }

    /// The report as text of at most 80 columns.
    pub fn render(&self) -> String {
        let publisher = match self.organisation.as_str() {
            UNKNOWN_ORGANISATION => "publisher not said".to_owned(),
            name => format!("published by {}", plain(name)),
        };
        let mut out = format!("{} ({publisher})\n\n", plain(&self.document));
        let rows = [
            ("recipients", self.recipients.len()),
            ("  known to the catalog", self.resolved()),
            ("disclosure rows", self.discloses()),
            ("claims \"never shared\"", self.claims("never_shares")),
            ("sentences", self.sentences.len()),
            ("  typed", self.typed()),
            ("  kept verbatim", self.kept().count()),
        ];
        for (label, count) in rows {
            _ = writeln!(out, "{label:<28}{count:>6}");
        }
        if self.kept().next().is_some() {
            out.push_str("\nKept verbatim (type them by hand, or leave them as statements):\n");
        }
        for sentence in self.kept() {
            let place = sentence
                .recipient
                .as_ref()
                .map_or("about no recipient", RecipientId::as_str);
            _ = writeln!(out, "  line {}, {place}", sentence.line);
            wrap(&sentence.sentence, &mut out);
        }
        if !self.problems.is_empty() {
            out.push_str("\nTo look at:\n");
        }
        for problem in &self.problems {
            wrap(&format!("line {}: {}", problem.line, problem.message), &mut out);
        }
        out
    }
}

/// Without what a terminal would obey.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Writes `text` in lines of at most 80 columns, indented; a longer word is cut.
fn wrap(text: &str, out: &mut String) {
    wrap_as("    ", text, out);
}

/// The same with `first` before the first line.
fn wrap_as(first: &str, text: &str, out: &mut String) {
    const WIDTH: usize = 74;
    let mut line = String::new();
    let mut indent = first;
    for word in plain(text).split_whitespace() {
        let letters: Vec<char> = word.chars().collect();
        for piece in letters.chunks(WIDTH) {
            if !line.is_empty() && line.chars().count() + 1 + piece.len() > WIDTH {
                _ = writeln!(out, "{indent}{line}");
                line.clear();
                indent = "    ";
            }
            line.extend((!line.is_empty()).then_some(' '));
            line.extend(piece);
        }
    }
    _ = writeln!(out, "{indent}{line}");
}
