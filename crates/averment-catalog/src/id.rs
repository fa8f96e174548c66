//! Typed identifiers: a recipient is never passed where a purpose is wanted.
//!
//! All of them are lower-case dotted or dashed words (`contact.email`, `google-analytics`); [`IdError`] says what was
//! expected. Cloning is cheap (shared string).

use std::sync::Arc;

/// A text that is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdError {
    /// What was read. Identifiers of the register are never personal data.
    pub found: String,
}

impl std::fmt::Display for IdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "`{}` is not an identifier: expected lower-case letters, digits, `-`, `_` and `.`",
            self.found
        )
    }
}

impl std::error::Error for IdError {}

/// Whether `text` may be an identifier: 1 to 100 of `a-z 0-9 - _ . /`, starting with a letter or digit.
pub fn is_id(text: &str) -> bool {
    let starts_well = text
        .as_bytes()
        .first()
        .is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    starts_well
        && text.len() <= 100
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/'))
}

/// Declares a typed identifier with a checked constructor, text form and serde.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Checks and takes an identifier.
            ///
            /// # Errors
            /// An `IdError` when the text is not a lower-case identifier.
            pub fn new(text: &str) -> Result<Self, $crate::IdError> {
                if $crate::is_id(text) { Ok(Self(text.into())) } else { Err($crate::IdError { found: text.to_owned() }) }
            }

            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::IdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::new(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// `outer` covers `inner` when it is the same identifier or a category above it: `contact` covers `contact.email`.
pub(crate) fn covers(outer: &str, inner: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

typed_id!(
    /// A third party of the catalog, e.g. `google-analytics`.
    ThirdPartyId
);
typed_id!(
    /// A data element or a category of elements, e.g. `contact.email` or `contact`.
    ElementId
);
typed_id!(
    /// A purpose, e.g. `analytics.product`.
    PurposeId
);
typed_id!(
    /// A kind of data subject, e.g. `student.under13` or, above it, `student`.
    SubjectId
);

impl ElementId {
    /// Whether this is `other` or a category above it.
    pub fn covers(&self, other: &Self) -> bool {
        covers(&self.0, &other.0)
    }
}

impl SubjectId {
    /// Whether this is `other` or a kind above it.
    pub fn covers(&self, other: &Self) -> bool {
        covers(&self.0, &other.0)
    }

    /// Whether a student is meant, of any age.
    pub fn is_student(&self) -> bool {
        covers("student", &self.0)
    }
}

/// Shared text, kept here so that macros of other rooms need no import.
pub type Text = Arc<str>;
