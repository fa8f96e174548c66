//! `averment scan schema` and the data map: the example, proposals, addresses that are not repeated.

use crate::world::{Place, root};

fn example() -> String {
    root().join("examples/schoolhouse-map").display().to_string()
}

#[test]
fn a_renamed_column_and_a_new_table_fail_the_build() {
    let place = Place::new();
    let (register, schema) = (format!("{}/register", example()), format!("{}/schema", example()));
    let holds = place
        .run(&[
            "scan",
            "schema",
            &format!("{schema}/today.sql"),
            "--register",
            &register,
        ])
        .expect(0);
    let words = holds.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("the map covers 100 %"), "{words}");
    let fails = place
        .run(&[
            "scan",
            "schema",
            &format!("{schema}/tomorrow.sql"),
            "--register",
            &register,
        ])
        .expect(1);
    for said in [
        "`users.mail_address` is not in the data map",
        "looks like `email` renamed",
        "`users.email` of the data map is not there",
        "table `health_notes`",
    ] {
        let plain = fails.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(plain.contains(said), "{said} in {}", fails.stdout);
    }
}

#[test]
fn what_is_proposed_makes_the_scan_hold() {
    let place = Place::new();
    place.run(&["new", "register", "register"]).expect(0);
    let schema = format!("{}/schema/today.sql", example());
    place
        .run(&["scan", "schema", &schema, "--register", "register"])
        .expect(1);
    place.run(&["scan", "schema", &schema, "--into", "register"]).expect(0);
    let written = std::fs::read_to_string(place.path("register/data/app.toml")).expect("a file");
    assert_eq!(
        written,
        place.run(&["scan", "schema", &schema, "--propose"]).expect(0).stdout
    );
    let ran = place
        .run(&["scan", "schema", &schema, "--register", "register"])
        .expect(0);
    // What nobody has checked is no map, also once it is written down.
    let first = ran.stdout.split(".\n").next().expect("what is covered");
    let words = first.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!words.contains(" 0 guessed") && !words.contains("100 %"), "{words}");
    assert!(first.lines().all(|line| line.chars().count() <= 80), "{first}");
    place.run(&["fmt", "register"]).expect(0);
    let formatted = place
        .run(&["scan", "schema", &schema, "--register", "register"])
        .expect(0);
    assert!(formatted.stdout.starts_with(first), "{}", formatted.stdout);
    let checked = std::fs::read_to_string(place.path("register/data/app.toml")).expect("a file");
    let unmarked = checked
        .lines()
        .map(|line| line.split(" # guess").next().unwrap_or_default());
    std::fs::write(
        place.path("register/data/app.toml"),
        unmarked.collect::<Vec<_>>().join("\n"),
    )
    .expect("a file");
    let ran = place
        .run(&["scan", "schema", &schema, "--register", "register"])
        .expect(0);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(" 0 guessed") && words.contains(" 100 %"), "{words}");
    std::fs::write(place.path("register/data/app.toml"), checked).expect("a file");
    place
        .run(&[
            "scan",
            "schema",
            &format!("{}/schema/tomorrow.sql", example()),
            "--into",
            "register",
        ])
        .expect(0);
    let merged = std::fs::read_to_string(place.path("register/data/app.toml")).expect("a file");
    assert!(
        merged.contains("mail_address") && merged.contains("health_notes"),
        "{merged}"
    );
}

#[test]
fn what_cannot_be_read_does_not_pass_and_addresses_are_not_repeated() {
    let place = Place::new();
    let register = format!("{}/register", example());
    std::fs::write(place.path("empty.sql"), "select 1;").expect("a file");
    place
        .run(&["scan", "schema", "empty.sql", "--register", &register])
        .expect(2);
    place
        .run(&["scan", "schema", "nothing.sql", "--register", &register])
        .expect(2);
    for address in [
        "postgres://u:geheim@127.0.0.1:1/x",
        "mysql://u:geheim@127.0.0.1:1/x",
        "geheim",
        "mysql://u:geheim@db.example/x",
    ] {
        std::fs::write(place.path("address"), address).expect("a file");
        let run = place
            .run(&["scan", "schema", "--url-file", "address", "--register", &register])
            .expect(2);
        assert!(
            !run.stderr.contains("geheim") && !run.stdout.contains("geheim"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn a_store_is_drafted() {
    let place = Place::new();
    place.run(&["new", "register", "register"]).expect(0);
    for (id, engine) in [("app", "postgresql"), ("uploads", "s3")] {
        place
            .run(&["new", "data", id, "--engine", engine, "--register", "register"])
            .expect(0);
        assert!(place.path(&format!("register/data/{id}.toml")).is_file());
    }
    place.run(&["check", "register"]).expect(0);
    place
        .run(&["new", "data", "No/Id", "--engine", "files", "--register", "register"])
        .expect(2);
}

#[test]
fn what_the_map_covers_is_recorded_for_what_is_collected() {
    let place = Place::new();
    place.run(&["new", "register", "register"]).expect(0);
    std::fs::create_dir_all(place.path("register/data")).expect("a folder");
    let map = "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\n\
               id = { element = \"account.id\" }\nemail = { element = \"contact.email\" }\n";
    std::fs::write(place.path("register/data/app.toml"), map).expect("a file");
    std::fs::write(
        place.path("a.sql"),
        "create table users (id int primary key, email text);",
    )
    .expect("a file");
    let scan = ["scan", "schema", "a.sql", "--register", "register", "--record"];
    let ran = place.run(&scan).expect(0);
    assert!(ran.stderr.contains("no `collects` claim"), "{}", ran.stderr);
    std::fs::create_dir_all(place.path("register/claims")).expect("a folder");
    let claim = "[[claims]]\nkind = \"collects\"\nid = \"mail\"\nsentence = \"We collect e-mail addresses.\"\n\
                 elements = [\"contact.email\"]\nsubjects = [\"student\"]\nwhen = \"always\"\n";
    std::fs::write(place.path("register/claims/stored.toml"), claim).expect("a file");
    let ran = place.run(&scan).expect(0);
    assert!(ran.stderr.contains("1 measurements recorded"), "{}", ran.stderr);
}
