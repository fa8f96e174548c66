//! `averment access …`: the table, one decision, files for other programs, proofs and what they record.

use crate::world::{Place, root};

fn example(name: &str) -> String {
    root().join("examples").join(name).display().to_string()
}

#[test]
fn a_school_reads_who_sees_what() {
    let place = Place::new();
    let text = place.run(&["access", "matrix", &example("thinglink")]).expect(0).stdout;
    assert!(text.contains("Who may see what, by ThingLink") && text.contains("list/peers-do-not-see"));
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    let school = ["access", "matrix", &example("thinglink"), "--school", "meadow-school"];
    let page = place
        .run(&[&school[..], &["--format", "html"]].concat())
        .expect(0)
        .stdout;
    assert!(page.contains("<title>Who may see what, by ThingLink (example), for Meadow School (fictional)</title>"));
    let json = place
        .run(&[&school[..], &["--format", "json"]].concat())
        .expect(0)
        .stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["schema"], "averment.access-matrix/1");
    let unknown = place
        .run(&["access", "matrix", &example("thinglink"), "--school", "nowhere"])
        .expect(2);
    assert!(
        unknown.stderr.contains("it declares `meadow-school`"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn one_decision_says_which_sentence_it_rests_on() {
    let place = Place::new();
    let decide = |viewer: &str, element: &str| {
        let subject = r#"{"id": "s-1", "role": "student.minor", "schools": {"hill": ["7b"]}}"#;
        let register = example("thinglink");
        let arguments = [
            "access",
            "decide",
            &register,
            "--viewer",
            viewer,
            "--subject",
            subject,
            "--element",
            element,
        ];
        place.run(&arguments)
    };
    let teacher = r#"{"id": "t-1", "role": "teacher", "schools": {"hill": ["7b"]}}"#;
    let said = decide(teacher, "contact.email").expect(0).stdout;
    assert!(
        said.contains("may see `contact.email`") && said.contains("shown by list/teachers"),
        "{said}"
    );
    let peer = r#"{"id": "s-2", "role": "student", "schools": {"hill": ["8a"]}}"#;
    let said = decide(peer, "contact.email").expect(1).stdout;
    assert!(
        said.contains("may not see") && said.contains("hidden by list/peers-do-not-see"),
        "{said}"
    );
    let wrong = decide(
        r#"{"id": "ada@school.example", "role": "ada@school.example"}"#,
        "contact.email",
    )
    .expect(2);
    assert!(!wrong.stderr.contains("ada"), "{}", wrong.stderr);
    let said = wrong.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("expected a kind of people of the catalog, `school_official`"),
        "{said}"
    );
    let missing = decide(r#"{"id": "t-1"}"#, "contact.email").expect(2).stderr;
    assert!(missing.contains("missing field `role`"), "{missing}");
    decide(teacher, "contact.unheard").expect(2);
    std::fs::write(place.path("ask.json"), r#"{"subject": {"type": "person", "id": ""}, "action": {"name": "see:content"}, "resource": {"type": "person", "id": "s-1"}}"#).expect("a file");
    let answer = place
        .run(&["access", "decide", &example("thinglink"), "--request", "ask.json"])
        .expect(1)
        .stdout;
    assert!(answer.contains("\"decision\": false"), "{answer}");
}

#[test]
fn policies_and_scripts_are_written() {
    let place = Place::new();
    place
        .run(&["access", "cedar", &example("cocalc"), "--out", "cedar"])
        .expect(0);
    let policies = std::fs::read_to_string(place.path("cedar/access.cedar")).expect("a file");
    assert!(policies.contains("principal is Averment::Peer"));
    assert!(
        std::fs::read_to_string(place.path("cedar/access.cedarschema"))
            .expect("a file")
            .contains("namespace Averment")
    );
    let map = example("schoolhouse-map/register");
    let script = place.run(&["access", "sql", &map, "--store", "app"]).expect(0).stdout;
    assert!(script.contains("create view averment_access.\"users\""));
    place.run(&["access", "sql", &map, "--store", "other"]).expect(2);
}

const CONTRARY: &str = r#"
[[claims]]
kind = "hidden_from"
viewers = ["peer"]
elements = ["contact.email"]
id = "not-peers"
sentence = "Peers do not see addresses."

[[claims]]
kind = "visible_to"
viewers = ["public"]
elements = ["contact"]
when = "subject_chooses"
id = "open"
sentence = "Whoever wants to may show how to be reached."
"#;

#[test]
fn what_is_proved_earns_nothing_and_what_fails_breaks_its_claim() {
    let place = Place::new();
    place.run(&["new", "register", "register"]).expect(0);
    let proofs = place.run(&["access", "prove", &example("thinglink")]).expect(0).stdout;
    assert!(
        proofs
            .lines()
            .any(|line| line.starts_with("holds") && line.contains("list/peers-do-not-see"))
    );
    let grades = |expected: i32| {
        let ran = place
            .run(&["claims", "register", "--format", "json"])
            .expect(expected)
            .stdout;
        let json: serde_json::Value = serde_json::from_str(&ran).expect("JSON");
        let rows = json["claims"].as_array().expect("a list").clone();
        let of = |id: &str| rows.iter().find(|row| row["id"] == id).expect("the claim")["grade"].clone();
        (of("list/not-peers"), of("list/open"))
    };
    std::fs::create_dir_all(place.path("register/claims")).expect("a folder");
    std::fs::write(place.path("register/claims/access.toml"), CONTRARY).expect("a file");
    let prove = ["access", "prove", "register", "--by", "cases", "--record"];
    let said = place.run(&prove).expect(1).stdout;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("since they are anybody as well (shown by `list/open`)"),
        "{said}"
    );
    assert_eq!(grades(1), ("broken".into(), "unverified".into()));
    let mended = CONTRARY.replace("\"public\"", "\"teacher\"");
    std::fs::write(place.path("register/claims/access.toml"), mended).expect("a file");
    place.run(&prove).expect(0);
    assert_eq!(grades(2), ("unverified".into(), "unverified".into()));
    let reasons = place.run(&["claims", "register"]).expect(2).stdout;
    let reasons = reasons.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(reasons.contains("keep to it, proved case by case on"), "{reasons}");
    // Of another register nothing was proved.
    let other = CONTRARY
        .replace("Peers do not", "No peer does")
        .replace("\"public\"", "\"teacher\"");
    std::fs::write(place.path("register/claims/access.toml"), other).expect("a file");
    let reasons = place.run(&["claims", "register"]).expect(2).stdout;
    assert!(!reasons.contains("proved"), "{reasons}");
}
