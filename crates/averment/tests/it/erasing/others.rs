//! Rows of others that would go with somebody's: of people who are held, of nobody, and those that came after the plan.

use super::held::{RESUME, broken_off, count, planned, words, write};
use super::{MAP, RUN, erasures, execute};
use crate::world::Place;

const REPLIES: &str = r#"
[[tables]]
table = "replies"
belongs_to = { author_id = "users.id" }
[tables.columns]
id = { none = "number of the row" }
message_id = { none = "number of a message" }
author_id = { element = "account.id" }
"#;

/// The place with a table of replies, which go with the message that they answer.
fn with_replies(rows: &str) -> Place {
    let place = super::place();
    write(&place, "register/data/app.toml", &format!("{MAP}{REPLIES}"));
    execute(
        &place,
        "create table replies (id integer primary key, message_id integer not null, author_id text,
           foreign key (message_id) references messages (id) on delete cascade,
           foreign key (author_id) references users (id))",
    );
    execute(&place, rows);
    place
}

/// What somebody else wrote below a message goes with it, and would go although they are held.
#[test]
fn rows_of_somebody_who_is_held_do_not_go_with_those_of_others() {
    let place = with_replies("insert into replies values (1, 1, 's-2')");
    planned(&place);
    let accepted = [&RUN[..], &["--accept-others"]].concat();
    write(&place, "theirs.csv", "s-2,a court wants them\n");
    let held = place
        .run(&[&accepted[..], &["--holds", "theirs.csv"]].concat())
        .expect(2);
    let said = words(&held.stderr);
    assert!(
        said.contains("rows of somebody who is held would go with those of these people: a court wants them"),
        "{said}"
    );
    // Of a row of nobody it cannot be told that it is not theirs.
    execute(&place, "update replies set author_id = null");
    let untold = place
        .run(&[&accepted[..], &["--holds", "theirs.csv"]].concat())
        .expect(2);
    let said = words(&untold.stderr);
    assert!(said.contains("1 of the names or of the rows of others"), "{said}");
    assert_eq!(erasures(&place).len(), 0, "nothing was begun");
    assert_eq!(count(&place, "select count(*) from replies"), 1);

    // A run that was begun asks again, also about who has written there since.
    broken_off(&place, || {
        place.run(&accepted).expect(2);
    });
    execute(&place, "update replies set author_id = 's-2'");
    place.run(&[&RESUME[..], &["--holds", "theirs.csv"]].concat()).expect(2);
    assert_eq!(count(&place, "select count(*) from replies"), 1);
    write(&place, "theirs.csv", "");
    place.run(&RESUME).expect(1);
    assert_eq!(count(&place, "select count(*) from replies"), 0);
    assert_eq!(count(&place, "select count(*) from users"), 1);
}

/// Of two whom a backup brought back one wrote below the other's message, and is held: then both stay, and who is apart goes.
#[test]
fn a_replay_leaves_those_out_whose_rows_would_take_some_of_somebody_who_is_held() {
    let place = with_replies("insert into users values ('s-3', 'ben@hill.example')");
    let who = ["--person", "s-1", "s-2", "s-3"];
    place
        .run(&[&["erase", "plan", "register", "--out", "plan.json"], &who[..]].concat())
        .expect(0);
    let run = ["erase", "run", "register", "--plan", "plan.json", "--by", "operations"];
    place.run(&[&run[..], &who[..]].concat()).expect(1);
    assert_eq!(count(&place, "select count(*) from users"), 0);

    execute(
        &place,
        "insert into users values ('s-1', 'maya.lindqvist@birch.example'), ('s-2', 'lev.aronov@birch.example'), ('s-3', 'ben@hill.example');
         insert into messages values (1, 's-1', null, 'from Maya');
         insert into replies values (1, 1, 's-2')",
    );
    write(&place, "held.csv", "s-2,a court wants them\n");
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    let replayed = place
        .run(&[&replay[..], &["--holds", "held.csv"]].concat())
        .expect(1)
        .stdout;
    assert_eq!(replayed.matches("left out: person").count(), 2, "{replayed}");
    assert_eq!(count(&place, "select count(*) from users where id = 's-3'"), 0);
    assert_eq!(count(&place, "select count(*) from users"), 2);
    assert_eq!(count(&place, "select count(*) from replies"), 1);
    place.run(&replay).expect(0);
    assert_eq!(count(&place, "select count(*) from users"), 0);
}

/// What somebody wrote below a message after its run was planned is in no plan that anybody agreed to.
#[test]
fn rows_of_others_that_came_after_the_plan_want_to_be_agreed_to() {
    let place = with_replies("");
    planned(&place);
    broken_off(&place, || {
        place.run(&RUN).expect(2);
    });
    execute(&place, "insert into replies values (1, 1, 's-2')");
    let refused = place.run(&RESUME).expect(2);
    let said = words(&refused.stderr);
    assert!(
        said.contains("1 rows of others would go, too, which came since it was planned"),
        "{said}"
    );
    assert!(said.contains("--resume --accept-others"), "{said}");
    assert_eq!(count(&place, "select count(*) from users"), 2);
    assert_eq!(count(&place, "select count(*) from replies"), 1);
    place.run(&[&RESUME[..], &["--accept-others"]].concat()).expect(1);
    assert_eq!(count(&place, "select count(*) from replies"), 0);
    assert_eq!(count(&place, "select count(*) from users"), 1);
}

/// What a run refuses its plan says, and ends as one that cannot be run.
#[test]
fn a_plan_says_that_rows_of_somebody_who_is_held_would_go() {
    let place = with_replies("insert into replies values (1, 1, 's-2')");
    write(&place, "theirs.csv", "s-2,a court wants them\n");
    let plan = ["erase", "plan", "register", "--person", "s-1"];
    place.run(&plan).expect(0);
    let held = [&plan[..], &["--holds", "theirs.csv"]].concat();
    let said = words(&place.run(&held).expect(1).stdout);
    assert!(
        said.contains(
            "cannot run now: rows of somebody who is held would go with those of these people: a court wants them"
        ),
        "{said}"
    );
    let document = place.run(&[&held[..], &["--format", "json"]].concat()).expect(1);
    serde_json::from_str::<serde_json::Value>(&document.stdout).expect("a document");
    assert!(document.stderr.contains("cannot run now"), "{}", document.stderr);
    let whole = [&plan[..], &["--holds", "theirs.csv", "--out", "plan.json"]].concat();
    place.run(&whole).expect(1);
    let run = [&RUN[..], &["--accept-others", "--holds", "theirs.csv"]].concat();
    let refused = words(&place.run(&run).expect(2).stderr);
    assert!(refused.contains("`averment request holds --person ID`"), "{refused}");
}
