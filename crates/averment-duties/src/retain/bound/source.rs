//! How the rows of a rule come by its time, where it does not stand in them: by the person whose they are, or by what they refer to.
//!
//! Start at [`Bound::people`].

use averment_catalog::ElementId;
use averment_register::StoreTable;

use super::Bound;
use crate::connect::{Dialect, Table};
use crate::graph::{Path, Reached};

/// How a row comes by its time.
pub(super) enum Source {
    /// It holds it.
    Row,
    /// By people: `{}` is where the query for them goes.
    People {
        /// The condition on the row, around the query.
        around: Around,
        table: String,
        /// The column that names the person, as written.
        person: String,
        /// Whether there is one row for each at most.
        once: bool,
        /// Whether something on the way to the row with the time refers to a row that is not there, where there must be one.
        is_broken: Option<String>,
    },
}

/// A condition with a place for a query.
pub(super) struct Around {
    before: String,
    after: String,
}

impl<'a> Bound<'a> {
    /// The people whose time the trigger has, by the rows of another table.
    pub(super) fn people(&self, table: &str) -> Result<Source, String> {
        let there = self.graph.schema.table(table);
        let there = there.ok_or_else(|| format!("there is no table `{table}`"))?;
        let other = self.graph.table(table);
        let direct = other.and_then(|other| Some((other, other.own.iter().find(|path| path.steps.is_empty())?)));
        match direct {
            Some((other, direct)) => self.named_alike(other, direct),
            // No table of people: one that the row, or the row of its person, refers to.
            None => match key_to(there, &self.reached.table) {
                Some((column, target)) => {
                    let is_broken = self.is_broken(column, &[], (there, target));
                    Ok(self.referred((there, target), Around::new(&self.name(column)), is_broken))
                }
                None => self.by_person(there),
            },
        }
    }

    /// By a table whose rows name people as the row does.
    fn named_alike(&self, other: &Reached, direct: &Path) -> Result<Source, String> {
        let own = self.reached.own.iter();
        let ways: Vec<&Path> = own.filter(|path| path.element == direct.element).collect();
        if ways.is_empty() {
            let (own, other) = (&self.rule.table, &other.table.name);
            return Err(format!("rows of `{own}` and of `{other}` do not name people alike"));
        }
        Ok(Source::People {
            around: self.all_of(&ways)?,
            table: other.table.name.clone(),
            person: self.name(&direct.column),
            is_broken: None,
            once: other.table.primary.len() == 1 && other.table.primary[0].eq_ignore_ascii_case(&direct.column),
        })
    }

    /// By a table that the row of the person refers to.
    fn by_person(&self, there: &Table) -> Result<Source, String> {
        let (path, person, key) = self
            .persons()
            .ok_or_else(|| format!("nothing leads from `{}` to `{}`", self.rule.table, there.name))?;
        let (column, target) =
            key_to(there, &person.table).ok_or_else(|| format!("nothing leads to `{}`", there.name))?;
        let inner = format!(
            "select {} from {} where {} in (",
            self.name(&key),
            self.dialect.table(&person.table.name),
            self.name(column)
        );
        let around = nest(path, self.dialect, &inner, ")");
        let steps = path
            .steps
            .iter()
            .map(|step| (step.table.as_str(), step.enter.as_str(), step.leave.as_str()));
        let persons = (person.table.name.as_str(), key.as_str(), column);
        let steps: Vec<_> = steps.chain([persons]).collect();
        let is_broken = self.is_broken(&path.column, &steps, (there, target));
        Ok(self.referred((there, target), around, is_broken))
    }

    fn referred(&self, (there, target): (&Table, &str), around: Around, is_broken: String) -> Source {
        Source::People {
            around,
            table: there.name.clone(),
            person: self.name(target),
            once: true,
            is_broken: Some(is_broken),
        }
    }

    /// Whether a filled column names a row that is not there: of the tables on the way (table, column to come in by, column to go on
    /// by), or of the last. Nothing that is not enforced keeps the row of a school from going, or that of a person.
    pub(super) fn is_broken(&self, column: &str, steps: &[(&str, &str, &str)], last: (&Table, &str)) -> String {
        let column = self.name(column);
        let (table, enter) = match steps.first() {
            Some((table, enter, _)) => (*table, *enter),
            None => (last.0.name.as_str(), last.1),
        };
        let (table, enter) = (self.dialect.table(table), self.name(enter));
        // Without a value of its own a column is neither in a list nor not in it.
        let is_gone = format!("{column} not in (select {enter} from {table} where {enter} is not null)");
        match steps.split_first() {
            Some(((.., leave), rest)) => {
                let then = self.is_broken(leave, rest, last);
                format!("({is_gone} or {column} in (select {enter} from {table} where {then}))")
            }
            None => is_gone,
        }
    }

    /// The one way to a person; of several columns that name one, those that are filled have to name the same.
    fn all_of(&self, ways: &[&Path]) -> Result<Around, String> {
        if let [one] = ways {
            return Ok(nest(one, self.dialect, "", ""));
        }
        if ways.iter().any(|way| !way.steps.is_empty()) {
            return Err(format!("rows of `{}` may be of several people", self.rule.table));
        }
        let columns: Vec<String> = ways.iter().map(|way| self.name(&way.column)).collect();
        let first = format!("coalesce({})", columns.join(", "));
        let same: Vec<String> = columns
            .iter()
            .map(|column| format!("({column} is null or {column} = {first})"))
            .collect();
        Ok(Around {
            before: format!("({} and {first} in (", same.join(" and ")),
            after: "))".to_owned(),
        })
    }

    /// The table of the people whose rows these are, with the way to it and its key.
    pub(super) fn persons(&self) -> Option<(&'a Path, &'a Reached, String)> {
        self.reached.own.iter().find_map(|path| {
            self.graph.tables.iter().find_map(|person| {
                let key = person.map.key.clone()?;
                let named = element_of(&person.map, &key);
                (named == path.element).then_some((path, person, key))
            })
        })
    }
}

impl Around {
    fn new(column: &str) -> Self {
        Self {
            before: format!("{column} in ("),
            after: ")".to_owned(),
        }
    }

    pub(super) fn with(&self, query: &str) -> String {
        format!("{}{query}{}", self.before, self.after)
    }
}

/// The rows from which a way leads to what a query gives.
pub(super) fn nest(path: &Path, dialect: Dialect, before: &str, after: &str) -> Around {
    let mut around = Around {
        before: format!("{} in (", dialect.name(&path.column)),
        after: ")".to_owned(),
    };
    for step in &path.steps {
        around.before.push_str(&format!(
            "select {} from {} where {} in (",
            dialect.name(&step.enter),
            dialect.table(&step.table),
            dialect.name(&step.leave)
        ));
        around.after.push(')');
    }
    around.before.push_str(before);
    around.after.insert_str(0, after);
    around
}

/// The column of a table that refers to another, and what it is equal to there.
fn key_to<'a>(there: &Table, from: &'a Table) -> Option<(&'a str, &'a str)> {
    let mut keys = from.references.iter();
    let key = keys.find(|key| key.table == there.name && key.columns.len() == 1)?;
    Some((key.columns[0].as_str(), key.targets[0].as_str()))
}

fn element_of(map: &StoreTable, column: &str) -> ElementId {
    let element = map.column(column).and_then(|column| column.element.clone());
    element.unwrap_or_else(crate::graph::Subject::number)
}
