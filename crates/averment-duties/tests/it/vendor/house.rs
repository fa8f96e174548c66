//! The third parties: who they are in the catalog, how they speak, and what they keep.

mod accounts;
mod analytics;
mod calls;
mod contacts;
mod desks;
mod payments;

use std::collections::BTreeMap;
use std::time::Duration;

use averment_catalog::erasure::{Does, Identifier, LooksAt};
use averment_catalog::{ThirdPartyId, catalog};
use averment_duties::Secret;
use averment_duties::vendor::{
    Access, Deletion, Hidden, Identifiers, Order, Plan, Status, VendorAccess, Wire, advance,
};
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
    pub(super) fn canary(self) -> BTreeMap<Identifier, Hidden> {
        let all = [
            (Identifier::Email, self.email),
            (Identifier::UserId, self.user_id),
            (Identifier::Phone, self.phone),
        ];
        all.map(|(kind, value)| (kind, Hidden::new(value))).into()
    }
}

/// All of them.
pub(super) const VENDORS: &[Vendor] = &[
    accounts::AIRTABLE,
    accounts::AUTH0,
    accounts::CLERK,
    accounts::DUO,
    accounts::OKTA,
    accounts::SLACK,
    analytics::AMPLITUDE,
    analytics::GOOGLE_ANALYTICS,
    analytics::MIXPANEL,
    analytics::POSTHOG,
    analytics::SEGMENT,
    analytics::STATSIG,
    calls::TWILIO,
    contacts::BRAZE,
    contacts::CUSTOMER_IO,
    contacts::HUBSPOT,
    contacts::INTERCOM,
    contacts::KLAVIYO,
    contacts::MAILCHIMP,
    contacts::MAILGUN,
    contacts::SENDGRID,
    desks::FRESHDESK,
    desks::ZENDESK,
    payments::STRIPE,
];

impl Vendor {
    pub(super) fn open(&self, fault: Fault) -> Server {
        let mut records = (self.keeps)(ADA, 1);
        records.extend((self.keeps)(BOB, 2));
        records.extend((self.keeps)(CANARY, 3));
        let mut desk = Desk::new(self.login, records);
        desk.fault = fault;
        Server::start(desk, self.speaks)
    }

    /// Whether it is done as far as requests can: some leave a rest to be done by hand, some offer no look.
    pub(super) fn is_through(&self, deletion: &Deletion) -> bool {
        let has_confirm = self.row().steps.iter().any(|step| step.does == Does::Confirm);
        match deletion.status {
            Status::Manual { .. } => !self.row().rest_by_hand.is_empty(),
            Status::Accepted => !has_confirm && deletion.is_over(),
            _ => has_confirm && deletion.is_done(),
        }
    }

    /// Whether records are looked at, not only the third party's own job.
    pub(super) fn looks(&self) -> bool {
        self.row()
            .steps
            .iter()
            .any(|step| step.does == Does::Confirm && step.looks_at == LooksAt::Record)
    }

    /// Secrets are `secret-<name>`.
    pub(super) fn access(&self, url: &str, canary: Option<Somebody>) -> Access {
        let row = self.row();
        let source = |name: &String| Secret {
            env: Some(name.clone()),
            file: None,
        };
        let settings = self
            .settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Hidden::new(*value)));
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
        self.plan_for(who.identifiers(), url, canary)
    }

    pub(super) fn plan_for(&self, who: Identifiers, url: &str, canary: Option<Somebody>) -> Plan<'static> {
        let order = Order {
            recipient: format!("our-{}", self.id),
            third_party: ThirdPartyId::new(self.id).unwrap(),
            reference: "f00dfeedf00dfeed".to_owned(),
        };
        Plan::new(order, who, Some(self.access(url, canary)), catalog())
    }
}

pub(super) fn start() -> Timestamp {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

/// `within`: only what never answers runs out of it.
pub(super) fn wire(within: Duration) -> Wire {
    Wire::new(None, &[], within).unwrap()
}

/// More than any answer on this machine takes.
pub(super) const LONG: Duration = Duration::from_secs(60);

/// Runs on until it is over, or until `until`; the clock goes to when it wants to be called again.
pub(super) fn run(plan: &Plan<'_>, mut deletion: Deletion, until: Timestamp, wire: &mut Wire) -> (Deletion, Timestamp) {
    let mut now = deletion.next_at.map_or_else(start, |next| next.max(start()));
    for _ in 0..2_000 {
        if deletion.is_over() || now > until {
            return (deletion, now);
        }
        deletion = stored(&advance(plan, deletion, wire, now));
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
