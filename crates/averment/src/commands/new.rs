//! `averment new`: register files to fill in.

use std::path::Path;

use averment_register::draft::{self, Draft, DraftError};
use averment_register::write;

use crate::cli::NewCommand;
use crate::outcome::{Failure, Outcome};

pub(crate) fn run(command: &NewCommand) -> Result<Outcome, Failure> {
    match command {
        NewCommand::Recipient { id, register } => put(&draft::recipient(id).map_err(explained)?, register),
        NewCommand::Data { id, engine, register } => put(&draft::store(id, engine.engine())?, register),
        NewCommand::School { id, register } => put(&draft::school(id)?, register),
        NewCommand::Register { folder } => {
            write(&draft::register(), folder)?;
            let folder = folder.display();
            anstream::println!("Written to {folder}. Next: `averment new recipient ID --register {folder}`");
            Ok(Outcome::Holds)
        }
    }
}

fn put(draft: &Draft, register: &Path) -> Result<Outcome, Failure> {
    let path = draft::write(draft, register)?;
    anstream::println!("{}", path.display());
    anstream::println!(
        "Fill in what is marked; `averment check {}` says what is missing",
        register.display()
    );
    Ok(Outcome::Holds)
}

fn explained(error: DraftError) -> Failure {
    let hint = match &error {
        DraftError::UnknownThirdParty { near, .. } if !near.is_empty() => {
            let names: Vec<String> = near.iter().map(|id| format!("`{id}`")).collect();
            Some(format!("did you mean {}?", names.join(", ")))
        }
        DraftError::UnknownThirdParty { .. } => {
            Some("write the file by hand, with `third_parties = []` and its `hosts`".to_owned())
        }
        _ => None,
    };
    match hint {
        Some(hint) => Failure::from(error).hint(hint),
        None => Failure::from(error),
    }
}
