//! Grades in the ledger and on the live page: a leak turns its sentence red, and stays in its history when it is mended.

use std::process::Command;
use std::time::{Duration, Instant};

use averment_ledger::Deed;

use crate::world::{Place, Served};

const CLAIM: &str = "statsig/never-shares";

/// A house on a copy of the example, which knows one student.
fn house(place: &Place) -> Served {
    place.register_with_mode("statsig", "report");
    let people = "id,role,email\ns-1,student,zoe.newcomer@birch.example\n";
    std::fs::write(place.path("people.csv"), people).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    place.serve(&[
        "up",
        "register",
        "--gate",
        "127.0.0.1:0",
        "--page",
        "127.0.0.1:0",
        "--sink",
        "127.0.0.1:0",
    ])
}

fn send(place: &Place, served: &Served, body: &str) {
    let sent = Command::new("curl")
        .args(["-sS", "-f", "-x", served.said("gate"), "--cacert"])
        .arg(place.path("averment-data/authority.pem"))
        .args(["https://events.statsigapi.net/v1/rgstr", "--json", body])
        .output()
        .expect("curl runs; `cargo xtask test` installs it");
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
}

/// The row of the claim in the live page's data.
fn on_page(served: &Served) -> serde_json::Value {
    let got = Command::new("curl")
        .args(["-sS", "-f", &format!("{}page.json", served.said("page"))])
        .output()
        .expect("curl runs");
    let page: serde_json::Value = serde_json::from_slice(&got.stdout).expect("JSON");
    let mut recipients = page["recipients"].as_array().expect("a list").iter();
    let statsig = recipients
        .find(|row| row["id"] == "statsig")
        .expect("statsig is listed");
    let mut claims = statsig["claims"].as_array().expect("a list").iter();
    claims
        .find(|row| row["id"] == CLAIM)
        .expect("the claim is listed")
        .clone()
}

/// The claim on the page as soon as it is as wanted; a minute is what the page promises.
fn within_a_minute(served: &Served, wanted: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let row = on_page(served);
        if wanted(&row) {
            return row;
        }
        assert!(Instant::now() < end, "{row:#}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn grades_of(row: &serde_json::Value) -> Vec<&str> {
    let changes = row["history"]["changes"].as_array().expect("a list");
    changes.iter().filter_map(|change| change["to"].as_str()).collect()
}

/// The claim speaks of something else from now on, so that what left does not go against it any more.
fn edit(place: &Place) {
    let file = place.path("register/recipients/statsig.toml");
    let text = std::fs::read_to_string(&file).expect("the copy of the example");
    let mended = text.replace(
        "kind = \"never_shares\"",
        "kind = \"never_shares\"\nelements = [\"guardian\"]",
    );
    assert_ne!(text, mended);
    std::fs::write(&file, mended).expect("a file");
}

/// A house in which the claim was broken and is not any more.
pub(crate) fn mended(place: &Place) -> Served {
    let served = house(place);
    let leak = r#"{"events":[{"user":{"email":"zoe.newcomer@birch.example"}}]}"#;
    send(place, &served, leak);
    within_a_minute(&served, |row| grades_of(row).first() == Some(&"broken"));
    edit(place);
    served.signal("HUP");
    within_a_minute(&served, |row| {
        row["mended"].is_object() && grades_of(row).get(1) == Some(&"broken")
    });
    served
}

#[test]
fn a_leak_turns_its_sentence_red_and_stays_in_its_history_when_it_is_mended() {
    let place = Place::new();
    let served = house(&place);
    send(&place, &served, r#"{"events":[{"event":"opened"}]}"#);
    within_a_minute(&served, |row| row["planes"][0]["grade"] == "monitored");

    send(
        &place,
        &served,
        r#"{"events":[{"user":{"email":"zoe.newcomer@birch.example"}}]}"#,
    );
    let broken = within_a_minute(&served, |row| {
        row["grade"] == "broken" && grades_of(row).first() == Some(&"broken")
    });
    let entry = &broken["planes"][0]["evidence"]["last_contrary"]["entry"];
    assert_eq!(&broken["history"]["changes"][0]["entries"][0], entry, "{broken:#}");
    place.run(&["claims", "register", "--claim", CLAIM]).expect(1);

    edit(&place);
    served.signal("HUP");
    let mended = within_a_minute(&served, |row| {
        row["grade"] != "broken" && grades_of(row).get(1) == Some(&"broken")
    });
    assert_eq!(mended["mended"]["entry"], broken["history"]["changes"][0]["entry"]);

    let history = place.run(&["claims", "register", "--claim", CLAIM, "--history"]);
    assert!(history.stdout.contains("-> broken"), "{}", history.stdout);
    assert!(history.stdout.contains("broken -> "), "{}", history.stdout);
    let text = place.run(&["claims", "register", "--claim", CLAIM]);
    assert!(text.stdout.contains("It was broken on "), "{}", text.stdout);
    assert_eq!(served.stop(), 0);
    place.run(&["ledger", "verify"]).expect(0);
}

#[test]
fn what_was_recorded_once_is_not_recorded_again_when_the_house_starts_again() {
    let place = Place::new();
    let served = house(&place);
    send(
        &place,
        &served,
        r#"{"events":[{"user":{"email":"zoe.newcomer@birch.example"}}]}"#,
    );
    within_a_minute(&served, |row| !grades_of(row).is_empty());
    assert_eq!(served.stop(), 0);
    let changes = || {
        place
            .deeds()
            .iter()
            .filter(|deed| matches!(deed, Deed::Grade(_)))
            .count()
    };
    let before = changes();
    let served = house(&place);
    within_a_minute(&served, |row| row["grade"] == "broken");
    assert_eq!(served.stop(), 0);
    assert_eq!(changes(), before);
}

#[test]
fn the_grades_that_the_ledger_records_can_be_made_again_from_its_entries() {
    let place = Place::new();
    let served = house(&place);
    send(&place, &served, r#"{"events":[{"event":"opened"}]}"#);
    within_a_minute(&served, |row| row["planes"][0]["grade"] == "monitored");
    assert_eq!(served.stop(), 0);
    place.run(&["publish", "register", "--out", "site"]).expect(0);
    let deeds = place.deeds();
    let is_record = |deed: &Deed| matches!(deed, Deed::Grades(_));
    let numbers: Vec<usize> = (0..deeds.len()).filter(|number| is_record(&deeds[*number])).collect();
    assert_eq!(numbers.len(), 2, "one by the house, one by the publication");
    for number in numbers {
        let number = number.to_string();
        let made = place.run(&["claims", "register", "--as-of", &number, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&made.stdout).expect("JSON");
        assert_eq!(document["schema"], "averment.claims/2");
    }
    let other = place.run(&["claims", "register", "--as-of", "0"]).expect(2);
    assert!(other.stderr.contains("does not record all grades"), "{}", other.stderr);
    // Of another register, the record says so.
    edit(&place);
    let last = (deeds.len() - 1).to_string();
    let another = place.run(&["claims", "register", "--as-of", &last]).expect(2);
    assert!(another.stderr.contains("another register"), "{}", another.stderr);
}

#[test]
fn the_table_fits_80_columns_and_the_exit_code_follows_what_is_asked_for() {
    let place = Place::new();
    let table = place.run(&["claims", "--format", "table"]).expect(2);
    let too_long = table.stdout.lines().filter(|line| line.chars().count() > 80);
    assert_eq!(too_long.collect::<Vec<_>>(), Vec::<&str>::new());
    assert!(
        table.stdout.contains("unverified  amplitude/shares"),
        "{}",
        table.stdout
    );
    place.run(&["claims", "--min-grade", "unverified"]).expect(0);
    place.run(&["claims", "--claim", "nobody/nothing"]).expect(2);
}

/// `timeout` ends it as an interrupt would.
#[test]
fn watching_prints_a_line_per_claim_where_there_is_no_terminal() {
    let place = Place::new();
    let served = house(&place);
    let watched = Command::new("timeout")
        .args(["-s", "INT", "3", env!("CARGO_BIN_EXE_averment")])
        .args(["claims", "register", "--claim", CLAIM, "--watch"])
        .current_dir(place.path(""))
        .output()
        .expect("timeout runs");
    let printed = String::from_utf8_lossy(&watched.stdout);
    assert!(printed.contains("unverified statsig/never-shares"), "{printed}");
    assert_eq!(served.stop(), 0);
}
