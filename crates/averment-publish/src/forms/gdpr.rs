//! The two records of processing activities, GDPR Art. 30(1) and 30(2).

use averment_register::{ClaimKind, Controller};

use super::register::{Register, element_list, elements, is_processor, party, purpose_list, subject_list, subjects};
use super::{Fact, Form, Table};
use crate::words;

/// The controller's record, Art. 30(1)(a)-(g).
pub(super) fn controller_record(register: &Register<'_>) -> Form {
    let about = &register.content.about;
    let joint = register
        .content
        .recipients
        .values()
        .filter(|one| one.role == averment_register::RecipientRole::JointController);
    let purposes = register.purposes();
    let labels = purposes.keys().map(|purpose| words::purpose(purpose).label);
    Form {
        id: "record-of-processing-controller".to_owned(),
        title: "Record of processing activities: as controller".to_owned(),
        rests_on: "GDPR Art. 30(1)(a)-(g)",
        about: "The fields that a controller’s record has to have, filled from the register. For processing that the organisation does on behalf of schools, see its record as processor.".to_owned(),
        facts: vec![
            Fact::new("(a)", "controller: name and contact", register.organisation()),
            Fact::new("(a)", "joint controllers", joint.map(party).collect::<Vec<_>>()).or_none("None is declared."),
            Fact::new("(a)", "representative in the Union", about.representative.clone()),
            Fact::new("(a)", "data protection officer", about.data_protection_officer.clone()),
            Fact::new("(b)", "purposes", labels),
            Fact::new("(g)", "measures of security, in general", register.security()),
        ],
        tables: vec![
            Table {
                title: "(b)-(d) Purposes, people, data and recipients".to_owned(),
                headings: vec!["Purpose", "Whose data", "Categories of data", "Recipients"],
                rows: purposes.iter().map(|(purpose, recipients)| purpose_row(purpose, recipients)).collect(),
            },
            transfers(register, "(e) Transfers to third countries"),
            Table {
                title: "(f) Time limits for erasure".to_owned(),
                headings: vec!["Categories of data", "Whose", "Limit", "As published"],
                rows: register.retention(),
            },
        ],
        notes: vec![limits_note(register)],
    }
}

/// The processor's record, Art. 30(2)(a)-(d).
pub(super) fn processor_record(register: &Register<'_>) -> Form {
    let about = &register.content.about;
    let controllers: Vec<&Controller> = register.content.controllers.values().collect();
    Form {
        id: "record-of-processing-processor".to_owned(),
        title: "Record of processing activities: as processor".to_owned(),
        rests_on: "GDPR Art. 30(2)(a)-(d)",
        about: "The fields that a processor’s record has to have: what is done on behalf of which school.".to_owned(),
        facts: vec![
            Fact::new("(a)", "processor: name and contact", register.organisation()),
            Fact::new("(a)", "representative in the Union", about.representative.clone()),
            Fact::new("(a)", "data protection officer", about.data_protection_officer.clone()),
            Fact::new(
                "(a)",
                "controllers on whose behalf it acts",
                controllers.iter().map(|one| controller(one)),
            ),
            Fact::new("(d)", "measures of security, in general", register.security()),
        ],
        tables: vec![
            Table {
                title: "(b) Categories of processing, for every controller unless its variant says less".to_owned(),
                headings: vec!["Sub-processor", "Processing", "Whose data", "Categories of data"],
                rows: processing(register),
            },
            transfers(register, "(c) Transfers to third countries"),
        ],
        notes: vec![
            "Schools with a variant of their own may have switched off some of this: see their pages.".to_owned(),
        ],
    }
}

impl Fact {
    /// The same, with a sentence where there is nothing and nothing is missing.
    fn or_none(mut self, sentence: &str) -> Self {
        if self.lines.is_empty() {
            self.lines.push(sentence.to_owned());
        }
        self
    }
}

fn controller(controller: &Controller) -> String {
    match &controller.contact {
        Some(contact) => format!("{}, {contact}", controller.name),
        None => controller.name.clone(),
    }
}

fn purpose_row(purpose: &averment_catalog::PurposeId, recipients: &[&averment_register::Recipient]) -> Vec<String> {
    let people = recipients.iter().flat_map(|one| subjects(one)).collect();
    let data = recipients.iter().flat_map(|one| elements(one, false)).collect();
    let names: Vec<String> = recipients.iter().map(|one| party(one)).collect();
    vec![
        words::purpose(purpose).label,
        subject_list(&people),
        element_list(&data),
        names.join("; "),
    ]
}

fn processing(register: &Register<'_>) -> Vec<Vec<String>> {
    let recipients = register.recipients().into_iter().filter(|one| is_processor(one));
    recipients
        .map(|one| {
            vec![
                party(one),
                purpose_list(one),
                subject_list(&subjects(one)),
                element_list(&elements(one, false)),
            ]
        })
        .collect()
}

fn transfers(register: &Register<'_>, title: &str) -> Table {
    Table {
        title: title.to_owned(),
        headings: vec!["Recipient", "Country", "Safeguard", "Instrument"],
        rows: register.transfers(),
    }
}

fn limits_note(register: &Register<'_>) -> String {
    let limited = register
        .content
        .claims
        .values()
        .filter(|claim| matches!(claim.kind, ClaimKind::RetainedFor { .. }));
    match limited.count() {
        0 => "The register sets no time limit for any category of data: field (f) is empty.".to_owned(),
        1 => "The register sets one time limit; the law asks for one per category of data.".to_owned(),
        count => format!("The register sets {count} time limits; categories that none of them names have none."),
    }
}
