//! People are erased from a bucket, with every version of their objects.

use averment_duties::erase::{Eraser, Journal, Kept, Mandate, Opened, PEOPLE_AT_ONCE, open_store, plan};
use averment_register::{Engine, Source, compile};
use averment_store::DataFolder;

use super::{now, people};
use crate::moto::Moto;

const MAPS: [(&str, &str); 2] = [
    (
        "data/app.toml",
        "store = \"app\"\nengine = \"sqlite\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n[tables.columns]\n\
         id = { element = \"account.id\" }\nemail = { element = \"contact.email\" }\n",
    ),
    (
        "data/uploads.toml",
        "store = \"uploads\"\nengine = \"s3\"\n[[tables]]\nprefix = \"up/{user}/\"\nkey = \"user\"\n\
         elements = [\"content.project\"]\n[[tables]]\nprefix = \"mail/{address}\"\nkey = \"address\"\n\
         columns.address = { element = \"contact.email\" }\nelements = [\"content.project\"]\n",
    ),
];
const VERSIONED: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

#[test]
fn somebody_is_erased_from_a_bucket_with_every_version() {
    let (dir, moto) = (tempfile::tempdir().unwrap(), Moto::start());
    moto.make("uploads");
    moto.send("PUT", "/uploads?versioning", VERSIONED);
    let bucket = moto.bucket("uploads");
    let file = dir.path().join("app.sqlite3");
    let rows = "create table users (id integer primary key, email text);
        insert into users values (7, 'seven@birch.example'), (71, 'other@birch.example'), (8, 'eight@birch.example')";
    rusqlite::Connection::open(&file).unwrap().execute_batch(rows).unwrap();
    let names = [
        "up/7/a.png",
        "up/7/a.png",
        "up/7/gone.png",
        "up/71/a.png",
        "up/8/b.txt",
        "mail/seven@birch.example",
        "mail/other@birch.example",
    ];
    for name in names {
        bucket.put(name, format!("{name} is kept").into_bytes()).unwrap();
    }
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Birch\"\n");
    MAPS.iter().for_each(|(name, text)| source.insert(*name, *text));
    let charter = compile(&source).charter.unwrap();
    let open = |store: &averment_register::Store| match store.engine {
        Engine::S3 => Opened {
            store: store.clone(),
            kept: Kept::Objects(Box::new(moto.bucket("uploads"))),
            path: None,
        },
        _ => open_store(store, file.to_str().unwrap(), &[]).unwrap(),
    };
    let (_, keys) = DataFolder::open_unlocked(&dir.path().join("data"), &dir.path().join("keys")).unwrap();
    let journal = Journal::open(&dir.path().join("data/erasures.db")).unwrap();
    let erase = |number: &str| {
        let mut stores: Vec<Opened> = charter.content().data.values().map(open).collect();
        let plan = plan(&mut stores, &people(&[number]), &keys, now()).unwrap();
        assert_eq!(plan.problems(), []);
        let mut eraser = Eraser {
            stores: &mut stores,
            journal: &journal,
            keys: &keys,
            at_once: PEOPLE_AT_ONCE,
            progress: &mut |_| {},
        };
        let run = eraser
            .begin(&people(&[number]), &plan, &Mandate::of("operations"), now())
            .unwrap();
        journal.announced(&run.id, 1).unwrap();
        eraser.erase(&run, &mut |_| Ok(())).unwrap();
        let swept = eraser.sweep(&run).unwrap();
        let counts = journal.counts(&run.id).unwrap().remove("uploads").unwrap_or_default();
        journal.wipe(&run.id).unwrap();
        let found: Vec<_> = swept.into_iter().flat_map(|swept| swept.found).collect();
        (plan.rows(), counts, found)
    };
    // The application removed one itself: its mark hides the version, which is still there.
    bucket.delete_all(&["up/7/gone.png".to_owned()]).unwrap();
    let (rows, counts, found) = erase("7");
    // A row, an object with two versions, one that was removed, and one that is named by the address.
    assert_eq!((rows, found), (4, Vec::new()));
    assert_eq!(counts.values().map(|counts| counts.deleted).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(
        bucket.list("").unwrap(),
        ["mail/other@birch.example", "up/71/a.png", "up/8/b.txt"]
    );
    assert_eq!(bucket.versions("up/7/").unwrap(), [], "no version is left");
    // What somebody else's object says of them is found.
    let letter = b"dear eight@birch.example".to_vec();
    bucket.put("up/71/letter.txt", letter).unwrap();
    // In what it was before, too.
    bucket.put("up/71/letter.txt", b"dear all".to_vec()).unwrap();
    let (_, _, found) = erase("8");
    let places: Vec<&str> = found.iter().map(|found| found.place.as_str()).collect();
    assert_eq!(places, ["up/{user}/"]);
    assert_eq!(
        bucket.list("").unwrap(),
        ["mail/other@birch.example", "up/71/a.png", "up/71/letter.txt"]
    );
}
