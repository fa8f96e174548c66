//! The published documents against fixtures, and what must hold of every page.
//!
//! `fixtures/` holds each document as it is made from one example; `REWRITE_CASES=1` writes them anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod example;
mod html;

use std::path::Path;

use averment_publish::site;

use crate::example::{example, meta};

#[test]
fn the_documents_are_those_of_the_fixtures() {
    let (charter, graded) = example();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for (name, bytes) in site(&charter, &graded, &meta()) {
        let path = folder.join(&name);
        if std::env::var_os("REWRITE_CASES").is_some() {
            std::fs::write(&path, &bytes).unwrap();
        }
        let expected = std::fs::read(&path).unwrap_or_default();
        assert!(
            expected == bytes,
            "{name} differs from its fixture; look at the difference with REWRITE_CASES=1"
        );
    }
}

#[test]
fn the_json_names_its_schema_and_every_claim() {
    let (charter, graded) = example();
    let json: serde_json::Value = serde_json::from_str(&averment_publish::json(&charter, &graded, &meta())).unwrap();
    assert_eq!(json["schema"], "averment.page/1");
    assert_eq!(json["charter"], charter.digest().to_string());
    let of_recipients = json["recipients"].as_array().unwrap().iter();
    let count: usize = of_recipients.map(|row| row["claims"].as_array().unwrap().len()).sum();
    assert_eq!(count + json["claims"].as_array().unwrap().len(), graded.len());
    let counted: u64 = json["grades"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(counted as usize, graded.len());
}

#[test]
fn a_notice_is_in_every_form_and_is_only_text() {
    let (charter, graded) = example();
    let notice = "Example: invented <people>.";
    let meta = averment_publish::Meta {
        notice: Some(notice.into()),
        ..meta()
    };
    let site = site(&charter, &graded, &meta);
    let text = |name: &str| String::from_utf8(site[name].clone()).unwrap();
    let html = text("index.html");
    let at = html.find("Example: invented &lt;people&gt;.").unwrap();
    assert!(html[..at].ends_with("role=\"note\"><p><strong>Please note:</strong> ") && at < html.find("<h1>").unwrap());
    let json: serde_json::Value = serde_json::from_str(&text("claims.json")).unwrap();
    assert_eq!(json["notice"], notice);
    assert!(text("claims.md").contains("> **Please note:** Example: invented"));
    let csv = text("claims.csv");
    assert_eq!(csv.matches(&format!(",{notice}\r\n")).count(), graded.len());
}

#[test]
fn the_counts_of_the_evidence_fit() {
    let (charter, graded) = example();
    let json: serde_json::Value = serde_json::from_str(&averment_publish::json(&charter, &graded, &meta())).unwrap();
    let list = &json["claims"][0]["planes"][0]["evidence"];
    let count = |field: &str| list[field].as_u64().unwrap();
    assert_eq!(
        count("decided_in_report_mode") + count("decided_in_enforce_mode"),
        count("observed")
    );
    assert_eq!(count("judged_under_other_charters"), 100);
}

#[test]
fn a_field_that_a_spreadsheet_would_run_is_text() {
    let (charter, graded) = example::hostile();
    let site = site(&charter, &graded, &meta());
    let csv = String::from_utf8(site["claims.csv"].clone()).unwrap();
    assert!(csv.contains("'=cmd|"), "{csv}");
    assert!(!csv.contains(",=cmd|") && !csv.contains(",\"=cmd|"), "{csv}");
}
