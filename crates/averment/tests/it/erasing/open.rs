//! Runs that stay open: whom a hold keeps, recipients that nobody has heard of, and what is on record about both.

use averment_ledger::Confirmed;

use super::{
    CLAIMS, Clerk, MAP, RUN, TOKEN, at_clerk, broken, confirm, erasures, execute, incomplete_run, measurements, place,
};
use crate::world::Place;

fn planned(place: &Place) {
    let plan = ["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"];
    place.run(&plan).expect(0);
}

fn words(text: &str) -> Vec<&str> {
    text.split(' ').collect()
}

#[test]
fn a_run_does_not_go_on_while_one_of_its_people_is_held() {
    let place = place();
    planned(&place);
    place.run(&RUN).expect(1);
    confirm(&place, "desk");
    // What came in the meantime stays, too.
    execute(
        &place,
        "insert into users values ('s-1', 'maya.lindqvist@birch.example');
         insert into messages values (9, 's-1', null, 'came late')",
    );
    let hold = [
        "request",
        "hold",
        "--person",
        "s-1",
        "--because",
        "a claim was filed",
        "--how",
        "by post",
        "--register",
        "register",
    ];
    let held = place.run(&hold).expect(0).stdout;
    let ran = place.run(&["erase", "run", "register", "--resume"]).expect(2);
    assert!(
        ran.stderr.contains("somebody of this run is held now: legal"),
        "{}",
        ran.stderr
    );
    let rows = || {
        let connection = rusqlite::Connection::open(place.path("app.sqlite3")).expect("a file");
        let count = connection.query_row("select count(*) from messages where sender_id = 's-1'", [], |row| {
            row.get(0)
        });
        count.expect("a number")
    };
    assert_eq!(
        (rows(), erasures(&place).pop().expect("one").state.as_str()),
        (1_i64, "vouched")
    );
    let id = held
        .split_whitespace()
        .find(|word| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let lift = [
        "request",
        "lift",
        id.expect("an identifier"),
        "--because",
        "settled",
        "--how",
        "by post",
    ];
    place.run(&lift).expect(0);
    place.run(&["erase", "run", "register", "--resume"]).expect(0);
    assert_eq!(rows(), 0);
}

#[test]
fn who_vouches_for_a_recipient_is_on_record_before_it_counts() {
    let place = place();
    planned(&place);
    place.run(&RUN).expect(1);
    let run = incomplete_run(&place);
    let nobody = [
        "erase",
        "confirm",
        &run,
        "--recipient",
        "nobody",
        "--by",
        "operations",
        "--says",
        "gone",
    ];
    place.run(&nobody).expect(2);
    assert_eq!(erasures(&place).len(), 2, "no such recipient, no entry");
    confirm(&place, "desk");
    let entry = erasures(&place).pop().expect("it was recorded");
    let expected = Confirmed {
        run,
        recipient: "desk".to_owned(),
        by: "operations".to_owned(),
        says: "gone".to_owned(),
    };
    assert_eq!(
        (entry.state.as_str(), entry.people, entry.confirmed),
        ("vouched", 1, Some(expected))
    );
    let status = place.run(&["erase", "status"]).expect(1).stdout;
    assert!(
        status.contains("desk: somebody vouches for it (operations: gone (entry"),
        "{status}"
    );
}

#[test]
fn a_recipient_of_which_one_party_is_asked_by_hand_stays_open() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, Some(&clerk));
    let file = place.path("register/recipients/clerk.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, text.replace("[\"clerk\"]", "[\"clerk\", \"datadog\"]")).expect("a file");
    planned(&place);
    place.run_with(&RUN, &TOKEN).expect(1);
    assert_eq!(
        clerk.users(),
        ["lev.aronov@birch.example"],
        "the one that takes requests was asked"
    );
    let status = place.run(&["erase", "status"]).expect(1).stdout;
    let said = status.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("clerk: to be asked by hand (one of the third parties that it is has to be asked by hand)"),
        "{status}"
    );
}

#[test]
fn a_later_look_asks_again_and_what_is_not_confirmed_in_time_breaks_the_claim() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, None);
    speaks_of_requests(&place);
    planned(&place);
    place.run_with(&RUN, &TOKEN).expect(1);
    assert_eq!((clerk.users().len(), broken(&place)), (2, Vec::<String>::new()));
    // The run began long ago, and nobody has confirmed.
    let connection = rusqlite::Connection::open(place.path("averment-data/erasures.db")).expect("a file");
    connection
        .execute_batch("update run set began_at = '2026-01-01T00:00:00Z'")
        .expect("a statement");
    place.run(&["erase", "verify", "register"]).expect(1);
    assert_eq!(broken(&place), ["list/addresses"]);
    let mut late = measurements(&place).into_iter();
    let late = late
        .rfind(|one| one.claim == "list/addresses")
        .expect("it was recorded");
    assert_eq!(
        late.places[0],
        "recipients have not confirmed in the time that was promised"
    );
    // Once there is access the next look asks.
    let url = &clerk.url;
    let settings = format!(
        "[stores.app]\npath = \"app.sqlite3\"\n[vendors.clerk]\ntoken_env = \"CLERK_TOKEN\"\nbase_url = \"{url}\"\n"
    );
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    let looked = place
        .run_with(&["erase", "verify", "register"], &TOKEN)
        .expect(1)
        .stdout;
    assert!(looked.contains("clerk: confirmed"), "{looked}");
    assert!(looked.contains("desk: not asked"), "which is late still: {looked}");
    assert_eq!(clerk.users(), ["lev.aronov@birch.example"]);
}

/// Of the two sentences the first speaks of requests.
fn speaks_of_requests(place: &Place) {
    let claims = CLAIMS.replacen("account_deleted", "request", 1);
    std::fs::write(place.path("register/claims/list.toml"), claims).expect("a file");
}

/// A restriction, or a court, came after rows went: what a recipient still has it keeps.
#[test]
fn a_later_look_asks_nobody_about_who_is_held() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, None);
    planned(&place);
    place.run(&RUN).expect(1);
    let hold = "request hold --person s-1 --because claim --how post --register register";
    let held = place.run(&words(hold)).expect(0).stdout;
    let url = &clerk.url;
    let settings = format!(
        "[stores.app]\npath = \"app.sqlite3\"\n[vendors.clerk]\ntoken_env = \"CLERK_TOKEN\"\nbase_url = \"{url}\"\n"
    );
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    let verify = ["erase", "verify", "register"];
    let looked = place.run_with(&verify, &TOKEN).expect(0).stdout;
    assert!(looked.contains("somebody is held now (legal)"), "{looked}");
    assert_eq!(clerk.log(), Vec::<String>::new(), "nothing was sent");
    let unseen = measurements(&place).pop().expect("it was recorded").unseen;
    assert_eq!(unseen, 3, "the run and both its recipients are open");
    let id = held
        .split_whitespace()
        .find(|word| word.len() == 10 && word.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let lift = [
        "request",
        "lift",
        id.expect("an identifier"),
        "--because",
        "settled",
        "--how",
        "post",
    ];
    place.run(&lift).expect(0);
    let looked = place.run_with(&verify, &TOKEN).expect(0).stdout;
    assert!(looked.contains("clerk: confirmed"), "{looked}");
}

/// No claim has to speak of it: who still has something says so with the exit code.
#[test]
fn a_later_look_ends_with_1_while_a_recipient_still_has_something() {
    let (place, clerk) = (place(), Clerk::start(false));
    at_clerk(&place, Some(&clerk));
    std::fs::write(place.path("register/claims/list.toml"), "").expect("a file");
    let file = place.path("averment-duties.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, text + "takes = \"PT0S\"\n").expect("a file");
    planned(&place);
    place.run_with(&RUN, &TOKEN).expect(1);
    let looked = place
        .run_with(&["erase", "verify", "register"], &TOKEN)
        .expect(1)
        .stdout;
    assert!(looked.contains("clerk: still has something"), "{looked}");
    assert_eq!(measurements(&place), []);
}

#[test]
fn without_asked_at_it_was_asked_for_when_the_request_was_received() {
    let place = place();
    speaks_of_requests(&place);
    let new =
        "request new --register register --kind erasure --person s-1 --by parent --channel email --received 2026-01-05";
    let said = place.run(&words(new)).expect(0).stdout;
    let id = said.split(' ').nth(1).expect("an identifier").to_owned();
    planned(&place);
    let asked_at = || {
        let certificate = place.run(&["erase", "certificate", "--format", "json"]).stdout;
        let certificate: serde_json::Value = serde_json::from_str(&certificate).expect("JSON");
        certificate["asked_at"].as_str().map(str::to_owned)
    };
    place
        .run(&[
            "request",
            "verify",
            &id,
            "--how",
            "identity seen",
            "--register",
            "register",
        ])
        .expect(0);
    // Cut off right after the run was written down: it is known nevertheless.
    let journal = rusqlite::Connection::open(place.path("averment-data/erasures.db")).expect("a file");
    let broken_off = "create trigger broken_off before insert on recipient begin select raise(abort, 'no'); end";
    journal.execute_batch(broken_off).expect("a statement");
    place.run(&RUN).expect(2);
    journal.execute_batch("drop trigger broken_off").expect("a statement");
    drop(journal);
    place.run(&["erase", "run", "register", "--resume"]).expect(1);
    assert_eq!(asked_at().as_deref(), Some("2026-01-05"));
    let late = measurements(&place)
        .into_iter()
        .filter(|one| one.places.iter().any(|place| place == "later than promised"));
    let late: Vec<(String, u64)> = late.map(|one| (one.claim, one.contrary)).collect();
    assert_eq!(
        late,
        [("list/addresses".to_owned(), 1)],
        "the other sentence speaks of accounts"
    );
}

#[test]
fn what_stays_undecided_is_in_the_plan() {
    let place = place();
    let letters = "\n[[tables]]\ntable = \"letters\"\nkey = \"address\"\n[tables.columns]\naddress = { element = \"contact.email\" }\n";
    std::fs::write(place.path("register/data/app.toml"), format!("{MAP}{letters}")).expect("a file");
    execute(
        &place,
        "create table letters (address text primary key);
         insert into letters values ('maya.lindqvist@birch.example');
         update users set email = 'maya.lindqvist@birch.example' where id = 's-2'",
    );
    let plan = place
        .run(&["erase", "plan", "register", "--person", "s-1"])
        .expect(0)
        .stdout;
    let said = plan.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("0 delete letters 1 more stay: only something that others are known by as well leads to them"),
        "{plan}"
    );
}
