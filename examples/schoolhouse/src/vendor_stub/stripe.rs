//! Stripe's customers: made, looked up by address, deleted. One that was deleted is still told, as deleted.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Asked, Kept, Said};

const CUSTOMERS: &str = "stripe customers";

pub(super) fn said(asked: &Asked, kept: &mut Kept) -> Said {
    if asked.path == "/v1/customers" {
        return match asked.method {
            Method::POST => Some((StatusCode::OK, make(asked, kept))),
            _ => Some((StatusCode::OK, list(asked, kept))),
        };
    }
    let id = asked.between("/v1/customers/", "")?;
    let deleted = || (StatusCode::OK, json!({"id": id, "object": "customer", "deleted": true}));
    match asked.method {
        Method::DELETE => kept.delete(CUSTOMERS, id).then(deleted),
        _ if kept.is_gone(CUSTOMERS, id) => Some(deleted()),
        _ => Some((StatusCode::OK, kept.get(CUSTOMERS, id)?.clone())),
    }
}

fn make(asked: &Asked, kept: &mut Kept) -> Value {
    let id = format!("cus_{}", kept.number());
    let customer = json!({
        "id": id,
        "object": "customer",
        "email": asked.body["email"],
        "name": asked.body["name"],
    });
    kept.keep(CUSTOMERS, &id, customer.clone());
    customer
}

fn list(asked: &Asked, kept: &Kept) -> Value {
    let found = match asked.word("email") {
        "" => kept.with(CUSTOMERS, "", ""),
        email => kept.with(CUSTOMERS, "email", email),
    };
    let found: Vec<Value> = found.into_iter().map(|(_, customer)| customer).collect();
    json!({"object": "list", "url": "/v1/customers", "has_more": false, "data": found})
}
