//! Registries that a build names beside the usual one of its language: whoever builds asks them, and they see who does.
//!
//! The usual ones are told by the packages that come from them, and are left out.

use super::addresses::{Found, addresses};
use super::look::Look;
use crate::observation::{Confidence, How, Tier};

/// Registries that a language's own tools ask when nobody says anything else.
const USUAL: [&str; 16] = [
    "rubygems.org",
    "pypi.org",
    "pypi.python.org",
    "files.pythonhosted.org",
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "repo1.maven.org",
    "repo.maven.apache.org",
    "maven.google.com",
    "dl.google.com",
    "plugins.gradle.org",
    "packagist.org",
    "repo.packagist.org",
    "api.nuget.org",
    "crates.io",
    "index.crates.io",
];

/// How a file names a registry.
#[derive(Debug, Clone, Copy)]
enum Shape {
    /// In a line that holds one of these words.
    Line(&'static [&'static str]),
    /// Between the first tag and the second.
    Between(&'static str, &'static str),
    /// In a block in braces that this word opens.
    Block(&'static str),
    /// As addresses of the objects below this key of JSON.
    Json(&'static str),
}

fn shape_of(path: &str) -> Option<Shape> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    Some(match name.as_str() {
        "gemfile" | "gems.rb" => Shape::Line(&["source ", "source:"]),
        "pom.xml" => Shape::Between("epositories>", "epositories>"),
        "composer.json" => Shape::Json("repositories"),
        ".npmrc" | ".yarnrc" | ".yarnrc.yml" | "bunfig.toml" => Shape::Line(&["registry", "Registry"]),
        "chart.yaml" => Shape::Line(&["repository:"]),
        "pip.conf" => Shape::Line(&["index-url", "find-links"]),
        "pipfile" => Shape::Line(&["url ", "url="]),
        "pyproject.toml" => Shape::Line(&["url = \"http"]),
        "nuget.config" => Shape::Line(&["<add "]),
        // Elsewhere such a file names the page of the project and where its source lies.
        _ if name.ends_with(".gradle") || name.ends_with(".gradle.kts") => Shape::Block("repositories"),
        _ if name.ends_with(".txt") && path.contains("requirements") => {
            Shape::Line(&["index-url", "find-links", "-i ", "-f "])
        }
        _ => return None,
    })
}

/// Adds whoever keeps the registries that the file names, in place of what its lines had shown of the same hosts.
pub(super) fn read(look: &mut Look<'_>) {
    let Some(shape) = shape_of(look.path) else { return };
    let text = look.text;
    for (at, one) in named(shape, look.path, text) {
        let host = one.address.host.as_str();
        if !USUAL.contains(&host) {
            let (line, _) = look.lines.at(at);
            look.findings
                .retain(|shown| shown.line != line || shown.host.as_deref() != Some(host));
            let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
            look.address(&one.address, at, verdict);
        }
    }
}

/// Addresses of registries in `text`, with where they stand.
fn named(shape: Shape, path: &str, text: &str) -> Vec<(usize, Found)> {
    match shape {
        Shape::Line(words) => in_lines(text, path, words),
        Shape::Between(begin, end) => between(text, begin, end),
        Shape::Block(word) => in_blocks(text, word),
        Shape::Json(key) => in_json(text, key),
    }
}

/// Whether a line without the space in front of it is a comment.
fn is_comment(code: &str) -> bool {
    ["#", "//", "*", "/*"].iter().any(|mark| code.starts_with(mark))
}

/// Addresses in lines that hold one of `words` and are no comments, with where they stand.
fn in_lines(text: &str, path: &str, words: &[&str]) -> Vec<(usize, Found)> {
    let python = path.ends_with("pyproject.toml");
    let mut found = Vec::new();
    let (mut at, mut source) = (0, false);
    for line in text.split_inclusive('\n') {
        let code = line.trim_start();
        // Only tables of sources name registries there: others hold the page of the project.
        if code.starts_with('[') {
            source = code.contains("source") || code.contains("index");
        }
        if !is_comment(code) && (source || !python) && words.iter().any(|word| code.contains(word)) {
            found.extend(addresses(line).into_iter().map(|one| (at + one.at, one)));
        }
        at += line.len();
    }
    found
}

/// Addresses in every piece between `begin` and the next `end`.
fn between(text: &str, begin: &str, end: &str) -> Vec<(usize, Found)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find(begin)) {
        let start = from + start + begin.len();
        let rest = text.get(start..).unwrap_or_default();
        let length = rest.find(end).unwrap_or(rest.len());
        let piece = rest.get(..length).unwrap_or_default();
        found.extend(addresses(piece).into_iter().map(|one| (start + one.at, one)));
        from = start + length + end.len();
    }
    found
}

/// Addresses in blocks that `word` opens, up to the brace that closes them.
fn in_blocks(text: &str, word: &str) -> Vec<(usize, Found)> {
    let mut found = Vec::new();
    let (mut at, mut depth) = (0, 0_usize);
    for line in text.split_inclusive('\n') {
        let count = |brace| line.matches(brace).count();
        if !is_comment(line.trim_start()) && (depth > 0 || (line.contains(word) && line.contains('{'))) {
            found.extend(addresses(line).into_iter().map(|one| (at + one.at, one)));
            depth = (depth + count('{')).saturating_sub(count('}'));
        }
        at += line.len();
    }
    found
}

/// Addresses called `url` in the list, or the objects, below `key` of a document of JSON.
fn in_json(text: &str, key: &str) -> Vec<(usize, Found)> {
    let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let each: Vec<&serde_json::Value> = match document.get(key) {
        Some(serde_json::Value::Array(list)) => list.iter().collect(),
        Some(serde_json::Value::Object(named)) => named.values().collect(),
        _ => Vec::new(),
    };
    let urls = each.into_iter().filter_map(|one| one.get("url")?.as_str());
    let places = urls.flat_map(|url| {
        // Not where the slashes are written `\/`: then it is the first line's.
        let at = text.find(url).unwrap_or(0);
        addresses(url).into_iter().map(move |one| (at + one.at, one))
    });
    places.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(path: &str, text: &str) -> Vec<String> {
        let found = shape_of(path).map(|shape| named(shape, path, text));
        found
            .unwrap_or_default()
            .into_iter()
            .map(|(_, one)| one.address.host)
            .collect()
    }

    #[test]
    fn every_kind_of_build_names_registries_in_its_own_way() {
        for (path, text) in [
            (
                "build.gradle",
                "repositories {\n  maven { url 'https://repo.new-desk.org/m2' }\n}",
            ),
            (
                "settings.gradle.kts",
                "repositories {\n  maven {\n    url = uri(\"https://repo.new-desk.org/m2\")\n  }\n}\npom { url = \"https://own.new-page.org\" }",
            ),
            (
                "pom.xml",
                "<url>https://own.new-page.org</url><repositories><repository>\n<url>https://repo.new-desk.org/m2</url>\n</repository></repositories>",
            ),
            ("Gemfile", "source 'https://repo.new-desk.org/' do"),
            (
                "composer.json",
                "{\"homepage\": \"https://own.new-page.org\", \"repositories\": [{\"url\": \"https://repo.new-desk.org\"}]}",
            ),
            (
                "composer.json",
                "{\"repositories\": {\"desk\": {\"type\": \"composer\", \"url\": \"https:\\/\\/repo.new-desk.org\"}}, \"homepage\": \"https://own.new-page.org\", \"keywords\": []}",
            ),
            (".npmrc", "@desk:registry=https://repo.new-desk.org/npm/"),
            (
                "requirements/base.txt",
                "--extra-index-url https://repo.new-desk.org/simple",
            ),
            (
                "pyproject.toml",
                "[project.urls]\nurl = \"https://own.new-page.org\"\n[[tool.poetry.source]]\nurl = \"https://repo.new-desk.org/simple\"",
            ),
        ] {
            assert_eq!(hosts(path, text), ["repo.new-desk.org"], "{path}");
        }
    }

    #[test]
    fn comments_and_other_files_name_none() {
        for (path, text) in [
            (
                "build.gradle",
                "repositories {\n  // maven { url 'https://repo.new-desk.org/m2' }\n}",
            ),
            ("build.gradle", "scm { url 'https://own.new-page.org/desk' }"),
            ("Gemfile", "# see https://repo.new-desk.org/"),
            ("src/main.rs", "maven https://repo.new-desk.org/m2"),
        ] {
            assert!(hosts(path, text).is_empty(), "{path}");
        }
    }
}
