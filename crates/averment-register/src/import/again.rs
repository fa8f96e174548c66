//! A later page into a register that people have edited: three versions of every file, put together.
//!
//! Start at [`reimport`]. `import.lock` holds the fingerprints of what the last import wrote, field by field and claim by
//! claim. What stands in a file as it was written then is the page's, and the new page may change it; what a person
//! changed, added or removed is theirs and stays. Where both changed the same field the person's stays and the page's is
//! listed. Comments and layout of edited files are kept.
//!
//! Invariant: nothing that a person wrote is lost, and nothing that a page no longer says is deleted without being listed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::{ImportError, ImportReport, import_all};
use crate::emit::quoted;
use crate::model::UNKNOWN_ORGANISATION;
use crate::source::Source;

/// The file that remembers the last import.
pub(crate) const LOCK: &str = "import.lock";
const ORGANISATION: &str = "organisation.toml";
/// What a conflict tells of a page that says nothing any more.
const GONE: &str = "(no longer there)";
/// Letters of a fingerprint: enough to tell two versions of one field apart.
const FINGERPRINT: usize = 16;

/// What a later import did to one place of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// File.
    pub file: String,
    /// Field or claim in it; empty for the file as a whole.
    pub place: String,
    /// What happened.
    pub kind: ChangeKind,
    /// What the page says now, where that is not in the register.
    pub page: Option<String>,
}

/// What happened at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// New on the page, taken.
    Added,
    /// Changed on the page, taken.
    Changed,
    /// No longer on the page, taken out of the register.
    Removed,
    /// No longer on the page; the file stays for a person to decide.
    Vanished,
    /// Changed on the page and by hand: the register keeps what was written by hand.
    Conflict,
}

impl ChangeKind {
    /// The word in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Vanished => "vanished",
            Self::Conflict => "conflict",
        }
    }
}

/// A register after a later import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reimported {
    /// All files of the register, with a new `import.lock`.
    pub source: Source,
    /// What became of every sentence, by document.
    pub reports: Vec<ImportReport>,
    /// What is different now, by file.
    pub changes: Vec<Change>,
}

/// Imports documents into a register that an earlier import made.
///
/// `existing`: its files, `import.lock` among them; without it every file counts as edited. `documents`: name and text.
/// Files that no import wrote stay as they are.
///
/// # Errors
/// As [`import_all`]; [`ImportError::Unread`] when a file of the register could not be read: it counts as edited, and what
/// was edited in it cannot be kept.
pub fn reimport(existing: &Source, documents: &[(&str, &str)]) -> Result<Reimported, ImportError> {
    let unread: Vec<String> = existing.unread().map(|finding| format!("`{}`", finding.file)).collect();
    if !unread.is_empty() {
        return Err(ImportError::Unread { names: unread });
    }
    let mut fresh = import_all(documents)?;
    let base = Base::read(existing.get(LOCK).unwrap_or_default());
    let mut merge = Merge {
        source: existing.clone(),
        changes: Vec::new(),
        open: Vec::new(),
    };
    merge.organisation(existing, &mut fresh.source, &base);
    for (name, page) in fresh.source.files().filter(|(name, _)| *name != LOCK) {
        match (existing.get(name), base.files.get(name)) {
            (None, None) => merge.add(name, page),
            // Deleted by hand: it stays so, unless the page says something new about it.
            (None, Some(known)) if known.whole == fingerprint(page) => {}
            (None, Some(_)) => merge.whole(name, "deleted by hand; the page changed"),
            (Some(own), known) => merge.file(name, own, page, known),
        }
    }
    for name in base
        .files
        .keys()
        .filter(|name| fresh.source.get(name).is_none() && existing.get(name).is_some())
    {
        merge.note(name, "", ChangeKind::Vanished, None);
    }
    // What vanished is still remembered, so that the next import tells it again.
    let mut lock = Base::of(&fresh.source);
    for (name, known) in &base.files {
        if existing.get(name).is_some() {
            lock.files.entry(name.clone()).or_insert_with(|| known.clone());
        }
    }
    for open in merge.open {
        lock.keep(open, &base);
    }
    merge.source.insert(LOCK, lock.write());
    merge
        .changes
        .sort_by(|a, b| (&a.file, &a.place, a.kind).cmp(&(&b.file, &b.place, b.kind)));
    Ok(Reimported {
        source: merge.source,
        reports: fresh.reports,
        changes: merge.changes,
    })
}

/// Adds the file that remembers this import.
pub(super) fn lock(source: &mut Source) {
    let text = Base::of(source).write();
    source.insert(LOCK, text);
}

/// What the last import wrote.
#[derive(Debug, Default)]
struct Base {
    files: BTreeMap<String, Known>,
}

/// One file as it was written.
#[derive(Debug, Clone, Default)]
struct Known {
    /// Fingerprint of its text.
    whole: String,
    /// Fingerprints by field; rows of one kind together.
    fields: BTreeMap<String, String>,
    /// Fingerprints of its claims.
    claims: BTreeSet<String>,
}

impl Base {
    fn of(source: &Source) -> Self {
        let files = source.files().filter(|(name, _)| *name != LOCK);
        Self {
            files: files.map(|(name, text)| (name.to_owned(), Known::of(text))).collect(),
        }
    }

    /// Remembers of a conflict what `before` knew, so that the next import tells it again.
    fn keep(&mut self, open: Open, before: &Self) {
        let known = before.files.get(&open.file);
        let Some(file) = self.files.get_mut(&open.file) else {
            return;
        };
        // No fingerprint has this form: the file differs from whatever is compared with it.
        file.whole = known.map_or_else(|| "-".to_owned(), |known| known.whole.clone());
        match open.what {
            What::File => {
                *file = known.cloned().unwrap_or_else(|| Known {
                    whole: "-".to_owned(),
                    ..Known::default()
                });
            }
            What::Field(key) => match known.and_then(|known| known.fields.get(&key)) {
                Some(print) => _ = file.fields.insert(key, print.clone()),
                None => _ = file.fields.remove(&key),
            },
            What::NewClaim(print) => _ = file.claims.remove(&print),
            What::OldClaim(print) => _ = file.claims.insert(print),
        }
    }

    /// One line per fingerprint: `file`, `field` or `claim`, its value, and for fields the name.
    fn write(&self) -> String {
        let mut out = String::from(
            "# What the last import wrote, so that the next one tells what was edited since. Not to be edited.\n",
        );
        for (name, known) in &self.files {
            _ = writeln!(out, "file {} {name}", known.whole);
            for (field, print) in &known.fields {
                _ = writeln!(out, "field {print} {field}");
            }
            for print in &known.claims {
                _ = writeln!(out, "claim {print}");
            }
        }
        out
    }

    fn read(text: &str) -> Self {
        let mut base = Self::default();
        let mut file = String::new();
        for line in text.lines() {
            let mut words = line.splitn(3, ' ');
            match (words.next(), words.next(), words.next()) {
                (Some("file"), Some(print), Some(name)) => {
                    name.clone_into(&mut file);
                    let known = Known {
                        whole: print.to_owned(),
                        ..Known::default()
                    };
                    base.files.insert(name.to_owned(), known);
                }
                (Some("field"), Some(print), Some(field)) => {
                    if let Some(known) = base.files.get_mut(&file) {
                        known.fields.insert(field.to_owned(), print.to_owned());
                    }
                }
                (Some("claim"), Some(print), None) => {
                    if let Some(known) = base.files.get_mut(&file) {
                        known.claims.insert(print.to_owned());
                    }
                }
                _ => {}
            }
        }
        base
    }
}

impl Known {
    fn of(text: &str) -> Self {
        let mut known = Self {
            whole: fingerprint(text),
            ..Self::default()
        };
        let Ok(document) = text.parse::<DocumentMut>() else {
            return known;
        };
        for (key, item) in document.iter().filter(|(key, _)| *key != "claims") {
            known.fields.insert(key.to_owned(), fingerprint(&plain(item)));
        }
        known.claims = claims(&document).map(print_of_claim).collect();
        known
    }
}

struct Merge {
    source: Source,
    changes: Vec<Change>,
    /// Conflicts, which the next import has to find again.
    open: Vec<Open>,
}

/// One conflict.
struct Open {
    file: String,
    what: What,
}

/// What register and page do not agree on.
enum What {
    /// The file as a whole.
    File,
    /// A field, by its name.
    Field(String),
    /// A claim of the page, by its fingerprint.
    NewClaim(String),
    /// A claim that the page no longer makes, by its fingerprint.
    OldClaim(String),
}

impl Merge {
    fn note(&mut self, file: &str, place: &str, kind: ChangeKind, page: Option<String>) {
        let (file, place) = (file.to_owned(), place.to_owned());
        self.changes.push(Change {
            file,
            place,
            kind,
            page,
        });
    }

    fn conflict(&mut self, file: &str, place: &str, page: String, what: What) {
        self.note(file, place, ChangeKind::Conflict, Some(page));
        let file = file.to_owned();
        self.open.push(Open { file, what });
    }

    fn whole(&mut self, file: &str, why: &str) {
        self.conflict(file, "", why.to_owned(), What::File);
    }

    /// Completes the page's `organisation.toml`: documents that this import does not bring stay while a file refers to them.
    fn organisation(&mut self, existing: &Source, fresh: &mut Source, base: &Base) {
        let [own, page] = [existing.get(ORGANISATION), fresh.get(ORGANISATION)]
            .map(|text| text.and_then(|text| text.parse::<DocumentMut>().ok()));
        let (Some(own), Some(mut page)) = (own, page) else {
            return;
        };
        let others = |(name, _): &(&str, &str)| *name != ORGANISATION && *name != LOCK;
        let staying = || existing.files().filter(others);
        let referred = references(staying());
        let imported = references(staying().filter(|(name, _)| base.files.contains_key(*name)));
        let new: Vec<Table> = rows(&page, "documents").cloned().collect();
        let is_new = |row: &Table| new.iter().any(|other| id(other) == id(row));
        let kept: Vec<&Table> = rows(&own, "documents")
            .filter(|row| !is_new(row) && referred.contains(id(row)))
            .collect();
        if kept.is_empty() {
            return;
        }
        for row in kept.iter().filter(|row| imported.contains(id(row))) {
            let place = format!("document {}", quoted(id(row)));
            self.note(ORGANISATION, &place, ChangeKind::Vanished, None);
        }
        let mut all = ArrayOfTables::new();
        for row in rows(&own, "documents") {
            let fresh = new.iter().find(|other| id(other) == id(row));
            let old = || referred.contains(id(row)).then_some(row);
            fresh.or_else(old).into_iter().for_each(|row| all.push(behind(row)));
        }
        let known = |row: &&Table| rows(&own, "documents").any(|other| id(other) == id(row));
        new.iter()
            .filter(|row| !known(row))
            .for_each(|row| all.push(behind(row)));
        page.insert("documents", Item::ArrayOfTables(all));
        let known = base.files.get(ORGANISATION);
        let as_imported = |key: &str| {
            let own = own.get(key).map(|item| fingerprint(&plain(item)));
            known.and_then(|known| known.fields.get(key)) == own.as_ref()
        };
        // What was edited by hand must not be remembered as the page's.
        if !as_imported("documents") {
            let (file, what) = (ORGANISATION.to_owned(), What::Field("documents".to_owned()));
            self.open.push(Open { file, what });
        }
        // A page that does not say who publishes it leaves the name that another page gave.
        let unnamed = page.get("organisation").and_then(Item::as_str) == Some(UNKNOWN_ORGANISATION);
        if let (true, true, Some(name)) = (unnamed, as_imported("organisation"), own.get("organisation")) {
            replace(&mut page, "organisation", name.clone());
        }
        fresh.insert(ORGANISATION, page.to_string());
    }

    fn add(&mut self, name: &str, page: &str) {
        self.source.insert(name, page);
        self.note(name, "", ChangeKind::Added, None);
    }

    fn file(&mut self, name: &str, own: &str, page: &str, known: Option<&Known>) {
        let untouched = known.is_some_and(|known| known.whole == fingerprint(own));
        let none = Known::default();
        let known = known.unwrap_or(&none);
        if own == page || known.whole == fingerprint(page) {
            return;
        }
        let (Ok(mut edited), Ok(fresh)) = (own.parse::<DocumentMut>(), page.parse::<DocumentMut>()) else {
            return self.whole(name, "the file cannot be read; it stays as it is");
        };
        let before = edited.to_string();
        self.fields(name, &mut edited, &fresh, known);
        self.claims(name, &mut edited, &fresh, known);
        let merged = edited.to_string();
        if untouched {
            // Nobody edited it: the page's own text, comments included.
            self.source.insert(name, page);
        } else if merged != before {
            self.source.insert(name, merged);
        }
    }

    fn fields(&mut self, name: &str, edited: &mut DocumentMut, fresh: &DocumentMut, known: &Known) {
        let own_keys = edited.iter().map(|(key, _)| key.to_owned());
        let keys: BTreeSet<String> = own_keys.chain(fresh.iter().map(|(key, _)| key.to_owned())).collect();
        for key in keys.iter().filter(|key| *key != "claims") {
            let own = edited.get(key).map(plain);
            let page = fresh.get(key).map(plain);
            let base = known.fields.get(key);
            let is_base = |value: &Option<String>| value.as_deref().map(fingerprint).as_ref() == base;
            if own == page || is_base(&page) {
                continue;
            }
            if !is_base(&own) || is_commented(edited, key, fresh.get(key)) {
                let page = page.unwrap_or_else(|| GONE.to_owned());
                self.conflict(name, key, page, What::Field(key.clone()));
                continue;
            }
            match fresh.get(key) {
                Some(item) => {
                    let kind = if own.is_some() {
                        ChangeKind::Changed
                    } else {
                        ChangeKind::Added
                    };
                    replace(edited, key, item.clone());
                    self.note(name, key, kind, None);
                }
                None => {
                    edited.remove(key);
                    self.note(name, key, ChangeKind::Removed, None);
                }
            }
        }
    }

    fn claims(&mut self, name: &str, edited: &mut DocumentMut, fresh: &DocumentMut, known: &Known) {
        let own: BTreeSet<String> = claims(edited).map(print_of_claim).collect();
        let page: BTreeSet<String> = claims(fresh).map(print_of_claim).collect();
        let gone: BTreeSet<&String> = own
            .iter()
            .filter(|print| known.claims.contains(*print) && !page.contains(*print))
            .collect();
        let stays = |claim: &&Table| gone.contains(&print_of_claim(claim)) && is_commented_row(claim);
        let own_sentences: BTreeSet<String> = claims(edited)
            .filter(|claim| !known.claims.contains(&print_of_claim(claim)) || stays(claim))
            .map(sentence)
            .collect();
        for claim in claims(edited).filter(|claim| gone.contains(&print_of_claim(claim))) {
            if is_commented_row(claim) {
                let what = What::OldClaim(print_of_claim(claim));
                self.conflict(name, &place(claim), GONE.to_owned(), what);
            } else {
                self.note(name, &place(claim), ChangeKind::Removed, None);
            }
        }
        let new: Vec<Table> = claims(fresh)
            .filter(|claim| {
                let print = print_of_claim(claim);
                !own.contains(&print) && !known.claims.contains(&print)
            })
            .cloned()
            .collect();
        let mut taken = Vec::new();
        for claim in new {
            // A sentence that somebody typed by hand stays typed as they did.
            if own_sentences.contains(&sentence(&claim)) {
                let (place, what) = (place(&claim), What::NewClaim(print_of_claim(&claim)));
                self.conflict(name, &place, plain(&Item::Table(claim)), what);
            } else {
                self.note(name, &place(&claim), ChangeKind::Added, None);
                taken.push(claim);
            }
        }
        let gone: BTreeSet<String> = gone.into_iter().cloned().collect();
        if gone.is_empty() && taken.is_empty() {
            return;
        }
        let rows = edited
            .entry("claims")
            .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
        if let Some(rows) = rows.as_array_of_tables_mut() {
            rows.retain(|claim| !gone.contains(&print_of_claim(claim)) || is_commented_row(claim));
            for mut claim in taken {
                claim.decor_mut().set_prefix("\n");
                // Behind what stands in the file.
                claim.set_position(None);
                rows.push(claim);
            }
        }
    }
}

/// Puts a field in the place of the one before it, whose comments stay.
fn replace(document: &mut DocumentMut, key: &str, item: Item) {
    match (document.get_mut(key), item) {
        (Some(Item::Value(own)), Item::Value(mut value)) => {
            *value.decor_mut() = own.decor().clone();
            *own = value;
        }
        (_, item) => _ = document.insert(key, item),
    }
}

/// Whether taking the page's `item` for a field would lose a comment that somebody wrote.
fn is_commented(document: &DocumentMut, key: &str, item: Option<&Item>) -> bool {
    let Some((name, own)) = document.get_key_value(key) else {
        return false;
    };
    let mut alone = DocumentMut::new();
    match (own, item) {
        // What stands around a value stays with the new one.
        (Item::Value(own), Some(Item::Value(_))) => {
            let mut own = own.clone();
            own.decor_mut().clear();
            alone.insert(key, Item::Value(own));
        }
        _ => _ = alone.insert_formatted(name, own.clone()),
    }
    has_comment(&alone)
}

fn is_commented_row(row: &Table) -> bool {
    let mut rows = ArrayOfTables::new();
    rows.push(row.clone());
    let mut alone = DocumentMut::new();
    alone.insert("claims", Item::ArrayOfTables(rows));
    has_comment(&alone)
}

fn has_comment(document: &DocumentMut) -> bool {
    crate::format::comments(&document.to_string())
        .iter()
        .any(|comment| !super::files::COMMENTS.contains(&comment.trim_end()))
}

fn rows<'a>(document: &'a DocumentMut, key: &str) -> impl Iterator<Item = &'a Table> {
    let rows = document.get(key).and_then(Item::as_array_of_tables);
    rows.into_iter().flat_map(ArrayOfTables::iter)
}

fn claims(document: &DocumentMut) -> impl Iterator<Item = &Table> {
    rows(document, "claims")
}

fn id(row: &Table) -> &str {
    row.get("id").and_then(Item::as_str).unwrap_or_default()
}

/// A row that is printed where it is put and not where it stood.
fn behind(row: &Table) -> Table {
    let mut row = row.clone();
    row.set_position(None);
    row
}

/// The documents that files name in `said` or elsewhere.
fn references<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in files.filter_map(|(_, text)| text.parse::<toml::Table>().ok()) {
        refer(&toml::Value::Table(table), &mut found);
    }
    found
}

/// The reader of TOML bounds how deep values are.
fn refer(value: &toml::Value, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::Array(items) => items.iter().for_each(|item| refer(item, found)),
        toml::Value::Table(table) => {
            if let Some(toml::Value::String(document)) = table.get("document") {
                found.insert(document.clone());
            }
            table.values().for_each(|value| refer(value, found));
        }
        _ => {}
    }
}

fn sentence(claim: &Table) -> String {
    claim
        .get("sentence")
        .and_then(Item::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// How a claim is named in a report: its kind and the beginning of its sentence.
fn place(claim: &Table) -> String {
    let kind = claim.get("kind").and_then(Item::as_str).unwrap_or_default();
    let start: String = sentence(claim).chars().take(50).collect();
    format!("claim {kind} {}", quoted(&start))
}

/// The fingerprint of a claim: where its sentence stands is no part of it, since every line added above would change it.
fn print_of_claim(claim: &Table) -> String {
    let fields = claim.iter().filter(|(key, _)| *key != "said");
    let fields: BTreeMap<&str, String> = fields.map(|(key, item)| (key, plain(item))).collect();
    fingerprint(&format!("{fields:?}"))
}

/// A value without comments and layout. The line in `said` is left out: it changes with every line above.
fn plain(item: &Item) -> String {
    match item {
        Item::None => String::new(),
        Item::Value(value) => plain_value(value),
        Item::Table(table) => {
            let fields = table.iter().map(|(key, item)| format!("{key}={}", plain(item)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Item::ArrayOfTables(rows) => {
            let rows = rows.iter().map(|row| plain(&Item::Table(row.clone())));
            format!("[{}]", rows.collect::<Vec<_>>().join(","))
        }
    }
}

fn plain_value(value: &toml_edit::Value) -> String {
    match value {
        toml_edit::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(plain_value).collect();
            format!("[{}]", items.join(","))
        }
        toml_edit::Value::InlineTable(table) => {
            let is_said = table.contains_key("document") && table.contains_key("line");
            let fields = table.iter().filter(|(key, _)| !(is_said && *key == "line"));
            let fields = fields.map(|(key, value)| format!("{key}={}", plain_value(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        toml_edit::Value::String(text) => quoted(text.value()),
        toml_edit::Value::Integer(number) => number.value().to_string(),
        toml_edit::Value::Float(number) => number.value().to_string(),
        toml_edit::Value::Boolean(truth) => truth.value().to_string(),
        toml_edit::Value::Datetime(date) => date.value().to_string(),
    }
}

fn fingerprint(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.chars().take(FINGERPRINT).collect()
}

#[cfg(test)]
mod tests;
