//! Files without a grammar here, line by line: settings, environment, server configuration, styles, other languages.

mod code;
mod put_in;
mod records;
mod shell;

use std::collections::BTreeMap;

use averment_syntax::Surroundings;

pub(super) use self::put_in::is_format_of_settings;
use super::addresses::addresses;
use super::keys;
use super::look::{Look, Verdict, live};
use super::names::{Use, of_name};
use super::policy;
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

/// Longest line that is looked at, in bytes; longer ones are data.
const LINE_MAX: usize = 20_000;

/// Most mentions of one host in one file that is not live: lists of pictures say no more than their first rows.
const DEAD_MAX: usize = 3;

/// What a file of lines is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nature {
    /// Keys and values.
    Settings,
    /// A list of JSON: what was seen or what is to be shown, and rarely whom to tell.
    Records,
    /// A style sheet.
    Style,
    /// A program or template in a language that has no grammar here.
    Code,
}

fn nature_of(path: &str, text: &str) -> Nature {
    let lower = path.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending));
    if ends(&[".css", ".scss", ".sass", ".less", ".styl"]) {
        Nature::Style
    } else if ends(&[
        ".cs",
        ".swift",
        ".scala",
        ".ex",
        ".exs",
        ".coffee",
        ".dart",
        ".c",
        ".cpp",
        ".cc",
        ".h",
        ".m",
        ".clj",
        ".pl",
        ".lua",
        ".sh",
        ".bash",
        ".r",
        ".jl",
        ".groovy",
        ".ps1",
        ".md",
        ".markdown",
        ".apib",
        ".rst",
        ".adoc",
    ]) {
        Nature::Code
    } else if ends(&[".json"]) && text.trim_start().starts_with('[') {
        Nature::Records
    } else {
        Nature::Settings
    }
}

/// Adds what the lines show.
pub(super) fn read(look: &mut Look<'_>) {
    // What Firebase's console writes beside names the keys of all its products; the file itself says that it is set up.
    if look.path.ends_with("google-services.json") {
        return;
    }
    let nature = nature_of(look.path, look.text);
    let written_as_settings = is_format_of_settings(look.path);
    let of_a_build = nature == Nature::Settings && is_of_a_build(look.path);
    let mut at = 0;
    let text = look.text;
    let script = super::commands::is_script(look.path);
    let mut above = String::new();
    let dead = super::apps::Dead::of(look.path, text);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.len() > LINE_MAX || line.trim().is_empty() {
            continue;
        }
        let surroundings = if is_comment(line.trim_start(), nature) || (of_a_build && is_made_up(line)) {
            Surroundings::Comment
        } else if dead.has(start) {
            Surroundings::Unreachable
        } else {
            Surroundings::Live
        };
        if matches!(nature, Nature::Settings | Nature::Records) {
            key(look, line, start, surroundings);
            if written_as_settings {
                put_in::read(look, line, start, surroundings);
            }
        } else {
            keys_anywhere(look, line, start, surroundings);
        }
        if script {
            super::commands::read(look, line, start, surroundings);
        }
        if policy::is_policy(line) {
            policy::read(look, line, start, surroundings);
        } else {
            hosts(look, line, start, surroundings, nature, &above);
        }
        shell::go_on(&mut above, line, script);
    }
}

/// Files that say how a program is built and tried: `.github/workflows/ci.yml`, `docker-compose.yml`.
fn is_of_a_build(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folders = [".github/workflows/", ".circleci/", ".buildkite/"];
    let names = [
        ".gitlab-ci",
        ".travis",
        "docker-compose",
        "compose.",
        "azure-pipelines",
        "bitbucket-pipelines",
    ];
    folders.iter().any(|folder| path.contains(folder)) || names.iter().any(|start| name.starts_with(start))
}

/// Whether the value of a setting says itself that nobody takes it: `MAILGUN_KEY: fake_mailgun_key`.
fn is_made_up(line: &str) -> bool {
    let words = ["fake", "dummy", "bogus", "mock"];
    let whole = ["0", "1", "true", "false", "x", "xx", "xxx", "test", "none", "null"];
    let value = key_of(line)
        .map(|(_, value)| value.to_ascii_lowercase())
        .unwrap_or_default();
    let bare = value
        .split(" #")
        .next()
        .unwrap_or(&value)
        .trim_matches(['"', '\'', ' ']);
    if whole.contains(&bare) {
        return true;
    }
    value
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .any(|word| words.contains(&word))
}

fn is_comment(line: &str, nature: Nature) -> bool {
    match nature {
        Nature::Style => ["/*", "*", "//"].iter().any(|mark| line.starts_with(mark)),
        Nature::Settings | Nature::Records => ["#", ";", "//", "<!--", "--"].iter().any(|mark| line.starts_with(mark)),
        Nature::Code => {
            ["#", "//", "/*", "*", "--", ";;", "/ "]
                .iter()
                .any(|mark| line.starts_with(mark))
                && !line.starts_with("#{")
        }
    }
}

/// Key and value of `KEY=value`, `key: value`, `"key": "value"`, `export KEY=value`.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim().trim_start_matches("export ").trim_start_matches("- ");
    let line = line.trim_start_matches(['#', ';', ' ']);
    let end = line.find(['=', ':'])?;
    let (name, value) = line.split_at(end);
    let name = name.trim().trim_matches(['"', '\'', '$']);
    let plain = name
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || "_.-".contains(character));
    (plain && !name.is_empty() && name.len() < 100).then(|| (name, value.get(1..).unwrap_or_default().trim()))
}

fn key(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    let Some((name, value)) = key_of(line) else { return };
    let last = name.rsplit('.').next().unwrap_or(name);
    let at = start + line.find(name).unwrap_or(0);
    if name == "service" && look.path.ends_with("config/storage.yml") && surroundings == Surroundings::Live {
        let party = super::set_up::called(look, value.trim_matches(['"', '\'']));
        let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
        look.known(party.as_slice(), "service", at, verdict);
    }
    let _ = keys::add(look, name, at, surroundings, Confidence::Certain)
        || (last != name && keys::add(look, last, at, surroundings, Confidence::Certain));
}

/// Keys of the catalog as words of a line: `$MAILGUN_API_KEY` in a script.
fn keys_anywhere(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    let mut at = 0;
    let prose = is_prose(line);
    let shell = code::is_shell(look.path);
    for word in line.split_inclusive(|character: char| !(character.is_ascii_alphanumeric() || character == '_')) {
        let name = word.trim_end_matches(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
        let front = line.get(..at).unwrap_or_default();
        // In a shell what is written small is a name of the script's own, and in a sentence only what `$` puts in is a key.
        let own = shell && name.bytes().any(|byte| byte.is_ascii_lowercase());
        let told = prose && !front.ends_with(['$', '{']);
        if name.len() > 6 && name.contains('_') && !own && !told && !is_variable(name, front) {
            keys::add(look, name, start + at, surroundings, Confidence::Certain);
        }
        at += word.len();
    }
}

/// Whether a word in small letters is a name of the program's own, as a function's parameter is: nothing in front of it says that
/// it is asked for. `front`: what stands before it in its line.
fn is_variable(name: &str, front: &str) -> bool {
    let loud = name.bytes().any(|byte| byte.is_ascii_uppercase());
    !loud && !front.ends_with(['.', ':', '"', '\'', '[', '$', '@', '{', '%'])
}

/// `above`: what the command of the line begins with, where it goes on over several.
fn hosts(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings, nature: Nature, above: &str) {
    let script = super::commands::is_script(look.path);
    let named = key_of(line).map(|(name, _)| of_name(name));
    let named = name_in_tag(line).map(of_name).or(named);
    let found = addresses(line);
    for one in &found {
        let verdict = match nature {
            _ if surroundings == Surroundings::Comment => Some((Tier::Dead, How::Host, Confidence::Certain)),
            Nature::Style => style(line, one.at),
            _ if is_schema(&one.address) => None,
            Nature::Settings | Nature::Code if script && shell::is_text(line, one.at) => {
                Some((Tier::Linked, How::Link, Confidence::Likely))
            }
            Nature::Settings if shell::is_loaded(look.path, line, &one.address) => {
                Some((Tier::Embedded, How::Resource, Confidence::Likely))
            }
            Nature::Settings if behind_comment(line, one.at) => Some((Tier::Dead, How::Host, Confidence::Certain)),
            Nature::Settings if is_namespace(look.path, line) => None,
            Nature::Settings if one.odd_port && look.tables.of_address(&one.address).is_empty() => {
                Some((Tier::Linked, How::Link, Confidence::Possible))
            }
            Nature::Records => Some(records::record(look, line, one.at)),
            Nature::Settings => setting(look, &one.address, named.flatten(), line, above),
            Nature::Code => code::verdict(look, &one.address, line, one.at, above),
        };
        if let Some((tier, how, confidence)) = verdict {
            look.address(
                &one.address,
                start + one.at,
                (live(surroundings, tier), how, confidence),
            );
        }
    }
    match (nature, key_of(line)) {
        (Nature::Records, _) => records::bare_records(look, line, start, surroundings),
        (Nature::Settings, Some((_, value))) if found.is_empty() => {
            let at = start + line.find(value).unwrap_or(0);
            let verdict = (Tier::Configured, How::Host, Confidence::Likely);
            bare(look, at, value, (live(surroundings, verdict.0), verdict.1, verdict.2));
        }
        _ => {}
    }
}

/// `link_chat` of `<string name="link_chat">https://…`, as programs for Android keep their texts.
fn name_in_tag(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("<string name=\"")?;
    rest.split_once('"').map(|(name, _)| name)
}

/// Whether a line of XML says in which language it is written.
fn is_namespace(path: &str, line: &str) -> bool {
    let xml = [
        ".xml", ".xsl", ".xslt", ".xsd", ".wsdl", ".pom", ".fxml", ".plist", ".csproj", ".config",
    ];
    xml.iter().any(|ending| path.ends_with(ending)) && (line.contains("xmlns") || line.contains(".xsd"))
}

/// Whether a comment begins before byte `at` of a line.
fn behind_comment(line: &str, at: usize) -> bool {
    let front = line.get(..at).unwrap_or_default();
    ["/*", " // ", " # "].iter().any(|mark| front.contains(mark))
}

/// In `url(…)` or `@import` only: long comments are not told apart line by line.
fn style(line: &str, at: usize) -> Option<Verdict> {
    let front = line.get(..at).unwrap_or_default().trim_end_matches(['"', '\'', ' ']);
    let loads = front.ends_with("url(") || front.ends_with("@import");
    loads.then_some((Tier::Embedded, How::Resource, Confidence::Certain))
}

/// A host of the catalog as the whole value of a setting: `address: smtp.sendgrid.net`. `at`: where the value stands.
fn bare(look: &mut Look<'_>, at: usize, value: &str, verdict: Verdict) {
    let marks = [' ', '"', '\'', ',', ';'];
    let at = at + value.len() - value.trim_start_matches(marks).len();
    let value = value.split(" #").next().unwrap_or(value).trim_matches(marks);
    if !value.contains('.') || value.contains([' ', '@', '(', '{']) || value.len() > 200 {
        return;
    }
    let Ok(address) = Address::parse(value) else { return };
    if look.tables.of_address(&address).is_empty() || (is_module(&address) && !look.path.ends_with(".tf")) {
        return;
    }
    look.address(&address, at, verdict);
}

/// `github.com/owner/name` without scheme: a module of Go or a repository by its name, which no setting has anybody ask.
fn is_module(address: &Address) -> bool {
    let keepers = ["github.com", "gitlab.com", "bitbucket.org", "golang.org", "gopkg.in"];
    address.scheme.is_empty() && keepers.contains(&address.host.as_str()) && address.path.len() > 1
}

fn setting(look: &Look<'_>, address: &Address, named: Option<Use>, line: &str, above: &str) -> Option<Verdict> {
    let calls = shell::fetches(line) || shell::fetches(above) || shell::is_put_in(look, line);
    match named {
        Some(Use::Nothing) => None,
        // Where the pages themselves are.
        _ if look.path.ends_with("robots.txt") => None,
        // What linked data calls something by.
        _ if ["\"@id\"", "\"@context\""].iter().any(|key| line.contains(key)) => None,
        _ if is_table_of_redirects(look.path) => Some((Tier::Linked, How::Link, Confidence::Likely)),
        Some(Use::Policy) => Some((Tier::Allowed, How::Policy, Confidence::Likely)),
        _ if line.contains("Access-Control-Allow-Origin") => None,
        _ if ["](http", "]: http", "<a href="].iter().any(|mark| line.contains(mark)) => {
            Some((Tier::Linked, How::Link, Confidence::Certain))
        }
        _ if line.contains("proxy_pass") => Some((Tier::Contacted, How::Host, Confidence::Certain)),
        _ if !calls && is_prose(line) => Some((Tier::Linked, How::Link, Confidence::Likely)),
        Some(Use::Link) => Some((Tier::Linked, How::Link, Confidence::Likely)),
        _ if !calls && (is_file_of_links(look.path) || is_read(address)) => {
            Some((Tier::Linked, How::Link, Confidence::Likely))
        }
        Some(Use::Request | Use::Load) => Some((Tier::Configured, How::Host, Confidence::Likely)),
        None if calls => Some((Tier::Configured, How::Host, Confidence::Likely)),
        None if super::texts::is_service(look, address) => Some((Tier::Configured, How::Host, Confidence::Possible)),
        None => Some((Tier::Linked, How::Link, Confidence::Possible)),
    }
}

/// What an editor checks files by: `"https://desk.example/schema.json": "desk.yml"`.
fn is_schema(address: &Address) -> bool {
    address.path.ends_with("schema.json")
}

/// `_redirects`: where people are sent on to.
fn is_table_of_redirects(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name).trim_start_matches('_');
    ["redirects", "redirections"].contains(&stem)
}

/// `external-links-config.json`: where people are led.
fn is_file_of_links(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    crate::words::split(stem).iter().any(|word| word == "links")
}

/// Whether people read what an address leads to: a page of HTML, an invitation.
fn is_read(address: &Address) -> bool {
    address.path.ends_with(".html") || address.path.starts_with("/invite/")
}

/// Whether a line holds a sentence: six words and more that are nothing but letters.
fn is_prose(line: &str) -> bool {
    let words = line
        .split_whitespace()
        .map(|word| word.trim_end_matches([',', '.', ';']));
    let plain = words.filter(|word| word.len() > 1 && word.chars().all(char::is_alphabetic));
    plain.take(6).count() == 6
}

/// What a file shows that is not live: hosts of the catalog, and its calls by their whole name.
pub(super) fn read_dead(look: &mut Look<'_>) {
    let text = look.text;
    let mut mentions: BTreeMap<String, usize> = BTreeMap::new();
    for found in addresses(text) {
        let count = mentions.entry(found.address.host.clone()).or_default();
        *count += 1;
        if *count <= DEAD_MAX {
            look.address(&found.address, found.at, (Tier::Dead, How::Host, Confidence::Certain));
        }
    }
    for (name, at) in super::needles::calls_in(text) {
        let parties = look.tables.names().look_up(Kind::Call, name);
        look.known(parties, name, at, (Tier::Dead, How::Call, Confidence::Likely));
    }
}
