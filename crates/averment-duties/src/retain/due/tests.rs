use averment_register::Period;
use jiff::Timestamp;
use jiff::civil::{date, datetime};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn period(text: &str) -> Period {
    text.parse().unwrap()
}

#[test]
fn a_period_of_days_ends_with_its_last_day() {
    let helsinki = zone("Europe/Helsinki");
    let logged: Timestamp = "2026-08-01T10:00:00Z".parse().unwrap();
    // Ninety days after 1 August are over with 30 October, which ends at midnight in winter time or summer time alike.
    let due = due(period("P90D"), Happened::At(logged), &helsinki).unwrap();
    assert_eq!(due.to_string(), "2026-10-30T22:00:00Z");
    for (now, is_due) in [("2026-10-30T21:59:59Z", false), ("2026-10-30T22:00:00Z", true)] {
        let cut = Cut::of(period("P90D"), now.parse().unwrap(), &helsinki).unwrap();
        assert_eq!(cut.is_after(Happened::At(logged)), is_due, "{now}");
    }
}

#[test]
fn a_month_that_lacks_the_day_ends_with_its_last() {
    let last = |day: Date, length: &str| {
        due(period(length), Happened::On(day), &TimeZone::UTC)
            .unwrap()
            .to_string()
    };
    assert_eq!(last(date(2026, 1, 31), "P1M"), "2026-03-01T00:00:00Z");
    assert_eq!(last(date(2024, 1, 30), "P1M"), "2024-03-01T00:00:00Z");
    assert_eq!(last(date(2024, 2, 29), "P1Y"), "2025-03-01T00:00:00Z");
    assert_eq!(last(date(2023, 2, 28), "P1Y"), "2024-02-29T00:00:00Z");
}

#[test]
fn none_at_all_is_to_the_second() {
    let now: Timestamp = "2026-11-01T10:00:00.9Z".parse().unwrap();
    let cut = Cut::of(Period::ZERO, now, &TimeZone::UTC).unwrap();
    assert!(cut.is_after(Happened::At("2026-11-01T09:59:59Z".parse().unwrap())));
    assert!(!cut.is_after(Happened::At("2026-11-01T10:00:00.5Z".parse().unwrap())));
    assert!(!cut.is_after(Happened::On(date(2026, 11, 1))), "the day is not over");
}

#[test]
fn the_hour_that_comes_twice_is_waited_for() {
    let berlin = zone("Europe/Berlin");
    // 02:30 of the first time; a row of 02:15 may be of the second time, which is to come.
    let now: Timestamp = "2026-10-25T00:30:00Z".parse().unwrap();
    let cut = Cut::of(Period::ZERO, now, &berlin).unwrap();
    assert!(!cut.is_after(Happened::Local(datetime(2026, 10, 25, 2, 15, 0, 0))));
    assert!(cut.is_after(Happened::Local(datetime(2026, 10, 25, 1, 29, 0, 0))));
    let now: Timestamp = "2026-10-25T01:30:00Z".parse().unwrap();
    let cut = Cut::of(Period::ZERO, now, &berlin).unwrap();
    assert!(cut.is_after(Happened::Local(datetime(2026, 10, 25, 2, 15, 0, 0))));
}

const ZONES: [&str; 5] = [
    "UTC",
    "Europe/Helsinki",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
];

fn any_happened() -> impl Strategy<Value = (i64, u8)> {
    // 1990 to 2060.
    (631_152_000_i64..2_840_140_800, 0_u8..3)
}

fn happened(second: i64, kind: u8, zone: &TimeZone) -> Happened {
    let instant = Timestamp::from_second(second).unwrap();
    let local = instant.to_zoned(zone.clone()).datetime();
    match kind {
        0 => Happened::At(instant),
        1 => Happened::Local(local),
        _ => Happened::On(local.date()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Nothing goes early, and nothing is missed but for the hours around a clock change.
    #[test]
    fn cut_and_due_agree(
        (second, kind) in any_happened(), ahead in -100_000_i64..400_000_000,
        months in 0_u32..30, days in 0_u32..400, hours in prop_oneof![Just(0_u32), 0_u32..100], zone_at in 0_usize..5,
    ) {
        let zone = zone(ZONES[zone_at]);
        let length = period(&format!("P{months}M{days}DT{hours}H"));
        let happened = happened(second, kind, &zone);
        let now = Timestamp::from_second(second + ahead).unwrap();
        let due = due(length, happened, &zone).unwrap();
        let is_due = Cut::of(length, now, &zone).unwrap().is_after(happened);
        if is_due {
            prop_assert!(due <= now, "early: due {due}, now {now}");
        } else {
            let slack = if is_of_days(length) { 0 } else { 2 * 3_600 };
            prop_assert!(now.as_second() <= due.as_second() + slack - i64::from(is_of_days(length)), "missed: due {due}, now {now}");
        }
    }

    /// Near the moment at which it is due.
    #[test]
    fn cut_and_due_agree_at_the_edge(
        (second, kind) in any_happened(), off in -3_i64..4, months in 0_u32..30, days in 0_u32..40, zone_at in 0_usize..5,
    ) {
        prop_assume!(months + days > 0);
        let zone = zone(ZONES[zone_at]);
        let length = period(&format!("P{months}M{days}D"));
        let happened = happened(second, kind, &zone);
        let due = due(length, happened, &zone).unwrap();
        let now = Timestamp::from_second(due.as_second() + off).unwrap();
        let is_due = Cut::of(length, now, &zone).unwrap().is_after(happened);
        prop_assert_eq!(is_due, off >= 0);
    }
}
