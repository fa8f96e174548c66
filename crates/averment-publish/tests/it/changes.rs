//! What changed from one publication to the next.

use std::collections::BTreeMap;

use averment_publish::{Meta, Previous, Site};
use serde_json::Value;

use crate::example::{earlier, example, example_site, meta};

fn history(site: &BTreeMap<String, Vec<u8>>) -> Value {
    serde_json::from_slice(&site["changes.json"]).unwrap()
}

fn kinds(publication: &Value) -> Vec<&str> {
    let changes = publication["changes"].as_array().unwrap().iter();
    changes.map(|change| change["kind"].as_str().unwrap()).collect()
}

fn previous(site: &BTreeMap<String, Vec<u8>>) -> Previous {
    let text = |name: &str| std::str::from_utf8(&site[name]).unwrap();
    Previous::read(text("page.json"), Some(text("changes.json"))).unwrap()
}

#[test]
fn the_first_publication_has_nothing_to_compare_with() {
    let (charter, graded) = example();
    let site = Site::new(&charter, &graded, &meta(), None).files();
    let publications = &history(&site)["publications"];
    assert_eq!(publications.as_array().unwrap().len(), 1);
    assert!(publications[0]["before"].is_null() && kinds(&publications[0]).is_empty());
}

#[test]
fn what_changed_is_told_with_what_it_means() {
    let history = history(&example_site());
    let publications = history["publications"].as_array().unwrap();
    assert_eq!(publications.len(), 2);
    let found = kinds(&publications[0]);
    for kind in [
        "recipient_removed",
        "may_get",
        "no_longer_gets",
        "fact",
        "sentence",
        "grade",
    ] {
        assert!(found.contains(&kind), "{kind}: {found:?}");
    }
    let changes = publications[0]["changes"].as_array().unwrap();
    let mode = changes
        .iter()
        .find(|change| change["words"].as_str().unwrap().contains("no longer refuses"))
        .unwrap();
    assert_eq!(
        (&mode["recipient"], &mode["effect"]),
        (&"amplitude".into(), &"more".into())
    );
    let effects: Vec<_> = changes
        .iter()
        .map(|change| change["effect"].as_str().unwrap())
        .collect();
    let first_less = effects.iter().position(|effect| *effect == "less").unwrap();
    assert!(!effects[first_less..].contains(&"more"), "{effects:?}");
}

#[test]
fn the_same_publication_again_changes_nothing_and_keeps_what_was_told() {
    let (charter, graded) = example();
    let first = example_site();
    let later = Meta {
        generated_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        ..meta()
    };
    let second = Site::new(&charter, &graded, &later, Some(&previous(&first))).files();
    assert_eq!(history(&first), history(&second));
    assert_eq!(first["feed.atom"], second["feed.atom"]);
    assert!(String::from_utf8_lossy(&second["changes.html"]).contains("Nothing has changed since"));
}

#[test]
fn a_register_that_was_never_published_can_be_compared_with() {
    let (charter, graded) = example();
    let site = Site::new(&charter, &graded, &meta(), Some(&Previous::of_register(&charter))).files();
    assert!(
        history(&site)["publications"].as_array().unwrap().is_empty(),
        "{}",
        history(&site)
    );
}

#[test]
fn identifiers_of_changes_are_stable_and_their_own() {
    let (charter, graded) = example();
    let again = Site::new(&charter, &graded, &meta(), Some(&earlier())).files();
    assert_eq!(history(&again), history(&example_site()));
    let feed = String::from_utf8(again["feed.atom"].clone()).unwrap();
    let ids: Vec<&str> = feed
        .split("<id>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
    assert!(ids.len() > 6 && ids.len() == unique.len(), "{ids:?}");
    for id in ids {
        let uuid = id.strip_prefix("urn:uuid:").unwrap();
        assert!(uuid.len() == 36 && uuid.as_bytes()[14] == b'8', "{id}");
    }
}

#[test]
fn what_is_no_earlier_publication_is_said() {
    for (page, expected) in [
        ("{", "not a document `averment.page/1`"),
        ("[]", "not a document `averment.page/1`"),
        (r#"{"schema":"averment.charter/2"}"#, "not a document `averment.page/1`"),
        (
            r#"{"schema":"averment.page/2","charter":"","unknown_hosts":"","recipients":[],"claims":[]}"#,
            "`averment.page/2`",
        ),
    ] {
        let error = Previous::read(page, None).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let page = String::from_utf8(example_site()["page.json"].clone()).unwrap();
    assert!(Previous::read(&page, Some("{}")).is_err());
}
