//! Evidence to grades. Start at [`grade`]; what counts for a kind of claim is in its row of [`crate::ROWS`].
//!
//! A plane that nothing measures is *unverified*, and a claim is as good as the weakest plane that its recipient is
//! declared on: a recipient that browsers talk to directly is not vouched for by what the gateway saw. Somebody who vouches
//! for a claim fills only what nothing measured, and only up to *attested*.

use averment_catalog::Plane;
use averment_register::{Charter, Claim};
use jiff::Timestamp;
use serde::Serialize;

use crate::evidence::{Evidence, EvidenceByClaim};
use crate::kind::{proofs_name, row};
use crate::looked_for::{LookedFor, looked_for, not_at_the_gateway};
use crate::plane_grade::Judge;
use crate::reason;
use crate::testimony::{Look, Vouched};
use crate::vouch::{Vouch, vouch};

/// What the evidence earns a claim, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// What is recognised as going against it is refused, and nothing was seen to get through.
    Enforced,
    /// It is watched, and nothing that is looked for was seen to go against it.
    Monitored,
    /// Somebody vouches for it, with a document or without.
    Attested,
    /// Nothing measured it, or not lately, or something could not be read or told apart.
    Unverified,
    /// The evidence contradicts it.
    Broken,
}

impl Grade {
    /// All grades, from best to worst.
    pub const ALL: [Self; 5] = [
        Self::Enforced,
        Self::Monitored,
        Self::Attested,
        Self::Unverified,
        Self::Broken,
    ];

    /// The word used in files and on pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enforced => "enforced",
            Self::Monitored => "monitored",
            Self::Attested => "attested",
            Self::Unverified => "unverified",
            Self::Broken => "broken",
        }
    }
}

/// The grade of a claim on one plane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaneGrade {
    /// The plane.
    pub plane: Plane,
    /// Its grade.
    pub grade: Grade,
    /// Why, in one sentence.
    pub reason: String,
    /// What messages show; none where nothing was seen.
    pub evidence: Option<Evidence>,
    /// What programs measured: of each the last look and, where it is not mended, the last one against the claim.
    pub looks: Vec<Look>,
    /// Whether nothing was measured here, so that somebody who vouches for the claim may fill it.
    pub(crate) is_gap: bool,
}

/// A claim with what it earned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graded {
    /// The claim.
    pub claim: Claim,
    /// What is looked for, of what the claim speaks of, and what is not; none for a kind that is not about elements.
    pub looked_for: Option<LookedFor>,
    /// One per plane that the claim concerns, in the order of [`Plane::ALL`]; empty for a kind that no plane shows.
    pub planes: Vec<PlaneGrade>,
    /// The attestation that decides; none when nobody vouched.
    pub vouched: Option<Vouched>,
    /// The worst of them.
    pub overall: Grade,
    /// Why, in one sentence.
    pub reason: String,
}

impl Graded {
    /// The grade on one plane.
    pub fn on(&self, plane: Plane) -> Option<&PlaneGrade> {
        self.planes.iter().find(|grade| grade.plane == plane)
    }

    /// The last evidence, of whatever sort: when, and the number of its entry.
    pub fn last_evidence(&self) -> Option<(Timestamp, u64)> {
        let messages = self.planes.iter().filter_map(|plane| plane.evidence.as_ref());
        let messages = messages.filter_map(|seen| Some((seen.last_at?, seen.last_entry?)));
        let looks = self.planes.iter().flat_map(|plane| &plane.looks);
        let looks = looks.filter_map(|look| Some((look.at?, look.entry)));
        let vouched = self
            .vouched
            .iter()
            .filter_map(|vouched| Some((vouched.at?, vouched.entry)));
        messages.chain(looks).chain(vouched).max()
    }

    /// Numbers of the entries that the grade rests on, in order: of a broken claim those against it, the newest of each
    /// sort; of any other the newest of each sort.
    pub fn entries(&self) -> Vec<u64> {
        let is_broken = self.overall == Grade::Broken;
        let message = |seen: &Evidence| match is_broken {
            true => seen.last_contrary.as_ref().map(|last| last.index),
            false => seen.last_entry,
        };
        let messages = self.planes.iter().filter_map(|plane| message(plane.evidence.as_ref()?));
        let looks = self.planes.iter().flat_map(|plane| &plane.looks);
        let looks = looks
            .filter(|look| !is_broken || look.contrary > 0)
            .map(|look| look.entry);
        let vouched = self.vouched.iter().filter(|vouched| !is_broken || !vouched.holds);
        let mut entries: Vec<u64> = messages
            .chain(looks)
            .chain(vouched.map(|vouched| vouched.entry))
            .collect();
        entries.sort_unstable();
        entries.dedup();
        entries
    }
}

/// Grades every claim of `charter`, in the order of their identifiers.
///
/// `evidence`: as [`crate::Fold::evidence`] gives it for the same charter and the same `now`.
pub fn grade(charter: &Charter, evidence: &EvidenceByClaim, now: Timestamp) -> Vec<Graded> {
    let claims = charter.content().claims.values();
    claims.map(|claim| grade_claim(charter, claim, evidence, now)).collect()
}

fn grade_claim(charter: &Charter, claim: &Claim, evidence: &EvidenceByClaim, now: Timestamp) -> Graded {
    let about = evidence.testimony.get(&claim.id);
    let judge = Judge::new(charter, claim, evidence, now);
    let mut planes: Vec<PlaneGrade> = Plane::ALL.into_iter().filter_map(|plane| judge.plane(plane)).collect();
    let vouch = vouch(claim, about.map_or(&[], |about| &about.vouched), now);
    if let Vouch::Holds(vouched, last_day) = &vouch {
        for plane in planes
            .iter_mut()
            .filter(|plane| plane.is_gap && plane.grade == Grade::Unverified)
        {
            plane.grade = Grade::Attested;
            plane.reason = reason::vouched(vouched, *last_day);
        }
    }
    let overall = overall(&planes, &vouch);
    let report = proofs_name(&charter.digest().to_string());
    let proved = about.filter(|_| overall != Grade::Broken);
    let proved = proved.and_then(|about| reason::proved(about, &report, now));
    Graded {
        claim: claim.clone(),
        looked_for: what_is_looked_for(claim, &planes),
        reason: match &vouch {
            Vouch::Against(vouched) => reason::denied(vouched),
            Vouch::Holds(vouched, last_day) if overall == Grade::Attested => reason::vouched(vouched, *last_day),
            Vouch::Past(vouched, last_day)
                if overall == Grade::Unverified && planes.iter().all(|plane| plane.is_gap) =>
            {
                reason::expired(vouched, *last_day)
            }
            _ if planes.is_empty() => reason::not_measured(&claim.kind).to_owned(),
            _ => reason::overall(&planes, overall),
        } + &proved.unwrap_or_default(),
        planes,
        overall,
        vouched: vouch.vouched(),
    }
}

/// The worst of all planes; what is shown on no plane is as good as whoever vouches for it.
fn overall(planes: &[PlaneGrade], vouch: &Vouch) -> Grade {
    let worst = planes.iter().map(|plane| plane.grade).max();
    match vouch {
        Vouch::Against(_) => Grade::Broken,
        Vouch::Holds(..) => worst.unwrap_or(Grade::Attested),
        Vouch::Past(..) | Vouch::Nobody => worst.unwrap_or(Grade::Unverified),
    }
}

/// For kinds that messages speak about.
fn what_is_looked_for(claim: &Claim, planes: &[PlaneGrade]) -> Option<LookedFor> {
    if !row(&claim.kind).reads_messages() {
        return None;
    }
    match planes.iter().any(|plane| plane.plane == Plane::Gateway) {
        true => looked_for(claim),
        false => not_at_the_gateway(claim),
    }
}
