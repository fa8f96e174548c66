//! Keys of the environment that nobody lists but that say themselves whose they are: `JSTOR_API_SECRET`, and with the program's
//! own name before it `LEARN_STRIPE_SECRET_KEY`.
//!
//! The third party's name stands in the key as words of its own, and behind it what only an account there has. Names that are
//! common words count in front only; what is too short to be anybody's is left out, and found by the keys that the catalog lists.

use std::collections::BTreeMap;

use averment_catalog::ThirdParty;

/// Shortest name that is taken for somebody's, in letters.
const NAME_MIN: usize = 4;

/// Longest name, in words.
const WORDS_MAX: usize = 4;

/// Words that a key ends in directly behind a name: `SENTRY_DSN`.
const ENDS: [&str; 9] = [
    "KEY",
    "APIKEY",
    "TOKEN",
    "SECRET",
    "DSN",
    "PASSWORD",
    "USERNAME",
    "CREDENTIALS",
    "WEBHOOK",
];

/// Pairs that a key ends in, also with words between them and the name: `TINYBIRD_ORG_INGEST_TOKEN`.
const PAIRS: [(&str, &[&str]); 5] = [
    (
        "KEY",
        &[
            "API",
            "SECRET",
            "ACCESS",
            "PUBLIC",
            "PRIVATE",
            "PUBLISHABLE",
            "LICENSE",
            "APP",
            "SITE",
            "SERVICE",
            "DEVELOPER",
            "WRITE",
            "CONSUMER",
            "INTEGRATION",
            "CLIENT",
            "SIGNING",
        ],
    ),
    (
        "TOKEN",
        &[
            "API", "ACCESS", "AUTH", "BOT", "INGEST", "READ", "WRITE", "APP", "CLIENT", "BEARER", "REFRESH", "PUBLIC",
            "PRIVATE", "PERSONAL",
        ],
    ),
    (
        "SECRET",
        &[
            "CLIENT", "APP", "API", "WEBHOOK", "CONSUMER", "SIGNING", "OAUTH", "OAUTH2",
        ],
    ),
    (
        "ID",
        &[
            "CLIENT",
            "APP",
            "APPLICATION",
            "ACCOUNT",
            "PROJECT",
            "TENANT",
            "TRACKING",
            "MEASUREMENT",
            "SITE",
        ],
    ),
    ("URL", &["API", "WEBHOOK", "INGEST"]),
];

/// Names that such keys hold programs of one's own by, or that mean something else.
const NOT_NAMES: [&str; 3] = ["classy", "discourse", "open-edx"];

/// Third parties by their names as keys write them: `NEW_RELIC`.
#[derive(Debug)]
pub(super) struct Keys {
    by_name: BTreeMap<String, Vec<&'static ThirdParty>>,
    /// Names that are common words: only in front of everything else.
    common: BTreeMap<String, Vec<&'static ThirdParty>>,
    /// The sign-in with a third party, by the third party's name.
    sign_ins: BTreeMap<String, Vec<&'static ThirdParty>>,
}

/// Words of keys that a sign-in is set up by: `SOCIAL_AUTH_GITHUB_KEY`.
const SIGN_INS: [&str; 6] = ["OAUTH", "OAUTH2", "OMNIAUTH", "SSO", "SOCIAL", "SOCIALACCOUNT"];

impl Keys {
    pub(super) fn of(parties: impl Iterator<Item = &'static ThirdParty>) -> Self {
        let named = parties.filter(|party| {
            let id = party.id.as_str();
            // What may as well be run by oneself is in the catalog as what the vendor hosts.
            let hosted = id.ends_with("-cloud") || id.ends_with("-hosted");
            !hosted && id.len() >= NAME_MIN && !NOT_NAMES.contains(&id)
        });
        let mut keys = Self {
            by_name: BTreeMap::new(),
            common: BTreeMap::new(),
            sign_ins: BTreeMap::new(),
        };
        for party in named {
            let name = party.id.as_str().to_ascii_uppercase().replace(['-', '.'], "_");
            if let Some(with) = ["_SIGN_IN", "_LOGIN"].iter().find_map(|end| name.strip_suffix(end)) {
                keys.sign_ins.entry(with.to_owned()).or_default().push(party);
            }
            let table = if party.common_word {
                &mut keys.common
            } else {
                &mut keys.by_name
            };
            table.entry(name).or_default().push(party);
        }
        keys
    }

    /// The third party of `key`, in capital letters; none where it does not name one, or does not end like a key to an account.
    pub(super) fn look_up(&self, key: &str) -> &[&'static ThirdParty] {
        let words: Vec<&str> = key.split('_').collect();
        let Some(last) = words.last().filter(|last| is_end(last)) else {
            return &[];
        };
        let before = words
            .len()
            .checked_sub(2)
            .and_then(|at| words.get(at))
            .copied()
            .unwrap_or_default();
        let paired = PAIRS
            .iter()
            .any(|(end, fronts)| end == last && fronts.contains(&before));
        if words.iter().any(|word| SIGN_INS.contains(word)) {
            let named = words.iter().find_map(|word| self.sign_ins.get(*word));
            if let Some(parties) = named {
                return parties;
            }
        }
        // What signs people in is registered as a client: `LEARN_GITHUB_CLIENT_ID`.
        if before == "CLIENT" && ["ID", "SECRET"].contains(last) {
            let named = words.iter().find_map(|word| self.sign_ins.get(*word));
            if let Some(parties) = named {
                return parties;
            }
        }
        // The longest name first, so that a product goes before its vendor.
        for length in (1..=WORDS_MAX.min(words.len())).rev() {
            for (at, name) in words.windows(length).enumerate() {
                let follows = words.len() - at - length;
                let fits = (follows >= 2 && paired) || (follows == 1 && ENDS.contains(last));
                let name = name.join("_");
                let common = self.common.get(&name).filter(|_| at == 0 && follows >= 2);
                if let Some(parties) = self.by_name.get(&name).or(common).filter(|_| fits) {
                    return parties;
                }
            }
        }
        &[]
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().chain(self.common.keys()).map(String::as_str)
    }
}

fn is_end(word: &str) -> bool {
    ENDS.contains(&word) || PAIRS.iter().any(|(end, _)| *end == word)
}

#[cfg(test)]
mod tests {
    use averment_catalog::catalog;

    use super::*;

    #[test]
    fn a_key_says_whose_it_is() {
        let keys = Keys::of(catalog().third_parties());
        let whose = |key| {
            keys.look_up(key)
                .iter()
                .map(|party| party.id.as_str())
                .collect::<Vec<_>>()
        };
        for (key, id) in [
            ("JSTOR_API_SECRET", "jstor"),
            ("LEARN_STRIPE_SECRET_KEY", "stripe"),
            ("LEARN_TINYBIRD_INGEST_TOKEN", "tinybird"),
            ("NEXT_PUBLIC_LEARN_SENTRY_DSN", "sentry"),
            ("MY_NEW_RELIC_LICENSE_KEY", "new-relic"),
            ("DISCORD_LESSON_WEBHOOK_URL", "discord"),
            ("SOCIAL_AUTH_GITHUB_KEY", "github-sign-in"),
            ("LEARN_FACEBOOK_OAUTH_SECRET", "facebook-login"),
            ("LEARN_GITHUB_CLIENT_ID", "github-sign-in"),
        ] {
            assert_eq!(whose(key), [id], "{key}");
        }
        for key in [
            "STRIPE",
            "YOUTUBE_URL",
            "FACEBOOK_PAGE_ID",
            "SENTRY_SAMPLE_RATE",
            "STRIPE_CACHE_KEY",
            "ZOOM_LEVEL_KEY",
            "SECRET_KEY",
            "STRIPES_API_KEY",
            "MY_LESSON_DISCORD_WEBHOOK_URL",
        ] {
            assert_eq!(whose(key), [""; 0], "{key}");
        }
    }
}
