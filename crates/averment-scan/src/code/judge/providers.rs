//! Sign-ins that a program of Ruby names by symbols: `config.omniauth :github`, `provider :google_oauth2`, `omniauth_providers: %i[apple]`.

use averment_syntax::{Call, Facts, Language};

use super::bare;
use crate::code::look::{Look, live};
use crate::identify::Kind;
use crate::observation::{Confidence, How, Tier};

/// Adds each of them, as the gem of the strategy would be.
pub(super) fn read(look: &mut Look<'_>, facts: &Facts) {
    if look.language != Language::Ruby || !look.text.to_ascii_lowercase().contains("omniauth") {
        return;
    }
    for call in &facts.calls {
        for (name, at) in named(call) {
            let parties = look
                .tables
                .names()
                .look_up(Kind::Gem, &format!("omniauth-{}", name.replace('_', "-")));
            let tier = live(call.surroundings, Tier::Configured);
            look.known(parties, name, at, (tier, How::Call, Confidence::Likely));
        }
    }
}

/// Symbols of a call that sets sign-ins up, with where they stand.
fn named(call: &Call) -> Vec<(&str, usize)> {
    let path = bare(&call.path);
    let last = path.rsplit('.').next().unwrap_or(path);
    let first = call
        .arguments
        .first()
        .filter(|_| ["omniauth", "provider"].contains(&last));
    let first = first.and_then(|argument| Some((argument.names.first()?.as_str(), call.span.start)));
    let listed = call
        .arguments
        .iter()
        .filter(|argument| argument.name == "omniauth_providers");
    let listed = listed.flat_map(|argument| argument.names.iter().map(|name| (name.as_str(), argument.span.start)));
    first.into_iter().chain(listed).collect()
}
