use super::*;

#[test]
fn the_last_day_of_a_request_is_in_time() {
    let month: Period = "P1M".parse().unwrap();
    let since = Since::read("2026-01-30").unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(!since.is_over(&month, at("2026-02-28T23:59:59Z")));
    assert!(since.is_over(&month, at("2026-03-01T01:00:01Z")));
}

#[test]
fn a_moment_has_an_hour_for_what_is_at_once() {
    let since = Since::read("2026-01-30T08:00:00Z").unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(!since.is_over(&Period::ZERO, at("2026-01-30T09:00:00Z")));
    assert!(since.is_over(&Period::ZERO, at("2026-01-30T09:00:01Z")));
}

#[test]
fn what_is_written_is_read_again() {
    for text in ["2026-01-05", "2026-01-05T08:00:00Z"] {
        assert_eq!(Since::read(text).unwrap().to_string(), text);
    }
    assert_eq!(Since::read("yesterday"), None);
}
