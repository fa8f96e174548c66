//! Slack's workspace of the staff, with one member. Of users nothing goes there but that something happened.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Asked, Said};

pub(super) fn said(asked: &Asked) -> Said {
    let told = match asked.path.as_str() {
        path if path.starts_with("/services/") => Value::String("ok".to_owned()),
        "/api/users.list" => {
            json!({"ok": true, "members": [{"id": "U1", "profile": {"email": "agent@schoolhouse.example"}}]})
        }
        "/api/users.lookupByEmail" => json!({"ok": false, "error": "users_not_found"}),
        "/api/admin.users.remove" => json!({"ok": false, "error": "user_not_found"}),
        _ => json!({"ok": false, "error": "unknown_method"}),
    };
    Some((StatusCode::OK, told))
}
