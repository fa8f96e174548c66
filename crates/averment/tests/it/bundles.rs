//! Bundles of a real gate's ledger: made, checked by the command and by the second implementation, and lied about.

use std::path::Path;
use std::process::Command;

use averment_ledger::{Deed, Outcome};
use averment_register::Digest;
use averment_store::DataFolder;
use averment_verify::{Manifest, read_container, seal};

use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::Request;
use crate::world::{Place, Ran, root};

const BIRCH: &str = "Birch Elementary";
/// A claim that only people can vouch for.
const VOUCHED: &str = "list/contract-says";

/// A ledger in which messages named people of two schools; the gate has ended.
pub(crate) fn place_with_a_ledger() -> (Place, String) {
    let place = Place::new();
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, &example_register());
    let address = gate.gate();
    let bodies = [
        r#"{"events":[{}]}"#,
        r#"{"user_id":"maya.lindqvist@birch.example"}"#,
        r#"{"user_id":"amina.delacroix@juniper.example"}"#,
        r#"["maya.lindqvist@birch.example","amina.delacroix@juniper.example"]"#,
        r#"{"user_id":"maya.lindqvist@birch.example"}"#,
    ];
    for body in bodies {
        let request = Request {
            method: "POST",
            host: "api2.amplitude.com",
            target: "/2/httpapi",
            headers: &[("Content-Type", "application/json")],
            body: body.as_bytes(),
        };
        request.through(address).expect("the gate answers");
    }
    assert_eq!(gate.stop(), 0);
    let key = place.keys().verifier().to_string();
    (place, key)
}

pub(crate) fn bundle(place: &Place, out: &str, more: &[&str]) -> Ran {
    let register = example_register();
    place
        .run(&[&["bundle", &register, "--out", out], more].concat())
        .expect(0)
}

pub(crate) fn checked(place: &Place, bundle: &str, key: &str, more: &[&str]) -> serde_json::Value {
    let said = place.run(&[&["verify", bundle, "--key", key, "--format", "json"], more].concat());
    let answer: serde_json::Value = serde_json::from_str(&said.stdout).expect("an answer");
    let code = match answer["outcome"].as_str() {
        Some("holds") => 0,
        Some("fails") => 1,
        _ => 2,
    };
    assert_eq!(said.code, code, "{}", said.stdout);
    answer
}

/// State and reason of one check.
pub(crate) fn state(answer: &serde_json::Value, check: &str) -> String {
    let rows = answer["checks"].as_array().expect("a list");
    let row = rows
        .iter()
        .find(|row| row["check"] == check)
        .expect("every check is there");
    [&row["state"], &row["reason"]]
        .map(|word| word.as_str().unwrap_or_default())
        .join(" ")
        .trim()
        .to_owned()
}

pub(crate) fn holds(answer: &serde_json::Value) {
    assert_eq!(answer["outcome"], "holds", "{answer:#}");
}

#[test]
fn a_whole_bundle_earns_the_grades_anew_and_a_later_one_continues_it() {
    let (place, key) = place_with_a_ledger();
    bundle(&place, "first.zip", &["--whole"]);
    let first = checked(&place, "first.zip", &key, &[]);
    holds(&first);
    assert_eq!(state(&first, "grades"), "holds");
    let files = read_container(&std::fs::read(place.path("first.zip")).expect("a bundle")).expect("a container");
    std::fs::write(place.path("older"), &files["ledger/0001/checkpoint"]).expect("a checkpoint");

    bundle(&place, "second.zip", &["--since", "older"]);
    let second = checked(&place, "second.zip", &key, &["--since", "older"]);
    holds(&second);
    assert_eq!(
        (state(&second, "since"), state(&second, "grades")),
        ("holds".into(), "not_checked statement_only".into())
    );

    let files = read_container(&std::fs::read(place.path("second.zip")).expect("a bundle")).expect("a container");
    std::fs::write(place.path("newer"), &files["ledger/0001/checkpoint"]).expect("a checkpoint");
    let rolled_back = checked(&place, "first.zip", &key, &["--since", "newer"]);
    assert_eq!(state(&rolled_back, "since"), "fails rolled_back");
    agrees(&place, "first.zip", &key, &first);
    agrees(&place, "second.zip", &key, &checked(&place, "second.zip", &key, &[]));
}

#[test]
fn a_school_is_called_as_the_directory_calls_it_and_one_that_nobody_knows_is_told() {
    let (place, key) = place_with_a_ledger();
    bundle(&place, "birch.zip", &["--school", &BIRCH.to_lowercase()]);
    holds(&checked(&place, "birch.zip", &key, &["--school", BIRCH]));
    let told = |school: &str| place.run(&["ledger", "school", school]).expect(0).stderr;
    assert!(!told(BIRCH).contains("no entry is about people of a school"));
    assert!(told("Birk").contains("no entry is about people of a school `Birk`"));
}

#[test]
fn a_school_gets_its_own_people_and_nobody_else() {
    let (place, key) = place_with_a_ledger();
    let said = bundle(&place, "birch.zip", &["--whole", "--school", BIRCH]).stdout;
    assert!(said.contains("withheld"), "{said}");
    let answer = checked(&place, "birch.zip", &key, &["--school", BIRCH]);
    holds(&answer);
    assert_eq!(state(&answer, "grades"), "not_checked entries_withheld");
    assert_eq!(
        state(
            &checked(&place, "birch.zip", &key, &["--school", "Juniper Middle School"]),
            "school"
        ),
        "fails another_school"
    );
    let names = |file: &str| {
        let files = read_container(&std::fs::read(place.path(file)).expect("a bundle")).expect("a container");
        let text = String::from_utf8(files["ledger/0001/range.jsonl"].clone()).expect("text");
        text.lines().filter(|line| line.contains("\"person\":")).count()
    };
    bundle(&place, "all.zip", &["--whole"]);
    // Two messages about one of its pupils; one about another school's and one about both stay out.
    assert_eq!((names("birch.zip"), names("all.zip")), (2, 4));
    let manifest = manifest(&place, "birch.zip");
    assert_eq!((manifest.left_out, manifest.school.as_deref()), (1, Some(BIRCH)));
    agrees(&place, "birch.zip", &key, &checked(&place, "birch.zip", &key, &[]));
}

#[test]
fn verify_says_in_words_what_holds_and_what_does_not() {
    let (place, key) = place_with_a_ledger();
    bundle(&place, "good.zip", &[]);
    let said = place.run(&["verify", "good.zip"]).expect(2).stdout;
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("nothing shows whose it is: no key was named"), "{said}");
    assert!(words.contains("Do not rely on it yet"), "{said}");
    let anyway = place
        .run(&["verify", "good.zip", "--whoever-made-it", "--format", "json"])
        .expect(0)
        .stdout;
    assert!(anyway.contains(r#""outcome": "unidentified""#), "{anyway}");
    let both = ["verify", "good.zip", "--whoever-made-it", "--key", &key];
    place.run(&both).expect(2);
    let other = key.replace(&key[key.len() - 43..], "");
    let malformed = place.run(&["verify", "good.zip", "--key", &other]).expect(2).stderr;
    assert!(malformed.contains("not a verifier key"), "{malformed}");

    let good = std::fs::read(place.path("good.zip")).expect("a bundle");
    let mut files = read_container(&good).expect("a container");
    let claims = String::from_utf8(files["claims.json"].clone()).expect("text");
    files.insert(
        "claims.json".into(),
        claims.replace("\"unverified\"", "\"enforced\"").into_bytes(),
    );
    std::fs::write(place.path("lie.zip"), seal(manifest(&place, "good.zip"), files)).expect("a bundle");
    let lie = place.run(&["verify", "lie.zip", "--key", &key]).expect(1).stdout;
    let words = lie.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("a grade or a sentence in it was changed"), "{lie}");
    std::fs::write(place.path("no.zip"), "<!doctype html>").expect("a file");
    let none = place.run(&["verify", "no.zip", "--key", &key]).expect(2).stdout;
    assert!(none.contains("this is not a bundle"), "{none}");
}

#[test]
fn beside_a_running_gate_the_grades_that_it_can_vouch_for_are_taken() {
    let (place, key) = place_with_a_ledger();
    bundle(&place, "before.zip", &[]);
    let gate = ThirdParties::new().behind_gate(&place, &example_register());
    bundle(&place, "beside.zip", &["--whole"]);
    gate.stop();
    assert_eq!(exports(&place).len(), 1, "through the inbox of the gate");
    holds(&checked(&place, "beside.zip", &key, &[]));
    let folder = DataFolder::open_read(&place.path("averment-data")).expect("a data folder");
    assert!(folder.path().exists());
    let answered = |deed: &&Deed| matches!(deed, Deed::Outcome(Outcome { result, .. }) if result == "answered");
    assert!(place.deeds().iter().filter(answered).count() > 0);
}

#[test]
fn what_an_attestation_rests_on_is_enclosed_unasked() {
    let (place, key) = place_with_a_ledger();
    std::fs::write(place.path("audit.txt"), "an audit of the list\n").expect("a document");
    let claim = "list/list-complete";
    let words = [
        "--claim",
        claim,
        "--by",
        "auditor",
        "--says",
        "It was seen.",
        "--document",
        "audit.txt",
    ];
    place
        .run(&[&["attest", &example_register()][..], &words].concat())
        .expect(0);
    bundle(&place, "with.zip", &[]);
    assert_eq!(state(&checked(&place, "with.zip", &key, &[]), "documents"), "holds");

    let kept = std::fs::read_dir(place.path("averment-data/documents")).expect("documents");
    for file in kept {
        std::fs::remove_file(file.expect("a document").path()).expect("it can be removed");
    }
    let said = bundle(&place, "without.zip", &[]).stderr;
    assert!(said.contains("is missing, and an attestation names it"), "{said}");
    let without = checked(&place, "without.zip", &key, &[]);
    assert_eq!(state(&without, "documents"), "not_checked document_not_enclosed");
    bundle(&place, "given.zip", &["--document", "audit.txt"]);
    assert_eq!(state(&checked(&place, "given.zip", &key, &[]), "documents"), "holds");
}

#[test]
fn a_grade_that_changed_while_no_gate_ran_is_on_record_before_the_bundle_shows_it() {
    let (place, key) = place_with_a_ledger();
    let attest = |finds: &str| {
        let words = ["--by", "auditor", "--says", "It was looked at.", "--finds", finds];
        place
            .run(&[&["attest", &example_register(), "--claim", VOUCHED][..], &words].concat())
            .expect(0);
    };
    attest("holds");
    // A gate that starts records how the claim stands.
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, &example_register());
    let recorded = || {
        place
            .deeds()
            .into_iter()
            .any(|deed| matches!(deed, Deed::Grade(change) if change.claim == VOUCHED))
    };
    while !recorded() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(gate.stop(), 0);
    attest("does_not_hold");
    bundle(&place, "later.zip", &["--whole"]);
    let later = checked(&place, "later.zip", &key, &[]);
    assert_eq!(state(&later, "history"), "holds");
    holds(&later);
}

#[test]
fn where_no_gate_ever_ran_the_charter_is_recorded_with_the_grades() {
    let place = Place::new();
    load_example_people(&place);
    let said = bundle(&place, "first.zip", &[]).stderr;
    assert!(said.contains("recorded that this register is in force"), "{said}");
    let key = place.keys().verifier().to_string();
    let first = checked(&place, "first.zip", &key, &[]);
    holds(&first);
    agrees(&place, "first.zip", &key, &first);
    let again = bundle(&place, "whole.zip", &["--whole"]).stderr;
    assert!(!again.contains("in force"), "{again}");
    let whole = checked(&place, "whole.zip", &key, &[]);
    assert_eq!(
        (state(&whole, "charter"), state(&whole, "grades")),
        ("holds".into(), "holds".into())
    );
    agrees(&place, "whole.zip", &key, &whole);
    let loaded = || {
        place
            .deeds()
            .into_iter()
            .filter(|deed| matches!(deed, Deed::Charter(_)))
            .count()
    };
    assert_eq!(loaded(), 1);

    // Another register since, and no gate: it is the one in force from then on.
    let other = place.path("other");
    copy_folder(Path::new(&example_register()), &other);
    let list = "[[claims]]\nkind = \"statement\"\nid = \"one-more\"\nsentence = \"We are good at it.\"\n";
    std::fs::write(other.join("claims/one-more.toml"), list).expect("a claim");
    place
        .run(&["bundle", "other", "--out", "other.zip", "--whole"])
        .expect(0);
    holds(&checked(&place, "other.zip", &key, &[]));
    assert_eq!(loaded(), 2);
}

/// As the other commands take it.
#[test]
fn without_a_register_it_is_the_bundled_example() {
    let place = Place::new();
    load_example_people(&place);
    let said = place.run(&["bundle", "--out", "named-nothing.zip"]).expect(0);
    assert!(said.stderr.contains("This is an example"), "{}", said.stderr);
    bundle(&place, "named.zip", &[]);
    assert_eq!(
        manifest(&place, "named-nothing.zip").charter,
        manifest(&place, "named.zip").charter
    );
    let key = place.keys().verifier().to_string();
    holds(&checked(&place, "named-nothing.zip", &key, &[]));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a register") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => _ = std::fs::copy(entry.path(), target).expect("a file"),
        }
    }
}

#[test]
fn what_would_not_hold_is_neither_written_nor_recorded_as_given() {
    let (place, _) = place_with_a_ledger();
    std::fs::write(place.path("letter.txt"), "a letter that no entry names\n").expect("a document");
    let words = [
        "bundle",
        &example_register(),
        "--out",
        "b.zip",
        "--whole",
        "--document",
        "letter.txt",
    ];
    let said = place.run(&words).expect(2).stderr;
    assert!(said.contains("the bundle would not hold"), "{said}");
    assert!(!place.path("b.zip").exists() && exports(&place).is_empty());
    let drafts = std::fs::read_dir(place.path(".")).expect("a folder");
    let is_draft = |name: &std::ffi::OsString| name.to_string_lossy().contains("draft");
    assert!(
        !drafts
            .map(|entry| entry.expect("an entry").file_name())
            .any(|name| is_draft(&name))
    );
}

#[test]
fn a_bundle_that_names_people_is_recorded_before_it_is_given() {
    let (place, key) = place_with_a_ledger();
    bundle(&place, "public.zip", &[]);
    assert!(exports(&place).is_empty());
    bundle(&place, "birch.zip", &["--school", BIRCH]);
    bundle(&place, "all.zip", &["--whole"]);
    let given = |file: &str| Digest::of(&std::fs::read(place.path(file)).expect("a bundle")).bytes();
    let expected = [
        ("school".to_owned(), Some(BIRCH.to_owned()), given("birch.zip")),
        ("auditor".to_owned(), None, given("all.zip")),
    ];
    assert_eq!(exports(&place), expected);

    let shown = |file: &str| {
        let files = read_container(&std::fs::read(place.path(file)).expect("a bundle")).expect("a container");
        String::from_utf8_lossy(&files["ledger/0001/entries.jsonl"]).contains(r#"\"kind\":\"export\""#)
    };
    bundle(&place, "again.zip", &["--school", BIRCH]);
    bundle(&place, "other.zip", &["--school", "Juniper Middle School"]);
    // A school sees what was given to it, and not what another got.
    assert_eq!((shown("again.zip"), shown("other.zip")), (true, false));
    holds(&checked(&place, "again.zip", &key, &[]));
    holds(&checked(&place, "other.zip", &key, &[]));

    let nowhere = ["bundle", &example_register(), "--out", "no/such/folder.zip", "--whole"];
    place.run(&nowhere).expect(2);
    assert_eq!(exports(&place).len(), 5);
}

/// To whom, which school's, and the digest of the bundle, of each that was recorded.
fn exports(place: &Place) -> Vec<(String, Option<String>, [u8; 32])> {
    let export = |deed| match deed {
        Deed::Export(export) if export.what == "bundle" => {
            let document = export.document.expect("the bundle's digest");
            Some((export.to, export.school, document.sha256.0))
        }
        _ => None,
    };
    place.deeds().into_iter().filter_map(export).collect()
}

fn manifest(place: &Place, bundle: &str) -> Manifest {
    let files = read_container(&std::fs::read(place.path(bundle)).expect("a bundle")).expect("a container");
    serde_json::from_slice(&files["manifest.json"]).expect("a list of contents")
}

/// The second implementation says the same.
fn agrees(place: &Place, bundle: &str, key: &str, ours: &serde_json::Value) {
    agrees_with(place, bundle, key, &[], ours);
}

pub(crate) fn agrees_with(place: &Place, bundle: &str, key: &str, more: &[&str], ours: &serde_json::Value) {
    let program = Path::new(&root()).join("tests/bundle/verify.py");
    let output = Command::new("python3")
        .arg(program)
        .arg(place.path(bundle))
        .args(["--key", key])
        .args(more)
        .output();
    let output = output.expect("python3 runs; `cargo xtask test` installs it");
    let theirs: serde_json::Value = serde_json::from_slice(&output.stdout).expect("an answer");
    for check in ours["checks"].as_array().expect("a list") {
        let name = check["check"].as_str().expect("a name");
        // Older checkpoints are not given here.
        if name != "since" {
            assert_eq!(state(ours, name), state(&theirs, name), "{name}");
        }
    }
}
