//! What has to be vouched for and what has to be answered, as calendars that people subscribe to.
//!
//! Source: RFC 5545, 3.1 (lines of at most 75 octets, folded), 3.3.11 (text), 3.6.1 (events), 3.8.4.7 (identifiers).

use averment_claims::{Due, Standing};
use averment_register::Digest;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Longest line in octets, without its end.
const LINE_OCTETS: usize = 75;

/// One day in a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// What it is of: the same whenever it is asked for, so that the event moves and does not multiply.
    pub(crate) name: String,
    /// Its day; today where there is none.
    pub(crate) day: Option<Date>,
    /// In a line.
    pub(crate) summary: String,
    /// More of it.
    pub(crate) description: String,
}

/// The calendar of `due` as of `now`: an event of a whole day for each. What is overdue stands on today, so that it is seen.
///
/// An owner who is an address is left out: the calendar may be served to everybody.
pub(crate) fn of(due: &[Due], organisation: &str, now: Timestamp) -> String {
    let events: Vec<Event> = due.iter().map(event_of).collect();
    calendar("attestations", &events, organisation, now)
}

/// The calendar of requests, in the same way.
pub(crate) fn of_requests(events: &[Event], organisation: &str, now: Timestamp) -> String {
    calendar("requests", events, organisation, now)
}

fn calendar(what: &str, events: &[Event], organisation: &str, now: Timestamp) -> String {
    let mut out = String::new();
    let mut line = |text: &str| fold(text, &mut out);
    for text in [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        &format!("PRODID:-//Averment//{what}//EN"),
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    ] {
        line(text);
    }
    line(&format!("X-WR-CALNAME:{}", escape(&format!("{organisation}: {what}"))));
    for one in events {
        put(one, organisation, now, &mut line);
    }
    line("END:VCALENDAR");
    out
}

fn event_of(due: &Due) -> Event {
    let word = match due.standing {
        Standing::Denied => "Said not to hold",
        Standing::Overdue => "Overdue",
        Standing::Never => "Never vouched for",
        Standing::Ahead => "Due",
    };
    let last = due.last.map_or_else(|| "never".to_owned(), |day| day.to_string());
    let description = match &due.duty {
        None => format!("no evidence duty; last {last}"),
        Some(duty) if duty.owner.contains('@') => {
            format!(
                "the owner that the register names, every {}; last {last}",
                duty.every.in_words()
            )
        }
        Some(duty) => format!("{}, every {}; last {last}", duty.owner, duty.every.in_words()),
    };
    Event {
        name: due.claim.to_string(),
        day: due.due_on,
        summary: format!("{word}: {}", due.claim),
        description,
    }
}

fn put(event: &Event, organisation: &str, now: Timestamp, line: &mut impl FnMut(&str)) {
    let today = now.to_zoned(TimeZone::UTC).date();
    let day = event.day.map_or(today, |day| day.max(today));
    let stamp = now.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%SZ").to_string();
    let uid = Digest::of(format!("{organisation}\0{}", event.name).as_bytes()).to_string();
    line("BEGIN:VEVENT");
    line(&format!("UID:{}@averment", &uid["sha256:".len()..][..32]));
    line(&format!("DTSTAMP:{stamp}"));
    line(&format!("DTSTART;VALUE=DATE:{}", day.strftime("%Y%m%d")));
    line(&format!("SUMMARY:{}", escape(&event.summary)));
    line(&format!("DESCRIPTION:{}", escape(&event.description)));
    line("TRANSP:TRANSPARENT");
    line("END:VEVENT");
}

/// RFC 5545, 3.3.11. Control characters have no place in a text.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            other if other.is_control() => {}
            other => out.push(other),
        }
    }
    out
}

/// Adds a line, folded between characters so that no part is longer than [`LINE_OCTETS`].
fn fold(text: &str, out: &mut String) {
    let mut octets = 0;
    for character in text.chars() {
        if octets + character.len_utf8() > LINE_OCTETS {
            out.push_str("\r\n ");
            octets = 1;
        }
        out.push(character);
        octets += character.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters_and_come_back() {
        let text = format!("SUMMARY:{}", "späť ".repeat(40));
        let mut out = String::new();
        fold(&text, &mut out);
        assert!(out.split("\r\n").all(|line| line.len() <= LINE_OCTETS));
        assert!(out.split("\r\n").count() > 3);
        assert_eq!(out.replace("\r\n ", ""), format!("{text}\r\n"));
    }

    #[test]
    fn marks_of_the_format_are_no_marks_in_a_text() {
        assert_eq!(escape("a,b;c\\d\ne\r"), "a\\,b\\;c\\\\d\\ne");
    }

    #[test]
    fn the_same_claim_keeps_its_identifier_and_an_address_is_left_out() {
        let due = |due_on: &str| Due {
            claim: averment_register::ClaimId::new("list/backups").unwrap(),
            duty: Some(averment_register::EvidenceDuty {
                owner: "ada@school.example".to_owned(),
                every: "P1Y".parse().unwrap(),
                document: None,
            }),
            by: Some("ada@school.example".to_owned()),
            last: None,
            due_on: Some(due_on.parse().unwrap()),
            standing: Standing::Ahead,
        };
        let at = |time: &str, day: &str| of(&[due(day)], "Example (fictional)", time.parse().unwrap());
        let (first, second) = (
            at("2026-03-01T00:00:00Z", "2026-04-01"),
            at("2026-03-02T00:00:00Z", "2026-05-01"),
        );
        let uid = |text: &str| text.lines().find(|line| line.starts_with("UID:")).map(str::to_owned);
        assert!(uid(&first).is_some());
        assert_eq!(uid(&first), uid(&second));
        assert!(first.contains("DTSTART;VALUE=DATE:20260401\r\n"), "{first}");
        assert!(!first.contains("ada@"), "{first}");
        assert!(at("2026-06-01T00:00:00Z", "2026-04-01").contains("DTSTART;VALUE=DATE:20260601\r\n"));
    }
}
