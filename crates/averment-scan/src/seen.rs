//! What one look gave: observations, and how much of what was there it could read.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use averment_catalog::Plane;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::drift::Own;
use crate::drift::case::is_own;
use crate::observation::{Observation, Party, Spot};

/// What was looked at, in the word that measurements carry: `scan.code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Look {
    /// Source code.
    #[serde(rename = "scan.code")]
    Code,
    /// Recorded browser traffic.
    #[serde(rename = "scan.har")]
    Har,
    /// Reports of browsers about a content security policy.
    #[serde(rename = "scan.csp")]
    Csp,
    /// A site, opened as a visitor.
    #[serde(rename = "crawl.site")]
    Site,
    /// Databases and models.
    #[serde(rename = "scan.schema")]
    Schema,
    /// Exports of staff tools.
    #[serde(rename = "scan.export")]
    Export,
}

impl Look {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "scan.code",
            Self::Har => "scan.har",
            Self::Csp => "scan.csp",
            Self::Site => "crawl.site",
            Self::Schema => "scan.schema",
            Self::Export => "scan.export",
        }
    }
}

/// Something that should have been read and could not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unread {
    /// Where.
    pub spot: Spot,
    /// Why, in a few words without values.
    pub because: String,
}

impl fmt::Display for Unread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.spot, self.because)
    }
}

/// How much of what was there a look could read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Things read: files, requests, columns, messages.
    pub read: u64,
    /// Of these, live ones: what can say something about the running platform.
    pub live: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Of the live ones, those that can say something about each plane; empty where every one speaks for every plane of the
    /// look.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub live_by_plane: BTreeMap<Plane, u64>,
    /// Of the live ones, those of each role as which a site was visited, also where there was none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub live_by_role: BTreeMap<String, u64>,
    /// Left out on purpose, by reason: `ignored`, `binary`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, u64>,
    /// What should have been looked at and was not, by reason. Any of it lowers what the look is worth.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub not_looked_at: BTreeMap<String, u64>,
    /// What could not be read. Any of it lowers what the look is worth.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

impl Coverage {
    /// Whether the look saw anything that can say something: if not it found nothing out, and must not pass.
    pub fn saw_something(&self) -> bool {
        self.live > 0
    }

    /// Counts one thing that should have been looked at and was not.
    pub fn pass_by(&mut self, reason: &str) {
        *self.not_looked_at.entry(reason.to_owned()).or_default() += 1;
    }

    /// How much should have been looked at and was not: also what looks left out for its size, or for want of room.
    pub fn not_looked_at_total(&self) -> u64 {
        let for_room = |reason: &&String| *reason == "too large" || reason.ends_with("than a report holds");
        let left_out = self.left_out.iter().filter(|(reason, _)| for_room(reason));
        let all = self.not_looked_at.iter().chain(left_out);
        all.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Whether all was looked at that there was, and could be read.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty() && self.not_looked_at_total() == 0
    }

    /// What can say something about `plane`.
    pub fn live_on(&self, plane: Plane) -> u64 {
        match self.live_by_plane.is_empty() {
            true => self.live,
            false => self.live_by_plane.get(&plane).copied().unwrap_or(0),
        }
    }
}

/// A domain that what was read says is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnDomain {
    /// Registrable.
    pub domain: String,
    /// What says so: `homepage`.
    pub because: String,
    /// Where.
    pub spot: Spot,
    /// What was seen of it.
    pub observations: Vec<Observation>,
}

/// What one look gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What was looked at.
    pub look: Look,
    /// The planes that it could see, whether or not something was there.
    pub planes: BTreeSet<Plane>,
    /// Begin of the time that it is about; the same as the end for a look at one moment.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
    /// Third parties, in the order of party and plane, one each.
    pub observations: Vec<Observation>,
    /// What goes to domains that the repository itself says are its own, where nobody else says so: no third parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own: Vec<OwnDomain>,
    /// How much could be read.
    pub coverage: Coverage,
    /// Whether people of a directory were recognised: if not, nothing here says whose something is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub knows_people: bool,
}

impl Seen {
    /// Sets aside what goes to domains that are named as one's own.
    pub fn set_aside(&mut self, named: &BTreeSet<String>) {
        for domain in named {
            let alone = Own::named(&BTreeSet::from([domain.clone()]));
            let all = std::mem::take(&mut self.observations);
            let (of_it, others) = all.into_iter().partition(|one| is_own(one, &alone));
            self.observations = others;
            self.own.push(OwnDomain {
                domain: domain.clone(),
                because: "named as one's own".to_owned(),
                spot: Spot::default(),
                observations: of_it,
            });
        }
        self.own.retain(|one| !one.observations.is_empty());
        self.own.sort_by(|a, b| a.domain.cmp(&b.domain));
    }

    /// Puts what the repository says is its own back among the others; gives what says so, by whom it is.
    pub(crate) fn take_back(&mut self) -> BTreeMap<Party, String> {
        let mut said = BTreeMap::new();
        for own in std::mem::take(&mut self.own) {
            let because = format!("{}, {}", own.spot, own.because);
            for observation in own.observations {
                said.insert(observation.party.clone(), because.clone());
                self.observations.push(observation);
            }
        }
        self.observations
            .sort_by(|a, b| (&a.party, a.plane).cmp(&(&b.party, b.plane)));
        said
    }
}
