//! The certificate: what was erased, when, by whom, and first of all what is not confirmed. No value of a person.
//!
//! Source: directive for disposition of the National Data Privacy Agreement, exhibit D (extent, nature, timing); GDPR Art. 19.

use std::collections::BTreeMap;

use averment_store::Keys;
use serde::{Deserialize, Serialize};

use super::after::Cleaned;
use super::execute::Counts;
use super::journal::Run;
use super::plan::Plan;
use super::sweep::{Found, Swept};
use super::third_parties::{Recipient, RecipientState};

const SCHEMA: &str = "averment.erasure-certificate/1";

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// `averment.erasure-certificate/1`.
    pub schema: String,
    /// What is not confirmed, in a few words each. First, because it is what a reader must not overlook.
    pub not_confirmed: Vec<String>,
    /// `done` or `incomplete`.
    pub state: String,
    /// The run.
    pub run: String,
    /// Who says so.
    pub organisation: String,
    /// Who ran it: a role.
    pub by: String,
    /// How many people.
    pub people: u64,
    /// `partial` where rows or columns stay, holds keep somebody, or something is not confirmed; else `complete`.
    pub extent: String,
    /// What was done with the data: `destruction`.
    pub nature: String,
    /// When erasure was asked for, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<String>,
    /// When the run began.
    pub began_at: String,
    /// When everything was looked at.
    pub ended_at: String,
    /// Hash of the plan.
    pub plan: String,
    /// Number of the entry in the ledger that it was planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_entry: Option<u64>,
    /// By store.
    pub stores: Vec<StoreLine>,
    /// Recipients that got something of these people.
    pub third_parties: BTreeMap<String, ThirdPartyLine>,
    /// What becomes of backups.
    pub backups: String,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreLine {
    /// Identifier.
    pub store: String,
    /// Its engine.
    pub engine: String,
    /// What was done.
    pub counts: Counts,
    /// What stays, and why.
    pub stays: Vec<String>,
    /// Values and objects that were looked at afterwards.
    pub looked: u64,
    /// What was found again.
    pub found: Vec<Found>,
    /// What could not be read.
    pub unreadable: u64,
    /// What was done about logs, free pages and dead rows.
    pub cleaned: Vec<String>,
}

/// One recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThirdPartyLine {
    /// How far it is.
    pub state: RecipientState,
    /// Of how many people it got something, or may have.
    pub people: u64,
    /// How far, with what confirms it or keeps it from being confirmed, in words.
    pub says: String,
}

/// What a certificate is made of.
#[derive(Debug)]
pub struct CertificateOf<'a> {
    /// The run.
    pub run: &'a Run,
    /// The plan as it was run.
    pub plan: &'a Plan,
    /// Who says so.
    pub organisation: &'a str,
    /// What was done, by store and table.
    pub counts: &'a BTreeMap<String, BTreeMap<String, Counts>>,
    /// What was cleaned up.
    pub cleaned: &'a [Cleaned],
    /// What was found again.
    pub swept: &'a [Swept],
    /// Stores that could not be looked at.
    pub unseen: &'a [String],
    /// Recipients.
    pub third_parties: &'a [Recipient],
    /// When erasure was asked for.
    pub asked_at: Option<String>,
    /// When it ended.
    pub ended_at: String,
    /// How many digests the list of who was erased holds.
    pub tombstones: usize,
}

impl CertificateOf<'_> {
    /// Makes the document.
    pub fn certificate(&self) -> Certificate {
        let stores: Vec<StoreLine> = self.plan.stores.iter().map(|store| self.store(store)).collect();
        let open = self.open();
        let mut not_confirmed = open.clone();
        for cleaned in self.cleaned {
            not_confirmed.extend(cleaned.left.iter().map(|left| format!("{}: {left}", cleaned.store)));
        }
        for swept in self.swept.iter().filter(|swept| swept.shared > 0) {
            let (store, shared) = (&swept.store, swept.shared);
            not_confirmed.push(format!(
                "{store}: {shared} values in rows of others are the same as theirs"
            ));
        }
        for swept in self.swept.iter().filter(|swept| swept.pictures > 0) {
            let (store, pictures) = (&swept.store, swept.pictures);
            not_confirmed.push(format!(
                "{store}: what {pictures} pictures of others show was not looked at"
            ));
        }
        let left_out = self.plan.left_out.iter();
        not_confirmed.extend(left_out.map(|left| format!("there again, and kept by holds: {}", left.in_words())));
        not_confirmed.push("backups made before still hold what was erased until they are replaced".to_owned());
        let stays = stores.iter().any(|store| !store.stays.is_empty());
        Certificate {
            schema: SCHEMA.to_owned(),
            not_confirmed,
            state: if open.is_empty() { "done" } else { "incomplete" }.to_owned(),
            run: self.run.id.clone(),
            organisation: self.organisation.to_owned(),
            by: self.run.by.clone(),
            people: self.plan.people,
            extent: if stays || !open.is_empty() || !self.plan.left_out.is_empty() {
                "partial"
            } else {
                "complete"
            }
            .to_owned(),
            nature: "destruction".to_owned(),
            asked_at: self.asked_at.clone(),
            began_at: self.run.began_at.clone(),
            ended_at: self.ended_at.clone(),
            plan: self.plan.hash.clone(),
            planned_entry: self.run.planned_entry,
            stores,
            third_parties: self.third_parties.iter().map(line).collect(),
            backups: format!(
                "a list of {} keyed digests, kept apart from all backups, is applied again before a restored backup serves",
                self.tombstones
            ),
        }
    }

    /// Recipients and stores that have not confirmed, in a few words each: what keeps the run from being done.
    pub fn open(&self) -> Vec<String> {
        let mut open = unconfirmed(self.third_parties);
        for swept in self.swept {
            for found in &swept.found {
                open.push(format!(
                    "{}: {} found again in {}",
                    swept.store, found.count, found.place
                ));
            }
            if swept.unreadable > 0 {
                open.push(format!(
                    "{}: {} values or objects could not be read",
                    swept.store, swept.unreadable
                ));
            }
        }
        open.extend(
            self.unseen
                .iter()
                .map(|store| format!("{store}: could not be looked at")),
        );
        open
    }

    fn store(&self, store: &super::plan::StorePlan) -> StoreLine {
        let mut counts = Counts::default();
        for table in self.counts.get(&store.store).into_iter().flat_map(BTreeMap::values) {
            counts.add(*table);
        }
        let swept = self.swept.iter().find(|swept| swept.store == store.store);
        let cleaned = self.cleaned.iter().find(|cleaned| cleaned.store == store.store);
        let mut stays = Vec::new();
        for table in &store.tables {
            if let Some(reason) = &table.reason {
                stays.push(format!("rows of `{}`: {reason}", table.table));
            }
            let columns = table
                .columns
                .iter()
                .chain(table.others.iter().map(|others| &others.column));
            for column in columns.filter(|column| column.how == averment_register::OnErase::Keep) {
                let reason = column.reason.as_deref().unwrap_or("no reason is given");
                stays.push(format!("`{}.{}`: {reason}", table.table, column.column));
            }
        }
        StoreLine {
            store: store.store.clone(),
            engine: store.engine.clone(),
            counts,
            stays,
            looked: swept.map_or(0, |swept| swept.looked),
            found: swept.map(|swept| swept.found.clone()).unwrap_or_default(),
            unreadable: swept.map_or(0, |swept| swept.unreadable),
            cleaned: cleaned.map(|cleaned| cleaned.done.clone()).unwrap_or_default(),
        }
    }
}

fn line(recipient: &Recipient) -> (String, ThirdPartyLine) {
    let line = ThirdPartyLine {
        state: recipient.state,
        people: recipient.people,
        says: recipient.words(),
    };
    (recipient.name.clone(), line)
}

/// Recipients that have not confirmed, and why, in a few words each.
pub(super) fn unconfirmed(recipients: &[Recipient]) -> Vec<String> {
    let open = recipients.iter().filter(|recipient| !recipient.state.is_settled());
    open.map(|recipient| format!("{}: {}", recipient.name, recipient.words()))
        .collect()
}

impl Certificate {
    /// The document as a signed note.
    pub fn signed(&self, keys: &Keys) -> String {
        let json = serde_json::to_string_pretty(self).expect("a certificate holds only strings, numbers and lists");
        keys.sign_document(&format!("{json}\n"))
    }

    /// Reads the text of a note whose signature was checked; none where it is no certificate.
    pub fn read(text: &str) -> Option<Self> {
        let certificate: Self = serde_json::from_str(text).ok()?;
        (certificate.schema == SCHEMA).then_some(certificate)
    }

    /// The same in words, in lines of their own.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Certificate of deletion, run {}", self.run),
            format!("{}, by {}", self.organisation, self.by),
            format!(
                "State: {}; extent: {}; nature: {}",
                self.state, self.extent, self.nature
            ),
            String::new(),
            "Not confirmed:".to_owned(),
        ];
        lines.extend(self.not_confirmed.iter().map(|what| format!("  {what}")));
        lines.push(String::new());
        lines.push(format!(
            "{} people, from {} to {}",
            self.people, self.began_at, self.ended_at
        ));
        lines.extend(self.asked_at.iter().map(|asked| format!("asked for at {asked}")));
        for store in &self.stores {
            let Counts {
                deleted,
                changed,
                others_deleted,
                others_changed,
            } = store.counts;
            lines.push(format!(
                "{} ({}): {deleted} gone, {changed} changed; of others {others_deleted} gone, {others_changed} changed; {} \
                 looked at afterwards",
                store.store, store.engine, store.looked
            ));
            lines.extend(store.stays.iter().map(|stays| format!("  stays: {stays}")));
            lines.extend(store.cleaned.iter().map(|cleaned| format!("  {cleaned}")));
        }
        for (recipient, line) in &self.third_parties {
            lines.push(format!("{recipient}: {}", line.says));
        }
        lines.push(self.backups.clone());
        lines.push(format!("Plan {}", self.plan));
        lines.extend(
            self.planned_entry
                .iter()
                .map(|entry| format!("Entry {entry} of the ledger says that it was planned")),
        );
        lines
    }

    /// The same as a page of HTML.
    pub fn html(&self) -> String {
        let escaped = |line: &String| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let lines: Vec<String> = self.lines().iter().map(escaped).collect();
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>Certificate of deletion</title>\n\
             <body>\n<h1>Certificate of deletion</h1>\n<pre>{}</pre>\n</body>\n</html>\n",
            lines.join("\n")
        )
    }
}
