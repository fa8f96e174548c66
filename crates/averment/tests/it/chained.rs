//! Tiles, proofs and witnesses where the ledger is a chain of logs: each log has its own tree, origin and perhaps key.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use averment_ledger::{
    Checkpoint, CosignerKey, Deed, ENTRY_VERSION, Entry, Frontier, LogState, SigningKey, VerifierKey, Watch, leaf_hash,
    verify_tiles, write_checkpoint_line, write_entry_line,
};
use averment_store::{Chain, DataFolder, Journal, Keys};
use serde_json::Value;

use crate::outsiders::{Remote, address, checkpoint_that, get, judge, kept, settings, up};
use crate::tamper::place_with_a_ledger;
use crate::third_parties::ThirdParties;
use crate::world::{Place, Ran, Served};

fn logs(place: &Place) -> Vec<LogState> {
    let folder = DataFolder::open_read(&place.path("averment-data")).expect("a data folder");
    let chain = Chain::read(&folder, Some(place.keys().verifier())).expect("a ledger that holds");
    chain.logs().to_vec()
}

fn public(place: &Place, log: &LogState) -> String {
    place.path("public").join(log.key.name()).display().to_string()
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn prove(place: &Place, entry: u64, more: &[&str]) -> Ran {
    let entry = entry.to_string();
    place
        .run(&[&["ledger", "prove", "--with-entry", "--entry", &entry], more].concat())
        .expect(0)
}

#[test]
fn each_log_of_a_chain_is_published_and_proven_under_its_own_key() {
    let place = place_with_a_ledger();
    place.run(&["ledger", "rotate"]).expect(0);
    place.run(&["ledger", "rotate", "--new-key"]).expect(0);
    let logs = logs(&place);
    assert_eq!(logs.len(), 3);
    assert!(logs[0].key.is_same_key(&logs[1].key) && !logs[1].key.is_same_key(&logs[2].key));
    let out = place.path("public").display().to_string();
    place.run(&["ledger", "tiles", "--entries", "--out", &out]).expect(0);
    for log in &logs {
        go_and_our_own_check_agree(&place, log);
    }
    every_key_will_do_for_who_has_the_ledger(&place, &logs);
    outsiders_are_told_the_way_from_key_to_key(&place, &logs);
    numbers_that_are_nowhere_are_told(&place, &logs);
    a_log_that_nobody_vouches_for_is_neither_published_nor_proven(&place, &logs);
}

fn go_and_our_own_check_agree(place: &Place, log: &LogState) {
    let (folder, key, size) = (public(place, log), log.key.to_string(), log.checkpoint.size);
    let whole = place
        .run(&["ledger", "verify", "--tiles", &folder, "--verifier", &key])
        .expect(0);
    assert!(whole.stdout.contains(log.key.name()), "{}", whole.stdout);
    let mut files = Vec::new();
    for leaf in [0, size / 2, size - 1] {
        let ran = prove(place, log.first + leaf, &[]);
        let found = json(&ran);
        assert_eq!(found["log"], log.number);
        assert_eq!(found["leaf"], leaf);
        assert_eq!(found["entry"], log.first + leaf);
        let from_tiles = prove(place, leaf, &["--tiles", &folder, "--verifier", &key]);
        let file = kept(place, "from-tiles", &from_tiles);
        place.run(&["ledger", "check", &file, "--verifier", &key]).expect(0);
        let from_tiles = json(&from_tiles);
        assert_eq!(from_tiles["leaf_hash"], found["leaf_hash"]);
        // Whoever has the tiles of one log does not see how many entries came before.
        assert_eq!(
            (from_tiles["leaf"].as_u64(), from_tiles.get("entry")),
            (Some(leaf), None)
        );
        let file = kept(place, &format!("entry-{}-{leaf}", log.number), &ran);
        place.run(&["ledger", "check", &file, "--verifier", &key]).expect(0);
        files.extend(["-inclusion".to_owned(), file]);
    }
    let number = format!("{:04}", log.number);
    for from in [1, size] {
        let from = from.to_string();
        let ran = place
            .run(&["ledger", "consistency", "--from", &from, "--log", &number])
            .expect(0);
        assert_eq!(json(&ran)["log"], log.number);
        let file = kept(place, &format!("from-{number}-{from}"), &ran);
        place.run(&["ledger", "check", &file, "--verifier", &key]).expect(0);
        files.extend(["-consistency".to_owned(), file]);
    }
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let judged = judge(place, &[&["-dir", &folder, "-log", &key], files.as_slice()].concat()).expect(0);
    assert_eq!(judged.stdout.lines().count(), 1 + 3 + 2, "{}", judged.stdout);
}

fn every_key_will_do_for_who_has_the_ledger(place: &Place, logs: &[LogState]) {
    let newest = json(&place.run(&["ledger", "consistency", "--from", "1"]).expect(0));
    assert_eq!(newest["log"], logs.len());
    for log in logs {
        let key = log.key.to_string();
        for entry in logs.iter().map(|log| log.first) {
            let found = json(&prove(place, entry, &["--keys", "nowhere", "--verifier", &key]));
            assert_eq!(found["entry"], entry);
        }
    }
    let stranger = SigningKey::from_seed(logs[0].key.name(), &[5; 32]).expect("a name");
    let stranger = stranger.verifier().to_string();
    let refused = ["ledger", "prove", "--entry", "0", "--verifier", &stranger];
    place.run(&refused).expect(2);
}

/// With the key of the first log alone, from proof to proof.
fn outsiders_are_told_the_way_from_key_to_key(place: &Place, logs: &[LogState]) {
    let check = |log: &LogState, leaf: u64, key: &VerifierKey, code| {
        let file = kept(place, "step", &prove(place, log.first + leaf, &[]));
        let key = key.to_string();
        let ran = place.run(&["ledger", "check", &file, "--verifier", &key]).expect(code);
        ran.stdout
    };
    let [first, second, third] = logs.first_chunk().expect("three logs");
    let last = |log: &LogState| log.checkpoint.size - 1;
    let step = check(first, last(first), &first.key, 0);
    assert!(step.contains(&format!("next log     {}", second.key)), "{step}");
    let step = check(second, last(second), &first.key, 0);
    assert!(step.contains(&format!("next log     {}", third.key)), "{step}");
    let refused = check(third, 0, &first.key, 1);
    assert!(refused.contains(third.key.name()), "{refused}");
    let refused = refused.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(refused.contains("the last entry of a log holds the key"), "{refused}");
    let back = check(third, 0, &third.key, 0);
    assert!(back.contains(&format!("log before   {}", second.key)), "{back}");
    assert!(
        back.contains(&format!("first        entry {} of the ledger", third.first)),
        "{back}"
    );
}

fn numbers_that_are_nowhere_are_told(place: &Place, logs: &[LogState]) {
    let newest = logs.last().expect("logs");
    let total = newest.first + newest.checkpoint.size;
    let ran = place.run(&["ledger", "prove", "--entry", &total.to_string()]).expect(2);
    assert!(
        ran.stderr.contains(&format!("{total} sealed entries")),
        "{}",
        ran.stderr
    );
    let ran = place
        .run(&["ledger", "consistency", "--from", "1", "--log", "4"])
        .expect(2);
    assert!(ran.stderr.contains("logs 1 to 3"), "{}", ran.stderr);
}

/// A stranger's log behind the newest, made as the next one would be: it says truly what it goes on from.
fn plant(place: &Place, newest: &LogState) -> VerifierKey {
    let name = format!("averment.local/log/stranger/{}", newest.number + 1);
    let key = SigningKey::from_seed(&name, &[5; 32]).expect("a name");
    let entry = Entry {
        v: ENTRY_VERSION,
        at: "2026-03-01T12:00:00.000000Z".to_owned(),
        charter: format!("sha256:{}", "0".repeat(64)),
        deed: Deed::Begun(newest.next_begun()),
    };
    let (json, mut lines, mut tree) = (entry.to_json(), Vec::new(), Frontier::new());
    let hash = leaf_hash(json.as_bytes());
    write_entry_line(&mut lines, 0, &hash, &json);
    tree.push(hash);
    let note = Checkpoint::of(&name, &tree, 1).sign(&key);
    write_checkpoint_line(&mut lines, &note);
    let folder = planted(place, newest);
    let making = folder.with_extension("new");
    std::fs::create_dir(&making).expect("a folder");
    let verifier = format!("{}\n", key.verifier());
    for (file, content) in [
        ("log", lines),
        ("checkpoint", note.into_bytes()),
        ("verifier", verifier.into_bytes()),
    ] {
        std::fs::write(making.join(file), content).expect("a file of the log");
    }
    std::fs::rename(making, folder).expect("a folder");
    key.verifier().clone()
}

fn planted(place: &Place, newest: &LogState) -> PathBuf {
    place.path(&format!("averment-data/ledger/{:04}", newest.number + 1))
}

fn a_log_that_nobody_vouches_for_is_neither_published_nor_proven(place: &Place, logs: &[LogState]) {
    let newest = logs.last().expect("logs");
    let stranger = plant(place, newest).to_string();
    let out = place.path("planted").display().to_string();
    let ran = place.run(&["ledger", "tiles", "--out", &out]).expect(2);
    assert!(ran.stderr.contains("does not hold"), "{}", ran.stderr);
    assert!(!place.path("planted").exists());
    let next = (newest.first + newest.checkpoint.size).to_string();
    let keys: Vec<String> = logs.iter().map(|log| log.key.to_string()).collect();
    for key in &keys {
        let asked = ["ledger", "prove", "--entry", &next, "--verifier", key];
        let ran = place.run(&asked).expect(2);
        assert!(ran.stderr.contains("does not hold"), "{}", ran.stderr);
    }
    // Whoever takes the stranger's word is told what the stranger says.
    let asked = ["ledger", "prove", "--entry", &next, "--verifier", &stranger];
    place.run(&asked).expect(0);
    std::fs::remove_dir_all(planted(place, newest)).expect("the planted log");
}

/// A ledger of two logs, of two keys, that was begun years ago.
fn begun_long_ago(place: &Place) -> Keys {
    let long_ago = || "2020-03-01T12:00:00Z".parse().expect("a time");
    let charter = || format!("sha256:{}", "0".repeat(64)).parse().expect("a digest");
    let open = || DataFolder::open(&place.path("averment-data"), &place.path("averment-keys")).expect("folders");
    let note = |journal: &Journal| {
        for _ in 0..300 {
            let (watch, version, build) = ("begun".to_owned(), "0".to_owned(), None);
            let watch = Watch { watch, version, build };
            journal.note(Deed::Watch(watch)).expect("noted");
        }
    };
    let (folder, keys) = open();
    let (journal, _) = Journal::open(&folder, &keys, long_ago, charter()).expect("a journal");
    note(&journal);
    journal.close().expect("closed");
    drop((journal, folder));
    keys.make_next_ledger_key().expect("a key");
    let (folder, keys) = open();
    let (journal, _) = Journal::open(&folder, &keys, long_ago, charter()).expect("a journal");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(journal.begin_log()).expect("a log");
    note(&journal);
    journal.close().expect("closed");
    drop((journal, folder));
    // Once more, so that the new key takes the place of the old one.
    let (folder, keys) = open();
    let (journal, _) = Journal::open(&folder, &keys, long_ago, charter()).expect("a journal");
    journal.close().expect("closed");
    drop((journal, folder));
    place.keys()
}

fn witness(place: &Place, keys: &[VerifierKey]) -> Served {
    let mut arguments = vec!["witness", "--listen", "127.0.0.1:0", "--name", "witness.example"];
    let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
    arguments.extend(keys.iter().flat_map(|key| ["--log", key.as_str()]));
    place.serve(&arguments)
}

#[test]
fn a_gate_that_begins_a_new_log_goes_on_publishing_all_of_them() {
    let (place, third_parties) = (Place::new(), ThirdParties::new());
    let newest = begun_long_ago(&place).verifier().clone();
    let mut known: Vec<VerifierKey> = logs(&place).into_iter().map(|log| log.key).collect();
    assert_eq!(known.len(), 2);
    known.push(newest.named(&format!("{}/3", newest.name())).expect("a name"));
    let watching = witness(&place, &known);
    let cosigner: CosignerKey = watching.said("key").parse().expect("the key of a witness");
    let url = format!("http://{}", address(&watching, "witness"));
    let file = settings(&place, &url, &cosigner.to_string());
    let served = up(&place, &third_parties, &["--settings", &file]);
    let page = address(&served, "page");
    for key in &known[..2] {
        checkpoint_that(&page, key.name(), |note| cosigner.verify(note).is_ok());
    }
    assert_eq!(get(&page, &format!("/ledger/{}/checkpoint", known[2].name())).0, 404);

    let text = std::fs::read_to_string(&file).expect("a settings file");
    std::fs::write(&file, format!("{text}[ledger]\nnew_log_on = [\"2024-01-01\"]\n")).expect("a settings file");
    served.signal("HUP");
    checkpoint_that(&page, known[2].name(), |note| cosigner.verify(note).is_ok());
    let logs = logs(&place);
    assert_eq!(logs.len(), 3);
    for log in &logs {
        let whole = |note: &str| log.number == 3 || note.starts_with(&log.note);
        let note = checkpoint_that(&page, log.key.name(), |note| {
            whole(note) && cosigner.verify(note).is_ok()
        });
        let checkpoint = Checkpoint::open(&note, &log.key).expect("signed by the log");
        let (page, origin) = (page.as_str(), log.key.name());
        let remote = Remote { page, origin };
        verify_tiles(&remote, checkpoint.size, &checkpoint.root).expect("tiles that hold");
    }
    a_planted_log_stops_none_of_the_others(&place, &served, &logs[2]);
    assert_eq!(served.stop(), 0);

    what_is_lost_of_an_ended_log_is_written_again(&place, &third_parties, &logs[0], &file);
    assert_eq!(watching.stop(), 0);
}

fn a_planted_log_stops_none_of_the_others(place: &Place, served: &Served, newest: &LogState) {
    let page = address(served, "page");
    plant(place, newest);
    let told = || std::fs::read_to_string(place.path("averment.log")).expect("a log file");
    let end = Instant::now() + Duration::from_secs(60);
    while !told().contains("no further log of the ledger is published") {
        assert!(Instant::now() < end, "{}", told());
        std::thread::sleep(Duration::from_millis(50));
    }
    let published = checkpoint_that(&page, newest.key.name(), |_| true);
    served.signal("HUP");
    checkpoint_that(&page, newest.key.name(), |note| note != published);
    assert!(!planted(place, newest).join("tiles").exists());
    std::fs::remove_dir_all(planted(place, newest)).expect("the planted log");
}

fn what_is_lost_of_an_ended_log_is_written_again(
    place: &Place,
    third_parties: &ThirdParties,
    log: &LogState,
    settings: &str,
) {
    let file = |tile: &str| -> PathBuf { place.path("averment-data/ledger/0001/tiles").join(tile) };
    for tile in ["tile/0/000", "tile/entries/000"] {
        let kept = std::fs::read(file(tile)).expect("a tile");
        std::fs::remove_file(file(tile)).expect("a tile");
        let served = up(place, third_parties, &["--settings", settings]);
        let page = address(&served, "page");
        let end = Instant::now() + Duration::from_secs(60);
        while !file(tile).exists() {
            assert!(Instant::now() < end, "{tile} is not written again");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(std::fs::read(file(tile)).expect("a tile"), kept);
        let (status, ..) = get(&page, &format!("/ledger/{}/tile/0/000", log.key.name()));
        assert_eq!(status, 200);
        assert_eq!(served.stop(), 0);
    }
}
