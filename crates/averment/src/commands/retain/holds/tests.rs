//! Who comes under hold after a run began is under hold.

use averment_duties::retain::Holds as _;
use averment_ledger::RequestKind;
use averment_register::{Source, compile};
use averment_store::requests::{Channel, Clocks, Event, NewRequest, Requester, Requests};
use averment_store::{About, DataFolder, People};

use super::OfFolder;
use crate::clock;

struct Office {
    dir: tempfile::TempDir,
    requests: Requests,
    people: People,
    asked: OfFolder,
}

impl Office {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let opened = DataFolder::open_unlocked(&dir.path().join("data"), &dir.path().join("keys"));
        let (folder, keys) = opened.expect("a data folder");
        let mut people = People::open(&folder, &keys).expect("people");
        let csv = "id,role,school,email\ns-1,student,Harbour,ada@harbour.example\ns-2,student,Hill,ben@hill.example\n";
        people
            .load_csv(csv.as_bytes(), "a list", clock::now())
            .expect("two people");
        let mut source = Source::default();
        source.insert("organisation.toml", "organisation = \"Birch\"\n");
        let charter = compile(&source).charter.expect("a charter");
        Self {
            requests: Requests::open(&folder, &keys).expect("requests"),
            asked: OfFolder::open(&folder, &keys, &charter),
            people,
            dir,
        }
    }

    /// Places a hold and gives its identifier.
    fn hold(&self, about: About<'_>) -> String {
        let new = NewRequest {
            kind: RequestKind::LegalHold,
            about,
            school_names: &[],
            by: Requester::School,
            acting_school: None,
            channel: Channel::Letter,
            received_on: "2026-11-01".parse().expect("a day"),
            how: None,
            clocks: &Clocks::default(),
        };
        self.requests.ask(&self.people, &new, clock::now()).expect("a hold").id
    }

    fn held(&self) -> [bool; 2] {
        ["s-1", "s-2"].map(|number| self.asked.is_held(number).expect("holds can be read"))
    }

    fn version(&self) -> u64 {
        self.asked.version().expect("holds can be read")
    }
}

#[test]
fn a_hold_of_later_is_seen_and_one_that_ended_is_not_any_more() {
    let office = Office::open();
    assert_eq!((office.asked.are_any(), office.held()), (Ok(false), [false, false]));
    let before = office.version();
    assert_eq!(office.version(), before, "nothing has changed");
    office.hold(About::Person("s-1"));
    assert!(office.version() > before);
    assert_eq!((office.asked.are_any(), office.held()), (Ok(true), [true, false]));
    let of_person = office.version();
    let school = office.hold(About::School("Hill"));
    assert!(office.version() > of_person);
    assert_eq!(office.held(), [true, true]);
    let lifted = Event::Lifted {
        because: "it is over".to_owned(),
        how: "a letter".to_owned(),
    };
    office
        .requests
        .step(&school, &lifted, &Clocks::default(), clock::now())
        .expect("it ends");
    assert_eq!(office.held(), [true, false]);
}

#[test]
fn once_the_file_is_another_nobody_can_say_who_is_held() {
    let office = Office::open();
    let file = office.dir.path().join("data/requests.db");
    std::fs::rename(&file, file.with_extension("old")).expect("it is moved");
    std::fs::write(&file, "").expect("an empty one");
    assert!(office.asked.version().is_err());
    assert!(office.asked.is_held("s-1").is_err() && office.asked.are_any().is_err());
}
