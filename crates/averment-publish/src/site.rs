//! The whole site: which files there are, and each of them.
//!
//! Start at [`Site`]. A live page asks for one file at a time, a publication for all of them; both get the same bytes from
//! the same document.

use std::collections::BTreeMap;

use averment_claims::Graded;
use averment_register::Charter;

use crate::browser_policy::BrowserPolicy;
use crate::changes::{History, Previous};
use crate::context::Context;
use crate::discovery::Discovery;
use crate::document::Document;
use crate::page::Pages;
use crate::{Meta, atom, markdown, table};

/// The JSON form.
pub(crate) const JSON: &str = "page.json";

const DISCOVERY: &str = ".well-known/averment.json";
const DISCOVERY_TEXT: &str = ".well-known/averment.txt";

/// Schema of the JSON form.
pub const SCHEMA: &str = include_str!("../schema/page.schema.json");

/// Files besides the recipients' pages.
const FILES: [&str; 18] = [
    DISCOVERY,
    DISCOVERY_TEXT,
    "changes.html",
    "changes.json",
    "claims.csv",
    // The same as `page.json`, under the name that programs have always asked for.
    "claims.json",
    "content-security-policy.json",
    "content-security-policy.txt",
    "feed.atom",
    "how-we-know.html",
    "index.html",
    "page.json",
    "page.schema.json",
    "parents.html",
    "recipients.csv",
    "register.json",
    "register.md",
    "schools.html",
];

/// Files that the discovery document lists, with the digest of each.
const LISTED: [&str; 15] = [
    "changes.html",
    "changes.json",
    "claims.csv",
    "content-security-policy.json",
    "content-security-policy.txt",
    "feed.atom",
    "how-we-know.html",
    "index.html",
    "page.json",
    "page.schema.json",
    "parents.html",
    "recipients.csv",
    "register.json",
    "register.md",
    "schools.html",
];

/// A charter and its grades, ready to be published.
pub struct Site<'a> {
    charter: &'a Charter,
    document: Document,
    history: History,
    policy: BrowserPolicy,
    json: String,
    pages: Pages,
}

impl<'a> Site<'a> {
    /// `graded`: every claim of `charter`. `previous`: the publication that changes are told from.
    pub fn new(charter: &'a Charter, graded: &[Graded], meta: &Meta, previous: Option<&Previous>) -> Self {
        let document = Document::new(charter, graded, meta);
        let json = document.json();
        let history = History::after(previous, &document, &json);
        let policy = BrowserPolicy::new(&Context::new(charter, meta.generated_at));
        let pages = Pages::new(&document, &history, policy.line().trim_end());
        Self {
            charter,
            document,
            history,
            policy,
            json,
            pages,
        }
    }

    /// Every path of the site, in order, without a slash at the front.
    pub fn paths(&self) -> Vec<String> {
        let pages = self.document.recipients.iter().map(|row| recipient_path(&row.id));
        let mut paths: Vec<String> = FILES.iter().map(|path| (*path).to_owned()).chain(pages).collect();
        paths.sort();
        paths
    }

    /// The file at `path`; none when the site has no such file.
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        let listed = |path: &str| self.form(path);
        match path {
            DISCOVERY => Some(self.discovery(listed).json().into_bytes()),
            DISCOVERY_TEXT => Some(self.discovery(listed).text().into_bytes()),
            _ => self.form(path),
        }
    }

    /// A file that the discovery document may list.
    fn form(&self, path: &str) -> Option<Vec<u8>> {
        let text = match path {
            "changes.json" => pretty(&self.history),
            "claims.csv" => table::claims(&self.document),
            "claims.json" | JSON => self.json.clone(),
            "content-security-policy.json" => pretty(&self.policy),
            "content-security-policy.txt" => self.policy.line(),
            "feed.atom" => atom::feed(&self.document, &self.history),
            "page.schema.json" => SCHEMA.to_owned(),
            "recipients.csv" => table::recipients(&self.document),
            "register.json" => self.charter.canonical(),
            "register.md" => markdown::markdown(&self.document),
            _ => self.pages.page(path)?,
        };
        Some(text.into_bytes())
    }

    /// Every file, by path.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let file = |path: String| self.form(&path).map(|bytes| (path, bytes));
        let mut files: BTreeMap<String, Vec<u8>> = self.paths().into_iter().filter_map(file).collect();
        let discovery = self.discovery(|path| files.get(path).cloned());
        files.insert(DISCOVERY.to_owned(), discovery.json().into_bytes());
        files.insert(DISCOVERY_TEXT.to_owned(), discovery.text().into_bytes());
        files
    }

    /// `listed`: a file by its path. On a live page none is asked for: it would be another at the next look.
    fn discovery(&self, listed: impl Fn(&str) -> Option<Vec<u8>>) -> Discovery {
        let files: Vec<(&str, Option<Vec<u8>>)> = LISTED
            .iter()
            .map(|path| (*path, if self.document.live { None } else { listed(path) }))
            .collect();
        let files = files.iter().map(|(path, bytes)| (*path, bytes.as_deref()));
        Discovery::new(&self.document, &files.collect())
    }
}

/// What a file of the site is, by its path.
///
/// # Source
/// RFC 7763 (Markdown), RFC 4180 (CSV), RFC 4287 (Atom).
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "md" => "text/markdown; charset=utf-8",
        "csv" => "text/csv; charset=utf-8; header=present",
        "txt" => "text/plain; charset=utf-8",
        "atom" => "application/atom+xml",
        _ if path == "page.schema.json" => "application/schema+json",
        _ => "application/json",
    }
}

/// Where the page of a recipient is. An identifier may hold `/`, which would lead to another folder, and never `~`.
pub(crate) fn recipient_path(id: &str) -> String {
    format!("recipients/{}.html", id.replace('/', "~"))
}

fn pretty(value: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(value).expect("texts, numbers and lists") + "\n"
}
