//! Lines of programs and templates in languages without a grammar here: scripts of shells, C#, Swift, Elixir.

use super::{is_prose, key_of};
use crate::code::look::{Look, Verdict};
use crate::code::names::{Use, of_name};
use crate::identify::Address;
use crate::observation::{Confidence, How, Side, Tier};

/// Whether a file is a script of a shell.
pub(super) fn is_shell(path: &str) -> bool {
    [".sh", ".bash", ".ps1"].iter().any(|ending| path.ends_with(ending))
}

/// Calls that make a request, in small letters.
const REQUESTS: [&str; 13] = [
    "curl ",
    "wget ",
    "httpclient",
    "httppoison",
    "fetch(",
    "postasync",
    "getasync",
    "webrequest",
    "$.ajax",
    "$.post",
    "$.get",
    "alamofire",
    "urlsession",
];

/// What an address at byte `at` of a line says. `above`: what the command of the line begins with, where it goes on over several.
pub(super) fn verdict(look: &Look<'_>, address: &Address, line: &str, at: usize, above: &str) -> Option<Verdict> {
    let front = format!("{above}{}", line.get(..at).unwrap_or_default()).to_ascii_lowercase();
    if let Some(verdict) = in_markup(line, &front) {
        return Some(verdict);
    }
    if crate::code::apps::script(look.path).is_some() {
        return Some(crate::code::apps::verdict(look, address, line, at));
    }
    let requests = REQUESTS.iter().any(|word| front.contains(word));
    let known = !look.tables.of_address(address).is_empty();
    if is_shell(look.path) {
        return in_shell(line, &front, requests, known);
    }
    let here = if look.side == Some(Side::Browser) {
        Tier::Embedded
    } else {
        Tier::Contacted
    };
    Some(match requests {
        true => (here, How::Host, Confidence::Likely),
        false if known && address.host.starts_with("api.") => (here, How::Host, Confidence::Possible),
        false => (Tier::Linked, How::Link, Confidence::Possible),
    })
}

/// As the value of `src` or `href`. `front`: what stands before the address, in small letters.
fn in_markup(line: &str, front: &str) -> Option<Verdict> {
    let front = front.trim_end_matches(['"', '\'', '`', '(', ' ']);
    let markup = front.rsplit(['<', ' ', '(', ',']).next().unwrap_or(front);
    if markup.starts_with("src") || markup.ends_with("src=") || front.ends_with("src:") {
        let how = if front.contains("script") {
            How::Script
        } else if front.contains("iframe") {
            How::Frame
        } else if front.contains("img") {
            How::Image
        } else {
            How::Resource
        };
        return Some((Tier::Embedded, how, Confidence::Likely));
    }
    let loads = front.trim_start().starts_with("link") && line.contains("stylesheet");
    markup.starts_with("href").then_some(match loads {
        true => (Tier::Embedded, How::Resource, Confidence::Likely),
        false => (Tier::Linked, How::Link, Confidence::Likely),
    })
}

/// In a script of a shell. `requests`: behind a command that asks; `known`: the catalog has the host.
fn in_shell(line: &str, front: &str, requests: bool, known: bool) -> Option<Verdict> {
    // `ISSUE_PATTERN=https://…`: what something is compared with.
    if key_of(line).is_some_and(|(name, _)| of_name(name) == Some(Use::Nothing)) {
        return None;
    }
    // In brackets somebody is told where something comes from.
    let told = front.ends_with('(');
    let given = !told && ["=", "git ", "apt"].iter().any(|mark| front.contains(mark));
    // `echo "deb https://…" > /etc/apt/sources.list.d/desk.list`
    let listed = front.contains("deb http") || front.contains("deb [") || front.ends_with("deb ");
    let fetched = front.contains("helm repo add ") || front.contains("--keyserver ");
    let said = (front.contains("echo ") && !listed) || is_prose(line);
    let asked = (requests || listed || fetched || (known && given)) && !said;
    let tier = if asked { Tier::Configured } else { Tier::Linked };
    Some((tier, How::Host, Confidence::Possible))
}
