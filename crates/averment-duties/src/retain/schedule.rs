//! When a run is due by itself.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::settings::Retention;

/// When the next run is due; none when it is not done by itself. One that was missed is due at once, and once.
///
/// `last`: when the last run was; none: never, and the first is due at the next time of day.
pub fn next_run(settings: &Retention, zone: &TimeZone, last: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    let (months, days, seconds) = settings.every?.parts();
    let day = |moment: Timestamp| moment.to_zoned(zone.clone()).date();
    let at = |day: jiff::civil::Date| Some(day.to_datetime(settings.at).to_zoned(zone.clone()).ok()?.timestamp());
    let Some(last) = last else {
        let today = at(day(now))?;
        return if today >= now {
            Some(today)
        } else {
            at(day(now).tomorrow().ok()?)
        };
    };
    if months == 0 && days == 0 {
        return last
            .checked_add(jiff::SignedDuration::from_secs(seconds.max(60).into()))
            .ok();
    }
    let months = jiff::Span::new().try_months(months).ok()?;
    let next = day(last)
        .checked_add(months)
        .ok()?
        .checked_add(0.days().try_days(days).ok()?);
    at(next.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_come_at_their_time_of_day_and_missed_ones_once() {
        let zone = TimeZone::get("Europe/Helsinki").unwrap();
        let settings = Retention {
            every: "P1D".parse().ok(),
            ..Retention::default()
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let next =
            |last: Option<&str>, now: &str| next_run(&settings, &zone, last.map(at), at(now)).unwrap().to_string();
        assert_eq!(next(None, "2026-11-22T12:00:00Z"), "2026-11-23T00:30:00Z");
        assert_eq!(
            next(Some("2026-11-22T00:30:07Z"), "2026-11-22T12:00:00Z"),
            "2026-11-23T00:30:00Z"
        );
        // Nobody was there for a week: it is due, and after that one again the next night.
        assert_eq!(
            next(Some("2026-11-15T00:30:07Z"), "2026-11-22T12:00:00Z"),
            "2026-11-16T00:30:00Z"
        );
        assert_eq!(
            next(Some("2026-11-22T12:00:09Z"), "2026-11-22T12:01:00Z"),
            "2026-11-23T00:30:00Z"
        );
        // The night in which clocks are put forward has no half past three.
        let late = Retention {
            at: jiff::civil::time(3, 30, 0, 0),
            ..settings.clone()
        };
        let spring = next_run(
            &late,
            &zone,
            Some(at("2026-03-28T01:30:00Z")),
            at("2026-03-28T12:00:00Z"),
        )
        .unwrap();
        assert_eq!(spring.to_string(), "2026-03-29T01:30:00Z");
        assert_eq!(
            next_run(&Retention::default(), &zone, None, at("2026-11-22T12:00:00Z")),
            None
        );
    }
}
