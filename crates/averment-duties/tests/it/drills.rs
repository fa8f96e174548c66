//! Backups that are looked at and restored, each with a fault and without.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use averment_duties::Settings;
use averment_duties::drill::{Drilled, Erased, Ground, Kind, Remembered, Replayed, run};
use averment_duties::erase::{Eraser, Journal, Kept, Mandate, Opened, PEOPLE_AT_ONCE, Tombstones, open_store, plan};

use crate::probes::{Told, charter};
use crate::servers::Server;

const CLAIMS: &str = r#"
[[claims]]
id = "backups"
kind = "performed_every"
activity = "backup"
period = "P7D"
sentence = "Backups run every week."

[[claims]]
id = "restores"
kind = "performed_every"
activity = "restore_test"
period = "P1Y"
sentence = "A backup is restored every year."
"#;
const MAP: &str = "store = \"app\"\nengine = \"ENGINE\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n\
                   columns.id = { element = \"account.id\" }\n[[tables]]\ntable = \"log\"\nnone = \"nobody\"\n";
const ROWS: &str = "
create table users (id integer primary key);
create table log (at timestamp);
insert into users values (1), (2), (3);
insert into log values ('2026-11-20 10:00:00'), ('2026-11-21 10:00:00');
";

/// Remembers that user 3 was erased.
struct Third {
    forgetful: bool,
}

impl Erased for Third {
    fn replay(&mut self, opened: &mut Opened) -> Result<Replayed, String> {
        let Kept::Tables { database, .. } = &mut opened.kept else {
            return Err("no tables".to_owned());
        };
        let mut change = |sql| database.change(sql, &[]).map_err(|error| error.to_string());
        let same = "update users set id = 3 where id = 3";
        let came_back = change(same)?;
        if !self.forgetful {
            change("delete from users where id = 3")?;
        }
        Ok(Replayed {
            came_back,
            still_there: change(same)?,
        })
    }
}

struct Place {
    dir: tempfile::TempDir,
    engine: &'static str,
    secrets: Told,
}

impl Place {
    fn hold(&self, more: &str, forgetful: bool, before: &BTreeMap<String, BTreeMap<String, u64>>) -> Vec<Drilled> {
        let charter = charter(&[
            ("claims/list.toml", CLAIMS),
            ("data/app.toml", &MAP.replace("ENGINE", self.engine)),
        ]);
        let text = format!(
            "[[drills]]\nname = \"weekly\"\nkind = \"backup\"\nfile = {0:?}\nending = \".dump\"\nengine = \"{1}\"\n\
             [[drills]]\nname = \"yearly\"\nkind = \"restore\"\nfile = {0:?}\nending = \".dump\"\nengine = \"{1}\"\n\
             store = \"app\"\nscratch = {{ env = \"SCRATCH\" }}\nage = \"P8D\"\n{more}",
            self.dir.path(),
            self.engine
        );
        let settings = Settings::read(&text).unwrap();
        let mut third = Third { forgetful };
        let mut ground = Ground {
            charter: &charter,
            secrets: &self.secrets,
            erased: Ok(&mut third),
            before,
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
        };
        run(&settings.drills, &[Kind::Backup, Kind::Restore], &mut ground)
    }

    fn both(&self, more: &str) -> (Drilled, Drilled) {
        let mut all = self.hold(more, false, &BTreeMap::new());
        assert_eq!(all.len(), 2, "{all:#?}");
        let restore = all.pop().unwrap();
        (all.pop().unwrap(), restore)
    }

    /// A backup of a day of November 2026.
    fn put(&self, bytes: &[u8], day: u64) -> std::path::PathBuf {
        let path = self.dir.path().join("app.dump");
        std::fs::write(&path, bytes).unwrap();
        // 1 November 2026, 00:00 UTC.
        set_time(
            &path,
            SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_491_200 + (day - 1) * 86_400),
        );
        path
    }
}

fn set_time(path: &Path, at: SystemTime) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(at).unwrap();
}

fn drills(place: &Place, backup: &[u8], erase_marks: &dyn Fn() -> u64) {
    let none = BTreeMap::new();
    let fine = "rows = { users = 2 }\nnewest = { table = \"log\", column = \"at\" }\n\
                canaries = [{ table = \"users\", column = \"id\", value = \"2\" }]\n\
                absent = [{ table = \"users\", column = \"id\", value = \"9\" }]\n";
    place.put(backup, 20);
    let (young, restored) = place.both(fine);
    assert!(
        young.probed.holds() && restored.probed.holds(),
        "{young:#?} {restored:#?}"
    );
    assert_eq!(
        (young.by.as_str(), restored.by.as_str()),
        ("probe.drill.weekly", "probe.drill.yearly")
    );
    assert_eq!(young.at.to_string(), "2026-11-20T00:00:00Z");
    // The third user came back and was erased again.
    assert_eq!(
        restored.rows,
        BTreeMap::from([("log".to_owned(), 2), ("users".to_owned(), 2)])
    );
    assert!(
        restored
            .probed
            .notes
            .iter()
            .any(|note| note.starts_with("1 names of erased people came back")),
        "{restored:#?}"
    );
    let forgotten = place.hold(fine, true, &none);
    assert!(
        forgotten[1]
            .probed
            .places
            .iter()
            .any(|told| told.contains("names of erased people are back")),
        "{forgotten:#?}"
    );
    let before = BTreeMap::from([("yearly".to_owned(), BTreeMap::from([("log".to_owned(), 100)]))]);
    let shrunk = place.hold(fine, false, &before);
    assert!(
        shrunk[1].probed.places[0].contains("had 100 at the drill before"),
        "{shrunk:#?}"
    );
    for (more, told) in [
        ("rows = { users = 3 }", "fewer than 3"),
        ("rows = { marks = 1 }", "`marks` has 0 rows"),
        (
            "canaries = [{ table = \"users\", column = \"id\", value = \"7\" }]",
            "must be there is not",
        ),
        (
            "absent = [{ table = \"users\", column = \"id\", value = \"1\" }]",
            "must not be there is",
        ),
        (
            "newest = { table = \"log\", column = \"when\" }",
            "no column `log.when`",
        ),
    ] {
        let (_, found) = place.both(more);
        assert!(
            found.probed.contrary == 1 && found.probed.places[0].contains(told),
            "{told}: {found:#?}"
        );
    }
    place.put(backup, 10);
    let (old, restored) = place.both(fine);
    assert!(
        old.probed.contrary == 1 && old.probed.places[0].contains("hours old"),
        "{old:#?}"
    );
    assert!(restored.probed.contrary == 1, "{restored:#?}");
    for broken in [&b""[..], &backup[..backup.len() / 2], b"not a backup at all"] {
        place.put(broken, 20);
        let (looked, restored) = place.both(fine);
        assert!(restored.probed.contrary == 1, "{restored:#?}");
        assert!(looked.probed.contrary == 1 || !broken.is_empty(), "{looked:#?}");
    }
    let path = place.put(backup, 20);
    std::fs::remove_file(path).unwrap();
    let (looked, restored) = place.both(fine);
    assert!(looked.probed.contrary == 1 && restored.probed.contrary == 1);
    assert_eq!(erase_marks(), 0, "scratch databases go");
}

#[test]
fn backups_of_sqlite_are_looked_at_and_restored() {
    let dir = tempfile::tempdir().unwrap();
    let source = tempfile::tempdir().unwrap();
    let file = source.path().join("app.sqlite3");
    rusqlite::Connection::open(&file).unwrap().execute_batch(ROWS).unwrap();
    let place = Place {
        dir,
        engine: "sqlite",
        secrets: Told(Vec::new()),
    };
    drills(&place, &std::fs::read(file).unwrap(), &|| 0);
}

#[test]
fn dumps_of_postgresql_are_looked_at_and_restored() {
    let server = Server::postgres();
    server.execute(ROWS);
    let dump = server.dump();
    let secrets = Told(vec![("SCRATCH", server.address())]);
    let place = Place {
        dir: tempfile::tempdir().unwrap(),
        engine: "postgresql",
        secrets,
    };
    let address = server.address();
    // A drill that was cut off long ago left it.
    server.execute("create database averment_drill_1");
    drills(&place, &dump, &|| {
        let mut client = postgres::Client::connect(&address, postgres::NoTls).unwrap();
        let sql = "select count(*) from pg_database where datname like 'averment_drill%'";
        let count: i64 = client.query_one(sql, &[]).unwrap().get(0);
        count.unsigned_abs()
    });
    // A dump that commands `psql` itself is not run, and so was not restored.
    let mark = place.dir.path().join("mark");
    let shell = format!("\n\\! touch {}\n", mark.display());
    place.put(&[shell.as_bytes(), &dump].concat(), 20);
    let (_, shelled) = place.both("");
    assert_eq!((shelled.probed.contrary, shelled.probed.unseen), (0, 1), "{shelled:#?}");
    assert!(!mark.exists(), "{shelled:#?}");
    let unreachable = Place {
        secrets: Told(Vec::new()),
        ..place
    };
    unreachable.put(&dump, 20);
    let (_, restored) = unreachable.both("");
    assert_eq!(
        (restored.probed.contrary, restored.probed.unseen),
        (0, 1),
        "{restored:#?}"
    );
}

#[test]
fn programs_are_run_and_judged_by_how_they_end() {
    let charter = charter(&[("claims/list.toml", CLAIMS)]);
    for (command, observed, contrary, unseen) in [
        ("[\"sh\", \"-c\", \"echo restored 3 tables\"]", 1, 0, 0),
        ("[\"sh\", \"-c\", \"exit 3\"]", 1, 1, 0),
        ("[\"sleep\", \"60\"]", 0, 0, 1),
        ("[\"a-program-that-is-not-there\"]", 0, 0, 1),
        ("[]", 0, 0, 1),
    ] {
        let text = format!("[[drills]]\nname = \"own\"\nkind = \"command\"\ncommand = {command}\nwithin_s = 1\n");
        let settings = Settings::read(&text).unwrap();
        let secrets = Told(Vec::new());
        let mut ground = Ground {
            charter: &charter,
            secrets: &secrets,
            erased: Err("nothing knows".to_owned()),
            before: &BTreeMap::new(),
            now: "2026-11-22T12:00:00Z".parse().unwrap(),
        };
        let found = run(&settings.drills, &[], &mut ground).remove(0);
        let counts = (found.probed.observed, found.probed.contrary, found.probed.unseen);
        assert_eq!(counts, (observed, contrary, unseen), "{command}: {found:#?}");
        assert_eq!(found.said.is_empty(), !command.contains("echo"), "{found:#?}");
    }
}

#[test]
fn whom_a_backup_brings_back_is_erased_again_by_the_list() {
    let dir = tempfile::tempdir().unwrap();
    let (file, backup) = (dir.path().join("app.sqlite3"), dir.path().join("app.dump"));
    rusqlite::Connection::open(&file).unwrap().execute_batch(ROWS).unwrap();
    std::fs::copy(&file, &backup).unwrap();
    set_time(&backup, SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_200_000));
    let map = MAP.replace("ENGINE", "sqlite");
    let charter = charter(&[("claims/list.toml", CLAIMS), ("data/app.toml", &map)]);
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let (data, keys) = (dir.path().join("data"), dir.path().join("keys"));
    let (_, keys) = averment_store::DataFolder::open_unlocked(&data, &keys).unwrap();
    let mut tombstones = Tombstones::open(&dir.path().join("tombstones"), &keys, None).unwrap();
    let text = format!(
        "[[drills]]\nname = \"yearly\"\nkind = \"restore\"\nfile = {backup:?}\nengine = \"sqlite\"\nstore = \"app\"\n"
    );
    let settings = Settings::read(&text).unwrap();
    let drill = |settings: &Settings, erased: Result<&mut Remembered<'_>, String>| {
        let mut ground = Ground {
            charter: &charter,
            secrets: &Told(Vec::new()),
            erased: erased.map(|remembered| remembered as &mut dyn Erased),
            before: &BTreeMap::new(),
            now,
        };
        run(&settings.drills, &[Kind::Restore], &mut ground).remove(0)
    };

    let mut stores = vec![
        open_store(
            charter.content().data.values().next().unwrap(),
            file.to_str().unwrap(),
            &[],
        )
        .unwrap(),
    ];
    let gone = ["3".to_owned()].into();
    let planned = plan(&mut stores, &gone, &keys, now).unwrap();
    let journal = Journal::open(&dir.path().join("erasures.db")).unwrap();
    let mut eraser = Eraser {
        stores: &mut stores,
        journal: &journal,
        keys: &keys,
        at_once: PEOPLE_AT_ONCE,
        progress: &mut |_| {},
    };
    let begun = eraser.begin(&gone, &planned, &Mandate::of("operations"), now).unwrap();
    eraser.list(&begun, &mut tombstones, now).unwrap();

    let mut remembered = Remembered {
        tombstones: &tombstones,
        keys: &keys,
        now,
    };
    let restored = drill(&settings, Ok(&mut remembered));
    assert!(restored.probed.holds(), "{restored:#?}");
    assert_eq!(restored.rows["users"], 2, "{restored:#?}");
    let told = "1 names of erased people came back and were erased again".to_owned();
    assert!(restored.probed.notes.contains(&told), "{restored:#?}");
    let left: u64 = rusqlite::Connection::open(&backup)
        .unwrap()
        .query_row("select count(*) from users", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 3, "the backup itself stays as it is");

    // Without the list, or the store, nobody can say who is back.
    let unlisted = drill(&settings, Err("there is no list".to_owned()));
    assert_eq!(
        (unlisted.probed.contrary, unlisted.probed.unseen),
        (0, 1),
        "{unlisted:#?}"
    );
    let settings = Settings::read(&text.replace("store = \"app\"\n", "")).unwrap();
    let nowhere = drill(&settings, Ok(&mut remembered));
    assert_eq!((nowhere.probed.contrary, nowhere.probed.unseen), (0, 1), "{nowhere:#?}");
}
