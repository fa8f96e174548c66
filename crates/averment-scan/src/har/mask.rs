//! Addresses, names and words of recordings as they may stand in a report: no query values, no user information, no segment
//! that may stand for somebody, nothing that a terminal acts on.

use std::net::IpAddr;

use crate::identify::Address;

/// Longest address, name or word in a report, in bytes.
const SHOWN_MAX: usize = 200;
/// Parameters of one query that are named.
const NAMES_MAX: usize = 12;
/// A segment behind one of these is somebody's or something of somebody's.
const PEOPLE: [&str; 24] = [
    "account",
    "accounts",
    "children",
    "class",
    "classes",
    "classroom",
    "group",
    "groups",
    "member",
    "members",
    "people",
    "person",
    "profile",
    "profiles",
    "section",
    "sections",
    "student",
    "students",
    "teacher",
    "teachers",
    "u",
    "user",
    "users",
    "invite",
];

/// An address on the web, taken apart.
#[derive(Clone)]
pub(crate) struct Target<'a> {
    /// Scheme, host and path as sent.
    pub(crate) address: Address,
    /// From the first `/` or `?` on, without fragment, as sent: holds values.
    pub(crate) target: &'a str,
}

/// A page as reports show it.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) host: String,
    /// Scheme, host and masked path.
    pub(crate) shown: String,
}

impl Page {
    pub(crate) fn of(address: &Address) -> Self {
        Self {
            host: address.host.clone(),
            shown: page(address),
        }
    }
}

/// Takes an address on the web apart; none for `data:`, `blob:`, extensions and what has no readable host. Other than
/// [`Address::parse`] it also takes hosts without a public suffix, which a browser can contact as well.
pub(crate) fn target(url: &str) -> Option<Target<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https" | "ws" | "wss") {
        return None;
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host_of(host)?;
    let path = target.split('?').next().unwrap_or_default().to_owned();
    let target = if target.is_empty() { "/" } else { target };
    let address = Address { scheme, host, path };
    Some(Target { address, target })
}

/// Without port and brackets, lower case; none for what no host is.
fn host_of(text: &str) -> Option<String> {
    let bare = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => text.split_once(':').map_or(text, |(host, _)| host),
    };
    let host = bare.trim_end_matches('.').to_ascii_lowercase();
    let is_host = host.parse::<IpAddr>().is_ok()
        || (!host.is_empty()
            && host.len() <= 253
            && host.split('.').all(|label| !label.is_empty() && label.len() <= 63)
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
    is_host.then_some(host)
}

/// Whether `host` is of the machine or the network that the browser ran in: no third party on the internet.
pub(crate) fn is_local(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified(),
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback() || ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local()
        }
        Err(_) => !host.contains('.') || host.ends_with(".localhost") || host.ends_with(".local"),
    }
}

/// Host and masked path of an address.
pub(crate) fn shown(address: &Address) -> String {
    short(format!("{}{}", address.host, path(&address.path)))
}

/// A page's address for a person to go to: scheme, host, masked path.
pub(crate) fn page(address: &Address) -> String {
    let path = if address.path.is_empty() {
        "/".to_owned()
    } else {
        path(&address.path)
    };
    short(format!("{}://{}{path}", address.scheme, address.host))
}

/// A path whose segments that may stand for somebody are `*`.
pub(crate) fn path(path: &str) -> String {
    let mut behind_people = false;
    let mut out = String::new();
    for segment in path.split('/').skip(1).take(20) {
        out.push('/');
        out.push_str(if is_plain(segment) && !behind_people {
            segment
        } else {
            "*"
        });
        if segment.is_empty() {
            out.truncate(out.trim_end_matches('*').len());
        }
        behind_people = PEOPLE.contains(&segment.to_ascii_lowercase().as_str());
    }
    out
}

/// Words of routes that are joined like a name.
const ROUTES: [&str; 12] = [
    "forgot-password",
    "log-in",
    "log-out",
    "my-account",
    "privacy-policy",
    "reset-password",
    "sign-in",
    "sign-out",
    "sign-up",
    "sign_in",
    "sign_up",
    "terms-of-service",
];

/// `ada-lovelace`, `maya.lindqvist`: words joined as names are in addresses. A route may look the same and is masked with them.
fn is_shaped_like_a_name(segment: &str) -> bool {
    let words: Vec<&str> = segment.split(['-', '_', '.']).collect();
    let is_word = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    (2..=4).contains(&words.len()) && words.iter().all(is_word) && !ROUTES.contains(&segment) && !is_file(segment)
}

/// A word of a program: letters, few digits, no address of mail, no long token, no name.
fn is_plain(segment: &str) -> bool {
    if is_shaped_like_a_name(segment) {
        return false;
    }
    let digits = segment.bytes().filter(u8::is_ascii_digit).count();
    let letters = segment.bytes().filter(u8::is_ascii_alphabetic).count();
    let allowed = segment
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    // A version (`v2`, `6.1.0`), a file (`gtag-4.js`) and a word may stay; a number alone, a key and a digest may not.
    let version = digits <= 4 && segment.contains('.') && letters == 0;
    allowed && segment.len() <= 40 && (digits == 0 || version || (digits <= 3 && letters > 0) || is_dated_file(segment))
}

/// `player-2024.js`: a file of a program whose name has more digits.
fn is_dated_file(segment: &str) -> bool {
    segment.len() <= 24 && is_file(segment)
}

/// A file that belongs to a program and not to a person.
fn is_file(segment: &str) -> bool {
    let known = [
        ".js", ".mjs", ".css", ".png", ".svg", ".gif", ".woff2", ".woff", ".json", ".html",
    ];
    known.iter().any(|ending| segment.ends_with(ending))
}

/// The names of the parameters of `target`, in their order, each once; `*` for one that may be a value itself.
pub(crate) fn names(target: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let query = target.split_once('?').map_or("", |(_, query)| query);
    for pair in query.split('&').take(1000).filter(|pair| !pair.is_empty()) {
        let name = pair.split_once('=').map(|(name, _)| name).filter(|name| is_name(name));
        let name = name.unwrap_or("*");
        if names.len() < NAMES_MAX && !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn is_name(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    !name.is_empty()
        && name.len() <= 32
        && digits <= 2
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.[]".contains(&byte))
}

/// The name of a cookie without what may be a key in it: `_ga_*` for `_ga_ABCDEF1234`.
pub(crate) fn cookie(name: &str) -> String {
    let plain = name.len() <= 40
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || b"-_.".contains(&byte));
    if plain && !name.is_empty() {
        return name.to_owned();
    }
    let end = name
        .find(|c: char| !(c.is_ascii_alphabetic() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(name.len());
    let head = &name[..end.min(24)];
    let head = head.rfind(['_', '-', '.']).map_or("", |at| &head[..=at]);
    format!("{head}*")
}

/// Text of a program's own making, made safe for a line of a report.
pub(crate) fn plain_words(text: &str) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .collect();
    short(plain)
}

fn short(mut text: String) -> String {
    if text.len() > SHOWN_MAX {
        text.truncate(text.floor_char_boundary(SHOWN_MAX - 1));
        text.push('*');
    }
    text
}
