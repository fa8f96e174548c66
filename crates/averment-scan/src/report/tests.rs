use std::collections::{BTreeMap, BTreeSet};

use averment_register::{Source, compile};
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;
use crate::drift::{Accepted, Drift, drift};
use crate::observation::Spot;
use crate::seen::Seen;

/// What a hostile page may hold: a terminal's orders, text that turns round, markup, mentions.
const HOSTILE: &str = "a\u{1b}]0;x\u{7}\u{202e}b|`c`<script>@everyone\n# d.js";

fn report(observations: &Value, live: u64) -> Report {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Reading Room\"\n");
    let charter = compile(&source).charter.expect("a register");
    let seen = json!({
        "look": "scan.code",
        "planes": ["gateway"],
        "from": "2026-11-01T08:00:00Z",
        "until": "2026-11-01T08:00:00Z",
        "observations": observations,
        "coverage": { "read": 10, "live": live, "bytes": 1000, "left_out": { "ignored": 3 },
            "unread": [{ "spot": { "file": "broken.rb" }, "because": "too deep" }] },
    });
    let seen: Seen = serde_json::from_value(seen).expect("what a look writes");
    drift(&charter, seen, &BTreeSet::new())
}

#[test]
fn what_a_terminal_obeys_is_written_out_in_documents() {
    let hostile = "a\u{7f}\u{9b}\u{202e}\u{e0041}\"b\\";
    let document = visible_json(&json!({ "x": hostile }).to_string());
    assert_eq!(visible(&document), document);
    assert_eq!(serde_json::from_str::<Value>(&document).expect("JSON")["x"], hostile);
    let text = visible_toml(hostile);
    assert_eq!(visible(&text), text);
    let table: toml::Table = format!("x = {text}").parse().expect("TOML");
    assert_eq!(table["x"].as_str(), Some(hostile));
}

fn evidence(what: &str, file: &str, line: u32) -> Value {
    json!({ "how": "host", "what": what, "spot": { "file": file, "line": line, "column": 5 }, "tier": "contacted", "confidence": "certain" })
}

fn party(domain: &str, evidence: &[Value]) -> Value {
    json!({ "party": { "domain": domain }, "plane": "gateway", "hosts": [format!("api.{domain}")], "evidence": evidence })
}

fn planted() -> Report {
    let places: Vec<Value> = (1..=8)
        .map(|line| evidence("api.evil.org", "app/models/student.rb", line))
        .collect();
    report(
        &json!([
            party("evil.org", &places),
            party("quiet.org", &[evidence("api.quiet.org", "lib/a.rb", 2)])
        ]),
        8,
    )
}

fn hostile() -> Report {
    report(&json!([party(HOSTILE, &[evidence(HOSTILE, HOSTILE, 1)])]), 1)
}

fn accepted(mut report: Report) -> Report {
    report.drift[0].accepted = Some(Accepted {
        reason: "gone by spring".to_owned(),
        until: date(2027, 1, 1),
        mistaken: false,
    });
    report
}

const ROOTS: Roots<'_> = Roots {
    read: "",
    register: Some("register"),
    recipients: None,
    name: None,
};

#[test]
fn a_terminal_is_told_who_what_and_where() {
    let expected = "\
evil.org

error: `evil.org` is contacted, and no recipient declares it
  --> app/models/student.rb:1:5  host api.evil.org
  --> app/models/student.rb:2:5  host api.evil.org
  and 6 more places
hint: declare it, or take it out; `averment propose` drafts the row
rule: undeclared-recipient, subject `evil.org gateway`

quiet.org

error: `quiet.org` is contacted, and no recipient declares it
  --> lib/a.rb:2:5  host api.quiet.org
hint: declare it, or take it out; `averment propose` drafts the row
rule: undeclared-recipient, subject `quiet.org gateway`

2 errors, 0 warnings, 0 notes
scan.code: 10 read, 8 of them live, 1 could not be read
  3 left out: ignored
  could not read broken.rb: too deep
";
    assert_eq!(text(&planted(), 2), expected);
    let accepted = text(&accepted(planted()), 2);
    assert!(!accepted.contains("evil.org") && accepted.contains("1 error, 0 warnings, 0 notes, 1 accepted for a time"));
    assert!(text(&report(&json!([]), 0), 2).ends_with("this is no pass\n"));
}

#[test]
fn no_terminal_obeys_what_was_read_and_places_fit_80_columns() {
    let long = "very/".repeat(60);
    for report in [
        hostile(),
        report(&json!([party("evil.org", &[evidence(&"x".repeat(300), &long, 1)])]), 1),
    ] {
        let text = text(&report, 5);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'));
        let places = text.lines().filter(|line| line.starts_with("  --> "));
        assert!(
            places.clone().count() == 1 && places.clone().all(|line| line.chars().count() <= 80),
            "{text}"
        );
    }
}

#[test]
fn the_document_is_as_its_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../../schema/drift.schema.json")).expect("JSON");
    let schema = jsonschema::JSONSchema::options().compile(&schema).expect("a schema");
    for report in [planted(), hostile(), accepted(planted()), report(&json!([]), 0)] {
        let document = json(&report);
        let wrong = schema.validate(&document).err();
        let wrong: Vec<String> = wrong.into_iter().flatten().map(|error| error.to_string()).collect();
        assert_eq!(wrong, [""; 0]);
    }
    let rules: BTreeSet<String> = crate::drift::Rule::all().map(|rule| rule.as_str().to_owned()).collect();
    let schema: Value = serde_json::from_str(include_str!("../../schema/drift.schema.json")).expect("JSON");
    let listed = schema["$defs"]["drift"]["properties"]["rule"]["enum"]
        .as_array()
        .expect("a list");
    assert_eq!(
        rules,
        listed
            .iter()
            .filter_map(|rule| rule.as_str().map(str::to_owned))
            .collect()
    );
    let mut document = json(&planted());
    document["drift"][0]["rule"] = "other".into();
    let schema = jsonschema::JSONSchema::options().compile(&schema).expect("a schema");
    assert!(!schema.is_valid(&document), "the schema can say no");
}

/// What SARIF 2.1.0 asks: by its schema, and by section what the schema does not say.
fn assert_sarif(log: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../tests/sarif-2.1.0.schema.json")).expect("JSON");
    let mut options = jsonschema::JSONSchema::options();
    let schema = options
        .should_validate_formats(true)
        .compile(&schema)
        .expect("a schema");
    let wrong = schema.validate(log).err().into_iter().flatten();
    let wrong: Vec<String> = wrong.map(|error| format!("{}: {error}", error.instance_path)).collect();
    assert_eq!(wrong, [""; 0]);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("3.19.23");
    for rule in rules {
        assert!(
            rule["help"]["text"].is_string() && rule["fullDescription"]["text"].is_string(),
            "3.49"
        );
    }
    let mut prints = BTreeSet::new();
    for result in run["results"].as_array().expect("3.14.23") {
        let index = result["ruleIndex"].as_u64().expect("3.27.6") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().expect("3.27.10")));
        assert!(!result["message"]["text"].as_str().expect("3.11").contains('\u{1b}'));
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        for location in result["locations"].as_array().expect("3.27.12").iter().chain(related) {
            if location.get("physicalLocation").is_none() {
                assert!(
                    location["logicalLocations"][0]["fullyQualifiedName"].is_string(),
                    "3.28.4"
                );
                continue;
            }
            let file = &location["physicalLocation"]["artifactLocation"];
            let uri = file["uri"].as_str().expect("3.4.3");
            assert!(
                uri.bytes()
                    .all(|byte| byte.is_ascii_graphic() && !b"<>\"`|".contains(&byte)),
                "{uri}"
            );
            let base = file["uriBaseId"].as_str();
            assert!(
                base.is_none_or(|base| base == "%SRCROOT%" || run["originalUriBaseIds"].get(base).is_some()),
                "3.4.4"
            );
            assert!(
                location["physicalLocation"]["region"]["startLine"].as_u64() >= Some(1),
                "3.30.5"
            );
        }
        assert!(
            prints.insert(result["partialFingerprints"].to_string()),
            "3.27.17: one result, one fingerprint"
        );
    }
}

#[test]
fn code_scanning_services_get_what_they_ask_for() {
    for report in [planted(), hostile(), accepted(planted()), report(&json!([]), 0)] {
        assert_sarif(&sarif(&report, ROOTS, "0.1.0"));
        assert_sarif(&sarif(
            &report,
            Roots {
                read: "web app",
                ..Roots::default()
            },
            "0.1.0",
        ));
    }
    let log = sarif(
        &accepted(planted()),
        Roots {
            read: "web",
            name: Some("student"),
            ..Roots::default()
        },
        "0.1.0",
    );
    let result = &log["runs"][0]["results"][0];
    assert_eq!(
        result["suppressions"][0]["justification"],
        "gone by spring (until 2027-01-01)"
    );
    assert_eq!(result["relatedLocations"].as_array().map(Vec::len), Some(7));
    assert_eq!(log["runs"][0]["originalUriBaseIds"]["SOURCE"]["uri"], "web/");
    assert_eq!(log["runs"][0]["automationDetails"]["id"], "averment/scan.code/student/");
    let unread = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0];
    assert_eq!(unread["message"]["text"], "could not be read: too deep");
    let blind = sarif(&report(&json!([]), 0), ROOTS, "0.1.0");
    assert_eq!(blind["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn tables_of_a_server_are_placed_in_the_data_map() {
    let mut report = report(&json!([]), 1);
    let at = |file: &str| Spot {
        file: file.to_owned(),
        ..Spot::default()
    };
    report.drift = ["postgresql", "app.sqlite3"]
        .map(|file| Drift {
            rule: crate::drift::Rule::UnmappedColumn,
            severity: Severity::Error,
            party: None,
            message: "column `users.x` is not in the data map".to_owned(),
            hint: None,
            subject: "app users.x".to_owned(),
            places: vec![at(file)],
            accepted: None,
        })
        .to_vec();
    report.seen.coverage.unread[0].spot = at("mariadb");
    let log = sarif(&report, ROOTS, "0.1.0");
    assert_sarif(&log);
    let place = |result: usize| log["runs"][0]["results"][result]["locations"][0].clone();
    let file = |place: &Value| place["physicalLocation"]["artifactLocation"]["uri"].clone();
    assert_eq!(
        (file(&place(0)), file(&place(1))),
        (json!("register/data/app.toml"), json!("app.sqlite3"))
    );
    assert_eq!(place(0)["logicalLocations"][0]["fullyQualifiedName"], "postgresql");
    let unread = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["locations"][0];
    assert!(
        unread.get("physicalLocation").is_none() && unread.get("logicalLocations").is_some(),
        "{unread}"
    );
}

#[test]
fn a_fingerprint_stays_when_lines_move() {
    let prints = |line: u32| {
        let report = report(
            &json!([party("evil.org", &[evidence("api.evil.org", "a.rb", line)])]),
            1,
        );
        sarif(&report, ROOTS, "0.1.0")["runs"][0]["results"][0]["partialFingerprints"].clone()
    };
    assert_eq!(prints(3), prints(300));
    let other = report(&json!([party("other.org", &[evidence("api.other.org", "a.rb", 3)])]), 1);
    assert_ne!(
        prints(3),
        sarif(&other, ROOTS, "0.1.0")["runs"][0]["results"][0]["partialFingerprints"]
    );
}

#[test]
fn a_page_of_a_browser_is_no_file_that_a_service_would_refuse() {
    let page = "https://room.example/a b";
    let places = [
        evidence("api.evil.org", page, 1),
        evidence("api.evil.org", "app/a.js", 4),
    ];
    let log = sarif(&report(&json!([party("evil.org", &places)]), 1), ROOTS, "0.1.0");
    assert_sarif(&log);
    let results = log["runs"][0]["results"].as_array().expect("3.14.23");
    let of = |file: &str| {
        let here = |one: &&Value| one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == file;
        results.iter().find(here).unwrap_or_else(|| panic!("{file} in {log:#}"))
    };
    let location = &of("register/organisation.toml")["locations"][0];
    assert_eq!(location["logicalLocations"][0]["fullyQualifiedName"], page);
    let told = of("register/organisation.toml")["message"]["text"]
        .as_str()
        .unwrap_or_default();
    assert!(told.contains("(on https://room.example/a b)"), "{told}");
    assert!(!of("app/a.js")["message"]["text"].to_string().contains("room.example"));
    assert!(!log["runs"][0]["results"].to_string().contains("\"uri\":\"http"));
}

#[test]
fn each_file_that_a_third_party_is_in_has_a_result_of_its_own() {
    let one = [evidence("api.evil.org", "a.rb", 3), evidence("api.evil.org", "a.rb", 9)];
    let two = [&one[..], &[evidence("api.evil.org", "b.rb", 5)]].concat();
    let results = |places: &[Value]| {
        let log = sarif(&report(&json!([party("evil.org", places)]), 1), ROOTS, "0.1.0");
        assert_sarif(&log);
        log["runs"][0]["results"].as_array().expect("3.14.23").clone()
    };
    let (before, after) = (results(&one), results(&two));
    assert_eq!((before.len(), after.len()), (1, 2));
    assert_eq!(before[0]["partialFingerprints"], after[0]["partialFingerprints"]);
    assert_eq!(before[0]["relatedLocations"].as_array().map(Vec::len), Some(1));
    let place = &after[1]["locations"][0]["physicalLocation"];
    assert_eq!(
        (&place["artifactLocation"]["uri"], &place["region"]["startLine"]),
        (&"b.rb".into(), &5.into())
    );
}

#[test]
fn a_pull_request_gets_a_table_that_nothing_breaks_out_of() {
    let out = markdown(&planted(), 2);
    assert!(
        out.starts_with("### Averment: 2 errors, 0 warnings, 0 notes\n\n<details open>"),
        "{out}"
    );
    assert!(out.contains("and 6 more"));
    assert_eq!(out.matches("<details").count(), out.matches("</details>").count());
    let out = markdown(&hostile(), 2);
    for broken in ["<script", "@everyone", "`c`", "\u{1b}", "\u{202e}", "\n# d"] {
        assert!(!out.contains(broken), "{broken:?} in {out}");
    }
    let row = out.lines().find(|line| line.starts_with("| error")).expect("a row");
    assert_eq!(row.matches('|').count(), 5, "{row}");
    assert!(markdown(&report(&json!([]), 0), 2).contains("this is no pass"));
}

#[test]
fn what_is_long_stays_short_enough_for_a_comment() {
    let many: Vec<Value> = (0..5000)
        .map(|n| party(&format!("evil{n}.org"), &[evidence("x", &"a/|".repeat(120), 1)]))
        .collect();
    assert!(markdown(&report(&Value::from(many), 1), 5).len() < 65_536);
}

#[test]
fn drift_without_a_place_is_about_the_register() {
    let mut report = planted();
    report.drift = vec![Drift {
        places: Vec::new(),
        rule: crate::drift::Rule::NeverSeen,
        subject: "desk browser".to_owned(),
        ..report.drift[0].clone()
    }];
    let recipients = BTreeMap::from([("desk".to_owned(), "recipients/desk.toml".to_owned())]);
    for (recipients, expected) in [
        (Some(&recipients), "register/recipients/desk.toml"),
        (None, "register/organisation.toml"),
    ] {
        let log = sarif(&report, Roots { recipients, ..ROOTS }, "0.1.0");
        assert_sarif(&log);
        let file = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(file["uri"], expected);
    }
    assert_eq!(
        sarif(&report, Roots::default(), "0.1.0")["runs"][0]["results"][0]["locations"],
        json!([])
    );
}
