//! From what stands in a file of code to findings: imports and their use, calls, texts, tags, keys.

mod gems;
mod heads;
mod imports;
mod plain;
mod providers;
mod types;
mod uses;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use averment_catalog::ThirdParty;
use averment_syntax::{Call, Facts, Surroundings, Tag, Text};

pub(super) use gems::heads as gem_heads;
pub(super) use heads::constants;
use heads::of_constant;
use imports::{Known, imported_addresses, imports, known_imports, sets_up_sign_in};
use plain::{
    bare, is_answer, is_of_errors, is_of_settings, is_of_values, is_own_class, is_value_of_go, is_value_of_google,
};
pub(super) use uses::words_at;

use super::finding::{PassedHere, Wrapper};
use super::look::{Look, live};
use super::names::{Use, of_call};
use super::services::Services;
use super::{passed, tags, texts};
use crate::identify::Kind;
use crate::observation::{Confidence, How, Party, Tier};

/// Adds everything; gives the functions that hand on what they are given.
pub(super) fn read(look: &mut Look<'_>, facts: &Facts) -> Vec<Wrapper> {
    let known = known_imports(look, facts);
    imports(look, facts, &known);
    imported_addresses(look, facts);
    let contacts = calls(look, facts, &known);
    components(look, facts, &known);
    providers::read(look, facts);
    let sent = sent_names(facts);
    for text in &facts.texts {
        match tag_around(facts, text) {
            Some(tag) => tags::put_in(look, tag, text),
            None => texts::read(look, text, sent.contains(last_part(&text.given_to))),
        }
    }
    for tag in &facts.tags {
        tags::read(look, tag);
    }
    super::keys::read(look, facts);
    for call in &facts.calls {
        super::commands::in_call(look, call);
    }
    super::wrappers::of(look, facts, &contacts)
}

/// The tag of which a text is an attribute: it says more about it.
fn tag_around<'f>(facts: &'f Facts, text: &Text) -> Option<&'f Tag> {
    if !text.argument_of.is_empty() || text.surroundings != Surroundings::Live {
        return None;
    }
    let after = facts.tags.partition_point(|tag| tag.span.start <= text.span.start);
    let tag = after.checked_sub(1).and_then(|at| facts.tags.get(at))?;
    (text.span.end <= tag.span.end && !tag.attributes.is_empty()).then_some(tag)
}

/// Names of what calls that make requests are given.
fn sent_names(facts: &Facts) -> BTreeSet<&str> {
    let calls = facts
        .calls
        .iter()
        .filter(|call| call.surroundings == Surroundings::Live && of_call(&call.path) == Some(Use::Request));
    let names = calls
        .flat_map(|call| &call.arguments)
        .flat_map(|argument| &argument.names);
    names
        .map(|name| last_part(name))
        .filter(|name| name.len() > 1)
        .collect()
}

fn last_part(name: &str) -> &str {
    name.rsplit(['.', ':']).next().unwrap_or(name)
}

/// A call that contacts a third party: which call of the facts, and who.
pub(super) struct Contact {
    pub(super) call: usize,
    pub(super) parties: Vec<Party>,
    pub(super) tier: Tier,
}

fn calls(look: &mut Look<'_>, facts: &Facts, known: &[Known<'_>]) -> Vec<Contact> {
    let mut contacts = Vec::new();
    let mut places = BTreeSet::new();
    let services = Services::of(look, facts);
    // The outermost of those that begin at one place first: `client.messages.create(…)` holds the arguments, `client.messages` not.
    let mut order: Vec<(usize, &Call)> = facts.calls.iter().enumerate().collect();
    order.sort_by_key(|(_, call)| (call.span.start, Reverse(call.span.end)));
    for (index, call) in order {
        let parties = parties_of_call(look, call, known);
        if parties.is_empty() {
            match gems::of_gem(look, call).filter(|_| places.insert(call.span.start)) {
                Some(parties) => by_gem(look, call, parties),
                None => contacts.extend(request(look, call, index)),
            }
            continue;
        }
        // `client.send().then` is one use, not two; what is done with an answer is none.
        if asks_nobody(look, call, known) || !places.insert(call.span.start) {
            continue;
        }
        let parties = services.of_call(look, call).unwrap_or(parties);
        let made = if is_of_settings(&call.path) || sets_up_sign_in(head(&call.path), known) {
            Tier::Configured
        } else {
            Tier::Contacted
        };
        let tier = live(call.surroundings, made);
        let passed = passed_here(look, call);
        let verdict = (tier, How::Call, Confidence::Certain);
        if let Some(finding) = look.known(parties, bare(&call.path), call.span.start, verdict) {
            finding.passed = passed;
            let parties = finding.parties.clone();
            if tier == Tier::Contacted {
                contacts.push(Contact {
                    call: index,
                    parties,
                    tier,
                });
            }
        }
    }
    contacts
}

/// Adds a call that is somebody's if the program has the gem.
fn by_gem(look: &mut Look<'_>, call: &Call, parties: &[&ThirdParty]) {
    let sets_up = ["configure", "configuration", "config", "setup"]
        .iter()
        .any(|method| call.path.split('.').nth(1) == Some(method));
    let made = if sets_up || is_of_settings(&call.path) {
        Tier::Configured
    } else {
        Tier::Contacted
    };
    let passed = passed_here(look, call);
    let verdict = (live(call.surroundings, made), How::Call, Confidence::Likely);
    if let Some(finding) = look.known(parties, bare(&call.path), call.span.start, verdict) {
        finding.passed = passed;
        finding.of_gem = true;
    }
}

/// Whether a call that is somebody's by its name is no contact.
fn asks_nobody(look: &Look<'_>, call: &Call, known: &[Known<'_>]) -> bool {
    is_of_values(&call.path)
        || is_of_errors(look, &call.path)
        || is_value_of_go(look, call)
        || is_value_of_google(call)
        || is_answer(look, call, known)
        || is_own_class(look, call)
}

/// The first name of what is called.
fn head(path: &str) -> &str {
    bare(path).split(['.', ':', '(', '\\']).next().unwrap_or_default()
}

fn parties_of_call(look: &Look<'_>, call: &Call, known: &[Known<'_>]) -> &'static [&'static ThirdParty] {
    let names = look.tables.names();
    let resolved = bare(&call.resolved).replace("()", "");
    // `const { S3 } = require("aws-sdk")`: what is listed is `AWS.S3`.
    let of_amazon = resolved.strip_prefix("aws-sdk.").map(|rest| format!("AWS.{rest}"));
    // Classes of one package that are of several products.
    let of_google = resolved
        .strip_prefix("google-auth-library.")
        .and_then(|rest| rest.split('.').next());
    let service = of_google.map(|class| names.look_up(Kind::Service, &format!("google_auth_library {class}")));
    if let Some(parties) = service.filter(|parties| !parties.is_empty()) {
        return parties;
    }
    let paths = [
        resolved.as_str(),
        of_amazon.as_deref().unwrap_or_default(),
        bare(&call.path),
    ];
    for path in paths {
        let found = names.look_up(Kind::Call, &path.replace("()", ""));
        if !found.is_empty() {
            return found;
        }
    }
    let head = head(&call.path);
    let through = known.iter().find(|one| {
        let import = one.import;
        let module = bare(&call.resolved)
            .strip_prefix(import.module.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':', '/', '\\', '(']));
        let local = import.names.iter().any(|(local, _)| !local.is_empty() && local == head);
        !import.types_only && (module || local)
    });
    through
        .map(|one| one.parties)
        .or_else(|| of_constant(look, bare(&call.resolved)))
        .unwrap_or_default()
}

/// A call that makes a request to an address that one of its texts holds.
fn request(look: &mut Look<'_>, call: &Call, index: usize) -> Option<Contact> {
    if call.surroundings != Surroundings::Live || of_call(&call.path) != Some(Use::Request) {
        return None;
    }
    let texts = call.arguments.iter().flat_map(|argument| &argument.texts);
    let address = texts.flat_map(|text| super::addresses::addresses(text)).next()?.address;
    let passed = passed_here(look, call);
    let parties = super::look::parties_of(look.tables, &address);
    let tier = texts::contact(look);
    // The address itself is found among the texts; here only what goes along is added.
    if !passed.is_empty() {
        let finding = look.address(&address, call.span.start, (tier, How::Call, Confidence::Certain))?;
        finding.what = bare(&call.path).chars().take(160).collect();
        finding.passed = passed;
    }
    Some(Contact {
        call: index,
        parties,
        tier,
    })
}

/// Elements that the arguments of a call show, one each.
pub(super) fn passed_here(look: &Look<'_>, call: &Call) -> Vec<PassedHere> {
    if call.surroundings != Surroundings::Live || look.class != super::class::Class::Live {
        return Vec::new();
    }
    let mut seen = BTreeSet::new();
    let found = call.arguments.iter().filter_map(|argument| {
        let (guess, subject) = passed::of(argument)?;
        let (line, column) = look.lines.at(argument.span.start);
        seen.insert((guess.element.clone(), subject.clone()))
            .then_some(PassedHere {
                element: guess.element,
                subject,
                confidence: guess.confidence,
                line,
                column,
            })
    });
    found.collect()
}

/// `<ReCAPTCHA …>`: a component that was imported from a third party is a use.
fn components(look: &mut Look<'_>, facts: &Facts, known: &[Known<'_>]) {
    for one in known {
        for (local, _) in &one.import.names {
            for tag in facts.tags.iter().filter(|tag| tags::is_component(tag, local)) {
                look.known(
                    one.parties,
                    local,
                    tag.span.start,
                    (Tier::Embedded, How::Call, Confidence::Certain),
                );
            }
        }
    }
}
