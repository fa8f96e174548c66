//! What three states ask to be published: New York's supplemental information, Illinois's and Colorado's lists.
//!
//! Source: 8 NYCRR 121.3(c); 105 ILCS 85/15(6), 85/27(a); CRS 22-16-107(1), 22-16-108(1). Some paragraphs of Illinois are
//! known from descriptions only.

use std::collections::BTreeSet;

use averment_catalog::{LegalTest, PurposeId, Vocabulary, catalog};
use averment_register::{ClaimKind, Controller, Recipient};

use super::register::{Register, country, element_list, elements, party, purpose_list, word};
use super::{Fact, Form, Table};
use crate::words;

/// The six parts of New York's supplemental information, one sheet per contract.
pub(super) fn new_york(register: &Register<'_>, controller: Option<&Controller>) -> Form {
    let of = controller.map_or_else(String::new, |one| format!(" for {}", one.name));
    let recipients = register.recipients_of_students();
    let purposes: BTreeSet<&PurposeId> = recipients.iter().flat_map(|one| &one.purposes).collect();
    Form {
        id: controller.map_or_else(
            || "new-york-supplemental-information".to_owned(),
            |one| format!("new-york-supplemental-information-{}", one.id),
        ),
        title: format!("Supplemental information{of} (New York)"),
        rests_on: "8 NYCRR 121.3(c)(1)-(6)",
        about: "What a school in New York posts beside its bill of rights for each contract under which student data leaves.".to_owned(),
        facts: vec![
            Fact::new("(1)", "exclusive purposes", purposes.into_iter().map(|purpose| words::purpose(purpose).label)),
            Fact::new("(2)", "how subcontractors are bound", bound(register)),
            Fact::new("(3)", "duration, end, and what happens to data then", ending(register, controller)),
            Fact::new("(4)", "how accuracy can be challenged", register.claims(|kind| offer(kind, "data_correction"))),
            Fact::new("(5)", "where data is stored and how it is protected", stored(register)),
            Fact::new("(6)", "encryption in motion and at rest", register.claims(encryption)),
        ],
        tables: vec![subcontractors(register)],
        notes: Vec::new(),
    }
}

/// The provider's part of what a school in Illinois posts.
pub(super) fn illinois(register: &Register<'_>) -> Form {
    Form {
        id: "illinois-operators-and-subcontractors".to_owned(),
        title: "Operator, data elements and subcontractors (Illinois)".to_owned(),
        rests_on: "105 ILCS 85/15(6), 85/27(a)(1)-(3)",
        about: "The operator’s name and business address, the data elements with to whom and why, and the list of subcontractors, for the school’s website. Due again at the start of each state fiscal year and each calendar year.".to_owned(),
        facts: vec![
            Fact::new("(2)", "operator", [register.content.organisation.clone()]),
            Fact::new("(2)", "business address", register.content.about.address.clone()),
            Fact::new("(3)", "page that lists the subcontractors", register.content.about.page.clone()),
        ],
        tables: vec![
            Table {
                title: "(1) Data elements, to whom and why".to_owned(),
                headings: vec!["Data element", "Where it goes or comes from"],
                rows: element_rows(register),
            },
            subcontractors(register),
        ],
        notes: vec!["The dates and some of the paragraphs rest on descriptions of the law, not on its text.".to_owned()],
    }
}

/// Colorado's layperson's information.
pub(super) fn colorado(register: &Register<'_>) -> Form {
    let rows = register.recipients_of_students().into_iter().map(|one| {
        vec![
            element_list(&elements(one, true)),
            purpose_list(one),
            one.purpose.clone(),
            party(one),
        ]
    });
    Form {
        id: "colorado-student-data".to_owned(),
        title: "Student data: elements, learning purposes, use and sharing (Colorado)".to_owned(),
        rests_on: "CRS 22-16-107(1), 22-16-108(1)",
        about: "What data of students is used and shared, why, and with whom, in plain words.".to_owned(),
        facts: vec![
            Fact::new("", "who publishes this", [register.content.organisation.clone()]),
            Fact::new(
                "",
                "aggregates",
                register.claims(|kind| matches!(kind, ClaimKind::AggregatesOnly { .. })),
            ),
        ],
        tables: vec![Table {
            title: "Elements, purposes, use and sharing".to_owned(),
            headings: vec![
                "Data elements",
                "Purpose",
                "How it is used, as published",
                "Shared with",
            ],
            rows: rows.collect(),
        }],
        notes: Vec::new(),
    }
}

fn bound(register: &Register<'_>) -> Vec<String> {
    let mut lines = register.claims(|kind| matches!(kind, ClaimKind::ContractSays { .. }));
    let with_terms = register.recipients_of_students().into_iter().filter_map(|one| {
        let terms = &one.contract.as_ref()?.terms;
        let labels: Vec<String> = terms.iter().map(|term| word(Vocabulary::Term, term.as_str())).collect();
        (!labels.is_empty()).then(|| format!("{}: {}", one.name, labels.join("; ")))
    });
    lines.extend(with_terms);
    lines
}

fn ending(register: &Register<'_>, controller: Option<&Controller>) -> Vec<String> {
    let agreement = controller.and_then(|one| one.agreement.as_ref());
    let dates = agreement.into_iter().flat_map(|agreement| {
        let signed = agreement.signed.map(|day| format!("Signed on {day}."));
        let until = agreement.until.map(|day| format!("Ends on {day}."));
        let deletion = agreement
            .deletion
            .map(|time| format!("Deleted within {} of its end.", time.in_words()));
        [signed, until, deletion].into_iter().flatten()
    });
    let erased = register.claims(|kind| match kind {
        ClaimKind::RetainedFor { after, .. } | ClaimKind::ErasedOn { after, .. } => after.as_str() == "contract_end",
        _ => false,
    });
    dates.chain(erased).collect()
}

fn stored(register: &Register<'_>) -> Vec<String> {
    let mut lines = register.claims(|kind| matches!(kind, ClaimKind::StoredIn { .. }));
    let places = register
        .recipients_of_students()
        .into_iter()
        .filter(|one| !one.countries.is_empty());
    lines.extend(places.map(|one| {
        let names: Vec<String> = one.countries.iter().map(|code| country(code)).collect();
        format!("{}: {}", one.name, names.join("; "))
    }));
    lines.extend(register.security());
    lines
}

fn encryption(kind: &ClaimKind) -> bool {
    matches!(
        kind,
        ClaimKind::EncryptedInTransit { .. } | ClaimKind::EncryptedAtRest { .. }
    )
}

fn offer(kind: &ClaimKind, wanted: &str) -> bool {
    matches!(kind, ClaimKind::Offers { offer, .. } if offer.as_str() == wanted)
}

fn subcontractors(register: &Register<'_>) -> Table {
    Table {
        title: "Subcontractors that get data of students".to_owned(),
        headings: vec!["Subcontractor", "Business address", "Why", "Data elements"],
        rows: register
            .recipients_of_students()
            .into_iter()
            .map(subcontractor)
            .collect(),
    }
}

fn subcontractor(one: &Recipient) -> Vec<String> {
    vec![
        party(one),
        one.address.clone().unwrap_or_else(|| "not declared".to_owned()),
        purpose_list(one),
        element_list(&elements(one, true)),
    ]
}

fn element_rows(register: &Register<'_>) -> Vec<Vec<String>> {
    let rows = register.elements_of_students().into_iter();
    rows.map(|(id, places)| {
        let element = catalog().element(&id);
        let label = element.map_or_else(|| id.to_string(), |one| one.label.clone());
        let special = element.is_some_and(|one| one.gdpr_special == LegalTest::Yes);
        let mark = if special { " (special category)" } else { "" };
        vec![
            format!("{label}{mark}"),
            places.into_iter().collect::<Vec<_>>().join("; "),
        ]
    })
    .collect()
}
