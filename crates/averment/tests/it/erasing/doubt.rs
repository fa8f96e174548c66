//! Files of holds that leave a doubt: a number that nothing knows, a file that cannot be read, a line that comes while a run goes on.

use super::held::{RESUME, broken_off, count, planned, words, write};
use super::{Clerk, RUN, TOKEN, at_clerk, confirm, erasures, place};

/// Of a misspelled number nothing says whose it was to be: it holds nobody, and that is told by its line.
#[test]
fn a_number_in_a_file_of_holds_that_nothing_knows_is_refused_by_its_line() {
    let place = place();
    planned(&place);
    // Another case, a heading, quotes: each holds nobody.
    for (text, lines) in [
        ("S-1,a court wants them\n", "line 1 "),
        ("number,reason\ns-2,a court wants them\n", "line 1 "),
        ("s-2,a court\n\n\"s-1\",a court\n s-01 ,a court\n", "line 3, 4 "),
    ] {
        write(&place, "holds.csv", text);
        for command in [
            &["erase", "plan", "register", "--person", "s-1"][..],
            &RUN,
            &RESUME,
            &["erase", "verify", "register"],
            &["erase", "replay", "register", "--by", "operations"],
        ] {
            let refused = place.run(&[command, &["--holds", "holds.csv"]].concat()).expect(2);
            let said = words(&refused.stderr);
            assert!(said.contains(&format!("{lines}of the holds in")), "{said}");
            assert!(
                said.contains("no store, directory or run knows such a number"),
                "{said}"
            );
            assert!(!said.contains("s-01") && !said.contains("S-1"), "{said}");
        }
    }
    assert_eq!(erasures(&place).len(), 0, "nothing was begun");

    write(&place, "holds.csv", "S-1,a court wants them\n");
    let word = ["--holds", "holds.csv", "--unknown-holds"];
    let ran = place.run(&[&RUN[..], &word].concat()).expect(1);
    assert!(words(&ran.stderr).contains("nobody is held by it"), "{}", ran.stderr);
    for command in [
        &["erase", "verify", "register"][..],
        &["erase", "replay", "register", "--by", "operations"],
    ] {
        place.run(&[command, &word[..2]].concat()).expect(2);
        place.run(&[command, &word].concat()).expect(0);
    }
    // Whoever is gone from the stores is known of the run that erased them.
    write(&place, "holds.csv", "s-1,a court wants them\n");
    place
        .run(&["erase", "verify", "register", "--holds", "holds.csv"])
        .expect(0);
}

/// The file of a run that is not over may hold anybody: while it cannot be read nobody goes, and nothing is sent.
#[test]
fn a_file_of_an_open_run_that_cannot_be_read_keeps_everybody() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, None);
    planned(&place);
    write(&place, "holds.csv", "");
    place.run(&[&RUN[..], &["--holds", "holds.csv"]].concat()).expect(1);
    at_clerk(&place, Some(&clerk));
    let plan = ["erase", "plan", "register", "--person", "s-2", "--out", "other.json"];
    place.run(&plan).expect(0);
    let other = ["erase", "run", "register", "--person", "s-2", "--by", "operations"];
    let other = [&other[..], &["--plan", "other.json"]].concat();
    let before = erasures(&place).len();
    for is_there in [false, true] {
        match is_there {
            true => write(&place, "holds.csv", "a line without a reason\n"),
            false => std::fs::remove_file(place.path("holds.csv")).expect("a file"),
        }
        let refused = place.run_with(&other, &TOKEN).expect(2);
        let said = words(&refused.stderr);
        assert!(said.contains("cannot read the holds in"), "{said}");
        assert!(said.contains("keeps its holds there, which may hold anybody"), "{said}");
        place.run_with(&RESUME, &TOKEN).expect(2);
        let looked = place.run_with(&["erase", "verify", "register"], &TOKEN).expect(2);
        let said = words(&looked.stderr);
        assert!(
            said.contains("no recipient is asked: cannot read the holds in"),
            "{said}"
        );
        assert!(
            looked.stdout.contains("0 names of people who were erased are visible"),
            "{}",
            looked.stdout
        );
    }
    assert_eq!(erasures(&place).len(), before, "nothing was begun");
    assert_eq!(count(&place, "select count(*) from users where id = 's-2'"), 1);
    assert_eq!(clerk.log(), Vec::<String>::new(), "nothing was sent");

    write(&place, "anew.csv", "");
    place
        .run_with(&[&RESUME[..], &["--holds", "anew.csv"]].concat(), &TOKEN)
        .expect(1);
    place.run_with(&other, &TOKEN).expect(1);
    assert_eq!(count(&place, "select count(*) from users"), 0);
}

/// A file that is named when runs go on is one more: those that each run was begun with, and that can be read, keep whom they keep, however
/// often the runs go on.
#[test]
fn a_file_that_is_named_later_takes_no_others_place() {
    let place = place();
    planned(&place);
    write(&place, "first.csv", "s-2,somebody else\n");
    broken_off(&place, || {
        place.run(&[&RUN[..], &["--holds", "first.csv"]].concat()).expect(2);
    });
    write(&place, "first.csv", "s-1,a court wants them\n");
    write(&place, "later.csv", "");
    place.run(&[&RESUME[..], &["--holds", "later.csv"]].concat()).expect(2);
    for _ in 0..2 {
        let held = place.run(&RESUME).expect(2);
        assert!(words(&held.stderr).contains("a court wants them"), "{}", held.stderr);
    }
    assert_eq!(count(&place, "select count(*) from users where id = 's-1'"), 1);

    // The one named later keeps people, too.
    write(&place, "first.csv", "");
    write(&place, "later.csv", "s-1,the school wants them\n");
    let held = place.run(&RESUME).expect(2);
    assert!(words(&held.stderr).contains("the school wants them"), "{}", held.stderr);
    write(&place, "later.csv", "");
    place.run(&RESUME).expect(1);
    assert_eq!(count(&place, "select count(*) from users where id = 's-1'"), 0);
}

/// Whom the file of a run keeps is asked of no recipient, whatever other file a look is given.
#[test]
fn a_look_with_another_file_sends_nothing_of_whom_the_run_keeps() {
    let (place, clerk) = (place(), Clerk::start(true));
    at_clerk(&place, None);
    planned(&place);
    write(&place, "holds.csv", "");
    write(&place, "other.csv", "");
    place.run(&[&RUN[..], &["--holds", "holds.csv"]].concat()).expect(1);
    at_clerk(&place, Some(&clerk));
    write(&place, "holds.csv", "s-1,a court wants them\n");
    let look = ["erase", "verify", "register", "--holds", "other.csv"];
    let looked = words(&place.run_with(&look, &TOKEN).stdout);
    assert!(looked.contains("somebody is held now (a court wants them)"), "{looked}");
    std::fs::remove_file(place.path("holds.csv")).expect("a file");
    let looked = place.run_with(&look, &TOKEN).expect(2);
    assert!(looked.stderr.contains("no recipient is asked"), "{}", looked.stderr);
    assert_eq!(clerk.log(), Vec::<String>::new(), "nothing was sent");
}

/// A run that was cut off before anything went keeps whoever begins another, and says how to go on where its file is gone.
#[test]
fn a_file_of_a_run_that_was_cut_off_is_named_anew_where_that_helps() {
    let place = place();
    planned(&place);
    write(&place, "holds.csv", "");
    broken_off(&place, || {
        place.run(&[&RUN[..], &["--holds", "holds.csv"]].concat()).expect(2);
    });
    std::fs::remove_file(place.path("holds.csv")).expect("a file");
    for command in [&["erase", "plan", "register", "--person", "s-2"][..], &RESUME] {
        let refused = words(&place.run(command).expect(2).stderr);
        assert!(refused.contains("cannot read the holds in"), "{refused}");
        assert!(refused.contains("--resume --holds FILE` names them anew"), "{refused}");
    }
    write(&place, "anew.csv", "");
    place.run(&[&RESUME[..], &["--holds", "anew.csv"]].concat()).expect(1);
    assert_eq!(count(&place, "select count(*) from users where id = 's-1'"), 0);
}

/// Whom a line holds that comes while a run goes on was not looked up: the run stops, and goes on once it is.
#[test]
fn a_line_that_comes_while_a_run_goes_on_is_looked_up_before_it_goes_on() {
    let place = place();
    let file = place.path("holds.csv");
    let mut is_written = false;
    let clerk = Clerk::start_with(true, move |_| {
        if !std::mem::replace(&mut is_written, true) {
            std::fs::write(&file, "s-2,a court wants them\n").expect("a file");
        }
    });
    at_clerk(&place, Some(&clerk));
    planned(&place);
    write(&place, "holds.csv", "");
    let ran = place
        .run_with(&[&RUN[..], &["--holds", "holds.csv"]].concat(), &TOKEN)
        .expect(2);
    let said = words(&ran.stderr);
    assert!(said.contains("line 1 of the holds in"), "{said}");
    assert!(said.contains("came since they were read"), "{said}");
    assert_eq!(clerk.users().len(), 2, "nothing was deleted there");
    place.run_with(&RESUME, &TOKEN).expect(1);
    assert_eq!(clerk.users(), ["lev.aronov@birch.example"]);
}

/// That a request for erasure was done is for whoever says so to show; that no run did it is told.
#[test]
fn a_request_for_erasure_that_no_run_has_done_says_so() {
    let place = place();
    let asked = || {
        let new = [
            "request",
            "new",
            "--kind",
            "erasure",
            "--person",
            "s-1",
            "--by",
            "parent",
            "--channel",
            "letter",
        ];
        let said = place.run(&new).expect(0).stdout;
        let id = said.split(' ').nth(1).expect("an identifier").to_owned();
        place
            .run(&["request", "verify", &id, "--how", "seen at the counter"])
            .expect(0);
        id
    };
    let done = |id: &str| {
        words(
            &place
                .run(&["request", "done", id, "--how", "told by letter"])
                .expect(0)
                .stderr,
        )
    };
    let (first, second) = (asked(), asked());
    let told = "no run of `averment erase` that is over has this person";
    assert!(done(&first).contains(told));
    planned(&place);
    place.run(&RUN).expect(1);
    confirm(&place, "desk");
    place.run(&RESUME).expect(0);
    let said = done(&second);
    assert!(!said.contains(told), "{said}");
}
