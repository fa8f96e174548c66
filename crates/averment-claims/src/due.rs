//! What has to be shown next: for every claim that somebody vouched for, or has to, the day by which it has to be done again.
//!
//! Start at [`Attested`]: push ledger entries into it and ask it for what is [`Due`]. The days are those of the grades.

use averment_ledger::{Attestation, Deed, Entry};
use averment_register::{Charter, Claim, ClaimId, EvidenceDuty, Period};
use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::claim_version::versions;
use crate::testimony::{Testimony, Vouched};
use crate::vouch::{Vouch, last_day, vouch};

/// The attestations in a ledger, by claim.
#[derive(Debug, Clone, Default)]
pub struct Attested {
    testimony: Testimony,
}

/// How a claim stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Somebody says that it does not hold, and nobody has said otherwise of a later day.
    Denied,
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
            Self::Denied => "denied",
            Self::Overdue => "overdue",
            Self::Never => "never",
            Self::Ahead => "ahead",
        }
    }
}

/// One claim and its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The claim.
    pub claim: ClaimId,
    /// What it demands, of whom and how often; none where it demands nothing, and somebody vouched all the same.
    pub duty: Option<EvidenceDuty>,
    /// Who vouched last, or denied it, as a role.
    pub by: Option<String>,
    /// The day of that attestation.
    pub last: Option<Date>,
    /// The last day on which that counts; none where there never was one, or the claim is denied.
    pub due_on: Option<Date>,
    /// How it stands.
    pub standing: Standing,
}

impl Attested {
    /// Takes the entry with number `index`.
    pub fn push(&mut self, entry: &Entry, index: u64) {
        let at = entry.at.parse().ok();
        match &entry.deed {
            Deed::Attestation(attestation) => self.testimony.attested(attestation, index, at),
            Deed::Correction(correction) => self.testimony.corrected(correction, at),
            _ => {}
        }
    }

    /// Every claim of the charter with an evidence duty or an attestation, as it stands at `now`: what is denied first, then
    /// what is overdue, then what nobody ever vouched for, then by day.
    pub fn due(&self, charter: &Charter, now: Timestamp) -> Vec<Due> {
        let about = self.testimony.about(now, &versions(charter));
        let vouched = |claim: &Claim| about.get(&claim.id).map_or(&[][..], |about| &about.vouched);
        let claims = charter.content().claims.values();
        let mut due: Vec<Due> = claims
            .filter_map(|claim| of_claim(claim, vouch(claim, vouched(claim), now)))
            .collect();
        due.sort_by(|a, b| (a.standing, a.due_on, &a.claim).cmp(&(b.standing, b.due_on, &b.claim)));
        due
    }
}

fn of_claim(claim: &Claim, vouch: Vouch) -> Option<Due> {
    let (standing, due_on) = match vouch {
        Vouch::Nobody if claim.evidence.is_none() => return None,
        Vouch::Nobody => (Standing::Never, None),
        Vouch::Holds(_, last) => (Standing::Ahead, Some(last)),
        Vouch::Past(_, last) => (Standing::Overdue, Some(last)),
        Vouch::Against(_) => (Standing::Denied, None),
    };
    let vouched = vouch.vouched();
    Some(Due {
        claim: claim.id.clone(),
        duty: claim.evidence.clone(),
        last: vouched.as_ref().and_then(|vouched| vouched.performed_on),
        by: vouched.map(|vouched| vouched.by),
        due_on,
        standing,
    })
}

/// The last day on which `attestation` counts for `claim`, as it is graded: the earliest of the day that it names, what the
/// claim's duty and period allow, and a certificate's own last day; a year and a day where nobody says.
pub fn counts_until(claim: &Claim, attestation: &Attestation) -> Date {
    last_day(claim, &Vouched::of(attestation, 0, None))
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
    use std::sync::Arc;

    use averment_register::{Source, compile};

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

    const LIST: &str = r#"
        [[claims]]
        id = "backups"
        kind = "performed_every"
        activity = "restore_test"
        period = "P6M"
        sentence = "We restore a backup twice a year."
        evidence = { owner = "operations", every = "P1Y" }

        [[claims]]
        id = "rooms"
        kind = "statement"
        sentence = "Only staff enter the rooms."

        [[claims]]
        id = "hosting"
        kind = "holds_certificate"
        certificate = "iso_27001"
        until = 2026-06-30
        sentence = "Our hosting is certified."
    "#;

    fn charter() -> Arc<Charter> {
        let mut source = Source::default();
        source.insert("organisation.toml", "organisation = \"Example Platform (fictional)\"\n");
        source.insert("claims/list.toml", LIST);
        let compiled = compile(&source);
        let found = format!("{:#?}", compiled.diagnostics);
        Arc::new(compiled.charter.unwrap_or_else(|| panic!("{found}")))
    }

    fn attestation(claim: &str, on: &str, finds: &str, until: Option<&str>) -> Attestation {
        Attestation {
            id: format!("{claim}{on}{finds}"),
            claim: claim.to_owned(),
            claim_version: None,
            by: "officer".to_owned(),
            says: "seen".to_owned(),
            finds: finds.to_owned(),
            scope: None,
            performed_on: on.to_owned(),
            valid_until: until.map(str::to_owned),
            document: None,
        }
    }

    fn entry(deed: Deed) -> Entry {
        Entry {
            v: averment_ledger::ENTRY_VERSION,
            at: "2026-01-01T00:00:00Z".to_owned(),
            charter: String::new(),
            deed,
        }
    }

    /// How `claim` stands at noon of `today`, after entries that are numbered from 0.
    fn due_of(deeds: &[Deed], claim: &str, today: &str) -> Option<Due> {
        let mut attested = Attested::default();
        for (index, deed) in (0..).zip(deeds) {
            attested.push(&entry(deed.clone()), index);
        }
        let due = attested.due(&charter(), noon(today));
        due.into_iter().find(|due| due.claim.as_str() == claim)
    }

    fn noon(today: &str) -> Timestamp {
        format!("{today}T12:00:00Z").parse().unwrap()
    }

    /// What the page says about `claim` at noon of `today`.
    fn reason_of(deed: &Deed, claim: &str, today: &str) -> String {
        let charter = charter();
        let mut fold = crate::Fold::new(Arc::clone(&charter));
        fold.push(&entry(deed.clone()), 0);
        let graded = crate::grade(&charter, &fold.evidence(noon(today)), noon(today));
        let graded = graded.into_iter().find(|graded| graded.claim.id.as_str() == claim);
        graded.unwrap().reason
    }

    #[test]
    fn every_attestation_that_counts_is_due_on_the_day_that_grades_know() {
        let rows = [
            // The duty's year is longer than the period.
            ("list/backups", None, "2026-07-01"),
            ("list/backups", Some("2026-03-31"), "2026-03-31"),
            ("list/backups", Some("2099-01-01"), "2026-07-01"),
            // Without a duty.
            ("list/rooms", Some("2026-12-01"), "2026-12-01"),
            ("list/rooms", None, "2027-01-02"),
            // A certificate ends when it does.
            ("list/hosting", None, "2026-06-30"),
            ("list/hosting", Some("2026-05-01"), "2026-05-01"),
            ("list/hosting", Some("2028-06-30"), "2026-06-30"),
        ];
        let charter = charter();
        for (claim, until, expected) in rows {
            let attestation = attestation(claim, "2026-01-01", "holds", until);
            let of_charter = &charter.content().claims[&ClaimId::new(claim).unwrap()];
            assert_eq!(
                counts_until(of_charter, &attestation),
                day(expected),
                "{claim} {until:?}"
            );
            let deed = Deed::Attestation(attestation);
            let next = day(expected).tomorrow().unwrap().to_string();
            for (today, standing) in [(expected, Standing::Ahead), (&next, Standing::Overdue)] {
                let due = due_of(std::slice::from_ref(&deed), claim, today).unwrap();
                assert_eq!((due.due_on, due.standing), (Some(day(expected)), standing), "{claim}");
                assert_eq!(
                    (due.last, due.by.as_deref()),
                    (Some(day("2026-01-01")), Some("officer"))
                );
                let reason = reason_of(&deed, claim, today);
                let shown = day(expected).strftime("%-d %B %Y").to_string();
                assert!(reason.contains(&shown), "{reason}");
            }
        }
    }

    #[test]
    fn without_an_attestation_only_what_has_a_duty_is_due() {
        let never = due_of(&[], "list/backups", "2026-03-01").unwrap();
        assert_eq!(
            (never.standing, never.due_on, never.last),
            (Standing::Never, None, None)
        );
        assert_eq!(due_of(&[], "list/rooms", "2026-03-01"), None);
    }

    #[test]
    fn whoever_denies_a_claim_has_not_vouched_for_it() {
        for claim in ["list/backups", "list/rooms"] {
            let says = |on: &str, finds: &str| Deed::Attestation(attestation(claim, on, finds, None));
            let rows: [(&[(&str, &str)], Standing); 3] = [
                (&[("2025-12-01", "does_not_hold")], Standing::Denied),
                (
                    &[("2025-12-01", "holds"), ("2025-12-02", "does_not_hold")],
                    Standing::Denied,
                ),
                (
                    &[("2025-12-01", "does_not_hold"), ("2025-12-02", "holds")],
                    Standing::Ahead,
                ),
            ];
            for (said, expected) in rows {
                let deeds: Vec<Deed> = said.iter().map(|(on, finds)| says(on, finds)).collect();
                let due = due_of(&deeds, claim, "2026-01-02").unwrap();
                assert_eq!(due.standing, expected, "{said:?}");
                assert_eq!(due.due_on.is_none(), expected == Standing::Denied);
            }
        }
    }

    #[test]
    fn an_attestation_that_was_voided_counts_no_more() {
        let vouched = Deed::Attestation(attestation("list/backups", "2025-12-01", "holds", None));
        let correction = |void| {
            Deed::Correction(averment_ledger::Correction {
                id: String::new(),
                entry: 0,
                leaf: averment_ledger::Base64([0; 32]),
                because: "a slip".to_owned(),
                void,
            })
        };
        for (void, expected) in [(false, Standing::Ahead), (true, Standing::Never)] {
            let due = due_of(&[vouched.clone(), correction(void)], "list/backups", "2026-01-02");
            assert_eq!(due.unwrap().standing, expected);
        }
    }
}
