//! From a verdict to the entry about it: what is recorded of one message, and what is not.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use averment_catalog::{Plane, catalog};
use averment_detect::{Finding, KnownBy, PersonNumber, Unreadable, UnreadableBecause, Whose};
use averment_ledger::{Base64, FindingEntry, Message, Reference, UnreadableEntry};
use averment_policy::{Action, Ruling, Stop, Verdict};

use super::naming::Naming;
use super::{JournalError, Record, Request};
use crate::PersonKey;
use crate::keys::{Keys, keyed_digest};

/// The keyed digest by which an entry is shown to be about one request: HMAC-SHA-256 over method, target and body, each
/// with its length before it; first 16 bytes. The key follows from `ledger.key`; entries of logs that another key signed
/// have other digests: [`request_digests`].
pub fn request_digest(keys: &Keys, method: &str, target: &str, body: &[u8]) -> Base64<16> {
    digest_request(keys.request_key(), &Request { method, target, body })
}

/// The same under every key of the ledger that is kept, the newest first.
pub fn request_digests(keys: &Keys, method: &str, target: &str, body: &[u8]) -> Vec<Base64<16>> {
    let request = Request { method, target, body };
    keys.request_keys().map(|key| digest_request(key, &request)).collect()
}

/// The keyed digest of one request under one key.
pub(super) fn digest_request(key: &[u8; 32], request: &Request<'_>) -> Base64<16> {
    let digest = keyed_digest(
        key,
        &[request.method.as_bytes(), request.target.as_bytes(), request.body],
    );
    Base64(*digest.first_chunk().expect("a digest has 32 bytes"))
}

/// Who is named in the entry about one message, with their keys, as often as they were found.
///
/// # Errors
/// [`JournalError::NoPersonKey`].
pub(super) fn people_of<'a>(record: &Record<'a>) -> Result<Vec<(PersonNumber, &'a PersonKey)>, JournalError> {
    let people = record
        .inspection
        .findings
        .iter()
        .filter_map(|finding| match finding.whose {
            Whose::Person { number, .. } => Some(number),
            Whose::Unknown => None,
        });
    let with_key = |number| {
        let key = record
            .snapshot
            .person_keys
            .get(number)
            .ok_or(JournalError::NoPersonKey)?;
        Ok((number, key))
    };
    people.map(with_key).collect()
}

/// The entry about one message, whose identifier and keyed digest are given. `naming` names [`people_of`] it.
pub(super) fn message_of(
    verdict: &Verdict,
    record: &Record<'_>,
    part_of: Option<&str>,
    (id, request): (String, Base64<16>),
    naming: &Naming<'_>,
) -> Result<Message, JournalError> {
    Ok(Message {
        id,
        recipient: verdict
            .recipient
            .as_ref()
            .map(|recipient| recipient.as_str().to_owned()),
        contract: verdict.contract.clone(),
        host: record.host.to_owned(),
        plane: Plane::Gateway.as_str().to_owned(),
        mode: verdict.mode.as_str().to_owned(),
        action: verdict.action.as_str().to_owned(),
        judged: verdict.judged.as_str().to_owned(),
        stopped: verdict.stopped.map(|stop| stop.as_str().to_owned()),
        canary: verdict.stopped == Some(Stop::Canary),
        service: verdict.sender.service.clone(),
        when: verdict.sender.when.iter().map(ToString::to_string).collect(),
        purpose: verdict
            .sender
            .purpose
            .as_ref()
            .map(|purpose| purpose.as_str().to_owned()),
        findings: finding_entries(verdict, record, naming)?,
        unreadable: record.inspection.unreadable.iter().map(unreadable_entry).collect(),
        own_mailboxes: record.inspection.own_mailboxes,
        preceded_by: 0,
        part_of: part_of.map(str::to_owned),
        body_bytes: record.body_bytes,
        request,
    })
}

/// Identifiers whose random bytes are fetched together: asking the system for each costs as much as all else about it.
const IDS_AT_ONCE: usize = 32;

thread_local! {
    /// Random bytes for the next identifiers, and how many of those are left. They are no secret.
    static IDS: RefCell<([[u8; 16]; IDS_AT_ONCE], usize)> = const { RefCell::new(([[0; 16]; IDS_AT_ONCE], 0)) };
}

/// 32 hex digits that were never used before.
///
/// # Errors
/// [`JournalError::Random`].
pub fn random_id() -> Result<String, JournalError> {
    IDS.with_borrow_mut(|(ids, left)| {
        if *left == 0 {
            getrandom::fill(ids.as_flattened_mut()).map_err(JournalError::Random)?;
            *left = IDS_AT_ONCE;
        }
        *left -= 1;
        Ok(hex(&ids[*left]))
    })
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from(b"0123456789abcdef"[usize::from(value)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// Findings that differ only in their byte range are counted together, in the order of the message.
fn finding_entries(
    verdict: &Verdict,
    record: &Record<'_>,
    naming: &Naming<'_>,
) -> Result<Vec<FindingEntry>, JournalError> {
    let mut entries: Vec<FindingEntry> = Vec::new();
    let mut alike = Alike::default();
    for (finding, ruling) in record.inspection.findings.iter().zip(&verdict.rulings) {
        let place = (
            &finding.element,
            &finding.whose,
            finding.known_by,
            &finding.place,
            &finding.layers,
        );
        let rule = (
            ruling.treatment,
            ruling.reason.as_str(),
            ruling.reason.rule(),
            (&ruling.school, ruling.reason.consent_version()),
            ruling.reason.consent_of_school(),
        );
        match alike.place_of((place, rule)) {
            Some(place) => entries[place].count += 1,
            None => entries.push(finding_entry(verdict.action, finding, ruling, naming)?),
        }
    }
    say_schools(&mut entries, record, naming);
    Ok(entries)
}

/// Puts the school of each person into the first finding about them: what is answered later must not be the school that they
/// are at by then.
fn say_schools(entries: &mut [FindingEntry], record: &Record<'_>, naming: &Naming<'_>) {
    let mut schools: HashMap<Reference, String> = HashMap::new();
    for (number, reference) in naming.all() {
        let snapshot = record.snapshot;
        let named = snapshot.person_keys.get(*number).zip(snapshot.persons.school(*number));
        let sealed = named.and_then(|(key, school)| key.seal_school(reference, school));
        schools.extend(sealed.map(|sealed| (*reference, sealed)));
    }
    for entry in entries {
        entry.of_school = entry.person.and_then(|person| schools.remove(&person));
    }
}

/// So many are compared one by one: for the few of most messages a table of hashes costs more.
const FEW: usize = 8;

/// Which of several things were the same, numbered as they came first.
struct Alike<K> {
    few: Vec<K>,
    many: HashMap<K, usize>,
}

impl<K> Default for Alike<K> {
    fn default() -> Self {
        let (few, many) = (Vec::new(), HashMap::new());
        Self { few, many }
    }
}

impl<K: Eq + Hash> Alike<K> {
    /// The number of the first that is the same; none for one that is new, which has the next number.
    fn place_of(&mut self, key: K) -> Option<usize> {
        if self.many.is_empty() {
            let place = self.few.iter().position(|other| *other == key);
            if place.is_some() || self.few.len() < FEW {
                if place.is_none() {
                    self.few.push(key);
                }
                return place;
            }
            self.many = self.few.drain(..).zip(0..).collect();
        }
        let next = self.many.len();
        match self.many.entry(key) {
            Entry::Occupied(place) => Some(*place.get()),
            Entry::Vacant(vacant) => {
                vacant.insert(next);
                None
            }
        }
    }
}

fn finding_entry(
    action: Action,
    finding: &Finding,
    ruling: &Ruling,
    naming: &Naming<'_>,
) -> Result<FindingEntry, JournalError> {
    let basis: Vec<String> = ruling.reason.basis().map(str::to_owned).collect();
    let treated = treated(action, ruling);
    let (subject, person, record_required) = match &finding.whose {
        Whose::Person { number, subject } => {
            let named = naming.of(*number).ok_or(JournalError::NoPersonKey)?;
            let of_student = subject.is_student();
            let required = of_student.then(|| must_be_recorded(treated, ruling));
            (Some(subject.as_str().to_owned()), Some(named), required)
        }
        Whose::Unknown => (None, None, None),
    };
    Ok(FindingEntry {
        element: finding.element.as_str().to_owned(),
        subject,
        person,
        known_by: match finding.known_by {
            KnownBy::Exact => "exact".to_owned(),
            KnownBy::Pattern => "pattern".to_owned(),
        },
        part: finding.place.part.as_str().to_owned(),
        pointer: finding.place.pointer.clone(),
        layers: finding.layers.iter().map(|layer| layer.as_str().to_owned()).collect(),
        count: 1,
        treated: treated.to_owned(),
        treatment: ruling.treatment.as_str().to_owned(),
        reason: ruling.reason.as_str().to_owned(),
        rule: ruling.reason.rule().map(str::to_owned),
        school: ruling.school.as_ref().map(|school| school.as_str().to_owned()),
        agreement: ruling.agreement.clone(),
        of_school: None,
        consent_version: ruling.reason.consent_version(),
        consent_of_school: ruling.reason.consent_of_school(),
        basis,
        record_required,
    })
}

/// Whether the school's record of disclosures must hold it: what exempts it must be true of it.
fn must_be_recorded(treated: &str, ruling: &Ruling) -> bool {
    let standing = ruling.reason.basis().filter(|word| stands(word, treated, ruling));
    catalog().is_record_required(standing)
}

/// Whether a word of the basis is true of this disclosure, as far as the message shows it: what left by consent left under one
/// that is on record, and what leaves as it is, of somebody who is known, is not de-identified.
///
/// Source: 34 CFR 99.30(a), 99.31(b).
fn stands(word: &str, treated: &str, ruling: &Ruling) -> bool {
    match word {
        "ferpa.consent" => ruling.reason.consent_version().is_some(),
        "ferpa.deidentified" | "ferpa.research_code" => treated != "pass",
        _ => true,
    }
}

/// What was done to the finding, whatever the charter asks for.
fn treated(action: Action, ruling: &Ruling) -> &'static str {
    match action {
        Action::Forward => "pass",
        Action::Rewrite => ruling.treatment.as_str(),
        Action::Refuse => "block",
    }
}

fn unreadable_entry(unreadable: &Unreadable) -> UnreadableEntry {
    let because = match unreadable.because {
        UnreadableBecause::TooLarge => "too_large",
        UnreadableBecause::TooDeep => "too_deep",
        UnreadableBecause::TooMany => "too_many",
        UnreadableBecause::Malformed => "malformed",
        UnreadableBecause::UnknownFormat => "unknown_format",
        UnreadableBecause::PassThrough => "pass_through",
    };
    UnreadableEntry {
        part: unreadable.place.part.as_str().to_owned(),
        because: because.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use averment_catalog::Treatment;
    use averment_policy::Reason;
    use averment_register::Condition;

    use super::*;

    #[test]
    fn a_ground_spares_the_record_only_where_it_is_true() {
        for (basis, consent_version, treated, expected) in [
            (&["ferpa.school_official"][..], None, "pass", false),
            (&["ferpa.court_order"], None, "pass", true),
            (&["gdpr.contract"], None, "pass", true),
            (&[], None, "pass", true),
            (&["ferpa.consent"], Some(3), "pass", false),
            (&["ferpa.consent"], None, "pass", true),
            (&["ferpa.consent", "ferpa.school_official"], None, "pass", false),
            (&["ferpa.deidentified"], None, "pass", true),
            (&["ferpa.deidentified"], None, "hash", false),
            (&["ferpa.research_code"], None, "pass", true),
            (&["ferpa.research_code"], None, "pseudonym", false),
        ] {
            let ruling = Ruling {
                treatment: Treatment::Pass,
                reason: Reason::Declared {
                    rule: "desk/discloses-1".parse().unwrap(),
                    when: Condition::Always,
                    consent_version,
                    consent_of_school: false,
                    basis: basis.iter().map(|word| word.parse().unwrap()).collect(),
                },
                school: None,
                agreement: None,
            };
            assert_eq!(
                must_be_recorded(treated, &ruling),
                expected,
                "{basis:?} {consent_version:?} {treated}"
            );
        }
    }

    #[test]
    fn the_same_is_found_among_few_and_among_many() {
        for different in [1, FEW - 1, FEW, FEW + 1, 100] {
            let mut alike = Alike::default();
            let all = (0..different).chain(0..different);
            let places: Vec<_> = all.map(|key| alike.place_of(key)).collect();
            let (first, again) = places.split_at(different);
            assert_eq!(first, vec![None; different], "{different}");
            assert_eq!(again, (0..different).map(Some).collect::<Vec<_>>(), "{different}");
        }
    }
}
