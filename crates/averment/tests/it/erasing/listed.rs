//! The list of who was erased by the command line: what is not the whole of it is told, and nothing is begun.

use super::{RUN, erasures, place};

#[test]
fn a_list_that_is_not_the_one_is_told_and_nothing_is_begun() {
    let place = place();
    place
        .run(&["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"])
        .expect(0);
    place.run(&RUN).expect(1);
    let listed = erasures(&place)[1]
        .listed
        .clone()
        .expect("the entry says how long it is");
    let mark = std::fs::read_to_string(place.path("averment-keys/tombstones.mark")).expect("a file");
    assert_eq!(mark, format!("{} {}\n", listed.lines, listed.head));

    let person = ["erase", "run", "register", "--person", "s-2", "--by", "operations"];
    let planned = place.run(&["erase", "plan", "register", "--person", "s-2", "--out", "other.json"]);
    planned.expect(0);
    let elsewhere = [&person[..], &["--plan", "other.json", "--tombstones", "elsewhere"]].concat();
    let refused = place.run(&elsewhere).expect(2);
    let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("expected that one, and no second"), "{}", refused.stderr);
    assert_eq!(erasures(&place).len(), 2, "nothing was begun");

    std::fs::write(place.path("averment-tombstones/tombstones"), "averment.tombstones/2\n").expect("a file");
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    let here = [&person[..], &["--plan", "other.json"]].concat();
    for command in [&replay[..], &["erase", "verify", "register"], &here] {
        let refused = place.run(command).expect(2);
        let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("has 0 lines, and had"), "{}", refused.stderr);
    }
    assert_eq!(erasures(&place).len(), 2, "nothing was begun");
}

/// The mark beside the keys is lost, and so is the list, or what stands in it: the ledger knows that somebody was on it.
#[test]
fn without_the_mark_the_ledger_says_that_the_list_is_not_whole() {
    let place = place();
    let plan = |person: &str, out: &str| {
        place
            .run(&["erase", "plan", "register", "--person", person, "--out", out])
            .expect(0);
    };
    plan("s-1", "plan.json");
    place.run(&RUN).expect(1);
    plan("s-2", "other.json");
    let (list, mark) = (
        place.path("averment-tombstones/tombstones"),
        place.path("averment-keys/tombstones.mark"),
    );
    let (whole, marked) = (
        std::fs::read_to_string(&list).expect("a file"),
        std::fs::read_to_string(&mark).expect("a file"),
    );
    std::fs::remove_file(&mark).expect("a file");
    let replay = ["erase", "replay", "register", "--store", "app", "--by", "operations"];
    let other = [
        "erase",
        "run",
        "register",
        "--person",
        "s-2",
        "--by",
        "operations",
        "--plan",
        "other.json",
    ];
    let commands = [&replay[..], &["erase", "verify", "register"], &other];
    let without_last = whole.trim_end().rsplit_once('\n').expect("lines").0.to_owned() + "\n";
    for text in ["", "averment.tombstones/2\n", &without_last] {
        std::fs::write(&list, text).expect("a file");
        for command in commands {
            let refused = place.run(command).expect(2);
            let said = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.contains("as the keys or the ledger say"), "{said}");
            assert!(said.contains("bring its newest copy back"), "{said}");
        }
    }
    std::fs::remove_file(&list).expect("a file");
    for command in commands {
        let refused = place.run(command).expect(2);
        assert!(
            refused.stderr.contains("there is no list of who was erased"),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(erasures(&place).len(), 2, "nothing was begun");

    // The list is back: what the mark said it says again as soon as anybody opens the list to add.
    std::fs::write(&list, &whole).expect("a file");
    place.run(&replay).expect(0);
    place.run(&["erase", "run", "register", "--resume"]).expect(1);
    assert_eq!(std::fs::read_to_string(&mark).expect("a file"), marked);

    // Somebody says that it is lost for good.
    for file in [&list, &mark] {
        std::fs::remove_file(file).expect("a file");
    }
    std::fs::write(place.path("averment-keys/tombstones.lost"), &marked).expect("a file");
    place.run(&other).expect(1);
    assert_ne!(std::fs::read_to_string(&mark).expect("a file"), marked);
    // That was the one, and no other.
    std::fs::remove_file(&list).expect("a file");
    std::fs::remove_file(&mark).expect("a file");
    place.run(&["erase", "verify", "register"]).expect(2);
}
