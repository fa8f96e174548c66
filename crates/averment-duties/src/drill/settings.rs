//! The rows of `[[drills]]`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use averment_catalog::WordId;
use averment_register::{Engine, Period, StoreId};
use serde::{Deserialize, Serialize};

use crate::Secret;

/// What a drill does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Looks whether there is a young backup that can be read.
    Backup,
    /// Restores the youngest backup into a scratch database.
    Restore,
    /// Runs a program.
    Command,
}

/// A drill.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// Its name in reports and entries: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// What it does.
    pub kind: Kind,
    /// Activity of the claims that it is about; `backup` and `restore_test` for the first two kinds when absent.
    #[serde(default)]
    pub activity: Option<WordId>,
    /// The backup: a file, or a folder of which the youngest file counts.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// What the names of backups in the folder end with.
    #[serde(default)]
    pub ending: String,
    /// What it is a backup of: `postgresql` or `sqlite`.
    #[serde(default)]
    pub engine: Option<Engine>,
    /// The store of the data map that it is a backup of.
    #[serde(default)]
    pub store: Option<StoreId>,
    /// A PostgreSQL server that scratch databases are made on: an address with a database to connect to.
    #[serde(default)]
    pub scratch: Secret,
    /// How old a backup may be; the period of the claim when absent.
    #[serde(default)]
    pub age: Option<Period>,
    /// Fewest bytes of a backup.
    #[serde(default)]
    pub bytes: u64,
    /// Fewest rows by table.
    #[serde(default)]
    pub rows: BTreeMap<String, u64>,
    /// Rows that must be there.
    #[serde(default)]
    pub canaries: Vec<Canary>,
    /// Rows that must not be there.
    #[serde(default)]
    pub absent: Vec<Canary>,
    /// A column with the times of rows: the newest must be young.
    #[serde(default)]
    pub newest: Option<Newest>,
    /// The program with its arguments.
    #[serde(default)]
    pub command: Vec<String>,
    /// Longest time for a program, in seconds.
    #[serde(default = "half_an_hour")]
    pub within_s: u64,
}

/// A row that is known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Canary {
    /// Its table.
    pub table: String,
    /// A column.
    pub column: String,
    /// What stands in it.
    pub value: String,
}

/// A column with the times of rows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Newest {
    /// Table.
    pub table: String,
    /// Column.
    pub column: String,
}

fn half_an_hour() -> u64 {
    1800
}

impl Drill {
    /// The activity of the claims that it is about.
    pub fn activity(&self) -> WordId {
        let otherwise = match self.kind {
            Kind::Backup => "backup",
            Kind::Restore | Kind::Command => "restore_test",
        };
        let word = || WordId::new(otherwise).expect("a word of the catalog");
        self.activity.clone().unwrap_or_else(word)
    }
}
