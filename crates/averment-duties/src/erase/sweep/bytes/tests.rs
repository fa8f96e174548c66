//! Databases whose leftovers are known, and those whose neighbouring values read as somebody who is not there.

use proptest::prelude::*;
use rusqlite::Connection;

use super::*;

struct Case {
    dir: tempfile::TempDir,
    database: Connection,
}

impl Case {
    fn new(set_up: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = Connection::open(dir.path().join("app.sqlite")).unwrap();
        let case = Self { dir, database };
        case.run(set_up);
        case
    }

    fn run(&self, sql: &str) {
        self.database.execute_batch(sql).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("app.sqlite")
    }

    /// Place and number of what is found of each needle.
    fn found(&self, needles: &[&str]) -> Vec<(String, u64)> {
        let needles = Needles::new(needles.iter().map(|needle| needle.as_bytes().to_vec()));
        let mut swept = Swept::default();
        needles.search(&self.file(), &mut swept);
        assert_eq!(swept.unreadable, 0);
        let mut found: Vec<_> = swept.found.into_iter().map(|one| (one.place, one.count)).collect();
        found.sort();
        found
    }

    fn is_in_file(&self, needle: &str) -> bool {
        let bytes = std::fs::read(self.file()).unwrap();
        bytes.windows(needle.len()).any(|some| some == needle.as_bytes())
    }
}

#[test]
fn needles_are_found_across_what_is_read_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    let mut bytes = vec![b'.'; 3 * CHUNK];
    for at in [0, CHUNK - 3, 2 * CHUNK - 1, 3 * CHUNK - 6] {
        bytes[at..at + 6].copy_from_slice(b"canary");
    }
    std::fs::write(&file, bytes).unwrap();
    let mut needles = Needles::new([b"canary".to_vec(), b"canter".to_vec()].into_iter());
    assert_eq!(needles.count(&file, "", None).unwrap(), 4);
    needles.see(b"a canary that somebody keeps");
    assert_eq!(needles.count(&file, "", None).unwrap(), 0);
}

#[test]
fn nobody_is_found_where_two_values_adjoin() {
    for set_up in [
        // A value and the next of the row.
        "create table people (name text, day text);
         insert into people values ('person32', '2026-04-05');",
        // An index's value and the number of its row, which is the byte `2`.
        "create table people (id integer primary key, name text);
         create index by_name on people (name);
         insert into people values (50, 'person32');",
        "create table people (name text, day text, primary key (name, day)) without rowid;
         insert into people values ('person32', '2026-04-05');",
        // In the pages that hold the rest of a long row, also one that fills them.
        "create table people (essay text, name text, day text);
         insert into people values (printf('%.*c', 9000, 'x'), 'person32', '2026-04-05');",
        "pragma page_size = 512;
         create table people (essay text, name text, day text, other text);
         with recursive n(n) as (select 1 union all select n + 1 from n where n < 1200)
         insert into people select printf('%.*c', n, 'x'), 'person32', '2026-04-05', printf('%.*c', n, 'y') from n;
         create index by_all on people (essay, name, day);",
        "pragma page_size = 65536; pragma auto_vacuum = full;
         create table people (essay blob, name text, day text);
         insert into people values (zeroblob(200000), 'person32', '2026-04-05');",
    ] {
        let case = Case::new(set_up);
        assert!(case.is_in_file("person322"), "{set_up}");
        assert_eq!(case.found(&["person322"]), [], "{set_up}");
    }
}

#[test]
fn nobody_is_found_where_two_values_adjoin_in_the_log() {
    let case = Case::new(
        "pragma journal_mode = wal; create table people (name text, day text);
         insert into people values ('person32', '2026-04-05');",
    );
    assert_eq!(case.found(&["person322"]), []);
    assert_eq!(case.found(&["person32"]), [("the write-ahead log".to_owned(), 1)]);
}

#[test]
fn nobody_is_found_in_copies_of_rows_that_the_engine_moved() {
    let case = Case::new(
        "pragma page_size = 512; pragma secure_delete = off;
         create table people (id integer primary key, name text, day text);
         with recursive n(n) as (select 1 union all select n + 1 from n where n < 400)
         insert into people select (n * 7919) % 100003, 'person32', '2026-04-05' from n;",
    );
    let places = std::fs::read(case.file()).unwrap();
    let places = places.windows(9).filter(|some| some == b"person322").count();
    assert!(places > 400, "no copy was left: {places}");
    assert_eq!(case.found(&["person322"]), []);
}

#[test]
fn who_was_left_is_found_beside_a_row_that_reads_alike() {
    let case = Case::new(
        "pragma secure_delete = off; create table people (name text, day text);
         create index by_name on people (name, day);
         insert into people values ('person32', '2026-04-05'), ('person322', '026-04-05'), ('person', '322026-04-05');
         delete from people where name = 'person322';",
    );
    assert_eq!(case.found(&["person322"]), [("the database's file".to_owned(), 2)]);
}

const MANY: &str = "with recursive n(n) as (select 1 union all select n + 1 from n where n < 2999)
    insert into people select n, 'school-person' || n, '2026-04-05', 'person' || n || '@school.example' from n;";

#[test]
fn of_many_people_only_those_are_found_who_are_left() {
    let case = Case::new(
        "create table people (id integer primary key, name text, day text, email text);
         create index by_name on people (name); create index by_day on people (day, name);",
    );
    case.run(&format!("pragma secure_delete = on; {MANY}"));
    let gone: Vec<String> = (300..900).map(|n| format!("school-person{n}")).collect();
    let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
    case.run("delete from people where id >= 300 and id < 900; vacuum;");
    assert_eq!(case.found(&gone), []);
    // In the table and in two indexes.
    case.run("insert into people values (9000, 'was school-person400', '', '')");
    assert_eq!(case.found(&gone), [("the database's file".to_owned(), 3)]);
}

#[test]
fn what_was_left_is_found_wherever_it_lies() {
    let plain = "pragma secure_delete = off; create table people (id integer primary key, name text, day text);
        create table others (id integer primary key, note text); insert into others values (1, 'stays');
        insert into people values (1, 'person11', 'x'), (2, 'person22', 'y'), (3, 'person33', 'z');";
    for (way, sql) in [
        ("between the cells of a page", "delete from people where id = 2"),
        ("in a page that is free", "drop table people"),
        ("where the first cell was", "delete from people where id = 3"),
        ("in a page from which all went", "delete from people"),
        ("in a trunk of free pages", "drop table people; drop table others"),
        (
            "in a row that is there",
            "update others set note = 'was person22 or person33'",
        ),
        (
            "in an object of bytes",
            "update others set note = cast('was person22/person33' as blob)",
        ),
        (
            "in the rest of a long row",
            "update others set note = printf('%.*cperson22-person33', 9000, 'x'); delete from people",
        ),
        (
            "in the rest of a long row that went",
            "update others set note = printf('%.*cperson22-person33', 9000, 'x'); delete from people; delete from others",
        ),
    ] {
        let case = Case::new(plain);
        case.run(sql);
        for needle in ["person22", "person33"] {
            assert!(case.is_in_file(needle), "{way}");
            assert!(!case.found(&[needle]).is_empty(), "{way}");
        }
    }
}

#[test]
fn what_was_left_in_a_log_is_found() {
    let case = Case::new(
        "pragma journal_mode = wal; pragma secure_delete = on; create table people (id integer primary key, name text);
         insert into people values (1, 'person11'), (2, 'person22'); delete from people where id = 2;",
    );
    assert_eq!(case.found(&["person22"]), [("the write-ahead log".to_owned(), 1)]);
    case.run("pragma wal_checkpoint(truncate)");
    assert_eq!(case.found(&["person22"]), []);
}

#[test]
fn what_was_left_in_a_rollback_journal_is_found() {
    let case = Case::new(
        "pragma journal_mode = persist; pragma secure_delete = on; create table people (id integer primary key, name text);
         insert into people values (1, 'person11'), (2, 'person22'); delete from people where id = 2;",
    );
    assert_eq!(case.found(&["person22"]), [("the rollback journal".to_owned(), 1)]);
}

#[test]
fn what_lies_where_no_cell_is_and_in_pages_that_are_not_as_they_ought_to_be_is_found() {
    let case = Case::new(
        "create table people (name text, day text); insert into people values ('person11', 'x');
         create table others (name text, day text); insert into others values ('person32', '2026-04-05');",
    );
    let mut bytes = std::fs::read(case.file()).unwrap();
    // In the gap of the second page, and a third page with a cell that ends behind it.
    bytes[4096 + 2000..][..8].copy_from_slice(b"person55");
    std::fs::write(case.file(), &bytes).unwrap();
    assert_eq!(case.found(&["person55"]), [("the database's file".to_owned(), 1)]);
    assert_eq!(case.found(&["person322"]), []);
    bytes[2 * 4096 + 8..][..2].copy_from_slice(&4095_u16.to_be_bytes());
    std::fs::write(case.file(), &bytes).unwrap();
    assert_eq!(case.found(&["person322"]), [("the database's file".to_owned(), 1)]);
    // A cell that is said to be twice.
    bytes[2 * 4096..3 * 4096].fill(0);
    bytes.copy_within(4096..2 * 4096, 2 * 4096);
    bytes[4096 + 3..][..2].copy_from_slice(&2_u16.to_be_bytes());
    bytes.copy_within(4096 + 8..4096 + 10, 4096 + 10);
    std::fs::write(case.file(), &bytes).unwrap();
    assert_eq!(case.found(&["person11"]), [("the database's file".to_owned(), 2)]);
}

/// What may stand in a column: texts that end and begin as others go on, numbers, bytes and nothing; now and then one that fills pages.
fn a_value() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0..400_u32).prop_map(|n| format!("'school-person{n}'")),
        4 => (0..400_u32).prop_map(|n| format!("'{n}'")),
        2 => (0..400_u32).prop_map(|n| n.to_string()),
        1 => Just("null".to_owned()),
        1 => Just("1.5".to_owned()),
        1 => (0..400_u32).prop_map(|n| format!("cast('school-person{n}' as blob)")),
        1 => (0..9000_u32).prop_map(|n| format!("printf('%.*c', {n}, '7')")),
    ]
}

fn rows() -> impl Strategy<Value = Vec<String>> {
    let row = prop::collection::vec(a_value(), 4).prop_map(|values| values.join(", "));
    prop::collection::vec(row, 1..80)
}

fn table(page: u32, has_rowid: bool, rows: &[String]) -> String {
    let keyed = if has_rowid {
        "integer primary key"
    } else {
        "not null primary key"
    };
    let without = if has_rowid { "" } else { "without rowid" };
    let rows: Vec<String> = rows
        .iter()
        .enumerate()
        .map(|(n, row)| format!("insert into people values ({n}, {row});"))
        .collect();
    format!(
        "pragma page_size = {page}; pragma secure_delete = off; begin;
         create table people (id {keyed}, a, b, c, d) {without}; create index by_a on people (a, b); create index by_d on people (d);
         {} commit;",
        rows.concat()
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Who stands in no value is not found, whatever stands side by side; who does is.
    #[test]
    fn found_is_who_stands_in_a_value(rows in rows(), page in 9..14_u32, has_rowid: bool, logged: bool) {
        let mode = if logged { "pragma journal_mode = wal;" } else { "" };
        let case = Case::new(&format!("{mode} {}", table(1 << page, has_rowid, &rows)));
        case.run("pragma secure_delete = on; vacuum; pragma wal_checkpoint(truncate)");
        let whole: String = rows.concat();
        let names: Vec<String> = (0..4000).map(|n| format!("school-person{n}")).collect();
        let (there, gone): (Vec<&str>, Vec<&str>) = names.iter().map(String::as_str).partition(|name| whole.contains(name));
        prop_assert_eq!(case.found(&gone), []);
        for name in there.iter().take(3) {
            prop_assert!(!case.found(&[name]).is_empty(), "{}", name);
        }
    }

    /// Of rows that went without being overwritten everything is found that the file still holds.
    #[test]
    fn found_is_whatever_rows_left(count in 1..300_usize, gone in prop::collection::vec(any::<bool>(), 300), page in 9..14_u32, has_rowid: bool) {
        // No two values side by side read as one of these.
        let rows: Vec<String> = (0..count).map(|n| format!("'<person-{n}>', '({n})', 'x', '<mail-{n}>'")).collect();
        let case = Case::new(&table(1 << page, has_rowid, &rows));
        let gone: Vec<usize> = (0..count).filter(|n| gone[*n]).collect();
        for n in &gone {
            case.run(&format!("delete from people where id = {n}"));
        }
        let names: Vec<String> = gone.iter().flat_map(|n| [format!("<person-{n}>"), format!("<mail-{n}>")]).collect();
        let bytes = std::fs::read(case.file()).unwrap();
        let begun = bytes.split(|byte| *byte == b'<').skip(1);
        let there = begun.filter(|some| names.iter().any(|name| some.starts_with(&name.as_bytes()[1..]))).count() as u64;
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found: u64 = case.found(&names).iter().map(|(_, count)| count).sum();
        prop_assert_eq!(found, there);
    }

    /// Files that are not as they ought to be are read to their end.
    #[test]
    fn whatever_stands_in_a_file_is_read(rows in rows(), page in 9..14_u32, has_rowid: bool, spoiled in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..60), cut: prop::sample::Index) {
        let case = Case::new(&table(1 << page, has_rowid, &rows));
        let mut bytes = std::fs::read(case.file()).unwrap();
        for (at, byte) in &spoiled {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        bytes.truncate(bytes.len().min(1 + cut.index(2 * bytes.len())));
        std::fs::write(case.file(), &bytes).unwrap();
        case.found(&["school-person1", "school-person12", "7777777"]);
    }
}
