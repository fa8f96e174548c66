//! What a page says to a reader: its text, where it links to, how somebody is reached.

use html5gum::{Token, Tokenizer};

/// A page as read.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// Text in lower case with single spaces.
    text: String,
    /// Targets of links, as written, in order.
    pub(super) links: Vec<String>,
    has_form: bool,
}

impl Page {
    pub(super) fn of(body: &[u8]) -> Self {
        let mut page = Self::default();
        let mut text = String::new();
        let mut hidden: Option<Vec<u8>> = None;
        for token in Tokenizer::new(body) {
            match token {
                Ok(Token::StartTag(tag)) => {
                    let name = tag.name.to_vec();
                    match name.as_slice() {
                        b"script" | b"style" => hidden = Some(name),
                        b"a" => page.links.extend(crate::web::attribute(&tag, "href")),
                        b"form" => page.has_form = true,
                        _ => {}
                    }
                    text.push(' ');
                }
                Ok(Token::EndTag(tag)) => {
                    if hidden.as_deref() == Some(&tag.name[..]) {
                        hidden = None;
                    }
                    text.push(' ');
                }
                Ok(Token::String(part)) if hidden.is_none() => text.push_str(&String::from_utf8_lossy(&part)),
                _ => {}
            }
        }
        page.text = folded(&text);
        page
    }

    /// Whether it says this, in whatever case.
    pub(super) fn says(&self, text: &str) -> bool {
        let text = folded(text);
        let inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        !text.is_empty()
            && self.text.match_indices(&text).any(|(at, _)| {
                !inside(self.text[..at].chars().next_back()) && !inside(self.text[at + text.len()..].chars().next())
            })
    }

    /// Whether some day of this century stands on it.
    pub(super) fn is_dated(&self) -> bool {
        let words: Vec<&str> = self.text.split(|c: char| !c.is_alphanumeric()).collect();
        let is_year =
            |word: &str| word.len() == 4 && word.starts_with("20") && word.bytes().all(|b| b.is_ascii_digit());
        let is_part = |word: &str| {
            let months = [
                "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
            ];
            months.iter().any(|month| word.starts_with(month))
                || (word.len() <= 2 && word.parse::<u8>().is_ok_and(|number| (1..=31).contains(&number)))
        };
        words
            .windows(2)
            .any(|pair| (is_year(pair[0]) && is_part(pair[1])) || (is_part(pair[0]) && is_year(pair[1])))
    }

    pub(super) fn reaches_somebody(&self) -> bool {
        let linked = self
            .links
            .iter()
            .any(|link| link.starts_with("mailto:") || link.starts_with("tel:"));
        linked || self.has_form || self.text.split(' ').any(is_address)
    }
}

fn folded(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a text is an e-mail address.
pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric());
    let Some((local, host)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty() && host.contains('.') && !host.starts_with('.') && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_as_people_read_them() {
        let page = Page::of(b"<script>var Zendesk</script><h1>Our <b>Google&nbsp;Cloud</b></h1><p>Updated: 3 May 2026<a href='/x'>y</a>");
        assert!(page.says("google cloud") && !page.says("Zendesk") && !page.says("Goog"));
        assert!(page.is_dated() && !Page::of(b"<p>version 2026").is_dated());
        assert_eq!(page.links, ["/x"]);
        assert!(!page.reaches_somebody());
        for body in ["write to help@birch.example.", "<a href=tel:+4912>", "<form>"] {
            assert!(Page::of(body.as_bytes()).reaches_somebody(), "{body}");
        }
    }
}
