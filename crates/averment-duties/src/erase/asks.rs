//! What recipients are asked about each person, one request at a time, and written down before the next.
//!
//! Start at [`known_by`], [`Journal::put_asks`] and [`ask`]. What a recipient knows a person by is sealed in the journal together with
//! the state of the deletion, and destroyed once nothing is to be asked any more; words that name nobody stay.
//!
//! Source: GDPR Art. 17(2) and 19.

use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::erasure::Identifier;
use averment_catalog::{ElementId, SubjectId, ThirdPartyId, Treatment, catalog};
use averment_store::{Keys, random_id};
use jiff::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

use super::journal::{Journal, JournalError};
use super::third_parties::RecipientState;
use super::{EraseError, MayGo};
use crate::vendor::{Access, Deletion, Hidden, Identifiers, Order, Plan, Transport, Trouble, advance, report};

/// What a person is known by in the stores, by element.
pub type Names = BTreeMap<ElementId, BTreeSet<Hidden>>;

/// What a recipient knows a person by.
pub type KnownBy = BTreeMap<Identifier, Vec<Hidden>>;

/// Elements that third parties know people by. A user name counts only for who has no account number.
const ELEMENTS: [(Identifier, &str); 4] = [
    (Identifier::Email, "contact.email"),
    (Identifier::Phone, "contact.phone"),
    (Identifier::UserId, "account.id"),
    (Identifier::UserId, "account.username"),
];

/// One person at one third party.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The recipient of the register.
    pub recipient: String,
    /// The third party that it is.
    pub third_party: ThirdPartyId,
    /// Which of the run's people, counted from 0.
    pub person: u64,
    /// What the recipient knows them by.
    pub known_by: KnownBy,
}

/// How a recipient is asked.
pub struct Way<'a> {
    /// None where nobody set it: then it is done by hand.
    pub access: Option<&'a Access>,
    /// What sends requests.
    pub transport: &'a mut dyn Transport,
    /// The time, asked before each request.
    pub now: &'a mut dyn FnMut() -> Timestamp,
    /// Whether nobody is held, asked before each request.
    pub may: MayGo<'a>,
}

impl std::fmt::Debug for Way<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Way({:?})", self.access.is_some())
    }
}

/// What is sealed until nothing is to be asked any more.
#[derive(Serialize, Deserialize)]
struct Sealed {
    reference: String,
    known_by: KnownBy,
    deletion: Option<Deletion>,
}

/// What a recipient knows a person by: what its rows of the register let pass, and the pseudonym where they put one in its place.
///
/// `subject`: the kind of person; any where it is not known. `pseudonym`: the person's at this recipient.
pub fn known_by(
    recipient: &averment_register::Recipient,
    subject: Option<&SubjectId>,
    names: &Names,
    pseudonym: Option<&str>,
) -> KnownBy {
    let mut known = KnownBy::new();
    for (kind, element) in ELEMENTS {
        let Ok(element) = ElementId::new(element) else { continue };
        if element.as_str() == "account.username" && known.contains_key(&kind) {
            continue;
        }
        let rows = recipient.discloses.iter().filter(|row| match subject {
            Some(subject) => row.covers(&element, subject),
            None => row.covers_element(&element),
        });
        let treatments: Vec<Treatment> = rows.map(|row| row.treatment).collect();
        let mut values = Vec::new();
        if treatments.contains(&Treatment::Pass) {
            values.extend(names.get(&element).into_iter().flatten().cloned());
        }
        if treatments.contains(&Treatment::Pseudonym) {
            values.extend(pseudonym.map(Hidden::new));
        }
        if !values.is_empty() {
            known.entry(kind).or_default().extend(values);
        }
    }
    known
}

impl Journal {
    /// Writes down what is to be asked; what is written down already stays as it is.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn put_asks(&self, run: &str, asks: &[Ask], keys: &Keys) -> Result<(), JournalError> {
        let transaction = self.connection.unchecked_transaction()?;
        for ask in asks {
            let sealed = Sealed {
                reference: random_id().map_err(|_| JournalError::Random)?,
                known_by: ask.known_by.clone(),
                deletion: None,
            };
            let at = At {
                run,
                recipient: &ask.recipient,
                third_party: ask.third_party.as_str(),
                person: ask.person,
            };
            transaction.execute(
                "insert or ignore into ask values (?1, ?2, ?3, ?4, 'planned', 'nothing has been asked for yet', null, 0, ?5)",
                params![run, at.recipient, at.third_party, at.person as i64, at.seal(&sealed, keys)?],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Somebody vouches for a recipient: nothing more is asked, and what it knew people by is destroyed.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn vouched(&self, run: &str, recipient: &str) -> Result<(), JournalError> {
        let sql = "update ask set state = 'attested', says = 'somebody vouches for it', next_at = null, done = 1, sealed = null
                   where run = ?1 and recipient = ?2 and done = 0";
        self.connection.execute(sql, [run, recipient])?;
        Ok(())
    }

    fn keep_ask(&self, at: &At<'_>, plan: &Plan<'_>, sealed: &Sealed, keys: &Keys) -> Result<(), JournalError> {
        let Some(deletion) = &sealed.deletion else {
            return Ok(());
        };
        let report = report(plan, deletion, deletion.started_at);
        let next_at = deletion.next_at.map(|at| format!("{at:.0}"));
        let kept = match is_at_its_end(deletion) {
            true => None,
            false => Some(at.seal(sealed, keys)?),
        };
        self.connection.execute(
            "update ask set state = ?5, says = ?6, next_at = ?7, done = ?8, sealed = ?9
             where run = ?1 and recipient = ?2 and third_party = ?3 and person = ?4",
            params![
                at.run,
                at.recipient,
                at.third_party,
                at.person as i64,
                report.state,
                report.says,
                next_at,
                report.done,
                kept
            ],
        )?;
        Ok(())
    }

    /// What is still to be asked of a recipient: third party, person, and what is sealed.
    fn asks(&self, run: &str, recipient: &str) -> Result<Vec<(String, u64, Vec<u8>)>, JournalError> {
        let sql = "select third_party, person, sealed from ask where run = ?1 and recipient = ?2 and sealed is not null
                   order by third_party, person";
        let mut asks = self.connection.prepare(sql)?;
        let rows = asks.query_map([run, recipient], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get(2)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How far a recipient is with all people, and in words; none when nothing was to be asked of it.
    fn asked_of(&self, run: &str, recipient: &str) -> Result<Option<(RecipientState, String)>, JournalError> {
        let sql = "select state, says, count(*), min(next_at) from ask where run = ?1 and recipient = ?2
                   group by state, says order by min(done), state, says";
        let mut asks = self.connection.prepare(sql)?;
        let rows = asks.query_map([run, recipient], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?;
        let rows: Vec<(String, String, i64, Option<String>)> = rows.collect::<Result<_, _>>()?;
        let state = rows
            .iter()
            .map(|(state, ..)| state_of(state))
            .max_by_key(|state| rank(*state));
        let words = rows.iter().map(|(_, says, count, next_at)| {
            let next = next_at.as_ref().map(|at| format!(", again from {at} on"));
            format!("{count}: {says}{}", next.unwrap_or_default())
        });
        Ok(state.map(|state| (state, words.collect::<Vec<_>>().join("; "))))
    }
}

/// Asks a recipient what can be asked now, for every person of the run. One request at a time; where it stands is on disk before the
/// next one is sent. What failed or is still there begins anew, as does what had no access.
///
/// How far it is and in words; none when nothing is to be asked of it.
///
/// # Errors
/// [`EraseError`]: the journal, or somebody is held; what was asked for until then is written down.
pub fn ask(
    journal: &Journal,
    keys: &Keys,
    run: &str,
    recipient: &str,
    way: &mut Way<'_>,
) -> Result<Option<(RecipientState, String)>, EraseError> {
    for (third_party, person, sealed) in journal.asks(run, recipient)? {
        let at = At {
            run,
            recipient,
            third_party: &third_party,
            person,
        };
        let sealed = keys.open_sealed(&sealed, at.place().as_bytes());
        let sealed = sealed.ok_or(EraseError::OtherKeys)?;
        let sealed: Sealed = serde_json::from_slice(&sealed).map_err(|_| JournalError::Damaged("what is asked"))?;
        ask_of_one(journal, keys, &at, sealed, way)?;
    }
    Ok(journal.asked_of(run, recipient)?)
}

fn ask_of_one(
    journal: &Journal,
    keys: &Keys,
    at: &At<'_>,
    mut sealed: Sealed,
    way: &mut Way<'_>,
) -> Result<(), EraseError> {
    let order = Order {
        recipient: at.recipient.to_owned(),
        third_party: ThirdPartyId::new(at.third_party).map_err(|_| JournalError::Damaged("a third party"))?,
        reference: sealed.reference.clone(),
    };
    let plan = Plan::new(order, identifiers(&sealed.known_by), way.access.cloned(), catalog());
    let mut deletion = match sealed.deletion.take() {
        None => plan.start((way.now)()),
        Some(deletion) if begins_anew(&deletion) => deletion.again(),
        Some(deletion) => deletion,
    };
    loop {
        sealed.deletion = Some(deletion.clone());
        journal.keep_ask(at, &plan, &sealed, keys)?;
        let now = (way.now)();
        if deletion.is_over() || deletion.next_at.is_some_and(|next| now < next) {
            return Ok(());
        }
        (way.may)()?;
        deletion = advance(&plan, deletion, way.transport, now);
    }
}

fn identifiers(known_by: &KnownBy) -> Identifiers {
    let all = known_by
        .iter()
        .flat_map(|(kind, values)| values.iter().map(|value| (*kind, value)));
    all.fold(Identifiers::default(), |all, (kind, value)| {
        all.with(kind, value.expose())
    })
}

/// Whether it ended in a way that another try, or an access set since, may change.
fn begins_anew(deletion: &Deletion) -> bool {
    let had_no_access = matches!(deletion.trouble, Some(Trouble::NoAccess | Trouble::AccessLacks { .. }));
    match deletion.status.word() {
        "failed" | "still_there" => true,
        "manual" => had_no_access,
        _ => false,
    }
}

/// Whether no request will follow whatever happens: what names the person is not needed any more.
fn is_at_its_end(deletion: &Deletion) -> bool {
    let rest = matches!(deletion.trouble, Some(Trouble::Rest { .. } | Trouble::NothingConfirms));
    deletion.is_done() || (deletion.is_over() && rest)
}

/// What a recipient's state is called where one of a person is `word`.
fn state_of(word: &str) -> RecipientState {
    match word {
        "confirmed" => RecipientState::Confirmed,
        "attested" => RecipientState::Vouched,
        "still_there" => RecipientState::StillThere,
        "failed" => RecipientState::Failed,
        "manual" => RecipientState::Manual,
        "no_api" => RecipientState::NoWay,
        "planned" => RecipientState::NotAsked,
        _ => RecipientState::Asked,
    }
}

/// Of several people the one that is farthest from confirmed says how far a recipient is.
fn rank(state: RecipientState) -> u8 {
    match state {
        RecipientState::Confirmed => 0,
        RecipientState::KeepsNothing => 1,
        RecipientState::Vouched => 2,
        RecipientState::Asked => 3,
        RecipientState::NotAsked => 4,
        RecipientState::NoWay => 5,
        RecipientState::Manual => 6,
        RecipientState::Failed => 7,
        RecipientState::StillThere => 8,
    }
}

/// Which ask is meant.
struct At<'a> {
    run: &'a str,
    recipient: &'a str,
    third_party: &'a str,
    person: u64,
}

impl At<'_> {
    fn place(&self) -> String {
        let (run, recipient, party, person) = (self.run, self.recipient, self.third_party, self.person);
        format!("erasure/{run}/ask/{recipient}/{party}/{person}")
    }

    fn seal(&self, sealed: &Sealed, keys: &Keys) -> Result<Vec<u8>, JournalError> {
        let bytes = serde_json::to_vec(sealed).map_err(|_| JournalError::Damaged("what is asked"))?;
        Ok(keys.seal(&bytes, self.place().as_bytes())?)
    }
}
