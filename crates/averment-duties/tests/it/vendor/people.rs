//! Two fictional people who are in every third party, and a made-up one for controls.

use averment_catalog::erasure::Identifier;
use averment_duties::vendor::Identifiers;

use super::desk::Record;

/// Somebody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Somebody {
    pub(super) email: &'static str,
    pub(super) user_id: &'static str,
    pub(super) phone: &'static str,
}

pub(super) const ADA: Somebody = Somebody {
    email: "ada.o'lace+x@school.example",
    user_id: "s-100/7",
    phone: "+15550100001",
};
/// Ada too, by what she was known by before.
pub(super) const ADA_BEFORE: Somebody = Somebody {
    email: "a.king@school.example",
    user_id: "s-099",
    phone: "+15550100009",
};
pub(super) const BOB: Somebody = Somebody {
    email: "bob@school.example",
    user_id: "s-200",
    phone: "+15550100002",
};
pub(super) const CANARY: Somebody = Somebody {
    email: "canary@school.example",
    user_id: "s-canary",
    phone: "+15550100003",
};

impl Somebody {
    pub(super) fn identifiers(self) -> Identifiers {
        self.and(Identifiers::default())
    }

    /// Adds what they are known by.
    pub(super) fn and(self, known: Identifiers) -> Identifiers {
        known
            .with(Identifier::Email, self.email)
            .with(Identifier::UserId, self.user_id)
            .with(Identifier::Phone, self.phone)
    }

    pub(super) fn record(self, kind: &'static str, id: &str) -> Record {
        Record {
            kind,
            id: id.to_owned(),
            email: self.email.to_owned(),
            user_id: self.user_id.to_owned(),
            phone: self.phone.to_owned(),
            is_soft: false,
        }
    }

    /// Whether any form of what they are known by is in a text.
    pub(super) fn is_in(self, text: &str) -> bool {
        let text = text.to_lowercase();
        [
            self.email,
            "o'lace",
            "o%27lace",
            self.user_id,
            self.phone,
            &self.phone[1..],
        ]
        .iter()
        .any(|value| text.contains(&value.to_lowercase()))
    }
}
