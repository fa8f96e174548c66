//! What holds for any sequence of entries.

use std::sync::Arc;

use averment_claims::{Fold, Grade, Graded, grade};
use averment_ledger::{Base64, Deed, Entry, FindingEntry, Message, Outcome, UnreadableEntry};
use averment_register::{Charter, Source};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::scenario::{charter, now};

pub(crate) fn source() -> Source {
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        "organisation = \"Example Platform\"\n[defaults]\nunknown_hosts = \"enforce\"\n",
    );
    for (id, mode, planes) in [
        ("desk", "enforce", "\"gateway\""),
        ("form", "report", "\"gateway\", \"browser\""),
    ] {
        source.insert(
            format!("recipients/{id}.toml"),
            format!(
                "recipient = \"{id}\"\nthird_parties = []\npurpose = \"p\"\ninformation = \"i\"\nplanes = [{planes}]\n\
                 role = \"processor\"\nstudent_records = \"none\"\nmode = \"{mode}\"\nhosts = [\"{id}.example\"]\n\
                 [[claims]]\nkind = \"never_shares\"\nsentence = \"s\"\n[[claims]]\nkind = \"statement\"\nsentence = \"s\"\n"
            ),
        );
    }
    source.insert(
        "claims/list.toml",
        "[[claims]]\nkind = \"list_complete\"\nsentence = \"s\"\n",
    );
    source
}

fn finding() -> impl Strategy<Value = FindingEntry> {
    let element = prop::sample::select(vec!["contact.email", "tech.ip_address", "identity.name.full"]);
    let subject = prop::sample::select(vec![Some("student.under13"), Some("teacher"), None]);
    let treated = prop::sample::select(vec!["pass", "mask", "drop", "block"]);
    let treatment = prop::sample::select(vec!["pass", "mask", "drop", "block"]);
    let reason = prop::sample::select(vec!["declared", "undeclared", "barred", "unknown_host"]);
    (element, subject, treated, treatment, reason).prop_map(|(element, subject, treated, treatment, reason)| {
        FindingEntry {
            element: element.into(),
            subject: subject.map(Into::into),
            person: None,
            known_by: "exact".into(),
            part: "body".into(),
            pointer: String::new(),
            layers: Vec::new(),
            count: 1,
            treated: treated.into(),
            treatment: treatment.into(),
            reason: reason.into(),
            rule: None,
            ..FindingEntry::default()
        }
    })
}

fn message() -> impl Strategy<Value = Message> {
    let recipient = prop::sample::select(vec![Some("desk"), Some("form"), Some("gone"), None]);
    let host = prop::sample::select(vec!["desk.example", "form.example", "other.example"]);
    let mode = prop::sample::select(vec!["report", "enforce"]);
    let findings = prop::collection::vec(finding(), 0..3);
    (0_u8..6, recipient, host, mode, findings, prop::bool::weighted(0.1)).prop_map(
        |(id, recipient, host, mode, findings, unreadable)| Message {
            id: id.to_string(),
            recipient: recipient.map(Into::into),
            host: host.into(),
            plane: "gateway".into(),
            mode: mode.into(),
            action: "forward".into(),
            judged: "forward".into(),
            findings,
            unreadable: unreadable
                .then(|| UnreadableEntry {
                    part: "body".into(),
                    because: "malformed".into(),
                })
                .into_iter()
                .collect(),
            part_of: None,
            body_bytes: 0,
            request: Base64([0; 16]),
            preceded_by: 0,
            ..Message::default()
        },
    )
}

pub(crate) fn entry(hours_ago: std::ops::Range<i64>) -> impl Strategy<Value = Entry> {
    let result = prop::sample::select(vec!["answered", "not_sent", "may_have_left", "something_new"]);
    let outcome = (0_u8..6, result).prop_map(|(id, result)| {
        Deed::Outcome(Outcome {
            id: id.to_string(),
            result: result.into(),
            ..Outcome::default()
        })
    });
    let deed = prop_oneof![4 => message().prop_map(Deed::Intent), 2 => message().prop_map(Deed::Refusal), 3 => outcome, 1 => Just(Deed::Unknown)];
    (hours_ago, deed).prop_map(|(hours, deed)| Entry {
        v: 1,
        at: (now() - SignedDuration::from_hours(hours)).to_string(),
        charter: "sha256:00".into(),
        deed,
    })
}

fn graded(charter: &Arc<Charter>, entries: &[Entry]) -> Vec<Graded> {
    let mut fold = Fold::new(Arc::clone(charter));
    entries
        .iter()
        .enumerate()
        .for_each(|(index, entry)| fold.push(entry, index as u64));
    grade(charter, &fold.evidence(now()), now())
}

proptest! {
    #[test]
    fn a_claim_without_fresh_evidence_is_never_better_than_unverified(
        entries in prop::collection::vec(prop_oneof![entry(24 * 31..24 * 90), entry(-24 * 90..-24)], 0..20)
    ) {
        for graded in graded(&charter(&source()), &entries) {
            prop_assert!(graded.overall >= Grade::Unverified, "{graded:#?}");
        }
    }

    #[test]
    fn the_overall_grade_is_never_better_than_any_plane(entries in prop::collection::vec(entry(0..24 * 40), 0..30)) {
        for graded in graded(&charter(&source()), &entries) {
            prop_assert!(graded.planes.iter().all(|plane| graded.overall >= plane.grade));
            prop_assert!(graded.reason.ends_with('.') && graded.reason.matches(". ").count() == 0, "{}", graded.reason);
        }
    }

    /// Every message was decided in one of two modes and by one charter.
    #[test]
    fn the_parts_of_the_evidence_sum_to_what_was_observed(entries in prop::collection::vec(entry(0..24 * 40), 0..30)) {
        for graded in graded(&charter(&source()), &entries) {
            for evidence in graded.planes.iter().filter_map(|plane| plane.evidence.as_ref()) {
                prop_assert_eq!(evidence.reported + evidence.enforced, evidence.observed);
                prop_assert_eq!(evidence.charters.values().sum::<u64>(), evidence.observed);
                prop_assert!(evidence.not_enforced <= evidence.reported);
            }
        }
    }

    /// Whoever records one more message that left against a claim never makes its grade better.
    #[test]
    fn one_more_leak_never_helps(entries in prop::collection::vec(entry(0..24 * 40), 0..30)) {
        let charter = charter(&source());
        let before = graded(&charter, &entries);
        let mut leak = entries.clone();
        leak.push(serde_json::from_str(r#"{"v":1,"at":"2026-11-21T11:00:00Z","charter":"sha256:00","kind":"intent","id":"leak","recipient":"desk","host":"desk.example","plane":"gateway","mode":"enforce","action":"forward","judged":"forward","body_bytes":1,"request":"AAAAAAAAAAAAAAAAAAAAAA==","findings":[{"element":"contact.email","subject":"student","known_by":"exact","part":"body","count":1,"treated":"pass","treatment":"block","reason":"barred"}]}"#).unwrap());
        for (before, after) in before.iter().zip(graded(&charter, &leak)) {
            let of_desk = after.claim.recipient.as_ref().is_some_and(|id| id.as_str() == "desk");
            if of_desk && !after.planes.is_empty() {
                prop_assert_eq!(after.overall, Grade::Broken);
            } else if of_desk {
                prop_assert_eq!(before.overall, after.overall);
            }
        }
    }
}
