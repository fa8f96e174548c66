//! Lies of a vendor who signs them: what an auditor tried after the others, each with the check and the reason that must find it.

use averment_verify::{Check, Reason};
use serde_json::{Value, json};

use crate::lies::{Lie, told, whole};
use crate::story::{Story, message};

const CLAIM: &str = "amplitude/no-student-records";

pub(crate) fn lies() -> Vec<Lie> {
    [document(), entries(), history()].into_iter().flatten().collect()
}

fn row(document: &mut Value) -> &mut Value {
    let claims = document["claims"].as_array_mut().unwrap();
    claims.iter_mut().find(|claim| claim["id"] == CLAIM).unwrap()
}

fn document() -> Vec<Lie> {
    let of = |name, check, reason, document| {
        let story = Story {
            document,
            ..Story::default()
        };
        told(name, check, reason, story)
    };
    vec![
        of(
            "grades of a newer day on the page",
            Check::Claims,
            Reason::ClaimsAnotherTime,
            |document| document["as_of"] = json!("2026-03-01T17:20:00Z"),
        ),
        of(
            "grades of more entries on the page",
            Check::Claims,
            Reason::ClaimsAnotherTime,
            |document| document["entries"] = json!(10_000),
        ),
        of(
            "better counts on the page than rows",
            Check::Claims,
            Reason::ClaimsCounts,
            |document| document["grades"] = json!({ "enforced": 4, "broken": 0 }),
        ),
        of(
            "a document of a format that nobody knows",
            Check::Claims,
            Reason::ClaimsMalformed,
            |document| document["schema"] = json!("averment.claims/2000"),
        ),
        of(
            "a sentence graded as another kind of claim",
            Check::Sentences,
            Reason::SentenceChanged,
            |document| row(document)["kind"] = json!("statement"),
        ),
        of(
            "a sentence graded for another recipient",
            Check::Sentences,
            Reason::SentenceChanged,
            |document| {
                row(document)["kind"] = json!("never_shares");
                row(document)["recipient"] = json!("desk");
            },
        ),
    ]
}

fn entries() -> Vec<Lie> {
    let leaked = || {
        vec![
            message("intent", 40, "forward", Some("birch")),
            json!({ "kind": "outcome", "id": format!("{:032x}", 40), "result": "answered", "status": 200 }),
        ]
    };
    vec![
        told(
            "grades that rest on what was there before the leak",
            Check::Claims,
            Reason::EntriesIgnored,
            Story {
                before: leaked(),
                // The entries of the story without the two above.
                grades: |deed| deed["entries"] = json!(10),
                document: |document| {
                    let claims = document["claims"].as_array_mut().unwrap();
                    for claim in claims.iter_mut().filter(|claim| claim["grade"] == "broken") {
                        claim["grade"] = json!("enforced");
                        claim["planes"][0]["grade"] = json!("enforced");
                        claim["planes"][0]["evidence"] = json!({ "observed": 3, "contrary": 0, "unreadable": 0 });
                    }
                },
                ..whole()
            },
        ),
        told(
            "an entry that says two things",
            Check::Entries,
            Reason::EntryUnreadable,
            Story {
                spelled: |entry| entry.replace("\"people\":3", "\"people\":3,\"said\":\"three\",\"said\":\"four\""),
                ..Story::default()
            },
        ),
    ]
}

fn history() -> Vec<Lie> {
    let broken_and_mended = || {
        let change = |from: &str, to: &str| json!({ "kind": "grade", "claim": CLAIM, "from": from, "to": to, "reason": "Seen." });
        vec![change("enforced", "broken"), change("broken", "enforced")]
    };
    let of = |name, story| told(name, Check::Grades, Reason::EvidenceDiffers, story);
    vec![
        of(
            "a claim that was broken, and the page does not say so",
            Story {
                before: broken_and_mended(),
                ..whole()
            },
        ),
        of(
            "a claim that was never broken, and the page says so",
            Story {
                document: |document| row(document)["mended"] = json!({ "entry": 3 }),
                ..whole()
            },
        ),
        of(
            "a plane that is not shown",
            Story {
                document: |document| row(document)["planes"] = json!([]),
                ..whole()
            },
        ),
        of(
            "a plane shown twice",
            Story {
                document: |document| {
                    let planes = row(document)["planes"].as_array_mut().unwrap();
                    planes.push(planes[0].clone());
                },
                ..whole()
            },
        ),
    ]
}
