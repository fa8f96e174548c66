//! The answer: which checks held, which did not, which were not made and why; as text and as JSON.
//!
//! Start at [`Answer`].

use serde::{Serialize, Serializer};

use crate::check::{Check, Reason};
use crate::manifest::{Level, Manifest};
use crate::verify::printable;

/// What became of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It holds.
    Holds,
    /// It does not.
    Fails(Reason),
    /// It was not made.
    NotChecked(Reason),
}

impl State {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails(_) => "fails",
            Self::NotChecked(_) => "not_checked",
        }
    }

    /// Why it does not hold or was not checked.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Self::Holds => None,
            Self::Fails(reason) | Self::NotChecked(reason) => Some(reason),
        }
    }
}

/// One check and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub check: Check,
    /// What became of it.
    pub state: State,
    /// In words, a sentence without a full stop.
    pub says: String,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing fails, and it is of the key that the asker named.
    Holds,
    /// Nothing fails, and nothing shows whose it is: no key was named, so anybody may have made it.
    Unidentified,
    /// Something fails.
    Fails,
    /// The file is no bundle of this format.
    NoBundle,
}

/// All checks, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    schema: &'static str,
    /// How it ends.
    pub outcome: Outcome,
    /// What the bundle says it is; none when that cannot be read.
    pub level: Option<Level>,
    /// The school that it says it is for.
    pub school: Option<String>,
    /// When it says it was made.
    pub made_at: Option<String>,
    /// The answer in one sentence.
    pub headline: String,
    /// The checks.
    pub checks: Vec<Step>,
    /// What these checks show and what they cannot, in sentences.
    pub shows: Vec<String>,
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            check: &'a str,
            state: &'a str,
            reason: Option<&'a str>,
            says: &'a str,
        }
        let reason = self.state.reason().map(Reason::as_str);
        Row {
            check: self.check.as_str(),
            state: self.state.as_str(),
            reason,
            says: &self.says,
        }
        .serialize(serializer)
    }
}

impl Answer {
    pub(crate) fn new(checks: Vec<Step>) -> Self {
        let failed = checks.iter().find_map(|step| match step.state {
            State::Fails(reason) => Some(reason),
            _ => None,
        });
        let no_key = |step: &Step| step.state == State::NotChecked(Reason::NoKey);
        let outcome = match failed {
            None if checks.iter().any(no_key) => Outcome::Unidentified,
            None => Outcome::Holds,
            Some(Reason::NotAZip | Reason::ManifestMissing | Reason::NewerFormat) => Outcome::NoBundle,
            Some(_) => Outcome::Fails,
        };
        Self {
            schema: "averment.verification/1",
            outcome,
            level: None,
            school: None,
            made_at: None,
            checks,
            headline: String::new(),
            shows: Vec::new(),
        }
        .headed()
    }

    fn headed(mut self) -> Self {
        self.headline = self.in_one_sentence();
        self
    }

    /// Adds what the bundle says about itself, and what a bundle of this kind can and cannot show.
    pub(crate) fn describe(&mut self, manifest: &Manifest, withheld: u64) {
        self.level = Some(manifest.level);
        self.school = manifest.school.as_deref().map(printable);
        self.made_at = Some(printable(&manifest.made_at));
        self.shows = match self.outcome {
            Outcome::Holds => shows(manifest, withheld),
            Outcome::Unidentified => vec![UNIDENTIFIED.to_owned()],
            Outcome::Fails | Outcome::NoBundle => Vec::new(),
        };
    }

    /// What became of one check.
    pub fn state(&self, check: Check) -> Option<State> {
        self.checks
            .iter()
            .find(|step| step.check == check)
            .map(|step| step.state)
    }

    /// The check that fails, if one does.
    pub fn failure(&self) -> Option<&Step> {
        self.checks.iter().find(|step| matches!(step.state, State::Fails(_)))
    }

    fn in_one_sentence(&self) -> String {
        match (self.outcome, self.failure()) {
            (Outcome::NoBundle, Some(step)) => format!("This cannot be checked: {}.", step.says),
            (_, Some(step)) => format!("This bundle does not hold: {}.", step.says),
            (Outcome::Unidentified, None) => {
                "The bundle agrees with itself, but nothing shows whose it is: no key was named.".to_owned()
            }
            _ => "This bundle holds.".to_owned(),
        }
    }

    /// The answer as JSON (`averment.verification/1`).
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("an answer holds only strings and lists")
    }
}

/// What a bundle shows of which nobody knows whose it is.
const UNIDENTIFIED: &str = "Do not rely on it yet. Anybody can make a bundle that agrees with itself, with a key made for it and \
    sentences of their own. Ask the platform for the key of its record and get it another way than this file: by letter, in the \
    contract, from the published page. Then check again with that key.";

/// What holds when every check holds, and what nobody can know from this bundle.
fn shows(manifest: &Manifest, withheld: u64) -> Vec<String> {
    let mut shows = vec![
        "What is shown here stands in the vendor's signed record and cannot be changed any more without anybody who holds \
         a checkpoint seeing it."
            .to_owned(),
    ];
    shows.push(match (manifest.level, withheld) {
        (Level::Statement, _) => {
            "These are single entries: what the vendor left out, such as a later grade or a message against a sentence, \
             cannot be seen. A whole bundle (`averment bundle --whole`) shows that."
                .to_owned()
        }
        (Level::Whole, 0) => {
            "No entry is missing from the first one shown to the checkpoint, so nothing in between can be hidden.".to_owned()
        }
        (Level::Whole, withheld) => format!(
            "No entry is missing, but of {withheld} only the hash is shown. Only entries about people of other schools may be \
             withheld, and that these are such is the vendor's word: what they say cannot be seen, one may speak against a \
             sentence, and the grades could not be earned anew. An auditor who may see them can do that."
        ),
    });
    if manifest.left_out > 0 {
        shows.push(format!(
            "As the vendor says, {} entries name people of this school together with others, and are missing for that.",
            manifest.left_out
        ));
    }
    shows.push(
        "Not shown: that there is nothing newer (a checkpoint from elsewhere or a witness shows that), and what never went \
         past what records it."
            .to_owned(),
    );
    shows
}
