//! Messages and calls: Twilio.

use serde_json::{Value, json};

use super::super::desk::{Desk, Record};
use super::super::server::{Got, Reply};
use super::Vendor;

/// `AC1:secret-token`. Of two messages one went out and one came in; of two calls one was recorded.
pub(super) const TWILIO: Vendor = Vendor {
    id: "twilio",
    speaks: twilio,
    keeps: |who, n| {
        let kinds = [
            ("Messages", "SMo"),
            ("Messages", "SMi"),
            ("Calls", "CAo"),
            ("Calls", "CAi"),
            ("Recordings", "REo"),
        ];
        kinds.map(|(kind, id)| who.record(kind, &format!("{id}{n}"))).to_vec()
    },
    login: "Basic QUMxOnNlY3JldC10b2tlbg==",
    settings: &[("account", "AC1")],
};

/// Lists by `To`, `From` and `CallSid`.
fn twilio(desk: &mut Desk, got: &Got) -> Reply {
    let missing = || Reply::json(404, &json!({"code": 20404, "message": "not found", "status": 404}));
    let Some(path) = got.path.strip_prefix("/2010-04-01/Accounts/AC1") else {
        return missing();
    };
    let path = path.trim_end_matches(".json");
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match (got.method.as_str(), parts.as_slice()) {
        ("GET", []) => Reply::json(200, &json!({"sid": "AC1", "status": "active"})),
        ("GET", [kind]) => {
            let of = desk
                .records
                .iter()
                .filter(|record| record.kind == *kind && is_asked(record, got));
            let list: Vec<Value> = of.map(item).collect();
            Reply::json(
                200,
                &json!({kind.to_lowercase(): list, "page": 0, "next_page_uri": null}),
            )
        }
        ("DELETE", [kind, sid]) => match desk.erase(|record| record.kind == *kind && record.id == *sid) {
            0 => missing(),
            _ => Reply::empty(204),
        },
        _ => missing(),
    }
}

fn is_out(record: &Record) -> bool {
    record.id.as_bytes()[2] == b'o'
}

/// Only the outgoing call was recorded.
fn call_of(record: &Record) -> String {
    format!("CAo{}", &record.id[3..])
}

fn is_asked(record: &Record, got: &Got) -> bool {
    let to = got
        .query
        .get("To")
        .is_none_or(|to| is_out(record) && record.phone == *to);
    let from = got
        .query
        .get("From")
        .is_none_or(|from| !is_out(record) && record.phone == *from);
    let call = got.query.get("CallSid").is_none_or(|call| *call == call_of(record));
    to && from && call
}

fn item(record: &Record) -> Value {
    let ours = "+15550199999";
    let (to, from) = if is_out(record) {
        (record.phone.as_str(), ours)
    } else {
        (ours, record.phone.as_str())
    };
    json!({"sid": record.id, "to": to, "from": from, "call_sid": call_of(record)})
}
