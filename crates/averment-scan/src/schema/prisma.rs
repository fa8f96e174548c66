//! Prisma schemas: models with their fields, as the tables that they map to.

use std::collections::BTreeMap;

use averment_register::Engine;

use super::{Column, Reference, Schema, Table};
use crate::observation::Spot;

/// Reads one schema.
pub(super) fn read(text: &str, file: &str) -> Schema {
    let mut schema = Schema::new(engine(text), file);
    let mut models: Vec<Model> = Vec::new();
    let mut inside = false;
    let mut comments: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if let Some(comment) = line.strip_prefix("///") {
            comments.push(comment.trim());
            continue;
        }
        let comment = Some(comments.join(" ")).filter(|text| !text.is_empty());
        comments.clear();
        match (inside, line) {
            (true, "}") => inside = false,
            (true, line) => {
                if let Some(model) = models.last_mut() {
                    model.line(line, comment, number);
                }
            }
            (false, line) => {
                let kind = ["model ", "view "]
                    .into_iter()
                    .find_map(|word| Some((word, line.strip_prefix(word)?)));
                if let Some((kind, rest)) = kind {
                    let name = rest.split([' ', '{']).next().unwrap_or_default().to_owned();
                    let view = kind == "view ";
                    models.push(Model {
                        name: name.clone(),
                        table: name,
                        view,
                        comment,
                        line: number,
                        ..Model::default()
                    });
                    inside = true;
                }
            }
        }
    }
    let tables: BTreeMap<String, String> = models
        .iter()
        .map(|model| (model.name.clone(), model.table.clone()))
        .collect();
    let columns: BTreeMap<(String, String), String> = models
        .iter()
        .flat_map(|model| {
            model
                .fields
                .iter()
                .map(|field| ((model.name.clone(), field.name.clone()), field.column.clone()))
        })
        .collect();
    schema.tables = models
        .iter()
        .map(|model| model.to_table(file, &tables, &columns))
        .chain(joins(&models, file))
        .collect();
    schema.finish()
}

fn engine(text: &str) -> Engine {
    let provider = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("provider").and_then(quoted));
    let providers: Vec<&str> = text
        .lines()
        .filter_map(|line| quoted(line.trim().strip_prefix("provider")?))
        .collect();
    match providers
        .iter()
        .find(|name| **name != "prisma-client-js")
        .or(provider.as_ref())
    {
        Some(&"mysql") => Engine::Mysql,
        Some(&"sqlite") => Engine::Sqlite,
        _ => Engine::Postgresql,
    }
}

#[derive(Default)]
struct Model {
    name: String,
    table: String,
    view: bool,
    comment: Option<String>,
    line: u32,
    fields: Vec<Field>,
    /// Columns that lead elsewhere: field, model, field there.
    links: Vec<(String, String, Option<String>)>,
    /// Lists of another model: that model, and the name of the relation.
    lists: Vec<(String, Option<String>, u32)>,
}

/// The tables that Prisma makes for two lists of each other without a model between them.
///
/// Source: Prisma's documentation of implicit relations of many to many: `_AToB` in the order of the alphabet, or `_` and the
/// name of the relation; the columns are `A` and `B`.
fn joins(models: &[Model], file: &str) -> Vec<Table> {
    let mut found: Vec<Table> = Vec::new();
    for model in models {
        for (at, (target, name, line)) in model.lists.iter().enumerate() {
            let Some(other) = models.iter().find(|other| other.name == *target) else {
                continue;
            };
            let is_back = |(back, list): (usize, &(String, Option<String>, u32))| {
                list.0 == model.name && list.1 == *name && (other.name != model.name || back != at)
            };
            if !other.lists.iter().enumerate().any(is_back) {
                continue;
            }
            let mut ends = [model, other];
            ends.sort_by(|a, b| a.name.cmp(&b.name));
            let table = match name {
                Some(name) => format!("_{name}"),
                None => format!("_{}To{}", ends[0].name, ends[1].name),
            };
            if found.iter().all(|known| known.name != table) {
                found.push(join(table, ends, file, *line));
            }
        }
    }
    found
}

fn join(name: String, ends: [&Model; 2], file: &str, line: u32) -> Table {
    let spot = Spot {
        file: file.to_owned(),
        line: Some(line),
        column: None,
    };
    let column = |(name, model): (&str, &Model)| {
        let key = model.fields.iter().find(|field| field.key);
        Column {
            name: name.to_owned(),
            kind: key.map_or_else(String::new, |key| key.kind.to_lowercase()),
            references: Some(Reference {
                table: model.table.clone(),
                column: key.map(|key| key.column.clone()),
            }),
            spot: spot.clone(),
            ..Column::default()
        }
    };
    Table {
        name,
        columns: ["A", "B"].into_iter().zip(ends).map(column).collect(),
        spot: spot.clone(),
        ..Table::default()
    }
}

/// The name of a relation: `@relation("friends")`, `@relation(name: "friends")`.
fn relation_name(line: &str) -> Option<String> {
    let inside = line.split("@relation(").nth(1)?.split(')').next()?.trim_start();
    let named = inside.strip_prefix("name:").map(str::trim_start).unwrap_or(inside);
    named.starts_with('"').then(|| quoted(named).map(str::to_owned))?
}

struct Field {
    name: String,
    column: String,
    kind: String,
    nullable: bool,
    key: bool,
    comment: Option<String>,
    line: u32,
}

impl Model {
    fn line(&mut self, line: &str, comment: Option<String>, number: u32) {
        if let Some(map) = line.strip_prefix("@@map(") {
            self.table = quoted(map).unwrap_or(&self.table).to_owned();
            return;
        }
        if line.is_empty() || line.starts_with("@@") || line.starts_with("//") {
            return;
        }
        let mut words = line.split_whitespace();
        let (Some(name), Some(kind)) = (words.next(), words.next()) else {
            return;
        };
        if let Some(model) = kind.strip_suffix("[]") {
            self.lists.push((model.to_owned(), relation_name(line), number));
        }
        if let Some(relation) = line.split("@relation(").nth(1) {
            let list = |word: &str| {
                let inside = relation
                    .split(&format!("{word}:"))
                    .nth(1)?
                    .trim_start()
                    .strip_prefix('[')?;
                let first = inside.split([',', ']']).next()?.trim();
                (!first.is_empty()).then(|| first.to_owned())
            };
            if let Some(field) = list("fields") {
                let model = kind.trim_end_matches(['?', '[', ']']).to_owned();
                self.links.push((field, model, list("references")));
            }
            return;
        }
        let rest = line.split("//").next().unwrap_or(line);
        let column = rest.split("@map(").nth(1).and_then(quoted).unwrap_or(name).to_owned();
        let native = rest
            .split("@db.")
            .nth(1)
            .map(|rest| rest.split([' ', '\t']).next().unwrap_or_default());
        self.fields.push(Field {
            name: name.to_owned(),
            column,
            kind: format!(
                "{}{}",
                kind.trim_end_matches('?'),
                native.map(|native| format!(" {native}")).unwrap_or_default()
            ),
            nullable: kind.ends_with('?'),
            key: rest.contains("@id"),
            comment,
            line: number,
        });
    }

    fn to_table(
        &self,
        file: &str,
        tables: &BTreeMap<String, String>,
        columns: &BTreeMap<(String, String), String>,
    ) -> Table {
        let spot = |line: u32| Spot {
            file: file.to_owned(),
            line: Some(line),
            column: None,
        };
        // A field whose type is a model is the other side of a relation.
        let stored = self
            .fields
            .iter()
            .filter(|field| !tables.contains_key(field.kind.trim_end_matches("[]")));
        let columns = stored.map(|field| {
            let link = self.links.iter().find(|(from, ..)| *from == field.name);
            Column {
                name: field.column.clone(),
                kind: field.kind.to_lowercase(),
                comment: field.comment.clone(),
                nullable: field.nullable,
                is_key: field.key,
                references: link.map(|(_, model, to)| Reference {
                    table: tables.get(model).cloned().unwrap_or_else(|| model.clone()),
                    column: to
                        .as_ref()
                        .map(|to| columns.get(&(model.clone(), to.clone())).unwrap_or(to).clone()),
                }),
                spot: spot(field.line),
            }
        });
        Table {
            name: self.table.clone(),
            comment: self.comment.clone(),
            is_view: self.view,
            columns: columns.collect(),
            spot: spot(self.line),
            ..Table::default()
        }
    }
}

/// The first text in double quotes.
fn quoted(text: &str) -> Option<&str> {
    text.split('"').nth(1)
}
