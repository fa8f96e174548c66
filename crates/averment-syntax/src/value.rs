//! What values are made of: the text of a literal, the names in an expression, the arguments of a call with objects taken apart.
//!
//! Start at [`arguments`].

use std::collections::BTreeSet;
use std::ops::Range;

use crate::scope::{Bound, Scopes};
use crate::tree::{Field, Id, NAME_MAX, NONE, Role, Tree, VALUE_MAX, cut};
use crate::{Argument, Language};

/// How many arguments of one call are kept, those in objects counted.
const ARGUMENTS_MAX: usize = 256;

/// How many names and how many texts of one argument are kept.
const PARTS_MAX: usize = 64;

/// How many nodes are looked at for one argument.
const NODES_MAX: usize = 512;

/// How deep objects are taken apart.
const DEPTH_MAX: usize = 8;

/// Functions that give back what they are given, in another form.
const MAKERS: [&str; 16] = [
    "JSON.stringify",
    "Object.assign",
    "structuredClone",
    "Object.freeze",
    "dict",
    "json.dumps",
    "jsonify",
    "json_encode",
    "compact",
    "http_build_query",
    "mapOf",
    "mutableMapOf",
    "hashMapOf",
    "linkedMapOf",
    "bundleOf",
    "json.Marshal",
];

/// Text of a literal without quotes, `{}` for what is put in at run time, and where it stands.
pub(crate) fn text(tree: &Tree<'_>, id: Id) -> (String, Range<usize>) {
    let span = tree.span(id);
    let parts: Vec<Id> = match content(tree, id) {
        Some(body) => tree.children(body).collect(),
        None => tree.children(id).collect(),
    };
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        let source = tree.source(id);
        let open = source.find(['"', '\'', '`']).map_or(0, |at| at + 1).min(source.len());
        let inner = source[open..].trim_matches(['"', '\'', '`']);
        let start = span.start + open;
        return (inner.to_owned(), start..start + inner.len());
    };
    let bounds = tree.span(*first).start..tree.span(*last).end;
    let mut text = String::new();
    for part in &parts {
        match tree.role(*part) {
            Role::Piece => piece(tree, *part, &mut text),
            Role::Escape => unescape(tree.source(*part), &mut text),
            Role::Comment => {}
            _ => text.push_str("{}"),
        }
    }
    if tree.language == Language::Kotlin {
        text = kotlin_holes(&text);
    }
    (text, bounds)
}

/// A piece of a literal, with the holes that the grammar does not tell: `{name}` of a format of Rust.
fn piece(tree: &Tree<'_>, piece: Id, text: &mut String) {
    let source = tree.source(piece);
    match tree.language {
        Language::Rust => rust_piece(source, text),
        _ => text.push_str(source),
    }
}

/// A text of Kotlin with `$name` as holes. The grammar cuts pieces before and behind the `$`, so it is done on the whole.
fn kotlin_holes(source: &str) -> String {
    let mut text = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('$') {
        text.push_str(before);
        let name = leading_name(after);
        text.push_str(if name.is_empty() { "$" } else { "{}" });
        rest = &after[name.len()..];
    }
    text + rest
}

fn leading_name(text: &str) -> &str {
    let end = text
        .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .unwrap_or(text.len());
    if text.starts_with(|letter: char| letter.is_ascii_digit()) {
        ""
    } else {
        &text[..end]
    }
}

fn rust_piece(source: &str, text: &mut String) {
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let name = after
            .find(['}', '{', ' ', '"'])
            .filter(|end| after[*end..].starts_with('}'));
        text.push_str(if name.is_some() { "{}" } else { "{" });
        rest = name.map_or(after, |end| &after[end + 1..]);
    }
    text.push_str(rest);
}

fn unescape(escape: &str, text: &mut String) {
    match escape.as_bytes() {
        [b'\\', b'n'] => text.push('\n'),
        [b'\\', b't'] => text.push('\t'),
        [b'\\', b'r'] => text.push('\r'),
        [b'\\', b'\n', ..] => {}
        [b'\\', byte] if !byte.is_ascii_alphanumeric() => text.push(char::from(*byte)),
        _ => text.push_str(escape),
    }
}

/// The node that holds the content of a heredoc: of PHP it is the value, of Ruby it stands after the line.
fn content(tree: &Tree<'_>, id: Id) -> Option<Id> {
    match tree.language {
        Language::Php => tree.child(id, Field::Value),
        Language::Ruby if tree.source(id).starts_with("<<") => heredoc(tree, id),
        _ => None,
    }
}

/// The body of a heredoc of Ruby: bodies follow in the order of their beginnings.
fn heredoc(tree: &Tree<'_>, id: Id) -> Option<Id> {
    let label = tree
        .source(id)
        .trim_start_matches(['<', '-', '~'])
        .trim_matches(['"', '\'', '`']);
    let end = Id::try_from(tree.nodes.len())
        .unwrap_or(NONE)
        .min(id.saturating_add(2_000));
    (id..end).find(|other| tree.role(*other) == Role::Heredoc && tree.source(*other).trim_end().ends_with(label))
}

/// Names in an expression, without `@`, `$` and `:`, each once and in the order of the text.
#[derive(Default)]
struct Parts {
    names: Vec<String>,
    texts: Vec<String>,
    known: BTreeSet<String>,
    /// How many nodes were looked at.
    looked: usize,
}

impl Parts {
    fn name(&mut self, name: &str) {
        let name = name.trim_start_matches(['@', '$', ':', '&']).trim_end_matches(':');
        let name = cut(name, NAME_MAX);
        if !name.is_empty() && self.names.len() < PARTS_MAX && self.known.insert(name.to_owned()) {
            self.names.push(name.to_owned());
        }
    }
}

/// Reads the arguments of calls.
struct Reader<'t, 'a> {
    tree: &'t Tree<'a>,
    scopes: &'t Scopes<'a>,
    found: Vec<Argument>,
    follow: Follow,
}

/// Arguments of a call or construction.
///
/// `follow`: whether variables are followed to what they were given.
pub(crate) fn arguments(tree: &Tree<'_>, scopes: &Scopes<'_>, call: Id, follow: Follow) -> Vec<Argument> {
    let mut reader = Reader {
        tree,
        scopes,
        found: Vec::new(),
        follow,
    };
    let arguments = tree.child(call, Field::Arguments);
    let body = || {
        tree.children(call)
            .find(|child| matches!(tree.role(*child), Role::Arguments | Role::Tokens))
    };
    let literal = || {
        tree.child(call, Field::Body)
            .filter(|_| tree.role(call) == Role::Literal)
    };
    if let Some(arguments) = arguments.or_else(body).or_else(literal) {
        if tree.role(arguments) == Role::Tokens || tree.role(arguments) == Role::Text {
            reader.push(String::new(), arguments, arguments);
        } else {
            for argument in tree.children(arguments) {
                reader.take(argument);
            }
        }
    }
    reader.found
}

impl Reader<'_, '_> {
    /// One argument and what is in it, outside in, without recursion.
    fn take(&mut self, argument: Id) {
        let mut open = vec![(String::new(), argument, 0, argument)];
        while let Some((name, id, depth, place)) = open.pop() {
            if self.found.len() >= ARGUMENTS_MAX {
                return;
            }
            if id == NONE {
                self.found.push(Argument {
                    name,
                    names: Vec::new(),
                    texts: Vec::new(),
                    span: self.tree.span(place),
                });
                continue;
            }
            if self.tree.role(id) == Role::Comment {
                continue;
            }
            let mut inner = if depth < DEPTH_MAX {
                self.inner(&name, id, depth)
            } else {
                Vec::new()
            };
            if inner.is_empty() {
                self.push(name, id, place);
            } else {
                inner.reverse();
                open.append(&mut inner);
            }
        }
    }

    /// What is in an object, an array or a named argument; nothing for a plain value.
    fn inner(&self, name: &str, id: Id, depth: usize) -> Vec<(String, Id, usize, Id)> {
        let tree = self.tree;
        match tree.role(id) {
            Role::Pair | Role::Argument | Role::Infix => match keyed(tree, id) {
                Some((key, Some(value))) => vec![(dotted(name, &key), value, depth + 1, id)],
                Some((key, None)) => vec![(dotted(name, &key), self.short(id), DEPTH_MAX, id)],
                None => tree
                    .last(id)
                    .map(|value| (name.to_owned(), value, depth + 1, value))
                    .into_iter()
                    .collect(),
            },
            Role::Call => self.made(name, id, depth),
            Role::Wrap => vec![(name.to_owned(), tree.unwrapped(id), depth + 1, id)],
            Role::Object => self.listed(name, id, depth),
            Role::Literal => tree
                .child(id, Field::Body)
                .map_or_else(Vec::new, |body| self.listed(name, body, depth)),
            Role::Other if is_array(tree, id) => self.listed(name, id, depth),
            Role::Name if self.follow == Follow::Once => self.followed(name, id, depth),
            _ => Vec::new(),
        }
    }

    /// What stands for the value of a key without one: the key itself in `{ email }` and `email:`, nothing in `retries: 3`.
    fn short(&self, id: Id) -> Id {
        let tree = self.tree;
        let key = tree
            .first(id)
            .filter(|key| tree.source(id).len() <= tree.source(*key).len() + 1);
        key.unwrap_or(NONE)
    }

    /// Calls that make one object of their arguments, or a text of an object.
    fn made(&self, name: &str, id: Id, depth: usize) -> Vec<(String, Id, usize, Id)> {
        let tree = self.tree;
        let object = tree
            .child(id, Field::Object)
            .filter(|object| tree.role(tree.unwrapped(*object)) == Role::Object);
        let function = tree
            .child(id, Field::Function)
            .or_else(|| tree.first(id))
            .map_or("", |function| tree.source(function));
        let called = tree.child(id, Field::Object).map_or("", |object| tree.source(object));
        let arguments = tree.children(id).find(|child| tree.role(*child) == Role::Arguments);
        match (object, arguments) {
            // `{ … }.to_json` of Ruby.
            (Some(object), None) => self.listed(name, tree.unwrapped(object), depth),
            (None, Some(arguments)) if MAKERS.contains(&function) || (called == "JSON" && function == "generate") => {
                self.listed(name, arguments, depth)
            }
            _ => Vec::new(),
        }
    }

    /// Items of an object or array; keys without a value are names of their own.
    fn listed(&self, name: &str, id: Id, depth: usize) -> Vec<(String, Id, usize, Id)> {
        let tree = self.tree;
        let items = tree
            .children(id)
            .filter(|item| tree.role(*item) != Role::Comment)
            .take(ARGUMENTS_MAX);
        items
            .map(|item| match tree.role(item) {
                Role::Name if tree.role(id) == Role::Object => (dotted(name, tree.source(item)), item, DEPTH_MAX, item),
                _ => (name.to_owned(), item, depth + 1, item),
            })
            .collect()
    }

    /// A variable that is an object: its keys, and those that are written into it.
    fn followed(&self, name: &str, id: Id, depth: usize) -> Vec<(String, Id, usize, Id)> {
        let tree = self.tree;
        let mut found = Vec::new();
        if let Some(Bound::Value(value, None)) = self.scopes.variable(id, tree.source(id)) {
            let value = tree.unwrapped(value);
            if matches!(tree.role(value), Role::Object | Role::Literal)
                && !(value..tree.node(value).after).contains(&id)
            {
                let object = if tree.role(value) == Role::Object {
                    Some(value)
                } else {
                    tree.child(value, Field::Body)
                };
                found = object.map_or_else(Vec::new, |object| self.listed(name, object, depth.max(DEPTH_MAX - 5)));
            }
        }
        for (key, value) in self.scopes.written(id, tree.source(id)) {
            found.push((dotted(name, key), *value, DEPTH_MAX, *value));
        }
        found
    }

    fn push(&mut self, name: String, value: Id, place: Id) {
        let mut parts = Parts::default();
        self.collect(value, value, &mut parts, self.follow);
        self.found.push(Argument {
            name,
            names: parts.names,
            texts: parts.texts,
            span: self.tree.span(place),
        });
    }

    /// Names and texts in a value; bodies of functions are not part of it.
    fn collect(&self, value: Id, at: Id, parts: &mut Parts, follow: Follow) {
        let tree = self.tree;
        let end = tree
            .node(value)
            .after
            .min(value.saturating_add(Id::try_from(NODES_MAX).unwrap_or(0)));
        let mut id = value;
        while id < end && parts.looked < NODES_MAX {
            parts.looked += 1;
            let node = tree.node(id);
            id = match node.role {
                Role::Lambda | Role::Function | Role::Class | Role::Block | Role::Comment => node.after,
                Role::Name | Role::Symbol => {
                    parts.name(tree.source(id));
                    if follow == Follow::Once && node.role == Role::Name && node.field != Field::Property {
                        self.follow(id, at, parts);
                    }
                    id + 1
                }
                Role::Text => {
                    if tree.language == Language::Kotlin {
                        tree.source(id)
                            .split('$')
                            .skip(1)
                            .take(PARTS_MAX)
                            .for_each(|after| parts.name(leading_name(after)));
                    }
                    if parts.texts.len() < PARTS_MAX {
                        parts.texts.push(cut(&text(tree, id).0, VALUE_MAX).to_owned());
                    }
                    id + 1
                }
                _ => id + 1,
            };
        }
    }

    /// What a variable was given, if it was given something once.
    fn follow(&self, id: Id, at: Id, parts: &mut Parts) {
        if let Some(Bound::Value(value, _)) = self.scopes.variable(id, self.tree.source(id))
            && !(value..self.tree.node(value).after).contains(&at)
        {
            self.collect(value, at, parts, Follow::No);
        }
    }
}

/// Whether variables are followed to what they were given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Follow {
    Once,
    No,
}

/// Key and value of a pair; the value is none where the key stands for both: `{ email }`, `email:`.
pub(crate) fn keyed(tree: &Tree<'_>, id: Id) -> Option<(String, Option<Id>)> {
    let parts: Vec<Id> = tree
        .children(id)
        .filter(|part| tree.role(*part) != Role::Comment)
        .take(4)
        .collect();
    let named = tree.child_of(id, &[Field::Key, Field::Name, Field::Property]);
    let (key, value) = match (named, tree.child(id, Field::Value), parts.as_slice()) {
        (Some(key), Some(value), _) => (key, Some(value)),
        (Some(key), None, parts) => (key, parts.last().copied().filter(|last| *last != key)),
        (None, _, [key, middle, value]) if tree.role(id) == Role::Infix && tree.source(*middle) == "to" => {
            (*key, Some(*value))
        }
        (None, _, [key, value]) if tree.role(id) != Role::Infix => (*key, Some(*value)),
        (None, _, [key]) if tree.role(id) == Role::Pair && tree.language == Language::Rust => (*key, None),
        _ => return None,
    };
    let key = tree.unwrapped(key);
    let key = match tree.role(key) {
        Role::Text => text(tree, key).0,
        _ => tree.source(key).trim_matches([':', '$', '"', '\'']).to_owned(),
    };
    (!key.is_empty()).then(|| (cut(&key, NAME_MAX).to_owned(), value))
}

fn dotted(around: &str, key: &str) -> String {
    if around.is_empty() {
        key.to_owned()
    } else {
        format!("{around}.{key}")
    }
}

fn is_array(tree: &Tree<'_>, id: Id) -> bool {
    tree.source(id).starts_with(['[', '&']) && tree.first(id).is_some() && tree.source(id).ends_with(']')
}
