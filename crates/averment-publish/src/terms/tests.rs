use std::collections::BTreeSet;

use averment_catalog::{Vocabulary, catalog};

use super::{Things, labels, list, people, place};

#[test]
fn every_kind_of_people_has_a_plural() {
    for subject in catalog().subjects() {
        let said = people(&subject.id);
        assert_ne!(said, super::spaced(&subject.id), "{}", subject.id);
    }
}

#[test]
fn one_thing_is_and_several_are() {
    let things = |ids: &[&str]| {
        let elements = ids.iter().map(|id| id.parse().unwrap()).collect();
        let things = Things::new(&elements, &BTreeSet::new(), "data");
        format!("{} {}", things.text, things.is())
    };
    assert_eq!(things(&["contact.email"]), "e-mail address is");
    assert_eq!(things(&["edu"]), "school records are");
    assert_eq!(
        things(&["edu.disability", "contact.email"]),
        "e-mail address and disability are"
    );
    assert_eq!(
        things(&["content.app_data"]),
        "records that a student's app collects are"
    );
    assert_eq!(things(&["edu.ell"]), "English-learner status is");
    assert_eq!(things(&[]), "data is");
}

#[test]
fn words_and_places_are_called_by_their_names() {
    let words = ["consent", "legal_obligation"].map(|id| id.parse().unwrap());
    assert_eq!(
        list(&labels(Vocabulary::Exception, &words.into()), "or"),
        "with express consent or where the law requires it"
    );
    assert_eq!(
        (place("IE").label.as_str(), place("EU").label.as_str()),
        ("Ireland", "the European Union")
    );
}
