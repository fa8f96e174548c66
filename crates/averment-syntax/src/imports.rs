//! What a file imports, in every language's forms.
//!
//! Start at [`imports`].

use crate::path::required;
use crate::scope::{Scopes, sides};
use crate::tree::{Field, Id, NONE, Role, Tree};
use crate::value::text;
use crate::{Import, Language};

/// All imports of a file.
pub(crate) fn imports(tree: &Tree<'_>, scopes: &Scopes<'_>) -> Vec<Import> {
    let mut found = Vec::new();
    for id in 0..Id::try_from(tree.nodes.len()).unwrap_or(NONE) {
        let modules = match (tree.role(id), tree.language) {
            (Role::Import, _) => statement(tree, id),
            (Role::Export, _) => again(tree, id),
            (Role::Call, Language::Ruby) => ruby(tree, id),
            (Role::Call, Language::Php) => Vec::new(),
            (Role::Call, Language::Python) => python_call(tree, id),
            (Role::Call, _) => call(tree, id),
            _ => continue,
        };
        for Module {
            module,
            names,
            types_only,
        } in modules
        {
            let typed = types_only || checked_only(tree, id);
            found.push(Import {
                module,
                names,
                types_only: typed,
                span: tree.span(id),
                surroundings: scopes.surroundings(id),
            });
        }
    }
    found
}

/// Between a module and a name of it.
pub(crate) fn separator(language: Language) -> &'static str {
    match language {
        Language::Rust => "::",
        _ => ".",
    }
}

/// A module with the names that it gets.
#[derive(Default)]
struct Module {
    module: String,
    names: Vec<(String, String)>,
    types_only: bool,
}

impl Module {
    fn whole(module: &str, name: &str) -> Self {
        let names = if name.is_empty() {
            Vec::new()
        } else {
            vec![(name.to_owned(), "*".to_owned())]
        };
        Self {
            module: module.to_owned(),
            names,
            types_only: false,
        }
    }
}

fn statement(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    match tree.language {
        Language::Python => python(tree, id),
        Language::Go => go(tree, id),
        Language::Java => java(tree, id),
        Language::Kotlin => kotlin(tree, id),
        Language::Php => php(tree, id),
        Language::Rust => rust(tree, id),
        _ => script(tree, id),
    }
}

/// `import a, { b as c } from "m"`.
fn script(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let required = || tree.children(id).find_map(|child| tree.child(child, Field::Source));
    let Some(source) = tree.child(id, Field::Source).or_else(required) else {
        return Vec::new();
    };
    let mut module = Module {
        module: text(tree, source).0,
        ..Module::default()
    };
    let head = tree.source(id).trim_start_matches("import").trim_start();
    module.types_only = head
        .strip_prefix("type")
        .is_some_and(|rest| rest.starts_with([' ', '{', '*']) && !rest.trim_start().starts_with("from"));
    let mut every_type = true;
    for clause in tree.children(id).filter(|child| *child != source) {
        for part in tree.children(clause) {
            match tree.role(part) {
                Role::Name => {
                    let meant = if tree.source(clause).contains("require") {
                        "*"
                    } else {
                        "default"
                    };
                    module.names.push((tree.source(part).to_owned(), meant.to_owned()));
                }
                _ if tree.source(part).starts_with('*') => {
                    let name = tree.first(part).map_or("", |name| tree.source(name));
                    module.names.push((name.to_owned(), "*".to_owned()));
                }
                _ => {
                    for specifier in tree.children(part) {
                        every_type &= tree.source(specifier).starts_with("type ");
                        specified(tree, specifier, &mut module.names);
                    }
                    module.types_only |=
                        every_type && tree.first(part).is_some() && module.names.len() == tree.children(part).count();
                }
            }
        }
    }
    vec![module]
}

fn specified(tree: &Tree<'_>, specifier: Id, names: &mut Vec<(String, String)>) {
    if let Some(name) = tree.child(specifier, Field::Name) {
        let alias = tree.child(specifier, Field::Alias).unwrap_or(name);
        names.push((tree.source(alias).to_owned(), tree.source(name).to_owned()));
    }
}

/// `export { a } from "m"`.
fn again(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let Some(source) = tree.child(id, Field::Source) else {
        return Vec::new();
    };
    let types_only = tree.source(id).starts_with("export type ");
    vec![Module {
        module: text(tree, source).0,
        names: Vec::new(),
        types_only,
    }]
}

/// `require("m")` and `import("m")`, with the name or names that are declared by it.
fn call(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let Some(module) = required(tree, id) else {
        return Vec::new();
    };
    let mut parent = tree.parent(id);
    while parent != NONE && tree.role(parent) == Role::Wrap {
        parent = tree.parent(parent);
    }
    let mut names = Vec::new();
    if parent != NONE
        && tree.role(parent) == Role::Declare
        && let Some(name) = tree.child(parent, Field::Name)
    {
        declared(tree, name, &mut names);
    }
    vec![Module {
        module,
        names,
        types_only: false,
    }]
}

fn declared(tree: &Tree<'_>, target: Id, names: &mut Vec<(String, String)>) {
    if tree.role(target) == Role::Name {
        names.push((tree.source(target).to_owned(), "*".to_owned()));
        return;
    }
    for part in tree.children(target) {
        let parts: Vec<&str> = tree
            .children(part)
            .filter(|name| tree.role(*name) == Role::Name)
            .map(|name| tree.source(name))
            .collect();
        match (tree.role(part), parts.as_slice()) {
            (Role::Name, _) => names.push((tree.source(part).to_owned(), tree.source(part).to_owned())),
            (Role::Pair, [key, name]) => names.push(((*name).to_owned(), (*key).to_owned())),
            _ => {}
        }
    }
}

/// `import a.b as c`, `from a import b as c`.
fn python(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let source = tree.child(id, Field::Source);
    let parts: Vec<(String, String)> = tree
        .children(id)
        .filter(|child| tree.node(*child).field == Field::Name)
        .map(|child| {
            let name = tree
                .child(child, Field::Name)
                .map_or_else(|| tree.source(child), |name| tree.source(name));
            let alias = tree.child(child, Field::Alias).map_or(name, |alias| tree.source(alias));
            (alias.to_owned(), name.to_owned())
        })
        .collect();
    match source {
        Some(source) => {
            let names = if parts.is_empty() {
                vec![("*".to_owned(), "*".to_owned())]
            } else {
                parts
            };
            vec![Module {
                module: tree.source(source).to_owned(),
                names,
                types_only: false,
            }]
        }
        None if tree.source(id).starts_with("from") => {
            vec![Module {
                module: "__future__".to_owned(),
                names: parts,
                types_only: true,
            }]
        }
        None => parts.iter().map(|(alias, name)| Module::whole(name, alias)).collect(),
    }
}

/// `importlib.import_module("m")`, `__import__("m")`.
fn python_call(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let function = tree
        .child(id, Field::Function)
        .map_or("", |function| tree.source(function));
    if !matches!(function, "importlib.import_module" | "import_module" | "__import__") {
        return Vec::new();
    }
    constant_argument(tree, id)
        .map(|module| Module {
            names: assigned(tree, id),
            module,
            types_only: false,
        })
        .into_iter()
        .collect()
}

fn assigned(tree: &Tree<'_>, id: Id) -> Vec<(String, String)> {
    let parent = tree.parent(id);
    let Some((targets, _)) = (parent != NONE && tree.role(parent) == Role::Assign)
        .then(|| sides(tree, parent))
        .flatten()
    else {
        return Vec::new();
    };
    targets
        .first()
        .map(|target| (tree.source(*target).to_owned(), "*".to_owned()))
        .into_iter()
        .collect()
}

fn constant_argument(tree: &Tree<'_>, id: Id) -> Option<String> {
    let first = tree.first(tree.child(id, Field::Arguments)?)?;
    let constant = tree.role(first) == Role::Text && tree.child_role(first, Role::Hole).is_none();
    constant.then(|| text(tree, first).0)
}

/// `require "m"`, `require_relative`, `load`, `autoload :X, "m"`.
fn ruby(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    if tree
        .child(id, Field::Object)
        .is_some_and(|object| tree.source(object) != "Kernel")
    {
        return Vec::new();
    }
    match tree
        .child(id, Field::Function)
        .map_or("", |function| tree.source(function))
    {
        "require" | "require_relative" | "require_dependency" | "load" => constant_argument(tree, id)
            .map(|module| Module::whole(&module, ""))
            .into_iter()
            .collect(),
        "autoload" => {
            let Some(arguments) = tree.child(id, Field::Arguments) else {
                return Vec::new();
            };
            let Some(path) = tree
                .children(arguments)
                .find(|argument| tree.role(*argument) == Role::Text)
            else {
                return Vec::new();
            };
            vec![Module::whole(&text(tree, path).0, "")]
        }
        _ => Vec::new(),
    }
}

/// `alias "host/path/name/v2"`: the name of a package is by convention the last part without version, `go-` and `-go`.
fn go(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let Some(path) = tree.child(id, Field::Object) else {
        return Vec::new();
    };
    let module = text(tree, path).0;
    let name = match tree.child(id, Field::Name).map(|name| tree.source(name)) {
        Some("_") => String::new(),
        Some(".") => "*".to_owned(),
        Some(name) => name.to_owned(),
        None => package(&module).to_owned(),
    };
    vec![Module::whole(&module, &name)]
}

fn package(module: &str) -> &str {
    let mut parts = module.rsplit('/');
    let last = parts.next().unwrap_or(module);
    let is_version = last
        .strip_prefix('v')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    let name = if is_version { parts.next().unwrap_or(last) } else { last };
    let name = name.split(".v").next().unwrap_or(name);
    name.trim_start_matches("go-").trim_end_matches("-go")
}

fn last_part(path: &str) -> &str {
    path.rsplit(['.', '\\', ':']).next().unwrap_or(path)
}

/// `import a.b.C`, `import static a.b.C.d`, `import a.b.*`.
fn java(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let Some(path) = tree.child_role(id, Role::Name) else {
        return Vec::new();
    };
    let module = tree.source(path);
    let every = tree.source(id).trim_end_matches([';', ' ']).ends_with('*');
    vec![Module::whole(module, if every { "*" } else { last_part(module) })]
}

/// The same with `as`.
fn kotlin(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let parts: Vec<&str> = tree.children(id).map(|part| tree.source(part)).collect();
    let Some(module) = parts.first() else { return Vec::new() };
    let name = match parts.get(1) {
        Some(alias) => alias,
        None if tree.source(id).trim_end().ends_with('*') => "*",
        None => last_part(module),
    };
    vec![Module::whole(module, name)]
}

/// `use A\B as C`, `use A\{B, C as D}`, `use function A\f`; `require "file"`.
fn php(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    if let Some(file) = tree.child_role(id, Role::Text) {
        return vec![Module::whole(&text(tree, file).0, "")];
    }
    let group = tree.child(id, Field::Body);
    let around = group
        .and_then(|_| tree.child_role(id, Role::Name))
        .map_or("", |around| tree.source(around));
    tree.children(group.unwrap_or(id))
        .filter(|clause| tree.role(*clause) == Role::Other)
        .filter_map(|clause| {
            let path = tree
                .children(clause)
                .find(|part| tree.role(*part) == Role::Name && tree.node(*part).field != Field::Alias)?;
            let path = tree.source(path).trim_start_matches('\\');
            let alias = tree
                .child(clause, Field::Alias)
                .map_or(last_part(path), |alias| tree.source(alias));
            let module = if around.is_empty() {
                path.to_owned()
            } else {
                format!("{}\\{path}", around.trim_start_matches('\\'))
            };
            Some(Module::whole(&module, alias))
        })
        .collect()
}

/// `use a::b::{c, d as e, f::*}`; read from its source, whose grammar is small.
fn rust(tree: &Tree<'_>, id: Id) -> Vec<Module> {
    let source = tree.source(id).trim_end_matches(';').trim();
    if let Some(name) = tree.child(id, Field::Name) {
        let alias = tree.child(id, Field::Alias).unwrap_or(name);
        return vec![Module::whole(tree.source(name), tree.source(alias))];
    }
    let source = source.find("use ").map_or(source, |at| &source[at + 4..]);
    let mut found: Vec<Module> = Vec::new();
    let mut around: Vec<String> = vec![String::new()];
    let mut path = String::new();
    for part in source.split_inclusive(['{', '}', ',']) {
        let (words, mark) = part.split_at(part.len() - usize::from(part.ends_with(['{', '}', ','])));
        path.push_str(words.trim());
        if mark == "{" {
            let base = around.last().cloned().unwrap_or_default();
            // Nobody nests deeper; a hostile file does.
            around.push(if around.len() < 16 {
                format!("{base}{path}")
            } else {
                base
            });
        } else {
            rust_name(around.last().map_or("", String::as_str), &path, &mut found);
            if mark == "}" && around.len() > 1 {
                around.pop();
            }
        }
        path.clear();
    }
    found
}

fn rust_name(around: &str, path: &str, found: &mut Vec<Module>) {
    if path.is_empty() {
        return;
    }
    let (path, alias) = path
        .split_once(" as ")
        .map_or((path, None), |(path, alias)| (path.trim(), Some(alias.trim())));
    let whole = format!("{around}{path}");
    let whole = whole.trim_start_matches("::").trim_end_matches("::self");
    let (module, name) = whole.rsplit_once("::").unwrap_or((whole, "*"));
    let called = alias.unwrap_or(if name == "*" && !whole.contains("::") {
        whole
    } else {
        name
    });
    let names = (called.to_owned(), name.to_owned());
    match found.iter_mut().find(|known| known.module == module) {
        Some(known) => known.names.push(names),
        None => found.push(Module {
            module: module.to_owned(),
            names: vec![names],
            types_only: false,
        }),
    }
}

/// `if TYPE_CHECKING:` of Python.
fn checked_only(tree: &Tree<'_>, id: Id) -> bool {
    let block = tree.parent(id);
    if tree.language != Language::Python || block == NONE || tree.parent(block) == NONE {
        return false;
    }
    let condition = tree.child(tree.parent(block), Field::Condition);
    condition.is_some_and(|condition| matches!(tree.source(condition), "TYPE_CHECKING" | "typing.TYPE_CHECKING"))
}
