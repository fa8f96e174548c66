use http::Request;
use serde_json::Value;

use super::guard::{check, check_token};

fn asked(host: &str) -> Request<()> {
    Request::builder()
        .uri("/metrics")
        .header("host", host)
        .body(())
        .unwrap()
}

#[test]
fn names_that_a_web_page_can_have_are_not_answered() {
    for host in [
        "127.0.0.1:4183",
        "[::1]:4183",
        "localhost",
        "gate:4183",
        "gate.prod.svc",
        "gate.internal.",
    ] {
        assert!(check(&asked(host)).is_ok(), "{host}");
    }
    for host in ["rebind.example.com", "127.0.0.1.example.com:4183", "evil.co", ""] {
        assert!(check(&asked(host)).is_err(), "{host}");
    }
    let mut from_a_page = asked("127.0.0.1");
    from_a_page.headers_mut().insert("origin", "null".parse().unwrap());
    assert!(check(&from_a_page).is_err());
}

#[test]
fn a_change_needs_the_token_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "correct horse\n").unwrap();
    let with = |value: &str| Request::builder().header("authorization", value).body(()).unwrap();
    assert!(check_token(&with("Bearer correct horse"), Some(&file)).is_ok());
    assert!(check_token(&with("bearer correct horse"), Some(&file)).is_ok());
    for wrong in ["Bearer correct", "Basic correct horse", "Bearer ", "correct horse"] {
        assert!(check_token(&with(wrong), Some(&file)).is_err(), "{wrong}");
    }
    assert!(check_token(&with("Bearer correct horse"), None).is_err());
    std::fs::write(&file, "\n").unwrap();
    assert!(check_token(&with("Bearer "), Some(&file)).is_err());
}

#[test]
fn the_description_names_every_path() {
    let description: Value = serde_json::from_str(include_str!("openapi.json")).unwrap();
    let paths: Vec<&str> = description["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "/cut-off",
        "/cut-off/{recipient}",
        "/healthz",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/reload",
    ];
    assert_eq!(paths, expected);
}
