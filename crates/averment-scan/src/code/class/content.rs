//! Folders of content: translations, lessons, what fills a database for a start.

use super::names::{is_code, is_content, is_data, is_language_tag};
use super::{File, PROGRAM, WORKSPACES, signs};
use crate::code::manifest;

pub(super) fn is_for_a_start(file: &File<'_>) -> bool {
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

pub(super) fn in_content_folder(file: &File<'_>) -> bool {
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
pub(super) fn may_be_content(file: &File<'_>) -> bool {
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
