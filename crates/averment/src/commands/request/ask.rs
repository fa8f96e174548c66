//! A request that was received.

use averment_claims::{AskedFor, request_due};
use averment_ledger::RequestKind;
use averment_store::About;
use averment_store::requests::{Clocks, NewRequest, Requester};

use super::NewArgs;
use super::clocks::{Office, clocks};
use crate::clock;
use crate::outcome::{Failure, Outcome};

pub(super) fn run(arguments: &NewArgs) -> Result<Outcome, Failure> {
    let received_on = arguments.received.unwrap_or_else(clock::today);
    if received_on > clock::today() {
        return Err(Failure::new("the day after `--received` is still to come"));
    }
    fits(arguments)?;
    let mut office = Office::open(&arguments.place)?;
    let how = office.proof(&arguments.shown)?;
    let school = arguments.about.school.as_deref().map(|name| office.name_of(name));
    let school_names = school.as_deref().map(|name| office.names_for(name)).transpose()?;
    let acting = arguments.for_school.as_deref().map(|name| office.name_of(name));
    let about = match (&arguments.about.person, &school) {
        (Some(id), None) => About::Person(id),
        (None, Some(name)) => About::School(name),
        _ => return Err(Failure::new("expected `--person ID` or `--school ID`")),
    };
    let mut new = NewRequest {
        kind: arguments.kind,
        about,
        school_names: &school_names.unwrap_or_default(),
        by: arguments.by,
        acting_school: acting.as_deref(),
        channel: arguments.channel,
        received_on,
        how: how.as_ref(),
        clocks: &Clocks::default(),
    };
    let due = due(&office, &new)?;
    let clocks = clocks(&due);
    new.clocks = &clocks;
    let request = office.requests.ask(&office.people, &new, clock::now())?;
    office.tell()?;
    super::print::standing(&request, &due);
    anstream::println!("Nothing is done before `averment request verify {}`.", request.id);
    Ok(Outcome::Holds)
}

/// Something that can be asked for.
pub(super) fn kind(text: &str) -> Result<RequestKind, String> {
    let asked = RequestKind::ALL
        .into_iter()
        .filter(|kind| *kind != RequestKind::LegalHold);
    match text.parse() {
        Ok(kind) => Ok(kind),
        Err(_) => Err(no_such(asked.map(RequestKind::as_str), text)),
    }
}

/// Somebody who can ask.
pub(super) fn who(text: &str) -> Result<Requester, String> {
    let asking = Requester::ALL.into_iter().filter(|by| *by != Requester::Office);
    match text.parse() {
        Ok(by) => Ok(by),
        Err(_) => Err(no_such(asking.map(Requester::as_str), text)),
    }
}

fn no_such(words: impl Iterator<Item = &'static str>, found: &str) -> String {
    let words: Vec<&str> = words.collect();
    format!("expected one of {}, found `{found}`", words.join(", "))
}

/// Whether who asks can ask for that.
fn fits(arguments: &NewArgs) -> Result<(), Failure> {
    let by_school = arguments.by == Requester::School;
    match arguments.kind {
        RequestKind::LegalHold => Err(Failure::new(
            "a legal hold is nobody's request: `averment request hold` places one",
        )),
        _ if arguments.by == Requester::Office => Err(Failure::new(
            "expected who asks: one of parent, eligible_student, person, school",
        )),
        kind if kind.is_of_a_school() && !by_school => Err(Failure::new(format!(
            "a request for {kind} is made by a school: expected `--by school`"
        ))),
        kind if by_school && !kind.is_of_a_school() && arguments.for_school.is_none() => Err(Failure::new(
            "a school that asks for one of its people has to be named: expected `--for-school ID`",
        )),
        _ if !by_school && arguments.for_school.is_some() => Err(Failure::new(
            "`--for-school` names a school that asks: expected `--by school`",
        )),
        _ => Ok(()),
    }
}

fn due(office: &Office<'_>, new: &NewRequest<'_>) -> Result<Vec<averment_claims::RequestDue>, Failure> {
    let of_directory = match new.about {
        About::School(name) => Some(name.to_owned()),
        About::Person(id) => office.people.school_of(office.requests.person_id(id))?,
    };
    let name = new.acting_school.map(str::to_owned).or(of_directory);
    let asked = AskedFor {
        kind: new.kind,
        by_school: new.by == Requester::School,
        school: name.as_deref().and_then(|name| office.school(name)),
        received_on: new.received_on,
        confirmed: false,
        extended_on: None,
    };
    Ok(request_due(office.charter(), &asked))
}
