//! The HTML pages. Their text is in `templates/`, their looks in `templates/page.css`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior, context};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::changes::{Direction, History};
use crate::document::Document;
use crate::forms;
use crate::group::FAMILIES;
use crate::parents::Parents;
use crate::site::recipient_path;
use crate::words;

/// The style sheet of the pages, for other pages of the same house.
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

/// Everything that templates are filled with, turned into template values once for all pages.
pub(crate) struct Pages {
    shared: Value,
    recipients: BTreeMap<String, Value>,
    /// The identifiers of recipients, for links to those that still have a page.
    ids: Value,
    /// The same of claims about recipients.
    claims: Value,
    history: Value,
    parents: Value,
    policy: String,
    forms: Value,
}

/// Every recipient in use, announced or retired, by group.
#[derive(Debug, Serialize)]
struct Groups {
    used: Vec<GroupRow>,
    retired: Vec<usize>,
}

/// A group with the places of its recipients in the document.
#[derive(Debug, Serialize)]
struct GroupRow {
    id: &'static str,
    heading: &'static str,
    rows: Vec<usize>,
}

impl Pages {
    pub(crate) fn new(document: &Document, history: &History, forms: &[forms::Listed], policy: &str) -> Self {
        let page = Value::from(Serde(document));
        let rows = page
            .get_attr("recipients")
            .and_then(|rows| rows.try_iter().map(Iterator::collect));
        let rows: Vec<Value> = rows.expect("a document has a list of recipients");
        let recipients = document.recipients.iter().map(|row| recipient_path(&row.id));
        let recipients = recipients.zip(rows.iter().cloned()).collect();
        let style_source = Value::from_safe_string(style_source(style()));
        Self {
            shared: context! {
                page,
                recipients => rows,
                groups => Value::from(Serde(groups(document))),
                style => Value::from_safe_string(style().to_owned()),
                style_source,
            },
            recipients,
            ids: document.recipients.iter().map(|row| (row.id.clone(), true)).collect(),
            claims: document
                .all_claims()
                .map(|(_, claim)| (claim.id.clone(), true))
                .collect(),
            history: Value::from(Serde(history)),
            parents: Value::from(Serde(Parents::new(document))),
            policy: policy.to_owned(),
            forms: Value::from(Serde(forms)),
        }
    }

    /// A document for schools.
    pub(crate) fn form(&self, form: &forms::Form) -> String {
        let context = context! {
            form => Value::from(Serde(form)),
            missing => form.missing(),
            not_declared => forms::NOT_DECLARED,
            here => "form.html",
            root => "../",
            ..self.shared.clone()
        };
        render("form.html", context)
    }

    /// A page by its path; none when there is no such page.
    pub(crate) fn page(&self, path: &str) -> Option<String> {
        let more = match path {
            "index.html" | "how-we-know.html" => context! {},
            "changes.html" => context! {
                history => self.history.clone(),
                ids => self.ids.clone(),
                claims => self.claims.clone(),
                directions => directions(),
            },
            "schools.html" => context! { policy => self.policy.as_str(), forms => self.forms.clone() },
            "parents.html" => context! { parents => self.parents.clone() },
            _ => return self.recipient(path),
        };
        let place = context! { here => path, root => "" };
        Some(render(path, context! { ..more, ..place, ..self.shared.clone() }))
    }

    /// The page of a recipient, by its path.
    fn recipient(&self, path: &str) -> Option<String> {
        let row = self.recipients.get(path)?.clone();
        let context = context! { row, here => "recipient.html", root => "../", ..self.shared.clone() };
        Some(render("recipient.html", context))
    }
}

/// Every direction of a change with its words, in order.
fn directions() -> Vec<(Value, &'static str)> {
    let row = |direction: Direction| (Value::from(Serde(direction)), direction.words());
    Direction::ALL.into_iter().map(row).collect()
}

fn groups(document: &Document) -> Groups {
    let places = |wanted: &dyn Fn(&crate::recipient_row::RecipientRow) -> bool| -> Vec<usize> {
        let rows = document.recipients.iter().enumerate();
        rows.filter(|(_, row)| wanted(row)).map(|(place, _)| place).collect()
    };
    let group = |family: &crate::group::Family| GroupRow {
        id: family.id,
        heading: family.heading,
        rows: places(&|row| row.group == family.id && row.state != "retired"),
    };
    Groups {
        used: FAMILIES
            .iter()
            .map(group)
            .filter(|group| !group.rows.is_empty())
            .collect(),
        retired: places(&|row| row.state == "retired"),
    }
}

fn render(name: &str, context: Value) -> String {
    static PAGES: LazyLock<Environment<'static>> = LazyLock::new(environment);
    let template = PAGES.get_template(name).expect("the template is part of the program");
    template.render(context).unwrap_or_else(|error| {
        unreachable!("the templates use only what a document has; a test renders all of them: {error:#}")
    })
}

fn environment() -> Environment<'static> {
    let mut pages = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    pages.set_syntax(syntax.expect("the usual delimiters"));
    pages.set_undefined_behavior(UndefinedBehavior::Strict);
    pages.add_filter("capital", |word: &str| words::capital(word));
    pages.add_filter("grade_meaning", |grade: &str| words::grade_meaning(grade));
    pages.add_filter("grade_for_parents", |grade: &str| words::grade_for_parents(grade));
    pages.add_filter("kind_heading", |kind: &str| words::kind_heading(kind));
    pages.add_filter("plane_name", |plane: &str| words::plane_name(plane));
    pages.add_filter("unconfirmed_fact", |field: &str| words::unconfirmed_fact(field));
    pages.add_filter("role", |role: &str| words::role(role));
    pages.add_filter("student_records", |records: &str| words::student_records(records));
    pages.add_filter("thousands", words::thousands);
    pages.add_filter("long_time", |at: &str| words::long_time(at));
    pages.add_filter("long_date", |at: &str| words::long_date(at));
    pages.add_filter("duration", words::duration);
    pages.add_filter("page_of", |id: &str| recipient_path(id));
    pages.add_filter("anchor", |id: &str| {
        id.rsplit(['/', ':']).next().unwrap_or_default().to_owned()
    });
    for (name, text) in TEMPLATES {
        pages
            .add_template(name, text)
            .expect("the template is part of the program");
    }
    pages
}

const TEMPLATES: [(&str, &str); 13] = [
    ("changes.html", include_str!("../templates/changes.html")),
    ("claim.html", include_str!("../templates/claim.html")),
    ("facts.html", include_str!("../templates/facts.html")),
    ("form.html", include_str!("../templates/form.html")),
    ("frame.html", include_str!("../templates/frame.html")),
    ("how-we-know.html", include_str!("../templates/how-we-know.html")),
    ("index.html", include_str!("../templates/index.html")),
    ("parents.html", include_str!("../templates/parents.html")),
    ("parts.html", include_str!("../templates/parts.html")),
    ("recipient.html", include_str!("../templates/recipient.html")),
    ("schools.html", include_str!("../templates/schools.html")),
    ("shapes.html", include_str!("../templates/shapes.html")),
    ("visibility.html", include_str!("../templates/visibility.html")),
];
