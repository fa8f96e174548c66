//! Whose something is: addresses, hosts, packages, modules, keys, to third parties, by tables made once from the catalog.
//!
//! Start at [`tables`]. The most specific row wins: an address with a path before a host, an exact host before a pattern, a
//! product before the vendor whose host it shares. What two third parties claim alike gives both.

mod hosts;
mod keys;
mod names;
mod sign_ins;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::LazyLock;

use averment_catalog::{Catalog, ThirdParty, ThirdPartyId, catalog, domain};

use hosts::Hosts;
pub use hosts::{Address, AddressError};
pub use names::{Kind, Names};

use crate::observation::Party;

/// The tables.
#[derive(Debug)]
pub struct Tables {
    hosts: Hosts,
    names: Names,
    /// Registrable domains whose hosts in the catalog are all of one third party.
    owners: BTreeMap<String, &'static ThirdPartyId>,
}

/// The tables of this program's catalog.
pub fn tables() -> &'static Tables {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::of(catalog()));
    &TABLES
}

impl Tables {
    /// The tables of a catalog.
    pub fn of(catalog: &'static Catalog) -> Self {
        Self {
            hosts: Hosts::of(catalog.third_parties()),
            names: Names::of(catalog.third_parties()),
            owners: owners(catalog),
        }
    }

    /// Third parties of `address`, most specific rows only; empty when the catalog knows none.
    pub fn of_address(&self, address: &Address) -> Vec<&'static ThirdParty> {
        self.hosts.look_up(address)
    }

    /// Whose `address` is: of the catalog, or else by the registrable domain. Never empty.
    pub fn parties_of(&self, address: &Address) -> Vec<Party> {
        let known: Vec<Party> = self
            .of_address(address)
            .iter()
            .map(|party| Party::Known(party.id.clone()))
            .collect();
        if known.is_empty() {
            vec![Party::Domain(registrable(&address.host))]
        } else {
            known
        }
    }

    /// Whose `address` is, where what no row lists but lies below a domain of which all listed hosts are one third party's is
    /// that one's as well: its own site, its documentation. Never empty.
    pub fn owners_of(&self, address: &Address) -> Vec<Party> {
        let parties = self.parties_of(address);
        match parties.as_slice() {
            [Party::Domain(domain)] => match self.owners.get(domain.as_str()) {
                Some(owner) => vec![Party::Known((*owner).clone())],
                None => parties,
            },
            _ => parties,
        }
    }

    /// Third parties that list `address`'s host, or an address below it, where it names no path: products that share one host. None
    /// where the whole domain is one third party's.
    pub fn sharing(&self, address: &Address) -> Vec<&'static ThirdParty> {
        let owned = self.owners.contains_key(&registrable(&address.host));
        match address.path.trim_end_matches('/').is_empty() && !owned {
            true => self.hosts.sharing(&address.host),
            false => Vec::new(),
        }
    }

    /// Third parties that list hosts below `address`'s own domain, or below `address` where that is a wildcard's, if all of them are one
    /// company's: whom a policy lets in that names the domain and no host of theirs. Empty where the domain is nobody's or several's.
    pub fn of_one_company(&self, address: &Address) -> Vec<&'static ThirdParty> {
        let domain = registrable(&address.host);
        if is_of_an_institution(&domain) {
            return Vec::new();
        }
        let found = self.hosts.below(&domain);
        let one = found.windows(2).all(|pair| match pair {
            [a, b] => a.company == b.company,
            _ => true,
        });
        if one { found } else { Vec::new() }
    }

    /// The address that stands for every host below `address`, as a wildcard `*.x.org` means them: one that the catalog's own
    /// wildcard covers, or else `x.org` itself. To be asked with [`Self::owners_of`].
    pub fn standing_for_all_below(&self, address: &Address) -> Address {
        let any = Address {
            host: format!("any.{}", address.host),
            ..address.clone()
        };
        if self.of_address(&any).is_empty() {
            address.clone()
        } else {
            any
        }
    }

    /// The one third party that a registrable domain is of, where it is one's alone.
    pub(crate) fn owner(&self, domain: &str) -> Option<&'static ThirdPartyId> {
        self.owners.get(domain).copied()
    }

    /// Names of packages, modules, calls and keys.
    pub fn names(&self) -> &Names {
        &self.names
    }
}

/// Domains that are one third party's: it lists the domain itself, or the domain is called like it. That a product of `yandex.ru` is the only
/// one in the catalog makes the domain no product's.
fn owners(catalog: &'static Catalog) -> BTreeMap<String, &'static ThirdPartyId> {
    let mut listed: BTreeMap<String, BTreeMap<&'static ThirdPartyId, Claim>> = BTreeMap::new();
    for party in catalog.third_parties() {
        let addresses = party.code.addresses.iter();
        let addresses = addresses.map(|address| address.split('/').next().unwrap_or(address));
        for pattern in party.hosts.iter().map(|host| host.pattern.as_str()).chain(addresses) {
            let literal = pattern.rsplit(['}', '*']).next().unwrap_or(pattern);
            let literal = literal.trim_start_matches(['.', '-']);
            let domain = registrable(literal);
            // Below the domain of a university or an authority many others have a place.
            if domain != literal && is_of_an_institution(&domain) {
                continue;
            }
            let whole = [
                pattern,
                pattern.trim_start_matches("*."),
                pattern.trim_start_matches("www."),
            ]
            .contains(&domain.as_str());
            let claim = claim(party, &domain, whole);
            let known = listed.entry(domain).or_default().entry(&party.id).or_insert(claim);
            *known = (*known).max(claim);
        }
    }
    listed
        .into_iter()
        .filter_map(|(domain, claims)| Some((domain, owner(&claims)?)))
        .collect()
}

/// What speaks for a whole domain being a third party's, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    /// Single hosts below it are listed.
    Hosts,
    /// The domain itself is listed, or begins like a name of the third party.
    Domain,
    /// The domain is called what the third party is called.
    Name,
}

fn claim(party: &ThirdParty, domain: &str, whole: bool) -> Claim {
    let plain = |text: &str| {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase()
    };
    let label = plain(domain.split('.').next().unwrap_or(domain));
    let mut names = [party.id.as_str(), party.product.as_str()]
        .into_iter()
        .chain(party.aliases.iter().map(String::as_str))
        .map(plain);
    match () {
        () if label == plain(party.id.as_str()) => Claim::Name,
        () if whole || names.any(|name| name.len() > 2 && label.starts_with(&name)) => Claim::Domain,
        () => Claim::Hosts,
    }
}

/// The only one who lists hosts of a domain, where it has a claim to it; of several, the only one who is called like it.
fn owner(claims: &BTreeMap<&'static ThirdPartyId, Claim>) -> Option<&'static ThirdPartyId> {
    let least = if claims.len() == 1 { Claim::Domain } else { Claim::Name };
    let mut found = claims.iter().filter(|(_, claim)| **claim >= least);
    let (id, _) = found.next()?;
    found.next().is_none().then_some(*id)
}

fn is_of_an_institution(domain: &str) -> bool {
    let suffix = domain.split_once('.').map_or("", |(_, suffix)| suffix);
    let kind = suffix.split('.').next().unwrap_or(suffix);
    ["edu", "ac", "gov", "mil"].contains(&kind)
}

/// The registrable domain of a host (`a.b.example.co.uk` gives `example.co.uk`); the host itself where it has none, as a number has.
/// Source: Mozilla's public suffix list, private section included.
pub fn registrable(host: &str) -> String {
    if host.parse::<IpAddr>().is_ok() {
        return host.to_owned();
    }
    domain::registrable(host).unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests;
