//! What is done with an address by whom it is handed to, where the name of a call does not say so: functions called on the spot that
//! make an element, attributes that are set, names that become the source of an element.

use averment_syntax::{Language, Text};

use crate::code::judge::words_at;
use crate::code::look::Look;
use crate::code::names::{Use, of_name};
use crate::code::policy;

/// Longest function called on the spot that is looked through in front of what it is called with, in bytes.
const LOADER_MAX: usize = 4000;

/// Whether a text is given to a function that is called where it is written and puts an element into the page:
/// `(function (i, s, o, g, r) { … })(window, document, 'script', '//www.google-analytics.com/analytics.js', 'ga')`.
pub(super) fn is_of_loader(look: &Look<'_>, text: &Text) -> bool {
    let makes = ["createElement", "insertBefore", "appendChild"];
    let front = before(look, text.span.start, LOADER_MAX);
    let body = last_body(front);
    text.argument_of == "()"
        && makes
            .iter()
            .any(|word| memchr::memmem::find(body, word.as_bytes()).is_some())
}

/// What stands in the last braces of `front`; all of it where they do not begin there.
fn last_body(front: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b'}', front).map_or(front.len(), |at| at + 1);
    let body = front.get(..end).unwrap_or_default();
    let mut depth = 0_usize;
    for (at, byte) in body.iter().enumerate().rev() {
        match byte {
            b'}' => depth += 1,
            b'{' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth == 0 {
            return body.get(at..).unwrap_or_default();
        }
    }
    body
}

/// The use of an address that an attribute is set to: `script.setAttribute('src', 'https://…')`, `$('img').attr('src', …)`.
pub(super) fn attribute_set(look: &Look<'_>, text: &Text) -> Option<Use> {
    let (receiver, last) = text.argument_of.rsplit_once('.')?;
    if !["setAttribute", "attr", "prop"].contains(&last) {
        return None;
    }
    let front = before(look, text.span.start, 40);
    let front = std::str::from_utf8(front)
        .ok()?
        .trim_end_matches(['"', '\'', '`', ' ', '\n']);
    let name = front.strip_suffix(',')?.trim_end().trim_end_matches(['"', '\'', '`']);
    let name = name.rsplit(['"', '\'', '`']).next()?;
    let receiver = receiver.to_ascii_lowercase();
    let sheet = ["link", "css", "style"].iter().any(|word| receiver.contains(word));
    match name {
        "src" | "data" | "poster" | "srcset" => Some(Use::Load),
        "href" if sheet => Some(Use::Load),
        "href" => Some(Use::Link),
        _ => None,
    }
}

/// Longest file that is searched for a name, in bytes.
const TEXT_MAX: usize = 256 << 10;

/// How far behind a variable its use is looked for, in bytes: the same short name means something else further on.
const USE_MAX: usize = 2500;

/// Whether the variable that a text is given to becomes the source of an element below: `const url = `…`; script.src = url`.
pub(super) fn becomes_source(look: &Look<'_>, text: &Text) -> bool {
    let name = text.given_to.as_str();
    let code = [
        Language::Python,
        Language::Go,
        Language::Rust,
        Language::Java,
        Language::Kotlin,
    ];
    if code.contains(&look.language) || name.len() < 3 || name.contains('.') || !text.argument_of.is_empty() {
        return false;
    }
    let start = text.span.end;
    let mut end = look.text.len().min(start + USE_MAX);
    while !look.text.is_char_boundary(end) {
        end -= 1;
    }
    let behind = look.text.get(start..end).unwrap_or_default();
    words_at(behind, name).any(|at| {
        let front = behind.get(..at).unwrap_or_default().trim_end();
        let front = front
            .strip_suffix(['=', '{'])
            .map(|front| front.trim_end_matches(['=', ' ']));
        front.is_some_and(|front| front.ends_with(".src") || front.ends_with(" src"))
    })
}

/// Whether people click the variable or the member that a text is given to, below: `const slack = `…``, `href={slack ?? "#"}`.
pub(super) fn becomes_link(look: &Look<'_>, text: &Text) -> bool {
    let scripts = [Language::JavaScript, Language::TypeScript, Language::Tsx];
    let name = text.given_to.rsplit(['.', ':']).next().unwrap_or_default();
    if !scripts.contains(&look.language) || name.len() < 3 || !text.argument_of.is_empty() || look.text.len() > TEXT_MAX
    {
        return false;
    }
    let behind = look.text.get(text.span.end..).unwrap_or_default();
    words_at(behind, name).any(|at| {
        let front = behind.get(..at).unwrap_or_default();
        let front =
            front.trim_end_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_');
        front.ends_with("href={")
    })
}

/// Whether the name that a text is given to stands in the list of a directive of a policy: `connectSrc: ["'self'", DESK_URL]`.
pub(super) fn is_source_of_policy(look: &Look<'_>, text: &Text) -> bool {
    let name = text.given_to.rsplit(['.', ':']).next().unwrap_or_default();
    if name.len() < 4 || !text.argument_of.is_empty() || look.text.len() > TEXT_MAX {
        return false;
    }
    words_at(look.text, name).filter(|at| *at > text.span.end).any(|at| {
        let front = before(look, at, 600);
        let Some(open) = memchr::memrchr(b'[', front) else {
            return false;
        };
        let list = front.get(open..).unwrap_or_default();
        if memchr::memchr2(b']', b';', list).is_some() {
            return false;
        }
        let head = String::from_utf8_lossy(front.get(..open).unwrap_or_default());
        let head = head.trim_end_matches([' ', ':', '=', '"', '\'', '>']);
        let key = head.rsplit(|letter: char| !(letter.is_alphanumeric() || "_-".contains(letter)));
        key.into_iter().next().is_some_and(policy::is_directive)
    })
}

/// Whether a constant is put in front of paths in a file that makes requests: `PLACE = "https://…"`, `"#{PLACE}/token"`.
pub(super) fn is_base_of_requests(look: &Look<'_>, text: &Text) -> bool {
    let requests: &[&str] = match look.language {
        Language::Ruby => &[
            "Faraday",
            "HTTParty",
            "Net::HTTP",
            "RestClient",
            "Typhoeus",
            "Excon",
            "HTTP.",
        ],
        Language::Python => &["requests.", "httpx.", "urlopen(", "aiohttp"],
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            &["fetch(", "axios", "got(", "$.ajax", "superagent"]
        }
        Language::Php => &["Http::", "curl_init", "Guzzle"],
        _ => return false,
    };
    let name = text.given_to.rsplit(['.', ':']).next().unwrap_or_default();
    let capitals = name
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if name.len() < 4
        || !capitals
        || !text.argument_of.is_empty()
        || look.text.len() > TEXT_MAX
        || of_name(name).is_some()
    {
        return false;
    }
    let behind = look.text.get(text.span.end..).unwrap_or_default();
    let joined = words_at(behind, name).any(|at| {
        let front = behind.get(..at).unwrap_or_default();
        let rest = behind.get(at + name.len()..).unwrap_or_default();
        front.ends_with(['{', '.', ':']) && rest.starts_with("}/") || rest.trim_start().starts_with("+ ")
    });
    joined && requests.iter().any(|word| look.text.contains(word))
}

/// The key of the setting that a text stands for where nobody has set it: `env.get("DESK_URL", "https://…")`,
/// `process.env.DESK_URL || "https://…"`, `set("desk_url", default="https://…")`.
pub(super) fn default_of<'a>(look: &Look<'a>, text: &Text) -> Option<&'a str> {
    let from = text.span.start.saturating_sub(160);
    let from = (from..=text.span.start).find(|at| look.text.is_char_boundary(*at))?;
    let front = look.text.get(from..text.span.start)?;
    let front = front.trim_end_matches(['"', '\'', '`', 'f', 'r', 'b']).trim_end();
    let key = match text.argument_of.is_empty() {
        false => {
            let marks = ["default=", "default:", "default =", "default_value="];
            let front = marks.iter().find_map(|mark| front.strip_suffix(mark)).unwrap_or(front);
            let front = front.trim_end().strip_suffix(',')?.trim_end();
            let quote = front.chars().next_back().filter(|quote| ['"', '\''].contains(quote))?;
            let key = front.strip_suffix(quote)?.rsplit(quote).next()?;
            let settings = ["env", "config", "settings", "setting"];
            let asked = text.argument_of.to_ascii_lowercase();
            let of_settings = settings.iter().any(|word| asked.contains(word));
            let capitals = key.contains('_') && key.bytes().all(|byte| !byte.is_ascii_lowercase());
            key.get(..).filter(|_| of_settings || capitals)?
        }
        true => {
            let front = ["||", "??", " or"].iter().find_map(|mark| front.strip_suffix(mark))?;
            let read = front.trim_end().rsplit([' ', '=', ';', '\n']).next()?;
            let lower = read.to_ascii_lowercase();
            let asks = ["env.", "env[", "environ", "config.", "settings.", "env("];
            asks.iter().any(|word| lower.contains(word)).then_some(())?;
            let read = read.trim_end_matches(['"', '\'', ')', ']']);
            read.rsplit(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
                .next()?
        }
    };
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
    (key.len() > 2 && key.len() < 80 && key.chars().all(plain) && !is_one_s_own(key)).then_some(key)
}

/// `SITE_URL`, `PUBLIC_HOST`: where the program itself is. Where people are led is no setting of a flow either.
fn is_one_s_own(key: &str) -> bool {
    let words = crate::words::split(key);
    let own = [
        "site", "base", "root", "app", "frontend", "public", "self", "origin", "client", "cors", "domain", "home",
    ];
    let leads = matches!(of_name(key), Some(Use::Link | Use::Nothing | Use::Policy));
    leads || words.iter().any(|word| own.contains(&word.as_str()))
}

fn before<'a>(look: &Look<'a>, at: usize, most: usize) -> &'a [u8] {
    let front = look.text.as_bytes().get(..at).unwrap_or_default();
    front.get(front.len().saturating_sub(most)..).unwrap_or_default()
}
