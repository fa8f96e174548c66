use super::*;

fn period(text: &str) -> Period {
    text.parse().expect("a period")
}

#[test]
fn a_period_is_written_one_way() {
    for (text, canonical, words) in [
        ("P90D", "P90D", "90 days"),
        ("P12M", "P1Y", "1 year"),
        ("P2W", "P14D", "14 days"),
        ("PT72H", "PT72H", "72 hours"),
        ("P1Y6M", "P1Y6M", "1 year and 6 months"),
        ("P0D", "P0D", "at once"),
        ("P1DT1M", "P1DT1M", "1 day and 1 minute"),
    ] {
        assert_eq!(period(text).to_string(), canonical);
        assert_eq!(period(text).in_words(), words);
        assert_eq!(period(canonical), period(text));
    }
}

#[test]
fn what_is_not_a_period_is_refused() {
    for text in [
        "",
        "P",
        "PT",
        "90D",
        "P-1D",
        "P1.5D",
        "P1D1M",
        "P1DT",
        "p1d",
        "P99999999999D",
        "P1H",
    ] {
        assert!(text.parse::<Period>().is_err(), "{text}");
    }
}

#[test]
fn a_month_has_28_days_for_who_may_not_be_longer() {
    for (shorter, longer, holds) in [
        ("P30D", "P1M", false),
        ("P28D", "P1M", true),
        ("P1M", "P31D", true),
        ("P1M", "P30D", false),
        ("P1M", "P1M", true),
        ("P1M10D", "P1M11D", true),
        ("P6M", "P1Y", true),
        ("P0D", "P0D", true),
        ("PT72H", "P3D", true),
    ] {
        assert_eq!(
            period(shorter).is_never_longer_than(period(longer)),
            holds,
            "{shorter} {longer}"
        );
    }
}

#[test]
fn periods_are_compared_by_length() {
    assert!(period("P30D") < period("P1M"));
    assert!(period("PT72H") > period("P2D"));
    assert!(period("P1Y") < period("P366D"));
}
