mod erasure;
mod third_parties;

use std::collections::BTreeSet;

use super::*;

#[test]
fn every_embedded_file_parses() {
    let catalog = catalog();
    assert_eq!(catalog.third_parties().len(), THIRD_PARTY_FILES.len());
    assert!(
        catalog.third_parties().len() >= 1816,
        "{}",
        catalog.third_parties().len()
    );
    assert_eq!(
        (
            catalog.elements().len(),
            catalog.purposes().len(),
            catalog.subjects().len()
        ),
        (148, 53, 14)
    );
}

#[test]
fn every_category_has_a_label_and_an_element() {
    let catalog = catalog();
    let above = |id: &ElementId| {
        let dots: Vec<usize> = id.as_str().match_indices('.').map(|(dot, _)| dot).collect();
        dots.into_iter()
            .map(|dot| ElementId::new(&id.as_str()[..dot]).unwrap())
            .collect::<Vec<_>>()
    };
    let used: BTreeSet<ElementId> = catalog.elements().flat_map(|row| above(&row.id)).collect();
    let named: BTreeSet<ElementId> = catalog.categories.keys().cloned().collect();
    assert_eq!(used, named);
}

#[test]
fn every_third_party_lies_in_the_file_of_its_name() {
    for (name, text) in THIRD_PARTY_FILES {
        let row: ThirdParty = embedded_file(name, text);
        assert_eq!(*name, format!("{}.toml", row.id));
    }
}

#[test]
fn every_element_that_a_field_names_is_declared() {
    let catalog = catalog();
    for party in catalog.third_parties() {
        for field in &party.fields {
            match &field.element {
                Some(element) => assert!(catalog.element(element).is_some(), "{}: {element}", party.id),
                None => assert!(field.holds.is_some(), "{}: {} holds nothing", party.id, field.path),
            }
        }
    }
}

#[test]
fn what_rests_on_memory_stays_marked() {
    let catalog = catalog();
    let zoom = catalog.third_party(&ThirdPartyId::new("zoom").unwrap()).unwrap();
    assert_eq!(zoom.certainty, Certainty::Memory);
    for party in catalog.third_parties() {
        let read = party.certainty == Certainty::Memory || !party.sources.is_empty();
        assert!(read, "{}: no source", party.id);
        let doubted: BTreeSet<&str> = party.uncertain.iter().map(|fact| fact.field.as_str()).collect();
        assert!(doubted.iter().all(|field| !field.is_empty()), "{}", party.id);
    }
    let single_facts: usize = catalog.third_parties().map(|party| party.uncertain.len()).sum();
    assert!(single_facts >= 148, "{single_facts}");
}

#[test]
fn a_category_covers_its_elements_and_nothing_that_merely_begins_alike() {
    let id = |text| ElementId::new(text).unwrap();
    assert!(id("contact").covers(&id("contact.email")));
    assert!(id("contact.email").covers(&id("contact.email")));
    assert!(!id("contact.email").covers(&id("contact.email_hash")));
    assert!(!id("contact.email").covers(&id("contact")));
    assert!(catalog().knows_element_or_category(&id("identity.name")));
    assert!(!catalog().knows_element_or_category(&id("identity.nam")));
}

#[test]
fn an_identifier_is_lower_case() {
    let error = ThirdPartyId::new("Twilio").unwrap_err();
    assert_eq!(
        error.to_string(),
        "`Twilio` is not an identifier: expected lower-case letters, digits, `-`, `_` and `.`"
    );
}

#[test]
fn a_host_pattern_is_one_host_name_or_one_placeholder() {
    let label = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.' | '*' | '{' | '}');
    for party in catalog().third_parties() {
        for host in &party.hosts {
            assert!(host.pattern.chars().all(label), "{}: `{}`", party.id, host.pattern);
            assert!(!host.pattern[1..].contains('*'), "{}: `{}`", party.id, host.pattern);
        }
    }
}

#[test]
fn every_word_of_a_deadline_or_an_instrument_is_declared() {
    let catalog = catalog();
    let knows =
        |vocabularies: &[Vocabulary], word: &str| vocabularies.iter().any(|of| catalog.word(*of, word).is_some());
    assert_eq!(catalog.deadlines().len(), 31);
    for row in catalog.deadlines() {
        let regime = row.regime.as_deref();
        assert!(
            regime.is_none_or(|word| knows(&[Vocabulary::Regime], word)),
            "{}",
            row.id
        );
        let form = row.agreement.as_deref();
        assert!(
            form.is_none_or(|word| knows(&[Vocabulary::Agreement], word)),
            "{}",
            row.id
        );
        let says = [&row.limit, &row.keep_at_least, &row.date];
        let says = says.iter().filter(|field| field.is_some()).count() + usize::from(row.without_delay);
        assert_eq!(says, 1, "{}", row.id);
        assert_eq!(row.told.is_some(), row.task == Task::BreachNotice, "{}", row.id);
    }
    for row in catalog.instruments() {
        for word in &row.words {
            assert!(
                knows(&[Vocabulary::Safeguard, Vocabulary::Certificate], word),
                "{}: {word}",
                row.id
            );
        }
        assert!(row.names.iter().all(|name| *name == name.to_lowercase()), "{}", row.id);
    }
}

#[test]
fn a_deadline_and_an_instrument_hold_between_their_days() {
    let catalog = catalog();
    let broker = catalog.deadlines().iter().find(|row| row.id == "DROP-a").unwrap();
    assert!(broker.holds_on("2026-08-01") && !broker.holds_on("2026-07-31"));
    let shield = catalog
        .instruments()
        .iter()
        .find(|row| row.id == "privacy_shield")
        .unwrap();
    assert_eq!(
        (shield.lapsed_on("2020-07-15"), shield.lapsed_on("2020-07-16")),
        (None, Some("2020-07-15"))
    );
}

#[test]
fn every_ground_of_ferpa_says_whether_it_must_be_recorded_and_nothing_else_does() {
    for word in catalog().words(Vocabulary::Basis) {
        assert_eq!(
            word.record.is_some(),
            word.id.as_str().starts_with("ferpa."),
            "{}",
            word.id
        );
        assert!(word.record.is_none() || word.cite.is_some(), "{}", word.id);
    }
    let others = Vocabulary::Viewer..=Vocabulary::Agreement;
    let elsewhere = catalog()
        .words
        .iter()
        .filter(|(of, _)| others.contains(of) && **of != Vocabulary::Basis);
    assert!(elsewhere.flat_map(|(_, words)| words).all(|word| word.record.is_none()));
}

#[test]
fn a_disclosure_is_recorded_unless_its_ground_exempts_it() {
    let required = |basis: &[&str]| catalog().is_record_required(basis.iter().copied());
    assert!(required(&[]), "no ground named");
    assert!(required(&["gdpr.contract"]), "another law's ground exempts nothing");
    assert!(required(&["ferpa.studies"]));
    assert!(!required(&["ferpa.school_official"]));
    assert!(!required(&["ferpa.school_official", "gdpr.contract"]));
    assert!(
        required(&["ferpa.school_official", "ferpa.studies"]),
        "nobody knows which"
    );
    assert!(required(&["no.such.word"]));
}
