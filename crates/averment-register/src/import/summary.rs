//! What a row says as a whole: its claims with their parameters, purposes, planes, and what it says about student records.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Flow, Plane, PurposeId, SubjectId, ThirdParty, catalog};

use super::grammar::SaidClaim;
use super::lexicon::lexicon;
use super::recipient::{Discloses, ImportedClaim};
use crate::charter::{ClaimKind, Condition, Elements, STUDENT_RECORD_CATEGORIES, StudentRecords, Subjects};
use serde_json::json;

/// The claim with its parameters; none when a parameter that it needs is nowhere named.
pub(super) fn imported_claim(said: &SaidClaim, parties: &[&ThirdParty]) -> Option<ClaimKind> {
    let phrase = said.phrase;
    let mut row = json!({ "kind": phrase.kind, "form": phrase.form, "term": phrase.term });
    if phrase.elements.is_some() {
        if said.elements.is_empty() {
            return None;
        }
        row["elements"] = json!(said.elements);
        row["subjects"] = json!(said.subjects);
    }
    if said.no_student_records() || phrase.kind == "never_shares" && phrase.elements.is_none() {
        // Without parameters: student records, as the register reads such a row.
        row["elements"] = json!(STUDENT_RECORD_CATEGORIES);
        row["subjects"] = json!(["student"]);
    }
    if let Some(part) = &phrase.host {
        let hosts = parties.iter().flat_map(|party| &party.hosts);
        let patterns = hosts.map(|host| &host.pattern);
        row["host"] = json!(patterns.into_iter().find(|pattern| pattern.contains(part))?);
    }
    let kind: ClaimKind = serde_json::from_value(row).ok()?;
    // Claims about a whole list have no place in a recipient's file.
    (!matches!(kind, ClaimKind::ListComplete { .. } | ClaimKind::Collects { .. })).then_some(kind)
}

/// "Not used … unless the user asks for it": what is used only when a person chooses to.
pub(super) fn chosen(sentence: &str) -> Option<Condition> {
    let lower = sentence.to_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let at = words.iter().position(|word| *word == "unless" || *word == "until")?;
    let used = words[..at]
        .windows(2)
        .any(|pair| pair[0] == "not" && ["used", "use", "loaded", "enabled", "active", "shared"].contains(&pair[1]));
    let person = words[at + 1..].iter().take(3).any(|word| {
        [
            "user", "users", "you", "they", "visitor", "visitors", "person", "teacher", "student",
        ]
        .contains(word)
    });
    let acts = [
        "requests",
        "request",
        "chooses",
        "choose",
        "asks",
        "ask",
        "enables",
        "enable",
        "opts",
        "opt",
        "activates",
        "presses",
        "clicks",
        "consents",
        "agrees",
    ];
    let deed = words[at + 1..].iter().take(6).any(|word| acts.contains(word));
    (used && person && deed).then_some(Condition::SubjectChooses)
}

/// What is stored only as a hash does not lie there in clear: the rows name the hash instead, where the catalog has one.
pub(super) fn without_hashed(rows: Vec<Discloses>, claims: &[ImportedClaim]) -> Vec<Discloses> {
    let hashed = claims.iter().filter_map(|claim| match &claim.kind {
        ClaimKind::StoredAs {
            elements,
            subjects,
            form,
        } if form.as_str().contains("hash") => Some((elements, subjects)),
        _ => None,
    });
    hashed.fold(rows, |rows, (elements, subjects)| {
        rows.into_iter()
            .flat_map(|row| part_hashed(row, elements, subjects))
            .collect()
    })
}

/// The row as it was for people of whom the claim does not speak, and without the elements for those of whom it does.
fn part_hashed(row: Discloses, elements: &Elements, subjects: &Subjects) -> Vec<Discloses> {
    let meets = |element: &ElementId| elements.iter().any(|own| own.covers(element) || element.covers(own));
    if !row.elements.iter().any(meets) {
        return vec![row];
    }
    let spoken_of = |subject: &SubjectId| {
        subjects.is_empty() || subjects.iter().any(|own| own.covers(subject) || subject.covers(own))
    };
    let (about, others): (BTreeSet<SubjectId>, BTreeSet<SubjectId>) = row.subjects.iter().cloned().partition(spoken_of);
    let hashed = Discloses {
        elements: row
            .elements
            .iter()
            .flat_map(|element| in_hashes(element, elements))
            .collect(),
        subjects: about,
        ..row.clone()
    };
    let clear = Discloses {
        subjects: others,
        ..row
    };
    let rows = [hashed, clear].into_iter();
    rows.filter(|row| !row.subjects.is_empty() && !row.elements.is_empty())
        .collect()
}

/// The element, or what is left of it when `hashed` are stored only as hashes.
fn in_hashes(element: &ElementId, hashed: &BTreeSet<ElementId>) -> Vec<ElementId> {
    if hashed.iter().any(|own| own.covers(element)) {
        let hash = ElementId::new(&format!("{element}_hash")).ok();
        return hash
            .filter(|hash| catalog().element(hash).is_some())
            .into_iter()
            .collect();
    }
    if !hashed.iter().any(|own| element.covers(own)) {
        return vec![element.clone()];
    }
    let inside = catalog().elements().map(|row| &row.id).filter(|id| element.covers(id));
    inside
        .filter(|id| !hashed.iter().any(|own| own.covers(id)))
        .cloned()
        .collect()
}

pub(super) fn purposes_of_kind(parties: &[&ThirdParty]) -> BTreeSet<PurposeId> {
    let kinds = parties.iter().flat_map(|party| &party.kinds);
    let known = kinds.filter_map(|kind| lexicon().kinds.iter().find(|(known, _)| known == kind));
    known.flat_map(|(_, purposes)| purposes.iter().cloned()).collect()
}

/// What a third party is used for and where its flows can be seen, as far as the catalog says.
pub(crate) fn usual(party: &ThirdParty) -> (BTreeSet<PurposeId>, BTreeSet<Plane>) {
    (purposes_of_kind(&[party]), planes(&[party], &[], None))
}

/// Where flows can be seen: what the catalog says about the third party, and the forms that people fill in there.
pub(super) fn planes(parties: &[&ThirdParty], discloses: &[Discloses], when: Option<&Condition>) -> BTreeSet<Plane> {
    let mut planes = BTreeSet::new();
    for party in parties {
        let kind = |word: &str| party.kinds.iter().any(|kind| kind == word);
        if kind("hosting") {
            planes.insert(Plane::Infrastructure);
        }
        if kind("mail-merge") {
            planes.insert(Plane::Mail);
        }
        if party.flows.contains(&Flow::Inbound) {
            planes.insert(Plane::Database);
        }
        if party.staff_tool {
            planes.insert(Plane::StaffTool);
            continue;
        }
        planes.extend(party.flows.contains(&Flow::Server).then_some(Plane::Gateway));
        planes.extend(party.flows.contains(&Flow::Browser).then_some(Plane::Browser));
    }
    let enters =
        discloses.iter().any(|row| row.when == Condition::SubjectEnters) || when == Some(&Condition::SubjectEnters);
    planes.extend(enters.then_some(Plane::VendorForm));
    if planes.is_empty() {
        planes.insert(Plane::Gateway);
    }
    planes
}

/// What the row as a whole says about student records.
pub(super) fn student_records(none: bool, discloses: &[Discloses]) -> StudentRecords {
    let of_students = || {
        discloses
            .iter()
            .filter(|row| row.subjects.iter().any(SubjectId::is_student))
    };
    let holds = |row: &Discloses, categories: &[&str]| {
        let within = |element: &ElementId| categories.contains(&element.as_str().split('.').next().unwrap_or_default());
        row.elements.iter().any(within)
    };
    let sure = |row: &&Discloses| {
        let happens = matches!(
            row.when,
            Condition::Always | Condition::OnSupportRequest | Condition::Consent(_)
        );
        happens && !row.possible
    };
    let mut records = of_students().filter(|row| holds(row, &STUDENT_RECORD_CATEGORIES));
    match () {
        () if none => StudentRecords::None,
        () if records.clone().any(|row| sure(&row)) => StudentRecords::Yes,
        () if records.next().is_some() => StudentRecords::Possible,
        () if of_students().any(|row| holds(row, &["content"])) => StudentRecords::Content,
        () if of_students().next().is_some() => StudentRecords::Technical,
        () => StudentRecords::Possible,
    }
}
