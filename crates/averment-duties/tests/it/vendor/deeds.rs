//! A healthy third party: who was there is gone and confirmed, whoever else was there stays, whenever it is killed.

use averment_catalog::erasure::Way;
use averment_duties::vendor::{Deletion, Wire, advance, report};
use jiff::Timestamp;

use super::desk::Fault;
use super::house::{LONG, VENDORS, Vendor, after, run, start, stored, wire};
use super::people::{ADA, ADA_BEFORE, BOB, CANARY};

#[test]
fn who_was_there_is_gone_and_confirmed_and_nobody_else() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        let server = vendor.open(Fault::Healthy);
        let plan = vendor.plan(ADA, &server.url, Some(CANARY));
        let (deletion, now) = run(&plan, plan.start(start()), after(60), &mut wire);
        let report = report(&plan, &deletion, now);
        assert!(vendor.is_through(&deletion), "{}: {report:#?}", vendor.id);
        assert!(deletion.deletions > 0, "{}: {report:#?}", vendor.id);
        assert!(deletion.controls > 1 || !vendor.looks(), "{}: {report:#?}", vendor.id);
        let desk = server.desk();
        let left = |email: &str| desk.records.iter().filter(|record| record.email == email).count();
        assert_eq!(left(ADA.email), 0, "{}: {:#?}", vendor.id, desk.log);
        let (theirs, had) = (left(BOB.email), (vendor.keeps)(BOB, 2).len());
        assert_eq!(theirs, had, "{}: {:#?}", vendor.id, desk.log);
        assert!(
            desk.records
                .iter()
                .all(|record| record.email == ADA.email || !record.is_soft || record.kind == "contact")
        );
    }
}

#[test]
fn whoever_is_known_by_two_addresses_is_gone_under_both() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        let server = vendor.open(Fault::Healthy);
        server.desk().records.extend((vendor.keeps)(ADA_BEFORE, 4));
        let plan = vendor.plan_for(ADA_BEFORE.and(ADA.identifiers()), &server.url, Some(CANARY));
        let (deletion, now) = run(&plan, plan.start(start()), after(60), &mut wire);
        assert!(
            vendor.is_through(&deletion),
            "{}: {:#?}",
            vendor.id,
            report(&plan, &deletion, now)
        );
        let desk = server.desk();
        let is_hers = |email: &str| [ADA.email, ADA_BEFORE.email].contains(&email);
        assert!(
            !desk.records.iter().any(|record| is_hers(&record.email)),
            "{}: {:#?}",
            vendor.id,
            desk.log
        );
        assert!(
            desk.records.iter().any(|record| record.email == BOB.email),
            "{}",
            vendor.id
        );
    }
}

#[test]
fn what_is_kept_in_between_names_nobody_and_at_the_end_no_record_either() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        let server = vendor.open(Fault::Healthy);
        let plan = vendor.plan(ADA, &server.url, Some(CANARY));
        let (mut deletion, mut now) = (plan.start(start()), start());
        while !deletion.is_over() {
            deletion = advance(&plan, deletion, &mut wire, now);
            now = deletion.next_at.map_or(now, |next| next.max(now));
            let kept = serde_json::to_string(&deletion).unwrap();
            assert!(!ADA.is_in(&kept) && !CANARY.is_in(&kept), "{}: {kept}", vendor.id);
        }
        let kept = serde_json::to_string(&deletion).unwrap();
        let keeps_keys = (vendor.keeps)(ADA, 1)
            .iter()
            .any(|record| kept.contains(&format!("\"{}\"", record.id)));
        assert!(!keeps_keys, "{}: {kept}", vendor.id);
    }
}

#[test]
fn who_was_never_there_is_confirmed_as_not_found() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        let server = vendor.open(Fault::Healthy);
        server.desk().records.retain(|record| record.email != ADA.email);
        let plan = vendor.plan(ADA, &server.url, Some(CANARY));
        let (deletion, now) = run(&plan, plan.start(start()), after(60), &mut wire);
        let report = report(&plan, &deletion, now);
        assert!(vendor.is_through(&deletion), "{}: {report:#?}", vendor.id);
        assert_eq!(report.records, 0, "{}", vendor.id);
    }
}

/// Does `count` steps, then forgets what the last one brought, as a kill before the state is written does.
fn killed_at(vendor: &Vendor, count: usize, wire: &mut Wire) -> Option<Deletion> {
    let server = vendor.open(Fault::Healthy);
    let plan = vendor.plan(ADA, &server.url, None);
    let mut now = start();
    let mut kept = plan.start(now);
    let one = |deletion: &Deletion, now: &mut Timestamp, wire: &mut Wire| {
        *now = deletion.next_at.map_or(*now, |next| next.max(*now));
        stored(&advance(&plan, deletion.clone(), wire, *now))
    };
    for _ in 0..count {
        kept = one(&kept, &mut now, wire);
    }
    if kept.is_over() {
        return None;
    }
    let _ = one(&kept, &mut now, wire);
    let again = vendor.plan(ADA, &server.url, None);
    let (deletion, _) = run(&again, kept, after(60), wire);
    assert!(
        server.desk().records.iter().all(|record| record.email != ADA.email),
        "{} {count}",
        vendor.id
    );
    Some(deletion)
}

#[test]
fn killed_between_any_two_steps_it_goes_on() {
    let mut wire = wire(LONG);
    for vendor in VENDORS {
        for count in 0.. {
            let Some(deletion) = killed_at(vendor, count, &mut wire) else {
                break;
            };
            assert!(
                vendor.is_through(&deletion),
                "{} killed after {count}: {deletion:#?}",
                vendor.id
            );
        }
    }
}

#[test]
fn every_row_with_requests_has_a_server_here() {
    let is_api = |party: &&averment_catalog::ThirdParty| party.erasure.as_ref().is_some_and(|row| row.way == Way::Api);
    let rows = averment_catalog::catalog().third_parties().filter(is_api);
    let rows: Vec<&str> = rows.map(|party| party.id.as_str()).collect();
    let mut here: Vec<&str> = VENDORS.iter().map(|vendor| vendor.id).collect();
    here.sort_unstable();
    assert_eq!(rows, here);
}
