//! Requests: what can happen to them and when, what is held, and that nothing of it is forgotten unseen.

use std::collections::BTreeSet;
use std::path::Path;

use averment_ledger::RequestKind;
use averment_store::requests::{
    Channel, Clocks, Concerned, Event, Ground, NewRequest, Progress, Request, Requester, Right, State,
};
use averment_store::{About, Holds, People, RequestError, Requests};
use jiff::Timestamp;
use proptest::prelude::*;

use crate::fixture::*;

const CSV: &str = "\
id,role,school,email
s-1001,student,Harbour School,mira.oakley@school.example
s-1002,student,Harbour School,theo.oakley@school.example
t-2001,teacher,,p.ferrara@school.example
";

struct Office {
    home: Home,
    people: People,
    requests: Requests,
}

impl Office {
    fn new() -> Self {
        let home = Home::new();
        let (folder, keys) = home.open();
        let mut people = People::open(&folder, &keys).unwrap();
        people.load_csv(CSV.as_bytes(), "people.csv", noon()).unwrap();
        Self {
            people,
            requests: Requests::open(&folder, &keys).unwrap(),
            home,
        }
    }

    /// Another program on the same folder.
    fn beside(&self) -> Result<Requests, RequestError> {
        let (folder, keys) = self.home.open();
        Requests::open(&folder, &keys)
    }

    fn holds(&self) -> Holds {
        let (folder, keys) = self.home.open();
        Holds::open(&folder, &keys).unwrap()
    }

    fn ask_about(&self, kind: RequestKind, about: About<'_>) -> Result<Request, RequestError> {
        let by = match about {
            _ if kind == RequestKind::LegalHold => Requester::Office,
            About::School(_) => Requester::School,
            About::Person(_) => Requester::Parent,
        };
        let new = NewRequest {
            kind,
            about,
            school_names: &["Harbour".to_owned()],
            by,
            acting_school: None,
            channel: Channel::Letter,
            received_on: "2026-03-01".parse().unwrap(),
            how: None,
            clocks: &Clocks {
                laws: vec!["FERPA-10-a".to_owned()],
                due: "2026-04-15".parse().ok(),
            },
        };
        self.requests.ask(&self.people, &new, noon())
    }

    fn ask(&self, kind: RequestKind, person: &str) -> String {
        self.ask_about(kind, About::Person(person)).unwrap().id
    }

    fn take(&self, id: &str, event: &Event) -> Result<State, RequestError> {
        let request = self.requests.step(id, event, &Clocks::default(), noon())?;
        Ok(Progress::of(&request).state())
    }

    /// The grounds on which somebody is held.
    fn held(&self, person: &str) -> Vec<Ground> {
        let holds = self.holds();
        let found = holds.of(&holds.person(person), &["Harbour School"]).unwrap();
        found.into_iter().map(|hold| hold.ground).collect()
    }
}

fn how() -> String {
    "seen at the counter".to_owned()
}

fn verified() -> Event {
    Event::Verified {
        right: Right::Parent,
        how: how(),
        order: None,
    }
}

fn done() -> Event {
    Event::Done { how: how() }
}

fn on_hold() -> Event {
    let because = "a lawsuit".to_owned();
    Event::OnHold { because, how: how() }
}

fn lifted() -> Event {
    let because = "it is settled".to_owned();
    Event::Lifted { because, how: how() }
}

fn refused() -> Event {
    Event::Refused {
        because: "it is excessive".to_owned(),
        cite: "GDPR Art. 12(5)(b)".to_owned(),
    }
}

#[test]
fn nothing_is_done_for_somebody_who_was_not_verified() {
    let office = Office::new();
    let id = office.ask(RequestKind::Erasure, "s-1001");
    let error = office.take(&id, &done()).unwrap_err();
    assert!(matches!(error, RequestError::Unverified { .. }), "{error}");
    assert!(matches!(
        office.requests.executable(&id, &[]),
        Err(RequestError::Unverified { .. })
    ));
    let wanted = Event::IdentityWanted { how: how() };
    assert_eq!(office.take(&id, &wanted).unwrap(), State::IdentityWanted);
    assert!(matches!(
        office.take(&id, &done()),
        Err(RequestError::Unverified { .. })
    ));
    assert_eq!(office.take(&id, &verified()).unwrap(), State::Verified);
    assert_eq!(office.requests.executable(&id, &[]).unwrap().id, id);
    assert_eq!(office.take(&id, &done()).unwrap(), State::Done);
    for event in [verified(), done(), on_hold(), lifted(), refused()] {
        assert!(
            matches!(office.take(&id, &event), Err(RequestError::Step { .. })),
            "{event:?}"
        );
    }
}

#[test]
fn more_time_is_taken_once_and_does_not_undo_what_was_checked() {
    let office = Office::new();
    let id = office.ask(RequestKind::Rectification, "s-1001");
    let extended = Event::Extended {
        because: "many records".to_owned(),
        told_on: "2026-03-10".parse().unwrap(),
    };
    office.take(&id, &verified()).unwrap();
    assert_eq!(office.take(&id, &extended).unwrap(), State::Extended);
    assert!(matches!(office.take(&id, &extended), Err(RequestError::Step { .. })));
    assert_eq!(office.take(&id, &done()).unwrap(), State::Done);
}

#[test]
fn nothing_is_destroyed_while_a_request_to_see_it_is_outstanding() {
    let office = Office::new();
    let erasure = office.ask(RequestKind::Erasure, "s-1001");
    office.take(&erasure, &verified()).unwrap();
    assert_eq!(office.held("s-1001"), []);
    let access = office.ask(RequestKind::Access, "s-1001");
    assert_eq!(
        office.held("s-1001"),
        [Ground::Inspection],
        "from the day on which it came"
    );
    assert_eq!(office.held("s-1002"), []);
    let error = office.take(&erasure, &done()).unwrap_err();
    assert!(matches!(&error, RequestError::Held { holds, .. } if *holds == [format!("inspection ({access})")]));
    office.take(&access, &verified()).unwrap();
    assert_eq!(office.held("s-1001"), [Ground::Inspection]);
    office.take(&access, &done()).unwrap();
    assert_eq!(office.held("s-1001"), []);
    office.take(&erasure, &done()).unwrap();
}

#[test]
fn a_legal_hold_is_placed_and_lifted_by_hand_on_a_person_or_a_whole_school() {
    let office = Office::new();
    let of_person = office.ask(RequestKind::LegalHold, "s-1002");
    assert_eq!(
        office.held("s-1002"),
        [Ground::Legal],
        "whatever comes after it is entered"
    );
    office.take(&of_person, &on_hold()).unwrap();
    let school = About::School("Harbour  School");
    let of_school = office.ask_about(RequestKind::LegalHold, school).unwrap().id;
    office.take(&of_school, &on_hold()).unwrap();
    assert_eq!(office.held("s-1002"), [Ground::Legal, Ground::Legal]);
    assert_eq!(office.held("s-1001"), [Ground::Legal], "all of the school");
    let everybody = office.holds().everybody().unwrap();
    let person = |id: &str| office.requests.person_id(id);
    assert!(everybody.holds(person("s-1001"), &["HARBOUR SCHOOL"]));
    assert!(!everybody.holds(person("s-1001"), &[]) && everybody.holds(person("s-1002"), &[]));
    assert!(!everybody.holds(person("t-2001"), &["Hill School"]));

    let deletion = office.ask_about(RequestKind::SchoolDeletion, school).unwrap().id;
    office.take(&deletion, &verified()).unwrap();
    assert!(matches!(
        office.take(&deletion, &done()),
        Err(RequestError::Held { .. })
    ));
    assert!(matches!(
        office.take(&of_school, &refused()),
        Err(RequestError::Step { .. })
    ));
    assert_eq!(office.take(&of_school, &lifted()).unwrap(), State::Done);
    office.take(&deletion, &done()).unwrap();
    assert_eq!(office.held("s-1001"), []);
    assert_eq!(office.held("s-1002"), [Ground::Legal]);
}

#[test]
fn a_school_is_held_under_each_of_its_names() {
    let office = Office::new();
    let hold = office
        .ask_about(RequestKind::LegalHold, About::School("harbour-1"))
        .unwrap()
        .id;
    office.take(&hold, &on_hold()).unwrap();
    let erasure = office.ask(RequestKind::Erasure, "s-1001");
    office.take(&erasure, &verified()).unwrap();
    let with_name = |name: &str| office.requests.executable(&erasure, &[name]);
    for name in ["HARBOUR", "harbour-1"] {
        assert!(matches!(with_name(name), Err(RequestError::Held { .. })), "{name}");
    }
    assert!(with_name("Hill School").is_ok());
    let holds = office.holds();
    let found = holds.of(&holds.person("s-1001"), &["Harbour", "harbour-1"]).unwrap();
    assert_eq!(found.len(), 1, "one hold, whatever names are asked for: {found:?}");
    office.take(&hold, &lifted()).unwrap();
    assert_eq!(holds.everybody().unwrap().schools, BTreeSet::new());
}

#[test]
fn a_restriction_bars_use_once_it_was_verified_and_until_it_is_lifted() {
    let office = Office::new();
    let restricted = || {
        let person = office.requests.person_id("t-2001");
        office.holds().restricted().unwrap().holds(person, &[])
    };
    let id = office.ask(RequestKind::Restriction, "t-2001");
    assert_eq!(office.held("t-2001"), [Ground::RestrictionAsked]);
    assert!(!restricted(), "nobody knows yet who asks");
    office.take(&id, &verified()).unwrap();
    assert_eq!(office.held("t-2001"), [Ground::Restriction]);
    assert!(restricted());
    office.take(&id, &done()).unwrap();
    assert!(restricted(), "done means that it is in effect");
    office.take(&id, &lifted()).unwrap();
    assert!(!restricted());
    assert_eq!(office.held("t-2001"), []);
    assert!(matches!(office.take(&id, &lifted()), Err(RequestError::Step { .. })));
}

#[test]
fn a_request_is_about_what_fits_and_about_somebody_who_is_known() {
    let office = Office::new();
    let wrong = [
        (RequestKind::Access, About::School("Harbour School")),
        (RequestKind::SchoolDeletion, About::Person("s-1001")),
    ];
    for (kind, about) in wrong {
        assert!(matches!(office.ask_about(kind, about), Err(RequestError::About { .. })));
    }
    let error = office
        .ask_about(RequestKind::Access, About::Person("s-9999"))
        .unwrap_err();
    assert!(matches!(error, RequestError::UnknownPerson) && !error.to_string().contains("9999"));
    assert!(office.requests.all().unwrap().is_empty());
    assert!(matches!(
        office.take("0000000000", &done()),
        Err(RequestError::Unknown { .. })
    ));
}

#[test]
fn what_was_asked_for_somebody_who_is_forgotten_can_still_be_finished() {
    let mut office = Office::new();
    let id = office.ask(RequestKind::Erasure, "s-1001");
    office.take(&id, &verified()).unwrap();
    office.people.forget(&["s-1001".to_owned()], noon()).unwrap();
    assert_eq!(office.take(&id, &done()).unwrap(), State::Done);
    assert!(matches!(
        office.ask_about(RequestKind::Access, About::Person("s-1001")),
        Err(RequestError::Forgotten)
    ));
}

#[test]
fn the_ledger_is_told_of_each_step_once() {
    let office = Office::new();
    let id = office.ask(RequestKind::Access, "s-1001");
    office.take(&id, &verified()).unwrap();
    office.take(&id, &refused()).unwrap();
    let untold = office.requests.unrecorded().unwrap();
    let states: Vec<_> = untold
        .iter()
        .map(|(request, step)| request.entry(step, None).state)
        .collect();
    assert_eq!(states, ["received", "verified", "refused"]);
    let (request, step) = &untold[2];
    let entry = request.entry(step, Some(averment_ledger::Base64([9; 16])));
    assert_eq!((entry.asks.as_str(), entry.by.as_str()), ("access", "parent"));
    assert_eq!(entry.cite.as_deref(), Some("GDPR Art. 12(5)(b)"));
    assert_eq!(untold[0].0.entry(&untold[0].1, None).due.as_deref(), Some("2026-04-15"));
    let ids: BTreeSet<_> = untold.iter().map(|(_, step)| &step.id).collect();
    assert_eq!(ids.len(), 3);
    office.requests.set_recorded(untold[1].1.number).unwrap();
    assert_eq!(office.beside().unwrap().unrecorded().unwrap(), untold[2..]);
}

#[test]
fn no_request_and_no_step_can_be_changed() {
    let office = Office::new();
    office.ask(RequestKind::Access, "s-1001");
    let raw = rusqlite::Connection::open(office.home.open().0.requests()).unwrap();
    for sql in [
        "update request set kind = 'erasure'",
        "delete from request",
        "update step set at = ''",
        "delete from step",
    ] {
        assert!(raw.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn holds_that_cannot_be_read_are_an_error_and_not_none() {
    let office = Office::new();
    office.ask(RequestKind::Access, "s-1001");
    let path = office.home.open().0.requests();
    let holds = office.holds();
    let person = holds.person("s-1001");
    // What is still in the write-ahead log belongs to the file.
    let checkpoint = rusqlite::Connection::open(&path).unwrap();
    checkpoint
        .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
        .unwrap();
    drop(checkpoint);
    let older = std::fs::read(&path).unwrap();
    office.ask(RequestKind::Access, "s-1002");
    drop(office.requests.clone());
    let kept = path.with_extension("kept");
    std::fs::rename(&path, &kept).unwrap();
    assert!(matches!(holds.of(&person, &[]), Err(RequestError::File { .. })), "gone");
    assert!(matches!(
        office.beside(),
        Err(RequestError::PutBack {
            found: 0,
            expected: 2,
            ..
        })
    ));
    assert!(
        matches!(holds.everybody(), Err(RequestError::File { .. })),
        "another one"
    );
    remove_database(&path);
    std::fs::write(&path, older).unwrap();
    assert!(matches!(
        office.beside(),
        Err(RequestError::PutBack {
            found: 1,
            expected: 2,
            ..
        })
    ));
    // Whoever means the older state says so.
    std::fs::remove_file(office.home.keys().join("requests.mark")).unwrap();
    assert_eq!(office.beside().unwrap().all().unwrap().len(), 1);
}

#[test]
fn nobody_is_named_in_the_files() {
    let office = Office::new();
    let id = office.ask(RequestKind::Access, "s-1001");
    office.take(&id, &verified()).unwrap();
    let home = office.home;
    drop(office.requests);
    for entry in std::fs::read_dir(home.data()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            assert!(
                !text.contains("s-1001") && !text.contains("oakley"),
                "{}",
                path.display()
            );
        }
    }
}

fn remove_database(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        _ = std::fs::remove_file(name);
    }
}

/// What is held, judged anew from the words of each step that was accepted.
fn naive(kind: RequestKind, steps: &[&str]) -> BTreeSet<&'static str> {
    let has = |word: &str| steps.contains(&word);
    let last_of = |words: &[&str]| steps.iter().rev().find(|step| words.contains(step)).copied();
    let ended = has("done") || has("refused") || kind == RequestKind::LegalHold && has("lifted");
    let mut held = BTreeSet::new();
    if ["access", "portability"].contains(&kind.as_str()) && !ended {
        held.insert("inspection");
    }
    if !ended && (kind == RequestKind::LegalHold || last_of(&["on_hold", "lifted"]) == Some("on_hold")) {
        held.insert("legal");
    }
    let released =
        steps.iter().rposition(|step| *step == "lifted") > steps.iter().position(|step| *step == "done") && has("done");
    if kind == RequestKind::Restriction && !has("refused") && !released {
        held.insert(if has("verified") {
            "restriction"
        } else {
            "restriction_asked"
        });
    }
    held
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_held_follows_from_the_steps(
        asked in proptest::collection::vec((0_usize..6, proptest::collection::vec(0_usize..7, 0..7)), 1..5)
    ) {
        use RequestKind::{Access, Erasure, LegalHold, Objection, Portability, Restriction};
        let office = Office::new();
        let mut expected = BTreeSet::new();
        for (kind, tried) in asked {
            let kind = [Access, Erasure, LegalHold, Objection, Portability, Restriction][kind];
            let id = office.ask(kind, "s-1001");
            let mut taken = vec!["received"];
            for event in tried {
                let event = [
                    verified(), done(), on_hold(), lifted(), refused(), Event::IdentityWanted { how: how() },
                    Event::Extended { because: how(), told_on: "2026-03-02".parse().unwrap() },
                ][event].clone();
                if office.take(&id, &event).is_ok() {
                    taken.push(event.as_str());
                }
            }
            expected.extend(naive(kind, &taken).into_iter().map(|ground| (id.clone(), ground)));
        }
        let holds = office.holds();
        let found = holds.of(&holds.person("s-1001"), &[]).unwrap();
        let found: BTreeSet<_> = found.into_iter().map(|hold| (hold.request, hold.ground.as_str())).collect();
        prop_assert_eq!(&found, &expected);
        prop_assert_eq!(holds.everybody().unwrap().people.len(), usize::from(!expected.is_empty()));
    }
}

#[test]
fn when_it_was_entered_is_what_the_clock_said_then_whatever_it_says_now() {
    let office = Office::new();
    let id = office.ask(RequestKind::Access, "s-1001");
    // Two years back, ten ahead, and across a change to summer time.
    for at in ["2024-02-29T23:59:59Z", "2036-02-29T00:00:00Z", "2026-03-29T01:30:00Z"] {
        let at: Timestamp = at.parse().unwrap();
        let request = office.requests.step(&id, &on_hold(), &Clocks::default(), at).unwrap();
        assert_eq!(request.steps.last().unwrap().at, at);
        assert_eq!(
            office.held("s-1001"),
            [Ground::Inspection, Ground::Legal],
            "no hold ends by the clock"
        );
        office.requests.step(&id, &lifted(), &Clocks::default(), at).unwrap();
    }
    assert!(matches!(office.requests.get(&id).unwrap().about, Concerned::Person(_)));
}
