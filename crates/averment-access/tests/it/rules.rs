//! What single rules do.

use averment_access::{Access, Context, Person, RulesError};
use averment_catalog::{ElementId, WordId};

use crate::world::{charter, example, person};

fn sees(access: &Access, viewer: &Person, subject: &Person, element: &str) -> bool {
    let element = ElementId::new(element).unwrap();
    access.decide(viewer, subject, &Context::default(), &element).is_allowed
}

fn word(text: &str) -> WordId {
    WordId::new(text).unwrap()
}

#[test]
fn what_nothing_says_is_hidden_and_so_is_what_the_catalog_does_not_know() {
    let access = Access::new(&charter("", &[])).unwrap();
    let me = person("s-1", "student", "");
    assert!(!sees(&access, &me, &me, "contact.email"));
    let all = "[[claims]]\nkind = \"visible_to\"\nviewers = [\"owner\"]\nelements = [\"contact\"]\nid = \"a\"\nsentence = \"A.\"\n";
    let access = Access::new(&charter(all, &[])).unwrap();
    assert!(sees(&access, &me, &me, "contact.email") && sees(&access, &me, &me, "contact"));
    assert!(!sees(&access, &me, &me, "contact.unheard_of") && !sees(&access, &me, &me, "identity"));
}

#[test]
fn peers_see_what_the_school_is_known_to_have_left_on() {
    let access = Access::new(&example("thinglink")).unwrap();
    let peer = person("s-2", "student.minor", "hill");
    let mut student = person("s-1", "student.minor", "hill");
    assert!(!sees(&access, &peer, &student, "account.username"));
    student.switched_off.insert(word("school"), [].into());
    assert!(sees(&access, &peer, &student, "account.username"));
    assert!(!sees(&access, &peer, &student, "contact.email"));
    student.switched_off.insert(word("school"), [word("peer")].into());
    assert!(!sees(&access, &peer, &student, "account.username"));
}

#[test]
fn a_school_that_hides_is_obeyed_and_of_two_schools_the_stricter() {
    let access = Access::new(&example("thinglink")).unwrap();
    let peer = person("s-2", "student.minor", "meadow-school hill");
    for (schools, seen) in [("hill", true), ("meadow-school", false), ("hill meadow-school", false)] {
        let mut student = person("s-1", "student.minor", schools);
        student.switched_off.insert(word("school"), [].into());
        assert_eq!(sees(&access, &peer, &student, "account.username"), seen, "{schools}");
    }
}

#[test]
fn a_student_of_unknown_age_is_hidden_as_the_youngest_and_shown_as_nobody() {
    let text = "[[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity.avatar\"]\nsubjects = [\"student.eligible\"]\nid = \"a\"\nsentence = \"A.\"\n\
        [[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity.photo\"]\nid = \"b\"\nsentence = \"B.\"\n\
        [[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nelements = [\"identity.photo\"]\nsubjects = [\"student.under13\"]\nid = \"c\"\nsentence = \"C.\"\n";
    let access = Access::new(&charter(text, &[])).unwrap();
    let peer = person("s-2", "student", "hill");
    let of = |role| person("s-1", role, "hill");
    assert!(!sees(&access, &peer, &of("student"), "identity.avatar"));
    assert!(!sees(&access, &peer, &of("student"), "identity.photo"));
    assert!(sees(&access, &peer, &of("student.eligible"), "identity.avatar"));
    assert!(sees(&access, &peer, &of("student.eligible"), "identity.photo"));
}

const DIRECTORY: &str = "[[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity\"]\nid = \"a\"\nsentence = \"A.\"\n\
    [[claims]]\nkind = \"hidden_from\"\nviewers = [\"peer\"]\nelements = [\"identity\"]\nunless = [\"directory_information\"]\nid = \"b\"\nsentence = \"B.\"\n";

#[test]
fn directory_information_is_what_the_school_designated_and_nobody_refused() {
    let access = Access::new(&charter(
        DIRECTORY,
        &[("hill", "directory_information = [\"identity\"]\n"), ("lake", "")],
    ))
    .unwrap();
    let peer = person("s-2", "student", "hill:7b lake");
    let student = |schools, opt_out| {
        let mut student = person("s-1", "student", schools);
        student.directory_opt_out = opt_out;
        student
    };
    assert!(sees(
        &access,
        &peer,
        &student("hill", Some(false)),
        "identity.name.full"
    ));
    assert!(!sees(
        &access,
        &peer,
        &student("hill", Some(true)),
        "identity.name.full"
    ));
    assert!(!sees(&access, &peer, &student("hill", None), "identity.name.full"));
    assert!(!sees(
        &access,
        &peer,
        &student("lake", Some(false)),
        "identity.name.full"
    ));
    // 34 CFR 99.3: a social security number is no directory information, whoever designates it.
    assert!(!sees(
        &access,
        &peer,
        &student("hill", Some(false)),
        "identity.gov_id.ssn"
    ));
}

#[test]
fn a_refusal_does_not_hide_a_name_inside_the_class() {
    let access = Access::new(&charter(
        DIRECTORY,
        &[("hill", "directory_information = [\"identity\"]\n")],
    ))
    .unwrap();
    let mut student = person("s-1", "student", "hill:7b");
    student.directory_opt_out = Some(true);
    let mate = person("s-2", "student", "hill:7b");
    assert!(sees(&access, &mate, &student, "identity.name.full"));
    assert!(!sees(&access, &mate, &student, "identity.photo"));
    assert!(!sees(
        &access,
        &person("s-3", "student", "hill:8a"),
        &student,
        "identity.name.full"
    ));
}

#[test]
fn recipients_are_the_gates_business() {
    let access = Access::new(&example("thinglink")).unwrap();
    let named: Vec<String> = access.rules().of_the_gate.iter().map(ToString::to_string).collect();
    assert_eq!(named, ["list/shared-with-subprocessors"]);
}

#[test]
fn too_many_conditions_are_said_and_not_cut() {
    let claim = |number: usize| {
        format!(
            "[[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity\"]\nwhen = \"consent:k{number}\"\nid = \"c{number}\"\nsentence = \"S.\"\n"
        )
    };
    let text: String = (0..70).map(claim).collect();
    assert_eq!(
        Access::new(&charter(&text, &[])).unwrap_err(),
        RulesError::TooManyFacts { found: 70 }
    );
}

#[test]
fn a_decision_names_what_it_rests_on() {
    let access = Access::new(&example("thinglink")).unwrap();
    let student = person("s-1", "student.minor", "hill:7b");
    let email = ElementId::new("contact.email").unwrap();
    let context = Context::default();
    let by_teacher = access.decide(&person("t-1", "teacher", "hill:7b"), &student, &context, &email);
    assert!(by_teacher.is_allowed);
    assert_eq!(by_teacher.rules, ["list/teachers"]);
    let by_peer = access.decide(&person("s-2", "student", "hill:7b"), &student, &context, &email);
    assert!(!by_peer.is_allowed);
    assert_eq!(by_peer.rules, ["list/peers-do-not-see"]);
}
