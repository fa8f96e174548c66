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
    assert!(wrong.stderr.contains("docs/probes.md"), "{}", wrong.stderr);
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
}
