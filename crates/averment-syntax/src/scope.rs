//! In which function every node stands and whether it runs, and what the names of a file stand for.
//!
//! Start at [`Scopes::of`]. A name stands for something when it is assigned once; what is assigned twice is not known.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

use crate::tree::{Field, Id, NAME_MAX, NONE, Role, Tree, cut};
use crate::{Import, Language, Surroundings};

/// Maps that are only asked, never walked, so that their order does not matter.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<DefaultHasher>>;

/// What kind of scope it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Top,
    Class,
    Function,
    Lambda,
}

/// A function, a class or the file.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) kind: Kind,
    pub(crate) parent: u32,
    /// `Class.method`; that of the function around it for a lambda.
    pub(crate) name: String,
    /// Whether it is a function or in one.
    in_function: bool,
    /// The class around it, if any.
    pub(crate) class: Option<u32>,
}

/// What a name was given.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound<'a> {
    /// A value, or a property of it.
    Value(Id, Option<&'a str>),
    /// A parameter, a variable of a loop, or something that is assigned more than once.
    Unknown,
}

/// All scopes of a file.
pub(crate) struct Scopes<'a> {
    pub(crate) scopes: Vec<Scope>,
    /// Scope of every node.
    of: Vec<u32>,
    /// Whether every node runs.
    live: Vec<Surroundings>,
    variables: Map<(u32, &'a str), Bound<'a>>,
    /// Fields of a class, without `this.`, `self.` or `@`.
    fields: Map<(u32, &'a str), Bound<'a>>,
    /// Keys that are given to the value of a variable after it was made.
    written: Map<(u32, &'a str), Vec<(&'a str, Id)>>,
    /// Names that an import gives, and what they stand for.
    imported: Map<String, String>,
}

/// How many functions around a name it is looked for in.
const SCOPES_MAX: usize = 64;

/// How many keys are kept of what is written into one variable.
const WRITTEN_MAX: usize = 64;

impl<'a> Scopes<'a> {
    pub(crate) fn of(tree: &Tree<'a>) -> Self {
        let count = tree.nodes.len();
        let top = Scope {
            kind: Kind::Top,
            parent: NONE,
            name: String::new(),
            in_function: false,
            class: None,
        };
        let mut scopes = Self {
            scopes: vec![top],
            of: vec![0; count],
            live: vec![Surroundings::Live; count],
            variables: Map::default(),
            fields: Map::default(),
            written: Map::default(),
            imported: Map::default(),
        };
        for id in 0..Id::try_from(count).unwrap_or(NONE) {
            scopes.enter(tree, id);
        }
        scopes.declare_all(tree);
        scopes.assign_all(tree);
        scopes
    }

    /// The function that a node stands in, by its name.
    pub(crate) fn within(&self, id: Id) -> &str {
        let scope = &self.scopes[self.of[id as usize] as usize];
        if scope.in_function { &scope.name } else { "" }
    }

    fn class_number(&self, id: Id) -> Option<u32> {
        let scope = self.of[id as usize];
        let found = &self.scopes[scope as usize];
        if found.kind == Kind::Class {
            Some(scope)
        } else {
            found.class
        }
    }

    pub(crate) fn surroundings(&self, id: Id) -> Surroundings {
        self.live[id as usize]
    }

    /// Takes over the names of the imports.
    pub(crate) fn import(&mut self, imports: &[Import], separator: &str) {
        for import in imports {
            for (name, meant) in &import.names {
                let path = match meant.as_str() {
                    "*" | "default" => import.module.clone(),
                    member => format!("{}{separator}{member}", import.module),
                };
                if name != "*" {
                    self.imported.entry(name.clone()).or_insert(path);
                }
            }
        }
    }

    /// What an imported name stands for.
    pub(crate) fn imported(&self, name: &str) -> Option<&str> {
        self.imported.get(name).map(String::as_str)
    }

    /// What a variable stands for where `at` is; none when it is not assigned in this file.
    pub(crate) fn variable(&self, at: Id, name: &str) -> Option<Bound<'a>> {
        let mut scope = self.of[at as usize];
        for _ in 0..SCOPES_MAX {
            if scope == NONE {
                break;
            }
            if let Some(bound) = self.variables.get(&(scope, name)) {
                return Some(*bound);
            }
            scope = self.scopes[scope as usize].parent;
        }
        self.field(at, name)
    }

    /// What a field of the class around `at` stands for.
    pub(crate) fn field(&self, at: Id, name: &str) -> Option<Bound<'a>> {
        let class = self.class_number(at).unwrap_or(0);
        self.fields.get(&(class, name.trim_start_matches('@'))).copied()
    }

    /// Keys that are written into a variable: `payload.email = …`.
    pub(crate) fn written(&self, at: Id, name: &'a str) -> &[(&'a str, Id)] {
        self.written
            .get(&(self.of[at as usize], name))
            .map_or(&[], Vec::as_slice)
    }

    fn enter(&mut self, tree: &Tree<'a>, id: Id) {
        let at = id as usize;
        let node = *tree.node(id);
        if node.parent != NONE {
            let parent = node.parent as usize;
            self.of[at] = self.of[parent];
            self.live[at] = self.live[at].min(self.live[parent]);
        }
        match node.role {
            Role::Function => {
                if is_preview(tree, id) {
                    self.live[at] = Surroundings::Unreachable;
                }
                self.open(tree, id, Kind::Function);
            }
            Role::Lambda if given_name(tree, id).is_some() => self.open(tree, id, Kind::Function),
            Role::Lambda => self.open(tree, id, Kind::Lambda),
            Role::Class => self.open(tree, id, Kind::Class),
            Role::If | Role::Unless => self.branches(tree, id),
            Role::Comment => self.live[at] = Surroundings::Comment,
            Role::Uninterpreted => self.live[at] = Surroundings::Unreachable,
            _ => {}
        }
        if ends_block(tree, id) {
            self.cut(tree, id);
        }
    }

    fn open(&mut self, tree: &Tree<'a>, id: Id, kind: Kind) {
        let parent = self.of[id as usize];
        let class = self.class_number(id);
        let around = class.map_or_else(|| receiver(tree, id), |class| &self.scopes[class as usize].name);
        let name = match kind {
            Kind::Lambda | Kind::Top => self.scopes[parent as usize].name.clone(),
            Kind::Class => joined(around, own_name(tree, id)),
            Kind::Function => function_name(tree, id, around),
        };
        let inherits = kind == Kind::Lambda && self.scopes[parent as usize].in_function;
        self.of[id as usize] = u32::try_from(self.scopes.len()).unwrap_or(0);
        self.scopes.push(Scope {
            kind,
            parent,
            name,
            in_function: kind == Kind::Function || inherits,
            class,
        });
    }

    /// Marks the branch of a condition that is written out as true or false.
    fn branches(&mut self, tree: &Tree<'a>, id: Id) {
        let condition = tree.child(id, Field::Condition);
        let Some(truth) = truth(tree.language, condition_source(tree, id, condition)) else {
            return;
        };
        let taken = if tree.role(id) == Role::Unless { !truth } else { truth };
        let branches = tree
            .children(id)
            .filter(|child| Some(*child) != condition && tree.role(*child) != Role::Comment);
        for (place, child) in branches.enumerate() {
            let alternative = match tree.node(child).field {
                Field::Alternative => true,
                Field::Consequence | Field::Body => false,
                _ => place > 0,
            };
            if alternative == taken {
                self.live[child as usize] = Surroundings::Unreachable;
            }
        }
    }

    /// Marks what follows in the same block.
    fn cut(&mut self, tree: &Tree<'a>, id: Id) {
        let end = tree.node(tree.parent(id)).after;
        let mut next = tree.node(id).after;
        while next < end {
            let after = tree.node(next).after;
            let stays = matches!(tree.role(next), Role::Function | Role::Class | Role::Comment);
            let ends_here = tree.text.get(tree.span(next)).is_some_and(|text| {
                text.starts_with("else") || text.starts_with("rescue") || text.starts_with("ensure")
            });
            if self.live[next as usize] == Surroundings::Unreachable || ends_here {
                return;
            }
            if !stays {
                self.live[next as usize] = Surroundings::Unreachable;
            }
            next = after;
        }
    }

    fn declare_all(&mut self, tree: &Tree<'a>) {
        for id in 0..Id::try_from(tree.nodes.len()).unwrap_or(NONE) {
            match tree.role(id) {
                Role::Declare => self.declare(tree, id),
                Role::Parameters | Role::Loop => self.unknown(tree, id),
                Role::Field => self.declare_field(tree, id),
                _ => {}
            }
        }
    }

    fn declare(&mut self, tree: &Tree<'a>, id: Id) {
        let Some((targets, values)) = sides(tree, id) else {
            return;
        };
        let scope = self.of[id as usize];
        if targets.len() == values.len() {
            for (target, value) in targets.iter().zip(&values) {
                self.target(tree, scope, *target, *value);
            }
        } else if let (Some(target), [value]) = (targets.first(), values.as_slice()) {
            // `value, err := call()`: the first is what was asked for.
            self.target(tree, scope, *target, *value);
        }
    }

    /// One side of an assignment, taken apart if it is a pattern.
    fn target(&mut self, tree: &Tree<'a>, scope: u32, target: Id, value: Id) {
        match tree.role(target) {
            Role::Name => self.bind(scope, tree.source(target), Bound::Value(value, None)),
            Role::Member | Role::Index => {}
            _ => self.pattern(tree, scope, target, value),
        }
    }

    fn pattern(&mut self, tree: &Tree<'a>, scope: u32, pattern: Id, value: Id) {
        for child in tree.children(pattern) {
            match tree.role(child) {
                Role::Name => {
                    let name = tree.source(child);
                    self.bind(scope, name, Bound::Value(value, Some(name)));
                }
                Role::Pair => {
                    let names: Vec<Id> = tree
                        .children(child)
                        .filter(|part| tree.role(*part) == Role::Name)
                        .collect();
                    if let [key, name] = names.as_slice() {
                        self.bind(scope, tree.source(*name), Bound::Value(value, Some(tree.source(*key))));
                    }
                }
                _ => {}
            }
        }
    }

    fn bind(&mut self, scope: u32, name: &'a str, bound: Bound<'a>) {
        self.variables
            .entry((scope, name))
            .and_modify(|old| *old = Bound::Unknown)
            .or_insert(bound);
    }

    /// Parameters and variables of loops.
    fn unknown(&mut self, tree: &Tree<'a>, id: Id) {
        let scope = self.of[id as usize];
        let end = tree.node(id).after;
        let children = tree.children(id).filter(|_| tree.role(id) == Role::Loop).take(1);
        let from = children.last().unwrap_or(id + 1);
        let end = if tree.role(id) == Role::Loop {
            tree.node(from).after
        } else {
            end
        };
        let mut at = from;
        while at < end {
            let node = tree.node(at);
            if node.role == Role::Name && !matches!(node.field, Field::Type | Field::Value | Field::Right) {
                self.variables.insert((scope, tree.source(at)), Bound::Unknown);
            }
            let skip = matches!(node.role, Role::Call | Role::Lambda | Role::Object) || node.field == Field::Value;
            at = if skip { node.after } else { at + 1 };
        }
    }

    fn declare_field(&mut self, tree: &Tree<'a>, id: Id) {
        let name = tree
            .child_of(id, &[Field::Property, Field::Name])
            .or_else(|| tree.first(id));
        let value = tree.child(id, Field::Value).or_else(|| tree.last(id));
        if let (Some(name), Some(value)) = (name, value)
            && name != value
        {
            self.bind_field(id, tree.source(name).trim_start_matches('$'), value);
        }
    }

    fn bind_field(&mut self, at: Id, name: &'a str, value: Id) {
        let class = self.class_number(at).unwrap_or(0);
        let bound = Bound::Value(value, None);
        self.fields
            .entry((class, name))
            .and_modify(|old| *old = Bound::Unknown)
            .or_insert(bound);
    }

    fn assign_all(&mut self, tree: &Tree<'a>) {
        for id in 0..Id::try_from(tree.nodes.len()).unwrap_or(NONE) {
            if tree.role(id) == Role::Assign {
                self.assign(tree, id);
            }
        }
    }

    fn assign(&mut self, tree: &Tree<'a>, id: Id) {
        let Some((targets, values)) = sides(tree, id) else {
            return;
        };
        if let ([target], [value]) = (targets.as_slice(), values.as_slice()) {
            return self.assign_one(tree, id, *target, *value);
        }
        for (place, target) in targets.iter().enumerate() {
            match (values.get(place), tree.role(*target)) {
                (Some(value), Role::Name) if values.len() == targets.len() => {
                    self.assign_one(tree, id, *target, *value)
                }
                (_, Role::Name) => self.bind(self.of[id as usize], tree.source(*target), Bound::Unknown),
                _ => {}
            }
        }
    }

    fn assign_one(&mut self, tree: &Tree<'a>, id: Id, target: Id, value: Id) {
        let source = tree.source(target);
        match tree.role(target) {
            Role::Name if source.starts_with('@') => self.bind_field(id, source.trim_start_matches('@'), value),
            Role::Name => self.bind(self.owner(tree, id, source), source, Bound::Value(value, None)),
            Role::Member | Role::Index | Role::Call => self.write(tree, id, target, value),
            _ => self.pattern(tree, self.of[id as usize], target, value),
        }
    }

    /// The scope that a name is assigned in: where it is declared, if it is.
    fn owner(&self, tree: &Tree<'a>, id: Id, name: &'a str) -> u32 {
        let mut scope = self.of[id as usize];
        let local = scope;
        if matches!(tree.language, Language::Python | Language::Ruby) {
            return self.blockless(scope, name);
        }
        for _ in 0..SCOPES_MAX {
            if scope == NONE {
                break;
            }
            if self.variables.contains_key(&(scope, name)) {
                return scope;
            }
            scope = self.scopes[scope as usize].parent;
        }
        if tree.language == Language::Php { local } else { 0 }
    }

    /// Blocks of Ruby see the variables around them.
    fn blockless(&self, scope: u32, name: &'a str) -> u32 {
        let mut at = scope;
        for _ in 0..SCOPES_MAX {
            if self.scopes[at as usize].kind != Kind::Lambda {
                break;
            }
            if self.variables.contains_key(&(at, name)) {
                return at;
            }
            at = self.scopes[at as usize].parent;
        }
        if self.variables.contains_key(&(at, name)) {
            at
        } else {
            scope
        }
    }

    /// `this.x = …` and `payload.email = …`.
    fn write(&mut self, tree: &Tree<'a>, id: Id, target: Id, value: Id) {
        let Some((object, key)) = member(tree, target) else {
            return;
        };
        let (object_source, object_role) = (tree.source(object), tree.role(object));
        if is_self(object_source) {
            self.bind_field(id, key, value);
        } else if object_role == Role::Name {
            let keys = self.written.entry((self.of[id as usize], object_source)).or_default();
            if keys.len() < WRITTEN_MAX {
                keys.push((key, value));
            }
        }
    }
}

/// `@Preview @Composable fun DeskPreview()`: drawn where somebody writes the program, and in no program that runs.
fn is_preview(tree: &Tree<'_>, id: Id) -> bool {
    if tree.language != Language::Kotlin {
        return false;
    }
    let modifiers = tree.child_role(id, Role::Modifiers);
    let written = modifiers.map_or("", |modifiers| tree.source(modifiers));
    let named = |name: &str| {
        let end = name
            .find(|letter: char| !letter.is_alphanumeric())
            .unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default();
        name.starts_with("Preview") || name.ends_with("Preview") || name.ends_with("Previews")
    };
    written.contains("@Composable") && written.split('@').skip(1).any(named)
}

/// Whether it is the object that a method belongs to.
pub(crate) fn is_self(source: &str) -> bool {
    matches!(source, "this" | "self" | "$this" | "cls")
}

/// The name of a class or function as it is written.
pub(crate) fn own_name<'a>(tree: &Tree<'a>, id: Id) -> &'a str {
    let name = tree.child_of(id, &[Field::Name]);
    // `impl Trait for Type` of Rust has a type and no name.
    name.or_else(|| tree.child(id, Field::Type))
        .map_or("", |name| tree.source(name))
}

/// The type that a method of Go belongs to: `(s *Sender[T])`.
fn receiver<'a>(tree: &Tree<'a>, id: Id) -> &'a str {
    let receiver = tree.child(id, Field::Object).filter(|_| tree.language == Language::Go);
    let source = receiver.map_or("", |receiver| tree.source(receiver).trim_matches(['(', ')']));
    let name = source.rsplit([' ', '*']).find(|part| !part.is_empty()).unwrap_or("");
    name.split('[').next().unwrap_or(name)
}

/// The name of a function: with its class, or with the object that it is a key of.
fn function_name(tree: &Tree<'_>, id: Id, around: &str) -> String {
    let is_lambda = tree.role(id) == Role::Lambda;
    let name = if is_lambda {
        given_name(tree, id).unwrap_or("")
    } else {
        own_name(tree, id)
    };
    let key = if is_lambda { tree.parent(id) } else { id };
    match object_name(tree, key) {
        Some(object) => joined(object, name),
        None => joined(around, name),
    }
}

/// The name that a function without one is given: `const track = …`, `exports.track = …`, a key of an object that is given a name.
pub(crate) fn given_name<'a>(tree: &Tree<'a>, id: Id) -> Option<&'a str> {
    let parent = tree.parent(id);
    let is_value = matches!(tree.node(id).field, Field::Value | Field::Right);
    if parent == NONE || !is_value || tree.language == Language::Ruby {
        return None;
    }
    let is_named = match tree.role(parent) {
        Role::Declare | Role::Assign | Role::Field => true,
        Role::Pair => object_name(tree, parent).is_some(),
        _ => false,
    };
    let name = tree.child_of(parent, &[Field::Left, Field::Name, Field::Key, Field::Property]);
    let source = tree.source(name.filter(|_| is_named)?);
    let bare = ["module.exports.", "exports.", "this."]
        .into_iter()
        .find_map(|prefix| source.strip_prefix(prefix));
    let bare = bare.unwrap_or(source).trim_matches(['"', '\'', ':', '$']);
    (bare.len() <= NAME_MAX && !bare.contains(['{', '[', '\n', ' '])).then_some(bare)
}

/// The variable that the object around a key is given to; empty for what a module exports.
fn object_name<'a>(tree: &Tree<'a>, key: Id) -> Option<&'a str> {
    let object = Some(tree.parent(key)).filter(|object| *object != NONE && tree.role(*object) == Role::Object)?;
    let given = Some(tree.parent(object)).filter(|given| *given != NONE)?;
    match tree.role(given) {
        Role::Declare | Role::Assign | Role::Field => {
            let name = tree.child_of(given, &[Field::Left, Field::Name, Field::Property]);
            let name = name.map_or("", |name| tree.source(name));
            Some(if name == "module.exports" || name.len() > NAME_MAX {
                ""
            } else {
                name
            })
        }
        Role::Export => Some(""),
        _ => None,
    }
}

pub(crate) fn joined(around: &str, name: &str) -> String {
    let name = cut(name, NAME_MAX);
    // What is nested deeper than anybody writes goes by its own name.
    let around = if around.len() > 2 * NAME_MAX { "" } else { around };
    if around.is_empty() || name.is_empty() {
        format!("{around}{name}")
    } else {
        format!("{around}.{name}")
    }
}

/// Object and key of `object.key`, `object["key"]` and `object.key = ` of Ruby.
pub(crate) fn member<'a>(tree: &Tree<'a>, id: Id) -> Option<(Id, &'a str)> {
    let object = tree
        .child_of(id, &[Field::Object, Field::Value])
        .or_else(|| tree.first(id))?;
    let key = tree
        .child_of(id, &[Field::Property, Field::Index, Field::Function, Field::Name])
        .or_else(|| tree.last(id))?;
    let key = if tree.role(key) == Role::Text {
        tree.child_role(key, Role::Piece)?
    } else {
        key
    };
    (object != key).then(|| (tree.unwrapped(object), tree.source(key).trim_start_matches([':', '$'])))
}

/// Targets and values of an assignment or declaration.
pub(crate) fn sides(tree: &Tree<'_>, id: Id) -> Option<(Vec<Id>, Vec<Id>)> {
    let targets: Vec<Id> = match tree.child(id, Field::Left) {
        Some(left) => vec![left],
        None => tree
            .children(id)
            .filter(|child| tree.node(*child).field == Field::Name)
            .collect(),
    };
    if let Some(alias) = tree.child(id, Field::Alias).filter(|_| tree.role(id) == Role::Declare) {
        return Some((vec![tree.first(alias)?], vec![tree.first(id)?]));
    }
    let value = tree.child_of(id, &[Field::Right, Field::Value]);
    if tree.language == Language::Kotlin && targets.is_empty() {
        // `val x: Type = value`: the grammar names neither.
        let declared = tree.children(id).find(|child| tree.role(*child) == Role::Other)?;
        let value = tree.last(id).filter(|last| *last != declared)?;
        return Some((vec![tree.child_role(declared, Role::Name)?], vec![value]));
    }
    Some((listed(tree, targets), listed(tree, vec![value?])))
}

/// The expressions of lists on either side: `a, b = c, d`.
fn listed(tree: &Tree<'_>, side: Vec<Id>) -> Vec<Id> {
    match side.as_slice() {
        [one] if tree.role(*one) == Role::Other && is_list(tree, *one) => {
            tree.children(*one).take(LISTED_MAX).collect()
        }
        _ => side,
    }
}

/// How many names are assigned at once.
const LISTED_MAX: usize = 64;

fn is_list(tree: &Tree<'_>, id: Id) -> bool {
    matches!(tree.language, Language::Go | Language::Python | Language::Ruby)
        && !tree.source(id).starts_with(['[', '{', '('])
        && tree
            .children(id)
            .nth(if tree.language == Language::Go { 0 } else { 1 })
            .is_some()
        && tree.first(id).is_some_and(|first| {
            let second = tree.children(id).nth(1);
            second.is_none_or(|second| tree.between(first, second).trim() == ",")
        })
}

/// A statement after which nothing of its block runs.
fn ends_block(tree: &Tree<'_>, id: Id) -> bool {
    let parent = tree.parent(id);
    if parent == NONE || tree.role(parent) != Role::Block {
        return false;
    }
    match tree.role(id) {
        Role::Return => true,
        Role::Statement | Role::Other => tree.first(id).is_some_and(|inner| {
            tree.role(inner) == Role::Return
                && tree.span(inner).start == tree.span(id).start
                && tree.language != Language::Python
        }),
        // `raise` of Ruby is a method like any other.
        Role::Call if tree.language == Language::Ruby => {
            tree.child(id, Field::Object).is_none()
                && tree
                    .child(id, Field::Function)
                    .is_some_and(|name| tree.source(name) == "raise")
        }
        Role::Name if tree.language == Language::Ruby => tree.source(id) == "raise",
        _ => false,
    }
}

/// The condition as written. Literals are not nodes of the tree, so it is what stands before the first branch, or behind the only one.
fn condition_source<'a>(tree: &Tree<'a>, id: Id, condition: Option<Id>) -> &'a str {
    if let Some(condition) = condition {
        return tree.source(condition).trim_matches(['(', ')', ' ']);
    }
    let (source, start) = (tree.source(id), tree.node(id).start);
    let branch = tree.children(id).find(|child| tree.role(*child) != Role::Comment);
    let Some(branch) = branch.map(|branch| *tree.node(branch)) else {
        return "";
    };
    let (from, to) = ((branch.start - start) as usize, (branch.end - start) as usize);
    let written = if from == 0 {
        source.get(to..)
    } else {
        source.get(..from)
    }
    .unwrap_or("")
    .trim();
    let head = ["elsif", "elif", "if", "unless"]
        .into_iter()
        .find_map(|word| written.strip_prefix(word));
    head.unwrap_or(written)
        .trim_matches(['(', ')', ' ', '?', '\n', ':', '{'])
        .trim_end_matches("then")
        .trim()
}

fn truth(language: Language, condition: &str) -> Option<bool> {
    match condition {
        "false" | "False" | "FALSE" | "nil" | "None" | "null" | "!1" => Some(false),
        "0" if language != Language::Ruby => Some(false),
        "true" | "True" | "TRUE" | "1" | "!0" => Some(true),
        _ => None,
    }
}
