//! How long many people take: a whole load, the picture that a gate takes of them, one person added and removed until the
//! gate knows, and everybody read anew beside that; with processor time, memory and bytes on disk.
//!
//! `cargo run --release -p averment-store --example people_speed -- PEOPLE`, a million when absent. Linux only: it reads
//! `/proc/self`.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement that cannot run stops")]
#![expect(clippy::disallowed_methods, reason = "a program reads its arguments")]

use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use averment_detect::Form;
use averment_store::{Currency, DataFolder, People, PeopleFormat, Refreshed, Scope, Shrink};
use jiff::Timestamp;

fn main() {
    let count: u32 = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().unwrap());
    let place = tempfile::tempdir().unwrap();
    let (all, one) = (place.path().join("all.csv"), place.path().join("one.csv"));
    write(&all, 0..count);
    write(&one, count..count + 1);
    let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let (folder, keys) = DataFolder::open(&place.path().join("data"), &place.path().join("keys")).unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    let gate = People::open(&folder, &keys).unwrap();
    let scope = Scope::Whole(Shrink::UpToPercent(20));
    for name in ["load", "load again"] {
        let report = step(name, || people.load_file(&all, PeopleFormat::Csv, scope, now).unwrap());
        assert_eq!(report.present, u64::from(count));
    }
    let status = step("status", || people.status(now).unwrap());
    println!(
        "{} bytes on disk a person, {} identifiers",
        status.bytes / status.people,
        status.identifiers
    );
    let gate = Mutex::new(gate);
    let snapshot = step("gate takes it", || gate.lock().unwrap().snapshot(now).unwrap());
    println!("{:?}", snapshot.directory);
    let (email, mut known) = (format!("pupil{count}@school.example"), snapshot.version);
    let mut look = |expected: bool| {
        let refreshed = gate.lock().unwrap().refresh(known, now).unwrap();
        let Refreshed::Changed(snapshot) = refreshed else {
            panic!("a changed person is laid over: {refreshed:?}");
        };
        known = snapshot.version;
        assert_eq!(snapshot.directory.look_up(Form::Email, &email).is_some(), expected);
    };
    let scope = Scope::Changes(Currency::AsBefore);
    step("add one", || {
        _ = people.load_file(&one, PeopleFormat::Csv, scope, now).unwrap()
    });
    step("gate finds it", || look(true));
    step("remove one", || {
        _ = people.remove(&one, PeopleFormat::Csv, now).unwrap()
    });
    step("gate misses it", || look(false));
    let snapshot = step("read anew", || People::rebuild(&gate, now).unwrap());
    println!("{:?}", snapshot.directory);
}

/// Seven fields to recognise a student by, as a school exports them.
fn write(path: &Path, numbers: std::ops::Range<u32>) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    writeln!(
        file,
        "id,role,birth_date,school,email,username,first_name,last_name,guardian_email,student_number"
    )
    .unwrap();
    for n in numbers {
        let (a, b) = (n % 997, n / 997);
        writeln!(
            file,
            "s-{n},student,20{:02}-03-1{},School {},pupil{n}@school.example,star{n}fox,First{a}x,Last{b}y,home{n}@mail.example,77{n:07}",
            8 + n % 10,
            n % 9,
            n % 300,
        )
        .unwrap();
    }
}

fn step<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), processor_seconds());
    let result = work();
    println!(
        "{name:>14}: {:6.2} s processor, {:6.2} s wall, {} MiB resident, {} MiB at most",
        processor_seconds() - before,
        start.elapsed().as_secs_f64(),
        memory_mib("VmRSS"),
        memory_mib("VmHWM"),
    );
    result
}

/// User and system time of this process, in ticks of which Linux has 100 a second.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn memory_mib(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
}
