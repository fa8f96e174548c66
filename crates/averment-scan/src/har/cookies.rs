//! Cookies by name: what a third party sets, and what its script sets in the name of the site itself.

use averment_catalog::{Flow, ThirdParty, catalog};

use super::mask::Mask;
use crate::observation::Tier;

/// A cookie of the site itself that a third party is known by.
pub(super) struct FirstParty {
    pub(super) party: &'static ThirdParty,
    /// The name as the catalog writes it: `_ga_*`.
    pub(super) name: &'static str,
}

/// Whose script set `name` on the site's own domain; empty where nobody's is known.
pub(super) fn first_party(name: &str) -> Vec<FirstParty> {
    let rows = catalog().third_parties().flat_map(|party| {
        let own = party.cookies.iter().filter(|cookie| cookie.on == "first-party");
        own.map(move |cookie| (party, cookie.name.as_str()))
    });
    let fitting: Vec<(&ThirdParty, &str)> = rows.filter(|(_, pattern)| fits(pattern, name)).collect();
    let longest = fitting.iter().map(|(_, pattern)| pattern.len()).max();
    fitting
        .into_iter()
        .filter(|(_, pattern)| Some(pattern.len()) == longest)
        .map(|(party, name)| FirstParty { party, name })
        .collect()
}

/// A cookie shows a script that ran in the page, unless the third party stands before the site's own servers.
pub(super) fn tier(party: &ThirdParty) -> Tier {
    if party.flows.contains(&Flow::Browser) {
        Tier::Embedded
    } else {
        Tier::Configured
    }
}

/// The name of a third party's cookie: as the catalog writes it, or without what may be a key.
pub(super) fn shown(parties: &[&ThirdParty], name: &str, mask: &Mask<'_>) -> String {
    let patterns = parties.iter().flat_map(|party| &party.cookies);
    let known = patterns
        .map(|cookie| cookie.name.as_str())
        .find(|pattern| fits(pattern, name));
    known.map_or_else(|| mask.cookie(name), str::to_owned)
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        // `*` alone would be everybody's.
        Some((head, tail)) => {
            !head.is_empty() && name.len() > head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail)
        }
        None => pattern == name,
    }
}

/// Names in a `Set-Cookie` header; several lines are several cookies.
pub(super) fn names_set(value: &str) -> impl Iterator<Item = &str> {
    value
        .lines()
        .take(50)
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name.trim())
}

/// Names in a `Cookie` header.
pub(super) fn names_sent(value: &str) -> impl Iterator<Item = &str> {
    value
        .split(';')
        .take(500)
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, _)| name.trim())
}
