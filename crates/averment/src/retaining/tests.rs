//! The thread goes on whatever happens in it, and what happened is on record.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use averment_ledger::{Deed, Retention};
use averment_store::{DataFolder, entries, trusted};

use super::{Again, later};
use crate::cli::Folders;
use crate::clock;
use crate::duties::DutiesOptions;
use crate::outcome::Failure;

struct Place {
    again: Again,
    counted: Arc<Mutex<Vec<&'static str>>>,
    folders: Folders,
    _dir: tempfile::TempDir,
}

fn place() -> Place {
    let dir = tempfile::tempdir().expect("a folder");
    let folders = Folders {
        data: dir.path().join("data"),
        keys: dir.path().join("keys"),
    };
    let counted: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let counts = Arc::clone(&counted);
    let again = Again {
        register: dir.path().join("register"),
        duties: DutiesOptions {
            duties: dir.path().join("averment-duties.toml"),
        },
        folders: folders.clone(),
        began: (clock::now(), Instant::now()),
        count: Box::new(move |result| counts.lock().expect("nobody panics in there").push(result)),
        failures: 0,
        waited: 0,
    };
    Place {
        again,
        counted,
        folders,
        _dir: dir,
    }
}

/// What the ledger says of retention.
fn recorded(folders: &Folders) -> Vec<Retention> {
    let (folder, keys) = DataFolder::open_unlocked(&folders.data, &folders.keys).expect("it is there");
    let trusted = trusted(&folder, &keys).expect("a ledger");
    let all = entries(&folder, trusted).expect("it can be read");
    all.filter_map(|numbered| match numbered.expect("an entry").entry.deed {
        Deed::Retention(run) => Some(run),
        _ => None,
    })
    .collect()
}

#[test]
fn a_panic_and_an_error_are_counted_and_on_record_and_the_thread_goes_on() {
    let mut place = place();
    let begun = clock::now();
    let first = place.again.turn(|_| panic!("ada@school.example"));
    let second = place.again.turn(|_| Err(Failure::new("the register is gone")));
    assert!(first.is_some_and(|first| first > begun) && second > first);
    let runs = recorded(&place.folders);
    let because: Vec<_> = runs.iter().filter_map(|run| run.because.as_deref()).collect();
    assert_eq!(
        because,
        [
            "the program failed while it looked for what is due",
            "the register is gone"
        ]
    );
    assert!(runs.iter().all(|run| run.state == "failed" && run.rules == 0));
    assert_eq!(*place.counted.lock().unwrap(), ["failed", "failed"]);
    // Something that works ends the row.
    assert_eq!(place.again.turn(|_| Ok(None)), None);
    assert_eq!((place.again.failures, recorded(&place.folders).len()), (0, 2));
}

#[test]
fn tries_come_later_each_time_up_to_an_hour() {
    let minutes = |failures: u32| later(failures).as_mins();
    assert_eq!([1, 2, 3, 6, 7, u32::MAX].map(minutes), [1, 2, 4, 32, 60, 60]);
}
