//! Functions and methods that a file defines.

use crate::scope::{Scopes, given_name, own_name};
use crate::tree::{Field, Id, NONE, Role, Tree};
use crate::{Definition, Language};

/// The definition that a node is, if it is one.
pub(crate) fn definition(tree: &Tree<'_>, scopes: &Scopes<'_>, id: Id) -> Option<Definition> {
    match tree.role(id) {
        Role::Function => {
            let name = scopes.within(id).to_owned();
            let exported = exported(tree, id, own_name(tree, id));
            Some(Definition {
                name,
                parameters: parameters(tree, id),
                exported,
                span: tree.span(id),
            })
        }
        Role::Declare | Role::Assign | Role::Field | Role::Pair => given(tree, scopes, id),
        _ => None,
    }
}

/// A function without a name that is given one: `const track = (event) => …`, `exports.track = function …`.
fn given(tree: &Tree<'_>, scopes: &Scopes<'_>, id: Id) -> Option<Definition> {
    let lambda = tree.child_of(id, &[Field::Right, Field::Value])?;
    if tree.role(lambda) != Role::Lambda {
        return None;
    }
    let name = given_name(tree, lambda)?;
    let target = tree
        .child_of(id, &[Field::Left, Field::Name])
        .map_or("", |target| tree.source(target));
    let is_public = target.starts_with("exports.") || target.starts_with("module.exports");
    Some(Definition {
        name: scopes.within(lambda).to_owned(),
        parameters: parameters(tree, lambda),
        exported: is_public || exported(tree, id, name),
        span: tree.span(id),
    })
}

/// Names of the parameters in their order.
fn parameters(tree: &Tree<'_>, id: Id) -> Vec<String> {
    let named = || tree.children(id).find(|child| tree.role(*child) == Role::Parameters);
    let fielded = tree
        .children(id)
        .find(|child| tree.node(*child).field == Field::Parameters);
    let Some(list) = fielded.or_else(named) else {
        return Vec::new();
    };
    if tree.role(list) == Role::Name {
        return vec![tree.source(list).to_owned()];
    }
    tree.children(list)
        .flat_map(|parameter| parameter_names(tree, parameter))
        .map(|name| name.trim_start_matches(['$', '&', '*', '@']).to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn parameter_names<'a>(tree: &Tree<'a>, parameter: Id) -> Vec<&'a str> {
    match tree.role(parameter) {
        Role::Name => return vec![tree.source(parameter)],
        Role::Comment | Role::Modifiers => return Vec::new(),
        _ => {}
    }
    // `String... names` of Java.
    let parameter = tree.child_role(parameter, Role::Declare).unwrap_or(parameter);
    // `a, b string` of Go has several names.
    let names: Vec<Id> = tree
        .children(parameter)
        .filter(|child| tree.node(*child).field == Field::Name)
        .collect();
    let names = if names.is_empty() {
        tree.child(parameter, Field::Left).into_iter().collect()
    } else {
        names
    };
    if names.is_empty() {
        let first = tree
            .children(parameter)
            .find(|child| tree.role(*child) == Role::Name && tree.node(*child).field != Field::Type);
        let inner = || {
            tree.first(parameter)
                .and_then(|first| tree.child_role(first, Role::Name))
        };
        return first.or_else(inner).map(|name| tree.source(name)).into_iter().collect();
    }
    names.into_iter().flat_map(|name| bare_names(tree, name)).collect()
}

/// A name, or the names of a pattern: `{ email, name: called }`.
fn bare_names<'a>(tree: &Tree<'a>, name: Id) -> Vec<&'a str> {
    if tree.role(name) == Role::Name {
        return vec![tree.source(name)];
    }
    let end = tree.node(name).after;
    (name + 1..end)
        .take(32)
        .filter(|inner| tree.role(*inner) == Role::Name)
        .map(|inner| tree.source(inner))
        .collect()
}

/// Whether other files can call it.
fn exported(tree: &Tree<'_>, id: Id, name: &str) -> bool {
    let modifiers = tree
        .child_role(id, Role::Modifiers)
        .map_or("", |modifiers| tree.source(modifiers));
    match tree.language {
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            !name.starts_with('#') && is_within_export(tree, id)
        }
        Language::Python => !name.starts_with('_'),
        Language::Go => name.starts_with(char::is_uppercase),
        Language::Java => modifiers.contains("public"),
        Language::Rust => modifiers.starts_with("pub"),
        Language::Ruby => !follows_private(tree, id),
        _ => !["private", "protected", "internal"]
            .iter()
            .any(|word| modifiers.contains(word)),
    }
}

fn is_within_export(tree: &Tree<'_>, id: Id) -> bool {
    let mut at = tree.parent(id);
    for _ in 0..6 {
        if at == NONE {
            return false;
        }
        match tree.role(at) {
            Role::Export => return true,
            Role::Assign if tree.source(at).starts_with("module.exports") => return true,
            Role::Function | Role::Lambda | Role::Block => return false,
            _ => at = tree.parent(at),
        }
    }
    false
}

/// How many statements before a method are looked at.
const BEFORE_MAX: usize = 400;

/// Methods after a bare `private` or `protected` of Ruby, or as its argument.
fn follows_private(tree: &Tree<'_>, id: Id) -> bool {
    let parent = tree.parent(id);
    if parent == NONE {
        return false;
    }
    if tree.role(parent) == Role::Arguments {
        return tree.source(tree.parent(parent)).starts_with("private");
    }
    let mut private = false;
    for sibling in tree
        .children(parent)
        .take_while(|sibling| *sibling < id)
        .take(BEFORE_MAX)
    {
        match tree.source(sibling) {
            "private" | "protected" => private = true,
            "public" => private = false,
            _ => {}
        }
    }
    private
}
