//! Opening a register: the one named on the command line, or the bundled example.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use averment_register::{Charter, Compiled, Severity, Source, compile};

use crate::commands::check::folded;
use crate::example;
use crate::outcome::Failure;

/// A register that compiled, and where it came from.
pub(crate) struct Register {
    pub(crate) charter: Arc<Charter>,
    /// Folder as given, or what the bundled example is called.
    pub(crate) name: String,
    pub(crate) bundled: bool,
}

impl Register {
    /// What readers of its page must know first.
    pub(crate) fn notice(&self) -> Option<String> {
        self.bundled.then(|| example::NOTICE.to_owned())
    }
}

/// Which file declares which recipient, by identifier. What does not parse declares nobody.
pub(crate) fn files_of_recipients(source: &Source) -> BTreeMap<String, String> {
    let declared = |(name, text): (&str, &str)| {
        let table: toml::Table = text.parse().ok()?;
        let id = table.get("recipient")?.as_str()?.to_owned();
        Some((id, name.to_owned()))
    };
    let files = source.files().filter(|(name, _)| name.starts_with("recipients/"));
    files.filter_map(declared).collect()
}

/// Opens and compiles; findings that are errors go to standard error, all of them.
pub(crate) fn open(folder: Option<&Path>) -> Result<Register, Failure> {
    let (source, name) = match folder {
        Some(folder) => (Source::read(folder)?, folder.display().to_string()),
        None => (
            example::register(),
            "bundled example (Code.org's service providers)".to_owned(),
        ),
    };
    let Compiled { charter, diagnostics } = compile(&source);
    let Some(charter) = charter else {
        let errors = diagnostics.iter().filter(|finding| finding.severity == Severity::Error);
        let count = errors.clone().count();
        for finding in errors {
            anstream::eprintln!("{}", folded(&finding.render(&name)));
        }
        let hint = format!("`averment check {name}` shows every finding");
        return Err(Failure::new(format!("register `{name}` has {count} errors")).hint(hint));
    };
    Ok(Register {
        charter: Arc::new(charter),
        name,
        bundled: folder.is_none(),
    })
}
