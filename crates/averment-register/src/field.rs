//! What the texts in a field of a register file name: data elements, countries, words of a vocabulary, or nothing.
//!
//! Start at [`names`]. The shapes say how a field is written, this says what it may say.

use averment_catalog::Vocabulary;

use crate::compile::shape::{self, Field, Shape};

/// What the texts of a field name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// Data elements or categories of them.
    Element,
    /// Kinds of data subjects.
    Subject,
    /// Purposes.
    Purpose,
    /// Third parties of the catalog.
    ThirdParty,
    /// Countries, or `EU`, `EEA`.
    Place,
    /// Words of a vocabulary.
    Word(Vocabulary),
    /// A condition.
    Condition,
    /// A kind of claim.
    ClaimKind,
    /// Identifiers: of the file itself, or of something that another file declares.
    Id,
    /// Host patterns.
    Host,
    /// Nothing: people's words.
    Free,
}

/// What the texts of `field` in a table of shape `shape` name.
pub(crate) fn names(shape: &Shape, field: &Field) -> Names {
    let of = |other: &Shape| std::ptr::eq(shape, other);
    match field.name {
        "element" | "elements" | "except" | "directory_information" | "sensitive" => Names::Element,
        "subjects" => Names::Subject,
        "purposes" => Names::Purpose,
        "third_parties" => Names::ThirdParty,
        "country" | "countries" | "territories" | "places" | "to" => Names::Place,
        "when" => Names::Condition,
        "kind" => Names::ClaimKind,
        "recipient" | "through" | "runs_on" | "off" | "recipients" | "controller" | "store" | "claim" | "consent" => {
            Names::Id
        }
        "id" if of(&shape::CLAIM) => Names::Id,
        "hosts" | "host" | "own_domains" => Names::Host,
        "form" if of(&shape::CLAIM) => Names::Word(Vocabulary::Form),
        "form" => Names::Word(Vocabulary::Agreement),
        _ => vocabulary(field.name).map_or(Names::Free, Names::Word),
    }
}

/// The vocabulary that a field takes its words from.
fn vocabulary(field: &str) -> Option<Vocabulary> {
    Some(match field {
        "unless" => Vocabulary::Exception,
        "after" => Vocabulary::Trigger,
        "viewers" => Vocabulary::Viewer,
        "off_by" | "giver" => Vocabulary::Giver,
        "activity" => Vocabulary::Activity,
        "certificate" => Vocabulary::Certificate,
        "regimes" => Vocabulary::Regime,
        "term" | "terms" => Vocabulary::Term,
        "offer" => Vocabulary::Offer,
        "own_use" => Vocabulary::OwnUse,
        "safeguard" => Vocabulary::Safeguard,
        "basis" => Vocabulary::Basis,
        _ => return None,
    })
}
