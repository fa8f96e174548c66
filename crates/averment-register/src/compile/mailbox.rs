//! Mailboxes of the organisation itself: an address that passes as nobody's has to be one that nobody can be known by.

use std::collections::BTreeMap;

use super::check::wrong_in_host;
use super::{At, Findings};
use crate::charter::{About, Controller, ControllerId};

/// Where everybody may have a mailbox.
const FOR_EVERYBODY: [&str; 30] = [
    "126.com",
    "163.com",
    "aol.com",
    "fastmail.com",
    "free.fr",
    "gmail.com",
    "gmx.at",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hey.com",
    "hotmail.com",
    "icloud.com",
    "libero.it",
    "live.com",
    "mail.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "orange.fr",
    "outlook.com",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.ru",
    "zoho.com",
];

/// Reports a mailbox that is none, or that somebody else may have.
pub(super) fn own(findings: &mut Findings, at: At<'_>, mailbox: &str, about: &About) {
    let Some(wrong) = wrong_in(mailbox, about) else { return };
    let message = format!("`{mailbox}` is not a mailbox of one's own: {wrong}");
    let hint = "expected an address in lower case such as `news@example.org`, at a domain of `own_domains`";
    findings.error(at, written(at, mailbox), "own-mailbox", message, Some(hint.into()));
}

/// Reports mailboxes where a school of the register is written to: its pupils may have some there too.
pub(super) fn at_schools(
    findings: &mut Findings,
    at: At<'_>,
    about: &About,
    schools: &BTreeMap<ControllerId, Controller>,
) {
    for mailbox in &about.own_mailboxes {
        let host = mailbox.rsplit_once('@').map_or("", |(_, host)| host);
        let is_there = |school: &&Controller| {
            let contact = school.contact.as_deref().unwrap_or_default().to_ascii_lowercase();
            hosts_in(&contact).any(|theirs| is_below(host, theirs) || is_below(theirs, host))
        };
        if let Some(school) = schools.values().find(is_there) {
            let message = format!(
                "`{mailbox}` is at the domain where school `{}` is written to",
                school.id
            );
            let hint = "pupils may have addresses there: use a domain of the organisation alone";
            findings.warning(at, written(at, mailbox), "own-mailbox-at-school", message, hint);
        }
    }
}

/// The hosts behind every `@` of a contact: `Office <office@birch.example>, desk@birch.example.`
fn hosts_in(contact: &str) -> impl Iterator<Item = &str> {
    contact.split('@').skip(1).map(|rest| {
        let is_host = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let end = rest.find(|c: char| !is_host(c)).unwrap_or(rest.len());
        rest[..end].trim_end_matches(['.', '-'])
    })
}

/// Whether `host` is `domain` or lies in it.
fn is_below(host: &str, domain: &str) -> bool {
    let is_in = |rest: &str| rest.is_empty() || rest.ends_with('.');
    !domain.is_empty() && host.strip_suffix(domain).is_some_and(is_in)
}

fn written(at: At<'_>, mailbox: &str) -> Option<std::ops::Range<usize>> {
    let start = at.text.find(&format!("\"{mailbox}\""))?;
    Some(start..start + mailbox.len() + 2)
}

fn wrong_in(mailbox: &str, about: &About) -> Option<&'static str> {
    let Some((local, host)) = mailbox.split_once('@') else {
        return Some("it has no `@`");
    };
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let is_edged = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_lowercase() && !byte.is_ascii_digit());
    if local.len() > 64 || !local.bytes().all(is_letter) || local.contains("..") {
        return Some("a character before the `@` is none that it may have");
    }
    if is_edged(local.as_bytes().first()) || is_edged(local.as_bytes().last()) {
        return Some("what stands before the `@` begins and ends with a letter or a digit");
    }
    if wrong_in_host(host).is_some() || host.contains(['*', '{']) || !host.contains('.') {
        return Some("what stands behind the `@` is no host in lower case");
    }
    if FOR_EVERYBODY.iter().any(|domain| is_below(host, domain)) {
        return Some("anybody may have one there");
    }
    let is_own = about.own_domains.iter().any(|domain| is_below(host, domain));
    (!is_own).then_some("no domain of `own_domains` is the one behind the `@`")
}

#[cfg(test)]
mod tests;
