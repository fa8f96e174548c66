//! Objects that are due go from a bucket and from a folder, by when they were last written.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use averment_duties::connect::Database;
use averment_duties::objects::{Copied, Files, Listed, ObjectError, Objects};
use averment_duties::retain::{Holds, Recorded, Report, Retention, Stores, Task, measure};
use averment_register::{Charter, Engine, Source, Store, compile};
use jiff::{SignedDuration, Timestamp};

use crate::moto::Moto;

const MAP: &str = r#"
store = "uploads"
engine = "ENGINE"

[[tables]]
prefix = "up/{user}/"
key = "user"
elements = ["content.project"]

[[tables]]
prefix = "logs/"
elements = ["tech.server_log"]

[[tables]]
prefix = "kept/{user}/"
key = "user"
elements = ["edu.course_grade"]
on_erase = "keep"
keep = "marks are kept for ten years"
"#;

const CLAIMS: &str = r#"
[[claims]]
id = "works"
kind = "retained_for"
elements = ["content.project"]
duration = "P90D"
after = "collection"
sentence = "Works are kept for 90 days."

[[claims]]
id = "logs"
kind = "retained_for"
elements = ["tech.server_log"]
duration = "P30D"
after = "collection"
sentence = "Logs are kept for 30 days."

[[claims]]
id = "use"
kind = "retained_for"
elements = ["content.project"]
duration = "P1Y"
after = "last_use"
sentence = "Works are kept for a year after their last use."

[[claims]]
id = "pupils"
kind = "retained_for"
elements = ["content.project"]
subjects = ["student"]
duration = "P1D"
after = "collection"
sentence = "Works of pupils are kept for a day."

[[claims]]
id = "all"
kind = "retained_for"
duration = "P10Y"
after = "collection"
sentence = "Everything goes after ten years."
"#;

fn charter(engine: &str) -> Charter {
    charter_of(engine, CLAIMS, "P10D")
}

fn charter_of(engine: &str, claims: &str, shorter: &str) -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    source.insert("data/uploads.toml", MAP.replace("ENGINE", engine));
    source.insert("claims/list.toml", claims);
    let school = "controller = \"elm\"\nname = \"Elm\"\n[[shortens]]\nclaim = \"list/works\"\nduration = \"P10D\"\n";
    source.insert("controllers/elm.toml", school.replace("P10D", shorter));
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

struct Kept<'a>(&'a Path, Option<&'a Moto>);

impl Stores for Kept<'_> {
    fn open(&self, store: &Store) -> Result<Box<dyn Database>, String> {
        Err(format!("`{}` keeps no tables", store.id))
    }

    fn objects(&self, store: &Store) -> Result<Box<dyn Objects>, String> {
        if store.engine == Engine::S3 {
            return Ok(Box::new(self.1.ok_or("no bucket")?.bucket("uploads")));
        }
        Ok(Box::new(Files::open(self.0).map_err(|error| error.to_string())?))
    }
}

struct Held(Result<BTreeSet<String>, String>);

impl Holds for Held {
    fn version(&self) -> Result<u64, String> {
        Ok(0)
    }

    fn are_any(&self) -> Result<bool, String> {
        self.0.as_ref().map(|held| !held.is_empty()).map_err(String::clone)
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        self.0.as_ref().map(|held| held.contains(number)).map_err(String::clone)
    }
}

fn held(numbers: &[&str]) -> Held {
    Held(Ok(numbers.iter().map(|number| (*number).to_owned()).collect()))
}

/// A run, or a plan, at `now` by a clock that was compared.
fn task(engine: &str, stores: &dyn Stores, held: &dyn Holds, now: Timestamp, run: bool) -> Report {
    task_of(&charter(engine), stores, held, now, run)
}

fn task_of(charter: &Charter, stores: &dyn Stores, held: &dyn Holds, now: Timestamp, run: bool) -> Report {
    let settings = Retention::default();
    let task = Task {
        charter,
        settings: &settings,
        stores,
        holds: held,
        now: &|| now,
        pause: &|_: Duration| {},
        ledger: Recorded::default(),
        clock_checked: true,
        doubt: None,
        announce: &|_| Ok(()),
    };
    match run {
        true => task.run().unwrap(),
        false => task.plan().unwrap(),
    }
}

/// Claim, prefix, rows, due, held.
fn told(report: &Report) -> Vec<(String, String, [u64; 3])> {
    let rules = report.rules.iter();
    let mut told: Vec<_> = rules
        .map(|rule| {
            let look = &rule.before;
            let counts = [look.rows, look.due, look.held];
            (rule.claim.to_string(), rule.table.clone(), counts)
        })
        .collect();
    told.sort();
    told
}

fn expected(works: [u64; 3], logs: [u64; 3]) -> Vec<(String, String, [u64; 3])> {
    let row = |claim: &str, prefix: &str, counts: [u64; 3]| (format!("list/{claim}"), prefix.to_owned(), counts);
    vec![
        row("all", "logs/", [logs[0], 0, 0]),
        row("all", "up/{user}/", [works[0], 0, 0]),
        row("logs", "logs/", logs),
        row("works", "up/{user}/", works),
    ]
}

const UNMEASURED: [(&str, &str); 3] = [
    ("list/pupils", "nothing says what kind of person the objects are of"),
    ("list/use", "no time of `last_use` is read of objects"),
    ("list/works", "nothing says which objects are of people of school `elm`"),
];

#[test]
fn objects_that_are_due_go_from_a_bucket() {
    let moto = Moto::start();
    moto.make("uploads");
    let bucket = moto.bucket("uploads");
    let all = ["kept/7/a", "logs/a", "up/7/a", "up/8/a", "upper/7/a"];
    for name in all {
        bucket.put(name, b"x".to_vec()).unwrap();
    }
    let written = bucket.details("").unwrap()[0].modified.unwrap();
    let after = |days: i64| written + SignedDuration::from_hours(24 * days);
    let stores = Kept(Path::new("/"), Some(&moto));
    let plan = task("s3", &stores, &held(&[]), after(89), false);
    assert_eq!(told(&plan), expected([2, 0, 0], [1, 1, 0]));
    let unmeasured = plan
        .unmeasured
        .iter()
        .map(|one| (one.claim.as_str(), one.because.as_str()));
    assert_eq!(unmeasured.collect::<Vec<_>>(), UNMEASURED);
    assert_eq!(plan.kept.len(), 1, "marks are kept");
    assert_eq!(bucket.list("").unwrap(), all, "a plan changes nothing");
    // Day 91: 8 is under hold; whose the logs are nobody can say.
    let report = task("s3", &stores, &held(&["8"]), after(91), true);
    assert_eq!(told(&report), expected([2, 2, 1], [1, 1, 1]));
    assert_eq!(
        (report.refused.as_deref(), report.ended(), report.overdue()),
        (None, 1, 0)
    );
    assert_eq!(bucket.list("").unwrap(), ["kept/7/a", "logs/a", "up/8/a", "upper/7/a"]);
    let report = task("s3", &stores, &held(&[]), after(91), true);
    assert_eq!((report.ended(), report.overdue()), (2, 0));
    assert_eq!(bucket.list("").unwrap(), ["kept/7/a", "upper/7/a"]);
    // What cannot be looked at, or of which holds are unknown, goes against nothing and proves nothing.
    let unknown = Held(Err("the file of requests is gone".to_owned()));
    for report in [
        task("s3", &stores, &unknown, after(91), true),
        task("s3", &Kept(Path::new("/"), None), &held(&[]), after(91), true),
    ] {
        let works = measure(&report, true)
            .into_iter()
            .find(|one| one.claim == "list/works")
            .unwrap();
        assert!(works.unseen > 0 && works.observed == 0 && !works.enforcing, "{works:?}");
    }
}

#[test]
fn every_version_counts_by_itself() {
    let moto = Moto::start();
    moto.make("uploads");
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    moto.send("PUT", "/uploads?versioning", versioning);
    let bucket = moto.bucket("uploads");
    for name in ["up/7/a", "up/7/gone"] {
        bucket.put(name, b"old".to_vec()).unwrap();
    }
    // Moto tells times to the second.
    std::thread::sleep(Duration::from_secs(3));
    bucket.put("up/7/a", b"young".to_vec()).unwrap();
    bucket.delete_all(&["up/7/gone".to_owned()]).unwrap();
    let young = bucket.details("up/7/a").unwrap()[0].modified.unwrap();
    let stores = Kept(Path::new("/"), Some(&moto));
    let hourly = |run| {
        let claims = CLAIMS.replace("duration = \"P90D\"", "duration = \"PT24H\"");
        let charter = charter_of("s3", &claims, "PT12H");
        let now = young + SignedDuration::from_secs(24 * 3600 - 1);
        task_of(&charter, &stores, &held(&[]), now, run)
    };
    let look = |report: &Report| {
        let works = report
            .rules
            .iter()
            .find(|rule| rule.claim.as_str() == "list/works")
            .unwrap();
        [works.before.rows, works.before.due]
    };
    assert_eq!(look(&hourly(false)), [3, 2], "the one that was removed is still there");
    let report = hourly(true);
    assert_eq!((look(&report), report.ended(), report.overdue()), ([3, 2], 2, 0));
    let kept = bucket.versions("").unwrap();
    let kept: Vec<_> = kept.iter().map(|one| (one.name.as_str(), one.is_removal)).collect();
    assert_eq!(kept, [("up/7/a", false), ("up/7/gone", true)]);
    assert_eq!(bucket.get("up/7/a").unwrap().unwrap(), b"young");
}

#[test]
fn objects_that_are_due_go_from_a_folder() {
    let dir = tempfile::tempdir().unwrap();
    let now = now();
    let put = |name: &str, days: u64| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(path).unwrap();
        let at = SystemTime::from(now) - Duration::from_secs(days * 86_400);
        file.set_modified(at).unwrap();
    };
    for (name, days) in [
        ("up/7/old", 91),
        ("up/7/young", 89),
        ("up/8/old", 4000),
        ("up/9/broken", 20_000),
        ("logs/old", 31),
    ] {
        put(name, days);
    }
    let stores = Kept(dir.path(), None);
    let report = task("files", &stores, &held(&[]), now, true);
    let works = report
        .rules
        .iter()
        .find(|rule| rule.claim.as_str() == "list/works")
        .unwrap();
    let look = &works.before;
    assert_eq!((look.rows, look.due, look.unread), (4, 2, 1), "1972 is no time");
    assert_eq!(
        (look.oldest_days, works.now().rows, works.overdue()),
        (Some(4000), 2, 0)
    );
    assert!(dir.path().join("up/7/young").exists() && dir.path().join("up/9/broken").exists());
    assert!(!dir.path().join("up/7/old").exists() && !dir.path().join("logs").exists());
    let measured = measure(&report, true);
    let works = measured.iter().find(|one| one.claim == "list/works").unwrap();
    assert_eq!((works.observed, works.contrary, works.unreadable), (2, 0, 1));
    assert!(
        works.places[0].contains("objects under up/{user}/: 1 objects with a time"),
        "{works:?}"
    );
    let all = measured.iter().find(|one| one.claim == "list/all").unwrap();
    let kept = "uploads, kept/{user}/: kept, as the data map says".to_owned();
    assert!(all.places.contains(&kept) && !works.places.contains(&kept), "{all:?}");
}

/// A folder in which an object is written again just before it would go.
struct Busy {
    files: Files,
    top: std::path::PathBuf,
    seen: Arc<Seen>,
}

/// What became of a folder.
#[derive(Default)]
struct Seen {
    /// How often it was listed.
    lists: AtomicU64,
    /// How many files went.
    gone: AtomicU64,
}

/// Number 8 comes under hold once the first file went.
struct HeldLater(Arc<Seen>);

impl Holds for HeldLater {
    fn version(&self) -> Result<u64, String> {
        Ok(self.are_any()?.into())
    }

    fn are_any(&self) -> Result<bool, String> {
        Ok(self.0.gone.load(Ordering::Relaxed) > 0)
    }

    fn is_held(&self, number: &str) -> Result<bool, String> {
        Ok(self.are_any()? && number == "8")
    }
}

impl Objects for Busy {
    fn details(&mut self, prefix: &str) -> Result<Vec<Listed>, ObjectError> {
        self.seen.lists.fetch_add(1, Ordering::Relaxed);
        self.files.details(prefix)
    }

    fn stat(&mut self, listed: &Listed) -> Result<Option<Timestamp>, ObjectError> {
        if listed.name.ends_with("/again") {
            let file = std::fs::File::options()
                .write(true)
                .open(self.top.join(&listed.name))
                .unwrap();
            file.set_modified(SystemTime::from(now())).unwrap();
        }
        self.files.stat(listed)
    }

    fn copy(&mut self, name: &str, bytes_max: u64, out: &mut dyn std::io::Write) -> Result<Copied, ObjectError> {
        self.files.copy(name, bytes_max, out)
    }

    fn delete(&mut self, name: &str) -> Result<bool, ObjectError> {
        self.seen.gone.fetch_add(1, Ordering::Relaxed);
        self.files.delete(name)
    }

    fn place(&self) -> String {
        self.files.place()
    }
}

struct BusyFolder<'a>(&'a Path, Arc<Seen>);

impl Stores for BusyFolder<'_> {
    fn open(&self, store: &Store) -> Result<Box<dyn Database>, String> {
        Err(format!("`{}` keeps no tables", store.id))
    }

    fn objects(&self, _: &Store) -> Result<Box<dyn Objects>, String> {
        Ok(Box::new(Busy {
            files: Files::open(self.0).map_err(|error| error.to_string())?,
            top: self.0.to_owned(),
            seen: Arc::clone(&self.1),
        }))
    }
}

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

#[test]
fn what_is_written_again_meanwhile_stays() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("up/7")).unwrap();
    for name in ["up/7/again", "up/7/old"] {
        let file = std::fs::File::create(dir.path().join(name)).unwrap();
        let at = SystemTime::from(now()) - Duration::from_secs(100 * 86_400);
        file.set_modified(at).unwrap();
    }
    let report = task(
        "files",
        &BusyFolder(dir.path(), Arc::default()),
        &held(&[]),
        now(),
        true,
    );
    assert_eq!((report.ended(), report.overdue()), (1, 0));
    assert!(dir.path().join("up/7/again").exists() && !dir.path().join("up/7/old").exists());
}

#[test]
fn a_hold_that_comes_while_objects_go_keeps_the_rest() {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, days: u64| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = std::fs::File::create(path).unwrap();
        let at = SystemTime::from(now()) - Duration::from_secs(days * 86_400);
        file.set_modified(at).unwrap();
    };
    put("up/7/first", 200);
    for number in 0..20 {
        put(&format!("up/8/{number}"), 100);
        put(&format!("up/9/{number}"), 100);
    }
    let seen: Arc<Seen> = Arc::default();
    let folder = BusyFolder(dir.path(), Arc::clone(&seen));
    let report = task("files", &folder, &HeldLater(Arc::clone(&seen)), now(), true);
    assert_eq!((report.ended(), report.overdue()), (21, 0));
    assert_eq!(std::fs::read_dir(dir.path().join("up/8")).unwrap().count(), 20);
    assert!(!dir.path().join("up/7").exists() && !dir.path().join("up/9").exists());
    // Not once more for each object that goes.
    assert!(seen.lists.load(Ordering::Relaxed) < 20);
}

#[test]
fn an_object_that_was_written_later_than_now_is_a_witness_against_the_clock() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("logs")).unwrap();
    std::fs::write(dir.path().join("logs/a"), "x").unwrap();
    let (charter, settings) = (charter("files"), Retention::default());
    let past: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let task = Task {
        charter: &charter,
        settings: &settings,
        stores: &Kept(dir.path(), None),
        holds: &held(&[]),
        now: &|| past,
        pause: &|_: Duration| {},
        ledger: Recorded::default(),
        clock_checked: false,
        doubt: None,
        announce: &|_| Ok(()),
    };
    let refused = task.run().unwrap().refused.unwrap();
    assert!(refused.contains("behind the newest row"), "{refused}");
}
