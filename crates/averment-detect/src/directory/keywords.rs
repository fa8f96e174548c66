//! Words that say what stands beside them. They are asked for with the user names, by the same filter, so that they cost
//! nothing where they are not.

use super::TokenKey;

/// What stands beside a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyword {
    /// A date of birth, after it.
    Birth,
    /// A password, after it.
    Password,
    /// An internet address, after it.
    Internet,
    /// A house number and a name, before it.
    Street,
    /// The day and the year of a date.
    Month,
    /// An address, after it, when it is the name of a field.
    Address,
}

/// Folded, one atom each.
const KEYWORDS: &[(Keyword, &str)] = &[
    (
        Keyword::Birth,
        "birth birthday birthdate dateofbirth dob born bday geburtsdatum geburtstag geboren naissance nacimiento nascita",
    ),
    (
        Keyword::Password,
        "password passwd passwort pwd passphrase passcode wachtwoord contrasena",
    ),
    (
        Keyword::Internet,
        "ip ipaddress ipaddr ipv4 ipv6 clientip remoteip remoteaddr userip forwarded",
    ),
    (
        Keyword::Street,
        "street st avenue ave road rd lane ln drive dr boulevard blvd court ct place pl way terrace square highway hwy \
         parkway pkwy strasse str weg platz allee gasse rue straat laan plein calle via gatan vagen",
    ),
    (Keyword::Address, "address address1 streetaddress line1"),
    (
        Keyword::Month,
        "january february march april may june july august september october november december \
         jan feb mar apr jun jul aug sep sept oct nov dec \
         januar februar märz juni juli oktober dezember janvier février mars avril mai juin juillet août septembre \
         octobre novembre décembre enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre \
         diciembre januari februari maart mei augustus maj augusti",
    ),
];

/// The tokens of all keywords, sorted.
pub(super) struct Keywords(Box<[(u64, Keyword)]>);

impl Keywords {
    pub(super) fn new(key: &TokenKey) -> Self {
        let words = KEYWORDS.iter().flat_map(|(keyword, words)| {
            words
                .split_ascii_whitespace()
                .map(|word| (key.hash(word.as_bytes()), *keyword))
        });
        let mut tokens: Vec<(u64, Keyword)> = words.collect();
        tokens.sort_unstable_by_key(|(token, _)| *token);
        Self(tokens.into())
    }

    pub(super) fn tokens(&self) -> impl Iterator<Item = u64> {
        self.0.iter().map(|(token, _)| *token)
    }

    pub(super) fn get(&self, token: u64) -> Option<Keyword> {
        let at = self.0.binary_search_by_key(&token, |(token, _)| *token).ok()?;
        Some(self.0[at].1)
    }
}
