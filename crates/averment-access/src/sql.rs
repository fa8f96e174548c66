//! The rules for a PostgreSQL database: a view per table that shows each column to whom the rules show it, and policies that
//! keep rows back.
//!
//! Start at [`script`]. Which relation somebody has to a person the database has to be told by two views of the platform's own
//! (`averment_access.person`, `averment_access.relation`), so that schools come from its rows and not from a request; who asks
//! stands in the setting `averment.viewer` of the transaction. Where anything is missing, nothing is seen.
//!
//! Source: PostgreSQL 15, `CREATE POLICY`, `CREATE VIEW` (security barrier).

use std::fmt::Write as _;

use averment_register::{ColumnHolds, ControllerId, Engine, Store, StoreColumn, StoreId, StoreTable};

use crate::access::Access;
use crate::element_set::ElementSet;
use crate::fact::Fact;
use crate::kind::Kind;
use crate::rules::{Effect, Rule};

/// Why there is no script.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqlError {
    /// Another kind of store.
    #[error("store `{store}` is `{engine}`: rules are written for `postgresql`")]
    Engine {
        /// Which.
        store: StoreId,
        /// What it is.
        engine: &'static str,
    },
}

/// Tables that lead to a person over more others than these have no view.
const STEPS_MAX: usize = 8;

/// The script for a store. Run it as the owner of the tables; running it again replaces what it made.
///
/// # Errors
/// [`SqlError::Engine`] for a store that is not PostgreSQL.
pub fn script(access: &Access, store: &Store) -> Result<String, SqlError> {
    if store.engine != Engine::Postgresql {
        return Err(SqlError::Engine {
            store: store.id.clone(),
            engine: store.engine.as_str(),
        });
    }
    let mut out = HEAD.to_owned();
    rules(access, &mut out);
    out.push_str(SEES);
    for table in store.tables.iter().filter(|table| table.is_personal()) {
        match person_of(store, table, "t", 0) {
            Some(person) => of_table(store, table, &person, &mut out),
            None => {
                _ = writeln!(
                    out,
                    "\n-- {} leads to no person by the data map: no view",
                    comment(table.name())
                )
            }
        }
    }
    out.push_str("\ncommit;\n");
    Ok(out)
}

const HEAD: &str = "-- Who may see what of whom, from the declared rules. Run as the owner of the tables.
--
-- The platform supplies two views of its own rows:
--   averment_access.person   (id text, kind text, schools text[])
--   averment_access.relation (viewer text, subject text, relation text, facts text[])
-- and says for each transaction who asks: select set_config('averment.viewer', '<id>', true).
begin;

create schema if not exists averment_access;
do $$ begin
  if not exists (select from pg_roles where rolname = 'averment_viewer') then
    create role averment_viewer nologin;
  end if;
end $$;

drop table if exists averment_access.shows, averment_access.hides;
create table averment_access.shows (viewer text, kind text, element text, needs text[]);
create table averment_access.hides (
  viewer text, kind text, element text, school text, except_schools text[], lifted_by text[]
);
";

const SEES: &str = "
create index on averment_access.shows (element, viewer, kind);
create index on averment_access.hides (element, viewer, kind);

create or replace function averment_access.sees(of_person text, what text) returns boolean
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return exists (
    select from averment_access.person p
    join averment_access.relation r on r.subject = p.id
    join averment_access.shows s on s.viewer = r.relation and s.kind = p.kind and s.element = what
    where p.id = of_person
      and r.viewer = coalesce(current_setting('averment.viewer', true), '')
      and s.needs <@ coalesce(r.facts, '{}')
      and not exists (
        select from averment_access.hides h
        where h.viewer = r.relation and h.kind = p.kind and h.element = what
          and not (h.lifted_by && coalesce(r.facts, '{}'))
          and case
            when h.school is not null then h.school = any (coalesce(p.schools, '{}'))
            else coalesce(cardinality(p.schools), 0) = 0
              or exists (select from unnest(p.schools) q (school) where q.school <> all (h.except_schools))
          end
      )
  );
end $$;
revoke all on function averment_access.sees(text, text) from public;
grant usage on schema averment_access to averment_viewer;
grant execute on function averment_access.sees(text, text) to averment_viewer;
";

fn rules(access: &Access, out: &mut String) {
    let (mut shows, mut hides) = (Vec::new(), Vec::new());
    for rule in &access.rules().rules {
        for kind in Kind::all().filter(|kind| rule.is_about(*kind)) {
            for viewer in &rule.viewers {
                let cell = format!("{}, {}", text(viewer.as_str()), text(kind.as_str()));
                match &rule.effect {
                    Effect::Shows(needs) => shows.extend(rule.elements.iter().map(|element| {
                        let needs: Vec<String> = needs.iter().map(Fact::to_string).collect();
                        format!("({cell}, {}, {})", text(element.as_str()), array(&needs))
                    })),
                    Effect::MayShow => {}
                    Effect::Hides(_) => {
                        hides.extend(hidden(access, rule).iter().map(|rest| format!("({cell}, {rest})")))
                    }
                }
            }
        }
    }
    for (table, rows) in [("shows", &mut shows), ("hides", &mut hides)] {
        rows.sort();
        rows.dedup();
        if !rows.is_empty() {
            _ = writeln!(
                out,
                "\ninsert into averment_access.{table} values\n  {};",
                rows.join(",\n  ")
            );
        }
    }
}

/// The rows of a rule that hides: element, school, schools of which others speak, what lifts it.
fn hidden(access: &Access, rule: &Rule) -> Vec<String> {
    let parts = |school: Option<&ControllerId>| rule.lifted(access.rules().designated_by(school));
    let row = |element: &str, school: Option<&ControllerId>, others: &[String], lifting: &[String]| {
        let school = school.map_or_else(|| "null".to_owned(), |school| text(school.as_str()));
        format!("{}, {school}, {}, {}", text(element), array(others), array(lifting))
    };
    let words = |facts: &std::collections::BTreeSet<Fact>| facts.iter().map(Fact::to_string).collect::<Vec<_>>();
    let mut rows = Vec::new();
    for (facts, elements) in parts(rule.school.as_ref()) {
        for element in elements.iter() {
            let asked = ElementSet::covered_by(element);
            let designating = access.rules().designated.iter().filter(|(_, own)| own.contains(&asked));
            let others: Vec<String> = match rule.school {
                Some(_) => Vec::new(),
                None => designating.map(|(school, _)| school.to_string()).collect(),
            };
            rows.push(row(element.as_str(), rule.school.as_ref(), &others, &words(&facts)));
        }
    }
    let schools = access.rules().designated.keys().filter(|_| rule.school.is_none());
    for school in schools {
        let designated = access.rules().designated_by(Some(school));
        for (facts, elements) in parts(Some(school)) {
            let own = (elements & designated)
                .iter()
                .map(|element| row(element.as_str(), Some(school), &[], &words(&facts)));
            rows.extend(own.collect::<Vec<_>>());
        }
    }
    rows
}

/// An expression for the identifier, as text, of the person whom a row is about; none where the data map does not lead to one.
fn person_of(store: &Store, table: &StoreTable, alias: &str, steps: usize) -> Option<String> {
    if let Some(key) = &table.key {
        return Some(format!("{alias}.{}::text", name(key)));
    }
    if steps >= STEPS_MAX {
        return None;
    }
    let (column, target) = table.belongs_to.iter().next()?;
    let (target, target_column) = target.rsplit_once('.')?;
    let next = store.table(target)?;
    if next.key.as_deref() == Some(target_column) {
        return Some(format!("{alias}.{}::text", name(column)));
    }
    let inner = format!("{alias}{}", steps + 1);
    let person = person_of(store, next, &inner, steps + 1)?;
    Some(format!(
        "(select {person} from {} {inner} where {inner}.{} = {alias}.{})",
        names(target),
        name(target_column),
        name(column)
    ))
}

fn of_table(store: &Store, table: &StoreTable, person: &str, out: &mut String) {
    let source = names(table.name());
    // A policy has no alias for its table: the columns are those of the table by its own name.
    let own = name(table.name().rsplit('.').next().unwrap_or_default());
    let in_policy = person_of(store, table, &own, 0).map(|person| any_seen(table, &person));
    let view = format!("averment_access.{}", name(&table.name().replace('.', "_")));
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|(id, column)| shown(id, column, person))
        .collect();
    let any = any_seen(table, person);
    _ = write!(
        out,
        "\ndrop view if exists {view};\ncreate view {view} with (security_barrier) as\n  select\n    {}\n  from {source} t\n  \
         where {any};\ngrant select on {view} to averment_viewer;\n\nalter table {source} enable row level security;\n\
         drop policy if exists averment_sees on {source};\ncreate policy averment_sees on {source} for select to averment_viewer\n  \
         using ({});\ndrop policy if exists averment_others on {source};\n-- Whoever does not ask for a viewer keeps what was \
         granted before.\ncreate policy averment_others on {source} for all to public\n  \
         using (not pg_has_role(current_user, 'averment_viewer', 'member'))\n  \
         with check (not pg_has_role(current_user, 'averment_viewer', 'member'));\n",
        columns.join(",\n    "),
        in_policy.unwrap_or_else(|| "false".to_owned())
    );
}

/// The condition that some column of a row is seen.
fn any_seen(table: &StoreTable, person: &str) -> String {
    let mut any: Vec<String> = table
        .columns
        .values()
        .filter_map(|column| seen(column, person))
        .collect();
    any.sort();
    any.dedup();
    if any.is_empty() {
        "false".to_owned()
    } else {
        any.join("\n    or ")
    }
}

/// A column of the view. What is not personal comes with the row; a secret, and texts of which nothing is said, never.
fn shown(id: &str, column: &StoreColumn, person: &str) -> String {
    let id = name(id);
    match (column.is_personal(), seen(column, person)) {
        (false, _) => format!("t.{id}"),
        (true, Some(seen)) => format!("case when {seen} then t.{id} end as {id}"),
        (true, None) => format!("case when false then t.{id} end as {id}"),
    }
}

/// The condition that a column is seen; none for one that never is.
fn seen(column: &StoreColumn, person: &str) -> Option<String> {
    let element = column
        .element
        .as_ref()
        .filter(|_| column.holds != Some(ColumnHolds::Secret))?;
    let leaves = ElementSet::covered_by(element);
    let each: Vec<String> = leaves
        .iter()
        .map(|leaf| format!("averment_access.sees({person}, {})", text(leaf.as_str())))
        .collect();
    match each.len() {
        0 => None,
        1 => each.into_iter().next(),
        _ => Some(format!("({})", each.join(" and "))),
    }
}

/// A quoted name.
fn name(id: &str) -> String {
    format!("\"{}\"", id.replace('"', "\"\"").replace('\0', ""))
}

/// A quoted name, with its schema where it has one.
fn names(table: &str) -> String {
    table.split('.').map(name).collect::<Vec<_>>().join(".")
}

fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''").replace('\0', ""))
}

fn array(values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| text(value)).collect();
    format!("array[{}]::text[]", values.join(", "))
}

/// What cannot end a comment.
fn comment(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
