//! `averment scan`: what a look saw is held against the register, printed, accepted for a time, and moves grades.

use serde_json::{Value, json};

use crate::world::{Place, Ran};

const CLAIM: &str = "list/list-complete";

fn write(place: &Place, name: &str, text: &str) {
    let path = place.path(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// A register whose only recipient is seen in browsers.
fn register(place: &Place) {
    write(place, "register/organisation.toml", "organisation = \"Reading Room\"\n");
    write(
        place,
        "register/claims/list.toml",
        "[[claims]]\nkind = \"list_complete\"\nsentence = \"Nobody else gets data.\"\n",
    );
    let desk = r#"
recipient = "desk"
third_parties = []
name = "New Desk"
purpose = "To answer questions."
information = "What people write."
planes = ["browser"]
role = "processor"
student_records = "possible"
hosts = ["api.new-desk.org"]
[[discloses]]
elements = ["contact.email"]
subjects = ["student"]
when = "on_support_request"
"#;
    write(place, "register/recipients/desk.toml", desk);
}

fn party(domain: &str) -> Value {
    let host = format!("api.{domain}");
    json!({ "party": { "domain": domain }, "plane": "browser", "hosts": [host], "evidence": [{
        "how": "script", "what": format!("https://{host}/t.js"), "spot": { "file": "app/index.html", "line": 7 },
        "tier": "embedded", "confidence": "certain" }] })
}

/// What a look at the browser saw, at a minute of an hour that is gone.
fn seen(place: &Place, minute: u8, live: u64, parties: &[Value]) {
    let at = format!("2026-11-01T08:{minute:02}:00Z");
    let seen = json!({ "look": "crawl.site", "planes": ["browser"], "from": at, "until": at, "observations": parties,
        "coverage": { "read": 10, "live": live, "bytes": 100 } });
    write(place, "seen.json", &seen.to_string());
}

fn scan(place: &Place, more: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["scan", "seen", "seen.json", "--register", "register"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    place.run(&arguments)
}

fn house(parties: &[Value]) -> Place {
    let place = Place::new();
    register(&place);
    seen(&place, 0, 10, parties);
    place
}

#[test]
fn drift_ends_with_1_nothing_seen_with_2_and_only_what_holds_with_0() {
    let place = house(&[party("new-desk.org"), party("evil.org")]);
    let told = scan(&place, &[]).expect(1).stdout;
    assert!(
        told.contains("error: `evil.org` is embedded, and no recipient declares it"),
        "{told}"
    );
    assert!(
        told.contains("  --> app/index.html:7  script https://api.evil.org/t.js\n"),
        "{told}"
    );
    scan(&place, &["--own", "evil.org"]).expect(0);
    seen(&place, 0, 0, &[]);
    let blind = scan(&place, &[]).expect(2).stdout;
    assert!(blind.contains("this is no pass"), "{blind}");
    seen(&place, 0, 10, &[]);
    scan(&place, &[]).expect(0);
}

#[test]
fn what_ends_with_1_and_what_is_strict_can_be_chosen() {
    let place = house(&[]);
    let mut allowed = party("evil.org");
    allowed["evidence"][0]["tier"] = "allowed".into();
    seen(&place, 0, 10, &[party("new-desk.org"), allowed]);
    scan(&place, &[]).expect(0);
    scan(&place, &["--fail-on", "warning"]).expect(1);
    let text = std::fs::read_to_string(place.path("seen.json")).expect("the look");
    let part = text.replace(
        "\"bytes\":100",
        "\"bytes\":100,\"unread\":[{\"spot\":{\"file\":\"a.rb\"},\"because\":\"too deep\"}]",
    );
    assert_ne!(text, part);
    write(&place, "seen.json", &part);
    scan(&place, &[]).expect(0);
    scan(&place, &["--strict"]).expect(2);
    scan(&place, &["--own", "com"]).expect(2);
}

#[test]
fn every_format_says_the_same() {
    let place = house(&[party("evil.org")]);
    let document: Value = serde_json::from_str(&scan(&place, &["--format", "json"]).expect(1).stdout).expect("JSON");
    assert_eq!(
        (&document["schema"], &document["counts"]["errors"]),
        (&"averment.drift/1".into(), &1.into())
    );
    let text = scan(&place, &["--format", "sarif", "--out", "drift.sarif"])
        .expect(1)
        .stdout;
    assert!(text.contains("error: `evil.org`"), "{text}");
    let sarif = std::fs::read_to_string(place.path("drift.sarif")).expect("written");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    let file = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(file, &json!({ "uri": "app/index.html", "uriBaseId": "%SRCROOT%" }));
    let markdown = scan(&place, &["--format", "markdown"]).expect(1).stdout;
    assert!(
        markdown.starts_with("### Averment: 1 error, 0 warnings, 1 note"),
        "{markdown}"
    );
    let again = scan(&place, &["--format", "seen"]).expect(0).stdout;
    let (again, before): (Value, Value) = (
        serde_json::from_str(&again).expect("JSON"),
        serde_json::from_str(&std::fs::read_to_string(place.path("seen.json")).expect("the look")).expect("JSON"),
    );
    assert_eq!(again["observations"], before["observations"]);
    for line in scan(&place, &[]).expect(1).stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn drift_is_accepted_only_with_a_reason_and_hand_edits_stay() {
    let place = house(&[party("evil.org")]);
    write(&place, "averment-baseline.toml", "# Kept by the platform team.\n");
    scan(&place, &["--write-baseline"]).expect(1);
    let file = || std::fs::read_to_string(place.path("averment-baseline.toml")).expect("the baseline");
    assert!(file().starts_with("# Kept by the platform team.\n"), "{}", file());
    let accepted = ["--baseline", "averment-baseline.toml"];
    let refused = scan(&place, &accepted);
    assert!(refused.stderr.contains("is accepted without"), "{}", refused.stderr);
    refused.expect(2);
    write(
        &place,
        "averment-baseline.toml",
        &file().replace("reason = \"\"", "reason = \"gone by spring\""),
    );
    let told = scan(&place, &accepted).expect(0).stdout;
    assert!(
        told.contains("0 errors, 0 warnings, 1 note, 1 accepted for a time"),
        "{told}"
    );
    let before = file();
    scan(&place, &["--write-baseline"]).expect(0);
    assert_eq!(file(), before);
    seen(&place, 0, 10, &[party("new-desk.org")]);
    let told = scan(&place, &accepted).expect(0).stdout;
    assert!(told.contains("nothing fits it"), "{told}");
    scan(&place, &["--baseline", "none.toml"]).expect(2);
}

/// The claim's grade and reason in browsers.
fn grade(place: &Place) -> (String, String) {
    let ran = place.run(&["claims", "register", "--claim", CLAIM, "--format", "json"]);
    let claims: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a word").to_owned();
    let mut planes = claims["claims"][0]["planes"].as_array().expect("a list").iter();
    let plane = planes
        .find(|plane| plane["plane"] == "browser")
        .expect("it was looked at");
    (text(&plane["grade"]), text(&plane["reason"]))
}

#[test]
fn a_planted_tracker_breaks_the_sentence_and_a_clean_look_mends_it() {
    let place = house(&[party("new-desk.org"), party("evil.org")]);
    write(
        &place,
        "people.csv",
        "id,role,email\ns-1,student,zoe.newcomer@birch.example\n",
    );
    place.run(&["people", "load", "people.csv"]).expect(0);
    let told = scan(&place, &["--record"]);
    assert!(
        told.stderr.contains("1 of them against their claims"),
        "{}",
        told.stderr
    );
    told.expect(1);
    let (broken, reason) = grade(&place);
    assert_eq!(broken, "broken", "{reason}");
    // Somewhere else nothing is found: that mends nothing here.
    seen(&place, 1, 10, &[party("new-desk.org")]);
    scan(&place, &["--record", "--name", "other"]).expect(0);
    assert_eq!(grade(&place).0, "broken");
    // Neither does a look that saw nothing.
    seen(&place, 2, 0, &[]);
    let blind = scan(&place, &["--record"]);
    assert!(blind.stderr.contains("nothing recorded"), "{}", blind.stderr);
    blind.expect(2);
    assert_eq!(grade(&place).0, "broken");
    seen(&place, 3, 10, &[party("new-desk.org")]);
    scan(&place, &["--record"]).expect(0);
    let (mended, reason) = grade(&place);
    assert_eq!(mended, "monitored", "{reason}");
    place.run(&["attest", "documents"]).expect(0);
}

#[test]
fn what_a_look_saw_becomes_rows_and_twice_adds_nothing() {
    let place = house(&[]);
    let mut desk = party("new-desk.org");
    let passed = |element: &str, subject: Option<&str>| {
        json!({ "element": element, "subject": subject,
        "spot": { "file": "app/form.html", "line": 12 }, "confidence": "likely" })
    };
    desk["passed"] = json!([
        passed("identity.name.full", Some("teacher")),
        passed("contact.phone", None)
    ]);
    seen(&place, 0, 10, &[desk.clone()]);
    let file = "register/recipients/desk.toml";
    let by_hand = std::fs::read_to_string(place.path(file)).expect("the register") + "# By hand.\n";
    write(&place, file, &by_hand);
    let propose = |more: &[&str]| {
        let arguments = ["propose", "register", "--from", "seen.json"];
        let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
        place.run(&arguments)
    };
    let proposed = propose(&[]).expect(1).stdout;
    assert!(
        proposed.contains("# identity.name.full: app/form.html:12\n"),
        "{proposed}"
    );
    assert_eq!(
        std::fs::read_to_string(place.path(file)).expect("it"),
        by_hand,
        "printing writes nothing"
    );
    propose(&["--into", "register"]).expect(1);
    let merged = std::fs::read_to_string(place.path(file)).expect("it");
    assert!(
        merged.starts_with(&by_hand)
            && merged.contains("elements = [\"identity.name.full\"]\nsubjects = [\"teacher\"]"),
        "{merged}"
    );
    assert!(
        merged.contains("# elements = [\"contact.phone\"]"),
        "whose it is was not seen: {merged}"
    );
    propose(&["--into", "register"]).expect(1);
    assert_eq!(std::fs::read_to_string(place.path(file)).expect("it"), merged);
    seen(&place, 0, 10, &[party("evil.org")]);
    let proposed = propose(&["--into", "register"]).expect(1).stdout;
    assert!(proposed.contains("recipients/evil-org.toml"), "{proposed}");
    let new = std::fs::read_to_string(place.path("register/recipients/evil-org.toml")).expect("a new file");
    for part in [
        "planes = [\"browser\"]",
        "hosts = [\"api.evil.org\"]",
        "# app/index.html:7 script https://api.evil.org/t.js\n",
    ] {
        assert!(new.contains(part), "{part} in {new}");
    }
    for more in [&["--into", "register"][..], &[]] {
        let again = propose(more).expect(1).stdout;
        assert!(again.contains("Begun, and not finished yet"), "{again}");
        assert_eq!(
            std::fs::read_to_string(place.path("register/recipients/evil-org.toml")).expect("it"),
            new
        );
    }
    assert_eq!(std::fs::read_to_string(place.path(file)).expect("it"), merged);
    propose(&["--from", "ledger"]).expect(2);
}

/// The folder of the program, in front of everything else that is found.
fn path_with_program() -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_averment"));
    let folder = program.parent().expect("a folder").display().to_string();
    format!("{folder}:/usr/bin:/bin")
}

#[test]
fn the_action_writes_sarif_and_a_summary_and_ends_as_the_look_does() {
    let place = house(&[party("evil.org")]);
    let script = crate::world::root().join("ci/github-action/scan.sh");
    let run = |more: &[(&str, &str)]| {
        let mut command = std::process::Command::new("bash");
        let told = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"].map(|name| (name, place.path(name)));
        command
            .arg(&script)
            .current_dir(place.path(""))
            .env("PATH", path_with_program())
            .envs(told);
        command
            .envs([("LOOK", "seen seen.json"), ("REGISTER", "register")])
            .envs(more.iter().copied());
        Ran::of(command.output().expect("bash runs"))
    };
    let file = |name: &str| std::fs::read_to_string(place.path(name)).unwrap_or_default();
    run(&[]).expect(1);
    assert_eq!(file("GITHUB_OUTPUT"), "sarif=averment.sarif\n");
    assert!(
        file("averment.sarif").contains("\"2.1.0\"") && file("GITHUB_STEP_SUMMARY").contains("### Averment: 1 error")
    );
    run(&[("OWN", "evil.org other.org"), ("STRICT", "true")]).expect(0);
    run(&[("LOOK", "seen $(touch planted)")]).expect(2);
    assert!(!place.path("planted").exists(), "inputs are words and never run");
    run(&[("LOOK", "seen none.json")]).expect(2);
    assert!(
        !place.path("averment.sarif").exists(),
        "an old file is not passed off as this look's"
    );
}

#[test]
fn hooks_and_action_name_commands_and_files_that_are_there() {
    let root = crate::world::root();
    let hooks = std::fs::read_to_string(root.join(".pre-commit-hooks.yaml")).expect("the hooks");
    let entries = hooks
        .lines()
        .filter_map(|line| line.trim().strip_prefix("entry: averment "));
    let commands: Vec<&str> = entries.filter_map(|entry| entry.split(' ').next()).collect();
    assert_eq!(commands, ["check", "scan"]);
    for command in commands {
        Place::new().run(&[command, "--help"]).expect(0);
    }
    let action = std::fs::read_to_string(root.join("ci/github-action/action.yml")).expect("the action");
    let script = std::fs::read_to_string(root.join("ci/github-action/scan.sh")).expect("the script");
    let inputs = action
        .lines()
        .filter_map(|line| line.trim().split_once(": ${{ inputs."));
    for (variable, _) in inputs {
        assert!(script.contains(&format!("${{{variable}")), "{variable} is read");
    }
    assert!(
        !action.lines().any(|line| line.contains("run:") && line.contains("${{")),
        "no input becomes script"
    );
}

#[test]
fn the_projects_own_row_compiles() {
    let place = Place::new();
    let folder = crate::world::root().join("register-of-averment").display().to_string();
    seen(&place, 0, 10, &[party("evil.org")]);
    place
        .run(&["scan", "seen", "seen.json", "--register", &folder])
        .expect(1);
    seen(&place, 0, 10, &[]);
    place
        .run(&["scan", "seen", "seen.json", "--register", &folder])
        .expect(0);
}
