//! On which machine a file runs, by its language, its place and what it holds.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use averment_syntax::Language;

use crate::observation::Side;

/// Words of paths that say server.
const SERVER: [&str; 24] = [
    "server",
    "backend",
    "api",
    "lambda",
    "lambdas",
    "functions",
    "workers",
    "worker",
    "jobs",
    "cron",
    "services",
    "middleware",
    "controllers",
    "models",
    "bin",
    "scripts",
    "tools",
    "webpack",
    "build",
    "deploy",
    "cdk",
    "migrations",
    "serverless",
    "daemon",
];

/// Words of paths that say browser.
const BROWSER: [&str; 24] = [
    "client",
    "frontend",
    "components",
    "javascripts",
    "javascript",
    "static",
    "public",
    "assets",
    "hooks",
    "browser",
    "ui",
    "views",
    "pages",
    "containers",
    "webapp",
    "www",
    "js",
    "cdn",
    "widgets",
    "layouts",
    "templates",
    "amd",
    "packs",
    "screens",
];

/// The side of a file; none where nothing says so.
pub(super) fn side_of(path: &str, language: Language, text: &str) -> Option<Side> {
    match language {
        Language::Python
        | Language::Ruby
        | Language::Go
        | Language::Java
        | Language::Kotlin
        | Language::Php
        | Language::Rust => Some(Side::Server),
        Language::Erb | Language::Haml | Language::Slim | Language::Pug | Language::Html => Some(Side::Browser),
        Language::Tsx => Some(Side::Browser),
        Language::JavaScript | Language::TypeScript => of_javascript(path, text),
        Language::Yaml | Language::Plain => of_plain(path),
    }
}

fn of_plain(path: &str) -> Option<Side> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let styles = [".css", ".scss", ".sass", ".less", ".coffee"];
    styles
        .iter()
        .any(|ending| name.ends_with(ending))
        .then_some(Side::Browser)
}

fn of_javascript(path: &str, text: &str) -> Option<Side> {
    let lower = path.to_ascii_lowercase();
    if lower.ends_with(".jsx") || lower.contains(".client.") {
        return Some(Side::Browser);
    }
    if lower.contains(".server.")
        || lower.ends_with(".cjs")
        || lower.contains("pages/api/")
        || lower.contains("app/api/")
    {
        return Some(Side::Server);
    }
    match marks(text) {
        (0, 0) => of_folders(&lower),
        (servers, browsers) if servers > browsers => Some(Side::Server),
        _ => Some(Side::Browser),
    }
}

/// What code of a server holds.
const OF_SERVERS: [&str; 18] = [
    "require('express')",
    "require(\"express\")",
    "from 'express'",
    "from \"express\"",
    "node:",
    "from 'fs'",
    "require('fs')",
    "require(\"fs\")",
    "require(\"http\")",
    "require('http')",
    "process.exit",
    "@nestjs/",
    "aws-lambda",
    "#!/usr/bin/env node",
    "from 'koa'",
    "from 'fastify'",
    "from 'hono'",
    "next/server",
];

/// What code of a page holds.
const OF_BROWSERS: [&str; 12] = [
    "document.",
    "window.",
    "from 'react'",
    "from \"react\"",
    "localStorage",
    "$(",
    "jQuery",
    "from 'vue'",
    "from 'svelte'",
    "@angular/core",
    "navigator.",
    "React.",
];

static MARKS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    let all = OF_SERVERS.iter().chain(&OF_BROWSERS);
    AhoCorasick::new(all).expect("a few short patterns make a matcher")
});

/// How many marks of servers and of browsers stand in a text. Names are no part of other names: `agent.document.uploaded` is no
/// page.
fn marks(text: &str) -> (usize, usize) {
    let bytes = text.as_bytes();
    let mut found = [false; OF_SERVERS.len() + OF_BROWSERS.len()];
    for mark in MARKS.find_overlapping_iter(text) {
        let before = mark.start().checked_sub(1).and_then(|at| bytes.get(at));
        let first = bytes.get(mark.start()).is_some_and(u8::is_ascii_alphabetic);
        let inside = before.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"_.$".contains(byte));
        if let Some(found) = found.get_mut(mark.pattern().as_usize()).filter(|_| !(first && inside)) {
            *found = true;
        }
    }
    let (servers, browsers) = found.split_at(OF_SERVERS.len());
    let count = |found: &[bool]| found.iter().filter(|found| **found).count();
    (count(servers), count(browsers))
}

fn of_folders(path: &str) -> Option<Side> {
    let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
    for folder in folders {
        if BROWSER.contains(&folder) {
            return Some(Side::Browser);
        }
        if SERVER.contains(&folder) {
            return Some(Side::Server);
        }
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    if ["server.", "index.", "app.", "gulpfile.", "gruntfile.", "worker."]
        .iter()
        .any(|start| name.starts_with(start))
        || name.contains(".config.")
    {
        return Some(Side::Server);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_place_and_content_say_where_a_file_runs() {
        let side = |path: &str, text: &str| side_of(path, Language::of_path(path), text);
        assert_eq!(side("lib/mail.rb", ""), Some(Side::Server));
        assert_eq!(side("app/views/a.html.erb", ""), Some(Side::Browser));
        assert_eq!(
            side("src/a.js", "const express = require('express')"),
            Some(Side::Server)
        );
        assert_eq!(side("src/a.js", "document.cookie"), Some(Side::Browser));
        assert_eq!(side("server/lib/a.ts", ""), Some(Side::Server));
        assert_eq!(side("server/public/js/a.js", ""), Some(Side::Browser));
        assert_eq!(side("config/a.yml", ""), None);
    }
}
