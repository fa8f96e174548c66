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
    /// Ruby in Slim.
    Slim,
    /// JavaScript in Pug.
    Pug,
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

impl Language {
    /// The language of a file, by its name and extension; the case of letters does not matter. What is not known is
    /// [`Language::Plain`]: whether it is text at all is for the caller to find out.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
        if let Some((_, language)) = NAMES.iter().find(|(known, _)| *known == name) {
            return *language;
        }
        // A template of something else is read as what comes of it.
        let mut rest = FILLED_IN
            .iter()
            .find_map(|ending| name.strip_suffix(ending))
            .filter(|rest| rest.get(1..).is_some_and(|rest| rest.contains('.')))
            .unwrap_or(&name);
        // From the longest ending to the shortest: `x.blade.php` is a template before it is PHP.
        while let Some((_, ending)) = rest.split_once('.') {
            if let Some((_, language)) = ENDINGS.iter().find(|(known, _)| *known == ending) {
                return *language;
            }
            rest = ending;
        }
        Self::Plain
    }
}

/// Endings of templates that say nothing about what comes of them: `deployment.yml.j2`.
const FILLED_IN: [&str; 5] = [".j2", ".tmpl", ".tpl", ".template", ".dist"];

/// File names without a telling extension.
const NAMES: [(&str, Language); 22] = [
    ("gemfile", Language::Ruby),
    ("rakefile", Language::Ruby),
    ("guardfile", Language::Ruby),
    ("capfile", Language::Ruby),
    ("vagrantfile", Language::Ruby),
    ("berksfile", Language::Ruby),
    ("podfile", Language::Ruby),
    ("fastfile", Language::Ruby),
    ("appfile", Language::Ruby),
    ("brewfile", Language::Ruby),
    ("dangerfile", Language::Ruby),
    ("steepfile", Language::Ruby),
    ("thorfile", Language::Ruby),
    (".irbrc", Language::Ruby),
    (".pryrc", Language::Ruby),
    (".simplecov", Language::Ruby),
    ("jakefile", Language::JavaScript),
    ("sconstruct", Language::Python),
    ("sconscript", Language::Python),
    ("wscript", Language::Python),
    (".clang-format", Language::Yaml),
    (".gemrc", Language::Yaml),
];

/// Endings of names, without the first dot.
const ENDINGS: [(&str, Language); 82] = [
    ("js", Language::JavaScript),
    ("jsx", Language::JavaScript),
    ("mjs", Language::JavaScript),
    ("cjs", Language::JavaScript),
    ("es6", Language::JavaScript),
    ("jsm", Language::JavaScript),
    ("gs", Language::JavaScript),
    ("ts", Language::TypeScript),
    ("mts", Language::TypeScript),
    ("cts", Language::TypeScript),
    ("tsx", Language::Tsx),
    ("py", Language::Python),
    ("pyi", Language::Python),
    ("pyw", Language::Python),
    ("wsgi", Language::Python),
    ("rb", Language::Ruby),
    ("rake", Language::Ruby),
    ("ru", Language::Ruby),
    ("gemspec", Language::Ruby),
    ("rbi", Language::Ruby),
    ("rbw", Language::Ruby),
    ("podspec", Language::Ruby),
    ("jbuilder", Language::Ruby),
    ("rabl", Language::Ruby),
    ("builder", Language::Ruby),
    ("arb", Language::Ruby),
    ("axlsx", Language::Ruby),
    ("prawn", Language::Ruby),
    ("thor", Language::Ruby),
    ("erb", Language::Erb),
    ("rhtml", Language::Erb),
    ("haml", Language::Haml),
    ("hamlc", Language::Haml),
    ("slim", Language::Slim),
    ("pug", Language::Pug),
    ("jade", Language::Pug),
    ("go", Language::Go),
    ("java", Language::Java),
    ("kt", Language::Kotlin),
    ("kts", Language::Kotlin),
    ("php", Language::Php),
    ("phtml", Language::Php),
    ("php5", Language::Php),
    ("php7", Language::Php),
    ("php8", Language::Php),
    ("ctp", Language::Php),
    ("blade.php", Language::Html),
    ("rs", Language::Rust),
    ("html", Language::Html),
    ("htm", Language::Html),
    ("xhtml", Language::Html),
    ("xht", Language::Html),
    ("shtml", Language::Html),
    ("vue", Language::Html),
    ("svelte", Language::Html),
    ("astro", Language::Html),
    ("marko", Language::Html),
    ("ejs", Language::Html),
    ("jinja", Language::Html),
    ("jinja2", Language::Html),
    ("j2", Language::Html),
    ("njk", Language::Html),
    ("nunjucks", Language::Html),
    ("twig", Language::Html),
    ("liquid", Language::Html),
    ("hbs", Language::Html),
    ("handlebars", Language::Html),
    ("mustache", Language::Html),
    ("eex", Language::Html),
    ("heex", Language::Html),
    ("leex", Language::Html),
    ("jsp", Language::Html),
    ("jspx", Language::Html),
    ("tag", Language::Html),
    ("mako", Language::Html),
    ("soy", Language::Html),
    ("cshtml", Language::Html),
    ("ftl", Language::Html),
    ("ftlh", Language::Html),
    ("gohtml", Language::Html),
    ("yml", Language::Yaml),
    ("yaml", Language::Yaml),
];
