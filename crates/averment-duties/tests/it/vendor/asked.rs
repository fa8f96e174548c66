//! A run asks third parties: every request is on disk before the next, and nothing that names anybody outlives the answer.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use averment_catalog::erasure::Identifier;
use averment_catalog::{ElementId, ThirdPartyId};
use averment_duties::erase::{Ask, Journal, KnownBy, Names, RecipientState, Way, ask, known_by};
use averment_duties::vendor::{Access, Hidden, Wire};
use averment_register::{RecipientId, Source, compile};
use averment_store::{DataFolder, Keys};
use jiff::{SignedDuration, Timestamp};

use super::desk::Fault;
use super::house::{LONG, VENDORS, Vendor, start, wire};
use super::people::{ADA, BOB, CANARY};

const RUN: &str = "f00dfeedf00dfeedf00dfeedf00dfeed";

struct Place {
    dir: tempfile::TempDir,
    keys: Keys,
}

impl Place {
    fn new(vendor: &Vendor) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (_, keys) = DataFolder::open_unlocked(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
        let place = Self { dir, keys };
        let one = |values: &[&str]| values.iter().map(|value| Hidden::new(*value)).collect();
        let known_by = KnownBy::from([
            (Identifier::Email, one(&[ADA.email])),
            (Identifier::UserId, one(&[ADA.user_id])),
            (Identifier::Phone, one(&[ADA.phone])),
        ]);
        let asks = [Ask {
            recipient: "desk".to_owned(),
            third_party: ThirdPartyId::new(vendor.id).unwrap(),
            person: 0,
            known_by,
        }];
        place.journal().put_asks(RUN, &asks, &place.keys).unwrap();
        place.journal().put_asks(RUN, &asks, &place.keys).unwrap();
        place
    }

    fn journal(&self) -> Journal {
        Journal::open(&self.dir.path().join("erasures.db")).unwrap()
    }

    /// Asks what can be asked at `now`; stopped before the request with the number `stop`.
    fn ask(&self, access: Option<&Access>, wire: &mut Wire, now: Timestamp, stop: usize) -> (RecipientState, String) {
        let mut calls = 0;
        let mut clock = || {
            calls += 1;
            assert!(calls <= stop, "stopped");
            now
        };
        let mut way = Way {
            access,
            transport: wire,
            now: &mut clock,
            may: &mut || Ok(()),
        };
        ask(&self.journal(), &self.keys, RUN, "desk", &mut way)
            .unwrap()
            .unwrap()
    }

    /// Asks again, day after day.
    fn ask_for_days(&self, access: &Access, wire: &mut Wire, days: i64) -> (RecipientState, String) {
        let mut last = (RecipientState::NotAsked, String::new());
        for day in 0..days {
            let now = start() + SignedDuration::from_hours(24 * day);
            last = self.ask(Some(access), wire, now, usize::MAX);
            if last.0 == RecipientState::Confirmed {
                break;
            }
        }
        last
    }

    fn sealed(&self) -> Vec<Option<Vec<u8>>> {
        let connection = rusqlite::Connection::open(self.dir.path().join("erasures.db")).unwrap();
        let mut rows = connection.prepare("select sealed from ask").unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}

/// Third parties whose records are looked at after their deletion, and that leave nothing to be done by hand.
fn that_confirm() -> impl Iterator<Item = &'static Vendor> {
    VENDORS
        .iter()
        .filter(|vendor| vendor.looks() && vendor.row().rest_by_hand.is_empty())
}

#[test]
fn whoever_confirms_is_confirmed_and_what_named_the_person_is_destroyed() {
    let mut wire = wire(LONG);
    for vendor in that_confirm() {
        let (server, place) = (vendor.open(Fault::Healthy), Place::new(vendor));
        assert!(place.sealed()[0].is_some());
        let access = vendor.access(&server.url, Some(CANARY));
        let (state, says) = place.ask_for_days(&access, &mut wire, 60);
        assert_eq!(state, RecipientState::Confirmed, "{}: {says}", vendor.id);
        assert!(says.starts_with("1: "), "{}: {says}", vendor.id);
        assert!(!ADA.is_in(&says) && !CANARY.is_in(&says), "{}: {says}", vendor.id);
        assert_eq!(place.sealed(), [None], "{}", vendor.id);
        let desk = server.desk();
        assert!(
            desk.records.iter().all(|record| record.email != ADA.email),
            "{}",
            vendor.id
        );
        assert!(
            desk.records.iter().any(|record| record.email == BOB.email),
            "{}",
            vendor.id
        );
    }
}

#[test]
fn whoever_takes_orders_and_does_nothing_is_never_confirmed() {
    let mut wire = wire(LONG);
    for vendor in that_confirm() {
        for fault in [Fault::EmptyAccepted, Fault::DoesNothing] {
            let (server, place) = (vendor.open(fault), Place::new(vendor));
            let access = vendor.access(&server.url, Some(CANARY));
            let (state, says) = place.ask_for_days(&access, &mut wire, 4);
            assert_ne!(state, RecipientState::Confirmed, "{} {fault:?}: {says}", vendor.id);
            assert!(!says.is_empty() && !ADA.is_in(&says), "{} {fault:?}: {says}", vendor.id);
        }
    }
}

#[test]
fn stopped_between_any_two_requests_nothing_is_deleted_twice() {
    let mut wire = wire(LONG);
    let vendor = VENDORS.iter().find(|vendor| vendor.id == "clerk").unwrap();
    let orders = |stop: Option<usize>, wire: &mut Wire| {
        let (server, place) = (vendor.open(Fault::Healthy), Place::new(vendor));
        let access = vendor.access(&server.url, None);
        let stopped = stop.is_some_and(|stop| {
            let asked = AssertUnwindSafe(|| place.ask(Some(&access), wire, start(), stop));
            catch_unwind(asked).is_err()
        });
        let (state, says) = place.ask_for_days(&access, wire, 60);
        assert_eq!(state, RecipientState::Confirmed, "{stop:?}: {says}");
        let desk = server.desk();
        (desk.orders, desk.log.clone(), stopped)
    };
    let (once, log, _) = orders(None, &mut wire);
    assert_eq!(once, 1);
    let mut stops = 0;
    while orders(Some(stops), &mut wire).2 {
        assert_eq!(orders(Some(stops), &mut wire), (once, log.clone(), true), "{stops}");
        stops += 1;
    }
    assert!(stops > 4, "{stops}");
}

#[test]
fn without_access_somebody_has_to_do_it_and_an_access_that_comes_later_is_used() {
    let mut wire = wire(LONG);
    let vendor = VENDORS.iter().find(|vendor| vendor.id == "clerk").unwrap();
    let (server, place) = (vendor.open(Fault::Healthy), Place::new(vendor));
    let (state, says) = place.ask(None, &mut wire, start(), usize::MAX);
    assert_eq!(state, RecipientState::Manual);
    assert!(says.contains("no access"), "{says}");
    assert_eq!(server.desk().log.len(), 0);
    let access = vendor.access(&server.url, Some(CANARY));
    assert_eq!(place.ask_for_days(&access, &mut wire, 60).0, RecipientState::Confirmed);
}

#[test]
fn once_somebody_vouches_nothing_more_is_asked() {
    let mut wire = wire(LONG);
    let vendor = VENDORS.iter().find(|vendor| vendor.id == "clerk").unwrap();
    let (server, place) = (vendor.open(Fault::DoesNothing), Place::new(vendor));
    let access = vendor.access(&server.url, None);
    place.ask_for_days(&access, &mut wire, 2);
    place.journal().vouched(RUN, "desk").unwrap();
    let before = server.desk().log.len();
    assert_eq!(place.ask_for_days(&access, &mut wire, 9).0, RecipientState::Vouched);
    assert_eq!(server.desk().log.len(), before);
    assert_eq!(place.sealed(), [None]);
}

/// What a recipient with these rows knows somebody by.
fn known(rows: &str) -> BTreeMap<Identifier, Vec<String>> {
    let text = format!(
        "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n{rows}"
    );
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("recipients/desk.toml", text);
    let charter = compile(&source).charter.unwrap();
    let desk = &charter.content().recipients[&RecipientId::new("desk").unwrap()];
    let names: Names = [
        ("contact.email", ADA.email),
        ("contact.phone", ADA.phone),
        ("account.id", ADA.user_id),
        ("account.username", "ada"),
    ]
    .into_iter()
    .map(|(element, value)| (ElementId::new(element).unwrap(), [Hidden::new(value)].into()))
    .collect();
    let known = known_by(desk, None, &names, Some("p1_abc"));
    let exposed =
        |values: Vec<Hidden>| -> Vec<String> { values.iter().map(|value| value.expose().to_owned()).collect() };
    known
        .into_iter()
        .map(|(kind, values)| (kind, exposed(values)))
        .collect()
}

#[test]
fn a_recipient_is_told_only_what_its_rows_say_that_it_has() {
    let row = |element: &str, treatment: &str| {
        format!(
            "[[discloses]]\nelements = [\"{element}\"]\nsubjects = [\"student\"]\nbasis = [\"ferpa.school_official\"]\n{treatment}\n"
        )
    };
    let of = |kind: Identifier, value: &str| (kind, vec![value.to_owned()]);
    let email = row("contact.email", "");
    assert_eq!(known(&email), [of(Identifier::Email, ADA.email)].into());
    let pseudonym = row("account.id", "treatment = \"pseudonym\"");
    assert_eq!(known(&pseudonym), [of(Identifier::UserId, "p1_abc")].into());
    let both = [of(Identifier::Email, ADA.email), of(Identifier::UserId, "p1_abc")];
    assert_eq!(known(&format!("{email}{pseudonym}")), both.into());
    let name = row("account.username", "");
    assert_eq!(known(&name), [of(Identifier::UserId, "ada")].into());
    let number = row("account.id", "");
    assert_eq!(
        known(&format!("{name}{number}")),
        [of(Identifier::UserId, ADA.user_id)].into()
    );
    assert_eq!(known(&row("contact.email", "treatment = \"hash\"")), BTreeMap::new());
    assert_eq!(known(&row("edu.grade_level", "")), BTreeMap::new());
}
