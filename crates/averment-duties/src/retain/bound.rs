//! A rule as conditions on the rows of a real table.
//!
//! Start at [`Bound::of`]; how rows come by the time of another row stands in `bound/source.rs`, which rows are of a school in
//! `bound/school.rs`. Whatever the database does not bear out is a reason why the rule is not measurable.

mod school;
mod source;

use super::due::Cut;
use super::rule::{Ending, Rule, What, When};
use super::time::{TimeColumn, always_happens};
use crate::connect::{Column, Dialect, ForeignKey, OnDelete, Table};
use crate::erase::mask;
use crate::graph::{Graph, Path, Reached};
use school::OfSchool;
use source::{Source, nest};

/// A rule that can be looked at.
pub(super) struct Bound<'a> {
    pub(super) rule: &'a Rule,
    pub(super) graph: &'a Graph,
    pub(super) reached: &'a Reached,
    pub(super) dialect: Dialect,
    pub(super) time: TimeColumn,
    source: Source,
    /// Which rows the rule is about, without those that have nothing left in the columns that go; all when none.
    pub(super) scope: Option<String>,
    /// Whether a row of the scope refers to a person whose row is gone, so that nothing says what kind of person it is about.
    of_nobody: Option<String>,
    /// Columns that are changed, when the row stays.
    changes: Vec<Change>,
    /// Of a rule of one school: where it stands which rows are of it.
    of_school: Option<OfSchool>,
}

/// A column that is emptied or masked.
struct Change {
    column: String,
    /// What it becomes.
    value: String,
    /// Whether it is not that yet.
    is_open: String,
}

impl<'a> Bound<'a> {
    /// Puts a rule and a database together; `schools`: what the school of the rule is called there.
    ///
    /// # Errors
    /// Why the rule is not measurable.
    pub(super) fn of(rule: &'a Rule, graph: &'a Graph, dialect: Dialect, schools: &[String]) -> Result<Self, String> {
        let reached = graph
            .table(&rule.table)
            .ok_or_else(|| format!("table `{}` is not read", rule.table))?;
        let mut bound = Self {
            rule,
            graph,
            reached,
            dialect,
            time: time_column(rule, graph, dialect)?,
            source: Source::Row,
            scope: None,
            of_nobody: None,
            changes: Vec::new(),
            of_school: None,
        };
        if let When::Other { table, .. } = &rule.when {
            bound.source = bound.people(table)?;
        }
        let mut scopes: Vec<String> = bound.subjects()?.into_iter().chain(bound.school(schools)?).collect();
        if let What::Columns(columns) = &rule.what {
            for (name, ending) in columns {
                bound.changes.push(bound.change(name, *ending)?);
            }
        }
        scopes.extend(bound.is_open());
        bound.scope = (!scopes.is_empty()).then(|| scopes.join(" and "));
        Ok(bound)
    }

    fn name(&self, name: &str) -> String {
        self.dialect.name(name)
    }

    /// Whether a row in scope is due.
    pub(super) fn is_due(&self, cut: &Cut) -> String {
        let due = self.is_late(cut);
        match &self.of_nobody {
            Some(of_nobody) => format!("({due} and not {of_nobody})"),
            None => due,
        }
    }

    fn is_late(&self, cut: &Cut) -> String {
        let before = self.time.is_before(cut);
        match &self.source {
            Source::Row => before,
            Source::People {
                around,
                table,
                person,
                once,
                ..
            } => {
                let value = self.name(&self.time.name);
                let table = self.dialect.table(table);
                let mut query = format!("select {person} from {table} where {before}");
                if !once {
                    // Somebody with a later time, or one that cannot be read, is not due.
                    query.push_str(&format!(
                        " and {person} not in (select {person} from {table} where {person} is not null and {value} is not null and not {before})"
                    ));
                }
                around.with(&query)
            }
        }
    }

    /// The part of [`Bound::is_due`] that another's change of the row would change.
    pub(super) fn is_still_due(&self, cut: &Cut) -> Option<String> {
        matches!(self.source, Source::Row).then(|| self.time.is_before(cut))
    }

    /// Whether the time of the row cannot be read, or is missing where there must be one; so it is where a reference is filled and
    /// the row that it names is gone, and where that is the person's and the claim is about some kinds of people only.
    pub(super) fn is_unread(&self) -> String {
        let unread = self.is_timeless();
        match &self.of_nobody {
            Some(of_nobody) => format!("({unread} or {of_nobody})"),
            None => unread,
        }
    }

    fn is_timeless(&self) -> String {
        let value = self.name(&self.time.name);
        let unread = format!("({value} is not null and not {})", self.time.is_read());
        match &self.source {
            Source::Row if always_happens(&self.rule.after) => format!("({value} is null or {unread})"),
            Source::Row => unread,
            Source::People {
                around,
                table,
                person,
                is_broken,
                ..
            } => {
                let unread = around.with(&format!(
                    "select {person} from {} where {unread} and {person} is not null",
                    self.dialect.table(table)
                ));
                match is_broken {
                    Some(is_broken) => format!("({unread} or {is_broken})"),
                    None => unread,
                }
            }
        }
    }

    /// Whether the time stands in the row.
    pub(super) fn holds_time(&self) -> bool {
        matches!(self.source, Source::Row)
    }

    /// Whether an index begins with the time of the row, and can be used.
    pub(super) fn has_index(&self) -> bool {
        let sortable = !matches!(
            self.time.reading,
            super::Reading::Text | super::Reading::Mixed | super::Reading::Number
        );
        self.holds_time() && sortable && self.reached.table.indexed.contains(&self.time.name)
    }

    /// Whether something is left in the columns that go.
    fn is_open(&self) -> Option<String> {
        let open: Vec<&str> = self.changes.iter().map(|change| change.is_open.as_str()).collect();
        (!open.is_empty()).then(|| format!("({})", open.join(" or ")))
    }

    /// `delete from` or `update … set`, up to the condition.
    pub(super) fn verb(&self) -> String {
        let table = self.dialect.table(&self.reached.table.name);
        if self.changes.is_empty() {
            return format!("delete from {table}");
        }
        let set: Vec<String> = self
            .changes
            .iter()
            .map(|change| format!("{} = {}", change.column, change.value))
            .collect();
        format!("update {table} set {}", set.join(", "))
    }

    /// Whether the row goes, and does not only lose columns.
    pub(super) fn deletes(&self) -> bool {
        self.changes.is_empty()
    }

    /// Foreign keys to the table with the table that they are of.
    pub(super) fn referring(&self) -> impl Iterator<Item = (&'a Table, &'a ForeignKey)> {
        referring(self.graph, &self.reached.table.name)
    }

    /// Whether others refer to the row in a way that makes the database refuse to let it go.
    pub(super) fn is_blocked(&self) -> Option<String> {
        if !self.deletes() {
            return None;
        }
        let refusing = self.referring().filter(|(_, key)| key.on_delete == OnDelete::Refuse);
        let conditions: Vec<String> = refusing.map(|(table, key)| self.refers(table, key)).collect();
        (!conditions.is_empty()).then(|| format!("({})", conditions.join(" or ")))
    }

    fn refers(&self, table: &Table, key: &ForeignKey) -> String {
        let own = self.dialect.table(&self.reached.table.name);
        let from = self.dialect.table(&table.name);
        if table.name == self.reached.table.name && key.columns.len() == 1 {
            // MySQL changes no table that a plain query in the condition reads.
            let (column, target) = (self.name(&key.columns[0]), self.name(&key.targets[0]));
            return format!(
                "{target} in (select referring.{column} from (select {column} from {from} where {column} is not null) as referring)"
            );
        }
        let equal: Vec<String> = key
            .columns
            .iter()
            .zip(&key.targets)
            .map(|(column, target)| format!("referring.{} = {own}.{}", self.name(column), self.name(target)))
            .collect();
        format!(
            "exists (select 1 from {from} as referring where {})",
            equal.join(" and ")
        )
    }

    /// Rows about the kinds of people that the claim names, and those of people whose row is gone: nobody can say of what kind they were,
    /// so that they are seen and never due.
    fn subjects(&mut self) -> Result<Option<String>, String> {
        let wanted = &self.rule.subjects;
        let map = &self.reached.map;
        if wanted.is_empty() {
            return Ok(None);
        }
        if map.role.is_some() {
            return self.of_role(self.reached).map(Some);
        }
        if !map.subjects.is_empty()
            && map
                .subjects
                .iter()
                .all(|one| wanted.iter().any(|other| other.covers(one)))
        {
            return Ok(None);
        }
        let found = self.persons().filter(|(_, person, _)| person.map.role.is_some());
        let (path, person, key) = found.ok_or_else(|| {
            format!(
                "nothing says what kind of person the rows of `{}` are about",
                self.rule.table
            )
        })?;
        let role = self.of_role(person)?;
        let steps: Vec<_> = path
            .steps
            .iter()
            .map(|step| (step.table.as_str(), step.enter.as_str(), step.leave.as_str()))
            .collect();
        let of_nobody = format!("({})", self.is_broken(&path.column, &steps, (&person.table, &key)));
        let theirs = self.of_person(path, person, &key, &role);
        let scope = format!("({theirs} or {of_nobody})");
        self.of_nobody = Some(of_nobody);
        Ok(Some(scope))
    }

    fn of_role(&self, table: &Reached) -> Result<String, String> {
        let role = table.map.role.as_deref().unwrap_or_default();
        let column = table
            .table
            .column(role)
            .ok_or_else(|| format!("the role of `{}` does not stand in the row", table.table.name))?;
        let wanted = |subject| self.rule.subjects.iter().any(|one| one.covers(subject));
        let values: Vec<String> = table
            .map
            .roles
            .iter()
            .filter(|(_, subject)| wanted(subject))
            .map(|(value, _)| value.clone())
            .collect();
        match values.is_empty() {
            true => Err(format!(
                "no value of `{}.{role}` means somebody whom the claim speaks of",
                table.table.name
            )),
            false => Ok(self.is_among(column, &values)),
        }
    }

    fn of_person(&self, path: &Path, person: &Reached, key: &str, condition: &str) -> String {
        let query = format!(
            "select {} from {} where {condition}",
            self.name(key),
            self.dialect.table(&person.table.name)
        );
        nest(path, self.dialect, "", "").with(&query)
    }

    fn is_among(&self, column: &Column, values: &[String]) -> String {
        let values: Vec<String> = values.iter().map(|value| self.dialect.text(value)).collect();
        let written = self.dialect.as_text(&self.name(&column.name), column);
        format!("{written} in ({})", values.join(", "))
    }

    fn change(&self, name: &str, ending: Ending) -> Result<Change, String> {
        let column = self
            .reached
            .table
            .column(name)
            .ok_or_else(|| format!("there is no column `{name}`"))?;
        let written = self.name(&column.name);
        if ending == Ending::Empty && column.nullable {
            return Ok(Change {
                value: "null".to_owned(),
                is_open: format!("{written} is not null"),
                column: written,
            });
        }
        let value = mask(self.dialect, column)
            .map_err(|_| format!("column `{name}` may not be empty, and its type has no value that says nothing"))?;
        // PostgreSQL compares `json` with nothing.
        let compared = match (self.dialect, column.kind.as_str()) {
            (Dialect::Postgres, "json") => format!("{written}::text <> ({value})::text"),
            _ => format!("{written} <> {value}"),
        };
        Ok(Change {
            is_open: format!("({written} is not null and {compared})"),
            value,
            column: written,
        })
    }
}

/// Foreign keys to a table with the table that they are of.
pub(super) fn referring<'a>(graph: &'a Graph, table: &str) -> impl Iterator<Item = (&'a Table, &'a ForeignKey)> {
    let table = table.to_owned();
    graph.schema.tables.iter().flat_map(move |from| {
        let table = table.clone();
        from.references
            .iter()
            .filter(move |key| key.table.eq_ignore_ascii_case(&table))
            .map(move |key| (from, key))
    })
}

fn time_column(rule: &Rule, graph: &Graph, dialect: Dialect) -> Result<TimeColumn, String> {
    let (table, column) = match &rule.when {
        When::Own(column) => (rule.table.as_str(), column.as_str()),
        When::Other { table, column } => (table.as_str(), column.as_str()),
        When::Written => return Err("objects are in no table".to_owned()),
    };
    let found = graph.schema.table(table).and_then(|table| table.column(column));
    let found = found.ok_or_else(|| format!("there is no column `{table}.{column}`"))?;
    TimeColumn::of(dialect, found).ok_or_else(|| format!("column `{table}.{column}` holds no times"))
}
