//! Claims of both charters brought together: the same sentence first, then the same meaning, then the same name.
//!
//! Identifiers are made from positions where a register gives none, so a claim is found again by what it says. Claims of
//! a recipient that only one charter has come and go with it, and `shares` is said by the recipient's own sentence.

use std::collections::BTreeMap;

use super::change::{Aspect, Change, Side, Subject, Value};
use super::gather::{Both, Collector};
use super::recipient::recipient_side;
use super::{facet, promise};
use crate::charter::{CharterContent, Claim, ClaimKind};

pub(super) fn compare(both: Both<'_>, found: &mut Vec<Change>) {
    let (old, new) = (comparable(both.old, both.new), comparable(both.new, both.old));
    let mut pairs = Pairs {
        old,
        new,
        found: Vec::new(),
    };
    let about = |claim: &Claim| format!("{:?} {}", claim.recipient, claim.kind.as_str());
    let meaning = |claim: &Claim| format!("{} {:?}", about(claim), promise::meaning(&claim.kind));
    pairs.take(|claim| Some(format!("{} {}", meaning(claim), claim.sentence)));
    pairs.take(|claim| (claim.kind != ClaimKind::Statement).then(|| format!("{} {}", meaning(claim), claim.id)));
    pairs.take(|claim| (claim.kind != ClaimKind::Statement).then(|| meaning(claim)));
    pairs.take(|claim| Some(format!("{} {}", about(claim), claim.id)));
    for (old, new) in pairs.finish() {
        pair(both, old, new, found);
    }
}

fn comparable<'a>(content: &'a CharterContent, other: &CharterContent) -> Vec<&'a Claim> {
    let in_both = |claim: &&Claim| {
        claim
            .recipient
            .as_ref()
            .is_none_or(|id| other.recipients.contains_key(id))
    };
    let compared = content.claims.values().filter(in_both);
    compared.filter(|claim| claim.kind != ClaimKind::Shares).collect()
}

/// Claims still to be matched, and those that are.
struct Pairs<'a> {
    old: Vec<&'a Claim>,
    new: Vec<&'a Claim>,
    found: Vec<(Option<&'a Claim>, Option<&'a Claim>)>,
}

impl<'a> Pairs<'a> {
    /// Matches claims of the same key, in the order of their identifiers; those without a key stay.
    fn take(&mut self, key: impl Fn(&Claim) -> Option<String>) {
        let mut by_key: BTreeMap<String, [Vec<&'a Claim>; 2]> = BTreeMap::new();
        let mut left: [Vec<&'a Claim>; 2] = Default::default();
        for (side, claims) in [(0, std::mem::take(&mut self.old)), (1, std::mem::take(&mut self.new))] {
            for claim in claims {
                match key(claim) {
                    Some(key) => by_key.entry(key).or_default()[side].push(claim),
                    None => left[side].push(claim),
                }
            }
        }
        for [old, new] in by_key.into_values() {
            let both = old.len().min(new.len());
            self.found
                .extend(old.iter().zip(&new).map(|(old, new)| (Some(*old), Some(*new))));
            left[0].extend(&old[both..]);
            left[1].extend(&new[both..]);
        }
        [self.old, self.new] = left;
        self.old.sort_by(|a, b| a.id.cmp(&b.id));
        self.new.sort_by(|a, b| a.id.cmp(&b.id));
    }

    fn finish(self) -> Vec<(Option<&'a Claim>, Option<&'a Claim>)> {
        let gone = self.old.into_iter().map(|claim| (Some(claim), None));
        let came = self.new.into_iter().map(|claim| (None, Some(claim)));
        self.found.into_iter().chain(gone).chain(came).collect()
    }
}

fn pair(both: Both<'_>, old: Option<&Claim>, new: Option<&Claim>, found: &mut Vec<Change>) {
    let claims = || [old, new].into_iter().flatten();
    let mut at = Collector {
        subject: Subject::Claim {
            ids: claims().map(|claim| claim.id.clone()).collect(),
            recipient: claims().find_map(|claim| claim.recipient.clone()),
        },
        sides: [side(both.old, old), side(both.new, new)],
        found,
    };
    let same = |(old, new): (&Claim, &Claim)| {
        old.sentence == new.sentence && promise::meaning(&old.kind) == promise::meaning(&new.kind)
    };
    if !old.zip(new).is_some_and(same) {
        let value = |side: Option<&Claim>| side.map(|claim| Value::Claim(Box::new(claim.clone())));
        at.push(Aspect::Claim, value(old), value(new));
    }
    if let (Some(old), Some(new)) = (old, new) {
        at.scalar(&facet::EVIDENCE, evidence(old), evidence(new));
    }
}

fn side(content: &CharterContent, claim: Option<&Claim>) -> Side {
    let Some(claim) = claim else { return Side::default() };
    let recipient = claim.recipient.as_ref().and_then(|id| content.recipients.get(id));
    let (students, children) = match &claim.kind {
        ClaimKind::Collects { subjects, .. } => {
            let reached = crate::reach::subjects(subjects);
            let child = |name: &str| ["student", "student.under13", "child.public"].contains(&name);
            (
                reached.iter().any(|id| id.is_student()),
                reached.iter().any(|id| child(id.as_str())),
            )
        }
        _ => (false, false),
    };
    Side {
        name: recipient.map_or_else(|| content.organisation.clone(), |one| recipient_side(Some(one)).name),
        students,
        children,
    }
}

fn evidence(claim: &Claim) -> Option<(String, i64)> {
    claim.evidence.as_ref().map(|duty| {
        let document = duty
            .document
            .as_ref()
            .map_or_else(String::new, |document| format!(": {document}"));
        let (every, rank) = super::gather::ranked_period(duty.every);
        (format!("by {} every {every}{document}", duty.owner), rank)
    })
}
