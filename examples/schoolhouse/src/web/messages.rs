//! Messages between users of one school.

use serde_json::{Value, json};

use super::{Answer, Call, Fault, html};
use crate::people::Person;

/// Messages that the viewer sent or got, oldest first.
pub(crate) fn own(call: &mut Call) -> Result<Vec<Value>, Fault> {
    let viewer = call.viewer()?;
    let sql = "select messages.body, messages.sent_at, senders.username as sender, recipients.username as recipient \
               from messages join users senders on senders.id = messages.sender_id \
               join users recipients on recipients.id = messages.recipient_id \
               where messages.sender_id = $1 or messages.recipient_id = $1 order by messages.id";
    let mut messages = Vec::new();
    for row in call.db.rows(sql, &[viewer.id.into()])? {
        messages.push(json!({
            "from": row.text("sender")?,
            "to": row.text("recipient")?,
            "body": row.text("body")?,
            "sent_at": row.time("sent_at")?,
        }));
    }
    Ok(messages)
}

pub(crate) fn page(call: &mut Call) -> Result<Answer, Fault> {
    let messages = own(call)?;
    let part = |message: &Value, name: &str| html::escaped(message[name].as_str().unwrap_or_default());
    let item = |message: &Value| {
        let (from, to, body) = (part(message, "from"), part(message, "to"), part(message, "body"));
        format!("<b>{from}</b> to <b>{to}</b>: {body}")
    };
    let form = html::form(
        "/messages",
        "Send",
        &[("to", "To", "text", ""), ("body", "Text", "area", "")],
    );
    Ok(Answer::unlisted(
        "Messages",
        &format!("{}{form}", html::list(messages.iter().map(item))),
    ))
}

/// To somebody of the same school whom the sender may see; anybody else is not there.
pub(crate) fn send(call: &mut Call) -> Result<Answer, Fault> {
    let viewer = call.viewer()?;
    let (to, body) = (call.needed("to")?, call.needed("body")?);
    let condition = "where users.username = $1 and users.school_id = $2";
    let found = Person::all(call.db, condition, &[to.into(), viewer.school.into()])?.pop();
    let recipient = found.ok_or(Fault::Wrong("nobody of this name is in your school"))?;
    if !call.sight(&recipient)?.any() && !written_before(call, viewer.id, recipient.id)? {
        return Err(Fault::Wrong("nobody of this name is in your school"));
    }
    let sql = "insert into messages (sender_id, recipient_id, body, sent_at) values ($1, $2, $3, $4)";
    call.db.run(
        sql,
        &[
            viewer.id.into(),
            recipient.id.into(),
            body.into(),
            call.app.now().into(),
        ],
    )?;
    Ok(Answer::to("/messages"))
}

/// Who was written to may answer.
fn written_before(call: &mut Call, viewer: i64, other: i64) -> Result<bool, Fault> {
    let sql = "select count(*) from messages where sender_id = $1 and recipient_id = $2";
    Ok(call.db.number(sql, &[other.into(), viewer.into()])? > 0)
}
