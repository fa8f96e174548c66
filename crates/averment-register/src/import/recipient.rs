//! One row of the table to one recipient: the sentences of its cells read one by one, then put together.
//!
//! Start at [`read`]. What a sentence leaves open is looked for in the rest of the row: people in the other sentences,
//! then in the purpose; a condition that stands alone ("use is optional") holds for the whole row.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Plane, PurposeId, SubjectId, ThirdParty, ThirdPartyId, catalog};

use super::grammar::{self, Group, Reading, SaidClaim};
use super::identify;
use super::report::Outcome;
use super::sentence::sentences;
use super::summary::{imported_claim, planes, purposes_of_kind, student_records, without_hashed};
use super::table::Row;
use crate::charter::{Condition, StudentRecords};

/// A row of the register to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discloses {
    pub(super) elements: BTreeSet<ElementId>,
    pub(super) subjects: BTreeSet<SubjectId>,
    pub(super) when: Condition,
    /// The prose leaves open whether it is there at all.
    pub(super) possible: bool,
    /// The prose does not say whose; the subjects are a guess that a person has to check.
    pub(super) guessed: bool,
}

/// A claim to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImportedClaim {
    pub(super) kind: String,
    pub(super) sentence: String,
    pub(super) elements: BTreeSet<ElementId>,
    pub(super) subjects: BTreeSet<SubjectId>,
    pub(super) form: Option<String>,
    pub(super) term: Option<String>,
    pub(super) host: Option<String>,
}

/// One recipient to be written.
#[derive(Debug)]
pub(super) struct Imported {
    pub(super) row: Row,
    pub(super) third_parties: Vec<ThirdPartyId>,
    pub(super) purposes: BTreeSet<PurposeId>,
    pub(super) planes: BTreeSet<Plane>,
    pub(super) student_records: StudentRecords,
    pub(super) discloses: Vec<Discloses>,
    pub(super) claims: Vec<ImportedClaim>,
    pub(super) sentences: Vec<(String, Outcome)>,
}

/// Reads one row of a document that `organisation` published.
pub(super) fn read(row: Row, organisation: &str) -> Imported {
    let third_parties = identify::third_parties(&row.name, &row.information);
    let parties: Vec<&ThirdParty> = third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id))
        .collect();
    let why: Vec<(&str, Reading)> = readings(&row.purpose, organisation);
    let what: Vec<(&str, Reading)> = readings(&row.information, organisation);
    let mut draft = Draft::new(&parties, &why, &what);
    for (sentence, reading) in &why {
        draft.purpose_sentence(sentence, reading);
    }
    for (sentence, reading) in &what {
        draft.information_sentence(sentence, reading);
    }
    for cell in &row.further {
        draft.note(cell, &Reading::default(), Vec::new());
    }
    draft.hold_lone_condition();
    draft.sign(&why);
    let Draft {
        purposes,
        discloses,
        claims,
        sentences,
        no_student_records,
        when,
        ..
    } = draft;
    let discloses = distinct(without_hashed(discloses, &claims));
    Imported {
        planes: planes(&parties, &discloses, when.as_ref()),
        student_records: student_records(no_student_records, &discloses),
        purposes: if purposes.is_empty() {
            purposes_of_kind(&parties)
        } else {
            purposes
        },
        third_parties,
        row,
        discloses,
        claims,
        sentences,
    }
}

/// Two rows that say the same become one; what one of them is sure of is sure.
fn distinct(rows: Vec<Discloses>) -> Vec<Discloses> {
    let mut kept: Vec<Discloses> = Vec::new();
    for row in rows {
        let same = |other: &&mut Discloses| {
            (&other.elements, &other.subjects, &other.when) == (&row.elements, &row.subjects, &row.when)
        };
        match kept.iter_mut().find(same) {
            Some(other) => other.possible &= row.possible,
            None => kept.push(row),
        }
    }
    kept
}

fn readings<'a>(text: &'a str, organisation: &str) -> Vec<(&'a str, Reading)> {
    sentences(text)
        .into_iter()
        .map(|sentence| (sentence, grammar::read(sentence, organisation)))
        .collect()
}

/// A recipient while its sentences are gone through.
struct Draft<'a> {
    parties: &'a [&'a ThirdParty],
    /// People whom the row names, for sentences that name none.
    people: BTreeSet<SubjectId>,
    no_student_records: bool,
    /// A sentence that negates speaks of students: they are not guessed.
    students_denied: bool,
    /// A condition that stands alone.
    when: Option<Condition>,
    purposes: BTreeSet<PurposeId>,
    discloses: Vec<Discloses>,
    claims: Vec<ImportedClaim>,
    sentences: Vec<(String, Outcome)>,
}

impl<'a> Draft<'a> {
    fn new(parties: &'a [&'a ThirdParty], why: &[(&str, Reading)], what: &[(&str, Reading)]) -> Self {
        let named = |readings: &[(&str, Reading)]| -> BTreeSet<SubjectId> {
            readings
                .iter()
                .flat_map(|(_, reading)| reading.subjects.iter().cloned())
                .collect()
        };
        let (in_information, in_purpose) = (named(what), named(why));
        let denied = what.iter().flat_map(|(_, reading)| &reading.denied);
        let students_denied = denied.filter(|subject| subject.is_student()).count() > 0;
        let none = |reading: &Reading| reading.claims.iter().any(SaidClaim::no_student_records);
        Self {
            parties,
            people: if in_information.is_empty() {
                in_purpose
            } else {
                in_information
            },
            no_student_records: what.iter().any(|(_, reading)| none(reading)),
            students_denied,
            when: None,
            purposes: BTreeSet::new(),
            discloses: Vec::new(),
            claims: Vec::new(),
            sentences: Vec::new(),
        }
    }

    fn purpose_sentence(&mut self, sentence: &str, reading: &Reading) {
        let mut rules: Vec<String> = Vec::new();
        if !reading.purposes.is_empty() {
            self.purposes.extend(reading.purposes.iter().cloned());
            rules.push(format!("purpose {}", list(&reading.purposes)));
        }
        self.lone_condition(reading, &mut rules);
        self.claims_of(sentence, reading, &mut rules);
        self.note(sentence, reading, rules);
    }

    fn information_sentence(&mut self, sentence: &str, reading: &Reading) {
        let mut rules: Vec<String> = Vec::new();
        self.claims_of(sentence, reading, &mut rules);
        let mut groups = reading.groups.clone();
        if groups.is_empty() && !reading.denies && reading.when.is_some() && reading.claims.is_empty() {
            groups.extend(self.by_kind(sentence));
        }
        for group in &groups {
            rules.push(self.disclose(group, reading));
        }
        if groups.is_empty() {
            self.lone_condition(reading, &mut rules);
        }
        if rules.is_empty() && !reading.purposes.is_empty() {
            self.purposes.extend(reading.purposes.iter().cloned());
            rules.push(format!("purpose {}", list(&reading.purposes)));
        }
        self.note(sentence, reading, rules);
    }

    /// A condition without elements holds for the whole row, unless it is a by-catch or a support request.
    fn lone_condition(&mut self, reading: &Reading, rules: &mut Vec<String>) {
        let Some(when) = &reading.when else { return };
        if matches!(when, Condition::Incidental | Condition::OnSupportRequest) {
            return;
        }
        rules.push(format!("condition {when}"));
        self.when.get_or_insert_with(|| when.clone());
    }

    /// "Information is provided directly by the user" at a help desk or a form: what such services are given.
    fn by_kind(&self, sentence: &str) -> Option<Group> {
        let told = ["information directly", "communications with"]
            .iter()
            .any(|phrase| sentence.to_lowercase().contains(phrase));
        let helpdesk = self
            .parties
            .iter()
            .any(|party| party.kinds.iter().any(|kind| kind == "helpdesk"));
        let element = ElementId::new("comms.support_ticket")
            .ok()
            .filter(|_| told && helpdesk)?;
        Some(Group {
            elements: BTreeSet::from([element]),
            subjects: BTreeSet::new(),
            generic: false,
            everyone: false,
        })
    }

    fn claims_of(&mut self, sentence: &str, reading: &Reading, rules: &mut Vec<String>) {
        for said in &reading.claims {
            if let Some(claim) = imported_claim(said, sentence, self.parties) {
                rules.push(format!("claim {}", claim.kind));
                if !self.claims.contains(&claim) {
                    self.claims.push(claim);
                }
            }
        }
    }

    fn disclose(&mut self, group: &Group, reading: &Reading) -> String {
        let (subjects, guessed) = self.subjects(group, reading);
        // What staff's own documents may hold is a by-catch, unless the sentence says when it gets there.
        let otherwise = match reading.possible && self.is_staff_tool() {
            true => Condition::Incidental,
            false => Condition::Always,
        };
        let row = Discloses {
            elements: group.elements.clone(),
            subjects,
            when: reading.when.clone().unwrap_or(otherwise),
            possible: reading.possible,
            guessed,
        };
        let besides = Some(Condition::Always).filter(|when| reading.besides && *when != row.when);
        let second = besides.map(|when| Discloses { when, ..row.clone() });
        self.add(row);
        second.into_iter().for_each(|row| self.add(row));
        format!("discloses {}", list(&group.elements))
    }

    fn add(&mut self, row: Discloses) {
        let same = |other: &&mut Discloses| {
            (&other.subjects, &other.when, other.possible) == (&row.subjects, &row.when, row.possible)
        };
        match self.discloses.iter_mut().find(same) {
            Some(other) => other.elements.extend(row.elements),
            None => self.discloses.push(row),
        }
    }

    fn is_staff_tool(&self) -> bool {
        self.parties.iter().any(|party| party.staff_tool)
    }

    /// Whoever collects signatures gets them, of the people whose names it gets.
    fn sign(&mut self, why: &[(&str, Reading)]) {
        let mut named = why
            .iter()
            .flat_map(|(_, reading)| &reading.groups)
            .flat_map(|group| &group.elements);
        let signature = named.find(|element| element.as_str() == "identity.signature");
        if let (Some(signature), Some(row)) = (signature, self.discloses.first_mut()) {
            row.elements.insert(signature.clone());
        }
    }

    /// Whose the elements are: named with them, in the sentence, in the row; or the people a service normally serves.
    fn subjects(&self, group: &Group, reading: &Reading) -> (BTreeSet<SubjectId>, bool) {
        let nobody = BTreeSet::new();
        let elsewhere = if group.generic { &nobody } else { &self.people };
        let named = [&group.subjects, &reading.subjects, elsewhere]
            .into_iter()
            .find(|named| !named.is_empty());
        if let Some(named) = named.filter(|_| !group.everyone) {
            return (named.clone(), false);
        }
        let words: &[&str] = match (self.no_student_records || self.students_denied, self.is_staff_tool()) {
            (true, true) => &["teacher", "facilitator"],
            (true, false) => &["teacher", "visitor"],
            (false, _) => &["student", "teacher"],
        };
        (
            words.iter().filter_map(|word| SubjectId::new(word).ok()).collect(),
            true,
        )
    }

    /// Every sentence is accounted for; one that says nothing in the catalog's words becomes a statement, and one that
    /// negates does, besides the claims that it makes.
    fn note(&mut self, sentence: &str, reading: &Reading, rules: Vec<String>) {
        let outcome = if rules.is_empty() || reading.denies {
            Outcome::Kept
        } else {
            Outcome::Typed(rules)
        };
        let statement = ImportedClaim::statement(sentence);
        if outcome == Outcome::Kept && !self.claims.contains(&statement) {
            self.claims.push(statement);
        }
        self.sentences.push((sentence.to_owned(), outcome));
    }

    /// Puts the condition that stands alone on the rows that have none. Who types something in at the recipient also
    /// chooses to: that they enter it is the more telling of the two.
    fn hold_lone_condition(&mut self) {
        let Some(when) = self.when.clone() else { return };
        let consent = matches!(when, Condition::Consent(_));
        let enters = when == Condition::SubjectEnters;
        for mut row in std::mem::take(&mut self.discloses) {
            if consent || row.when == Condition::Always || enters && row.when == Condition::SubjectChooses {
                row.when = when.clone();
            }
            self.add(row);
        }
    }
}

impl ImportedClaim {
    /// A sentence kept as it is.
    pub(super) fn statement(sentence: &str) -> Self {
        let (kind, sentence) = ("statement".to_owned(), sentence.to_owned());
        Self {
            kind,
            sentence,
            elements: BTreeSet::new(),
            subjects: BTreeSet::new(),
            form: None,
            term: None,
            host: None,
        }
    }
}

fn list<T: std::fmt::Display>(items: &BTreeSet<T>) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
