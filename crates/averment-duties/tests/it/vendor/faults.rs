//! A third party that fails is never reported as done, and the reason is in words that name nobody.

use averment_duties::vendor::{Status, report};

use super::desk::Fault;
use super::house::{VENDORS, after, run, start};
use super::people::{ADA, CANARY};

/// Runs with a fault; what the report says. Never done, nobody named.
fn says(vendor: &super::house::Vendor, fault: Fault) -> String {
    let server = vendor.open(fault);
    let plan = vendor.plan(ADA, &server.url, Some(CANARY));
    let (deletion, now) = run(&plan, plan.start(start()), after(60));
    let report = report(&plan, &deletion, now);
    assert!(
        !deletion.is_done() && !report.done,
        "{} {fault:?}: {report:#?}",
        vendor.id
    );
    let is_open = matches!(
        deletion.status,
        Status::Planned | Status::Requested | Status::Accepted | Status::Failed { .. } | Status::StillThere { .. }
    );
    assert!(is_open, "{} {fault:?}: {report:#?}", vendor.id);
    let told = format!("{report:?} {deletion:?} {plan:?}");
    assert!(
        !ADA.is_in(&told) && !CANARY.is_in(&told),
        "{} {fault:?}: {told}",
        vendor.id
    );
    assert!(!told.contains("secret-"), "{} {fault:?}: {told}", vendor.id);
    report.says
}

#[test]
fn errors_silence_and_pages_are_not_done() {
    for vendor in VENDORS {
        for (fault, words) in [
            (Fault::Broken, "answered with status 500"),
            (Fault::Silent, "no answer in time"),
            (Fault::Redirects, "redirect"),
            (Fault::LoginPage, "web page"),
            (Fault::NotFoundPage, "web page"),
            (Fault::Unauthorised, "does not accept the access"),
        ] {
            let says = says(vendor, fault);
            assert!(says.contains(words), "{} {fault:?}: {says}", vendor.id);
        }
    }
}

#[test]
fn nothing_found_by_anybody_is_not_gone() {
    for vendor in VENDORS {
        says(vendor, Fault::NotFoundJson);
    }
}

#[test]
fn accepted_and_nothing_is_not_done() {
    for vendor in VENDORS {
        says(vendor, Fault::EmptyAccepted);
    }
}

#[test]
fn limits_are_waited_for() {
    for vendor in VENDORS {
        let server = vendor.open(Fault::Limits);
        let plan = vendor.plan(ADA, &server.url, None);
        let (deletion, now) = run(&plan, plan.start(start()), after(60));
        let report = report(&plan, &deletion, now);
        assert!(
            deletion.is_done() || !vendor.row().rest_by_hand.is_empty(),
            "{}: {report:#?}",
            vendor.id
        );
    }
}

/// A record is seen, or the third party's own job is not done.
fn is_told(says: &str) -> bool {
    says.contains("still") || says.contains("its job is not done yet")
}

#[test]
fn what_takes_orders_and_does_nothing_is_still_there() {
    for vendor in VENDORS {
        let says = says(vendor, Fault::DoesNothing);
        assert!(is_told(&says), "{}: {says}", vendor.id);
    }
}

#[test]
fn half_of_it_is_still_there() {
    for vendor in VENDORS.iter().filter(|vendor| (vendor.keeps)(ADA, 1).len() > 1) {
        let says = says(vendor, Fault::DeletesHalf);
        assert!(is_told(&says), "{}: {says}", vendor.id);
    }
}
