//! `averment publish`: the site as files, each replaced whole, so that no reader sees half a page.

use std::path::Path;

use averment_publish::{Meta, site};

use crate::cli::PublishArgs;
use crate::outcome::{Failure, Outcome};
use crate::register;

pub(crate) fn run(arguments: &PublishArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let graded = super::claims::grades(&register.charter, &arguments.folders)?;
    let meta = Meta {
        generated_at: graded.at,
        json: "claims.json".to_owned(),
        live: false,
        watched: graded.watched,
        notice: register.notice(),
    };
    let files = site(&register.charter, &graded.claims, &meta);
    for (name, bytes) in &files {
        write(&arguments.out, name, bytes)?;
    }
    let out = arguments.out.display();
    anstream::println!(
        "{} files in {out}: {}",
        files.len(),
        files.keys().cloned().collect::<Vec<_>>().join(", ")
    );
    anstream::println!("charter {}", register.charter.digest());
    Ok(Outcome::Holds)
}

/// Writes beside the old file and renames, so that a reader of the site never sees half a page.
fn write(out: &Path, name: &str, bytes: &[u8]) -> Result<(), Failure> {
    let target = out.join(name);
    let failed = |error| Failure::new(format!("cannot write `{}`", target.display())).because(error);
    let folder = target.parent().unwrap_or(out);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let new = target.with_extension("averment-new");
    std::fs::write(&new, bytes)
        .and_then(|()| std::fs::rename(&new, &target))
        .map_err(failed)
}
