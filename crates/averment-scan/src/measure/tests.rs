use averment_register::{Source, compile};
use jiff::civil::date;
use serde_json::{Value, json};

use super::*;
use crate::drift::{Accepted, drift};
use crate::seen::Seen;

const FILES: [(&str, &str); 4] = [
    ("organisation.toml", "organisation = \"Reading Room\"\n"),
    (
        "claims/list.toml",
        "[[claims]]\nkind = \"list_complete\"\nsentence = \"Nobody else.\"\n",
    ),
    (
        "recipients/twilio.toml",
        r#"
recipient = "twilio"
purpose = "To send a link."
information = "Telephone numbers."
planes = ["gateway"]
role = "processor"
student_records = "none"
[[discloses]]
elements = ["contact.phone"]
subjects = ["teacher"]
[[claims]]
kind = "never_shares"
sentence = "No names of students go there."
elements = ["identity.name"]
subjects = ["student"]
"#,
    ),
    (
        "recipients/youtube.toml",
        r#"
recipient = "youtube"
purpose = "To show videos."
information = "Technical data."
planes = ["browser"]
role = "controller"
student_records = "technical"
[[discloses]]
elements = ["tech"]
subjects = ["visitor"]
[[claims]]
kind = "embeds_only"
sentence = "Videos come without cookies."
host = "www.youtube-nocookie.com"
[[claims]]
kind = "retired_since"
sentence = "No videos any more."
date = 2026-11-01
"#,
    ),
];

fn charter() -> Charter {
    compiled(&FILES)
}

fn compiled(files: &[(&str, &str)]) -> Charter {
    let mut source = Source::default();
    for (name, text) in files {
        source.insert(*name, *text);
    }
    let compiled = compile(&source);
    compiled
        .charter
        .unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

fn seen(look: &str, planes: &[&str], observations: &Value) -> Seen {
    let seen = json!({
        "look": look, "planes": planes, "from": "2026-11-02T08:00:00Z", "until": "2026-11-02T09:00:00Z",
        "observations": observations, "coverage": { "read": 10, "live": 8, "bytes": 1000 },
    });
    serde_json::from_value(seen).expect("what a look writes")
}

fn evidence(how: &str, what: &str, file: &str) -> Value {
    json!({ "how": how, "what": what, "spot": { "file": file, "line": 3 }, "tier": "contacted", "confidence": "certain" })
}

fn passed(element: &str, subject: Option<&str>, file: &str) -> Value {
    json!({ "element": element, "subject": subject, "spot": { "file": file, "line": 3 }, "confidence": "likely" })
}

fn twilio(evidence: &[Value], passed: &[Value]) -> Value {
    json!([{ "party": { "known": "twilio" }, "plane": "gateway", "hosts": [], "evidence": evidence, "passed": passed }])
}

/// Claim, plane, observed, contrary, unreadable, unseen of everything measured.
fn measured(seen: Seen) -> Vec<String> {
    let charter = charter();
    let report = drift(&charter, seen, &BTreeSet::new());
    lines(&measurements(&charter, &report, &BTreeSet::new(), None))
}

fn lines(measured: &[Measured]) -> Vec<String> {
    let line = |one: &Measured| {
        let plane = one.plane.as_str();
        format!(
            "{} {plane} {}/{} {} {}",
            one.claim, one.contrary, one.observed, one.unreadable, one.unseen
        )
    };
    measured.iter().map(line).collect()
}

#[test]
fn a_look_at_code_shows_who_is_there_and_not_what_it_could_not_see_into() {
    let call = evidence("call", "Twilio::REST::Client", "a.rb");
    assert_eq!(
        measured(seen("scan.code", &["gateway"], &twilio(&[call], &[]))),
        ["list/list-complete gateway 0/8 0 0"]
    );
}

#[test]
fn what_is_passed_is_held_against_rows_and_sentences() {
    let calls = [
        evidence("call", "Twilio::REST::Client", "a.rb"),
        evidence("call", "Twilio::REST::Client", "b.rb"),
    ];
    let good = twilio(&calls, &[passed("contact.phone", Some("teacher"), "a.rb")]);
    assert_eq!(
        measured(seen("scan.code", &["gateway"], &good)),
        [
            "list/list-complete gateway 0/8 0 0",
            "twilio/never-shares gateway 0/1 0 1",
            "twilio/shares gateway 0/1 0 1"
        ],
        "nobody saw what the second call passes"
    );
    let bad = twilio(&calls[..1], &[passed("identity.name.full", Some("student"), "a.rb")]);
    assert_eq!(
        measured(seen("scan.code", &["gateway"], &bad)),
        [
            "list/list-complete gateway 0/8 0 0",
            "twilio/never-shares gateway 1/1 0 0",
            "twilio/shares gateway 1/1 0 0"
        ]
    );
    let unclear = twilio(&calls[..1], &[passed("identity.name.full", None, "a.rb")]);
    assert_eq!(
        measured(seen("scan.code", &["gateway"], &unclear)),
        [
            "list/list-complete gateway 0/8 0 0",
            "twilio/never-shares gateway 0/1 0 1",
            "twilio/shares gateway 1/1 0 0"
        ]
    );
}

#[test]
fn requests_are_read_whole_by_who_recognises_people() {
    let requests = [evidence("request", "https://api.twilio.com/x", "https://room.example/")];
    let knowing = |look: &str, knows_people, passed: &[Value]| {
        let mut seen = seen(look, &["gateway"], &twilio(&requests, passed));
        seen.knows_people = knows_people;
        measured(seen)
    };
    for look in ["scan.har", "crawl.site"] {
        assert_eq!(knowing(look, false, &[]), ["list/list-complete gateway 0/8 0 0"]);
    }
    assert_eq!(knowing("scan.export", false, &[]), [""; 0]);
    let bad = [passed("identity.name.full", Some("student"), "https://room.example/")];
    assert_eq!(
        knowing("scan.har", false, &bad),
        [
            "list/list-complete gateway 0/8 0 0",
            "twilio/never-shares gateway 1/1 0 1",
            "twilio/shares gateway 1/1 0 1"
        ],
        "what goes against it is told all the same"
    );
    assert_eq!(
        knowing("scan.har", true, &[]),
        [
            "list/list-complete gateway 0/8 0 0",
            "twilio/never-shares gateway 0/1 0 0",
            "twilio/shares gateway 0/1 0 0"
        ]
    );
}

#[test]
fn who_is_not_declared_goes_against_the_list_on_its_plane() {
    let evil = json!([{ "party": { "domain": "evil.org" }, "plane": "browser", "hosts": ["a.evil.org"],
        "evidence": [evidence("script", "https://a.evil.org/t.js", "a.html")] }]);
    assert_eq!(
        measured(seen("scan.code", &["gateway", "browser"], &evil)),
        [
            "list/list-complete gateway 0/8 0 0",
            "list/list-complete browser 1/8 0 0",
            "youtube/retired-since browser 0/8 0 0"
        ]
    );
    assert_eq!(
        measured(seen("scan.csp", &["browser"], &evil)),
        ["list/list-complete browser 1/1 0 0"],
        "a report shows only what goes wrong"
    );
    assert_eq!(measured(seen("scan.csp", &["browser"], &json!([]))), [""; 0]);
}

#[test]
fn retired_and_embedded_recipients_are_told() {
    let tube = |what: &str| {
        json!([{ "party": { "known": "youtube" }, "plane": "browser", "hosts": [],
        "evidence": [evidence("frame", what, "a.html")] }])
    };
    assert_eq!(
        measured(seen(
            "scan.code",
            &["browser"],
            &tube("https://www.youtube.com/embed/x")
        )),
        [
            "list/list-complete browser 0/8 0 0",
            "youtube/embeds-only browser 1/1 0 0",
            "youtube/retired-since browser 1/8 0 0"
        ]
    );
    let mut before = seen(
        "scan.code",
        &["browser"],
        &tube("https://www.youtube-nocookie.com/embed/x"),
    );
    before.from = "2026-10-01T00:00:00Z".parse().expect("a time");
    assert_eq!(
        measured(before),
        [
            "list/list-complete browser 0/8 0 0",
            "youtube/embeds-only browser 0/1 0 0"
        ],
        "what began before that day says nothing about it"
    );
}

#[test]
fn that_somebody_retired_was_not_met_says_so_and_nothing_of_what_went_there_before() {
    let nobody = || seen("crawl.site", &["browser"], &json!([]));
    let gone = [
        "list/list-complete browser 0/8 0 0",
        "youtube/retired-since browser 0/8 0 0",
    ];
    assert_eq!(measured(nobody()), gone);
    let mut before = nobody();
    before.from = "2026-10-01T00:00:00Z".parse().expect("a time");
    assert_eq!(measured(before), gone[..1], "it may have been there until then");
}

#[test]
fn that_somebody_is_gone_whom_nothing_tells_from_others_no_look_shows() {
    let unnamed = FILES[3]
        .1
        .replace("recipient = \"youtube\"", "recipient = \"videos\"\nthird_parties = []");
    let charter = compiled(&[FILES[0], ("recipients/videos.toml", &unnamed)]);
    let report = drift(&charter, seen("crawl.site", &["browser"], &json!([])), &BTreeSet::new());
    assert_eq!(lines(&measurements(&charter, &report, &BTreeSet::new(), None)), [""; 0]);
}

#[test]
fn a_look_that_saw_nothing_speaks_for_nothing_and_what_it_could_not_read_is_told() {
    let mut blind = seen("scan.code", &["gateway", "browser"], &json!([]));
    blind.coverage.live = 0;
    assert_eq!(measured(blind), [""; 0]);
    let mut part = seen("scan.code", &["gateway"], &json!([]));
    part.coverage.unread.push(crate::seen::Unread {
        spot: crate::observation::Spot::default(),
        because: "too deep".to_owned(),
    });
    part.coverage.left_out.insert("too large".to_owned(), 2);
    part.coverage.left_out.insert("ignored".to_owned(), 70);
    assert_eq!(measured(part), ["list/list-complete gateway 0/8 1 2"]);
}

#[test]
fn what_should_have_been_looked_at_and_was_not_is_unseen() {
    let mut cut = seen("scan.code", &["gateway"], &json!([]));
    assert!(cut.coverage.is_whole());
    cut.coverage.left_out.insert("binary".to_owned(), 9);
    assert!(cut.coverage.is_whole(), "nobody has to look at pictures");
    let room = [
        "more evidence than a report holds",
        "more third parties than a report holds",
        "unread, and more than a report holds",
    ];
    for reason in room {
        cut.coverage.left_out.insert(reason.to_owned(), 2);
    }
    cut.coverage.pass_by("binary, and named as source");
    assert!(!cut.coverage.is_whole());
    assert_eq!(measured(cut), ["list/list-complete gateway 0/8 0 7"]);
}

#[test]
fn only_what_is_live_on_a_plane_speaks_for_it() {
    let mut parted = seen("scan.code", &["gateway", "browser"], &json!([]));
    parted.coverage.live_by_plane.insert(Plane::Browser, 3);
    assert_eq!(
        measured(parted),
        [
            "list/list-complete browser 0/3 0 0",
            "youtube/retired-since browser 0/3 0 0"
        ]
    );
}

#[test]
fn what_is_accepted_counts_all_the_same_unless_the_look_is_wrong() {
    let evil = json!([{ "party": { "domain": "evil.org" }, "plane": "gateway", "hosts": ["a.evil.org"],
        "evidence": [evidence("host", "a.evil.org", "a.rb")] }]);
    let charter = charter();
    let mut report = drift(&charter, seen("scan.code", &["gateway"], &evil), &BTreeSet::new());
    let accepted = |mistaken| {
        Some(Accepted {
            reason: "why".to_owned(),
            until: date(2027, 1, 1),
            mistaken,
        })
    };
    for (mistaken, contrary) in [(false, 1), (true, 0)] {
        report.drift[0].accepted = accepted(mistaken);
        let all = measurements(&charter, &report, &BTreeSet::new(), Some("web"));
        let unseen = u8::from(mistaken);
        assert_eq!(
            lines(&all),
            [format!("list/list-complete gateway {contrary}/8 0 {unseen}")],
            "what a look is mistaken about it did not see"
        );
        assert_eq!(all[0].by, "scan.code.web");
        let places = if mistaken {
            vec![]
        } else {
            vec!["evil.org gateway, a.rb:3"]
        };
        assert_eq!(all[0].places, places);
    }
}

#[test]
fn a_policy_and_reports_about_it_speak_for_nothing() {
    assert_eq!(
        measured(seen("scan.csp", &["browser"], &json!([]))),
        Vec::<String>::new()
    );
    assert!(!measured(seen("scan.har", &["browser"], &json!([]))).is_empty());
}

const GRAVATAR: &str = r#"
recipient = "gravatar"
purpose = "Pictures of those who ask for it."
information = "A digest of the address."
planes = ["browser"]
role = "controller"
student_records = "possible"
[[discloses]]
elements = ["contact.email_hash"]
subjects = ["student", "teacher"]
when = "consent:avatar"
[[claims]]
kind = "needs_consent"
consent = "avatar"
giver = "subject"
elements = ["contact.email"]
subjects = ["student"]
sentence = "It is used for nobody who has not asked for it."
"#;

/// What goes there of people who consented, who did not, whose school did, and of whom nobody was asked.
#[test]
fn what_goes_out_without_the_consent_goes_against_the_sentence_about_it() {
    let charter = compiled(&[FILES[0], ("recipients/gravatar.toml", GRAVATAR)]);
    let look = |look: &str, whose: Option<&str>, consented: Value| {
        let mut passed = passed("contact.email_hash", whose, "https://room.example/people");
        passed["consented"] = consented;
        let request = evidence("request", "gravatar.com/avatar/*", "https://room.example/people");
        let seen_there = json!([{ "party": { "known": "gravatar" }, "plane": "browser", "hosts": ["gravatar.com"],
            "evidence": [request], "passed": [passed] }]);
        let mut seen = seen(look, &["browser"], &seen_there);
        seen.knows_people = true;
        let report = drift(&charter, seen, &BTreeSet::new());
        let drifts: Vec<String> = report.drift.iter().map(|one| one.message.clone()).collect();
        let all = lines(&measurements(&charter, &report, &BTreeSet::new(), None));
        (all.into_iter().find(|line| line.contains("consent")), drifts.concat())
    };
    let of_student = |consented: Value| look("crawl.site", Some("student.minor"), consented);
    let said = |counts: &str| Some(format!("gravatar/needs-consent browser {counts}"));
    assert_eq!(
        of_student(json!({ "own": ["avatar"] })),
        (said("0/1 0 0"), String::new())
    );
    let without = "`gravatar` is passed `contact.email_hash` of `student.minor`, without the consent `avatar` that \
                   `gravatar/needs-consent` asks for";
    assert_eq!(of_student(json!({})), (said("1/1 0 0"), without.to_owned()));
    assert_eq!(of_student(json!({ "own": ["newsletter"] })).0, said("1/1 0 0"));
    assert_eq!(of_student(json!({ "of_school": ["avatar"] })).0, said("0/1 0 1"));
    assert_eq!(of_student(Value::Null).0, said("0/1 0 1"), "nobody was asked");
    assert_eq!(
        look("crawl.site", None, json!({})).0,
        said("0/1 0 1"),
        "nobody saw whose it is"
    );
    assert_eq!(look("crawl.site", Some("teacher"), json!({})).0, said("0/1 0 0"));
    assert_eq!(look("scan.code", Some("student.minor"), Value::Null).0, None);
}

/// A claim about nobody speaks of what rows let out with that consent alone.
#[test]
fn a_sentence_about_all_recipients_holds_where_rows_ask_for_the_consent() {
    let list = "[[claims]]\nkind = \"needs_consent\"\nconsent = \"avatar\"\ngiver = \"subject\"\nsentence = \"Only who asks.\"\n";
    let other = GRAVATAR.split("[[claims]]").next().unwrap_or_default();
    let free = other.replace("when = \"consent:avatar\"\n", "");
    for (rows, expected) in [
        (other, Some("list/needs-consent browser 1/1 0 0")),
        (free.as_str(), None),
    ] {
        let files = [FILES[0], ("claims/list.toml", list), ("recipients/gravatar.toml", rows)];
        let charter = compiled(&files);
        let mut passed = passed("contact.email_hash", Some("student"), "https://room.example/people");
        passed["consented"] = json!({});
        let request = evidence("request", "gravatar.com/avatar/*", "https://room.example/people");
        let there = json!([{ "party": { "known": "gravatar" }, "plane": "browser", "hosts": ["gravatar.com"],
            "evidence": [request], "passed": [passed] }]);
        let mut seen = seen("scan.har", &["browser"], &there);
        seen.knows_people = true;
        let report = drift(&charter, seen, &BTreeSet::new());
        let all = lines(&measurements(&charter, &report, &BTreeSet::new(), None));
        let told = all.iter().find(|line| line.contains("consent")).map(String::as_str);
        assert_eq!(told, expected);
    }
}
