//! Amplitude: events in, users looked up, and deletion as a job by user id.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Asked, Kept, Said};

const USERS: &str = "amplitude users";
const JOBS: &str = "amplitude deletions";

pub(super) fn said(asked: &Asked, kept: &mut Kept) -> Said {
    match (&asked.method, asked.path.as_str()) {
        (&Method::POST, "/2/httpapi") => events(asked, kept),
        (&Method::GET, "/api/2/usersearch") => {
            let found = kept.with(USERS, "user_id", asked.word("user"));
            let matches: Vec<Value> = found.into_iter().map(|(_, user)| user).collect();
            Some((
                StatusCode::OK,
                json!({"matches": matches, "type": "match_user_or_device_id"}),
            ))
        }
        (&Method::POST, "/api/2/deletions/users") => deletion(asked, kept),
        (&Method::GET, "/api/2/deletions/users") => {
            let jobs: Vec<Value> = kept.with(JOBS, "", "").into_iter().map(|(_, job)| job).collect();
            Some((StatusCode::OK, Value::Array(jobs)))
        }
        _ => None,
    }
}

fn events(asked: &Asked, kept: &mut Kept) -> Said {
    let events = asked.body["events"].as_array()?;
    for event in events {
        let user = event["user_id"].as_str()?;
        if kept.get(USERS, user).is_none() {
            let number = kept.number();
            kept.keep(USERS, user, json!({"user_id": user, "amplitude_id": number}));
        }
    }
    Some((StatusCode::OK, json!({"code": 200, "events_ingested": events.len()})))
}

/// Ordered by user id or by Amplitude's own number; answered at once, for all users of one day together.
fn deletion(asked: &Asked, kept: &mut Kept) -> Said {
    let named = |name: &str| asked.body[name].as_array().cloned().unwrap_or_default();
    let (ids, numbers) = (named("user_ids"), named("amplitude_ids"));
    let is_meant = |user: &Value| {
        let number =
            |one: &Value| *one == user["amplitude_id"] || one.as_str() == Some(&user["amplitude_id"].to_string());
        ids.contains(&user["user_id"]) || numbers.iter().any(number)
    };
    let mut users = Vec::new();
    for (id, user) in kept.with(USERS, "", "") {
        if is_meant(&user) {
            users.push(json!({"amplitude_id": user["amplitude_id"], "requester": asked.body["requester"]}));
            kept.delete(USERS, &id);
        }
    }
    let day = crate::settings::clock().strftime("%Y-%m-%d").to_string();
    let job = json!({"day": day, "status": "done", "amplitude_ids": users});
    let number = kept.number().to_string();
    kept.keep(JOBS, &number, job.clone());
    Some((StatusCode::OK, json!([job])))
}
