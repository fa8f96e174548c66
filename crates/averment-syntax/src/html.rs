//! HTML: tags, texts, comments, and the code in scripts and event attributes.
//!
//! Start at [`facts`].

use crate::code::comment;
use crate::pieces::{HOLE, Pieces};
use crate::tree::{Id, NONE, Role, Tree};
use crate::{Facts, Language, Span, Surroundings, Tag, grammar, plain, template};

/// The facts of a page, moved to the file that its pieces come from.
pub(crate) fn facts(page: &Pieces, file: &str) -> Facts {
    let Some(tree) = grammar::parse(Language::Html, &page.text) else {
        return page.moved(plain::unread(&page.text), file);
    };
    let mut found = Facts {
        broken: tree.broken,
        ..Facts::default()
    };
    let mut codes = Vec::new();
    let mut script = None;
    for id in 0..Id::try_from(tree.nodes.len()).unwrap_or(NONE) {
        match tree.role(id) {
            Role::Comment => found.texts.append(&mut comment(&tree, id)),
            Role::Element => {
                let tag = element(&tree, id, &mut codes);
                script = script_language(&tag);
                found.tags.push(tag);
            }
            Role::Markup if is_raw(&tree, id) => match script.take() {
                Some(language) => codes.push((language, tree.span(id))),
                None => found.texts.append(&mut lines(&tree, id)),
            },
            Role::Markup => found.texts.append(&mut lines(&tree, id)),
            Role::Broken => {
                let surroundings = Surroundings::Live;
                if tree.first(id).is_none() {
                    found
                        .texts
                        .append(&mut plain::lines(tree.source(id), tree.span(id).start, surroundings));
                }
            }
            _ => {}
        }
    }
    let mut facts = page.moved(found, file);
    for (language, span) in codes {
        facts.take(template::read(language, &page.part(&span), file));
    }
    facts
}

fn lines(tree: &Tree<'_>, id: Id) -> Vec<crate::Text> {
    let mut lines = plain::lines(tree.source(id), tree.span(id).start, Surroundings::Live);
    lines.retain(|line| line.text.replace(HOLE, "").bytes().any(|byte| byte > b'@'));
    lines
}

/// The inside of `<script>` and `<style>`.
fn is_raw(tree: &Tree<'_>, id: Id) -> bool {
    let parent = tree.parent(id);
    let head = if parent == NONE {
        &[]
    } else {
        tree.source(parent).as_bytes()
    };
    [b"<script".as_slice(), b"<style"]
        .iter()
        .any(|tag| head.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag)))
}

/// A start tag; code in its attributes is put aside.
fn element(tree: &Tree<'_>, id: Id, codes: &mut Vec<(Language, Span)>) -> Tag {
    let name = tree
        .child_role(id, Role::Name)
        .map_or(String::new(), |name| tree.source(name).to_owned());
    // Components of Vue and Svelte keep their case.
    let is_component = name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase);
    let mut attributes = Vec::new();
    for attribute in tree.children(id).filter(|child| tree.role(*child) == Role::Attribute) {
        let Some(key) = tree.child_role(attribute, Role::Name) else {
            continue;
        };
        let written = tree.source(key).to_ascii_lowercase();
        let span = value_span(tree, attribute, key);
        let value = tree.text.get(span.clone()).unwrap_or("");
        match code_in(&written, value, &span) {
            Some(span) => {
                let bound = written.trim_start_matches("v-bind:").trim_start_matches(':').to_owned();
                let constant = quoted(tree.text.get(span.clone()).unwrap_or(""));
                attributes.push((bound, constant.unwrap_or(HOLE).to_owned()));
                codes.push((Language::JavaScript, span));
            }
            None => attributes.push((written, decoded(value))),
        }
    }
    let name = if is_component { name } else { name.to_ascii_lowercase() };
    Tag {
        name,
        attributes,
        span: tree.span(id),
        surroundings: Surroundings::Live,
    }
}

fn value_span(tree: &Tree<'_>, attribute: Id, key: Id) -> Span {
    let value = tree.last(attribute).filter(|value| *value != key);
    match value {
        Some(value) if tree.role(value) == Role::Text => tree
            .first(value)
            .map_or(tree.span(value).start + 1..tree.span(value).start + 1, |inner| {
                tree.span(inner)
            }),
        Some(value) => tree.span(value),
        None => tree.span(attribute).end..tree.span(attribute).end,
    }
}

/// Where code stands in a value: event attributes, those that Vue and Alpine bind, and `{…}` of Svelte.
fn code_in(name: &str, value: &str, span: &Span) -> Option<Span> {
    let is_bound = name.starts_with([':', '@', '#'])
        || name.starts_with("v-")
        || name.starts_with("x-on:")
        || name.starts_with("x-bind:");
    let is_event = name.len() > 4 && name.starts_with("on") && name[2..].bytes().all(|byte| byte.is_ascii_lowercase());
    if value.is_empty() || name == "v-for" || name == "v-slot" || name.starts_with('#') {
        return None;
    }
    if value.starts_with('{') && value.ends_with('}') && value.len() > 2 && !is_bound {
        return Some(span.start + 1..span.end - 1);
    }
    (is_bound || is_event || name.starts_with("ng-click")).then(|| span.clone())
}

/// The one text of a bound value: `:src="'https://…'"`.
fn quoted(code: &str) -> Option<&str> {
    let code = code.trim();
    let quote = code.chars().next().filter(|quote| "'\"`".contains(*quote))?;
    let inner = code.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(quote) && !inner.contains("${")).then_some(inner)
}

/// A value with the references that addresses have.
fn decoded(value: &str) -> String {
    if value.contains('&') {
        value
            .replace("&amp;", "&")
            .replace("&#x2F;", "/")
            .replace("&quot;", "\"")
    } else {
        value.to_owned()
    }
}

/// In which language the inside of a script is; none for data.
fn script_language(tag: &Tag) -> Option<Language> {
    if tag.name != "script" {
        return None;
    }
    let attribute = |name: &str| {
        tag.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.to_ascii_lowercase())
    };
    match attribute("lang").as_deref() {
        Some("ts" | "typescript") => return Some(Language::TypeScript),
        Some("tsx") => return Some(Language::Tsx),
        _ => {}
    }
    match attribute("type").as_deref() {
        None
        | Some(
            ""
            | "module"
            | "text/javascript"
            | "application/javascript"
            | "application/x-javascript"
            | "text/babel"
            | "text/jsx"
            | "text/partytown"
            | "text/ecmascript",
        ) => Some(Language::JavaScript),
        Some("text/typescript") => Some(Language::TypeScript),
        _ => None,
    }
}
