//! What columns probably hold: by name, comment, type, by the table they are in and what it leads to.
//!
//! Start at [`classify`]. Names of elements are in `data/names.toml`, which all looks share; what only databases have is in
//! `data/columns.toml`. A `name` is somebody's in a table of people and the name of a thing in another.

mod rules;

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, SubjectId};

use self::rules::{Class, RULES};
use super::sample::Samples;
use super::{Column, Schema, Table};
use crate::observation::Confidence;
use crate::words::{self, Guess};

/// What a column probably holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A data element.
    Element(ElementId),
    /// What people write; mostly of this element.
    FreeText(Option<ElementId>),
    /// A password hash, a token, a key.
    Secret,
    /// Nothing personal, and why.
    NotPersonal(String),
    /// Nothing says what.
    Unclassified,
}

/// A guess about one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnGuess {
    /// What.
    pub what: What,
    /// How sure.
    pub confidence: Confidence,
    /// What speaks for it: `name`, `comment`, `type`, `table`, `values`.
    pub by: &'static str,
}

/// Guesses about one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableGuess {
    /// Whose data, where the name says so.
    pub subjects: BTreeSet<SubjectId>,
    /// The column that names the person, in a table of people.
    pub key: Option<String>,
    /// Columns that lead to a person, with `table.column`.
    pub belongs_to: BTreeMap<String, String>,
    /// As [`Self::belongs_to`], to tables that are not among those that were read.
    pub outside: BTreeMap<String, String>,
    /// Why nothing in the table is personal.
    pub none: Option<String>,
    /// Every column by name.
    pub columns: BTreeMap<String, ColumnGuess>,
}

/// Guesses about a whole schema, by the names of tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Classified {
    tables: BTreeMap<String, TableGuess>,
}

impl Classified {
    /// The guesses about a table.
    pub fn table(&self, name: &str) -> Option<&TableGuess> {
        self.tables.get(name)
    }

    /// The guess about a column.
    pub fn column(&self, table: &str, column: &str) -> Option<&ColumnGuess> {
        self.tables.get(table)?.columns.get(column)
    }
}

/// How a table has to do with people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tie {
    /// Every row is a person.
    Person,
    /// Rows lead to one.
    Linked,
    /// Rows are things that the program knows the name of.
    Thing,
    /// Nobody knows.
    Unknown,
}

/// Guesses what every column holds; values count when `samples` has them.
pub fn classify(schema: &Schema, samples: &Samples) -> Classified {
    let ties = ties(schema);
    let mut classified = Classified::default();
    for table in &schema.tables {
        let tie = ties.get(&table.name).map_or(Tie::Unknown, |(tie, _)| *tie);
        let mut guess = TableGuess {
            none: RULES.whole_table(table),
            ..TableGuess::default()
        };
        if guess.none.is_none() {
            guess
                .subjects
                .extend(words::subject_of(table.plain_name()).filter(|_| tie == Tie::Person));
            guess.key = table
                .columns
                .iter()
                .find(|column| column.is_key && tie == Tie::Person)
                .map(|column| column.name.clone());
            if tie != Tie::Person {
                let links = ties.get(&table.name).map(|(_, links)| links.clone());
                let there = |target: &String| {
                    target
                        .rsplit_once('.')
                        .is_some_and(|(name, _)| schema.table(name).is_some())
                };
                (guess.belongs_to, guess.outside) =
                    links.unwrap_or_default().into_iter().partition(|(_, to)| there(to));
            }
        }
        for column in &table.columns {
            let found = match (&guess.none, by_values(table, column, samples)) {
                (Some(reason), _) => sure(What::NotPersonal(reason.clone()), "table"),
                (None, Some(found)) => found,
                (None, None) => column_guess(schema, table, column, tie, &ties),
            };
            let found = of_whom(found, tie, &guess.subjects);
            guess.columns.insert(column.name.clone(), found);
        }
        classified.tables.insert(table.name.clone(), guess);
    }
    classified
}

/// What is somebody's name in general is a guardian's in a table of guardians.
fn of_whom(found: ColumnGuess, tie: Tie, subjects: &BTreeSet<SubjectId>) -> ColumnGuess {
    let guardians = tie == Tie::Person && subjects.iter().any(|subject| subject.as_str() == "guardian");
    let What::Element(found_element) = &found.what else {
        return found;
    };
    let own = match found_element.as_str() {
        name if name.starts_with("identity.name.") => "guardian.name",
        "contact.email" => "guardian.email",
        "contact.phone" => "guardian.phone",
        "contact.address.postal" => "guardian.address",
        _ => return found,
    };
    match guardians {
        true => ColumnGuess {
            what: What::Element(element(own)),
            ..found
        },
        false => found,
    }
}

type Ties = BTreeMap<String, (Tie, BTreeMap<String, String>)>;

/// How each table has to do with people, and the columns that lead to them: to a table of people, else to a linked one.
fn ties(schema: &Schema) -> Ties {
    let mut ties: Ties = schema
        .tables
        .iter()
        .map(|table| {
            // What only leads to others is a list of pairs, whatever it is called: `_GroupToPupil`.
            let pairs = table.columns.iter().all(|column| column.references.is_some());
            let class = RULES.class_of(table.plain_name());
            let tie = match class.filter(|class| !pairs || *class != Class::Person) {
                Some(Class::Person) => Tie::Person,
                Some(Class::Thing) => Tie::Thing,
                None => Tie::Unknown,
            };
            (table.name.clone(), (tie, BTreeMap::new()))
        })
        .chain(people_outside(schema))
        .collect();
    // Longest way to a person: one step per round.
    for round in 0..8 {
        let mut found: Vec<(String, BTreeMap<String, String>)> = Vec::new();
        for table in &schema.tables {
            let Some((tie, links)) = ties.get(&table.name) else {
                continue;
            };
            if *tie == Tie::Person || !links.is_empty() {
                continue;
            }
            let wanted = if round == 0 { Tie::Person } else { Tie::Linked };
            let links = links_to(schema, table, &ties, wanted);
            if !links.is_empty() {
                found.push((table.name.clone(), links));
            }
        }
        if found.is_empty() && round > 0 {
            break;
        }
        for (name, links) in found {
            ties.insert(name, (Tie::Linked, links));
        }
    }
    ties
}

/// Tables of people, by their names, that columns lead to and that were not read: `auth_user` of a folder without it.
fn people_outside(schema: &Schema) -> Ties {
    let columns = schema.tables.iter().flat_map(|table| &table.columns);
    let targets = columns.filter_map(|column| Some(column.references.as_ref()?.table.clone()));
    let outside = targets.filter(|name| schema.table(name).is_none() && RULES.class_of(name) == Some(Class::Person));
    outside.map(|name| (name, (Tie::Person, BTreeMap::new()))).collect()
}

/// Columns that lead to a table of the wanted tie: by a foreign key, or by a name such as `user_id`.
fn links_to(schema: &Schema, table: &Table, ties: &Ties, wanted: Tie) -> BTreeMap<String, String> {
    let is = |name: &str| {
        ties.iter()
            .any(|(known, (tie, _))| known.eq_ignore_ascii_case(name) && *tie == wanted)
    };
    let mut links = BTreeMap::new();
    for column in &table.columns {
        let target = match &column.references {
            Some(reference) => Some((reference.table.clone(), reference.column.clone())),
            None => named_target(schema, column),
        };
        // A class that a teacher owns is a thing all the same; what leads on from it does not lead to a person.
        let thing = wanted == Tie::Linked
            && target
                .as_ref()
                .is_some_and(|(name, _)| RULES.class_of(name) == Some(Class::Thing));
        if let Some((name, key)) =
            target.filter(|(name, _)| is(name) && !thing && !name.eq_ignore_ascii_case(&table.name))
        {
            links.insert(
                column.name.clone(),
                format!("{name}.{}", key.unwrap_or_else(|| "id".to_owned())),
            );
        }
    }
    links
}

/// The table that `user_id` probably leads to, where nothing declares it.
fn named_target(schema: &Schema, column: &Column) -> Option<(String, Option<String>)> {
    let mut words = words::split(&column.name);
    if words
        .pop()
        .is_none_or(|last| !["id", "uuid", "guid"].contains(&last.as_str()))
        || words.is_empty()
    {
        return None;
    }
    let stem = words.join("_");
    let last = words.last().cloned().unwrap_or_default();
    let fits = |table: &&Table| {
        let plain = super::rails::singular(&table.plain_name().to_lowercase());
        plain == stem || plain == last
    };
    let table = schema.tables.iter().find(fits)?;
    let key = table.columns.iter().find(|column| column.is_key)?;
    Some((table.name.clone(), Some(key.name.clone())))
}

fn sure(what: What, by: &'static str) -> ColumnGuess {
    ColumnGuess {
        what,
        confidence: Confidence::Certain,
        by,
    }
}

fn guess(what: What, confidence: Confidence, by: &'static str) -> ColumnGuess {
    ColumnGuess { what, confidence, by }
}

/// What most values are, which says more than any name.
fn by_values(table: &Table, column: &Column, samples: &Samples) -> Option<ColumnGuess> {
    let sample = samples.of(&table.name, &column.name)?;
    if sample.is_hashed() {
        return Some(guess(What::Secret, Confidence::Likely, "values"));
    }
    let (element, _) = sample.mostly()?;
    // Long texts that hold an address are texts; which element they are, their name says better.
    let text = rules::kind_of(&column.kind) == rules::Kind::Json || RULES.free(column).is_some();
    let (what, by) = if text {
        (What::FreeText(Some(element.clone())), "values")
    } else {
        (What::Element(element.clone()), "values")
    };
    Some(guess(what, Confidence::Likely, by))
}

fn column_guess(schema: &Schema, table: &Table, column: &Column, tie: Tie, ties: &Ties) -> ColumnGuess {
    let named = words::element_of(&column.name);
    if let Some(found) = key_or_link(schema, table, column, tie, ties, named.as_ref()) {
        return found;
    }
    if RULES.is_secret(&column.name) {
        return guess(What::Secret, Confidence::Likely, "name");
    }
    if let Some(found) = named.as_ref().and_then(|named| in_context(table, column, tie, named)) {
        return found;
    }
    if let Some(found) = by_kind(column) {
        return found;
    }
    if tie == Tie::Person
        && ["created at", "inserted at", "created on"].contains(&words::split(&column.name).join(" ").as_str())
    {
        return guess(What::Element(element("account.created_at")), Confidence::Likely, "name");
    }
    if let Some(found) = RULES.not_personal(column) {
        return guess(What::NotPersonal(found), Confidence::Likely, "name");
    }
    let (named, by_type) = match free_text(table, column, tie) {
        Some(found) if found.by == "type" => (None, Some(found)),
        found => (found, None),
    };
    named
        .or_else(|| by_comment(column))
        .or(by_type)
        .or_else(|| unlinked(column, tie))
        .unwrap_or_else(|| guess(What::Unclassified, Confidence::Possible, "nothing"))
}

/// Whether a table of this name is one that programs keep of themselves.
pub(super) fn is_of_program(name: &str) -> bool {
    let table = Table {
        name: name.to_owned(),
        ..Table::default()
    };
    RULES.whole_table(&table).is_some()
}

#[expect(
    clippy::expect_used,
    reason = "identifiers of the catalog, written here; a test names them all"
)]
fn element(id: &str) -> ElementId {
    ElementId::new(id).expect("an identifier of the catalog")
}

/// Keys and foreign keys.
fn key_or_link(
    schema: &Schema,
    table: &Table,
    column: &Column,
    tie: Tie,
    ties: &Ties,
    named: Option<&Guess>,
) -> Option<ColumnGuess> {
    let id_of = |name: &str| match words::subject_of(name).as_ref().map(SubjectId::as_str) {
        Some("guardian") => element("guardian.id"),
        _ => element("account.id"),
    };
    let leads_to = ties.get(&table.name).and_then(|(_, links)| links.get(&column.name));
    let person = |name: &str| {
        ties.iter()
            .any(|(known, (tie, _))| known.eq_ignore_ascii_case(name) && *tie == Tie::Person)
    };
    let target = match (&column.references, leads_to) {
        (Some(reference), _) => Some(reference.table.clone()),
        (None, Some(target)) => target.rsplit_once('.').map(|(table, _)| table.to_owned()),
        _ => None,
    };
    if let Some(target) = target {
        let is_there = schema.table(&target).is_some();
        if person(&target) {
            let what = What::Element(id_of(&target));
            return Some(match is_there {
                true => sure(what, "table"),
                false => guess(what, Confidence::Likely, "name"),
            });
        }
        let about_person = tie == Tie::Person || tie == Tie::Linked;
        let school = named.filter(|named| about_person && named.element.as_str().starts_with("edu."));
        return Some(match school {
            Some(named) => guess(What::Element(named.element.clone()), named.confidence, "name"),
            None if is_there => sure(What::NotPersonal(format!("refers to `{target}`")), "table"),
            // Of a table that nobody read nobody knows whose rows it has.
            None => guess(
                What::NotPersonal(format!("refers to `{target}`, which was not read")),
                Confidence::Possible,
                "name",
            ),
        });
    }
    match (column.is_key, tie) {
        (true, Tie::Person) => Some(sure(What::Element(id_of(table.plain_name())), "table")),
        (true, _) if RULES.is_row_number(&column.name) => {
            Some(sure(What::NotPersonal("number of the row".to_owned()), "name"))
        }
        _ => None,
    }
}

/// What a name says, weighed by the table it stands in.
fn in_context(table: &Table, column: &Column, tie: Tie, named: &Guess) -> Option<ColumnGuess> {
    let found = |confidence| Some(guess(What::Element(named.element.clone()), confidence, "name"));
    let what = rules::singular_words(table.plain_name());
    let writes = RULES.free(column).is_some();
    let short = words::split(&column.name).len() == 1;
    match (tie, named.confidence) {
        // `comment` or `body` alone: what people write, whatever else is called so.
        _ if writes && short => None,
        (Tie::Person, Confidence::Possible) => found(Confidence::Likely),
        (Tie::Person, confidence) => found(confidence),
        (Tie::Linked, Confidence::Possible) if short => None,
        (Tie::Linked, confidence) => found(confidence),
        (Tie::Thing, Confidence::Certain) => found(Confidence::Likely),
        (Tie::Thing, _) => Some(guess(
            What::NotPersonal(format!("of a {what}, not of a person")),
            Confidence::Likely,
            "table",
        )),
        (Tie::Unknown, Confidence::Certain) => found(Confidence::Likely),
        (Tie::Unknown, Confidence::Likely) => found(Confidence::Possible),
        (Tie::Unknown, Confidence::Possible) => None,
    }
}

fn by_kind(column: &Column) -> Option<ColumnGuess> {
    let (element, confidence) = RULES.by_kind(&column.kind)?;
    Some(guess(What::Element(element), confidence, "type"))
}

/// What people write, in tables that have to do with people; in others the words of whoever makes the platform.
fn free_text(table: &Table, column: &Column, tie: Tie) -> Option<ColumnGuess> {
    let kind = rules::kind_of(&column.kind);
    let words_of_things = || {
        let what = rules::singular_words(table.plain_name());
        guess(
            What::NotPersonal(format!("about a {what}, not about a person")),
            Confidence::Likely,
            "table",
        )
    };
    let title = ["name", "title", "label"].contains(&column.name.to_lowercase().as_str());
    match (RULES.free(column), tie) {
        (Some(_), Tie::Thing) => Some(words_of_things()),
        (None, Tie::Thing) if title => Some(words_of_things()),
        (Some(element), Tie::Person | Tie::Linked) => Some(guess(What::FreeText(element), Confidence::Likely, "name")),
        (None, Tie::Linked) if title => Some(guess(What::FreeText(None), Confidence::Possible, "name")),
        (None, Tie::Person | Tie::Linked) if kind.is_long() => {
            Some(guess(What::FreeText(None), Confidence::Possible, "type"))
        }
        _ => None,
    }
}

/// Numbers that lead somewhere unknown, and numbers, flags and times of tables that lead to no person.
fn unlinked(column: &Column, tie: Tie) -> Option<ColumnGuess> {
    use rules::Kind::{Flag, Number, Time};
    let kind = rules::kind_of(&column.kind);
    let leads = words::split(&column.name).last().is_some_and(|last| last == "id");
    if leads && kind == Number {
        return Some(match words::subject_of(&column.name) {
            Some(_) => guess(What::Element(element("account.id")), Confidence::Possible, "name"),
            None => guess(
                What::NotPersonal("refers to another row".to_owned()),
                Confidence::Possible,
                "name",
            ),
        });
    }
    let counts = matches!(kind, Flag | Number | Time) && matches!(tie, Tie::Thing | Tie::Unknown);
    let reason = "a number, a flag or a time of a table that leads to no person".to_owned();
    counts.then(|| guess(What::NotPersonal(reason), Confidence::Possible, "type"))
}

/// A comment names an element: only in words that mean nothing else.
fn by_comment(column: &Column) -> Option<ColumnGuess> {
    let comment = column.comment.as_deref()?;
    let all: Vec<String> = words::split(&comment.chars().take(120).collect::<String>());
    for length in (1..=4).rev() {
        for window in all.windows(length) {
            let guessed = words::element_of(&window.join("_"));
            if let Some(named) = guessed.filter(|named| named.confidence == Confidence::Certain) {
                return Some(guess(What::Element(named.element), Confidence::Possible, "comment"));
            }
        }
    }
    None
}
