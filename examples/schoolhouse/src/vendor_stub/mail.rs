//! SendGrid and Mailgun: mail out, and what each of them lets one delete.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{Asked, Kept, Said};

const CONTACTS: &str = "sendgrid contacts";
const MAIL: &str = "mailgun mail";

/// Whoever gets mail becomes a contact. Contacts are deleted by number, everything of an address by an erasing job; both 202.
pub(super) fn sendgrid(asked: &Asked, kept: &mut Kept) -> Said {
    match (&asked.method, asked.path.as_str()) {
        (&Method::POST, "/v3/mail/send") => {
            let email = asked.body["personalizations"][0]["to"][0]["email"].as_str()?;
            kept.keep(
                CONTACTS,
                email,
                json!({"id": format!("contact-{email}"), "email": email}),
            );
            Some((StatusCode::ACCEPTED, Value::Null))
        }
        (&Method::POST, "/v3/marketing/contacts/search/emails") => search(asked, kept),
        (&Method::DELETE, "/v3/marketing/contacts") => {
            for id in asked.word("ids").split(',') {
                kept.delete(CONTACTS, id.trim_start_matches("contact-"));
            }
            Some((
                StatusCode::ACCEPTED,
                json!({"job_id": format!("job-{}", kept.number())}),
            ))
        }
        (&Method::POST, "/v3/recipients/erasejob") => {
            for email in asked.body["email_addresses"]
                .as_array()?
                .iter()
                .filter_map(Value::as_str)
            {
                kept.delete(CONTACTS, email);
            }
            Some((
                StatusCode::ACCEPTED,
                json!({"job_id": format!("job-{}", kept.number())}),
            ))
        }
        _ => None,
    }
}

fn search(asked: &Asked, kept: &Kept) -> Said {
    let emails = asked.body["emails"].as_array()?.iter().filter_map(Value::as_str);
    let found = emails.filter_map(|email| Some((email.to_owned(), json!({"contact": kept.get(CONTACTS, email)?}))));
    let found: Map<String, Value> = found.collect();
    (!found.is_empty()).then(|| (StatusCode::OK, json!({ "result": found })))
}

/// Mail goes out; of what went out nothing can be deleted before the plan's days are over.
pub(super) fn mailgun(asked: &Asked, kept: &mut Kept) -> Said {
    if asked.method != Method::POST || !asked.path.ends_with("/messages") {
        return None;
    }
    let number = kept.number();
    kept.keep(
        MAIL,
        &number.to_string(),
        json!({"to": asked.body["to"], "subject": asked.body["subject"]}),
    );
    Some((
        StatusCode::OK,
        json!({"id": format!("<{number}@schoolhouse.example>"), "message": "Queued. Thank you."}),
    ))
}
