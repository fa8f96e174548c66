//! Twilio's text messages: sent, listed by number, deleted one by one. Calls there are none.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Asked, Kept, Said};

const MESSAGES: &str = "twilio messages";
const ACCOUNT: &str = "/2010-04-01/Accounts/ACexample";

pub(super) fn said(asked: &Asked, kept: &mut Kept) -> Said {
    let path = asked.path.strip_prefix(ACCOUNT)?;
    match path {
        ".json" => return Some((StatusCode::OK, json!({"sid": "ACexample", "status": "active"}))),
        "/Calls.json" => return Some((StatusCode::OK, json!({"calls": [], "next_page_uri": null}))),
        "/Recordings.json" => return Some((StatusCode::OK, json!({"recordings": [], "next_page_uri": null}))),
        _ => {}
    }
    if path == "/Messages.json" {
        return match asked.method {
            Method::POST => Some((StatusCode::CREATED, send(asked, kept))),
            _ => Some((StatusCode::OK, list(asked, kept))),
        };
    }
    let sid = path.strip_prefix("/Messages/")?.strip_suffix(".json")?;
    match asked.method {
        Method::DELETE => kept
            .delete(MESSAGES, sid)
            .then_some((StatusCode::NO_CONTENT, Value::Null)),
        _ => Some((StatusCode::OK, kept.get(MESSAGES, sid)?.clone())),
    }
}

fn send(asked: &Asked, kept: &mut Kept) -> Value {
    let sid = format!("SM{:032}", kept.number());
    let message = json!({
        "sid": sid,
        "to": asked.body["To"],
        "from": asked.body["From"],
        "body": asked.body["Body"],
        "status": "delivered",
    });
    kept.keep(MESSAGES, &sid, message.clone());
    message
}

fn list(asked: &Asked, kept: &Kept) -> Value {
    let found = match (asked.word("To"), asked.word("From")) {
        ("", "") => kept.with(MESSAGES, "", ""),
        ("", number) => kept.with(MESSAGES, "from", number),
        (number, _) => kept.with(MESSAGES, "to", number),
    };
    let found: Vec<Value> = found.into_iter().map(|(_, message)| message).collect();
    json!({"messages": found, "page": 0, "next_page_uri": null})
}
