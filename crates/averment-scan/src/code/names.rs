//! What names say about an address beside them: something that is contacted, something that is shown, something that is linked to.

mod calls;

pub(super) use calls::of_call;

use crate::words::split;

/// What is done with an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// A request goes there.
    Request,
    /// A page loads it.
    Load,
    /// Somebody may follow it, or it is only written down.
    Link,
    /// A policy or list lets it happen.
    Policy,
    /// Nothing: documentation of something, or of who may ask.
    Nothing,
}

/// Words of names whose address goes nowhere.
const NEITHER: [&str; 31] = [
    "cors",
    "origin",
    "origins",
    "issuer",
    "iss",
    "xmlns",
    "namespace",
    "schema",
    "license",
    "licence",
    "context",
    "referer",
    "csrf",
    "ancestors",
    "copyright",
    "author",
    "placeholder",
    "example",
    "examples",
    "regex",
    "pattern",
    "audience",
    "claim",
    "claims",
    "scope",
    "scopes",
    "registry",
    "repository",
    "homepage",
    "bugs",
    "funding",
];
/// Words of names whose address people follow.
const LINKED: [&str; 52] = [
    "link",
    "links",
    "comment",
    "generated",
    "href",
    "docs",
    "documentation",
    "help",
    "support",
    "faq",
    "terms",
    "privacy",
    "tos",
    "policy",
    "blog",
    "social",
    "website",
    "homepage",
    "learn",
    "more",
    "info",
    "description",
    "message",
    "text",
    "title",
    "label",
    "store",
    "redirect",
    "guide",
    "tutorial",
    "download",
    "article",
    "feedback",
    "forum",
    "community",
    "about",
    "contact",
    "share",
    "sharing",
    "see",
    "reference",
    "source",
    "credit",
    "caption",
    "hint",
    "note",
    "readme",
    "changelog",
    "marketing",
    "tooltip",
    "error",
    "doc",
];
/// Words of names whose address a page loads.
const LOADED: [&str; 29] = [
    "src",
    "script",
    "scripts",
    "iframe",
    "embed",
    "stylesheet",
    "css",
    "font",
    "fonts",
    "cdn",
    "image",
    "img",
    "picture",
    "thumb",
    "thumbnail",
    "poster",
    "logo",
    "icon",
    "background",
    "tile",
    "tiles",
    "player",
    "widget",
    "js",
    "pixel",
    "externals",
    "srcset",
    "favicon",
    "avatar",
];
/// Words of names whose address a program asks.
const REQUESTED: [&str; 29] = [
    "api",
    "endpoint",
    "endpoints",
    "feed",
    "host",
    "hostname",
    "server",
    "webhook",
    "ingest",
    "collector",
    "dsn",
    "service",
    "gateway",
    "proxy",
    "upstream",
    "broker",
    "callout",
    "smtp",
    "rpc",
    "graphql",
    "baseurl",
    "authority",
    "fqdn",
    "upload",
    "telemetry",
    "jwks",
    "oauth",
    "homeserver",
    "discovery",
];
/// The same, where two words say it.
const BASES: [&str; 6] = [
    "base url",
    "base uri",
    "token url",
    "root url",
    "token uri",
    "service url",
];

/// What a name that an address is given to says.
pub(super) fn of_name(name: &str) -> Option<Use> {
    if super::policy::is_directive(name) || super::policy::is_allow_list(name) {
        return Some(Use::Policy);
    }
    of_other_name(name)
}

/// The same, where the name is known to be none of a policy.
pub(super) fn of_other_name(name: &str) -> Option<Use> {
    let words = split(name);
    let has = |any: &[&str]| words.iter().any(|word| any.contains(&word.as_str()));
    let joined = words.join(" ");
    // Where a workflow shows what it has put out.
    if joined.contains("environment url") {
        return Some(Use::Link);
    }
    // `entity_id`: the name of whom to trust.
    if has(&NEITHER) || joined.ends_with("entity id") {
        return Some(Use::Nothing);
    }
    if has(&LINKED) {
        return Some(Use::Link);
    }
    if has(&LOADED) {
        return Some(Use::Load);
    }
    let is_base = BASES.iter().any(|base| joined.contains(base));
    (has(&REQUESTED) || is_base).then_some(Use::Request)
}

#[cfg(test)]
mod tests;
