//! Case files: `cases/<language>/*.src` with its facts in `.facts` beside it; `REWRITE_CASES=1` writes those anew.

use std::fs;
use std::path::{Path, PathBuf};

use averment_syntax::{Language, facts};

use crate::show::show;

/// Languages by the folder of their cases.
pub(crate) const LANGUAGES: [(&str, Language); 17] = [
    ("javascript", Language::JavaScript),
    ("typescript", Language::TypeScript),
    ("tsx", Language::Tsx),
    ("python", Language::Python),
    ("ruby", Language::Ruby),
    ("erb", Language::Erb),
    ("haml", Language::Haml),
    ("slim", Language::Slim),
    ("pug", Language::Pug),
    ("go", Language::Go),
    ("java", Language::Java),
    ("kotlin", Language::Kotlin),
    ("php", Language::Php),
    ("rust", Language::Rust),
    ("html", Language::Html),
    ("yaml", Language::Yaml),
    ("plain", Language::Plain),
];

/// Every case with its language.
pub(crate) fn all() -> Vec<(Language, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut found = Vec::new();
    for (folder, language) in LANGUAGES {
        let mut paths: Vec<PathBuf> = fs::read_dir(root.join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "src"));
        assert!(!paths.is_empty(), "no case for {folder}");
        found.extend(
            paths
                .into_iter()
                .map(|path| (language, path.clone(), fs::read_to_string(path).unwrap())),
        );
    }
    found
}

#[test]
fn facts_are_as_the_cases_say() {
    let mut wrong = Vec::new();
    for (language, path, source) in all() {
        let shown = show(&source, &facts(language, &source));
        let expected = path.with_extension("facts");
        if std::env::var_os("REWRITE_CASES").is_some() {
            fs::write(&expected, &shown).unwrap();
        }
        let expected_text = fs::read_to_string(&expected).unwrap_or_default();
        if expected_text != shown {
            wrong.push(format!(
                "{}\n{}",
                expected.display(),
                difference(&expected_text, &shown)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Lines that are only in one of them.
fn difference(expected: &str, found: &str) -> String {
    let missing = expected
        .lines()
        .filter(|line| !found.lines().any(|other| other == *line));
    let extra = found
        .lines()
        .filter(|line| !expected.lines().any(|other| other == *line));
    missing
        .map(|line| format!("- {line}\n"))
        .chain(extra.map(|line| format!("+ {line}\n")))
        .collect()
}

#[test]
fn languages_are_known_by_the_names_of_files() {
    let known = [
        ("app/models/user.rb", Language::Ruby),
        ("Gemfile", Language::Ruby),
        ("lib/tasks/x.rake", Language::Ruby),
        ("Rakefile", Language::Ruby),
        ("app/views/x.html.erb", Language::Erb),
        ("app/views/x.js.erb", Language::Erb),
        ("app/views/x.html.haml", Language::Haml),
        ("app/views/x.html.slim", Language::Slim),
        ("views/x.pug", Language::Pug),
        ("src/x.mjs", Language::JavaScript),
        ("src/x.min.js", Language::JavaScript),
        ("src/x.d.cts", Language::TypeScript),
        ("src/X.TSX", Language::Tsx),
        ("build.gradle.kts", Language::Kotlin),
        ("x.blade.php", Language::Html),
        ("wp/x.php", Language::Php),
        ("x.vue", Language::Html),
        ("x.svelte", Language::Html),
        ("views/x.ejs", Language::Html),
        ("x.jinja", Language::Html),
        ("x.yml.erb", Language::Erb),
        ("x.yml.j2", Language::Yaml),
        ("x.conf.j2", Language::Plain),
        ("x.rb.tmpl", Language::Ruby),
        ("x.html.j2", Language::Html),
        ("x.j2", Language::Html),
        (".github/workflows/ci.yml", Language::Yaml),
        ("README.md", Language::Plain),
        ("Makefile", Language::Plain),
        ("folder.rb/notes", Language::Plain),
        ("", Language::Plain),
    ];
    for (path, language) in known {
        assert_eq!(Language::of_path(path), language, "{path}");
    }
}
