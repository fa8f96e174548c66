//! A school's contract ends: who of a file is of the school, by any of its names, and since when the school has asked.

use serde_json::Value;

use super::held::{words, write};
use super::{PEOPLE, execute, measurements, place};

#[test]
fn at_the_end_of_a_contract_nobody_is_passed_over_in_silence() {
    let place = place();
    std::fs::create_dir_all(place.path("register/controllers")).expect("a folder");
    let school = "controller = \"wf-7\"\nname = \"Westfield\"\n";
    write(&place, "register/controllers/wf-7.toml", school);
    let claim = "\n[[claims]]\nid = \"asked\"\nkind = \"erased_on\"\nelements = [\"contact.email\"]\nafter = \"school_request\"\n\
                 duration = \"P30D\"\nsentence = \"We delete addresses within 30 days after the school asks.\"\n";
    let claims = std::fs::read_to_string(place.path("register/claims/list.toml")).expect("claims");
    write(&place, "register/claims/list.toml", &(claims + claim));
    write(
        &place,
        "people.csv",
        &format!("{PEOPLE}s-3,student,Hill,ben@hill.example,Ben Hill,2015\n"),
    );
    place.run(&["people", "load", "people.csv"]).expect(0);
    execute(
        &place,
        "insert into users values ('s-3', 'ben@hill.example'), ('s-8', 'zoe@birch.example')",
    );
    let new = "request new --register register --kind school_deletion --school wf-7 --by school --channel letter --received 2026-01-05";
    let asked = place.run(&new.split(' ').collect::<Vec<_>>()).expect(0).stdout;
    let id = asked.split(' ').nth(1).expect("an identifier").to_owned();
    place
        .run(&[
            "request",
            "verify",
            &id,
            "--how",
            "by telephone",
            "--register",
            "register",
        ])
        .expect(0);

    write(&place, "all.csv", "s-1\ns-2\ns-3\ns-8\n");
    let who = ["--people", "all.csv", "--school", "westfield"];
    let plan = ["erase", "plan", "register", "--out", "plan.json", "--format", "json"];
    let planned = place.run(&[&plan[..], &who].concat()).expect(0);
    let said = words(&planned.stderr);
    assert!(
        said.contains("1 of the people are left out: they are of another school"),
        "{said}"
    );
    assert!(
        said.contains("1 of the people are left out: the directory does not say"),
        "{said}"
    );
    let plan: Value = serde_json::from_str(&planned.stdout).expect("JSON");
    assert_eq!(plan["people"], 2);
    place
        .run(&[
            "erase",
            "plan",
            "register",
            "--people",
            "all.csv",
            "--school",
            "Westfeild",
        ])
        .expect(2);

    let run = ["erase", "run", "register", "--by", "operations", "--plan", "plan.json"];
    place.run(&[&run[..], &who].concat()).expect(1);
    let late = measurements(&place)
        .into_iter()
        .find(|one| one.claim == "list/asked")
        .expect("a measurement");
    assert!(
        late.contrary >= 2,
        "asked for in January, under another name of the school"
    );
    assert!(
        late.places.iter().any(|place| place == "later than promised"),
        "{:?}",
        late.places
    );
}

#[test]
fn a_school_that_is_misspelled_is_named() {
    let place = place();
    write(&place, "all.csv", "s-1\ns-2\n");
    let plan = |school: &str| {
        let plan = ["erase", "plan", "register", "--people", "all.csv", "--school", school];
        words(&place.run(&plan).expect(2).stderr)
    };
    let said = plan("Westfild");
    assert!(
        said.contains("nobody in the directory is of the school `Westfild`"),
        "{said}"
    );
}

/// A time that is still to come makes everything early enough.
#[test]
fn erasure_was_not_asked_for_in_the_future() {
    let place = place();
    super::held::planned(&place);
    let asked = |at: &str| place.run(&[&super::RUN[..], &["--asked-at", at]].concat());
    let refused = asked("2126-01-01T00:00:00Z").expect(2);
    assert!(
        refused.stderr.contains("`--asked-at` is still to come"),
        "{}",
        refused.stderr
    );
    assert_eq!(super::held::count(&place, "select count(*) from users"), 2);
    asked("2026-01-01T00:00:00Z").expect(1);
}
