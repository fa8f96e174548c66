//! Other texts that stand for the same identifier: digests of an address, its spelling without dots, names in another
//! script.
//!
//! Source: the address rules of the host named below; Unicode CLDR's Latin transliterations, without marks.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Hosts that ignore dots before the `@`; the second name is the same host.
const DOTLESS: [&str; 2] = ["gmail.com", "googlemail.com"];

/// The spelling of a folded address in which its host keeps it: without dots and tag, under its first name. `None`: the
/// host keeps what it is given.
pub(crate) fn kept_by_host(address: &str) -> Option<String> {
    let (local, host) = address.rsplit_once('@')?;
    if !DOTLESS.contains(&host) {
        return None;
    }
    let plain: String = local.split('+').next()?.chars().filter(|c| *c != '.').collect();
    (!plain.is_empty()).then(|| format!("{plain}@{}", DOTLESS[0]))
}

/// MD5, SHA-1 and SHA-256 of an address in lower case, in hexadecimal digits.
pub(crate) fn digests(address: &str) -> [String; 3] {
    let bytes = address.as_bytes();
    [
        hex(&Md5::digest(bytes)),
        hex(&Sha1::digest(bytes)),
        hex(&Sha256::digest(bytes)),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name as it is written without umlauts: `ä` as `ae`. `None`: it has none.
pub(crate) fn without_umlauts(folded: &str) -> Option<String> {
    let spelled = folded
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue")
        .replace('å', "aa")
        .replace('ø', "oe");
    (spelled != folded).then_some(spelled)
}

/// A Cyrillic or Greek letter in Latin ones. `None`: it is of another script.
pub(crate) fn latin_of(c: char) -> Option<&'static str> {
    if !('\u{370}'..='\u{52f}').contains(&c) {
        return None;
    }
    let row = LETTERS.iter().find(|(letters, _)| letters.contains(c))?;
    Some(row.1)
}

/// Letters, and what they become. Nothing for signs that have no sound of their own.
const LETTERS: &[(&str, &str)] = &[
    ("аα", "a"),
    ("бβв", "v"),
    ("гґγ", "g"),
    ("дδ", "d"),
    ("еєэεη", "e"),
    ("ё", "e"),
    ("жж", "zh"),
    ("зζ", "z"),
    ("иіηι", "i"),
    ("ї", "yi"),
    ("йј", "y"),
    ("кκ", "k"),
    ("лλљ", "l"),
    ("мμ", "m"),
    ("нνњ", "n"),
    ("оοω", "o"),
    ("пπ", "p"),
    ("рρ", "r"),
    ("сσς", "s"),
    ("тτ", "t"),
    ("уυў", "u"),
    ("фφ", "f"),
    ("хχ", "kh"),
    ("ц", "ts"),
    ("чћ", "ch"),
    ("ш", "sh"),
    ("щ", "shch"),
    ("ъьʹ", ""),
    ("ы", "y"),
    ("ю", "yu"),
    ("я", "ya"),
    ("θ", "th"),
    ("ξ", "x"),
    ("ψ", "ps"),
    ("ђ", "dj"),
    ("џ", "dz"),
];
