//! The whole site: which files there are, and each of them.
//!
//! Start at [`Site`]. A live page asks for one file at a time, a publication for all of them; both get the same bytes from
//! the same document.

use std::collections::BTreeMap;

use averment_claims::Graded;
use averment_register::{Charter, interchange};

use crate::browser_policy::BrowserPolicy;
use crate::changes::{History, Previous};
use crate::context::Context;
use crate::discovery::Discovery;
use crate::document::Document;
use crate::forms::{self, Form, Listed};
use crate::page::Pages;
use crate::{Meta, atom, markdown, table};

/// The JSON form.
pub(crate) const JSON: &str = "page.json";

const DISCOVERY: &str = ".well-known/averment.json";
const DISCOVERY_TEXT: &str = ".well-known/averment.txt";

/// Schema of the JSON form.
pub const SCHEMA: &str = include_str!("../schema/page.schema.json");

/// Files that it does not list: itself, and one that stands there under another name.
const UNLISTED: [&str; 3] = [
    DISCOVERY,
    DISCOVERY_TEXT,
    // The same as `page.json`, under the name that programs have always asked for.
    "claims.json",
];

/// Files that the discovery document lists, with the digest of each.
const LISTED: [&str; 17] = [
    "changes.html",
    "changes.json",
    "charter.json",
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
    "register.csv",
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
    forms: Vec<Form>,
}

impl<'a> Site<'a> {
    /// `graded`: every claim of `charter`. `previous`: the publication that changes are told from.
    pub fn new(charter: &'a Charter, graded: &[Graded], meta: &Meta, previous: Option<&Previous>) -> Self {
        let document = Document::new(charter, graded, meta);
        let json = document.json();
        let history = History::after(previous, &document, charter);
        let policy = BrowserPolicy::new(&Context::new(charter, meta));
        let forms = forms::forms(charter, graded);
        let listed: Vec<Listed> = forms.iter().map(Listed::new).collect();
        let pages = Pages::new(&document, &history, &listed, policy.line().trim_end());
        Self {
            charter,
            document,
            history,
            policy,
            json,
            pages,
            forms,
        }
    }

    /// Every path of the site, in order, without a slash at the front.
    pub fn paths(&self) -> Vec<String> {
        let pages = self.document.recipients.iter().map(|row| recipient_path(&row.id));
        let endings = |form: &Form| ["csv", "html", "md"].map(|ending| format!("schools/{}.{ending}", form.id));
        let schools = self.forms.iter().flat_map(endings);
        let own = LISTED.iter().chain(&UNLISTED).map(|path| (*path).to_owned());
        let mut paths: Vec<String> = own.chain(pages).chain(schools).collect();
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
            "charter.json" => self.charter.canonical(),
            "claims.csv" => table::claims(&self.document),
            "claims.json" | JSON => self.json.clone(),
            "content-security-policy.json" => pretty(&self.policy),
            "content-security-policy.txt" => self.policy.line(),
            "feed.atom" => atom::feed(&self.document, &self.history),
            "page.schema.json" => SCHEMA.to_owned(),
            "recipients.csv" => table::recipients(&self.document),
            "index.html" => self.index()?,
            "register.csv" => interchange::csv(self.charter),
            "register.json" => interchange::json(self.charter),
            "register.md" => markdown::markdown(&self.document) + &interchange::markdown_block(self.charter),
            _ => match path.strip_prefix("schools/") {
                Some(name) => self.school_form(name)?,
                None => self.pages.page(path)?,
            },
        };
        Some(text.into_bytes())
    }

    /// A document for schools by its file name.
    fn school_form(&self, name: &str) -> Option<String> {
        let (id, ending) = name.rsplit_once('.')?;
        let form = self.forms.iter().find(|form| form.id == id)?;
        let page = forms::Page {
            form,
            organisation: &self.document.organisation,
            notice: self.document.notice.as_deref(),
            charter: &self.document.charter,
            generated_at: self.document.generated_at,
        };
        match ending {
            "html" => Some(self.pages.form(form)),
            "md" => Some(page.markdown()),
            "csv" => Some(page.csv()),
            _ => None,
        }
    }

    /// The first page. As a file it carries the whole register, which no browser runs and every reader can import; a live
    /// page is not for keeping and only links to it.
    fn index(&self) -> Option<String> {
        let page = self.pages.page("index.html")?;
        if self.document.live {
            return Some(page);
        }
        let end = page.rfind("</body>")?;
        let block = interchange::html_block(self.charter);
        Some(format!("{}{block}\n{}", &page[..end], &page[end..]))
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
