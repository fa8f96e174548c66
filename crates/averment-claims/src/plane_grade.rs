//! What one plane earns a claim: messages seen there, and programs that looked there.

use averment_catalog::{ElementId, Plane, SubjectId};
use averment_register::{Charter, Claim, ClaimKind, Condition, Mode, Recipient, RecipientRole};
use jiff::{SignedDuration, Timestamp};

use crate::evidence::{Evidence, EvidenceByClaim};
use crate::grade::{Grade, PlaneGrade};
use crate::kind::{MEASURED_DAYS, Messages, Row, freshness, row};
use crate::looked_for::looked_for;
use crate::looks::{Measured, PlaneLooks};
use crate::reason;
use crate::testimony::About;

/// How long a gate must have watched so that nothing being seen shows something.
const ABSENCE: SignedDuration = SignedDuration::from_hours(24);

/// Everything that the grade of one claim depends on.
pub(crate) struct Judge<'a> {
    charter: &'a Charter,
    pub(crate) claim: &'a Claim,
    pub(crate) row: &'static Row,
    evidence: &'a EvidenceByClaim,
    about: Option<&'a About>,
    pub(crate) now: Timestamp,
}

/// Why a grade is not better although nothing speaks against the claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    /// It is as good as can be.
    Nothing,
    /// The kind cannot be enforced by a gate.
    Kind,
    /// The gate reports only.
    Report,
    /// It enforces now, and did not for some of the messages.
    ReportedBefore,
    /// It decides by another charter than the one graded.
    OtherCharter,
    /// It did not watch all the time.
    Gaps,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(charter: &'a Charter, claim: &'a Claim, evidence: &'a EvidenceByClaim, now: Timestamp) -> Self {
        Self {
            charter,
            claim,
            row: row(&claim.kind),
            evidence,
            about: evidence.testimony.get(&claim.id),
            now,
        }
    }

    /// The grade on `plane`; none when the claim does not concern it.
    pub(crate) fn plane(&self, plane: Plane) -> Option<PlaneGrade> {
        let seen = self.evidence[&self.claim.id].iter().find(|seen| seen.plane == plane);
        let looks = self.looks(plane);
        let is_shown = seen.is_some_and(|seen| seen.contrary > 0 || self.row.messages != Messages::OnlyAgainst);
        if !is_shown && looks.is_empty() && !self.concerns(plane) {
            return None;
        }
        let (grade, reason, is_gap) = self.verdict(plane, seen, &looks);
        // Where nobody had to look, what was found clean shows nothing: it would lower a better grade from where they had to.
        if !self.concerns(plane) && (is_gap || grade < Grade::Unverified) && !is_shown {
            return None;
        }
        Some(PlaneGrade {
            plane,
            grade: grade.max(self.row.best),
            reason,
            evidence: seen.cloned(),
            looks: looks.shown(),
            is_gap,
        })
    }

    fn verdict(&self, plane: Plane, seen: Option<&Evidence>, looks: &PlaneLooks<'_>) -> (Grade, String, bool) {
        if let Some(look) = looks.against() {
            return (Grade::Broken, reason::measured_against(look), false);
        }
        if let Some(seen) = seen.filter(|seen| seen.contrary > 0) {
            return (Grade::Broken, reason::broken(self.claim, seen), false);
        }
        if let Some(others) = self.others_unasked(plane) {
            return (Grade::Unverified, reason::unasked(&others), true);
        }
        if plane == Plane::Gateway && self.row.is_about_flows() {
            return self.gateway(seen);
        }
        let measured = looks.measured(self.measured_for(), self.now);
        // What nothing looks for no look can have missed.
        if let (Measured::Clean(_) | Measured::Enforcing(_), Some(not)) =
            (&measured, reason::nothing_looks_for(self.claim, "look"))
        {
            return (Grade::Unverified, not, true);
        }
        match measured {
            Measured::Never => (Grade::Unverified, reason::unseen(self.claim, plane), true),
            Measured::Stale(look) => (Grade::Unverified, reason::stale_look(look), true),
            Measured::InPart(look) => (Grade::Unverified, reason::in_part(look), false),
            Measured::Clean(look) => (Grade::Monitored, reason::clean_look(look), false),
            Measured::Enforcing(look) => (Grade::Enforced, reason::clean_look(look), false),
        }
    }

    fn gateway(&self, seen: Option<&Evidence>) -> (Grade, String, bool) {
        if self.row.messages == Messages::Absence {
            return self.absence();
        }
        if !self.rests_on_anything() {
            return (Grade::Unverified, reason::no_row_asks().to_owned(), true);
        }
        let Some(seen) = seen else {
            return (Grade::Unverified, reason::unseen(self.claim, Plane::Gateway), true);
        };
        let nothing_seen = seen.let_out() + seen.refused == 0;
        let unverified = |is_gap| (Grade::Unverified, reason::unclear(self.claim, seen, self.now), is_gap);
        if nothing_looks_for(self.claim) || nothing_seen {
            return unverified(seen.unreadable == 0 && seen.unattributed == 0);
        }
        if seen.unreadable > 0 || whose_is_unknown(self.claim, seen) {
            return unverified(false);
        }
        if seen.watched.has_gaps(2) {
            return (Grade::Unverified, reason::gaps(seen.watched), false);
        }
        let held = self.held(seen);
        let grade = match held {
            Held::Nothing => Grade::Enforced,
            _ => Grade::Monitored,
        };
        (grade, reason::clean(self.claim, seen, held, &self.asked()), false)
    }

    /// Names of recipients who get something without being asked for a consent that a claim of the list says everybody else
    /// needs; none where there are none on `plane`.
    fn others_unasked(&self, plane: Plane) -> Option<Vec<&'a str>> {
        let others = self
            .others()
            .filter(|one| one.planes.contains(&plane) && gets_unasked(self.claim, one));
        let names: Vec<&str> = others.map(|one| one.name.as_str()).collect();
        (!names.is_empty()).then_some(names)
    }

    /// Names of the recipients on whose rows a claim of the list about a consent rests.
    fn asked(&self) -> Vec<&'a str> {
        let asked = self.others().filter(|one| rests_on(self.claim, one));
        asked.map(|one| one.name.as_str()).collect()
    }

    /// The recipients of which a claim of the list about a consent speaks; none of any other claim.
    fn others(&self) -> impl Iterator<Item = &'a Recipient> {
        let is_of_a_consent = matches!(self.claim.kind, ClaimKind::NeedsConsent { .. });
        let all = self.charter.content().recipients.values();
        all.filter(move |_| is_of_a_consent && self.claim.recipient.is_none())
    }

    /// That nothing came while a gate watched.
    fn absence(&self) -> (Grade, String, bool) {
        let watched = self.evidence.watched;
        let grade = match watched.watched < ABSENCE || watched.has_gaps(10) {
            true => Grade::Unverified,
            false => Grade::Monitored,
        };
        (grade, reason::absence(watched, grade), grade == Grade::Unverified)
    }

    fn held(&self, seen: &Evidence) -> Held {
        let digest = self.charter.digest().to_string();
        let in_force = self.evidence.in_force.as_ref();
        if self.row.messages != Messages::Enforced {
            Held::Kind
        } else if self.mode_now() == Mode::Report {
            Held::Report
        } else if seen.not_enforced > 0 {
            Held::ReportedBefore
        } else if in_force.is_some_and(|in_force| *in_force != digest) {
            Held::OtherCharter
        } else if seen.watched.has_gaps(10) {
            Held::Gaps
        } else {
            Held::Nothing
        }
    }

    /// The looks on `plane`. Those that name none are of the first plane where programs look for this kind.
    fn looks(&self, plane: Plane) -> PlaneLooks<'a> {
        let home = match (self.row.planes.first(), self.row.is_about_flows()) {
            (Some(first), _) => *first,
            (None, true) => Plane::Gateway,
            (None, false) => Plane::Infrastructure,
        };
        let here = |named: Option<Plane>| named.unwrap_or(home) == plane;
        let counts = |by: &str, named: Option<Plane>| {
            let place = self.row.planes.contains(&plane) || (self.row.is_about_flows() && named.is_some());
            place && self.row.trusts(by)
        };
        PlaneLooks::new(self.about, self.now, here, counts)
    }

    /// How long a measurement counts.
    fn measured_for(&self) -> SignedDuration {
        let declared = freshness(self.claim).map(|period| period.approximate_seconds());
        let seconds = declared.unwrap_or(u64::from(MEASURED_DAYS) * 86_400);
        SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    /// A claim about flows concerns the planes of its recipient; one about the list concerns every plane that any recipient
    /// is on of whose rows it says something, and the gateway, where undeclared recipients would show. Any other concerns where
    /// programs first look for it.
    fn concerns(&self, plane: Plane) -> bool {
        if !self.row.is_about_flows() {
            return self.row.planes.first() == Some(&plane);
        }
        let mut all = self.charter.content().recipients.values();
        match self.claim.recipient.as_ref().map(|id| self.charter.recipient(id)) {
            Some(recipient) => recipient.is_some_and(|recipient| recipient.planes.contains(&plane)),
            None => {
                plane == Plane::Gateway
                    || self.others_unasked(plane).is_some()
                    || all.any(|recipient| recipient.planes.contains(&plane) && rests_on(self.claim, recipient))
            }
        }
    }

    /// What goes out by rows that ask for nothing goes without a consent, and shows nothing of one.
    fn rests_on_anything(&self) -> bool {
        let is_of_a_consent = matches!(self.claim.kind, ClaimKind::NeedsConsent { .. });
        let mut all = self.charter.content().recipients.values();
        !is_of_a_consent || self.claim.recipient.is_some() || all.any(|recipient| rests_on(self.claim, recipient))
    }

    fn mode_now(&self) -> Mode {
        let recipient = self.claim.recipient.as_ref().and_then(|id| self.charter.recipient(id));
        recipient.map_or(self.charter.content().unknown_hosts, |recipient| recipient.mode)
    }
}

/// Whether a claim of the list says something of what a recipient gets: one about a consent does where a row asks for it.
fn rests_on(claim: &Claim, recipient: &Recipient) -> bool {
    let ClaimKind::NeedsConsent { consent, .. } = &claim.kind else {
        return true;
    };
    let mut rows = recipient.discloses.iter();
    rows.any(|row| matches!(&row.when, Condition::Consent(kind) if kind == consent))
}

/// Whether somebody who is no processor always gets what a claim of the list says to need a consent.
fn gets_unasked(claim: &Claim, recipient: &Recipient) -> bool {
    let ClaimKind::NeedsConsent { elements, subjects, .. } = &claim.kind else {
        return false;
    };
    let is_other = matches!(
        recipient.role,
        RecipientRole::Controller | RecipientRole::JointController
    );
    let mut rows = recipient.discloses.iter();
    is_other
        && rows.any(|row| {
            let met = |one: &SubjectId| row.subjects.iter().any(|own| own.covers(one) || one.covers(own));
            let named = |one: &ElementId| row.elements.iter().any(|own| own.covers(one) || one.covers(own));
            matches!(row.when, Condition::Always | Condition::Incidental)
                && (subjects.is_empty() || row.subjects.is_empty() || subjects.iter().any(met))
                && (elements.is_empty() || elements.iter().any(named))
        })
}

/// What a claim rules out left, of somebody outside the directory: that may be one of the people it speaks of.
pub(crate) fn whose_is_unknown(claim: &Claim, evidence: &Evidence) -> bool {
    !matches!(claim.kind.as_str(), "shares" | "list_complete") && evidence.unattributed > 0
}

/// Traffic shows nothing about a claim whose elements nothing recognises.
fn nothing_looks_for(claim: &Claim) -> bool {
    looked_for(claim).is_some_and(|looked_for| looked_for.elements.is_empty())
}
