//! The matrix for a terminal of 80 columns: a sign per cell, and below it what the signs rest on.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use averment_catalog::ElementId;

use super::{Cell, Matrix, People, Row, State, kinds, label};
use crate::viewer::Viewer;

/// Columns for the elements of a row.
const NAME: usize = 26;
const WIDTH: usize = 80;
/// Rows with more names than these are called the rest of their category.
const NAMES_MAX: usize = 3;

/// Two letters for a viewer.
fn short(viewer: Viewer) -> &'static str {
    match viewer {
        Viewer::Owner => "ow",
        Viewer::Guardian => "gu",
        Viewer::Teacher => "te",
        Viewer::OtherTeacher => "ot",
        Viewer::Peer => "pe",
        Viewer::OtherStudent => "os",
        Viewer::SchoolOfficial => "of",
        Viewer::SchoolAdmin => "ad",
        Viewer::Staff => "st",
        Viewer::SupportStaff => "su",
        Viewer::LinkHolder => "li",
        Viewer::SearchEngine => "se",
        Viewer::Public => "pu",
    }
}

pub(super) fn text(matrix: &Matrix) -> String {
    let mut out = format!("Who may see what, by {}", matrix.organisation);
    if let Some((_, name)) = &matrix.school {
        _ = write!(out, ", for {name}");
    }
    out.push('\n');
    let mut notes = Notes::default();
    for people in &matrix.people {
        table(people, &mut notes, &mut out);
    }
    legend(&mut out);
    notes.write(&mut out);
    said(matrix, &mut out);
    out
}

fn table(people: &People, notes: &mut Notes, out: &mut String) {
    _ = write!(out, "\nof {}\n\n{:NAME$}", wrapped(&kinds(&people.kinds), 3), "");
    for viewer in Viewer::ALL {
        _ = write!(out, "  {}", short(viewer));
    }
    out.push('\n');
    for row in &people.rows {
        let mut lines = fold(&named(row, people), NAME - 1);
        let last = lines.pop().unwrap_or_default();
        lines.iter().for_each(|line| _ = writeln!(out, "{line}"));
        _ = write!(out, "{last:NAME$}");
        for cell in &row.cells {
            _ = write!(out, "{:>4}", notes.sign(cell));
        }
        out.push('\n');
    }
    for rest in &people.rest {
        _ = writeln!(out, "{}", wrapped(&format!("{} ({})", rest.words(), rest.by), 0));
    }
}

/// The names of a row; the rest of its category where they are many and it is the longest row of that.
fn named(row: &Row, people: &People) -> String {
    let category = |row: &Row| {
        row.elements
            .first()
            .and_then(|id| id.as_str().split('.').next().map(str::to_owned))
    };
    let own = category(row);
    let longest = people
        .rows
        .iter()
        .filter(|other| category(other) == own)
        .map(|other| other.elements.len())
        .max();
    match own {
        Some(own) if row.elements.len() > NAMES_MAX && longest == Some(row.elements.len()) => {
            let category = ElementId::new(&own).ok();
            format!("{}, all else", category.as_ref().map_or(own.as_str(), label))
        }
        _ => row.elements.iter().map(label).collect::<Vec<_>>().join("; "),
    }
}

fn legend(out: &mut String) {
    out.push('\n');
    let viewers: Vec<String> = Viewer::ALL
        .map(|viewer| format!("{} {}", short(viewer), viewer.label()))
        .into();
    _ = writeln!(out, "{}", wrapped(&viewers.join("; "), 0));
    let signs = "yes: sees it; a letter: sees it when what stands behind the letter holds; no: hidden, as promised; . : hidden, \
                 since nothing shows it. What no line names is hidden from everybody.";
    _ = writeln!(out, "{}", wrapped(signs, 0));
}

/// Conditions, each with its letter.
#[derive(Default)]
struct Notes {
    letters: BTreeMap<Vec<Vec<String>>, usize>,
    order: Vec<Vec<Vec<String>>>,
}

impl Notes {
    fn sign(&mut self, cell: &Cell) -> String {
        match cell.state {
            State::Seen => "yes".to_owned(),
            State::SeenWhen => letter(self.number(&cell.when)),
            State::Hidden => "no".to_owned(),
            State::NotSaid => ".".to_owned(),
        }
    }

    fn number(&mut self, when: &[Vec<String>]) -> usize {
        let next = self.order.len();
        let number = *self.letters.entry(when.to_vec()).or_insert(next);
        if number == next {
            self.order.push(when.to_vec());
        }
        number
    }

    fn write(&self, out: &mut String) {
        for (number, when) in self.order.iter().enumerate() {
            let any: Vec<String> = when.iter().map(|all| all.join(" and ")).collect();
            _ = writeln!(out, "{:<3} when {}", letter(number), wrapped(&any.join("; or "), 9));
        }
    }
}

fn letter(number: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(number % 26).expect("26 letters"));
    match number / 26 {
        0 => letter.to_string(),
        round => format!("{letter}{round}"),
    }
}

fn said(matrix: &Matrix, out: &mut String) {
    out.push_str("\nsaid by\n");
    for (name, sentence) in &matrix.said {
        _ = writeln!(out, "  {name}\n    {}", wrapped(sentence, 4));
    }
    if !matrix.of_the_gate.is_empty() {
        let names = matrix.of_the_gate.join(", ");
        _ = writeln!(
            out,
            "{}",
            wrapped(&format!("about recipients, which the gate decides: {names}"), 0)
        );
    }
}

/// Broken at spaces, lines but the first indented.
fn wrapped(text: &str, indent: usize) -> String {
    fold(text, WIDTH - indent).join(&format!("\n{:indent$}", ""))
}

fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
