//! `averment access cedar` and `averment access sql`: the rules for other programs.

use std::path::{Path, PathBuf};

use averment_access::{cedar, sql};
use averment_register::{Store, StoreId};
use clap::Args;

use super::open;
use crate::outcome::{Failure, Outcome};
use crate::register::Register;

#[derive(Debug, Args)]
pub(crate) struct CedarArgs {
    /// Folder of the register
    register: PathBuf,
    /// Folder for `access.cedar` and `access.cedarschema`; made when it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct SqlArgs {
    /// Folder of the register
    register: PathBuf,
    /// Store of the data map
    #[arg(long, value_name = "ID")]
    store: String,
}

pub(super) fn cedar(arguments: &CedarArgs) -> Result<Outcome, Failure> {
    let (_, access) = open(&arguments.register)?;
    std::fs::create_dir_all(&arguments.out)
        .map_err(|error| Failure::new(format!("cannot make `{}`", arguments.out.display())).because(error))?;
    put(&arguments.out.join("access.cedar"), &cedar::policies(access.rules()))?;
    put(&arguments.out.join("access.cedarschema"), &cedar::schema())?;
    Ok(Outcome::Holds)
}

fn put(file: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(file, text)
        .map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))?;
    anstream::println!("{}", file.display());
    Ok(())
}

pub(super) fn sql(arguments: &SqlArgs) -> Result<Outcome, Failure> {
    let (register, access) = open(&arguments.register)?;
    let script = sql::script(&access, store(&register, &arguments.store)?)?;
    anstream::print!("{script}");
    Ok(Outcome::Holds)
}

fn store<'a>(register: &'a Register, id: &str) -> Result<&'a Store, Failure> {
    let known = &register.charter.content().data;
    let store = StoreId::new(id).ok().and_then(|id| known.get(&id));
    store.ok_or_else(|| {
        let names: Vec<String> = known.keys().map(|id| format!("`{id}`")).collect();
        let hint = match names.is_empty() {
            true => "stores stand in `data/`; `averment scan schema` proposes them".to_owned(),
            false => format!("it declares {}", names.join(", ")),
        };
        Failure::new(format!("register `{}` declares no store `{id}`", register.name)).hint(hint)
    })
}
