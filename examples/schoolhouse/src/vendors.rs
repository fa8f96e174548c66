//! The vendors: what is sent to whom, in the shapes that they publish.
//!
//! Start at [`Vendors`]. Keys are fictional. A vendor that does not answer stops nothing: it is told on standard error, without
//! what was sent.

mod client;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;

use crate::people::Person;
use crate::secrets;
use crate::store::{Connection, StoreError};

pub(crate) use client::{Vendors, Way, agent};

/// A row of the public list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subprocessor {
    pub(crate) name: Cow<'static, str>,
    pub(crate) purpose: Cow<'static, str>,
    pub(crate) data: Cow<'static, str>,
    pub(crate) country: Cow<'static, str>,
    /// What it says itself about the protection of data.
    pub(crate) page: Option<Cow<'static, str>>,
}

const fn subprocessor(
    name: &'static str,
    purpose: &'static str,
    data: &'static str,
    page: Option<&'static str>,
) -> Subprocessor {
    Subprocessor {
        name: Cow::Borrowed(name),
        purpose: Cow::Borrowed(purpose),
        data: Cow::Borrowed(data),
        country: Cow::Borrowed("United States"),
        page: match page {
            Some(page) => Some(Cow::Borrowed(page)),
            None => None,
        },
    }
}

/// Everybody who gets data of users.
pub(crate) static SUBPROCESSORS: [Subprocessor; 8] = [
    subprocessor(
        "Amplitude",
        "how the platform is used",
        "number of the account, what was done",
        None,
    ),
    subprocessor(
        "Twilio",
        "text messages with a project's link",
        "telephone number, link",
        None,
    ),
    subprocessor(
        "Zendesk",
        "support",
        "e-mail address, what somebody writes",
        Some("https://www.zendesk.com/company/agreements-and-terms/privacy-notice/"),
    ),
    subprocessor("Mailgun", "mail of the platform", "e-mail address", None),
    subprocessor("SendGrid", "news to adults who asked for them", "e-mail address", None),
    subprocessor("Stripe", "payments of adults", "name, e-mail address", None),
    subprocessor(
        "Gravatar",
        "pictures of those who opted in",
        "digest of the e-mail address",
        None,
    ),
    subprocessor("Slack", "alerts to staff", "nothing of users", None),
];

impl Vendors {
    /// Somebody began a project; Amplitude learns the number of the account and nothing of the content.
    pub(crate) fn project_created(&self, user: i64, project: i64) {
        let event = json!({
            "user_id": format!("user-{user}"),
            "event_type": "project created",
            "event_properties": { "project": project },
        });
        let body = json!({"api_key": "example-key", "events": [event]});
        self.json("amplitude", "/2/httpapi", None, &body);
    }

    /// The link of a project by text message.
    pub(crate) fn text(&self, number: &str, link: &str) {
        let form = [("To", number), ("From", "+15005550006"), ("Body", link)];
        self.form(
            "twilio",
            "/2010-04-01/Accounts/ACexample/Messages.json",
            "ACexample:example-key",
            &form,
        );
    }

    /// What somebody wrote to support, as a ticket.
    pub(crate) fn ticket(
        &self,
        db: &mut Connection,
        user: Option<i64>,
        email: &str,
        body: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let requester = json!({"name": email, "email": email});
        let ticket =
            json!({"ticket": {"subject": "From the contact page", "comment": {"body": body}, "requester": requester}});
        let answer = self.json(
            "zendesk",
            "/api/v2/tickets.json",
            Some("agent@schoolhouse.example/token:example-key"),
            &ticket,
        );
        let requester = answer.and_then(|answer| answer["ticket"]["requester_id"].as_i64());
        match (user, requester) {
            (Some(user), Some(id)) => account(db, user, "zendesk", &id.to_string(), now),
            _ => Ok(()),
        }
    }

    /// Mail of the platform itself; whether it was taken.
    pub(crate) fn mail(&self, to: &str, subject: &str, text: &str) -> bool {
        let form = [
            ("from", "hello@schoolhouse.example"),
            ("to", to),
            ("subject", subject),
            ("text", text),
        ];
        self.form("mailgun", "/v3/schoolhouse.example/messages", "api:example-key", &form)
            .is_some()
    }

    /// News; whether they were taken.
    pub(crate) fn news(&self, to: &str, subject: &str, text: &str) -> bool {
        let body = json!({
            "personalizations": [{"to": [{"email": to}]}],
            "from": {"email": "news@schoolhouse.example"},
            "subject": subject,
            "content": [{"type": "text/plain", "value": text}],
        });
        self.bearer("sendgrid", "/v3/mail/send", "example-key", &body).is_some()
    }

    /// An adult who pays, as a customer; once.
    pub(crate) fn customer(&self, db: &mut Connection, payer: &Person, now: Timestamp) -> Result<(), StoreError> {
        let known = "select count(*) from vendor_records where user_id = $1 and vendor = 'stripe'";
        if db.number(known, &[payer.id.into()])? > 0 {
            return Ok(());
        }
        let form = [("name", payer.full_name.as_str()), ("email", &payer.email)];
        let answer = self.form("stripe", "/v1/customers", "example-key:", &form);
        match answer.as_ref().and_then(|answer| answer["id"].as_str()) {
            Some(id) => account(db, payer.id, "stripe", id, now),
            None => Ok(()),
        }
    }

    /// An alert to staff, with nothing of users in it; whether it was taken.
    pub(crate) fn alert(&self, text: &str) -> bool {
        let path = "/services/T00000000/B00000000/example";
        self.json("slack", path, None, &json!({ "text": text })).is_some()
    }

    /// Where Gravatar has somebody's picture. The address is a digest of the e-mail address.
    pub(crate) fn gravatar(&self, person: &Person) -> String {
        self.address("gravatar", &gravatar_path(person))
    }

    /// Somebody's picture of Gravatar; only to be asked for of those who opted in.
    pub(crate) fn picture(&self, person: &Person) -> Option<Vec<u8>> {
        self.bytes("gravatar", &gravatar_path(person))
    }
}

fn gravatar_path(person: &Person) -> String {
    format!("/avatar/{}", secrets::md5(&person.email))
}

/// Keeps the number that a vendor gave to somebody: without it nothing can be deleted there.
fn account(db: &mut Connection, user: i64, vendor: &str, external: &str, now: Timestamp) -> Result<(), StoreError> {
    let sql = "insert into vendor_records (user_id, vendor, external_id, created_at) values ($1, $2, $3, $4) on conflict do nothing";
    db.run(sql, &[user.into(), vendor.into(), external.into(), now.into()])?;
    Ok(())
}
