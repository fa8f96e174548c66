//! All documents of one publication, by file name.

use std::collections::BTreeMap;

use averment_claims::Graded;
use averment_register::Charter;

use crate::document::Document;
use crate::{Meta, json, markdown, page, table};

/// `index.html`, `claims.json`, `claims.md` and `claims.csv`.
///
/// The page links to `meta.json`; for a folder of files that is `claims.json`.
pub fn site(charter: &Charter, graded: &[Graded], meta: &Meta) -> BTreeMap<String, Vec<u8>> {
    let document = Document::new(charter, graded, meta);
    BTreeMap::from([
        ("index.html".to_owned(), page(charter, graded, meta).into_bytes()),
        ("claims.json".to_owned(), json(charter, graded, meta).into_bytes()),
        ("claims.md".to_owned(), markdown::markdown(&document).into_bytes()),
        ("claims.csv".to_owned(), table::csv(&document).into_bytes()),
    ])
}
