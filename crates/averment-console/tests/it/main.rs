//! The console over a real socket: what it answers, to whom, and with which headers.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod decisions;
mod server;

use averment_claims::Activity;

use crate::server::{Server, get, with_host};

/// Every path that something is published at.
const PATHS: [&str; 9] = [
    "/",
    "/recipients/desk.html",
    "/claims.json",
    "/feed.atom",
    "/.well-known/averment.json",
    "/status",
    "/status?refresh=off",
    "/attestations.ics",
    "/healthz",
];

#[tokio::test]
async fn every_path_answers_with_the_headers_that_keep_it_to_itself() {
    let server = Server::start(&[]).await;
    for path in PATHS {
        let answer = server.ask(&get(path)).await;
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            !policy.contains("unsafe") && !policy.contains("script"),
            "{path}: {policy}"
        );
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
        ] {
            assert_eq!(answer.header(name), value, "{path}");
        }
    }
}

#[tokio::test]
async fn the_files_of_the_site_are_those_of_the_view() {
    let server = Server::start(&[]).await;
    for (path, kind, body) in [
        ("/", "text/html; charset=utf-8", "<p>page</p>"),
        ("/index.html", "text/html; charset=utf-8", "<p>page</p>"),
        ("/recipients/desk.html", "text/html; charset=utf-8", "<p>desk</p>"),
        ("/claims.json", "application/json", "{}"),
        ("/.well-known/averment.json", "application/json", "{}"),
        ("/feed.atom", "application/atom+xml", "<feed/>"),
    ] {
        let answer = server.ask(&get(path)).await;
        assert_eq!(
            (answer.header("content-type").as_str(), answer.body.as_str()),
            (kind, body),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_log_is_served_as_the_format_wants_it() {
    let server = Server::start(&[]).await;
    let checkpoint = server.ask(&get("/ledger/log.example/a/checkpoint")).await;
    let headers = |answer: &server::Answer| (answer.header("content-type"), answer.header("cache-control"));
    let (kind, cache) = headers(&checkpoint);
    assert_eq!(
        (kind.as_str(), cache.as_str()),
        ("text/plain; charset=utf-8", "public, max-age=5")
    );
    assert_eq!(checkpoint.body, "log.example/a\n0\n");
    let tile = server.ask(&get("/ledger/log.example/a/tile/0/x001/000.p/7")).await;
    let (kind, cache) = headers(&tile);
    let for_ever = "public, max-age=31536000, immutable";
    assert_eq!((kind.as_str(), cache.as_str()), ("application/octet-stream", for_ever));
    for nothing in [
        "/ledger",
        "/ledger/",
        "/ledger/checkpoint",
        "/ledger/log.example/a/tile/0/000",
        "/ledger/%6cog.example/a/checkpoint",
    ] {
        let answer = server.ask(&get(nothing)).await;
        assert_eq!(
            (answer.status, answer.header("cache-control").as_str()),
            (404, "no-store"),
            "{nothing}"
        );
    }
    assert_eq!(
        server
            .ask(&with_host("/ledger/log.example/a/checkpoint", "evil.example"))
            .await
            .status,
        421
    );
}

#[tokio::test]
async fn a_foreign_host_name_is_not_answered() {
    let server = Server::start(&["Register.School.example".to_owned()]).await;
    for host in [
        "localhost",
        "localhost:8080",
        "127.0.0.1:1",
        "127.1.2.3",
        "[::1]:80",
        "register.school.example",
        "LOCALHOST.",
    ] {
        assert_eq!(server.ask(&with_host("/", host)).await.status, 200, "{host}");
    }
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "10.0.0.1",
        "0.0.0.0",
        "a b",
        "",
        "school.example",
    ] {
        let answer = server.ask(&with_host("/status", host)).await;
        assert!([400, 421].contains(&answer.status), "{host}: {}", answer.status);
        assert!(!answer.body.contains("charter"), "{host}");
    }
    let absolute = "GET http://evil.example/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert_eq!(server.ask(absolute).await.status, 421);
    let twice = "GET /status HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!([400, 421].contains(&server.ask(twice).await.status));
}

#[tokio::test]
async fn nothing_can_be_changed() {
    let server = Server::start(&[]).await;
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        let answer = server.ask(&get("/").replacen("GET", method, 1)).await;
        assert_eq!(
            (answer.status, answer.header("allow").as_str()),
            (405, "GET, HEAD"),
            "{method}"
        );
    }
    let head = server.ask(&get("/").replacen("GET", "HEAD", 1)).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

fn report(kind: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST /csp-reports HTTP/1.1\r\nHost: reports.school.example\r\nOrigin: https://learn.example\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn browsers_may_report_from_other_sites() {
    let server = Server::start(&[]).await;
    let ask = "OPTIONS /csp-reports HTTP/1.1\r\nHost: reports.school.example\r\nOrigin: https://learn.example\r\n\
               Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\nConnection: close\r\n\r\n";
    let allowed = server.ask(ask).await;
    assert_eq!(allowed.status, 204);
    assert_eq!(allowed.header("access-control-allow-origin"), "*");
    assert_eq!(allowed.header("access-control-allow-methods"), "POST");
    assert_eq!(allowed.header("access-control-allow-headers"), "content-type");
    for kind in [
        "application/csp-report",
        "application/reports+json; charset=utf-8",
        "Application/JSON",
    ] {
        let answer = server.ask(&report(kind, "[1]")).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{kind}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
    }
    let get = server.ask(&get("/csp-reports")).await;
    assert_eq!((get.status, get.header("allow").as_str()), (405, "POST, OPTIONS"));
}

#[tokio::test]
async fn what_is_no_report_is_refused_and_nothing_of_it_comes_back() {
    let server = Server::start(&[]).await;
    let large = "x".repeat(averment_console::REPORT_MAX_BYTES + 1);
    for (kind, body, status) in [
        ("text/plain", "[1]", 415),
        ("application/csp-report", "{}", 400),
        ("application/csp-report", large.as_str(), 413),
    ] {
        let answer = server.ask(&report(kind, body)).await;
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{kind}");
    }
    server.fail(true);
    let later = server.ask(&report("application/csp-report", "[1]")).await;
    assert_eq!((later.status, later.header("retry-after").as_str()), (503, "60"));
}

#[tokio::test]
async fn what_is_not_there_is_said_in_the_form_that_was_asked_for() {
    let server = Server::start(&[]).await;
    let page = server.ask(&get("/nothing")).await;
    assert_eq!(
        (page.status, page.header("content-type").as_str()),
        (404, "text/html; charset=utf-8")
    );
    for request in [
        get("/nothing.json"),
        get("/nothing").replace("\r\n\r\n", "\r\nAccept: application/json\r\n\r\n"),
    ] {
        let problem = server.ask(&request).await;
        assert_eq!(
            (problem.status, problem.header("content-type").as_str()),
            (404, "application/problem+json")
        );
        let document: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
        assert_eq!(
            (&document["status"], &document["type"]),
            (&404.into(), &"about:blank".into())
        );
    }
}

#[tokio::test]
async fn the_status_view_renews_itself_until_paused() {
    let server = Server::start(&[]).await;
    let running = server.ask(&get("/status")).await.body;
    assert!(running.contains("http-equiv=\"refresh\" content=\"5\"") && running.contains("/status?refresh=off"));
    let paused = server.ask(&get("/status?refresh=off")).await.body;
    assert!(!paused.contains("http-equiv=\"refresh\""));
    for shown in [
        "1,234 with 5,678 identifiers",
        "amplitude",
        "would refuse",
        "events[].user_properties.email",
        "sha256:abc",
        "for 2 hours",
        "As of 2026-11-21 12:00:00 UTC.",
        ">2026-11-21 11:00:00 UTC<",
    ] {
        assert!(paused.contains(shown), "{shown}\n{paused}");
    }
}

#[tokio::test]
async fn every_style_sheet_of_the_status_view_is_allowed_by_its_policy() {
    let server = Server::start(&[]).await;
    let answer = server.ask(&get("/status")).await;
    let policy = answer.header("content-security-policy");
    let sheets: Vec<&str> = answer
        .body
        .split("<style>")
        .skip(1)
        .map(|rest| rest.split("</style>").next().unwrap())
        .collect();
    assert_eq!(sheets.len(), 2);
    for sheet in sheets {
        assert!(policy.contains(&averment_publish::style_source(sheet)));
    }
}

#[tokio::test]
async fn a_view_that_fails_gives_a_problem_and_the_server_stays() {
    let server = Server::start(&[]).await;
    server.fail(true);
    let answer = server.ask(&get("/claims.json")).await;
    assert_eq!(
        (answer.status, answer.header("content-type").as_str()),
        (500, "application/problem+json")
    );
    assert!(!answer.body.contains("deliberate"));
    server.fail(false);
    assert_eq!(server.ask(&get("/claims.json")).await.status, 200);
}

#[test]
fn activity_keeps_the_last_twenty_verdicts_and_all_counts() {
    let mut activity = Activity::default();
    for index in 0..50 {
        activity.push(&server::entry(index), index);
    }
    assert_eq!(activity.last.len(), 20);
    assert_eq!(activity.last[0].entry, 49);
    assert_eq!(activity.recipients["amplitude"].seen, 50);
    assert_eq!(activity.recipients["amplitude"].would_refuse, 50);
}
