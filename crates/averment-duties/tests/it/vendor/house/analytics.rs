//! Analytics, where a deletion takes its time: Amplitude, Google Analytics, Mixpanel, PostHog, Segment, Statsig.

use serde_json::{Value, json};

use super::super::desk::{Desk, Record};
use super::super::server::{Got, Reply};
use super::Vendor;

/// `secret-key:secret-token`.
pub(super) const AMPLITUDE: Vendor = Vendor {
    id: "amplitude",
    speaks: amplitude,
    keeps: |who, n| vec![who.record("profile", &format!("88{n}"))],
    login: "Basic c2VjcmV0LWtleTpzZWNyZXQtdG9rZW4=",
    settings: &[("requester", "office@school.example")],
};

pub(super) const GOOGLE_ANALYTICS: Vendor = Vendor {
    id: "google-analytics",
    speaks: google_analytics,
    keeps: |who, n| vec![who.record("user", &format!("g{n}"))],
    login: "Bearer secret-token",
    settings: &[("property", "1234")],
};

pub(super) const MIXPANEL: Vendor = Vendor {
    id: "mixpanel",
    speaks: mixpanel,
    keeps: |who, n| vec![who.record("profile", &format!("p{n}"))],
    login: "Bearer secret-token",
    settings: &[("project_token", "abcdef")],
};

pub(super) const POSTHOG: Vendor = Vendor {
    id: "posthog",
    speaks: posthog,
    keeps: |who, n| vec![who.record("person", &format!("0190-{n}"))],
    login: "Bearer secret-token",
    settings: &[("project", "77")],
};

pub(super) const SEGMENT: Vendor = Vendor {
    id: "twilio-segment",
    speaks: segment,
    keeps: |who, n| vec![who.record("user", &format!("s{n}"))],
    login: "Bearer secret-token",
    settings: &[],
};

pub(super) const STATSIG: Vendor = Vendor {
    id: "statsig",
    speaks: statsig,
    keeps: |who, n| vec![who.record("user", &format!("x{n}"))],
    login: "statsig-api-key=secret-token",
    settings: &[],
};

/// A search by prefix: whoever's number begins alike is found too. Jobs take identifiers as texts or numbers.
fn amplitude(desk: &mut Desk, got: &Got) -> Reply {
    match (got.method.as_str(), got.path.as_str()) {
        ("GET", "/api/2/usersearch") => {
            let wanted = got.param("user").get(..2).unwrap_or_default().to_owned();
            let of = desk.of("profile").filter(|record| record.user_id.starts_with(&wanted));
            let profile = |record: &Record| json!({"user_id": record.user_id, "amplitude_id": record.id.parse::<u64>().unwrap(), "last_seen": "2026-10-01"});
            let matches: Vec<Value> = of.map(profile).collect();
            Reply::json(200, &json!({"matches": matches, "type": "match_user_or_device_id"}))
        }
        ("POST", "/api/2/deletions/users") => {
            let body = got.json();
            assert_eq!(body["requester"], "office@school.example");
            let ids: Vec<String> = body["amplitude_ids"].as_array().unwrap().iter().map(text).collect();
            desk.erase(|record| ids.contains(&record.id));
            let ids: Vec<Value> = ids
                .iter()
                .map(|id| json!({"amplitude_id": id, "requester": "office"}))
                .collect();
            Reply::json(
                200,
                &json!([{"day": "2026-11-20", "amplitude_ids": ids, "app": "1", "status": "staging"}]),
            )
        }
        ("GET", "/api/2/deletions/users") => Reply::json(200, &json!([])),
        _ => Reply::json(404, &json!({"error": {"http_code": 404}})),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn google_analytics(desk: &mut Desk, got: &Got) -> Reply {
    match (got.method.as_str(), got.path.as_str()) {
        ("POST", "/v1alpha/properties/1234:submitUserDeletion") => {
            let id = got.json()["userId"].as_str().unwrap_or_default().to_owned();
            desk.erase(|record| record.user_id == id);
            Reply::json(200, &json!({"deletionRequestTime": "2026-11-02T08:00:00Z"}))
        }
        _ => Reply::json(404, &json!({"error": {"code": 404, "status": "NOT_FOUND"}})),
    }
}

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

fn posthog(desk: &mut Desk, got: &Got) -> Reply {
    let path = got.path.strip_prefix("/api/projects/77/persons/").unwrap_or_default();
    match (got.method.as_str(), path) {
        ("GET", "") => {
            let id = got.query.get("distinct_id");
            let of = desk
                .of("person")
                .filter(|record| id.is_none_or(|id| record.user_id == *id));
            let person = |record: &Record| json!({"id": record.id, "uuid": record.id, "distinct_ids": ["anon-1", record.user_id]});
            let results: Vec<Value> = of.map(person).collect();
            Reply::json(200, &json!({"next": null, "previous": null, "results": results}))
        }
        ("DELETE", id) => {
            assert_eq!(got.param("delete_events"), "true");
            match desk.erase(|record| format!("{}/", record.id) == id) {
                0 => Reply::json(
                    404,
                    &json!({"type": "invalid_request", "code": "not_found", "detail": "Not found."}),
                ),
                _ => Reply::empty(202),
            }
        }
        _ => Reply::json(405, &json!({"detail": "Method not allowed."})),
    }
}

fn segment(desk: &mut Desk, got: &Got) -> Reply {
    match (got.method.as_str(), got.path.as_str()) {
        ("POST", "/regulations") => {
            let body = got.json();
            assert_eq!(
                (&body["regulationType"], &body["subjectType"]),
                (&json!("SUPPRESS_WITH_DELETE"), &json!("USER_ID"))
            );
            let ids = body["subjectIds"].as_array().unwrap();
            desk.erase(|record| ids.iter().any(|id| record.user_id == *id));
            Reply::json(200, &json!({"data": {"regulateId": desk.job()}}))
        }
        ("GET", path) => match desk.job_done(path.strip_prefix("/regulations/").unwrap_or_default()) {
            Some(done) => {
                let status = if done { "FINISHED" } else { "RUNNING" };
                Reply::json(
                    200,
                    &json!({"data": {"regulation": {"id": "r", "overallStatus": status, "streamStatus": []}}}),
                )
            }
            None => Reply::json(404, &json!({"errors": [{"type": "not-found"}]})),
        },
        _ => Reply::json(405, &json!({"errors": [{"type": "bad-request"}]})),
    }
}

/// The status is a word, not JSON.
fn statsig(desk: &mut Desk, got: &Got) -> Reply {
    let body = got.json();
    match got.path.as_str() {
        "/v1/delete_user_data" => {
            assert_eq!(body["unit_type"], "user_id");
            let ids: Vec<&str> = body["ids"]
                .as_str()
                .unwrap()
                .split(body["delimiter"].as_str().unwrap_or(","))
                .collect();
            desk.erase(|record| ids.contains(&record.user_id.as_str()));
            Reply::json(200, &json!({"request_id": desk.job()}))
        }
        "/v1/get_delete_user_data_request_status" => {
            let word = match desk.job_done(body["request_id"].as_str().unwrap_or_default()) {
                Some(true) => "COMPLETE",
                Some(false) => "PENDING",
                None => "UNKNOWN",
            };
            let headers = vec![("content-type", "text/plain".to_owned())];
            Reply {
                status: 200,
                headers,
                body: word.to_owned(),
            }
        }
        _ => Reply::json(404, &json!({"message": "no such path"})),
    }
}
