//! A document with a pipe table to rows: line, recipient, purpose, information, and what its further columns say. What is
//! not in a row is kept as prose.
//!
//! Start at [`read`]. The table is found by its rule line (`---|---`), the heading is the line above it; columns are told
//! by the words of their headings, so a column of row numbers is simply passed over. A leading `|` is allowed.

use super::grammar::negates;
use super::lexicon::{Column, lexicon};
use super::words::words;
use super::{ImportError, ImportProblem};

/// A document taken apart.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// Rows of the table.
    pub(super) rows: Vec<Row>,
    /// Lines outside the table, and cells of rows that could not be used.
    pub(super) prose: Vec<(u32, String)>,
    /// What could not be used.
    pub(super) problems: Vec<ImportProblem>,
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Line in the document, from 1.
    pub(super) line: u32,
    /// Name of the recipient.
    pub(super) name: String,
    /// Why.
    pub(super) purpose: String,
    /// What.
    pub(super) information: String,
    /// What the other columns say, each with its heading: `Country: US`.
    pub(super) further: Vec<String>,
}

/// Which cell holds what.
#[derive(Clone)]
struct Columns {
    recipient: usize,
    purpose: usize,
    information: usize,
    headings: Vec<String>,
}

impl Columns {
    /// The filled cells of the other columns, but for a column of row numbers.
    fn further(&self, cells: &[String]) -> Vec<String> {
        let known = [self.recipient, self.purpose, self.information];
        let heading = |at: usize| self.headings.get(at).map_or("", String::as_str);
        let number = |text: &str| !text.chars().any(char::is_alphabetic);
        let counts = |at: usize| {
            number(heading(at)) || ["no", "no.", "nr", "nr."].contains(&heading(at).to_lowercase().as_str())
        };
        let others = cells
            .iter()
            .enumerate()
            .filter(|(at, cell)| !cell.is_empty() && !known.contains(at));
        let told = others.filter(|(at, cell)| !(*at == 0 && counts(*at) && number(cell)));
        told.map(|(at, cell)| match heading(at) {
            "" => cell.clone(),
            heading => format!("{}: {cell}", heading.trim_end_matches(':')),
        })
        .collect()
    }
}

/// Takes a document apart.
pub(super) fn read(text: &str) -> Result<Document, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<(u32, &str)> = (1..).zip(text.lines()).collect();
    let rule = lines
        .iter()
        .position(|(_, line)| is_rule(line))
        .filter(|at| *at > 0)
        .ok_or(ImportError::NoTable)?;
    let (line, heading) = lines[rule - 1];
    let columns = columns(line, &cells(heading))?;
    let mut document = Document::default();
    for (line, text) in &lines[..rule - 1] {
        document.prose(*line, text);
    }
    document.body(&lines[rule + 1..], columns);
    if document.rows.is_empty() {
        Err(ImportError::EmptyTable { line })
    } else {
        Ok(document)
    }
}

fn is_rule(line: &str) -> bool {
    line.contains("--") && line.contains('|') && line.chars().all(|c| matches!(c, '-' | '|' | ':' | ' ' | '\t'))
}

/// The cells of a line; `\|` is a bar inside a cell.
fn cells(line: &str) -> Vec<String> {
    let line = line.trim();
    let line = line.strip_prefix('|').unwrap_or(line);
    let mut cells = vec![String::new()];
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let last = cells.len() - 1;
        match letter {
            '\\' if letters.peek() == Some(&'|') => cells[last].extend(letters.next()),
            '|' => cells.push(String::new()),
            letter => cells[last].push(letter),
        }
    }
    if cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    cells.iter().map(|cell| clean(cell)).collect()
}

/// One line of plain text: control characters and runs of white space become one space.
fn clean(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Tells the columns by their headings: the recipient by the first that names one, the others by what they say most.
fn columns(line: u32, headings: &[String]) -> Result<Columns, ImportError> {
    let found = || headings.join(" | ");
    // "Not shared" says what does not leave: it is no column of information.
    let says = |heading: &String, column| {
        let heading = words(heading);
        let hits = lexicon().columns.find(&heading);
        !heading.iter().any(negates) && hits.iter().any(|hit| *hit.means == column)
    };
    let purpose = headings.iter().position(|heading| says(heading, Column::Purpose));
    let other = |at: &usize| Some(*at) != purpose;
    let recipient = (0..headings.len())
        .filter(other)
        .find(|at| says(&headings[*at], Column::Recipient));
    let mut rest = (0..headings.len()).filter(other).filter(|at| Some(*at) != recipient);
    let information = rest.rfind(|at| says(&headings[*at], Column::Information));
    match (recipient, purpose, information) {
        (Some(recipient), Some(purpose), Some(information)) => Ok(Columns {
            recipient,
            purpose,
            information,
            headings: headings.to_vec(),
        }),
        (recipient, purpose, _) => {
            let missing = match (recipient, purpose) {
                (None, _) => "who receives",
                (_, None) => "why",
                _ => "what is shared",
            };
            Err(ImportError::Heading {
                line,
                missing,
                found: found(),
            })
        }
    }
}

impl Document {
    /// Rows and prose below a heading; a line above a further rule line is the heading of a further table.
    fn body(&mut self, lines: &[(u32, &str)], mut at: Columns) {
        for (index, (line, text)) in lines.iter().enumerate() {
            let heads = lines.get(index + 1).is_some_and(|(_, next)| is_rule(next));
            match (heads, is_rule(text), text.contains('|')) {
                (true, ..) => match columns(*line, &cells(text)) {
                    Ok(columns) => at = columns,
                    Err(error) => {
                        self.problem(*line, format!("{error}; read with the columns of the table before"));
                        self.prose(*line, text);
                    }
                },
                (_, true, _) => {}
                (_, _, true) => self.row(*line, text, &at),
                _ => self.prose(*line, text),
            }
        }
    }

    fn prose(&mut self, line: u32, text: &str) {
        let text = clean(text.trim().trim_start_matches('#'));
        if !text.is_empty() {
            self.prose.push((line, text));
        }
    }

    fn row(&mut self, line: u32, text: &str, columns: &Columns) {
        let cells = cells(text);
        let cell = |at: usize| cells.get(at).filter(|cell| !cell.is_empty()).cloned();
        match (
            cell(columns.recipient),
            cell(columns.purpose),
            cell(columns.information),
        ) {
            (Some(name), Some(purpose), Some(information)) => {
                if text.chars().any(|c| c.is_control() && c != '\t') {
                    self.problem(line, "control characters in this row were read as spaces".into());
                }
                self.rows.push(Row {
                    line,
                    name,
                    purpose,
                    information,
                    further: columns.further(&cells),
                });
            }
            _ => {
                let found = cells.iter().filter(|cell| !cell.is_empty()).count();
                self.problem(
                    line,
                    format!("expected recipient, purpose and information, found {found} filled cells; kept as prose"),
                );
                for cell in cells.iter().filter(|cell| !cell.is_empty()) {
                    self.prose.push((line, cell.clone()));
                }
            }
        }
    }

    fn problem(&mut self, line: u32, message: String) {
        self.problems.push(ImportProblem { line, message });
    }
}
