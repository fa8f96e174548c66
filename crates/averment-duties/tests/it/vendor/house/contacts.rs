//! Customer relations and mail: Braze, Customer.io, HubSpot, Intercom, Klaviyo, Mailchimp, Mailgun, SendGrid.

use serde_json::{Value, json};

use super::super::desk::{Desk, Record};
use super::super::server::{Got, Reply};
use super::Vendor;

pub(super) const BRAZE: Vendor = Vendor {
    id: "braze",
    speaks: braze,
    keeps: |who, n| vec![who.record("profile", &format!("b{n}"))],
    login: "Bearer secret-token",
    settings: &[("cluster", "fra-01")],
};

/// Basic for one interface (`secret-site:secret-token`), Bearer for the other.
pub(super) const CUSTOMER_IO: Vendor = Vendor {
    id: "customer-io",
    speaks: customer_io,
    keeps: |who, n| vec![who.record("person", &format!("0a0{n}"))],
    login: "Basic c2VjcmV0LXNpdGU6c2VjcmV0LXRva2Vu|Bearer secret-app",
    settings: &[],
};

pub(super) const HUBSPOT: Vendor = Vendor {
    id: "hubspot",
    speaks: hubspot,
    keeps: |who, n| vec![who.record("contact", &format!("90{n}"))],
    login: "Bearer secret-token",
    settings: &[],
};

pub(super) const INTERCOM: Vendor = Vendor {
    id: "intercom",
    speaks: intercom,
    keeps: |who, n| {
        vec![
            who.record("contact", &format!("i{n}a")),
            who.record("contact", &format!("i{n}b")),
        ]
    },
    login: "Bearer secret-token",
    settings: &[],
};

pub(super) const KLAVIYO: Vendor = Vendor {
    id: "klaviyo",
    speaks: klaviyo,
    keeps: |who, n| vec![who.record("profile", &format!("01K{n}"))],
    login: "Klaviyo-API-Key secret-token",
    settings: &[],
};

/// `averment:secret-token`.
pub(super) const MAILCHIMP: Vendor = Vendor {
    id: "mailchimp",
    speaks: mailchimp,
    keeps: |who, n| vec![who.record("member", &format!("md5of{n}"))],
    login: "Basic YXZlcm1lbnQ6c2VjcmV0LXRva2Vu",
    settings: &[("dc", "us21"), ("list", "l1")],
};

/// `api:secret-token`.
pub(super) const MAILGUN: Vendor = Vendor {
    id: "mailgun",
    speaks: mailgun,
    keeps: |who, n| {
        let lists = ["bounces", "unsubscribes", "complaints"];
        lists.map(|list| who.record(list, &n.to_string())).to_vec()
    },
    login: "Basic YXBpOnNlY3JldC10b2tlbg==",
    settings: &[("domain", "mail.school.example")],
};

pub(super) const SENDGRID: Vendor = Vendor {
    id: "sendgrid",
    speaks: sendgrid,
    keeps: |who, n| vec![who.record("contact", &format!("sg{n}"))],
    login: "Bearer secret-token",
    settings: &[],
};

fn braze(desk: &mut Desk, got: &Got) -> Reply {
    let body = got.json();
    match (got.method.as_str(), got.path.as_str()) {
        ("POST", "/users/export/ids") => {
            assert!(body["fields_to_export"].is_array());
            let is_asked = |record: &&Record| match body["email_address"].as_str() {
                Some(email) => record.email == email,
                None => body["external_ids"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|id| record.user_id == *id),
            };
            let user =
                |record: &Record| json!({"braze_id": record.id, "external_id": record.user_id, "email": record.email});
            let users: Vec<Value> = desk.of("profile").filter(is_asked).map(user).collect();
            Reply::json(
                201,
                &json!({"message": "success", "users": users, "invalid_user_ids": []}),
            )
        }
        ("POST", "/users/delete") => {
            let ids = body["braze_ids"].as_array().unwrap();
            let deleted = desk.erase(|record| ids.iter().any(|id| record.id == *id));
            Reply::json(201, &json!({"deleted": deleted, "message": "success"}))
        }
        ("GET", "/segments/list") => Reply::json(200, &json!({"message": "success", "segments": []})),
        _ => Reply::json(404, &json!({"message": "Invalid path"})),
    }
}

/// Deleting whoever is not there is answered alike.
fn customer_io(desk: &mut Desk, got: &Got) -> Reply {
    let segments = got.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let is_track = got.header("authorization").starts_with("Basic ");
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["v1", "customers"]) if !is_track => {
            let person = |record: &Record| json!({"email": record.email, "id": record.user_id, "cio_id": record.id});
            let of = desk.of("person").filter(|record| record.email == got.param("email"));
            Reply::json(200, &json!({"results": of.map(person).collect::<Vec<_>>()}))
        }
        ("GET", ["v1", "customers", id, "attributes"]) if !is_track => {
            match desk.of("person").any(|record| record.user_id == *id) {
                true => Reply::json(200, &json!({"customer": {"id": id, "attributes": {}}})),
                false => Reply::json(404, &json!({"errors": [{"detail": "not found", "status": "404"}]})),
            }
        }
        ("GET", ["v1", "segments"]) if !is_track => Reply::json(200, &json!({"segments": []})),
        ("DELETE", ["api", "v1", "customers", id]) if is_track => {
            desk.erase(|record| record.user_id == *id || id.strip_prefix("cio_") == Some(&record.id));
            Reply::json(200, &json!({}))
        }
        _ => Reply::json(401, &json!({"meta": {"error": "unauthorized"}})),
    }
}

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

/// One contact a page: the next turns up when the first is gone.
fn intercom(desk: &mut Desk, got: &Got) -> Reply {
    assert_eq!(got.header("intercom-version"), "2.11");
    let contact = |record: &Record| json!({"type": "contact", "id": record.id, "email": record.email, "external_id": record.user_id});
    let missing = || Reply::json(404, &json!({"type": "error.list", "errors": [{"code": "not_found"}]}));
    match (got.method.as_str(), got.path.as_str()) {
        ("POST", "/contacts/search") => {
            let query = &got.json()["query"];
            assert_eq!(query["operator"], "=");
            let is_asked = |record: &&Record| match query["field"].as_str() {
                Some("email") => record.email == query["value"],
                _ => record.user_id == query["value"],
            };
            let data: Vec<Value> = desk.of("contact").filter(is_asked).map(contact).take(1).collect();
            Reply::json(200, &json!({"type": "list", "total_count": data.len(), "data": data}))
        }
        ("GET", "/contacts") => {
            let data: Vec<Value> = desk.of("contact").map(contact).take(1).collect();
            Reply::json(200, &json!({"type": "list", "data": data}))
        }
        (method, path) => {
            let id = path.strip_prefix("/contacts/").unwrap_or_default().to_owned();
            let found = desk.of("contact").find(|record| record.id == id).map(contact);
            match (method, found) {
                ("GET", Some(contact)) => Reply::json(200, &contact),
                ("DELETE", Some(_)) => {
                    desk.erase(|record| record.id == id);
                    Reply::json(200, &json!({"type": "contact", "id": id, "deleted": true}))
                }
                _ => missing(),
            }
        }
    }
}

fn klaviyo(desk: &mut Desk, got: &Got) -> Reply {
    assert!(!got.header("revision").is_empty());
    match (got.method.as_str(), got.path.as_str()) {
        ("GET", "/api/profiles") => {
            let filter = got.query.get("filter").map(|filter| {
                let inner = filter
                    .strip_prefix("equals(email,\"")
                    .and_then(|rest| rest.strip_suffix("\")"));
                inner.unwrap_or_else(|| panic!("filter")).replace("\\'", "'")
            });
            let of = desk
                .of("profile")
                .filter(|record| filter.as_ref().is_none_or(|email| record.email == *email));
            let profile =
                |record: &Record| json!({"type": "profile", "id": record.id, "attributes": {"email": record.email}});
            Reply::json(
                200,
                &json!({"data": of.map(profile).collect::<Vec<_>>(), "links": {"next": null}}),
            )
        }
        ("POST", "/api/data-privacy-deletion-jobs") => {
            let body = got.json();
            assert_eq!(body["data"]["type"], "data-privacy-deletion-job");
            let profile = &body["data"]["attributes"]["profile"]["data"];
            desk.erase(|record| record.id == profile["id"]);
            Reply::empty(202)
        }
        _ => Reply::json(404, &json!({"errors": [{"code": "not_found"}]})),
    }
}

fn mailchimp(desk: &mut Desk, got: &Got) -> Reply {
    let missing = || Reply::json(404, &json!({"title": "Resource Not Found", "status": 404}));
    let segments = got.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["3.0", "lists", "l1"]) => Reply::json(200, &json!({"id": "l1", "name": "Parents"})),
        ("GET", ["3.0", "lists", "l1", "members", who]) => {
            match desk
                .of("member")
                .find(|record| record.id == *who || record.email == *who)
            {
                Some(record) => Reply::json(
                    200,
                    &json!({"id": record.id, "email_address": record.email, "status": "archived"}),
                ),
                None => missing(),
            }
        }
        ("POST", ["3.0", "lists", "l1", "members", who, "actions", "delete-permanent"]) => {
            match desk.erase(|record| record.id == *who) {
                0 => missing(),
                _ => Reply::empty(204),
            }
        }
        _ => missing(),
    }
}

fn mailgun(desk: &mut Desk, got: &Got) -> Reply {
    let segments = got.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let missing = |list: &str| Reply::json(404, &json!({"message": format!("Address not found in {list} table")}));
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["v3", "mail.school.example", list]) => {
            let items: Vec<Value> = desk
                .records
                .iter()
                .filter(|r| r.kind == *list)
                .take(1)
                .map(|r| json!({"address": r.email}))
                .collect();
            Reply::json(200, &json!({"items": items, "paging": {}}))
        }
        ("GET", ["v3", "mail.school.example", list, email]) => {
            match desk.of(list).any(|record| record.email == *email) {
                true => Reply::json(
                    200,
                    &json!({"address": email, "created_at": "Fri, 21 Oct 2011 11:02:55 UTC"}),
                ),
                false => missing(list),
            }
        }
        ("DELETE", ["v3", "mail.school.example", list, email]) => {
            match desk.erase(|record| record.kind == *list && record.email == *email) {
                0 => missing(list),
                _ => Reply::json(200, &json!({"message": "removed", "address": email})),
            }
        }
        _ => Reply::json(404, &json!({"message": "Not Found"})),
    }
}

/// Addresses are kept in lower case, and searched so.
fn sendgrid(desk: &mut Desk, got: &Got) -> Reply {
    match (got.method.as_str(), got.path.as_str()) {
        ("POST", "/v3/marketing/contacts/search") => {
            let body = got.json();
            let query = body["query"].as_str().unwrap();
            let email = query
                .strip_prefix("email = lower('")
                .and_then(|rest| rest.strip_suffix("')"));
            let email = email
                .unwrap_or_else(|| panic!("{query}"))
                .replace("\\'", "'")
                .to_lowercase();
            let of = desk.of("contact").filter(|record| record.email.to_lowercase() == email);
            let contact = |record: &Record| json!({"id": record.id, "email": record.email});
            let result: Vec<Value> = of.map(contact).collect();
            Reply::json(200, &json!({"contact_count": result.len(), "result": result}))
        }
        ("DELETE", "/v3/marketing/contacts") => {
            assert!(!got.param("ids").is_empty() && !got.query.contains_key("delete_all_contacts"));
            desk.erase(|record| got.param("ids").split(',').any(|id| record.id == id));
            Reply::json(202, &json!({"job_id": desk.job()}))
        }
        ("POST", "/v3/recipients/erasejob") => {
            assert_eq!(got.json()["email_addresses"].as_array().map(Vec::len), Some(1));
            desk.orders += 1;
            Reply::json(202, &json!({"job_id": desk.job()}))
        }
        ("GET", "/v3/marketing/contacts/count") => Reply::json(200, &json!({"contact_count": desk.records.len()})),
        _ => Reply::json(404, &json!({"errors": [{"message": "not found"}]})),
    }
}
