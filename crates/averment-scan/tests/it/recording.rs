//! Recordings as browsers write them, made for tests, and the look that they give.

use averment_detect::{Directory, DirectoryKey};
use averment_scan::har::{Looker, Reader};
use averment_scan::{Evidence, How, Look, Observation, Own, Seen};
use serde_json::{Value, json};

/// Nobody is known, so that shapes alone are found.
pub(crate) fn nobody() -> Directory {
    Directory::new(DirectoryKey::new([0; 32]), Vec::new(), [])
}

/// Reads recordings of roles; those without a role are under an empty name.
pub(crate) fn look(recordings: &[(&str, Vec<u8>)]) -> Seen {
    look_with(&nobody(), recordings)
}

pub(crate) fn look_with(directory: &Directory, recordings: &[(&str, Vec<u8>)]) -> Seen {
    look_as(&Own::default(), directory, recordings)
}

/// With domains of one's own that were named.
pub(crate) fn look_as(own: &Own, directory: &Directory, recordings: &[(&str, Vec<u8>)]) -> Seen {
    let looker = Looker {
        directory,
        own: own.clone(),
        consents: None,
        declared: &[],
    };
    look_by(looker, recordings)
}

pub(crate) fn look_by(looker: Looker<'_>, recordings: &[(&str, Vec<u8>)]) -> Seen {
    let mut reader = Reader::new(looker);
    for (role, bytes) in recordings {
        reader.read("a.har", Some(*role).filter(|role| !role.is_empty()), bytes.as_slice());
    }
    reader.finish(Look::Har, "2026-11-22T12:00:00Z".parse().unwrap())
}

/// A recording in Chromium's way: the page's title is its address.
pub(crate) fn chromium(page: &str, entries: &[Value]) -> Vec<u8> {
    let all: Vec<Value> = std::iter::once(request("document", page))
        .chain(entries.iter().cloned())
        .collect();
    let pages =
        json!([{ "id": "page_1", "title": page, "startedDateTime": "2026-11-20T08:00:00.000Z", "pageTimings": {} }]);
    let log = json!({ "version": "1.2", "creator": { "name": "WebInspector", "version": "537.36" }, "pages": pages, "entries": all });
    serde_json::to_vec(&json!({ "log": log })).unwrap()
}

/// One request for something that a page loads.
pub(crate) fn request(kind: &str, url: &str) -> Value {
    json!({
        "pageref": "page_1", "startedDateTime": "2026-11-20T08:00:01.000Z", "time": 12.5, "_resourceType": kind,
        "request": { "method": "GET", "url": url, "httpVersion": "h2", "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0 },
        "response": { "status": 200, "statusText": "", "httpVersion": "h2", "headers": [], "cookies": [], "content": { "size": 3, "mimeType": "text/plain", "text": "abc" }, "redirectURL": "", "headersSize": -1, "bodySize": -1 },
        "cache": {}, "timings": { "send": 1, "wait": 1, "receive": 1 }
    })
}

/// A request with a body.
pub(crate) fn post(url: &str, kind: &str, text: &str) -> Value {
    let mut entry = request("fetch", url);
    entry["request"]["method"] = json!("POST");
    entry["request"]["postData"] = json!({ "mimeType": kind, "text": text });
    entry
}

/// The observation of a third party.
pub(crate) fn of<'a>(seen: &'a Seen, party: &str) -> &'a Observation {
    let found = seen.observations.iter().find(|one| one.party.to_string() == party);
    found.unwrap_or_else(|| panic!("no `{party}` among {:?}", parties(seen)))
}

/// Everybody who was seen.
pub(crate) fn parties(seen: &Seen) -> Vec<String> {
    seen.observations.iter().map(|one| one.party.to_string()).collect()
}

/// What shows a third party in one way.
pub(crate) fn shown(observation: &Observation, how: How) -> Vec<&Evidence> {
    observation.evidence.iter().filter(|one| one.how == how).collect()
}
