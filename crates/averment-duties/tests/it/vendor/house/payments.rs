//! Payments: what Stripe publishes of its customers.

use serde_json::{Value, json};

use super::super::desk::{Desk, Record};
use super::super::server::{Got, Reply};
use super::Vendor;

pub(super) const STRIPE: Vendor = Vendor {
    id: "stripe",
    speaks: stripe,
    keeps: |who, n| {
        vec![
            who.record("customer", &format!("cus_{n}a")),
            who.record("customer", &format!("cus_{n}b")),
        ]
    },
    login: "Bearer secret-token",
    settings: &[],
};

fn customer(record: &Record) -> Value {
    json!({"id": record.id, "object": "customer", "email": record.email, "created": 1_700_000_000, "livemode": false})
}

/// A deleted customer is still told of, as deleted; one that never was is `resource_missing`.
fn stripe(desk: &mut Desk, got: &Got) -> Reply {
    let segments = got.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let missing = || {
        Reply::json(
            404,
            &json!({"error": {"code": "resource_missing", "type": "invalid_request_error"}}),
        )
    };
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["v1", "customers"]) => {
            let email = got.query.get("email");
            let of = desk
                .of("customer")
                .filter(|record| email.is_none_or(|email| record.email == *email));
            let limit = got.param("limit").parse().unwrap_or(10);
            let data: Vec<Value> = of.map(customer).take(limit).collect();
            Reply::json(
                200,
                &json!({"object": "list", "url": "/v1/customers", "has_more": false, "data": data}),
            )
        }
        ("GET", ["v1", "customers", id]) => match desk.of("customer").find(|record| record.id == *id) {
            Some(record) => Reply::json(200, &customer(record)),
            None if id.starts_with("cus_") => {
                Reply::json(200, &json!({"id": id, "object": "customer", "deleted": true}))
            }
            None => missing(),
        },
        ("DELETE", ["v1", "customers", id]) => match desk.erase(|record| record.id == *id) {
            0 => missing(),
            _ => Reply::json(200, &json!({"id": id, "object": "customer", "deleted": true})),
        },
        _ => Reply::json(404, &json!({"error": {"message": "Unrecognized request URL"}})),
    }
}
