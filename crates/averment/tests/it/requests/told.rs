//! What commands on requests say: days, counts, words that are expected.

use super::{ask, changes, place, request, verify};

#[test]
fn what_is_closed_has_no_day_and_what_is_not_shown_is_counted() {
    let place = place();
    let old = ask(
        &place,
        "--kind erasure --person s-3 --by person --channel form --received 2026-01-02",
    );
    let school = "--kind school_deletion --school westfield --by school --channel letter";
    let new = ask(&place, school);
    let within = |days: &str, code| {
        request(&place, &format!("due --within {days}"), &[])
            .expect(code)
            .stdout
    };
    assert!(within("P5D", 1).contains("1 overdue of 2 open"), "{}", within("P5D", 1));
    let refused = ["--because", "nothing is held", "--cite", "GDPR Art. 12(4)"];
    let closed = request(&place, &format!("refuse {old}"), &refused).expect(0).stdout;
    assert!(closed.contains("refused") && !closed.contains("due by"), "{closed}");
    let none = within("P5D", 0);
    assert!(none.contains("nothing has to be answered by then; 1 open"), "{none}");

    verify(&place, &new);
    let again = ["--how", "identity seen at the counter"];
    let again = request(&place, &format!("verify {new}"), &again).expect(0).stdout;
    assert!(again.contains("It was verified before: nothing is entered."), "{again}");
    let verified = changes(&place).into_iter().filter(|change| change.state == "verified");
    assert_eq!(verified.count(), 1);
    let list = request(&place, "list", &[]).expect(0).stdout;
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    assert_eq!(list.matches("due by").count(), 1, "{list}");
}

#[test]
fn what_cannot_be_asked_for_is_not_offered() {
    let place = place();
    let wrong = "new --kind acces --person s-1 --by parent --channel letter";
    let said = request(&place, wrong, &[]).expect(2).stderr;
    assert!(
        said.contains("expected one of access,") && !said.contains("legal_hold"),
        "{said}"
    );
    let wrong = "new --kind access --person s-1 --by parents --channel letter";
    let said = request(&place, wrong, &[]).expect(2).stderr;
    assert!(
        said.contains("expected one of parent,") && !said.contains("office"),
        "{said}"
    );
}
