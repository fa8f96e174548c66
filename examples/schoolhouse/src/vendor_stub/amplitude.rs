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

/// Answered at once, for all users of one day together.
fn deletion(asked: &Asked, kept: &mut Kept) -> Said {
    let mut users = Vec::new();
    for user in asked.body["user_ids"].as_array()? {
        let user = user.as_str()?;
        let number = kept.get(USERS, user).map(|user| user["amplitude_id"].clone());
        if let Some(number) = number {
            users.push(json!({"amplitude_id": number, "requester": asked.body["requester"]}));
            kept.delete(USERS, user);
        }
    }
    let day = crate::settings::clock().strftime("%Y-%m-%d").to_string();
    let job = json!({"day": day, "status": "done", "amplitude_ids": users});
    let number = kept.number().to_string();
    kept.keep(JOBS, &number, job.clone());
    Some((StatusCode::OK, json!([job])))
}
