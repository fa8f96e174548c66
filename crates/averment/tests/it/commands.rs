//! Each command as typed: what it prints, how it ends, what it says about bad input.

use crate::world::{Place, Ran, root};

fn example() -> String {
    root().join("examples/codeorg").display().to_string()
}

fn fits(ran: &Ran) {
    let long: Vec<&str> = ran
        .stdout
        .lines()
        .filter(|line| line.chars().count() > 80 && !line.contains("sha256:"))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn help_reads_well_at_80_columns() {
    let place = Place::new();
    let commands: [&[&str]; 16] = [
        &["--help"],
        &["up", "--help"],
        &["gate", "--help"],
        &["sink", "--help"],
        &["people", "--help"],
        &["people", "load", "--help"],
        &["import", "--help"],
        &["check", "--help"],
        &["publish", "--help"],
        &["claims", "--help"],
        &["ledger", "--help"],
        &["ledger", "verify", "--help"],
        &["ledger", "person", "--help"],
        &["explain", "--help"],
        &["detect", "--help"],
        &["--version"],
    ];
    for command in commands {
        let ran = place.run(command).expect(0);
        assert!(!ran.stdout.is_empty());
        fits(&ran);
    }
}

#[test]
fn the_example_register_is_clean_of_errors() {
    let place = Place::new();
    let checked = place.run(&["check", &example()]).expect(0);
    assert!(checked.stdout.contains(": 0 errors, "), "{}", checked.stdout);
    let json = place.run(&["check", &example(), "--format", "json"]).expect(0);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(document["schema"], "averment.check/1");
}

#[test]
fn a_broken_register_is_said_with_every_place_at_once() {
    let place = Place::new();
    let register = place.register_with_mode("amplitude", "enforcing");
    std::fs::write(
        register.join("recipients/twilio.toml"),
        "recipient = \"twillio\"\npurpos = 1\n",
    )
    .expect("a file");
    let checked = place.run(&["check", "register"]).expect(1);
    for expected in [
        "register/recipients/amplitude.toml:",
        "register/recipients/twilio.toml:2:1",
        "hint: ",
        "`purpos`",
    ] {
        assert!(
            checked.stdout.contains(expected),
            "no `{expected}` in\n{}",
            checked.stdout
        );
    }
    fits(&checked);
    let refused = place.run(&["claims", "register"]).expect(2);
    assert!(refused.stderr.contains("errors"), "{}", refused.stderr);
}

#[test]
fn a_missing_register_and_a_missing_folder_are_named() {
    let place = Place::new();
    let missing = place.run(&["check", "nowhere"]).expect(2);
    assert!(
        missing.stderr.contains("`nowhere` is not a register"),
        "{}",
        missing.stderr
    );
    let nothing = place.run(&["ledger", "verify"]).expect(2);
    assert!(nothing.stderr.contains("averment up"), "{}", nothing.stderr);
}

#[test]
fn a_pipe_table_becomes_a_register_and_is_never_written_over_one() {
    let place = Place::new();
    let page = "| Service Provider | Reason | What information is shared? |\n|---|---|---|\n\
                | Twilio | To send text messages. | The phone number that the user enters. No Student Records. |\n";
    std::fs::write(place.path("page.md"), page).expect("a file");
    let imported = place.run(&["import", "page.md", "--into", "r"]).expect(0);
    assert!(
        imported.stdout.contains("recipients                       1"),
        "{}",
        imported.stdout
    );
    place.run(&["check", "r"]).expect(0);
    let again = place.run(&["import", "page.md", "--into", "r"]).expect(2);
    assert!(again.stderr.contains('r'), "{}", again.stderr);
    std::fs::write(place.path("latin.txt"), b"| a | b |\n| caf\xe9 |\n").expect("a file");
    let other = place.run(&["import", "latin.txt", "--into", "r2"]).expect(2);
    assert!(other.stderr.contains("line 2"), "{}", other.stderr);
    assert!(!place.path("r2").exists());
}

#[test]
fn explain_gives_the_verdict_and_sends_nothing() {
    let place = Place::new();
    let people = root().join("examples/people.csv").display().to_string();
    place.run(&["people", "load", &people]).expect(0);
    let request = "POST /2/httpapi HTTP/1.1\r\nHost: api2.amplitude.com\r\nContent-Type: application/json\r\n\r\n\
                   {\"events\":[{\"user_properties\":{\"email\":\"maya.lindqvist@birch.example\"}}]}";
    std::fs::write(place.path("request.txt"), request).expect("a file");
    let explained = place.run(&["explain", &example(), "request.txt"]).expect(1);
    for expected in [
        "recipient  amplitude",
        "verdict    refuse",
        "contact.email of student",
        "user_properties.email",
    ] {
        assert!(
            explained.stdout.contains(expected),
            "no `{expected}` in\n{}",
            explained.stdout
        );
    }
    assert!(!explained.stdout.contains("maya"));
    fits(&explained);
    std::fs::write(
        place.path("clean.txt"),
        request.replace("maya.lindqvist@birch.example", "-"),
    )
    .expect("a file");
    place.run(&["explain", &example(), "clean.txt"]).expect(0);
}

#[test]
fn a_published_site_carries_the_charters_digest() {
    let place = Place::new();
    let published = place.run(&["publish", "--out", "site"]).expect(0);
    let digest = published
        .stdout
        .split_whitespace()
        .find(|word| word.starts_with("sha256:"))
        .expect("a digest")
        .to_owned();
    let page = std::fs::read_to_string(place.path("site/index.html")).expect("a page");
    assert!(page.contains(&digest));
    let json = std::fs::read_to_string(place.path("site/claims.json")).expect("the page as JSON");
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(json.contains(&digest) && document["schema"] == "averment.page/1");
}
