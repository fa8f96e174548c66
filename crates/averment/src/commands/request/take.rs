//! Steps of a request: each is checked, kept, told to the ledger, and printed.

use averment_catalog::SubjectId;
use averment_ledger::RequestKind;
use averment_store::About;
use averment_store::requests::{
    Channel, Clocks, Concerned, Event, NewRequest, Progress, Request, Requester, Right, State,
};

use super::clocks::{Office, digest_of};
use super::{ExtendArgs, HoldArgs, ReasonArgs, RefuseArgs, StepArgs, VerifyArgs};
use crate::outcome::{Failure, Outcome};
use crate::{clock, texts};

/// The catalog's word for a student to whom the rights have passed, 34 CFR 99.3, 99.5.
const ELIGIBLE: &str = "student.eligible";

pub(super) fn confirm(arguments: &StepArgs) -> Result<Outcome, Failure> {
    let mut office = Office::open(&arguments.place)?;
    let how = office.proven(&arguments.shown)?;
    office.take(&arguments.request, &Event::Confirmed { how })
}

pub(super) fn identity(arguments: &StepArgs) -> Result<Outcome, Failure> {
    let mut office = Office::open(&arguments.place)?;
    let how = office.proven(&arguments.shown)?;
    office.take(&arguments.request, &Event::IdentityWanted { how })
}

pub(super) fn done(arguments: &StepArgs) -> Result<Outcome, Failure> {
    let mut office = Office::open(&arguments.place)?;
    let how = office.proven(&arguments.shown)?;
    let request = office.requests.get(&arguments.request)?;
    if request.kind.destroys() {
        // A school is held under any of its names, which only the register knows.
        let names = office.schools_of(&request.about)?;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        office.requests.executable(&request.id, &names)?;
    }
    let is_unseen = request.kind == RequestKind::Erasure && !office.is_erased(&request.about)?;
    let outcome = office.take(&request.id, &Event::Done { how })?;
    if is_unseen {
        anstream::eprintln!(
            "note: no run of `averment erase` that is over has this person: that it was done rests on what you show"
        );
    }
    Ok(outcome)
}

pub(super) fn verify(arguments: &VerifyArgs) -> Result<Outcome, Failure> {
    let StepArgs { request, shown, place } = &arguments.step;
    let mut office = Office::open(place)?;
    let how = office.proven(shown)?;
    let request = office.requests.get(request)?;
    let right = right(&request, arguments.order.is_some())?;
    if is_verified(&request, right) && arguments.order.is_none() {
        super::print::standing(&request, &office.due(&request)?);
        anstream::println!("It was verified before: nothing is entered.");
        return Ok(Outcome::Holds);
    }
    belongs(&office, &request)?;
    passed(&office, &request)?;
    let order = arguments.order.as_deref().map(digest_of).transpose()?;
    let order = order.map(|order| order.as_str().to_owned());
    office.take(&request.id, &Event::Verified { right, how, order })
}

/// Whether it is open with that right.
fn is_verified(request: &Request, right: Right) -> bool {
    let progress = Progress::of(request);
    progress.right() == Some(right) && matches!(progress.state(), State::Verified | State::Extended)
}

/// The right that follows from who asks.
fn right(request: &Request, has_order: bool) -> Result<Right, Failure> {
    match (request.by, has_order) {
        (Requester::Parent, false) => Ok(Right::Parent),
        (Requester::Parent, true) => Ok(Right::ParentUnderOrder),
        (_, true) => Err(Failure::new(
            "an order limits the rights of a guardian: this request is of nobody who is one",
        )),
        (Requester::EligibleStudent, false) => Ok(Right::EligibleStudent),
        (Requester::Person, false) => Ok(Right::Person),
        (Requester::School, false) => Ok(Right::School),
        (Requester::Office, false) => Err(Failure::new(
            "a legal hold is nobody's request: there is nothing to verify",
        )),
    }
}

/// A school asks for its own people only; whose they are stands in the directory.
fn belongs(office: &Office<'_>, request: &Request) -> Result<(), Failure> {
    let (Concerned::Person(_), Some(acting)) = (&request.about, &request.acting_school) else {
        return Ok(());
    };
    let theirs = office.schools_of(&request.about)?;
    if office.aliases(acting).is_disjoint(&theirs) {
        let message = format!("the directory does not say that the person is of the school `{acting}`");
        return Err(Failure::new(message).hint("bring the directory up to date, or refuse the request"));
    }
    Ok(())
}

/// At 18 the rights of the parents pass to the student.
fn passed(office: &Office<'_>, request: &Request) -> Result<(), Failure> {
    let (Concerned::Person(person), Requester::Parent) = (&request.about, request.by) else {
        return Ok(());
    };
    let known = office.people.know_person(*person, clock::now())?;
    let subject = known.and_then(|known| known.subject);
    if subject.as_ref().map(SubjectId::as_str) == Some(ELIGIBLE) {
        let message = "the rights have passed to the student, 34 CFR 99.5: a parent cannot ask for it";
        let hint = "refuse the request; the student can ask with `--by eligible_student`";
        return Err(Failure::new(message).hint(hint));
    }
    Ok(())
}

pub(super) fn extend(arguments: &ExtendArgs) -> Result<Outcome, Failure> {
    let told_on = arguments.told.unwrap_or_else(clock::today);
    if told_on > clock::today() {
        return Err(Failure::new("the day after `--told` is still to come"));
    }
    let mut office = Office::open(&arguments.place)?;
    texts::check(&[("--because", Some(&arguments.because))], &mut office.people)?;
    let because = arguments.because.clone();
    let request = office.requests.get(&arguments.request)?;
    if told_on < request.received_on {
        return Err(Failure::new(
            "the day after `--told` lies before the day on which the request was received",
        ));
    }
    let outcome = office.take(&request.id, &Event::Extended { because, told_on })?;
    let after = office.requests.get(&request.id)?;
    if !office.due(&after)?.iter().any(|one| one.extended) {
        anstream::println!("No day changes: no law that may apply gives more time, or they were told too late.");
    }
    Ok(outcome)
}

pub(super) fn hold(arguments: &HoldArgs) -> Result<Outcome, Failure> {
    let mut office = Office::open(&arguments.place)?;
    texts::check(&[("--because", Some(&arguments.because))], &mut office.people)?;
    let event = Event::OnHold {
        because: arguments.because.clone(),
        how: office.proven(&arguments.shown)?,
    };
    if let Some(request) = &arguments.request {
        return office.take(request, &event);
    }
    let school = arguments.about.school.as_deref().map(|name| office.name_of(name));
    let school_names = school.as_deref().map(|name| office.names_for(name)).transpose()?;
    let about = match (&arguments.about.person, &school) {
        (Some(id), None) => About::Person(id),
        (None, Some(name)) => About::School(name),
        _ => return Err(Failure::new("expected a request, `--person ID` or `--school ID`")),
    };
    let new = NewRequest {
        kind: RequestKind::LegalHold,
        about,
        school_names: &school_names.unwrap_or_default(),
        by: Requester::Office,
        acting_school: None,
        channel: Channel::Other,
        received_on: clock::today(),
        how: None,
        clocks: &Clocks::default(),
    };
    let held = office.requests.ask(&office.people, &new, clock::now())?;
    office.take(&held.id, &event)
}

pub(super) fn lift(arguments: &ReasonArgs) -> Result<Outcome, Failure> {
    let mut office = Office::open(&arguments.place)?;
    texts::check(&[("--because", Some(&arguments.because))], &mut office.people)?;
    let event = Event::Lifted {
        because: arguments.because.clone(),
        how: office.proven(&arguments.shown)?,
    };
    office.take(&arguments.request, &event)
}

pub(super) fn refuse(arguments: &RefuseArgs) -> Result<Outcome, Failure> {
    let mut office = Office::open(&arguments.place)?;
    let (because, cite) = (arguments.because.as_str(), arguments.cite.as_str());
    texts::check(
        &[("--because", Some(because)), ("--cite", Some(cite))],
        &mut office.people,
    )?;
    let request = office.requests.get(&arguments.request)?;
    if request.kind == RequestKind::Amendment && !arguments.hearing_told {
        let message = "whoever is refused an amendment has to be told of the right to a hearing, 34 CFR 99.20(c)";
        return Err(Failure::new(message).hint("tell them, then say so with `--hearing-told`"));
    }
    let (because, cite) = (because.to_owned(), cite.to_owned());
    office.take(&request.id, &Event::Refused { because, cite })
}
