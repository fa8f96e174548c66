//! Zendesk's tickets and users: deleting either takes two steps, out of sight and then for good.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Asked, Kept, Said};

const TICKETS: &str = "zendesk tickets";
const USERS: &str = "zendesk users";

pub(super) fn said(asked: &Asked, kept: &mut Kept) -> Said {
    match (&asked.method, asked.path.as_str()) {
        (&Method::POST, "/api/v2/tickets.json") => return open(asked, kept),
        (&Method::GET, "/api/v2/users.json") => {
            let agent = json!({"id": 1, "email": "agent@schoolhouse.example", "role": "admin", "active": true});
            let others = kept.with(USERS, "", "");
            return users([("1".to_owned(), agent)].into_iter().chain(others).collect());
        }
        (&Method::GET, "/api/v2/users/search.json") => return search(asked, kept),
        _ => {}
    }
    match asked.method {
        Method::GET => look(asked, kept),
        Method::DELETE => delete(asked, kept),
        _ => None,
    }
}

/// A ticket, and the user who asked where there is none with the address yet.
fn open(asked: &Asked, kept: &mut Kept) -> Said {
    let ticket = &asked.body["ticket"];
    let email = ticket["requester"]["email"].as_str()?;
    let user = match kept.with(USERS, "email", email).pop() {
        Some((_, user)) => user["id"].as_u64()?,
        None => kept.number(),
    };
    let name = &ticket["requester"]["name"];
    kept.keep(
        USERS,
        &user.to_string(),
        json!({"id": user, "email": email, "name": name, "active": true}),
    );
    let number = kept.number();
    let ticket = json!({
        "id": number,
        "requester_id": user,
        "requester": user.to_string(),
        "subject": ticket["subject"],
        "description": ticket["comment"]["body"],
    });
    kept.keep(TICKETS, &number.to_string(), ticket.clone());
    Some((StatusCode::CREATED, json!({ "ticket": ticket })))
}

fn search(asked: &Asked, kept: &Kept) -> Said {
    let (field, word) = match asked.word("external_id") {
        "" => ("email", asked.word("query").trim_start_matches("email:")),
        number => ("external_id", number),
    };
    users(kept.with(USERS, field, word.trim_matches('"')))
}

fn users(found: Vec<(String, Value)>) -> Said {
    let found: Vec<Value> = found.into_iter().map(|(_, user)| user).collect();
    let count = found.len();
    Some((
        StatusCode::OK,
        json!({"users": found, "count": count, "next_page": null, "previous_page": null}),
    ))
}

fn look(asked: &Asked, kept: &Kept) -> Said {
    if let Some(user) = asked.between("/api/v2/users/", "/tickets/requested.json") {
        kept.get(USERS, user)?;
        let tickets: Vec<Value> = kept
            .with(TICKETS, "requester", user)
            .into_iter()
            .map(|(_, ticket)| ticket)
            .collect();
        return Some((StatusCode::OK, json!({"tickets": tickets, "next_page": null})));
    }
    if let Some(user) = asked.between("/api/v2/users/", "/compliance_deletion_statuses.json") {
        let requested = json!({"action": "request_deletion", "application": "all", "user_id": user});
        let complete = json!({"action": "complete", "application": "all", "user_id": user});
        let steps = if kept.is_gone(USERS, user) {
            vec![requested, complete]
        } else {
            vec![requested]
        };
        return Some((StatusCode::OK, json!({"compliance_deletion_statuses": steps})));
    }
    if let Some(ticket) = asked.between("/api/v2/tickets/", ".json") {
        return Some((StatusCode::OK, json!({"ticket": kept.get(TICKETS, ticket)?})));
    }
    let user = asked.between("/api/v2/users/", ".json")?;
    Some((StatusCode::OK, json!({"user": kept.get(USERS, user)?})))
}

fn delete(asked: &Asked, kept: &mut Kept) -> Said {
    if let Some(ticket) = asked.between("/api/v2/tickets/", ".json") {
        return kept
            .hide(TICKETS, ticket)
            .then_some((StatusCode::NO_CONTENT, Value::Null));
    }
    if let Some(ticket) = asked.between("/api/v2/deleted_tickets/", ".json") {
        let job = json!({"job_status": {"id": format!("job-{ticket}"), "status": "queued"}});
        return kept.delete(TICKETS, ticket).then_some((StatusCode::OK, job));
    }
    if let Some(user) = asked.between("/api/v2/users/", ".json") {
        let told = json!({"user": {"id": user.parse::<u64>().ok(), "active": false}});
        return kept.hide(USERS, user).then_some((StatusCode::OK, told));
    }
    let user = asked.between("/api/v2/deleted_users/", ".json")?;
    let told = json!({"deleted_user": {"id": user.parse::<u64>().ok(), "active": false}});
    kept.delete(USERS, user).then_some((StatusCode::OK, told))
}
