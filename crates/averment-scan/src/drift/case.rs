//! An observation with what the charter says about it: what every rule looks at.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::{Plane, ThirdPartyId, catalog};
use averment_register::{Charter, Recipient, host_matches};

use super::own::Own;
use super::{Drift, Rule, Severity};
use crate::identify::Address;
use crate::observation::{Confidence, Evidence, How, Observation, Party, Spot, Tier};
use crate::seen::Seen;

/// One observation that is not of the organisation itself.
pub(crate) struct Case<'a> {
    pub(crate) observation: &'a Observation,
    /// Recipients that declare the third party; several may, and each speaks for it.
    pub(crate) recipients: Vec<&'a Recipient>,
    /// Evidence that no recipient accounts for, strongest first.
    pub(crate) open: Vec<&'a Evidence>,
}

/// What one piece of evidence is, wherever it is listed: what two third parties claim alike is listed with both.
type Piece<'a> = (How, &'a str, &'a Spot);

/// Evidence that a declared third party has too.
struct Explained<'a> {
    /// Where it stands at a line and column.
    places: BTreeSet<Piece<'a>>,
    /// Third parties that are declared, by plane: in traffic a place is a whole page, and each piece says whose else it may be.
    parties: BTreeSet<(&'a Party, Plane)>,
}

impl<'a> Explained<'a> {
    fn of(cases: &[Case<'a>]) -> Self {
        let declared = || {
            cases
                .iter()
                .filter(|case| !case.recipients.is_empty())
                .map(|case| case.observation)
        };
        let evidence = declared().flat_map(|one| &one.evidence);
        Self {
            places: evidence.filter(|one| one.spot.line.is_some()).map(piece).collect(),
            parties: declared().map(|one| (&one.party, one.plane)).collect(),
        }
    }

    fn has(&self, one: &'a Evidence, plane: Plane) -> bool {
        self.places.contains(&piece(one)) || one.alike.iter().any(|party| self.parties.contains(&(party, plane)))
    }
}

fn piece(one: &Evidence) -> Piece<'_> {
    (one.how, one.what.as_str(), &one.spot)
}

/// Every observation but the organisation's own, in their order.
pub(crate) fn cases<'a>(charter: &'a Charter, seen: &'a Seen, own: &Own) -> Vec<Case<'a>> {
    let others = seen.observations.iter().filter(|one| !is_own(one, own));
    let mut cases: Vec<Case<'a>> = others
        .map(|observation| Case {
            observation,
            recipients: recipients_of(charter, observation),
            open: Vec::new(),
        })
        .collect();
    let explained = Explained::of(&cases);
    for case in &mut cases {
        case.open = open(charter, case, &explained, own);
    }
    cases
}

/// Whether an observation is of the organisation itself.
pub(crate) fn is_own(observation: &Observation, own: &Own) -> bool {
    match &observation.party {
        Party::Domain(domain) if own.has(domain) => true,
        Party::Known(id) if is_the_organisation(id, own) => true,
        // Somebody's product under one's own name: what names no host of one's own, a package or a key, is still theirs.
        Party::Known(_) => {
            let mut evidence = observation
                .evidence
                .iter()
                .filter(|one| one.tier > Tier::Linked)
                .peekable();
            let all_own = |one: &Evidence| host_of(one).is_some_and(|host| own.has(&host));
            hosts_are_own(observation, own) && (evidence.peek().is_none() || evidence.all(all_own))
        }
        Party::Domain(_) => hosts_are_own(observation, own),
    }
}

fn hosts_are_own(observation: &Observation, own: &Own) -> bool {
    !observation.hosts.is_empty() && observation.hosts.iter().all(|host| own.has(host))
}

/// Whether a third party of the catalog is the organisation itself: a host that the catalog lists for it is one of the
/// organisation's own. Nothing that names it is then somebody else's.
fn is_the_organisation(id: &ThirdPartyId, own: &Own) -> bool {
    let hosts = catalog()
        .third_party(id)
        .map_or(&[][..], |party| party.hosts.as_slice());
    let written = hosts.iter().map(|host| host.pattern.as_str());
    written
        .filter(|pattern| !pattern.contains(['*', '{']))
        .any(|host| own.has(host))
}

/// Recipients that declare a third party of the catalog by name, or by a host that they list themselves; somebody whom the
/// catalog does not know by any host.
fn recipients_of<'a>(charter: &'a Charter, observation: &Observation) -> Vec<&'a Recipient> {
    let Party::Known(id) = &observation.party else {
        let all = observation.hosts.iter();
        let all = all.flat_map(|host| charter.recipients_of_host(host));
        let by_id: BTreeMap<_, _> = all.map(|recipient| (&recipient.id, recipient)).collect();
        return by_id.into_values().collect();
    };
    let all = charter.content().recipients.values();
    let whole = catalog().third_party(id).and_then(|party| party.part_of.as_ref());
    for id in std::iter::once(id).chain(whole) {
        let named: Vec<&Recipient> = all
            .clone()
            .filter(|recipient| recipient.third_parties.contains(id))
            .collect();
        if !named.is_empty() {
            return named;
        }
    }
    all.filter(|recipient| observation.hosts.iter().any(|host| lists_itself(recipient, host)))
        .collect()
}

/// Whether the file of the recipient names the host, not only the catalog: a vendor's pattern over all of its products would
/// otherwise declare every product.
fn lists_itself(recipient: &Recipient, host: &str) -> bool {
    let fits = |pattern: &&String| host_matches(pattern, host);
    let mut listed = recipient.hosts.iter().filter(fits);
    listed.any(|pattern| !recipient.third_parties.iter().any(|id| of_catalog(id, pattern)))
}

fn of_catalog(id: &ThirdPartyId, pattern: &str) -> bool {
    let party = catalog().third_party(id);
    party.is_some_and(|party| {
        party
            .hosts
            .iter()
            .any(|host| host.pattern.eq_ignore_ascii_case(pattern))
    })
}

fn open<'a>(charter: &Charter, case: &Case<'a>, explained: &Explained<'a>, own: &Own) -> Vec<&'a Evidence> {
    let observation = case.observation;
    let evidence = observation.evidence.iter();
    let mut open: Vec<&Evidence> = match (&observation.party, case.recipients.is_empty()) {
        (Party::Known(_), false) => Vec::new(),
        (_, true) => evidence
            .filter(|one| !explained.has(one, observation.plane))
            .filter(|one| !host_of(one).is_some_and(|host| own.has(&host)))
            .collect(),
        // Other hosts of somebody of whom some are declared: what the gate would not let out either.
        (Party::Domain(_), false) => evidence
            .filter(|one| host_of(one).is_some_and(|host| is_open(charter, &host, own)))
            .collect(),
    };
    strongest_first(&mut open);
    open
}

fn is_open(charter: &Charter, host: &str, own: &Own) -> bool {
    charter.recipients_of_host(host).is_empty() && !own.has(host)
}

/// The host that a piece of evidence names; in traffic also one of which only the domain is told, as `*.` and that.
pub(crate) fn host_of(evidence: &Evidence) -> Option<String> {
    let mut words = evidence.what.split_whitespace();
    words.find_map(|word| match word.strip_prefix("*.") {
        Some(below) if evidence.how != How::Policy => Some(format!("*.{}", Address::parse(below).ok()?.host)),
        _ => Address::parse(word).ok().map(|address| address.host),
    })
}

fn strongest_first(evidence: &mut [&Evidence]) {
    evidence.sort_by(|a, b| {
        let key = |one: &Evidence| (Reverse(one.tier), Reverse(one.confidence));
        key(a).cmp(&key(b)).then_with(|| a.spot.cmp(&b.spot))
    });
}

/// How strong evidence is: the strongest tier, and the best confidence in it. The weakest for none.
pub(crate) fn strength(evidence: &[&Evidence]) -> (Tier, Confidence) {
    let strength = evidence.iter().map(|one| (one.tier, one.confidence)).max();
    strength.unwrap_or((Tier::Dead, Confidence::Possible))
}

/// A flow is an error; what might become one, or rests on a word that others use too, a warning.
pub(crate) fn severity((tier, confidence): (Tier, Confidence)) -> Severity {
    if tier.is_flow() && confidence > Confidence::Possible {
        Severity::Error
    } else {
        Severity::Warning
    }
}

impl<'a> Case<'a> {
    /// Names of its recipients as in the register.
    pub(crate) fn names(&self) -> String {
        let names: Vec<String> = self.recipients.iter().map(|one| format!("`{}`", one.id)).collect();
        names.join(", ")
    }

    /// Its evidence at or above a tier, strongest first.
    pub(crate) fn evidence(&self, least: Tier) -> Vec<&'a Evidence> {
        let all = self.observation.evidence.iter();
        let mut found: Vec<&Evidence> = all.filter(|one| one.tier >= least).collect();
        strongest_first(&mut found);
        found
    }

    /// Drift about it at the places of `evidence`. `besides`: what the subject says behind party and plane.
    pub(crate) fn drift(&self, rule: Rule, severity: Severity, message: String, besides: &str) -> Drift {
        let observation = self.observation;
        let subject = format!("{} {} {besides}", observation.party, observation.plane.as_str());
        Drift {
            rule,
            severity,
            party: Some(observation.party.clone()),
            message,
            hint: None,
            subject: subject.trim_end().to_owned(),
            places: Vec::new(),
            accepted: None,
        }
    }
}

impl Drift {
    pub(crate) fn hinting(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    /// Places in their order, each once.
    pub(crate) fn at<'a>(mut self, places: impl IntoIterator<Item = &'a Spot>) -> Self {
        let mut known = BTreeSet::new();
        let fresh = places.into_iter().filter(|spot| known.insert(*spot));
        self.places = fresh.cloned().collect();
        self
    }
}

/// As whom the page was opened where something was seen: `, as teacher`; empty where nobody says.
pub(crate) fn roles<'a>(named: impl Iterator<Item = Option<&'a String>>) -> String {
    let roles: BTreeSet<&str> = named.flatten().map(String::as_str).collect();
    if roles.is_empty() {
        return String::new();
    }
    let roles: Vec<String> = roles.into_iter().map(|role| format!("`{role}`")).collect();
    format!(", as {}", roles.join(", "))
}
