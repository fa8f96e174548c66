use averment_catalog::catalog;

use super::*;

#[test]
fn the_lexicon_is_made_of_the_catalogs_words() {
    for (phrase, noun) in lexicon().nouns.all() {
        assert!(!phrase.is_empty());
        match noun {
            Noun::Elements(Elements { elements, .. }) => {
                assert!(
                    elements.iter().all(|id| catalog().knows_element_or_category(id)),
                    "{elements:?}"
                );
            }
            Noun::Subjects(subjects) => assert!(
                subjects.iter().all(|id| catalog().subject(id).is_some()),
                "{subjects:?}"
            ),
            Noun::Anyone | Noun::Ignore => {}
        }
    }
    let purposes = lexicon()
        .purposes
        .all()
        .map(|(_, ids)| ids)
        .chain(lexicon().kinds.iter().map(|(_, ids)| ids));
    for id in purposes.flatten() {
        assert!(catalog().purpose(id).is_some(), "{id}");
    }
}

#[test]
fn statements_are_made_of_the_catalogs_words() {
    let statement = &lexicon().statement;
    for (vocabulary, word) in statement.all_words() {
        assert!(catalog().word(vocabulary, word.as_str()).is_some(), "{word}");
    }
    for place in statement.all_places() {
        let union = ["EU", "EEA"].contains(&place.as_str());
        assert!(union || catalog().country(place).is_some(), "{place}");
    }
}

#[test]
fn every_kind_of_service_in_the_catalog_has_a_purpose() {
    let known = |kind: &String| lexicon().kinds.iter().any(|(known, _)| known == kind);
    for party in catalog().third_parties() {
        assert!(party.kinds.iter().any(known), "{}: {:?}", party.id, party.kinds);
    }
}

#[test]
fn the_longer_phrase_is_meant() {
    let text = words("an IP address, an email address and addresss of teachers' schools");
    let hits = lexicon().nouns.find(&text);
    let found: Vec<String> = hits
        .iter()
        .map(|hit| match hit.means {
            Noun::Elements(Elements { elements, .. }) => elements[0].to_string(),
            Noun::Subjects(subjects) => subjects[0].to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        found,
        [
            "tech.ip_address",
            "contact.email",
            "contact.address.postal",
            "teacher",
            "edu.school"
        ]
    );
}
