//! Who of a run is held: by requests and by a file, asked again as long as the run goes on.
//!
//! Start at [`Watch::of`]. Asked before each transaction, each object and each request to a third party, so it is cheap while nothing is
//! written: who is held is read again only when requests or the file are others than they were.
//!
//! Invariant: what cannot be asked is an error, and then nothing goes.

mod numbers;

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use averment_duties::erase::{Asking, Concerned, EraseError, Held, HeldLine, Hold, Run};

use super::Bench;
use super::people::add_holds;
use crate::outcome::Failure;
use crate::under_hold::OfRequests;

/// Who is held of the people that a run is about.
pub(super) struct Watch {
    whom: Concerned,
    requests: OfRequests,
    files: BTreeSet<PathBuf>,
    /// Numbers in the files that were looked up; of one that came since nobody can say whether it is misspelled.
    looked_up: BTreeSet<String>,
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
    /// Of these people, with the file that is named now and those of all runs that are not over: whom one of them keeps no other takes,
    /// and one that cannot be read may keep anybody.
    pub(super) fn of(bench: &mut Bench<'_>, whom: Concerned) -> Result<Self, Failure> {
        let files = files(bench)?;
        for file in &files {
            numbers::look_up(bench, file)?;
        }
        Ok(Self {
            whom,
            requests: bench.of_requests()?,
            files,
            looked_up: bench.looked_up.clone(),
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
            let text = text_of(file)?;
            for line in lines(file, &text)? {
                if !self.looked_up.contains(line.number) && !self.whom.numbers.contains(line.number) {
                    let message = format!(
                        "line {} of the holds in `{}` came since they were read",
                        line.line,
                        file.display()
                    );
                    return Err(Failure::new(message).hint("`--resume` looks up whom it holds, and goes on"));
                }
                held.add(line.number, line.hold());
            }
        }
        Ok(held)
    }

    /// The holds for which something of them may not go now; none where nobody is held.
    pub(super) fn holds(&mut self) -> Result<Vec<Hold>, Failure> {
        let written = self.written()?;
        if self.free_at.as_ref() == Some(&written) {
            return Ok(Vec::new());
        }
        let mut held = self.in_files()?;
        let in_file = !held.is_empty();
        add_holds(&mut held, &self.whom.numbers, &self.requests)?;
        let mut holds: Vec<Hold> = held.holds(&self.whom.numbers).into_iter().collect();
        if self.whom.untied > 0 && (in_file || self.requests.are_any()?) {
            let untied = self.whom.untied;
            holds.push(Hold {
                says: format!(
                    "{untied} of the names or of the rows of others are nobody's number, and somebody is held"
                ),
                by: "somebody is held, and whose it is nothing says".to_owned(),
            });
        }
        if holds.is_empty() {
            self.free_at = Some(written);
        }
        Ok(holds)
    }

    /// Why something of them may not go now; nothing where nobody is held.
    pub(super) fn reasons(&mut self) -> Result<Vec<String>, Failure> {
        let says: BTreeSet<String> = self.holds()?.into_iter().map(|hold| hold.says).collect();
        Ok(says.into_iter().collect())
    }

    /// Whether nobody is held.
    pub(super) fn must_be_free(&mut self) -> Result<(), Failure> {
        match &self.reasons()?[..] {
            [] => Ok(()),
            reasons => Err(Failure::from(EraseError::Held(reasons.to_vec()))
                .hint("`averment request holds --person ID` says of each; lift it, then `--resume`")),
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

/// The file that is named, and those of runs that are not over. Each can be read.
fn files(bench: &Bench<'_>) -> Result<BTreeSet<PathBuf>, Failure> {
    let mut files: BTreeSet<PathBuf> = bench.held_in.iter().chain(&bench.holds).cloned().collect();
    for run in bench.journal.unfinished()? {
        for file in bench.journal.holds(&run.id)?.into_iter().map(PathBuf::from) {
            let named_anew = "`averment erase run REGISTER --resume --holds FILE` names them anew";
            let hint = format!(
                "run `{}` keeps its holds there, which may hold anybody; {named_anew}",
                run.id
            );
            read(&file).map_err(|failure| failure.hint(hint))?;
            files.insert(file);
        }
    }
    Ok(files)
}

/// Takes the files of holds of runs that are gone on with. A file that is named now is one more of each, and stands in the place of those
/// that cannot be read: one that can still keeps whom it keeps, however often the run goes on.
pub(super) fn named_anew(bench: &mut Bench<'_>, runs: &[Run]) -> Result<(), Failure> {
    for run in runs {
        let mut files = bench.journal.holds(&run.id)?;
        if let Some(file) = &bench.holds {
            files.retain(|before| read(Path::new(before)).is_ok());
            files.insert(file.display().to_string());
            bench.journal.set_holds(&run.id, &files)?;
        }
        bench.held_in.extend(files.into_iter().map(PathBuf::from));
    }
    Ok(())
}

/// Why rows of somebody who is held would go with those of the people of a run that is not begun yet; none where none would.
pub(super) fn kept_with(bench: &mut Bench<'_>, numbers: &BTreeSet<String>) -> Result<Option<String>, Failure> {
    let mut is_anybody = bench.of_requests()?.are_any()?;
    for file in &files(bench)? {
        is_anybody |= !read(file)?.is_empty();
    }
    if !is_anybody {
        return Ok(None);
    }
    let whom = bench.eraser(&mut |_| {}).would_concern(numbers)?;
    let reasons = Watch::of(bench, whom)?.reasons()?;
    Ok((!reasons.is_empty()).then(|| {
        format!(
            "rows of somebody who is held would go with those of these people: {}",
            reasons.join(", ")
        )
    }))
}

/// Nobody is held whose rows would go with those of the people of a run that is not begun yet.
pub(super) fn others_are_free(bench: &mut Bench<'_>, numbers: &BTreeSet<String>) -> Result<(), Failure> {
    match kept_with(bench, numbers)? {
        None => Ok(()),
        Some(because) => {
            Err(Failure::new(because).hint("`averment request holds --person ID` says of each; nothing was begun"))
        }
    }
}

/// Looks up whom the file holds that is named on the command line: a slip in it is told before anything is looked at.
pub(super) fn look_up_named(bench: &mut Bench<'_>) -> Result<(), Failure> {
    match bench.holds.clone() {
        Some(file) => numbers::look_up(bench, &file),
        None => Ok(()),
    }
}

/// The holds of that file, and of those of runs that are not over.
pub(super) fn read_all(bench: &mut Bench<'_>) -> Result<Held, Failure> {
    Watch::of(bench, Concerned::default())?.in_files()
}

/// Reads holds from a file of lines `number,reason`.
fn read(file: &Path) -> Result<Held, Failure> {
    let (mut held, text) = (Held::default(), text_of(file)?);
    for line in lines(file, &text)? {
        held.add(line.number, line.hold());
    }
    Ok(held)
}

fn text_of(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| unreadable(file, error))
}

fn lines<'t>(file: &Path, text: &'t str) -> Result<Vec<HeldLine<'t>>, Failure> {
    HeldLine::all(text).map_err(|error| unreadable(file, error))
}

fn unreadable(file: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    let message = format!("cannot read the holds in `{}`", file.display());
    Failure::new(message)
        .because(error)
        .hint("`--holds FILE` names them anew")
}
