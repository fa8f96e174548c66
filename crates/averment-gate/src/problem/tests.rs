use std::collections::BTreeSet;

use super::{Fault, Kind, Retry};

#[test]
fn every_problem_has_a_name_of_its_own_and_a_fitting_status() {
    let slugs: BTreeSet<&str> = Kind::ALL.iter().map(|kind| kind.row().slug).collect();
    assert_eq!(slugs.len(), Kind::ALL.len());
    for kind in Kind::ALL {
        let row = kind.row();
        let (client, server) = (row.status.is_client_error(), row.status.is_server_error());
        assert!(client || server, "{}", row.slug);
        // Nothing that may have been sent is called safe, and only a recipient can leave that open.
        assert!(
            row.retry != Retry::Unsafe || row.fault == Fault::Recipient,
            "{}",
            row.slug
        );
        assert!(!client || row.fault == Fault::Caller, "{}", row.slug);
    }
}
