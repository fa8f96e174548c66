//! What a text has in it: one look at every byte, so that no decoder is asked about a text that it cannot be in.
//!
//! Start at [`Signs::of`]. Most texts are words, numbers and names of things; most encodings need a sign that those do not
//! have. A decoder that is not asked must be one that could not have found anything.

/// Kinds of bytes; of a text, those that are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Signs(u32);

impl Signs {
    pub(crate) const NONE: Self = Self(0);
    /// `%`
    pub(crate) const PERCENT: Self = Self(1);
    /// `&`
    pub(crate) const AMPERSAND: Self = Self(1 << 1);
    /// `=`
    pub(crate) const EQUALS: Self = Self(1 << 2);
    /// `?`
    pub(crate) const QUESTION: Self = Self(1 << 3);
    /// `\`
    pub(crate) const BACKSLASH: Self = Self(1 << 4);
    /// `+`
    pub(crate) const PLUS: Self = Self(1 << 5);
    /// `@`
    pub(crate) const AT: Self = Self(1 << 6);
    /// `:`
    pub(crate) const COLON: Self = Self(1 << 7);
    /// `(`
    pub(crate) const BRACKET: Self = Self(1 << 8);
    /// `~`
    pub(crate) const TILDE: Self = Self(1 << 9);
    /// Line feed.
    pub(crate) const LINE_END: Self = Self(1 << 10);
    pub(crate) const SPACE: Self = Self(1 << 11);
    pub(crate) const DIGIT: Self = Self(1 << 12);
    /// `"`
    pub(crate) const QUOTE: Self = Self(1 << 13);
    /// Above 0x7f.
    pub(crate) const HIGH: Self = Self(1 << 14);

    /// Both.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in `text`.
    pub(crate) fn of(text: &[u8]) -> Self {
        let mut signs = 0;
        for byte in text {
            signs |= SIGNS[usize::from(*byte)];
        }
        Self(signs)
    }

    /// Whether any of `wanted` is there.
    pub(crate) fn any(self, wanted: Self) -> bool {
        self.0 & wanted.0 != 0
    }

    /// Whether all of `wanted` are there.
    pub(crate) fn all(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

static SIGNS: [u32; 256] = {
    let mut signs = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        signs[byte] = match byte as u8 {
            b'%' => Signs::PERCENT,
            b'&' => Signs::AMPERSAND,
            b'=' => Signs::EQUALS,
            b'?' => Signs::QUESTION,
            b'\\' => Signs::BACKSLASH,
            b'+' => Signs::PLUS,
            b'@' => Signs::AT,
            b':' => Signs::COLON,
            b'(' => Signs::BRACKET,
            b'~' => Signs::TILDE,
            b'\n' => Signs::LINE_END,
            b' ' => Signs::SPACE,
            b'0'..=b'9' => Signs::DIGIT,
            b'"' => Signs::QUOTE,
            0x80.. => Signs::HIGH,
            _ => Signs::NONE,
        }
        .0;
        byte += 1;
    }
    signs
};

#[cfg(test)]
mod tests;
