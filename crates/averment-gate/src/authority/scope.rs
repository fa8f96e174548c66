//! Which hosts an authority may speak for, as name constraints of its certificate.
//!
//! Start at [`Scope::of`]. A constraint takes a name and everything below it: `api.example` in a certificate also means
//! `x.api.example`, and of a pattern (`{region}.api.example`) what stands behind its last changing part.
//!
//! Source: RFC 5280 4.2.1.10. Constraints bind only the kinds of names that they mention, so addresses are mentioned too.

use std::collections::BTreeSet;
use std::net::IpAddr;

use averment_register::{Charter, Mode};
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};

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
        let fixed = patterns.chain(domains).filter_map(|pattern| fixed_part(pattern));
        Self::Hosts(without_those_below(fixed.collect()))
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
            permitted.push(GeneralSubtree::DnsName("invalid".to_owned()));
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

/// What stands behind the last changing part of `pattern`; none where that is no domain of somebody's: `{school}.{region}-x.com` would
/// mean everything below `com`.
fn fixed_part(pattern: &str) -> Option<String> {
    let pattern = pattern.trim_end_matches('.').to_ascii_lowercase();
    let changing = pattern.rfind(['*', '}']);
    let fixed = match changing {
        None => pattern.as_str(),
        Some(at) => pattern[at..].split_once('.')?.1.trim_end_matches('.'),
    };
    let is_own = changing.is_none() || fixed.contains('.');
    (is_own && !fixed.is_empty()).then(|| fixed.to_owned())
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
