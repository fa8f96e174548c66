use averment_register::{Source, compile};

use super::*;

/// A sentence for each trigger, one about a recipient, and one that promises more time.
fn charter() -> Charter {
    let claims = ["request", "school_request", "account_deleted", "contract_end"].map(|after| {
        format!(
            "[[claims]]\nid = \"{}\"\nkind = \"erased_on\"\nduration = \"P30D\"\nafter = \"{after}\"\nsentence = \"We erase.\"\n",
            after.replace('_', "-")
        )
    });
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("claims/list.toml", claims.concat());
    source.insert("recipients/desk.toml", DESK);
    source.insert("data/app.toml", APP);
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

const DESK: &str = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                    planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"desk.example\"]\n\
                    [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\nbasis = [\"ferpa.school_official\"]\n\
                    [[claims]]\nkind = \"erased_on\"\nid = \"gone\"\nduration = \"P30D\"\nafter = \"request\"\n\
                    sentence = \"The desk erases.\"\n";
const APP: &str = "store = \"app\"\nengine = \"sqlite\"\nruns_on = [\"desk\"]\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n\
                   [tables.columns]\nid = { element = \"account.id\" }\n";

fn recipient(state: RecipientState) -> Recipient {
    Recipient {
        name: "desk".to_owned(),
        people: 3,
        last_at: String::new(),
        state,
        says: None,
        run_began_at: "2026-01-01T00:00:00Z".to_owned(),
    }
}

/// Ten people on the first of March.
fn measured() -> Measured {
    Measured {
        people: 10,
        until: "2026-03-01T12:00:00Z".parse().unwrap(),
        ..Measured::default()
    }
}

fn of(measured: &Measured, claim: &str) -> Measurement {
    let all = measures(&charter(), measured);
    let found = all.into_iter().find(|one| one.claim == claim);
    found.unwrap_or_else(|| panic!("nothing of {claim}"))
}

/// The claims that something goes against, and how much.
fn contrary(measured: &Measured) -> Vec<(String, u64)> {
    let all = measures(&charter(), measured).into_iter();
    all.filter(|one| one.contrary > 0)
        .map(|one| (one.claim, one.contrary))
        .collect()
}

fn asked(at: &str, by_school: bool, people: u64) -> Asked {
    let at = Since::read(at).unwrap();
    Asked {
        at,
        by_school_at: by_school.then_some(at),
        people,
    }
}

#[test]
fn only_people_whose_request_is_late_count_and_only_against_what_is_said_of_requests() {
    let measured = Measured {
        asked: vec![asked("2026-01-05", false, 1), asked("2026-02-28", false, 2)],
        ..measured()
    };
    assert_eq!(contrary(&measured), [("list/request".to_owned(), 1)]);
}

#[test]
fn a_request_of_the_school_is_one_too() {
    let measured = Measured {
        asked: vec![asked("2026-01-05", true, 4)],
        ..measured()
    };
    let expected = [("list/request", 4), ("list/school-request", 4)];
    assert_eq!(
        contrary(&measured),
        expected.map(|(claim, count)| (claim.to_owned(), count))
    );
}

#[test]
fn a_recipient_that_is_late_goes_against_what_is_said_of_requests_with_its_people() {
    let measured = Measured {
        third_parties: vec![recipient(RecipientState::Asked)],
        ..measured()
    };
    let expected = [("desk/gone", 3), ("list/request", 3), ("list/school-request", 3)];
    assert_eq!(
        contrary(&measured),
        expected.map(|(claim, count)| (claim.to_owned(), count))
    );
    assert_eq!(of(&measured, "list/contract-end").unseen, 1);
}

#[test]
fn who_never_answered_was_not_seen_and_a_store_that_was_swept_was() {
    let observed = |state, is_swept| {
        let store = Swept {
            store: "app".to_owned(),
            ..Swept::default()
        };
        let measured = Measured {
            third_parties: vec![recipient(state)],
            swept: Vec::from_iter(Some(store).filter(|_| is_swept)),
            ..measured()
        };
        ["desk/gone", "list/account-deleted"].map(|claim| of(&measured, claim).observed)
    };
    // Three people at the desk, ten in the store that it runs. What is late counts as well: of the desk it is all.
    assert_eq!(observed(RecipientState::Confirmed, false), [3, 3]);
    assert_eq!(observed(RecipientState::Confirmed, true), [13, 13]);
    assert_eq!(observed(RecipientState::Asked, true), [10, 10]);
    assert_eq!(observed(RecipientState::Asked, false)[1], 0);
    let only_swept = Measured {
        swept: vec![Swept {
            store: "app".to_owned(),
            ..Swept::default()
        }],
        ..measured()
    };
    let measurement = of(&only_swept, "desk/gone");
    assert_eq!(
        (measurement.observed, measurement.contrary, measurement.unseen),
        (10, 0, 0)
    );
}

#[test]
fn pictures_of_nobody_knows_whom_were_not_seen() {
    let measured = Measured {
        swept: vec![Swept {
            store: "app".to_owned(),
            pictures: 5,
            pictures_of_anybody: 2,
            ..Swept::default()
        }],
        ..measured()
    };
    let measurement = of(&measured, "list/request");
    assert_eq!((measurement.observed, measurement.unseen), (10, 2));
    assert!(
        measurement.places[0].starts_with("app: what 2 pictures show"),
        "{:?}",
        measurement.places
    );
}

#[test]
fn nobody_saw_what_a_recipient_did_that_somebody_vouches_for() {
    let of_state = |state| {
        let all = Measured {
            third_parties: vec![recipient(state)],
            ..measured()
        };
        let one = of(&all, "desk/gone");
        (one.observed, one.unseen, one.contrary, one.places)
    };
    let places = vec![format!("desk: {}", Measurement::VOUCHED_FOR)];
    assert_eq!(of_state(RecipientState::Vouched), (0, 1, 0, places));
    assert_eq!(of_state(RecipientState::Confirmed), (3, 0, 0, Vec::new()));
}
