//! One question to the ledgers of all gates of a house: each has a log, a directory and keys of its own.
//!
//! Start at [`House::open`]. A folder that cannot be asked is told on standard error, the others are answered from all the same, and
//! the command does not end well: an answer from a part must not read like one from all.

use averment_store::{Question, Reach};

use super::index::Asked;
use crate::cli::HouseFolders;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// One gate's ledger.
pub(crate) struct Gate {
    /// The name of its ledger: the origin of its newest log.
    pub(crate) origin: String,
    pub(crate) asked: Asked,
}

/// The ledgers that can be asked.
pub(crate) struct House {
    pub(crate) gates: Vec<Gate>,
    /// Folders that could not be asked.
    unread: usize,
}

impl House {
    /// Opens each and brings its index up to date.
    ///
    /// # Errors
    /// Where there is one folder and it cannot be asked, or none of several can.
    pub(crate) fn open(folders: &HouseFolders) -> Result<Self, Failure> {
        let all = folders.each()?;
        let (mut gates, mut unread) = (Vec::new(), 0);
        let mut last = None;
        for folders in &all {
            match Asked::open(folders) {
                Ok(asked) => gates.push(Gate {
                    origin: asked.keys.verifier().name().to_owned(),
                    asked,
                }),
                Err(failure) => {
                    unread += 1;
                    if all.len() > 1 {
                        anstream::eprint!("{}", failure.render());
                        anstream::eprintln!("note: nothing of `{}` is in this answer", folders.data.display());
                    }
                    last = Some(failure);
                }
            }
        }
        match last {
            Some(failure) if gates.is_empty() => Err(failure),
            _ => Ok(Self { gates, unread }),
        }
    }

    /// Whether the answer comes from several ledgers, or should have.
    pub(crate) fn is_several(&self) -> bool {
        self.gates.len() + self.unread > 1
    }

    /// How a command ends that did its work.
    pub(crate) fn outcome(&self) -> Outcome {
        match self.unread {
            0 => Outcome::Holds,
            _ => Outcome::CouldNotMeasure,
        }
    }

    /// Origins of the ledgers that the answer is from.
    pub(crate) fn origins(&self) -> Vec<&str> {
        self.gates.iter().map(|gate| gate.origin.as_str()).collect()
    }

    /// What each ledger says.
    pub(crate) fn reach(&self, question: &Question) -> Result<Vec<Reach>, Failure> {
        let reach = |gate: &Gate| Ok(gate.asked.index.reach(&gate.asked.people, question)?);
        self.gates.iter().map(reach).collect()
    }

    /// Says so when nothing was ever recorded about `recipient` in any of them.
    pub(crate) fn doubt(&self, recipient: &str, reached: &[Reach]) -> Result<(), Failure> {
        let mut asked = self.gates.iter().zip(reached);
        match asked.len() {
            1 => asked.try_for_each(|(gate, reach)| gate.asked.doubt(recipient, reach)),
            _ if reached.iter().any(|reach| reach.first_at.is_some()) => Ok(()),
            _ => asked.try_for_each(|(gate, reach)| gate.asked.doubt(recipient, reach)),
        }
    }

    /// Says so when nothing was ever recorded about people of `school` in any of them.
    pub(crate) fn doubt_school(&self, school: &str, reached: &[Reach]) -> Result<(), Failure> {
        let ever = Question {
            school: Some(school.to_owned()),
            ..Question::default()
        };
        let is_known = |reached: &[Reach]| reached.iter().any(|reach| reach.first_at.is_some());
        if !is_known(reached) && !is_known(&self.reach(&ever)?) {
            let note = format!(
                "no entry is about people of a school `{school}`; expected the name that it has in the directory, letter by \
                 letter"
            );
            anstream::eprintln!("note: {}", wrap(&note, 80, "      "));
        }
        Ok(())
    }

    /// What all of them say together, and what has to be said of that.
    pub(crate) fn together(&self, reached: Vec<Reach>) -> (Reach, Option<String>) {
        let together = reached.into_iter().reduce(Reach::join).unwrap_or_default();
        let note = self.is_several().then(|| {
            format!(
                "From {} of {} ledgers ({}). Each knows people by keys of its own, so that whoever stands in several is counted in each: \
                 no more people than that, perhaps fewer.",
                self.gates.len(),
                self.gates.len() + self.unread,
                self.origins().join(", ")
            )
        });
        (together, note)
    }
}
