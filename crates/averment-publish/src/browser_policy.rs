//! A Content-Security-Policy for the platform's own pages, derived from the register: browsers may load from, and send to,
//! the platform itself and the recipients that the register says browsers contact, and nobody else.
//!
//! A recipient whose `embeds_only` claim names a host may be shown in a frame from that host and nothing more.
//!
//! Source: Content Security Policy Level 3, sections 2.3.1 (host sources) and 6.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{HostUse, Plane, catalog};
use averment_register::{Charter, ClaimKind, Recipient};
use serde::Serialize;

use crate::context::Context;

/// Directives that a recipient's hosts are put into, in the order of the header.
const SHARED: [&str; 4] = ["script-src", "connect-src", "img-src", "frame-src"];

/// The policy with what it was made from.
#[derive(Debug, Serialize)]
pub(crate) struct BrowserPolicy {
    schema: &'static str,
    charter: String,
    header: &'static str,
    value: String,
    directives: BTreeMap<&'static str, Vec<String>>,
    recipients: Vec<SourceRow>,
}

/// What a recipient adds to the policy.
#[derive(Debug, Serialize)]
struct SourceRow {
    id: String,
    directives: Vec<&'static str>,
    sources: Vec<String>,
    /// Host patterns that a policy can only say more broadly.
    widened: Vec<String>,
    /// Host patterns that a policy cannot say at all.
    left_out: Vec<String>,
}

impl BrowserPolicy {
    pub(crate) fn new(context: &Context) -> Self {
        let embedded = embedded(context.charter);
        let recipients = context.charter.content().recipients.values();
        let in_pages = recipients.filter(|recipient| {
            recipient.planes.contains(&Plane::Browser) && recipient.retired.is_none_or(|day| day > context.today)
        });
        let recipients: Vec<SourceRow> = in_pages
            .map(|recipient| source_row(recipient, embedded.get(recipient.id.as_str())))
            .collect();
        let directives = directives(&recipients);
        Self {
            schema: "averment.content-security-policy/1",
            charter: context.digest.clone(),
            header: "Content-Security-Policy",
            value: value(&directives),
            directives,
            recipients,
        }
    }

    /// The header as one line.
    pub(crate) fn line(&self) -> String {
        format!("{}: {}\n", self.header, self.value)
    }
}

/// Hosts of `embeds_only` claims by recipient.
fn embedded(charter: &Charter) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut hosts: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for claim in charter.content().claims.values() {
        if let (Some(recipient), ClaimKind::EmbedsOnly { host }) = (&claim.recipient, &claim.kind) {
            hosts.entry(recipient.as_str()).or_default().insert(host);
        }
    }
    hosts
}

fn source_row(recipient: &Recipient, embedded: Option<&BTreeSet<&str>>) -> SourceRow {
    let patterns: BTreeSet<&str> = match embedded {
        Some(hosts) => hosts.clone(),
        None => in_browsers(recipient),
    };
    let mut row = SourceRow {
        id: recipient.id.to_string(),
        directives: if embedded.is_some() {
            vec!["frame-src"]
        } else {
            SHARED.to_vec()
        },
        sources: Vec::new(),
        widened: Vec::new(),
        left_out: Vec::new(),
    };
    for pattern in patterns {
        match source(pattern) {
            Some(Source { text, broader }) => {
                row.widened.extend(broader.then(|| pattern.to_owned()));
                row.sources.push(text);
            }
            None => row.left_out.push(pattern.to_owned()),
        }
    }
    row.sources.sort();
    row.sources.dedup();
    row
}

/// Hosts that browsers contact: those that the catalog says so of, and those that only the register names.
fn in_browsers(recipient: &Recipient) -> BTreeSet<&str> {
    let parties = recipient
        .third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id));
    let known: BTreeMap<String, bool> = parties
        .flat_map(|party| &party.hosts)
        .map(|host| (host.pattern.to_ascii_lowercase(), host.uses.contains(&HostUse::Browser)))
        .collect();
    let hosts = recipient.hosts.iter().map(String::as_str);
    hosts.filter(|host| known.get(*host).copied().unwrap_or(true)).collect()
}

struct Source {
    text: String,
    /// It allows more than the pattern does.
    broader: bool,
}

/// A host pattern as a source expression. A policy knows `*` only as the first label, so a `{name}` further on widens it.
fn source(pattern: &str) -> Option<Source> {
    let labels: Vec<&str> = pattern.split('.').collect();
    let open = labels.iter().rposition(|label| label.contains(['*', '{']));
    let fixed = &labels[open.map_or(0, |at| at + 1)..];
    let plain = |label: &&str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    if !fixed.iter().all(plain) || fixed.len() < 2 {
        return None;
    }
    let host = fixed.join(".");
    Some(match open {
        None => Source {
            text: format!("https://{host}"),
            broader: false,
        },
        Some(at) => Source {
            text: format!("https://*.{host}"),
            broader: at > 0 || labels[0] != "*",
        },
    })
}

fn directives(recipients: &[SourceRow]) -> BTreeMap<&'static str, Vec<String>> {
    let mut directives: BTreeMap<&'static str, Vec<String>> = BTreeMap::from([
        ("default-src", vec!["'self'".to_owned()]),
        ("object-src", vec!["'none'".to_owned()]),
        ("base-uri", vec!["'self'".to_owned()]),
        ("form-action", vec!["'self'".to_owned()]),
        ("frame-ancestors", vec!["'self'".to_owned()]),
    ]);
    for directive in SHARED {
        let rows = recipients.iter().filter(|row| row.directives.contains(&directive));
        let sources: BTreeSet<&String> = rows.flat_map(|row| &row.sources).collect();
        let own = std::iter::once("'self'".to_owned());
        directives.insert(directive, own.chain(sources.into_iter().cloned()).collect());
    }
    directives
}

/// `default-src` first, then the others by name.
fn value(directives: &BTreeMap<&'static str, Vec<String>>) -> String {
    let mut names: Vec<&&str> = directives.keys().collect();
    names.sort_by_key(|name| (**name != "default-src", **name));
    let parts: Vec<String> = names
        .iter()
        .map(|name| format!("{name} {}", directives[**name].join(" ")))
        .collect();
    parts.join("; ")
}

#[cfg(test)]
mod tests;
