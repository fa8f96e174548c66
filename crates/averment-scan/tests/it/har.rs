//! What recordings show.

use std::collections::BTreeSet;

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Finding, PersonNumber, Whose};
use averment_scan::har::{Looker, roles, subject_of_role};
use averment_scan::{Confidence, Consented, How, Own, Tier};
use md5::Digest as _;
use serde_json::json;

use crate::recording::{chromium, look, look_as, look_by, look_with, nobody, of, parties, post, request, shown};

const PAGE: &str = "https://learn.birch-school.org/courses/7/lessons?token=Zm9vYmFy#top";

#[test]
fn third_parties_are_told_from_the_site_itself() {
    let seen = look(&[(
        "",
        chromium(
            PAGE,
            &[
                request("script", "https://cdn.birch-school.org/app.js"),
                request("script", "https://www.googletagmanager.com/gtag/js?id=G-ABC123"),
                request("image", "http://px.little-tracker.com/i.gif?u=maya&v=2"),
                request("other", "data:image/png;base64,AAAA"),
                request("fetch", "http://127.0.0.1:3000/livereload"),
            ],
        ),
    )]);
    assert!(
        parties(&seen).contains(&"little-tracker.com".to_owned()),
        "{:?}",
        parties(&seen)
    );
    assert!(!parties(&seen).contains(&"birch-school.org".to_owned()));
    assert_eq!((seen.coverage.read, seen.coverage.live), (6, 4));
    let tracker = of(&seen, "little-tracker.com");
    let contact = shown(tracker, How::Request)[0];
    assert_eq!(contact.what, "px.little-tracker.com/i.gif?u,v");
    assert_eq!((contact.tier, contact.plain_http), (Tier::Contacted, true));
    assert_eq!(contact.spot.file, "https://learn.birch-school.org/courses/*/lessons");
    let pixel = shown(tracker, How::Image)[0];
    assert_eq!(
        (pixel.what.as_str(), pixel.tier),
        ("px.little-tracker.com", Tier::Embedded)
    );
    assert_eq!(seen.from.to_string(), "2026-11-20T08:00:01Z");
}

#[test]
fn a_tracker_for_adults_alone_is_told_from_one_for_all() {
    let all = request("image", "https://px.for-everybody.com/i.gif");
    let adults = request("script", "https://cdn.adults-only.com/a.js");
    let seen = look(&[
        ("logged_out", chromium(PAGE, std::slice::from_ref(&all))),
        ("student_under13", chromium(PAGE, std::slice::from_ref(&all))),
        ("teacher", chromium(PAGE, &[all, adults])),
    ]);
    let table = roles(&seen);
    assert_eq!(
        table.only,
        [("teacher".to_owned(), vec!["adults-only.com".to_owned()])].into()
    );
    assert_eq!(table.parties["for-everybody.com"].len(), 3);
    assert_eq!(roles(&look(&[("", chromium(PAGE, &[]))])).roles.len(), 0);
}

#[test]
fn a_role_that_meets_nobody_is_a_role() {
    let teacher = || {
        let adults = request("image", "https://px.adults-only.com/i.gif");
        ("teacher", chromium(PAGE, &[adults]))
    };
    let table = roles(&look(&[teacher(), ("student", chromium(PAGE, &[]))]));
    assert_eq!(table.only["teacher"], ["adults-only.com"]);
    let empty = br#"{"log":{"version":"1.2","pages":[],"entries":[]}}"#.to_vec();
    let seen = look(&[teacher(), ("student", empty)]);
    let told = seen.coverage.unread.iter().map(ToString::to_string);
    assert!(
        told.into_iter().any(|told| told.contains("as `student`")),
        "{:?}",
        seen.coverage
    );
    let never = roles(&look(&[teacher()])).with_roles(["student".to_owned(), "teacher".to_owned()]);
    for table in [roles(&seen), never] {
        assert!(table.only.is_empty() && table.unseen.contains("student"), "{table:?}");
    }
}

#[test]
fn the_cookie_setting_host_of_a_player_is_told_from_the_other() {
    let seen = look(&[(
        "",
        chromium(
            PAGE,
            &[
                request("subdocument", "https://www.youtube.com/embed/abcDEF12345?rel=0"),
                request("subdocument", "https://www.youtube-nocookie.com/embed/abcDEF12345"),
            ],
        ),
    )]);
    let youtube = of(&seen, "youtube");
    let frames: Vec<&str> = shown(youtube, How::Frame).iter().map(|one| one.what.as_str()).collect();
    assert_eq!(frames, ["www.youtube-nocookie.com", "www.youtube.com"]);
    let requests: Vec<&str> = shown(youtube, How::Request)
        .iter()
        .map(|one| one.what.as_str())
        .collect();
    assert_eq!(
        requests,
        ["www.youtube-nocookie.com/embed/*", "www.youtube.com/embed/*?rel"]
    );
}

#[test]
fn elements_are_found_in_every_part_of_what_is_sent() {
    let mail = "maya.lindqvist@birch.example";
    let mut cookie = request("fetch", "https://c.little-tracker.com/");
    cookie["request"]["cookies"] = json!([{ "name": "who", "value": mail }]);
    let mut header = request("fetch", "https://h.header-party.com/");
    header["request"]["headers"] = json!([{ "name": "X-User", "value": mail }]);
    let mut packed = post(
        "https://b.body-party.com/",
        "application/json",
        "eyJ3aG8iOiJtYXlhLmxpbmRxdmlzdEBiaXJjaC5leGFtcGxlIn0=",
    );
    packed["request"]["postData"]["encoding"] = json!("base64");
    let mut form = post("https://f.form-party.com/", "application/x-www-form-urlencoded", "");
    form["request"]["postData"]["params"] = json!([{ "name": "mail", "value": mail }]);
    let mut socket = request("websocket", "wss://s.socket-party.com/live");
    socket["_webSocketMessages"] = json!([
        { "type": "receive", "time": 1.0, "opcode": 1, "data": "lena@birch.example" },
        { "type": "send", "time": 1.1, "opcode": 1, "data": format!("{{\"who\":\"{mail}\"}}") },
    ]);
    let query = request("fetch", "https://q.query-party.com/x?e=maya.lindqvist%40birch.example");
    let seen = look(&[(
        "teacher",
        chromium(PAGE, &[cookie, header, packed, form, socket, query]),
    )]);
    for party in [
        "little-tracker.com",
        "header-party.com",
        "body-party.com",
        "form-party.com",
        "socket-party.com",
        "query-party.com",
    ] {
        let passed = &of(&seen, party).passed;
        assert_eq!(passed.len(), 1, "{party} {passed:?}");
        assert_eq!(passed[0].element.as_str(), "contact.email", "{party}");
        assert_eq!(passed[0].subject.as_ref().map(SubjectId::as_str), Some("teacher"));
        assert_eq!(passed[0].confidence, Confidence::Likely);
    }
    let text = serde_json::to_string(&seen).unwrap();
    assert!(!text.contains("maya") && !text.contains("Zm9v"), "{text}");
}

#[test]
fn a_pupil_of_the_directory_is_that_pupil_whoever_is_signed_in() {
    let key = DirectoryKey::new([7; 32]);
    let digests = identifiers(IdentifierKind::FullName, "Maya Lindqvist").unwrap();
    let row = |(form, normal): (_, String)| DirectoryRow {
        digest: key.digest(form, &normal),
        element: IdentifierKind::FullName.element(),
        person: PersonNumber(1),
    };
    let rows: Vec<DirectoryRow> = digests.into_iter().map(row).collect();
    let people = Directory::new(
        key,
        rows,
        [(PersonNumber(1), SubjectId::new("student.under13").unwrap())],
    );
    let body = post(
        "https://b.body-party.com/",
        "application/json",
        r#"{"title":"Report on Maya Lindqvist"}"#,
    );
    let recording = [("teacher", chromium(PAGE, &[body]))];
    let seen = look_with(&people, &recording);
    let passed = &of(&seen, "body-party.com").passed[0];
    assert_eq!(passed.subject.as_ref().map(SubjectId::as_str), Some("student.under13"));
    assert_eq!(passed.confidence, Confidence::Certain);
    assert!(
        of(&look_with(&nobody(), &recording), "body-party.com")
            .passed
            .is_empty()
    );
}

#[test]
fn cookies_go_by_name_and_the_sites_own_to_whose_script_set_them() {
    let mut own = request("fetch", "https://learn.birch-school.org/api");
    own["request"]["headers"] = json!([{ "name": "cookie", "value": "session=secret; _ga=GA1.1.1; _ga_ABC1234=x" }]);
    let mut theirs = request("image", "https://px.little-tracker.com/i.gif");
    theirs["response"]["headers"] =
        json!([{ "name": "Set-Cookie", "value": "uid_93adf8c1=secret; Path=/\nconsent=1" }]);
    let seen = look(&[("", chromium(PAGE, &[own, theirs]))]);
    let names = |party: &str| -> Vec<String> {
        shown(of(&seen, party), How::Cookie)
            .iter()
            .map(|one| one.what.clone())
            .collect()
    };
    assert_eq!(names("google-analytics"), ["_ga", "_ga_*"]);
    assert_eq!(names("little-tracker.com"), ["consent", "uid_*"]);
}

#[test]
fn scripts_from_the_cache_and_redirects_count_as_well() {
    let mut loaded = request("fetch", "https://collect.second-party.com/e");
    loaded["_initiator"] =
        json!({ "type": "script", "stack": { "callFrames": [{ "url": "https://cdn.first-party.com/a.js" }] } });
    let mut sent_on = request("image", "https://learn.birch-school.org/out");
    sent_on["response"]["status"] = json!(302);
    sent_on["response"]["redirectURL"] = json!("https://go.third-party.com/away?id=9");
    let seen = look(&[("", chromium(PAGE, &[loaded, sent_on]))]);
    assert_eq!(
        shown(of(&seen, "first-party.com"), How::Script)[0].what,
        "cdn.first-party.com"
    );
    assert_eq!(
        shown(of(&seen, "third-party.com"), How::Resource)[0].tier,
        Tier::Embedded
    );
    assert!(shown(of(&seen, "third-party.com"), How::Request).is_empty());
}

#[test]
fn what_somebody_elses_page_loads_is_theirs() {
    let mut away = request("document", "https://accounts.sign-on.com/login");
    away["pageref"] = json!("page_2");
    let mut theirs = request("image", "https://px.little-tracker.com/i.gif");
    theirs["pageref"] = json!("page_2");
    let seen = look(&[("", chromium(PAGE, &[away, theirs]))]);
    assert_eq!(parties(&seen), ["sign-on.com"]);
    assert_eq!(seen.coverage.left_out["of a page of somebody else's site"], 1);
    assert_eq!(seen.coverage.live, 2);
    assert_eq!(seen.coverage.unread[0].spot.file, "accounts.sign-on.com");
}

#[test]
fn a_recording_that_begins_elsewhere_is_judged_from_home_on() {
    let elsewhere = "https://accounts.sign-on.com/login";
    let mut home = request("document", PAGE);
    home["pageref"] = json!("page_2");
    let mut tracker = request("image", "https://px.little-tracker.com/i.gif");
    tracker["pageref"] = json!("page_2");
    let theirs = request("image", "https://px.of-sign-on.com/i.gif");
    let named = BTreeSet::from(["birch-school.org".to_owned()]);
    let own = Own::named(&named);
    let seen = look_as(
        &own,
        &nobody(),
        &[("", chromium(elsewhere, &[theirs.clone(), home, tracker]))],
    );
    assert_eq!(parties(&seen), ["little-tracker.com"]);
    assert_eq!((seen.coverage.live, seen.coverage.unread.len()), (2, 1));
    let seen = look_as(&own, &nobody(), &[("", chromium(elsewhere, &[theirs]))]);
    assert!(!seen.coverage.saw_something() && parties(&seen).is_empty());
}

#[test]
fn only_a_page_is_home_where_nobody_names_one() {
    let tracker = request("image", "https://px.little-tracker.com/i.gif");
    let mut home = request("document", PAGE);
    home["pageref"] = json!("page_2");
    let mut again = tracker.clone();
    again["pageref"] = json!("page_2");
    let recording = chromium("Sign in", &[tracker, home, again]);
    let seen = look(&[("", recording)]);
    assert_eq!(parties(&seen), ["little-tracker.com"]);
}

#[test]
fn a_recording_that_does_not_say_when_it_was_made_is_told() {
    let mut undated = request("document", PAGE);
    undated["startedDateTime"] = json!("yesterday");
    let recording = json!({ "log": { "version": "1.2", "pages": [], "entries": [undated] } });
    let seen = look(&[("", serde_json::to_vec(&recording).unwrap())]);
    assert_eq!(seen.coverage.unread[0].spot.file, "the recordings");
    assert!(look(&[("", chromium(PAGE, &[]))]).coverage.unread.is_empty());
}

/// `printf maya.lindqvist@birch.example | md5sum` and of `omar.haddad@birch.example`, `sha256sum`.
#[test]
fn the_digest_of_an_address_is_somebody_s_who_may_have_consented() {
    let key = DirectoryKey::new([7; 32]);
    let people = [(1, "maya.lindqvist@birch.example"), (2, "omar.haddad@birch.example")];
    let rows = people.iter().flat_map(|(number, address)| {
        let digests = identifiers(IdentifierKind::EmailDigest, address).unwrap();
        let row = |(form, normal): (_, String)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: IdentifierKind::EmailDigest.element(),
            person: PersonNumber(*number),
        };
        digests.into_iter().map(row).collect::<Vec<_>>()
    });
    let rows: Vec<DirectoryRow> = rows.collect();
    let student = SubjectId::new("student.minor").unwrap();
    let subjects = [1, 2].map(|number| (PersonNumber(number), student.clone()));
    let directory = Directory::new(key, rows, subjects);
    let maya = "https://gravatar.com/avatar/MAYA?s=40".replace("MAYA", &hex(&md5::Md5::digest(people[0].1)));
    let omar = "https://gravatar.com/avatar/OMAR?s=40".replace("OMAR", &hex(&sha2::Sha256::digest(people[1].1)));
    let other = format!(
        "https://gravatar.com/avatar/{}",
        hex(&md5::Md5::digest("zoe@oak.example"))
    );
    let consents = |finding: &Finding| Consented {
        own: match finding.whose {
            Whose::Person {
                number: PersonNumber(1),
                ..
            } => ["avatar".to_owned()].into(),
            _ => BTreeSet::new(),
        },
        of_school: BTreeSet::new(),
    };
    let looker = |consents| Looker {
        directory: &directory,
        own: Own::default(),
        consents,
        declared: &[],
    };
    let page = chromium(PAGE, &[maya, omar, other].map(|url| request("image", &url)));
    let recording = [("teacher", page)];
    let seen = look_by(looker(Some(&consents)), &recording);
    let passed: Vec<(&str, Option<usize>)> = of(&seen, "gravatar")
        .passed
        .iter()
        .map(|one| {
            assert_eq!(one.subject.as_ref(), Some(&student));
            (
                one.element.as_str(),
                one.consented.as_ref().map(|known| known.own.len()),
            )
        })
        .collect();
    assert_eq!(
        passed,
        [("contact.email_hash", Some(0)), ("contact.email_hash", Some(1))]
    );
    let unasked = look_by(looker(None), &recording);
    assert!(
        of(&unasked, "gravatar")
            .passed
            .iter()
            .all(|one| one.consented.is_none())
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_blocked_request_was_no_contact() {
    let mut blocked = request("script", "https://px.little-tracker.com/i.js");
    blocked["response"]["status"] = json!(0);
    // An extension of the browser that recorded keeps nobody else from it.
    for (error, passed_by) in [
        ("net::ERR_BLOCKED_BY_CLIENT", 1),
        ("net::ERR_BLOCKED_BY_CSP", 0),
        ("csp", 0),
    ] {
        blocked["response"]["_error"] = json!(error);
        let seen = look(&[("", chromium(PAGE, &[blocked.clone()]))]);
        let tracker = of(&seen, "little-tracker.com");
        assert_eq!(tracker.tier(), Tier::Configured);
        assert_eq!(
            shown(tracker, How::Resource)[0].what,
            "px.little-tracker.com/i.js (blocked)"
        );
        assert!(shown(tracker, How::Request).is_empty() && shown(tracker, How::Script).is_empty());
        assert_eq!(seen.coverage.not_looked_at_total(), passed_by, "{error}");
    }
}

#[test]
fn recordings_of_firefox_and_mitmproxy_are_read() {
    let mut entry = request("", "https://px.little-tracker.com/i.gif");
    entry["request"]["headers"] = json!([{ "name": "Sec-Fetch-Dest", "value": "image" }]);
    let mut page = request("", PAGE);
    page["request"]["headers"] = json!([{ "name": "Sec-Fetch-Dest", "value": "document" }]);
    let firefox = json!({ "log": { "version": "1.2", "pages": [{ "id": "page_1", "title": "Lessons of Maya" }], "entries": [page, entry] } });
    let mut first = request("", PAGE);
    let mut second = request("", "https://px.little-tracker.com/i.gif");
    for one in [&mut first, &mut second] {
        one.as_object_mut().unwrap().remove("pageref");
        one.as_object_mut().unwrap().remove("_resourceType");
    }
    first["response"]["content"]["mimeType"] = json!("text/html");
    second["response"]["content"]["mimeType"] = json!("image/gif");
    let mitmproxy = json!({ "log": { "version": "1.2", "entries": [first, second], "pages": [] } });
    for recording in [firefox, mitmproxy] {
        let seen = look(&[("", serde_json::to_vec(&recording).unwrap())]);
        assert_eq!(parties(&seen), ["little-tracker.com"]);
        assert_eq!(shown(of(&seen, "little-tracker.com"), How::Image).len(), 1);
    }
}

#[test]
fn roles_are_kinds_of_the_catalog_where_they_mean_one() {
    let subject = |role: &str| subject_of_role(role).map(|id| id.to_string());
    assert_eq!(subject("student_under13").as_deref(), Some("student.under13"));
    assert_eq!(subject("Student-Teen").as_deref(), Some("student.minor"));
    assert_eq!(subject("teacher").as_deref(), Some("teacher"));
    assert_eq!(subject("logged_out").as_deref(), Some("visitor"));
    assert_eq!(subject("substitute"), None);
}
