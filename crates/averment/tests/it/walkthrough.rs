//! What a newcomer does: start `averment up`, paste the three lines that it prints, look at what it says.

use std::process::Command;

use crate::world::{Place, Served, root};

const UP: [&str; 7] = [
    "up",
    "--gate",
    "127.0.0.1:0",
    "--page",
    "127.0.0.1:0",
    "--sink",
    "127.0.0.1:0",
];

/// The commands printed after each numbered heading, joined to one line each.
fn printed_commands(said: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut open = String::new();
    for line in said.lines().skip_while(|line| !line.starts_with("1. ")) {
        if line.starts_with("curl ") || !open.is_empty() {
            open.push_str(line.trim_end_matches('\\'));
            if !line.ends_with('\\') {
                commands.push(std::mem::take(&mut open));
            }
        }
    }
    commands
}

fn paste(place: &Place, command: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(place.path(""))
        .output()
        .expect("a shell");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What `claims` says about a claim at the gateway.
fn at_the_gateway(place: &Place, claim: &str) -> serde_json::Value {
    let claims = place.run(&["claims", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&claims.stdout).expect("JSON");
    let claims = document["claims"].as_array().expect("a list of claims");
    let found = claims
        .iter()
        .find(|row| row["id"] == claim)
        .expect("the claim is listed");
    let planes = found["planes"].as_array().expect("a list of planes");
    let gateway = planes.iter().find(|plane| plane["plane"] == "gateway");
    gateway.expect("the claim concerns the gateway").clone()
}

fn grade_of(place: &Place, claim: &str) -> String {
    at_the_gateway(place, claim)["grade"]
        .as_str()
        .expect("a grade")
        .to_owned()
}

#[test]
fn the_three_printed_requests_do_what_they_promise() {
    let place = Place::new();
    let served = place.serve(&UP);
    let commands = printed_commands(&served.all_said());
    assert_eq!(commands.len(), 3, "{}", served.all_said());
    place.run(&["claims"]).expect(2);

    assert_eq!(paste(&place, &commands[0]), "{\"code\":200}");
    assert_eq!(grade_of(&place, "amplitude/never-shares"), "enforced");

    let refused = paste(&place, &commands[1]);
    let refused: serde_json::Value = serde_json::from_str(&refused).expect("a problem document");
    assert_eq!(refused["status"], 403);
    assert_eq!(refused["recipient"], "amplitude");
    assert_eq!(refused["findings"][0]["rule"], "amplitude/never-shares");
    assert!(
        refused["findings"][0]["change"]
            .as_str()
            .is_some_and(|text| text.contains("stop sending"))
    );
    assert!(
        !refused.to_string().contains("maya"),
        "a refusal never repeats the value"
    );
    assert_eq!(
        grade_of(&place, "amplitude/never-shares"),
        "enforced",
        "what was refused breaks nothing"
    );
    let evidence = &at_the_gateway(&place, "amplitude/never-shares")["evidence"];
    assert_eq!((&evidence["contrary"], &evidence["prevented"]), (&0.into(), &1.into()));
    assert!(evidence["last_at"].is_string(), "{evidence}");

    assert_eq!(paste(&place, &commands[2]), "{\"code\":200}");
    assert_eq!(grade_of(&place, "statsig/never-shares"), "broken");
    place.run(&["claims"]).expect(1);

    let person = place.run(&["ledger", "person", "s-10421"]).expect(0);
    assert!(
        person
            .stdout
            .ends_with("2 messages: 1 left, 0 may have left, 0 not sent, 1 refused\n"),
        "{}",
        person.stdout
    );
    let other = place.run(&["ledger", "person", "s-10422"]).expect(0);
    assert!(other.stdout.starts_with("0 messages"), "{}", other.stdout);
    ask_what_left(&place);

    assert_eq!(served.stop(), 0, "Ctrl-C stops cleanly");
    let verified = place.run(&["ledger", "verify"]).expect(0);
    assert!(verified.stdout.ends_with("The ledger holds.\n"), "{}", verified.stdout);
}

/// The questions that schools ask, of the one message that went to Statsig.
fn ask_what_left(place: &Place) {
    let reached = place
        .run(&["ledger", "recipient", "statsig", "--format", "json"])
        .expect(0);
    let reached: serde_json::Value = serde_json::from_str(&reached.stdout).expect("JSON");
    assert_eq!(reached["all"]["people"]["left"], 1, "{reached}");
    assert_eq!(reached["all"]["subjects"]["student.under13"]["left"], 1, "{reached}");

    let [notices, list, rows] = ["notices", "affected.csv", "rows.jsonl"].map(|name| place.path(name));
    let (notices_at, list_at) = (notices.display().to_string(), list.display().to_string());
    let people = root().join("examples/people.csv").display().to_string();
    let breach = [
        "ledger",
        "breach",
        "--recipient",
        "statsig",
        "--discovered",
        "2026-10-02",
    ];
    let breached = [
        &breach[..],
        &["--notices", &notices_at, "--list", &list_at, "--people", &people],
    ]
    .concat();
    let breached = place.run(&breached).expect(0);
    assert!(
        breached.stdout.contains("people     1 left, 0 may have left, 0 kept"),
        "{}",
        breached.stdout
    );
    assert!(
        breached
            .stdout
            .contains("2026-10-09 (UTC)       provider tells the school"),
        "{}",
        breached.stdout
    );
    let authority = std::fs::read_to_string(notices.join("authority.md")).expect("a draft");
    assert!(authority.contains("Certain: data of 1 people left"), "{authority}");
    let listed = std::fs::read_to_string(&list).expect("a list");
    assert!(
        listed.lines().count() == 2 && listed.contains(",s-10421,student.under13,left,"),
        "{listed}"
    );
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&list).expect("a list").permissions());
    assert_eq!(mode & 0o777, 0o600);

    let rows_at = rows.display().to_string();
    let export = [
        "ledger",
        "export",
        "--format",
        "jsonl",
        "--recipient",
        "statsig",
        "--out",
        &rows_at,
    ];
    place.run(&export).expect(0);
    let row = std::fs::read_to_string(&rows).expect("rows");
    let row: serde_json::Value = serde_json::from_str(row.lines().next().expect("a row")).expect("JSON");
    assert_eq!(
        (&row["fate"], &row["recipient"]),
        (&"left".into(), &"statsig".into()),
        "{row}"
    );
    place.run(&export).expect(2);

    let proved = place
        .run(&["ledger", "person", "s-10421", "--proof", "--format", "json"])
        .expect(0);
    let proved: serde_json::Value = serde_json::from_str(&proved.stdout).expect("JSON");
    assert!(proved["messages"][0]["proofs"][0]["leaf"].is_string(), "{proved}");
}

#[test]
fn everything_printed_fits_80_columns_but_for_addresses_to_paste() {
    let place = Place::new();
    let served = place.serve(&UP);
    // The charter's digest and the pasted JSON are one word each.
    let too_long: Vec<String> = served
        .all_said()
        .lines()
        .filter(|line| line.chars().count() > 80 && !line.contains("sha256:"))
        .map(str::to_owned)
        .collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
}

#[test]
fn a_second_up_on_the_same_folder_is_refused() {
    let place = Place::new();
    let _served: Served = place.serve(&UP);
    let second = place.run(&UP).expect(2);
    assert!(
        second.stderr.contains("another averment is running on the data folder"),
        "{}",
        second.stderr
    );
}

#[test]
fn people_loaded_while_the_gate_runs_are_recognised_and_a_bad_file_changes_nothing() {
    let place = Place::new();
    let served = place.serve(&UP);
    let (gate, body) = (
        served.said("gate").to_owned(),
        r#"{"events":[{"user_id":"zoe.newcomer@birch.example"}]}"#,
    );
    let request = format!(
        "curl -sS -o /dev/null -w '%{{http_code}}' -x {gate} --cacert averment-data/authority.pem https://api2.amplitude.com/2/httpapi --json '{body}'"
    );
    let bad = "id,role,email\ns-1,student,zoe.newcomer@birch.example\ns-1,pupil,other@birch.example\n";
    std::fs::write(place.path("bad.csv"), bad).expect("a file");
    let refused = place.run(&["people", "load", "bad.csv"]).expect(2);
    assert!(refused.stderr.contains("line 3"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("birch.example"), "{}", refused.stderr);
    place.run(&["ledger", "person", "s-10421"]).expect(0);

    let good = "id,role,email\ns-1,student,zoe.newcomer@birch.example\n";
    std::fs::write(place.path("good.csv"), good).expect("a file");
    place.run(&["people", "load", "good.csv"]).expect(0);
    let refused = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let answer = place.run(&["ledger", "verify"]);
        answer.code == 0 && paste(&place, &request) == "403" && named_now(&place)
    });
    assert!(refused, "the gate takes the new people within a second or two");
}

#[test]
fn people_added_and_removed_while_the_gate_runs_are_taken_by_it() {
    let place = Place::new();
    let served = place.serve(&UP);
    let body = r#"{"events":[{"user_id":"zoe.newcomer@birch.example"}]}"#;
    let request = format!(
        "curl -sS -o /dev/null -w '%{{http_code}}' -x {} --cacert averment-data/authority.pem https://api2.amplitude.com/2/httpapi --json '{body}'",
        served.said("gate")
    );
    std::fs::write(
        place.path("zoe.csv"),
        "id,role,email\ns-1,student,zoe.newcomer@birch.example\n",
    )
    .expect("a file");
    let added = place.run(&["people", "add", "zoe.csv"]).expect(0);
    assert!(added.stdout.contains("13 people in the directory"), "{}", added.stdout);
    let messages = || {
        place
            .run(&["ledger", "person", "s-1"])
            .stdout
            .lines()
            .last()
            .map(str::to_owned)
    };
    // Each time a message, and whether the person's record has one more.
    let grows = || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        let before = messages();
        paste(&place, &request);
        messages() != before
    };
    assert!((0..100).any(|_| grows()), "who was added is recognised");
    let removed = place.run(&["people", "remove", "zoe.csv"]).expect(0);
    assert!(
        removed.stdout.contains("1 people departed, 12 are left"),
        "{}",
        removed.stdout
    );
    assert!((0..100).any(|_| !grows()), "who was removed is not");
    let other = place.run(&["ledger", "person", "s-10421"]).expect(0);
    assert!(other.stdout.starts_with("0 messages"), "{}", other.stdout);
}

/// Whether the ledger names the new person: an address of somebody unknown would also be refused, but name nobody.
fn named_now(place: &Place) -> bool {
    place
        .run(&["ledger", "person", "s-1"])
        .stdout
        .contains("amplitude/never-shares")
}
