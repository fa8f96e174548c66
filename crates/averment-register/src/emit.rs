//! A charter back to register files: the way from a published form to a register, and from a catalog row to a new file.
//!
//! Start at [`source`]. Field names of the charter and of the files are the same, so the writer follows the shapes that
//! the reader checks: fields in their order, empty ones left out.
//!
//! Invariant: compiling what is written gives the same charter, digest included.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use averment_catalog::catalog;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::charter::{CharterContent, Claim, ClaimKind, Controller, Recipient, RecipientId, Store};
use crate::compile::shape::{self, Field, Holds, Shape};
use crate::source::Source;

/// One file of a register before it is written.
pub(crate) struct FileTable {
    /// Its name, such as `recipients/zendesk.toml`.
    pub(crate) name: String,
    /// What it may hold.
    pub(crate) shape: &'static Shape,
    /// What it holds: an object with fields of `shape`.
    pub(crate) value: Value,
}

/// The files of a register that compiles to `content`.
pub(crate) fn source(content: &CharterContent) -> Source {
    source_of(&tables(content))
}

/// Files as text.
pub(crate) fn source_of(files: &[FileTable]) -> Source {
    let mut source = Source::default();
    for file in files {
        source.insert(file.name.as_str(), table(&file.value, file.shape));
    }
    source
}

/// The files of a register that compiles to `content`, as tables: the organisation, recipients by identifier, the list's
/// claims, controllers by identifier, stores by identifier.
pub(crate) fn tables(content: &CharterContent) -> Vec<FileTable> {
    let mut claims: BTreeMap<Option<&RecipientId>, Vec<Value>> = BTreeMap::new();
    for claim in content.claims.values().filter(|claim| claim.kind != ClaimKind::Shares) {
        let rows = claims.entry(claim.recipient.as_ref()).or_default();
        rows.push(claim_row(claim));
    }
    let file = |name: String, shape, value| FileTable { name, shape, value };
    let mut files = vec![file(
        ORGANISATION_FILE.into(),
        &shape::ORGANISATION,
        organisation(content),
    )];
    for (id, one) in &content.recipients {
        let own = claims.remove(&Some(id)).unwrap_or_default();
        files.push(file(
            recipient_file(id.as_str()),
            &shape::RECIPIENT,
            recipient(one, own),
        ));
    }
    if let Some(rows) = claims.remove(&None) {
        files.push(file(LIST_FILE.into(), &shape::CLAIMS, json!({ "claims": rows })));
    }
    for (id, one) in &content.controllers {
        files.push(file(controller_file(id.as_str()), &shape::CONTROLLER, controller(one)));
    }
    for (id, one) in &content.data {
        files.push(file(data_file(id.as_str()), &shape::DATA, store(one)));
    }
    files
}

/// The file of the organisation.
pub(crate) const ORGANISATION_FILE: &str = "organisation.toml";

/// The file that claims about the whole list are written to.
pub(crate) const LIST_FILE: &str = "claims/list.toml";

/// The file of a recipient.
pub(crate) fn recipient_file(id: &str) -> String {
    format!("recipients/{id}.toml")
}

/// The file of a controller.
pub(crate) fn controller_file(id: &str) -> String {
    format!("controllers/{id}.toml")
}

/// The file of a store.
pub(crate) fn data_file(id: &str) -> String {
    format!("data/{id}.toml")
}

/// One `[[claims]]` row as it stands in a file, without the line that opens it.
pub(crate) fn claim(claim: &Claim) -> String {
    let mut out = String::new();
    plain_fields(&claim_row(claim), &shape::CLAIM, &mut out);
    out
}

fn organisation(content: &CharterContent) -> Value {
    json!({
        "organisation": content.organisation,
        "about": content.about,
        "defaults": { "unknown_hosts": content.unknown_hosts },
        "documents": content.documents,
    })
}

fn recipient(recipient: &Recipient, claims: Vec<Value>) -> Value {
    let parties = recipient
        .third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id));
    let known: Vec<String> = parties
        .flat_map(|party| &party.hosts)
        .map(|host| host.pattern.to_ascii_lowercase())
        .collect();
    let mut row = object(recipient);
    row.insert("recipient".into(), json!(recipient.id));
    row.insert(
        "hosts".into(),
        recipient
            .hosts
            .iter()
            .filter(|host| !known.contains(host))
            .cloned()
            .collect(),
    );
    row.insert("claims".into(), claims.into());
    if let Some(Value::Array(rows)) = row.get_mut("discloses") {
        for one in rows.iter_mut().filter_map(Value::as_object_mut) {
            one.remove("rule");
        }
    }
    // Said even when it is empty: left out it would mean the third party of the same name.
    row.insert("third_parties".into(), json!(recipient.third_parties));
    Value::Object(row)
}

fn controller(controller: &Controller) -> Value {
    let mut row = object(controller);
    row.insert("controller".into(), json!(controller.id));
    Value::Object(row)
}

fn store(store: &Store) -> Value {
    let mut row = object(store);
    row.insert("store".into(), json!(store.id));
    Value::Object(row)
}

fn claim_row(claim: &Claim) -> Value {
    let mut row = object(claim);
    let local = claim
        .id
        .as_str()
        .rsplit_once('/')
        .map_or(claim.id.as_str(), |(_, local)| local);
    row.insert("id".into(), local.into());
    Value::Object(row)
}

fn object(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// `value` as a TOML file of shape `shape`: plain fields first, then tables, then rows.
fn table(value: &Value, shape: &Shape) -> String {
    let mut out = String::new();
    plain_fields(value, shape, &mut out);
    for field in shape.fields {
        match (field.holds, value.get(field.name)) {
            (Holds::Table(inner), Some(found)) if !is_inline(field) => section(field.name, found, inner, &mut out),
            (Holds::Rows(inner), Some(Value::Array(rows))) => {
                for row in rows {
                    _ = writeln!(out, "\n[[{}]]", field.name);
                    plain_fields(row, inner, &mut out);
                    named_fields(field.name, row, inner, &mut out);
                }
            }
            _ => {}
        }
    }
    out
}

/// The tables of a row whose names people choose: one line each.
fn named_fields(path: &str, row: &Value, shape: &Shape, out: &mut String) {
    for field in shape.fields {
        let (Holds::Named(inner), Some(Value::Object(found))) = (field.holds, row.get(field.name)) else {
            continue;
        };
        _ = writeln!(out, "\n[{path}.{}]", field.name);
        for (name, value) in found {
            _ = writeln!(out, "{} = {}", key(name), inline(value, inner));
        }
    }
}

/// A name as it stands before `=`.
pub(crate) fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    match !name.is_empty() && name.chars().all(bare) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

fn section(name: &str, value: &Value, shape: &Shape, out: &mut String) {
    let mut inner = String::new();
    plain_fields(value, shape, &mut inner);
    // A contract of which nothing is known is still a contract; the other tables say nothing when they are empty.
    if !inner.is_empty() || name == "contract" && value.is_object() {
        _ = write!(out, "\n[{name}]\n{inner}");
    }
}

/// Small tables are written in one line, so that they stay beside what they speak of.
pub(crate) fn is_inline(field: &Field) -> bool {
    matches!(field.name, "said" | "evidence")
}

fn plain_fields(value: &Value, shape: &Shape, out: &mut String) {
    for field in shape.fields {
        let empty_is_said = field.name == "third_parties";
        let Some(found) = value.get(field.name) else { continue };
        let nothing = found.is_null() || found.as_array().is_some_and(|list| list.is_empty() && !empty_is_said);
        if nothing {
            continue;
        }
        match field.holds {
            Holds::Rows(_) | Holds::Named(_) => {}
            Holds::Texts => _ = writeln!(out, "{} = {}", field.name, texts(found)),
            Holds::Table(inner) if is_inline(field) => {
                _ = writeln!(out, "{} = {}", field.name, inline(found, inner));
            }
            Holds::Table(_) => {}
            Holds::Date => _ = writeln!(out, "{} = {}", field.name, found.as_str().unwrap_or_default()),
            _ => _ = writeln!(out, "{} = {}", field.name, scalar(found)),
        }
    }
}

fn inline(value: &Value, shape: &Shape) -> String {
    let fields = shape.fields.iter();
    let given = fields.filter_map(|field| value.get(field.name).map(|found| (field.name, found)));
    let parts: Vec<String> = given
        .filter(|(_, found)| !found.is_null())
        .map(|(name, found)| format!("{name} = {}", scalar(found)))
        .collect();
    format!("{{ {} }}", parts.join(", "))
}

fn texts(value: &Value) -> String {
    let fields = value.as_object().into_iter().flatten();
    let parts: Vec<String> = fields
        .map(|(name, text)| format!("{} = {}", key(name), scalar(text)))
        .collect();
    format!("{{ {} }}", parts.join(", "))
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// `text` as a TOML string in quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if letter.is_control() => _ = write!(out, "\\u{:04X}", u32::from(letter)),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
