//! Somebody is erased by the command line: planned, run, confirmed, certified, and found again in a restored backup.

mod back;
mod beside;
mod contract;
mod doubt;
mod dumps;
mod held;
mod killed;
mod left_out;
mod listed;
mod open;
mod others;

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use averment_ledger::{Deed, Erasure, Measurement};
use serde_json::Value;

use crate::world::Place;

const MAP: &str = r#"
store = "app"
engine = "sqlite"

[[tables]]
table = "users"
key = "id"
[tables.columns]
id = { element = "account.id" }
email = { element = "contact.email" }

[[tables]]
table = "messages"
belongs_to = { sender_id = "users.id" }
others = { recipient_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
sender_id = { element = "account.id" }
recipient_id = { element = "account.id" }
body = { element = "comms.message_peer", holds = "free_text" }
"#;
const CLAIMS: &str = r#"
[[claims]]
id = "addresses"
kind = "erased_on"
elements = ["contact.email"]
after = "account_deleted"
sentence = "We delete addresses with the account."

[[claims]]
id = "messages"
kind = "erased_on"
elements = ["comms.message_peer"]
after = "account_deleted"
sentence = "We delete messages with the account."
"#;
const DESK: &str = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                    planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n\
                    [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\nbasis = [\"ferpa.school_official\"]\n";
const PEOPLE: &str = "id,role,school,email,full_name,birth_year\n\
                      s-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist,2015\n\
                      s-2,student,Westfield,lev.aronov@birch.example,Lev Aronov,2015\n";
const ROWS: &str = "insert into users values ('s-1', 'maya.lindqvist@birch.example');
    insert into messages values (1, 's-1', 's-2', 'from Maya'), (2, 's-2', 's-1', 'an answer');";

fn place() -> Place {
    let place = Place::new();
    for folder in ["register/recipients", "register/claims", "register/data"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    for (name, text) in [
        ("people.csv", PEOPLE),
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/recipients/desk.toml", DESK),
        ("register/claims/list.toml", CLAIMS),
        ("register/data/app.toml", MAP),
        ("averment-duties.toml", "[stores.app]\npath = \"app.sqlite3\"\n"),
        ("held.csv", "s-1,a court wants them\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    execute(
        &place,
        "create table users (id text not null primary key, email text);
         create table messages (id integer primary key, sender_id text not null, recipient_id text, body text,
           foreign key (sender_id) references users (id), foreign key (recipient_id) references users (id));
         insert into users values ('s-2', 'lev.aronov@birch.example');",
    );
    execute(&place, ROWS);
    place.run(&["people", "load", "people.csv"]).expect(0);
    let recorded = "ledger record --to desk --register register --means file --element contact.email --person s-1 --basis \
                    ferpa.school_official --at 2026-03-01";
    place
        .run(&recorded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>())
        .expect(0);
    place
}

fn execute(place: &Place, sql: &str) {
    let connection = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a file");
    connection.execute_batch(sql).expect("statements");
}

fn erasures(place: &Place) -> Vec<Erasure> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            Deed::Erasure(erasure) => Some(erasure),
            _ => None,
        })
        .collect()
}

fn measurements(place: &Place) -> Vec<Measurement> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            Deed::Measurement(measurement) => Some(measurement),
            _ => None,
        })
        .collect()
}

/// The claims that are broken.
fn broken(place: &Place) -> Vec<String> {
    let claims = place.run(&["claims", "register", "--format", "json"]).stdout;
    let claims: Value = serde_json::from_str(&claims).expect("JSON");
    let claims = claims["claims"].as_array().expect("claims").iter();
    claims
        .filter(|claim| claim["grade"] == "broken")
        .map(|claim| claim["id"].as_str().expect("an id").to_owned())
        .collect()
}

const RUN: [&str; 9] = [
    "erase",
    "run",
    "register",
    "--person",
    "s-1",
    "--by",
    "operations",
    "--plan",
    "plan.json",
];

#[test]
fn somebody_is_erased_confirmed_and_certified() {
    let place = place();
    let planned = place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    assert!(
        planned.stdout.contains("desk: got something of 1 people"),
        "{}",
        planned.stdout
    );
    assert!(!planned.stdout.to_lowercase().contains("maya"));

    let held = [&RUN[..], &["--holds", "held.csv"]].concat();
    place.run(&held).expect(2);
    let other = [
        "erase",
        "run",
        "register",
        "--person",
        "s-2",
        "--by",
        "operations",
        "--plan",
        "plan.json",
    ];
    place.run(&other).expect(2);
    assert_eq!(erasures(&place).len(), 0, "nothing was begun");

    place.run(&RUN).expect(1);
    let states: Vec<String> = erasures(&place).into_iter().map(|erasure| erasure.state).collect();
    assert_eq!(states, ["planned", "incomplete"]);
    let incomplete = erasures(&place).pop().expect("it was recorded");
    assert_eq!(incomplete.unconfirmed, ["desk: not asked"]);
    assert_eq!(incomplete.stores, [("app".to_owned(), 2)]);
    let measured = measurements(&place);
    assert_eq!(measured.len(), 2);
    assert!(
        measured
            .iter()
            .all(|one| one.contrary == 0 && one.unseen == 1 && one.observed == 1)
    );
    place.run(&["erase", "status"]).expect(1);

    let run = incomplete_run(&place);
    let confirm = [
        "erase",
        "confirm",
        &run,
        "--recipient",
        "desk",
        "--by",
        "operations",
        "--says",
        "they wrote that it is gone",
    ];
    place.run(&confirm).expect(0);
    place.run(&["erase", "run", "register", "--resume"]).expect(0);
    let states: Vec<String> = erasures(&place).into_iter().map(|erasure| erasure.state).collect();
    assert_eq!(states, ["planned", "incomplete", "vouched", "done", "forgotten"]);
    let measured = measurements(&place);
    assert!(
        measured.len() > 2 && measured.iter().all(|one| one.unseen == 1),
        "nobody looked at the desk"
    );
    assert!(erasures(&place)[3].document.is_some());
    place.run(&["erase", "status"]).expect(0);
    place.run(&["ledger", "person", "s-1"]).expect(2);
    assert_eq!(broken(&place), Vec::<String>::new());
    certified(&place);
}

fn incomplete_run(place: &Place) -> String {
    let status = place.run(&["erase", "status", "--format", "json"]).stdout;
    let status: Value = serde_json::from_str(&status).expect("JSON");
    status["runs"][0]["run"].as_str().expect("a run").to_owned()
}

fn certified(place: &Place) {
    let note = place.run(&["erase", "certificate", "--format", "note"]).expect(0);
    assert!(
        !note.stdout.contains("maya") && !note.stdout.contains("s-1\""),
        "{}",
        note.stdout
    );
    std::fs::write(place.path("certificate.txt"), &note.stdout).expect("a file");
    place
        .run(&["erase", "certificate", "--verify", "certificate.txt"])
        .expect(0);
    let key = place.keys().verifier().to_string();
    let verify = [
        "erase",
        "certificate",
        "--verify",
        "certificate.txt",
        "--verifier",
        &key,
    ];
    place.run(&verify).expect(0);
    std::fs::write(
        place.path("certificate.txt"),
        note.stdout.replace("operations", "somebody"),
    )
    .expect("a file");
    place.run(&verify).expect(1);
    let first = place.run(&["erase", "certificate"]).stdout;
    let (confirmed, stores) = (first.find("Not confirmed:"), first.find("app (sqlite)"));
    assert!(confirmed.expect("first") < stores.expect("then"));
}

#[test]
fn another_run_does_not_mend_what_a_restored_backup_broke() {
    let place = place();
    let run = |person: &str, plan: &str| {
        place
            .run(&["erase", "plan", "register", "--person", person, "--out", plan])
            .expect(0);
        place.run(&[
            "erase",
            "run",
            "register",
            "--person",
            person,
            "--plan",
            plan,
            "--by",
            "operations",
        ])
    };
    run("s-1", "one.json").expect(1);
    execute(
        &place,
        "insert into users values ('s-1', 'maya.lindqvist@birch.example')",
    );
    // The person of the run is gone; somebody else, who was erased before, is not.
    run("s-2", "two.json").expect(1);
    assert_eq!(broken(&place), ["list/addresses"]);
    place
        .run(&["erase", "replay", "register", "--by", "operations"])
        .expect(0);
    assert_eq!(broken(&place), Vec::<String>::new());
}

#[test]
fn a_replay_of_one_store_says_nothing_of_the_others() {
    let place = place();
    let map = std::fs::read_to_string(place.path("register/data/app.toml")).expect("a map");
    let other = map.replace("store = \"app\"", "store = \"old\"");
    std::fs::write(place.path("register/data/old.toml"), other).expect("a file");
    let stores = "[stores.app]\npath = \"app.sqlite3\"\n[stores.old]\npath = \"old.sqlite3\"\n";
    std::fs::write(place.path("averment-duties.toml"), stores).expect("a file");
    std::fs::copy(place.path("app.sqlite3"), place.path("old.sqlite3")).expect("a store");
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run(&RUN).expect(1);
    for store in ["app.sqlite3", "old.sqlite3"] {
        let connection = rusqlite::Connection::open(place.path(store)).expect("a file");
        let back = "insert into users values ('s-1', 'maya.lindqvist@birch.example')";
        connection.execute_batch(back).expect("statements");
    }
    place.run(&["erase", "verify", "register"]).expect(1);
    let replay = ["erase", "replay", "register", "--by", "operations"];
    let of_one = place.run(&[&replay[..], &["--store", "app"]].concat()).expect(0).stdout;
    assert!(of_one.contains("is visible in store `app` any more"), "{of_one}");
    assert_eq!(broken(&place), ["list/addresses"]);
    place.run(&replay).expect(0);
    assert_eq!(broken(&place), Vec::<String>::new());
}

#[test]
fn a_restored_backup_breaks_the_claims_until_it_is_replayed() {
    let place = place();
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run(&RUN).expect(1);
    place.run(&["erase", "verify", "register"]).expect(0);
    execute(
        &place,
        "insert into messages values (7, 's-1', null, 'came back')"
            .replace("'s-1'", "'s-2'")
            .as_str(),
    );
    place.run(&["erase", "verify", "register"]).expect(0);
    let run = incomplete_run(&place);
    let confirm = [
        "erase",
        "confirm",
        &run,
        "--recipient",
        "desk",
        "--by",
        "operations",
        "--says",
        "gone",
    ];
    place.run(&confirm).expect(0);
    place.run(&["erase", "run", "register", "--resume"]).expect(0);

    execute(&place, "delete from messages");
    execute(&place, ROWS);
    place.run(&["erase", "verify", "register"]).expect(1);
    assert_eq!(broken(&place), ["list/addresses", "list/messages"]);
    place
        .run(&["erase", "replay", "register", "--store", "app", "--by", "operations"])
        .expect(0);
    place.run(&["erase", "verify", "register"]).expect(0);
    assert_eq!(broken(&place), Vec::<String>::new());
    std::fs::remove_dir_all(place.path("averment-tombstones")).expect("the list");
    place
        .run(&["erase", "replay", "register", "--store", "app", "--by", "operations"])
        .expect(2);
}

#[test]
fn a_third_party_is_asked_and_believed_once_nobody_is_found() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, Some(&clerk));
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    let ran = place.run_with(&RUN, &TOKEN).expect(1);
    assert_eq!(unconfirmed(&place), ["desk: not asked"], "{}", ran.stdout);
    assert_eq!(clerk.users(), ["lev.aronov@birch.example"]);
    assert!(clerk.log().iter().any(|line| line.contains("external_id=p1_")));
    assert!(clerk.log().iter().all(|line| !line.contains("s-1")));
    let status = place.run(&["erase", "status"]).expect(1).stdout;
    assert!(
        status.contains("clerk: confirmed (1: a look after the deletion found"),
        "{status}"
    );
    confirm(&place, "desk");
    let asked = clerk.log().len();
    place
        .run_with(&["erase", "run", "register", "--resume"], &TOKEN)
        .expect(0);
    assert_eq!(clerk.log().len(), asked, "who has confirmed is not asked again");
    let certificate = place.run(&["erase", "certificate"]).stdout;
    assert!(
        certificate.contains("clerk: confirmed (1: a look after"),
        "{certificate}"
    );
    for (file, bytes) in place.files() {
        let is_ours = file.to_string_lossy().contains("averment-data");
        let holds = bytes.windows(13).any(|bytes| bytes == b"maya.lindqvis");
        assert!(!is_ours || !holds, "{}", file.display());
    }
}

#[test]
fn a_third_party_that_takes_orders_and_does_nothing_keeps_the_run_open() {
    let (place, clerk) = (place(), Clerk::start(false));
    at_clerk(&place, Some(&clerk));
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run_with(&RUN, &TOKEN).expect(1);
    let certificate = place.run(&["erase", "certificate"]).stdout;
    let first = certificate.split("Not confirmed:\n").nth(1).expect("the list");
    assert!(
        first.starts_with("  clerk: asked, has not confirmed (1: deletion was accepted, nothing confirms it yet"),
        "{certificate}"
    );
    assert!(!certificate.to_lowercase().contains("maya"));
    let places = &measurements(&place)[0].places;
    assert!(places[0].starts_with("clerk: asked, has not confirmed"), "{places:?}");
    let asked = clerk.log().len();
    place
        .run_with(&["erase", "run", "register", "--resume"], &TOKEN)
        .expect(1);
    assert_eq!(clerk.log().len(), asked, "it waits");
    confirm(&place, "desk");
    confirm(&place, "clerk");
    place
        .run_with(&["erase", "run", "register", "--resume"], &TOKEN)
        .expect(0);
    assert_eq!(clerk.log().len(), asked, "somebody vouches for it");
}

/// A contract says that it deletes at once: what is found right after goes against the sentences.
#[test]
fn a_third_party_that_keeps_what_it_says_is_deleted_breaks_the_sentences() {
    let (place, clerk) = (place(), Clerk::start(false));
    at_clerk(&place, Some(&clerk));
    let sentence = "[[claims]]\nkind = \"erased_on\"\nid = \"deletion\"\nduration = \"P0D\"\nafter = \"account_deleted\"\n\
                    sentence = \"Clerk deletes when we do.\"\n";
    for (file, more) in [
        ("register/recipients/clerk.toml", sentence),
        ("averment-duties.toml", "takes = \"PT0S\"\n"),
    ] {
        let text = std::fs::read_to_string(place.path(file)).expect("a file");
        std::fs::write(place.path(file), text + more).expect("a file");
    }
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run_with(&RUN, &TOKEN).expect(1);
    let certificate = place.run(&["erase", "certificate"]).stdout;
    assert!(
        certificate.contains("  clerk: still has something (1: "),
        "{certificate}"
    );
    let measured = measurements(&place);
    let told: Vec<(&str, u64, u64)> = measured
        .iter()
        .map(|one| (one.claim.as_str(), one.contrary, one.unseen))
        .collect();
    let of_clerk = told.iter().find(|one| one.0 == "clerk/deletion").expect("a look");
    assert_eq!((of_clerk.1, of_clerk.2), (1, 0), "{told:?}");
    // The desk was not asked: that is open, and no more.
    let others = told.iter().filter(|one| one.0 != "clerk/deletion");
    assert!(
        others.clone().count() > 0 && others.clone().all(|one| (one.1, one.2) == (1, 1)),
        "{told:?}"
    );
    let mut all: Vec<String> = told.iter().map(|one| one.0.to_owned()).collect();
    all.sort();
    let mut broken = broken(&place);
    broken.sort();
    assert_eq!(broken, all);
}

#[test]
fn of_whom_the_ledger_says_nothing_every_recipient_of_the_register_may_have_something() {
    let place = place();
    at_clerk(&place, None);
    place
        .run(&["erase", "plan", "register", "--person", "s-2", "--out", "plan.json"])
        .expect(0);
    place
        .run(&RUN.map(|word| if word == "s-1" { "s-2" } else { word }))
        .expect(1);
    let open = unconfirmed(&place);
    assert!(open[0].contains("no access to the third party is set"), "{open:?}");
    let presumed = "whether it got anything the ledger does not say";
    assert!(
        open[0].starts_with("clerk: ") && open[0].ends_with(presumed),
        "{open:?}"
    );
    assert!(open[1].starts_with("desk: ") && open[1].ends_with(presumed), "{open:?}");
}

const TOKEN: [(&str, &str); 1] = [("CLERK_TOKEN", "secret-token")];

/// Declares the third party, says how it is reached, and records that it got something of s-1.
fn at_clerk(place: &Place, clerk: Option<&Clerk>) {
    let text = DESK
        .replace("desk", "clerk")
        .replace("third_parties = []", "third_parties = [\"clerk\"]");
    let pseudonym = "[[discloses]]\nelements = [\"account.id\"]\nsubjects = [\"student\"]\ntreatment = \"pseudonym\"\n\
                     basis = [\"ferpa.school_official\"]\n";
    std::fs::write(
        place.path("register/recipients/clerk.toml"),
        format!("{text}{pseudonym}"),
    )
    .expect("a file");
    let recorded = "ledger record --to clerk --register register --means file --element contact.email --person s-1 --basis \
                    ferpa.school_official --at 2026-03-01";
    place
        .run(&recorded.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>())
        .expect(0);
    if let Some(clerk) = clerk {
        let url = &clerk.url;
        let settings = format!(
            "[stores.app]\npath = \"app.sqlite3\"\n[vendors.clerk]\ntoken_env = \"CLERK_TOKEN\"\nbase_url = \"{url}\"\n"
        );
        std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    }
}

fn unconfirmed(place: &Place) -> Vec<String> {
    erasures(place).pop().expect("it was recorded").unconfirmed
}

fn confirm(place: &Place, recipient: &str) {
    let run = incomplete_run(place);
    let confirm = [
        "erase",
        "confirm",
        &run,
        "--recipient",
        recipient,
        "--by",
        "operations",
        "--says",
        "gone",
    ];
    place.run(&confirm).expect(0);
}

/// Identifiers there and addresses.
type Users = Vec<(String, String)>;

/// Speaks as Clerk's interface for users does, for two people.
struct Clerk {
    url: String,
    state: Arc<Mutex<(Users, Vec<String>)>>,
}

impl Clerk {
    fn start(deletes: bool) -> Self {
        Self::start_with(deletes, |_| {})
    }

    /// `before`: what happens before a request, of which it gets the first line, is answered.
    fn start_with(deletes: bool, mut before: impl FnMut(&str) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let users = [
            ("user_1", "maya.lindqvist@birch.example"),
            ("user_2", "lev.aronov@birch.example"),
        ];
        let users = users.map(|(id, email)| (id.to_owned(), email.to_owned()));
        let state = Arc::new(Mutex::new((users.to_vec(), Vec::new())));
        let theirs = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                // Whoever was killed in the middle of asking hears nothing.
                let Some(line) = request_line(&mut stream) else {
                    continue;
                };
                before(&line);
                let body = answer(&line, deletes, &mut theirs.lock().expect("nobody panics with it").0);
                theirs.lock().expect("nobody panics with it").1.push(line);
                let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length:";
                _ = write!(stream, "{head} {}\r\n\r\n{body}", body.len());
            }
        });
        Self { url, state }
    }

    fn users(&self) -> Vec<String> {
        let state = self.state.lock().expect("nobody panics with it");
        state.0.iter().map(|(_, email)| email.clone()).collect()
    }

    fn log(&self) -> Vec<String> {
        self.state.lock().expect("nobody panics with it").1.clone()
    }
}

/// The first line of a request, the rest of which is read and left; none where its head does not come to an end.
fn request_line(stream: &mut TcpStream) -> Option<String> {
    let (mut lines, mut is_whole) = (Vec::new(), false);
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        is_whole = line.is_empty();
        if is_whole {
            break;
        }
        lines.push(line);
    }
    if !is_whole {
        return None;
    }
    assert!(
        lines
            .iter()
            .any(|line| line.eq_ignore_ascii_case("authorization: bearer secret-token")),
        "who asks?"
    );
    lines.into_iter().next()
}

fn answer(line: &str, deletes: bool, users: &mut Users) -> String {
    let target = line.split(' ').nth(1).unwrap_or_default().replace("%40", "@");
    if line.starts_with("DELETE ") {
        users.retain(|(id, _)| !deletes || !target.ends_with(id.as_str()));
        return "{\"object\":\"user\",\"id\":\"user_1\",\"deleted\":true}".to_owned();
    }
    let is_asked = |(_, email): &&(String, String)| match target.split_once("email_address=") {
        Some((_, asked)) => asked.starts_with(email.as_str()),
        None => !target.contains("external_id="),
    };
    let users = users.iter().filter(is_asked);
    let users = users.map(
        |(id, email)| serde_json::json!({"id": id, "external_id": null, "email_addresses": [{"email_address": email}]}),
    );
    Value::Array(users.collect()).to_string()
}
