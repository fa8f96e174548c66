//! What the folders around a file say about it.

use super::names::{has_form_of_test, is_code, is_content, is_data, is_language_tag};
use super::{Class, File, PROGRAM, WORKSPACES, signs};
use crate::code::manifest;

/// Folders that mean the same wherever they are.
const ANYWHERE: [(&str, Class); 37] = [
    ("vendor", Class::Vendored),
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
    (".storybook", Class::Story),
    ("locales", Class::Data),
    ("locale", Class::Data),
];

/// Folders that are also what a school product is about: inside a program, and as a program of their own, they are its code.
const IN_DOUBT: [(&str, Class); 6] = [
    ("vendors", Class::Vendored),
    ("stories", Class::Story),
    ("spec", Class::Test),
    ("specs", Class::Test),
    ("test", Class::Test),
    ("tests", Class::Test),
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

/// Folders of browser code in which `vendors` is what others wrote.
const ASSETS: [&str; 8] = [
    "static",
    "public",
    "assets",
    "js",
    "javascript",
    "javascripts",
    "css",
    "scss",
];

/// Ways of testing: `integration-tests` are tests wherever they are, `practice-tests` are what students take.
const WAYS_OF_TESTING: [&str; 24] = [
    "integration",
    "acceptance",
    "e2e",
    "end",
    "unit",
    "functional",
    "system",
    "smoke",
    "load",
    "performance",
    "browser",
    "api",
    "regression",
    "contract",
    "ui",
    "visual",
    "stress",
    "jest",
    "cypress",
    "playwright",
    "selenium",
    "mutation",
    "conformance",
    "automated",
];

pub(super) fn class(file: &File<'_>) -> Option<Class> {
    // What somebody fills in who writes to the project.
    if file.parts.first() == Some(&".github") && file.parts.iter().any(|part| part.ends_with("_template")) {
        return Some(Class::Documentation);
    }
    let classes = (0..file.parts.len()).filter_map(|depth| of_folder(file, depth));
    // Data of tests below tests is data; somebody else's tests stay somebody else's.
    let found = classes.reduce(|found, class| match (found, class) {
        (Class::Test, Class::Fixture) => class,
        (found, _) => found,
    });
    match found {
        // Rails and Go write templates and settings of their own below such names; what fills a database for a start is none.
        Some(Class::Data) if !may_be_content(file) && !is_for_a_start(file) => None,
        None if in_content_folder(file) && may_be_content(file) => Some(Class::Data),
        found => found,
    }
}

fn of_folder(file: &File<'_>, depth: usize) -> Option<Class> {
    let part = *file.parts.get(depth)?;
    let of = |table: &[(&str, Class)]| {
        table
            .iter()
            .find(|(folder, _)| *folder == part)
            .map(|(_, class)| *class)
    };
    let in_doubt = || of(&IN_DOUBT).filter(|class| !is_product(file, depth, *class));
    let at_the_top = || of(&AT_THE_TOP).filter(|_| !file.is_in_program(depth));
    of(&ANYWHERE)
        .or_else(in_doubt)
        .or_else(at_the_top)
        .or_else(|| by_word(file, depth))
}

/// Whether a folder in doubt is code of the product: below a part of a program, or a program among others. The data in it are taken
/// for made up, and what shows itself to be a test is one.
fn is_product(file: &File<'_>, depth: usize, class: Class) -> bool {
    let around = file.is_in_program(depth) || file.is_workspace(depth);
    let shown = match class {
        Class::Test => is_language_s_folder(file, depth) || shows_test(file) || is_made_up_data(file),
        Class::Vendored => file.parts.iter().take(depth).any(|part| ASSETS.contains(part)),
        _ => false,
    };
    around && !shown
}

/// `src/test/java` of Maven and Gradle, which build nothing of it into the program.
fn is_language_s_folder(file: &File<'_>, depth: usize) -> bool {
    let languages = ["java", "kotlin", "scala", "groovy", "resources"];
    let below = file.parts.get(depth + 1);
    depth.checked_sub(1).and_then(|above| file.parts.get(above)) == Some(&"src")
        && below.is_some_and(|below| languages.contains(below))
}

fn shows_test(file: &File<'_>) -> bool {
    has_form_of_test(file) || signs::of_test(file.name, file.text)
}

/// Data that stand beside code in doubt; a manifest and a page are no data.
fn is_made_up_data(file: &File<'_>) -> bool {
    let data = (is_content(file.name) && !file.name.ends_with(".html")) || is_data(file);
    data && !manifest::is_manifest(file.name)
}

/// `training_content`, `staging_specs`: what the last word says; `test_json`, `fixture-files`: what the first word says, where no part of
/// a program is around it or in it.
fn by_word(file: &File<'_>, depth: usize) -> Option<Class> {
    let words: Vec<&str> = file.parts.get(depth)?.split(['_', '-']).collect();
    let (last, before) = words.split_last().filter(|(_, before)| !before.is_empty())?;
    if ["spec", "specs", "tests"].contains(last) {
        let way = before.iter().any(|word| WAYS_OF_TESTING.contains(word));
        return (way || !is_program(file, depth) || shows_test(file)).then_some(Class::Test);
    }
    if file.is_in_program(depth) {
        return None;
    }
    let class = match *before.first()? {
        "test" | "tests" | "fixture" | "fixtures" | "mock" | "mocks" => Class::Fixture,
        "sample" | "samples" | "example" | "examples" => Class::Example,
        _ if *last == "content" => return Some(Class::Data),
        _ => return None,
    };
    (!is_program(file, depth) || is_made_up_data(file)).then_some(class)
}

/// Whether a folder whose name sounds like tests or examples holds a program: `apps/test-delivery`, `practice-tests/src`.
fn is_program(file: &File<'_>, depth: usize) -> bool {
    let mut below = file.parts.iter().skip(depth + 1);
    file.is_in_program(depth) || file.is_workspace(depth) || below.any(|part| PROGRAM.contains(part))
}

fn is_for_a_start(file: &File<'_>) -> bool {
    file.parts.iter().any(|part| part.starts_with("seed"))
}

/// Folders of translations.
const TRANSLATIONS: [&str; 4] = ["i18n", "lang", "langs", "translations"];

/// Folders of lessons and other content, where nothing around them belongs to a program.
const LESSONS: [&str; 13] = [
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

fn in_content_folder(file: &File<'_>) -> bool {
    let translations = file.parts.iter().enumerate().any(|(depth, part)| {
        let tagged = || {
            let below = file.parts.iter().skip(depth + 1);
            below.copied().chain([stem(file.name)]).any(is_language_tag)
        };
        TRANSLATIONS.contains(part) && (!file.is_workspace(depth) || tagged())
    });
    let lessons = file.parts.iter().any(|part| LESSONS.contains(part));
    let of_program = |part: &&str| PROGRAM.contains(part) || WORKSPACES.contains(part);
    translations || (lessons && !file.parts.iter().any(of_program))
}

fn stem(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

/// Whether a file can be content at all: no code, no manifest, no template, nothing that sets up a machine.
fn may_be_content(file: &File<'_>) -> bool {
    let page = file.name.ends_with(".html");
    let template = page && (file.is_in_program(file.parts.len()) || signs::of_template(file.text));
    let data = is_content(file.name) || is_data(file);
    data && !template && !is_code(file.name) && !manifest::is_manifest(file.name) && !sets_up(file.name)
}

/// Settings of machines and programs, by their usual names.
fn sets_up(name: &str) -> bool {
    let stems = [
        "docker-compose",
        "compose",
        "serverless",
        "values",
        "kustomization",
        "deployment",
        "skaffold",
        "cloudbuild",
        "buildspec",
        "config",
        "settings",
        "appsettings",
        "firebase",
        "vercel",
        "netlify",
        "render",
        "app",
    ];
    stems.contains(&stem(name)) || name.starts_with('.')
}
