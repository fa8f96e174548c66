//! Lists of JSON: what was seen or what is to be shown, and rarely whom to tell.

use averment_syntax::Surroundings;

use super::bare;
use crate::code::look::{Look, Verdict, live};
use crate::observation::{Confidence, How, Tier};

/// What an address at byte `at` of a list of records says: that it is told something where its key or the file is called so.
pub(super) fn record(look: &Look<'_>, line: &str, at: usize) -> Verdict {
    let file = look.path.rsplit('/').next().unwrap_or(look.path);
    if is_told(file) || key_before(line, at).is_some_and(is_told) {
        return (Tier::Configured, How::Host, Confidence::Likely);
    }
    (Tier::Linked, How::Link, Confidence::Possible)
}

/// `webhook_url`, `endpoints.json`.
fn is_told(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["hook", "endpoint", "callback"].iter().any(|word| name.contains(word))
}

/// The key of JSON whose value begins at byte `at`: `hook` of `[{"hook": "https://…"}]`.
fn key_before(line: &str, at: usize) -> Option<&str> {
    let front = line.get(..at)?.trim_end_matches('"').trim_end();
    let front = front.strip_suffix(':')?.trim_end().strip_suffix('"')?;
    front.rsplit('"').next()
}

/// Hosts of the catalog without scheme among the texts of a line of records.
pub(super) fn bare_records(look: &mut Look<'_>, line: &str, start: usize, surroundings: Surroundings) {
    let mut at = 0;
    for (number, piece) in line.split('"').enumerate() {
        if number % 2 == 1 && piece.contains('.') && !piece.contains("//") {
            let (tier, how, confidence) = record(look, line, at);
            bare(look, start + at, piece, (live(surroundings, tier), how, confidence));
        }
        at += piece.len() + 1;
    }
}
