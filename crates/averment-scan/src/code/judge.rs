//! From what stands in a file of code to findings: imports and their use, calls, texts, tags, keys.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use averment_catalog::{Flow, ThirdParty};
use averment_syntax::{Call, Facts, Import, Language, Span, Surroundings, Text};

use super::finding::{PassedHere, Wrapper};
use super::look::{Look, live};
use super::names::{Use, of_call};
use super::services::Services;
use super::{passed, tags, texts};
use crate::identify::{Kind, tables};
use crate::observation::{Confidence, How, Party, Side, Tier};

/// An import of a third party's module.
struct Known<'f> {
    import: &'f Import,
    parties: &'static [&'static ThirdParty],
}

/// Adds everything; gives the functions that hand on what they are given.
pub(super) fn read(look: &mut Look<'_>, facts: &Facts) -> Vec<Wrapper> {
    let known = known_imports(look, facts);
    imports(look, facts, &known);
    imported_addresses(look, facts);
    let contacts = calls(look, facts, &known);
    components(look, facts, &known);
    let sent = sent_names(facts);
    for text in facts.texts.iter().filter(|text| !in_tag(facts, text)) {
        texts::read(look, text, sent.contains(last_part(&text.given_to)));
    }
    for tag in &facts.tags {
        tags::read(look, tag);
    }
    for key in &facts.keys {
        let parties = look.tables.names().look_up(Kind::EnvironmentKey, &key.name);
        let tier = live(key.surroundings, Tier::Configured);
        look.known(
            parties,
            &key.name,
            key.span.start,
            (tier, How::Environment, Confidence::Certain),
        );
    }
    keys_asked_for(look, facts);
    super::wrappers::of(look, facts, &contacts)
}

/// Keys that a function of the program's own is asked for: `get_string("REDISCLOUD_URL")`, `Configuration.get('SENTRY_DSN')`. The whole text
/// is the key, in capital letters.
fn keys_asked_for(look: &mut Look<'_>, facts: &Facts) {
    let is_key = |text: &str| {
        let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        text.len() > 6 && text.contains('_') && text.bytes().all(letters)
    };
    let told = |text: &Text| {
        let after = facts.keys.partition_point(|key| key.span.start < text.span.end);
        let key = after.checked_sub(1).and_then(|at| facts.keys.get(at));
        key.is_some_and(|key| key.name == text.text && text.span.start < key.span.end)
    };
    let asked = facts.texts.iter().filter(|text| {
        !text.argument_of.is_empty() && text.surroundings == Surroundings::Live && is_key(&text.text) && !told(text)
    });
    for text in asked {
        let parties = look.tables.names().look_up(Kind::EnvironmentKey, &text.text);
        let verdict = (Tier::Configured, How::Environment, Confidence::Likely);
        look.known(parties, &text.text, text.span.start, verdict);
    }
}

/// Whether a text is an attribute of a tag, which says more about it.
fn in_tag(facts: &Facts, text: &Text) -> bool {
    let after = facts.tags.partition_point(|tag| tag.span.start <= text.span.start);
    let tag = after.checked_sub(1).and_then(|at| facts.tags.get(at));
    text.argument_of.is_empty()
        && text.surroundings == Surroundings::Live
        && tag.is_some_and(|tag| text.span.end <= tag.span.end && !tag.attributes.is_empty())
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

fn known_imports<'f>(look: &Look<'_>, facts: &'f Facts) -> Vec<Known<'f>> {
    let names = look.tables.names();
    let imports = facts.imports.iter().filter_map(|import| {
        let parties = parties_of_module(names, look.language, &import.module, &import.names);
        (!parties.is_empty()).then_some(Known { import, parties })
    });
    imports.collect()
}

fn parties_of_module(
    names: &'static crate::identify::Names,
    language: Language,
    module: &str,
    imported: &[(String, String)],
) -> &'static [&'static ThirdParty] {
    let module = module.trim();
    match language {
        Language::JavaScript | Language::TypeScript | Language::Tsx | Language::Html
            if !module.starts_with(['.', '/', '~', '#']) =>
        {
            names.look_up(Kind::Npm, package(module))
        }
        Language::Python if !module.starts_with('.') => python(names, module, imported),
        Language::Ruby | Language::Erb | Language::Haml => names.look_up(Kind::RubyFeature, module),
        Language::Go => names.look_up(Kind::Go, module),
        Language::Java | Language::Kotlin => names.look_up(Kind::JavaPackage, module),
        Language::Php => names.look_up(Kind::PhpNamespace, module.trim_start_matches('\\')),
        Language::Rust => names.look_up(Kind::Crate, module.split("::").next().unwrap_or(module)),
        _ => &[],
    }
}

/// The package in a module that is named with where it comes from: `npm:stripe@17`, `https://esm.sh/@supabase/supabase-js@2`.
fn package(module: &str) -> &str {
    const KEEPERS: [&str; 8] = [
        "npm:",
        "https://esm.sh/",
        "https://esm.run/",
        "https://cdn.skypack.dev/",
        "https://cdn.jsdelivr.net/npm/",
        "https://unpkg.com/",
        "https://jspm.dev/",
        "https://ga.jspm.io/npm:",
    ];
    let Some(rest) = KEEPERS.iter().find_map(|keeper| module.strip_prefix(keeper)) else {
        return module;
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let scope = if rest.starts_with('@') { 1 } else { 0 };
    let version = rest.get(scope..).and_then(|name| name.find('@')).map(|at| at + scope);
    version.and_then(|at| rest.get(..at)).unwrap_or(rest)
}

/// `from google.cloud import storage` means `google.cloud.storage`.
fn python(
    names: &'static crate::identify::Names,
    module: &str,
    imported: &[(String, String)],
) -> &'static [&'static ThirdParty] {
    let longer = imported.iter().find_map(|(_, name)| {
        let found = names.look_up(Kind::PythonModule, &format!("{module}.{name}"));
        (!found.is_empty()).then_some(found)
    });
    longer.unwrap_or_else(|| names.look_up(Kind::PythonModule, module))
}

fn imports(look: &mut Look<'_>, facts: &Facts, known: &[Known<'_>]) {
    let uses = Uses::of(look.text, facts);
    for one in known {
        let import = one.import;
        let tier = match (
            import.types_only || is_of_types(&import.module) || uses.are_types(look.language, import),
            import.names.is_empty(),
        ) {
            (true, _) => Tier::Dead,
            _ if are_errors(import) => Tier::Configured,
            // What is imported for what it does alone: agents of monitoring.
            (false, true)
                if matches!(
                    look.language,
                    Language::JavaScript | Language::TypeScript | Language::Tsx
                ) =>
            {
                Tier::Contacted
            }
            (false, true) => Tier::Configured,
            (false, false) if uses.has(import) => Tier::Contacted,
            _ => Tier::Configured,
        };
        let tier = live(import.surroundings, tier);
        let confidence = if tier == Tier::Contacted {
            Confidence::Certain
        } else {
            Confidence::Likely
        };
        if let Some(finding) = look.known(
            one.parties,
            &import.module,
            import.span.start,
            (tier, How::Import, confidence),
        ) {
            finding.side = side_of(finding.side, one.parties);
        }
    }
}

/// Modules that are loaded from where they lie: a browser asks for them, and so does Deno when it starts.
fn imported_addresses(look: &mut Look<'_>, facts: &Facts) {
    let live_ones = facts.imports.iter().filter(|import| !import.types_only);
    for import in live_ones.filter(|import| import.module.starts_with("https://")) {
        let Some(found) = super::addresses::addresses(&import.module).into_iter().next() else {
            continue;
        };
        let (tier, how) = match texts::contact(look) {
            Tier::Embedded => (Tier::Embedded, How::Script),
            tier => (tier, How::Import),
        };
        let tier = live(import.surroundings, tier);
        look.address(&found.address, import.span.start, (tier, how, Confidence::Certain));
    }
}

/// Whether only classes of errors are imported: they are caught, and ask nobody.
fn are_errors(import: &Import) -> bool {
    // A class, and no function that tells of errors: `captureException`.
    let error = |name: &str| {
        let last = name.rsplit(['.', ':', '\\']).next().unwrap_or(name);
        let class = last.starts_with(|first: char| first.is_ascii_uppercase());
        let ends = ["Error", "Exception", "Errors", "Exceptions"];
        class && ends.iter().any(|end| last.ends_with(end))
    };
    let last = import.module.rsplit(['.', '/']).next().unwrap_or_default();
    let whole = ["errors", "exceptions", "error", "exception"].contains(&last) || error(last);
    !import.names.is_empty() && (whole || import.names.iter().all(|(_, name)| error(name)))
}

/// `node-client/dist/types/tickets`: types of a package, of which nothing is left at run time.
fn is_of_types(module: &str) -> bool {
    module.starts_with("@types/") || module.split('/').skip(1).any(|part| part == "types")
}

/// Which names stand outside of imports and comments: each is looked for once, however often it is imported.
struct Uses<'f> {
    text: &'f str,
    /// Imports and comments, sorted, none inside another.
    silent: Vec<Span>,
    known: RefCell<BTreeMap<&'f str, bool>>,
}

impl<'f> Uses<'f> {
    fn of(text: &'f str, facts: &Facts) -> Self {
        let comments = facts
            .texts
            .iter()
            .filter(|text| text.surroundings != Surroundings::Live);
        let mut spans: Vec<Span> = comments.map(|text| text.span.clone()).collect();
        spans.extend(facts.imports.iter().map(|import| import.span.clone()));
        spans.sort_by_key(|span| (span.start, Reverse(span.end)));
        let mut silent: Vec<Span> = Vec::with_capacity(spans.len());
        for span in spans {
            if silent.last().is_none_or(|last| last.end < span.end) {
                silent.push(span);
            }
        }
        Self {
            text,
            silent,
            known: RefCell::default(),
        }
    }

    /// Whether a name of the import stands anywhere else in code that runs.
    fn has(&self, import: &'f Import) -> bool {
        let locals = import
            .names
            .iter()
            .map(|(local, _)| local.rsplit(['.', '\\']).next().unwrap_or(local));
        locals.filter(|local| !local.is_empty()).any(|local| {
            let known = self.known.borrow().get(local).copied();
            known.unwrap_or_else(|| {
                let used = words_at(self.text, local).any(|at| !self.is_silent(at));
                self.known.borrow_mut().insert(local, used);
                used
            })
        })
    }

    /// Whether the names of the import stand outside of it, and everywhere where TypeScript has a type.
    fn are_types(&self, language: Language, import: &'f Import) -> bool {
        if !matches!(language, Language::TypeScript | Language::Tsx) || import.names.is_empty() {
            return false;
        }
        let locals = import.names.iter().map(|(local, _)| local.as_str());
        let mut places = locals
            .filter(|local| !local.is_empty())
            .flat_map(|local| words_at(self.text, local).map(move |at| (at, local)))
            .filter(|(at, _)| !self.is_silent(*at))
            .peekable();
        places.peek().is_some() && places.all(|(at, local)| is_type(self.text, language, at, local))
    }

    fn is_silent(&self, at: usize) -> bool {
        let after = self.silent.partition_point(|span| span.start <= at);
        after.checked_sub(1).is_some_and(|before| self.silent[before].end > at)
    }
}

/// Whether a name that is written like a class stands where a type does: `(event: Event)`, `as Event`, `Map<Event>`. A class that
/// is the value of a key looks the same and is rare.
fn is_type(text: &str, language: Language, at: usize, name: &str) -> bool {
    let front = text.get(..at).unwrap_or_default().trim_end();
    let behind = text.get(at + name.len()..).unwrap_or_default().trim_start();
    let marks: &[char] = if language == Language::Tsx {
        &[':', '|', '&']
    } else {
        &[':', '|', '&', '<']
    };
    let word = ["as", "implements", "satisfies"].iter().any(|word| {
        front
            .strip_suffix(word)
            .is_some_and(|rest| rest.ends_with(char::is_whitespace))
    });
    name.starts_with(|first: char| first.is_ascii_uppercase())
        && (word || (front.ends_with(marks) && !front.ends_with("||") && !front.ends_with("&&")))
        && !behind.starts_with(['.', '('])
}

/// Places where `word` stands as a word of its own.
pub(super) fn words_at<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    let edge = |byte: Option<&u8>| byte.is_none_or(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
    memchr::memmem::find_iter(text.as_bytes(), word).filter(move |at| {
        let bytes = text.as_bytes();
        edge(at.checked_sub(1).and_then(|before| bytes.get(before))) && edge(bytes.get(at + word.len()))
    })
}

/// A third party that only browsers talk to is in the browser, whatever the file looks like.
fn side_of(side: Option<Side>, parties: &[&ThirdParty]) -> Option<Side> {
    let only = |flow: Flow, other: Flow| {
        parties
            .iter()
            .all(|party| party.flows.contains(&flow) && !party.flows.contains(&other))
    };
    match side {
        None if only(Flow::Browser, Flow::Server) => Some(Side::Browser),
        None if only(Flow::Server, Flow::Browser) => Some(Side::Server),
        side => side,
    }
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
            contacts.extend(request(look, call, index));
            continue;
        }
        // `client.send().then` is one use, not two; what is done with an answer is none.
        if is_of_values(&call.path)
            || is_value_of_go(look, call)
            || is_answer(look, call, known)
            || is_own_class(look, call)
            || !places.insert(call.span.start)
        {
            continue;
        }
        let parties = services.of_call(look, call).unwrap_or(parties);
        let made = if is_of_settings(&call.path) {
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

/// Methods of promises, lists, texts and listeners: what is called on an answer, or waits for one, is not a contact.
fn is_of_values(path: &str) -> bool {
    const METHODS: [&str; 53] = [
        // Signatures of what arrived are checked here, without asking anybody.
        "construct_event",
        "constructEvent",
        "ConstructEvent",
        "ValidatePayload",
        "ParseWebHook",
        "then",
        "catch",
        "finally",
        "split",
        "map",
        "forEach",
        "filter",
        "toString",
        "trim",
        "join",
        "includes",
        "push",
        "to_s",
        "each",
        "reduce",
        "find",
        "some",
        "every",
        "slice",
        "replace",
        "to_json",
        "to_h",
        "present?",
        "blank?",
        "nil?",
        "first",
        "last",
        "any?",
        "empty?",
        "lower",
        "upper",
        "strip",
        "decode",
        "encode",
        "items",
        "keys",
        "on",
        "off",
        "once",
        "bind",
        "unbind",
        "addEventListener",
        "removeEventListener",
        "addControl",
        "index",
        "indexOf",
        "freeze",
        "length",
    ];
    path.contains('.')
        && path
            .rsplit('.')
            .next()
            .is_some_and(|last| METHODS.contains(&last.trim_end_matches("()")))
}

/// `botocore.config.Config(…)`: how to talk, and to nobody yet.
fn is_of_settings(path: &str) -> bool {
    let last = bare(path).rsplit(['.', ':', '\\']).next().unwrap_or_default();
    let named = ["Config", "Configuration", "ClientOptions"]
        .iter()
        .any(|end| last.ends_with(end));
    named && last.starts_with(|first: char| first.is_ascii_uppercase())
}

/// `github.String("x")`, `&github.User{…}`: Go's libraries of clients have functions for pointers to plain values, and types for
/// what is sent; neither asks anybody.
fn is_value_of_go(look: &Look<'_>, call: &Call) -> bool {
    const PLAIN: [&str; 16] = [
        "String",
        "StringValue",
        "StringSlice",
        "Int",
        "Int32",
        "Int64",
        "IntValue",
        "Int64Value",
        "Bool",
        "BoolValue",
        "Float64",
        "Float64Value",
        "Time",
        "TimeValue",
        "Ptr",
        "Duration",
    ];
    if look.language != Language::Go {
        return false;
    }
    let last = call.path.rsplit('.').next().unwrap_or_default();
    let written = look.text.get(call.span.clone()).unwrap_or_default();
    let opens = written.find(['(', '{']).and_then(|at| written.as_bytes().get(at));
    PLAIN.contains(&last) || opens == Some(&b'{')
}

/// What is read from an answer: nothing is handed over, and what it is called on is a variable and no name of the third party.
fn is_answer(look: &Look<'_>, call: &Call, known: &[Known<'_>]) -> bool {
    let path = bare(&call.path);
    let head = path.split(['.', ':', '(', '\\', '?']).next().unwrap_or_default();
    let variable = head.starts_with(|first: char| first.is_ascii_lowercase() || first == '_' || first == '@');
    let imported = known
        .iter()
        .any(|one| one.import.names.iter().any(|(local, _)| local == head));
    let named = !look
        .tables
        .names()
        .look_up(Kind::Call, &path.replace("()", ""))
        .is_empty();
    let last = path.rsplit('.').next().unwrap_or_default();
    let field = ["get", "fetch", "dig", "pop"].contains(&last) && call.resolved.matches("()").count() > 1;
    ((call.arguments.is_empty() || field) && variable && !imported && !named) || path.ends_with('?')
}

/// `Stripe::PaymentIntent::Create.(…)` below `Payments`: a class of the program's own that is called like a function.
fn is_own_class(look: &Look<'_>, call: &Call) -> bool {
    let last = call.path.rsplit("::").next().unwrap_or_default();
    let ruby = matches!(look.language, Language::Ruby | Language::Erb | Language::Haml);
    ruby && call.path.matches("::").count() > 1
        && last.starts_with(|first: char| first.is_ascii_uppercase())
        && !last.contains('.')
}

/// `new A.B` without what JavaScript and browsers put in front.
fn bare(path: &str) -> &str {
    let path = path.strip_prefix("new ").unwrap_or(path);
    ["window.", "globalThis.", "self.", "::"]
        .iter()
        .find_map(|front| path.strip_prefix(front))
        .unwrap_or(path)
}

fn parties_of_call(look: &Look<'_>, call: &Call, known: &[Known<'_>]) -> &'static [&'static ThirdParty] {
    let names = look.tables.names();
    for path in [bare(&call.resolved), bare(&call.path)] {
        let found = names.look_up(Kind::Call, &path.replace("()", ""));
        if !found.is_empty() {
            return found;
        }
    }
    let resolved = bare(&call.resolved);
    let head = bare(&call.path).split(['.', ':', '(', '\\']).next().unwrap_or_default();
    let through = known.iter().find(|one| {
        let import = one.import;
        let module = resolved
            .strip_prefix(import.module.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':', '/', '\\', '(']));
        let local = import.names.iter().any(|(local, _)| !local.is_empty() && local == head);
        !import.types_only && (module || local)
    });
    through
        .map(|one| one.parties)
        .or_else(|| of_constant(look, resolved))
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

/// Constants of Ruby and PHP that only one third party's calls begin with: `Honeybadger` of `Honeybadger.notify`.
fn of_constant(look: &Look<'_>, path: &str) -> Option<&'static [&'static ThirdParty]> {
    let constants = matches!(
        look.language,
        Language::Ruby | Language::Erb | Language::Haml | Language::Php
    );
    let head = path.split(['.', ':', '\\', '(']).next().unwrap_or(path);
    let constant = head.len() > 3 && head.starts_with(|first: char| first.is_ascii_uppercase());
    let method = path.rsplit(['.', ':']).next().unwrap_or_default();
    // Jobs and records of the program's own that are named after the third party.
    let own = [
        "perform", "find", "where", "joins", "pluck", "exists", "first", "all", "count",
    ]
    .iter()
    .any(|start| method.starts_with(start))
        || is_called_like_own(path);
    let named = |party: &&&ThirdParty| {
        let gems = party
            .packages
            .gem
            .iter()
            .chain(&party.packages.composer)
            .map(String::as_str);
        gems.chain([party.id.as_str()])
            .any(|name| name.split(['-', '_', '/']).any(|word| word.eq_ignore_ascii_case(head)))
    };
    let parties = HEADS.get(head).filter(|_| constants && constant && !own)?;
    // A class of Ruby is no namespace of PHP.
    let language = |party: &&&ThirdParty| {
        let spaces = party
            .code
            .php
            .iter()
            .map(|space| space.split('\\').next().unwrap_or(space));
        look.language != Language::Php || spaces.into_iter().any(|space| space == head)
    };
    parties
        .first()
        .filter(named)
        .filter(language)
        .map(|_| parties.as_slice())
}

/// `Vimeo::ResolveEmbedCodeJob.set`, `Github::SyncService.new`: classes below a vendor's name that end like those of a program's own.
fn is_called_like_own(path: &str) -> bool {
    const ENDS: [&str; 14] = [
        "Job",
        "Worker",
        "Service",
        "Controller",
        "Mailer",
        "Policy",
        "Presenter",
        "Serializer",
        "Query",
        "Form",
        "Component",
        "Helper",
        "Decorator",
        "Concern",
    ];
    let class = path.split(['.', '(']).next().unwrap_or(path);
    class
        .split_once("::")
        .is_some_and(|(_, below)| ENDS.iter().any(|end| below.ends_with(end)))
}

/// Every such constant.
pub(super) fn constants() -> impl Iterator<Item = &'static str> {
    HEADS
        .keys()
        .copied()
        .filter(|head| head.starts_with(|first: char| first.is_ascii_uppercase()))
}

static HEADS: LazyLock<BTreeMap<&'static str, Vec<&'static ThirdParty>>> = LazyLock::new(|| {
    let names = tables().names();
    let mut heads: BTreeMap<&str, Vec<&ThirdParty>> = BTreeMap::new();
    for call in names.all(Kind::Call) {
        let head = call.split(['.', ':', '\\']).next().unwrap_or(call);
        let owners = heads.entry(head).or_default();
        for party in names.look_up(Kind::Call, call) {
            if !owners.iter().any(|owner| owner.id == party.id) {
                owners.push(party);
            }
        }
    }
    heads.retain(|_, owners| matches!(owners.as_slice(), [owner] if !owner.common_word));
    heads
});
