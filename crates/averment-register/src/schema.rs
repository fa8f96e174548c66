//! JSON Schemas of register files, for editors: what may stand where, with every word of the catalog.
//!
//! Start at [`FileKind::schema`]. Generated from the shapes that the reader checks and the table of kinds of claims, so that
//! a schema cannot say otherwise than `averment check`. It knows nothing of other files: whether a recipient that is named
//! exists, only compiling tells.
//!
//! Source: JSON Schema draft 2020-12.

#[cfg(test)]
mod tests;
mod words;

use serde_json::{Map, Value, json};

use crate::compile::claims::{KINDS, Kind, Place};
use crate::compile::shape::{self, Field, Holds, Shape};
use crate::field::names;

/// A kind of register file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// `organisation.toml`.
    Organisation,
    /// `recipients/*.toml`.
    Recipient,
    /// `claims/*.toml`.
    Claims,
    /// `controllers/*.toml`.
    Controller,
    /// `data/*.toml`.
    Data,
}

impl FileKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Organisation,
        Self::Recipient,
        Self::Claims,
        Self::Controller,
        Self::Data,
    ];

    /// The word on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Recipient => "recipient",
            Self::Claims => "claims",
            Self::Controller => "controller",
            Self::Data => "data",
        }
    }

    /// The files of a register that are of this kind, as a glob.
    pub fn files(self) -> &'static str {
        match self {
            Self::Organisation => "organisation.toml",
            Self::Recipient => "recipients/*.toml",
            Self::Claims => "claims/*.toml",
            Self::Controller => "controllers/*.toml",
            Self::Data => "data/*.toml",
        }
    }

    /// The kind of the file `name` of a register.
    pub fn of(name: &str) -> Option<Self> {
        let folder = name.split_once('/').map_or(name, |(folder, _)| folder);
        let of_folder = |kind: &Self| kind.files().split('/').next() == Some(folder);
        Self::ALL.into_iter().find(of_folder)
    }

    /// Name of the file that the schema is written to.
    pub fn schema_file(self) -> String {
        format!("{}.schema.json", self.as_str())
    }

    /// The JSON Schema of files of this kind.
    pub fn schema(self) -> String {
        let mut schema = Map::new();
        schema.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
        schema.insert("title".into(), format!("Averment register: {}", self.files()).into());
        let mut defs = Map::new();
        let place = match self {
            Self::Claims => Place::List,
            _ => Place::Recipient,
        };
        let mut write = Write { defs: &mut defs, place };
        schema.extend(write.table(self.shape()));
        schema.insert("$defs".into(), defs.into());
        serde_json::to_string_pretty(&schema).expect("a schema holds only strings, lists and tables") + "\n"
    }

    fn shape(self) -> &'static Shape {
        match self {
            Self::Organisation => &shape::ORGANISATION,
            Self::Recipient => &shape::RECIPIENT,
            Self::Claims => &shape::CLAIMS,
            Self::Controller => &shape::CONTROLLER,
            Self::Data => &shape::DATA,
        }
    }
}

/// Writes one schema.
struct Write<'a> {
    defs: &'a mut Map<String, Value>,
    /// Where claims of the file stand.
    place: Place,
}

impl Write<'_> {
    /// A table of shape `shape`.
    fn table(&mut self, shape: &'static Shape) -> Map<String, Value> {
        let mut properties = Map::new();
        for field in shape.fields {
            let mut property = self.field(shape, field);
            property.insert("description".into(), field.doc.into());
            properties.insert(field.name.into(), property.into());
        }
        let needed = shape.fields.iter().filter(|field| field.needed).map(|field| field.name);
        let mut table = Map::new();
        table.insert("type".into(), "object".into());
        table.insert("properties".into(), properties.into());
        table.insert("required".into(), needed.collect());
        table.insert("additionalProperties".into(), false.into());
        if std::ptr::eq(shape, &shape::CLAIM) {
            self.kinds_of_claims(&mut table);
        }
        table
    }

    fn field(&mut self, shape: &'static Shape, field: &Field) -> Map<String, Value> {
        let list = |items: Value, at_least: u32| json!({ "type": "array", "items": items, "minItems": at_least });
        let schema = match field.holds {
            Holds::Text => self.reference(words::of(names(shape, field), field)),
            Holds::Word(words) => json!({ "type": "string", "enum": words }),
            Holds::Words(words) => list(json!({ "type": "string", "enum": words }), 1),
            Holds::Names => list(self.reference(words::of(names(shape, field), field)), 1),
            Holds::List => list(self.reference(words::of(names(shape, field), field)), 0),
            Holds::Count => json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX }),
            Holds::Date => self.reference(words::date()),
            Holds::Period => self.reference(words::period()),
            Holds::Table(inner) => self.table(inner).into(),
            Holds::Texts => {
                let text = self.reference(words::of(names(shape, field), field));
                json!({ "type": "object", "additionalProperties": text })
            }
            Holds::Named(inner) => {
                let one = self.table(inner);
                self.defs.entry(row_name(field)).or_insert(one.into());
                json!({ "type": "object", "additionalProperties": { "$ref": format!("#/$defs/{}", row_name(field)) } })
            }
            Holds::Rows(inner) => {
                let row = self.table(inner);
                self.defs.entry(row_name(field)).or_insert(row.into());
                json!({ "type": "array", "items": { "$ref": format!("#/$defs/{}", row_name(field)) } })
            }
        };
        match schema {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }

    /// A reference to a definition, which is added when it is not there yet.
    fn reference(&mut self, (name, schema): (&'static str, Value)) -> Value {
        self.defs.entry(name).or_insert(schema);
        json!({ "$ref": format!("#/$defs/{name}") })
    }

    /// The kinds that may stand here, and for each what it needs and what it may have.
    fn kinds_of_claims(&self, table: &mut Map<String, Value>) {
        let kinds: Vec<&Kind> = KINDS
            .iter()
            .filter(|kind| [Place::Anywhere, self.place].contains(&kind.place))
            .collect();
        let words: Vec<&str> = kinds.iter().map(|kind| kind.word).collect();
        let description = table["properties"]["kind"]["description"].take();
        table["properties"]["kind"] = json!({ "type": "string", "enum": words, "description": description });
        let rules: Vec<Value> = kinds.iter().map(|kind| rule(kind)).collect();
        table.insert("allOf".into(), rules.into());
    }
}

/// The name of the definition of a row.
fn row_name(field: &Field) -> String {
    format!("row_{}", field.name)
}

/// What a kind of claim takes.
fn rule(kind: &Kind) -> Value {
    let general = ["kind", "id", "sentence", "said", "evidence"];
    let takes: Vec<&str> = general.iter().chain(kind.needs).chain(kind.may).copied().collect();
    json!({
        "if": { "properties": { "kind": { "const": kind.word } }, "required": ["kind"] },
        "then": { "required": kind.needs, "propertyNames": { "enum": takes } },
    })
}
