//! `averment ledger index`: the index that questions are answered from; and the way in which every question opens it.

use std::io::{IsTerminal as _, Write as _};

use averment_store::{DataFolder, Followed, Index, Keys, People, Progress, Question, Reach};
use clap::Args;

use crate::cli::Folders;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

#[derive(Debug, Args)]
pub(crate) struct IndexArgs {
    /// Throw the index away and read the whole ledger
    #[arg(long)]
    rebuild: bool,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &IndexArgs) -> Result<Outcome, Failure> {
    let mut asked = Asked::open_stale(&arguments.folders)?;
    if arguments.rebuild {
        asked.index.clear()?;
    }
    let followed = asked.follow()?;
    anstream::println!("{} entries, {} of them new", followed.entries, followed.new);
    if followed.forgotten > 0 {
        anstream::println!("people unlinked because their keys are gone: {}", followed.forgotten);
    }
    if followed.unresolved > 0 {
        let note = format!(
            "{} names are of people whose key is gone. If the directory was put back from a backup since, read \
             everything again with `--rebuild`.",
            followed.unresolved
        );
        anstream::println!("{}", wrap(&note, 80, ""));
    }
    Ok(Outcome::Holds)
}

/// Everything that a question needs, the index up to date.
pub(crate) struct Asked {
    pub(crate) folder: DataFolder,
    pub(crate) keys: Keys,
    pub(crate) people: People,
    pub(crate) index: Index,
}

impl Asked {
    /// Opens the folders and brings the index up to date.
    pub(crate) fn open(folders: &Folders) -> Result<Self, Failure> {
        let mut asked = Self::open_stale(folders)?;
        asked.follow()?;
        Ok(asked)
    }

    /// Says so when nothing was ever recorded about `recipient`: a slip in its name must not read like good news.
    pub(crate) fn doubt(&self, recipient: &str, reach: &Reach) -> Result<(), Failure> {
        let ever = Question {
            recipient: Some(recipient.to_owned()),
            ..Question::default()
        };
        if reach.first_at.is_none() && self.index.reach(&self.people, &ever)?.first_at.is_none() {
            let note = format!(
                "no entry of this ledger has ever named `{recipient}`; expected the identifier that the recipient has in \
                 the register"
            );
            anstream::eprintln!("note: {}", wrap(&note, 80, "      "));
        }
        Ok(())
    }

    /// Takes people whose key is gone out of the index, where there is one.
    pub(crate) fn forget(folder: &DataFolder, people: &People) -> Result<(), Failure> {
        if let Some(mut index) = Index::open_existing(folder, waiting)? {
            index.forget(people)?;
        }
        Ok(())
    }

    fn open_stale(folders: &Folders) -> Result<Self, Failure> {
        let folder = DataFolder::open_read(&folders.data)?;
        let keys = Keys::read(&folders.keys)?;
        let people = People::open(&folder, &keys)?;
        let index = Index::open(&folder, waiting)?;
        Ok(Self {
            folder,
            keys,
            people,
            index,
        })
    }

    fn follow(&mut self) -> Result<Followed, Failure> {
        let mut bar = Bar::default();
        let followed = self
            .index
            .follow(&self.folder, &self.keys, &self.people, |progress| bar.show(progress));
        bar.end();
        Ok(followed?)
    }
}

fn waiting() {
    anstream::eprintln!("waiting for another averment that uses the index");
}

/// Progress on standard error: a line that is written over on a terminal, else a line for every tenth.
#[derive(Default)]
struct Bar {
    tenths: u64,
    is_begun: bool,
}

/// Cells of the bar.
const CELLS: u64 = 30;

impl Bar {
    fn show(&mut self, progress: Progress) {
        let Progress {
            entries,
            bytes,
            bytes_total,
        } = progress;
        // What is read at once needs no bar.
        if bytes >= bytes_total && !self.is_begun {
            return;
        }
        self.is_begun = true;
        let part = |of: u64| bytes.saturating_mul(of) / bytes_total.max(1);
        if std::io::stderr().is_terminal() {
            let full = usize::try_from(part(CELLS)).unwrap_or_default();
            let bar = format!("{:<1$}", "#".repeat(full), CELLS as usize);
            anstream::eprint!("\rindex [{bar}] {:>3} %, {entries} entries", part(100));
            let _ = std::io::stderr().flush();
        } else if part(10) > self.tenths {
            self.tenths = part(10);
            anstream::eprintln!("index: {} %, {entries} entries", part(100));
        }
    }

    fn end(&self) {
        if self.is_begun && std::io::stderr().is_terminal() {
            anstream::eprintln!();
        }
    }
}
