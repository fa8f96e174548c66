//! Which hosts an authority may speak for, as name constraints of its certificate.
//!
//! Start at [`Scope::of`]. A constraint takes a name and everything below it: `api.example` in a certificate also means
//! `x.api.example`, and of a pattern (`{region}.api.example`) what stands behind its last changing part. Where strangers get names
//! below that (`*.co.uk`) nothing is constrained: only `[authority] domains` says so much.
//!
//! Source: RFC 5280 4.2.1.10. Constraints bind only the kinds of names that they mention, so addresses are mentioned too.

use std::collections::BTreeSet;
use std::net::IpAddr;

use averment_catalog::{HostUse, catalog, domain};
use averment_register::{Charter, Mode, Recipient};
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};

/// The name that nobody has.
const NOBODY: &str = "invalid";

/// What an authority may speak for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Any host: what nobody declares goes through too, to be learnt of.
    Everything,
    /// These names with all that is below them, and these addresses.
    Hosts(BTreeSet<String>),
}

impl Scope {
    /// The hosts that `charter` declares, and `domains`. Where the register lets other hosts through (`unknown_hosts = "report"`) and
    /// there are no `domains`, any host: an authority that could not speak for them would cut them off.
    pub fn of(charter: &Charter, domains: &[String]) -> Self {
        let content = charter.content();
        if content.unknown_hosts == Mode::Report && domains.is_empty() {
            return Self::Everything;
        }
        let patterns = content.recipients.values().flat_map(|recipient| &recipient.hosts);
        let fixed = patterns.filter_map(|pattern| fixed_part(pattern));
        let named = domains.iter().map(|domain| normal(domain));
        Self::Hosts(without_those_below(fixed.chain(named).collect()))
    }

    /// Those patterns of `charter` that no certificate can name and no `domains` stand for; none where any host may be spoken for, and
    /// none of those that only browsers go to.
    pub fn unbound(charter: &Charter, domains: &[String]) -> Vec<String> {
        let content = charter.content();
        if content.unknown_hosts == Mode::Report && domains.is_empty() {
            return Vec::new();
        }
        let of_servers = |recipient: &'_ Recipient| {
            let hosts = recipient.hosts.iter().filter(|host| !is_for_browsers(recipient, host));
            hosts.cloned().collect::<Vec<_>>()
        };
        let patterns = content.recipients.values().flat_map(of_servers);
        let unbound = patterns.filter(|pattern| fixed_part(pattern).is_none() && !has_domain(pattern, domains));
        unbound.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Those of its hosts below which anybody may have a name (`github.io`): to speak for one is to speak for all of them.
    pub fn shared(&self) -> Vec<&str> {
        let Self::Hosts(hosts) = self else {
            return Vec::new();
        };
        let is_shared = |host: &&str| domain::has_known_suffix(host) && domain::is_public_suffix(host);
        hosts.iter().map(String::as_str).filter(is_shared).collect()
    }

    /// Those of `permitted`, from a certificate, that are neither among its hosts nor below one.
    pub(super) fn lacks(&self, permitted: Vec<String>) -> Vec<String> {
        let Self::Hosts(hosts) = self else {
            return Vec::new();
        };
        let is_held = |host: &str| {
            hosts.contains(host) || host.match_indices('.').any(|(dot, _)| hosts.contains(&host[dot + 1..]))
        };
        permitted.into_iter().filter(|host| !is_held(host)).collect()
    }

    /// The constraints; none for any host.
    pub(super) fn constraints(&self) -> Option<NameConstraints> {
        let Self::Hosts(hosts) = self else {
            return None;
        };
        let mut permitted: Vec<GeneralSubtree> = hosts.iter().map(|host| subtree(host)).collect();
        if !permitted
            .iter()
            .any(|subtree| matches!(subtree, GeneralSubtree::DnsName(_)))
        {
            // Without a name among them, names would be free (RFC 6761 6.4: nobody has this one).
            permitted.push(GeneralSubtree::DnsName(NOBODY.to_owned()));
        }
        let has_addresses = permitted
            .iter()
            .any(|subtree| matches!(subtree, GeneralSubtree::IpAddress(_)));
        let every_address = || [CidrSubnet::V4([0; 4], [0; 4]), CidrSubnet::V6([0; 16], [0; 16])];
        let excluded = if has_addresses {
            Vec::new()
        } else {
            every_address().map(GeneralSubtree::IpAddress).to_vec()
        };
        Some(NameConstraints {
            permitted_subtrees: permitted,
            excluded_subtrees: excluded,
        })
    }
}

/// Whether the catalog knows `pattern` of `recipient` as a place that visitors' browsers go to, and nobody else.
fn is_for_browsers(recipient: &Recipient, pattern: &str) -> bool {
    let parties = recipient
        .third_parties
        .iter()
        .filter_map(|id| catalog().third_party(id));
    let hosts = parties.flat_map(|party| &party.hosts);
    let mut uses = hosts
        .filter(|host| host.pattern.eq_ignore_ascii_case(pattern))
        .flat_map(|host| &host.uses)
        .peekable();
    uses.peek().is_some() && uses.all(|used| *used == HostUse::Browser)
}

/// In one spelling.
fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// What stands behind the last changing part of `pattern`; none where that is no domain of somebody's: `{school}.{region}-x.com` would
/// mean everything below `com`, and `*.co.uk` all of `co.uk`.
fn fixed_part(pattern: &str) -> Option<String> {
    let pattern = normal(pattern);
    let changing = pattern.rfind(['*', '}']);
    let fixed = match changing {
        None => pattern.as_str(),
        Some(at) => pattern[at..].split_once('.')?.1.trim_end_matches('.'),
    };
    let is_own = (changing.is_none() || fixed.contains('.')) && !domain::is_registry_suffix(fixed);
    (is_own && !fixed.is_empty()).then(|| fixed.to_owned())
}

/// Whether somebody said for `pattern` what its last changing part may be, or named a domain that it is below.
fn has_domain(pattern: &str, domains: &[String]) -> bool {
    let pattern = normal(pattern);
    let behind = pattern.rfind(['*', '}']).map(|at| &pattern[at + 1..]);
    let mut domains = domains.iter().map(|domain| normal(domain));
    domains.any(|domain| {
        let is_changing = behind.is_some_and(|behind| domain.ends_with(behind));
        let above = behind.unwrap_or(&pattern).strip_suffix(domain.as_str());
        is_changing || pattern == domain || above.is_some_and(|above| above.ends_with('.'))
    })
}

/// The hosts in the permitted subtrees of a certificate's name constraints, `der` without the tag around it.
pub(super) fn permitted_in(der: &[u8]) -> Vec<String> {
    let mut hosts = Vec::new();
    let subtrees = split_der(der).filter(|(tag, _, _)| *tag == 0xA0);
    let mut rest = subtrees.map_or(&[][..], |(_, subtrees, _)| subtrees);
    while let Some((_, subtree, after)) = split_der(rest) {
        hosts.extend(split_der(subtree).and_then(|(tag, base, _)| named_by(tag, base)));
        rest = after;
    }
    hosts
}

/// A host, or the address of a subtree that is one only.
fn named_by(tag: u8, base: &[u8]) -> Option<String> {
    match tag {
        0x82 => std::str::from_utf8(base)
            .ok()
            .filter(|name| *name != NOBODY)
            .map(str::to_owned),
        0x87 => {
            let address = &base[..base.len() / 2];
            let four = <[u8; 4]>::try_from(address).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(address).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// Tag, content, and what comes after it (X.690 8.1, definite lengths up to four bytes).
fn split_der(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = match first {
        0..=0x7F => (usize::from(first), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// Those that no other of them has above it: more would only make the certificate larger.
fn without_those_below(hosts: BTreeSet<String>) -> BTreeSet<String> {
    let has_above = |host: &str| host.match_indices('.').any(|(dot, _)| hosts.contains(&host[dot + 1..]));
    let is_address = |host: &str| host.parse::<IpAddr>().is_ok();
    hosts
        .iter()
        .filter(|host| is_address(host) || !has_above(host))
        .cloned()
        .collect()
}

fn subtree(host: &str) -> GeneralSubtree {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => GeneralSubtree::IpAddress(CidrSubnet::V4(address.octets(), [255; 4])),
        Ok(IpAddr::V6(address)) => GeneralSubtree::IpAddress(CidrSubnet::V6(address.octets(), [255; 16])),
        Err(_) => GeneralSubtree::DnsName(host.to_owned()),
    }
}

#[cfg(test)]
mod tests;
