//! What kind of file something is, by its path and its first lines: only live files can show a flow.
//!
//! Start at [`class_of`]. What is in doubt is live: a flow that is overlooked does more harm than one that is asked about. Tests,
//! lessons, stories and vendors are what this software is about, so that such a word alone says nothing inside a program: there the
//! form that a language gives to tests, or a sign of one in the text, has to say it too.

mod beside;
mod content;
mod folders;
mod names;
mod packages;
mod signs;

use beside::Nothing;
pub(super) use beside::{Beside, Disk};
use serde::{Deserialize, Serialize};

/// Kinds of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Part of what runs, or of how it is built and set up.
    Live,
    /// A test, or what only tests use.
    Test,
    /// Data of tests: fixtures, recordings, snapshots.
    Fixture,
    /// Read by people.
    Documentation,
    /// Somebody else's code that lies here, or code that a program wrote: minified, bundled.
    Vendored,
    /// Translations, lessons, seeds and other content.
    Data,
    /// An example or a demonstration.
    Example,
    /// A story of a component workshop.
    Story,
}

impl Class {
    /// The word in counts: `test`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
            Self::Fixture => "fixture",
            Self::Documentation => "documentation",
            Self::Vendored => "vendored or generated",
            Self::Data => "content or translation",
            Self::Example => "example",
            Self::Story => "story",
        }
    }
}

/// Folders whose whole content is somebody else's or made by a program; they are not entered.
const CLOSED: [&str; 18] = [
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "bower_components",
    "jspm_packages",
    ".venv",
    "venv",
    "__pycache__",
    ".tox",
    ".mypy_cache",
    ".pytest_cache",
    ".gradle",
    ".next",
    ".nuxt",
    ".terraform",
    ".yarn",
    ".averment-cache",
];

/// Whether a folder of this name is not entered, and why.
pub(super) fn closed(folder: &str) -> Option<&'static str> {
    let known = CLOSED.contains(&folder);
    known.then_some(match folder {
        ".git" | ".hg" | ".svn" => "folders of version control",
        ".averment-cache" => "folders of this program",
        _ => "vendored folders",
    })
}

/// Whether the files in a folder of this name are somebody else's, kept beside the program as they came.
pub(super) fn holds_packages(folder: &str) -> bool {
    ["node_modules", "bower_components", "jspm_packages", ".yarn"].contains(&folder)
}

/// The class of the file at `path` (from the root, with `/`) that holds `text`. Only the beginning of the text is looked at, and only
/// where the path leaves a doubt.
pub fn class_of(path: &str, text: &[u8]) -> Class {
    class_beside(path, text, &Nothing)
}

/// The same, with what lies beside the file: asked only where path and text leave a doubt.
pub(super) fn class_beside(path: &str, text: &[u8], beside: &dyn Beside) -> Class {
    let lower = path.to_ascii_lowercase();
    let mut parts: Vec<&str> = lower.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    let file = File {
        parts,
        name,
        path,
        written: path.rsplit('/').next().unwrap_or(path),
        text: text.get(..TEXT_MAX).unwrap_or(text),
        beside,
    };
    folders::class(&file)
        .or_else(|| names::class(&file))
        .unwrap_or(Class::Live)
}

/// Whether a file shows by its name and its text that it is a test.
fn is_test(path: &str, text: &[u8]) -> bool {
    let lower = path.to_ascii_lowercase();
    let file = File {
        parts: Vec::new(),
        name: &lower,
        path,
        written: path,
        text,
        beside: &Nothing,
    };
    names::is_test(&file) || signs::of_test(&lower, text)
}

/// How much of a text is looked at for signs, in bytes: what says that something is a test stands at its beginning.
const TEXT_MAX: usize = 64 << 10;

/// A file, by what its class depends on.
struct File<'a> {
    /// Folders from the root, lower case.
    parts: Vec<&'a str>,
    /// Lower case.
    name: &'a str,
    /// The name in its own case.
    written: &'a str,
    text: &'a [u8],
    /// In its own case, from the root.
    path: &'a str,
    beside: &'a dyn Beside,
}

impl File<'_> {
    /// The first `count` folders, in their own case.
    fn folder(&self, count: usize) -> String {
        let parts: Vec<&str> = self.path.split('/').take(count).collect();
        parts.join("/")
    }

    /// Whether a folder of a program is among the first `depth` folders.
    fn is_in_program(&self, depth: usize) -> bool {
        self.parts.iter().take(depth).any(|part| PROGRAM.contains(part))
    }

    /// Whether the folder at `depth` is one of the programs that a folder such as `apps` holds.
    fn is_workspace(&self, depth: usize) -> bool {
        let above = depth.checked_sub(1).and_then(|above| self.parts.get(above));
        above.is_some_and(|above| WORKSPACES.contains(above))
    }
}

/// Folders that a running program is made of.
const PROGRAM: [&str; 14] = [
    "app",
    "src",
    "views",
    "templates",
    "pages",
    "components",
    "controllers",
    "models",
    "static",
    "public",
    "frontend",
    "backend",
    "server",
    "client",
];

/// Folders that hold programs and packages, one each.
const WORKSPACES: [&str; 12] = [
    "apps",
    "packages",
    "services",
    "lib",
    "libs",
    "lms",
    "cms",
    "modules",
    "plugins",
    "projects",
    "engines",
    "functions",
];

fn ends_with_any(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| name.ends_with(ending))
}

/// Whether text was written by a program for machines: very long lines of code.
pub(super) fn is_minified(path: &str, text: &[u8]) -> bool {
    let code = ends_with_any(&path.to_ascii_lowercase(), &[".js", ".css", ".mjs", ".cjs"]);
    if !code || text.len() < 4096 {
        return false;
    }
    let lines = memchr::memchr_iter(b'\n', text).count() + 1;
    text.len() / lines > 400
}

#[cfg(test)]
mod tests;
