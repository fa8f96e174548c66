//! What the folders around a file say about it.

use super::content::{in_content_folder, is_for_a_start, may_be_content};
use super::names::{has_form_of_test, is_code, is_content, is_data};
use super::{Class, File, PROGRAM, packages, signs};
use crate::code::manifest;

/// Folders that mean the same wherever they are.
const ANYWHERE: [(&str, Class); 29] = [
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
    ("cypress", Class::Test),
    ("playwright", Class::Test),
    ("step_definitions", Class::Test),
    ("androidtest", Class::Test),
    ("dummy", Class::Fixture),
    ("dummies", Class::Fixture),
    ("test_helpers", Class::Test),
    ("testhelpers", Class::Test),
    ("testutil", Class::Test),
    ("testutils", Class::Test),
    ("test_utils", Class::Test),
    ("test-utils", Class::Test),
    ("dist", Class::Vendored),
    ("seeders", Class::Data),
    ("storybook", Class::Story),
    ("__stories__", Class::Story),
    (".storybook", Class::Story),
    ("locales", Class::Data),
    ("locale", Class::Data),
];

/// Folders that are also what a school product is about: inside a program, and as a program of their own, they are its code.
const IN_DOUBT: [(&str, Class); 17] = [
    ("vendor", Class::Vendored),
    ("third_party", Class::Vendored),
    ("third-party", Class::Vendored),
    ("thirdparty", Class::Vendored),
    ("fixtures", Class::Fixture),
    ("fixture", Class::Fixture),
    ("seed", Class::Data),
    ("seeds", Class::Data),
    ("e2e", Class::Test),
    ("unittest", Class::Test),
    ("unittests", Class::Test),
    ("vendors", Class::Vendored),
    ("stories", Class::Story),
    ("spec", Class::Test),
    ("specs", Class::Test),
    ("test", Class::Test),
    ("tests", Class::Test),
];

/// Folders that mean it only where no part of a program is around them: `app/views/docs` is a page.
const AT_THE_TOP: [(&str, Class); 23] = [
    ("load_testing", Class::Test),
    ("load-testing", Class::Test),
    ("loadtest", Class::Test),
    ("loadtests", Class::Test),
    ("regtest", Class::Test),
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
pub(super) const ASSETS: [&str; 8] = [
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
    if is_for_assistants(file) {
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

/// What assistants of developers are told, and the scripts that come with it: no part of the program, nor of how it is built.
fn is_for_assistants(file: &File<'_>) -> bool {
    const FOLDERS: [&str; 11] = [
        ".agents",
        ".agent",
        ".claude",
        ".codex",
        ".cursor",
        ".gemini",
        ".opencode",
        ".windsurf",
        ".roo",
        ".kiro",
        ".continue",
    ];
    let first = file.parts.first().copied().unwrap_or_default();
    let told = ["skills", "prompts", "instructions", "chatmodes"];
    let of_host = first == ".github" && file.parts.get(1).is_some_and(|part| told.contains(part));
    FOLDERS.contains(&first) || of_host
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
        .or_else(|| is_set_of_tests(file, depth).then_some(Class::Test))
        .or_else(|| is_of_cargo(file, depth).then_some(Class::Test))
        .or_else(|| holds_data_of_tests(file, depth).then_some(Class::Fixture))
        .or_else(|| (part == "testing" && makes_data_of_tests(file)).then_some(Class::Fixture))
        .or_else(|| packages::is_one(file, depth).then_some(Class::Vendored))
        .or_else(in_doubt)
        .or_else(at_the_top)
        .or_else(|| by_word(file, depth))
}

/// Whether a folder in doubt is code of the product: below a part of a program, a program among others, or an app of Django. The data in
/// it are taken for made up, and what shows itself to be a test, or somebody else's, is one.
fn is_product(file: &File<'_>, depth: usize, class: Class) -> bool {
    let word = file.parts.get(depth).copied().unwrap_or_default();
    let around = file.is_in_program(depth) || file.is_workspace(depth);
    match class {
        Class::Test => around && !is_of_tests(file, depth),
        Class::Fixture | Class::Data => {
            let shown = is_made_up_data(file) || is_beside_tests(file, depth) || shows_test(file);
            (around && !shown) || is_app(file, depth)
        }
        // Here a product keeps those who sell, and what is told: what lies there has to show that it is something else.
        _ if ["vendors", "stories"].contains(&word) => {
            (around || is_written(file, depth)) && !is_another_s(file, depth, class)
        }
        _ => (around && !is_another_s(file, depth, class)) || is_app(file, depth),
    }
}

fn is_of_tests(file: &File<'_>, depth: usize) -> bool {
    shows_test(file) || is_made_up_data(file) || is_among_tests(file, depth)
}

/// Whether what lies beside the file, or straight in the folder in doubt, shows itself to be tests. What is served under its path, and a
/// program among others, keeps its own tests beside it.
fn is_among_tests(file: &File<'_>, depth: usize) -> bool {
    let above = file.parts.get(..depth).unwrap_or_default();
    let served =
        above.iter().any(|part| SERVED.contains(part)) || (above.last() == Some(&"app") && !file.name.ends_with(".py"));
    let shown = |end: usize| file.beside.is_tests(&file.folder(end));
    is_code(file.name) && !served && !file.is_workspace(depth) && (shown(depth + 1) || shown(file.parts.len()))
}

/// Folders whose files are found by their paths, or by what they do.
const SERVED: [&str; 6] = ["views", "templates", "pages", "controllers", "models", "routes"];

/// Data of tests lie with the tests, or with their tools.
fn is_beside_tests(file: &File<'_>, depth: usize) -> bool {
    let above = file.parts.get(..depth).unwrap_or_default();
    let tests = ["test", "tests", "spec", "specs", "__tests__", "e2e", "cypress"];
    let tools = ["utils", "util", "scripts", "db", "database", "prisma", "testing"];
    above.iter().any(|part| tests.contains(part)) || above.last().is_some_and(|part| tools.contains(part))
}

/// What somebody wrote here: code, a page, or the manifest of the folder itself.
fn is_written(file: &File<'_>, depth: usize) -> bool {
    let own = manifest::is_manifest(file.name) && file.parts.len() == depth + 1;
    is_code(file.name) || file.name.ends_with(".html") || own
}

/// Signs that a file is what its folder says: somebody else's, or a story of a component.
fn is_another_s(file: &File<'_>, depth: usize, class: Class) -> bool {
    if class == Class::Story {
        return file.name.contains(".stories.") || file.name.contains(".story.") || signs::of_story(file.text);
    }
    let assets = file.parts.iter().take(depth).any(|part| ASSETS.contains(part));
    assets || is_kept_by_tool(file, depth) || signs::of_licence(file.text)
}

/// What Go, Composer and Bundler keep in a folder `vendor`.
fn is_kept_by_tool(file: &File<'_>, depth: usize) -> bool {
    let below = file.parts.get(depth + 1).copied().unwrap_or(file.name);
    let held = |name: &str| file.beside.holds(&file.folder(depth + 1), name);
    let known = ["bundle", "composer", "autoload.php", "modules.txt"];
    let host = below.contains('.') && file.parts.len() > depth + 1;
    file.parts.get(depth) == Some(&"vendor")
        && (host || known.contains(&below) || held("autoload.php") || held("modules.txt"))
}

/// Whether the folder at `depth` is an app of Django.
fn is_app(file: &File<'_>, depth: usize) -> bool {
    let names = [
        "views.py",
        "urls.py",
        "models.py",
        "apps.py",
        "admin.py",
        "serializers.py",
    ];
    let own = file.parts.len() == depth + 1 && names.contains(&file.name);
    let held = || {
        names
            .iter()
            .any(|name| file.beside.holds(&file.folder(depth + 1), name))
    };
    own || (file.name.ends_with(".py") && held())
}

/// Sets of sources that Maven and Gradle build nothing of into the program: `src/test/java`, `src/it/java`.
fn is_set_of_tests(file: &File<'_>, depth: usize) -> bool {
    let sets = ["test", "it", "integrationtest", "functionaltest", "testfixtures"];
    let languages = ["java", "kotlin", "scala", "groovy", "resources"];
    let part = |depth: usize| file.parts.get(depth).copied().unwrap_or_default();
    // `src/jvmTest/kotlin`, `src/androidUnitTest/resources`: sets of Kotlin's platforms.
    let is_set = sets.contains(&part(depth)) || part(depth).ends_with("test");
    depth > 0 && part(depth - 1) == "src" && is_set && languages.contains(&part(depth + 1))
}

/// `tests/` beside `Cargo.toml`: Cargo's own folder of tests, whatever lies in it.
fn is_of_cargo(file: &File<'_>, depth: usize) -> bool {
    file.parts.get(depth) == Some(&"tests") && file.beside.holds(&file.folder(depth), "Cargo.toml")
}

/// `assets/test/school.afdb`; a folder of mocks, `servermock/State.java`; makers of made-up data, `factories/desk.js`. What is served under such
/// a path is a page.
fn holds_data_of_tests(file: &File<'_>, depth: usize) -> bool {
    let part = file.parts.get(depth).copied().unwrap_or_default();
    let above = file.parts.get(..depth).unwrap_or_default();
    match part {
        "test" | "tests" => {
            above
                .last()
                .is_some_and(|above| ["assets", "resources"].contains(above))
                && !is_code(file.name)
        }
        "factories" | "factory" => is_script(file.name) && file.beside.makes_up(&file.folder(depth + 1)),
        _ => is_of_mocks(part) && !above.iter().any(|part| SERVED.contains(part)),
    }
}

/// `mock`, `servermock`; a mock exam is what students take.
fn is_of_mocks(folder: &str) -> bool {
    [
        "mock",
        "mocks",
        "servermock",
        "apimock",
        "mockserver",
        "mockapi",
        "mockdata",
    ]
    .contains(&folder)
}

fn is_script(name: &str) -> bool {
    super::ends_with_any(name, &[".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs"])
}

/// `testing/school.factory.ts`: the folder and the file say it together, since testing is what a platform may be about.
fn makes_data_of_tests(file: &File<'_>) -> bool {
    let stem = file.name.rsplit_once('.').map_or(file.name, |(stem, _)| stem);
    let words: Vec<&str> = stem.split(['.', '-', '_']).collect();
    let made = [
        "factory",
        "factories",
        "fixture",
        "fixtures",
        "mock",
        "mocks",
        "stub",
        "stubs",
    ];
    is_code(file.name) && (words.iter().any(|word| made.contains(word)) || shows_test(file))
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
    if is_target_of_tests(file, depth) {
        return Some(Class::Test);
    }
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

/// `SchoolTests`, `School.Tests`: what Xcode and .NET call the folder of a target of tests.
fn is_target_of_tests(file: &File<'_>, depth: usize) -> bool {
    let written = file.path.split('/').nth(depth).unwrap_or_default();
    let named = ["Tests", "Specs"].iter().any(|end| {
        written.strip_suffix(end).is_some_and(|front| {
            front.starts_with(|first: char| first.is_ascii_uppercase())
                && front.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '.')
        })
    });
    named && (!file.is_in_program(depth) || shows_test(file)) && (!file.is_workspace(depth) || shows_test(file))
}

/// Whether a folder whose name sounds like tests or examples holds a program: `apps/test-delivery`, `practice-tests/src`.
fn is_program(file: &File<'_>, depth: usize) -> bool {
    let mut below = file.parts.iter().skip(depth + 1);
    file.is_in_program(depth) || file.is_workspace(depth) || below.any(|part| PROGRAM.contains(part))
}
