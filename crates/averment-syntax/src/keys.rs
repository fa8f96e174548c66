//! Keys that are read from the environment or from settings.
//!
//! Start at [`READ`], [`ASKED`] and [`SETTINGS`]: what is listed there is recognised.

use crate::path::Paths;
use crate::tree::{Field, Id, NONE, Role};
use crate::{Call, Key};

/// Paths before a key that is an attribute or index: `process.env.X`, `ENV["X"]`.
const READ: [&str; 12] = [
    "process.env",
    "import.meta.env",
    "Bun.env",
    "window.env",
    "ENV",
    "os.environ",
    "environ",
    "$_ENV",
    "$_SERVER",
    "env.vars",
    "Figaro.env",
    "ENV.to_h",
];

/// Calls whose first argument is a key.
const ASKED: [&str; 39] = [
    "ENV.fetch",
    "ENV.dig",
    "ENV.key?",
    "os.getenv",
    "getenv",
    "os.environ.get",
    "environ.get",
    "os.environ.pop",
    "os.environ.setdefault",
    "env",
    "env.str",
    "env.bool",
    "env.int",
    "env.list",
    "env.url",
    "env.db",
    "config",
    "os.Getenv",
    "os.LookupEnv",
    "viper.GetString",
    "viper.Get",
    "System.getenv",
    "System.getProperty",
    "env.getProperty",
    "environment.getProperty",
    "std::env::var",
    "env::var",
    "std::env::var_os",
    "env::var_os",
    "dotenvy::var",
    "env!",
    "option_env!",
    "Deno.env.get",
    "config.get",
    "config.fetch",
    "settings.get",
    "app.config.get",
    "configService.get",
    "System.getenv.get",
];

/// Objects whose attributes are settings.
const SETTINGS: [&str; 14] = [
    "settings",
    "Settings",
    "CDO",
    "config",
    "Config",
    "CONFIG",
    "secrets",
    "app.config",
    "current_app.config",
    "Rails.application.secrets",
    "Rails.configuration",
    "Rails.application.config",
    "django.conf.settings",
    "AppConfig",
];

/// Credentials of Rails: every name behind them is part of the key.
const CREDENTIALS: [&str; 2] = ["Rails.application.credentials", "Rails.app.creds"];

/// Ends of the names of a program's own objects that hold settings: `DeskSettings`, `Credentials`.
const HOLDERS: [&str; 5] = ["Settings", "Config", "Credentials", "Secrets", "Env"];

/// Methods that such an object is asked by.
const GETTERS: [&str; 6] = [".fetch", ".dig", ".get", ".get_without_cache", "[]", ".fetch!"];

/// Words of keys that say where something runs, and not whose it is: `Credentials.fetch(:STRIPE, :LIVE, :SECRET_KEY)`.
const PLACES: [&str; 6] = ["LIVE", "TEST", "SANDBOX", "PRODUCTION", "DEVELOPMENT", "STAGING"];

/// Methods of all of them that are no keys.
const METHODS: [&str; 22] = [
    "get",
    "fetch",
    "dig",
    "keys",
    "values",
    "items",
    "copy",
    "update",
    "pop",
    "setdefault",
    "each",
    "map",
    "merge",
    "to_h",
    "has_key",
    "key?",
    "set",
    "configure",
    "from_object",
    "from_envvar",
    "env",
    "require",
];

/// The key of `object.key`, for the outermost of `a.b.c`.
pub(crate) fn attribute(paths: &Paths<'_, '_>, id: Id) -> Option<Key> {
    let tree = paths.tree;
    let parent = tree.parent(id);
    let is_inner = parent != NONE
        && matches!(tree.role(parent), Role::Member | Role::Index | Role::Call)
        && tree.first(parent) == Some(id);
    // Of `settings.x.lower()` the call is the outermost.
    if is_inner {
        return None;
    }
    named(paths, id, &paths.written(id))
}

/// The keys of `const { KEY, OTHER: name } = process.env`.
pub(crate) fn pattern(paths: &Paths<'_, '_>, declaration: Id) -> Vec<Key> {
    let tree = paths.tree;
    let value = tree.child(declaration, Field::Value).map(|value| tree.unwrapped(value));
    let name = tree.child(declaration, Field::Name);
    let (Some(value), Some(name)) = (value, name) else {
        return Vec::new();
    };
    let is_environment =
        tree.role(value) == Role::Member && matches!(tree.source(value), "process.env" | "import.meta.env");
    if !is_environment || tree.role(name) == Role::Name {
        return Vec::new();
    }
    tree.children(name)
        .filter_map(|part| match tree.role(part) {
            Role::Name => Some(part),
            // With another name, or with a value for when there is none.
            _ => tree.first(part).filter(|key| tree.role(*key) == Role::Name),
        })
        .filter(|key| is_key(tree.source(*key)))
        .map(|key| key_at(paths, key, tree.source(key).to_owned()))
        .collect()
}

/// The key that a call reads.
pub(crate) fn call(paths: &Paths<'_, '_>, id: Id, call: &Call) -> Option<Key> {
    let path = bare(&call.path);
    if let Some(key) = placeholder(call) {
        return Some(key_at(paths, id, key));
    }
    let asked = ASKED
        .iter()
        .any(|known| *known == path || path.strip_prefix("self.").or(path.strip_prefix("this.")) == Some(*known));
    let credential = CREDENTIALS.iter().any(|known| {
        path.strip_prefix(known)
            .is_some_and(|rest| matches!(rest, ".dig" | ".fetch" | "[]" | ".option" | ".require"))
    });
    let credential = credential || is_of_settings(&path);
    let first = call.arguments.first();
    if (asked || credential) && first.is_some() {
        let joined = |argument: &crate::Argument| {
            let name = argument.texts.first().or(argument.names.first()).cloned();
            name.filter(|name| argument.name.is_empty() && !PLACES.contains(&name.to_ascii_uppercase().as_str()))
        };
        let texts: Vec<String> = if credential {
            call.arguments.iter().filter_map(joined).collect()
        } else {
            first
                .and_then(|first| first.texts.first().cloned())
                .into_iter()
                .collect()
        };
        let key = texts.join(".");
        return is_key(&key).then(|| key_at(paths, id, key));
    }
    let parent = paths.tree.parent(id);
    let is_inner = parent != NONE
        && matches!(paths.tree.role(parent), Role::Member | Role::Index | Role::Call)
        && paths.tree.first(parent) == Some(id);
    if is_inner { None } else { named(paths, id, &call.path) }
}

/// `@Value("${key:default}")` of Spring.
fn placeholder(call: &Call) -> Option<String> {
    let text = call.arguments.first().filter(|_| call.path == "Value")?.texts.first()?;
    let name = text.strip_prefix("${")?.split([':', '}']).next()?;
    is_key(name).then(|| name.to_owned())
}

fn named(paths: &Paths<'_, '_>, id: Id, path: &str) -> Option<Key> {
    let path = bare(path);
    let called = paths.tree.role(id) == Role::Call;
    if let Some(rest) = behind(&CREDENTIALS, &path) {
        let names: Vec<&str> = rest
            .split('.')
            .take_while(|name| !METHODS.contains(name) && !name.ends_with(['!', '?']))
            .collect();
        let key = names.join(".");
        return is_key(&key).then(|| key_at(paths, id, key));
    }
    let rest = behind(&READ, &path)
        .or_else(|| behind(&SETTINGS, &path))
        .or_else(|| behind_holder(&path))?;
    let (name, more) = rest.split_once('.').map_or((rest, false), |(name, _)| (name, true));
    // A method of the settings with arguments is no key: `config.merge(x)`.
    let is_method = METHODS.contains(&name) || (called && !more && has_arguments(paths, id));
    (!is_method && is_key(name)).then(|| key_at(paths, id, name.to_owned()))
}

fn has_arguments(paths: &Paths<'_, '_>, id: Id) -> bool {
    paths.tree.language != crate::Language::Ruby || paths.tree.child_role(id, Role::Arguments).is_some()
}

/// A path without the marks of calls, with points between all names.
fn bare(path: &str) -> String {
    let path = path.trim_start_matches("this.").trim_start_matches("self.");
    if path.contains("()") || path.contains("->") {
        path.replace("()", "").replace("->", ".")
    } else {
        path.to_owned()
    }
}

/// Whether `path` asks a program's own object that holds settings: `DeskSettings.get`.
fn is_of_settings(path: &str) -> bool {
    let holder = GETTERS.iter().find_map(|getter| path.strip_suffix(getter));
    holder.is_some_and(is_holder)
}

/// `DeskSettings`, `Desk::Config`: a class or constant, and no variable.
fn is_holder(name: &str) -> bool {
    let name = name.rsplit(':').next().unwrap_or(name);
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain && name.starts_with(|first: char| first.is_ascii_uppercase()) && HOLDERS.iter().any(|end| name.ends_with(end))
}

/// What stands behind such an object.
fn behind_holder(path: &str) -> Option<&str> {
    let (holder, rest) = path.split_once('.')?;
    is_holder(holder).then_some(rest)
}

fn behind<'p>(known: &[&str], path: &'p str) -> Option<&'p str> {
    known
        .iter()
        .find_map(|known| path.strip_prefix(known)?.strip_prefix('.'))
}

fn is_key(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 120
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-:/".contains(&byte))
}

fn key_at(paths: &Paths<'_, '_>, id: Id, name: String) -> Key {
    Key {
        name,
        span: paths.tree.span(id),
        surroundings: paths.scopes.surroundings(id),
    }
}
