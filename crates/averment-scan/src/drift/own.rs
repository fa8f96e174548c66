//! Domains of the organisation itself: what goes there goes to nobody else.

use std::collections::{BTreeMap, BTreeSet};

use averment_register::Charter;

use super::Drift;
use crate::identify::{Address, registrable, tables};
use crate::observation::Party;

/// The organisation's own domains, each with everything below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own {
    domains: BTreeSet<String>,
}

impl Own {
    /// Those that the charter names (`own_domains`, the address of the page) and `others`.
    pub fn of(charter: &Charter, others: &BTreeSet<String>) -> Self {
        let about = &charter.content().about;
        let named = about.own_domains.iter().chain(others);
        let page = about.page.as_deref().and_then(domain_of_page);
        let domains = named.map(|domain| domain.trim_matches('.').to_ascii_lowercase());
        Self {
            domains: domains.filter(|domain| !domain.is_empty()).chain(page).collect(),
        }
    }

    /// These alone.
    pub fn named(domains: &BTreeSet<String>) -> Self {
        let domains = domains
            .iter()
            .map(|domain| domain.trim_matches('.').to_ascii_lowercase());
        Self {
            domains: domains.filter(|domain| !domain.is_empty()).collect(),
        }
    }

    /// Whether nobody named any.
    pub fn is_empty(&self) -> bool {
        self.domains.is_empty()
    }

    /// Takes one more, lower case.
    pub(crate) fn add(&mut self, domain: String) {
        self.domains.insert(domain);
    }

    /// Whether `host` is one of them or below one.
    pub fn has(&self, host: &str) -> bool {
        let mut rest = Some(host);
        while let Some(name) = rest {
            if self.domains.contains(name) {
                return true;
            }
            rest = name.split_once('.').map(|(_, above)| above);
        }
        false
    }
}

/// Says of an undeclared third party that it looks like one's own, where what was read says so.
pub(super) fn hinted(drift: Drift, said: &BTreeMap<Party, String>) -> Drift {
    match drift.party.as_ref().and_then(|party| said.get(party)) {
        Some(because) => drift.hinting(&format!(
            "it looks like your own ({because}): name it in `own_domains` of organisation.toml, or with `--own`"
        )),
        None => drift,
    }
}

/// The domain of the page's address; nothing where somebody else hosts it, whose domain would then pass for one's own.
fn domain_of_page(page: &str) -> Option<String> {
    let host = Address::parse(page).ok()?.host;
    let of_somebody = |name: &str| Address::parse(name).is_ok_and(|address| !tables().of_address(&address).is_empty());
    let domain = registrable(&host);
    (!of_somebody(&host) && !of_somebody(&domain)).then_some(domain)
}
