//! Who vouches for a claim, of all who ever did.

use averment_register::{Claim, ClaimKind, Period};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::due::due_after;
use crate::kind::{ATTESTED_DAYS, freshness};
use crate::testimony::Vouched;

/// What attestations say about a claim.
#[derive(Debug, Clone)]
pub(crate) enum Vouch {
    /// Nobody says anything.
    Nobody,
    /// It holds, says somebody, and that counts up to this day.
    Holds(Vouched, Date),
    /// It held, said somebody, and that counted up to this day.
    Past(Vouched, Date),
    /// It does not hold, said somebody, and nobody has said otherwise of a later day.
    Against(Vouched),
}

impl Vouch {
    pub(crate) fn vouched(self) -> Option<Vouched> {
        match self {
            Self::Nobody => None,
            Self::Holds(vouched, _) | Self::Past(vouched, _) | Self::Against(vouched) => Some(vouched),
        }
    }
}

/// `vouched`: in the order of [`Vouched::order`]. That time passes never takes back that something does not hold; only
/// somebody who vouches for a later day does.
pub(crate) fn vouch(claim: &Claim, vouched: &[Vouched], now: Timestamp) -> Vouch {
    let today = now.to_zoned(TimeZone::UTC).date();
    let against = vouched.iter().rfind(|vouched| !vouched.holds);
    let is_past = |vouched: &&Vouched| {
        let known = vouched.at.is_some_and(|at| at <= now) && vouched.performed_on.is_some_and(|day| day <= today);
        vouched.holds && known && against.is_none_or(|against| vouched.order() > against.order())
    };
    let since = || vouched.iter().filter(is_past).rev();
    let mut days = since().map(|vouched| (vouched, last_day(claim, vouched)));
    match (days.find(|(_, last)| *last >= today), since().next(), against) {
        (Some((vouched, last)), _, _) => Vouch::Holds(vouched.clone(), last),
        (None, Some(vouched), _) => Vouch::Past(vouched.clone(), last_day(claim, vouched)),
        (None, None, Some(against)) => Vouch::Against(against.clone()),
        (None, None, None) => Vouch::Nobody,
    }
}

/// The last day on which an attestation counts: the earliest of the day that it names, the period after which something
/// has to be shown again, and what the claim itself names; a year and a day where nobody says.
pub(crate) fn last_day(claim: &Claim, vouched: &Vouched) -> Date {
    let performed = vouched.performed_on.unwrap_or(Date::MIN);
    let due = freshness(claim).map(|period| later(performed, period));
    let certified = match &claim.kind {
        ClaimKind::HoldsCertificate { until, .. } => *until,
        _ => None,
    };
    let named = vouched.valid_until.into_iter().chain(due);
    let last = named
        .min()
        .unwrap_or_else(|| later(performed, Period::days(ATTESTED_DAYS)));
    certified.map_or(last, |until| until.min(last))
}

fn later(day: Date, period: Period) -> Date {
    due_after(day, period).unwrap_or(Date::MAX)
}
