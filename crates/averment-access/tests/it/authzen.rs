//! Questions as AuthZEN has them asked: answers, batches, searches, and what is wrong.

use averment_access::{Access, authzen};
use serde_json::{Value, json};

use crate::world::example;

fn access() -> Access {
    Access::new(&example("thinglink")).unwrap()
}

fn student() -> Value {
    json!({ "type": "person", "id": "s-1", "properties": {
        "role": "student.minor", "schools": { "hill": ["7b"] }, "switched_off": { "school": [] },
    } })
}

fn who(id: &str, role: &str, schools: &Value) -> Value {
    json!({ "type": "person", "id": id, "properties": { "role": role, "schools": schools } })
}

fn asking(who: &Value, element: &str) -> Value {
    let mut resource = student();
    resource["properties"]["element"] = json!(element);
    json!({ "subject": who, "action": { "name": "see" }, "resource": resource })
}

#[test]
fn a_teacher_of_the_class_sees_and_one_of_another_school_does_not() {
    let access = access();
    let answer = |who: &Value| authzen::evaluation(&access, &asking(who, "contact.email")).unwrap();
    let own = answer(&who("t-1", "teacher", &json!({ "hill": ["7b"] })));
    assert_eq!(own["decision"], true);
    assert_eq!(own["context"]["as"], "teacher");
    assert_eq!(own["context"]["rules"], json!(["list/teachers"]));
    assert_eq!(
        answer(&who("t-2", "teacher", &json!({ "lake": ["7b"] })))["decision"],
        false
    );
    assert_eq!(answer(&json!({ "type": "person", "id": "" }))["decision"], false);
}

#[test]
fn a_school_in_the_context_is_passed_over() {
    let mut question = asking(&who("t-2", "teacher", &json!({ "lake": ["7b"] })), "contact.email");
    question["context"] = json!({ "school": "hill", "schools": { "hill": ["7b"] }, "relation": "teacher" });
    assert_eq!(authzen::evaluation(&access(), &question).unwrap()["decision"], false);
}

#[test]
fn the_elements_that_may_be_seen_are_a_search_for_actions() {
    let mut question = asking(&who("s-2", "student", &json!({ "hill": [] })), "contact.email");
    let results = |question: &Value| {
        let answer = authzen::search_action(&access(), question).unwrap();
        let names = answer["results"].as_array().unwrap().clone();
        names
            .iter()
            .map(|row| row["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let found = results(&question);
    assert!(found.contains(&"see:account.username".to_owned()) && found.contains(&"see:identity.avatar".to_owned()));
    assert!(!found.iter().any(|name| name.starts_with("see:contact")));
    for name in &found {
        question["action"] = json!({ "name": name });
        assert_eq!(
            authzen::evaluation(&access(), &question).unwrap()["decision"],
            true,
            "{name}"
        );
    }
    question["resource"]["properties"]["switched_off"] = json!({ "school": ["peer"] });
    assert!(results(&question).is_empty());
}

#[test]
fn batches_end_where_their_semantic_says() {
    let access = access();
    let teacher = who("t-1", "teacher", &json!({ "hill": ["7b"] }));
    let batch = |semantic: &str| {
        let see = |name: &str| json!({ "action": { "name": format!("see:{name}") } });
        let request = json!({
            "subject": teacher, "resource": student(), "options": { "evaluations_semantic": semantic },
            "evaluations": [see("contact.email"), see("edu"), see("content")],
        });
        let answer = authzen::evaluations(&access, &request).unwrap();
        answer["evaluations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["decision"] == true)
            .collect::<Vec<_>>()
    };
    assert_eq!(batch("execute_all"), [true, false, true]);
    assert_eq!(batch("deny_on_first_deny"), [true, false]);
    assert_eq!(batch("permit_on_first_permit"), [true]);
    let wrong = json!({ "evaluations": [{}], "options": { "evaluations_semantic": "some" } });
    assert!(authzen::evaluations(&access, &wrong).is_err());
}

#[test]
fn what_is_wrong_with_one_of_a_batch_denies_that_one() {
    let request = json!({ "resource": student(), "action": { "name": "see:content" }, "evaluations": [
        { "subject": { "type": "person" } }, { "subject": who("t-1", "teacher", &json!({ "hill": ["7b"] })) },
    ] });
    let answer = authzen::evaluations(&access(), &request).unwrap();
    assert_eq!(answer["evaluations"][0]["decision"], false);
    assert_eq!(answer["evaluations"][0]["context"]["error"]["status"], 400);
    assert_eq!(answer["evaluations"][1]["decision"], true);
}

#[test]
fn what_cannot_be_read_is_said_without_repeating_it() {
    let access = access();
    let good = asking(&who("t-1", "teacher", &json!({ "hill": ["7b"] })), "content");
    let wrong = |change: &dyn Fn(&mut Value)| {
        let mut request = good.clone();
        change(&mut request);
        authzen::evaluation(&access, &request).unwrap_err().to_string()
    };
    assert_eq!(wrong(&|request| *request = json!([])), "the request is no object");
    assert_eq!(
        wrong(&|request| request["action"] = json!({})),
        "`action.name` is missing or no text"
    );
    let message = wrong(&|request| request["subject"]["properties"]["role"] = json!("ada@school.example"));
    assert!(
        message.starts_with("`subject`") && !message.contains("ada"),
        "{message}"
    );
    let message = wrong(&|request| request["context"] = json!({ "exceptions": ["made_up"] }));
    assert!(message.contains("exceptions"), "{message}");
    for missing in ["subject", "resource", "action"] {
        let message = wrong(&|request| _ = request.as_object_mut().unwrap().remove(missing));
        assert_eq!(message, format!("`{missing}` is missing"));
    }
    // Fields of a later version are passed over.
    let mut more = good.clone();
    more["later"] = json!(1);
    more["subject"]["properties"]["shoe_size"] = json!(38);
    assert_eq!(authzen::evaluation(&access, &more).unwrap()["decision"], true);
}

#[test]
fn candidates_of_a_search_come_with_it() {
    let people = json!([
        who("t-1", "teacher", &json!({ "hill": ["7b"] })),
        who("t-2", "teacher", &json!({ "lake": ["7b"] })),
    ]);
    let mut request = asking(&json!({ "type": "person" }), "contact.email");
    assert!(authzen::search_subject(&access(), &request).is_err());
    request["context"] = json!({ "candidates": people });
    let answer = authzen::search_subject(&access(), &request).unwrap();
    assert_eq!(answer, json!({ "results": [{ "type": "person", "id": "t-1" }] }));
    let request = json!({
        "subject": who("t-1", "teacher", &json!({ "hill": ["7b"] })), "action": { "name": "see" },
        "resource": { "type": "person", "properties": { "element": "contact.email" } },
        "context": { "candidates": [student(), who("s-9", "student", &json!({ "lake": ["7b"] }))] },
    });
    let answer = authzen::search_resource(&access(), &request).unwrap();
    assert_eq!(answer, json!({ "results": [{ "type": "person", "id": "s-1" }] }));
}

/// With everything read again for each of them, a thousand candidates in a question of the largest size took minutes.
#[test]
fn a_search_takes_as_long_as_its_request_and_not_its_square() {
    let access = access();
    let schools = |number| {
        if number % 2 == 0 {
            json!({ "hill": ["7b"] })
        } else {
            json!({})
        }
    };
    let candidates: Vec<Value> = (0..1_000)
        .map(|number| who(&format!("t-{number}"), "teacher", &schools(number)))
        .collect();
    let mut request = asking(&json!({ "type": "person" }), "contact.email");
    request["context"] = json!({ "candidates": candidates });
    request["resource"]["properties"]["consents"] =
        json!((0..20_000).map(|one| format!("kind-{one}")).collect::<Vec<_>>());
    let began = std::time::Instant::now();
    let answer = authzen::search_subject(&access, &request).unwrap();
    assert_eq!(answer["results"].as_array().unwrap().len(), 500);
    // Some milliseconds; half a minute with a square in it.
    assert!(
        began.elapsed() < std::time::Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

/// The cases of the certification scenario of the Authorization API 1.0 that do not ask for its fixture policy: requests in
/// its words are answered with status 200 and a decision, for people and things that nobody knows the decision is to deny.
#[test]
fn requests_of_the_certification_scenario_are_answered_in_form() {
    let access = access();
    let subject = json!({ "type": "user", "id": "bob", "properties": { "role": "admin" } });
    let resource = json!({ "type": "record", "id": "record-2", "properties": { "status": "archived" } });
    let action = json!({ "name": "delete", "properties": { "soft": true } });
    for context in [
        None,
        Some(json!({ "time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1" })),
    ] {
        let mut request = json!({ "subject": subject, "action": action, "resource": resource });
        if let Some(context) = context {
            request["context"] = context;
        }
        assert_eq!(authzen::evaluation(&access, &request).unwrap()["decision"], false);
        assert_eq!(authzen::evaluations(&access, &request).unwrap()["decision"], false);
        request["evaluations"] = json!([]);
        assert_eq!(authzen::evaluations(&access, &request).unwrap()["decision"], false);
        assert_eq!(
            authzen::search_action(&access, &request).unwrap(),
            json!({ "results": [] })
        );
    }
}
