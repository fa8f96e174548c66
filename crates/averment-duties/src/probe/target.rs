//! Which columns of the data map a claim speaks of, and which of their rows.

use averment_catalog::{ElementId, SubjectId};
use averment_register::{Charter, ColumnHolds, Elements, Store, StoreColumn, StoreTable, Subjects};

use crate::connect::{Column, Dialect, Table};

/// A column that holds what a claim speaks of.
pub(super) struct Target<'a> {
    pub(super) store: &'a Store,
    pub(super) table: &'a StoreTable,
    pub(super) column: &'a str,
    pub(super) rows: Rows,
    /// Whether it keeps passwords.
    pub(super) passwords: bool,
}

/// Which rows of a table are about the people that a claim speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rows {
    /// All of them.
    All,
    /// Those whose column for the kind of person has one of these values.
    Where(String, Vec<String>),
    /// Those in which all of these columns, which lead to people, are empty.
    OfNobody(Vec<String>),
    /// It is not said whose they are.
    NotSaid,
}

/// Whether two kinds of people have members in common.
pub(super) fn meet(one: &SubjectId, other: &SubjectId) -> bool {
    one.covers(other) || other.covers(one)
}

/// Whether a claim about these elements speaks of this one, or of a part of it.
pub(super) fn speaks_of(elements: &Elements, element: &ElementId) -> bool {
    elements
        .iter()
        .any(|named| named.covers(element) || element.covers(named))
}

/// The rows of a table that are about `subjects`; none where it holds nobody of that kind.
pub(super) fn rows_of(table: &StoreTable, subjects: &Subjects) -> Option<Rows> {
    if subjects.is_empty() {
        return Some(Rows::All);
    }
    let wanted = |kind: &SubjectId| subjects.iter().any(|subject| meet(subject, kind));
    if let Some(column) = &table.role {
        let values = table.roles.iter().filter(|(_, kind)| wanted(kind));
        let values: Vec<String> = values.map(|(value, _)| value.clone()).collect();
        return (!values.is_empty()).then(|| Rows::Where(column.clone(), values));
    }
    match table.subjects.is_empty() {
        true => Some(Rows::NotSaid),
        false => table.subjects.iter().any(wanted).then_some(Rows::All),
    }
}

/// Kinds of people who have no account, so that no column leads to them.
const WITHOUT_ACCOUNT: [&str; 2] = ["viewer", "visitor"];

/// The rows of a table of other people that lead to none of them: whoever they are about has no account.
pub(super) fn rows_of_nobody(table: &StoreTable, subjects: &Subjects) -> Option<Rows> {
    let mut wanted = subjects.iter();
    let without_account = wanted.any(|kind| WITHOUT_ACCOUNT.contains(&kind.as_str()));
    let columns: Vec<String> = table.belongs_to.keys().cloned().collect();
    (without_account && !columns.is_empty()).then_some(Rows::OfNobody(columns))
}

/// Columns that the data map says to hold one of `elements` of `subjects`.
pub(super) fn targets<'a>(charter: &'a Charter, elements: &Elements, subjects: &Subjects) -> Vec<Target<'a>> {
    let mut all = Vec::new();
    for store in charter.content().data.values() {
        for table in &store.tables {
            let Some(rows) = rows_of(table, subjects) else { continue };
            for (name, column) in &table.columns {
                let passwords = keeps_passwords(name, column);
                if holds(elements, column, passwords) {
                    let rows = rows.clone();
                    all.push(Target {
                        store,
                        table,
                        column: name,
                        rows,
                        passwords,
                    });
                }
            }
        }
    }
    all
}

fn holds(elements: &Elements, column: &StoreColumn, passwords: bool) -> bool {
    let named = column
        .element
        .as_ref()
        .is_some_and(|element| speaks_of(elements, element));
    // A value and its digest are one column: which of the two the map calls it says what somebody hopes.
    let named_as = |words: &[&str]| elements.iter().any(|element| words.contains(&element.as_str()));
    let digest = column
        .element
        .as_ref()
        .is_some_and(|element| element.as_str() == "contact.email_hash");
    named
        || (passwords && named_as(&["account.password", "account.password_hash"]))
        || (digest && named_as(&["contact.email"]))
}

fn keeps_passwords(name: &str, column: &StoreColumn) -> bool {
    let element = column.element.as_ref().map(ElementId::as_str);
    let named = ["passw", "pwd", "passphrase"]
        .iter()
        .any(|word| name.to_ascii_lowercase().contains(word));
    matches!(element, Some("account.password" | "account.password_hash"))
        || (column.holds == Some(ColumnHolds::Secret) && named)
}

impl Rows {
    /// A condition after `and`, with parameters from number 1 on; empty for all rows.
    pub(super) fn condition(&self, table: &Table, dialect: Dialect) -> (String, Vec<&str>) {
        let (name, values) = match self {
            Self::All | Self::NotSaid => return (String::new(), Vec::new()),
            Self::OfNobody(columns) => return (are_empty(columns, table, dialect), Vec::new()),
            Self::Where(name, values) => (name, values),
        };
        let Some(column) = table.column(name) else {
            return (String::new(), Vec::new());
        };
        let written = dialect.as_text(&dialect.name(&column.name), column);
        let places: Vec<String> = (1..=values.len()).map(|number| dialect.parameter(number)).collect();
        let sql = format!(" and {written} in ({})", places.join(", "));
        (sql, values.iter().map(String::as_str).collect())
    }
}

/// A column that is not there leads to nobody, and says nothing of whose a row is.
fn are_empty(columns: &[String], table: &Table, dialect: Dialect) -> String {
    let there = columns.iter().map(|name| table.column(name));
    let empty: Option<Vec<String>> = there
        .map(|column| Some(format!(" and {} is null", dialect.name(&column?.name))))
        .collect();
    empty.map_or_else(|| " and 1 = 0".to_owned(), |empty| empty.concat())
}

/// The statement that gives all values of a column that are there.
pub(super) fn values_of<'a>(
    table: &Table,
    column: &Column,
    rows: &'a Rows,
    dialect: Dialect,
) -> (String, Vec<&'a str>) {
    let written = dialect.name(&column.name);
    let (condition, parameters) = rows.condition(table, dialect);
    let sql = format!(
        "select {} from {} where {written} is not null{condition}",
        dialect.as_text(&written, column),
        dialect.table(&table.name)
    );
    (sql, parameters)
}
