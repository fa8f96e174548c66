//! What categories cover and what is left of them.

use std::collections::BTreeSet;

use super::*;

fn named<T: std::str::FromStr + Ord>(text: &str) -> BTreeSet<T> {
    text.split_whitespace().filter_map(|name| name.parse().ok()).collect()
}

fn shown<T: ToString>(set: &BTreeSet<T>) -> String {
    set.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_category_is_its_elements() {
    let all = elements(&named("location"));
    assert_eq!(shown(&all), "location.coarse location.precise");
    assert_eq!(shown(&short_elements(&all)), "location");
    assert_eq!(
        shown(&short_elements(&named("location.coarse edu.school"))),
        "edu.school location.coarse"
    );
    assert_eq!(elements(&BTreeSet::new()).len(), catalog().elements().len());
}

#[test]
fn what_is_left_of_a_category_is_named() {
    let left = without_elements(&named("location edu.school"), &named("location.precise"));
    assert_eq!(shown(&left), "edu.school location.coarse");
    assert_eq!(
        shown(&without_elements(&named("location.precise"), &named("location"))),
        ""
    );
    assert_eq!(
        shown(&common_elements(
            &named("location edu.school"),
            &named("edu location.precise")
        )),
        "edu.school location.precise"
    );
}

#[test]
fn nobody_of_unknown_age_is_left_when_an_age_is_taken_out() {
    let left = without_subjects(&named("student teacher"), &named("student.under13"));
    assert_eq!(shown(&left), "student.eligible student.minor teacher");
    assert_eq!(shown(&without_subjects(&named("student.minor"), &named("student"))), "");
}

#[test]
fn a_kind_without_the_kinds_below_it_says_so() {
    assert_eq!(shown(&short_subjects(&subjects(&named("student")))), "student");
    assert_eq!(
        shown(&short_subjects(&named("student student.minor"))),
        "student (age not known) student.minor"
    );
}

#[test]
fn unions_are_their_members() {
    let (eu, eea) = (places(&named("EU")), places(&named("EEA")));
    assert_eq!(
        shown(&eea.difference(&eu).cloned().collect::<BTreeSet<_>>()),
        "IS LI NO"
    );
    assert_eq!(shown(&places(&named("US"))), "US");
}
