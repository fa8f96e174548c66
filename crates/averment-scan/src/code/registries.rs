//! Registries that a build names beside the usual one of its language: whoever builds asks them, and they see who does.
//!
//! The usual ones are told by the packages that come from them, and are left out.

use super::addresses::{Found, addresses};
use super::look::Look;
use super::set_up::party_of;
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
    /// As texts of the object below this key of JSON.
    Texts(&'static str),
}

fn shape_of(path: &str) -> Option<Shape> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    Some(match name.as_str() {
        "gemfile" | "gems.rb" => Shape::Line(&["source ", "source:", "git:", ":git =>", "git "]),
        "gemfile.lock" | "gems.locked" => Shape::Line(&["remote: "]),
        "cargo.toml" => Shape::Line(&["git = \""]),
        "package.json" => Shape::Texts("dependencies"),
        "app.json" => Shape::Json("buildpacks"),
        "pom.xml" => Shape::Between("epositories>", "epositories>"),
        "composer.json" => Shape::Json("repositories"),
        ".npmrc" | ".yarnrc" | ".yarnrc.yml" | "bunfig.toml" => Shape::Line(&["registry", "Registry"]),
        "chart.yaml" => Shape::Line(&["repository:"]),
        "pip.conf" => Shape::Line(&["index-url", "find-links"]),
        "pipfile" => Shape::Line(&["url ", "url="]),
        "pyproject.toml" => Shape::Line(&["url = \"http", "git = \"http"]),
        "nuget.config" => Shape::Line(&["<add "]),
        // Elsewhere such a file names the page of the project and where its source lies.
        _ if name.ends_with(".gradle") || name.ends_with(".gradle.kts") => Shape::Block("repositories"),
        _ if name.ends_with(".txt") && path.contains("requirements") => {
            Shape::Line(&["index-url", "find-links", "-i ", "-f ", "git+"])
        }
        _ => return None,
    })
}

/// Adds whoever keeps the registries that the file names, in place of what its lines had shown of the same hosts.
pub(super) fn read(look: &mut Look<'_>) {
    let Some(shape) = shape_of(look.path) else { return };
    let text = look.text;
    for (at, one) in named(shape, look.path, text) {
        if !USUAL.contains(&one.address.host.as_str()) {
            let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
            look.instead(&one.address, at, verdict);
        }
    }
    keepers(look);
}

/// Whoever keeps the source of packages that a manifest names by owner and name alone: `gem "desk", github: "desk/desk"`,
/// `"desk": "github:desk/desk"`.
fn keepers(look: &mut Look<'_>) {
    const KEEPERS: [&str; 3] = ["github", "gitlab", "bitbucket"];
    let name = look.path.rsplit('/').next().unwrap_or(look.path).to_ascii_lowercase();
    let ruby = ["gemfile", "gems.rb"].contains(&name.as_str());
    if !ruby && name != "package.json" {
        return;
    }
    let mut at = 0;
    for line in look.text.split_inclusive('\n') {
        let code = line.trim_start();
        let named = KEEPERS.iter().find(|keeper| match ruby {
            true => {
                code.starts_with("gem")
                    && (code.contains(&format!("{keeper}:")) || code.contains(&format!(":{keeper} =>")))
            }
            false => code.contains(&format!(": \"{keeper}:")),
        });
        let built = (!ruby && code.starts_with("\"heroku-postbuild\"")).then_some("heroku");
        if let Some(party) = named.copied().or(built).and_then(party_of) {
            let verdict = (Tier::Configured, How::Infrastructure, Confidence::Certain);
            let what = built.map_or("git", |_| "heroku-postbuild");
            look.known(&[party], what, at + (line.len() - code.len()), verdict);
        }
        at += line.len();
    }
}

/// Addresses of registries in `text`, with where they stand.
fn named(shape: Shape, path: &str, text: &str) -> Vec<(usize, Found)> {
    match shape {
        Shape::Line(words) => in_lines(text, path, words),
        Shape::Between(begin, end) => between(text, begin, end),
        Shape::Block(word) => in_blocks(text, word),
        Shape::Json(key) => in_json(text, key),
        Shape::Texts(key) => in_texts(text, key),
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
        let of_git = code.contains("git = ");
        if !is_comment(code) && (source || of_git || !python) && words.iter().any(|word| code.contains(word)) {
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

/// Addresses among the texts of the object below `key` of a document of JSON: `"desk": "git+https://…"`.
fn in_texts(text: &str, key: &str) -> Vec<(usize, Found)> {
    let document: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let named = document.get(key).and_then(serde_json::Value::as_object);
    let texts = named.into_iter().flat_map(|named| named.values());
    let urls = texts
        .filter_map(serde_json::Value::as_str)
        .filter(|text| text.contains("://"));
    let places = urls.flat_map(|url| {
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
