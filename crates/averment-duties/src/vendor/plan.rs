//! One person at one recipient, with the catalog's row made ready.

use averment_catalog::erasure::{Does, Erasure, Identifier, LooksAt, Step, Way};
use averment_catalog::{Catalog, ThirdPartyId};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use sha2::{Digest as _, Sha256};

use super::access::Access;
use super::deletion::{Deletion, Position, Status};
use super::{Identifiers, Trouble, request};

/// Days that somebody has for what is done by hand.
const BY_HAND_DAYS: i64 = 30;
/// Version of [`Deletion`].
pub(super) const VERSION: u8 = 1;

/// Which deletion is meant.
#[derive(Debug, Clone)]
pub struct Order {
    /// The recipient of the register.
    pub recipient: String,
    /// The third party that it is.
    pub third_party: ThirdPartyId,
    /// Names this person's erasure and nobody: random, the same when it is resumed. Third parties see a digest of it.
    pub reference: String,
}

/// A step that runs, or a look for the canary.
#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) step: Step,
    pub(super) canary: bool,
}

impl Task {
    pub(super) fn does(&self) -> Does {
        if self.canary { Does::Control } else { self.step.does }
    }
}

/// One person at one recipient, ready to run.
#[derive(Debug, Clone)]
pub struct Plan<'c> {
    pub(super) order: Order,
    pub(super) erasure: Option<&'c Erasure>,
    pub(super) tasks: Vec<Task>,
    pub(super) identifiers: Identifiers,
    pub(super) access: Option<Access>,
    pub(super) row: String,
    pub(super) takes: SignedDuration,
    /// Why it cannot run.
    hindrance: Option<Trouble>,
}

impl<'c> Plan<'c> {
    /// Makes the plan. `identifiers`: only what this recipient knows the person by. Without `access` it is done by hand.
    pub fn new(order: Order, identifiers: Identifiers, access: Option<Access>, catalog: &'c Catalog) -> Self {
        let party = catalog.third_party(&order.third_party);
        let erasure = party.and_then(|party| party.erasure.as_ref());
        Self::of(order, identifiers, access, erasure)
    }

    /// As [`Plan::new`], from a row.
    pub fn of(order: Order, identifiers: Identifiers, access: Option<Access>, erasure: Option<&'c Erasure>) -> Self {
        let row = erasure.map(|row| hex(&serde_json::to_vec(row).unwrap_or_default()));
        let mut plan = Self {
            order,
            erasure,
            tasks: Vec::new(),
            identifiers,
            access,
            row: row.unwrap_or_default(),
            takes: SignedDuration::ZERO,
            hindrance: None,
        };
        plan.hindrance = plan.prepare().err();
        plan
    }

    fn prepare(&mut self) -> Result<(), Trouble> {
        let row = self.erasure.ok_or(Trouble::Unknown)?;
        match row.way {
            Way::Api => {}
            Way::ByHand => {
                return Err(Trouble::ByHand {
                    how: row.by_hand.clone(),
                });
            }
            Way::KeepsNothing => return Err(Trouble::KeepsNothing),
        }
        self.takes = duration(&row.takes)?;
        if let Some(promised) = self.access.as_ref().and_then(|access| access.takes) {
            let seconds = i64::try_from(promised.approximate_seconds()).unwrap_or(i64::MAX);
            self.takes = self.takes.min(SignedDuration::from_secs(seconds));
        }
        self.tasks = tasks(row, self.access.as_ref().map(|access| &access.canary))?;
        let access = self.access.as_ref().ok_or(Trouble::NoAccess)?;
        let lacks = |what: &str| Trouble::AccessLacks {
            what: format!("`{what}`"),
        };
        let secret = row.secrets.keys().find(|name| !access.secrets.contains_key(*name));
        let setting = row.settings.keys().find(|name| !access.settings.contains_key(*name));
        if let Some(name) = secret.or(setting) {
            return Err(lacks(name));
        }
        if access
            .region
            .as_ref()
            .is_some_and(|region| !row.regions.contains_key(region))
        {
            return Err(lacks("region"));
        }
        self.check_identifiers(row)
    }

    /// At least one look or deletion must be possible with what is known.
    fn check_identifiers(&self, row: &Erasure) -> Result<(), Trouble> {
        let mut wants: Vec<Identifier> = Vec::new();
        for task in self
            .tasks
            .iter()
            .filter(|task| matches!(task.does(), Does::Find | Does::Delete))
        {
            let names = request::variables(&task.step, row)?;
            let kinds = Identifier::ALL
                .into_iter()
                .filter(|kind| names.iter().any(|name| name == kind.name()));
            wants.extend(kinds);
        }
        if wants.iter().any(|kind| !self.identifiers.of(kind.name()).is_empty()) {
            return Ok(());
        }
        wants.sort_unstable();
        wants.dedup();
        let words: Vec<&str> = wants.iter().map(|kind| kind.says()).collect();
        Err(Trouble::NoIdentifier {
            wants: words.join(" or "),
        })
    }

    /// A deletion that has not begun, or what hinders it.
    pub fn start(&self, now: Timestamp) -> Deletion {
        Deletion {
            version: VERSION,
            recipient: self.order.recipient.clone(),
            status: match &self.hindrance {
                None => Status::Planned,
                Some(Trouble::KeepsNothing | Trouble::Unknown) => Status::NoApi,
                Some(Trouble::Row { .. }) => Status::Failed { at: now },
                Some(_) => self.by_hand(now),
            },
            row: self.row.clone(),
            at: Position::default(),
            intended: false,
            attempts: 0,
            round: 0,
            found: Default::default(),
            gone: Default::default(),
            records: 0,
            deletions: 0,
            looks: 0,
            jobs: 0,
            blanks: 0,
            controls: 0,
            started_at: now,
            requested_at: None,
            accepted_at: None,
            next_at: None,
            due: None,
            trouble: self.hindrance.clone(),
        }
    }

    /// What will be asked, in order and in words, for whoever wants to see it before; nothing when it cannot run.
    pub fn says(&self) -> impl Iterator<Item = (Does, &str)> {
        let own = self
            .tasks
            .iter()
            .filter(|task| self.hindrance.is_none() && !task.canary);
        own.map(|task| (task.step.does, task.step.says.as_str()))
    }

    /// What hinders it from running.
    pub(super) fn hindrance(&self) -> Option<&Trouble> {
        self.hindrance.as_ref()
    }

    /// Somebody has to do it, in the usual time.
    pub(super) fn by_hand(&self, now: Timestamp) -> Status {
        let due = now.checked_add(SignedDuration::from_hours(24 * BY_HAND_DAYS));
        Status::Manual {
            due: due.unwrap_or(Timestamp::MAX),
        }
    }
}

/// The steps in the order in which they run: controls last, then the looks for the canary.
fn tasks(row: &Erasure, canary: Option<&Identifiers>) -> Result<Vec<Task>, Trouble> {
    let steps = row
        .steps
        .iter()
        .map(|step| resolve(row, step))
        .collect::<Result<Vec<_>, _>>()?;
    let (controls, others): (Vec<Step>, Vec<Step>) = steps.into_iter().partition(|step| step.does == Does::Control);
    let mut looks = Vec::new();
    for step in &others {
        let names = request::variables(step, row)?;
        let is_look = matches!(step.does, Does::Find | Does::Confirm) && step.looks_at == LooksAt::Record;
        let known = |name: &String| canary.is_some_and(|canary| !canary.of(name).is_empty());
        if is_look && !names.is_empty() && names.iter().all(known) {
            looks.push(step.clone());
        }
    }
    let own = others
        .into_iter()
        .chain(controls)
        .map(|step| Task { step, canary: false });
    Ok(own
        .chain(looks.into_iter().map(|step| Task { step, canary: true }))
        .collect())
}

/// A step with what it repeats of another.
fn resolve(row: &Erasure, step: &Step) -> Result<Step, Trouble> {
    if step.like.is_empty() {
        return Ok(step.clone());
    }
    let other = row
        .steps
        .iter()
        .find(|other| other.id == step.like && other.like.is_empty());
    let other = other.ok_or_else(|| Trouble::row(format!("`{}` is like no step", step.id)))?;
    Ok(Step {
        id: step.id.clone(),
        does: step.does,
        says: step.says.clone(),
        looks_at: step.looks_at,
        ..other.clone()
    })
}

/// ISO 8601, a day is 24 hours.
fn duration(text: &str) -> Result<SignedDuration, Trouble> {
    let span: Option<Span> = text.parse().ok();
    let length = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    length.ok_or_else(|| Trouble::row(format!("`takes` is `{text}`")))
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
