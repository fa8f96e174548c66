//! Third parties that a text names otherwise than by an address: modules of Python that settings name (`django_ses.SESBackend`), and
//! what somebody who signs in is asked to allow (`https://www.googleapis.com/auth/drive.file`).

use averment_syntax::{Language, Surroundings, Text};

use super::look::Look;
use super::set_up::{party_of, set_up};
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

/// Adds whom the text names so.
pub(super) fn read(look: &mut Look<'_>, text: &Text) {
    if text.surroundings != Surroundings::Live {
        return;
    }
    let content = text.text.trim();
    let at = text.span.start;
    let verdict = (Tier::Configured, How::Import, Confidence::Likely);
    if look.language == Language::Python && is_path_of_class(content) {
        let parties = look.tables.names().look_up(Kind::PythonModule, content);
        look.known(parties, content, at, verdict);
    }
    let asked = set_up().scopes.iter().find(|(scope, _)| content.contains(*scope));
    if let Some((scope, party)) = asked {
        let verdict = (Tier::Configured, How::Host, Confidence::Likely);
        look.known(party_of(party).as_slice(), scope, at, verdict);
    }
}

/// Every beginning of what is asked to be allowed: its name is no address, so that it has to be looked for.
pub(super) fn scopes() -> impl Iterator<Item = &'static str> {
    set_up().scopes.keys().map(String::as_str)
}

/// `a.b.Class`, or a package of an app that brings its providers as packages: settings of Django name both as text.
fn is_path_of_class(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let name = |part: &&str| {
        let mut letters = part.chars();
        letters
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let class = |part: &&str| part.starts_with(|first: char| first.is_ascii_uppercase());
    let provider = text.starts_with("allauth.socialaccount.providers.");
    (2..=8).contains(&parts.len())
        && parts.iter().all(name)
        && parts.first().is_some_and(|first| !class(first))
        && (provider || (parts.last().is_some_and(class) && Address::parse(text).is_err()))
}
