//! `averment-duties.toml`, and the stores that it says how to reach: secrets come from the environment or from files.

use std::path::{Path, PathBuf};

use averment_duties::connect::{self, Database};
use averment_duties::erase::{Kept, Opened};
use averment_duties::graph::Graph;
use averment_duties::objects::{Files, Objects};
use averment_duties::{Settings, StoreAccess};
use averment_gate::read_certificates;
use averment_register::{Charter, Engine, Store};
use clap::Args;

use crate::clock;
use crate::commands::probe::Outside;
use crate::outcome::Failure;

/// Where the file is that says how stores, third parties and pages are reached.
#[derive(Debug, Args)]
pub(crate) struct DutiesOptions {
    /// How stores, third parties and pages are reached
    #[arg(
        long,
        alias = "settings",
        value_name = "FILE",
        default_value = "averment-duties.toml"
    )]
    pub(crate) duties: PathBuf,
}

/// What the file says, with paths as from its folder on.
#[derive(Debug)]
pub(crate) struct Duties {
    pub(crate) settings: Settings,
}

impl Duties {
    /// Reads the file.
    pub(crate) fn open(options: &DutiesOptions) -> Result<Self, Failure> {
        let path = &options.duties;
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(format!("cannot read `{}`", path.display()))
                .because(error)
                .hint("`docs/duties.md` says what stands in it; `--duties FILE` names another")
        })?;
        let settings = Settings::read(&text).map_err(|error| Failure::new(format!("`{}`: {error}", path.display())))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Ok(Self {
            settings: settings.in_folder(folder),
        })
    }

    /// Says which stores it speaks of that the data map does not have: a slip there reaches nothing, and nothing else says so.
    pub(crate) fn tell_unknown_stores(&self, charter: &Charter) {
        let (settings, known) = (&self.settings, &charter.content().data);
        let stores = settings.stores.keys().map(|id| ("stores", id));
        let buckets = settings.buckets.keys().map(|id| ("buckets", id));
        for (table, id) in stores.chain(buckets).filter(|(_, id)| !known.contains_key(*id)) {
            anstream::eprintln!("note: `[{table}.{id}]` of the duties file is of no store that the data map has");
        }
    }

    /// How a store of the data map is reached.
    pub(crate) fn access(&self, store: &Store) -> Result<&StoreAccess, Failure> {
        self.settings.stores.get(&store.id).ok_or_else(|| {
            Failure::new(format!("nothing says how store `{}` is reached", store.id)).hint(format!(
                "expected `[stores.{}]` with `url_env`, `url_file` or `path` in `averment-duties.toml`",
                store.id
            ))
        })
    }

    /// A secret: from the environment variable, or else from the file.
    #[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
    pub(crate) fn secret(&self, env: Option<&str>, file: Option<&Path>, of: &str) -> Result<String, Failure> {
        let (secret, place) = match (env, file) {
            (Some(name), None) => {
                let place = format!("the environment variable `{name}`");
                let read = std::env::var(name).map_err(|_| Failure::new(format!("expected {place} for {of}")));
                (read?, place)
            }
            (None, Some(file)) => {
                let place = format!("`{}`", file.display());
                let text = std::fs::read_to_string(file);
                let text = text.map_err(|error| Failure::new(format!("cannot read {place}")).because(error))?;
                (text.trim_end().to_owned(), place)
            }
            _ => {
                let message = format!("expected either an environment variable or a file for {of}");
                return Err(Failure::new(message));
            }
        };
        match secret.trim().is_empty() {
            true => Err(Failure::new(format!("expected {of} in {place}, found nothing"))),
            false => Ok(secret),
        }
    }

    /// Connects to a store with tables.
    pub(crate) fn connect(&self, store: &Store) -> Result<Box<dyn Database>, Failure> {
        let access = self.access(store)?;
        let address = match &access.path {
            Some(path) => path.display().to_string(),
            None => self.secret(
                access.url_env.as_deref(),
                access.url_file.as_deref(),
                &format!("the address of store `{}`", store.id),
            )?,
        };
        let mut trust = Vec::new();
        for file in &access.trust {
            trust.extend(read_certificates(file)?);
        }
        connect::open(store.engine, &address, &trust)
            .map_err(|error| Failure::new(format!("cannot open store `{}`", store.id)).because(error))
    }

    /// Opens a store of objects: a bucket, or a folder of files.
    pub(crate) fn objects(&self, store: &Store) -> Result<Box<dyn Objects>, Failure> {
        if let Some(bucket) = self.settings.buckets.get(&store.id) {
            let bucket = bucket.open_by(&Outside, clock::now);
            let bucket = bucket.map_err(|because| Failure::new(format!("store `{}`: {because}", store.id)))?;
            return Ok(Box::new(bucket));
        }
        if store.engine == Engine::S3 {
            let told = format!("nothing says how store `{}` is reached", store.id);
            return Err(Failure::new(told).hint(format!("expected `[buckets.{}]`", store.id)));
        }
        let path = self.access(store)?.path.as_ref();
        let path = path.filter(|_| store.engine == Engine::Files).ok_or_else(|| {
            Failure::new(format!(
                "store `{}` cannot be reached: expected a folder of files, or a bucket in `[buckets]`",
                store.id
            ))
        })?;
        let files = Files::open(path);
        let files = files.map_err(|error| Failure::new(format!("cannot open store `{}`", store.id)).because(error))?;
        Ok(Box::new(files))
    }

    /// Opens a store, whatever it keeps.
    pub(crate) fn opened(&self, store: &Store) -> Result<Opened, Failure> {
        let kept = match store.engine.has_tables() {
            true => {
                let mut database = self.connect(store)?;
                let graph = Box::new(graph(store, &mut *database)?);
                Kept::Tables { database, graph }
            }
            false => Kept::Objects(self.objects(store)?),
        };
        let path = self
            .settings
            .stores
            .get(&store.id)
            .and_then(|access| access.path.clone());
        Ok(Opened {
            store: store.clone(),
            kept,
            path: path.filter(|_| matches!(store.engine, Engine::Sqlite | Engine::Files)),
        })
    }
}

/// Reads the tables of a store and puts them together with the data map.
pub(crate) fn graph(store: &Store, database: &mut dyn Database) -> Result<Graph, Failure> {
    let failed = |error: &dyn std::error::Error| Failure::new(format!("store `{}`: {error}", store.id));
    let schema = database.schema().map_err(|error| failed(&error))?;
    Graph::of(store, schema).map_err(|error| failed(&error).hint("`averment scan schema` compares both, and proposes"))
}
