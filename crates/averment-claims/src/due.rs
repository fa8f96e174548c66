//! What has to be shown next: for every claim with an evidence duty the day by which somebody has to vouch for it again.
//!
//! Start at [`Attested`]: push ledger entries into it and ask it for what is [`Due`].

use std::collections::BTreeMap;

use averment_ledger::{Attestation, Deed, Entry};
use averment_register::{Charter, ClaimId, EvidenceDuty, Period};
use jiff::Span;
use jiff::civil::Date;

/// The attestations in a ledger, by claim.
#[derive(Debug, Clone, Default)]
pub struct Attested {
    /// By number of the entry, so that a correction can take one out.
    entries: BTreeMap<u64, Attestation>,
}

/// How a duty stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Its day has passed.
    Overdue,
    /// Nobody ever vouched for the claim.
    Never,
    /// Its day is today or comes.
    Ahead,
}

impl Standing {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Never => "never",
            Self::Ahead => "ahead",
        }
    }
}

/// One duty and its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The claim.
    pub claim: ClaimId,
    /// What it demands, of whom and how often.
    pub duty: EvidenceDuty,
    /// The day of the newest attestation.
    pub last: Option<Date>,
    /// By when the next has to be there; none where there never was one.
    pub due_on: Option<Date>,
    /// How it stands.
    pub standing: Standing,
}

impl Attested {
    /// Takes the entry with number `index`.
    pub fn push(&mut self, entry: &Entry, index: u64) {
        match &entry.deed {
            Deed::Attestation(attestation) => _ = self.entries.insert(index, attestation.clone()),
            Deed::Correction(correction) if correction.void => _ = self.entries.remove(&correction.entry),
            _ => {}
        }
    }

    /// Every duty of the charter as it stands on `today`: what is overdue first, then what nobody ever vouched for, then by
    /// day.
    pub fn due(&self, charter: &Charter, today: Date) -> Vec<Due> {
        let claims = charter.content().claims.values();
        let duties = claims.filter_map(|claim| Some((&claim.id, claim.evidence.as_ref()?)));
        let mut due: Vec<Due> = duties.map(|(claim, duty)| self.of_claim(claim, duty, today)).collect();
        due.sort_by(|a, b| (a.standing, a.due_on, &a.claim).cmp(&(b.standing, b.due_on, &b.claim)));
        due
    }

    fn of_claim(&self, claim: &ClaimId, duty: &EvidenceDuty, today: Date) -> Due {
        let of_claim = self.entries.values().filter(|seen| seen.claim == claim.as_str());
        let days = of_claim.filter_map(|seen| {
            let performed: Date = seen.performed_on.parse().ok()?;
            let until = seen.valid_until.as_ref().and_then(|day| day.parse().ok());
            let by_duty = due_after(performed, duty.every)?;
            // Whoever vouches until later than the duty allows has to come again when the duty says.
            Some((until.map_or(by_duty, |until: Date| until.min(by_duty)), performed))
        });
        let newest = days.max();
        let standing = match newest {
            None => Standing::Never,
            Some((due_on, _)) if due_on < today => Standing::Overdue,
            Some(_) => Standing::Ahead,
        };
        Due {
            claim: claim.clone(),
            duty: duty.clone(),
            last: newest.map(|(_, performed)| performed),
            due_on: newest.map(|(due_on, _)| due_on),
            standing,
        }
    }
}

/// The day by which something that was done on `day` has to be done again; a part of a day counts as one. None beyond what
/// a calendar holds.
pub fn due_after(day: Date, every: Period) -> Option<Date> {
    let (months, days, seconds) = every.parts();
    let span = Span::new().try_months(months).ok()?;
    let days = i64::from(days) + i64::from(seconds.div_ceil(86_400));
    day.checked_add(span.try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_due_so_long_after() {
        let after = |text: &str, every: &str| due_after(day(text), every.parse().unwrap()).unwrap();
        assert_eq!(after("2026-01-31", "P1M"), day("2026-02-28"));
        assert_eq!(after("2026-01-31", "P1Y"), day("2027-01-31"));
        assert_eq!(after("2026-01-31", "PT12H"), day("2026-02-01"));
        assert_eq!(due_after(day("2026-01-31"), "P4000000000D".parse().unwrap()), None);
    }

    fn attestation(claim: &str, on: &str, until: Option<&str>) -> Entry {
        let deed = Deed::Attestation(Attestation {
            id: "0".repeat(32),
            claim: claim.to_owned(),
            by: "officer".to_owned(),
            says: "seen".to_owned(),
            finds: "holds".to_owned(),
            scope: None,
            performed_on: on.to_owned(),
            valid_until: until.map(str::to_owned),
            document: None,
        });
        entry(deed)
    }

    fn entry(deed: Deed) -> Entry {
        Entry {
            v: averment_ledger::ENTRY_VERSION,
            at: "2026-03-01T00:00:00Z".to_owned(),
            charter: String::new(),
            deed,
        }
    }

    fn due_of(attested: &Attested, today: &str) -> (Option<Date>, Standing) {
        let duty = EvidenceDuty {
            owner: "officer".to_owned(),
            every: "P1Y".parse().unwrap(),
            document: None,
        };
        let due = attested.of_claim(&ClaimId::new("list/backups").unwrap(), &duty, day(today));
        (due.due_on, due.standing)
    }

    #[test]
    fn the_newest_attestation_counts_until_the_duty_or_its_own_end_whichever_comes_first() {
        let mut attested = Attested::default();
        assert_eq!(due_of(&attested, "2026-03-01"), (None, Standing::Never));
        attested.push(&attestation("list/other", "2026-02-01", None), 0);
        assert_eq!(due_of(&attested, "2026-03-01").1, Standing::Never);
        attested.push(&attestation("list/backups", "2025-02-01", Some("2099-01-01")), 1);
        let until = Some(day("2026-02-01"));
        assert_eq!(due_of(&attested, "2026-02-01"), (until, Standing::Ahead));
        assert_eq!(due_of(&attested, "2026-02-02"), (until, Standing::Overdue));
        attested.push(&attestation("list/backups", "2026-02-01", Some("2026-04-01")), 2);
        assert_eq!(due_of(&attested, "2026-03-01").0, Some(day("2026-04-01")));
    }

    #[test]
    fn an_attestation_that_was_voided_counts_no_more() {
        let mut attested = Attested::default();
        attested.push(&attestation("list/backups", "2026-02-01", None), 5);
        let correction = |void| averment_ledger::Correction {
            id: String::new(),
            entry: 5,
            leaf: averment_ledger::Base64([0; 32]),
            because: "a slip".to_owned(),
            void,
        };
        attested.push(&entry(Deed::Correction(correction(false))), 6);
        assert_eq!(due_of(&attested, "2026-03-01").1, Standing::Ahead);
        attested.push(&entry(Deed::Correction(correction(true))), 7);
        assert_eq!(due_of(&attested, "2026-03-01").1, Standing::Never);
    }
}
