//! Keys of the environment that nobody lists but that say themselves whose they are: `JSTOR_API_SECRET`, and with the program's
//! own name before it `LEARN_STRIPE_SECRET_KEY`.
//!
//! A key that the catalog lists stands in it as a run of whole words (`SENTRY_DSN_CLIENT`), or the third party's name does, and with
//! it what only an account there has. Names that are common words count in front only; what is too short to be anybody's is left
//! out, and found by the keys that the catalog lists. What only begins with a name is [weak](Keys::weak).

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::ThirdParty;

/// Shortest name that is taken for somebody's, in letters.
const NAME_MIN: usize = 4;

/// Shorter names that mean nothing else.
const SHORT_NAMES: [&str; 2] = ["aws", "vwo"];

/// Longest name, in words.
const WORDS_MAX: usize = 4;

/// Most words of a key that are looked at.
const KEY_WORDS_MAX: usize = 12;

/// Words that a key ends in directly behind a name: `SENTRY_DSN`.
const ENDS: [&str; 11] = [
    "KEY",
    "APIKEY",
    "TOKEN",
    "SECRET",
    "DSN",
    "PASSWORD",
    "CREDENTIALS",
    "WEBHOOK",
    "CLIENTID",
    "CLIENTSECRET",
    "ACCESSKEY",
];

/// Those of them that nothing else is called by, whatever stands between them and a name in front: `SPLUNK_MOBILE_TOKEN`.
const FAR_ENDS: [&str; 4] = ["TOKEN", "SECRET", "DSN", "APIKEY"];

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
            "ACCOUNT",
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

/// Words in front of a key that say where it is read, and not whose it is.
const FRONTS: [&str; 10] = [
    "NEXT", "PUBLIC", "VITE", "REACT", "APP", "EXPO", "NUXT", "GATSBY", "VUE", "MIX",
];

/// Words that a key written small ends in, where it only begins with a name: `mailgun_sender_domain`.
const WEAK_ENDS: [&str; 16] = [
    "ID",
    "URL",
    "URI",
    "HOST",
    "DOMAIN",
    "ACCOUNT",
    "USERNAME",
    "ENV",
    "ENVIRONMENT",
    "REGION",
    "BUCKET",
    "PROJECT",
    "ORG",
    "ENDPOINT",
    "KEY",
    "TOKEN",
];

/// Ends of keys that name a page there, or one who is there.
const OF_PAGES: [&str; 8] = ["URL", "URI", "LINK", "PAGE", "HANDLE", "USERNAME", "ACCOUNT", "ID"];

/// What third parties are for whose pages programs link to, and whose machines set keys of their own.
const WITH_PAGES: [&str; 5] = ["social", "community", "video", "media", "content"];

/// Words that listed keys begin with and that mean something else behind others: `GROUP_STREAM_API_KEY`.
const PLAIN_WORDS: [&str; 22] = [
    "BILL",
    "COMPUTER",
    "CONTENT",
    "ELASTIC",
    "EXPO",
    "FRONT",
    "HERE",
    "HIVE",
    "MONDAY",
    "ORIGINALITY",
    "PLATFORM",
    "POLAR",
    "SAFE",
    "SCOUT",
    "SPEECH",
    "STABILITY",
    "TEAMS",
    "TOGETHER",
    "TRANSLATOR",
    "TRIGGER",
    "VERIFY",
    "VOYAGE",
];

/// Third parties by their names as keys write them: `NEW_RELIC`.
#[derive(Debug)]
pub(super) struct Keys {
    by_name: BTreeMap<String, Vec<&'static ThirdParty>>,
    /// Names that are common words: only in front of everything else.
    common: BTreeMap<String, Vec<&'static ThirdParty>>,
    /// The sign-in with a third party, by the third party's name.
    sign_ins: BTreeMap<String, Vec<&'static ThirdParty>>,
    /// Keys of the catalog that mean the same among other words.
    runs: BTreeMap<String, Vec<&'static ThirdParty>>,
}

/// Words of keys that a sign-in is set up by: `SOCIAL_AUTH_GITHUB_KEY`.
const SIGN_INS: [&str; 7] = ["OAUTH", "OAUTH2", "OMNIAUTH", "OIDC", "SSO", "SOCIAL", "SOCIALACCOUNT"];

/// Third parties of a table.
type Parties = Vec<&'static ThirdParty>;

impl Keys {
    pub(super) fn of(parties: impl Iterator<Item = &'static ThirdParty>) -> Self {
        let mut keys = Self {
            by_name: BTreeMap::new(),
            common: BTreeMap::new(),
            sign_ins: BTreeMap::new(),
            runs: BTreeMap::new(),
        };
        for party in parties.filter(|party| !NOT_NAMES.contains(&party.id.as_str())) {
            let name = upper(party.id.as_str());
            let listed: BTreeSet<String> = party.env_keys.iter().map(|key| upper(key)).collect();
            for key in listed {
                if is_run(&key, &name, party.common_word) {
                    keys.runs.entry(key).or_default().push(party);
                }
            }
            keys.add_name(name, party);
        }
        keys
    }

    fn add_name(&mut self, name: String, party: &'static ThirdParty) {
        let id = party.id.as_str();
        // What may as well be run by oneself is in the catalog as what the vendor hosts.
        let hosted = id.ends_with("-cloud") || id.ends_with("-hosted");
        if hosted || (id.len() < NAME_MIN && !SHORT_NAMES.contains(&id)) {
            return;
        }
        let signs_in = party.kinds.iter().any(|kind| kind == "sign-in");
        let with = ["_SIGN_IN", "_LOGIN"].iter().find_map(|end| name.strip_suffix(end));
        if let Some(with) = with.or_else(|| (signs_in && !party.common_word).then_some(name.as_str())) {
            self.sign_ins.entry(with.to_owned()).or_default().push(party);
        }
        if party.common_word {
            self.common.entry(name).or_default().push(party);
            return;
        }
        for spelled in spellings(name, &party.product) {
            self.by_name.entry(spelled).or_default().push(party);
        }
    }

    /// The third party of `key`, in capital letters; none where it does not name one, or does not end like a key to an account.
    pub(super) fn look_up(&self, key: &str) -> &[&'static ThirdParty] {
        let words: Vec<&str> = words_of(key);
        if words.len() < 2 || words.len() > KEY_WORDS_MAX {
            return &[];
        }
        let found = self.sign_in(&words).or_else(|| self.run(&words));
        found
            .or_else(|| self.named(&words))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The third party that `key` only begins with the name of: `SKYLIGHT_ENV`. It says something of one that something else shows, and
    /// nothing alone. `small`: it is written in small letters, as much else is that is no key.
    pub(super) fn weak(&self, key: &str, small: bool) -> &[&'static ThirdParty] {
        let words = words_of(key);
        let words = &words[words.iter().take_while(|word| FRONTS.contains(word)).count()..];
        let Some(last) = words.last().filter(|_| (2..=KEY_WORDS_MAX).contains(&words.len())) else {
            return &[];
        };
        if small && !WEAK_ENDS.contains(last) {
            return &[];
        }
        let lengths = (1..=WORDS_MAX.min(words.len() - 1)).rev();
        let named = lengths.filter_map(|length| self.name(&words[..length])).next();
        let told = named.filter(|parties| {
            !parties.iter().any(|party| {
                let is = |any: &[&str]| party.kinds.iter().any(|kind| any.contains(&kind.as_str()));
                is(&["development"]) || (is(&WITH_PAGES) && OF_PAGES.contains(last))
            })
        });
        told.map(Vec::as_slice).unwrap_or_default()
    }

    /// The third party that the first words of `name`, in capital letters, are the name of.
    pub(super) fn called(&self, name: &str) -> &[&'static ThirdParty] {
        let words = words_of(name);
        let mut lengths = (1..=WORDS_MAX.min(words.len())).rev();
        let found = lengths.find_map(|length| self.name(&words[..length]));
        found.map(Vec::as_slice).unwrap_or_default()
    }

    /// What signs people in: by a word that says so, or registered as a client: `LEARN_GITHUB_CLIENT_ID`.
    fn sign_in(&self, words: &[&str]) -> Option<&Parties> {
        let client = words.ends_with(&["CLIENT", "ID"]) || words.ends_with(&["CLIENT", "SECRET"]);
        let told = words.iter().any(|word| SIGN_INS.contains(word));
        let named = || words.iter().find_map(|word| self.sign_ins.get(*word));
        let closes = words.iter().any(|word| is_end(word) || word.ends_with("URL"));
        let closes = closes || words.iter().any(|word| ENDS.contains(word));
        (client || (told && closes)).then(named).flatten()
    }

    /// Whose listed key stands in the key, as words of its own; the longest first.
    fn run(&self, words: &[&str]) -> Option<&Parties> {
        let mut lengths = (2..=words.len()).rev();
        lengths.find_map(|length| words.windows(length).find_map(|run| self.runs.get(&run.join("_"))))
    }

    /// Whose name stands in the key, with what only an account has behind it. The longest name first, so that a product goes before
    /// its vendor.
    fn named(&self, words: &[&str]) -> Option<&Parties> {
        let last = words.last().filter(|last| is_end(last) || ENDS.contains(last))?;
        let before = words.len().checked_sub(2).map(|at| words[at]).unwrap_or_default();
        let paired = PAIRS
            .iter()
            .any(|(end, fronts)| end == last && fronts.contains(&before));
        let mut lengths = (1..=WORDS_MAX.min(words.len())).rev();
        lengths.find_map(|length| {
            words.windows(length).enumerate().find_map(|(at, name)| {
                let follows = words.len() - at - length;
                let far = at == 0 && FAR_ENDS.contains(last);
                let fits = (follows >= 2 && (paired || far)) || (follows == 1 && ENDS.contains(last));
                let first = at == 0 && ((follows >= 2 && paired) || (follows == 1 && *last == "WEBHOOK"));
                let common = || self.common.get(&name.join("_")).filter(|_| first);
                fits.then(|| self.name(name).or_else(common)).flatten()
            })
        })
    }

    /// Whose name the words are.
    fn name(&self, words: &[&str]) -> Option<&Parties> {
        self.by_name.get(&words.join("_"))
    }

    /// Every name.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().chain(self.common.keys()).map(String::as_str)
    }

    /// Listed keys that count among other words as well.
    pub(super) fn runs(&self) -> impl Iterator<Item = &str> {
        self.runs.keys().map(String::as_str)
    }
}

fn words_of(key: &str) -> Vec<&str> {
    key.split('_').filter(|word| !word.is_empty()).collect()
}

fn upper(name: &str) -> String {
    name.to_ascii_uppercase().replace(['-', '.'], "_")
}

/// `NEW_RELIC` and `NEWRELIC`; `OPENAI` and, as the product is written, `OPEN_AI`.
fn spellings(name: String, product: &str) -> BTreeSet<String> {
    const JOINED_MIN: usize = 6;
    let joined = name.replace('_', "");
    let product = crate::words::split(product);
    let mut fronts = (1..=product.len()).filter_map(|length| product.get(..length));
    let same = fronts.find(|front| front.concat().eq_ignore_ascii_case(&joined));
    let product = same.map(|words| words.join("_").to_ascii_uppercase());
    let joined = (joined.len() >= JOINED_MIN).then_some(joined);
    [Some(name), joined, product].into_iter().flatten().collect()
}

/// Whether a listed key means the same among other words: a word of it is the third party's name, or its first word is so long that
/// it is nobody else's.
fn is_run(key: &str, name: &str, common: bool) -> bool {
    const LONG: usize = 7;
    let words: Vec<&str> = key.split('_').collect();
    let first = words.first().copied().unwrap_or_default();
    let mut names = name.split('_').filter(|word| word.len() >= NAME_MIN);
    let named = names.any(|name| words.contains(&name)) || first == "AWS";
    // `DEPLOY_GITHUB_KEY` signs nobody in.
    let signs_in = ["_SIGN_IN", "_LOGIN"].iter().any(|end| name.ends_with(end)) && !words.contains(&"CLIENT");
    let whole = words.len() > 1 && words.iter().all(|word| !word.is_empty());
    whole && !common && !signs_in && !PLAIN_WORDS.contains(&first) && (named || first.len() >= LONG)
}

fn is_end(word: &str) -> bool {
    PAIRS.iter().any(|(end, _)| *end == word)
}

#[cfg(test)]
mod tests;
