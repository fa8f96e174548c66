//! Where everything is and what it is, for programs that know only the organisation's host: `/.well-known/averment.json`
//! and the same as lines of text, in the manner of `security.txt`.
//!
//! Source: RFC 8615 (well-known addresses), RFC 9116 (form of the text).

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::document::Document;
use crate::site::media_type;

/// The discovery document, `averment.discovery/1`.
#[derive(Debug, Serialize)]
pub(crate) struct Discovery {
    schema: &'static str,
    notice: Option<String>,
    organisation: String,
    /// Where the site is published, when the register says so.
    page: Option<String>,
    contact: Option<String>,
    language: String,
    /// Digest of the register that everything was made from.
    charter: String,
    /// Date of the statements, when the register says so.
    updated: Option<Date>,
    published_at: Timestamp,
    /// Made anew for every reader: then nothing has a digest.
    live: bool,
    formats: Vec<Format>,
}

/// One file.
#[derive(Debug, Serialize)]
struct Format {
    path: String,
    media_type: &'static str,
    bytes: Option<usize>,
    sha256: Option<String>,
}

impl Discovery {
    /// `files`: what is listed, by path. Their digests are left out on a live page, where every look is another file.
    pub(crate) fn new(document: &Document, files: &BTreeMap<&str, Option<&[u8]>>) -> Self {
        Self {
            schema: "averment.discovery/1",
            notice: document.notice.clone(),
            organisation: document.organisation.clone(),
            page: document.about.page.clone(),
            contact: document.about.contact.as_ref().map(|contact| contact.text.clone()),
            language: document.about.language.clone(),
            charter: document.charter.clone(),
            updated: document.about.updated,
            published_at: document.generated_at,
            live: document.live,
            formats: files.iter().map(|(path, bytes)| format(path, *bytes)).collect(),
        }
    }

    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a list of texts") + "\n"
    }

    /// One field a line. A line break within a value would forge a field, so there is none.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let mut field = |name: &str, value: &str| {
            let value: String = value
                .chars()
                .map(|letter| if letter.is_control() { ' ' } else { letter })
                .collect();
            _ = writeln!(out, "{name}: {value}");
        };
        self.notice.iter().for_each(|notice| field("Notice", notice));
        field("Organisation", &self.organisation);
        self.contact.iter().for_each(|contact| field("Contact", contact));
        self.page.iter().for_each(|page| field("Page", page));
        field("Preferred-Languages", &self.language);
        field("Charter", &self.charter);
        self.updated.iter().for_each(|date| field("Updated", &date.to_string()));
        field("Published", &self.published_at.to_string());
        let base = self.page.as_deref().unwrap_or("/");
        for format in &self.formats {
            let digest = format.sha256.iter().map(|digest| format!(" sha256:{digest}"));
            let address = below(base, &format.path);
            field(
                "Format",
                &format!("{} {address}{}", format.media_type, digest.collect::<String>()),
            );
        }
        out
    }
}

fn format(path: &str, bytes: Option<&[u8]>) -> Format {
    Format {
        path: path.to_owned(),
        media_type: media_type(path),
        bytes: bytes.map(<[u8]>::len),
        sha256: bytes.map(sha256),
    }
}

/// SHA-256 as 64 hex digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `path` below the address of a folder or of a page in it.
pub(crate) fn below(base: &str, path: &str) -> String {
    let end = base.find(['?', '#']).unwrap_or(base.len());
    let base = &base[..end];
    let (folder, last) = base.rsplit_once('/').unwrap_or(("", base));
    let is_host = folder.ends_with('/') && !folder.is_empty() && folder != "/";
    match (base, last) {
        ("", _) => path.to_owned(),
        (_, "") => format!("{base}{path}"),
        // The last part names a page: its folder is what stands before it.
        _ if last.contains('.') && !is_host => format!("{folder}/{path}"),
        _ => format!("{base}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_path_below_an_address() {
        for (base, expected) in [
            ("", "feed.atom"),
            ("/", "/feed.atom"),
            ("https://a.example", "https://a.example/feed.atom"),
            ("https://a.example/", "https://a.example/feed.atom"),
            ("https://a.example/privacy", "https://a.example/privacy/feed.atom"),
            (
                "https://a.example/privacy/index.html?x#y",
                "https://a.example/privacy/feed.atom",
            ),
        ] {
            assert_eq!(below(base, "feed.atom"), expected, "{base}");
        }
    }
}
