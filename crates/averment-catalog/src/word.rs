//! The closed vocabularies of claims, contracts and conditions: one list of words each, with what people call them.
//!
//! Source: `data/words.toml`, which names its own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::typed_id;

typed_id!(
    /// A word of a closed vocabulary, e.g. `restore_test`.
    WordId
);

/// Which list a word belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vocabulary {
    /// Who may see something, by their relation to the person.
    Viewer,
    /// What is done from time to time, or never to somebody.
    Activity,
    /// What starts a clock.
    Trigger,
    /// What the organisation offers.
    Offer,
    /// The form in which something is stored.
    Form,
    /// When a rule does not hold.
    Exception,
    /// A body of law.
    Regime,
    /// A certificate or pledge.
    Certificate,
    /// Who gives a consent.
    Giver,
    /// A term of a contract.
    Term,
    /// What a recipient does with data for itself.
    OwnUse,
    /// What a transfer to a third country rests on.
    Safeguard,
    /// What a disclosure rests on.
    Basis,
    /// Form of an agreement with a school.
    Agreement,
}

impl Vocabulary {
    /// What a word of it is called in messages: "an activity".
    pub fn a_word(self) -> &'static str {
        match self {
            Self::Viewer => "a viewer",
            Self::Activity => "an activity",
            Self::Trigger => "a trigger",
            Self::Offer => "an offer",
            Self::Form => "a form of storage",
            Self::Exception => "an exception",
            Self::Regime => "a body of law",
            Self::Certificate => "a certificate",
            Self::Giver => "a giver of consent",
            Self::Term => "a term of a contract",
            Self::OwnUse => "an own use",
            Self::Safeguard => "a safeguard",
            Self::Basis => "a basis",
            Self::Agreement => "a form of agreement",
        }
    }
}

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word in files.
    pub id: WordId,
    /// What people call it, as it reads inside a sentence.
    pub label: String,
    /// The field's own code, e.g. `A46-2-c`.
    pub code: Option<String>,
    /// Paragraph that it rests on.
    pub cite: Option<String>,
    /// Of a basis: whether a disclosure of a student's data on it belongs in the school's record of disclosures, 34 CFR
    /// 99.32(a) and (d). None where the law that it is of does not say.
    pub record: Option<bool>,
    /// The row rests on memory or on a judgement call and stays marked.
    pub review: bool,
}

/// One row of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    vocabulary: Vocabulary,
    id: WordId,
    label: String,
    code: Option<String>,
    cite: Option<String>,
    record: Option<bool>,
    #[serde(default)]
    review: bool,
}

/// The rows as lists of words.
pub(crate) fn by_vocabulary(rows: Vec<Row>) -> BTreeMap<Vocabulary, Vec<Word>> {
    let mut words: BTreeMap<Vocabulary, Vec<Word>> = BTreeMap::new();
    for row in rows {
        words.entry(row.vocabulary).or_default().push(Word {
            id: row.id,
            label: row.label,
            code: row.code,
            cite: row.cite,
            record: row.record,
            review: row.review,
        });
    }
    words
}
