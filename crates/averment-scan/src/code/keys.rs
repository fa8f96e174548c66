//! Keys of the environment and of settings in code: those that are read, those that a schema of settings describes
//! (`stripeSecretKey: z.string()`), and those that a module of settings gives a value (`STRIPE_SECRET_KEY = None`).
//!
//! A key that only begins with a third party's name is found as possible, and counts where something else shows the same one
//! (`is_weak`).

use averment_syntax::{Facts, Language, Surroundings, Text};

use super::finding::Finding;
use super::look::{Look, live};
use super::set_up::called;
use super::settings::is_format_of_settings;
use crate::identify::Kind;
use crate::observation::{Confidence, How, Party, Tier};

/// Whether a finding counts only beside others of the same third party.
pub(super) fn is_weak(finding: &Finding) -> bool {
    finding.how == How::Environment && finding.confidence == Confidence::Possible
}

/// Adds whose `key` is, at byte `at`; gives whether it is anybody's.
pub(super) fn add(look: &mut Look<'_>, key: &str, at: usize, surroundings: Surroundings, sure: Confidence) -> bool {
    if is_of_records(look, key) {
        return false;
    }
    let names = look.tables.names();
    let strong = names.look_up(Kind::EnvironmentKey, key);
    // A column of a table, in a file of another kind, is called so as well: `stripe_customer_id`.
    let other = matches!(look.language, Language::Plain | Language::Yaml) && !is_format_of_settings(look.path);
    let small = key.bytes().any(|byte| byte.is_ascii_lowercase());
    if other && small && !key.contains(['_', '.', '-']) {
        return false;
    }
    let column = other && small && !look.path.ends_with(".slim");
    let (parties, confidence) = match (strong.is_empty() && !column, surroundings) {
        (true, Surroundings::Live) if !look.path.ends_with(".json") => {
            (names.look_up_weak_key(key), Confidence::Possible)
        }
        _ => (strong, sure),
    };
    let tier = live(surroundings, Tier::Configured);
    let verdict = (tier, How::Environment, confidence);
    look.known(parties, key, at, verdict).is_some()
}

/// Whether a file of data holds the key more than once: a column of its records, `"slackId"` of everybody in a list.
fn is_of_records(look: &Look<'_>, key: &str) -> bool {
    let written = format!("\"{key}\"");
    let mut places = memchr::memmem::find_iter(look.text.as_bytes(), written.as_bytes());
    look.path.ends_with(".json") && places.nth(1).is_some()
}

/// Adds the keys of a file of code.
pub(super) fn read(look: &mut Look<'_>, facts: &Facts) {
    for key in &facts.keys {
        add(look, &key.name, key.span.start, key.surroundings, Confidence::Certain);
    }
    asked_for(look, facts);
    match look.language {
        Language::Python if is_module_of_settings(look.path) => given(look, facts),
        Language::Ruby if look.path.contains("config/") => chosen(look),
        Language::JavaScript | Language::TypeScript | Language::Tsx => described(look),
        _ => {}
    }
}

/// Keys that a function of the program's own is asked for: `get_string("REDISCLOUD_URL")`, `Configuration.get('SENTRY_DSN')`. The whole text
/// is the key, in capital letters.
fn asked_for(look: &mut Look<'_>, facts: &Facts) {
    let told = |text: &Text| {
        let after = facts.keys.partition_point(|key| key.span.start < text.span.end);
        let key = after.checked_sub(1).and_then(|at| facts.keys.get(at));
        key.is_some_and(|key| key.name == text.text && text.span.start < key.span.end)
    };
    let asked = facts.texts.iter().filter(|text| {
        !text.argument_of.is_empty()
            && text.surroundings == Surroundings::Live
            && text.text.len() > 6
            && text.text.contains('_')
            && is_loud(&text.text)
            && !told(text)
    });
    for text in asked {
        add(
            look,
            &text.text,
            text.span.start,
            Surroundings::Live,
            Confidence::Likely,
        );
    }
}

/// `STRIPE_SECRET_KEY`.
fn is_loud(name: &str) -> bool {
    let mut letters = name.bytes();
    letters.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `settings.py`, `settings/base.py`, `local_settings.py`.
fn is_module_of_settings(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let stem = parts
        .next()
        .and_then(|name| name.strip_suffix(".py"))
        .unwrap_or_default();
    stem.starts_with("settings") || stem.ends_with("settings") || parts.next() == Some("settings")
}

/// Keys that a module of settings gives a value, whatever it is, where the value does not show the same: `STRIPE_SECRET_KEY = None`.
fn given(look: &mut Look<'_>, facts: &Facts) {
    let mut at = 0;
    for line in look.text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let Some((name, value)) = line.trim().split_once('=') else {
            continue;
        };
        let (name, value) = (name.split(':').next().unwrap_or(name).trim(), value.trim_start());
        let is_key = name.len() > 3 && is_loud(name) && !value.starts_with('=');
        if is_key && !is_silent(facts, start) && !is_shown(look, name, start) {
            add(look, name, start, Surroundings::Live, Confidence::Likely);
        }
    }
}

/// Whether a documentation string holds byte `at`.
fn is_silent(facts: &Facts, at: usize) -> bool {
    let mut comments = facts
        .texts
        .iter()
        .filter(|text| text.surroundings != Surroundings::Live);
    comments.any(|text| text.span.contains(&at))
}

/// Whether what the line of byte `at` reads is the third party's that `name` names.
fn is_shown(look: &Look<'_>, name: &str, at: usize) -> bool {
    let (line, _) = look.lines.at(at);
    let parties = look.tables.names().look_up(Kind::EnvironmentKey, name);
    let here = |finding: &&Finding| finding.line == line && finding.how == How::Environment && !is_weak(finding);
    let mut shown = look.findings.iter().filter(here).flat_map(|finding| &finding.parties);
    shown.any(|shown| parties.is_empty() || parties.iter().any(|party| *shown == Party::Known(party.id.clone())))
}

/// What schemas of settings are written with.
const SCHEMAS: [&str; 14] = [
    "z.", "zod.", "Joi.", "joi.", "yup.", "Yup.", "str(", "url(", "host(", "email(", "Type.", "t.", "v.", "S.",
];

/// Members of a schema of settings: `stripeSecretKey: z.string()`. In files that are called otherwise, only in capital letters.
fn described(look: &mut Look<'_>) {
    let path = look.path.to_ascii_lowercase();
    let of_settings = ["config", "settings", "env"].iter().any(|word| path.contains(word));
    let mut at = 0;
    for line in look.text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let Some((name, value)) = line.trim_start().split_once(':') else {
            continue;
        };
        let value = value.trim_start();
        let name = name.trim_matches(['"', '\'']);
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let schema = SCHEMAS.iter().any(|start| value.starts_with(start));
        if plain && schema && name.len() > 6 && (of_settings || is_loud(name)) {
            add(look, name, start, Surroundings::Live, Confidence::Likely);
        }
    }
}

/// Third parties that settings of Rails choose by a symbol: `config.action_mailbox.ingress = :sendgrid`, `lookup: :mapbox`.
fn chosen(look: &mut Look<'_>) {
    const CHOICES: [&str; 5] = ["ingress =", "delivery_method =", "ip_lookup:", "lookup:", ":lookup =>"];
    let mut at = 0;
    for line in look.text.split_inclusive('\n') {
        let (start, code) = (at, line.trim_start());
        at += line.len();
        let choice = CHOICES.iter().find_map(|choice| code.split_once(choice));
        let Some((_, value)) = choice.filter(|_| !code.starts_with('#')) else {
            continue;
        };
        let name = value.trim_start().strip_prefix(':').unwrap_or_default();
        let name = name
            .split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .next();
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        let party = called(look, name);
        let verdict = (Tier::Configured, How::Environment, Confidence::Likely);
        look.known(party.as_slice(), name, start + (line.len() - code.len()), verdict);
    }
}
