//! What is looked for, of what a claim speaks of, and what nothing looks for yet.
//!
//! A claim that speaks of school records is not shown by looking for e-mail addresses, so every grade says both lists.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, catalog};
use averment_register::{Claim, ClaimKind};

/// The elements that the detector can find, all of people in the directory; digests without a key. This is the one list that reasons and pages
/// are made from; it follows what `averment-detect` names its forms (`normalise/identifiers.rs`), and an element joins it
/// only when the detector finds it.
pub const DETECTABLE: [&str; 10] = [
    "contact.email",
    "contact.email_hash",
    "contact.phone",
    "identity.name.full",
    "account.username",
    "account.id",
    "edu.student_id.local",
    "guardian.name",
    "guardian.email",
    "guardian.phone",
];

/// Of those, what is found of people outside the directory as well, by its shape alone.
pub const DETECTABLE_OF_STRANGERS: [&str; 2] = ["contact.email", "contact.phone"];

/// Of what a claim speaks of, what is looked for and what is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedFor {
    /// Elements that are looked for, in the order of [`DETECTABLE`].
    pub elements: Vec<ElementId>,
    /// What nothing looks for yet; first what is not looked for at all.
    pub not: Vec<NotLookedFor>,
}

/// A category or element of a claim that nothing looks for, or not for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotLookedFor {
    /// The category or element, as the claim has it.
    pub element: ElementId,
    /// Some of the category is looked for, and this is about the rest.
    pub rest: bool,
}

/// What the gateway looks for, for kinds of claims that speak of elements and are graded.
pub(crate) fn looked_for(claim: &Claim) -> Option<LookedFor> {
    spoken_of(claim).map(|elements| LookedFor::among(&elements))
}

/// The same for a claim that does not concern the gateway: nothing.
pub(crate) fn not_at_the_gateway(claim: &Claim) -> Option<LookedFor> {
    let whole = |element| NotLookedFor { element, rest: false };
    spoken_of(claim).map(|elements| LookedFor {
        elements: Vec::new(),
        not: elements.into_iter().map(whole).collect(),
    })
}

/// The elements and categories that a claim speaks of, for kinds that messages are read for.
fn spoken_of(claim: &Claim) -> Option<BTreeSet<ElementId>> {
    match &claim.kind {
        _ if speaks_of_all(claim) => Some(categories()),
        ClaimKind::NeverShares { elements, .. }
        | ClaimKind::AggregatesOnly { elements, .. }
        | ClaimKind::NeedsConsent { elements, .. } => Some(elements.clone()),
        _ => None,
    }
}

/// Whether a claim that messages are read for speaks of every element there is.
pub(crate) fn speaks_of_all(claim: &Claim) -> bool {
    match &claim.kind {
        ClaimKind::Shares | ClaimKind::ExemptFrom { .. } => true,
        ClaimKind::AggregatesOnly { elements, .. } | ClaimKind::NeedsConsent { elements, .. } => elements.is_empty(),
        _ => false,
    }
}

impl LookedFor {
    fn among(elements: &BTreeSet<ElementId>) -> Self {
        let spoken_of = |found: &ElementId| elements.iter().any(|element| element.covers(found));
        let mut not: Vec<NotLookedFor> = elements.iter().filter_map(not_looked_for).collect();
        not.sort_by_key(|part| part.rest);
        Self {
            elements: detectable().filter(spoken_of).collect(),
            not,
        }
    }
}

/// What of `element` nothing looks for; none when all of it is looked for.
fn not_looked_for(element: &ElementId) -> Option<NotLookedFor> {
    let is_found = |below: &ElementId| detectable().any(|found| found.covers(below));
    let all_found = is_found(element) || {
        let mut below = catalog().elements().filter(|row| element.covers(&row.id)).peekable();
        below.peek().is_some() && below.all(|row| is_found(&row.id))
    };
    (!all_found).then(|| NotLookedFor {
        element: element.clone(),
        rest: detectable().any(|found| element.covers(&found)),
    })
}

fn detectable() -> impl Iterator<Item = ElementId> {
    DETECTABLE
        .iter()
        .map(|id| ElementId::new(id).expect("every row of the table is an identifier"))
}

fn categories() -> BTreeSet<ElementId> {
    let first = |id: &ElementId| ElementId::new(id.as_str().split('.').next().unwrap_or_default());
    catalog().elements().filter_map(|row| first(&row.id).ok()).collect()
}

/// Examples of a category, whose name the catalog has.
struct Category {
    id: &'static str,
    examples: &'static str,
    /// Examples of what nothing looks for.
    rest: &'static str,
}

const fn category(id: &'static str, examples: &'static str, rest: &'static str) -> Category {
    Category { id, examples, rest }
}

const CATEGORIES: [Category; 9] = [
    category(
        "account",
        "user names, passwords, account numbers",
        "passwords, settings, log-in history, …",
    ),
    category("contact", "", "postal address, city, …"),
    category("demographic", "date of birth, gender, …", ""),
    category(
        "edu",
        "classes, grades, attendance, …",
        "classes, grades, attendance, …",
    ),
    category("guardian", "", "address, relationship, …"),
    category("identity", "names, pictures, …", "first name alone, pictures, voice, …"),
    category("identity.name", "", "first name alone, display name, …"),
    category("tech", "device, browser, network address", ""),
    category("usage", "pages, clicks", ""),
];

/// An element or category by what people call it, with examples: `school records (classes, grades, attendance, …)`.
pub fn element_label_with_examples(id: &ElementId) -> String {
    let examples = category_of(id).map_or("", |category| category.examples);
    with_examples(element_label(id), examples)
}

fn with_examples(label: String, examples: &str) -> String {
    match examples {
        "" => label,
        examples => format!("{label} ({examples})"),
    }
}

/// An element or category by what people call it, in a few words.
pub fn element_label(id: &ElementId) -> String {
    match (catalog().element(id), catalog().category(id)) {
        (Some(element), _) => element.label.clone(),
        (None, Some(category)) => category.label.clone(),
        (None, None) => format!("everything under “{id}”"),
    }
}

/// The same for a list of many, where the catalog's own words are long.
pub(crate) fn short_label(id: &ElementId) -> String {
    match id.as_str() {
        "account.id" => "account number".to_owned(),
        "edu.student_id.local" => "student number".to_owned(),
        "guardian.name" => "guardian's name".to_owned(),
        "guardian.email" => "guardian's e-mail".to_owned(),
        "guardian.phone" => "guardian's telephone".to_owned(),
        _ => element_label(id),
    }
}

impl NotLookedFor {
    /// In a few words: `messages`, or `other school records` where some of them are looked for.
    pub fn label(&self) -> String {
        match self.rest {
            true => format!("other {}", element_label(&self.element)),
            false => element_label(&self.element),
        }
    }

    /// The same with examples: `other school records (classes, grades, attendance, …)`.
    pub fn label_with_examples(&self) -> String {
        match category_of(&self.element) {
            Some(category) if self.rest => with_examples(self.label(), category.rest),
            _ => element_label_with_examples(&self.element),
        }
    }
}

fn category_of(id: &ElementId) -> Option<&'static Category> {
    CATEGORIES.iter().find(|category| category.id == id.as_str())
}

#[cfg(test)]
mod tests;
