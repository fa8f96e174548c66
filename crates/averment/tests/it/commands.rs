//! Each command as typed: what it prints, how it ends, what it says about bad input.

use std::collections::BTreeSet;

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
    let commands: [&[&str]; 40] = [
        &["--help"],
        &["up", "--help"],
        &["gate", "--help"],
        &["sink", "--help"],
        &["people", "--help"],
        &["people", "load", "--help"],
        &["people", "add", "--help"],
        &["people", "remove", "--help"],
        &["people", "sync", "--help"],
        &["people", "status", "--help"],
        &["import", "--help"],
        &["check", "--help"],
        &["diff", "--help"],
        &["publish", "--help"],
        &["claims", "--help"],
        &["ledger", "--help"],
        &["ledger", "verify", "--help"],
        &["ledger", "person", "--help"],
        &["ledger", "recipient", "--help"],
        &["ledger", "breach", "--help"],
        &["ledger", "export", "--help"],
        &["ledger", "index", "--help"],
        &["explain", "--help"],
        &["fmt", "--help"],
        &["new", "--help"],
        &["new", "register", "--help"],
        &["new", "recipient", "--help"],
        &["new", "school", "--help"],
        &["schema", "--help"],
        &["detect", "--help"],
        &["consent", "--help"],
        &["consent", "give", "--help"],
        &["consent", "withdraw", "--help"],
        &["consent", "list", "--help"],
        &["consent", "history", "--help"],
        &["env", "--help"],
        &["run", "--help"],
        &["top", "--help"],
        &["propose", "--help"],
        &["--version"],
    ];
    for command in commands {
        let ran = place.run(command).expect(0);
        assert!(!ran.stdout.is_empty());
        fits(&ran);
    }
}

/// Three published rows say "No Student Records" beside what students make: errors, and the charter is made all the same.
#[test]
fn the_example_register_has_a_charter_and_the_contradictions_of_the_published_list() {
    let place = Place::new();
    place.register_with_mode("amplitude", "enforce");
    let checked = place.run(&["check", "register"]).expect(1);
    assert!(checked.stdout.contains(": 3 errors, "), "{}", checked.stdout);
    assert!(
        checked.stdout.contains("said: codeorg-service-providers.txt line 30"),
        "{}",
        checked.stdout
    );
    assert!(checked.stdout.contains("\ncharter "), "{}", checked.stdout);
    fits(&checked);
    let json = place.run(&["check", &example(), "--format", "json"]).expect(1);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(document["schema"], "averment.check/2");
    let sarif = place.run(&["check", &example(), "--format", "sarif"]).expect(1);
    let log: serde_json::Value = serde_json::from_str(&sarif.stdout).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
}

/// Those that retell real pages say what is wrong with them; our own platforms have nothing wrong.
#[test]
fn every_example_register_is_checked_and_our_own_hold() {
    let place = Place::new();
    for (register, code, counted) in [
        ("schoolhouse/register", 0, "0 errors, 0 warnings, "),
        ("schoolhouse-map/register", 0, "0 errors, 2 warnings, "),
        ("thinglink", 1, "2 errors, "),
        ("cocalc", 1, "1 errors, "),
        ("codeorg", 1, "3 errors, "),
    ] {
        let path = root().join("examples").join(register).display().to_string();
        let checked = place.run(&["check", &path]).expect(code);
        assert!(
            checked.stdout.contains(&format!(": {counted}")),
            "{register}: {}",
            checked.stdout
        );
    }
}

#[test]
fn a_page_is_checked_before_anything_is_imported() {
    let place = Place::new();
    let page = "| Service Provider | Reason | What information is shared? |\n|---|---|---|\n\
                | Twilio | To send text messages. | The phone number, etc. |\n";
    std::fs::write(place.path("page.md"), page).expect("a file");
    let checked = place.run(&["check", "page.md"]).expect(0);
    for expected in ["page.md:3:", "`etc` leaves open", "next: `averment import page.md"] {
        assert!(
            checked.stdout.contains(expected),
            "no `{expected}` in\n{}",
            checked.stdout
        );
    }
    fits(&checked);
    let mut latin = page.as_bytes().to_vec();
    latin.extend(b"| Caf\xe9 Mail | To send letters. | The city, etc. |\n");
    std::fs::write(place.path("latin.md"), latin).expect("a file");
    let checked = place.run(&["check", "latin.md"]).expect(0);
    assert!(checked.stdout.contains("latin.md:4:"), "{}", checked.stdout);
    let large = std::fs::File::create(place.path("large.md")).expect("a file");
    large.set_len(16 * 1024 * 1024 + 1).expect("a sparse file");
    let refused = place.run(&["check", "large.md"]).expect(2);
    assert!(refused.stderr.contains("larger than 16777216"), "{}", refused.stderr);
}

#[test]
fn a_time_zone_that_there_is_not_is_found_before_a_breach() {
    let place = Place::new();
    let register = place.path("register");
    std::fs::create_dir_all(register.join("controllers")).expect("a folder");
    std::fs::write(register.join("organisation.toml"), "organisation = \"Example\"\n").expect("a file");
    let school = |zone: &str| {
        let text = format!("controller = \"north\"\nname = \"North School\"\nzone = \"{zone}\"\n");
        std::fs::write(register.join("controllers/north.toml"), text).expect("a file");
        place.run(&["check", "register"])
    };
    let said = school("America/Chigaco").expect(1).stdout;
    for expected in [
        "unknown-zone",
        "controllers/north.toml:3:8",
        "no time zone `America/Chigaco`",
    ] {
        assert!(said.contains(expected), "no `{expected}` in\n{said}");
    }
    for zone in ["America/Chicago", "UTC", "US/Central"] {
        let said = school(zone).expect(0).stdout;
        assert!(!said.contains("zone"), "{said}");
    }
}

/// A day on which a finding can be accepted.
#[expect(clippy::disallowed_methods, reason = "the program under test reads the clock")]
fn soon() -> jiff::civil::Date {
    use jiff::ToSpan;
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.saturating_add(30.days())
}

#[test]
fn a_history_that_cannot_be_read_is_not_begun_again_unasked() {
    let place = Place::new();
    place.run(&["publish", "--out", "site"]).expect(0);
    for name in ["page.json", "changes.json"] {
        let file = place.path("site").join(name);
        let good = std::fs::read(&file).expect("a file");
        for broken in [Some("{"), None] {
            match broken {
                Some(text) => std::fs::write(&file, text).expect("a file"),
                None => std::fs::remove_file(&file).expect("a file"),
            }
            let refused = place.run(&["publish", "--out", "site"]).expect(2);
            assert!(refused.stderr.contains("`--previous none`"), "{}", refused.stderr);
            assert_eq!(std::fs::read_to_string(&file).ok().as_deref(), broken);
        }
        std::fs::write(&file, good).expect("a file");
    }
    std::fs::write(place.path("site/changes.json"), "{").expect("a file");
    place.run(&["publish", "--out", "site", "--previous", "none"]).expect(0);
    place.run(&["publish", "--out", "site"]).expect(0);
}

#[test]
fn an_accepted_finding_is_counted_and_shown_when_asked_for() {
    let place = Place::new();
    let register = place.register_with_mode("amplitude", "enforce");
    let file = register.join("organisation.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    let rule = "no-student-records-beside-content";
    let until = soon();
    let found = place.run(&["check", "register", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&found.stdout).expect("JSON");
    let findings = found["findings"].as_array().expect("findings").iter();
    let files: BTreeSet<&str> = findings
        .filter(|finding| finding["code"] == rule)
        .map(|finding| finding["file"].as_str().expect("a file"))
        .collect();
    let row = |file: &&str| {
        format!(
            "\n[[suppressions]]\nrule = \"{rule}\"\nfile = \"{file}\"\nreason = \"being discussed\"\nuntil = {until}\n"
        )
    };
    let rows: String = files.iter().map(row).collect();
    std::fs::write(&file, text + &rows).expect("a file");
    let checked = place.run(&["check", "register"]).expect(0);
    assert!(checked.stdout.contains("3 accepted for a time"), "{}", checked.stdout);
    assert_eq!(
        checked.stdout.lines().last(),
        Some("3 errors are accepted for a time"),
        "{}",
        checked.stdout
    );
    assert!(!checked.stdout.contains("being discussed"), "{}", checked.stdout);
    let all = place.run(&["check", "register", "--all"]).expect(0);
    assert!(
        all.stdout
            .contains(&format!("suppressed: until {until}, being discussed")),
        "{}",
        all.stdout
    );
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
    place.run(&["import", "latin.txt", "--into", "r2"]).expect(0);
    let page = page.replace("To send text messages.", "To send letters.");
    std::fs::write(place.path("page.md"), page).expect("a file");
    let later = place
        .run(&["import", "page.md", "--into", "r", "--again", "--explain"])
        .expect(0);
    for expected in [
        "changed recipients/twilio.toml: purpose",
        "(phrase of a claim)",
        "2 changes, 0 conflicts",
    ] {
        assert!(later.stdout.contains(expected), "{}", later.stdout);
    }
    assert!(
        later.stdout.lines().all(|line| line.chars().count() <= 80),
        "{}",
        later.stdout
    );
    let data = place
        .run(&["import", "page.md", "--into", "r3", "--format", "json"])
        .expect(0);
    let data: serde_json::Value = serde_json::from_str(&data.stdout).expect("JSON");
    assert_eq!(data["documents"][0]["recipients"][0]["id"], "twilio");
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
fn explain_takes_scheme_and_port_into_account() {
    let place = Place::new();
    let people = root().join("examples/people.csv").display().to_string();
    place.run(&["people", "load", &people]).expect(0);
    let settings = "[[origins]]\nrecipient = \"amplitude\"\norigin = \"http://api2.amplitude.com:8080\"\n";
    std::fs::write(place.path("settings.toml"), settings).expect("a file");
    for (target, host, says) in [
        ("https://api2.amplitude.com/x", "", None),
        ("/x", "api2.amplitude.com", None),
        ("/x", "api2.amplitude.com:443", None),
        ("http://api2.amplitude.com/x", "", Some("in_clear")),
        ("ws://api2.amplitude.com/x", "", Some("in_clear")),
        ("https://api2.amplitude.com:8443?x", "", Some("port")),
        ("/x", "api2.amplitude.com:8443", Some("port")),
        ("http://api2.amplitude.com:8080/x", "", None),
        ("https://api2.amplitude.com:8080/x", "", Some("port")),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        std::fs::write(place.path("request.txt"), request).expect("a file");
        let explain = [
            "explain",
            &example(),
            "request.txt",
            "--settings",
            "settings.toml",
            "--format",
            "json",
        ];
        let ran = place.run(&explain).expect(i32::from(says.is_some()));
        let said: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        assert_eq!(
            (said["recipient"].as_str(), said["stopped"].as_str()),
            (Some("amplitude"), says),
            "{target} {host}"
        );
    }
    std::fs::write(
        place.path("request.txt"),
        "GET ftp://api2.amplitude.com/x HTTP/1.1\r\n\r\n",
    )
    .expect("a file");
    let ran = place.run(&["explain", &example(), "request.txt"]).expect(2);
    assert!(ran.stderr.contains("no host that the gate sends to"), "{}", ran.stderr);
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

#[test]
fn publishing_tells_what_changed_since_the_site_that_stands_there() {
    let place = Place::new();
    place.register_with_mode("amplitude", "report");
    let changes = |site: &str| std::fs::read_to_string(place.path(site).join("changes.html")).expect("a page");
    place.run(&["publish", "register", "--out", "site"]).expect(0);
    for previous in ["site", "site/register.json", "site/page.json", "register"] {
        place
            .run(&["publish", "--out", "next", "--previous", previous])
            .expect(0);
        assert!(changes("next").contains("Amplitude: its mode"), "{previous}");
    }
    std::fs::remove_file(place.path("site/register.json")).expect("a register that was published");
    let again = place.run(&["publish", "--out", "site"]).expect(0);
    let said = "warning: what changed in the register cannot be told";
    assert!(again.stderr.contains(said), "{}", again.stderr);
    assert!(changes("site").contains("What changed in the register cannot be told"));
    place.run(&["publish", "--out", "site"]).expect(0);
    assert!(changes("site").contains("Nothing has changed since"));
}

#[test]
fn what_is_named_as_earlier_and_is_none_is_an_error() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).expect("a folder");
    std::fs::write(place.path("note.txt"), "no register").expect("a file");
    for previous in ["empty", "note.txt", "nowhere"] {
        let failed = place
            .run(&["publish", "--out", "site", "--previous", previous])
            .expect(2);
        assert!(failed.stderr.contains("name a published site"), "{}", failed.stderr);
    }
}

#[test]
fn a_diff_says_what_is_wider_and_ends_with_one() {
    let place = Place::new();
    let register = place.register_with_mode("amplitude", "enforce");
    let same = place.run(&["diff", &example(), "register"]).expect(0);
    assert!(same.stdout.starts_with("0 changes: "), "{}", same.stdout);
    let file = register.join("recipients/honeybadger.toml");
    let text = std::fs::read_to_string(&file).expect("the copy has this recipient");
    std::fs::write(&file, text.replace("treatment = \"mask\"\n", "")).expect("the copy can be written");
    let wider = place.run(&["diff", &example(), "register"]).expect(1);
    for expected in [
        "wider          Honeybadger may now get user name",
        "GDPR Art. 28(2)",
        "1 changes: 1 wider",
    ] {
        assert!(wider.stdout.contains(expected), "no `{expected}` in\n{}", wider.stdout);
    }
    fits(&wider);
    let narrower = place.run(&["diff", "register", &example()]).expect(0);
    assert!(
        narrower.stdout.contains("narrower       Honeybadger"),
        "{}",
        narrower.stdout
    );
    let json = place
        .run(&["diff", &example(), "register", "--format", "json"])
        .expect(1);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(document["schema"], "averment.diff/1");
    assert_eq!(document["changes"][0]["direction"], "wider");
}

#[test]
fn a_notice_needs_a_day_and_fits_a_letter() {
    let place = Place::new();
    let register = place.register_with_mode("amplitude", "enforce");
    std::fs::remove_file(register.join("recipients/jotform.toml")).expect("the copy has this recipient");
    let notice = ["diff", "register", &example(), "--format", "notice"];
    let undated = place.run(&notice).expect(2);
    assert!(undated.stderr.contains("--announced"), "{}", undated.stderr);
    let dated = place
        .run(&[&notice[..], &["--announced", "2026-12-01"]].concat())
        .expect(1);
    assert!(dated.stdout.contains("JotForm (new recipient)"), "{}", dated.stdout);
    assert!(dated.stdout.contains("2026-12-01"), "{}", dated.stdout);
    fits(&dated);
    let none = place
        .run(&["diff", &example(), "register", "--format", "notice"])
        .expect(0);
    assert!(
        none.stdout.is_empty() && none.stderr.contains("nothing"),
        "{}",
        none.stderr
    );
}

#[test]
fn a_school_sees_what_it_changed() {
    let place = Place::new();
    let register = place.register_with_mode("amplitude", "enforce");
    let undeclared = place.run(&["diff", "register", "--school", "westfield"]).expect(2);
    assert!(
        undeclared.stderr.contains("no school `westfield`"),
        "{}",
        undeclared.stderr
    );
    std::fs::create_dir(register.join("controllers")).expect("a folder");
    let school = "controller = \"westfield\"\nname = \"Westfield (fictional)\"\noff = [\"amplitude\"]\n";
    std::fs::write(register.join("controllers/westfield.toml"), school).expect("a file");
    let changed = place.run(&["diff", "register", "--school", "westfield"]).expect(0);
    assert!(
        changed.stdout.contains("narrower       Amplitude no longer gets"),
        "{}",
        changed.stdout
    );
    fits(&changed);
    place.run(&["diff", "register"]).expect(2);
}

#[test]
fn consents_are_entered_listed_and_explained() {
    let place = Place::new();
    let people = "id,role,school,email,full_name\n\
                  s-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist\n";
    std::fs::write(place.path("people.csv"), people).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    place.run(&["new", "register", "register"]).expect(0);
    let desk = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nmode = \"enforce\"\n\
                hosts = [\"desk.example\"]\n[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n\
                when = \"consent:photo\"\n[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n\
                when = \"subject_chooses\"\n";
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    std::fs::write(place.path("register/recipients/desk.toml"), desk).expect("a file");
    let organisation = "organisation = \"Example Platform (fictional)\"\n";
    std::fs::write(place.path("register/organisation.toml"), organisation).expect("a file");
    _ = std::fs::remove_dir_all(place.path("register/claims"));
    std::fs::write(
        place.path("gate.toml"),
        "conditions_required = true\n[[services]]\nname = \"mailer\"\n",
    )
    .expect("a file");
    let request = "POST /x HTTP/1.1\r\nHost: desk.example\r\nAverment-Context: \r\n\r\nmaya.lindqvist@birch.example";
    std::fs::write(place.path("request.txt"), request).expect("a file");
    let chosen = request.replace("Context: ", "Context: when=subject_chooses");
    std::fs::write(place.path("chosen.txt"), chosen).expect("a file");
    let explain = |file: &str, code| {
        let ran = place
            .run(&[
                "explain",
                "register",
                file,
                "--settings",
                "gate.toml",
                "--service",
                "mailer",
            ])
            .expect(code);
        fits(&ran);
        ran.stdout
    };
    let said = explain("request.txt", 1);
    assert!(
        said.contains("block: consent_missing (desk/discloses-1)") && said.contains("service    mailer"),
        "{said}"
    );
    let said = explain("chosen.txt", 0);
    assert!(
        said.contains("declared   when=subject_chooses") && said.contains("pass: declared (desk/discloses-2)"),
        "{said}"
    );

    let enter_by = |by: &str, verb: &str, more: &[&str]| {
        let said = ["consent", verb, "--by", by, "--how", "paper form in the office"];
        place.run(&[&said[..], more].concat())
    };
    let enter = |verb: &str, more: &[&str]| enter_by("parent", verb, more);
    let given = enter("give", &["--person", "s-1", "--kind", "photo"]).expect(0);
    assert!(given.stdout.contains("photo given, version 1"), "{}", given.stdout);
    let said = explain("request.txt", 0);
    assert!(said.contains("under version 1 of the consent"), "{said}");
    enter_by("school", "withdraw", &["--school", "westfield", "--recipient", "desk"]).expect(0);
    assert!(explain("chosen.txt", 1).contains("block: objected (no rule)"));

    let history = place.run(&["consent", "history", "--person", "s-1"]).expect(0);
    assert!(history.stdout.contains("photo given, version 1\n") && history.stdout.contains("by parent: paper form"));
    let counted = place.run(&["consent", "list", "--format", "json"]).expect(0);
    let counted: serde_json::Value = serde_json::from_str(&counted.stdout).expect("JSON");
    assert_eq!(counted["consents"][0]["consent"], "photo");
    assert_eq!(counted["consents"][1]["consent"], "recipient:desk of school westfield");

    for refused in [
        enter("give", &["--person", "s-9", "--kind", "photo"]),
        enter("give", &["--school", "westfield", "--kind", "photo"]),
        enter("give", &["--kind", "photo"]),
        enter("give", &["--person", "s-1", "--kind", "Photo!"]),
        place.run(&["consent", "history", "--person", "s-9"]),
        place.run(&["explain", "register", "request.txt", "--service", "nobody"]),
        place.run(&[
            "consent",
            "give",
            "--person",
            "s-1",
            "--kind",
            "photo",
            "--by",
            "parent",
            "--how",
            "call by Maya Lindqvist",
        ]),
    ] {
        let refused = refused.expect(2);
        assert!(
            !refused.stderr.contains("s-9") && !refused.stderr.contains("Maya"),
            "{}",
            refused.stderr
        );
    }
}
