use super::*;

fn among(elements: &[&str]) -> LookedFor {
    LookedFor::among(&elements.iter().map(|id| ElementId::new(id).unwrap()).collect())
}

fn labels(looked_for: &LookedFor) -> Vec<String> {
    looked_for.not.iter().map(NotLookedFor::label).collect()
}

#[test]
fn every_element_that_is_looked_for_is_in_the_catalog() {
    for id in DETECTABLE.iter().chain(&DETECTABLE_OF_STRANGERS) {
        assert!(catalog().element(&ElementId::new(id).unwrap()).is_some(), "{id}");
    }
}

#[test]
fn every_category_of_the_catalog_has_a_name() {
    for id in categories() {
        assert!(catalog().category(&id).is_some(), "{id}");
    }
}

#[test]
fn a_category_is_looked_for_in_part() {
    let found = among(&["edu", "comms", "contact.email"]);
    assert_eq!(found.elements.len(), 2);
    assert_eq!(labels(&found), ["messages", "other school records"]);
}

#[test]
fn nothing_looks_for_messages() {
    let found = among(&["comms.support_ticket"]);
    assert!(found.elements.is_empty() && found.not.len() == 1 && !found.not[0].rest);
}
