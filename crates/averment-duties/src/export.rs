//! What is held about one person, in one archive: for programs, and for people to read.
//!
//! Start at [`Task::write`]. Rows come as they are read and lie in a folder beside the archive until all are there, so that memory
//! does not grow with them; an export that was broken off goes on with the tables that it has not read yet.
//!
//! Invariant: secrets never come in; what names others becomes [`SOMEBODY_ELSE`]. The archive is there whole or not at all, and
//! only its owner may read it.
//!
//! Source: GDPR Art. 15(1)-(4), 20(1); FERPA 34 CFR 99.10, 99.12(a).

mod archive;
mod lacking;
mod objects;
mod page;
mod rows;
mod spool;
mod value;

use std::collections::BTreeSet;
use std::path::Path;

use averment_catalog::ElementId;
use averment_register::{Charter, Store};
use jiff::Timestamp;
use serde::Serialize;

use crate::connect::{Database, DatabaseError, Dialect};
use crate::erase::{self, EraseError, Kept, Opened};
use crate::graph::{Graph, Part, Reached, Subject};
use crate::retain::Stores;
pub use lacking::lacking;
use spool::Spool;

/// What stands where somebody else is named.
pub const SOMEBODY_ELSE: &str = "somebody else";

/// A text with the others in it masked, and how often.
pub struct Masked {
    /// The text; none when it cannot be shown at all.
    pub text: Option<String>,
    /// How often somebody else was named.
    pub others: u64,
}

/// What an export is made from.
pub struct Task<'a> {
    /// What is stored where.
    pub charter: &'a Charter,
    /// How stores are opened, those of objects among them.
    pub stores: &'a dyn Stores,
    /// The person's number at the platform.
    pub number: &'a str,
    /// Whether the directory knows somebody with this number: then there is an archive though no store knows it.
    pub is_known: bool,
    /// Masks others in what people write.
    pub mask: &'a dyn Fn(&str) -> Masked,
    /// What recipients got, as the ledger has it.
    pub recipients: &'a [Received],
    /// Puts on record that the archive with this SHA-256 and so many bytes is given; when it cannot, there is none.
    pub announce: &'a dyn Fn([u8; 32], u64) -> Result<(), String>,
    /// Now.
    pub now: Timestamp,
}

/// What a recipient got of the person, or may have got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Received {
    /// Who.
    pub recipient: String,
    /// Which elements.
    pub elements: Vec<String>,
    /// In how many messages or disclosures.
    pub times: u64,
    /// When first, RFC 3339.
    pub first: String,
    /// When last.
    pub last: String,
    /// What it rests on.
    pub basis: Vec<String>,
}

/// What came in, and what did not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Rows that are the person's.
    pub own_rows: u64,
    /// Rows of others that name the person.
    pub named_rows: u64,
    /// Files.
    pub files: u64,
    /// Values that name somebody else.
    pub somebody_else: u64,
    /// Places in texts that name somebody else.
    pub masked_in_texts: u64,
    /// Columns with secrets, which are left out.
    pub secrets: Vec<String>,
    /// Stores that could not be read, with the reason.
    pub not_reached: Vec<(String, String)>,
}

/// Why there is no archive.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A file is there already.
    #[error("`{0}` is there already")]
    Exists(String),
    /// A file cannot be written or read.
    #[error("cannot write beside `{path}`")]
    File {
        /// The archive.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A number that nothing knows: an archive of it would say that nothing is held.
    #[error(
        "neither a store nor the directory knows such a number: expected the number of a person as the platform writes it"
    )]
    Nobody,
    /// By what the person is known cannot be read.
    #[error("by what the person is known cannot be read: {0}")]
    Known(String),
    /// Objects cannot be read.
    #[error("objects of store `{store}` cannot be read: {because}")]
    Objects {
        /// Store.
        store: String,
        /// Why, without names.
        because: String,
    },
    /// A table cannot be read.
    #[error("table `{table}` of store `{store}` cannot be read: {because}")]
    Table {
        /// Store.
        store: String,
        /// Table.
        table: String,
        /// Why, without values.
        because: String,
    },
}

/// What a table gives, in words of the archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose {
    /// The person's own rows.
    Own,
    /// Rows of others that name the person.
    Named,
}

/// The numbers of everybody whose table of people says that they are of a school that is called one of `called` there.
///
/// # Errors
/// The store that cannot be read, or that no table says whose school is whose.
pub fn people_of_school(charter: &Charter, stores: &dyn Stores, called: &[String]) -> Result<Vec<String>, String> {
    let (mut people, mut said) = (BTreeSet::new(), false);
    for store in charter
        .content()
        .data
        .values()
        .filter(|store| store.engine.has_tables())
    {
        let mut database = stores.open(store)?;
        let schema = database.schema().map_err(|error| error.to_string())?;
        let graph = Graph::of(store, schema).map_err(|error| error.to_string())?;
        for reached in &graph.tables {
            let Some(sql) = of_school(reached, database.dialect(), called) else {
                continue;
            };
            said = true;
            let rows = database.all(&sql, &[]).map_err(|error| error.to_string())?;
            people.extend(rows.into_iter().filter_map(|row| row.into_iter().next().flatten()));
        }
    }
    match said {
        true => Ok(people.into_iter().collect()),
        false => Err("no table of people has a column with `edu.school`".to_owned()),
    }
}

/// The query for the people of a school; none where the table has no people, or not their school.
fn of_school(reached: &Reached, dialect: Dialect, called: &[String]) -> Option<String> {
    let mut columns = reached.map.columns.iter();
    let is_school = |element: &ElementId| element.as_str() == "edu.school";
    let (school, _) = columns.find(|(_, column)| column.element.as_ref().is_some_and(is_school))?;
    let written = |name: &str| {
        let column = reached.table.column(name)?;
        Some(dialect.as_text(&dialect.name(&column.name), column))
    };
    let names: Vec<String> = called.iter().map(|name| dialect.text(name)).collect();
    let (key, school) = (written(reached.map.key.as_deref()?)?, written(school)?);
    let table = dialect.table(&reached.table.name);
    Some(format!(
        "select {key} from {table} where {school} in ({})",
        names.join(", ")
    ))
}

impl Task<'_> {
    /// Writes the archive at `out`, which must not be there; `resume`: go on with one that was broken off.
    ///
    /// # Errors
    /// [`ExportError`]; no archive is there then. A store that cannot be reached is no error: the archive says so.
    pub fn write(&self, out: &Path, resume: bool) -> Result<Summary, ExportError> {
        if out.exists() {
            return Err(ExportError::Exists(out.display().to_string()));
        }
        let failed = |source| ExportError::File {
            path: out.display().to_string(),
            source,
        };
        let mut summary = Summary::default();
        let mut stores = self.open(&mut summary);
        self.must_be_somebody(&mut stores, &summary)?;
        let spool = Spool::open(out, &self.fingerprint(), resume).map_err(failed)?;
        let person = self.known(&mut stores)?;
        for opened in &mut stores {
            if let Kept::Tables { database, graph } = &mut opened.kept {
                self.read_tables(&opened.store, graph, database.as_mut(), &person, &spool, &mut summary)?;
            }
        }
        objects::take(&mut stores, &person.subject, &spool, &mut summary)?;
        summary.secrets.sort();
        archive::write(self, &spool, &mut summary, out).map_err(failed)?;
        spool.remove().map_err(failed)?;
        Ok(summary)
    }

    /// What a broken-off export must have been made from to be gone on with.
    fn fingerprint(&self) -> String {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        (self.number, self.charter.digest().to_string()).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Opens every store that holds something personal; those that cannot be opened are told.
    fn open(&self, summary: &mut Summary) -> Vec<Opened> {
        let mut opened = Vec::new();
        for store in self.charter.content().data.values().filter(|store| store.is_personal()) {
            match self.open_one(store) {
                Ok(one) => opened.push(one),
                Err(because) => summary.not_reached.push((store.id.to_string(), because)),
            }
        }
        opened
    }

    fn open_one(&self, store: &Store) -> Result<Opened, String> {
        let kept = match store.engine.has_tables() {
            true => {
                let mut database = self.stores.open(store)?;
                let schema = database.schema().map_err(|error| error.to_string())?;
                let graph = Box::new(Graph::of(store, schema).map_err(|error| error.to_string())?);
                Kept::Tables { database, graph }
            }
            false => Kept::Objects(self.stores.objects(store)?),
        };
        Ok(Opened {
            store: store.clone(),
            kept,
            path: None,
        })
    }

    /// Whether the number is one that a store or the directory knows; where a store cannot be read it may be the one.
    fn must_be_somebody(&self, stores: &mut [Opened], summary: &Summary) -> Result<(), ExportError> {
        if self.is_known || !summary.not_reached.is_empty() {
            return Ok(());
        }
        let numbers = BTreeSet::from([self.number.to_owned()]);
        match erase::unknown(stores, &numbers)
            .map_err(|error| not_known(&error))?
            .is_empty()
        {
            true => Ok(()),
            false => Err(ExportError::Nobody),
        }
    }

    /// By what the stores know the person, read as it is for an erasure.
    fn known(&self, stores: &mut [Opened]) -> Result<Person, ExportError> {
        let numbers = BTreeSet::from([self.number.to_owned()]);
        let known = erase::harvest(stores, &numbers, &numbers).map_err(|error| not_known(&error))?;
        Ok(Person {
            subject: known.subject(),
            or_others: known.or_others(),
            told: erase::told(stores),
        })
    }

    fn read_tables(
        &self,
        store: &Store,
        graph: &Graph,
        database: &mut dyn Database,
        person: &Person,
        spool: &Spool,
        summary: &mut Summary,
    ) -> Result<(), ExportError> {
        let failed = |table: &str, because: String| ExportError::Table {
            store: store.id.to_string(),
            table: table.to_owned(),
            because,
        };
        // All tables of a store as of one moment.
        database.begin().map_err(|error| failed("*", error.to_string()))?;
        for reached in &graph.tables {
            summary.secrets.extend(secrets(store, reached));
            let left_out = person.left_out(reached, graph, database);
            let left_out = left_out.map_err(|error| failed(reached.map.name(), error.to_string()))?;
            let because = left_out.map(|because| (store.id.to_string(), because));
            summary.not_reached.extend(because);
            for whose in [Whose::Own, Whose::Named] {
                let table = rows::Table {
                    task: self,
                    store,
                    graph,
                    reached,
                    subject: &person.subject,
                    whose,
                };
                table
                    .read(database, spool)
                    .map_err(|because| failed(reached.map.name(), because))?;
            }
        }
        database.undo();
        Ok(())
    }
}

fn not_known(error: &EraseError) -> ExportError {
    let cause = std::error::Error::source(error).map_or_else(String::new, |cause| format!(": {cause}"));
    ExportError::Known(format!("{error}{cause}"))
}

/// Columns with secrets, which are left out.
fn secrets<'a>(store: &'a Store, reached: &'a Reached) -> impl Iterator<Item = String> {
    let columns = reached.map.columns.iter();
    columns
        .filter(|(_, column)| column.holds == Some(averment_register::ColumnHolds::Secret))
        .map(|(name, _)| format!("{}.{}.{name}", store.id, reached.map.name()))
}

/// The person, by everything that the stores name them by.
struct Person {
    subject: Subject,
    /// The same with what others have as well, as the address of a household.
    or_others: Option<Subject>,
    /// Elements of which who has none has none.
    told: BTreeSet<ElementId>,
}

impl Person {
    /// Why rows of a table are not in the archive that may be the person's; none where there are none.
    fn left_out(
        &self,
        reached: &Reached,
        graph: &Graph,
        database: &mut dyn Database,
    ) -> Result<Option<String>, DatabaseError> {
        let (name, dialect) = (reached.map.name(), database.dialect());
        let of = |subject: &Subject| reached.is_of(subject, dialect, &graph.schema, 1);
        let mut count = |part: Option<Part>| match part {
            Some(part) => erase::count(database, &reached.table.name, &part),
            None => Ok(0),
        };
        if let Some(or_others) = &self.or_others {
            let more = count(of(or_others))?.saturating_sub(count(of(&self.subject))?);
            if more > 0 {
                let because = "are found only by something that others are known by as well";
                return Ok(Some(format!("{more} rows of `{name}` {because}")));
            }
        }
        let is_told = reached.own.iter().any(|path| self.told.contains(&path.element));
        let because = format!("nothing tells by what the rows of `{name}` name the person");
        Ok((of(&self.subject).is_none() && !is_told).then_some(because))
    }
}
