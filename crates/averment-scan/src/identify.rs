//! Whose something is: addresses, hosts, packages, modules, keys, to third parties, by tables made once from the catalog.
//!
//! Start at [`tables`]. The most specific row wins: an address with a path before a host, an exact host before a pattern, a
//! product before the vendor whose host it shares. What two third parties claim alike gives both.

mod hosts;
mod names;

use std::sync::LazyLock;

use averment_catalog::{Catalog, ThirdParty, catalog};

use hosts::Hosts;
pub use hosts::{Address, AddressError};
pub use names::{Kind, Names};

use crate::observation::Party;

/// The tables.
#[derive(Debug)]
pub struct Tables {
    hosts: Hosts,
    names: Names,
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

    /// Names of packages, modules, calls and keys.
    pub fn names(&self) -> &Names {
        &self.names
    }
}

/// The registrable domain of a host (`a.b.example.co.uk` gives `example.co.uk`); the host itself where it has none.
/// Source: Mozilla's public suffix list, private section included.
pub fn registrable(host: &str) -> String {
    psl::domain_str(host).unwrap_or(host).to_owned()
}

#[cfg(test)]
mod tests;
