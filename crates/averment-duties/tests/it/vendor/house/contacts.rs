//! Customer relations: what HubSpot publishes of its contacts.

use serde_json::{Value, json};

use super::super::desk::{Desk, Record};
use super::super::server::{Got, Reply};
use super::Vendor;

pub(super) const HUBSPOT: Vendor = Vendor {
    id: "hubspot",
    speaks: hubspot,
    keeps: |who, n| vec![who.record("contact", &format!("90{n}"))],
    login: "Bearer secret-token",
    settings: &[],
};

fn contact(record: &Record) -> Value {
    json!({"id": record.id, "properties": {"email": record.email, "hs_object_id": record.id}, "archived": false})
}

/// A permanent deletion of an address that is no contact blocks the address; by number it is 404.
fn hubspot(desk: &mut Desk, got: &Got) -> Reply {
    let missing = || {
        Reply::json(
            404,
            &json!({"status": "error", "category": "OBJECT_NOT_FOUND", "message": "gone"}),
        )
    };
    let path = got.path.strip_prefix("/crm/v3/objects/contacts").unwrap_or_default();
    match (got.method.as_str(), path) {
        ("POST", "/search") => {
            let body = got.json();
            let filter = &body["filterGroups"][0]["filters"][0];
            assert_eq!(
                (&filter["propertyName"], &filter["operator"]),
                (&json!("email"), &json!("EQ"))
            );
            let of = desk.of("contact").filter(|record| record.email == filter["value"]);
            let results: Vec<Value> = of.map(contact).collect();
            Reply::json(200, &json!({"total": results.len(), "results": results}))
        }
        ("POST", "/gdpr-delete") => {
            let id = got.json()["objectId"].as_str().unwrap_or_default().to_owned();
            assert!(got.json().get("idProperty").is_none(), "an address would be blocked");
            match desk.erase(|record| record.id == id) {
                0 => missing(),
                _ => Reply::empty(204),
            }
        }
        ("GET", "") => {
            let results: Vec<Value> = desk.of("contact").map(contact).take(1).collect();
            Reply::json(200, &json!({"results": results}))
        }
        ("GET", path) => match desk
            .of("contact")
            .find(|record| path.strip_prefix('/') == Some(&record.id))
        {
            Some(record) => Reply::json(200, &contact(record)),
            None => missing(),
        },
        _ => Reply::json(405, &json!({"status": "error"})),
    }
}
