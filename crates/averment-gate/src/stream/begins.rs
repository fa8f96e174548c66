//! Whether what is said to be plain text begins like a document: JSON, markup, or lines with names before a colon.
//!
//! Such a text is read by its structure where it is whole, and in pieces it is words only: the two halves of a name that
//! stand in two of its members would not be seen together.

/// No name before a colon is longer.
const NAME_MAX: usize = 64;

/// What a text begins like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    /// Too little of it has come to say.
    Unsaid,
    /// A document.
    Document,
    /// Words.
    Words,
}

impl Begins {
    /// `text`: what has come of it.
    pub(crate) fn of(text: &[u8]) -> Self {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
        match text {
            [] => Self::Unsaid,
            [b'{' | b'[' | b'<' | b'"' | b'\'' | b'%' | b'-' | b'\xef', ..] => Self::Document,
            // The time of day, in lines of a log.
            [b'0'..=b'9', ..] => Self::Words,
            _ => Self::of_line(text),
        }
    }

    fn of_line(text: &[u8]) -> Self {
        let head = &text[..text.len().min(NAME_MAX)];
        match head.iter().find(|byte| matches!(byte, b':' | b'\n' | b'\r')) {
            Some(b':') => Self::Document,
            Some(_) => Self::Words,
            None if head.len() < NAME_MAX => Self::Unsaid,
            None => Self::Words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_told_from_words() {
        let long = "words ".repeat(20);
        for (text, begins) in [
            ("", Begins::Unsaid),
            (" \r\n", Begins::Unsaid),
            ("Dear parents", Begins::Unsaid),
            ("\u{feff} {\"rows\":", Begins::Document),
            ("[", Begins::Document),
            ("<html>", Begins::Document),
            ("first_name: Ada\n", Begins::Document),
            ("First name : Ada", Begins::Document),
            ("- name: Ada", Begins::Document),
            ("Dear parents,\nnote: x", Begins::Words),
            ("07:45:12 started", Begins::Words),
            (&long, Begins::Words),
        ] {
            assert_eq!(Begins::of(text.as_bytes()), begins, "{text}");
        }
    }
}
