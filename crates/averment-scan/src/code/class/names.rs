//! What the name of a file says about it.

use super::{Class, File, ends_with_any, signs};
use crate::words::split;

pub(super) fn class(file: &File<'_>) -> Option<Class> {
    is_test(file)
        .then_some(Class::Test)
        .or_else(|| is_made_up(file).then_some(Class::Fixture))
        .or_else(|| is_generated(file.name).then_some(Class::Vendored))
        .or_else(|| (file.name.contains(".stories.") || file.name.contains(".story.")).then_some(Class::Story))
        .or_else(|| is_documentation(file).then_some(Class::Documentation))
        .or_else(|| is_put_aside(file.name).then_some(Class::Example))
        .or_else(|| is_data(file).then_some(Class::Data))
}

/// Formats that content is written in.
pub(super) fn is_content(name: &str) -> bool {
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

pub(super) fn is_code(name: &str) -> bool {
    ends_with_any(
        name,
        &[
            ".rb", ".py", ".go", ".java", ".kt", ".php", ".rs", ".ts", ".tsx", ".jsx", ".js", ".mjs", ".cjs", ".vue",
            ".svelte", ".cs", ".swift", ".scala", ".erb", ".haml", ".slim", ".hbs", ".ejs", ".twig",
        ],
    )
}

/// Pages and settings: what may be called like a document without being one, besides code.
fn is_page_or_settings(name: &str) -> bool {
    ends_with_any(
        name,
        &[
            ".html", ".htm", ".json", ".yml", ".yaml", ".toml", ".xml", ".sh", ".conf", ".tf",
        ],
    )
}

pub(super) fn is_test(file: &File<'_>) -> bool {
    has_form_of_test(file)
        || is_for_tests(file)
        || (sounds_like_test(file) && signs::of_test(file.name, file.text))
        || (sounds_like_mock(file) && (is_mock_of_go(file) || signs::of_test(file.name, file.text)))
}

/// The form that a language, or what runs its tests, gives to them; nothing else is called like this.
pub(super) fn has_form_of_test(file: &File<'_>) -> bool {
    let name = file.name;
    let script = ends_with_any(
        name,
        &[
            ".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".snap", ".dart",
        ],
    );
    let parted = [".test.", ".spec.", "-spec.", "_spec.", ".cy.", ".e2e.", ".mock."];
    (script && parted.iter().any(|part| name.contains(part)))
        || ends_with_any(name, &["_test.go", "_test.exs", "_test.dart"])
        || name == "conftest.py"
        || ends_with_any(name, &[".feature", ".snap"])
}

/// Names that tests of some language bear, and that product code about tests and onboarding bears as well: `placement_test.rb`.
fn sounds_like_test(file: &File<'_>) -> bool {
    let stem = stem(file.written);
    let lower = stem.to_ascii_lowercase();
    let suffixed = ends_with_any(stem, &["Test", "Tests", "TestCase", "IT", "Spec", "Steps"]);
    let python = file.name.ends_with(".py") && (lower.starts_with("test_") || lower == "tests");
    suffixed
        || python
        // The usual file of a Rust module's unit tests.
        || file.name == "tests.rs"
        || ends_with_any(&lower, &["_test", "_spec", "-test", "-spec", "_tests"])
}

fn sounds_like_mock(file: &File<'_>) -> bool {
    let lower = stem(file.name);
    is_code(file.name) && (ends_with_any(lower, &["_mock", "-mock"]) || lower.starts_with("mock_"))
}

/// Programs write these, and say so.
fn is_mock_of_go(file: &File<'_>) -> bool {
    let by = ["MockGen", "mockery", "/mock\"", "moq;"];
    let said = |word: &&str| memchr::memmem::find(file.text, word.as_bytes()).is_some();
    file.name.ends_with(".go") && by.iter().any(said)
}

/// Settings, helpers and runners of tests.
fn is_for_tests(file: &File<'_>) -> bool {
    let name = file.name;
    let helper = [
        "spec_helper.rb",
        "rails_helper.rb",
        "test_helper.rb",
        "setuptests.js",
        "setuptests.ts",
        "setupjest.js",
        "setupjest.ts",
        "setup-jest.js",
        "setup-jest.ts",
        "jest-setup.js",
        "jest-setup.ts",
        "testing_init.js",
    ];
    let runner = [
        "jest.config",
        "karma.conf",
        "vitest.config",
        "cypress.config",
        "playwright.config",
        "jest.setup",
        "nightwatch.conf",
        "wdio.conf",
        "protractor.conf",
        "codecept.conf",
        "testcafe.config",
        ".testcaferc",
        ".mocharc",
    ];
    let lists = ["pytest.ini", "tox.ini", "phpunit.xml", "phpunit.xml.dist", ".rspec"];
    helper.contains(&name)
        || runner.iter().any(|start| name.starts_with(start))
        || lists.contains(&name)
        || is_environment_of_tests(file)
}

/// Settings of an environment for tests: `settings/test.py`, `config/environments/test.rb`.
fn is_environment_of_tests(file: &File<'_>) -> bool {
    let folder = file.parts.last().copied().unwrap_or_default();
    let settings = ["settings", "environments", "config", "configs", "envs"].contains(&folder);
    (["test", "testing"].contains(&stem(file.name)) && settings)
        || ["env.test", ".env.test", ".env.testing"].contains(&file.name)
        || file.name.starts_with(".env.test.")
        // Laravel's tests in a browser.
        || file.name.starts_with(".env.dusk")
        || is_setup_of_tests(file.name)
}

/// Words behind the name of a program whose settings are those of its tests.
const OF_TESTS: [&str; 7] = ["test", "tests", "testing", "e2e", "selenium", "cypress", "playwright"];

/// `docker-compose.test.yml`, `application-test.properties`.
fn is_setup_of_tests(name: &str) -> bool {
    let formats = [
        ".yml",
        ".yaml",
        ".json",
        ".properties",
        ".toml",
        ".xml",
        ".js",
        ".cjs",
        ".mjs",
        ".ts",
    ];
    let words: Vec<&str> = stem(name).split(['.', '-', '_']).collect();
    let programs = [
        "docker",
        "compose",
        "application",
        "appsettings",
        "config",
        "settings",
        "webpack",
        "vite",
        "babel",
    ];
    ends_with_any(name, &formats)
        && words.first().is_some_and(|first| programs.contains(first))
        && words.iter().skip(1).any(|word| OF_TESTS.contains(word))
}

/// A name without its last ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// `fixtures.ts`, `question-fixtures.ts`, `mock_data.py`, `GradingMocks.ts`: data that stands for real ones; `fixtures.service.ts` does
/// something.
fn is_made_up(file: &File<'_>) -> bool {
    let stem = stem(file.written);
    // In one piece only: `fixtures.service` has an ending of its own.
    let words = if stem.contains('.') { Vec::new() } else { split(stem) };
    let ends =
        |with: &[&str]| with.len() <= words.len() && words.iter().rev().zip(with.iter().rev()).all(|(a, b)| a == b);
    is_code(file.name)
        && (ends(&["fixtures"])
            || ends(&["fixture"])
            || ends(&["mock", "data"])
            || ends(&["mocks"])
            || (stem == "seeds" && words.len() == 1))
}

fn is_generated(name: &str) -> bool {
    let parts = [
        ".min.",
        ".bundle.",
        ".pb.go",
        "_pb2.py",
        ".generated.",
        "_generated.",
        ".d.ts",
    ];
    let ends = ["-min.js", "-min.css", ".map", ".patch", ".diff"];
    parts.iter().any(|part| name.contains(part)) || ends_with_any(name, &ends)
}

/// `ci.yaml.bak`: nothing runs under such a name.
fn is_put_aside(name: &str) -> bool {
    ends_with_any(name, &[".bak", ".orig", ".old", ".disabled", ".swp", "~"])
}

fn is_documentation(file: &File<'_>) -> bool {
    let name = file.name;
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
    let page = ["views", "public", "templates", "pages"];
    let is_page = file.parts.iter().any(|part| page.contains(part));
    let plain = name.ends_with(".txt")
        && !name.contains("requirements")
        && !name.contains("constraints")
        && !file.parts.contains(&"requirements");
    has_name_of_document(name, file.written)
        || is_licence(name)
        || (text && (!is_page || name.starts_with("readme")))
        || (plain && name != "robots.txt")
}

/// `README`, `CHANGES.old`; `history.rb` and `notice.tsx` are code.
fn has_name_of_document(name: &str, written: &str) -> bool {
    // Who is thanked, how to quote, where to give.
    if [
        ".all-contributorsrc",
        "citation",
        "citation.cff",
        "funding.yml",
        "funding.json",
    ]
    .contains(&name)
    {
        return true;
    }
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
        "todo",
    ];
    let begins = |start: &&str| {
        name.strip_prefix(*start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    // In capital letters whatever its ending: `LICENSE.html`.
    let legal = ["LICENSE", "LICENCE", "COPYING", "NOTICE"];
    if legal
        .iter()
        .filter_map(|start| written.strip_prefix(start))
        .any(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
    {
        return true;
    }
    starts.iter().any(begins) && !is_code(name) && !is_page_or_settings(name)
}

fn is_licence(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let words = ["gpl", "license", "licence"];
    ending.bytes().all(|byte| byte.is_ascii_digit()) && words.iter().any(|word| name.contains(word))
}

pub(super) fn is_data(file: &File<'_>) -> bool {
    is_translation(file)
        || ends_with_any(
            file.name,
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

/// `frontend/pt-BR.json`; `lang/hr.php`, where `hr.php` elsewhere is code, and `deploy/fr.yml` sets up machines in France.
fn is_translation(file: &File<'_>) -> bool {
    let folders = [
        "locale",
        "locales",
        "i18n",
        "l10n",
        "lang",
        "langs",
        "language",
        "languages",
        "translation",
        "translations",
        "messages",
    ];
    let of_settings = [
        "config",
        "configs",
        "settings",
        "environments",
        "env",
        "envs",
        "deploy",
        "deployment",
        "infrastructure",
        "ops",
        "helm",
        "k8s",
        "workflows",
    ];
    let below = |folders: &[&str]| file.parts.iter().any(|part| folders.contains(part));
    let format = match below(&folders) {
        true => ends_with_any(file.name, &[".json", ".yml", ".yaml", ".php"]),
        false => ends_with_any(file.name, &[".json", ".yml", ".yaml"]) && !below(&of_settings),
    };
    format && is_language_tag(file.name.split('.').rev().nth(1).unwrap_or_default())
}

/// `en`, `pt-br`, `zh_hans`: a language, then a script or a place. Source: RFC 5646, 2.1.
pub(super) fn is_language_tag(stem: &str) -> bool {
    // Those that are words of programs or names of places as well (`be`, `ml`, `my`, `ne`, `no`, `uk`) are left out.
    const LANGUAGES: [&str; 56] = [
        "ar", "az", "bg", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga",
        "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "mk", "mr",
        "nb", "nl", "nn", "pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tr", "ur",
        "vi", "zh",
    ];
    const SCRIPTS: [&str; 5] = ["hans", "hant", "latn", "cyrl", "arab"];
    let mut parts = stem.split(['-', '_']);
    let language = parts.next().is_some_and(|first| LANGUAGES.contains(&first));
    let place = |part: &str| part.len() == 2 || (part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit()));
    let rest: Vec<&str> = parts.collect();
    language && rest.len() <= 2 && rest.iter().all(|part| place(part) || SCRIPTS.contains(part))
}
