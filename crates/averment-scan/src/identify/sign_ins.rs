//! Sign-in products by the name that libraries of sign-ins have for them: `next-auth/providers/github`, `passport-github2`, `omniauth-github`.
//!
//! Only for names that no row of the catalog lists.

use std::collections::BTreeMap;

use averment_catalog::ThirdParty;

use super::Kind;

/// What stands before the name, by the kind of what is named.
const FRONTS: [(Kind, &str); 10] = [
    (Kind::Npm, "next-auth/providers/"),
    (Kind::Npm, "@auth/"),
    (Kind::Npm, "passport-"),
    (Kind::PythonModule, "social_core.backends."),
    (Kind::PythonModule, "social.backends."),
    (Kind::PythonModule, "allauth.socialaccount.providers."),
    (Kind::Gem, "omniauth-"),
    (Kind::RubyFeature, "omniauth-"),
    (Kind::Composer, "socialiteproviders/"),
    (Kind::Composer, "league/oauth2-"),
];

/// Ends of such names that say how people are signed in, and not by whom.
const ENDS: [&str; 10] = [
    "-oauth20",
    "-oauth2",
    "-oauth",
    "-oidc",
    "-openidconnect",
    "-token",
    "-ad",
    "-entra-id",
    "-ad-b2c",
    "-activedirectory",
];

/// Names that are other names of the same.
const SAME: [(&str, &str); 8] = [
    ("azure", "microsoft"),
    ("azuread", "microsoft"),
    ("azure-ad-b2c", "microsoft"),
    ("microsoft-graph", "microsoft"),
    ("live", "microsoft"),
    ("windowslive", "microsoft"),
    ("twitter", "x"),
    ("cognito", "aws-cognito"),
];

/// Third parties whose names mean something else there, or that programs of one's own are called like.
const NOT_NAMES: [&str; 5] = ["magic-link", "discourse", "open-edx", "twilio-verify", "openai"];

/// Third parties that sign people in, by name.
#[derive(Debug)]
pub(super) struct SignIns {
    by_name: BTreeMap<String, Vec<&'static ThirdParty>>,
}

impl SignIns {
    pub(super) fn of(parties: impl Iterator<Item = &'static ThirdParty>) -> Self {
        let mut by_name: BTreeMap<String, Vec<&'static ThirdParty>> = BTreeMap::new();
        let (first, second): (Vec<_>, Vec<_>) = parties
            .filter(|party| !NOT_NAMES.contains(&party.id.as_str()))
            .partition(|party| party.kinds.iter().any(|kind| kind == "sign-in"));
        for party in first {
            let id = party.id.as_str();
            let name = ["-sign-in", "-login"].iter().find_map(|end| id.strip_suffix(end));
            by_name.entry(name.unwrap_or(id).to_owned()).or_default().push(party);
        }
        // Others have a sign-in, too, and no row of its own for it: `next-auth/providers/spotify`.
        for party in second.into_iter().filter(|party| !party.common_word) {
            by_name
                .entry(party.id.as_str().to_owned())
                .or_insert_with(|| vec![party]);
        }
        Self { by_name }
    }

    /// Whose sign-in the library's part `name` is; none where it is no such part, or is anybody's (`passport-saml`).
    pub(super) fn look_up(&self, kind: Kind, name: &str) -> &[&'static ThirdParty] {
        let behind = FRONTS.iter().filter(|(of, _)| *of == kind);
        let Some((front, rest)) = behind
            .filter_map(|(_, front)| Some((*front, name.strip_prefix(front)?)))
            .next()
        else {
            return &[];
        };
        // `@auth/core/providers/github`, `@auth/sveltekit/providers/github`.
        let rest = match front {
            "@auth/" => rest.split_once("/providers/").map_or("", |(_, rest)| rest),
            _ => rest,
        };
        let name = rest.split(['.', '/']).next().unwrap_or(rest);
        let name = name.to_ascii_lowercase().replace('_', "-");
        spellings(&name)
            .find_map(|name| self.by_name.get(name))
            .map_or(&[], Vec::as_slice)
    }
}

/// The name as it is, without what says how, and what else it is called.
fn spellings(name: &str) -> impl Iterator<Item = &str> {
    let short = ENDS.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let plain = short.trim_end_matches(|last: char| last.is_ascii_digit());
    [name, short, plain].into_iter().flat_map(|name| {
        let same = SAME.iter().find(|(known, _)| *known == name);
        [Some(name), same.map(|(_, meant)| *meant)].into_iter().flatten()
    })
}

/// What such names begin with, for those who look for them.
pub(super) fn fronts<'a>(kind: Kind) -> impl Iterator<Item = &'a str> {
    FRONTS
        .iter()
        .filter(move |(of, _)| *of == kind)
        .map(|(_, front)| *front)
}
