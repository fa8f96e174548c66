//! `averment probe`: what it prints, records and ends with.

use averment_ledger::Deed;

use crate::world::Place;

const MAP: &str = "store = \"uploads\"\nengine = \"files\"\n[[tables]]\nprefix = \"letters/\"\n\
                   subjects = [\"student\"]\nelements = [\"content\"]\n";
const CLAIMS: &str = "[[claims]]\nid = \"no-cards\"\nkind = \"not_stored\"\nelements = [\"finance.payment_card\"]\n\
                      sentence = \"We store no card numbers.\"\n";

fn place() -> Place {
    let place = Place::new();
    for folder in ["register/data", "register/claims", "uploads"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    for (name, text) in [
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/data/uploads.toml", MAP),
        ("register/claims/list.toml", CLAIMS),
        ("averment-duties.toml", "[stores.uploads]\npath = \"uploads\"\n"),
        ("uploads/letter.txt", "Dear school, see you on Monday.\n"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    place
}

#[test]
fn what_a_probe_sees_is_recorded_and_ends_the_command() {
    let place = place();
    // Ledger and keys are made by whoever first fills the directory.
    std::fs::write(
        place.path("people.csv"),
        "id,role,email\ns-1,student,maya.lindqvist@birch.example\n",
    )
    .expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    let holds = place.run(&["probe", "register", "--record"]).expect(0);
    assert!(holds.stdout.contains("holds: list/no-cards"), "{}", holds.stdout);
    std::fs::write(place.path("uploads/order.txt"), "paid with 4111 1111 1111 1111\n").expect("a file");
    let against = place
        .run(&["probe", "register", "--record", "--format", "json"])
        .expect(1);
    let report: serde_json::Value = serde_json::from_str(&against.stdout).expect("JSON");
    assert_eq!(report["probes"][0]["contrary"], 1, "{report}");
    let measured: Vec<_> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Measurement(measured) => Some(measured),
            _ => None,
        })
        .collect();
    let counts: Vec<_> = measured
        .iter()
        .map(|one| (one.by.as_str(), one.observed, one.contrary))
        .collect();
    assert_eq!(counts, [("probe.not_stored", 1, 0), ("probe.not_stored", 2, 1)]);
    let claims = place.run(&["claims", "register", "--format", "table"]).expect(1);
    assert!(claims.stdout.contains("broken"), "{}", claims.stdout);
    assert!(!against.stdout.contains("4111"), "{}", against.stdout);
}

#[test]
fn what_cannot_be_looked_at_is_no_pass() {
    let place = place();
    std::fs::write(place.path("averment-duties.toml"), "").expect("a file");
    let ran = place.run(&["probe", "register"]).expect(2);
    assert!(ran.stdout.contains("not measured: list/no-cards"), "{}", ran.stdout);
    let wrong = place.run(&["probe", "register", "--only", "storage"]).expect(2);
    assert!(wrong.stderr.contains("there is no probe `storage`"), "{}", wrong.stderr);
    let wrong = place.run(&["probe", "register", "--duties", "nowhere.toml"]).expect(2);
    assert!(wrong.stderr.contains("docs/duties.md"), "{}", wrong.stderr);
}

#[test]
fn backups_count_as_long_as_they_are_young() {
    let place = place();
    let claims = "[[claims]]\nid = \"backups\"\nkind = \"performed_every\"\nactivity = \"backup\"\nperiod = \"P7D\"\n\
                  sentence = \"Backups run every week.\"\n";
    let settings = "[[drills]]\nname = \"weekly\"\nkind = \"backup\"\nfile = \"app.dump\"\nengine = \"postgresql\"\n";
    std::fs::write(place.path("register/claims/list.toml"), claims).expect("a file");
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    std::fs::write(
        place.path("people.csv"),
        "id,role,email\ns-1,student,maya.lindqvist@birch.example\n",
    )
    .expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    let missing = place.run(&["drill", "backup", "register"]).expect(1);
    assert!(missing.stdout.contains("there is no backup"), "{}", missing.stdout);
    std::fs::write(place.path("app.dump"), "-- PostgreSQL database dump complete\n").expect("a file");
    place.run(&["drill", "backup", "register", "--record"]).expect(0);
    let claims = place.run(&["claims", "register", "--format", "table"]).expect(0);
    assert!(claims.stdout.contains("monitored"), "{}", claims.stdout);
    let none = place.run(&["drill", "restore", "register"]).expect(2);
    assert!(none.stderr.contains("no drill is declared"), "{}", none.stderr);
    // One that no claim speaks of is not held, and not passed over in silence.
    let more =
        "[[drills]]\nname = \"scan\"\nkind = \"command\"\nactivity = \"security_review\"\ncommand = [\"false\"]\n";
    std::fs::write(place.path("averment-duties.toml"), format!("{settings}{more}")).expect("a file");
    let all = place.run(&["drill", "all", "register"]).expect(2);
    let said = all.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("drill `scan` was not held: no claim of the register speaks of"),
        "{said}"
    );
    place.run(&["drill", "backup", "register"]).expect(0);
}

#[test]
fn a_restore_is_no_pass_before_somebody_looked_who_is_back() {
    let place = place();
    let claims = "[[claims]]\nid = \"restores\"\nkind = \"performed_every\"\nactivity = \"restore_test\"\nperiod = \"P1Y\"\n\
                  sentence = \"A backup is restored every year.\"\n";
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n\
               columns.id = { element = \"account.id\" }\n";
    let drills = "[[drills]]\nname = \"yearly\"\nkind = \"restore\"\nfile = \"backup.db\"\nengine = \"sqlite\"\nstore = \"app\"\n\
                  [[drills]]\nname = \"own\"\nkind = \"command\"\ncommand = [\"echo\", \"found lev.aronov@birch.example\"]\n";
    let settings = format!("[stores.app]\npath = \"app.db\"\n{drills}");
    std::fs::write(place.path("register/claims/list.toml"), claims).expect("a file");
    std::fs::write(place.path("register/data/app.toml"), map).expect("a file");
    std::fs::write(place.path("averment-duties.toml"), settings).expect("a file");
    std::fs::remove_file(place.path("register/data/uploads.toml")).expect("a file");
    let people = "id,role,email\ns-1,student,maya.lindqvist@birch.example\ns-2,student,lev.aronov@birch.example\n";
    std::fs::write(place.path("people.csv"), people).expect("a file");
    let connection = rusqlite::Connection::open(place.path("app.db")).expect("a file");
    let rows = "create table users (id text not null primary key); insert into users values ('s-1'), ('s-2')";
    connection.execute_batch(rows).expect("statements");
    std::fs::copy(place.path("app.db"), place.path("backup.db")).expect("a backup");
    place.run(&["people", "load", "people.csv"]).expect(0);

    let unlisted = place.run(&["drill", "restore", "register"]).expect(2);
    let told = "who was erased could not be looked for: there is no list of who was erased";
    assert!(unlisted.stdout.contains(told), "{}", unlisted.stdout);
    let plan = ["erase", "plan", "register", "--person", "s-1", "--out", "plan.json"];
    place.run(&plan).expect(0);
    let erase = "erase run register --person s-1 --by operations --plan plan.json";
    place.run(&erase.split(' ').collect::<Vec<_>>());
    let listed = place.run(&["drill", "restore", "register"]).expect(0);
    let told = "1 names of erased people came back and were erased again";
    assert!(listed.stdout.contains(told), "{}", listed.stdout);
    // What a program says of somebody is not told.
    let said = place
        .run(&["drill", "command", "register", "--format", "json"])
        .expect(0);
    assert!(!said.stdout.contains("aronov"), "{}", said.stdout);
    assert!(said.stdout.contains("a line that names somebody"), "{}", said.stdout);
}
