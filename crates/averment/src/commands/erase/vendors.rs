//! Third parties are asked to erase, too: who has to be asked about whom, and how far each is.
//!
//! What they know people by is read while the stores still know it ([`write_down`]); they are asked once rows are gone
//! ([`ask`]), as far as can be asked now.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use averment_catalog::erasure::Way as HowAsked;
use averment_catalog::{SubjectId, ThirdPartyId, catalog};
use averment_detect::{PersonNumber, ReplacementKey, pseudonym};
use averment_duties::erase::{self, Ask, Recipient, RecipientState, Run, Way, known_by};
use averment_duties::vendor::{Access, AccessError, VendorAccess, Wire};
use averment_register::{Charter, RecipientId};
use averment_store::People;

use super::holds::Watch;
use super::{Bench, people};
use crate::clock;
use crate::outcome::Failure;

/// The longest time for one answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Somebody, as the directory knows them.
#[derive(Default)]
struct Somebody {
    kind: Option<SubjectId>,
    number: Option<PersonNumber>,
}

/// Recipients, and the numbers of the people of whom each got something, or may have.
type Got = BTreeMap<String, BTreeSet<String>>;

/// Writes down who got something of the people of a run, or may have, and what each knows them by. Done again it adds nothing.
pub(super) fn write_down(bench: &mut Bench<'_>, run: &Run) -> Result<(), Failure> {
    let numbers = bench.eraser(&mut |_| {}).numbers(run)?;
    let everybody = everybody(bench, &numbers)?;
    let reached = people::recipients(&bench.place.folders, &numbers)?;
    let mut got = reached.of;
    for number in &reached.untold {
        for name in may_have(&bench.register.charter, everybody[number].kind.as_ref()) {
            got.entry(name).or_default().insert(number.clone());
        }
    }
    let asks = asks(bench, run, &got, &everybody)?;
    bench.journal.put_asks(&run.id, &asks, &bench.keys)?;
    for (name, numbers) in &got {
        let last_at = reached.reached.get(name).map_or("", |(_, last_at)| last_at.as_str());
        let people = numbers.len() as u64;
        bench.journal.put_recipient(&run.id, name, people, last_at)?;
    }
    Ok(())
}

fn everybody(bench: &Bench<'_>, numbers: &BTreeSet<String>) -> Result<BTreeMap<String, Somebody>, Failure> {
    let directory = People::open(&bench.folder, &bench.keys)?;
    let mut all = BTreeMap::new();
    for number in numbers {
        let known = directory.know(number, clock::now())?;
        let somebody = Somebody {
            kind: known.and_then(|known| known.subject),
            number: directory.find(number)?,
        };
        all.insert(number.clone(), somebody);
    }
    Ok(all)
}

/// What each recipient that can be asked by requests is to be asked about whom.
fn asks(
    bench: &mut Bench<'_>,
    run: &Run,
    got: &Got,
    everybody: &BTreeMap<String, Somebody>,
) -> Result<Vec<Ask>, Failure> {
    let (charter, key) = (bench.register.charter.clone(), *bench.keys.replacement_key());
    let named = got
        .iter()
        .filter_map(|(name, numbers)| Some((recipient_of(&charter, name)?, numbers)));
    let asked: Vec<_> = named
        .filter(|(recipient, _)| asked(recipient).next().is_some())
        .collect();
    let mut asks = Vec::new();
    if asked.is_empty() {
        return Ok(asks);
    }
    bench
        .eraser(&mut |_| {})
        .each_known(run, &mut |person, number, names| {
            let somebody = &everybody[number];
            for (recipient, _) in asked.iter().filter(|(_, numbers)| numbers.contains(number)) {
                let key = ReplacementKey {
                    key: &key,
                    recipient: recipient.id.as_str(),
                };
                let pseudonym = somebody.number.map(|number| pseudonym(&key, number));
                let known_by = known_by(recipient, somebody.kind.as_ref(), names, pseudonym.as_deref());
                asks.extend(self::asked(recipient).map(|third_party| Ask {
                    recipient: recipient.id.to_string(),
                    third_party: third_party.clone(),
                    person,
                    known_by: known_by.clone(),
                }));
            }
        })?;
    Ok(asks)
}

fn recipient_of<'c>(charter: &'c Charter, name: &str) -> Option<&'c averment_register::Recipient> {
    charter.content().recipients.get(&RecipientId::new(name).ok()?)
}

/// Recipients that the register lets have something of such a person; of any where the kind is not known.
fn may_have(charter: &Charter, kind: Option<&SubjectId>) -> BTreeSet<String> {
    let all = charter.content().recipients.values().filter(|recipient| {
        let mut rows = recipient.discloses.iter();
        rows.any(|row| kind.is_none_or(|kind| row.subjects.iter().any(|subject| subject.covers(kind))))
    });
    all.map(|recipient| recipient.id.to_string()).collect()
}

/// Third parties of a recipient that can be asked by requests.
fn asked(recipient: &averment_register::Recipient) -> impl Iterator<Item = &ThirdPartyId> {
    recipient
        .third_parties
        .iter()
        .filter(|party| how_asked(party) == Some(HowAsked::Api))
}

fn how_asked(party: &ThirdPartyId) -> Option<HowAsked> {
    Some(catalog().third_party(party)?.erasure.as_ref()?.way)
}

/// Asks recipients that have not confirmed; how far each is, is written down. Once somebody is held nobody is asked any more.
pub(super) fn ask(bench: &Bench<'_>, run: &Run, watch: &mut Watch) -> Result<Vec<Recipient>, Failure> {
    for recipient in bench.journal.recipients(&run.id)? {
        if recipient.state.is_settled() {
            continue;
        }
        let (state, says) = ask_one(bench, run, &recipient.name, watch)?;
        bench
            .journal
            .set_recipient(&run.id, &recipient.name, state, says.as_deref())?;
    }
    Ok(bench.journal.recipients(&run.id)?)
}

fn ask_one(
    bench: &Bench<'_>,
    run: &Run,
    name: &str,
    watch: &mut Watch,
) -> Result<(RecipientState, Option<String>), Failure> {
    let charter = &bench.register.charter;
    if recipient_of(charter, name).is_none_or(|recipient| asked(recipient).next().is_none()) {
        return Ok(by_catalog(charter, name));
    }
    let (access, mut wire) = match access(bench, name) {
        Ok(reached) => reached,
        Err(error) => {
            anstream::eprintln!("note: `[vendors.{name}]`: {error}");
            let says = "the access that is set cannot be used".to_owned();
            return Ok((RecipientState::Failed, Some(says)));
        }
    };
    let mut way = Way {
        access: access.as_ref(),
        transport: &mut wire,
        now: &mut clock::now,
        may: &mut || watch.ask(),
    };
    let asked = erase::ask(&bench.journal, &bench.keys, &run.id, name, &mut way)?;
    let lost = || "it is not written down what it knows them by".to_owned();
    Ok(match asked {
        // What its parties with requests confirmed, the one that is asked by hand did not.
        Some((RecipientState::Confirmed, _)) if !others_keep_nothing(charter, name) => {
            let says = "one of the third parties that it is has to be asked by hand".to_owned();
            (RecipientState::Manual, Some(says))
        }
        Some((state, says)) => (state, Some(says)),
        None => (RecipientState::Manual, Some(lost())),
    })
}

/// Whether none of a recipient's third parties that cannot be asked by requests keeps anything.
fn others_keep_nothing(charter: &Charter, name: &str) -> bool {
    let parties = recipient_of(charter, name).map(|recipient| &recipient.third_parties);
    let mut ways = parties.into_iter().flatten().map(how_asked);
    ways.all(|way| matches!(way, Some(HowAsked::Api | HowAsked::KeepsNothing)))
}

/// How a recipient is reached; no access where the settings have none.
#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn access(bench: &Bench<'_>, name: &str) -> Result<(Option<Access>, Wire), AccessError> {
    let environment = |name: &str| std::env::var(name).ok();
    let settings = &bench.duties.settings.vendors;
    let said = RecipientId::new(name).ok().and_then(|id| settings.get(&id));
    let access = said.map(|said| said.open(&environment)).transpose()?;
    let wire = said
        .unwrap_or(&VendorAccess::default())
        .connect(&environment, ANSWER_WITHIN)?;
    Ok((access, wire))
}

/// Of a recipient that cannot be asked by requests, what the catalog says.
fn by_catalog(charter: &Charter, name: &str) -> (RecipientState, Option<String>) {
    let parties = recipient_of(charter, name).map(|recipient| &recipient.third_parties);
    let ways: Vec<Option<HowAsked>> = parties.into_iter().flatten().map(how_asked).collect();
    let keeps_nothing = |way: &Option<HowAsked>| *way == Some(HowAsked::KeepsNothing);
    let state = match ways.is_empty() {
        _ if ways.contains(&Some(HowAsked::ByHand)) => RecipientState::Manual,
        false if ways.iter().all(keeps_nothing) => RecipientState::KeepsNothing,
        _ => RecipientState::NotAsked,
    };
    (state, None)
}
