use super::*;
use crate::observation::{How, Tier};

fn look(text: &str) -> Seen {
    let mut reader = Reader::new(Own::named(&BTreeSet::from(["birch-school.org".to_owned()])), &[], None);
    reader.read("policy.txt", text.as_bytes());
    reader.finish("2026-11-22T12:00:00Z".parse().unwrap())
}

/// Party and what is allowed, all of them.
fn allowed(text: &str) -> Vec<String> {
    let seen = look(text);
    let rows = seen.observations.iter().flat_map(|one| {
        one.evidence
            .iter()
            .map(move |evidence| format!("{}: {}", one.party, evidence.what))
    });
    rows.collect()
}

#[test]
fn a_policy_allows_by_directive() {
    let header = "Content-Security-Policy: default-src 'self'; script-src 'nonce-c2VjcmV0' https://www.googletagmanager.com/gtag/; \
                  connect-src wss://live.little-tracker.com:8080 *.birch-school.org; img-src *.second-party.com data:; report-uri /r";
    assert_eq!(
        allowed(header),
        [
            "google-analytics: script-src www.googletagmanager.com/gtag/",
            "google-tag-manager: script-src www.googletagmanager.com/gtag/",
            "little-tracker.com: connect-src live.little-tracker.com",
            "second-party.com: img-src *.second-party.com",
        ]
    );
    assert_eq!(look(header).observations[0].tier(), Tier::Allowed);
}

#[test]
fn a_wildcard_stands_for_the_third_party_below_it() {
    assert_eq!(
        allowed("default-src 'none'; script-src *.hotjar.com *.clever.com *.sentry.io *.little-tracker.com"),
        [
            "clever: script-src *.clever.com",
            "hotjar: script-src *.hotjar.com",
            "sentry: script-src *.sentry.io",
            "little-tracker.com: script-src *.little-tracker.com",
        ]
    );
}

#[test]
fn a_source_that_lets_everybody_is_told_as_such() {
    assert_eq!(
        allowed("default-src 'none'; img-src * data:; script-src https:"),
        ["*: img-src * lets everybody", "*: script-src https: lets everybody"]
    );
    let none = "Content-Security-Policy-Report-Only: script-src 'self'; child-src 'none'";
    assert_eq!(
        allowed(none),
        [
            "*: connect-src is not set and lets everybody (report only)",
            "*: img-src is not set and lets everybody (report only)"
        ]
    );
}

#[test]
fn a_policy_is_found_in_a_page() {
    let page = "<!doctype html><meta charset=utf-8><META HTTP-EQUIV=\"content-security-policy\" content=\"default-src &#39;self&#39; cdn.little-tracker.com\">";
    assert_eq!(
        allowed(page),
        ["little-tracker.com: default-src cdn.little-tracker.com"]
    );
    let seen = look("<p>nothing here</p>");
    assert!(!seen.coverage.saw_something() && seen.coverage.unread.len() == 1);
}

#[test]
fn reports_in_both_formats_are_attempts() {
    let old = r#"{"csp-report":{"document-uri":"https://learn.birch-school.org/users/maya?token=secret","referrer":"https://x.example/?secret",
        "violated-directive":"img-src 'self'","effective-directive":"img-src","original-policy":"default-src 'self'","disposition":"enforce",
        "blocked-uri":"https://maya:secret@px.little-tracker.com:8443/i.gif?secret=1","status-code":200,"script-sample":"secret"}}"#;
    let new = r#"[{"age":2,"type":"csp-violation","url":"https://learn.birch-school.org/","user_agent":"secret","body":{"documentURL":"https://learn.birch-school.org/courses/7#secret",
        "blockedURL":"https://px.second-party.com/secret","effectiveDirective":"connect-src","disposition":"report","sample":"secret"}},
        {"age":2,"type":"deprecation","url":"https://learn.birch-school.org/","body":{"id":"x"}}]"#;
    let both = format!("{}\n{}\n", old.replace('\n', ""), new.replace('\n', ""));
    let seen = look(&both);
    let told: Vec<(String, Tier, String)> = seen
        .observations
        .iter()
        .map(|one| {
            (
                one.evidence[0].what.clone(),
                one.tier(),
                one.evidence[0].spot.file.clone(),
            )
        })
        .collect();
    let page = "https://learn.birch-school.org/";
    assert_eq!(
        told,
        [
            (
                "img-src px.little-tracker.com (blocked)".to_owned(),
                Tier::Embedded,
                format!("{page}users/*")
            ),
            (
                "connect-src px.second-party.com".to_owned(),
                Tier::Contacted,
                format!("{page}courses/*")
            ),
        ]
    );
    assert!(
        seen.observations
            .iter()
            .all(|one| one.evidence[0].how == How::PolicyReport)
    );
    assert!(!serde_json::to_string(&seen).unwrap().contains("secret"));
    assert_eq!(seen.coverage.read, 2);
    let unsure = |one: &crate::Observation| one.confidence() == crate::Confidence::Possible;
    assert!(seen.observations.iter().all(unsure));
}

#[test]
fn a_report_about_somebody_elses_page_is_not_judged() {
    let report = r#"{"csp-report":{"document-uri":"https://elsewhere.com/","effective-directive":"img-src","blocked-uri":"https://px.little-tracker.com/"}}"#;
    let seen = look(report);
    assert!(seen.observations.is_empty() && !seen.coverage.saw_something());
    assert_eq!(seen.coverage.unread.len(), 1);
}

#[test]
fn what_is_no_report_is_refused_without_repeating_it() {
    for (text, expected) in [
        ("{", ReportError::NotJson),
        ("{}", ReportError::NoReport),
        ("[]", ReportError::NoReport),
        ("[1]", ReportError::NoReport),
        (r#"{"csp-report":[]}"#, ReportError::NoReport),
    ] {
        assert_eq!(violations(text.as_bytes(), None, &[]), Err(expected), "{text}");
    }
    let many = format!("[{}1]", "1,".repeat(REPORTS_MAX));
    assert_eq!(violations(many.as_bytes(), None, &[]), Err(ReportError::TooMany));
    let inline = violations(
        br#"{"csp-report":{"blocked-uri":"inline","effective-directive":"x\u001b[2J"}}"#,
        None,
        &[],
    )
    .unwrap();
    assert_eq!(
        (inline[0].directive.as_str(), &inline[0].blocked),
        ("other", &Blocked::Nobody)
    );
}

#[test]
fn reports_of_other_types_alone_are_told() {
    let one = r#"{"type":"deprecation","url":"https://learn.birch-school.org/","body":{"id":"x"}}"#;
    for text in [one.to_owned(), format!("[{one}]"), format!("{one}\n{one}\n")] {
        let seen = look(&text);
        let told: Vec<_> = seen.coverage.unread.iter().map(|one| one.because.as_str()).collect();
        assert_eq!((seen.coverage.read, told.len()), (0, 1), "{text}");
        assert!(told[0].contains("`csp-violation`"), "{told:?}");
    }
}

#[test]
fn whoever_gets_the_reports_is_contacted() {
    let policy = "Content-Security-Policy: default-src 'self'; report-uri https://o1.ingest.sentry.io/api/1/security/ /own; report-to x\n\
                  Reporting-Endpoints: x=\"https://csp.evil-reports.io/r\", y=\"/here\"\n\
                  Report-To: {\"group\":\"d\",\"max_age\":1,\"endpoints\":[{\"url\":\"https:\\/\\/nel.second-party.com\\/r\"},{\"url\":\"https://learn.birch-school.org/r\"}]}\n";
    let expected = [
        "sentry: report-uri o1.ingest.sentry.io/api/*/security/",
        "evil-reports.io: reporting-endpoints csp.evil-reports.io/r",
        "second-party.com: report-to nel.second-party.com/r",
    ];
    assert_eq!(allowed(policy), expected);
    assert!(look(policy).observations.iter().all(|one| one.tier() == Tier::Embedded));
    let alone = look("Reporting-Endpoints: x=\"https://csp.evil-reports.io/r\"");
    assert_eq!((alone.observations.len(), alone.coverage.is_whole()), (1, true));
    let in_page = "<meta http-equiv=Content-Security-Policy content=\"default-src 'self'; report-uri https://csp.evil-reports.io/r\">";
    assert_eq!(allowed(in_page), [""; 0]);
}

#[test]
fn a_report_keeps_nobody_of_the_directory() {
    let key = averment_detect::DirectoryKey::new([7; 32]);
    let word =
        averment_detect::normalise::identifiers(averment_detect::normalise::IdentifierKind::Username, "quillfox");
    let (form, normal) = word.unwrap().remove(0);
    let row = averment_detect::DirectoryRow {
        digest: key.digest(form, &normal),
        element: averment_detect::normalise::IdentifierKind::Username.element(),
        person: averment_detect::PersonNumber(1),
    };
    let student = averment_catalog::SubjectId::new("student.minor").unwrap();
    let people = Directory::new(key, vec![row], [(averment_detect::PersonNumber(1), student)]);
    let report = br#"{"csp-report":{"document-uri":"https://learn.birch-school.org/quillfox.html","blocked-uri":"https://quillfox.evil-host.io/x","effective-directive":"img-src"}}"#;
    let open = violations(report, None, &[]).unwrap();
    assert!(
        format!("{open:?}").contains("quillfox"),
        "nobody is known, and it has no shape"
    );
    let found = violations(report, Some(&people), &[]).unwrap();
    assert_eq!(found[0].document, "https://learn.birch-school.org/*");
    assert_eq!(found[0].blocked, Blocked::Origin("https://*.evil-host.io".to_owned()));
    let mut reader = Reader::new(Own::default(), &[], Some(&people));
    reader.violation(&found[0], 1, None);
    reader.violation(&open[0], 1, None);
    let seen = reader.finish("2026-11-22T12:00:00Z".parse().unwrap());
    assert_eq!(seen.observations.len(), 1);
    assert_eq!(seen.observations[0].party.to_string(), "evil-host.io");
    assert_eq!(
        seen.observations[0].hosts.iter().collect::<Vec<_>>(),
        ["*.evil-host.io"]
    );
    assert!(!serde_json::to_string(&seen).unwrap().contains("quillfox"));
    let shaped = br#"{"csp-report":{"blocked-uri":"https://maya-lindqvist.evil-host.io/x"}}"#;
    let named = ["maya-lindqvist.evil-host.io".to_owned()];
    for (declared, expected) in [
        (&[][..], "https://*.evil-host.io"),
        (&named[..], "https://maya-lindqvist.evil-host.io"),
    ] {
        let found = violations(shaped, None, declared).unwrap();
        assert_eq!(found[0].blocked, Blocked::Origin(expected.to_owned()));
    }
}
