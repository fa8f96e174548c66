//! `averment schema`: JSON Schemas of register files, for editors.

use std::path::Path;

use averment_register::schema::FileKind;

use crate::cli::{SchemaArgs, SchemaKind};
use crate::outcome::{Failure, Outcome};

pub(crate) fn run(arguments: &SchemaArgs) -> Result<Outcome, Failure> {
    let kinds: Vec<FileKind> = match arguments.kind {
        Some(kind) => vec![kind_of(kind)],
        None => FileKind::ALL.to_vec(),
    };
    match (&arguments.out, kinds.as_slice()) {
        (Some(folder), kinds) => write(kinds, folder)?,
        (None, [kind]) => anstream::print!("{}", kind.schema()),
        (None, kinds) => list(kinds),
    }
    Ok(Outcome::Holds)
}

fn kind_of(kind: SchemaKind) -> FileKind {
    match kind {
        SchemaKind::Organisation => FileKind::Organisation,
        SchemaKind::Recipient => FileKind::Recipient,
        SchemaKind::Claims => FileKind::Claims,
        SchemaKind::Controller => FileKind::Controller,
        SchemaKind::Data => FileKind::Data,
    }
}

fn write(kinds: &[FileKind], folder: &Path) -> Result<(), Failure> {
    let failed = |path: &Path, error| Failure::new(format!("cannot write `{}`", path.display())).because(error);
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    for kind in kinds {
        let path = folder.join(kind.schema_file());
        std::fs::write(&path, kind.schema()).map_err(|error| failed(&path, error))?;
        anstream::println!("{} for {}", path.display(), kind.files());
    }
    Ok(())
}

fn list(kinds: &[FileKind]) {
    for kind in kinds {
        anstream::println!("averment schema {:<14}for {}", kind.as_str(), kind.files());
    }
    anstream::println!("\nAll of them into a folder: `averment schema --out DIR`");
}
