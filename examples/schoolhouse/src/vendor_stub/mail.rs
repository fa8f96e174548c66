//! SendGrid and Mailgun: mail out, and what each of them lets one delete.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{Asked, Kept, Said};

const CONTACTS: &str = "sendgrid contacts";
const MAIL: &str = "mailgun mail";

/// Whoever gets mail becomes a contact. Contacts are deleted by number, everything of an address by an erasing job.
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
        (&Method::POST, "/v3/marketing/contacts/search") => Some(query(asked, kept)),
        (&Method::POST, "/v3/marketing/contacts/search/emails") => search(asked, kept),
        (&Method::GET, "/v3/marketing/contacts/count") => Some((
            StatusCode::OK,
            json!({"contact_count": kept.with(CONTACTS, "", "").len()}),
        )),
        (&Method::DELETE, "/v3/marketing/contacts") => {
            let ids = asked.word("ids").split(',').map(|id| id.trim_start_matches("contact-"));
            Some(ordered(ids.collect(), kept))
        }
        (&Method::POST, "/v3/recipients/erasejob") => {
            let emails = asked.body["email_addresses"].as_array()?;
            Some(ordered(emails.iter().filter_map(Value::as_str).collect(), kept))
        }
        _ => None,
    }
}

/// Deletes contacts; answered as a job that has been taken, 202.
fn ordered(emails: Vec<&str>, kept: &mut Kept) -> (StatusCode, Value) {
    for email in emails {
        kept.delete(CONTACTS, email);
    }
    (
        StatusCode::ACCEPTED,
        json!({"job_id": format!("job-{}", kept.number())}),
    )
}

/// Contacts whose address stands in the query, which is a sentence of SendGrid's own.
fn query(asked: &Asked, kept: &Kept) -> (StatusCode, Value) {
    let query = asked.body["query"].as_str().unwrap_or_default();
    let meant = |contact: &Value| query.contains(&format!("'{}'", contact["email"].as_str().unwrap_or_default()));
    let contacts = kept.with(CONTACTS, "", "").into_iter().map(|(_, contact)| contact);
    let found: Vec<Value> = contacts.filter(meant).collect();
    (StatusCode::OK, json!({"contact_count": found.len(), "result": found}))
}

fn search(asked: &Asked, kept: &Kept) -> Said {
    let emails = asked.body["emails"].as_array()?.iter().filter_map(Value::as_str);
    let found = emails.filter_map(|email| Some((email.to_owned(), json!({"contact": kept.get(CONTACTS, email)?}))));
    let found: Map<String, Value> = found.collect();
    (!found.is_empty()).then(|| (StatusCode::OK, json!({ "result": found })))
}

/// Mail goes out, and of that nothing can be deleted before the plan's days are over; addresses on three lists can.
pub(super) fn mailgun(asked: &Asked, kept: &mut Kept) -> Said {
    let path = asked.path.strip_prefix("/v3/schoolhouse.example/")?;
    if path == "messages" && asked.method == Method::POST {
        let number = kept.number();
        kept.keep(
            MAIL,
            &number.to_string(),
            json!({"to": asked.body["to"], "subject": asked.body["subject"]}),
        );
        let id = format!("<{number}@schoolhouse.example>");
        return Some((StatusCode::OK, json!({"id": id, "message": "Queued. Thank you."})));
    }
    let (list, address) = path
        .split_once('/')
        .map_or((path, None), |(list, address)| (list, Some(address)));
    let kind = match list {
        "bounces" => "mailgun bounces",
        "unsubscribes" => "mailgun unsubscribes",
        "complaints" => "mailgun complaints",
        _ => return None,
    };
    match (&asked.method, address) {
        (&Method::GET, None) => {
            let items: Vec<Value> = kept.with(kind, "", "").into_iter().map(|(_, item)| item).collect();
            Some((StatusCode::OK, json!({ "items": items })))
        }
        (&Method::POST, None) => {
            let address = asked.body["address"].as_str()?;
            kept.keep(kind, address, json!({ "address": address }));
            Some((
                StatusCode::OK,
                json!({"message": "The address was put on the list", "address": address}),
            ))
        }
        (&Method::GET, Some(address)) => Some((StatusCode::OK, kept.get(kind, &decoded(address))?.clone())),
        (&Method::DELETE, Some(address)) => {
            let address = decoded(address);
            let told = json!({"message": "The address was taken off the list", "address": address});
            kept.delete(kind, &address).then_some((StatusCode::OK, told))
        }
        _ => None,
    }
}

/// An address as it stands in a path. A plus is a plus there.
fn decoded(part: &str) -> String {
    let words = part.replace('+', "%2B");
    let mut pairs = form_urlencoded::parse(words.as_bytes());
    pairs.next().map(|(word, _)| word.into_owned()).unwrap_or_default()
}
