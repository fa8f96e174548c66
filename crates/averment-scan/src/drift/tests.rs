use std::collections::BTreeSet;

use averment_register::{Charter, Severity, Source, compile};
use serde_json::{Value, json};

use super::*;

const ORGANISATION: &str = "organisation = \"Reading Room\"\n";

const TWILIO: &str = r#"
recipient = "twilio"
purpose = "To send a link."
information = "Telephone numbers of teachers."
planes = ["gateway"]
role = "processor"
student_records = "none"
[[discloses]]
elements = ["contact.phone"]
subjects = ["student.eligible", "teacher"]
[[claims]]
kind = "never_shares"
sentence = "No names of students go there."
elements = ["identity.name"]
subjects = ["student"]
"#;

const YOUTUBE: &str = r#"
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
"#;

const DESK: &str = r#"
recipient = "desk"
third_parties = []
name = "New Desk"
purpose = "To answer questions."
information = "What people write."
planes = ["gateway", "browser"]
role = "processor"
student_records = "possible"
hosts = ["api.new-desk.org"]
[[discloses]]
elements = ["contact.email"]
subjects = ["student"]
when = "on_support_request"
"#;

fn charter(organisation: &str, files: &[(&str, &str)]) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", organisation);
    for (id, text) in files {
        source.insert(format!("recipients/{id}.toml"), *text);
    }
    let compiled = compile(&source);
    compiled
        .charter
        .unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics))
}

fn seen(look: &str, planes: &[&str], observations: &Value) -> Seen {
    let seen = json!({
        "look": look,
        "planes": planes,
        "from": "2026-11-01T08:00:00Z",
        "until": "2026-11-02T08:00:00Z",
        "observations": observations,
        "coverage": { "read": 10, "live": 8, "bytes": 1000 },
    });
    serde_json::from_value(seen).expect("what a look writes")
}

fn evidence(how: &str, what: &str, tier: &str, line: u32) -> Value {
    json!({ "how": how, "what": what, "spot": { "file": "app/main.rb", "line": line }, "tier": tier, "confidence": "certain" })
}

fn passed(element: &str, subject: Option<&str>) -> Value {
    let mut passed =
        json!({ "element": element, "spot": { "file": "app/main.rb", "line": 9 }, "confidence": "likely" });
    if let Some(subject) = subject {
        passed["subject"] = subject.into();
    }
    passed
}

fn known(id: &str, plane: &str, hosts: &[&str], evidence: &[Value], passed: &[Value]) -> Value {
    json!({ "party": { "known": id }, "plane": plane, "hosts": hosts, "evidence": evidence, "passed": passed })
}

fn domain(domain: &str, plane: &str, hosts: &[&str], evidence: &[Value]) -> Value {
    json!({ "party": { "domain": domain }, "plane": plane, "hosts": hosts, "evidence": evidence })
}

/// Rule, severity and subject of everything found, in the order of the report.
fn found(charter: &Charter, seen: Seen, own: &[&str]) -> Vec<String> {
    let own: BTreeSet<String> = own.iter().map(|name| (*name).to_owned()).collect();
    let report = drift(charter, seen, &own);
    let line = |one: &Drift| format!("{} {} {}", one.severity.as_str(), one.rule.as_str(), one.subject);
    report.drift.iter().map(line).collect()
}

fn of_code(charter: &Charter, observations: &Value) -> Vec<String> {
    found(charter, seen("scan.code", &[], observations), &[])
}

#[test]
fn every_rule_has_one_row_in_the_order_of_the_rules() {
    let all: Vec<Rule> = Rule::all().collect();
    assert!(all.is_sorted());
    for rule in &all {
        let written = serde_json::to_value(rule).expect("a word");
        assert_eq!(written, rule.as_str());
        assert_eq!(Rule::of(rule.as_str()), Some(*rule));
        assert!(rule.finds().ends_with('.') && rule.mend().ends_with('.'));
    }
    assert_eq!(all.last(), Some(&Rule::PeopleInExport));
    assert_eq!(Rule::of("undeclared"), None);
}

#[test]
fn only_what_goes_somewhere_is_an_error_and_a_link_is_nothing() {
    let charter = charter(ORGANISATION, &[("twilio", TWILIO)]);
    for (tier, expected) in [
        ("contacted", Some("error")),
        ("embedded", Some("error")),
        ("allowed", Some("warning")),
        ("configured", Some("warning")),
        ("linked", None),
        ("dead", None),
    ] {
        let observation = domain(
            "evil.org",
            "gateway",
            &["a.evil.org"],
            &[evidence("host", "a.evil.org", tier, 1)],
        );
        let expected = expected.map(|severity| format!("{severity} undeclared-recipient evil.org gateway"));
        assert_eq!(
            of_code(&charter, &json!([observation])),
            Vec::from_iter(expected),
            "{tier}"
        );
    }
}

#[test]
fn what_rests_on_a_word_that_others_use_too_is_no_error() {
    let charter = charter(ORGANISATION, &[]);
    let mut one = evidence("import", "stripe", "contacted", 1);
    one["confidence"] = "possible".into();
    let observation = known("stripe", "gateway", &[], &[one], &[]);
    assert_eq!(
        of_code(&charter, &json!([observation])),
        ["warning undeclared-recipient stripe gateway"]
    );
}

#[test]
fn a_declared_recipient_is_none_that_is_not() {
    let charter = charter(ORGANISATION, &[("twilio", TWILIO), ("desk", DESK)]);
    let twilio = known(
        "twilio",
        "gateway",
        &[],
        &[evidence("call", "Twilio::REST::Client", "contacted", 3)],
        &[],
    );
    let desk = domain(
        "new-desk.org",
        "gateway",
        &["api.new-desk.org"],
        &[evidence("host", "https://api.new-desk.org/v1", "contacted", 4)],
    );
    assert_eq!(of_code(&charter, &json!([twilio, desk])), [""; 0]);
}

#[test]
fn another_host_of_somebody_whom_the_catalog_does_not_know_is_not_declared_with_the_first() {
    let charter = charter(ORGANISATION, &[("desk", DESK)]);
    let both = [
        evidence("host", "api.new-desk.org", "contacted", 4),
        evidence("script", "https://track.new-desk.org/t.js", "embedded", 5),
    ];
    let desk = domain(
        "new-desk.org",
        "browser",
        &["api.new-desk.org", "track.new-desk.org"],
        &both,
    );
    let report = drift(&charter, seen("scan.code", &[], &json!([desk])), &BTreeSet::new());
    assert_eq!(report.drift.len(), 1);
    assert!(
        report.drift[0].message.starts_with("`track.new-desk.org` is embedded"),
        "{}",
        report.drift[0].message
    );
    assert_eq!(report.drift[0].places.len(), 1);
}

#[test]
fn what_two_third_parties_claim_alike_is_declared_with_either() {
    let charter = charter(ORGANISATION, &[("twilio", TWILIO)]);
    let shared = evidence("host", "https://www.googleapis.com/x", "contacted", 7);
    let hosts = &["www.googleapis.com"];
    let element = passed("contact.phone", None);
    let twilio = known(
        "twilio",
        "gateway",
        &[],
        std::slice::from_ref(&shared),
        std::slice::from_ref(&element),
    );
    let charts = known(
        "google-charts",
        "gateway",
        hosts,
        std::slice::from_ref(&shared),
        std::slice::from_ref(&element),
    );
    assert_eq!(of_code(&charter, &json!([twilio, charts])), [""; 0]);
    let own = evidence("import", "google-charts", "contacted", 8);
    let more = known("google-charts", "gateway", hosts, &[shared.clone(), own], &[]);
    let twilio = known("twilio", "gateway", &[], &[shared], &[]);
    assert_eq!(
        of_code(&charter, &json!([twilio, more])),
        ["error undeclared-recipient google-charts gateway"]
    );
}

#[test]
fn a_pattern_over_all_of_a_vendor_does_not_declare_its_other_products() {
    let cloud = TWILIO.replace("twilio", "google-cloud");
    let charter = charter(ORGANISATION, &[("google-cloud", &cloud)]);
    let charts = known(
        "google-charts",
        "gateway",
        &["fonts.googleapis.com"],
        &[evidence("script", "https://fonts.googleapis.com/css", "embedded", 1)],
        &[],
    );
    assert_eq!(
        of_code(&charter, &json!([charts])),
        ["error undeclared-recipient google-charts gateway"]
    );
    let listed = DESK.replace("api.new-desk.org", "fonts.googleapis.com");
    let charter = tests::charter(ORGANISATION, &[("desk", &listed)]);
    let charts = known(
        "google-charts",
        "gateway",
        &["fonts.googleapis.com"],
        &[evidence("script", "https://fonts.googleapis.com/css", "embedded", 1)],
        &[],
    );
    assert_eq!(of_code(&charter, &json!([charts])), [""; 0]);
}

#[test]
fn own_domains_are_given_named_or_those_of_the_page() {
    let own = || {
        domain(
            "reading-room.org",
            "browser",
            &["cdn.reading-room.org"],
            &[evidence("script", "https://cdn.reading-room.org/a.js", "embedded", 1)],
        )
    };
    let look = || seen("scan.code", &[], &json!([own()]));
    let plain = charter(ORGANISATION, &[]);
    assert_eq!(found(&plain, look(), &[]).len(), 1);
    assert_eq!(found(&plain, look(), &["reading-room.org"]), [""; 0]);
    assert_eq!(
        found(&plain, look(), &["room.org", "other.org"]).len(),
        1,
        "a part of a label is another name"
    );
    for about in [
        "own_domains = [\"reading-room.org\"]",
        "page = \"https://schools.reading-room.org/data\"",
    ] {
        let named = charter(&format!("{ORGANISATION}[about]\n{about}\n"), &[]);
        assert_eq!(found(&named, look(), &[]), [""; 0], "{about}");
    }
    let elsewhere = charter(
        &format!("{ORGANISATION}[about]\npage = \"https://www.youtube.com/page\"\n"),
        &[],
    );
    let tube = known(
        "youtube",
        "browser",
        &["www.youtube.com"],
        &[evidence("frame", "https://www.youtube.com/embed", "embedded", 1)],
        &[],
    );
    assert_eq!(
        found(&elsewhere, seen("scan.code", &[], &json!([tube])), &[]).len(),
        1,
        "who hosts the page is somebody else"
    );
}

#[test]
fn elements_and_whose_they_are_are_held_against_the_rows() {
    let charter = charter(ORGANISATION, &[("twilio", TWILIO)]);
    let with = |passed: &[Value], tier: &str| {
        let call = evidence("call", "Twilio::REST::Client", tier, 3);
        of_code(&charter, &json!([known("twilio", "gateway", &[], &[call], passed)]))
    };
    assert_eq!(
        with(
            &[passed("contact.phone", None), passed("contact.phone", Some("teacher"))],
            "contacted"
        ),
        [""; 0]
    );
    assert_eq!(
        with(&[passed("contact.phone", Some("teacher"))], "contacted"),
        [""; 0],
        "teachers are educators"
    );
    assert_eq!(
        with(&[passed("contact.email", None)], "contacted"),
        ["error undeclared-element twilio gateway contact.email"]
    );
    assert_eq!(
        with(&[passed("contact.email", None)], "configured"),
        [""; 0],
        "nothing goes there"
    );
    assert_eq!(
        with(&[passed("contact.phone", Some("student"))], "contacted"),
        ["error undeclared-subject twilio gateway contact.phone student"]
    );
    let mut unsure = passed("contact.email", None);
    unsure["confidence"] = "possible".into();
    assert_eq!(
        with(&[unsure], "contacted"),
        ["warning undeclared-element twilio gateway contact.email"]
    );
}

#[test]
fn a_sentence_that_rules_it_out_is_named_before_a_row_that_is_missing() {
    let charter = charter(ORGANISATION, &[("twilio", TWILIO)]);
    let with = |passed: Value| {
        let call = evidence("call", "Twilio::REST::Client", "contacted", 3);
        of_code(&charter, &json!([known("twilio", "gateway", &[], &[call], &[passed])]))
    };
    assert_eq!(
        with(passed("identity.name.full", Some("student"))),
        ["error never-shared twilio gateway identity.name.full student"]
    );
    assert_eq!(
        with(passed("identity.name.full", Some("teacher"))),
        ["error undeclared-element twilio gateway identity.name.full teacher"]
    );
    let open = TWILIO.replace("[\"student.eligible\", \"teacher\"]", "[\"teacher\"]");
    let open = open.replace("[\"contact.phone\"]", "[\"contact.phone\", \"identity.name\"]");
    let charter = tests::charter(ORGANISATION, &[("twilio", &open)]);
    let call = evidence("call", "Twilio::REST::Client", "contacted", 3);
    let unknown = known("twilio", "gateway", &[], &[call], &[passed("identity.name.full", None)]);
    assert_eq!(
        of_code(&charter, &json!([unknown])),
        ["warning never-shared twilio gateway identity.name.full"]
    );
}

#[test]
fn what_any_of_several_recipients_declares_is_declared() {
    let second = TWILIO.replace(
        "recipient = \"twilio\"",
        "recipient = \"texts\"\nname = \"Texts\"\nthird_parties = [\"twilio\"]",
    );
    let second = second.replace("contact.phone", "contact.email");
    let call = || evidence("call", "Twilio::REST::Client", "contacted", 3);
    let observation = json!([known(
        "twilio",
        "gateway",
        &[],
        &[call()],
        &[passed("contact.email", None)]
    )]);
    let one = charter(ORGANISATION, &[("twilio", TWILIO)]);
    assert_eq!(of_code(&one, &observation).len(), 1);
    let both = charter(ORGANISATION, &[("twilio", TWILIO), ("texts", &second)]);
    assert_eq!(of_code(&both, &observation), [""; 0]);
}

#[test]
fn who_is_retired_and_still_there_is_told_from_that_day_on() {
    let retired = |day: &str| {
        charter(
            ORGANISATION,
            &[(
                "twilio",
                &TWILIO.replace("[[discloses]]", &format!("retired = {day}\n[[discloses]]")),
            )],
        )
    };
    let there = |tier: &str| {
        json!([known(
            "twilio",
            "gateway",
            &[],
            &[evidence("manifest", "twilio-ruby", tier, 3)],
            &[]
        )])
    };
    assert_eq!(
        of_code(&retired("2026-11-01"), &there("contacted")),
        ["error retired-seen twilio gateway"]
    );
    assert_eq!(
        of_code(&retired("2026-11-01"), &there("configured")),
        ["warning retired-seen twilio gateway"]
    );
    assert_eq!(of_code(&retired("2026-11-01"), &there("linked")), [""; 0]);
    assert_eq!(
        of_code(&retired("2026-11-02"), &there("contacted")),
        ["warning retired-seen twilio gateway"],
        "the window began before"
    );
    assert_eq!(of_code(&retired("2026-11-03"), &there("contacted")), [""; 0]);
    let claimed =
        format!("{TWILIO}[[claims]]\nkind = \"retired_since\"\nsentence = \"Not any more.\"\ndate = 2026-10-01\n");
    assert_eq!(
        of_code(&charter(ORGANISATION, &[("twilio", &claimed)]), &there("contacted")),
        ["error retired-seen twilio gateway"]
    );
}

#[test]
fn only_the_promised_host_may_be_embedded() {
    let charter = charter(ORGANISATION, &[("youtube", YOUTUBE)]);
    let tube = |look: &str, evidence: &[Value]| {
        found(
            &charter,
            seen(
                look,
                &[],
                &json!([known("youtube", "browser", &["www.youtube.com"], evidence, &[])]),
            ),
            &[],
        )
    };
    let wrong = ["error wrong-embed-host youtube browser www.youtube-nocookie.com"];
    let kept = evidence("frame", "https://www.youtube-nocookie.com/embed/x", "embedded", 1);
    assert_eq!(tube("scan.code", std::slice::from_ref(&kept)), [""; 0]);
    assert_eq!(
        tube(
            "scan.code",
            &[evidence("frame", "https://www.youtube.com/embed/x", "embedded", 2)]
        ),
        wrong
    );
    assert_eq!(
        tube(
            "scan.code",
            &[
                kept.clone(),
                evidence("link", "https://www.youtube.com/watch", "linked", 3)
            ]
        ),
        [""; 0]
    );
    assert_eq!(
        tube(
            "scan.code",
            &[
                kept.clone(),
                evidence("image", "https://i.ytimg.com/vi/x.jpg", "embedded", 3)
            ]
        ),
        wrong
    );
    let inside = evidence("image", "https://i.ytimg.com/vi/x.jpg", "contacted", 3);
    assert_eq!(
        tube("scan.har", &[kept.clone(), inside]),
        [""; 0],
        "the promised frame loads it"
    );
    assert_eq!(
        tube(
            "scan.har",
            &[
                kept,
                evidence("frame", "https://www.youtube.com/embed/x", "contacted", 3)
            ]
        ),
        wrong
    );
    assert_eq!(
        tube(
            "scan.har",
            &[evidence("request", "https://www.youtube.com/embed/x", "contacted", 3)]
        ),
        wrong
    );
    let allowed = evidence("policy", "www.youtube.com", "allowed", 3);
    assert_eq!(
        tube("scan.code", &[allowed]),
        ["warning wrong-embed-host youtube browser www.youtube-nocookie.com"]
    );
}

#[test]
fn plain_http_is_told_of_flows_and_not_of_links() {
    let charter = charter(ORGANISATION, &[("desk", DESK)]);
    let with = |tier: &str, plain: bool| {
        let mut one = evidence("host", "http://api.new-desk.org/", tier, 2);
        one["plain_http"] = plain.into();
        of_code(
            &charter,
            &json!([domain("new-desk.org", "gateway", &["api.new-desk.org"], &[one])]),
        )
    };
    assert_eq!(with("contacted", true), ["error plain-http new-desk.org gateway"]);
    assert_eq!(with("allowed", true), ["warning plain-http new-desk.org gateway"]);
    assert_eq!(with("linked", true), [""; 0]);
    assert_eq!(with("contacted", false), [""; 0]);
}

#[test]
fn a_flow_on_a_plane_that_the_file_does_not_name_is_a_note() {
    let charter = charter(ORGANISATION, &[("twilio", TWILIO)]);
    let there = |plane: &str, tier: &str| {
        of_code(
            &charter,
            &json!([known(
                "twilio",
                plane,
                &[],
                &[evidence("script", "https://sdk.twilio.com/a.js", tier, 3)],
                &[]
            )]),
        )
    };
    assert_eq!(there("browser", "embedded"), ["note other-plane twilio browser"]);
    assert_eq!(there("browser", "configured"), [""; 0]);
    assert_eq!(there("gateway", "contacted"), [""; 0]);
}

#[test]
fn declared_and_never_seen_is_told_only_where_the_look_could_see_it() {
    let charter = charter(ORGANISATION, &[("youtube", YOUTUBE), ("desk", DESK)]);
    let nothing = json!([]);
    let tell = |look: &str, planes: &[&str]| found(&charter, seen(look, planes, &nothing), &[]);
    assert_eq!(
        tell("scan.code", &["browser", "gateway"]),
        [
            "warning never-seen desk browser,gateway".replace("browser,gateway", "gateway,browser"),
            "warning never-seen youtube browser".to_owned()
        ]
    );
    assert_eq!(
        tell("scan.har", &["browser"]),
        ["note never-seen desk browser", "note never-seen youtube browser"]
    );
    assert_eq!(tell("scan.har", &["mail"]), [""; 0]);
    assert_eq!(
        tell("scan.csp", &["browser"]),
        [""; 0],
        "reports come only of what goes wrong"
    );
    let mut blind = seen("scan.har", &["browser"], &nothing);
    blind.coverage.live = 0;
    assert_eq!(found(&charter, blind, &[]), [""; 0]);
    let there = json!([known(
        "youtube",
        "browser",
        &[],
        &[evidence("manifest", "react-youtube", "configured", 1)],
        &[]
    )]);
    assert_eq!(
        found(&charter, seen("scan.har", &["browser"], &there), &[]),
        ["note never-seen desk browser"]
    );
    let linked = json!([known(
        "youtube",
        "browser",
        &[],
        &[evidence("link", "https://www.youtube.com/x", "linked", 1)],
        &[]
    )]);
    assert_eq!(
        found(&charter, seen("scan.har", &["browser"], &linked), &[]).len(),
        2,
        "a link is no use"
    );
    let report = drift(&charter, seen("scan.har", &["browser"], &nothing), &BTreeSet::new());
    assert!(
        report.drift[0]
            .message
            .ends_with("never seen there from 2026-11-01T08:00:00Z to 2026-11-02T08:00:00Z")
    );
}

#[test]
fn worst_comes_first_and_each_place_once_strongest_first() {
    let charter = charter(ORGANISATION, &[]);
    let places = [
        evidence("manifest", "evil", "configured", 1),
        evidence("host", "a.evil.org", "contacted", 9),
        evidence("host", "b.evil.org", "contacted", 9),
        evidence("call", "Evil.new", "contacted", 4),
    ];
    let evil = domain("evil.org", "gateway", &["a.evil.org", "b.evil.org"], &places);
    let quiet = known(
        "stripe",
        "gateway",
        &[],
        &[evidence("manifest", "stripe", "configured", 2)],
        &[],
    );
    let report = drift(
        &charter,
        seen("scan.code", &[], &json!([quiet, evil])),
        &BTreeSet::new(),
    );
    let severities: Vec<Severity> = report.drift.iter().map(|one| one.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
    let lines: Vec<Option<u32>> = report.drift[0].places.iter().map(|spot| spot.line).collect();
    assert_eq!(lines, [Some(4), Some(9)]);
}

#[test]
fn somebodys_product_under_ones_own_name_is_still_theirs() {
    let charter = charter(ORGANISATION, &[]);
    let host = evidence("host", "help.reading-room.org", "contacted", 1);
    let package = evidence("manifest", "zendesk_api", "configured", 2);
    let hosts = &["help.reading-room.org"][..];
    let tell = |id: &str, hosts: &[&str], evidence: &[Value], own: &str| {
        let observed = json!([known(id, "gateway", hosts, evidence, &[])]);
        found(&charter, seen("scan.code", &[], &observed), &[own])
    };
    assert_eq!(
        tell("zendesk", hosts, &[host.clone(), package], "reading-room.org"),
        ["warning undeclared-recipient zendesk gateway"],
        "the package is not the host's"
    );
    assert_eq!(tell("zendesk", hosts, &[host], "reading-room.org"), [""; 0]);
    // Who stands in the catalog is not its own third party.
    let import = evidence("call", "CodeOrg.track", "contacted", 3);
    assert_eq!(
        tell("code-org", &[], std::slice::from_ref(&import), "code.org"),
        [""; 0]
    );
    assert_eq!(tell("code-org", &[], &[import], "reading-room.org").len(), 1);
}

#[test]
fn what_a_repository_says_is_its_own_is_undeclared_until_the_register_says_so() {
    let own = domain(
        "new-desk.org",
        "gateway",
        &["api.new-desk.org"],
        &[evidence("host", "https://api.new-desk.org", "contacted", 3)],
    );
    let mut seen = seen("scan.code", &["gateway"], &json!([]));
    seen.own = vec![crate::seen::OwnDomain {
        domain: "new-desk.org".to_owned(),
        because: "homepage".to_owned(),
        spot: Spot::default(),
        observations: vec![serde_json::from_value(own).expect("an observation")],
    }];
    let charter = charter(ORGANISATION, &[]);
    let report = drift(&charter, seen.clone(), &BTreeSet::new());
    let undeclared = report
        .drift
        .iter()
        .find(|one| one.rule == Rule::UndeclaredRecipient)
        .expect("it is told");
    assert_eq!(undeclared.severity, Severity::Error);
    assert!(
        undeclared
            .hint
            .as_deref()
            .is_some_and(|hint| hint.contains("looks like your own")),
        "{undeclared:?}"
    );
    let named = BTreeSet::from(["new-desk.org".to_owned()]);
    let report = drift(&charter, seen, &named);
    assert!(
        report.drift.iter().all(|one| one.rule != Rule::UndeclaredRecipient),
        "{:?}",
        report.drift
    );
}
