//! Texts of a register that may become links. Only web addresses and plain mail addresses do.

use serde::Serialize;

/// A text, with the address that it links to when it is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Reach {
    pub(crate) text: String,
    pub(crate) href: Option<String>,
}

impl Reach {
    pub(crate) fn new(text: &str) -> Self {
        let href = web_address(Some(text)).or_else(|| mail_address(text));
        Self {
            text: text.to_owned(),
            href,
        }
    }
}

/// An address that may become a link. A register may hold `javascript:…`; the page does not repeat that, nor what is no
/// address at all.
pub(crate) fn web_address(url: Option<&str>) -> Option<String> {
    let lower = url?.to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    url.filter(|url| is_web && url.bytes().all(may_be_in_an_address))
        .map(ToOwned::to_owned)
}

/// RFC 3986, section 2: everything else has to be escaped in an address.
fn may_be_in_an_address(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

fn mail_address(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let plain = |part: &str, extra: &[u8]| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
    };
    (plain(local, b"._+-") && plain(domain, b".-")).then(|| format!("mailto:{text}"))
}

#[cfg(test)]
mod tests;
