//! Hosts and addresses to third parties.

use std::collections::BTreeMap;

use averment_catalog::{ThirdParty, domain};
use averment_register::host_matches;

/// An address as found in code or traffic: host without port, path without query.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// `http`, `https`, `ws`, `wss`, another scheme, or empty where none was written.
    pub scheme: String,
    /// Lower case, ASCII, without port and trailing dot.
    pub host: String,
    /// From the first `/` on, without query and fragment; may be empty.
    pub path: String,
}

/// Why a text is no address of a third party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// It names no host on the internet.
    #[error("no host name with a public suffix")]
    NoHost,
}

impl Address {
    /// Reads `https://host:port/path?query`, `//host/path` or `host/path`. User information is dropped.
    ///
    /// # Errors
    /// [`AddressError`] for what has no host with a known public suffix: `localhost`, `10.0.0.1`, `file.js`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), text.strip_prefix("//").unwrap_or(text)),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at(end);
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if !is_name(&host) || !domain::has_known_suffix(&host) {
            return Err(AddressError::NoHost);
        }
        let path = after.split(['?', '#']).next().unwrap_or_default();
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            String::new()
        };
        let address = Self { scheme, host, path };
        match domain::registrable(&address.host).is_some() || is_listed(&address) {
            true => Ok(address),
            false => Err(AddressError::NoHost),
        }
    }

    /// Whether it is contacted without encryption.
    pub fn is_plain(&self) -> bool {
        matches!(self.scheme.as_str(), "http" | "ws")
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// A host below which strangers get names, and that a third party of the catalog answers itself: `s3.amazonaws.com`.
fn is_listed(address: &Address) -> bool {
    address.host.contains('.')
        && !domain::is_registry_suffix(&address.host)
        && !super::tables().of_address(address).is_empty()
}

/// Whether a text is written like the name of a host, with a point.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            && !label.starts_with('-')
    };
    host.len() <= 253 && host.contains('.') && host.split('.').all(label)
}

/// How specific a row is: longer path, then exact before template before suffix, then longer literal text.
type Rank = (usize, u8, usize);

/// Every host pattern and address of the catalog.
#[derive(Debug)]
pub(super) struct Hosts {
    /// By the last two labels of the pattern, so that few are compared.
    by_tail: BTreeMap<String, Vec<Row>>,
}

#[derive(Debug)]
struct Row {
    rank: Rank,
    pattern: String,
    path: String,
    party: &'static ThirdParty,
}

impl Hosts {
    pub(super) fn of(parties: impl Iterator<Item = &'static ThirdParty>) -> Self {
        let mut by_tail: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for party in parties {
            let hosts = party.hosts.iter().map(|host| (host.pattern.as_str(), ""));
            let addresses = party.code.addresses.iter();
            let addresses = addresses.map(|address| {
                address
                    .find('/')
                    .map_or((address.as_str(), ""), |at| address.split_at(at))
            });
            for (pattern, path) in hosts.chain(addresses) {
                let pattern = pattern.to_ascii_lowercase();
                by_tail.entry(tail(&pattern)).or_default().push(Row {
                    rank: rank(&pattern, path),
                    path: path.trim_end_matches('/').to_owned(),
                    pattern,
                    party,
                });
            }
        }
        for rows in by_tail.values_mut() {
            rows.sort_by(|a, b| b.rank.cmp(&a.rank).then_with(|| a.party.id.cmp(&b.party.id)));
        }
        Self { by_tail }
    }

    pub(super) fn look_up(&self, address: &Address) -> Vec<&'static ThirdParty> {
        let tails = [tail(&address.host), String::new()];
        let rows = tails.iter().filter_map(|tail| self.by_tail.get(tail)).flatten();
        let mut best: Option<Rank> = None;
        let mut found: Vec<&'static ThirdParty> = Vec::new();
        for row in rows {
            if best.is_some_and(|best| row.rank < best) || !row.fits(address) {
                continue;
            }
            if best.is_some_and(|best| row.rank > best) {
                found.clear();
            }
            best = Some(row.rank);
            if !found.iter().any(|other| other.id == row.party.id) {
                found.push(row.party);
            }
        }
        found
    }

    /// Who lists exactly this host, with or without a path; where that is all that a network for files is, it alone.
    pub(super) fn sharing(&self, host: &str) -> Vec<&'static ThirdParty> {
        let rows = self.by_tail.get(&tail(host)).into_iter().flatten();
        let rows: Vec<&Row> = rows.filter(|row| row.pattern == host).collect();
        let keeps_files = |row: &Row| row.path.is_empty() && row.party.kinds.iter().any(|kind| kind == "cdn");
        let whole = rows.iter().any(|row| keeps_files(row));
        each_once(rows.into_iter().filter(|row| !whole || keeps_files(row)))
    }

    /// Who lists `domain` or a host below it.
    pub(super) fn below(&self, domain: &str) -> Vec<&'static ThirdParty> {
        let rows = self.by_tail.get(&tail(domain)).into_iter().flatten();
        each_once(rows.filter(|row| {
            let front = row.pattern.strip_suffix(domain);
            front.is_some_and(|front| front.is_empty() || front.ends_with('.'))
        }))
    }
}

fn each_once<'r>(rows: impl Iterator<Item = &'r Row>) -> Vec<&'static ThirdParty> {
    let mut found: Vec<&'static ThirdParty> = Vec::new();
    for row in rows {
        if !found.iter().any(|other| other.id == row.party.id) {
            found.push(row.party);
        }
    }
    found
}

impl Row {
    fn fits(&self, address: &Address) -> bool {
        let rest = address.path.strip_prefix(self.path.as_str());
        rest.is_some_and(|rest| self.path.is_empty() || rest.is_empty() || rest.starts_with('/'))
            && host_matches(&self.pattern, &address.host)
    }
}

fn rank(pattern: &str, path: &str) -> Rank {
    let kind = match pattern {
        suffix if suffix.starts_with("*.") => 0,
        template if template.contains('{') => 1,
        _ => 2,
    };
    (path.len(), kind, literal_length(pattern))
}

/// Bytes of a pattern outside `*` and `{…}`: a placeholder with a long name is no more specific than one with a short name.
fn literal_length(pattern: &str) -> usize {
    let inside = |piece: &str| piece.find('}').map_or(0, |end| end + 2);
    let templates: usize = pattern.split('{').skip(1).map(inside).sum();
    pattern.len() - pattern.matches('*').count() - templates
}

/// The last two labels; empty where one of them is a template, so that the row is compared with every host.
fn tail(host: &str) -> String {
    let mut labels = host.rsplit('.');
    match (labels.next(), labels.next()) {
        (Some(last), Some(before)) if !last.contains('{') && !before.contains(['{', '*']) => format!("{before}.{last}"),
        _ => String::new(),
    }
}
