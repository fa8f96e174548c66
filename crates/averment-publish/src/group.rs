//! The groups of purposes that recipients are listed under. Each recipient is in one: the first that it has a purpose of.
//!
//! The first group is what a reader is most worried about, so that nothing of it hides among the rest.

use averment_catalog::PurposeId;
use serde::Serialize;

/// A group of purposes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Family {
    pub(crate) id: &'static str,
    pub(crate) heading: &'static str,
    /// Identifiers of purposes, or their beginnings up to a dot.
    #[serde(skip)]
    purposes: &'static [&'static str],
}

const fn row(id: &'static str, heading: &'static str, purposes: &'static [&'static str]) -> Family {
    Family { id, heading, purposes }
}

/// All groups in the order in which they are shown; the last holds what has no purpose in the catalog's words.
pub(crate) const FAMILIES: [Family; 11] = [
    row(
        "for-others",
        "Selling, advertising, profiles, training of AI",
        &["sale", "marketing.targeted", "profile.", "ai."],
    ),
    row("marketing", "News and marketing by e-mail", &["marketing."]),
    row(
        "learning",
        "Teaching and learning",
        &[
            "service.instruction",
            "service.personalise",
            "service.ai_inference",
            "service.media_embed",
            "service.charts",
            "service.search",
            "service.translation",
            "edu.",
        ],
    ),
    row(
        "safety",
        "Signing in and safety",
        &[
            "service.auth",
            "service.security",
            "service.moderation",
            "legal.fraud",
            "legal.safety",
        ],
    ),
    row(
        "messages",
        "Messages and help",
        &[
            "service.support",
            "service.notify_email",
            "service.notify_sms",
            "service.realtime",
            "service.conference",
            "service.community",
        ],
    ),
    row(
        "servers",
        "Servers, storage and delivery",
        &["service.hosting", "service.backup", "service.delivery"],
    ),
    row(
        "improvement",
        "Finding errors and seeing how the service is used",
        &[
            "service.error_monitoring",
            "service.performance",
            "service.logging",
            "analytics.",
        ],
    ),
    row("research", "Research", &["research."]),
    row("office", "The platform’s own office work", &["ops."]),
    row("law", "Duties under the law", &["legal."]),
    row("other", "Other purposes", &[]),
];

/// The group that a recipient with these purposes is listed under.
pub(crate) fn family<'a>(purposes: impl IntoIterator<Item = &'a PurposeId> + Clone) -> &'static str {
    let belongs = |family: &Family| purposes.clone().into_iter().any(|purpose| family.holds(purpose));
    let found = FAMILIES.iter().find(|family| belongs(family));
    found.map_or("other", |family| family.id)
}

impl Family {
    fn holds(&self, purpose: &PurposeId) -> bool {
        let id = purpose.as_str();
        self.purposes.iter().any(|known| match known.ends_with('.') {
            true => id.starts_with(known),
            false => id == *known,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::family;
    use averment_catalog::{PurposeId, catalog};

    #[test]
    fn every_purpose_of_the_catalog_belongs_to_a_group() {
        for purpose in catalog().purposes() {
            assert_ne!(family([&purpose.id]), "other", "{}", purpose.id);
        }
    }

    #[test]
    fn what_worries_most_decides() {
        let ids = ["service.support", "ai.train"].map(|id| PurposeId::new(id).unwrap());
        assert_eq!(family(&ids), "for-others");
        assert_eq!(family(&ids[..1]), "messages");
        assert_eq!(family(&[]), "other");
    }
}
