//! Tags of pages and templates: what a browser loads, where a form goes, what is only linked to.

use averment_syntax::{Surroundings, Tag, Text};

use super::addresses::{Found, addresses};
use super::look::{Look, Verdict, live};
use super::policy;
use crate::identify::Address;
use crate::observation::{Confidence, How, Tier};

/// Adds what a tag shows.
pub(super) fn read(look: &mut Look<'_>, tag: &Tag) {
    let rel = attribute(tag, "rel").unwrap_or_default();
    let http_equiv = attribute(tag, "http-equiv").unwrap_or_default();
    for (name, value) in &tag.attributes {
        if http_equiv.eq_ignore_ascii_case("content-security-policy") && name == "content" {
            policy::read(look, value, tag.span.start, tag.surroundings);
            continue;
        }
        for found in written(value) {
            let tiles = super::texts::is_of_tiles(value);
            let verdict = match tiles {
                true => Some((Tier::Embedded, How::Image, Confidence::Certain)),
                false => of_tag(&tag.name, name, rel, &found.address),
            };
            let Some((tier, how, confidence)) = verdict else {
                continue;
            };
            let at = place(look, tag, value);
            look.address(&found.address, at, (live(tag.surroundings, tier), how, confidence));
        }
    }
}

/// Adds what a text of code shows of which an attribute is made: `src="<%= wide ? "https://…" : "…" %>"`. What the attribute itself says is
/// not told twice.
pub(super) fn put_in(look: &mut Look<'_>, tag: &Tag, text: &Text) {
    let front = look.text.get(tag.span.start..text.span.start).unwrap_or_default();
    let Some(name) = last_attribute(front).filter(|name| !name.starts_with("on")) else {
        return;
    };
    let rel = attribute(tag, "rel").unwrap_or_default();
    for found in written(&text.text) {
        let told = |(_, value): &(String, String)| value.contains(&found.address.host);
        if tag.attributes.iter().any(told) {
            continue;
        }
        if let Some((tier, how, confidence)) = of_tag(&tag.name, &name, rel, &found.address) {
            look.address(
                &found.address,
                text.span.start,
                (live(text.surroundings, tier), how, confidence),
            );
        }
    }
}

/// The name of the attribute that is still open at the end of `front`.
fn last_attribute(front: &str) -> Option<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "-:_".contains(letter);
    let opens = |at: usize| {
        front
            .get(at + 1..)
            .is_some_and(|rest| rest.starts_with(['"', '\'', '{']))
    };
    let ends = front.rmatch_indices('=').map(|(at, _)| at).filter(|at| opens(*at));
    let mut names = ends.map(|at| {
        let name = front.get(..at).unwrap_or_default();
        name.rsplit(|letter: char| !is_name(letter)).next().unwrap_or_default()
    });
    let found = names.find(|name| !name.is_empty())?;
    Some(found.trim_start_matches([':', '@']).to_ascii_lowercase())
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attributes
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Addresses of an attribute; `//host/path` at its front as well.
fn written(value: &str) -> Vec<Found> {
    let value = value.trim();
    if value.starts_with("//") {
        let parsed = Address::parse(value.split_whitespace().next().unwrap_or(value));
        let parsed = parsed.ok().filter(|address| !super::addresses::is_name(address));
        return parsed
            .map(|address| Found {
                address,
                at: 0,
                end: value.len(),
                odd_port: false,
            })
            .into_iter()
            .collect();
    }
    addresses(value)
}

/// Where the value stands in the file, or the tag where it cannot be told.
fn place(look: &Look<'_>, tag: &Tag, value: &str) -> usize {
    let within = look.text.get(tag.span.clone()).unwrap_or_default();
    let front = value.split("{}").next().unwrap_or(value);
    within
        .find(front)
        .filter(|_| !front.is_empty())
        .map_or(tag.span.start, |at| tag.span.start + at)
}

fn of_tag(tag: &str, attribute: &str, rel: &str, address: &Address) -> Option<Verdict> {
    if tag == "link" && attribute == "href" {
        let loaded = [
            "stylesheet",
            "preload",
            "preconnect",
            "dns-prefetch",
            "icon",
            "prefetch",
            "modulepreload",
            "apple-touch-icon",
            "manifest",
            "mask-icon",
        ];
        let is_loaded = rel.is_empty()
            || rel
                .split_whitespace()
                .any(|word| loaded.contains(&word.to_ascii_lowercase().as_str()));
        let embedded = (Tier::Embedded, How::Resource, Confidence::Certain);
        return Some(if is_loaded {
            embedded
        } else {
            (Tier::Linked, How::Link, Confidence::Certain)
        });
    }
    of(tag, attribute, address)
}

/// How far from a flow an address in an attribute of a tag is.
pub(super) fn of(tag: &str, attribute: &str, address: &Address) -> Option<Verdict> {
    // Components of routers: somebody clicks.
    if ["Link", "NavLink", "RouterLink"].contains(&tag) {
        return Some((Tier::Linked, How::Link, Confidence::Certain));
    }
    let tag = tag.to_ascii_lowercase();
    let attribute = attribute.to_ascii_lowercase();
    if attribute.starts_with("xmlns")
        || [
            "itemtype",
            "vocab",
            "prefix",
            "typeof",
            "property",
            "profile",
            "alt",
            "title",
            "placeholder",
            "value",
            "aria-label",
            "pattern",
        ]
        .contains(&attribute.as_str())
    {
        return None;
    }
    let (tier, how) = match (tag.as_str(), attribute.as_str()) {
        ("a" | "area" | "link_to" | "mail_to" | "button_to" | "base", _) => (Tier::Linked, How::Link),
        ("script" | "javascript_include_tag", "src" | "data-src" | "href" | "") => (Tier::Embedded, How::Script),
        ("iframe" | "frame" | "embed" | "object", "src" | "data" | "data-src" | "srcdoc") => {
            (Tier::Embedded, How::Frame)
        }
        (
            "img" | "image" | "image_tag" | "picture" | "amp-img",
            "src" | "srcset" | "data-src" | "href" | "data-srcset" | "",
        ) => (Tier::Embedded, How::Image),
        ("video" | "audio" | "source" | "track" | "input", "src" | "srcset" | "poster") => {
            (Tier::Embedded, How::Resource)
        }
        ("stylesheet_link_tag" | "link" | "preload_link_tag", _) => (Tier::Embedded, How::Resource),
        ("form" | "form_tag" | "form_with" | "form_for" | "button", "action" | "formaction" | "url" | "") => {
            (Tier::Embedded, How::Form)
        }
        ("meta", _) => return None,
        (_, "style") => (Tier::Embedded, How::Resource),
        (_, "href" | "to" | "cite" | "content" | "data-href" | "data-url" | "url" | "link" | "longdesc") => {
            (Tier::Linked, How::Link)
        }
        (_, "src") if address.path.ends_with(".js") => (Tier::Embedded, How::Script),
        (_, "src" | "poster" | "background" | "image" | "imageurl") => (Tier::Embedded, How::Resource),
        _ => (Tier::Linked, How::Link),
    };
    Some((
        tier,
        how,
        if tier == Tier::Embedded {
            Confidence::Certain
        } else {
            Confidence::Likely
        },
    ))
}

/// Whether a tag is a component of that name that runs.
pub(super) fn is_component(tag: &Tag, name: &str) -> bool {
    tag.surroundings == Surroundings::Live && tag.name.split('.').next() == Some(name)
}
