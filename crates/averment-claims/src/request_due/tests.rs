use averment_register::{Source, compile};
use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A charter of an organisation in `country`, with schools in Portugal, Canada and the United States.
fn charter(country: &str, claims: &str) -> std::sync::Arc<Charter> {
    let mut source = Source::default();
    let country = if country.is_empty() {
        String::new()
    } else {
        format!("[about]\ncountry = \"{country}\"\n")
    };
    source.insert(
        "organisation.toml",
        format!("organisation = \"Example Platform (fictional)\"\n{country}"),
    );
    for (id, place, agreement) in [
        ("porto", "PT", ""),
        ("calgary", "CA", ""),
        ("westfield", "US", "[agreement]\nform = \"ndpa\"\ndeletion = \"P30D\"\n"),
    ] {
        let text =
            format!("controller = \"{id}\"\nname = \"{id} school (fictional)\"\ncountry = \"{place}\"\n{agreement}");
        source.insert(format!("controllers/{id}.toml"), text);
    }
    if !claims.is_empty() {
        source.insert("claims/list.toml", claims);
    }
    let compiled = compile(&source);
    let found = format!("{:#?}", compiled.diagnostics);
    std::sync::Arc::new(compiled.charter.unwrap_or_else(|| panic!("{found}")))
}

fn asked<'a>(charter: &'a Charter, kind: RequestKind, school: &str, received: &str) -> AskedFor<'a> {
    let mut schools = charter.content().controllers.values();
    AskedFor {
        kind,
        by_school: kind.is_of_a_school(),
        school: schools.find(|known| known.id.as_str() == school),
        received_on: day(received),
        confirmed: false,
        extended_on: None,
    }
}

/// `rule day applies` of each.
fn said(due: &[RequestDue]) -> Vec<String> {
    let line = |one: &RequestDue| {
        let by = one.by.map_or_else(|| "-".to_owned(), |by| by.to_string());
        format!("{} {by} {}", one.rule, one.applies.as_str())
    };
    due.iter().map(line).collect()
}

#[test]
fn the_law_follows_from_the_countries() {
    let charter = charter("CA", "");
    let of = |school: &str| {
        said(&request_due(
            &charter,
            &asked(&charter, RequestKind::Access, school, "2026-03-02"),
        ))
    };
    assert_eq!(of("porto"), ["GDPR-12-a 2026-04-02 binds"]);
    assert_eq!(of("calgary"), Vec::<String>::new());
    assert_eq!(
        of("westfield"),
        [
            "CCPA-7021-a 2026-03-16 may apply",
            "FERPA-10-a 2026-04-16 binds",
            "CCPA-7021-b 2026-04-16 may apply",
        ]
    );
}

#[test]
fn what_is_not_known_is_not_ruled_out() {
    let charter = charter("", "");
    let due = request_due(
        &charter,
        &asked(&charter, RequestKind::Access, "somewhere", "2026-03-02"),
    );
    assert_eq!(
        said(&due),
        [
            "CCPA-7021-a 2026-03-16 may apply",
            "GDPR-12-a 2026-04-02 may apply",
            "CCPA-7021-b 2026-04-16 may apply",
            "FERPA-10-a 2026-04-16 may apply",
        ]
    );
    assert_eq!(earliest(&due), Some(day("2026-03-16")));
}

#[test]
fn who_was_told_that_it_was_received_is_not_told_again() {
    let charter = charter("", "");
    let first = asked(&charter, RequestKind::Erasure, "westfield", "2026-03-02");
    let rules = |confirmed| -> Vec<String> {
        let due = request_due(&charter, &AskedFor { confirmed, ..first });
        due.iter().map(|one| format!("{} {}", one.rule, one.confirms)).collect()
    };
    assert_eq!(
        rules(false),
        ["CCPA-7021-a true", "GDPR-12-a false", "CCPA-7021-b false"]
    );
    assert_eq!(rules(true), ["GDPR-12-a false", "CCPA-7021-b false"]);
}

#[test]
fn an_organisation_in_the_union_answers_under_its_law_wherever_the_school_is() {
    let charter = charter("FI", "");
    let due = request_due(
        &charter,
        &asked(&charter, RequestKind::Rectification, "calgary", "2026-03-02"),
    );
    assert_eq!(said(&due), ["GDPR-12-a 2026-04-02 binds"]);
}

#[test]
fn a_law_that_is_said_to_be_met_binds() {
    let claim = "[[claims]]\nid = \"law\"\nkind = \"complies_with\"\nregimes = [\"ferpa\"]\n\
                 sentence = \"We comply with FERPA.\"\n";
    let charter = charter("", claim);
    let due = request_due(
        &charter,
        &asked(&charter, RequestKind::Amendment, "somewhere", "2026-03-02"),
    );
    assert_eq!(said(&due), ["FERPA-20-a - binds"]);
    assert_eq!(due[0].within, "without undue delay");
}

#[test]
fn a_school_that_asks_for_deletion_has_what_was_agreed_and_what_its_form_allows() {
    let charter = charter("US", "");
    let deletion = asked(&charter, RequestKind::SchoolDeletion, "westfield", "2026-03-02");
    let due = request_due(&charter, &deletion);
    assert_eq!(
        said(&due),
        ["agreement:westfield 2026-04-01 binds", "NDPA-IV-6 2026-05-01 binds"]
    );
    assert!(due[1].is_unconfirmed);
    let of_a_student = AskedFor {
        kind: RequestKind::Erasure,
        ..deletion
    };
    let rules: Vec<String> = said(&request_due(&charter, &of_a_student));
    assert!(
        rules.contains(&"agreement:westfield 2026-04-01 binds".to_owned()),
        "{rules:?}"
    );
}

#[test]
fn more_time_counts_where_the_law_knows_it_and_whoever_asks_was_told_in_time() {
    let charter = charter("CA", "");
    let first = asked(&charter, RequestKind::Access, "porto", "2026-01-31");
    let told = |on: &str| {
        let extended_on = Some(day(on));
        request_due(&charter, &AskedFor { extended_on, ..first })[0].clone()
    };
    assert_eq!(
        told("2026-02-28").by,
        Some(day("2026-04-30")),
        "one month and two are three"
    );
    assert!(told("2026-02-28").extended);
    assert_eq!(told("2026-03-01").by, Some(day("2026-02-28")), "a day too late");
    let of_ferpa = asked(&charter, RequestKind::Access, "westfield", "2026-01-31");
    let extended_on = Some(day("2026-02-01"));
    let due = request_due(
        &charter,
        &AskedFor {
            extended_on,
            ..of_ferpa
        },
    );
    let ferpa = due.iter().find(|one| one.rule == "FERPA-10-a").unwrap();
    assert_eq!((ferpa.by, ferpa.extended), (Some(day("2026-03-17")), false));
}

/// The days of a month, written down and not computed by the library that is judged.
fn days_in(year: i16, month: i8) -> i8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn next(day: (i16, i8, i8)) -> (i16, i8, i8) {
    match day {
        (year, month, date) if date < days_in(year, month) => (year, month, date + 1),
        (year, 12, _) => (year + 1, 1, 1),
        (year, month, _) => (year, month + 1, 1),
    }
}

fn parts(day: Date) -> (i16, i8, i8) {
    (day.year(), day.month(), day.day())
}

/// Whether a day is a Saturday or a Sunday, by counting from Saturday, 1 January 2000.
fn is_off(day: (i16, i8, i8)) -> bool {
    let (mut at, mut weekday) = ((2000, 1, 1), 0);
    while at != day {
        at = next(at);
        weekday = (weekday + 1) % 7;
    }
    weekday < 2
}

fn any_day() -> impl Strategy<Value = Date> {
    (2024_i16..=2036, 1_i8..=12, 1_i8..=31)
        .prop_map(|(year, month, date)| Date::new(year, month, date.min(days_in(year, month))).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn days_are_counted_one_by_one(from in any_day(), count in 0_u32..400) {
        let counted = (0..count).fold(parts(from), |day, _| next(day));
        prop_assert_eq!(parts(due_after(from, Period::days(count)).unwrap()), counted);
    }

    #[test]
    fn months_end_on_the_same_number_or_on_the_last_day(from in any_day(), count in 0_u32..40) {
        let (year, month, date) = parts(from);
        let months = i32::from(year) * 12 + i32::from(month) - 1 + i32::try_from(count).unwrap();
        let (year, month) = (i16::try_from(months / 12).unwrap(), i8::try_from(months % 12 + 1).unwrap());
        let counted = (year, month, date.min(days_in(year, month)));
        prop_assert_eq!(parts(due_after(from, Period::months(count)).unwrap()), counted);
    }

    #[test]
    fn business_days_are_counted_one_by_one(from in any_day(), count in 0_u32..60) {
        let (mut day, mut left) = (parts(from), count);
        while left > 0 {
            day = next(day);
            left -= u32::from(!is_off(day));
        }
        prop_assert_eq!(parts(business_days_after(from, count).unwrap()), day);
    }

    /// A request that came later is never due earlier, and more time never makes it earlier.
    #[test]
    fn later_is_never_earlier(from in any_day(), later in 0_i64..3_000, told in 0_i64..40) {
        let charter = charter("FI", "");
        let received = |day: Date| asked(&charter, RequestKind::Access, "porto", &day.to_string());
        let by = |asked: &AskedFor<'_>| earliest(&request_due(&charter, asked)).unwrap();
        let after = from.checked_add(jiff::Span::new().days(later)).unwrap();
        prop_assert!(by(&received(from)) <= by(&received(after)));
        let told_on = from.checked_add(jiff::Span::new().days(told)).unwrap();
        let extended = AskedFor { extended_on: Some(told_on), ..received(from) };
        prop_assert!(by(&received(from)) <= by(&extended));
    }
}

#[test]
fn a_time_beyond_every_calendar_is_none() {
    assert_eq!(business_days_after(day("2026-03-02"), u32::MAX), None);
    assert_eq!(due_after(day("9999-12-31"), Period::days(1)), None);
}
