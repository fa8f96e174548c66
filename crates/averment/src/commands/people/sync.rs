//! `averment people sync`: the directory follows a database or an API.

use std::collections::BTreeSet;
use std::path::Path;

use averment_detect::Form;
use averment_gate::read_certificates;
use averment_store::{Extent, People, Shrink, Source};

use super::{ambiguous, failure, open, print};
use crate::cli::SyncArgs;
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Once, or again and again: then what fails is told, and the directory grows older until the gate's `directory_max_age_hours`
/// closes.
pub(super) fn run(arguments: &SyncArgs) -> Result<Outcome, Failure> {
    let source = source(arguments)?;
    let shrink = match arguments.allow_shrink {
        true => Shrink::Any,
        false => Shrink::UpToPercent(arguments.max_shrink),
    };
    let extent = match &arguments.since_column {
        Some(column) => Extent::Since {
            column: column.clone(),
            shrink,
        },
        None => Extent::Everybody(shrink),
    };
    let mut people = open(&arguments.folders)?;
    people.declare_ambiguous(arguments.ambiguous.map(ambiguous));
    let Some(every) = arguments.every else {
        once(&mut people, &source, &extent, arguments)?;
        return Ok(Outcome::Holds);
    };
    loop {
        if let Err(failure) = once(&mut people, &source, &extent, arguments) {
            anstream::eprint!("{}", failure.render());
        }
        std::thread::sleep(every.unsigned_abs());
    }
}

fn once(people: &mut People, source: &Source, extent: &Extent, arguments: &SyncArgs) -> Result<(), Failure> {
    // Read first: a register that cannot be read must not make a sync fail that is on disk already.
    let own = arguments.register.as_deref().map(own_mailboxes).transpose()?;
    // Between two syncs somebody may have put another directory in the place of this one.
    people.reopen_if_changed()?;
    let report = people.sync(source, extent, clock::now()).map_err(failure)?;
    anstream::println!("At {:.0}:", clock::now());
    print(&report);
    // What is said again and again is a service's log, which holds no addresses of people.
    let told = if arguments.every.is_some() {
        Told::Number
    } else {
        Told::Addresses
    };
    own.map_or(Ok(()), |own| tell_held(people, &own, told))
}

/// What is said of own mailboxes by which somebody is in the directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Number,
    Addresses,
}

fn own_mailboxes(register: &Path) -> Result<BTreeSet<String>, Failure> {
    let charter = crate::register::open(Some(register))?.charter;
    Ok(charter.content().about.own_mailboxes.clone())
}

/// Tells of mailboxes of the organisation itself that are somebody's: there the person counts.
fn tell_held(people: &mut People, own: &BTreeSet<String>, told: Told) -> Result<(), Failure> {
    if own.is_empty() {
        return Ok(());
    }
    let snapshot = people.snapshot(clock::now())?;
    let is_held = |mailbox: &&String| snapshot.directory.look_up(Form::Email, mailbox).is_some();
    let held: Vec<&String> = own.iter().filter(is_held).collect();
    if held.is_empty() {
        return Ok(());
    }
    let of = own.len();
    anstream::println!(
        "{} of {of} own mailboxes of the register are somebody's in the directory, and count as theirs",
        held.len()
    );
    if told == Told::Addresses {
        held.iter().for_each(|mailbox| anstream::println!("  `{mailbox}`"));
    }
    Ok(())
}

fn source(arguments: &SyncArgs) -> Result<Source, Failure> {
    let query = arguments.query.as_deref().map(text).transpose()?.unwrap_or_default();
    let mut trust = Vec::new();
    for file in &arguments.trust {
        trust.extend(read_certificates(file)?);
    }
    if let Some(file) = &arguments.sqlite {
        let file = file.clone();
        return Ok(Source::Sqlite { file, query });
    }
    if let Some(url) = &arguments.url {
        let (url, token) = (url.clone(), arguments.token_env.as_deref().map(variable).transpose()?);
        let token = token.map(Into::into);
        return Ok(Source::Http { url, token, trust });
    }
    let connection = match (&arguments.postgres_env, &arguments.postgres_file) {
        (Some(name), _) => variable(name)?,
        (None, Some(file)) => text(file)?.trim().to_owned(),
        (None, None) => {
            return Err(Failure::new(
                "expected a source: `--sqlite`, `--postgres-env` or `--url`",
            ));
        }
    };
    let connection = connection.into();
    Ok(Source::Postgres {
        connection,
        query,
        trust,
    })
}

fn text(file: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(file);
    text.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))
}

#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn variable(name: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|_| Failure::new(format!("expected the environment variable `{name}`, as text")))
}
