//! `averment scan schema`: which tables and columns there are, held against the data map; or the map proposed from them.
//!
//! Addresses of servers come from the environment or from a file, never from the command line, and no error repeats them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use averment_gate::read_certificates;
use averment_register::draft::{self, Draft};
use averment_register::{Source, StoreId, compile, rewrite};
use averment_scan::report::visible;
use averment_scan::schema::{
    Classified, Marked, Sampler, Samples, Schema, classify, map_measurements, merge, propose, read_mysql, read_path,
    read_postgres, schema_drift,
};
use averment_scan::{Coverage, Look, Seen, Spot, Unread};
use averment_store::{connect_mysql, connect_postgres};
use clap::Args;

use super::finishing::finish_with;
use super::people::KnownPeople;
use super::recording::Besides;
use super::{ScanFormat, ScanOptions};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 the data map says everything, 1 something is not in it or is not there any\nmore, 2 nothing \
                        could be read; 3 internal fault."
)]
pub(crate) struct SchemaArgs {
    /// SQLite file, SQL dump, `schema.rb`, `models.py`, Prisma schema, or a folder with one of them or with migrations
    #[arg(required_unless_present_any = ["url_env", "url_file"], conflicts_with_all = ["url_env", "url_file"])]
    source: Option<PathBuf>,
    /// Environment variable with the address of a server: `postgres://…`, `mysql://…`, `mariadb://…`
    #[arg(long, value_name = "NAME", conflicts_with = "url_file")]
    url_env: Option<String>,
    /// File with the address of a server
    #[arg(long, value_name = "FILE")]
    url_file: Option<PathBuf>,
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Store of the data map that it is; the only one of the register when absent
    #[arg(long, value_name = "ID")]
    store: Option<String>,
    /// Print the data map that the names speak of, to review; compares nothing
    #[arg(long)]
    propose: bool,
    /// Add what is missing to the data map of the register in this folder; what stands there stays as it is
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Look at up to N rows of each table too; only numbers are kept. Databases only
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    sample: Option<u32>,
    #[command(flatten)]
    people: KnownPeople,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

impl SchemaArgs {
    /// Whether it writes or prints the data map instead of comparing with one.
    pub(super) fn proposes(&self) -> bool {
        self.propose || self.into.is_some()
    }
}

pub(crate) fn run(arguments: &SchemaArgs) -> Result<Outcome, Failure> {
    if arguments.options.format == ScanFormat::Seen {
        let why = "`--format seen` has no columns, and what this look finds is in them";
        return Err(Failure::new(why).hint("`--format json` has all of it"));
    }
    let from = clock::now();
    let (schema, samples) = read(arguments)?;
    let classified = classify(&schema, &samples);
    if let Some(folder) = &arguments.into {
        if schema.columns() == 0 {
            anstream::eprintln!("no column was seen; nothing was written");
            return Ok(Outcome::CouldNotMeasure);
        }
        return add(arguments, folder, &schema, &classified);
    }
    if arguments.propose {
        let id = named(arguments.store.as_deref().unwrap_or("app"))?;
        anstream::print!("{}", propose(&id, &schema, &classified));
        return Ok(if schema.columns() == 0 {
            Outcome::CouldNotMeasure
        } else {
            Outcome::Holds
        });
    }
    compare(arguments, from, &schema, &classified, &samples)
}

fn compare(
    arguments: &SchemaArgs,
    from: jiff::Timestamp,
    schema: &Schema,
    classified: &Classified,
    samples: &Samples,
) -> Result<Outcome, Failure> {
    let (folder, register) = arguments.options.opened()?;
    let stores = register.charter.content().data.iter();
    let stores = stores.filter(|(_, store)| store.engine.has_tables());
    let stores = stores.map(|(id, _)| id.as_str());
    let id = store(arguments.store.as_deref(), &stores.collect::<Vec<_>>())?;
    let marked = marked(&folder, &id)?;
    let found = schema_drift(&register.charter, &id, schema, classified, samples, &marked);
    if arguments.options.format == ScanFormat::Text {
        for unread in &schema.unread {
            anstream::println!("note: {}", visible(&unread.to_string()));
        }
        for table in samples.unread() {
            anstream::println!("note: the rows of `{}` could not be read", visible(table));
        }
        let tables = schema.tables.iter().filter(|table| !table.is_view).count();
        let said = format!("Store `{id}`, {tables} tables, {}.", found.coverage);
        anstream::println!("{}", wrap(&said, 80, ""));
        if samples.looked() > 0 {
            anstream::println!("{} values were looked at.", samples.looked());
        }
    }
    let drift = if schema.columns() == 0 { Vec::new() } else { found.drift };
    let seen = seen(from, schema, samples);
    let name = arguments.options.name.as_deref();
    let besides = Besides {
        measured: map_measurements(&register.charter, &id, schema, &found.coverage, &seen, name),
        otherwise: Some(format!(
            "a measurement is of a claim, and no `collects` claim of the register speaks of elements that the data map has \
             columns for in `{id}`; with one, what the map does not cover would count as not seen"
        )),
    };
    finish_with(seen, drift, besides, &arguments.options)
}

/// Lines of the map that nobody has checked; the charter keeps no comments.
fn marked(folder: &Path, id: &StoreId) -> Result<Marked, Failure> {
    let source = Source::read(folder)?;
    let text = source.get(&format!("data/{id}.toml"));
    Ok(text.map(Marked::of).unwrap_or_default())
}

/// What the look gives besides drift. It sees no recipients, and so no plane on which one could be missed.
fn seen(from: jiff::Timestamp, schema: &Schema, samples: &Samples) -> Seen {
    let live = schema
        .tables
        .iter()
        .filter(|table| !table.is_view)
        .map(|table| table.columns.len() as u64);
    let mut unread = schema.unread.clone();
    unread.extend(samples.unread().map(|table| Unread {
        spot: Spot {
            file: schema.source.clone(),
            ..Spot::default()
        },
        because: format!("the rows of `{table}` could not be read"),
    }));
    Seen {
        look: Look::Schema,
        planes: BTreeSet::new(),
        from,
        until: clock::now(),
        observations: Vec::new(),
        own: Vec::new(),
        coverage: Coverage {
            read: schema.columns() as u64,
            live: live.sum(),
            bytes: 0,
            left_out: schema.left_out.clone(),
            unread,
            ..Coverage::default()
        },
        knows_people: false,
    }
}

/// The store that is meant.
fn store(named_store: Option<&str>, known: &[&str]) -> Result<StoreId, Failure> {
    match (named_store, known) {
        (Some(id), _) if !known.contains(&id) && !known.is_empty() => {
            let hint = format!("expected one of `{}`", known.join("`, `"));
            Err(Failure::new(format!("store `{id}` is not in the data map")).hint(hint))
        }
        (Some(id), _) => named(id),
        (None, [one]) => named(one),
        (None, []) => named("app"),
        (None, _) => {
            let hint = format!("name one with `--store`: `{}`", known.join("`, `"));
            Err(Failure::new("the data map has several stores").hint(hint))
        }
    }
}

fn named(id: &str) -> Result<StoreId, Failure> {
    let known = StoreId::new(id).ok().filter(|id| !id.as_str().contains(['/', '.']));
    known.ok_or_else(|| {
        Failure::new(format!(
            "`{id}` is not an identifier of a store: expected lower-case letters, digits, `-` and `_`"
        ))
    })
}

/// Writes a new file of the data map, or adds to the one that is there.
fn add(arguments: &SchemaArgs, folder: &Path, schema: &Schema, classified: &Classified) -> Result<Outcome, Failure> {
    let source = Source::read(folder)?;
    let stores: Vec<&str> = source
        .files()
        .filter_map(|(name, _)| name.strip_prefix("data/")?.strip_suffix(".toml"))
        .collect();
    // A store that is not there yet is begun.
    let id = match &arguments.store {
        Some(id) => named(id)?,
        None => store(None, &stores)?,
    };
    let file = format!("data/{id}.toml");
    let Some(text) = source.get(&file) else {
        let path = draft::write(
            &Draft {
                file,
                text: propose(&id, schema, classified),
            },
            folder,
        )?;
        anstream::println!("{}  {} tables, to be checked", path.display(), schema.tables.len());
        return Ok(Outcome::Holds);
    };
    let merged = merge(text, schema, classified).map_err(|_| {
        Failure::new(format!("cannot read `{}`", folder.join(&file).display()))
            .hint("`averment check` shows what is wrong")
    })?;
    let mut changed = source.clone();
    changed.insert(file.clone(), merged.text.clone());
    if compile(&source).charter.is_some() && compile(&changed).charter.is_none() {
        let hint = "without `--into`, `--propose` prints the rows, to be put in by hand";
        return Err(Failure::new("the register does not compile with the rows; nothing was written").hint(hint));
    }
    rewrite(&changed, folder)?;
    let (tables, columns) = (merged.tables.len(), merged.columns.len());
    anstream::println!(
        "{}  {tables} tables and {columns} columns added, to be checked",
        folder.join(&file).display()
    );
    for place in &merged.open {
        anstream::println!("nothing says what `{}` holds: add it by hand", visible(place));
    }
    Ok(Outcome::Holds)
}

fn read(arguments: &SchemaArgs) -> Result<(Schema, Samples), Failure> {
    let directory = arguments
        .sample
        .map(|_| arguments.people.directory(&arguments.options.folders))
        .transpose()?;
    let sampler = arguments
        .sample
        .zip(directory.as_ref())
        .map(|(rows, directory)| Sampler::new(rows, directory));
    let sampler = sampler.as_ref();
    if let Some(path) = &arguments.source {
        return Ok(read_path(path, sampler)?);
    }
    let address = address(arguments)?;
    let address = address.trim();
    if ["mysql://", "mariadb://"]
        .iter()
        .any(|scheme| address.starts_with(scheme))
    {
        return Ok(read_mysql(&mut connect_mysql(address)?, sampler)?);
    }
    let mut trust = Vec::new();
    for file in &arguments.trust {
        trust.extend(read_certificates(file)?);
    }
    let mut client = connect_postgres(address, &trust)?;
    Ok(read_postgres(&mut client, sampler)?)
}

#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn address(arguments: &SchemaArgs) -> Result<String, Failure> {
    match (&arguments.url_env, &arguments.url_file) {
        (Some(name), _) => std::env::var(name).map_err(|_| {
            Failure::new(format!(
                "expected the environment variable `{name}` with the address of a server"
            ))
        }),
        (None, Some(file)) => std::fs::read_to_string(file)
            .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error)),
        (None, None) => Err(Failure::new("expected a source: a path, `--url-env` or `--url-file`")),
    }
}
