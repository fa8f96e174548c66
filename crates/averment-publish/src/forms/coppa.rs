//! The part of the online notice under COPPA that names third parties and retention, 16 CFR 312.4(d), 312.10.

use averment_catalog::{LegalTest, catalog};
use averment_register::{ClaimKind, Recipient};

use super::register::{Register, element_list, elements, party, purpose_list};
use super::{Fact, Form, Table};

/// Who gets data of children and why, and how long data is kept.
pub(super) fn third_parties(register: &Register<'_>) -> Form {
    Form {
        id: "coppa-third-parties".to_owned(),
        title: "Third parties that get data of children".to_owned(),
        rests_on: "16 CFR 312.4(d)(1)-(3), 312.10",
        about: "For the online notice: operators, the identities and categories of third parties with the purposes, and the retention policy. Whoever’s age is not known counts as a child.".to_owned(),
        facts: vec![
            Fact::new("(d)(1)", "operator: name, address and contact", register.organisation()),
            Fact::new("", "what parents can do", register.claims(|kind| matches!(kind, ClaimKind::Offers { .. }))),
            Fact::new("", "consents", register.claims(|kind| matches!(kind, ClaimKind::NeedsConsent { .. }))),
        ],
        tables: vec![
            Table {
                title: "(d)(2) Third parties".to_owned(),
                headings: vec!["Third party", "Category and purpose", "Information", "Support for internal operations", "Contract"],
                rows: register.recipients_of_students().into_iter().map(row).collect(),
            },
            Table {
                title: "Retention policy (312.10)".to_owned(),
                headings: vec!["Data", "Whose", "Time of deletion", "As published"],
                rows: register.retention(),
            },
        ],
        notes: vec!["Disclosure for money, for advertising or to train models is never integral to a service: it needs a consent of its own.".to_owned()],
    }
}

fn row(one: &Recipient) -> Vec<String> {
    let contract = one.contract.as_ref();
    let assured =
        contract.is_some_and(|contract| contract.terms.iter().any(|term| term.as_str() == "written_assurance"));
    vec![
        party(one),
        purpose_list(one),
        element_list(&elements(one, true)),
        internal_operations(one).to_owned(),
        if assured {
            "written assurance"
        } else {
            "no written assurance declared"
        }
        .to_owned(),
    ]
}

/// Whether all its purposes may be support for internal operations and it makes no use of its own, 16 CFR 312.2.
fn internal_operations(one: &Recipient) -> &'static str {
    let own_use = one.own_use.iter().any(|word| word.as_str() != "none");
    let tests: Vec<LegalTest> = one
        .purposes
        .iter()
        .filter_map(|id| catalog().purpose(id))
        .map(|purpose| purpose.coppa_internal_operations)
        .collect();
    match () {
        () if own_use || tests.contains(&LegalTest::No) => "no",
        () if tests.is_empty() || one.own_use.is_empty() => "not declared",
        () if tests.contains(&LegalTest::Conditional) => "depends",
        () => "yes",
    }
}
