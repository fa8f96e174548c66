//! The facts of source in one language: one tree, a few loops over it.
//!
//! Start at [`facts`].

use crate::path::{Paths, is_trailing, required};
use crate::scope::{Scopes, member, sides};
use crate::tree::{Field, Id, NAME_MAX, NONE, Role, Tree, cut};
use crate::value::{Follow, arguments, keyed, text};
use crate::{Call, Facts, Language, Surroundings, Text};
use crate::{define, grammar, imports, keys, plain, tags};

/// How far up it is looked for what a text is given to.
const ANCESTORS_MAX: usize = 24;

/// What makes an address of a text: it is an argument of whatever the address is one of.
const ADDRESS_MAKERS: [&str; 8] = [
    "URI",
    "new URI",
    "new URL",
    "URI.parse",
    "URI.create",
    "URL",
    "Uri",
    "Uri.parse",
];

/// The facts of a text in a language that has a grammar of its own; none when it could not be parsed.
pub(crate) fn facts(language: Language, text: &str) -> Option<Facts> {
    let tree = grammar::parse(language, text)?;
    Some(of_tree(&tree))
}

/// The facts of a tree.
pub(crate) fn of_tree(tree: &Tree<'_>) -> Facts {
    let mut scopes = Scopes::of(tree);
    let imports = imports::imports(tree, &scopes);
    scopes.import(&imports, imports::separator(tree.language));
    let mut reader = Reader {
        paths: Paths { tree, scopes: &scopes },
        called: vec![NONE; tree.nodes.len()],
        left: 10_000 + tree.nodes.len(),
        facts: Facts {
            imports,
            broken: tree.broken,
            ..Facts::default()
        },
    };
    let count = Id::try_from(tree.nodes.len()).unwrap_or(NONE);
    for id in 0..count {
        reader.call(id);
    }
    for id in 0..count {
        reader.rest(id);
    }
    reader.facts
}

struct Reader<'t, 'a> {
    paths: Paths<'t, 'a>,
    /// Number of the call of every node that is one.
    called: Vec<u32>,
    facts: Facts,
    /// How many arguments may still be read with variables followed.
    left: usize,
}

impl<'a> Reader<'_, 'a> {
    fn tree(&self) -> &Tree<'a> {
        self.paths.tree
    }

    fn call(&mut self, id: Id) {
        let tree = self.paths.tree;
        if !matches!(tree.role(id), Role::Call | Role::New | Role::Literal) || self.is_no_call(id) {
            return;
        }
        let path = self.paths.written(id);
        if path.trim_start_matches("()").is_empty() || is_import(tree.language, &path) {
            return;
        }
        let is_macro = tree.language == Language::Rust && tree.child_role(id, Role::Tokens).is_some();
        let mark = if is_macro { "!" } else { "" };
        // The same object given to very many calls would stand in each of them.
        let follow = if self.left > 0 { Follow::Once } else { Follow::No };
        let arguments = arguments(tree, self.paths.scopes, id, follow);
        self.left = self.left.saturating_sub(arguments.len());
        self.called[id as usize] = u32::try_from(self.facts.calls.len()).unwrap_or(NONE);
        self.facts.calls.push(Call {
            resolved: self.paths.resolved(id) + mark,
            path: path + mark,
            arguments,
            within: self.paths.scopes.within(id).to_owned(),
            span: tree.span(id),
            surroundings: self.paths.scopes.surroundings(id),
        });
    }

    /// Imports that are calls, constructions without a name, and what in Ruby reads like a call and is an attribute of a variable.
    fn is_no_call(&self, id: Id) -> bool {
        let tree = self.tree();
        match tree.role(id) {
            Role::Literal => {
                let name = tree.child_of(id, &[Field::Type, Field::Name]);
                name.is_none_or(|name| !matches!(tree.role(tree.unwrapped(name)), Role::Name | Role::Member))
            }
            Role::Call if required(tree, id).is_some() || is_trailing(tree, id) => true,
            Role::Call if tree.language == Language::Ruby => {
                let bare = tree.child_of(id, &[Field::Arguments, Field::Block]).is_none();
                let object = tree.child(id, Field::Object).map(|object| tree.unwrapped(object));
                bare && object.is_some_and(|object| {
                    is_attribute_of(tree, object) && !self.paths.resolved(id).starts_with(char::is_uppercase)
                })
            }
            _ => false,
        }
    }

    fn rest(&mut self, id: Id) {
        let tree = self.paths.tree;
        let scopes = self.paths.scopes;
        match tree.role(id) {
            Role::Text => self.text(id),
            Role::Comment => self.facts.texts.append(&mut comment(tree, id)),
            Role::Uninterpreted => {
                let start = tree.span(id).start;
                self.facts
                    .texts
                    .append(&mut plain::lines(tree.source(id), start, Surroundings::Unreachable));
            }
            Role::Markup if tree.language != Language::Php => self.markup(id),
            Role::Broken => self.gaps(id),
            Role::Declare => self.facts.keys.extend(keys::pattern(&self.paths, id)),
            Role::Element => self.facts.tags.extend(tags::element(&self.paths, id)),
            Role::Member | Role::Index => self.facts.keys.extend(keys::attribute(&self.paths, id)),
            _ => {}
        }
        self.facts.definitions.extend(define::definition(tree, scopes, id));
        let number = self.called[id as usize];
        if let Some(call) = self.facts.calls.get(number as usize) {
            self.facts.keys.extend(keys::call(&self.paths, id, call));
            self.facts.tags.extend(tags::helper(tree, id, call));
        } else if tree.role(id) == Role::Call {
            self.facts.keys.extend(keys::attribute(&self.paths, id));
        }
    }

    fn text(&mut self, id: Id) {
        let tree = self.paths.tree;
        let surroundings = self.paths.scopes.surroundings(id);
        let (text, span) = text(tree, id);
        if is_documentation(tree, id) {
            let inner = tree.text.get(span.clone()).unwrap_or("");
            self.facts
                .texts
                .append(&mut plain::lines(inner, span.start, Surroundings::Comment));
            return;
        }
        let Some((given_to, argument_of)) = self.context(id) else {
            return;
        };
        if !text.is_empty() {
            self.facts.texts.push(Text {
                text,
                given_to,
                argument_of,
                span,
                surroundings,
            });
        }
    }

    /// What a text is given to, and what it is an argument of; none for the module of an import.
    fn context(&self, id: Id) -> Option<(String, String)> {
        self.context_within(id, &ADDRESS_MAKERS)
    }

    /// `through`: calls that are looked through, once.
    fn context_within(&self, id: Id, through: &[&str]) -> Option<(String, String)> {
        let tree = self.tree();
        let (mut given_to, mut at) = (String::new(), id);
        for _ in 0..ANCESTORS_MAX {
            let parent = tree.parent(at);
            if parent == NONE {
                break;
            }
            match tree.role(parent) {
                Role::Import => return None,
                Role::Export if tree.node(at).field == Field::Source => return None,
                Role::Pair | Role::Argument | Role::Infix if given_to.is_empty() => {
                    if let Some((key, Some(value))) = keyed(tree, parent) {
                        if !(value..tree.node(value).after).contains(&id) {
                            break;
                        }
                        given_to = cut(&key, NAME_MAX).to_owned();
                    }
                }
                Role::Declare | Role::Assign | Role::Field => {
                    if given_to.is_empty() {
                        given_to = target(tree, parent, at);
                    }
                    break;
                }
                Role::Attribute => {
                    given_to = tree.first(parent).map_or("", |name| tree.source(name)).to_owned();
                    // A quoted value stands with its tag.
                    if tree.node(parent).after == tree.node(id).after && tree.parent(id) == parent {
                        return None;
                    }
                    break;
                }
                Role::Call | Role::New | Role::Literal => {
                    let is_argument = matches!(tree.role(at), Role::Arguments | Role::Tokens | Role::Object)
                        || tree.node(at).field == Field::Arguments;
                    let path = self
                        .facts
                        .calls
                        .get(self.called[parent as usize] as usize)
                        .map(|call| call.path.clone());
                    if !is_argument && is_filled_in(tree, parent, id) {
                        at = parent;
                        continue;
                    }
                    return match path {
                        Some(path) if is_argument => {
                            let outer = through
                                .contains(&path.as_str())
                                .then(|| self.context_within(parent, &[]));
                            let outer = outer.flatten().filter(|(_, outer)| !outer.is_empty());
                            Some(outer.unwrap_or((given_to, path)))
                        }
                        None if is_argument
                            && (required(tree, parent).is_some()
                                || is_import(tree.language, &self.paths.written(parent))) =>
                        {
                            None
                        }
                        None if is_argument && is_called_on_the_spot(tree, parent) => {
                            Some((given_to, ON_THE_SPOT.to_owned()))
                        }
                        _ => Some((given_to, String::new())),
                    };
                }
                Role::Index
                | Role::Block
                | Role::Function
                | Role::Lambda
                | Role::Class
                | Role::Return
                | Role::Statement => break,
                // What a pattern takes when there is nothing: `{ locale = "en" }`.
                Role::Other if tree.node(at).field == Field::Right && is_default(tree, parent) => {
                    given_to = tree
                        .child(parent, Field::Left)
                        .map_or("", |name| tree.source(name))
                        .to_owned();
                    break;
                }
                Role::Other if tree.node(at).field == Field::Value && given_to.is_empty() => {
                    given_to = tree
                        .child(parent, Field::Name)
                        .map_or("", |name| tree.source(name))
                        .trim_start_matches('$')
                        .to_owned();
                }
                _ => {}
            }
            at = parent;
        }
        Some((given_to, String::new()))
    }

    fn markup(&mut self, id: Id) {
        let tree = self.paths.tree;
        let start = tree.span(id).start;
        let mut lines = plain::lines(tree.source(id), start, self.paths.scopes.surroundings(id));
        self.facts.texts.append(&mut lines);
    }

    /// What stands between the nodes that the grammar could make out where it could not read the whole.
    fn gaps(&mut self, id: Id) {
        let tree = self.paths.tree;
        let surroundings = self.paths.scopes.surroundings(id);
        let mut at = tree.span(id).start;
        let ends = tree
            .children(id)
            .map(|child| tree.span(child))
            .chain(std::iter::once(tree.span(id).end..tree.span(id).end));
        let mut texts = Vec::new();
        for span in ends {
            let gap = tree.text.get(at..span.start).unwrap_or("");
            if gap.bytes().any(|byte| byte.is_ascii_alphanumeric()) {
                texts.append(&mut plain::lines(gap, at, surroundings));
            }
            at = at.max(span.end);
        }
        self.facts.texts.append(&mut texts);
    }
}

impl Facts {
    /// Puts every list in the order of the text.
    pub(crate) fn sort(&mut self) {
        self.imports.sort_by_key(|import| import.span.start);
        self.calls.sort_by_key(|call| (call.span.start, call.span.end));
        self.definitions.sort_by_key(|definition| definition.span.start);
        self.texts.sort_by_key(|text| text.span.start);
        self.tags.sort_by_key(|tag| tag.span.start);
        self.keys.sort_by_key(|key| key.span.start);
    }
}

fn is_attribute_of(tree: &Tree<'_>, object: Id) -> bool {
    match tree.role(object) {
        Role::Name => !tree.source(object).starts_with(char::is_uppercase),
        Role::Call => tree.child_of(object, &[Field::Arguments, Field::Block]).is_none(),
        Role::Member => false,
        _ => true,
    }
}

/// What an argument of a function that is called where it is written is an argument of.
const ON_THE_SPOT: &str = "()";

/// Whether a call fills in what is left open in the text that it is called on: `"https://desk.example/{0}".format(number)`.
fn is_filled_in(tree: &Tree<'_>, call: Id, text: Id) -> bool {
    let behind = tree.source(call).strip_prefix(tree.source(text));
    behind.is_some_and(|behind| behind.trim_start().starts_with(".format("))
}

/// `(function (a) { … })(x)`, `!function (a) { … }(x)`, `((a) => { … })(x)` of JavaScript.
fn is_called_on_the_spot(tree: &Tree<'_>, call: Id) -> bool {
    let script = matches!(
        tree.language,
        Language::JavaScript | Language::TypeScript | Language::Tsx
    );
    let called = tree.first(call).map(|called| tree.unwrapped(called));
    script && called.is_some_and(|called| matches!(tree.role(called), Role::Function | Role::Lambda))
}

fn is_import(language: Language, path: &str) -> bool {
    match language {
        Language::Ruby => matches!(
            path,
            "require" | "require_relative" | "require_dependency" | "load" | "autoload"
        ),
        Language::Python => matches!(path, "importlib.import_module" | "import_module" | "__import__"),
        _ => false,
    }
}

/// A text that is a statement: the documentation of Python, or a directive.
fn is_documentation(tree: &Tree<'_>, id: Id) -> bool {
    let parent = tree.parent(id);
    let alone =
        |parent: Id| tree.span(parent).start == tree.span(id).start && tree.node(parent).after == tree.node(id).after;
    tree.language == Language::Python && parent != NONE && tree.role(parent) == Role::Statement && alone(parent)
}

fn is_default(tree: &Tree<'_>, id: Id) -> bool {
    let name = tree.child(id, Field::Left);
    name.is_some_and(|name| tree.role(name) == Role::Name && tree.source(name).len() <= NAME_MAX)
        && tree.between_is(id, "=")
}

/// The last name of what is assigned.
fn target(tree: &Tree<'_>, assignment: Id, at: Id) -> String {
    if tree.role(assignment) == Role::Field {
        let name = tree
            .child_of(assignment, &[Field::Property, Field::Name])
            .or_else(|| tree.first(assignment));
        return name
            .filter(|name| *name != at)
            .map_or("", |name| tree.source(name))
            .trim_start_matches('$')
            .to_owned();
    }
    let Some((targets, values)) = sides(tree, assignment) else {
        return String::new();
    };
    let place = values
        .iter()
        .position(|value| (*value..tree.node(*value).after).contains(&at))
        .unwrap_or(0);
    let Some(target) = targets.get(place).or_else(|| targets.first()) else {
        return String::new();
    };
    let name = match tree.role(*target) {
        Role::Member | Role::Index | Role::Call => member(tree, *target).map_or("", |(_, key)| key),
        _ => tree.source(*target),
    };
    let name = if name.starts_with(['{', '[', '(']) { "" } else { name };
    cut(name.trim_start_matches(['@', '$']), NAME_MAX).to_owned()
}

/// Lines of a comment without its marks.
pub(crate) fn comment(tree: &Tree<'_>, id: Id) -> Vec<Text> {
    let start = tree.span(id).start;
    let mut lines = plain::lines(tree.source(id), start, Surroundings::Comment);
    for line in &mut lines {
        let bare = line
            .text
            .trim_start_matches(['/', '*', '#', '!', ' ', '<', '-'])
            .trim_end_matches(['/', '*', ' ', '-', '>']);
        let skipped = line.text.len() - line.text.trim_start_matches(['/', '*', '#', '!', ' ', '<', '-']).len();
        line.span = line.span.start + skipped..line.span.start + skipped + bare.len();
        line.text = bare.to_owned();
    }
    lines.retain(|line| !line.text.is_empty() && line.text != "=begin" && line.text != "=end");
    lines
}
