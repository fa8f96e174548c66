//! `averment bundle`: everything that a school needs to check a published page, in one file.
//!
//! Start at [`run`]. `grades` sees to it that the grades are recorded, `pick` chooses the entries, `documents` fetches what
//! attestations rest on. A bundle that names people is given only when the ledger says that it is, and none is written that
//! its own verifier refuses.

mod cosigned;
mod documents;
mod grades;
mod pick;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use averment_ledger::{Base64, Checkpoint, Deed, Document, Export};
use averment_register::{Charter, Digest};
use averment_store::{DataFolder, Documents, Keys, LogEnd, Parcel};
use averment_verify::{Contents, Question, Reason, verify};
use clap::Args;
use jiff::Timestamp;

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;
use crate::{clock, recording, register};

use self::pick::{Picked, Selection};

/// What helps where a bundle cannot end where `--cosigned` ends it.
const CUT: &str = "what it needs may lie behind the newest checkpoint that witnesses signed: try again beside a running gate, \
                   some seconds later, or leave out `--cosigned`";

#[derive(Debug, Args)]
pub(crate) struct BundleArgs {
    /// Folder of the register; the bundled example when absent
    pub(crate) register: Option<PathBuf>,
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
    /// Another document to enclose that an entry names by its digest; what attestations rest on is enclosed unasked
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Vec<PathBuf>,
    /// End at the newest checkpoint that witnesses signed, whatever a running gate has recorded since
    #[arg(long)]
    pub(crate) cosigned: bool,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

pub(crate) fn run(arguments: &BundleArgs) -> Result<Outcome, Failure> {
    let register = register::open(arguments.register.as_deref())?;
    let charter = &register.charter;
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let claims = grades::recorded(charter, &arguments.folders)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let cosigned = arguments
        .cosigned
        .then(|| cosigned::newest(&folder, &keys))
        .transpose()?;
    let selection = Selection {
        whole: arguments.whole,
        from: arguments.from,
        school: arguments.school.as_deref(),
        cosigned: cosigned.as_ref(),
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
        documents: documents::read(&Documents::new(&folder), &picked.documents, &arguments.document)?,
        left_out: picked.left_out,
    };
    let bundle = contents.pack()?;
    check(&bundle, &picked)?;
    let exported = export(arguments, charter, &picked, &bundle)?;
    write(&arguments.out, &bundle)?;
    say(&arguments.out, &picked, charter, bundle.len());
    if let Some(notice) = register.notice() {
        anstream::eprintln!("note: {}", wrap(&notice, 80, "      "));
    }
    say_witnesses(&folder, &picked)?;
    if let Some(number) = exported {
        anstream::println!("recorded as entry {number} that it was given");
    }
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

/// What the receiver will find: a bundle that does not hold is not handed out, nor recorded as given.
fn check(bundle: &[u8], picked: &Picked) -> Result<(), Failure> {
    let mut question = Question::new(clock::now());
    for end in &picked.ends {
        question = question.key(&end.key.to_string())?;
    }
    if let Some(school) = &picked.school {
        question = question.school(school.clone());
    }
    let answer = verify(bundle, &question);
    let Some(step) = answer.failure() else { return Ok(()) };
    let message = format!(
        "the bundle would not hold, so none is written ({}): {}",
        step.check.as_str(),
        step.says
    );
    Err(Failure::new(message).hint(match step.state.reason() {
        _ if picked.behind > 0 => CUT,
        Some(Reason::GradesOutdated) => grades::STOP,
        Some(Reason::CharterNotRecorded | Reason::CharterNotInForce) => {
            "a gate runs by another register: name the folder of that one, or stop the gate"
        }
        Some(Reason::DocumentUnknown) => "`--document` encloses only what an entry names by its digest",
        _ => "`averment ledger verify` says whether the ledger holds",
    }))
}

/// Records that the bundle is given, before it is there to be given, and says under which number. One that holds only what
/// names nobody is for everybody, and giving it is nothing to record.
fn export(arguments: &BundleArgs, charter: &Charter, picked: &Picked, bundle: &[u8]) -> Result<Option<u64>, Failure> {
    let to = match (&picked.school, arguments.whole) {
        (Some(_), _) => "school",
        (None, true) => "auditor",
        (None, false) => return Ok(None),
    };
    let sha256 = Base64(Digest::of(bundle).bytes());
    let export = Export {
        id: recording::new_id()?,
        what: "bundle".to_owned(),
        person: None,
        school: picked.school.clone(),
        to: to.to_owned(),
        // The file's own name is anybody's text, and what is in the ledger cannot be taken out again.
        document: Some(Document {
            sha256,
            bytes: bundle.len() as u64,
            name: "bundle.zip".to_owned(),
        }),
    };
    let parcel = Parcel::new(Deed::Export(export));
    let numbers = recording::record(&arguments.folders, &[parcel], charter.digest())?;
    Ok(numbers.first().copied())
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

/// Who signed the newest checkpoint beside the log, so that nobody hands out what a receiver with a witness's key refuses.
fn say_witnesses(folder: &DataFolder, picked: &Picked) -> Result<(), Failure> {
    let (Some(end), Some(log)) = (picked.ends.last(), picked.logs.last()) else {
        return Ok(());
    };
    for witness in cosigned::witnesses(&log.checkpoint, &end.key) {
        anstream::println!("witness  {witness} signed its checkpoint");
    }
    if picked.behind > 0 {
        anstream::println!("behind   {} newer entries, which it leaves for the next", picked.behind);
    }
    if cosigned::is_behind(folder, end, &log.checkpoint)? {
        anstream::eprintln!(
            "note: no witness has signed its checkpoint yet; `--cosigned` ends a bundle at the newest one that is signed"
        );
    }
    Ok(())
}
