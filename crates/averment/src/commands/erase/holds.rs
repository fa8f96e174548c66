//! Who of a run is held: by requests and by a file, asked again as long as the run goes on.
//!
//! Start at [`Watch::of`]. Asked before each transaction, each object and each request to a third party, so it is cheap while nothing is
//! written: who is held is read again only when requests or the file are others than they were.
//!
//! Invariant: what cannot be asked is an error, and then nothing goes.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use averment_duties::erase::{Asking, Concerned, EraseError, Held, Run};

use super::Bench;
use super::people::add_holds;
use crate::outcome::Failure;
use crate::under_hold::OfRequests;

/// Who is held of the people that a run is about.
pub(super) struct Watch {
    whom: Concerned,
    requests: OfRequests,
    files: Vec<PathBuf>,
    /// What was written when nobody was held.
    free_at: Option<Written>,
}

/// What tells that somebody may have come under hold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Written {
    requests: i64,
    /// Size, seconds and nanoseconds of the last change, and number of each file.
    files: Vec<(u64, i64, i64, u64)>,
}

impl Watch {
    /// Of everybody that a run is about; with the file that is named now, or was when the run began, and those of the other runs that
    /// are not over: whom one of them keeps no other takes.
    pub(super) fn of(bench: &Bench<'_>, run: &str, whom: Concerned) -> Result<Self, Failure> {
        let own = match &bench.holds {
            Some(file) => Some(file.clone()),
            None => bench.journal.holds(run)?.map(PathBuf::from),
        };
        let mut files = BTreeSet::from_iter(own);
        for other in bench.journal.unfinished()?.iter().filter(|other| other.id != run) {
            let Some(file) = bench.journal.holds(&other.id)?.map(PathBuf::from) else {
                continue;
            };
            match read(Some(&file)) {
                Ok(_) => _ = files.insert(file),
                // Of its own people nobody can say who is held then.
                Err(failure) if is_shared(bench, other, &whom)? => return Err(failure),
                Err(_) => {}
            }
        }
        files.extend(bench.held_in.iter().filter(|file| read(Some(file)).is_ok()).cloned());
        Self::open(bench, files.into_iter().collect(), whom)
    }

    /// Of these people, with these files.
    pub(super) fn open(bench: &Bench<'_>, files: Vec<PathBuf>, whom: Concerned) -> Result<Self, Failure> {
        Ok(Self {
            whom,
            requests: bench.of_requests()?,
            files,
            free_at: None,
        })
    }

    /// Asks about other people from now on.
    pub(super) fn turn_to(&mut self, whom: Concerned) {
        (self.whom, self.free_at) = (whom, None);
    }

    /// Who of these people is held, and why.
    pub(super) fn held(&self, numbers: &BTreeSet<String>) -> Result<Held, Failure> {
        let mut held = self.in_files()?;
        add_holds(&mut held, numbers, &self.requests)?;
        Ok(held)
    }

    fn in_files(&self) -> Result<Held, Failure> {
        let mut held = Held::default();
        for file in &self.files {
            held.extend(read(Some(file))?);
        }
        Ok(held)
    }

    /// Why something of them may not go now; nothing where nobody is held.
    pub(super) fn reasons(&mut self) -> Result<Vec<String>, Failure> {
        let written = self.written()?;
        if self.free_at.as_ref() == Some(&written) {
            return Ok(Vec::new());
        }
        let mut held = self.in_files()?;
        let in_file = !held.is_empty();
        add_holds(&mut held, &self.whom.numbers, &self.requests)?;
        let mut reasons: Vec<String> = held.reasons(&self.whom.numbers).into_keys().collect();
        if self.whom.untied > 0 && (in_file || self.requests.are_any()?) {
            let untied = self.whom.untied;
            reasons.push(format!(
                "{untied} of the names or of the rows of others are nobody's number, and somebody is held"
            ));
        }
        if reasons.is_empty() {
            self.free_at = Some(written);
        }
        Ok(reasons)
    }

    /// Whether nobody is held.
    pub(super) fn must_be_free(&mut self) -> Result<(), Failure> {
        match &self.reasons()?[..] {
            [] => Ok(()),
            reasons => Err(Failure::from(EraseError::Held(reasons.to_vec()))
                .hint("`averment request holds` shows it; lift it, then `--resume`")),
        }
    }

    /// Answers whoever erases. `agreed`: how many rows of others somebody agreed to, which may go at once.
    pub(super) fn answer(&mut self, asking: Asking<'_>, agreed: u64) -> Result<(), EraseError> {
        match asking {
            Asking::Again => self.ask(),
            Asking::RowsOfOthers(rows) if rows <= agreed => Ok(()),
            Asking::RowsOfOthers(rows) => Err(EraseError::RowsOfOthers(rows)),
            Asking::Others(read) => {
                let is_anybody = self.is_anybody_held();
                if is_anybody.map_err(|failure| EraseError::HoldsUnread(failure.in_one_line()))? {
                    self.ask_also(read()?)?;
                }
                Ok(())
            }
        }
    }

    fn is_anybody_held(&self) -> Result<bool, Failure> {
        Ok(!self.in_files()?.is_empty() || self.requests.are_any()?)
    }

    /// Asks about others as well, from now on.
    fn ask_also(&mut self, others: Concerned) -> Result<(), EraseError> {
        let mut whom = self.whom.clone();
        whom.numbers.extend(others.numbers);
        whom.untied = whom.untied.max(others.untied);
        if whom != self.whom {
            self.turn_to(whom);
        }
        self.ask()
    }

    /// The same for whoever erases.
    pub(super) fn ask(&mut self) -> Result<(), EraseError> {
        match self.reasons() {
            Ok(reasons) if reasons.is_empty() => Ok(()),
            Ok(reasons) => Err(EraseError::Held(reasons)),
            Err(failure) => Err(EraseError::HoldsUnread(failure.in_one_line())),
        }
    }

    fn written(&self) -> Result<Written, Failure> {
        let files = self.files.iter().map(|file| {
            let known = std::fs::metadata(file).map_err(|error| unreadable(file, error))?;
            Ok::<_, Failure>((known.len(), known.mtime(), known.mtime_nsec(), known.ino()))
        });
        Ok(Written {
            requests: self.requests.written()?,
            files: files.collect::<Result<_, _>>()?,
        })
    }
}

/// Whether somebody of `whom` is of a run as well.
fn is_shared(bench: &Bench<'_>, run: &Run, whom: &Concerned) -> Result<bool, Failure> {
    let people = bench.journal.people(&run.id)?;
    let mut numbers = whom.numbers.iter();
    Ok(numbers.any(|number| people.contains(&bench.keys.person_digest(number)[..])))
}

/// Nobody is held whose rows would go with those of the people of a run that is not begun yet.
pub(super) fn others_are_free(bench: &mut Bench<'_>, numbers: &BTreeSet<String>) -> Result<(), Failure> {
    let file = bench.holds.clone();
    if read(file.as_deref())?.is_empty() && !bench.of_requests()?.are_any()? {
        return Ok(());
    }
    let whom = bench.eraser(&mut |_| {}).would_concern(numbers)?;
    let reasons = Watch::open(bench, file.into_iter().collect(), whom)?.reasons()?;
    if reasons.is_empty() {
        return Ok(());
    }
    let message = format!(
        "rows of somebody who is held would go with those of these people: {}",
        reasons.join(", ")
    );
    Err(Failure::new(message).hint("`averment request holds` shows who is held; nothing was begun"))
}

/// Reads holds from a file of lines `number,reason`; none where no file is named.
pub(super) fn read(file: Option<&Path>) -> Result<Held, Failure> {
    let Some(file) = file else {
        return Ok(Held::default());
    };
    let text = std::fs::read_to_string(file).map_err(|error| unreadable(file, error))?;
    Ok(Held::read(&text)?)
}

fn unreadable(file: &Path, error: std::io::Error) -> Failure {
    let message = format!("cannot read the holds in `{}`", file.display());
    Failure::new(message)
        .because(error)
        .hint("`--holds FILE` names them anew")
}
