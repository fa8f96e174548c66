//! A table of a page to rows about recipients, by what its headings say.
//!
//! Start at [`columns`]. A table whose headings name no recipient, or that lists cookies or versions, is none.

use super::context::Context;
use super::document::{Row as TableRow, Table, Text};
use super::headings::{self, Column};
use super::names;
use super::places;
use super::row::{Row, is_dash};
use crate::charter::Said;

/// Which cell holds what.
#[derive(Debug)]
pub(super) struct Columns {
    /// The name.
    name: usize,
    /// The name of the service, where the name is that of the company behind it.
    brand: Option<usize>,
    purpose: Option<usize>,
    information: Option<usize>,
    /// What the other columns hold, with their headings.
    others: Vec<(usize, Column, String)>,
}

/// Rank from which a heading says by itself that the table lists recipients.
const SURE: u8 = 8;
/// Words that a column of roles holds.
const ROLES: [&str; 8] = [
    "processor",
    "subprocessor",
    "sub-processor",
    "controller",
    "independent",
    "independent controller",
    "joint controller",
    "conduit",
];

/// Tells the columns; none when the table does not list recipients.
pub(super) fn columns(table: &Table, context: &Context) -> Option<Columns> {
    if table.headings.is_empty() {
        return by_content(table, context);
    }
    let mut found: Vec<Option<(Column, u8)>> = table
        .headings
        .iter()
        .map(|heading| headings::column(&heading.plain))
        .collect();
    for (at, meaning) in found.iter_mut().enumerate() {
        let values = || cells(table, at);
        let roles = values().count() > 0 && values().all(|cell| ROLES.contains(&cell.plain.to_lowercase().as_str()));
        // A column of row numbers: its heading has no letters either.
        let heading = &table.headings[at].plain;
        let number = |text: &str| !text.chars().any(char::is_alphabetic);
        let counts = at == 0 && number(heading) && values().all(|cell| number(&cell.plain));
        if roles {
            *meaning = Some((Column::Other, 0));
        } else if counts {
            *meaning = Some((Column::Number, 0));
        }
    }
    let best = |wanted: Column| {
        let places = (0..found.len()).filter(|at| found[*at].is_some_and(|(column, _)| column == wanted));
        places.max_by_key(|at| found[*at].map_or(0, |(_, rank)| rank))
    };
    // Of two columns that name a recipient equally well the first is meant.
    let first = |wanted: Column| {
        let rank = |at: &usize| found[*at].map_or(0, |(_, rank)| rank);
        let places = (0..found.len()).filter(|at| found[*at].is_some_and(|(column, _)| column == wanted));
        places.max_by(|a, b| rank(a).cmp(&rank(b)).then(b.cmp(a)))
    };
    let (mut purpose, information) = (first(Column::Purpose), best(Column::Information));
    let recipient = first(Column::Recipient);
    let unknown = || (0..found.len()).find(|at| found[*at].is_none_or(|(column, _)| column != Column::Number));
    let unnamed = || {
        unknown()
            .filter(|at| found[*at].is_none() && (purpose.or(information).is_some() || best(Column::Country).is_some()))
    };
    let name = recipient
        .or_else(|| first(Column::Service))
        .or_else(|| first(Column::Operator))
        .or_else(unnamed)?;
    let rank = found[name].map_or(0, |(_, rank)| rank);
    // A purpose beside data, a country or a page of its own is said of parties and of nothing else.
    let beside = [
        Column::Country,
        Column::Website,
        Column::Operator,
        Column::Address,
        Column::Transfer,
    ];
    let of_a_party = information.is_some() || beside.into_iter().any(|column| best(column).is_some());
    let told = context.speaks_of_recipients() || of_a_party && purpose.is_some() && best(Column::Retention).is_none();
    let sure = rank >= SURE && (purpose.or(information).is_some() || told || best(Column::Country).is_some());
    if context.speaks_of_cookies() && rank < SURE || !sure && !told {
        return None;
    }
    let service = first(Column::Service).filter(|at| *at != name);
    let mut brand = None;
    match (service, purpose) {
        (Some(service), None) => purpose = Some(service),
        (Some(service), Some(_)) if table.headings[service].plain.split_whitespace().count() == 1 => {
            brand = Some(service)
        }
        _ => {}
    }
    let used = [Some(name), brand, purpose, information];
    let others = (0..found.len().max(width(table))).filter(|at| !used.contains(&Some(*at)));
    let heading = |at: usize| {
        table
            .headings
            .get(at)
            .map_or(String::new(), |heading| heading.plain.clone())
    };
    let others = others.map(|at| {
        (
            at,
            found
                .get(at)
                .copied()
                .flatten()
                .map_or(Column::Other, |(column, _)| column),
            heading(at),
        )
    });
    let others = only_where_it_processes(others.collect());
    Some(Columns {
        name,
        brand,
        purpose,
        information,
        others,
    })
}

fn width(table: &Table) -> usize {
    table.rows.iter().map(|row| row.cells.len()).max().unwrap_or(0)
}

fn cells(table: &Table, at: usize) -> impl Iterator<Item = &Text> {
    table
        .rows
        .iter()
        .filter_map(move |row| row.cells.get(at))
        .filter(|cell| !cell.is_empty())
}

/// Of several columns of places only those that say where data is processed give the countries; the others are kept.
fn only_where_it_processes(mut columns: Vec<(usize, Column, String)>) -> Vec<(usize, Column, String)> {
    let says = |heading: &str| {
        ["process", "data", "host", "stor"]
            .iter()
            .any(|word| heading.to_lowercase().contains(word))
    };
    let any = columns
        .iter()
        .any(|(_, column, heading)| *column == Column::Country && says(heading));
    for (_, column, heading) in &mut columns {
        if any && *column == Column::Country && !says(heading) {
            *column = Column::Other;
        }
    }
    columns
}

/// A table without headings: names in the first column, where something above speaks of recipients.
fn by_content(table: &Table, context: &Context) -> Option<Columns> {
    let name = usize::from(cells(table, 0).all(|cell| cell.plain.chars().all(|c| c.is_ascii_digit() || c == '.')));
    let names = cells(table, name).filter(|cell| names::is_name(&cell.plain)).count();
    if !context.speaks_of_recipients() || width(table) < 2 || names * 3 < table.rows.len() * 2 {
        return None;
    }
    let is_place = |at: usize| cells(table, at).all(|cell| places::is_only_places(&cell.plain));
    let others: Vec<usize> = (0..width(table)).filter(|at| *at != name && *at + 1 != name).collect();
    let purpose = others.iter().copied().find(|at| !is_place(*at));
    let others = others.into_iter().filter(|at| Some(*at) != purpose);
    let others = others.map(|at| {
        (
            at,
            if is_place(at) { Column::Country } else { Column::Other },
            String::new(),
        )
    });
    Some(Columns {
        name,
        brand: None,
        purpose,
        information: None,
        others: others.collect(),
    })
}

/// What a line of the table is.
pub(super) enum Line {
    /// A recipient.
    Recipient(Box<Row>),
    /// The heading of the rows below it.
    Group(Text),
    /// Nothing, or the headings once more.
    Nothing,
    /// It names nobody.
    Other,
}

impl Columns {
    /// Reads one line; `last` is the name in the line before, for cells that reach over several lines.
    pub(super) fn read(&self, line: &TableRow, table: &Table, document: &str, last: Option<&Text>) -> Line {
        let filled = || line.cells.iter().filter(|cell| !is_dash(&cell.plain));
        let repeated = !table.headings.is_empty()
            && line
                .cells
                .iter()
                .map(|cell| &cell.plain)
                .eq(table.headings.iter().map(|cell| &cell.plain));
        match filled().count() {
            0 => return Line::Nothing,
            _ if repeated => return Line::Nothing,
            1 if line.spanning
                || self.width() > 2 && filled().all(|cell| cell.is_marked() && cell.link().is_none()) =>
            {
                return filled().next().map_or(Line::Nothing, |cell| Line::Group(cell.clone()));
            }
            _ => {}
        }
        let cell = |at: usize| line.cells.get(at).filter(|cell| !is_dash(&cell.plain));
        let Some(published) = cell(self.name).or(last) else {
            return Line::Other;
        };
        let said = Said {
            document: document.to_owned(),
            line: line.line,
        };
        let mut row = Row::new(said, &names::clean(&published.plain));
        // "Wren (Wren Learning Ltd)": who runs it.
        let company = names::trailing_bracket(&row.name).filter(|(_, inner)| names::is_company(inner));
        let parted = company.map(|(at, inner)| (row.name[..at].trim().to_owned(), names::clean(inner)));
        if let Some((name, operator)) = parted.filter(|(name, _)| names::is_name(name)) {
            row.operator = (!names::same(&name, &operator)).then_some(operator);
            row.name = name;
        }
        row.website = published
            .link()
            .filter(|link| link.starts_with("http"))
            .map(str::to_owned);
        if let Some(brand) = self.brand.and_then(cell) {
            let name = names::clean(&brand.plain);
            if names::is_name(&name) && !names::same(&name, &row.name) {
                row.operator = Some(std::mem::replace(&mut row.name, name));
            } else {
                row.set(Column::Service, "", brand, false);
            }
        }
        if row.name.is_empty() || row.name.chars().count() > 200 {
            return Line::Other;
        }
        let known = [(self.purpose, Column::Purpose), (self.information, Column::Information)];
        for (at, column) in known {
            if let Some(text) = at.and_then(cell) {
                row.set(column, "", text, false);
            }
        }
        for (at, column, heading) in &self.others {
            if let Some(text) = cell(*at) {
                row.set(*column, heading, text, false);
            }
        }
        Line::Recipient(Box::new(row))
    }

    /// The cell that holds the name.
    pub(super) fn name<'a>(&self, line: &'a TableRow) -> Option<&'a Text> {
        line.cells.get(self.name).filter(|cell| !is_dash(&cell.plain))
    }

    /// The cells that hold names, and numbers of rows.
    pub(super) fn names<'a>(&self, line: &'a TableRow) -> impl Iterator<Item = &'a Text> {
        let numbers = self.others.iter().filter(|(_, column, _)| *column == Column::Number);
        let places = [Some(self.name), self.brand].into_iter().flatten();
        places
            .chain(numbers.map(|(at, ..)| *at))
            .filter_map(|at| line.cells.get(at))
            .filter(|cell| !cell.is_empty())
    }

    fn width(&self) -> usize {
        1 + self.others.len() + [self.brand, self.purpose, self.information].iter().flatten().count()
    }
}
