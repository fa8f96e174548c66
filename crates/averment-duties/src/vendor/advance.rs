//! Takes a deletion one request further.
//!
//! Start at [`advance`]. Deletions are announced in the state before they are sent, so that whoever is killed in between
//! sends them once more, which third parties take for the same request or answer with "no such record".

use averment_catalog::erasure::{Does, LooksAt};
use jiff::{SignedDuration, Timestamp};

use super::access::Access;
use super::answer::{Outcome, read};
use super::deletion::{Deletion, Evidence, Position, Status};
use super::plan::{Plan, Task, VERSION};
use super::request::{Values, request, values};
use super::wire::{SendError, Transport};
use super::{Hidden, Trouble};

/// Tries of one request, besides confirming looks, which are tried for ever.
const TRIES_MAX: u32 = 8;
/// Tries of a control before the looks are taken once more.
const CONTROL_TRIES_MAX: u32 = 3;
/// How often new records may turn up, page after page.
const ROUNDS_MAX: u32 = 100;
/// Longest wait that a third party may ask for, or that tries grow to.
const WAIT_MAX: SignedDuration = SignedDuration::from_hours(24);
/// Shortest wait between looks.
const LOOK_MIN: SignedDuration = SignedDuration::from_secs(15);

/// Takes `deletion` one request further, or does nothing when it is over or waits. Keep what comes back before the next call.
///
/// At most one request is sent; none when only an intent is written down or a step has nothing to do.
#[must_use]
pub fn advance(plan: &Plan<'_>, deletion: Deletion, transport: &mut dyn Transport, now: Timestamp) -> Deletion {
    if deletion.is_over() || deletion.next_at.is_some_and(|at| now < at) {
        return deletion;
    }
    let mut run = Run { plan, deletion, now };
    if let Err(trouble) = run.step(transport) {
        run.fail(trouble);
    }
    run.deletion
}

struct Run<'r, 'c> {
    plan: &'r Plan<'c>,
    deletion: Deletion,
    now: Timestamp,
}

impl<'r> Run<'r, '_> {
    fn step(&mut self, transport: &mut dyn Transport) -> Result<(), Trouble> {
        let plan = self.plan;
        if let Some(hindrance) = plan.hindrance() {
            self.deletion.status = plan.start(self.now).status;
            self.deletion.trouble = Some(hindrance.clone());
            return Ok(());
        }
        let (row, access) = (
            plan.erasure.ok_or(Trouble::Unknown)?,
            plan.access.as_ref().ok_or(Trouble::NoAccess)?,
        );
        if self.deletion.row != plan.row || self.deletion.version != VERSION {
            // Another version of the catalog or of us: steps are others, so all are gone through once more.
            self.deletion = self.deletion.clone().again();
            self.deletion.row.clone_from(&plan.row);
            self.deletion.version = VERSION;
        }
        let Some((task, values)) = self.next(access)? else {
            self.conclude();
            return Ok(());
        };
        if task.does() == Does::Delete && !self.deletion.intended {
            self.intend();
            return Ok(());
        }
        if task.does() != Does::Delete && task.does() != Does::Find && self.deletion.status == Status::Requested {
            self.deletion.status = Status::Accepted;
        }
        let request = request(row, &task.step, &values, self.now)?;
        let (outcome, wait) = match transport.send(&request) {
            Ok(answer) => (read(&task.step, &values, &answer), answer.wait(self.now)),
            Err(error) => (Outcome::Retry(unanswered(task, error)), None),
        };
        self.deletion.trouble = None;
        self.deletion.next_at = None;
        match task.does() {
            Does::Find => self.found(task, outcome, wait),
            Does::Delete => self.deleted(task, &values, outcome, wait),
            Does::Confirm => self.looked(task, outcome, wait),
            Does::Control => self.controlled(task, outcome, wait),
        }
        Ok(())
    }

    /// The next request: steps that have none (left) are gone past.
    fn next(&mut self, access: &'r Access) -> Result<Option<(&'r Task, Values<'r>)>, Trouble> {
        let plan = self.plan;
        while let Some(task) = plan.tasks.get(self.deletion.at.step) {
            if let Some(values) = values(plan, access, task, &self.deletion)? {
                return Ok(Some((task, values)));
            }
            if task.does() == Does::Delete {
                self.finish_deletions();
            }
            self.deletion.at = Position {
                step: self.deletion.at.step + 1,
                deed: 0,
            };
        }
        Ok(None)
    }

    /// What was taken is not deleted again by a later step of its own.
    fn finish_deletions(&mut self) {
        if self.deletion.deletions > 0 && self.deletion.accepted_at.is_none() {
            self.deletion.accepted_at = Some(self.now);
        }
    }

    fn intend(&mut self) {
        let due = self.now.checked_add(self.plan.takes).unwrap_or(Timestamp::MAX);
        let deletion = &mut self.deletion;
        (deletion.intended, deletion.status, deletion.due) = (true, Status::Requested, Some(due));
        deletion.requested_at.get_or_insert(self.now);
        (deletion.looks, deletion.jobs) = (0, 0);
    }

    fn found(&mut self, task: &Task, outcome: Outcome, wait: Option<SignedDuration>) {
        match outcome {
            Outcome::Absent => self.deletion.blanks += 1,
            Outcome::Present(keys) => {
                let name = task.step.finds.as_ref().map_or("", |finds| finds.name.as_str());
                self.deletion.records += keep(&mut self.deletion.found, name, keys);
            }
            other => return self.troubled(task, other, wait),
        }
        self.go_on();
    }

    fn deleted(&mut self, task: &Task, values: &Values<'_>, outcome: Outcome, wait: Option<SignedDuration>) {
        match outcome {
            Outcome::Taken(jobs) => {
                let name = task.step.finds.as_ref().map_or("", |finds| finds.name.as_str());
                keep(&mut self.deletion.found, name, jobs);
                self.deletion.deletions += 1;
            }
            // Already gone, which is the goal; the look decides.
            Outcome::Absent => {}
            other => return self.troubled(task, other, wait),
        }
        for (name, key) in values.keys() {
            keep(&mut self.deletion.gone, name, vec![key.clone()]);
        }
        self.deletion.accepted_at = Some(self.now);
        self.go_on();
    }

    fn looked(&mut self, task: &Task, outcome: Outcome, wait: Option<SignedDuration>) {
        let step = task.step.says.clone();
        match (outcome, task.step.looks_at) {
            (Outcome::Absent, LooksAt::Record) => self.deletion.looks += 1,
            (Outcome::Taken(_), LooksAt::Job) => self.deletion.jobs += 1,
            (Outcome::Present(keys), LooksAt::Record) => return self.still_found(task, &keys),
            (Outcome::Pending, _) => return self.wait_for(Trouble::Pending { step }, None),
            (Outcome::Retry(trouble) | Outcome::Refused(trouble), _) => return self.wait_for(trouble, wait),
            _ => {
                return self.wait_for(
                    Trouble::Shape {
                        step,
                        at: "answers".to_owned(),
                    },
                    None,
                );
            }
        }
        self.go_on();
    }

    /// New records are another page, and all is gone through again; those that were deleted need time, or were not.
    fn still_found(&mut self, task: &Task, keys: &[Hidden]) {
        let name = task.step.finds.as_ref().map_or("", |finds| finds.name.as_str());
        let gone = self.deletion.gone.get(name).map_or(&[][..], Vec::as_slice);
        let is_next_page = !name.is_empty() && !keys.is_empty() && keys.iter().all(|key| !gone.contains(key));
        if is_next_page && self.deletion.round < ROUNDS_MAX {
            self.deletion.round += 1;
            let Deletion { found, gone, .. } = &mut self.deletion;
            found.retain(|name, _| !gone.contains_key(name));
            self.deletion.restart();
            return;
        }
        let trouble = Trouble::StillFound {
            step: task.step.says.clone(),
        };
        if self.deletion.due.is_none_or(|due| self.now < due) {
            return self.wait_for(trouble, None);
        }
        self.deletion.status = Status::StillThere { at: self.now };
        self.deletion.trouble = Some(trouble);
    }

    fn controlled(&mut self, task: &Task, outcome: Outcome, wait: Option<SignedDuration>) {
        match outcome {
            Outcome::Present(_) => {
                self.deletion.controls += 1;
                return self.go_on();
            }
            Outcome::Retry(trouble) if self.deletion.attempts < CONTROL_TRIES_MAX => {
                self.deletion.attempts += 1;
                return self.wait_for(trouble, wait);
            }
            _ => {}
        }
        self.distrust(task);
    }

    /// What was looked at shows nothing: all looks are taken once more.
    fn distrust(&mut self, task: &Task) {
        let first = |does| self.plan.tasks.iter().position(|task| task.does() == does);
        let step = match self.deletion.status {
            Status::Planned => 0,
            _ => first(Does::Confirm).unwrap_or_default(),
        };
        let trouble = Trouble::Control {
            step: task.step.says.clone(),
        };
        self.wait_for(trouble, None);
        self.deletion.at = Position { step, deed: 0 };
        self.deletion.attempts = 0;
        (
            self.deletion.looks,
            self.deletion.jobs,
            self.deletion.blanks,
            self.deletion.controls,
        ) = (0, 0, 0, 0);
    }

    /// What went through is not confirmed by that: something must have looked, and found nothing.
    fn conclude(&mut self) {
        let deletion = &self.deletion;
        let is_asked = deletion.requested_at.is_some();
        let by = match (deletion.looks > 0, deletion.jobs > 0) {
            (true, _) if is_asked => Some(Evidence::Look),
            (_, true) if is_asked => Some(Evidence::Job),
            (looked, _) if !is_asked && (looked || deletion.blanks > 0) => Some(Evidence::NothingFound),
            _ => None,
        };
        let rest = self.plan.erasure.map_or("", |row| row.rest_by_hand.as_str());
        match by {
            None if self.deletion.status == Status::Planned => {
                self.fail(Trouble::row("it asks for nothing".to_owned()));
            }
            None => {
                self.deletion.status = Status::Accepted;
                self.deletion.trouble = Some(Trouble::NothingConfirms);
            }
            Some(by) if !rest.is_empty() && by != Evidence::NothingFound => {
                self.deletion.status = self.plan.by_hand(self.now);
                self.deletion.forget();
                self.deletion.trouble = Some(Trouble::Rest { rest: rest.to_owned() });
            }
            Some(by) => {
                self.deletion.status = Status::Confirmed { at: self.now, by };
                self.deletion.forget();
            }
        }
    }

    /// Tries again within bounds, or gives up.
    fn troubled(&mut self, task: &Task, outcome: Outcome, wait: Option<SignedDuration>) {
        let step = task.step.says.clone();
        let trouble = match outcome {
            Outcome::Retry(trouble) if self.deletion.attempts + 1 < TRIES_MAX => {
                self.deletion.attempts += 1;
                let grown = SignedDuration::from_secs(1 << (2 * self.deletion.attempts).min(16));
                return self.wait(trouble, wait.map_or(grown, |wait| wait.max(grown)));
            }
            Outcome::Retry(trouble) | Outcome::Refused(trouble) => trouble,
            Outcome::Pending => Trouble::Pending { step },
            _ => Trouble::Shape {
                step,
                at: "answers".to_owned(),
            },
        };
        self.fail(trouble);
    }

    /// Looks again later, for as long as it takes, and the longer it takes the less often.
    fn wait_for(&mut self, trouble: Trouble, wait: Option<SignedDuration>) {
        let since = self.deletion.requested_at.unwrap_or(self.deletion.started_at);
        let pause = self.plan.takes.max(self.now.duration_since(since)) / 8;
        let pause = pause.clamp(LOOK_MIN, WAIT_MAX);
        self.wait(trouble, wait.map_or(pause, |wait| wait.max(pause)));
    }

    fn wait(&mut self, trouble: Trouble, wait: SignedDuration) {
        let next = self.now.checked_add(wait.min(WAIT_MAX)).unwrap_or(Timestamp::MAX);
        (self.deletion.next_at, self.deletion.trouble) = (Some(next), Some(trouble));
    }

    fn go_on(&mut self) {
        self.deletion.at.deed += 1;
        (self.deletion.intended, self.deletion.attempts) = (false, 0);
    }

    fn fail(&mut self, trouble: Trouble) {
        self.deletion.status = Status::Failed { at: self.now };
        self.deletion.trouble = Some(trouble);
        self.deletion.next_at = None;
    }
}

/// Adds keys that are not there yet; how many were new.
fn keep(into: &mut std::collections::BTreeMap<String, Vec<Hidden>>, name: &str, keys: Vec<Hidden>) -> u64 {
    if name.is_empty() {
        return keys.len() as u64;
    }
    let known = into.entry(name.to_owned()).or_default();
    let before = known.len();
    for key in keys {
        if !known.contains(&key) {
            known.push(key);
        }
    }
    (known.len() - before) as u64
}

fn unanswered(task: &Task, error: SendError) -> Trouble {
    let step = task.step.says.clone();
    match error {
        SendError::TimedOut => Trouble::TimedOut { step },
        SendError::NotReached(how) => Trouble::NotReached { step, how },
    }
}
