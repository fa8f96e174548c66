//! The third parties: who they are in the catalog, how they speak, and what they keep.

mod analytics;
mod contacts;
mod desks;
mod payments;

use std::collections::BTreeMap;
use std::time::Duration;

use averment_catalog::erasure::Identifier;
use averment_catalog::{ThirdPartyId, catalog};
use averment_duties::vendor::{Access, Deletion, Order, Plan, SecretSource, VendorAccess, Wire, advance};
use jiff::{SignedDuration, Timestamp};

use super::desk::{Desk, Fault, Record};
use super::people::{ADA, BOB, CANARY, Somebody};
use super::server::{Server, Speaks};

/// A third party on this machine.
pub(super) struct Vendor {
    pub(super) id: &'static str,
    pub(super) speaks: Speaks,
    /// What it keeps of somebody; `n` makes keys differ.
    pub(super) keeps: fn(Somebody, n: u32) -> Vec<Record>,
    /// What shows who asks.
    pub(super) login: &'static str,
    pub(super) settings: &'static [(&'static str, &'static str)],
}

impl Somebody {
    pub(super) fn canary(self) -> BTreeMap<Identifier, String> {
        let all = [
            (Identifier::Email, self.email),
            (Identifier::UserId, self.user_id),
            (Identifier::Phone, self.phone),
        ];
        all.map(|(kind, value)| (kind, value.to_owned())).into()
    }
}

/// All of them.
pub(super) const VENDORS: &[Vendor] = &[analytics::MIXPANEL, contacts::HUBSPOT, desks::ZENDESK, payments::STRIPE];

impl Vendor {
    pub(super) fn open(&self, fault: Fault) -> Server {
        let mut records = (self.keeps)(ADA, 1);
        records.extend((self.keeps)(BOB, 2));
        records.extend((self.keeps)(CANARY, 3));
        let mut desk = Desk::new(self.login, records);
        desk.fault = fault;
        Server::start(desk, self.speaks)
    }

    /// Secrets are `secret-<name>`.
    pub(super) fn access(&self, url: &str, canary: Option<Somebody>) -> Access {
        let row = self.row();
        let source = |name: &String| SecretSource {
            env: Some(name.clone()),
            file: None,
        };
        let settings = self
            .settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let access = VendorAccess {
            base_url: Some(url.to_owned()),
            secrets: row.secrets.keys().map(|name| (name.clone(), source(name))).collect(),
            settings: settings.collect(),
            canary: canary.map_or_else(BTreeMap::new, Somebody::canary),
            ..VendorAccess::default()
        };
        access.open(&|name| Some(format!("secret-{name}"))).unwrap()
    }

    pub(super) fn row(&self) -> &'static averment_catalog::erasure::Erasure {
        let party = catalog().third_party(&ThirdPartyId::new(self.id).unwrap()).unwrap();
        party.erasure.as_ref().unwrap()
    }

    pub(super) fn plan(&self, who: Somebody, url: &str, canary: Option<Somebody>) -> Plan<'static> {
        let order = Order {
            recipient: format!("our-{}", self.id),
            third_party: ThirdPartyId::new(self.id).unwrap(),
            reference: "f00dfeedf00dfeed".to_owned(),
        };
        Plan::new(order, who.identifiers(), Some(self.access(url, canary)), catalog())
    }
}

pub(super) fn start() -> Timestamp {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

pub(super) fn wire() -> Wire {
    Wire::new(None, &[], Duration::from_millis(500)).unwrap()
}

/// Runs on until it is over, or until `until`; the clock goes to when it wants to be called again.
pub(super) fn run(plan: &Plan<'_>, mut deletion: Deletion, until: Timestamp) -> (Deletion, Timestamp) {
    let (mut now, mut wire) = (start(), wire());
    for _ in 0..2_000 {
        if deletion.is_over() || now > until {
            return (deletion, now);
        }
        deletion = stored(&advance(plan, deletion, &mut wire, now));
        if let Some(next) = deletion.next_at {
            now = now.max(next);
        }
    }
    panic!("does not end: {deletion:?}");
}

/// What is read back after a stop.
pub(super) fn stored(deletion: &Deletion) -> Deletion {
    serde_json::from_slice(&serde_json::to_vec(deletion).unwrap()).unwrap()
}

pub(super) fn after(days: i64) -> Timestamp {
    start().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}
