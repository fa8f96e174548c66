//! What recordings show, held against a register.

use std::collections::BTreeSet;

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, PersonNumber};
use averment_register::{Charter, Source, compile};
use averment_scan::har::{Looker, Reader};
use averment_scan::{Drift, Look, Own, Report, Seen, drift, measurements, report};
use serde_json::{Value, json};

use crate::recording::{chromium, look_as, look_by, nobody, request};

const PAGE: &str = "https://learn.birch-school.org/courses";
const MAIL: &str = "maya.lindqvist%40birch.example";

/// A recipient that gets `element` of students and of teachers.
fn recipient(id: &str, element: &str) -> String {
    format!(
        "recipient = \"{id}\"\npurpose = \"To help.\"\ninformation = \"What people write.\"\nplanes = [\"browser\"]\n\
         role = \"processor\"\nstudent_records = \"possible\"\n\
         [[discloses]]\nelements = [\"{element}\"]\nsubjects = [\"student\", \"teacher\"]\n"
    )
}

fn charter(recipients: &[(&str, String)]) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Reading Room\"\n");
    for (id, text) in recipients {
        source.insert(format!("recipients/{id}.toml"), text.as_str());
    }
    let compiled = compile(&source);
    compiled
        .charter
        .unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

fn of_home(recordings: &[(&str, Vec<u8>)]) -> Seen {
    let named = BTreeSet::from(["birch-school.org".to_owned()]);
    look_as(&Own::named(&named), &nobody(), recordings)
}

fn reported(charter: &Charter, seen: Seen) -> Report {
    drift(charter, seen, &BTreeSet::new())
}

fn subjects<'a>(drift: impl Iterator<Item = &'a Drift>) -> Vec<String> {
    drift
        .map(|one| format!("{} {}", one.rule.as_str(), one.subject))
        .collect()
}

#[test]
fn what_one_recipient_may_get_excuses_no_other_on_the_page() {
    let charter = charter(&[
        ("google-analytics", recipient("google-analytics", "usage.event")),
        ("zendesk", recipient("zendesk", "contact.email")),
    ]);
    let tracker = request(
        "fetch",
        &format!("https://www.google-analytics.com/g/collect?v=2&uid={MAIL}"),
    );
    let desk = request("fetch", &format!("https://acme.zendesk.com/api/v2/x?email={MAIL}"));
    let look = |entries: &[Value]| ("student_under13", chromium(PAGE, entries));
    for recordings in [
        vec![look(std::slice::from_ref(&tracker))],
        vec![look(&[tracker.clone(), desk.clone()])],
        vec![look(&[desk.clone(), tracker.clone()])],
        vec![look(std::slice::from_ref(&desk)), look(&[tracker])],
    ] {
        let mut seen = of_home(&recordings);
        seen.knows_people = true;
        let report = reported(&charter, seen);
        let wrong = ["undeclared-element google-analytics browser contact.email student.under13"];
        assert_eq!(subjects(report.errors()), wrong);
        let against = measurements(&charter, &report, &BTreeSet::new(), None);
        let against = against.iter().filter(|one| one.contrary > 0);
        let against: Vec<&str> = against.map(|one| one.claim.as_str()).collect();
        assert_eq!(against, ["google-analytics/shares"]);
    }
    assert_eq!(
        subjects(reported(&charter, of_home(&[look(&[desk])])).errors()),
        [""; 0]
    );
}

/// Two third parties on one page get the same; `alike`: of one and the same message.
fn two(alike: bool) -> Seen {
    let observation = |party: &str, other: &str| {
        let spot = json!({ "file": PAGE });
        let alike = if alike { json!([{ "known": other }]) } else { json!([]) };
        json!({ "party": { "known": party }, "plane": "browser", "hosts": ["x.shared-host.org"],
            "evidence": [{ "how": "request", "what": "x.shared-host.org/*", "spot": spot, "tier": "contacted",
                "side": "browser", "confidence": "likely", "alike": alike }],
            "passed": [{ "element": "contact.email", "subject": "student.under13", "spot": spot,
                "confidence": "likely", "request": "x.shared-host.org/*", "alike": alike }] })
    };
    let seen = json!({ "look": "scan.har", "planes": ["browser"], "from": "2026-11-20T08:00:01Z",
        "until": "2026-11-20T08:00:01Z", "coverage": { "read": 2, "live": 2, "bytes": 2 },
        "observations": [observation("amplitude", "zendesk"), observation("zendesk", "amplitude")] });
    serde_json::from_value(seen).expect("what a look writes")
}

#[test]
fn one_message_that_two_may_get_is_declared_with_either() {
    let desk = ("zendesk", recipient("zendesk", "contact.email"));
    let events = ("amplitude", recipient("amplitude", "usage.event"));
    let both = charter(&[desk.clone(), events]);
    let one = charter(&[desk]);
    for charter in [&both, &one] {
        assert_eq!(subjects(reported(charter, two(true)).errors()), [""; 0]);
    }
    assert_eq!(
        subjects(reported(&both, two(false)).errors()),
        ["undeclared-element amplitude browser contact.email student.under13"]
    );
    assert_eq!(
        subjects(reported(&one, two(false)).errors()),
        ["undeclared-recipient amplitude browser"]
    );
}

/// A request to somebody with a body that is recorded in this way.
fn sent(change: impl FnOnce(&mut Value)) -> Value {
    let mut entry = request("fetch", "https://api2.amplitude.com/2/httpapi");
    entry["request"]["method"] = json!("POST");
    change(&mut entry["request"]);
    entry
}

#[test]
fn a_body_that_is_not_in_the_recording_is_not_clean() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, bool); 10] = [
        ("its size alone", |one| one["bodySize"] = json!(5000), true),
        (
            "its length",
            |one| one["headers"] = json!([{ "name": "Content-Length", "value": "12" }]),
            true,
        ),
        (
            "its type",
            |one| one["headers"] = json!([{ "name": "content-type", "value": "application/json" }]),
            true,
        ),
        (
            "an attachment",
            |one| one["postData"] = json!({ "mimeType": "text/plain", "_file": "a.dat" }),
            true,
        ),
        (
            "its digest",
            |one| one["postData"] = json!({ "mimeType": "text/plain", "_sha1": "3a5f" }),
            true,
        ),
        (
            "no text",
            |one| {
                one["postData"] = json!({ "mimeType": "application/octet-stream", "text": "", "params": [] });
                one["bodySize"] = json!(9);
            },
            true,
        ),
        (
            "a form without its file",
            |one| {
                one["postData"] = json!({ "mimeType": "multipart/form-data; boundary=b", "text": "--b--" });
                one["headers"] = json!([{ "name": "content-length", "value": "40000" }]);
            },
            true,
        ),
        (
            "nothing was sent",
            |one| one["headers"] = json!([{ "name": "content-length", "value": "0" }]),
            false,
        ),
        ("nothing says so", |one| one["bodySize"] = json!(-1), false),
        (
            "all of it",
            |one| {
                one["postData"] = json!({ "mimeType": "application/json", "text": "{\"a\":1}" });
                one["headers"] = json!([{ "name": "content-length", "value": "7" }]);
                one["bodySize"] = json!(7);
            },
            false,
        ),
    ];
    let charter = charter(&[("amplitude", recipient("amplitude", "usage.event"))]);
    for (case, change, missing) in cases {
        let mut seen = of_home(&[("teacher", chromium(PAGE, &[sent(change)]))]);
        seen.knows_people = true;
        assert_eq!(seen.coverage.is_whole(), !missing, "{case}: {:?}", seen.coverage);
        let told = seen.coverage.unread.iter().map(|one| one.because.as_str());
        let expected = "the body of a request to api2.amplitude.com is not in the recording";
        assert_eq!(told.collect::<Vec<_>>(), vec![expected; usize::from(missing)], "{case}");
        let measured = measurements(&charter, &reported(&charter, seen), &BTreeSet::new(), None);
        let shares = measured.iter().find(|one| one.claim.as_str() == "amplitude/shares");
        assert_eq!(shares.expect("a measurement").unreadable, u64::from(missing), "{case}");
    }
}

/// A recording whose request keeps its body in `file`.
fn attaching(key: &str, file: &str) -> Vec<u8> {
    let entry = sent(|one| {
        one["postData"] = json!({ "mimeType": "application/json", "params": [], "text": "", key: file });
        one["bodySize"] = json!(40);
    });
    chromium(PAGE, &[entry])
}

/// Elements that one file shows, and how much of it could not be read.
fn elements(path: &std::path::Path) -> (Vec<String>, usize) {
    let nobody = nobody();
    let looker = Looker {
        directory: &nobody,
        own: Own::named(&BTreeSet::from(["birch-school.org".to_owned()])),
        consents: None,
        declared: &[],
    };
    let mut reader = Reader::new(looker);
    reader.read_file(path, None);
    let seen = reader.finish(Look::Har, "2026-11-22T12:00:00Z".parse().expect("a time"));
    let passed = seen.observations.iter().flat_map(|one| &one.passed);
    (
        passed.map(|one| one.element.to_string()).collect(),
        seen.coverage.unread.len(),
    )
}

#[test]
fn a_body_in_a_file_of_its_own_is_read_where_it_lies() {
    const BODY: &[u8] = br#"{"who":"maya.lindqvist@birch.example"}"#;
    let folder = tempfile::tempdir().expect("a folder");
    let inner = folder.path().join("in");
    std::fs::create_dir_all(inner.join("resources")).expect("a folder");
    std::fs::write(folder.path().join("outside.json"), BODY).expect("a file");
    std::fs::write(inner.join("3a5f.json"), BODY).expect("a file");
    let found = (vec!["contact.email".to_owned()], 0);
    let lost = (Vec::new(), 1);
    for (key, file, expected) in [
        ("_file", "3a5f.json", &found),
        ("_sha1", "3a5f.json", &found),
        ("_file", "other.json", &lost),
        ("_file", "../outside.json", &lost),
        ("_file", "resources", &lost),
        ("_file", "/etc/hostname", &lost),
    ] {
        let path = inner.join("a.har");
        std::fs::write(&path, attaching(key, file)).expect("a file");
        assert_eq!(&elements(&path), expected, "{key} {file}");
        for (recording, member, at) in [
            ("a.har", "3a5f.json", &found),
            ("in/a.har", "in/3a5f.json", &found),
            ("in/a.har", "resources/3a5f.json", &found),
            ("a.har", "resources/3a5f.json", &found),
            ("in/a.har", "elsewhere/3a5f.txt", &lost),
        ] {
            let path = inner.join("a.zip");
            zipped(&path, &[(member, BODY), (recording, &attaching(key, "3a5f.json"))]);
            assert_eq!(&elements(&path), at, "{key} {recording} {member}");
        }
    }
}

fn zipped(path: &std::path::Path, members: &[(&str, &[u8])]) {
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).expect("a file"));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(*name, options).expect("a member");
        std::io::Write::write_all(&mut archive, bytes).expect("written");
    }
    archive.finish().expect("an archive");
}

/// One pupil: name, user name and number.
fn directory() -> Directory {
    let key = DirectoryKey::new([7; 32]);
    let fields = [
        (IdentifierKind::FullName, "Helen Castellanos"),
        (IdentifierKind::Username, "quillfox"),
        (IdentifierKind::StudentId, "s-104"),
    ];
    let mut rows = Vec::new();
    for (kind, text) in fields {
        let row = |(form, normal): (_, String)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: kind.element(),
            person: PersonNumber(1),
        };
        rows.extend(identifiers(kind, text).expect("an identifier").into_iter().map(row));
    }
    let student = SubjectId::new("student.under13").expect("a kind");
    Directory::new(key, rows, [(PersonNumber(1), student)])
}

#[test]
fn nobody_of_the_directory_stands_in_an_address() {
    let people = directory();
    let paths = [
        "Helen-Castellanos.html",
        "helencastellanos",
        "castellanos_helen.js",
        "cv-HelenCastellanos.js",
        "quillfox.png",
        "quillfox",
        "a/quillfox.css",
        "s-104",
        "s-104.json",
        "x?quillfox=1",
        "x?s-104=1",
        "x?a.quillfox=2",
        "export-s-104-all.js",
    ];
    let hosts = [
        "quillfox",
        "helen-castellanos",
        "helen.castellanos",
        "s-104",
        "cdn.quillfox",
        "helencastellanos",
        "quillfox-site",
    ];
    let by_path = paths.map(|path| request("fetch", &format!("https://px.evil-host.com/{path}")));
    let by_host = hosts.map(|label| request("script", &format!("https://{label}.other-host.com/a.js")));
    let mut set = request("image", "https://px.evil-host.com/i.gif");
    set["response"]["headers"] =
        json!([{ "name": "Set-Cookie", "value": "quillfox=1\nHelen-Castellanos=1\nquillfox_s-104=1\nuid=1" }]);
    let mut lost = request("fetch", "https://quillfox.github.io/x");
    lost["request"]["bodySize"] = json!(5);
    let mut sent_on = request("image", "https://learn.birch-school.org/out");
    sent_on["response"]["redirectURL"] = json!("https://quillfox.third-host.com/quillfox");
    let all: Vec<Value> = by_path.into_iter().chain(by_host).chain([set, lost, sent_on]).collect();
    let page = "https://quillfox.birch-school.org/Helen-Castellanos.html";
    let named = BTreeSet::from(["birch-school.org".to_owned()]);
    let seen = look_as(&Own::named(&named), &people, &[("teacher", chromium(page, &all))]);
    let report = reported(&charter(&[]), seen);
    let told = [
        json!(report.seen).to_string(),
        report::text(&report, 99),
        report::markdown(&report, 99),
        report::json(&report).to_string(),
        format!(
            "{:?}",
            averment_scan::wanted(&charter(&[]), std::slice::from_ref(&report.seen), &BTreeSet::new())
        ),
    ];
    for told in told {
        let lower = told.to_lowercase();
        for name in ["quillfox", "castellanos", "s-104"] {
            assert!(!lower.contains(name), "{name} in {told}");
        }
    }
    let hosts: Vec<&String> = report.seen.observations.iter().flat_map(|one| &one.hosts).collect();
    let expected = [
        "*.github.io",
        "*.other-host.com",
        "*.third-host.com",
        "px.evil-host.com",
    ];
    assert_eq!(
        BTreeSet::from_iter(hosts),
        BTreeSet::from_iter(&expected.map(str::to_owned))
    );
    let message = report
        .errors()
        .map(|one| one.message.as_str())
        .find(|one| one.contains("evil-host.com"));
    assert!(
        message.is_some_and(|told| told.contains("declares it; it is passed `")),
        "{message:?}"
    );
}

#[test]
fn a_host_that_looks_like_somebody_is_told_by_its_domain() {
    let entries = [
        "maya-lindqvist.evil-host.com",
        "4810221.evil-host.com",
        "static-assets.evil-host.com",
        "help-desk.acme.zendesk.com",
    ]
    .map(|host| request("fetch", &format!("https://{host}/x")));
    let seen = of_home(&[("teacher", chromium(PAGE, &entries))]);
    let hosts = seen
        .observations
        .iter()
        .flat_map(|one| one.hosts.iter().map(String::as_str));
    let expected = [
        "*.evil-host.com",
        "static-assets.evil-host.com",
        "help-desk.acme.zendesk.com",
    ];
    assert_eq!(hosts.collect::<Vec<_>>(), expected);
    let own = Own::named(&BTreeSet::from(["birch-school.org".to_owned()]));
    let declared = ["maya-lindqvist.evil-host.com".to_owned()];
    let nobody = nobody();
    let looker = Looker {
        directory: &nobody,
        own,
        consents: None,
        declared: &declared,
    };
    let seen = look_by(looker, &[("teacher", chromium(PAGE, &entries[..1]))]);
    assert!(
        seen.observations[0].hosts.contains("maya-lindqvist.evil-host.com"),
        "the register names it"
    );
}
