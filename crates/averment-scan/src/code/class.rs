//! What kind of file something is, by its path and its first lines: only live files can show a flow.
//!
//! Start at [`class_of`]. What is in doubt is live: a flow that is overlooked does more harm than one that is asked about.

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

/// The class of the file at `path` (from the root, with `/`).
pub fn class_of(path: &str) -> Class {
    let lower = path.to_ascii_lowercase();
    let mut parts: Vec<&str> = lower.split('/').collect();
    let name = parts.pop().unwrap_or_default();
    by_folder(&parts, name)
        .or_else(|| by_name(name, path.rsplit('/').next().unwrap_or(path), &parts))
        .unwrap_or(Class::Live)
}

/// Folders that mean the same wherever they are.
const ANYWHERE: [(&str, Class); 43] = [
    ("vendor", Class::Vendored),
    ("vendors", Class::Vendored),
    ("third_party", Class::Vendored),
    ("third-party", Class::Vendored),
    ("thirdparty", Class::Vendored),
    ("fixtures", Class::Fixture),
    ("fixture", Class::Fixture),
    ("__fixtures__", Class::Fixture),
    ("__snapshots__", Class::Fixture),
    ("cassettes", Class::Fixture),
    ("vcr_cassettes", Class::Fixture),
    ("testdata", Class::Fixture),
    ("test_data", Class::Fixture),
    ("test-data", Class::Fixture),
    ("__tests__", Class::Test),
    ("__test__", Class::Test),
    ("__mocks__", Class::Test),
    ("spec", Class::Test),
    ("specs", Class::Test),
    ("test", Class::Test),
    ("tests", Class::Test),
    ("unittest", Class::Test),
    ("unittests", Class::Test),
    ("cypress", Class::Test),
    ("playwright", Class::Test),
    ("e2e", Class::Test),
    ("step_definitions", Class::Test),
    ("androidtest", Class::Test),
    ("test_helpers", Class::Test),
    ("testhelpers", Class::Test),
    ("testutils", Class::Test),
    ("test_utils", Class::Test),
    ("test-utils", Class::Test),
    ("dist", Class::Vendored),
    ("seed", Class::Data),
    ("seeds", Class::Data),
    ("seeders", Class::Data),
    ("storybook", Class::Story),
    ("__stories__", Class::Story),
    ("stories", Class::Story),
    (".storybook", Class::Story),
    ("locales", Class::Data),
    ("locale", Class::Data),
];

/// Folders that mean it only where no part of a program is around them: `app/views/docs` is a page.
const AT_THE_TOP: [(&str, Class); 18] = [
    ("benchmark", Class::Test),
    ("benchmarks", Class::Test),
    ("bench", Class::Test),
    ("docs", Class::Documentation),
    ("doc", Class::Documentation),
    ("documentation", Class::Documentation),
    ("examples", Class::Example),
    ("example", Class::Example),
    ("samples", Class::Example),
    ("sample", Class::Example),
    ("demo", Class::Example),
    ("demos", Class::Example),
    ("prototype", Class::Example),
    ("prototypes", Class::Example),
    ("playground", Class::Example),
    ("playgrounds", Class::Example),
    ("curriculum", Class::Data),
    ("lessons", Class::Data),
];

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

fn by_folder(parts: &[&str], name: &str) -> Option<Class> {
    let mut program = false;
    let mut found = None;
    // What somebody fills in who writes to the project.
    if parts.first() == Some(&".github") && parts.iter().any(|part| part.ends_with("_template")) {
        return Some(Class::Documentation);
    }
    for (depth, part) in parts.iter().enumerate() {
        let anywhere = ANYWHERE.iter().find(|(folder, _)| folder == part);
        let at_the_top = AT_THE_TOP.iter().find(|(folder, _)| folder == part && !program);
        let class = anywhere
            .or(at_the_top)
            .map(|(_, class)| *class)
            .or_else(|| by_word(parts, depth, program).filter(|_| !is_product(parts, depth, name)));
        // Data of tests below tests is data; somebody else's tests stay somebody else's.
        found = match (found, class) {
            (Some(Class::Test), Some(Class::Fixture)) => class,
            (None, class) => class,
            (found, _) => found,
        };
        program |= PROGRAM.contains(part);
    }
    match found {
        // Rails and Go write templates and settings of their own below such names; what fills a database for a start is none.
        Some(Class::Data) if is_code(name) && !parts.iter().any(|part| part.starts_with("seed")) => None,
        None if content_folder(parts) && is_content(name) => Some(Class::Data),
        found => found,
    }
}

/// `training_content`, `staging_specs`: what the last word says, where no part of a program is around it; `test_json`,
/// `fixture-files`: what the first word says.
fn by_word(parts: &[&str], depth: usize, program: bool) -> Option<Class> {
    let folder = *parts.get(depth)?;
    match folder
        .split(['_', '-'])
        .next()
        .filter(|first| first.len() < folder.len())
    {
        Some("test" | "tests" | "fixture" | "fixtures" | "mock" | "mocks") if !program => return Some(Class::Fixture),
        Some("sample" | "samples" | "example" | "examples") if !program => return Some(Class::Example),
        _ => {}
    }
    let (_, last) = folder.rsplit_once(['_', '-']).filter(|_| !program)?;
    match last {
        "content" => Some(Class::Data),
        "spec" | "specs" | "tests" => Some(Class::Test),
        _ => None,
    }
}

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

/// Whether a folder whose name sounds like tests or examples holds a program: `apps/test-delivery`, `packages/mock-exam/src`. Tests
/// and exams are what this software is about; only the data below such a folder are taken for made up.
fn is_product(parts: &[&str], depth: usize, name: &str) -> bool {
    let ends_in_it = parts.get(depth).is_some_and(|folder| {
        let last = folder.rsplit(['_', '-']).next().unwrap_or(folder);
        ["content", "spec", "specs", "tests"].contains(&last)
    });
    let above = depth.checked_sub(1).and_then(|above| parts.get(above));
    let workspace = above.is_some_and(|above| WORKSPACES.contains(above)) && !ends_in_it;
    let below = parts.get(depth + 1..).unwrap_or_default();
    let program = below.iter().any(|part| PROGRAM.contains(part));
    let data = (is_content(name) && !name.ends_with(".html")) || is_data(name);
    (workspace || program) && (!data || super::manifest::is_manifest(name))
}

fn content_folder(parts: &[&str]) -> bool {
    let folders = [
        "i18n",
        "lang",
        "langs",
        "translations",
        "levels",
        "scripts_json",
        "courses",
        "course_content",
        "content",
        "lessons",
        "curriculum",
        "seeds",
        "seed",
        "migrations_data",
        "exercises",
        "challenges",
        "questions",
    ];
    parts.iter().any(|part| folders.contains(part))
}

fn is_content(name: &str) -> bool {
    ends_with_any(
        name,
        &[
            ".json",
            ".yml",
            ".yaml",
            ".xml",
            ".po",
            ".pot",
            ".properties",
            ".csv",
            ".txt",
            ".html",
            ".level",
            ".script",
            ".bubble_choice",
            ".multi",
            ".match",
            ".external",
            ".levelgroup",
            ".strings",
            ".resx",
            ".ftl",
        ],
    )
}

fn is_code(name: &str) -> bool {
    ends_with_any(
        name,
        &[
            ".rb", ".py", ".go", ".java", ".kt", ".php", ".rs", ".ts", ".tsx", ".jsx", ".js", ".vue", ".erb", ".haml",
        ],
    )
}

fn ends_with_any(name: &str, endings: &[&str]) -> bool {
    endings.iter().any(|ending| name.ends_with(ending))
}

/// By the name; `written` is the name in its own case.
fn by_name(name: &str, written: &str, parts: &[&str]) -> Option<Class> {
    is_test(name, written, parts)
        .then_some(Class::Test)
        .or_else(|| is_made_up(name).then_some(Class::Fixture))
        .or_else(|| is_generated(name).then_some(Class::Vendored))
        .or_else(|| (name.contains(".stories.") || name.contains(".story.")).then_some(Class::Story))
        .or_else(|| is_documentation(name, parts).then_some(Class::Documentation))
        .or_else(|| is_data(name).then_some(Class::Data))
}

fn is_test(name: &str, written: &str, parts: &[&str]) -> bool {
    let stem = written.rsplit_once('.').map_or(written, |(stem, _)| stem);
    let suffixed = ends_with_any(stem, &["Test", "Tests", "TestCase", "IT", "Spec", "Steps"])
        && ends_with_any(
            name,
            &[".java", ".kt", ".kts", ".php", ".cs", ".scala", ".groovy", ".swift"],
        );
    let lower = stem.to_ascii_lowercase();
    let python = name.ends_with(".py") && (lower.starts_with("test_") || lower == "tests" || lower == "conftest");
    // The usual file of a Rust module's unit tests.
    let rust = name == "tests.rs";
    let helper = [
        "spec_helper.rb",
        "rails_helper.rb",
        "test_helper.rb",
        "setuptests.js",
        "setuptests.ts",
    ]
    .contains(&name);
    let runner = [
        "jest.config",
        "karma.conf",
        "vitest.config",
        "cypress.config",
        "playwright.config",
        "jest.setup",
    ];
    // Settings of an environment for tests: `settings/test.py`, `config/environments/test.rb`.
    let settings = (lower == "test" || lower == "testing")
        && parts
            .last()
            .is_some_and(|folder| ["settings", "environments", "config", "configs", "envs"].contains(folder));
    let environment = settings
        || name == "env.test"
        || name == ".env.test"
        || name == ".env.testing"
        || name.starts_with(".env.test.");
    suffixed
        || environment
        || python
        || rust
        || helper
        || runner.iter().any(|start| name.starts_with(start))
        || ends_with_any(&lower, &["_test", "_spec", "-test", "-spec", "_tests"])
        || (is_code(name) && (ends_with_any(&lower, &["_mock", "-mock"]) || lower.starts_with("mock_")))
        || ["pytest.ini", "tox.ini", "phpunit.xml", "phpunit.xml.dist", ".rspec"].contains(&name)
        || [".test.", ".spec.", ".cy.", ".e2e.", ".mock."]
            .iter()
            .any(|part| name.contains(part))
        || ends_with_any(name, &[".feature", ".snap"])
}

/// `fixtures.ts`, `question-fixtures.ts`, `mock_data.py`: data that stands for real ones.
fn is_made_up(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    let words: Vec<&str> = stem.split(['-', '_']).collect();
    let ends = |with: &[&str]| words.ends_with(with);
    is_code(name)
        && (ends(&["fixtures"]) || ends(&["fixture"]) || ends(&["mock", "data"]) || ends(&["mocks"]) || stem == "seeds")
}

fn is_generated(name: &str) -> bool {
    [
        ".min.",
        "-min.",
        ".bundle.",
        ".pb.go",
        "_pb2.py",
        ".generated.",
        "_generated.",
        ".d.ts",
    ]
    .iter()
    .any(|part| name.contains(part))
        || name.ends_with(".map")
}

fn is_documentation(name: &str, parts: &[&str]) -> bool {
    let starts = [
        "readme",
        "changelog",
        "changes",
        "license",
        "licence",
        "notice",
        "authors",
        "contributing",
        "copying",
        "history",
    ];
    let named = starts
        .iter()
        .any(|start| name == *start || name.starts_with(&format!("{start}.")));
    let page = parts
        .iter()
        .any(|part| ["views", "public", "templates", "pages"].contains(part));
    let text = ends_with_any(
        name,
        &[
            ".md",
            ".markdown",
            ".mdx",
            ".rst",
            ".adoc",
            ".asciidoc",
            ".rdoc",
            ".textile",
        ],
    );
    let plain = name.ends_with(".txt")
        && !name.contains("requirements")
        && !name.contains("constraints")
        && !parts.contains(&"requirements");
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let licence = ending.bytes().all(|byte| byte.is_ascii_digit())
        && ["gpl", "license", "licence"].iter().any(|word| name.contains(word));
    named || licence || (text && !page) || (plain && name != "robots.txt")
}

fn is_data(name: &str) -> bool {
    let translation = ends_with_any(name, &[".json", ".yml", ".yaml", ".php"]) && {
        let stem = name.split('.').rev().nth(1).unwrap_or_default();
        is_language_tag(stem)
    };
    translation
        || ends_with_any(
            name,
            &[
                ".po",
                ".pot",
                ".csv",
                ".tsv",
                ".ipynb",
                ".geojson",
                ".svg",
                ".level",
                ".bubble_choice",
                ".xliff",
                ".xlf",
                ".ics",
                ".sql",
                ".jsonl",
                ".ndjson",
                ".log",
                ".lab2level",
                ".course",
                ".bib",
                ".srt",
                ".vtt",
            ],
        )
}

/// `en`, `pt-br`, `zh_hans`.
fn is_language_tag(stem: &str) -> bool {
    const LANGUAGES: [&str; 40] = [
        "ar", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga", "gl",
        "he", "hi", "hr", "hu", "id", "is", "it", "ja", "ko", "lt", "lv", "nb", "nl", "nn", "pl", "pt", "ro", "ru",
        "sk", "sv", "tr", "zh",
    ];
    let mut parts = stem.split(['-', '_']);
    let language = parts.next().is_some_and(|first| LANGUAGES.contains(&first));
    let rest: Vec<&str> = parts.collect();
    language && rest.len() <= 2 && rest.iter().all(|part| (2..=4).contains(&part.len()))
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
