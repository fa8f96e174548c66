use averment_register::{Source, compile};
use jiff::tz::TimeZone;

use super::*;

fn zone(name: &str) -> Zone {
    Zone {
        name: name.to_owned(),
        zone: TimeZone::get(name).unwrap(),
    }
}

/// When it was discovered, the limit, its clock and the zone; the last day or moment, and when that is over.
const CASES: [(&str, &str, Clock, &str, &str, &str); 16] = [
    (
        "2026-10-02T15:00:00Z",
        "PT72H",
        Clock::Elapsed,
        "UTC",
        "2026-10-05T15:00:00Z",
        "2026-10-05T15:00:00Z",
    ),
    (
        "2026-10-02T15:00:00Z",
        "P7D",
        Clock::Calendar,
        "UTC",
        "2026-10-09",
        "2026-10-10T00:00:00Z",
    ),
    (
        "2026-10-02T15:00:00Z",
        "P1M",
        Clock::Calendar,
        "UTC",
        "2026-11-02",
        "2026-11-03T00:00:00Z",
    ),
    (
        "2026-10-02T15:00:00Z",
        "P5D",
        Clock::Business,
        "UTC",
        "2026-10-09",
        "2026-10-10T00:00:00Z",
    ),
    // Three in the morning in London is the evening before in Chicago.
    (
        "2026-10-03T03:00:00Z",
        "P7D",
        Clock::Calendar,
        "America/Chicago",
        "2026-10-09",
        "2026-10-10T05:00:00Z",
    ),
    (
        "2026-10-03T03:00:00Z",
        "P7D",
        Clock::Calendar,
        "Europe/London",
        "2026-10-10",
        "2026-10-10T23:00:00Z",
    ),
    (
        "2026-10-03T03:00:00Z",
        "P5D",
        Clock::Business,
        "America/Chicago",
        "2026-10-09",
        "2026-10-10T05:00:00Z",
    ),
    // Clocks go back on 1 November in Chicago: the last day ends an hour later in universal time; hours pass as ever.
    (
        "2026-10-30T15:00:00Z",
        "P7D",
        Clock::Calendar,
        "America/Chicago",
        "2026-11-06",
        "2026-11-07T06:00:00Z",
    ),
    (
        "2026-10-30T15:00:00Z",
        "PT72H",
        Clock::Elapsed,
        "America/Chicago",
        "2026-11-02T15:00:00Z",
        "2026-11-02T15:00:00Z",
    ),
    // And forward on 8 March.
    (
        "2026-03-06T23:30:00Z",
        "P3D",
        Clock::Calendar,
        "America/Chicago",
        "2026-03-09",
        "2026-03-10T05:00:00Z",
    ),
    (
        "2026-03-06T23:30:00Z",
        "PT48H",
        Clock::Elapsed,
        "America/Chicago",
        "2026-03-08T23:30:00Z",
        "2026-03-08T23:30:00Z",
    ),
    // A day is the school's own, from its first moment on.
    (
        "2026-10-02",
        "P7D",
        Clock::Calendar,
        "America/Chicago",
        "2026-10-09",
        "2026-10-10T05:00:00Z",
    ),
    (
        "2026-10-02",
        "PT72H",
        Clock::Elapsed,
        "America/Chicago",
        "2026-10-05T05:00:00Z",
        "2026-10-05T05:00:00Z",
    ),
    (
        "2026-10-02",
        "P7D",
        Clock::Calendar,
        "Pacific/Kiritimati",
        "2026-10-09",
        "2026-10-09T10:00:00Z",
    ),
    // The last of January has no like in February; midnight does not exist on the day that clocks go forward in Santiago.
    (
        "2026-01-31",
        "P1M",
        Clock::Calendar,
        "America/Chicago",
        "2026-02-28",
        "2026-03-01T06:00:00Z",
    ),
    (
        "2026-08-30",
        "P6D",
        Clock::Calendar,
        "America/Santiago",
        "2026-09-05",
        "2026-09-06T04:00:00Z",
    ),
];

#[test]
fn clocks_run_by_the_hour_by_the_day_and_by_business_days_of_their_zone() {
    for (discovered, limit, clock, name, by, ends_at) in CASES {
        let end = last(DayOrMoment::parse(discovered).unwrap(), limit, clock, &zone(name)).unwrap();
        let case = format!("{discovered} {limit} {name}");
        assert_eq!(
            (end.by.as_str(), end.ends_at.to_string().as_str()),
            (by, ends_at),
            "{case}"
        );
    }
    let day = DayOrMoment::parse("2026-10-02").unwrap();
    assert_eq!(last(day, "", Clock::Elapsed, &zone("UTC")), None);
}

#[test]
fn every_notice_of_a_breach_in_the_catalog_has_a_line() {
    let zones = Zones::of_breach(None, &[]);
    let discovered = DayOrMoment::parse("2026-10-02T15:00:00Z").ok();
    let lines = due(None, "desk", &[], &zones, discovered);
    let line = |rule: &str| lines.iter().find(|line| line.rule == rule).unwrap();
    assert_eq!(line("NY-10-a").by.as_deref(), Some("2026-10-09"));
    assert_eq!(line("GDPR-33-a").by.as_deref(), Some("2026-10-05T15:00:00Z"));
    assert_eq!(
        (line("GDPR-34-a").by.as_deref(), line("GDPR-34-a").told.as_str()),
        (None, "those affected")
    );
    assert!(line("NDPA-V-4").is_unconfirmed);
    assert!(zones.notes[0].contains("universal time"), "{:?}", zones.notes);
}

#[test]
fn a_schools_zone_goes_before_that_of_the_ledger_and_the_earliest_end_counts() {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example School Platform\"\n");
    for (id, zone) in [
        ("alder", "zone = \"America/Chicago\"\n"),
        ("birch", ""),
        ("cedar", "zone = \"Mars/Olympus\"\n"),
    ] {
        let text = format!(
            "controller = \"{id}\"\nname = \"{id}\"\n{zone}[agreement]\nform = \"ndpa\"\nbreach_notice = \"P3D\"\n"
        );
        source.insert(format!("controllers/{id}.toml"), text);
    }
    let compiled = compile(&source);
    let charter = compiled
        .charter
        .unwrap_or_else(|| unreachable!("{:?}", compiled.diagnostics));
    let schools: Vec<&Controller> = charter.content().controllers.values().collect();
    let house = TimeZone::get("Europe/Berlin").unwrap();
    let zones = Zones::of_breach(Some(&house), &schools);
    assert!(
        zones.notes.len() == 1 && zones.notes[0].contains("Mars/Olympus"),
        "{:?}",
        zones.notes
    );
    let lines = due(
        Some(&charter),
        "desk",
        &schools,
        &zones,
        DayOrMoment::parse("2026-10-02T23:30:00Z").ok(),
    );
    let line = |rule: &str| {
        let line = lines.iter().find(|line| line.rule == rule).unwrap();
        (
            line.by.clone().unwrap_or_default(),
            line.zone.clone().unwrap_or_default(),
        )
    };
    let of = |by: &str, zone: &str| (by.to_owned(), zone.to_owned());
    // It is the third already in Berlin, and still the second in Chicago.
    assert_eq!(line("agreement with `alder`"), of("2026-10-05", "America/Chicago"));
    assert_eq!(line("agreement with `birch`"), of("2026-10-06", "Europe/Berlin"));
    assert_eq!(line("agreement with `cedar`"), of("2026-10-06", "Europe/Berlin"));
    assert_eq!(line("NY-10-a"), of("2026-10-09", "America/Chicago"));
}
