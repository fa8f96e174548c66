//! A third party that fails is never reported as done, and the reason is in words that name nobody.

use std::time::Duration;

use averment_duties::vendor::{Status, Wire, report};

use super::desk::Fault;
use super::house::{LONG, VENDORS, Vendor, after, run, start, wire};
use super::people::{ADA, CANARY, Somebody};

/// Runs with a fault; what the report says. Never done, nobody named.
fn says(vendor: &Vendor, fault: Fault, wire: &mut Wire) -> String {
    says_with(vendor, fault, wire, Some(CANARY))
}

fn says_with(vendor: &Vendor, fault: Fault, wire: &mut Wire, canary: Option<Somebody>) -> String {
    let server = vendor.open(fault);
    let plan = vendor.plan(ADA, &server.url, canary);
    let (deletion, now) = run(&plan, plan.start(start()), after(90), wire);
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
    // Addresses of staff in settings are nobody's to read either.
    assert!(
        !told.contains("secret-") && !told.contains("@school.example"),
        "{} {fault:?}: {told}",
        vendor.id
    );
    report.says
}

#[test]
fn errors_silence_and_pages_are_not_done() {
    let (mut patient, mut brief) = (wire(LONG), wire(Duration::from_millis(30)));
    for vendor in VENDORS {
        for (fault, words) in [
            (Fault::Broken, "answered with status 500"),
            (Fault::Silent, "no answer in time"),
            (Fault::Redirects, "redirect"),
            (Fault::LoginPage, "web page"),
            (Fault::NotFoundPage, "web page"),
            (Fault::Unauthorised, "does not accept the access"),
        ] {
            let wire = if fault == Fault::Silent {
                &mut brief
            } else {
                &mut patient
            };
            let says = says(vendor, fault, wire);
            assert!(says.contains(words), "{} {fault:?}: {says}", vendor.id);
        }
    }
}

#[test]
fn nothing_found_by_anybody_is_not_gone() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        says(vendor, Fault::NotFoundJson, &mut wire);
        says_with(vendor, Fault::NotFoundJson, &mut wire, None);
    }
}

#[test]
fn looks_that_do_not_find_the_canary_are_not_believed() {
    let mut wire = wire(LONG);
    for vendor in VENDORS.iter().filter(|vendor| vendor.looks()) {
        let says = says(vendor, Fault::Blind, &mut wire);
        assert!(says.contains("what must be found is not"), "{}: {says}", vendor.id);
    }
}

#[test]
fn accepted_and_nothing_is_not_done() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        says(vendor, Fault::EmptyAccepted, &mut wire);
    }
}

#[test]
fn limits_are_waited_for() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        let server = vendor.open(Fault::Limits);
        let plan = vendor.plan(ADA, &server.url, None);
        let (deletion, now) = run(&plan, plan.start(start()), after(60), &mut wire);
        let report = report(&plan, &deletion, now);
        assert!(vendor.is_through(&deletion), "{}: {report:#?}", vendor.id);
    }
}

/// A record is seen, the third party's own job is not done, or nothing can be looked at.
fn is_told(says: &str) -> bool {
    ["still", "its job is not done yet", "offers no look"]
        .iter()
        .any(|words| says.contains(words))
}

#[test]
fn what_takes_orders_and_does_nothing_is_still_there() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        let says = says(vendor, Fault::DoesNothing, &mut wire);
        assert!(is_told(&says), "{}: {says}", vendor.id);
    }
}

#[test]
fn half_of_it_is_still_there() {
    let mut wire = wire(LONG);
    for vendor in VENDORS.iter().filter(|vendor| (vendor.keeps)(ADA, 1).len() > 1) {
        let says = says(vendor, Fault::DeletesHalf, &mut wire);
        assert!(is_told(&says), "{}: {says}", vendor.id);
    }
}
