//! Analytics, where a deletion is a job: Mixpanel.

use serde_json::json;

use super::super::desk::Desk;
use super::super::server::{Got, Reply};
use super::Vendor;

pub(super) const MIXPANEL: Vendor = Vendor {
    id: "mixpanel",
    speaks: mixpanel,
    keeps: |who, n| vec![who.record("profile", &format!("p{n}"))],
    login: "Bearer secret-token",
    settings: &[("project_token", "abcdef")],
};

fn mixpanel(desk: &mut Desk, got: &Got) -> Reply {
    assert_eq!(got.param("token"), "abcdef");
    let path = got
        .path
        .strip_prefix("/api/app/data-deletions/v3.0/")
        .unwrap_or_default();
    match (got.method.as_str(), path) {
        ("POST", "") => {
            let body = got.json();
            assert_eq!(body["compliance_type"], "GDPR");
            let ids = body["distinct_ids"].as_array().unwrap();
            desk.erase(|record| ids.iter().any(|id| record.user_id == *id));
            Reply::json(200, &json!({"status": "ok", "results": {"task_id": desk.job()}}))
        }
        ("GET", task) => {
            let status = match desk.job_done(task) {
                Some(true) => "SUCCESS",
                Some(false) => "PENDING",
                None => "NOT_FOUND",
            };
            Reply::json(
                200,
                &json!({"status": "ok", "results": {"status": status, "distinct_ids": []}}),
            )
        }
        _ => Reply::json(405, &json!({"status": "error"})),
    }
}
