//! Where evidence is gathered, by third party: each kind of it once, with the first place where it was seen, and no more of it
//! than a report can use.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::Plane;
use jiff::Timestamp;

use crate::observation::{Confidence, Evidence, Observation, Party, Passed, Spot};
use crate::seen::{Coverage, Look, Seen, Unread};

const PARTIES_MAX: usize = 20_000;
const HOSTS_MAX: usize = 50_000;
const EVIDENCE_OF_PARTY_MAX: usize = 300;
const EVIDENCE_MAX: usize = 100_000;
/// Things passed to one of them that are told with the request that carries them.
const PASSED_OF_PARTY_MAX: usize = 300;
const UNREAD_MAX: usize = 1_000;

/// Others whom the same thing may be of.
fn rivals(whom: Whom<'_>, party: &Party) -> BTreeSet<Party> {
    whom.parties.iter().filter(|other| *other != party).cloned().collect()
}

/// Evidence of everybody.
#[derive(Default)]
pub(crate) struct Gather {
    parties: BTreeMap<Party, Gathered>,
    pub(crate) coverage: Coverage,
    span: Option<(Timestamp, Timestamp)>,
    /// Whether people of a directory are recognised.
    pub(crate) knows_people: bool,
    hosts: usize,
    evidence: usize,
}

/// Evidence of one of them.
#[derive(Default)]
struct Gathered {
    hosts: BTreeSet<String>,
    /// Without place; the place of the first beside it.
    evidence: BTreeMap<Evidence, Spot>,
    passed: BTreeMap<Passed, Spot>,
    /// Others that the same host may be of.
    rivals: BTreeSet<Party>,
    /// Something shows that it is this one and no rival.
    is_sure: bool,
}

/// Whom something is evidence of.
#[derive(Clone, Copy)]
pub(crate) struct Whom<'a> {
    /// One, or all that claim the host alike.
    pub(crate) parties: &'a [Party],
    pub(crate) host: Option<&'a str>,
}

impl Gather {
    /// Takes one piece of evidence.
    pub(crate) fn add(&mut self, whom: Whom<'_>, mut evidence: Evidence) {
        let spot = std::mem::take(&mut evidence.spot);
        for (party, sure) in self.admitted(whom) {
            let mut evidence = evidence.clone();
            if !sure {
                evidence.confidence = Confidence::Possible;
                evidence.alike = rivals(whom, &party);
            }
            let full = self.evidence >= EVIDENCE_MAX;
            let gathered = self.parties.entry(party).or_default();
            if gathered.evidence.contains_key(&evidence) {
                continue;
            }
            if full || gathered.evidence.len() >= EVIDENCE_OF_PARTY_MAX {
                self.left_out("more evidence than a report holds");
                continue;
            }
            self.evidence += 1;
            gathered.evidence.insert(evidence, spot.clone());
        }
    }

    /// Takes an element that is passed to them.
    pub(crate) fn pass(&mut self, whom: Whom<'_>, mut passed: Passed) {
        let spot = std::mem::take(&mut passed.spot);
        for (party, sure) in self.admitted(whom) {
            let mut passed = passed.clone();
            if !sure {
                passed.confidence = Confidence::Possible;
                passed.alike = rivals(whom, &party);
            }
            let gathered = self.parties.entry(party).or_default();
            // Beyond what a report holds what is passed is still told, without the request that carries it.
            if gathered.passed.len() >= PASSED_OF_PARTY_MAX {
                passed.request = None;
            }
            gathered.passed.entry(passed).or_insert_with(|| spot.clone());
        }
    }

    /// The parties of `whom` that there is room for, and whether it is that one for sure.
    fn admitted(&mut self, whom: Whom<'_>) -> Vec<(Party, bool)> {
        let sure = whom.parties.len() == 1;
        let mut admitted = Vec::new();
        for party in whom.parties {
            if self.parties.len() >= PARTIES_MAX && !self.parties.contains_key(party) {
                self.left_out("more third parties than a report holds");
                continue;
            }
            let gathered = self.parties.entry(party.clone()).or_default();
            gathered.is_sure |= sure;
            if !sure {
                gathered.rivals.extend(rivals(whom, party));
            }
            if let Some(host) = whom.host.filter(|_| self.hosts < HOSTS_MAX) {
                self.hosts += usize::from(gathered.hosts.insert(host.to_owned()));
            }
            admitted.push((party.clone(), sure));
        }
        admitted
    }

    /// Counts something that was left out on purpose.
    pub(crate) fn left_out(&mut self, reason: &str) {
        *self.coverage.left_out.entry(reason.to_owned()).or_default() += 1;
    }

    /// Notes something that could not be read.
    pub(crate) fn unread(&mut self, place: &str, because: &str) {
        if self.coverage.unread.len() >= UNREAD_MAX {
            return self.left_out("unread, and more than a report holds");
        }
        let spot = Spot {
            file: place.to_owned(),
            ..Spot::default()
        };
        let because = because.to_owned();
        let unread = Unread { spot, because };
        if !self.coverage.unread.contains(&unread) {
            self.coverage.unread.push(unread);
        }
    }

    /// How much was live as this role.
    pub(crate) fn of_role(&mut self, role: &str) -> &mut u64 {
        self.coverage.live_by_role.entry(role.to_owned()).or_default()
    }

    /// Takes a moment that the look is about.
    pub(crate) fn at(&mut self, moment: Timestamp) {
        let (from, until) = self.span.unwrap_or((moment, moment));
        self.span = Some((from.min(moment), until.max(moment)));
    }

    /// Whether anything said when it was.
    pub(crate) fn is_dated(&self) -> bool {
        self.span.is_some()
    }

    /// Everything, in order. Where a host is claimed by several and one of them was seen otherwise, it was that one.
    pub(crate) fn finish(mut self, look: Look, planes: BTreeSet<Plane>, now: Timestamp) -> Seen {
        let sure: BTreeSet<Party> = self
            .parties
            .iter()
            .filter(|(_, one)| one.is_sure)
            .map(|(party, _)| party.clone())
            .collect();
        self.parties
            .retain(|_, one| one.is_sure || one.rivals.is_disjoint(&sure));
        self.coverage.unread.sort();
        let (from, until) = self.span.unwrap_or((now, now));
        let observations = self.parties.into_iter().map(|(party, one)| one.observation(party));
        Seen {
            look,
            planes,
            from,
            until,
            observations: observations.filter(|one| !one.evidence.is_empty()).collect(),
            own: Vec::new(),
            coverage: self.coverage,
            knows_people: self.knows_people,
        }
    }
}

impl Gathered {
    fn observation(self, party: Party) -> Observation {
        let placed = |(mut evidence, spot): (Evidence, Spot)| {
            evidence.spot = spot;
            evidence
        };
        let mut evidence: Vec<Evidence> = self.evidence.into_iter().map(placed).collect();
        evidence.sort_by(|a, b| a.spot.cmp(&b.spot).then_with(|| a.cmp(b)));
        let passed = self.passed.into_iter().map(|(mut passed, spot)| {
            passed.spot = spot;
            passed
        });
        Observation {
            party,
            plane: Plane::Browser,
            hosts: self.hosts,
            evidence,
            passed: passed.collect(),
        }
    }
}
