//! Forms on pages: where they go, and what they hold before somebody fills them in.

use html5gum::{StartTag, Token, Tokenizer};

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// Where it goes, as written.
    pub action: String,
    /// Names and values of its fields: what stands in hidden ones has to be sent back.
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// The forms of a page, in its order.
    pub fn all(page: &[u8]) -> Vec<Self> {
        let mut forms = Vec::new();
        let mut open: Option<Self> = None;
        for token in Tokenizer::new(page) {
            match token {
                Ok(Token::StartTag(tag)) => match &**tag.name {
                    b"form" => {
                        forms.extend(open.take());
                        let action = attribute(&tag, "action").unwrap_or_default();
                        open = Some(Self {
                            action,
                            fields: Vec::new(),
                        });
                    }
                    b"input" | b"textarea" | b"select" | b"button" => {
                        let named = attribute(&tag, "name").zip(open.as_mut());
                        if let Some((name, form)) = named {
                            form.fields.push((name, attribute(&tag, "value").unwrap_or_default()));
                        }
                    }
                    _ => {}
                },
                Ok(Token::EndTag(tag)) if &**tag.name == b"form" => forms.extend(open.take()),
                _ => {}
            }
        }
        forms.extend(open);
        forms
    }

    /// Its fields with those of `given` filled in; none when it does not ask for one of them.
    pub fn filled(&self, given: &[(String, String)]) -> Option<Vec<(String, String)>> {
        let asks = |name: &str| self.fields.iter().any(|(known, _)| known == name);
        if given.is_empty() || !given.iter().any(|(name, _)| asks(name)) {
            return None;
        }
        let mut fields = self.fields.clone();
        for (name, value) in given {
            if let Some((_, slot)) = fields.iter_mut().find(|(known, _)| known == name) {
                slot.clone_from(value);
            }
        }
        Some(fields)
    }
}

/// The value of an attribute, its references undone.
pub(crate) fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// `application/x-www-form-urlencoded`.
pub(crate) fn encoded(fields: &[(String, String)]) -> String {
    let pairs = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
