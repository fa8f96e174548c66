//! Addresses that a text holds a piece of: without a scheme, or without what code puts in front.

use averment_syntax::{Language, Surroundings, Text};

use crate::code::addresses::{Found, addresses};
use crate::code::look::Look;
use crate::identify::Address;

/// Addresses of a text; of code, `//host/path` where it is all there is as well.
pub(super) fn written(look: &Look<'_>, text: &Text) -> Vec<Found> {
    let found = addresses(&text.text);
    let code = !matches!(look.language, Language::Plain | Language::Yaml) && text.surroundings != Surroundings::Comment;
    match found.is_empty() && code {
        true => without_scheme(&text.text).into_iter().collect(),
        false => found,
    }
}

fn without_scheme(content: &str) -> Option<Found> {
    if !content.starts_with("//") || content.contains(char::is_whitespace) {
        return None;
    }
    let mut found = addresses(&format!("'{content}")).into_iter().next()?;
    (found.at, found.end) = (found.at.checked_sub(1)?, found.end.checked_sub(1)?);
    (!is_file(&found.address)).then_some(found)
}

/// `//main.py`: endings of files that are those of hosts as well.
fn is_file(address: &Address) -> bool {
    let endings = [
        ".py", ".sh", ".md", ".rs", ".pl", ".ps", ".so", ".cc", ".js", ".app", ".zip",
    ];
    let two = address.host.matches('.').count() == 1;
    two && address.path.is_empty() && endings.iter().any(|ending| address.host.ends_with(ending))
}

/// How far in front of a piece the scheme is looked for, in bytes.
const FRONT_MAX: usize = 300;

/// The rest of a script's address whose front depends on how the page came: `(… ? 'https://ssl' : 'http://www') + '.google-analytics.com/ga.js'`.
pub(super) fn broken_off(look: &Look<'_>, text: &Text) -> Option<Address> {
    let piece = text.text.split(['\'', '"', ' ']).next()?.trim_start_matches('.');
    if text.surroundings != Surroundings::Live
        || piece.contains("//")
        || !piece.ends_with(".js")
        || !piece.contains('/')
    {
        return None;
    }
    let front = look.text.as_bytes().get(..text.span.start)?;
    let front = front.get(front.len().saturating_sub(FRONT_MAX)..)?;
    memchr::memmem::find(front, b"http")?;
    let address = Address::parse(&format!("https://www.{piece}")).ok()?;
    (!look.tables.of_address(&address).is_empty()).then_some(address)
}
