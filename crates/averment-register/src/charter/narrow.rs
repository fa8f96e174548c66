//! The charter that holds for one school: the register without what the school has taken out.
//!
//! Start at [`Charter::for_controller`].
//!
//! Invariant: it never widens. Rows lose elements and subjects, periods get shorter, viewers get fewer, and nothing is
//! added but refusals (property tests here and in the decision room). What is left of a category is named element by
//! element, so that a later word of the catalog is not let out unasked.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Vocabulary, WordId};

use super::{
    Charter, CharterContent, Claim, ClaimId, ClaimKind, Controller, ControllerId, Disclosure, Hiding, Mode,
    PseudonymsInAnswers, Recipient, Removal, RuleId, Shortening, Unreadable,
};
use crate::label;
use crate::reach::{common_elements, without_elements, without_subjects};

impl Charter {
    /// The charter that holds for this school; none when the register does not declare it.
    ///
    /// - A recipient in `off` keeps its hosts, loses its rows, refuses what cannot be read and is in enforce mode.
    /// - `removes` takes elements of subjects out of rows; other recipients keep their mode.
    /// - `shortens` holds where it is shorter, and never where it is longer.
    /// - `hides` takes viewers out of `visible_to` claims and adds a `hidden_from` claim.
    ///
    /// Its content names the school and no other, so its digest differs from the register's. Rows are numbered anew.
    pub fn for_controller(&self, id: &ControllerId) -> Option<Self> {
        let own = self.content.controllers.get(id)?.clone();
        if self.content.controller.as_ref() == Some(id) {
            return Some(self.clone());
        }
        let mut content = self.content.clone();
        content.controller = Some(id.clone());
        content
            .recipients
            .values_mut()
            .for_each(|recipient| narrow_recipient(recipient, &own));
        own.shortens.iter().for_each(|row| shorten(&mut content.claims, row));
        own.hides.iter().for_each(|row| hide(&mut content, row, &own));
        content.controllers = BTreeMap::from([(id.clone(), own)]);
        Some(Self::new(content))
    }
}

fn narrow_recipient(recipient: &mut Recipient, own: &Controller) {
    if own.off.contains(&recipient.id) {
        recipient.discloses.clear();
        recipient.mode = Mode::Enforce;
        recipient.unreadable = Unreadable::Refuse;
        recipient.pseudonyms_in_answers = PseudonymsInAnswers::Keep;
        return;
    }
    let before = recipient.discloses.clone();
    let concerning = own.removes.iter();
    for removal in concerning.filter(|row| row.recipients.is_empty() || row.recipients.contains(&recipient.id)) {
        recipient.discloses = recipient
            .discloses
            .iter()
            .flat_map(|row| take_out(row, removal))
            .collect();
    }
    if recipient.discloses != before {
        drop_repetitions(&mut recipient.discloses);
        number(recipient);
    }
}

/// What is left of `row`: its untouched elements as they were, and the touched ones for the subjects that are left.
fn take_out(row: &Disclosure, removal: &Removal) -> Vec<Disclosure> {
    let touched = common_elements(&row.elements, &removal.elements);
    let nobody = BTreeSet::new();
    let subjects = match removal.subjects.is_empty() {
        true => nobody,
        false => without_subjects(&row.subjects, &removal.subjects),
    };
    if touched.is_empty() || subjects == row.subjects {
        return vec![row.clone()];
    }
    let untouched = Disclosure {
        elements: without_elements(&row.elements, &removal.elements),
        ..row.clone()
    };
    let rest = Disclosure {
        elements: touched,
        subjects,
        ..row.clone()
    };
    let says_something = |row: &Disclosure| !row.elements.is_empty() && !row.subjects.is_empty();
    [untouched, rest].into_iter().filter(says_something).collect()
}

/// Rows that differed only in what was taken out now say a thing twice; the mildest of them holds anyway.
fn drop_repetitions(rows: &mut Vec<Disclosure>) {
    let mut kept: Vec<Disclosure> = Vec::new();
    for row in rows.drain(..) {
        let same = |other: &&mut Disclosure| {
            (&other.elements, &other.subjects, &other.when, &other.territories)
                == (&row.elements, &row.subjects, &row.when, &row.territories)
        };
        match kept.iter_mut().find(same) {
            Some(other) => {
                other.treatment = other.treatment.min(row.treatment);
                other.basis.extend(row.basis);
            }
            None => kept.push(row),
        }
    }
    *rows = kept;
}

fn number(recipient: &mut Recipient) {
    for (index, row) in recipient.discloses.iter_mut().enumerate() {
        let name = format!("{}/discloses-{}", recipient.id, index + 1);
        row.rule = RuleId::new(&name).expect("made of a checked identifier");
    }
}

fn shorten(claims: &mut BTreeMap<ClaimId, Claim>, row: &Shortening) {
    let kind = claims.get_mut(&row.claim).map(|claim| &mut claim.kind);
    if let Some(ClaimKind::RetainedFor { duration, .. } | ClaimKind::ErasedOn { duration, .. }) = kind {
        *duration = row.duration.min(*duration);
    }
}

fn hide(content: &mut CharterContent, row: &Hiding, own: &Controller) {
    let visible: Vec<ClaimId> = content
        .claims
        .values()
        .filter(|claim| matches!(claim.kind, ClaimKind::VisibleTo { .. }))
        .map(|claim| claim.id.clone())
        .collect();
    for id in visible {
        let Some(claim) = content.claims.remove(&id) else {
            continue;
        };
        for part in hide_in(&claim, row) {
            let id = free_id(&content.claims, id.as_str());
            content.claims.insert(id.clone(), Claim { id, ..part });
        }
    }
    let id = free_id(&content.claims, "list/hidden-for-school");
    let kind = ClaimKind::HiddenFrom {
        elements: row.elements.clone(),
        subjects: BTreeSet::new(),
        viewers: row.viewers.clone(),
        unless: BTreeSet::new(),
    };
    let claim = Claim {
        id: id.clone(),
        kind,
        recipient: None,
        sentence: hidden_sentence(row, own),
        said: None,
        evidence: None,
    };
    content.claims.insert(id, claim);
}

/// What is left of a `visible_to` claim: its untouched elements as they were, the touched ones for the viewers left.
fn hide_in(claim: &Claim, row: &Hiding) -> Vec<Claim> {
    let ClaimKind::VisibleTo {
        elements,
        subjects,
        viewers,
        when,
        off_by,
    } = &claim.kind
    else {
        return vec![claim.clone()];
    };
    let part = |elements, viewers: BTreeSet<WordId>| Claim {
        kind: ClaimKind::VisibleTo {
            elements,
            subjects: subjects.clone(),
            viewers,
            when: when.clone(),
            off_by: off_by.clone(),
        },
        ..claim.clone()
    };
    let touched = common_elements(elements, &row.elements);
    let left: BTreeSet<WordId> = viewers.difference(&row.viewers).cloned().collect();
    if touched.is_empty() || left == *viewers {
        return vec![claim.clone()];
    }
    let untouched = without_elements(elements, &row.elements);
    let parts = [(untouched, viewers.clone()), (touched, left)].into_iter();
    let says_something = parts.filter(|(elements, viewers)| !elements.is_empty() && !viewers.is_empty());
    says_something
        .map(|(elements, viewers)| part(elements, viewers))
        .collect()
}

/// `wanted`, or the first of `…-2`, `…-3` that no claim has. Long names are cut, so that a number fits.
fn free_id(claims: &BTreeMap<ClaimId, Claim>, wanted: &str) -> ClaimId {
    let stem = &wanted[..wanted.len().min(85)];
    let numbered = (2_u32..).map(|number| format!("{stem}-{number}"));
    let mut names = std::iter::once(wanted.to_owned())
        .chain(numbered)
        .filter_map(|name| ClaimId::new(&name).ok());
    names
        .find(|id| !claims.contains_key(id))
        .expect("there are fewer claims than numbers")
}

fn hidden_sentence(row: &Hiding, own: &Controller) -> String {
    let elements = label::list(row.elements.iter().map(label::element));
    let viewers = label::words(Vocabulary::Viewer, &row.viewers);
    format!("For {}, {elements} is hidden from {viewers}.", own.name)
}

#[cfg(test)]
mod tests;
