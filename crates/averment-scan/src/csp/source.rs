//! A source of a directive: whom it lets in.

use std::collections::BTreeSet;

use super::policy::{Allowed, Policy};
use crate::drift::Own;
use crate::har::gather::{Gather, Whom};
use crate::har::mask::{Mask, is_local, target};
use crate::identify::{Address, tables};
use crate::observation::{Confidence, Evidence, How, Party, Side, Spot, Tier};

/// The party that stands for whoever there is.
const EVERYBODY: &str = "*";

/// Takes what one source of a policy allows.
pub(super) fn add(gather: &mut Gather, us: (&Own, &Mask<'_>), file: &str, policy: &Policy, allowed: &Allowed<'_>) {
    match allowed {
        Allowed::Unset { directive } => {
            let what = format!("{directive} is not set and lets everybody");
            everybody(gather, evidence(file, policy, what, false));
        }
        Allowed::Reports { directive, address } => add_endpoint(gather, us, file, directive, address),
        Allowed::Source { directive, source } => add_source(gather, us, (file, policy), directive, source),
    }
}

fn add_source(
    gather: &mut Gather,
    (own, mask): (&Own, &Mask<'_>),
    from: (&str, &Policy),
    directive: &str,
    source: &str,
) {
    let (file, policy) = from;
    let lower = source.to_ascii_lowercase();
    if is_everybody(&lower) {
        let what = format!("{directive} {lower} lets everybody");
        let plain = matches!(lower.as_str(), "http:" | "ws:");
        return everybody(gather, evidence(file, policy, what, plain));
    }
    // Keywords, digests and numbers used once let nobody else in; `data:` and `blob:` come from nowhere.
    if lower.starts_with('\'') || (lower.ends_with(':') && !lower.contains('.')) {
        return;
    }
    let Some((address, wildcard)) = host_source(source) else {
        return gather.unread(file, "a source that cannot be read");
    };
    if own.has(&address.host) || is_local(&address.host) {
        return;
    }
    let parties = if wildcard {
        let below = Address {
            host: bare(&address.host, wildcard).to_owned(),
            ..address.clone()
        };
        tables().owners_of(&tables().standing_for_all_below(&below))
    } else {
        mask.parties(&address)
    };
    let host = mask.known_host(bare(&address.host, wildcard));
    let host = if wildcard && !host.starts_with("*.") {
        format!("*.{host}")
    } else {
        host
    };
    let what = format!("{directive} {host}{}", mask.path(&address.path));
    let whom = Whom {
        parties: &parties,
        host: Some(&host),
    };
    gather.add(whom, evidence(file, policy, what, address.is_plain()));
}

/// Takes an address that browsers send reports to: that is no permission, they do it.
pub(super) fn add_endpoint(
    gather: &mut Gather,
    (own, mask): (&Own, &Mask<'_>),
    file: &str,
    directive: &str,
    address: &str,
) {
    // One without a scheme and host is on the site itself.
    let Some(target) = target(address) else { return };
    if own.has(&target.address.host) || is_local(&target.address.host) {
        return;
    }
    let (parties, host) = (mask.parties(&target.address), mask.host(&target.address));
    let whom = Whom {
        parties: &parties,
        host: Some(&host),
    };
    let evidence = Evidence {
        how: How::Policy,
        what: format!("{directive} {}", mask.shown(&target.address)),
        spot: Spot {
            file: file.to_owned(),
            ..Spot::default()
        },
        tier: Tier::Embedded,
        side: Some(Side::Browser),
        confidence: Confidence::Certain,
        plain_http: target.address.is_plain(),
        role: None,
        alike: BTreeSet::new(),
    };
    gather.add(whom, evidence);
}

/// Any host, or every host of a scheme.
fn is_everybody(source: &str) -> bool {
    matches!(
        source,
        "*" | "http:"
            | "https:"
            | "ws:"
            | "wss:"
            | "http://*"
            | "https://*"
            | "ws://*"
            | "wss://*"
            | "*:*"
            | "https://*:*"
    )
}

/// Label that stands for any host below a wildcard when the tables are asked.
const ANY: &str = "any.";

/// A source with a host, and whether it is a wildcard: `https://*.cdn.example:443/js/`.
fn host_source(source: &str) -> Option<(Address, bool)> {
    let (scheme, rest) = source.split_once("://").unwrap_or(("https", source));
    let (rest, wildcard) = rest.strip_prefix("*.").map_or((rest, false), |rest| (rest, true));
    let rest = rest
        .strip_suffix(":*")
        .map_or_else(|| rest.replace(":*/", "/"), str::to_owned);
    let url = format!("{scheme}://{}{rest}", if wildcard { ANY } else { "" });
    Some((target(&url)?.address, wildcard))
}

fn bare(host: &str, wildcard: bool) -> &str {
    if wildcard {
        host.strip_prefix(ANY).unwrap_or(host)
    } else {
        host
    }
}

fn everybody(gather: &mut Gather, evidence: Evidence) {
    let parties = [Party::Domain(EVERYBODY.to_owned())];
    let whom = Whom {
        parties: &parties,
        host: None,
    };
    gather.add(whom, evidence);
}

fn evidence(file: &str, policy: &Policy, mut what: String, plain_http: bool) -> Evidence {
    if policy.report_only {
        what.push_str(" (report only)");
    }
    Evidence {
        how: How::Policy,
        what,
        spot: Spot {
            file: file.to_owned(),
            ..Spot::default()
        },
        tier: Tier::Allowed,
        side: Some(Side::Browser),
        confidence: if policy.report_only {
            Confidence::Likely
        } else {
            Confidence::Certain
        },
        plain_http,
        role: None,
        alike: BTreeSet::new(),
    }
}
