//! The HTML page. Its text is in `templates/page.html`, its looks in `templates/page.css`.

use std::sync::LazyLock;

use averment_claims::Graded;
use averment_register::Charter;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};
use sha2::{Digest as _, Sha256};

use crate::document::Document;
use crate::{Meta, words};

/// The page as HTML: complete, with its style inside, loading nothing and running nothing.
pub fn page(charter: &Charter, graded: &[Graded], meta: &Meta) -> String {
    let document = Document::new(charter, graded, meta);
    render(&document)
}

/// The style sheet of the page, for other pages of the same house.
pub fn style() -> &'static str {
    include_str!("../templates/page.css")
}

/// The source expression that allows `style` and no other inline style: `'sha256-…'`.
///
/// # Source
/// Content Security Policy Level 3, section 2.3.1.
pub fn style_source(style: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)))
}

fn render(document: &Document) -> String {
    static PAGES: LazyLock<Environment<'static>> = LazyLock::new(environment);
    let template = PAGES
        .get_template("page.html")
        .expect("the template is part of the program");
    let context = context! {
        page => Value::from(Serde(document)),
        style => Value::from_safe_string(style().to_owned()),
        style_source => Value::from_safe_string(style_source(style())),
    };
    template
        .render(context)
        .expect("the template uses only what a document has; a test renders all of it")
}

fn environment() -> Environment<'static> {
    let mut pages = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(syntax.expect("the usual delimiters"));
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.add_filter("capital", |word: &str| words::capital(word));
    pages.add_filter("grade_meaning", |grade: &str| words::grade_meaning(grade));
    pages.add_filter("kind_heading", |kind: &str| words::kind_heading(kind));
    pages.add_filter("plane_name", |plane: &str| words::plane_name(plane));
    pages.add_filter("condition", |when: &str| words::condition(when));
    pages.add_filter("treatment", |treatment: &str| words::treatment(treatment));
    pages.add_filter("unconfirmed_fact", |field: &str| words::unconfirmed_fact(field));
    pages.add_filter("role", |role: &str| words::role(role));
    pages.add_filter("student_records", |records: &str| words::student_records(records));
    pages.add_filter("thousands", words::thousands);
    pages.add_filter("long_time", |at: &str| words::long_time(at));
    pages.add_filter("duration", words::duration);
    for (name, text) in [
        ("page.html", include_str!("../templates/page.html")),
        ("parts.html", include_str!("../templates/parts.html")),
        ("shapes.html", include_str!("../templates/shapes.html")),
    ] {
        pages
            .add_template(name, text)
            .expect("the template is part of the program");
    }
    pages
}
