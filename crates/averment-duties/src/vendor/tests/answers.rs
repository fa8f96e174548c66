use averment_catalog::catalog;
use averment_catalog::erasure::Step;

use super::{access, everything, now, order};
use crate::vendor::answer::{Outcome, read};
use crate::vendor::{Answer, Plan, Trouble, request};

fn answer(status: u16, media_type: &str, body: &str) -> Answer {
    let (media_type, body) = (media_type.to_owned(), body.as_bytes().to_vec());
    Answer {
        status,
        media_type,
        retry_after: String::new(),
        body,
    }
}

/// What an answer to a step of a third party means for Ada.
fn outcome(third_party: &str, step: &str, answer: &Answer) -> Outcome {
    let party = catalog().third_party(&order(third_party).third_party).unwrap();
    let row = party.erasure.as_ref().unwrap();
    let access = access(row);
    let plan = Plan::new(order(third_party), everything(), Some(access.clone()), catalog());
    let task = plan
        .tasks
        .iter()
        .find(|task| task.step.id == step && !task.canary)
        .unwrap();
    let values = request::values(&plan, &access, task, &plan.start(now()))
        .unwrap()
        .unwrap();
    let step: &Step = &task.step;
    read(step, &values, answer)
}

const JSON: &str = "application/json";

#[test]
fn only_the_records_that_say_whose_they_are_are_found() {
    let list = r#"{"total":3,"results":[
        {"id":"1","properties":{"email":"Ada@School.example"}},
        {"id":"2","properties":{"email":"bob@school.example"}},
        {"id":"3","properties":{}}]}"#;
    let found = outcome("hubspot", "find", &answer(200, JSON, list));
    let Outcome::Present(keys) = found else {
        panic!("{found:?}")
    };
    assert_eq!(
        keys.iter().map(crate::vendor::Hidden::expose).collect::<Vec<_>>(),
        ["1"]
    );
    let nobody = r#"{"total":1,"results":[{"id":"2","properties":{"email":"bob@school.example"}}]}"#;
    assert_eq!(outcome("hubspot", "find", &answer(200, JSON, nobody)), Outcome::Absent);
}

#[test]
fn a_look_that_is_answered_otherwise_than_documented_finds_nothing_out() {
    for (status, kind, body) in [
        (200, JSON, "{}"),
        (200, JSON, "[]"),
        (200, JSON, ""),
        (200, JSON, "null"),
        (200, JSON, r#"{"total":0}"#),
        (200, JSON, r#"{"total":0,"results":null}"#),
        (
            200,
            JSON,
            r#"{"total":1,"results":[{"properties":{"email":"ada@school.example"}}]}"#,
        ),
        (200, "text/html", r#"{"total":0,"results":[]}"#),
        (200, "", "<html>"),
        (204, "", ""),
        (404, JSON, "{}"),
        (404, "text/plain", "404 page not found"),
        (301, "", ""),
    ] {
        let found = outcome("hubspot", "find", &answer(status, kind, body));
        assert!(matches!(found, Outcome::Refused(_)), "{status} {body}: {found:?}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504] {
        let found = outcome("hubspot", "find", &answer(status, "text/html", "<html>"));
        assert!(matches!(found, Outcome::Retry(_)), "{status}: {found:?}");
    }
}

#[test]
fn an_order_without_the_number_of_its_job_was_not_taken() {
    for (status, body) in [
        (200, "{}"),
        (200, r#"{"status":"ok","results":{}}"#),
        (202, ""),
        (200, ""),
    ] {
        let found = outcome("mixpanel", "delete", &answer(status, JSON, body));
        assert!(matches!(found, Outcome::Refused(_)), "{body}: {found:?}");
    }
    let taken = outcome(
        "mixpanel",
        "delete",
        &answer(200, JSON, r#"{"status":"ok","results":{"task_id":17}}"#),
    );
    assert!(matches!(taken, Outcome::Taken(_)), "{taken:?}");
}

#[test]
fn who_may_not_ask_is_told_so() {
    for status in [401, 403] {
        let found = outcome("stripe", "find", &answer(status, JSON, r#"{"error":{}}"#));
        let Outcome::Refused(Trouble::Login { .. }) = found else {
            panic!("{found:?}")
        };
    }
}

#[test]
fn waits_are_seconds_or_a_date() {
    let wait = |text: &str| {
        let answer = Answer {
            retry_after: text.to_owned(),
            ..answer(429, JSON, "")
        };
        answer.wait(now()).map(|wait| wait.as_secs())
    };
    assert_eq!(wait("120"), Some(120));
    assert_eq!(wait("Mon, 02 Nov 2026 08:01:30 GMT"), Some(90));
    assert_eq!(wait("soon"), None);
    assert_eq!(wait("-5"), None);
}

proptest::proptest! {
    /// Whatever comes back, a look for one person finds nobody only in the documented form.
    #[test]
    fn no_answer_panics(status in 100u16..600, body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        for (party, step) in [("hubspot", "find"), ("zendesk", "find-email"), ("statsig", "delete"), ("auth0", "confirm")] {
            let answer = Answer { status, media_type: String::new(), retry_after: String::new(), body: body.clone() };
            let found = outcome(party, step, &answer);
            let is_empty_list = body.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect::<Vec<_>>() == b"[]";
            proptest::prop_assert!(!matches!(found, Outcome::Absent | Outcome::Taken(_)) || is_empty_list);
        }
    }
}
