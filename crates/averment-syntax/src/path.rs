//! What a call or an attribute is called: as written, and with what its first name stands for put in.
//!
//! Start at [`Paths::written`] and [`Paths::resolved`].

use crate::Language;
use crate::scope::{Bound, Scopes, is_self, member};
use crate::tree::{Field, Id, NAME_MAX, Role, Tree, cut};

/// A receiver that is further away is left out.
const STEPS_MAX: usize = 24;

/// How often what a name stands for is put in.
const HOPS_MAX: usize = 4;

/// A longer path is cut: no name of a third party is near it.
const PATH_MAX: usize = 400;

/// Writes paths.
pub(crate) struct Paths<'t, 'a> {
    pub(crate) tree: &'t Tree<'a>,
    pub(crate) scopes: &'t Scopes<'a>,
}

/// A path taken apart, the root first.
struct Steps<'a> {
    /// What it begins with; empty when that has no name.
    root: &'a str,
    /// The node of the root.
    at: Id,
    /// Constructed by `new`.
    new: bool,
    /// The root itself is called: `client()`.
    called: bool,
    /// Separator, name and `()` if it is called.
    rest: Vec<(&'static str, &'a str, &'static str)>,
    /// The module of `require("x")`.
    module: Option<String>,
}

impl<'a> Paths<'_, 'a> {
    /// The path as written.
    pub(crate) fn written(&self, id: Id) -> String {
        let steps = self.steps(id);
        let root = self.root_text(&steps);
        self.join(&steps, root, 0)
    }

    /// The path with imports and the only assignment of its first name put in.
    pub(crate) fn resolved(&self, id: Id) -> String {
        let mut hops = Vec::new();
        let mut at = id;
        let mut property = None;
        loop {
            let steps = self.steps(at);
            let (bound, used) = if hops.len() < HOPS_MAX {
                self.bound(&steps)
            } else {
                (None, 0)
            };
            match bound {
                Some(Bound::Value(value, key)) if self.is_path(value) && !self.holds(value, at) => {
                    hops.push((steps, used, property));
                    at = self.tree.unwrapped(value);
                    property = key;
                }
                _ => return self.put_together(steps, property, hops),
            }
        }
    }

    fn put_together(
        &self,
        last: Steps<'a>,
        property: Option<&str>,
        hops: Vec<(Steps<'a>, usize, Option<&'a str>)>,
    ) -> String {
        let imported = self.scopes.imported(last.root).map(|path| cut(path, 2 * NAME_MAX));
        let local = self.scopes.variable(last.at, last.root).is_some() && !last.root.starts_with(char::is_uppercase);
        let root = match (&last.module, imported) {
            (Some(module), _) => format!("{module}{}", if last.called { "()" } else { "" }),
            (None, Some(path)) if !local => format!(
                "{}{path}{}",
                if last.new { "new " } else { "" },
                if last.called { "()" } else { "" }
            ),
            _ => self.root_text(&last),
        };
        let mut path = self.join(&last, root, 0);
        let mut property = property;
        for (steps, used, next) in hops.into_iter().rev() {
            if let Some(key) = property {
                path = format!("{path}.{key}");
            }
            let prefix = if steps.new { "new " } else { "" };
            let called = if steps.called && !path.ends_with("()") {
                "()"
            } else {
                ""
            };
            let receiver =
                self.tree.language != Language::Ruby && (path.starts_with("new ") || self.ends_in_call(&steps, &path));
            let value = if receiver && !steps.rest[used.min(steps.rest.len())..].is_empty() {
                "()"
            } else {
                ""
            };
            let root = format!("{prefix}{path}{called}{value}");
            path = self.join(&steps, root, used);
            property = next;
        }
        path
    }

    /// Whether the value that is put in was itself a call: `Resend.new()` and not the module `resend`.
    fn ends_in_call(&self, steps: &Steps<'a>, path: &str) -> bool {
        let bound = self.bound(steps).0;
        let value = match bound {
            Some(Bound::Value(value, None)) => self.tree.unwrapped(value),
            _ => return false,
        };
        self.tree.role(value) == Role::Call && required(self.tree, value).is_none() && !path.ends_with("()")
    }

    /// What the first name stands for, and how many of the names after it were used: one for `this.x`.
    fn bound(&self, steps: &Steps<'a>) -> (Option<Bound<'a>>, usize) {
        if steps.module.is_some() || steps.root.is_empty() {
            return (None, 0);
        }
        if is_self(steps.root) {
            return match steps.rest.first() {
                Some((_, name, _)) => (self.scopes.field(steps.at, name), 1),
                None => (None, 0),
            };
        }
        (self.scopes.variable(steps.at, steps.root), 0)
    }

    /// Whether a value has a path to put in.
    fn is_path(&self, value: Id) -> bool {
        matches!(
            self.tree.role(self.tree.unwrapped(value)),
            Role::Name | Role::Member | Role::Index | Role::Call | Role::New | Role::Literal
        )
    }

    /// Whether a name stands in what it is given: `x = x.y`.
    fn holds(&self, value: Id, at: Id) -> bool {
        (value..self.tree.node(value).after).contains(&at)
    }

    fn root_text(&self, steps: &Steps<'a>) -> String {
        let new = if steps.new { "new " } else { "" };
        let called = if steps.called { "()" } else { "" };
        format!("{new}{}{called}", steps.root.trim_start_matches('\\'))
    }

    fn join(&self, steps: &Steps<'a>, root: String, from: usize) -> String {
        let mut path = root;
        for (place, (separator, name, called)) in steps.rest.iter().enumerate().skip(from) {
            if path.len() > PATH_MAX {
                break;
            }
            if *name == "default" && place == 0 && steps.module.is_some() {
                continue;
            }
            path.push_str(separator);
            path.push_str(name);
            path.push_str(called);
        }
        path
    }

    /// Walks from a call to the name that it begins with.
    fn steps(&self, id: Id) -> Steps<'a> {
        let tree = self.tree;
        let mut steps = Steps {
            root: "",
            at: id,
            new: false,
            called: false,
            rest: Vec::new(),
            module: None,
        };
        let mut id = tree.unwrapped(id);
        let mut called = "";
        let mut outermost = true;
        loop {
            steps.at = id;
            if steps.rest.len() > STEPS_MAX {
                break;
            }
            match tree.role(id) {
                Role::Name | Role::Symbol => {
                    steps.root = plain_name(tree.source(id));
                    break;
                }
                Role::Call if is_trailing(tree, id) => {
                    let Some(inner) = tree.first(id) else { break };
                    id = inner;
                    continue;
                }
                Role::Call | Role::New | Role::Literal => {
                    if let Some(module) = required(tree, id) {
                        steps.module = Some(module);
                        break;
                    }
                    called = if outermost || tree.language == Language::Ruby {
                        ""
                    } else {
                        "()"
                    };
                    steps.new |= tree.role(id) == Role::New;
                    match callee(tree, id) {
                        Callee::Method(object, name) => {
                            steps
                                .rest
                                .push((separator(tree, object, name), last_name(tree, name), called));
                            called = "";
                            id = tree.unwrapped(object);
                        }
                        Callee::Function(function) => id = tree.unwrapped(function),
                        Callee::None => break,
                    }
                }
                Role::Member => {
                    let Some((object, name)) = member(tree, id) else { break };
                    steps.rest.push((member_separator(tree, id), plain_name(name), called));
                    called = "";
                    id = object;
                }
                Role::Index => {
                    let Some((object, name)) = member(tree, id) else { break };
                    let constant = name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || b"_-:.".contains(&byte));
                    steps.rest.push(if constant {
                        (".", cut(name, NAME_MAX), called)
                    } else {
                        ("", "[]", called)
                    });
                    called = "";
                    id = object;
                }
                Role::Text => {
                    steps.root = "\"\"";
                    break;
                }
                _ => {
                    steps.called = outermost;
                    called = "()";
                    break;
                }
            }
            outermost = false;
        }
        steps.called = !called.is_empty();
        steps.rest.reverse();
        steps
    }
}

/// What is called.
pub(crate) enum Callee {
    /// A method of an object.
    Method(Id, Id),
    Function(Id),
    None,
}

/// Takes a call apart.
pub(crate) fn callee(tree: &Tree<'_>, id: Id) -> Callee {
    let name = tree.child_of(id, &[Field::Function, Field::Name, Field::Type]);
    if let (Some(object), Some(name)) = (tree.child(id, Field::Object), name) {
        return Callee::Method(object, name);
    }
    // `client.(x)` of Ruby has no name.
    let first = || {
        tree.children(id)
            .find(|child| !matches!(tree.role(*child), Role::Comment | Role::Arguments))
    };
    name.or_else(|| tree.child(id, Field::Object))
        .or_else(first)
        .map_or(Callee::None, Callee::Function)
}

/// The module of `require("x")` and `import("x")`.
pub(crate) fn required(tree: &Tree<'_>, id: Id) -> Option<String> {
    if !matches!(
        tree.language,
        Language::JavaScript | Language::TypeScript | Language::Tsx
    ) {
        return None;
    }
    let function = tree.child(id, Field::Function)?;
    if !matches!(tree.source(function), "require" | "import" | "require.resolve") {
        return None;
    }
    let text = tree.first(tree.child(id, Field::Arguments)?)?;
    let piece = tree.child_role(text, Role::Piece)?;
    let constant = tree.role(text) == Role::Text && tree.children(text).nth(1).is_none();
    constant.then(|| cut(tree.source(piece), 2 * NAME_MAX).to_owned())
}

fn last_name<'a>(tree: &Tree<'a>, id: Id) -> &'a str {
    plain_name(tree.source(id))
}

/// A name without generics and in one line.
fn plain_name(name: &str) -> &str {
    let name = name.split(['<', '\n', ' ']).next().unwrap_or(name);
    if name.is_empty() { "[]" } else { cut(name, NAME_MAX) }
}

fn separator(tree: &Tree<'_>, object: Id, name: Id) -> &'static str {
    separator_of(tree.between(object, name))
}

fn member_separator(tree: &Tree<'_>, id: Id) -> &'static str {
    let object = tree.first(id);
    match (object, tree.last(id)) {
        (Some(object), Some(name)) if object != name => separator_of(tree.between(object, name)),
        _ => ".",
    }
}

fn separator_of(between: &str) -> &'static str {
    if between.contains("::") {
        "::"
    } else if between.contains("->") {
        "->"
    } else {
        "."
    }
}

/// A call of Kotlin with a block behind its arguments: the call is in it.
pub(crate) fn is_trailing(tree: &Tree<'_>, id: Id) -> bool {
    tree.language == Language::Kotlin
        && tree.child_role(id, Role::Arguments).is_none()
        && tree.first(id).is_some_and(|first| tree.role(first) == Role::Call)
}
