//! Claims about who is there.

use averment_catalog::Plane;
use averment_register::Claim;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Count, Look};
use crate::drift::case::host_of;
use crate::drift::{embeds, recipients};
use crate::observation::Tier;
use crate::seen::Look as Kind;

/// Whether a look of this kind shows that somebody is not there. Reports of browsers come only of what goes wrong.
fn shows_absence(look: &Look<'_>) -> bool {
    matches!(look.report.seen.look, Kind::Code | Kind::Har | Kind::Site)
}

/// Nobody besides those declared.
pub(super) fn list_complete(look: &Look<'_>, plane: Plane) -> Count {
    let here = look.cases.iter().filter(|case| case.observation.plane == plane);
    let (against, mistaken) = look.against(here.filter_map(recipients::undeclared));
    Count {
        observed: if shows_absence(look) && look.sees(plane) {
            look.live(plane)
        } else {
            0
        },
        unseen: mistaken,
        against,
    }
}

/// Not used since that day. Nothing for a look at the time before.
pub(super) fn retired_since(look: &Look<'_>, claim: &Claim, date: Date, plane: Plane) -> Option<Count> {
    let seen = &look.report.seen;
    let recipient = look.charter.recipient(claim.recipient.as_ref()?)?;
    if seen.from.to_zoned(TimeZone::UTC).date() < date {
        return None;
    }
    let against = look
        .cases_of(claim, plane)
        .filter_map(|case| recipients::retired(look.charter, seen, case));
    let (against, mistaken) = look.against(against);
    // Of somebody whom nothing tells from others no look shows that they are not there.
    let is_known = !recipient.third_parties.is_empty() || !recipient.hosts.is_empty();
    let concerned = is_known && shows_absence(look) && look.sees(plane) && recipient.planes.contains(&plane);
    Some(Count {
        observed: if concerned { look.live(plane) } else { 0 },
        unseen: mistaken,
        against,
    })
}

/// Only from the promised host.
pub(super) fn embeds_only(look: &Look<'_>, claim: &Claim, host: &str, plane: Plane) -> Option<Count> {
    if plane != Plane::Browser {
        return None;
    }
    let cases = || look.cases_of(claim, plane);
    let wrong = cases().flat_map(|case| embeds::wrong_host(look.charter, &look.report.seen, case));
    let embedded = cases().flat_map(|case| case.evidence(Tier::Embedded));
    let (against, mistaken) = look.against(wrong.filter(|drift| drift.subject.ends_with(&format!(" {host}"))));
    Some(Count {
        observed: embedded.filter(|one| host_of(one).is_some()).count() as u64,
        unseen: mistaken,
        against,
    })
}
