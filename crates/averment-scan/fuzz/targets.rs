//! What is fuzzed: recordings of browsers as a whole, the address of one request, the body of one. A panic, a value of a person in
//! what was seen, or a second look that sees something else is a fault.
//!
//! `AVERMENT_FUZZ_CRATE=averment-scan scripts/fuzz.sh` runs them under libFuzzer; `tests/it/fuzzed.rs` runs each over its seeds
//! without.

use std::sync::LazyLock;

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, PersonNumber};
use averment_scan::har::{Looker, Reader};
use averment_scan::{Look, Own, Seen};
use jiff::Timestamp;

/// A target.
pub(crate) type Target = fn(&[u8]);

/// Name and function of every target.
pub(crate) const TARGETS: [(&str, Target); 3] = [("recording", recording), ("address", address), ("body", body)];

/// The one person that the directory knows.
pub(crate) const ADA: &str = "ada.lovelace@school.example";

static PEOPLE: LazyLock<Directory> = LazyLock::new(|| {
    let key = DirectoryKey::new([7; 32]);
    let kind = IdentifierKind::Email;
    let rows: Vec<DirectoryRow> = identifiers(kind, ADA)
        .unwrap_or_default()
        .into_iter()
        .map(|(form, normal)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: kind.element(),
            person: PersonNumber(1),
        })
        .collect();
    let whose = SubjectId::new("student.under13").expect("a kind of subject of the catalog");
    Directory::new(key, rows, [(PersonNumber(1), whose)])
});

fn recording(data: &[u8]) {
    let first = look(data);
    let written = serde_json::to_string(&first).expect("what was seen can be written");
    assert!(
        !written.to_ascii_lowercase().contains(ADA),
        "a value was kept: {written}"
    );
    assert!(first == look(data), "a second look sees something else");
}

fn address(data: &[u8]) {
    let written = String::from_utf8_lossy(data);
    entry(
        &serde_json::json!({ "method": "GET", "url": format!("https://{written}"), "headers": [{ "name": "Referer", "value": written }] }),
    );
}

fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for kind in [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "",
    ] {
        let sent = serde_json::json!({ "mimeType": kind, "text": text });
        entry(
            &serde_json::json!({ "method": "POST", "url": "https://b.body-party.com/in", "headers": [], "postData": sent }),
        );
    }
}

fn entry(request: &serde_json::Value) {
    let page = serde_json::json!({ "id": "page_1", "title": "https://learn.birch-school.org/", "startedDateTime": "2026-11-20T08:00:00Z" });
    let one = serde_json::json!({
        "pageref": "page_1", "startedDateTime": "2026-11-20T08:00:01Z", "_resourceType": "fetch", "request": request,
        "response": { "status": 200, "headers": [], "content": { "mimeType": "text/plain" }, "redirectURL": "" },
    });
    let document = serde_json::json!({ "log": { "version": "1.2", "pages": [page], "entries": [one] } });
    recording(document.to_string().as_bytes());
}

fn look(data: &[u8]) -> Seen {
    let own = Own::default();
    let mut reader = Reader::new(Looker {
        directory: &PEOPLE,
        consents: None,
        own,
        declared: &[],
    });
    reader.read("a.har", Some("teacher"), data);
    reader.finish(Look::Har, Timestamp::UNIX_EPOCH)
}
