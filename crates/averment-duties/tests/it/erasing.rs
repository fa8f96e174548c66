//! Erasing people from a school platform, on every engine.

mod bucket;
mod held;
mod killed;
mod listed;
mod replayed;
mod school;
mod small;

use std::collections::BTreeSet;
use std::path::Path;

use averment_duties::erase::{
    Certificate, CertificateOf, Effect, Eraser, Journal, Mandate, Opened, PEOPLE_AT_ONCE, Plan, Point, Run, Stage,
    Swept, Tombstones, measures, people_erased, plan,
};
use averment_register::Engine;
use averment_store::Keys;
use jiff::Timestamp;
use school::{CANARY, School};

fn now() -> Timestamp {
    "2026-11-22T12:00:00Z".parse().unwrap()
}

fn people(numbers: &[&str]) -> BTreeSet<String> {
    numbers.iter().map(|number| (*number).to_owned()).collect()
}

/// Works with an eraser of these stores, whose journal is this file.
fn erasing<T>(mut stores: Vec<Opened>, keys: &Keys, journal: &Path, work: impl FnOnce(&mut Eraser<'_>) -> T) -> T {
    let journal = Journal::open(journal).unwrap();
    work(&mut Eraser {
        stores: &mut stores,
        journal: &journal,
        keys,
        at_once: PEOPLE_AT_ONCE,
        progress: &mut |_| {},
    })
}

fn planned(school: &School) -> Plan {
    plan(&mut school.stores(), &people(&[CANARY]), &school.keys(), now()).unwrap()
}

struct Done {
    run: Run,
    counts: std::collections::BTreeMap<String, std::collections::BTreeMap<String, averment_duties::erase::Counts>>,
    swept: Vec<Swept>,
    certificate: Certificate,
}

fn erased(school: &School, progress: &mut dyn FnMut(Point)) -> Done {
    erased_all(school, &people(&[CANARY]), PEOPLE_AT_ONCE, progress)
}

/// Everything that a command does, without the ledger.
fn erased_all(school: &School, numbers: &BTreeSet<String>, at_once: usize, progress: &mut dyn FnMut(Point)) -> Done {
    let (mut stores, keys) = (school.stores(), school.keys());
    let journal = Journal::open(&school.path("data/erasures.db")).unwrap();
    let mut tombstones = Tombstones::open(&school.path("tombstones"), &keys, None).unwrap();
    let unfinished = journal.unfinished().unwrap().pop();
    let plan = match &unfinished {
        Some(run) => run.plan.clone(),
        None => plan(&mut stores, numbers, &keys, now()).unwrap(),
    };
    let mut eraser = Eraser {
        stores: &mut stores,
        journal: &journal,
        keys: &keys,
        at_once,
        progress,
    };
    let run = unfinished.unwrap_or_else(|| eraser.begin(numbers, &plan, &Mandate::of("operations"), now()).unwrap());
    journal.announced(&run.id, 1).unwrap();
    let run = journal.run(&run.id).unwrap().unwrap();
    eraser.list(&run, &mut tombstones, now()).unwrap();
    eraser.erase(&run, &mut |_| Ok(())).unwrap();
    let cleaned = eraser.clean(&run).unwrap();
    let swept = eraser.sweep(&run).unwrap();
    let counts = eraser.counts(&run).unwrap();
    let certificate = CertificateOf {
        run: &run,
        plan: &plan,
        organisation: "Birch",
        counts: &counts,
        cleaned: &cleaned,
        swept: &swept,
        unseen: &[],
        third_parties: &[],
        asked_at: None,
        ended_at: now().to_string(),
        tombstones: tombstones.len(),
    }
    .certificate();
    match certificate.state.as_str() {
        "done" => journal.wipe(&run.id).unwrap(),
        _ => journal.incomplete(&run.id).unwrap(),
    }
    Done {
        run,
        counts,
        swept,
        certificate,
    }
}

/// A person who stands everywhere is planned, erased, and found nowhere.
fn holds(engine: Engine) {
    let school = School::new(engine);
    let before = school.rows();
    assert!(!school.canaries().is_empty());
    let plan = planned(&school);
    assert_eq!(plan.problems(), [], "{engine:?}");
    check_plan(&plan);
    assert_eq!(school.rows(), before, "a plan changes nothing");

    let done = erased(&school, &mut |_| {});
    assert_eq!(
        done.swept.iter().flat_map(|swept| &swept.found).collect::<Vec<_>>(),
        Vec::<&_>::new()
    );
    assert_eq!(done.certificate.state, "done", "{:?}", done.certificate.not_confirmed);
    assert_eq!(school.canaries(), BTreeSet::new());
    check_rows(&school, &before);
    for (table, deleted) in [
        ("users", 1),
        ("activity", 2),
        ("comments", 3),
        ("friendships", 2),
        ("newsletter", 1),
    ] {
        assert_eq!(done.counts["app"][table].deleted, deleted, "{table}");
    }
    assert_eq!(done.counts["uploads"]["uploads/{account}/"].deleted, 1);
    assert_eq!(done.counts["uploads"]["exports/{account}.json"].deleted, 1);
    assert_eq!(done.counts["app"]["messages"].others_changed, 1);
    assert_eq!(
        done.counts["app"]["comments"].others_deleted, 1,
        "the comment of another below the project"
    );

    let keys = school.keys();
    let tombstones = Tombstones::open_read(&school.path("tombstones"), &keys, None).unwrap();
    assert!(
        people_erased(&mut school.stores(), &tombstones, &keys)
            .unwrap()
            .is_nobody()
    );
    let journal = Journal::open(&school.path("data/erasures.db")).unwrap();
    assert_eq!(journal.run(&done.run.id).unwrap().unwrap().stage, Stage::Done);
    assert!(journal.is_erased(&keys.person_digest(CANARY)).unwrap());
}

fn check_plan(plan: &Plan) {
    let app = plan.stores.iter().find(|store| store.store == "app").unwrap();
    let table = |name: &str| app.tables.iter().find(|table| table.table == name).unwrap();
    assert_eq!(
        (table("users").rows, table("activity").rows, table("newsletter").rows),
        (1, 2, 1)
    );
    assert_eq!(table("messages").shared, 1, "what they wrote names another");
    assert_eq!(table("messages").others[0].rows, 1, "what another wrote names them");
    let goes: Vec<(&str, &str, u64)> = app
        .tables
        .iter()
        .flat_map(|table| &table.dependents)
        .filter(|dependent| dependent.effect == Effect::Goes && dependent.rows > 0)
        .map(|dependent| (dependent.by.as_str(), dependent.rule.as_str(), dependent.rows))
        .collect();
    assert_eq!(
        goes,
        [
            ("comments < reactions", "cascade", 1),
            ("projects < comments < reactions", "cascade", 1),
            ("projects < comments", "cascade", 1),
        ]
    );
    assert_eq!(plan.rows_of_others(), 3);
    let invoices = table("invoices");
    assert_eq!(invoices.reason.as_deref(), Some("books are kept for ten years"));
    let json = serde_json::to_string(plan).unwrap();
    assert!(!json.to_lowercase().contains("canary"));
}

/// Rows of others are what they were, but for what leads to the person.
fn check_rows(school: &School, before: &std::collections::BTreeMap<String, Vec<Vec<Option<String>>>>) {
    let text = |value: &str| Some(value.to_owned());
    let after = school.rows();
    for (table, rows) in before {
        let after = &after[table];
        let mut expected: Vec<Vec<Option<String>>> = rows.clone();
        let theirs = text(CANARY);
        match table.as_str() {
            "users" => {
                expected.retain(|row| row[0] != theirs);
                let featured = expected.iter_mut().find(|row| row[0] == text("5")).unwrap();
                *featured.last_mut().unwrap() = None;
            }
            "classes" => expected
                .iter_mut()
                .filter(|row| row[1] == theirs)
                .for_each(|row| row[1] = None),
            "enrolments" | "reactions" => expected.retain(|row| row[1] != theirs),
            "projects" | "outbox" | "sessions" => expected.retain(|row| row[1] != theirs),
            "activity" => expected.retain(|row| row[0] != theirs),
            "newsletter" => expected.retain(|row| row[0] != text("canary.finch@birch.example")),
            "friendships" => expected.retain(|row| !row.contains(&theirs)),
            "comments" => {
                expected.retain(|row| row[1] != theirs && row[2] != theirs);
                expected
                    .iter_mut()
                    .filter(|row| row[0] == text("304"))
                    .for_each(|row| row[3] = None);
            }
            "messages" => {
                expected.retain(|row| row[1] != theirs);
                expected
                    .iter_mut()
                    .filter(|row| row[2] == theirs)
                    .for_each(|row| row[2] = None);
            }
            "invoices" | "audit" => {
                let changed = after.iter().find(|row| row[0] == theirs).unwrap();
                assert!(
                    changed[1].as_ref().unwrap().starts_with('-'),
                    "a pseudonym is no number of anybody"
                );
                assert_eq!(changed[2], text("erased"));
                assert_eq!(changed[3..], expected.iter().find(|row| row[0] == theirs).unwrap()[3..]);
                expected.retain(|row| row[0] != theirs);
                expected.push(changed.clone());
            }
            _ => {}
        }
        if table == "reactions" {
            expected.retain(|row| row[0] != text("301") && row[0] != text("303"));
        }
        expected.sort();
        assert_eq!(after, &expected, "{table}");
    }
}

#[test]
fn somebody_is_erased_from_sqlite() {
    holds(Engine::Sqlite);
}

#[test]
fn somebody_is_erased_from_postgresql() {
    holds(Engine::Postgresql);
}

#[test]
fn somebody_is_erased_from_mariadb() {
    holds(Engine::Mariadb);
}

#[test]
fn what_others_wrote_about_somebody_is_found_and_breaks_the_claim() {
    let school = School::new(Engine::Sqlite);
    school.execute("insert into messages values (9, 1, 2, 'have you seen canary.finch@birch.example today')");
    school.execute("insert into outbox values (99, null, '{\"n\": \"Canary\\u0020Finch\"}')");
    let done = erased(&school, &mut |_| {});
    let found: BTreeSet<&str> = done
        .swept
        .iter()
        .flat_map(|swept| &swept.found)
        .map(|found| found.place.as_str())
        .collect();
    assert_eq!(found, BTreeSet::from(["messages.body", "outbox.payload"]));
    assert_eq!(done.certificate.state, "incomplete");
    assert!(done.certificate.not_confirmed[0].starts_with("app: "));
    let measured = averment_duties::erase::Measured {
        people: 1,
        swept: done.swept,
        from: now(),
        until: now(),
        ..Default::default()
    };
    let contrary: Vec<(String, bool)> = measures(&school.charter, &measured)
        .into_iter()
        .map(|measurement| (measurement.claim, measurement.contrary > 0))
        .collect();
    assert_eq!(
        contrary,
        [("list/accounts".to_owned(), true), ("list/messages".to_owned(), true)]
    );
}

#[test]
fn what_two_people_have_is_shared_and_not_left() {
    let school = School::new(Engine::Sqlite);
    school.execute("update users set phone = '+46701234567', full_name = 'Canary Finch' where id = 8");
    let done = erased(&school, &mut |_| {});
    assert_eq!(done.certificate.state, "done", "{:?}", done.certificate.not_confirmed);
    let app = done.swept.iter().find(|swept| swept.store == "app").unwrap();
    assert_eq!(app.shared, 2);
}

#[test]
fn bytes_beside_live_rows_are_found() {
    let school = School::new(Engine::Sqlite);
    let journal = school.path("app.sqlite3-shm");
    let done = erased(&school, &mut |point| {
        if point == Point::Cleaned {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new().append(true).open(&journal).unwrap();
            file.write_all(b"....canary.finch@birch.example....").unwrap();
        }
    });
    let swept = done.swept.iter().flat_map(|swept| &swept.found);
    let found: Vec<&str> = swept.map(|found| found.place.as_str()).collect();
    assert_eq!(found, ["the shared memory"]);
}

#[test]
fn what_came_while_a_run_went_on_goes_in_the_next_round() {
    let school = School::new(Engine::Sqlite);
    let done = erased(&school, &mut |point| {
        if point == Point::Cleaned {
            school.execute("insert into activity values (7, 'canary came late', 'friday')");
        }
    });
    assert_eq!(done.certificate.state, "incomplete");
    let done = erased(&school, &mut |_| {});
    assert_eq!(done.certificate.state, "done", "{:?}", done.certificate.not_confirmed);
    assert_eq!(done.counts["app"]["activity"].deleted, 3);
    assert_eq!(done.counts["app"]["users"].deleted, 1);
    assert_eq!(school.canaries(), BTreeSet::new());
}

#[test]
fn a_plan_is_the_same_until_what_would_be_done_changes() {
    let school = School::new(Engine::Sqlite);
    let plan = planned(&school);
    school.execute("insert into activity values (7, 'canary again', 'tuesday')");
    planned(&school).must_be(&plan.hash).unwrap();
    school.execute("create table replies (id integer primary key, to_id integer not null references messages (id))");
    let mut charter = school.charter.content().data.clone();
    let store = charter.values_mut().next().unwrap();
    assert!(store.table("replies").is_none());
    let error = averment_duties::erase::open_store(store, &school.address(), &[]).unwrap_err();
    assert!(
        error.to_string().contains("`replies` is not in the data map"),
        "{error}"
    );
}
