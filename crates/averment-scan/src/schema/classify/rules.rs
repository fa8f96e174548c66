//! The rows of `data/columns.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use averment_catalog::ElementId;
use serde::Deserialize;

use crate::observation::Confidence;
use crate::schema::{Column, Table, rails};
use crate::words;

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(Rules::embedded);

/// What a table is a table of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Person,
    Thing,
}

/// What a type is, whatever the engine calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Texts of a length that somebody set.
    Short,
    Text,
    Number,
    Flag,
    Time,
    Json,
    Binary,
    Other,
}

impl Kind {
    /// Whether anything may stand in it.
    pub(super) fn is_long(self) -> bool {
        matches!(self, Self::Text | Self::Json)
    }
}

/// What types begin with; the first row that fits counts.
const KINDS: [(&str, Kind); 44] = [
    ("tinyint(1)", Kind::Flag),
    ("bool", Kind::Flag),
    ("nullboolean", Kind::Flag),
    ("interval", Kind::Number),
    ("int", Kind::Number),
    ("tinyint", Kind::Number),
    ("bigint", Kind::Number),
    ("smallint", Kind::Number),
    ("mediumint", Kind::Number),
    ("serial", Kind::Number),
    ("bigserial", Kind::Number),
    ("numeric", Kind::Number),
    ("decimal", Kind::Number),
    ("real", Kind::Number),
    ("float", Kind::Number),
    ("double", Kind::Number),
    ("money", Kind::Number),
    ("positive", Kind::Number),
    ("bigauto", Kind::Number),
    ("auto", Kind::Number),
    ("date", Kind::Time),
    ("time", Kind::Time),
    ("year", Kind::Time),
    ("json", Kind::Json),
    ("hstore", Kind::Json),
    ("xml", Kind::Json),
    ("bytea", Kind::Binary),
    ("blob", Kind::Binary),
    ("longblob", Kind::Binary),
    ("mediumblob", Kind::Binary),
    ("varbinary", Kind::Binary),
    ("binary", Kind::Binary),
    ("bytes", Kind::Binary),
    ("text", Kind::Text),
    ("longtext", Kind::Text),
    ("mediumtext", Kind::Text),
    ("clob", Kind::Text),
    ("string text", Kind::Text),
    ("citext", Kind::Short),
    ("char", Kind::Short),
    ("varchar", Kind::Short),
    ("string", Kind::Short),
    ("slug", Kind::Short),
    ("uuid", Kind::Other),
];

/// What a declared type is.
pub(super) fn kind_of(declared: &str) -> Kind {
    let declared = declared.to_ascii_lowercase();
    let fits = KINDS.iter().find(|(begin, _)| declared.starts_with(begin));
    fits.map_or(Kind::Other, |(_, kind)| *kind)
}

/// The words of a name with the last in the singular: `student_profiles` gives `student profile`.
pub(super) fn singular_words(name: &str) -> String {
    let mut words = words::split(name);
    if let Some(last) = words.last_mut() {
        *last = rails::singular(last);
    }
    words.join(" ")
}

#[derive(Debug)]
pub(super) struct Rules {
    classes: BTreeMap<String, Class>,
    whole_tables: BTreeMap<String, String>,
    secret: Vec<Row>,
    none: Vec<Row>,
    free: Vec<Row>,
    kinds: Vec<KindRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    people: Words,
    things: Words,
    whole_tables: Vec<WholeTables>,
    secret: Vec<Row>,
    none: Vec<Row>,
    free: Vec<Row>,
    kind: Vec<KindRow>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WholeTables {
    names: Vec<String>,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(default)]
    reason: String,
    element: Option<ElementId>,
    #[serde(default)]
    whole: Vec<String>,
    #[serde(default)]
    ends: Vec<String>,
    #[serde(default)]
    kinds: Vec<Kind>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct KindRow {
    begins: Vec<String>,
    element: ElementId,
    confidence: Confidence,
}

impl Row {
    /// The most words by which it fits; none when it does not.
    fn fits(&self, name: &str) -> Option<usize> {
        let words = words::split(name);
        let joined = words.join(" ");
        if self.whole.contains(&joined) {
            return Some(usize::MAX);
        }
        let ends = self
            .ends
            .iter()
            .filter(|end| joined.ends_with(&format!(" {end}")) || joined == **end);
        ends.map(|end| end.split(' ').count()).max()
    }

    fn of_kind(&self, column: &Column) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind_of(&column.kind))
    }
}

/// The row that fits a name by the most words.
fn best<'a>(rows: &'a [Row], column: &Column) -> Option<&'a Row> {
    let fitting = rows
        .iter()
        .filter(|row| row.of_kind(column))
        .filter_map(|row| Some((row.fits(&column.name)?, row)));
    // The first of equal ones: they stand in the order of how special they are.
    fitting.rev().max_by_key(|(words, _)| *words).map(|(_, row)| row)
}

impl Rules {
    #[expect(clippy::panic, reason = "the file is part of the program; tests read it")]
    fn embedded() -> Self {
        let file: File = toml::from_str(include_str!("../../../data/columns.toml"))
            .unwrap_or_else(|error| panic!("embedded file columns.toml: {error}"));
        let people = file.people.words.into_iter().map(|word| (word, Class::Person));
        let things = file.things.words.into_iter().map(|word| (word, Class::Thing));
        let whole = file.whole_tables.into_iter();
        Self {
            classes: things.chain(people).collect(),
            whole_tables: whole
                .flat_map(|row| row.names.into_iter().map(move |name| (name, row.reason.clone())))
                .collect(),
            secret: file.secret,
            none: file.none,
            free: file.free,
            kinds: file.kind,
        }
    }

    /// What a table is a table of: by all its words, or by the last ones.
    pub(super) fn class_of(&self, table: &str) -> Option<Class> {
        let plain = table.rsplit_once('.').map_or(table, |(_, name)| name);
        let words = singular_words(plain);
        let words: Vec<&str> = words.split(' ').collect();
        (0..words.len()).find_map(|from| self.classes.get(&words[from..].join(" ")).copied())
    }

    /// Why nothing in a table is personal, where its name says so.
    pub(super) fn whole_table(&self, table: &Table) -> Option<String> {
        self.whole_tables
            .get(&words::split(table.plain_name()).join(" "))
            .cloned()
    }

    pub(super) fn is_secret(&self, name: &str) -> bool {
        let as_text = Column {
            name: name.to_owned(),
            ..Column::default()
        };
        best(&self.secret, &as_text).is_some()
    }

    /// Why a column is not personal.
    pub(super) fn not_personal(&self, column: &Column) -> Option<String> {
        best(&self.none, column).map(|row| row.reason.clone())
    }

    /// Whether people write in it, and mostly what.
    pub(super) fn free(&self, column: &Column) -> Option<Option<ElementId>> {
        let kind = kind_of(&column.kind);
        if matches!(kind, Kind::Number | Kind::Flag | Kind::Time) {
            return None;
        }
        best(&self.free, column).map(|row| row.element.clone())
    }

    pub(super) fn by_kind(&self, declared: &str) -> Option<(ElementId, Confidence)> {
        let declared = declared.to_ascii_lowercase();
        let row = self
            .kinds
            .iter()
            .find(|row| row.begins.iter().any(|begin| declared.starts_with(begin.as_str())))?;
        Some((row.element.clone(), row.confidence))
    }

    /// Whether a key only counts rows.
    pub(super) fn is_row_number(&self, name: &str) -> bool {
        let words = words::split(name);
        words
            .last()
            .is_some_and(|last| ["id", "uuid", "guid", "pk", "rowid", "key", "no", "number"].contains(&last.as_str()))
    }
}
