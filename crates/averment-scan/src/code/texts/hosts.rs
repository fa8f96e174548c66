//! What the host and the path of an address say by themselves: something that programs ask, a file of a page, a page to read.

use averment_catalog::{HostUse, ThirdParty};

use super::shape::is_data;
use crate::code::look::{Look, Verdict};
use crate::code::names::Use;
use crate::identify::Address;
use crate::observation::{Confidence, How, Side, Tier};

/// By the host alone.
pub(super) fn by_host(look: &Look<'_>, address: &Address, named: Option<Use>) -> Verdict {
    let parties = look.tables.of_address(address);
    let first = address.host.split('.').next().unwrap_or_default();
    let api =
        first == "api" || first.starts_with("api-") || first.ends_with("-api") || first == "hooks" || first == "ingest";
    if named == Some(Use::Link) && (!api || parties.is_empty()) {
        return link_or_embed(look, address, &parties);
    }
    if is_api(look, address) || (is_below_api(address) && !parties.is_empty()) || (api && !is_page(address)) {
        return (super::contact(look), How::Host, Confidence::Likely);
    }
    if named != Some(Use::Nothing) && is_of_sign_in(address) && !is_page(address) {
        return (super::contact(look), How::Host, Confidence::Likely);
    }
    if named.is_none() && is_data(look, address) {
        return (super::contact(look), How::Host, Confidence::Possible);
    }
    let verdict = link_or_embed(look, address, &parties);
    // What only pages talk to, and nobody reads: `https://i.embed.ly/1/display/crop?key={}`.
    let asked = named.is_none() && look.side == Some(Side::Browser) && address.path.len() > 1 && !is_page(address);
    if verdict.0 == Tier::Linked && asked && uses(&parties, address, &[HostUse::Browser]) {
        return (Tier::Embedded, loaded(address), Confidence::Possible);
    }
    verdict
}

/// `…/api/siteverify`: an endpoint, and no file.
fn is_below_api(address: &Address) -> bool {
    let read = [
        "docs.",
        "doc.",
        "developer.",
        "developers.",
        "help.",
        "support.",
        "community.",
    ];
    let page = read.iter().any(|start| address.host.starts_with(start)) || address.path.contains("/doc");
    let endpoint = ["/api.php", "/rest.php"].iter().any(|end| address.path.ends_with(end));
    (endpoint || address.path.contains("/api/")) && !is_file(address) && !page
}

/// Whether the catalog says that programs talk to this host, and not people.
pub(super) fn is_api(look: &Look<'_>, address: &Address) -> bool {
    uses(
        &look.tables.of_address(address),
        address,
        &[HostUse::Api, HostUse::Ingest],
    ) && !is_page(address)
}

/// Whether programs or pages talk to this host, and people do not read it.
pub(in crate::code) fn is_service(look: &Look<'_>, address: &Address) -> bool {
    let wanted = [HostUse::Api, HostUse::Ingest, HostUse::Browser];
    uses(&look.tables.of_address(address), address, &wanted) && !is_page(address)
}

/// Whether an address leads to what staff of a known third party's customers look at: `dashboard.stripe.com`.
pub(super) fn is_of_staff(look: &Look<'_>, address: &Address) -> bool {
    let starts = ["dashboard.", "console.", "manage."];
    starts.iter().any(|start| address.host.starts_with(start))
        && !look.tables.of_address(address).is_empty()
        && !is_below_api(address)
}

/// Whether an address that a setting has where nobody set it is for programs: one of a known third party, and no page of it; of others, one
/// whose key says what is asked there.
pub(super) fn is_of_a_setting(look: &Look<'_>, address: &Address, key: &str) -> bool {
    let words = crate::words::split(key);
    let asked = [
        "api",
        "endpoint",
        "webhook",
        "oauth",
        "jwks",
        "token",
        "authorize",
        "gateway",
    ];
    let parties = look.tables.of_address(address);
    let hosts = parties.iter().flat_map(|party| &party.hosts);
    let mut hosts = hosts.filter(|host| averment_register::host_matches(&host.pattern, &address.host));
    let talks = hosts.any(|host| host.uses.iter().any(|one| *one != HostUse::App));
    let programs = talks || words.iter().any(|word| asked.contains(&word.as_str()));
    programs && (!is_page(address) || talks && address.host.starts_with("www.")) && !is_of_people(address)
}

/// Whether programs may ask for what an address leads to, and it is no page of a site.
pub(super) fn is_asked_for(address: &Address) -> bool {
    !is_page(address) && !is_of_people(address) && !["html", "htm", "pdf"].contains(&ending(address).as_str())
}

/// What is somebody's place at a third party: `github.com/owner/name`, `twitter.com/name`.
fn is_of_people(address: &Address) -> bool {
    let keepers = [
        "github.com",
        "gitlab.com",
        "bitbucket.org",
        "twitter.com",
        "x.com",
        "www.facebook.com",
    ];
    keepers.contains(&address.host.as_str()) && address.path.len() > 1
}

/// Where tokens are had, and the keys to check them with: never a page.
fn is_of_sign_in(address: &Address) -> bool {
    let ends = [
        "/token",
        "/jwks",
        "/jwks.json",
        "/certs",
        "/openid-configuration",
        "/token.json",
    ];
    let inside = [
        "/oauth",
        "/oidc",
        "/openid",
        "/.well-known",
        "/auth",
        "/connect",
        "/realms",
    ];
    let path = address.path.trim_end_matches('/');
    ends.iter().any(|end| path.ends_with(end)) && inside.iter().any(|part| path.contains(part))
}

/// What is a file of a page is loaded by it; anything else is a link.
fn link_or_embed(look: &Look<'_>, address: &Address, parties: &[&ThirdParty]) -> Verdict {
    let player = address.host.starts_with("player.") && address.path.starts_with("/video");
    let embeds =
        !parties.is_empty() && (player || address.path.starts_with("/embed") || address.path.contains("/embed/"));
    let framed = look.side == Some(Side::Browser) && address.path.starts_with("/embed/");
    let browsers = uses(parties, address, &[HostUse::Browser]);
    let loads = embeds || framed || (browsers && (is_file(address) || is_store(address)));
    // Pictures of people are put together by servers, from an address or its digest, and loaded by pages.
    let avatars = parties
        .iter()
        .any(|party| party.kinds.iter().any(|kind| kind == "avatars"));
    let pictures = (browsers || avatars) && address.path.starts_with("/avatar/");
    if (loads || pictures) && (look.side != Some(Side::Server) || embeds || pictures) {
        return (
            Tier::Embedded,
            match loaded(address) {
                How::Script => How::Script,
                _ if embeds || framed => How::Frame,
                how => how,
            },
            Confidence::Likely,
        );
    }
    // Where files are kept under a name that is put in: `https://{name}.cloudfront.net`.
    if browsers && address.host.starts_with("*.") && look.side == Some(Side::Server) {
        return (Tier::Configured, How::Host, Confidence::Possible);
    }
    (Tier::Linked, How::Link, Confidence::Likely)
}

/// Whether the row of the catalog that names the host says that it is for one of `wanted`.
fn uses(parties: &[&ThirdParty], address: &Address, wanted: &[HostUse]) -> bool {
    let hosts = parties.iter().flat_map(|party| &party.hosts);
    let exact = hosts.filter(|host| averment_register::host_matches(&host.pattern, &address.host));
    let exact: Vec<_> = exact.collect();
    // A host that staff use as well is linked to more often than contacted.
    exact
        .iter()
        .any(|host| host.uses.iter().any(|one| wanted.contains(one)) && !host.uses.contains(&HostUse::App))
}

fn is_page(address: &Address) -> bool {
    let host = address.host.as_str();
    let pages = [
        "www.",
        "docs.",
        "doc.",
        "help.",
        "support.",
        "blog.",
        "developer.",
        "developers.",
        "status.",
        "community.",
        "dashboard.",
        "console.",
        "portal.",
        "learn.",
    ];
    let path = [
        "/docs",
        "/help",
        "/support",
        "/hc/",
        "/blog",
        "/legal",
        "/privacy",
        "/terms",
        "/about",
        "/pricing",
        "/settings",
    ];
    pages.iter().any(|start| host.starts_with(start))
        || path.iter().any(|start| address.path.starts_with(start))
        // `/en/support/solutions/articles/17`
        || (address.path.contains("/articles/") && !is_below_api(address))
        || host.split('.').count() == 2 && address.path.len() < 2
}

pub(super) fn ending(address: &Address) -> String {
    let name = address.path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase())
        .unwrap_or_default()
}

pub(super) fn is_file(address: &Address) -> bool {
    [
        "js", "mjs", "css", "png", "jpg", "jpeg", "gif", "svg", "woff", "woff2", "ttf", "webp", "mp4", "mp3",
    ]
    .contains(&ending(address).as_str())
        || address.host.starts_with("fonts.")
        // Pictures of people that come without an ending.
        || address.path.starts_with("/avatar/")
}

/// Hosts that hold files for pages, and no pages: `images.example.net`.
fn is_store(address: &Address) -> bool {
    let first = address.host.split('.').next().unwrap_or_default();
    ["images", "image", "img", "cdn", "static", "assets", "media", "thumbs"].contains(&first)
}

pub(super) fn loaded(address: &Address) -> How {
    match ending(address).as_str() {
        "js" | "mjs" => How::Script,
        "png" | "jpg" | "jpeg" | "gif" | "svg" | "webp" => How::Image,
        _ if address.path.contains("embed") => How::Frame,
        _ => How::Resource,
    }
}
