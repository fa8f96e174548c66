//! When a period is over: of one moment, and of all moments before a cut.
//!
//! Start at [`Cut::of`]. A period of days, months or years is over when its last day is; the day of the trigger does not
//! count, and where a month lacks the day its last day is meant. A period of hours, and none at all, is over to the second.
//!
//! Source: Regulation (EEC, Euratom) No 1182/71 Art. 3(1) and 3(2); ISO 8601-1:2019, 5.5.2 (durations).

use averment_register::Period;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan as _};

/// When something happened, as exactly as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// With a zone.
    At(Timestamp),
    /// Without a zone.
    Local(DateTime),
    /// On a day.
    On(Date),
}

/// What happened before it is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// For times with a zone, to the second.
    pub instant: Timestamp,
    /// For times without one, and for days: those before its date.
    pub local: DateTime,
}

impl Cut {
    /// Where a period that is over `now` begins at the latest; none when that lies before all calendars.
    ///
    /// Nothing before the cut is due later than `now`; everything that is due is before it, but for the hour that clocks are
    /// put back by.
    pub fn of(period: Period, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        if is_of_days(period) {
            return Self::at_day(latest_day(period, now.to_zoned(zone.clone()).date())?, zone);
        }
        let (months, days, seconds) = period.parts();
        let now = Timestamp::from_second(now.as_second()).ok()?;
        let instant = now.checked_sub(SignedDuration::from_secs(seconds.into())).ok()?;
        let local = not_to_come_again(instant, zone).checked_sub(try_days(days)?).ok()?;
        let (local, moved) = (months_before(local, months)?, months > 0 || days > 0);
        let of_local = zone.to_ambiguous_timestamp(local).earlier().ok()?;
        Some(Self {
            instant: if moved { of_local } else { instant },
            local,
        })
    }

    fn at_day(last: Date, zone: &TimeZone) -> Option<Self> {
        let first_not_due = last.tomorrow().ok()?;
        Some(Self {
            instant: start(first_not_due, zone)?,
            local: first_not_due.to_datetime(Time::midnight()),
        })
    }

    /// Whether what happened then is due.
    pub fn is_after(&self, happened: Happened) -> bool {
        match happened {
            Happened::At(instant) => instant < self.instant,
            Happened::Local(local) => local < self.local,
            Happened::On(day) => day < self.local.date(),
        }
    }
}

/// When the period of what happened then is over; none when that lies after all calendars.
pub fn due(period: Period, happened: Happened, zone: &TimeZone) -> Option<Timestamp> {
    let (months, days, seconds) = period.parts();
    if is_of_days(period) {
        let day = match happened {
            Happened::At(instant) => instant.to_zoned(zone.clone()).date(),
            Happened::Local(local) => local.date(),
            Happened::On(day) => day,
        };
        let last = day.checked_add(try_months(months)?).ok()?.checked_add(try_days(days)?);
        return start(last.ok()?.tomorrow().ok()?, zone);
    }
    let instant = match happened {
        Happened::At(instant) if months == 0 && days == 0 => instant,
        Happened::At(instant) => later(instant.to_zoned(zone.clone()).datetime(), months, days, zone)?,
        Happened::Local(local) => later(local, months, days, zone)?,
        Happened::On(day) => later(day.tomorrow().ok()?.to_datetime(Time::midnight()), months, days, zone)?,
    };
    instant.checked_add(SignedDuration::from_secs(seconds.into())).ok()
}

fn is_of_days(period: Period) -> bool {
    let (months, days, seconds) = period.parts();
    seconds == 0 && (months > 0 || days > 0)
}

/// The last day whose period is over before `today`.
fn latest_day(period: Period, today: Date) -> Option<Date> {
    let (months, days, _) = period.parts();
    let end = today.yesterday().ok()?.checked_sub(try_days(days)?).ok()?;
    if months == 0 {
        return Some(end);
    }
    let last_of_month = end.last_of_month();
    let first = end.first_of_month().checked_sub(try_months(months)?).ok()?;
    if end == last_of_month {
        return Some(first.last_of_month());
    }
    // A day that the earlier month lacks: all of that month is due.
    let day = end.day().min(first.days_in_month());
    first.with().day(day).build().ok()
}

/// The same moment months before; where that month lacks the day, the end of that month.
fn months_before(local: DateTime, months: u32) -> Option<DateTime> {
    if months == 0 {
        return Some(local);
    }
    let first = local.date().first_of_month().checked_sub(try_months(months)?).ok()?;
    if local.day() > first.days_in_month() {
        return Some(first.last_of_month().tomorrow().ok()?.to_datetime(Time::midnight()));
    }
    Some(first.with().day(local.day()).build().ok()?.to_datetime(local.time()))
}

/// The later one of the moments that a local time may mean, months and days on.
fn later(local: DateTime, months: u32, days: u32, zone: &TimeZone) -> Option<Timestamp> {
    let there = local.checked_add(try_months(months)?).ok()?;
    // Where the month lacks the day, its last day has to be over.
    let there = match there.day() == local.day() {
        true => there,
        false => there.date().tomorrow().ok()?.to_datetime(Time::midnight()),
    };
    let there = there.checked_add(try_days(days)?).ok()?;
    zone.to_ambiguous_timestamp(there).later().ok()
}

/// The local time of a moment; in the hour that comes twice, and is there for the first time, its beginning: a stored time in
/// it may be of the second.
fn not_to_come_again(instant: Timestamp, zone: &TimeZone) -> DateTime {
    let local = instant.to_zoned(zone.clone()).datetime();
    let twice = zone.to_ambiguous_timestamp(local);
    if !twice.is_ambiguous() {
        return local;
    }
    let (Ok(earlier), Ok(later)) = (twice.earlier(), twice.later()) else {
        return local;
    };
    if earlier == instant && later > instant {
        return local.saturating_sub(later.duration_since(earlier));
    }
    local
}

fn start(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    Some(day.to_zoned(zone.clone()).ok()?.timestamp())
}

fn try_months(months: u32) -> Option<Span> {
    Span::new().try_months(months).ok()
}

fn try_days(days: u32) -> Option<Span> {
    0.days().try_days(days).ok()
}

#[cfg(test)]
mod tests;
