//! Help desks: what Zendesk publishes of its users and tickets.

use serde_json::{Value, json};

use super::super::desk::{Desk, Record};
use super::super::server::{Got, Reply};
use super::Vendor;

/// `agent@school.example/token:secret-token`.
pub(super) const ZENDESK: Vendor = Vendor {
    id: "zendesk",
    speaks: zendesk,
    keeps: |who, n| {
        let mut records = vec![who.record("user", &format!("{n}000"))];
        records.extend((1..=3).map(|ticket| who.record("ticket", &format!("{n}{ticket}"))));
        records
    },
    login: "Basic YWdlbnRAc2Nob29sLmV4YW1wbGUvdG9rZW46c2VjcmV0LXRva2Vu",
    settings: &[("subdomain", "school"), ("agent", "agent@school.example")],
};

fn user(record: &Record) -> Value {
    json!({"id": number(&record.id), "email": record.email, "external_id": record.user_id, "active": !record.is_soft})
}

fn number(id: &str) -> u64 {
    id.parse().unwrap()
}

/// A ticket's number is its requester's first digit and one more.
fn is_requester(user: &str, ticket: &Record) -> bool {
    user.ends_with("000") && ticket.kind == "ticket" && ticket.id.starts_with(&user[..1])
}

/// Two steps each; a user with tickets that are open cannot be deleted; what is soft deleted is in no search.
fn zendesk(desk: &mut Desk, got: &Got) -> Reply {
    let missing = || Reply::json(404, &json!({"error": "RecordNotFound", "description": "Not found"}));
    let path = got
        .path
        .strip_prefix("/api/v2/")
        .unwrap_or_default()
        .replace(".json", "");
    let segments: Vec<&str> = path.split('/').collect();
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["users"]) => {
            let users: Vec<Value> = desk.of("user").filter(|user| !user.is_soft).map(user).take(1).collect();
            Reply::json(200, &json!({"users": users, "count": 1}))
        }
        ("GET", ["users", "search"]) => {
            // A search by words brings whoever has one of them.
            let words = got.param("query");
            let is_like = |record: &&Record| match got.query.get("external_id") {
                Some(number) => record.user_id == *number,
                None => record.email.split('@').next_back() == words.split('@').next_back(),
            };
            let users: Vec<Value> = desk
                .of("user")
                .filter(|user| !user.is_soft)
                .filter(is_like)
                .map(user)
                .collect();
            Reply::json(200, &json!({"users": users, "count": users.len()}))
        }
        ("GET", ["users", id, "tickets", "requested"]) => {
            let of = desk
                .of("ticket")
                .filter(|ticket| !ticket.is_soft && is_requester(id, ticket));
            let ticket = |ticket: &Record| json!({"id": number(&ticket.id), "requester_id": number(id)});
            Reply::json(200, &json!({"tickets": of.map(ticket).collect::<Vec<_>>()}))
        }
        ("GET", ["users", id, "compliance_deletion_statuses"]) => {
            let is_there = desk.of("user").any(|user| user.id == *id);
            let action = if is_there { "started" } else { "complete" };
            let statuses = [("request_deletion", "all"), (action, "support"), (action, "all")];
            let statuses = statuses.map(|(action, of)| json!({"action": action, "application": of}));
            Reply::json(200, &json!({"compliance_deletion_statuses": statuses}))
        }
        ("GET", ["tickets", id]) => match desk.of("ticket").any(|ticket| ticket.id == *id && !ticket.is_soft) {
            true => Reply::json(200, &json!({"ticket": {"id": number(id)}})),
            false => missing(),
        },
        ("DELETE", ["tickets", id]) => match desk.soften(|record| record.kind == "ticket" && record.id == *id) {
            0 => missing(),
            _ => Reply::empty(204),
        },
        ("DELETE", ["deleted_tickets", id]) => match purge(desk, "ticket", id) {
            0 => missing(),
            _ => Reply::json(200, &json!({"job_status": {"id": "82de0b", "status": "queued"}})),
        },
        ("DELETE", ["users", id]) => delete_user(desk, id).unwrap_or_else(missing),
        ("DELETE", ["deleted_users", id]) => match purge(desk, "user", id) {
            0 => missing(),
            _ => Reply::json(200, &json!({"deleted_user": {"id": number(id), "active": false}})),
        },
        _ => Reply::json(404, &json!({"error": "InvalidEndpoint"})),
    }
}

/// Only what was deleted before can be deleted for good; a desk that does nothing has only said so.
fn purge(desk: &mut Desk, kind: &str, id: &str) -> usize {
    use super::super::desk::Fault;
    let says_so = desk.fault == Fault::DoesNothing;
    desk.erase(|record| record.kind == kind && record.id == id && (record.is_soft || says_so))
}

fn delete_user(desk: &mut Desk, id: &str) -> Option<Reply> {
    use super::super::desk::Fault;
    let says_so = desk.fault == Fault::DoesNothing;
    if !says_so
        && desk
            .of("ticket")
            .any(|ticket| !ticket.is_soft && is_requester(id, ticket))
    {
        return Some(Reply::json(
            422,
            &json!({"error": "RecordInvalid", "details": "requester of open tickets"}),
        ));
    }
    let count = desk.soften(|record| record.kind == "user" && record.id == id);
    (count > 0).then(|| Reply::json(200, &json!({"user": {"id": number(id), "active": false}})))
}

/// `secret-token:X`.
pub(super) const FRESHDESK: Vendor = Vendor {
    id: "freshdesk",
    speaks: freshdesk,
    keeps: |who, n| {
        let mut deleted = who.record("contact", &format!("4{n}1"));
        deleted.is_soft = true;
        vec![who.record("contact", &format!("4{n}0")), deleted]
    },
    login: "Basic c2VjcmV0LXRva2VuOlg=",
    settings: &[("domain", "school")],
};

/// Contacts that staff deleted are only found when asked for.
fn freshdesk(desk: &mut Desk, got: &Got) -> Reply {
    match (got.method.as_str(), got.path.as_str()) {
        ("GET", "/api/v2/contacts") => {
            let email = got.query.get("email");
            let is_deleted = got.param("state") == "deleted";
            let of = desk.of("contact").filter(|record| record.is_soft == is_deleted);
            let of = of.filter(|record| email.is_none_or(|email| record.email == *email));
            let contact = |record: &Record| json!({"id": number(&record.id), "email": record.email});
            Reply::json(200, &Value::Array(of.map(contact).collect()))
        }
        ("DELETE", path) => {
            assert_eq!(got.param("force"), "true");
            let id = path
                .strip_prefix("/api/v2/contacts/")
                .and_then(|rest| rest.strip_suffix("/hard_delete"));
            match desk.erase(|record| id == Some(&record.id)) {
                0 => Reply::json(404, &json!({"code": "not_found"})),
                _ => Reply::empty(204),
            }
        }
        _ => Reply::json(405, &json!({"code": "method_not_allowed"})),
    }
}
