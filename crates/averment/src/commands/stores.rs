//! `averment stores`: whether every store of the data map can be reached and is as the map says.

use std::path::PathBuf;

use averment_register::{Engine, Store};
use clap::Args;

use crate::duties::{Duties, DutiesOptions, graph};
use crate::outcome::{Failure, Outcome};
use crate::register;
use crate::text::wrap;

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all fit, 1 one does not, 2 one could not be reached; 3 internal fault.")]
pub(crate) struct StoresArgs {
    /// Register
    register: PathBuf,
    #[command(flatten)]
    duties: DutiesOptions,
}

/// What became of one store.
enum Look {
    Fits(String),
    DoesNot(String),
    NotReached(String),
}

pub(crate) fn run(arguments: &StoresArgs) -> Result<Outcome, Failure> {
    let register = register::open(Some(&arguments.register))?;
    let duties = Duties::open(&arguments.duties)?;
    let mut outcome = Outcome::CouldNotMeasure;
    let stores = &register.charter.content().data;
    if stores.is_empty() {
        anstream::println!("The register has no data map: nothing says what is stored where.");
        return Ok(outcome);
    }
    let looks: Vec<Look> = stores.values().map(|store| look(&duties, store)).collect();
    for (store, look) in stores.values().zip(&looks) {
        let (word, text) = match look {
            Look::Fits(text) => ("fits", text),
            Look::DoesNot(text) => ("does not fit", text),
            Look::NotReached(text) => ("not reached", text),
        };
        let line = format!("{} ({}): {word}. {text}", store.id, store.engine.as_str());
        anstream::println!("{}", wrap(&line, 80, "  "));
    }
    if looks.iter().any(|look| matches!(look, Look::DoesNot(_))) {
        outcome = Outcome::Contrary;
    } else if looks.iter().all(|look| matches!(look, Look::Fits(_))) {
        outcome = Outcome::Holds;
    }
    Ok(outcome)
}

fn look(duties: &Duties, store: &Store) -> Look {
    if !store.engine.has_tables() {
        return objects(duties, store);
    }
    let mut database = match duties.connect(store) {
        Ok(database) => database,
        Err(failure) => return Look::NotReached(plain(&failure)),
    };
    match graph(store, &mut *database) {
        Ok(graph) => {
            let rest = graph.schema.tables.len() - graph.tables.len();
            Look::Fits(format!(
                "{} tables with personal data, {rest} without.",
                graph.tables.len()
            ))
        }
        Err(failure) => Look::DoesNot(plain(&failure)),
    }
}

fn objects(duties: &Duties, store: &Store) -> Look {
    let path = match duties.access(store) {
        Ok(access) => access.path.as_deref(),
        Err(failure) => return Look::NotReached(plain(&failure)),
    };
    match path {
        Some(path) if store.engine == Engine::Files && path.is_dir() => Look::Fits("The folder is there.".to_owned()),
        Some(path) => Look::NotReached(format!("There is no folder `{}`.", path.display())),
        None => Look::NotReached("Buckets are asked by the probes.".to_owned()),
    }
}

fn plain(failure: &Failure) -> String {
    failure.render().trim_start_matches("error: ").to_owned()
}
