//! Objects in a store that speaks S3, and what probes see of where and how stores rest.

use averment_duties::objects::s3::{Access, Bucket, S3Error};
use averment_duties::objects::{Listed, Objects as _};
use averment_duties::probe::Probed;

use crate::moto::Moto;
use crate::probes::{Told, charter, of, probe};

const ENCRYPTED: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
                         </ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
const VERSIONED: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";

#[test]
fn objects_are_listed_read_and_removed() {
    let moto = Moto::start();
    moto.make("uploads");
    let bucket = moto.bucket("uploads");
    let odd = "users/7/it's a <photo> & more +100%.png";
    let mut names: Vec<String> = (0..1203).map(|number| format!("many/{number:05}")).collect();
    for name in names
        .iter()
        .take(3)
        .map(String::as_str)
        .chain([odd, "users/77/b", "users/7"])
    {
        bucket.put(name, name.as_bytes().to_vec()).unwrap();
    }
    assert_eq!(bucket.list("users/7").unwrap(), ["users/7", odd, "users/77/b"]);
    assert_eq!(bucket.get(odd).unwrap().unwrap(), odd.as_bytes());
    assert_eq!(bucket.get("users/8").unwrap(), None);
    let (mut kept, only) = (moto.bucket("uploads"), bucket.versions("users/77/b").unwrap().remove(0));
    assert_eq!(kept.get_version(&only).unwrap().unwrap(), b"users/77/b");
    assert_eq!(kept.stat(&only).unwrap(), only.modified);
    assert!(bucket.delete("users/7").unwrap() && !bucket.delete("users/7").unwrap());
    assert_eq!(bucket.list("users/").unwrap(), [odd, "users/77/b"]);
    bucket.delete_all(&[odd.to_owned()]).unwrap();
    assert_eq!(bucket.list("users/").unwrap(), ["users/77/b"]);
    // More than one page, and more than one removal.
    for name in names.iter().skip(3) {
        bucket.put(name, Vec::new()).unwrap();
    }
    assert_eq!(bucket.list("many/").unwrap(), names);
    bucket.delete_all(&names).unwrap();
    names.clear();
    assert_eq!(bucket.list("many/").unwrap(), names);
    let missing = moto.bucket("nowhere").list("").unwrap_err();
    assert_eq!(
        missing,
        S3Error::Status {
            bucket: "nowhere".to_owned(),
            status: 404
        }
    );
}

/// What the other tests rely on: the server refuses what is not signed with the secret, and what was changed on the way.
#[test]
fn a_wrong_signature_is_refused() {
    let moto = Moto::start();
    moto.make("uploads");
    let now = "2026-11-22T12:00:00Z".parse().unwrap();
    let with = |change: &dyn Fn(&mut Access)| {
        let mut access = moto.access("uploads");
        change(&mut access);
        Bucket::new(access, &[], move || now).unwrap()
    };
    let right = with(&|_| {});
    right.put("users/7", b"seven".to_vec()).unwrap();
    let refused = |bucket: &Bucket| bucket.put("users/8", b"eight".to_vec()).unwrap_err();
    let status = S3Error::Status {
        bucket: "uploads".to_owned(),
        status: 403,
    };
    assert_eq!(refused(&with(&|access| access.secret = "another".to_owned())), status);
    assert_eq!(refused(&with(&|access| access.key_id = "nobody".to_owned())), status);
    assert!(with(&|access| access.secret.push('x')).list("").is_err());
    assert_eq!(right.list("").unwrap(), ["users/7"]);
}

#[test]
fn every_version_of_an_object_goes() {
    let moto = Moto::start();
    moto.make("kept");
    moto.send("PUT", "/kept?versioning", VERSIONED);
    let bucket = moto.bucket("kept");
    for text in ["one", "two", "three"] {
        bucket.put("users/7", text.as_bytes().to_vec()).unwrap();
    }
    bucket.put("users/70", b"of another".to_vec()).unwrap();
    assert!(bucket.delete("users/7").unwrap());
    assert_eq!(bucket.get("users/7").unwrap(), None);
    assert!(!bucket.delete("users/7").unwrap(), "no version is left");
    assert_eq!(bucket.list("").unwrap(), ["users/70"]);
}

#[test]
fn every_version_is_listed_however_many() {
    let moto = Moto::start();
    moto.make("kept");
    moto.send("PUT", "/kept?versioning", VERSIONED);
    let bucket = moto.bucket("kept");
    let odd = "users/7/it's <one> & more +100%.png";
    for _ in 0..1003 {
        bucket.put("users/7/a", Vec::new()).unwrap();
    }
    bucket.put(odd, b"odd".to_vec()).unwrap();
    bucket.delete_all(&["users/7/a".to_owned(), odd.to_owned()]).unwrap();
    assert_eq!(bucket.list("").unwrap(), Vec::<String>::new());
    let versions = bucket.versions("users/7").unwrap();
    let count = |name: &str, is_removal: bool| {
        let is_one = |one: &&Listed| one.name == name && one.is_removal == is_removal;
        versions.iter().filter(is_one).count()
    };
    assert_eq!((count("users/7/a", false), count("users/7/a", true)), (1003, 1));
    assert_eq!((count(odd, false), count(odd, true), versions.len()), (1, 1, 1006));
    assert!(bucket.delete(odd).unwrap());
    assert_eq!(bucket.versions(odd).unwrap(), []);
    let missing = moto.bucket("nowhere").versions("").unwrap_err();
    assert!(matches!(missing, S3Error::Status { status: 404, .. }), "{missing:?}");
}

#[test]
fn a_bucket_that_does_not_list_its_versions_says_so() {
    let address = crate::site::serve(|_| crate::site::Reply::status(403));
    let access = Access {
        endpoint: format!("http://{address}"),
        bucket: "kept".to_owned(),
        region: "eu-central-1".to_owned(),
        key_id: "key".to_owned(),
        secret: "secret".to_owned(),
        token: None,
    };
    let bucket = Bucket::new(access, &[], || "2026-11-22T12:00:00Z".parse().unwrap()).unwrap();
    let refused = bucket.versions("").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "bucket `kept` does not list its versions (status 403)"
    );
}

const CLAIMS: &str = r#"
[[claims]]
id = "rest"
kind = "encrypted_at_rest"
sentence = "What is stored is encrypted."
[[claims]]
id = "here"
kind = "stored_in"
places = ["DE"]
sentence = "Everything is stored in Germany."
[[claims]]
id = "union"
kind = "stored_in"
places = ["EU"]
sentence = "Everything is stored in the European Union."
[[claims]]
id = "there"
kind = "stored_in"
places = ["US", "IE"]
sentence = "Everything is stored in the United States or Ireland."
"#;
const BUCKETS: &str = "store = \"uploads\"\nengine = \"s3\"\n[[tables]]\nprefix = \"users/{id}/\"\nkey = \"id\"\nelements = [\"content\"]\n";
const DATABASE: &str = "store = \"app\"\nengine = \"postgresql\"\n[[tables]]\ntable = \"users\"\nkey = \"id\"\n\
                        columns.id = { element = \"account.id\" }\n";

fn secrets(address: &str) -> Told {
    let named = [("KEY", "key"), ("SECRET", "secret"), ("APP", address)];
    Told(named.map(|(name, value)| (name, value.to_owned())).to_vec())
}

#[test]
fn buckets_say_where_and_how_they_rest() {
    let moto = Moto::start();
    moto.make("uploads");
    let charter = charter(&[("data/uploads.toml", BUCKETS), ("claims/list.toml", CLAIMS)]);
    let settings = format!(
        "[buckets.uploads]\nendpoint = \"{}\"\nbucket = \"uploads\"\nregion = \"eu-central-1\"\nkey_id = {{ env = \"KEY\" }}\nsecret = {{ env = \"SECRET\" }}\n",
        moto.endpoint
    );
    let look = |only: &str| -> Vec<Probed> { probe(&charter, &settings, &secrets(""), only, false) };
    let clear = look("at_rest");
    assert!(
        of(&clear, "rest").places[0].contains("the bucket does not encrypt"),
        "{clear:#?}"
    );
    moto.send("PUT", "/uploads?encryption", ENCRYPTED);
    assert!(of(&look("at_rest"), "rest").holds());
    let found = look("region");
    assert!(of(&found, "here").holds() && of(&found, "union").holds(), "{found:#?}");
    assert!(
        of(&found, "there").places[0].contains("`eu-central-1`, which is in DE"),
        "{found:#?}"
    );
    drop(moto);
    for only in ["at_rest", "region"] {
        assert!(
            look(only).iter().all(|one| one.unseen == 1 && one.observed == 0),
            "{only}"
        );
    }
}

#[test]
fn what_nothing_shows_is_left_to_whoever_vouches() {
    let charter = charter(&[("data/app.toml", DATABASE), ("claims/list.toml", CLAIMS)]);
    let settings = "[stores.app]\nurl_env = \"APP\"\n";
    let managed = secrets("postgres://x:y@app.c1.eu-west-1.rds.amazonaws.com/app");
    let found = probe(&charter, settings, &managed, "region", false);
    assert!(of(&found, "there").holds() && of(&found, "union").holds(), "{found:#?}");
    assert_eq!(of(&found, "here").contrary, 1, "{found:#?}");
    assert!(!format!("{found:?}").contains("c1.eu-west"), "{found:#?}");
    let own = secrets("host=db.birch.example");
    let found = probe(&charter, settings, &own, "region", false);
    assert!(
        found.iter().all(|one| one.attest && !one.is_recorded() && !one.holds()),
        "{found:#?}"
    );
    // Somebody's word in the settings is no look, and hides none.
    let told = format!("{settings}[regions]\napp = \"europe-west3\"\n");
    let found = probe(&charter, &told, &own, "region", false);
    assert!(
        of(&found, "here").attest && !of(&found, "here").is_recorded(),
        "{found:#?}"
    );
    let found = probe(&charter, &told, &managed, "region", false);
    assert_eq!(of(&found, "here").contrary, 1, "{found:#?}");
}

#[test]
fn databases_on_this_machine_are_looked_for_on_its_disks() {
    let server = crate::servers::Server::postgres();
    let charter = charter(&[("data/app.toml", DATABASE), ("claims/list.toml", CLAIMS)]);
    let found = probe(
        &charter,
        "[stores.app]\nurl_env = \"APP\"\n",
        &secrets(&server.address()),
        "at_rest",
        false,
    );
    let rest = of(&found, "rest");
    // Whether the disk of the machine that runs this is encrypted is not ours to say; that it was looked for is.
    assert!(rest.contrary == 0 && (rest.holds() || rest.attest), "{rest:#?}");
    let unasked = probe(&charter, "", &secrets(""), "at_rest", false);
    assert_eq!(of(&unasked, "rest").unseen, 1, "{unasked:#?}");
}

#[test]
fn objects_are_searched_for_what_must_not_be_there() {
    let moto = Moto::start();
    moto.make("uploads");
    let bucket = moto.bucket("uploads");
    bucket
        .put("users/7/a.txt", b"Dear school, see you on Monday.".to_vec())
        .unwrap();
    let claim = "[[claims]]\nid = \"cards\"\nkind = \"not_stored\"\nelements = [\"finance.payment_card\"]\nsentence = \"None.\"\n";
    let charter = charter(&[("data/uploads.toml", BUCKETS), ("claims/list.toml", claim)]);
    let settings = format!(
        "[buckets.uploads]\nendpoint = \"{}\"\nbucket = \"uploads\"\nkey_id = {{ env = \"KEY\" }}\nsecret = {{ env = \"SECRET\" }}\n",
        moto.endpoint
    );
    let look = || probe(&charter, &settings, &secrets(""), "not_stored", false);
    assert!(of(&look(), "cards").holds(), "{:#?}", look());
    bucket
        .put("users/8/b.json", b"{\"card\":\"4111 1111 1111 1111\"}".to_vec())
        .unwrap();
    assert_eq!(of(&look(), "cards").contrary, 1, "{:#?}", look());
    assert!(of(&probe(&charter, "", &secrets(""), "not_stored", false), "cards").unseen == 1);
}
