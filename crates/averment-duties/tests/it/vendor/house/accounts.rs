//! Accounts, members and rows: Airtable, Auth0, Clerk, Duo, Okta, Slack.

use std::fmt::Write as _;

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;

use super::super::desk::{Desk, Fault, Record};
use super::super::server::{Got, Reply, decode};
use super::Vendor;

pub(super) const AIRTABLE: Vendor = Vendor {
    id: "airtable",
    speaks: airtable,
    keeps: |who, n| (1..=2).map(|row| who.record("row", &format!("rec{n}{row}"))).collect(),
    login: "Bearer secret-token",
    settings: &[("base_id", "app1"), ("table", "Sign ups"), ("field", "E-mail")],
};

pub(super) const AUTH0: Vendor = Vendor {
    id: "auth0",
    speaks: auth0,
    keeps: |who, n| {
        vec![
            who.record("user", &format!("auth0|{n}")),
            who.record("user", &format!("google|{n}")),
        ]
    },
    login: "Bearer secret-token",
    settings: &[("tenant", "school.eu")],
};

pub(super) const CLERK: Vendor = Vendor {
    id: "clerk",
    speaks: clerk,
    keeps: |who, n| vec![who.record("user", &format!("user_{n}"))],
    login: "Bearer secret-token",
    settings: &[],
};

/// Every request is signed; the server looks at it.
pub(super) const DUO: Vendor = Vendor {
    id: "duo-security",
    speaks: duo,
    keeps: |who, n| vec![who.record("user", &format!("DU{n}"))],
    login: "",
    settings: &[("api", "api-1")],
};

pub(super) const OKTA: Vendor = Vendor {
    id: "okta",
    speaks: okta,
    keeps: |who, n| vec![who.record("user", &format!("00u{n}"))],
    login: "SSWS secret-token",
    settings: &[("tenant", "school")],
};

pub(super) const SLACK: Vendor = Vendor {
    id: "slack",
    speaks: slack,
    keeps: |who, n| vec![who.record("member", &format!("W{n}"))],
    login: "Bearer secret-token",
    settings: &[("team", "T1")],
};

/// The formula compares in lower case, with quotes escaped by a backslash.
fn airtable(desk: &mut Desk, got: &Got) -> Reply {
    let segments = got.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["v0", "app1", "Sign ups"]) => {
            let wanted = got.query.get("filterByFormula").map(|formula| {
                let inner = formula
                    .strip_prefix("LOWER({E-mail})='")
                    .and_then(|rest| rest.strip_suffix('\''));
                inner.unwrap_or_else(|| panic!("formula")).replace("\\'", "'")
            });
            let of = desk
                .of("row")
                .filter(|row| wanted.as_ref().is_none_or(|wanted| row.email.to_lowercase() == *wanted));
            let row =
                |row: &Record| json!({"id": row.id, "createdTime": "2026-01-01", "fields": {"E-mail": row.email}});
            Reply::json(200, &json!({"records": of.map(row).collect::<Vec<_>>()}))
        }
        ("DELETE", ["v0", "app1", "Sign ups", id]) => match desk.erase(|row| row.id == *id) {
            0 => Reply::json(404, &json!({"error": "NOT_FOUND"})),
            _ => Reply::json(200, &json!({"deleted": true, "id": id})),
        },
        _ => Reply::json(404, &json!({"error": "NOT_FOUND"})),
    }
}

/// Several accounts may have one address; deleting who is not there is answered alike.
fn auth0(desk: &mut Desk, got: &Got) -> Reply {
    let user = |record: &Record| json!({"user_id": record.id, "email": record.email.to_lowercase()});
    let segments = got.segments();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (got.method.as_str(), segments.as_slice()) {
        ("GET", ["api", "v2", "users-by-email"]) => {
            let of = desk
                .of("user")
                .filter(|record| record.email.to_lowercase() == got.param("email"));
            Reply::json(200, &Value::Array(of.map(user).collect()))
        }
        ("GET", ["api", "v2", "users"]) => Reply::json(200, &Value::Array(desk.of("user").map(user).take(1).collect())),
        ("GET", ["api", "v2", "users", id]) => match desk.of("user").find(|record| record.id == *id) {
            Some(record) => Reply::json(200, &user(record)),
            None => Reply::json(
                404,
                &json!({"statusCode": 404, "error": "Not Found", "errorCode": "inexistent_user"}),
            ),
        },
        ("DELETE", ["api", "v2", "users", id]) => {
            desk.erase(|record| record.id == *id);
            Reply::empty(204)
        }
        _ => Reply::json(404, &json!({"statusCode": 404, "error": "Not Found"})),
    }
}

fn clerk(desk: &mut Desk, got: &Got) -> Reply {
    let user = |record: &Record| {
        let addresses = json!([{"email_address": "other@school.example"}, {"email_address": record.email}]);
        json!({"id": record.id, "external_id": record.user_id, "email_addresses": addresses})
    };
    match (got.method.as_str(), got.path.as_str()) {
        ("GET", "/v1/users") => {
            let is_asked = |record: &&Record| match (got.query.get("email_address"), got.query.get("external_id")) {
                (Some(email), _) => record.email == *email,
                (_, Some(id)) => record.user_id == *id,
                _ => true,
            };
            Reply::json(200, &Value::Array(desk.of("user").filter(is_asked).map(user).collect()))
        }
        ("DELETE", path) => match desk.erase(|record| path.strip_prefix("/v1/users/") == Some(&record.id)) {
            0 => Reply::json(404, &json!({"errors": [{"code": "resource_not_found"}]})),
            _ => Reply::json(200, &json!({"object": "user", "id": path, "deleted": true})),
        },
        _ => Reply::json(404, &json!({"errors": [{"code": "resource_not_found"}]})),
    }
}

/// The first deletion deactivates, the second deletes.
fn okta(desk: &mut Desk, got: &Got) -> Reply {
    let missing = || Reply::json(404, &json!({"errorCode": "E0000007", "errorSummary": "Not found"}));
    let user = |record: &Record| json!({"id": record.id, "status": "ACTIVE", "profile": {"email": record.email}});
    let id = got.path.strip_prefix("/api/v1/users/").unwrap_or_default().to_owned();
    match (got.method.as_str(), id.as_str()) {
        ("GET", "") => {
            let wanted = got.query.get("search").map(|search| {
                let inner = search
                    .strip_prefix("profile.email eq \"")
                    .and_then(|rest| rest.strip_suffix('"'));
                inner.unwrap_or_else(|| panic!("search")).replace("\\'", "'")
            });
            let of = desk
                .of("user")
                .filter(|record| wanted.as_ref().is_none_or(|email| record.email == *email));
            Reply::json(200, &Value::Array(of.map(user).collect()))
        }
        ("GET", id) => match desk.of("user").find(|record| record.id == *id) {
            Some(record) => Reply::json(200, &user(record)),
            None => missing(),
        },
        ("DELETE", id) => {
            let changed = match desk.soften(|record| record.id == id) {
                0 if desk.fault == Fault::DoesNothing => 1,
                0 => desk.erase(|record| record.id == id),
                changed => changed,
            };
            if changed == 0 { missing() } else { Reply::empty(204) }
        }
        _ => missing(),
    }
}

/// Always 200; `ok` says whether it worked.
fn slack(desk: &mut Desk, got: &Got) -> Reply {
    let member = |record: &Record| json!({"id": record.id, "deleted": false, "profile": {"email": record.email}});
    let no = |error: &str| Reply::json(200, &json!({"ok": false, "error": error}));
    match (got.method.as_str(), got.path.as_str()) {
        ("GET", "/api/users.lookupByEmail") => {
            match desk.of("member").find(|record| record.email == got.param("email")) {
                Some(record) => Reply::json(200, &json!({"ok": true, "user": member(record)})),
                None => no("users_not_found"),
            }
        }
        ("GET", "/api/users.list") => Reply::json(
            200,
            &json!({"ok": true, "members": desk.of("member").map(member).collect::<Vec<_>>()}),
        ),
        ("POST", "/api/admin.users.remove") => {
            let mut form = String::new();
            let _ = write!(form, "&{}&", decode(&String::from_utf8_lossy(&got.body)));
            assert!(form.contains("&team_id=T1&"));
            match desk.erase(|record| form.contains(&format!("&user_id={}&", record.id))) {
                0 => no("user_not_found"),
                _ => Reply::json(200, &json!({"ok": true})),
            }
        }
        _ => no("unknown_method"),
    }
}

fn duo(desk: &mut Desk, got: &Got) -> Reply {
    if !is_signed(got) {
        return Reply::json(
            401,
            &json!({"stat": "FAIL", "code": 40103, "message": "Invalid signature in request"}),
        );
    }
    let user = |record: &Record| json!({"user_id": record.id, "username": record.user_id, "email": record.email});
    let missing = || {
        Reply::json(
            404,
            &json!({"stat": "FAIL", "code": 40401, "message": "Resource not found"}),
        )
    };
    let id = got.path.strip_prefix("/admin/v1/users/").unwrap_or_default().to_owned();
    match (got.method.as_str(), id.as_str()) {
        ("GET", "") => {
            let email = got.query.get("email");
            let of = desk
                .of("user")
                .filter(|record| email.is_none_or(|email| record.email == *email));
            Reply::json(
                200,
                &json!({"stat": "OK", "response": of.map(user).collect::<Vec<_>>()}),
            )
        }
        ("GET", id) => match desk.of("user").find(|record| record.id == *id) {
            Some(record) => Reply::json(200, &json!({"stat": "OK", "response": user(record)})),
            None => missing(),
        },
        ("DELETE", id) => match desk.erase(|record| record.id == id) {
            0 => missing(),
            _ => Reply::json(200, &json!({"stat": "OK", "response": ""})),
        },
        _ => missing(),
    }
}

/// `secret-key` asks, `secret-token` signs: date, method, host, path and sorted parameters.
fn is_signed(got: &Got) -> bool {
    let parameters: Vec<String> = got
        .query
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    let host = got.header("host").split(':').next().unwrap_or_default();
    let lines = [got.header("date"), &got.method, host, &got.path, &parameters.join("&")].join("\n");
    let mut mac = Hmac::<Sha1>::new_from_slice(b"secret-token").unwrap();
    mac.update(lines.as_bytes());
    let signature: String = mac
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let login = base64::engine::general_purpose::STANDARD.encode(format!("secret-key:{signature}"));
    got.header("authorization") == format!("Basic {login}")
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
