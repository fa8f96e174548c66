//! What looks write, as services and terminals take it: logs by the schema of SARIF, and nothing that a terminal obeys.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::world::{Place, Ran, root};

fn write(place: &Place, name: &str, text: &str) {
    let path = place.path(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

/// A register with one recipient.
fn house() -> Place {
    let place = Place::new();
    write(
        &place,
        "register/organisation.toml",
        "organisation = \"Reading Room\"\n",
    );
    let desk = "recipient = \"desk\"\nthird_parties = []\nname = \"New Desk\"\npurpose = \"To answer questions.\"\n\
                information = \"What people write.\"\nplanes = [\"browser\", \"gateway\"]\nrole = \"processor\"\n\
                student_records = \"possible\"\nhosts = [\"api.new-desk.org\"]\n";
    write(&place, "register/recipients/desk.toml", desk);
    place
}

fn log(place: &Place, look: &[&str]) -> Value {
    let ran = place.run(&[&["scan"], look, &["--format", "sarif"]].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{look:?}: {} {}", ran.stdout, ran.stderr))
}

/// Every `uri` of a log.
fn addresses(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("uri").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|one| addresses(one, found));
        }
        Value::Array(all) => all.iter().for_each(|one| addresses(one, found)),
        _ => {}
    }
}

#[test]
fn every_look_writes_what_code_scanning_services_take() {
    let place = house();
    write(&place, "code/a.js", "fetch('https://api.openai.com/v1')\n");
    let page = "https://learn.birch-school.org/a b";
    let entry = |kind: &str, url: &str| {
        json!({ "pageref": "p", "startedDateTime": "2026-11-20T08:00:00Z", "_resourceType": kind,
            "request": { "method": "GET", "url": url, "headers": [] }, "response": { "status": 200, "headers": [] } })
    };
    let entries = [
        entry("document", page),
        entry("image", "https://px.for-everybody.com/i.gif?who=mina@birch.example"),
        entry("script", "http://cdn.plain-http.com/a.js"),
    ];
    let recorded = json!({ "log": { "version": "1.2", "pages": [{ "id": "p", "title": page }], "entries": entries } });
    write(&place, "a.har", &recorded.to_string());
    write(
        &place,
        "school.sql",
        "create table users (id int primary key, email text);\n",
    );
    write(
        &place,
        "tickets.json",
        "[{\"id\": 1, \"text\": \"from mina@birch.example\"}]",
    );
    let schema = include_str!("../../../averment-scan/tests/sarif-2.1.0.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let schema = jsonschema::JSONSchema::options()
        .should_validate_formats(true)
        .compile(&schema)
        .expect("a schema");
    for look in [
        &["code", "code", "--root", "code"][..],
        &["har", "a.har"],
        &["schema", "school.sql"],
        &["export", "tickets.json", "--of", "atlassian-jira", "--without-people"],
    ] {
        let log = log(&place, look);
        let wrong = schema.validate(&log).err().into_iter().flatten();
        let wrong: Vec<String> = wrong.map(|error| format!("{}: {error}", error.instance_path)).collect();
        assert_eq!(wrong, [""; 0], "{look:?}");
        assert!(
            !log["runs"][0]["results"].as_array().expect("a list").is_empty(),
            "{look:?}"
        );
        let mut files = Vec::new();
        addresses(&log, &mut files);
        for file in files {
            assert!(
                !file.contains(':') && !file.is_empty(),
                "`{file}` is no file of a repository"
            );
            let there = !file.starts_with("register/") || place.path(&file).is_file();
            assert!(there, "{look:?} names {file}");
        }
    }
    let har = log(&place, &["har", "a.har"]).to_string();
    assert!(
        har.contains("register/recipients/desk.toml"),
        "what was not seen: {har}"
    );
    assert!(
        har.contains("(on https://learn.birch-school.org/") && !har.contains("mina"),
        "{har}"
    );
}

/// Names with what a terminal, or a reader's eye, would obey.
const NAMES: [&str; 4] = [
    "a\u{1b}]0;owned\u{7}.js",
    "b\u{202e}sj.\u{2066}js.js",
    "c\n## d\r.js",
    "e\u{9b}2J\u{7f}\u{feff}.js",
];

/// What no document for a terminal may hold, but for line feeds.
fn obeyed(text: &str) -> Option<char> {
    text.chars().find(|c| {
        (c.is_control() && *c != '\n')
            || ('\u{200b}'..='\u{200f}').contains(c)
            || ('\u{202a}'..='\u{202e}').contains(c)
            || ('\u{2066}'..='\u{2069}').contains(c)
            || *c == '\u{feff}'
    })
}

#[test]
fn no_format_hands_on_orders_that_stand_in_names_of_files() {
    let place = house();
    for name in NAMES {
        write(&place, &format!("code/{name}"), "fetch('https://api.openai.com/v1')\n");
    }
    let formats = ["text", "json", "sarif", "markdown", "seen"];
    let look = |format: &str, more: &[&str]| place.run(&[&["scan", "code", "code", "--format", format], more].concat());
    for format in formats {
        let Ran { stdout, stderr, .. } = look(format, &["--places", "9"]);
        assert_eq!((obeyed(&stdout), obeyed(&stderr)), (None, None), "{format}: {stdout:?}");
        assert!(stdout.contains("owned"), "{format}: {stdout}");
        let file = format!("out.{format}");
        look(format, &["--out", &file]);
        let written = std::fs::read_to_string(place.path(&file)).expect("written");
        assert_eq!(obeyed(&written), None, "{format}");
        let also = format!("{format}=also.{format}");
        look("text", &["--also", &also]);
        let besides = std::fs::read_to_string(place.path(&format!("also.{format}"))).expect("written");
        // The others say when they looked.
        let same = besides == written || ["json", "seen"].contains(&format);
        assert!(same && obeyed(&besides).is_none(), "{format}: {besides}");
    }
    let seen: Value = serde_json::from_str(&look("seen", &[]).stdout).expect("JSON");
    let evidence = seen["observations"][0]["evidence"].as_array().expect("a list");
    let files: Vec<&str> = evidence.iter().filter_map(|one| one["spot"]["file"].as_str()).collect();
    assert_eq!(files, NAMES, "a program reads the names as they are");
    let proposed = place.run(&["propose", "register", "--from", "out.seen"]).stdout;
    assert!(
        obeyed(&proposed).is_none() && proposed.contains("owned"),
        "{proposed:?}"
    );
}

#[test]
fn no_error_hands_on_orders_that_stand_in_what_was_given() {
    let place = house();
    write(&place, "code/a.js", "fetch('https://api.openai.com/v1')\n");
    let entry = "[[accepted]]\nrule = \"plain-http\"\nsubject = \"x\\u001b]0;owned\\u0007\\u202e\\u009b\"\nreason = \"\"\n\
                 until = 2027-01-01\n";
    for baseline in [
        entry.to_owned(),
        entry.replace("plain-http", "owned\\u001b[2J"),
        entry.replace("reason = \"\"", "reason = \"x\"\nmistaken = true"),
        "owned\u{1b}[2J = \u{202e}".to_owned(),
    ] {
        write(&place, "averment-baseline.toml", &baseline);
        let ran = place
            .run(&["scan", "code", "code", "--baseline", "averment-baseline.toml"])
            .expect(2);
        assert_eq!(obeyed(&ran.stderr), None, "{:?}", ran.stderr);
    }
    let ran = place.run(&["scan", "seen", "no\u{1b}]0;owned\u{7}.json"]).expect(2);
    assert!(
        obeyed(&ran.stderr).is_none() && ran.stderr.contains("owned"),
        "{:?}",
        ran.stderr
    );
}

#[test]
fn nothing_is_held_against_a_register_that_nobody_named() {
    let place = Place::new();
    write(&place, "code/a.js", "fetch('https://api.openai.com/v1')\n");
    let ran = place.run(&["scan", "code", "code"]).expect(2);
    assert!(ran.stderr.contains("no register to hold it against"), "{}", ran.stderr);
    place.run(&["scan", "code", "code", "--record"]).expect(2);
    place.run(&["scan", "code", "code", "--format", "seen"]).expect(0);
    place
        .run(&["scan", "code", "code", "--format", "seen", "--also", "json=a.json"])
        .expect(2);
    write(
        &place,
        "register/organisation.toml",
        "organisation = \"Reading Room\"\n",
    );
    let ran = place.run(&["scan", "code", "code"]).expect(1);
    assert!(ran.stderr.contains("held against `register`"), "{}", ran.stderr);
    for also in ["sarif", "sarif=", "=a", "sari=a"] {
        place.run(&["scan", "code", "code", "--also", also]).expect(2);
    }
}

/// The scripts of the action, with a path of their own.
fn action(script: &str, place: &Place, path: &str, environment: &[(&str, &str)]) -> Ran {
    let told = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH"].map(|name| (name, place.path(name)));
    let mut command = Command::new("/bin/bash");
    command
        .arg(root().join("ci/github-action").join(script))
        .current_dir(place.path(""))
        .env("PATH", path)
        .envs(told)
        .envs(environment.iter().copied());
    Ran::of(command.output().expect("bash runs"))
}

#[test]
fn the_action_takes_a_path_with_a_space_and_looks_once() {
    let place = house();
    write(&place, "my apps/a.js", "fetch('https://api.openai.com/v1')\n");
    let program = Path::new(env!("CARGO_BIN_EXE_averment")).parent().expect("a folder");
    let path = format!("{}:/usr/bin:/bin", program.display());
    let run = |look: &str, more: &[(&str, &str)]| {
        let environment = [
            &[("LOOK", look), ("REGISTER", "register"), ("SARIF", "my log.sarif")],
            more,
        ]
        .concat();
        action("scan.sh", &place, &path, &environment)
    };
    let file = |name: &str| std::fs::read_to_string(place.path(name)).unwrap_or_default();
    run(
        "code \"my apps\" --no-cache",
        &[("NAME", "web"), ("OWN", "a.org b.org")],
    )
    .expect(1);
    assert_eq!(file("GITHUB_OUTPUT"), "sarif=my log.sarif\n");
    assert!(file("my log.sarif").contains("averment/scan.code/web/"));
    assert!(file("GITHUB_STEP_SUMMARY").starts_with("### Averment: 1 error"));
    run("code 'my apps' --no-cache", &[("OWN", "openai.com")]).expect(0);
    let ran = run("code \"my apps", &[]).expect(2);
    assert!(
        ran.stderr.contains("every quote needs its other half"),
        "{}",
        ran.stderr
    );
    run("code *", &[]).expect(2);
    action("install.sh", &place, &path, &[]).expect(0);
    assert_eq!(file("GITHUB_PATH"), "", "it is there already");
    let without = action("install.sh", &place, "/usr/bin:/bin", &[]);
    assert!(
        without.stderr.contains("no cargo to build it with"),
        "{}",
        without.stderr
    );
    without.expect(2);
}
