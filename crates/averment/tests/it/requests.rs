//! Requests from the day they come to the day they are answered, as an office enters them, and what the ledger then says.

mod told;

use averment_ledger::{Deed, RequestChange};
use serde_json::Value;

use crate::wire::{Request, Trust};
use crate::world::{Place, Ran};

const PEOPLE: &str = "id,role,school,email,full_name,birth_year\n\
                      s-1,student,Westfield High,maya.lindqvist@birch.example,Maya Lindqvist,2016\n\
                      s-2,student,Westfield High,lev.aronov@birch.example,Lev Aronov,2001\n\
                      s-3,student,Hill School,ines.moreau@birch.example,Ines Moreau,2016\n";
const ORGANISATION: &str = "organisation = \"Example Platform (fictional)\"\n[about]\ncountry = \"CA\"\n";
const WESTFIELD: &str = "controller = \"westfield\"\nname = \"Westfield High\"\ncountry = \"US\"\n\
                         [agreement]\nform = \"ndpa\"\ndeletion = \"P30D\"\n";
const HILL: &str = "controller = \"hill\"\nname = \"Hill School\"\ncountry = \"IE\"\n";

fn place() -> Place {
    let place = Place::new();
    std::fs::create_dir_all(place.path("register/controllers")).expect("a folder");
    for (name, text) in [
        ("people.csv", PEOPLE),
        ("register/organisation.toml", ORGANISATION),
        ("register/controllers/westfield.toml", WESTFIELD),
        ("register/controllers/hill.toml", HILL),
        ("order.txt", "An order of a fictional court.\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    place.run(&["people", "load", "people.csv"]).expect(0);
    place
}

/// `averment request` with the register; words at spaces, except in the last argument where one is given.
fn request(place: &Place, words: &str, last: &[&str]) -> Ran {
    let mut arguments = vec!["request"];
    arguments.extend(words.split(' '));
    arguments.extend(["--register", "register"]);
    arguments.extend(last);
    place.run(&arguments)
}

/// Enters a request and gives its identifier.
fn ask(place: &Place, words: &str) -> String {
    let said = request(place, &format!("new {words}"), &[]).expect(0);
    let id = said.stdout.split(' ').nth(1).expect("an identifier");
    id.to_owned()
}

fn verify(place: &Place, id: &str) {
    request(
        place,
        &format!("verify {id}"),
        &["--how", "identity seen at the counter"],
    )
    .expect(0);
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("a document")
}

fn changes(place: &Place) -> Vec<RequestChange> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            Deed::RequestChange(change) => Some(change),
            _ => None,
        })
        .collect()
}

#[test]
fn a_request_for_access_goes_from_the_day_it_came_to_the_day_it_is_answered() {
    let place = place();
    let id = ask(
        &place,
        "--kind access --person s-3 --by parent --channel email --received 2026-01-31",
    );
    let early = request(&place, &format!("done {id}"), &["--how", "sent"]).expect(2);
    assert!(early.stderr.contains("was never verified"), "{}", early.stderr);
    verify(&place, &id);
    let shown = json(&request(&place, &format!("show {id} --format json"), &[]).expect(0));
    assert_eq!(shown["state"], "verified");
    assert_eq!(
        (&shown["clocks"][0]["rule"], &shown["clocks"][0]["by"]),
        (&"GDPR-12-a".into(), &"2026-02-28".into())
    );
    assert_eq!(shown["clocks"].as_array().expect("a list").len(), 1, "{shown}");
    let extended = ["--because", "many records", "--told", "2026-02-10"];
    let said = request(&place, &format!("extend {id}"), &extended).expect(0);
    assert!(
        said.stdout.contains("due by 2026-04-30, GDPR-12-a (binds)"),
        "{}",
        said.stdout
    );
    request(&place, &format!("done {id}"), &["--document", "order.txt"]).expect(0);

    let states: Vec<(String, Option<String>)> = changes(&place)
        .iter()
        .map(|change| (change.state.clone(), change.due.clone()))
        .collect();
    let due = |state: &str, day: &str| (state.to_owned(), Some(day.to_owned()));
    assert_eq!(
        states,
        [
            due("received", "2026-02-28"),
            due("verified", "2026-02-28"),
            due("extended", "2026-04-30"),
            due("done", "2026-04-30"),
        ]
    );
    let told = changes(&place);
    assert!(
        told.iter()
            .all(|change| change.person.is_some() && change.asks == "access")
    );
    assert!(told[3].how.as_ref().is_some_and(|how| how.starts_with("sha256:")));
    let words = place.run(&["ledger", "show", "1"]).expect(0);
    assert!(words.stdout.contains("for access is received"), "{}", words.stdout);
    place.run(&["ledger", "verify"]).expect(0);
}

#[test]
fn whoever_has_no_right_to_ask_is_not_verified() {
    let place = place();
    let of_adult = ask(&place, "--kind access --person s-2 --by parent --channel letter");
    let passed = request(&place, &format!("verify {of_adult}"), &["--how", "seen"]).expect(2);
    assert!(passed.stderr.contains("34 CFR 99.5"), "{}", passed.stderr);
    let own = ask(
        &place,
        "--kind access --person s-2 --by eligible_student --channel letter",
    );
    verify(&place, &own);

    let foreign = ask(
        &place,
        "--kind erasure --person s-3 --by school --for-school westfield --channel letter",
    );
    let other = request(&place, &format!("verify {foreign}"), &["--how", "seen"]).expect(2);
    assert!(other.stderr.contains("of the school `westfield`"), "{}", other.stderr);
    let theirs = ask(
        &place,
        "--kind erasure --person s-1 --by school --for-school westfield --channel letter",
    );
    verify(&place, &theirs);

    let limited = ask(&place, "--kind access --person s-1 --by parent --channel letter");
    request(
        &place,
        &format!("verify {limited} --order order.txt"),
        &["--how", "seen"],
    )
    .expect(0);
    let shown = json(&request(&place, &format!("show {limited} --format json"), &[]).expect(0));
    assert_eq!(shown["right"], "parent_under_order");
    let named = request(
        &place,
        &format!("done {limited}"),
        &["--how", "given to Maya Lindqvist"],
    )
    .expect(2);
    assert!(
        named.stderr.contains("names somebody") && !named.stderr.contains("Maya"),
        "{}",
        named.stderr
    );
}

#[test]
fn what_is_late_is_said_with_the_shortest_time_first() {
    let place = place();
    request(&place, "due", &[]).expect(0);
    let old = ask(
        &place,
        "--kind erasure --person s-3 --by person --channel form --received 2026-01-02",
    );
    let school = ask(
        &place,
        "--kind school_deletion --school westfield --by school --channel letter",
    );
    let late = request(&place, "due", &[]).expect(1);
    assert!(late.stdout.starts_with("overdue"), "{}", late.stdout);
    let due = json(&request(&place, "due --format json", &[]).expect(1));
    assert_eq!(
        (&due["due"][0]["request"], &due["due"][0]["standing"]),
        (&old.clone().into(), &"overdue".into())
    );
    assert_eq!(
        (&due["due"][1]["request"], &due["due"][1]["standing"]),
        (&school.clone().into(), &"ahead".into())
    );
    assert_eq!(due["due"][1]["clocks"][0]["rule"], "agreement:westfield");
    assert_eq!(due["due"][1]["clocks"][1]["rule"], "NDPA-IV-6");
    let refused = ["--because", "nothing is held", "--cite", "GDPR Art. 12(4)"];
    request(&place, &format!("refuse {old}"), &refused).expect(0);
    request(&place, "due", &[]).expect(0);
    request(&place, "due --within P31D", &[]).expect(1);
    request(&place, "due --within P20D", &[]).expect(0);
    request(&place, "due --format ical --out requests.ics", &[]).expect(0);
    let calendar = std::fs::read_to_string(place.path("requests.ics")).expect("a calendar");
    assert!(calendar.contains(&format!("answer the request {school}")), "{calendar}");
}

#[test]
fn nothing_is_destroyed_while_it_is_held() {
    let place = place();
    let erasure = ask(&place, "--kind erasure --person s-1 --by parent --channel letter");
    verify(&place, &erasure);
    request(&place, "holds --person s-1", &[]).expect(0);
    let because = ["--because", "an audit", "--document", "order.txt"];
    request(&place, "hold --school westfield", &because).expect(0);
    let access = ask(&place, "--kind access --person s-1 --by parent --channel letter");
    let held = json(&request(&place, "holds --person s-1 --format json", &[]).expect(1));
    let rows = held["holds"].as_array().expect("a list");
    let grounds: Vec<&str> = rows.iter().filter_map(|row| row["ground"].as_str()).collect();
    assert_eq!(grounds, ["legal", "inspection"]);
    for words in [
        &["people", "forget", "--person", "s-1"][..],
        &["people", "forget", "--person", "s-2"],
    ] {
        let kept = place.run(words).expect(2);
        assert!(
            kept.stderr.contains("1 of these people are under hold"),
            "{}",
            kept.stderr
        );
    }
    let nobody = request(&place, "hold --school harbour", &because).expect(2);
    assert!(nobody.stderr.contains("nobody in the directory"), "{}", nobody.stderr);
    let barred = request(&place, &format!("done {erasure}"), &["--how", "deleted"]).expect(2);
    assert!(barred.stderr.contains("under hold"), "{}", barred.stderr);
    let hold = rows[0]["request"].as_str().expect("an identifier").to_owned();
    let lifted = ["--because", "the audit has ended", "--how", "by letter"];
    request(&place, &format!("lift {hold}"), &lifted).expect(0);
    let refused = ["--because", "given last week", "--cite", "GDPR Art. 12(5)(b)"];
    request(&place, &format!("refuse {access}"), &refused).expect(0);
    request(&place, &format!("done {erasure}"), &["--how", "deleted"]).expect(0);
    place.run(&["people", "forget", "--person", "s-1"]).expect(0);
    let of_school: Vec<Option<String>> = changes(&place)
        .into_iter()
        .filter(|change| change.asks == "legal_hold")
        .map(|change| change.school)
        .collect();
    assert_eq!(of_school, vec![Some("westfield".to_owned()); 3]);
}

#[test]
fn an_amendment_is_refused_with_the_right_to_a_hearing() {
    let place = place();
    let id = ask(&place, "--kind amendment --person s-1 --by parent --channel letter");
    let because = ["--because", "the record is right", "--cite", "34 CFR 99.20(b)"];
    let untold = request(&place, &format!("refuse {id}"), &because).expect(2);
    assert!(untold.stderr.contains("99.20(c)"), "{}", untold.stderr);
    request(&place, &format!("refuse {id} --hearing-told"), &because).expect(0);
    let last = changes(&place).pop().expect("a change");
    assert_eq!(
        (last.state.as_str(), last.cite.as_deref()),
        ("refused", Some("34 CFR 99.20(b)"))
    );
}

#[test]
fn nobody_is_found_in_what_was_entered() {
    let place = place();
    let id = ask(&place, "--kind access --person s-1 --by parent --channel letter");
    verify(&place, &id);
    for (path, bytes) in place.files() {
        let own = path.starts_with(place.path("register")) || path == place.path("people.csv");
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(
            own || !text.contains("lindqvist") && !text.contains("\"s-1\""),
            "{}",
            path.display()
        );
    }
    let unknown = request(&place, "holds --person s-77", &[]).expect(2);
    assert!(!unknown.stderr.contains("s-77"), "{}", unknown.stderr);
}

#[test]
fn a_restriction_that_was_verified_holds_for_the_next_message_until_it_is_lifted() {
    let place = place();
    let desk = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\npurposes = [\"service.support\"]\n\
                information = \"An address.\"\nplanes = [\"gateway\"]\nrole = \"processor\"\nmode = \"enforce\"\n\
                student_records = \"possible\"\nhosts = [\"desk.example\"]\n[[discloses]]\n\
                elements = [\"contact.email\"]\nsubjects = [\"student\"]\n";
    let store = desk
        .replace("\"desk", "\"store")
        .replace("service.support", "service.hosting");
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    for (name, text) in [("desk", desk), ("store", &store)] {
        std::fs::write(place.path(&format!("register/recipients/{name}.toml")), text).expect("a file");
    }
    let addresses = [
        "--gate",
        "127.0.0.1:0",
        "--page",
        "127.0.0.1:0",
        "--sink",
        "127.0.0.1:0",
    ];
    let served = place.serve(&[&["up", "register"][..], &addresses].concat());
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let status = |host: &str| {
        let request = Request {
            method: "POST",
            host,
            target: "/tickets",
            headers: &[("Content-Type", "application/json")],
            body: b"{\"from\":\"maya.lindqvist@birch.example\"}",
        };
        request
            .through_tunnel(served.gate(), &trust)
            .expect("an answer")
            .status()
    };
    let id = ask(&place, "--kind restriction --person s-1 --by parent --channel letter");
    assert_eq!(status("desk.example"), 200, "nobody knows yet who asks");
    verify(&place, &id);
    assert_eq!(status("desk.example"), 403, "not a moment later");
    assert_eq!(status("store.example"), 200, "storage goes on");
    request(&place, &format!("done {id}"), &["--how", "told by letter"]).expect(0);
    assert_eq!(status("desk.example"), 403, "done means that it is in effect");
    let lifted = [
        "--because",
        "the record was put right",
        "--how",
        "told by letter before",
    ];
    request(&place, &format!("lift {id}"), &lifted).expect(0);
    assert_eq!(status("desk.example"), 200);
    assert_eq!(served.stop(), 0);
    let states: Vec<String> = changes(&place).into_iter().map(|change| change.state).collect();
    assert_eq!(states, ["received", "verified", "done", "lifted"]);
    let reasons = place.deeds().into_iter().filter_map(|deed| match deed {
        Deed::Refusal(message) => Some(message.findings[0].reason.clone()),
        _ => None,
    });
    assert_eq!(reasons.collect::<Vec<_>>(), ["restricted", "restricted"]);
}

#[test]
fn what_a_killed_command_did_not_tell_the_ledger_the_next_one_tells() {
    let place = place();
    let first = ask(&place, "--kind access --person s-1 --by parent --channel letter");
    {
        let (folder, keys) =
            averment_store::DataFolder::open_unlocked(&place.path("averment-data"), &place.path("averment-keys"))
                .expect("the folders are there");
        let requests = averment_store::Requests::open(&folder, &keys).expect("the requests are there");
        let event = averment_store::requests::Event::Confirmed {
            how: "by letter".to_owned(),
        };
        let at = "2026-03-01T12:00:00Z".parse().expect("a time");
        requests
            .step(&first, &event, &averment_store::requests::Clocks::default(), at)
            .expect("a step");
    }
    assert_eq!(changes(&place).len(), 1, "killed before it was told");
    verify(&place, &first);
    let told = changes(&place);
    let states: Vec<&str> = told.iter().map(|change| change.state.as_str()).collect();
    assert_eq!(states, ["received", "confirmed", "verified"]);
    request(&place, &format!("confirm {first}"), &["--how", "again by letter"]).expect(0);
    assert_eq!(changes(&place).len(), 4, "nothing is told twice");
    place.run(&["ledger", "verify"]).expect(0);
}
