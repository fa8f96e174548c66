//! The data map: what is stored where, column by column, and by which column a person is found.
//!
//! Start at [`Store`]. Column names are those of the database; what is compared with a database compares them without case.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, LegalTest, Plane, SubjectId, WordId, catalog, typed_id};
use serde::{Deserialize, Serialize};

use super::RecipientId;
use super::claim::{Elements, Subjects};

typed_id!(
    /// A database, a bucket or a folder, e.g. `app`.
    StoreId
);

/// What keeps the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// PostgreSQL.
    Postgresql,
    /// MySQL.
    Mysql,
    /// MariaDB.
    Mariadb,
    /// A SQLite file.
    Sqlite,
    /// Objects of a store that speaks S3.
    S3,
    /// Files in folders.
    Files,
}

impl Engine {
    /// The words, in the order of the variants.
    pub const WORDS: [&'static str; 6] = ["postgresql", "mysql", "mariadb", "sqlite", "s3", "files"];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// Whether it keeps tables, and not objects by their names.
    pub fn has_tables(self) -> bool {
        !matches!(self, Self::S3 | Self::Files)
    }
}

/// On whose behalf data are kept: who decides when they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The person: what an account of one's own holds.
    #[default]
    Person,
    /// The school: education records, rosters.
    School,
    /// The organisation itself: invoices, logs.
    Organisation,
}

impl Owner {
    /// The words, in the order of the variants.
    pub const WORDS: [&'static str; 3] = ["person", "school", "organisation"];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// What a column holds that no single element says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnHolds {
    /// Texts or documents that people write: anything may stand in them.
    FreeText,
    /// A password hash, a token, a key: of a person, and never to be shown.
    Secret,
}

impl ColumnHolds {
    /// The words, in the order of the variants.
    pub const WORDS: [&'static str; 2] = ["free_text", "secret"];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// What becomes of data when the person they are about is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnErase {
    /// The row or the object goes. What happens to tables where nothing is said.
    Delete,
    /// The column becomes empty. What happens to personal columns of rows that stay.
    Null,
    /// The value becomes one that says nothing: `erased`, zero, the first of January of the year.
    Mask,
    /// The value becomes a random one, the same wherever this person stood.
    Pseudonymise,
    /// It stays, for the reason given in `keep`.
    Keep,
}

impl OnErase {
    /// The words, in the order of the variants.
    pub const WORDS: [&'static str; 5] = ["delete", "null", "mask", "pseudonymise", "keep"];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// How carefully an element has to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// As any personal data.
    Ordinary,
    /// The register asks for more care.
    Sensitive,
    /// A special category, GDPR Art. 9(1).
    Special,
}

/// A database, a bucket or a folder with what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Identifier.
    pub id: StoreId,
    /// What it is.
    pub engine: Engine,
    /// On whose behalf, where a table does not say.
    #[serde(default)]
    pub owner: Owner,
    /// Where it runs, in the words of whoever runs it: `eu-central-1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// In which countries it stores.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub countries: BTreeSet<String>,
    /// Recipients that run it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub runs_on: BTreeSet<RecipientId>,
    /// Elements that ask for more care than personal data in general.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sensitive: Elements,
    /// Its tables or prefixes, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<StoreTable>,
}

/// A table, or the objects whose names begin alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreTable {
    /// Name, with its schema where it is not the one that the database looks in first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// What the names of the objects begin with; `{x}` for a part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Whose data it holds; not said when empty.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subjects: Subjects,
    /// On whose behalf, where it is another than the store's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Owner>,
    /// Column, or `{x}` of the prefix, that names the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Why nothing in it is personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
    /// What objects hold.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub elements: Elements,
    /// Columns that lead to the person: column to `table.column`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub belongs_to: BTreeMap<String, String>,
    /// Columns that name others than the person it belongs to: column to `table.column`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<String, String>,
    /// The column that says what kind of person a row is about, where a table holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// What the values of that column mean.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, SubjectId>,
    /// When something happened, by trigger: a column of this table, or `table.column` of another row of the same person.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub times: BTreeMap<WordId, String>,
    /// What becomes of the rows or objects of an erased person; [`OnErase::Delete`] where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_erase: Option<OnErase>,
    /// Why the rows stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// What each column holds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, StoreColumn>,
}

/// What a column holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreColumn {
    /// Data element or category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<ElementId>,
    /// What no single element says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<ColumnHolds>,
    /// Why it is not personal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
    /// What becomes of it in a row that stays when the person is erased; personal columns are emptied where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_erase: Option<OnErase>,
    /// Why it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
}

impl Store {
    /// Where what it holds can be seen.
    pub const PLANE: Plane = Plane::Database;

    /// How carefully an element has to be kept here.
    pub fn sensitivity(&self, element: &ElementId) -> Sensitivity {
        let special = |row: &averment_catalog::Element| {
            row.gdpr_special == LegalTest::Yes && (row.id == *element || element.covers(&row.id))
        };
        if catalog().elements().any(special) {
            Sensitivity::Special
        } else if self.sensitive.iter().any(|named| named.covers(element)) {
            Sensitivity::Sensitive
        } else {
            Sensitivity::Ordinary
        }
    }

    /// The table or prefix of this name, whatever its case. A name without schema means the one that is looked in first.
    pub fn table(&self, name: &str) -> Option<&StoreTable> {
        self.tables.iter().find(|table| table.name().eq_ignore_ascii_case(name))
    }

    /// Whether anything in it is personal.
    pub fn is_personal(&self) -> bool {
        self.tables.iter().any(StoreTable::is_personal)
    }

    /// Whether data of students may be in it: said so, or not said whose.
    pub fn may_hold_students(&self) -> bool {
        let student =
            |table: &StoreTable| table.subjects.is_empty() || table.subjects.iter().any(SubjectId::is_student);
        self.tables.iter().any(|table| table.is_personal() && student(table))
    }
}

impl StoreTable {
    /// Its name or prefix.
    pub fn name(&self) -> &str {
        self.table.as_deref().or(self.prefix.as_deref()).unwrap_or_default()
    }

    /// Whether anything in it is personal.
    pub fn is_personal(&self) -> bool {
        !self.elements.is_empty() || self.columns.values().any(StoreColumn::is_personal)
    }

    /// What becomes of the rows or objects of an erased person.
    pub fn on_erase(&self) -> OnErase {
        self.on_erase.unwrap_or(OnErase::Delete)
    }

    /// What a column of this name holds, whatever its case.
    pub fn column(&self, name: &str) -> Option<&StoreColumn> {
        let exact = self.columns.get(name);
        exact.or_else(|| {
            let mut columns = self.columns.iter();
            columns
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, column)| column)
        })
    }
}

impl StoreColumn {
    /// Whether it is about a person.
    pub fn is_personal(&self) -> bool {
        self.element.is_some() || self.holds.is_some()
    }
}
