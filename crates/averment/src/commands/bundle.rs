//! `averment bundle`: everything that a school needs to check a published page, in one file.
//!
//! Start at [`run`]. `grades` sees to it that the grades are recorded, `pick` chooses the entries.

mod grades;
mod pick;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use averment_ledger::Checkpoint;
use averment_register::Charter;
use averment_store::{DataFolder, Keys, LogEnd};
use averment_verify::Contents;
use clap::Args;
use jiff::Timestamp;

use crate::cli::Folders;
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::register;

use self::pick::{Picked, Selection};

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// Folder of the register
    pub(crate) register: PathBuf,
    /// File to write
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// For this school: entries that name its people and nobody else
    #[arg(long, value_name = "SCHOOL")]
    pub(crate) school: Option<String>,
    /// File with an older checkpoint: prove that the ledger continues it
    #[arg(long, value_name = "FILE")]
    pub(crate) since: Option<PathBuf>,
    /// Every entry, so that none can be left out and the grades can be earned anew
    #[arg(long)]
    pub(crate) whole: bool,
    /// With `--whole`: from the first entry of this time on, such as `2026-01-01T00:00:00Z`
    #[arg(long, value_name = "TIME", requires = "whole")]
    pub(crate) from: Option<Timestamp>,
    /// Document to enclose that an entry names by its digest, such as a certificate
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

pub(crate) fn run(arguments: &BundleArgs) -> Result<Outcome, Failure> {
    let register = register::open(Some(&arguments.register))?;
    let charter = &register.charter;
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let claims = grades::recorded(charter, &arguments.folders)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let selection = Selection {
        whole: arguments.whole,
        from: arguments.from,
        school: arguments.school.as_deref(),
    };
    let picked = pick::pick(&folder, &keys, charter, &selection)?;
    let contents = Contents {
        made_at: format!("{:.0}", clock::now()),
        made_by: concat!("averment ", env!("CARGO_PKG_VERSION")).to_owned(),
        school: picked.school.clone(),
        charter,
        claims,
        since: since(arguments.since.as_deref(), &picked.ends)?,
        logs: picked.logs.clone(),
        documents: documents(&arguments.document)?,
        left_out: picked.left_out,
    };
    let bundle = contents.pack()?;
    write(&arguments.out, &bundle)?;
    say(&arguments.out, &picked, charter, bundle.len());
    Ok(Outcome::Holds)
}

/// The log that an older checkpoint is of, and its size.
fn since(path: Option<&Path>, ends: &[LogEnd]) -> Result<Option<(String, u64)>, Failure> {
    let Some(path) = path else { return Ok(None) };
    let note = super::verify::read_text(path)?;
    let origin = note.lines().next().unwrap_or_default();
    let end = ends.iter().find(|end| end.key.name() == origin).ok_or_else(|| {
        let message = format!(
            "`{}` is of another ledger than the one in the data folder",
            path.display()
        );
        Failure::new(message).hint("name a checkpoint of this ledger, such as one from an earlier bundle")
    })?;
    let checkpoint = Checkpoint::open(&note, &end.key)?;
    Ok(Some((pick::log_name(end.log), checkpoint.size)))
}

fn documents(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, Failure> {
    let read = |path: &PathBuf| {
        let failed = |error| Failure::new(format!("cannot read `{}`", path.display())).because(error);
        std::fs::read(path).map_err(failed)
    };
    paths.iter().map(read).collect()
}

/// Written beside its place, so that a file that is there is whole.
fn write(out: &Path, bundle: &[u8]) -> Result<(), Failure> {
    let failed = |error| Failure::new(format!("cannot write `{}`", out.display())).because(error);
    let name = out.file_name().unwrap_or_default().to_string_lossy();
    let draft = out.with_file_name(format!(".{name}.draft-{}", std::process::id()));
    let written = std::fs::File::create_new(&draft)
        .and_then(|mut file| file.write_all(bundle).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&draft, out));
    if written.is_err() {
        // The draft is ours: if it cannot be removed the first error is still the one to tell.
        _ = std::fs::remove_file(&draft);
    }
    written.map_err(failed)
}

fn say(out: &Path, picked: &Picked, charter: &Charter, bytes: usize) {
    anstream::println!("{} ({bytes} bytes)", out.display());
    anstream::println!("charter  {}", charter.digest());
    anstream::println!("entries  {} shown, {} withheld", picked.shown, picked.withheld);
    for end in &picked.ends {
        anstream::println!("key      {}", end.key);
    }
    anstream::println!("Give the key another way than the file; `averment verify` asks for it.");
}
