//! Third parties that a text names otherwise than by an address: modules of Python that settings name (`django_ses.SESBackend`), and
//! what somebody who signs in is asked to allow (`https://www.googleapis.com/auth/drive.file`).

use averment_catalog::{ThirdParty, ThirdPartyId, catalog};
use averment_syntax::{Language, Surroundings, Text};

use super::look::Look;
use crate::identify::{Address, Kind};
use crate::observation::{Confidence, How, Tier};

/// Beginnings of what is asked to be allowed, and whose data that is.
const SCOPES: [(&str, &str); 10] = [
    ("https://www.googleapis.com/auth/userinfo.", "google-sign-in"),
    ("https://www.googleapis.com/auth/classroom.", "google-classroom"),
    ("https://www.googleapis.com/auth/drive", "google-drive"),
    ("https://www.googleapis.com/auth/calendar", "google-workspace"),
    ("https://www.googleapis.com/auth/gmail.", "google-workspace"),
    ("https://www.googleapis.com/auth/spreadsheets", "google-workspace"),
    ("https://www.googleapis.com/auth/admin.directory", "google-workspace"),
    ("https://www.googleapis.com/auth/youtube", "youtube"),
    ("https://www.googleapis.com/auth/cloud-platform", "google-cloud"),
    ("https://graph.microsoft.com/User.Read", "microsoft-sign-in"),
];

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
    if let Some((scope, party)) = SCOPES
        .iter()
        .find_map(|(scope, id)| Some((scope, asked(content, scope, id)?)))
    {
        look.known(&[party], scope, at, (Tier::Configured, How::Host, Confidence::Likely));
    }
}

/// Every such beginning: the name of what is allowed is no address, so that it has to be looked for.
pub(super) fn scopes() -> impl Iterator<Item = &'static str> {
    SCOPES.iter().map(|(scope, _)| *scope)
}

fn asked(content: &str, scope: &str, id: &str) -> Option<&'static ThirdParty> {
    let party = content.contains(scope).then(|| ThirdPartyId::new(id).ok()).flatten()?;
    catalog().third_party(&party)
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
