//! Addresses in texts of code: what the text is given to, what it is an argument of and what it looks like say how far they are
//! from a flow.

mod handed;
mod hosts;
mod led;
mod pieces;
mod shape;

use averment_syntax::{Language, Surroundings, Text};
pub(super) use hosts::is_service;
use hosts::{by_host, is_api, is_asked_for, is_file, is_of_a_setting, is_of_staff, loaded};
use led::leads_only;
use shape::is_issuer;
pub(super) use shape::is_of_tiles;

use super::addresses::Found;
use super::look::{Look, Verdict, live};
use super::names::{Use, of_call, of_name, of_other_name};
use super::policy;
use crate::identify::Address;
use crate::observation::{Confidence, How, Side, Tier};

/// Adds what a text shows. `sent`: what it is given to is handed to a call that makes a request.
pub(super) fn read(look: &mut Look<'_>, text: &Text, sent: bool) {
    let content = text.text.as_str();
    super::named::read(look, text);
    let named = match text.given_to.as_str() {
        "" => None,
        name if policy::is_lone(name, look.text) => of_other_name(name),
        name => of_name(name),
    };
    let called = (!text.argument_of.is_empty())
        .then(|| of_call(&text.argument_of))
        .flatten()
        .or((sent && !text.given_to.is_empty()).then_some(Use::Request));
    let called = called.or(is_of_options(look, text).then_some(Use::Request));
    let called = called.or_else(|| handed::attribute_set(look, text));
    if policy::is_policy(content) {
        return policy::read(look, content, text.span.start, text.surroundings);
    }
    // Who may embed the page is no part of what it may load.
    let of_ancestors = [&text.given_to, &text.argument_of]
        .iter()
        .any(|name| name.ends_with("ancestors"));
    let in_policy = policy::is_file_of_policy(look.path) && !of_ancestors;
    let is_named =
        called == Some(Use::Policy) || named == Some(Use::Policy) || policy::lets_pictures_in(look.path, text);
    let of_permissions = policy::is_of_permissions(text);
    if is_named || in_policy || of_permissions {
        let of_browsers = !is_named
            || of_permissions
            || [&text.given_to, &text.argument_of]
                .iter()
                .any(|name| policy::is_directive(name) || policy::is_setting_of_policy(name));
        // Whose mail is accepted, and not what is contacted.
        let name = look.path.rsplit('/').next().unwrap_or(look.path).to_ascii_lowercase();
        if !of_browsers && name.contains("mail") {
            return;
        }
        let side = if of_browsers { Some(Side::Browser) } else { look.side };
        if !of_browsers && is_route(look, text) {
            return;
        }
        let words = content.split([' ', ',', '\n', '\t']);
        let mut at = text.span.start;
        for word in words {
            if word.contains('.') {
                let source = word.trim_matches(['"', '\'', '(', ')']);
                policy::source(look, source, at.min(text.span.end), text.surroundings, side);
            }
            at += word.len() + 1;
        }
        return;
    }
    if is_compared(look, text) {
        return;
    }
    if let Some(address) = pieces::broken_off(look, text).filter(|_| look.side != Some(Side::Server)) {
        let verdict = (Tier::Embedded, How::Script, Confidence::Likely);
        look.address(&address, text.span.start, verdict);
        return;
    }
    let found = pieces::written(look, text);
    let mut places = Places::of(look.text, text);
    for one in &found {
        let verdict = verdict(look, one, text, named, called);
        let at = places.next(one);
        if let Some((tier, how, confidence)) = verdict {
            look.address(&one.address, at, (live(text.surroundings, tier), how, confidence));
        }
    }
    if found.is_empty() {
        bare_host(look, text, named, called);
    }
}

/// Whether a text is the name of a route, beside the methods that may be asked there: `("api.group", "PATCH")`.
fn is_route(look: &Look<'_>, text: &Text) -> bool {
    const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let rest = look.text.get(text.span.end..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let next = line.trim_start_matches(['"', '\'']).trim_start();
    let next = next.strip_prefix(',').unwrap_or_default().trim_start();
    METHODS.contains(
        &next
            .trim_start_matches(['"', '\''])
            .split(['"', '\''])
            .next()
            .unwrap_or_default(),
    )
}

/// Where addresses of a text stand in the file. Quotes, escapes and indentation make what was written longer than the text.
struct Places<'a> {
    written: &'a str,
    start: usize,
    /// How far `written` was read; none where it does not hold what the text does.
    from: Option<usize>,
}

impl<'a> Places<'a> {
    fn of(file: &'a str, text: &Text) -> Self {
        Self {
            written: file.get(text.span.clone()).unwrap_or_default(),
            start: text.span.start,
            from: Some(0),
        }
    }

    /// The place of the next address, in the order of the text.
    fn next(&mut self, found: &Found) -> usize {
        let (scheme, host) = (&found.address.scheme, found.address.host.trim_start_matches("*."));
        let rest = self.from.and_then(|from| self.written.get(from..)).unwrap_or_default();
        let Some(at) = memchr::memmem::find(rest.as_bytes(), host.as_bytes()) else {
            self.from = None;
            return self.start + found.at.min(self.written.len());
        };
        let at = at + self.from.unwrap_or_default();
        self.from = Some(at + host.len());
        let front = self.written.get(..at).unwrap_or_default();
        let before = front
            .strip_suffix("//")
            .map_or(front, |front| front.trim_end_matches(':'));
        let before = before.strip_suffix(scheme.as_str()).unwrap_or(before);
        self.start + before.len()
    }
}

/// Whether a text is the address among the options of a request: `{ method: 'POST', url: 'https://…' }`.
fn is_of_options(look: &Look<'_>, text: &Text) -> bool {
    const AROUND: usize = 120;
    if !["url", "uri", "baseURL"].contains(&text.given_to.as_str()) || !text.argument_of.is_empty() {
        return false;
    }
    let bytes = look.text.as_bytes();
    let from = text.span.start.saturating_sub(AROUND);
    let until = bytes.len().min(text.span.end + AROUND);
    let around = bytes.get(from..until).unwrap_or_default();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    let mut named = memchr::memmem::find_iter(around, "method");
    named.any(|at| {
        let rest = around.get(at + 6..(at + 16).min(around.len())).unwrap_or_default();
        let rest = String::from_utf8_lossy(rest).to_ascii_uppercase();
        let value = rest.trim_start_matches(['"', '\'', ':', '=', '>', ' ']);
        value.len() < rest.len() && methods.iter().any(|method| value.starts_with(method))
    })
}

/// Whether a text is one side of a comparison: what is asked of an address that came from elsewhere is no contact.
fn is_compared(look: &Look<'_>, text: &Text) -> bool {
    let front = look.text.get(..text.span.start).unwrap_or_default();
    let behind = look.text.get(text.span.end..).unwrap_or_default();
    let front = front.trim_end_matches(['"', '\'', '`', ' ']);
    let behind = behind.trim_start_matches(['"', '\'', '`', ' ']);
    ["==", "!=", "=~"].iter().any(|mark| front.ends_with(mark))
        || ["==", "!="].iter().any(|mark| behind.starts_with(mark))
}

/// A host without scheme: only where the catalog knows it, and the text is nothing else.
fn bare_host(look: &mut Look<'_>, text: &Text, named: Option<Use>, called: Option<Use>) {
    let content = text.text.trim();
    if content.len() > 200
        || !content.contains('.')
        || content.contains(char::is_whitespace)
        || content.contains(['@', '{', '(', '<'])
    {
        return;
    }
    let Ok(address) = Address::parse(content) else { return };
    if look.tables.of_address(&address).is_empty() || super::addresses::is_name(&address) {
        return;
    }
    let tier = match called.or(named) {
        // `registry/owner/image:tag`: whoever runs it asks the registry, and no page does.
        _ if called.is_none() && is_registry(&address.host) => Tier::Configured,
        Some(Use::Request) if called.is_none() && is_setting_of_php(look) => Tier::Configured,
        Some(Use::Request) => contact(look),
        Some(Use::Load) => Tier::Embedded,
        Some(Use::Nothing) => return,
        None if is_api(look, &address) && !text.given_to.is_empty() => contact(look),
        Some(Use::Link | Use::Policy) | None => Tier::Linked,
    };
    let confidence = if tier == Tier::Linked {
        Confidence::Possible
    } else {
        Confidence::Likely
    };
    look.address(
        &address,
        text.span.start,
        (live(text.surroundings, tier), How::Host, confidence),
    );
}

/// Hosts that keep images of containers.
fn is_registry(host: &str) -> bool {
    let hosts = [
        "ghcr.io",
        "docker.io",
        "quay.io",
        "gcr.io",
        "public.ecr.aws",
        "registry.gitlab.com",
        "mcr.microsoft.com",
        "registry.k8s.io",
    ];
    hosts.contains(&host) || host.ends_with(".gcr.io") || host.ends_with(".pkg.dev") || host.ends_with(".docker.io")
}

/// Where a request from this file is made.
pub(super) fn contact(look: &Look<'_>) -> Tier {
    if look.side == Some(Side::Browser) {
        Tier::Embedded
    } else {
        Tier::Contacted
    }
}

fn verdict(look: &Look<'_>, found: &Found, text: &Text, named: Option<Use>, called: Option<Use>) -> Option<Verdict> {
    if text.surroundings == Surroundings::Comment {
        return Some((Tier::Dead, How::Host, Confidence::Certain));
    }
    if handed::is_of_loader(look, text) && alone(&text.text, found) {
        return Some((Tier::Embedded, How::Script, Confidence::Certain));
    }
    if is_issuer(look, &text.given_to, &found.address) {
        return Some((Tier::Configured, How::Host, Confidence::Likely));
    }
    if named == Some(Use::Nothing) && called.is_none() {
        return None;
    }
    if let Some(tag) = inside_tag(&text.text, found.at) {
        return super::tags::of(tag.0, tag.1, &found.address);
    }
    if is_of_a_style(&text.text, found.at) {
        return Some((Tier::Embedded, How::Resource, Confidence::Certain));
    }
    if is_of_tiles(&text.text) {
        return Some((Tier::Embedded, How::Image, Confidence::Certain));
    }
    // A link of Markdown.
    if text.text.get(..found.at).is_some_and(|front| front.ends_with("](")) {
        return Some((Tier::Linked, How::Link, Confidence::Certain));
    }
    let prose = text.text.trim().contains(char::is_whitespace) && !alone(&text.text, found);
    match (called, named) {
        (Some(Use::Nothing), _) | (None, Some(Use::Nothing)) => None,
        (Some(Use::Request), _) => Some((contact(look), How::Host, Confidence::Certain)),
        (Some(Use::Load), _) => Some((Tier::Embedded, loaded(&found.address), Confidence::Certain)),
        (Some(Use::Link), _) => Some((Tier::Linked, How::Link, Confidence::Certain)),
        _ if prose => Some((Tier::Linked, How::Link, Confidence::Likely)),
        _ if found.odd_port && look.tables.of_address(&found.address).is_empty() => {
            Some((Tier::Linked, How::Link, Confidence::Possible))
        }
        // A script for Node fetches what it names.
        (_, Some(Use::Load)) if is_file(&found.address) && is_script_of_node(look) => {
            Some((Tier::Configured, How::Host, Confidence::Likely))
        }
        (_, Some(Use::Load)) if look.side != Some(Side::Server) || is_file(&found.address) => {
            Some((Tier::Embedded, loaded(&found.address), Confidence::Likely))
        }
        // What a migration writes into the database is somebody's setting there, and nobody is asked.
        _ if is_migration(look.path) => Some((Tier::Linked, How::Host, Confidence::Possible)),
        (_, named) => Some(by_name_and_host(look, found, text, named)),
    }
}

/// Where no call says anything: by the name that an address is given to, and what is done with that name.
fn by_name_and_host(look: &Look<'_>, found: &Found, text: &Text, named: Option<Use>) -> Verdict {
    if handed::becomes_link(look, text) && !handed::becomes_source(look, text) {
        return (Tier::Linked, How::Link, Confidence::Likely);
    }
    let verdict = match named {
        Some(Use::Request) if !is_of_staff(look, &found.address) => (contact(look), How::Host, Confidence::Likely),
        named => by_host(look, &found.address, named),
    };
    if verdict.0 == Tier::Linked {
        // A library's file, wherever it is listed, is for pages.
        if is_file(&found.address) && named != Some(Use::Link) && is_of_libraries(look, &found.address) {
            return (Tier::Embedded, loaded(&found.address), Confidence::Likely);
        }
        return by_use(look, found, text).unwrap_or(verdict);
    }
    if verdict.0 != contact(look) {
        return verdict;
    }
    if leads_only(look, text) {
        return (Tier::Linked, How::Link, Confidence::Likely);
    }
    // What Laravel takes where a key is missing is a setting.
    if is_setting_of_php(look) {
        return (Tier::Configured, How::Host, Confidence::Likely);
    }
    verdict
}

/// Whether a row of the catalog keeps libraries for pages at an address.
fn is_of_libraries(look: &Look<'_>, address: &Address) -> bool {
    let parties = look.tables.of_address(address);
    parties.iter().any(|party| party.kinds.iter().any(|kind| kind == "cdn"))
}

/// What nothing but the place where it is used says more of than that somebody may follow it.
fn by_use(look: &Look<'_>, found: &Found, text: &Text) -> Option<Verdict> {
    if handed::becomes_source(look, text) {
        return Some((Tier::Embedded, loaded(&found.address), Confidence::Likely));
    }
    if handed::is_source_of_policy(look, text) {
        return Some((Tier::Allowed, How::Policy, Confidence::Likely));
    }
    if handed::is_base_of_requests(look, text) && is_asked_for(&found.address) {
        return Some((contact(look), How::Host, Confidence::Possible));
    }
    let key = handed::default_of(look, text)?;
    is_of_a_setting(look, &found.address, key).then_some((Tier::Configured, How::Host, Confidence::Likely))
}

/// `config/queue.php`, `shared/config.default/mail.php`.
fn is_setting_of_php(look: &Look<'_>) -> bool {
    let mut folders = look.path.rsplit('/').skip(1);
    look.language == Language::Php
        && folders
            .next()
            .is_some_and(|folder| folder == "config" || folder.starts_with("config."))
}

/// A program for Node that reads and writes files, and renders no page.
fn is_script_of_node(look: &Look<'_>) -> bool {
    let script = matches!(look.language, Language::JavaScript | Language::TypeScript);
    let files = [
        "node:fs",
        "'fs'",
        "\"fs\"",
        "'fs/promises'",
        "\"fs/promises\"",
        "fs-extra",
    ];
    script && look.side == Some(Side::Server) && {
        let head = look
            .text
            .as_bytes()
            .get(..look.text.len().min(4000))
            .unwrap_or_default();
        files
            .iter()
            .any(|name| memchr::memmem::find(head, name.as_bytes()).is_some())
    }
}

/// `db/migrate/…`, `migrations/…`, `alembic/versions/…`.
fn is_migration(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| ["migrations", "migrate", "alembic"].contains(&folder))
}

/// Whether an address stands in `url(…)` or behind `@import` of a style.
fn is_of_a_style(text: &str, at: usize) -> bool {
    let front = text.get(..at).unwrap_or_default().trim_end_matches(['"', '\'', ' ']);
    let commented = front
        .rfind("/*")
        .is_some_and(|open| front.get(open..).is_some_and(|rest| !rest.contains("*/")));
    if commented {
        return false;
    }
    let declared = front.rsplit([';', '{', '}']).next().unwrap_or(front);
    (front.ends_with("url(") && (declared.contains(':') || declared.contains("@import"))) || front.ends_with("@import")
}

/// Whether an address is all there is beside what is put in at run time.
fn alone(text: &str, found: &Found) -> bool {
    let front = text.get(..found.at).unwrap_or_default().trim();
    let behind = text.get(found.end..).unwrap_or_default();
    front.is_empty() && !behind.contains(' ')
}

/// The tag and attribute that byte `at` of a text of HTML stands in.
fn inside_tag(text: &str, at: usize) -> Option<(&str, &str)> {
    let front = text.get(..at)?;
    let open = front.rfind('<')?;
    let tag = front.get(open + 1..)?;
    if tag.contains('>') || tag.len() > 2000 || !tag.starts_with(|first: char| first.is_ascii_alphabetic()) {
        return None;
    }
    let name = tag.split(|character: char| !character.is_ascii_alphanumeric()).next()?;
    let attribute = tag
        .trim_end_matches(['"', '\'', '\\', '=', ' '])
        .rsplit([' ', '\n', '\t'])
        .next()?;
    Some((name, attribute.split('=').next().unwrap_or(attribute)))
}
