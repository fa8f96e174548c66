//! The forms for programs: JSON, CSV, discovery, policy, and that they say the same.

use std::collections::BTreeMap;

use averment_publish::{Meta, SCHEMA, Site};
use serde_json::Value;

use crate::example::{example, example_site, hostile, meta};

fn text(site: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(site[name].clone()).unwrap()
}

fn json(site: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_str(&text(site, name)).unwrap()
}

#[test]
fn the_json_names_its_schema_and_every_claim() {
    let (charter, graded) = example();
    let site = example_site();
    let page = json(&site, "page.json");
    assert_eq!(page["schema"], "averment.page/1");
    assert_eq!(page["charter"], charter.digest().to_string());
    let of_recipients = page["recipients"].as_array().unwrap().iter();
    let count: usize = of_recipients.map(|row| row["claims"].as_array().unwrap().len()).sum();
    assert_eq!(count + page["claims"].as_array().unwrap().len(), graded.len());
    let grades = page["grades"].as_object().unwrap().values();
    assert_eq!(
        grades.map(|count| count.as_u64().unwrap()).sum::<u64>() as usize,
        graded.len()
    );
    assert_eq!(site["claims.json"], site["page.json"]);
    assert_eq!(text(&site, "page.schema.json"), SCHEMA);
}

#[test]
fn every_kind_of_claim_but_statements_has_plain_words() {
    let (_, graded) = example();
    let page = json(&example_site(), "page.json");
    let recipients = page["recipients"].as_array().unwrap().iter();
    let claims = recipients.flat_map(|row| row["claims"].as_array().unwrap());
    let mut kinds = std::collections::BTreeSet::new();
    for claim in claims.chain(page["claims"].as_array().unwrap()) {
        kinds.insert(claim["kind"].as_str().unwrap().to_owned());
        assert_eq!(claim["plain"].is_null(), claim["kind"] == "statement", "{claim}");
    }
    assert_eq!(kinds.len(), 25, "the example has every kind: {kinds:?}");
    assert!(kinds.len() <= graded.len());
}

#[test]
fn the_digest_is_that_of_the_register_published() {
    let site = example_site();
    let register = text(&site, "charter.json");
    let digest = averment_register::Digest::of(register.trim_end().as_bytes());
    assert_eq!(json(&site, "page.json")["charter"], digest.to_string());
}

#[test]
fn the_discovery_document_has_the_digest_of_every_form() {
    let site = example_site();
    let discovery = json(&site, ".well-known/averment.json");
    for format in discovery["formats"].as_array().unwrap() {
        let path = format["path"].as_str().unwrap();
        let digest = averment_register::Digest::of(&site[path]).to_string();
        assert_eq!(
            format!("sha256:{}", format["sha256"].as_str().unwrap()),
            digest,
            "{path}"
        );
        assert!(text(&site, ".well-known/averment.txt").contains(&digest), "{path}");
    }
    let (charter, graded) = example();
    let live = Meta { live: true, ..meta() };
    let live = Site::new(&charter, &graded, &live, None)
        .file(".well-known/averment.json")
        .unwrap();
    let live: Value = serde_json::from_slice(&live).unwrap();
    assert!(
        live["formats"]
            .as_array()
            .unwrap()
            .iter()
            .all(|format| format["sha256"].is_null())
    );
}

#[test]
fn the_policy_names_hosts_of_recipients_in_browsers_and_no_others() {
    let site = example_site();
    let line = text(&site, "content-security-policy.txt");
    assert_eq!(line.lines().count(), 1);
    assert!(
        line.starts_with("Content-Security-Policy: default-src 'self'; "),
        "{line}"
    );
    for named in ["https://sign-on.example", "https://frame.tags.example"] {
        assert!(line.contains(named), "{named}\n{line}");
    }
    // Twilio is reached by servers alone; the tag manager may only be embedded from one host.
    for absent in ["twilio", "https://tags.example", "unsafe", " * "] {
        assert!(!line.contains(absent), "{absent}\n{line}");
    }
    let policy = json(&site, "content-security-policy.json");
    assert_eq!(
        format!(
            "{}: {}\n",
            policy["header"].as_str().unwrap(),
            policy["value"].as_str().unwrap()
        ),
        line
    );
}

#[test]
fn a_notice_is_in_every_form_and_is_only_text() {
    let (charter, graded) = example();
    let notice = "Example: invented <people>.";
    let meta = Meta {
        notice: Some(notice.into()),
        ..meta()
    };
    let site = Site::new(&charter, &graded, &meta, None).files();
    for path in site.keys().filter(|path| path.ends_with(".html")) {
        let html = text(&site, path);
        let at = html.find("Example: invented &lt;people&gt;.").unwrap();
        assert!(
            html[..at].ends_with("role=\"note\"><p><strong>Please note:</strong> ") && at < html.find("<h1>").unwrap()
        );
    }
    assert_eq!(json(&site, "page.json")["notice"], notice);
    assert_eq!(json(&site, ".well-known/averment.json")["notice"], notice);
    assert!(text(&site, ".well-known/averment.txt").contains(&format!("Notice: {notice}\n")));
    assert!(text(&site, "register.md").contains("> **Please note:** Example: invented"));
    assert!(text(&site, "feed.atom").contains("Please note: Example: invented &lt;people&gt;."));
    assert_eq!(
        text(&site, "claims.csv").matches(&format!(",{notice}\r\n")).count(),
        graded.len()
    );
}

#[test]
fn the_counts_of_the_evidence_fit() {
    let page = json(&example_site(), "page.json");
    let claims = page["claims"].as_array().unwrap().iter();
    let list = claims.clone().find(|claim| claim["kind"] == "list_complete").unwrap();
    let evidence = &list["planes"][0]["evidence"];
    let count = |field: &str| evidence[field].as_u64().unwrap();
    assert_eq!(
        count("decided_in_report_mode") + count("decided_in_enforce_mode"),
        count("observed")
    );
    assert_eq!(count("judged_under_other_charters"), 100);
}

#[test]
fn a_field_that_a_spreadsheet_would_run_is_text() {
    let (charter, graded) = hostile();
    let site = Site::new(&charter, &graded, &meta(), None).files();
    for name in ["claims.csv", "recipients.csv"] {
        let csv = text(&site, name);
        assert!(csv.contains("'=cmd|"), "{csv}");
        assert!(!csv.contains(",=cmd|") && !csv.contains(",\"=cmd|"), "{csv}");
    }
}

#[test]
fn a_recipient_without_rows_has_one_in_the_table() {
    let csv = text(&example_site(), "recipients.csv");
    assert_eq!(csv.matches("\r\nsign-on,").count(), 1);
    assert_eq!(csv.matches("\r\nzendesk,").count(), 2);
}

#[test]
fn what_is_published_reads_back_as_the_register() {
    let (charter, _) = example();
    let site = example_site();
    for path in ["index.html", "register.md", "register.csv", "register.json"] {
        let imported = averment_register::import(path, &text(&site, path)).unwrap();
        let again = averment_register::compile(&imported.source).charter.unwrap();
        assert_eq!(again.digest(), charter.digest(), "{path}");
    }
}
