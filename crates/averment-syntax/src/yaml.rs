//! YAML: every scalar with the path of its keys, and the keys that stand in `${…}`.
//!
//! Start at [`facts`].

use crate::code::comment;
use crate::tree::{Field, Id, NONE, Role, Tree};
use crate::{Facts, Key, Language, Surroundings, Text, grammar, plain};

/// How many keys above a scalar are part of its name.
const KEYS_MAX: usize = 6;

/// How far up they are looked for.
const ANCESTORS_MAX: usize = 60;

/// The facts of a YAML file; none when it could not be parsed.
pub(crate) fn facts(text: &str) -> Option<Facts> {
    let tree = grammar::parse(Language::Yaml, text)?;
    let mut facts = Facts { broken: tree.broken, ..Facts::default() };
    for id in 0..Id::try_from(tree.nodes.len()).unwrap_or(NONE) {
        match tree.role(id) {
            Role::Comment => facts.texts.append(&mut comment(&tree, id)),
            Role::Name => scalar(&tree, id, &mut facts),
            // `key: !Secret` and `key:` have a key and no scalar.
            Role::Pair if is_empty(&tree, id) && !tree.source(id).starts_with("<<") => {
                let at = tree.span(id).end;
                facts.texts.push(Text { text: String::new(), given_to: path(&tree, id), argument_of: String::new(), span: at..at, surroundings: Surroundings::Live });
            }
            Role::Broken if tree.first(id).is_none() => {
                facts.texts.append(&mut plain::lines(tree.source(id), tree.span(id).start, Surroundings::Live));
            }
            _ => {}
        }
    }
    Some(facts)
}

fn is_empty(tree: &Tree<'_>, id: Id) -> bool {
    let Some(value) = tree.child(id, Field::Value) else { return tree.child(id, Field::Key).is_some() };
    tree.first(value).is_none()
}

fn scalar(tree: &Tree<'_>, id: Id, facts: &mut Facts) {
    if is_key(tree, id) {
        return;
    }
    let source = tree.source(id);
    let span = tree.span(id);
    let start = span.start;
    facts.keys.extend(placeholders(source, start));
    let given_to = path(tree, id);
    if source.starts_with(['|', '>']) {
        let body = source.find('\n').map_or(source.len(), |line| line + 1);
        let mut lines = plain::lines(&source[body..], start + body, Surroundings::Live);
        lines.iter_mut().for_each(|line| line.given_to.clone_from(&given_to));
        facts.texts.append(&mut lines);
        return;
    }
    let is_quoted = source.len() > 1 && source.starts_with(['"', '\'']);
    let span = if is_quoted { start + 1..span.end - 1 } else { span };
    let text = tree.text.get(span.clone()).unwrap_or("").to_owned();
    facts.texts.push(Text { text, given_to, argument_of: String::new(), span, surroundings: Surroundings::Live });
}

/// Whether a scalar is the key of a pair.
fn is_key(tree: &Tree<'_>, id: Id) -> bool {
    let mut at = id;
    for _ in 0..3 {
        if tree.node(at).field == Field::Key {
            return true;
        }
        at = tree.parent(at);
        if at == NONE || tree.role(at) == Role::Pair {
            return false;
        }
    }
    false
}

/// The keys around a scalar, the outermost first: `production.twilio.sid`.
fn path(tree: &Tree<'_>, id: Id) -> String {
    let mut keys = Vec::new();
    let mut at = id;
    for _ in 0..ANCESTORS_MAX {
        if at == NONE || keys.len() >= KEYS_MAX {
            break;
        }
        if tree.role(at) == Role::Pair {
            keys.extend(tree.child(at, Field::Key).map(|key| tree.source(key).trim_matches(['"', '\''])));
        }
        at = tree.parent(at);
    }
    keys.reverse();
    keys.join(".")
}

/// `${KEY}`, `${KEY:-default}`, `${{ secrets.KEY }}`.
fn placeholders(source: &str, start: usize) -> Vec<Key> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = source[at..].find("${").map(|open| at + open + 2) {
        let Some(end) = source[open..].find('}').map(|end| open + end) else { break };
        let inside = source[open..end].trim_start_matches('{').trim();
        let name = ["secrets.", "vars.", "env."].iter().find_map(|prefix| inside.strip_prefix(prefix)).unwrap_or(inside);
        let name = name.split([':', '-', '?', ' ', '|']).next().unwrap_or("");
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_name {
            found.push(Key { name: name.to_owned(), span: start + open..start + end, surroundings: Surroundings::Live });
        }
        at = end;
    }
    found
}
