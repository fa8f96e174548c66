//! Which language a file is in.

/// A language that has a grammar here, or is read as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// JavaScript, with JSX.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Python.
    Python,
    /// Ruby.
    Ruby,
    /// Ruby in HTML.
    Erb,
    /// Ruby in HAML.
    Haml,
    /// Go.
    Go,
    /// Java.
    Java,
    /// Kotlin.
    Kotlin,
    /// PHP, with HTML around it.
    Php,
    /// Rust.
    Rust,
    /// HTML, and templates that are HTML in the main (Vue, Svelte, Jinja, Handlebars, EJS).
    Html,
    /// YAML.
    Yaml,
    /// Anything else that is text.
    Plain,
}
