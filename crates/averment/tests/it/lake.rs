//! Disclosures as Parquet, and SQL over them.

use crate::world::Place;

const PEOPLE: &str = "id,role,school,email,full_name,birth_year\n\
                      s-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist,2015\n\
                      s-2,student,Harbour,lev.aronov@birch.example,Lev Aronov,2015\n";

/// Three disclosures that somebody entered: two of s-1, one of s-2.
fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.path("people.csv"), PEOPLE).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    for (person, element) in [
        ("s-1", "edu.grade_level"),
        ("s-1", "contact.email"),
        ("s-2", "contact.email"),
    ] {
        let record = [
            "ledger",
            "record",
            "--party",
            "a county court",
            "--means",
            "subpoena",
            "--element",
            element,
        ];
        let about = [
            "--person",
            person,
            "--basis",
            "ferpa.court_order",
            "--at",
            "2026-03-01",
            "--interest",
            "a case",
        ];
        place.run(&[&record[..], &about].concat()).expect(0);
    }
    place
}

const BY_SCHOOL: &str =
    "select school, element, count(*) as n from disclosures where not void group by 1, 2 order by 1, 2";

#[cfg(feature = "lake")]
#[test]
fn sql_answers_over_the_whole_ledger_and_follows_it() {
    let place = place();
    let ask = |query: &str| place.run(&["ledger", "sql", query, "--format", "csv"]);
    let answer = ask(BY_SCHOOL).expect(0);
    let rows =
        "school,element,n\r\nHarbour,contact.email,1\r\nWestfield,contact.email,1\r\nWestfield,edu.grade_level,1\r\n";
    assert_eq!(answer.stdout, rows);
    let entry = ask("select max(entry) as last from disclosures").expect(0).stdout;
    let entry = entry.lines().nth(1).expect("a row").to_owned();
    let void = [
        "ledger",
        "correct",
        "--entry",
        &entry,
        "--because",
        "entered twice",
        "--void",
    ];
    place.run(&void).expect(0);
    assert!(
        !ask(BY_SCHOOL).expect(0).stdout.contains("Harbour"),
        "a void row counts no more"
    );
    let wrong = ask("select nobody from disclosures").expect(2);
    assert!(wrong.stderr.contains("nobody"), "{}", wrong.stderr);
    let copy = format!("copy disclosures to '{}'", place.path("out.csv").display());
    ask(&copy).expect(2);
    let more = place
        .run(&["ledger", "sql", "select * from disclosures", "--rows", "2"])
        .expect(2);
    assert!(more.stderr.contains("more than 2 rows"), "{}", more.stderr);
}

/// Times at which the segments were written, by name.
#[cfg(feature = "lake")]
fn written(folder: &std::path::Path) -> std::collections::BTreeMap<String, std::time::SystemTime> {
    let files = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|file| file.expect("a file"));
    let files = files.filter(|file| file.path().extension().is_some_and(|ending| ending == "parquet"));
    let time = |file: &std::fs::DirEntry| file.metadata().and_then(|metadata| metadata.modified());
    files
        .map(|file| {
            (
                file.file_name().into_string().expect("a name"),
                time(&file).expect("a time"),
            )
        })
        .collect()
}

/// What rows say of a log that has ended can still change: a message of it is made void, a pupil changes the school.
#[cfg(feature = "lake")]
#[test]
fn the_segment_of_a_log_that_ended_is_written_once_and_again_only_when_its_rows_change() {
    let place = place();
    let ask = || {
        place
            .run(&["ledger", "sql", BY_SCHOOL, "--format", "csv"])
            .expect(0)
            .stdout
    };
    place.run(&["ledger", "rotate"]).expect(0);
    ask();
    std::fs::write(
        place.path("averment-data/lake/disclosures.parquet"),
        "of an old version",
    )
    .expect("a file");
    let record = [
        "ledger",
        "record",
        "--party",
        "a county court",
        "--means",
        "subpoena",
        "--element",
        "contact.email",
    ];
    let about = [
        "--person",
        "s-2",
        "--basis",
        "ferpa.court_order",
        "--at",
        "2026-03-02",
        "--interest",
        "a case",
    ];
    let lake = place.path("averment-data/lake");
    let before = written(&lake);
    place.run(&[&record[..], &about].concat()).expect(0);
    let rows =
        "school,element,n\r\nHarbour,contact.email,2\r\nWestfield,contact.email,1\r\nWestfield,edu.grade_level,1\r\n";
    assert_eq!(ask(), rows);
    let after = written(&lake);
    assert_eq!(after.keys().collect::<Vec<_>>(), ["0001.parquet", "0002.parquet"]);
    assert_eq!(
        before["0001.parquet"], after["0001.parquet"],
        "a log that ended is not read again"
    );
    assert_ne!(before.get("0002.parquet"), after.get("0002.parquet"));
    let people = PEOPLE.replace("Harbour", "Lakeside");
    std::fs::write(place.path("people.csv"), people).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    assert_eq!(ask(), rows.replace("Harbour", "Lakeside"));
    let moved = written(&lake);
    assert_ne!(
        after["0001.parquet"], moved["0001.parquet"],
        "another school is in it now"
    );
    std::fs::create_dir(place.path("segments")).expect("a folder");
    let export = ["ledger", "export", "--format", "parquet", "--out", "segments"];
    let ran = place.run(&export).expect(0);
    assert!(ran.stdout.contains("segments written to segments: 2"), "{}", ran.stdout);
    let ran = place.run(&export).expect(0);
    assert!(ran.stdout.contains("segments written to segments: 0"), "{}", ran.stdout);
    place.run(&[&export[..], &["--school", "Westfield"]].concat()).expect(2);
}

#[cfg(feature = "lake")]
#[test]
fn another_engine_reads_the_same_file() {
    let place = place();
    let export = ["ledger", "export", "--format", "parquet", "--out", "all.parquet"];
    let ran = place.run(&export).expect(0);
    assert!(ran.stdout.contains("3 rows in all.parquet"), "{}", ran.stdout);
    place.run(&export).expect(2);
    let query = BY_SCHOOL.replace("disclosures", &format!("'{}'", place.path("all.parquet").display()));
    let script = format!("import duckdb\nfor row in duckdb.sql(\"{query}\").fetchall(): print(*row)");
    let python = crate::sdk::packages().join("venv/bin/python");
    let ran = std::process::Command::new(&python).args(["-c", &script]).output();
    let ran = ran.unwrap_or_else(|error| panic!("`cargo xtask test` installs DuckDB: {error}"));
    let said = String::from_utf8_lossy(&ran.stdout);
    assert_eq!(
        said,
        "Harbour contact.email 1\nWestfield contact.email 1\nWestfield edu.grade_level 1\n",
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[cfg(not(feature = "lake"))]
#[test]
fn a_program_without_the_engine_says_so() {
    let place = place();
    for command in [
        ["ledger", "sql", BY_SCHOOL].as_slice(),
        &["ledger", "export", "--format", "parquet", "--out", "all.parquet"],
    ] {
        let ran = place.run(command).expect(2);
        assert!(ran.stderr.contains("--features lake"), "{}", ran.stderr);
    }
    assert!(!place.path("all.parquet").exists());
}
