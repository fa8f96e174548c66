//! What consents cost: asking for what is in force when nothing changed, seeing a change, opening a long history; and what a
//! snapshot of many people with schools and shared identifiers costs beside the directory.
//!
//! `cargo run --release -p averment-store --example consents_speed -- FOLDER [PEOPLE]`; the folder is made and stays.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, reason = "a measurement that cannot run stops")]
#![expect(clippy::disallowed_methods, reason = "a program reads its arguments")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Instant;

use averment_store::{About, ConsentState, Consents, DataFolder, GivenBy, NewChange, People, Proof};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap());
    let number: u32 = arguments.next().map_or(20_000, |text| text.parse().unwrap());
    let (folder, keys) = DataFolder::open(&folder.join("data"), &folder.join("keys")).unwrap();
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    people.load_csv(csv(number).as_bytes(), "people.csv", now).unwrap();
    let began = Instant::now();
    let snapshot = people.snapshot(now).unwrap();
    println!("snapshot of {number} people: {:?}", began.elapsed());
    let began = Instant::now();
    let shared = (1..=number)
        .map(averment_detect::PersonNumber)
        .filter(|person| {
            !snapshot
                .persons
                .sharing(*person, &"guardian.email".parse().unwrap())
                .is_empty()
        })
        .count();
    println!(
        "{shared} people share an address, asked in {:?} each",
        began.elapsed() / number
    );

    let writer = Consents::open(&folder, &keys).unwrap();
    let enter = |id: &str, state| {
        let new = NewChange {
            about: About::Person(id),
            kind: &"photo".parse().unwrap(),
            state,
            by: GivenBy::Parent,
            how: &Proof::sentence("paper form").unwrap(),
        };
        writer.change(&people, &new, now).unwrap();
    };
    let began = Instant::now();
    (0..number).for_each(|person| enter(&format!("s-{person}"), ConsentState::Given));
    println!("entering a change: {:?}", began.elapsed() / number);
    let reader = Consents::open(&folder, &keys).unwrap();
    let began = Instant::now();
    reader.now().unwrap();
    println!("reading {number} changes: {:?}", began.elapsed());
    let began = Instant::now();
    (0..10_000).for_each(|_| _ = reader.now().unwrap());
    println!("asking when nothing changed: {:?}", began.elapsed() / 10_000);
    enter("s-1", ConsentState::Withdrawn);
    let began = Instant::now();
    reader.now().unwrap();
    println!("asking after a change: {:?}", began.elapsed());
}

/// Two children of each guardian, a thousand to a school.
fn csv(number: u32) -> String {
    let mut text = "id,role,school,email,guardian_email\n".to_owned();
    for person in 0..number {
        let (school, guardian) = (person / 1000, person / 2);
        writeln!(
            text,
            "s-{person},student,School {school},pupil{person}@school.example,guardian{guardian}@mail.example"
        )
        .unwrap();
    }
    text
}
