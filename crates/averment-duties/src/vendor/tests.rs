//! Rows that can run, templates, what answers mean, how long to wait, and what is never printed.

mod answers;
mod logins;
mod states;
mod templates;

use averment_catalog::catalog;
use averment_catalog::erasure::{Erasure, Identifier, Way};
use jiff::Timestamp;

use super::{Access, Hidden, Identifiers, Order, Plan, Status};

fn everything() -> Identifiers {
    let all = Identifier::ALL.into_iter();
    all.fold(Identifiers::default(), |all, kind| all.with(kind, "ada@school.example"))
}

fn access(row: &Erasure) -> Access {
    Access {
        secrets: row
            .secrets
            .keys()
            .map(|name| (name.clone(), Hidden::new("s")))
            .collect(),
        settings: row
            .settings
            .keys()
            .map(|name| (name.clone(), Hidden::new("x")))
            .collect(),
        canary: everything(),
        ..Access::default()
    }
}

fn order(third_party: &str) -> Order {
    Order {
        recipient: "r".to_owned(),
        third_party: averment_catalog::ThirdPartyId::new(third_party).unwrap(),
        reference: "f".to_owned(),
    }
}

fn now() -> Timestamp {
    "2026-11-02T08:00:00Z".parse().unwrap()
}

#[test]
fn every_row_can_be_made_ready() {
    for party in catalog().third_parties() {
        let Some(row) = &party.erasure else { continue };
        let plan = Plan::new(order(party.id.as_str()), everything(), Some(access(row)), catalog());
        let deletion = plan.start(now());
        let is_right = match row.way {
            Way::Api => deletion.status == Status::Planned,
            Way::ByHand => matches!(deletion.status, Status::Manual { .. }),
            Way::KeepsNothing => deletion.status == Status::NoApi,
        };
        assert!(is_right, "{}: {deletion:#?}", party.id);
    }
}
