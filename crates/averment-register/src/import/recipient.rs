//! One row of a page to one recipient: the sentences about it read one by one, then put together.
//!
//! Start at [`read`]. What a sentence leaves open is looked for in the rest of the row: people in the other sentences,
//! then in the purpose; a condition that stands alone ("use is optional") holds for the whole row.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, Plane, PurposeId, SubjectId, ThirdParty, ThirdPartyId, catalog};

use super::grammar::{self, Group, Reading, SaidClaim};
use super::identify;
use super::report::{Finding, Outcome};
use super::row::{Quote, Row};
use super::sentence::sentences;
use super::statement;
use super::summary::{chosen, imported_claim, planes, purposes_of_kind, student_records, without_hashed};
use crate::charter::{ClaimKind, Condition, Said, StudentRecords};

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
    /// What it says.
    pub(super) kind: ClaimKind,
    /// The published sentence.
    pub(super) sentence: String,
    /// Where it stands.
    pub(super) said: Said,
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
    pub(super) sentences: Vec<(Said, String, Outcome)>,
}

/// A sentence with its place and what it says.
struct Heard<'a> {
    said: &'a Said,
    text: &'a str,
    reading: Reading,
    /// It is reported elsewhere.
    told: bool,
}

/// Reads one row of a document that `organisation` published.
pub(super) fn read(row: Row, organisation: &str) -> Imported {
    let prose: Vec<&str> = row.information.iter().map(|quote| quote.text.as_str()).collect();
    let third_parties = match row.class {
        true => Vec::new(),
        false => identify::third_parties(&row.name, &prose.join(" ")),
    };
    let parties: Vec<&ThirdParty> = third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id))
        .collect();
    let why = readings(&row.purpose, organisation);
    let what = readings(&row.information, organisation);
    let mut draft = Draft::new((&row.name, organisation), &parties, &why, &what);
    why.iter().for_each(|heard| draft.purpose_sentence(heard));
    what.iter().for_each(|heard| draft.information_sentence(heard));
    for quote in &row.further {
        draft.further(quote);
    }
    if let Some((date, quote)) = &row.retired {
        draft.retired(*date, quote);
    }
    if draft.purposes.is_empty() {
        let above = row
            .topic
            .iter()
            .flat_map(|topic| grammar::read(&topic.text, organisation).purposes);
        draft.purposes.extend(above);
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

fn readings<'a>(quotes: &'a [Quote], organisation: &str) -> Vec<Heard<'a>> {
    let of = |quote: &'a Quote| sentences(&quote.text).into_iter().map(move |text| (quote, text));
    let heard = quotes.iter().flat_map(of).map(|(quote, text)| {
        let mut reading = grammar::read(text, organisation);
        if let Some(when) = chosen(text) {
            // "Not used unless the user asks for it": a condition, not a denial.
            reading.when = reading.when.or(Some(when));
            reading.denies = false;
        }
        Heard {
            said: &quote.said,
            text,
            reading,
            told: quote.told,
        }
    });
    heard.collect()
}

/// A recipient while its sentences are gone through.
struct Draft<'a> {
    name: &'a str,
    publisher: &'a str,
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
    sentences: Vec<(Said, String, Outcome)>,
}

impl<'a> Draft<'a> {
    fn new(
        (name, publisher): (&'a str, &'a str),
        parties: &'a [&'a ThirdParty],
        why: &[Heard<'_>],
        what: &[Heard<'_>],
    ) -> Self {
        let named = |heard: &[Heard<'_>]| -> BTreeSet<SubjectId> {
            heard
                .iter()
                .flat_map(|heard| heard.reading.subjects.iter().cloned())
                .collect()
        };
        let (in_information, in_purpose) = (named(what), named(why));
        let denied = what.iter().flat_map(|heard| &heard.reading.denied);
        let students_denied = denied.filter(|subject| subject.is_student()).count() > 0;
        let none = |reading: &Reading| reading.claims.iter().any(SaidClaim::no_student_records);
        Self {
            name,
            publisher,
            parties,
            people: if in_information.is_empty() {
                in_purpose
            } else {
                in_information
            },
            no_student_records: what.iter().any(|heard| none(&heard.reading)),
            students_denied,
            when: None,
            purposes: BTreeSet::new(),
            discloses: Vec::new(),
            claims: Vec::new(),
            sentences: Vec::new(),
        }
    }

    fn purpose_sentence(&mut self, heard: &Heard<'_>) {
        let reading = &heard.reading;
        let mut rules: Vec<Finding> = Vec::new();
        if !reading.purposes.is_empty() {
            self.purposes.extend(reading.purposes.iter().cloned());
            rules.push(purpose(&reading.purposes));
        }
        self.lone_condition(reading, &mut rules);
        self.claims_of(heard, &mut rules);
        self.statements_of(heard, &mut rules);
        self.note(heard, rules);
    }

    fn information_sentence(&mut self, heard: &Heard<'_>) {
        let reading = &heard.reading;
        let mut rules: Vec<Finding> = Vec::new();
        self.claims_of(heard, &mut rules);
        self.statements_of(heard, &mut rules);
        let mut groups = reading.groups.clone();
        if groups.is_empty() && !reading.denies && reading.when.is_some() && reading.claims.is_empty() {
            groups.extend(self.by_kind(heard.text));
        }
        for group in &groups {
            rules.push(self.disclose(group, reading));
        }
        if groups.is_empty() {
            self.lone_condition(reading, &mut rules);
        }
        if rules.is_empty() && !reading.purposes.is_empty() {
            self.purposes.extend(reading.purposes.iter().cloned());
            rules.push(purpose(&reading.purposes));
        }
        self.note(heard, rules);
    }

    /// What stands under other headings: kept, unless a field holds it.
    fn further(&mut self, quote: &Quote) {
        let outcome = match quote.told {
            true => Outcome::Typed(vec![Finding::new("a field of the recipient", "heading of the column")]),
            false => self.keep(&quote.said, &quote.text),
        };
        self.sentences.push((quote.said.clone(), quote.text.clone(), outcome));
    }

    fn retired(&mut self, date: jiff::civil::Date, quote: &Quote) {
        let claim = ImportedClaim {
            kind: ClaimKind::RetiredSince { date },
            sentence: quote.text.clone(),
            said: quote.said.clone(),
        };
        // Said twice, in a row and in its words, it is one claim.
        if !self.claims.iter().any(|known| known.kind == claim.kind) {
            self.claims.push(claim);
        }
        if !quote.told {
            let rules = vec![Finding::new(
                &format!("claim retired_since {date}"),
                "a date and \"no longer\"",
            )];
            self.sentences
                .push((quote.said.clone(), quote.text.clone(), Outcome::Typed(rules)));
        }
    }

    /// A condition without elements holds for the whole row, unless it is a by-catch or a support request.
    fn lone_condition(&mut self, reading: &Reading, rules: &mut Vec<Finding>) {
        let Some(when) = &reading.when else { return };
        if matches!(when, Condition::Incidental | Condition::OnSupportRequest) {
            return;
        }
        rules.push(Finding::new(&format!("condition {when}"), "phrase of a condition"));
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

    /// What a sentence says about the recipient itself, as prose says it about an organisation.
    fn statements_of(&mut self, heard: &Heard<'_>, rules: &mut Vec<Finding>) {
        let ours = |word: &str| ["we", "our", "us", "ours"].contains(&word.to_lowercase().as_str());
        let speaks_of_us = heard.text.split(|c: char| !c.is_alphanumeric()).any(ours)
            || !self.publisher.is_empty() && heard.text.contains(self.publisher);
        if speaks_of_us {
            return;
        }
        let context = statement::Context {
            organisation: self.name,
            ..statement::Context::default()
        };
        for understood in statement::read(heard.text, &context) {
            let kind = understood.kind;
            let about_one = matches!(
                kind,
                ClaimKind::RetiredSince { .. }
                    | ClaimKind::Offers { .. }
                    | ClaimKind::HoldsCertificate { .. }
                    | ClaimKind::EmbedsOnly { .. }
                    | ClaimKind::StoredIn { .. }
                    | ClaimKind::ContractSays { .. }
            );
            let once = matches!(kind, ClaimKind::RetiredSince { .. });
            let known = |claim: &ImportedClaim| claim.kind == kind && (once || claim.sentence == heard.text);
            // Where data lies is told of the list as a whole when the sentence stands outside the cells of the recipient.
            let elsewhere = heard.told && matches!(kind, ClaimKind::StoredIn { .. });
            if !about_one || elsewhere || self.claims.iter().any(known) {
                continue;
            }
            rules.push(Finding::new(&format!("claim {}", kind.as_str()), understood.rule));
            let (sentence, said) = (heard.text.to_owned(), heard.said.clone());
            self.claim(ImportedClaim { kind, sentence, said });
        }
    }

    fn claims_of(&mut self, heard: &Heard<'_>, rules: &mut Vec<Finding>) {
        for said in &heard.reading.claims {
            if let Some(kind) = imported_claim(said, self.parties) {
                rules.push(Finding::new(&format!("claim {}", kind.as_str()), "phrase of a claim"));
                let (sentence, said) = (heard.text.to_owned(), heard.said.clone());
                self.claim(ImportedClaim { kind, sentence, said });
            }
        }
    }

    /// Adds a claim that is not made yet; the same sentence on another line is the same claim.
    fn claim(&mut self, claim: ImportedClaim) {
        let made = |known: &ImportedClaim| known.kind == claim.kind && known.sentence == claim.sentence;
        if !self.claims.iter().any(made) {
            self.claims.push(claim);
        }
    }

    fn disclose(&mut self, group: &Group, reading: &Reading) -> Finding {
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
        let rule = if group.generic {
            "general words for data"
        } else {
            "elements that it names"
        };
        Finding::new(&format!("discloses {}", list(&group.elements)), rule)
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
    fn sign(&mut self, why: &[Heard<'_>]) {
        let mut named = why
            .iter()
            .flat_map(|heard| &heard.reading.groups)
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
    fn note(&mut self, heard: &Heard<'_>, rules: Vec<Finding>) {
        if heard.told {
            return;
        }
        let outcome = match rules.is_empty() || heard.reading.denies {
            true => self.keep(heard.said, heard.text),
            false => Outcome::Typed(rules),
        };
        self.sentences
            .push((heard.said.clone(), heard.text.to_owned(), outcome));
    }

    fn keep(&mut self, said: &Said, sentence: &str) -> Outcome {
        self.claim(ImportedClaim::statement(sentence, said));
        Outcome::Kept
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
    pub(super) fn statement(sentence: &str, said: &Said) -> Self {
        let (sentence, said) = (sentence.to_owned(), said.clone());
        Self {
            kind: ClaimKind::Statement,
            sentence,
            said,
        }
    }
}

fn purpose(purposes: &BTreeSet<PurposeId>) -> Finding {
    Finding::new(&format!("purpose {}", list(purposes)), "phrase of a purpose")
}

fn list<T: std::fmt::Display>(items: &BTreeSet<T>) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
