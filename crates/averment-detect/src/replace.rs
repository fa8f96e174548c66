//! What is put in the place of a finding.
//!
//! | treatment | becomes |
//! |---|---|
//! | mask | `***`, whatever it was: neither length nor first letter stay |
//! | drop | nothing |
//! | hash | `h1_` and 32 hexadecimal digits: HMAC-SHA-256 over form and normal value, the same for every recipient |
//! | pseudonym | `p1_` and 32 hexadecimal digits, of recipient and person ([`crate::reveal_pseudonym`] turns it back), or of the value, when unknown |
//! | generalise | an address becomes its host, a telephone number its country code (where it has one), a name its initials, else `***` |
//! | block | nothing can be put there: the rewrite fails, because the whole message is to be refused |
//!
//! Invariant: no replacement is itself something that the matcher finds; [`crate::rewrite`] looks again to be sure.

use averment_catalog::Treatment;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::matcher::Hit;
use crate::normalise::country_code_length;
use crate::{Finding, Form, KnownBy, ReplacementKey, Whose};

const MASK: &str = "***";

/// Asks what to do with each finding, and makes the replacement.
pub(crate) struct Replacer<'a> {
    pub(crate) key: &'a ReplacementKey<'a>,
    pub(crate) treat: &'a dyn Fn(&Finding) -> Treatment,
    /// Is told of each pseudonym.
    pub(crate) reveal: Option<&'a RevealPseudonym<'a>>,
}

/// Is told of each pseudonym with the value in whose place it is put.
pub(crate) type RevealPseudonym<'a> = dyn Fn(&Pseudonymised<'_>) + 'a;

/// A pseudonym and the value in whose place it is put. Not to be kept or logged: it holds the value.
#[derive(Clone, Copy)]
pub struct Pseudonymised<'a> {
    /// `p1_` and 32 hexadecimal digits.
    pub pseudonym: &'a str,
    /// What stood there, with every encoding undone.
    pub value: &'a str,
    /// The field that it stood in, where this program knows its name.
    pub field: Option<&'static str>,
}

impl std::fmt::Debug for Pseudonymised<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pseudonymised(<{} bytes>)", self.value.len())
    }
}

/// What to do at a finding.
pub(crate) enum Replaced {
    Keep,
    With(String),
    /// The message is to be refused.
    Refused,
}

impl Replacer<'_> {
    pub(crate) fn replace(&self, finding: &Finding, hit: &Hit) -> Replaced {
        match (self.treat)(finding) {
            Treatment::Pass => Replaced::Keep,
            Treatment::Mask => Replaced::With(MASK.to_owned()),
            Treatment::Drop => Replaced::With(String::new()),
            Treatment::Generalise => Replaced::With(generalised(hit)),
            Treatment::Hash => Replaced::With(self.hashed(hit)),
            Treatment::Pseudonym => Replaced::With(self.pseudonym(hit)),
            Treatment::Block => Replaced::Refused,
        }
    }

    fn hashed(&self, hit: &Hit) -> String {
        self.token("h1_", &[b"averment.hash/1", &[hit.form.code()], hit.normal.as_bytes()])
    }

    fn pseudonym(&self, hit: &Hit) -> String {
        let recipient = self.key.recipient.as_bytes();
        match &hit.whose {
            Whose::Person { number, .. } => crate::pseudonym::pseudonym(self.key, *number),
            Whose::Unknown => self.token(
                "p1_",
                &[
                    b"averment.pseudonym/1",
                    recipient,
                    b"value",
                    &[hit.form.code()],
                    hit.normal.as_bytes(),
                ],
            ),
        }
    }

    /// Each part is preceded by its length, so that no two lists of parts are the same text.
    fn token(&self, prefix: &str, parts: &[&[u8]]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.key).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let digest = mac.finalize().into_bytes();
        let mut token = prefix.to_owned();
        for byte in &digest[..16] {
            token.push_str(&format!("{byte:02x}"));
        }
        token
    }
}

fn generalised(hit: &Hit) -> String {
    match hit.form {
        Form::Email => hit.normal.rsplit_once('@').map_or(MASK, |(_, host)| host).to_owned(),
        Form::Phone if has_country_code(hit) => {
            let digits: String = hit.normal.chars().filter(char::is_ascii_digit).collect();
            format!("+{}", &digits[..country_code_length(&digits).min(digits.len())])
        }
        Form::Name => hit
            .normal
            .split(' ')
            .filter_map(|word| word.chars().next())
            .flat_map(|c| c.to_uppercase().chain(['.']))
            .collect(),
        Form::Phone | Form::Word => MASK.to_owned(),
    }
}

/// A pattern shows its country code by `+`; the directory knows numbers with one by more than ten digits without trunk `0`.
fn has_country_code(hit: &Hit) -> bool {
    let known = hit.known_by == KnownBy::Exact && hit.normal.len() > 10 && !hit.normal.starts_with('0');
    known || hit.normal.starts_with('+')
}
