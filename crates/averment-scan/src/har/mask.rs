//! Addresses, names and words of recordings as they may stand in a report: no query values, no user information, no segment,
//! parameter, cookie or label of a host that may stand for somebody, nothing that a terminal acts on.
//!
//! Start at [`Mask`]. What is the directory's is masked wherever it stands; what only has the shape of somebody's, where names
//! of programs do not have it as well.

mod people;
mod shapes;

use std::net::IpAddr;

use averment_catalog::domain::is_registry_suffix;
use averment_detect::Directory;
use averment_register::host_matches;

use crate::identify::{Address, registrable, tables};
use crate::observation::Party;
use people::People;
use shapes::{is_name, is_plain, is_service, is_shaped_like_somebody, is_titled, leads_to_people};

/// Longest address, name or word in a report, in bytes.
const SHOWN_MAX: usize = 200;
/// Parameters of one query that are named.
const NAMES_MAX: usize = 12;
/// An address on the web, taken apart.
#[derive(Clone)]
pub(crate) struct Target<'a> {
    /// Scheme, host and path as sent.
    pub(crate) address: Address,
    /// From the first `/` or `?` on, without fragment, as sent: holds values.
    pub(crate) target: &'a str,
}

/// A page as reports show it.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) host: String,
    /// Scheme, host and masked path.
    pub(crate) shown: String,
}

/// What may stand in a report.
pub(crate) struct Mask<'d> {
    people: People<'d>,
    /// Patterns of hosts that the register names: what only has the shape of a name is none in them.
    declared: &'d [String],
}

impl<'d> Mask<'d> {
    /// `directory`: people who are recognised, if anybody is.
    pub(crate) fn new(directory: Option<&'d Directory>, declared: &'d [String]) -> Self {
        Self {
            people: People::of(directory),
            declared,
        }
    }

    /// A page's address for a person to go to: scheme, host, masked path.
    pub(crate) fn page(&self, address: &Address) -> Page {
        let path = if address.path.is_empty() {
            "/".to_owned()
        } else {
            self.path(&address.path)
        };
        Page {
            host: address.host.clone(),
            shown: short(format!("{}://{}{path}", address.scheme, self.known_host(&address.host))),
        }
    }

    /// Host and masked path of an address.
    pub(crate) fn shown(&self, address: &Address) -> String {
        short(format!("{}{}", self.host(address), self.path(&address.path)))
    }

    /// The host of somebody else's address; `*.` and its domain where a label before that is, or may be, somebody's.
    pub(crate) fn host(&self, address: &Address) -> String {
        let host = self.known_host(&address.host);
        let is_known = || self.declared.iter().any(|pattern| host_matches(pattern, &host));
        let domain = registrable(&host);
        let below = host.strip_suffix(&domain).unwrap_or_default();
        if below.split('.').any(is_shaped_like_somebody) && !is_known() && tables().of_address(address).is_empty() {
            return format!("*.{domain}");
        }
        host
    }

    /// A host of one's own, or of whom the catalog knows: only people of the directory are masked.
    pub(crate) fn known_host(&self, host: &str) -> String {
        if host.parse::<IpAddr>().is_ok() {
            return host.to_owned();
        }
        let whole = registrable(host);
        let domain = self.domain(&whole);
        let below = host.strip_suffix(&whole).unwrap_or_default().trim_end_matches('.');
        let is_somebody = |label: &str| !is_service(label) && self.people.has(label);
        if domain.starts_with("*.") || (!below.is_empty() && (is_somebody(below) || below.split('.').any(is_somebody)))
        {
            return format!("*.{}", domain.trim_start_matches("*."));
        }
        host.to_owned()
    }

    /// A registrable domain; where a company gives its users names of their own (`github.io`), without theirs.
    fn domain(&self, domain: &str) -> String {
        match domain.split_once('.') {
            Some((label, suffix)) if suffix.contains('.') && !is_registry_suffix(suffix) && self.people.has(label) => {
                format!("*.{suffix}")
            }
            _ => domain.to_owned(),
        }
    }

    /// Whose an address is.
    pub(crate) fn parties(&self, address: &Address) -> Vec<Party> {
        let masked = |party| match party {
            Party::Domain(domain) => Party::Domain(self.domain(&domain)),
            known => known,
        };
        tables().parties_of(address).into_iter().map(masked).collect()
    }

    /// A path whose segments that may stand for somebody are `*`.
    pub(crate) fn path(&self, path: &str) -> String {
        let mut behind_people = false;
        let mut out = String::new();
        for segment in path.split('/').skip(1).take(20) {
            out.push('/');
            let is_shown = is_plain(segment) && !behind_people && !self.people.has(segment);
            out.push_str(if is_shown || segment.is_empty() { segment } else { "*" });
            behind_people = leads_to_people(segment);
        }
        out
    }

    /// The names of the parameters of `target`, in their order, each once; `*` for one that may be a value itself.
    pub(crate) fn names(&self, target: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        for pair in query.split('&').take(1000).filter(|pair| !pair.is_empty()) {
            let name = pair.split_once('=').map(|(name, _)| name);
            let name = name
                .filter(|name| is_name(name) && !self.people.has(name))
                .unwrap_or("*");
            if names.len() < NAMES_MAX && !names.iter().any(|other| other == name) {
                names.push(name.to_owned());
            }
        }
        names
    }

    /// The name of a cookie without what may be a key or somebody in it: `_ga_*` for `_ga_ABCDEF1234`.
    pub(crate) fn cookie(&self, name: &str) -> String {
        let cookie = cookie(name);
        if is_titled(&cookie) || self.people.has(name) || self.people.has(&cookie) {
            return "*".to_owned();
        }
        cookie
    }
}

/// Takes an address on the web apart; none for `data:`, `blob:`, extensions and what has no readable host. Other than
/// [`Address::parse`] it also takes hosts without a public suffix, which a browser can contact as well.
pub(crate) fn target(url: &str) -> Option<Target<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ws" | "wss") {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host_of(host)?;
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let target = if target.is_empty() { "/" } else { target };
    let address = Address { scheme, host, path };
    Some(Target { address, target })
}

/// Without port and brackets, lower case; none for what no host is. `*.` at the front stands for what was masked before.
fn host_of(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("*.").filter(|rest| !rest.starts_with('*')) {
        return Some(format!("*.{}", host_of(rest)?));
    }
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => text.split_once(':').map_or(text, |(host, _)| host),
    };
    let host = bare.trim_end_matches('.').to_ascii_lowercase();
    let is_host = host.parse::<IpAddr>().is_ok()
        || (!host.is_empty()
            && host.len() <= 253
            && host.split('.').all(|label| !label.is_empty() && label.len() <= 63)
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    is_host.then_some(host)
}

/// Whether `host` is of the machine or the network that the browser ran in: no third party on the internet.
pub(crate) fn is_local(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => !host.contains('.') || host.ends_with(".localhost") || host.ends_with(".local"),
    }
}

/// The name of a cookie without what may be a key in it.
fn cookie(name: &str) -> String {
    let plain = name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte));
    if plain && !name.is_empty() {
        return name.to_owned();
    }
    let end = name
        .find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(name.len());
    let head = &name[..end.min(24)];
    let head = head.rfind(['_', '-', '.']).map_or("", |at| &head[..=at]);
    format!("{head}*")
}

/// Text of a program's own making, made safe for a line of a report.
pub(crate) fn plain_words(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .collect();
    short(plain)
}

fn short(mut text: String) -> String {
    if text.len() > SHOWN_MAX {
        text.truncate(text.floor_char_boundary(SHOWN_MAX - 1));
        text.push('*');
    }
    text
}
