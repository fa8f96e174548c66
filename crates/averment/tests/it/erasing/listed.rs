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
