//! Every row of the catalog can be made ready.

use averment_catalog::catalog;
use averment_catalog::erasure::{Identifier, Way};
use jiff::Timestamp;

use super::{Access, Hidden, Identifiers, Order, Plan, Status};

fn everything() -> Identifiers {
    let all = Identifier::ALL.into_iter();
    all.fold(Identifiers::default(), |all, kind| all.with(kind, "ada@school.example"))
}

#[test]
fn every_row_can_be_made_ready() {
    for party in catalog().third_parties() {
        let Some(row) = &party.erasure else { continue };
        let access = Access {
            secrets: row
                .secrets
                .keys()
                .map(|name| (name.clone(), Hidden::new("s")))
                .collect(),
            settings: row.settings.keys().map(|name| (name.clone(), "x".to_owned())).collect(),
            canary: everything(),
            ..Access::default()
        };
        let order = Order {
            recipient: "r".to_owned(),
            third_party: party.id.clone(),
            reference: "f".to_owned(),
        };
        let deletion = Plan::new(order, everything(), Some(access), catalog()).start(Timestamp::UNIX_EPOCH);
        let is_right = match row.way {
            Way::Api => deletion.status == Status::Planned,
            Way::ByHand => matches!(deletion.status, Status::Manual { .. }),
            Way::KeepsNothing => deletion.status == Status::NoApi,
        };
        assert!(is_right, "{}: {deletion:#?}", party.id);
    }
}
