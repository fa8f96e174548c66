//! What the documents ask the register: who, whose, what, why, where, how long, how safe. Answers are lines of text.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{ElementId, LegalTest, PurposeId, Region, SubjectId, Treatment, Vocabulary, catalog};
use averment_claims::Graded;
use averment_register::{
    Charter, CharterContent, Claim, ClaimId, ClaimKind, Disclosure, Recipient, RecipientRole, Transfer,
};

use crate::words;

/// A charter with the grades of its claims.
pub(crate) struct Register<'a> {
    pub(crate) content: &'a CharterContent,
    grades: BTreeMap<&'a ClaimId, &'static str>,
}

impl<'a> Register<'a> {
    pub(crate) fn new(charter: &'a Charter, graded: &'a [Graded]) -> Self {
        let grades = graded.iter().map(|one| (&one.claim.id, one.overall.as_str()));
        Self {
            content: charter.content(),
            grades: grades.collect(),
        }
    }

    /// Recipients that are still used and get something, by name.
    pub(crate) fn recipients(&self) -> Vec<&'a Recipient> {
        let used = self.content.recipients.values().filter(|one| one.retired.is_none());
        let mut found: Vec<_> = used.filter(|one| leaving(one).next().is_some()).collect();
        found.sort_by_key(|one| (one.name.to_lowercase(), &one.id));
        found
    }

    /// The recipients that may get data of students.
    pub(crate) fn recipients_of_students(&self) -> Vec<&'a Recipient> {
        let of_students = |one: &&Recipient| leaving(one).any(|row| row.subjects.iter().any(may_be_student));
        self.recipients().into_iter().filter(of_students).collect()
    }

    /// A claim with its grade: "Logs are kept for 90 days. (unverified)".
    pub(crate) fn graded(&self, claim: &Claim) -> String {
        match self.grades.get(&claim.id) {
            Some(grade) => format!("{} ({grade})", claim.sentence),
            None => claim.sentence.clone(),
        }
    }

    /// The claims of the whole register of some kinds, with their grades.
    pub(crate) fn claims(&self, wanted: fn(&ClaimKind) -> bool) -> Vec<String> {
        let claims = self.content.claims.values().filter(|claim| wanted(&claim.kind));
        claims.map(|claim| self.graded(claim)).collect()
    }

    /// Name, address and contact of the organisation; only what is declared.
    pub(crate) fn organisation(&self) -> Vec<String> {
        let about = &self.content.about;
        let country = about.country.as_deref().map(country);
        let parts = [about.address.clone(), country, about.contact.clone()];
        std::iter::once(self.content.organisation.clone())
            .chain(parts.into_iter().flatten())
            .collect()
    }

    /// Transfers to countries outside the European Economic Area, and countries for which none is declared.
    pub(crate) fn transfers(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        for recipient in self.recipients() {
            rows.extend(
                recipient
                    .transfers
                    .iter()
                    .map(|transfer| transfer_row(recipient, transfer)),
            );
            let declared = |code: &&String| recipient.transfers.iter().any(|transfer| transfer.to == **code);
            let outside = recipient.countries.iter().filter(|code| outside_eea(code));
            rows.extend(outside.filter(|code| !declared(code)).map(|code| {
                let none = "no safeguard declared".to_owned();
                vec![recipient.name.clone(), country(code), none, String::new()]
            }));
        }
        rows
    }

    /// How long each group of data is kept.
    pub(crate) fn retention(&self) -> Vec<Vec<String>> {
        let rows = self.content.claims.values().filter_map(|claim| match &claim.kind {
            ClaimKind::RetainedFor {
                elements,
                subjects,
                duration,
                after,
            } => Some(vec![
                element_list(elements),
                subject_list(subjects),
                format!(
                    "{} after {}",
                    duration.in_words(),
                    word(Vocabulary::Trigger, after.as_str())
                ),
                self.graded(claim),
            ]),
            ClaimKind::ErasedOn {
                elements,
                subjects,
                duration,
                after,
                ..
            } => Some(vec![
                element_list(elements),
                subject_list(subjects),
                format!(
                    "erased {} after {}",
                    duration.in_words(),
                    word(Vocabulary::Trigger, after.as_str())
                ),
                self.graded(claim),
            ]),
            _ => None,
        });
        rows.collect()
    }

    /// General description of the measures of security, each with its grade.
    pub(crate) fn security(&self) -> Vec<String> {
        self.claims(|kind| {
            matches!(
                kind,
                ClaimKind::EncryptedInTransit { .. }
                    | ClaimKind::EncryptedAtRest { .. }
                    | ClaimKind::StoredAs { .. }
                    | ClaimKind::PerformedEvery { .. }
                    | ClaimKind::HoldsCertificate { .. }
            )
        })
    }

    /// Purposes that rows of the register serve, with the recipients that serve them.
    pub(crate) fn purposes(&self) -> BTreeMap<PurposeId, Vec<&'a Recipient>> {
        let mut found: BTreeMap<PurposeId, Vec<&Recipient>> = BTreeMap::new();
        for recipient in self.recipients() {
            for purpose in &recipient.purposes {
                found.entry(purpose.clone()).or_default().push(recipient);
            }
        }
        found
    }

    /// Every element of students that leaves, comes in or is collected, with where it shows.
    pub(crate) fn elements_of_students(&self) -> BTreeMap<ElementId, BTreeSet<String>> {
        let mut found: BTreeMap<ElementId, BTreeSet<String>> = BTreeMap::new();
        let mut add = |elements: &BTreeSet<ElementId>, place: &str| {
            for element in expand(elements) {
                found.entry(element).or_default().insert(place.to_owned());
            }
        };
        for recipient in self.recipients() {
            for row in leaving(recipient).filter(|row| row.subjects.iter().any(may_be_student)) {
                add(&row.elements, &recipient.name);
            }
        }
        for recipient in self.content.recipients.values() {
            for row in recipient
                .receives
                .iter()
                .filter(|row| row.subjects.iter().any(may_be_student))
            {
                add(&row.elements, &format!("from {}", recipient.name));
            }
        }
        for claim in self.content.claims.values() {
            if let ClaimKind::Collects { elements, subjects, .. } = &claim.kind
                && (subjects.is_empty() || subjects.iter().any(may_be_student))
            {
                add(elements, "collected by the platform");
            }
        }
        found
    }
}

/// The rows of a recipient that let something leave.
pub(crate) fn leaving(recipient: &Recipient) -> impl Iterator<Item = &Disclosure> {
    recipient
        .discloses
        .iter()
        .filter(|row| !matches!(row.treatment, Treatment::Drop | Treatment::Block))
}

/// Whether a kind of subject is a student or may be one: an unknown age counts as a minor.
pub(crate) fn may_be_student(subject: &SubjectId) -> bool {
    catalog()
        .subject(subject)
        .is_some_and(|row| row.student != LegalTest::No)
}

/// Single elements for categories.
pub(crate) fn expand(elements: &BTreeSet<ElementId>) -> BTreeSet<ElementId> {
    let known = catalog().elements().map(|element| &element.id);
    known
        .filter(|one| elements.iter().any(|given| given.covers(one)))
        .cloned()
        .collect()
}

/// Elements that a recipient gets of anybody, or of students only.
pub(crate) fn elements(recipient: &Recipient, of_students: bool) -> BTreeSet<ElementId> {
    let rows = leaving(recipient).filter(|row| !of_students || row.subjects.iter().any(may_be_student));
    rows.flat_map(|row| row.elements.iter().cloned()).collect()
}

/// Kinds of people whose data a recipient gets.
pub(crate) fn subjects(recipient: &Recipient) -> BTreeSet<SubjectId> {
    leaving(recipient)
        .flat_map(|row| row.subjects.iter().cloned())
        .collect()
}

fn transfer_row(recipient: &Recipient, transfer: &Transfer) -> Vec<String> {
    let safeguard = catalog().word(Vocabulary::Safeguard, transfer.safeguard.as_str());
    let safeguard = safeguard.map_or_else(
        || transfer.safeguard.to_string(),
        |word| match &word.cite {
            Some(cite) => format!("{}, {cite}", word.label),
            None => word.label.clone(),
        },
    );
    let until = transfer.until.map(|until| format!("until {until}"));
    let instrument = transfer
        .instrument
        .iter()
        .cloned()
        .chain(until)
        .collect::<Vec<_>>()
        .join(", ");
    vec![recipient.name.clone(), country(&transfer.to), safeguard, instrument]
}

fn outside_eea(code: &str) -> bool {
    catalog()
        .country(code)
        .is_some_and(|country| country.region != Region::Eea)
}

/// A country by its name.
pub(crate) fn country(code: &str) -> String {
    match code {
        "EU" => "the European Union".to_owned(),
        "EEA" => "the European Economic Area".to_owned(),
        code => catalog()
            .country(code)
            .map_or_else(|| code.to_owned(), |country| country.name.clone()),
    }
}

/// A word of a closed vocabulary by its label.
pub(crate) fn word(vocabulary: Vocabulary, id: &str) -> String {
    catalog()
        .word(vocabulary, id)
        .map_or_else(|| id.to_owned(), |word| word.label.clone())
}

/// Elements by their labels; everything when none is named.
pub(crate) fn element_list(elements: &BTreeSet<ElementId>) -> String {
    let labels: Vec<String> = elements.iter().map(|one| words::element(one).label).collect();
    if labels.is_empty() {
        "all data".to_owned()
    } else {
        labels.join("; ")
    }
}

/// Kinds of people by their labels; everybody when none is named.
pub(crate) fn subject_list(subjects: &BTreeSet<SubjectId>) -> String {
    let labels: Vec<String> = subjects.iter().map(|one| words::subject(one).label).collect();
    if labels.is_empty() {
        "everybody".to_owned()
    } else {
        labels.join("; ")
    }
}

/// Purposes by their labels.
pub(crate) fn purpose_list(recipient: &Recipient) -> String {
    let labels: Vec<String> = recipient.purposes.iter().map(|one| words::purpose(one).label).collect();
    labels.join("; ")
}

/// Name, and who runs it where that is another name.
pub(crate) fn party(recipient: &Recipient) -> String {
    match &recipient.operator {
        Some(operator) if *operator != recipient.name => format!("{} ({operator})", recipient.name),
        _ => recipient.name.clone(),
    }
}

/// Whether the recipient works on behalf of the platform or the school.
pub(crate) fn is_processor(recipient: &Recipient) -> bool {
    matches!(recipient.role, RecipientRole::Processor | RecipientRole::Subprocessor)
}
