//! Holds that are placed while a run goes on: asked before each transaction, before it is made durable, and before each object.

use std::cell::Cell;

use averment_duties::erase::{EraseError, Eraser, Journal, Mandate, Point, Tombstones, plan};
use averment_register::Engine;

use super::school::{CANARY, School};
use super::{now, people};

/// Goes on with a run, or begins one, of the two people; a hold is placed at the point with this number. How many such points
/// there were.
fn run(school: &School, placed_at: (Point, u64)) -> Result<u64, EraseError> {
    let (mut stores, keys) = (school.stores(), school.keys());
    let (numbers, held, seen) = (people(&[CANARY, "3"]), Cell::new(false), Cell::new(0));
    let journal = Journal::open(&school.path("data/erasures.db"))?;
    let mut tombstones = Tombstones::open(&school.path("tombstones"), &keys, None)?;
    let unfinished = journal.unfinished()?.pop();
    let planned = plan(&mut stores, &numbers, &keys, now())?;
    let mut progress = |point: Point| {
        if point == placed_at.0 {
            seen.set(seen.get() + 1);
            held.set(held.get() || seen.get() == placed_at.1);
        }
    };
    let mut eraser = Eraser {
        stores: &mut stores,
        journal: &journal,
        keys: &keys,
        at_once: 1,
        progress: &mut progress,
    };
    let run = match unfinished {
        Some(run) => run,
        None => eraser.begin(&numbers, &planned, &Mandate::of("operations"), now())?,
    };
    eraser.list(&run, &mut tombstones, now())?;
    eraser.erase(&run, &mut |_| match held.get() {
        true => Err(EraseError::Held(vec!["legal".to_owned()])),
        false => Ok(()),
    })?;
    Ok(seen.get())
}

/// The numbers of people who are there.
fn there(school: &School) -> Vec<String> {
    let rows = school.rows();
    let numbers = rows["users"].iter().filter_map(|row| row[0].clone());
    numbers
        .filter(|number| [CANARY, "3"].contains(&number.as_str()))
        .collect()
}

#[test]
fn a_hold_that_is_placed_while_a_run_goes_on_keeps_what_is_still_there() {
    // When it is placed, and who is left: "3" has its turn first.
    for (placed_at, left) in [
        ((Point::Noted, 1), vec![CANARY.to_owned()]),
        // Its transaction has done its work, and is undone.
        ((Point::Ready, 1), vec!["3".to_owned(), CANARY.to_owned()]),
        ((Point::Listed, 1), vec!["3".to_owned(), CANARY.to_owned()]),
    ] {
        let school = School::new(Engine::Sqlite);
        let refused = run(&school, placed_at).unwrap_err();
        assert!(matches!(refused, EraseError::Held(_)), "{refused}");
        assert_eq!(there(&school), left, "{placed_at:?}");
        run(&school, (Point::Begun, 0)).unwrap();
        assert_eq!(there(&school), Vec::<String>::new(), "{placed_at:?}");
        let journal = Journal::open(&school.path("data/erasures.db")).unwrap();
        let run = journal.runs().unwrap().remove(0);
        assert_eq!(
            journal.counts(&run.id).unwrap()["app"]["users"].deleted,
            2,
            "{placed_at:?}"
        );
    }
}

#[test]
fn objects_are_asked_about_one_by_one() {
    let school = School::new(Engine::Sqlite);
    for number in 0..3 {
        std::fs::write(school.path(&format!("files/uploads/{CANARY}/{number}.txt")), "canary").unwrap();
    }
    // The last that are changed are objects.
    let whole = School::new(Engine::Sqlite);
    super::killed::copy(school.top(), whole.top());
    let changes = run(&whole, (Point::Changed, u64::MAX)).unwrap();
    let left = (1..=4).map(|back| {
        let one = School::new(Engine::Sqlite);
        super::killed::copy(school.top(), one.top());
        let refused = run(&one, (Point::Changed, changes - back)).unwrap_err();
        assert!(matches!(refused, EraseError::Held(_)), "{refused}");
        std::fs::read_dir(one.path(&format!("files/uploads/{CANARY}"))).map_or(0, Iterator::count)
    });
    let left: Vec<usize> = left.collect();
    assert!(left.is_sorted() && left[3] > left[0], "{left:?}");
}
