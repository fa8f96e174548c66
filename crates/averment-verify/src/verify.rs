//! One check after the other. Start at [`verify`].

use averment_register::{Charter, is_obeyed};

use crate::answer::{Answer, State, Step};
use crate::check::{Check, Reason};
use crate::claims::Recorded;
use crate::container::{Zipped, read_container};
use crate::manifest::{Level, Manifest};
use crate::proved::Proved;
use crate::question::Question;
use crate::{chain, charter, claims, documents, files, grades, history, proved, range, since, times};

/// Why a check fails.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{says}")]
pub struct Fault {
    /// The reason.
    pub reason: Reason,
    /// The same in words, without a full stop.
    pub says: String,
}

impl Fault {
    pub(crate) fn new(reason: Reason, says: String) -> Self {
        Self { reason, says }
    }
}

/// How a check that does not fail ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    state: State,
    says: String,
}

impl Done {
    pub(crate) fn holds(says: impl Into<String>) -> Self {
        Self {
            state: State::Holds,
            says: says.into(),
        }
    }

    pub(crate) fn not_checked(reason: Reason, says: impl Into<String>) -> Self {
        Self {
            state: State::NotChecked(reason),
            says: says.into(),
        }
    }
}

/// What a check gives to later ones, and how it ended.
pub(crate) type Checked<T> = Result<(T, Done), Fault>;

/// The checks made so far.
struct Steps(Vec<Step>);

/// A check failed; what it says is recorded.
struct Stop;

impl Steps {
    fn take<T>(&mut self, check: Check, checked: Checked<T>) -> Result<T, Stop> {
        match checked {
            Ok((given, Done { state, says })) => {
                self.0.push(Step { check, state, says });
                Ok(given)
            }
            Err(Fault { reason, says }) => {
                let state = State::Fails(reason);
                self.0.push(Step { check, state, says });
                Err(Stop)
            }
        }
    }

    fn finish(mut self) -> Vec<Step> {
        for &check in &Check::ALL[self.0.len()..] {
            self.0.push(Step {
                check,
                state: State::NotChecked(Reason::Stopped),
                says: "an earlier check failed".to_owned(),
            });
        }
        self.0
    }
}

/// Makes every check of `docs/bundle.md` on the bytes of a bundle.
pub fn verify(bytes: &[u8], question: &Question) -> Answer {
    let mut steps = Steps(Vec::new());
    let mut manifest = None;
    let mut withheld = 0;
    // What stopped it is among the steps.
    let _ = make_checks(bytes, question, &mut steps, &mut manifest, &mut withheld);
    let mut answer = Answer::new(steps.finish());
    if let Some(manifest) = manifest {
        answer.describe(&manifest, withheld);
    }
    answer
}

fn make_checks(
    bytes: &[u8],
    question: &Question,
    steps: &mut Steps,
    described: &mut Option<Manifest>,
    withheld: &mut u64,
) -> Result<(), Stop> {
    let read = read_container(bytes).map(|files| {
        let says = format!("the file can be read in one way only; {} files are in it", files.len());
        (files, Done::holds(says))
    });
    let files = steps.take(Check::Container, read)?;
    let read = Manifest::read(&files).map(|manifest| {
        let says = format!("a bundle {}, as its list of contents says", what_it_is(&manifest));
        (manifest, Done::holds(says))
    });
    let manifest = steps.take(Check::Manifest, read)?;
    let manifest: &Manifest = described.insert(manifest);
    steps.take(Check::Files, files::check(&files, manifest))?;
    let proved = check_ledger(&files, manifest, question, steps)?;
    *withheld = proved.withheld;
    steps.take(Check::Times, times::check(manifest, &proved, question.now))?;
    steps.take(Check::School, documents::check_school(manifest, &proved, question))?;
    let charter = steps.take(Check::Charter, charter::check(&files, manifest, &proved))?;
    check_grades(&files, manifest, &charter, &proved, steps)
}

fn check_ledger(files: &Zipped, manifest: &Manifest, question: &Question, steps: &mut Steps) -> Result<Proved, Stop> {
    let logs = steps.take(Check::Checkpoints, proved::read_logs(files, manifest))?;
    steps.take(Check::Key, proved::check_key(&logs, question))?;
    let mut proved = Proved::default();
    steps.take(Check::Entries, proved::read_entries(files, &logs, &mut proved))?;
    steps.take(Check::Range, range::check(files, manifest, &logs, &mut proved))?;
    steps.take(Check::Chain, chain::check(&logs, &proved))?;
    steps.take(Check::Since, since::check(files, manifest, &logs, question))?;
    steps.take(Check::Witnesses, proved::check_witnesses(&logs, question))?;
    Ok(proved)
}

fn check_grades(
    files: &Zipped,
    manifest: &Manifest,
    charter: &std::sync::Arc<Charter>,
    proved: &Proved,
    steps: &mut Steps,
) -> Result<(), Stop> {
    let recorded: Recorded = steps.take(Check::Claims, claims::check(files, manifest, proved))?;
    steps.take(Check::Sentences, claims::check_sentences(&recorded, charter))?;
    steps.take(Check::History, history::check(&recorded, proved))?;
    steps.take(
        Check::Attestations,
        history::check_attestations(&recorded, charter, proved),
    )?;
    steps.take(Check::Documents, documents::check(files, proved))?;
    let regraded = grades::check(manifest, charter, &recorded, proved);
    steps.take(Check::Grades, regraded)
}

fn what_it_is(manifest: &Manifest) -> String {
    let whom = match &manifest.school {
        Some(school) => format!("for the school `{}`", printable(school)),
        None => "for everybody".to_owned(),
    };
    match manifest.level {
        Level::Statement => format!("{whom}, with single entries"),
        Level::Whole => format!("{whom}, with all entries from a point on"),
    }
}

/// A text of a stranger, for a terminal or a page: short and without control characters.
pub(crate) fn printable(text: &str) -> String {
    let kept = text
        .chars()
        .take(100)
        .map(|c| if is_obeyed(c) { '\u{fffd}' } else { c });
    kept.collect()
}
