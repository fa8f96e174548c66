//! Who is what to whom: schools that must not be mixed up, court orders, students of age.

use averment_access::{Context, Viewer, relations};

use crate::world::person;

fn words(viewer: &averment_access::Person, subject: &averment_access::Person) -> Vec<&'static str> {
    let relations = relations(viewer, subject, &Context::default());
    relations.into_iter().map(Viewer::as_str).collect()
}

#[test]
fn a_class_of_the_same_name_at_another_school_is_another_class() {
    let student = person("s-1", "student.minor", "meadow:7b");
    assert_eq!(
        words(&person("t-1", "teacher", "meadow:7b"), &student),
        ["teacher", "school_official", "public"]
    );
    assert_eq!(
        words(&person("t-2", "teacher", "hill:7b"), &student),
        ["other_teacher", "public"]
    );
    assert_eq!(
        words(&person("t-3", "teacher", "meadow:8a"), &student),
        ["other_teacher", "public"]
    );
    assert_eq!(
        words(&person("s-2", "student", "meadow:8a"), &student),
        ["peer", "public"]
    );
    assert_eq!(
        words(&person("s-3", "student", "hill:7b"), &student),
        ["other_student", "public"]
    );
    assert_eq!(words(&person("a-1", "school_admin", "hill"), &student), ["public"]);
}

#[test]
fn an_official_needs_an_interest() {
    let student = person("s-1", "student", "meadow:7b");
    let official = person("o-1", "school_official", "meadow");
    assert_eq!(words(&official, &student), ["public"]);
    let interested = Context {
        educational_interest: true,
        ..Context::default()
    };
    let with = relations(&official, &student, &interested);
    assert_eq!(with, [Viewer::SchoolOfficial, Viewer::Public]);
    let elsewhere = person("o-2", "school_official", "hill");
    assert_eq!(relations(&elsewhere, &student, &interested), [Viewer::Public]);
}

#[test]
fn rights_of_parents_end_by_court_order_and_at_eighteen() {
    let mut parent = person("g-1", "guardian", "");
    parent.guardian_of.insert("s-1".to_owned());
    let mut student = person("s-1", "student.minor", "meadow");
    assert_eq!(words(&parent, &student), ["guardian", "public"]);
    student.limited_guardians.insert("g-1".to_owned());
    assert_eq!(words(&parent, &student), ["public"]);
    let eligible = person("s-1", "student.eligible", "meadow");
    assert_eq!(words(&parent, &eligible), ["public"]);
    assert_eq!(words(&parent, &person("s-2", "student.minor", "meadow")), ["public"]);
}

#[test]
fn who_did_not_sign_in_is_nobody_in_particular() {
    let nobody = person("", "anonymous", "meadow:7b");
    assert_eq!(words(&nobody, &person("", "student", "meadow:7b")), ["public"]);
    let mut link = nobody.clone();
    link.holds_link_of.insert("s-1".to_owned());
    assert_eq!(words(&link, &person("s-1", "student", "")), ["link_holder", "public"]);
    assert_eq!(words(&link, &person("s-2", "student", "")), ["public"]);
    let mut robot = person("", "search_engine", "");
    robot.holds_link_of.insert("s-1".to_owned());
    assert_eq!(words(&robot, &person("s-1", "student", "")), ["search_engine"]);
}

#[test]
fn an_entry_shows_nothing_of_the_person() {
    let someone = person("ada@school.example", "student", "meadow");
    assert_eq!(format!("{someone:?}"), "Person(student)");
}
