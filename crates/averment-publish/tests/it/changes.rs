//! What changed from one publication to the next.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error as _;

use averment_publish::{Meta, Previous, Site, SiteFiles};
use averment_register::diff;
use serde_json::{Value, json};

use crate::example::{earlier, edited, example, example_site, meta, previous};

type Files = BTreeMap<String, Vec<u8>>;

fn text<'a>(site: &'a Files, name: &str) -> &'a str {
    std::str::from_utf8(&site[name]).unwrap()
}

fn history(site: &Files) -> Value {
    serde_json::from_slice(&site["changes.json"]).unwrap()
}

/// The example's site, told from `previous`.
fn site_after(previous: &Previous) -> Files {
    let (charter, graded) = example();
    Site::new(&charter, &graded, &meta(), Some(previous)).files()
}

/// What the last publication of `site` says of the change whose place holds `place`.
fn change(site: &Files, place: &str) -> Value {
    let history = history(site);
    let changes = history["publications"][0]["changes"].as_array().unwrap().clone();
    let found = changes
        .iter()
        .find(|change| change["place"].as_str().unwrap().contains(place));
    found.unwrap_or_else(|| panic!("{place}: {changes:#?}")).clone()
}

#[test]
fn the_first_publication_has_nothing_to_compare_with() {
    let (charter, graded) = example();
    let site = Site::new(&charter, &graded, &meta(), None).files();
    let publications = &history(&site)["publications"];
    assert_eq!(publications.as_array().unwrap().len(), 1);
    assert!(publications[0]["before"].is_null() && publications[0]["not_compared"].is_null());
    assert_eq!(publications[0]["changes"], json!([]));
    assert!(text(&site, "changes.html").contains("The first publication"));
}

#[test]
fn what_changed_is_what_the_registers_mean() {
    let (now, _) = example();
    let (before, graded) = edited(|source| {
        source.insert(
            "recipients/twilio.toml",
            source
                .get("recipients/twilio.toml")
                .unwrap()
                .replace("subject_chooses", "always"),
        );
        source.insert(
            "recipients/zendesk.toml",
            source.get("recipients/zendesk.toml").unwrap().replace("finance", "edu"),
        );
    });
    let first = Site::new(&before, &graded, &meta(), None).files();
    let history = history(&site_after(&previous(&first)));
    let told: BTreeSet<&str> = history["publications"][0]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|change| change["what"] != "grade")
        .map(|change| change["place"].as_str().unwrap())
        .collect();
    let diff = diff(&before, &now);
    let expected: BTreeSet<&str> = diff.changes.iter().map(|change| change.id.as_str()).collect();
    assert!(!expected.is_empty());
    assert_eq!(told, expected);
}

#[test]
fn each_kind_of_change_has_its_direction() {
    let site = example_site();
    for (place, direction) in [
        ("recipients/amplitude/mode", "wider"),
        ("claims/list/visible-to", "wider"),
        ("recipients/amplitude/contract.terms/lost", "promises_less"),
        ("controllers/westfield/agreement.deletion", "promises_less"),
        ("recipients/gone", "narrower"),
        ("claims/twilio/shares/grade", "shown_more"),
    ] {
        assert_eq!(change(&site, place)["direction"], direction, "{place}");
    }
}

#[test]
fn what_lets_more_out_comes_first() {
    let history = history(&example_site());
    let changes = history["publications"][0]["changes"].as_array().unwrap();
    let less = ["narrower", "promises_more", "shown_more", "other"];
    let is_less = |change: &Value| less.contains(&change["direction"].as_str().unwrap());
    let first_less = changes.iter().position(is_less).unwrap();
    assert!(
        first_less > 0 && changes[first_less..].iter().all(is_less),
        "{changes:#?}"
    );
}

#[test]
fn a_change_says_what_it_obliges_to() {
    let site = example_site();
    let duties = &change(&site, "recipients/twilio/discloses/content.project_text")["duties"];
    let notice = json!({ "id": "subprocessor_notice", "label": "notice to schools", "cite": "GDPR Art. 28(2)" });
    assert!(duties.as_array().unwrap().contains(&notice), "{duties:#}");
    assert!(text(&site, "changes.html").contains("notice to schools <span class=\"small\">(GDPR Art. 28(2))</span>"));
    assert!(text(&site, "feed.atom").contains("It obliges to: notice to schools (GDPR Art. 28(2))"));
}

#[test]
fn a_new_sentence_about_who_can_see_is_not_less() {
    let (charter, graded) = edited(|source| {
        let shown = "[[claims]]\nkind = \"visible_to\"\nid = \"shown\"\nelements = [\"identity.photo\"]\nviewers = [\"public\"]\n\
                     sentence = \"Anybody sees photographs.\"\n";
        let list = source.get("claims/list.toml").unwrap().to_owned();
        source.insert("claims/list.toml", list + shown);
    });
    let site = Site::new(&charter, &graded, &meta(), Some(&previous(&example_site()))).files();
    assert_eq!(change(&site, "claims/list/shown")["direction"], "wider");
    let site = site_after(&Previous::of_register(&charter));
    assert_eq!(change(&site, "claims/list/shown")["direction"], "narrower");
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
    assert!(text(&second, "changes.html").contains("Nothing has changed since"));
}

#[test]
fn a_register_that_was_never_published_can_be_compared_with() {
    let (charter, _) = example();
    let site = site_after(&Previous::of_register(&charter));
    let publications = &history(&site)["publications"];
    assert_eq!(publications[0]["before"], charter.digest().to_string());
    assert_eq!(publications[0]["changes"], json!([]));
    assert!(text(&site, "changes.html").contains("It says the same as the register"));
}

#[test]
fn a_site_without_a_readable_register_begins_anew_and_claims_nothing() {
    let first = example_site();
    let spoilt = text(&first, "register.json").replace("Lernwerk", "Lehrwerk");
    for register in [None, Some("{}"), Some(spoilt.as_str())] {
        let previous = Previous::read(SiteFiles {
            register,
            page: Some(text(&first, "page.json")),
            changes: Some(text(&first, "changes.json")),
        });
        let previous = previous.unwrap();
        assert!(previous.unread().is_some());
        let site = site_after(&previous);
        let history = history(&site);
        let publications = history["publications"].as_array().unwrap();
        assert_eq!(publications.len(), 3);
        assert!(publications[0]["not_compared"].as_str().unwrap().contains("register"));
        assert_eq!(publications[0]["before"], publications[1]["charter"]);
        let page = text(&site, "changes.html");
        assert!(page.contains("What changed in the register cannot be told"));
        assert!(!page.contains("Nothing has changed since"));
        assert!(text(&site, "feed.atom").contains("What changed in the register cannot be told"));
    }
}

#[test]
fn a_site_of_which_nothing_can_be_read_is_not_the_first_publication() {
    let site = site_after(&Previous::unreadable());
    assert!(!text(&site, "changes.html").contains("The first publication"));
    assert!(text(&site, "changes.html").contains("cannot be read"));
}

#[test]
fn identifiers_of_changes_are_stable_and_their_own() {
    let (charter, graded) = example();
    let again = Site::new(&charter, &graded, &meta(), Some(&earlier())).files();
    assert_eq!(history(&again), history(&example_site()));
    let feed = text(&again, "feed.atom");
    let ids: Vec<&str> = feed
        .split("<id>")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap())
        .collect();
    let unique: BTreeSet<&&str> = ids.iter().collect();
    assert!(ids.len() > 6 && ids.len() == unique.len(), "{ids:?}");
    for id in ids {
        let uuid = id.strip_prefix("urn:uuid:").unwrap();
        assert!(uuid.len() == 36 && uuid.as_bytes()[14] == b'8', "{id}");
    }
}

/// One change of the form `averment.changes/1`.
fn told_earlier(kind: &str, effect: &str, number: u32) -> Value {
    json!({
        "id": format!("urn:uuid:00000000-0000-8000-8000-{number:012}"), "kind": kind, "effect": effect, "recipient": "twilio",
        "claim": null, "words": "Twilio: something.", "before": "One.", "after": null,
    })
}

#[test]
fn what_an_earlier_version_told_stays_told() {
    let first = example_site();
    let changes = [
        told_earlier("recipient_removed", "less", 1),
        told_earlier("claim_added", "less", 2),
        told_earlier("grade", "more", 3),
    ];
    let earlier = json!({ "schema": "averment.changes/1", "publications": [
        { "at": "2026-10-01T00:00:00Z", "charter": "sha256:1", "before": null, "changes": changes },
    ] });
    let earlier = earlier.to_string();
    let previous = Previous::read(SiteFiles {
        changes: Some(&earlier),
        ..SiteFiles::default()
    })
    .unwrap();
    let history = history(&site_after(&previous));
    let told = history["publications"][1]["changes"].as_array().unwrap();
    let directions: Vec<&str> = told
        .iter()
        .map(|change| change["direction"].as_str().unwrap())
        .collect();
    // That comparison called every new sentence less: what it knew nothing of is told without a direction.
    assert_eq!(directions, ["narrower", "other", "shown_less"]);
    assert_eq!(told[0]["id"], "urn:uuid:00000000-0000-8000-8000-000000000001");
    assert_eq!(told[0]["sentence"], "Twilio: something. Before: One.");
    assert_eq!(
        history["schema"],
        serde_json::from_str::<Value>(text(&first, "changes.json")).unwrap()["schema"]
    );
}

#[test]
fn a_hundred_publications_are_kept() {
    let mut site = example_site();
    for _ in 0..3 {
        let mut history = history(&site);
        let one = history["publications"][0].clone();
        history["publications"] = json!(vec![one; 120]);
        let text = history.to_string();
        let previous = Previous::read(SiteFiles {
            changes: Some(&text),
            ..SiteFiles::default()
        });
        site = site_after(&previous.unwrap());
    }
    assert_eq!(history(&site)["publications"].as_array().unwrap().len(), 100);
}

#[test]
fn what_is_no_earlier_publication_is_said() {
    for (page, expected) in [
        ("{", "not a document `averment.page/1`"),
        ("[]", "not a document `averment.page/1`"),
        (r#"{"schema":"averment.charter/2"}"#, "not a document `averment.page/1`"),
        (
            r#"{"schema":"averment.page/2","charter":"","recipients":[],"claims":[]}"#,
            "`averment.page/2`",
        ),
    ] {
        let error = Previous::read(SiteFiles {
            page: Some(page),
            ..SiteFiles::default()
        })
        .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    for changes in [
        "{",
        "{}",
        r#"{"schema":"averment.changes/9"}"#,
        r#"{"schema":"averment.changes/1"}"#,
    ] {
        assert!(
            Previous::read(SiteFiles {
                changes: Some(changes),
                ..SiteFiles::default()
            })
            .is_err(),
            "{changes}"
        );
    }
}

#[test]
fn a_page_beside_the_register_of_another_publication_is_said() {
    let first = example_site();
    let other = text(&first, "page.json").replacen("\"charter\": \"sha256:", "\"charter\": \"sha512:", 1);
    let error = Previous::read(SiteFiles {
        register: Some(text(&first, "register.json")),
        page: Some(&other),
        changes: None,
    });
    let error = error.unwrap_err();
    assert!(
        error.to_string().contains("expected one publication") && error.source().is_none(),
        "{error}"
    );
}
