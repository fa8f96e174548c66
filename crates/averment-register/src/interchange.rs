//! Published forms that carry the whole register and can be read back: JSON, CSV, a block in a web page, a block in
//! Markdown.
//!
//! Start at [`read`]. Every form states the digest of its charter. What is read goes through register files and
//! [`crate::compile`] like anything else that a person wrote, and counts only when the digest is the stated one.
//!
//! Invariant: reading a form gives the register that was published, or an error; never another register.
//!
//! Layout of the forms: `docs/interchange.md`.

mod cell;
mod html;
mod markdown;
mod report;
mod sheet;
#[cfg(test)]
mod tests;
mod unique;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::charter::{Charter, CharterContent, canonical_json};
use crate::compile::{Compiled, compile};
use crate::diagnostic::Severity;
use crate::digest::Digest;
use crate::source::Source;

pub use cell::may_be_formula;
pub use html::html_block;
pub use markdown::markdown_block;
pub(crate) use report::read_back;
pub use sheet::csv;

/// Name and version of the forms.
pub const SCHEMA: &str = "averment.register/1";

/// What the forms of any version are called.
const SCHEMA_FAMILY: &str = "averment.register/";

/// What marks a block in a page.
const BLOCK: &str = "averment-register";

/// Why a published form cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InterchangeError {
    /// A version of the forms that this program does not know.
    #[error("`{document}` holds a register in the form `{found}`: expected `{SCHEMA}`")]
    Schema {
        /// Where.
        document: String,
        /// The form that it states.
        found: String,
    },
    /// The form is broken.
    #[error("`{document}`, line {line}: cannot read the register in it: {reason}")]
    Broken {
        /// Where.
        document: String,
        /// Line of the document, from 1.
        line: usize,
        /// What was found and what was expected.
        reason: String,
    },
    /// Two registers in one page.
    #[error("`{document}` holds {count} registers: expected one")]
    Several {
        /// Where.
        document: String,
        /// How many.
        count: usize,
    },
    /// What the form holds is not what was published.
    #[error("`{document}` was edited after it was published: it states charter {stated} and holds charter {found}")]
    Edited {
        /// Where.
        document: String,
        /// The digest that the form states.
        stated: Digest,
        /// The digest of what it holds.
        found: Digest,
    },
    /// Cells of a table are not what was published, and its charter is: those that compiling adds.
    #[error("`{document}` was edited after it was published: its cells have the digest {found}, expected {stated}")]
    Cells {
        /// Where.
        document: String,
        /// The digest of the cells that were published.
        stated: Digest,
        /// The digest of the cells that are there.
        found: Digest,
    },
    /// The form is as published, and this program's catalog makes another charter of it.
    #[error(
        "`{document}` states charter {stated}, of which this program's catalog makes charter {found}: it was published with another version of the catalog"
    )]
    OtherCatalog {
        /// Where.
        document: String,
        /// The digest that the form states.
        stated: Digest,
        /// The digest that compiling gives.
        found: Digest,
    },
    /// What the form holds does not compile.
    #[error("the register in `{document}` does not compile: {finding}{}", others(*.count))]
    Register {
        /// Where.
        document: String,
        /// The first error, with the register file that it is in.
        finding: String,
        /// How many errors there are.
        count: usize,
    },
}

fn others(count: usize) -> String {
    match count {
        0 | 1 => String::new(),
        count => format!(" (and {} more)", count - 1),
    }
}

/// The register as one JSON document: `schema`, `charter` (the digest) and `content` (everything the charter holds).
pub fn json(charter: &Charter) -> String {
    #[derive(Serialize)]
    struct Form<'a> {
        schema: &'a str,
        charter: Digest,
        content: &'a CharterContent,
    }
    let form = Form {
        schema: SCHEMA,
        charter: charter.digest(),
        content: charter.content(),
    };
    serde_json::to_string_pretty(&form).expect("a charter holds only strings, lists and tables") + "\n"
}

/// The register in `text`, when it holds one of the four forms; `None` when it holds none.
///
/// `name`: the document's name, for messages. `text`: a JSON or CSV file, or a page with a block in it. Result: register
/// files that compile to the charter whose digest the form states.
///
/// # Errors
/// [`InterchangeError`] when a form is there and is broken, edited, of an unknown version or does not compile.
pub fn read(name: &str, text: &str) -> Option<Result<Source, InterchangeError>> {
    find(name, text).map(|found| found.map(|published| published.charter.to_source()))
}

/// A register found in a document.
struct Published {
    charter: Charter,
    /// Line of the document at which the form begins, from 1.
    line: usize,
}

fn find(name: &str, text: &str) -> Option<Result<Published, InterchangeError>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if looks_like_json(text) {
        let block = Block { text, line: 1 };
        return Some(from_json(name, block));
    }
    if let Some(found) = sheet::read(name, text) {
        return Some(found);
    }
    let mut blocks = html::blocks(text);
    blocks.extend(markdown::blocks(text));
    let first = *blocks.first()?;
    let same = blocks.iter().all(|block| block.text.trim() == first.text.trim());
    Some(match same {
        true => from_json(name, first),
        false => Err(InterchangeError::Several {
            document: name.to_owned(),
            count: blocks.len(),
        }),
    })
}

/// The JSON of one block of a page, and the line it begins at.
#[derive(Clone, Copy)]
struct Block<'a> {
    text: &'a str,
    line: usize,
}

fn looks_like_json(text: &str) -> bool {
    text.trim_start().starts_with('{') && text.contains(SCHEMA_FAMILY)
}

/// Line of the byte `at` in `text`, from 1.
fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn from_json(name: &str, block: Block<'_>) -> Result<Published, InterchangeError> {
    let broken = |line: usize, reason: String| InterchangeError::Broken {
        document: name.to_owned(),
        line: block.line + line.saturating_sub(1),
        reason,
    };
    let form = unique::parse(block.text).map_err(|(line, reason)| broken(line, reason))?;
    let field = |field: &str| form.get(field).and_then(Value::as_str);
    let schema = field("schema").ok_or_else(|| broken(1, "expected a text `schema`".into()))?;
    if schema != SCHEMA {
        let (document, found) = (name.to_owned(), schema.to_owned());
        return Err(InterchangeError::Schema { document, found });
    }
    let stated = field("charter").ok_or_else(|| broken(1, "expected a text `charter`".into()))?;
    let stated: Digest = stated.parse().map_err(|reason| broken(1, reason))?;
    let content = form
        .get("content")
        .ok_or_else(|| broken(1, "expected a table `content`".into()))?;
    unknown_field(&form, &["schema", "charter", "content"]).map_err(|reason| broken(1, reason))?;
    // The text itself is held against its digest first: an edit of any kind, an unknown field included, shows here.
    let found = Digest::of(canonical_json(content).as_bytes());
    if found != stated {
        return Err(edited(name, stated, found));
    }
    let content = content_of(content).map_err(|reason| broken(1, reason))?;
    let charter = compiled(name, &crate::emit::source(&content))?;
    match charter.digest() {
        digest if digest == stated => Ok(Published {
            charter,
            line: block.line,
        }),
        found => Err(InterchangeError::OtherCatalog {
            document: name.to_owned(),
            stated,
            found,
        }),
    }
}

fn edited(name: &str, stated: Digest, found: Digest) -> InterchangeError {
    InterchangeError::Edited {
        document: name.to_owned(),
        stated,
        found,
    }
}

/// The charter of register files made from a form.
fn compiled(name: &str, source: &Source) -> Result<Charter, InterchangeError> {
    let Compiled { charter, diagnostics } = compile(source);
    charter.ok_or_else(|| {
        let mut errors = diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
        let first = errors.next();
        let finding = first.map(|finding| format!("`{}`: {}", finding.file, finding.message));
        InterchangeError::Register {
            document: name.to_owned(),
            finding: finding.unwrap_or_default(),
            count: 1 + errors.count(),
        }
    })
}

/// The content, part by part, so that a message can say which part is wrong.
fn content_of(value: &Value) -> Result<CharterContent, String> {
    const FIELDS: [&str; 8] = [
        "organisation",
        "about",
        "unknown_hosts",
        "documents",
        "recipients",
        "claims",
        "controllers",
        "data",
    ];
    unknown_field(value, &FIELDS)?;
    let empty = Value::Object(Map::new());
    let part = |name: &str| value.get(name).unwrap_or(&Value::Null);
    Ok(CharterContent {
        organisation: typed(part("organisation"), || "`organisation`".into())?,
        about: typed(value.get("about").unwrap_or(&empty), || "`about`".into())?,
        unknown_hosts: typed(part("unknown_hosts"), || "`unknown_hosts`".into())?,
        documents: typed(part("documents"), || "`documents`".into())?,
        recipients: by_id(part("recipients"), "recipient")?,
        claims: by_id(part("claims"), "claim")?,
        controllers: by_id(value.get("controllers").unwrap_or(&empty), "controller")?,
        data: by_id(value.get("data").unwrap_or(&empty), "store")?,
        controller: None,
    })
}

fn by_id<K: DeserializeOwned + Ord, V: DeserializeOwned>(value: &Value, what: &str) -> Result<BTreeMap<K, V>, String> {
    let rows = value
        .as_object()
        .ok_or_else(|| format!("expected a table of every {what} by identifier"))?;
    let mut map = BTreeMap::new();
    for (id, row) in rows {
        let at = || format!("{what} `{id}`");
        map.insert(typed(&Value::from(id.as_str()), at)?, typed(row, at)?);
    }
    Ok(map)
}

fn typed<T: DeserializeOwned>(value: &Value, at: impl Fn() -> String) -> Result<T, String> {
    // The reader's own words name types of this program, so the place has to do.
    T::deserialize(value).map_err(|_| format!("{} is not what a register holds there", at()))
}

fn unknown_field(value: &Value, known: &[&str]) -> Result<(), String> {
    let fields = value.as_object().ok_or("expected a table")?;
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        Some(field) => Err(format!("unknown field `{field}`: expected `{}`", known.join("`, `"))),
        None => Ok(()),
    }
}
