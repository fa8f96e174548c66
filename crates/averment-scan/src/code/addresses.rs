//! Addresses in text, and which of them are names of something rather than places: licences, namespaces, schemas.

use std::sync::LazyLock;

use averment_catalog::domain;

use crate::identify::{Address, tables};

/// An address and the bytes where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) address: Address,
    pub(super) at: usize,
    pub(super) end: usize,
    /// `http://desk.app:18160`: without encryption, on a port that is rarely offered to strangers; often a machine beside the own one.
    pub(super) odd_port: bool,
}

/// Hosts whose addresses are names: XML namespaces, schemas, licences, examples. Nothing is ever sent there by a program that
/// mentions one.
const NAMES: &[&str] = &[
    "w3.org",
    "type.googleapis.com",
    "schema.org",
    "json-schema.org",
    "example.com",
    "example.org",
    "example.net",
    "xmlns.com",
    "purl.org",
    "purl.oclc.org",
    "ogp.me",
    "opensource.org",
    "gnu.org",
    "apache.org",
    "creativecommons.org",
    "mozilla.org/mpl",
    "unlicense.org",
    "spdx.org",
    "json.schemastore.org",
    "schemas.microsoft.com",
    "schemas.xmlsoap.org",
    "schemas.openxmlformats.org",
    "schemas.android.com",
    "java.sun.com",
    "xmlns.jcp.org",
    "jakarta.ee",
    "maven.apache.org",
    "docbook.org",
    "relaxng.org",
    "openid.net",
    "ietf.org",
    "rfc-editor.org",
    "tools.ietf.org",
    "unicode.org",
    "iana.org",
    "ecma-international.org",
    "whatwg.org",
    "tc39.es",
    "imsglobal.org",
    "purl.imsglobal.org",
    "canvas.instructure.com/lti/",
    "ltsc.ieee.org",
    "adlnet.gov",
    "adlnet.org",
    "adobe.com/xap",
    "ns.adobe.com",
    "inkscape.org",
    "sodipodi.sourceforge.net",
    "macromedia.com/go/getflashplayer",
    "hl7.org",
    "oasis-open.org",
    "xml.org",
    "springframework.org/schema",
    "hibernate.org/dtd",
    "jquery.org/license",
    "jquery.com/license",
    "mit-license.org",
    "choosealicense.com",
    "editorconfig.org",
    "semver.org",
    "keepachangelog.com",
    "yourdomain.com",
    "mydomain.com",
    "domain.com",
    "yoursite.com",
    "mysite.com",
    "your-domain.com",
    "yourcompany.com",
    "foo.com",
    "bar.com",
    "test.com",
    "acme.com",
    "somewhere.com",
    "site.com",
    "host.com",
    "www.foo.com",
    "url.com",
    "somedomain.com",
    "website.com",
    "server.com",
    "service.com",
    "company.com",
    "mycompany.com",
    "myserver.com",
    "yourserver.com",
    "your-server.com",
    "myschool.edu",
    "yourschool.edu",
    "school.edu",
    "university.edu",
    "example.edu",
    "purl.imsglobal.org",
    "rdfs.org",
    "dublincore.org",
    "microformats.org",
    "sitemaps.org",
    "gmpg.org",
    "a9.com",
    "search.yahoo.com/mrss",
    // Names of what somebody allows, and no places.
    "www.googleapis.com/auth/",
    "googleapis.com/auth/",
];

/// Whether an address is the name of something, or stands for any address.
pub(super) fn is_name(address: &Address) -> bool {
    let host = address.host.as_str();
    let reserved = [
        "example",
        "test",
        "invalid",
        "localhost",
        "local",
        "internal",
        "localdomain",
        "lan",
    ];
    host.rsplit('.').next().is_some_and(|last| reserved.contains(&last))
        // Schemas of documents.
        || [".xsd", ".dtd"].iter().any(|ending| address.path.ends_with(ending))
        || address.path.contains("/xsd/")
        // Verbs and kinds of what is told about learning.
        || ["/x-api/", "/xapi/", "/expapi/"].iter().any(|part| address.path.to_ascii_lowercase().starts_with(part))
        // `upload.example.school.edu`: to be filled in.
        || host.split('.').any(|label| label == "example")
        // The machine of whoever develops, by a name of its own.
        || host.starts_with("local.")
        || host.starts_with("localhost.")
        || below(host, "lvh.me")
        || NAMES.iter().any(|name| match name.split_once('/') {
            Some((at, path)) => below(host, at) && address.path.trim_start_matches('/').starts_with(path),
            None => below(host, name),
        })
}

fn below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|front| front.is_empty() || front.ends_with('.'))
}

/// Schemes of addresses of servers.
const SCHEMES: [&str; 6] = ["http", "https", "ws", "wss", "smtp", "smtps"];

/// Every address with a scheme, or with `//` behind a quote, in the order of the text. Names are left out.
pub(super) fn addresses(text: &str) -> Vec<Found> {
    some_addresses(text, usize::MAX)
}

/// The first `most` of them.
fn some_addresses(text: &str, most: usize) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found: Vec<Found> = Vec::new();
    for slash in SLASHES.find_iter(bytes).map(|found| found.start()) {
        if found.last().is_some_and(|last| slash < last.end) {
            continue;
        }
        let Some((start, host)) = begin(bytes, slash) else {
            continue;
        };
        let after = host + put_in(bytes.get(host..).unwrap_or_default());
        let end = after
            + bytes
                .get(after..)
                .unwrap_or_default()
                .iter()
                .take(2048)
                .take_while(|byte| in_address(**byte))
                .count();
        let Some(rest) = text.get(after..end) else { continue };
        let scheme = text
            .get(start..slash)
            .map(|scheme| scheme.trim_end_matches([':', '\\']))
            .unwrap_or_default();
        let rest = rest.replace("\\/", "/");
        let rest = rest.trim_end_matches(['.', ',', ';', ':', ')', '\'', '"', '*']);
        // What is put in stands for a label: `{tenant}.cloudfront.net`.
        let label = if after > host { PUT_IN } else { "" };
        let written = if scheme.is_empty() {
            format!("//{label}{rest}")
        } else {
            format!("{scheme}://{label}{rest}")
        };
        let parsed = Address::parse(&written).ok().filter(|address| !is_name(address));
        // Below a suffix where strangers get names, only a row of the catalog says whose all of them are.
        let somebody_s = |address: &Address| {
            let rest = address.host.strip_prefix(label).unwrap_or(&address.host);
            let is_store = STORES.iter().any(|store| below(rest, store));
            label.is_empty()
                || domain::registrable(rest).is_some()
                || (is_store && !tables().of_address(address).is_empty())
        };
        if let Some(mut address) = parsed.filter(somebody_s) {
            if let Some(rest) = address.host.strip_prefix(label).filter(|_| after > host) {
                address.host = format!("*.{rest}");
            }
            found.push(Found {
                address,
                at: start,
                end,
                odd_port: has_odd_port(&written),
            });
            if found.len() >= most {
                break;
            }
        }
    }
    found
}

fn has_odd_port(written: &str) -> bool {
    let authority = written
        .strip_prefix("http://")
        .and_then(|rest| rest.split(['/', '?', '#', '\\']).next());
    let port = authority
        .and_then(|authority| authority.rsplit_once(':'))
        .map(|(_, port)| port);
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    port.is_some_and(|port| digits(port) && !["80", "8080"].contains(&port))
}

/// Whether there is an address that is not a name in `bytes`; the same question as [`addresses`], for the filter.
pub(super) fn has_address(text: &str) -> bool {
    !some_addresses(text, 1).is_empty()
}

static SLASHES: LazyLock<aho_corasick::AhoCorasick> = LazyLock::new(|| {
    let patterns = ["//", "\\/\\/"];
    aho_corasick::AhoCorasick::new(patterns).expect("two short patterns make a matcher")
});

/// Where customers keep files under a name of theirs: whoever builds an address of it asks for them. Below other such hosts are pages.
const STORES: [&str; 8] = [
    "cloudfront.net",
    "amazonaws.com",
    "azureedge.net",
    "blob.core.windows.net",
    "digitaloceanspaces.com",
    "r2.cloudflarestorage.com",
    "supabase.co",
    "firebaseio.com",
];

/// Stands for a first label that is put in at run time.
const PUT_IN: &str = "put-in.";

/// Where an address begins and where its host begins, for slashes at `slash`: behind a scheme, which may be put in (`${scheme}://`), or
/// behind a quote.
fn begin(bytes: &[u8], slash: usize) -> Option<(usize, usize)> {
    let width = if bytes.get(slash) == Some(&b'\\') { 4 } else { 2 };
    let front = bytes.get(..slash)?;
    if let Some(scheme) = front.strip_suffix(b":").or_else(|| front.strip_suffix(b":\\")) {
        let letters = scheme
            .iter()
            .rev()
            .take(6)
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        let start = scheme.len() - letters;
        let put_in = letters == 0 && scheme.last().is_none_or(|byte| b"}\"'`".contains(byte));
        let host = bytes.get(slash + width).is_some_and(u8::is_ascii_alphanumeric);
        if put_in && host {
            return Some((slash, slash + width));
        }
        let scheme = std::str::from_utf8(scheme.get(start..)?).ok()?.to_ascii_lowercase();
        return SCHEMES.contains(&scheme.as_str()).then_some((start, slash + width));
    }
    let quoted = front.last().is_some_and(|byte| b"\"'`=(".contains(byte));
    let rest = bytes.get(slash + width..).unwrap_or_default();
    let host = rest.first().is_some_and(u8::is_ascii_alphanumeric) || put_in(rest) > 0;
    (quoted && host).then_some((slash, slash + width))
}

/// Longest first label that is looked at.
const LABEL_MAX: usize = 60;

/// How many bytes a first label takes that is put in at run time, with its point: `{s}.`, `${tenant}.`, `#{x}.`, `%s.`, `{}.`; 0 where none is.
fn put_in(host: &[u8]) -> usize {
    let label = &host[..host.len().min(LABEL_MAX)];
    let opens = ["{", "${", "#{", "<%="]
        .iter()
        .any(|mark| label.starts_with(mark.as_bytes()));
    let whole = match label.strip_prefix(b"%s.") {
        Some(_) => Some(3),
        None if opens => {
            memchr::memchr2(b'}', b'>', label).map(|at| at + 1 + usize::from(label.get(at + 1) == Some(&b'}')) + 1)
        }
        None => None,
    };
    let ends =
        |end: &usize| label.get(end - 1) == Some(&b'.') && label.get(*end).is_some_and(u8::is_ascii_alphanumeric);
    whole.filter(ends).unwrap_or(0)
}

fn in_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&*+,;=%\\".contains(&byte) || byte >= 0x80
}

#[cfg(test)]
mod tests;
