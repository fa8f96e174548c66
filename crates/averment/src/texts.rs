//! Free texts that people put into the ledger: one line, and nobody named who is in the directory.

use averment_detect::{Directory, Limits, Message, Whose, inspect};
use averment_store::People;

use crate::clock;
use crate::outcome::Failure;

/// Longest text, in characters.
const CHARS_MAX: usize = 500;

/// Checks each text, given with the option that it came by. What is not given is passed over.
///
/// Nobody by whom a text is refused is repeated: neither the text nor whom it names.
pub(crate) fn check(texts: &[(&str, Option<&str>)], people: &mut People) -> Result<(), Failure> {
    let given: Vec<(&str, &str)> = texts
        .iter()
        .filter_map(|(label, text)| Some((*label, (*text)?)))
        .collect();
    for (label, text) in &given {
        let fits = !text.trim().is_empty() && text.chars().count() <= CHARS_MAX && !text.chars().any(char::is_control);
        if !fits {
            let expected = format!("expected one line of 1 to {CHARS_MAX} characters after `{label}`");
            return Err(Failure::new(expected));
        }
    }
    if given.is_empty() {
        return Ok(());
    }
    let snapshot = people.snapshot(clock::now())?;
    match given.iter().find(|(_, text)| names_somebody(text, &snapshot.directory)) {
        Some((label, _)) => Err(named(label)),
        None => Ok(()),
    }
}

fn named(label: &str) -> Failure {
    Failure::new(format!("the text after `{label}` names somebody in the directory"))
        .hint("say it without a name: what is in the ledger cannot be taken out again")
}

/// Whether a text names somebody, as it stands or with the marks of file names read as spaces.
pub(crate) fn names_somebody(text: &str, directory: &Directory) -> bool {
    let spaced = text.replace(['-', '_', '.', '+'], " ");
    [text, spaced.as_str()].iter().any(|text| {
        let message = Message {
            authority: "",
            target: "/",
            headers: &[("content-type", b"text/plain")],
            body: text.as_bytes(),
        };
        let found = inspect(&message, directory, &Limits::default());
        found.findings.iter().any(|finding| finding.whose != Whose::Unknown)
    })
}
