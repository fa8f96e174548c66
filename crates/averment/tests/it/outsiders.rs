//! What somebody outside can check: tiles and checkpoint of a running gate, its witness, proofs; judged by Go's own
//! transparency log packages, which share no code with ours.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use averment_ledger::{
    Checkpoint, CosignerKey, CosigningKey, Frontier, Nodes, SigningKey, TileId, TileKind, TreeHash, VerifierKey,
    inclusion_from_tiles, leaf_hash, tile_hashes, verify_consistency, verify_inclusion, verify_tiles,
    write_checkpoint_line, write_entry_line,
};
use serde_json::Value;

use crate::third_parties::ThirdParties;
use crate::wire;
use crate::world::{Place, Ran, Served, root};

const ORIGIN: &str = "ledger.school.example/2026";

/// Status, head and body of a page.
pub(crate) fn get(address: &str, path: &str) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(address).expect("the page listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the page reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the page answers");
    let end = answer
        .windows(4)
        .position(|bytes| bytes == b"\r\n\r\n")
        .expect("an end of the head");
    let body = answer.split_off(end + 4);
    let head = String::from_utf8(answer).expect("a head in ASCII");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .expect("a status");
    (status, head, body)
}

/// Tiles as the page serves them.
pub(crate) struct Remote<'a> {
    pub(crate) page: &'a str,
    pub(crate) origin: &'a str,
}

impl Nodes for Remote<'_> {
    type Error = std::io::Error;

    fn tile(&self, tile: TileId) -> Result<Vec<TreeHash>, std::io::Error> {
        let (status, head, body) = get(self.page, &format!("/ledger/{}/{tile}", self.origin));
        assert_eq!(status, 200, "{tile}");
        assert!(
            head.contains("application/octet-stream") && head.contains("immutable"),
            "{head}"
        );
        tile_hashes(&body).ok_or_else(|| std::io::Error::other("not even"))
    }
}

/// Asks for the published checkpoint until it is as wanted.
pub(crate) fn checkpoint_that(page: &str, origin: &str, is_wanted: impl Fn(&str) -> bool) -> String {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let (status, head, body) = get(page, &format!("/ledger/{origin}/checkpoint"));
        let note = String::from_utf8(body).expect("a note is UTF-8");
        if status == 200 && is_wanted(&note) {
            assert!(
                head.contains("text/plain; charset=utf-8") && head.contains("max-age=5"),
                "{head}"
            );
            return note;
        }
        assert!(Instant::now() < end, "no such checkpoint; the last one:\n{note}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub(crate) fn up(place: &Place, third_parties: &ThirdParties, more: &[&str]) -> Served {
    let arguments = [&["up", "--page", "127.0.0.1:0"], more].concat();
    let arguments = third_parties.upstream_of(place, &arguments);
    place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

pub(crate) fn address(served: &Served, label: &str) -> String {
    served
        .said(label)
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .to_owned()
}

fn file_of_key(place: &Place) -> PathBuf {
    place.path("averment-data/ledger/0001/verifier")
}

pub(crate) fn own_key(place: &Place) -> VerifierKey {
    let text = std::fs::read_to_string(file_of_key(place)).expect("a gate has begun a ledger");
    text.trim().parse().expect("a key")
}

pub(crate) fn witness(place: &Place) -> Served {
    let log = file_of_key(place).display().to_string();
    place.serve(&[
        "witness",
        "--listen",
        "127.0.0.1:0",
        "--name",
        "witness.example",
        "--log",
        &log,
    ])
}

pub(crate) fn settings(place: &Place, url: &str, key: &str) -> String {
    let text = format!(
        "[admin]\nlisten = \"127.0.0.1:0\"\n[[witnesses]]\nname = \"consortium\"\nurl = \"{url}\"\nkey = \"{key}\"\n"
    );
    let file = place.path("settings.toml");
    std::fs::write(&file, text).expect("a settings file");
    file.display().to_string()
}

#[test]
fn a_running_gate_publishes_tiles_and_what_its_witness_signed() {
    let (place, third_parties) = (Place::new(), ThirdParties::new());
    up(&place, &third_parties, &[]).stop();
    let (key, mut watching) = (own_key(&place), witness(&place));
    let cosigner: CosignerKey = watching.said("key").parse().expect("the key of a witness");
    let url = format!("http://{}", address(&watching, "witness"));
    let settings = settings(&place, &url, &cosigner.to_string());
    let served = up(&place, &third_parties, &["--settings", &settings]);
    let (page, admin) = (address(&served, "page"), address(&served, "admin"));

    let signed = checkpoint_that(&page, key.name(), |note| cosigner.verify(note).is_ok());
    let checkpoint = Checkpoint::open(&signed, &key).expect("signed by the log");
    let size = checkpoint.size;
    assert!(size > 3, "{size}");
    let tiles = Remote {
        page: &page,
        origin: key.name(),
    };
    verify_tiles(&tiles, size, &checkpoint.root).expect("tiles that hold");
    let proof = inclusion_from_tiles(&tiles, 2, size).expect("a proof");
    let leaf = tiles
        .tile(TileId::at(TileKind::Hashes { level: 0 }, 0, size).expect("a tile"))
        .expect("served")[2];
    verify_inclusion(&leaf, 2, size, &proof, &checkpoint.root).expect("a proof that holds");
    // Entries are on disk, for whoever is given them, and at no address.
    let bundle = TileId::at(TileKind::Entries, 0, size).expect("a bundle");
    let on_disk = place.path("averment-data/ledger/0001/tiles").join(bundle.to_string());
    assert!(on_disk.exists());
    for path in [
        bundle.to_string(),
        "tile/entries/../0/000".to_owned(),
        "log".to_owned(),
        "../log".to_owned(),
    ] {
        assert_eq!(get(&page, &format!("/ledger/{}/{path}", key.name())).0, 404, "{path}");
    }
    let metrics = wire::get(&admin, "/metrics").body;
    let counted = "averment_witness_requests_total{witness=\"consortium\",result=\"cosigned\"} 1";
    assert!(metrics.contains(counted), "{metrics}");

    // A witness that is gone stops nothing: what comes is published without its signature.
    watching.signal("INT");
    watching.wait_for("stopped");
    served.signal("HUP");
    let later = checkpoint_that(&page, key.name(), |note| {
        note != signed && Checkpoint::open(note, &key).is_ok()
    });
    assert!(Checkpoint::open(&later, &key).expect("signed by the log").size > size);
    assert!(cosigner.verify(&later).is_err());
    let metrics = wire::get(&admin, "/metrics").body;
    assert!(
        metrics.contains("witness=\"consortium\",result=\"failed\""),
        "{metrics}"
    );
    assert_eq!(served.stop(), 0);

    let proven = place
        .run(&["ledger", "prove", "--entry", "0", "--with-entry"])
        .expect(0);
    check_inclusion(&proven, &key);
    let out = place.path("public").display().to_string();
    place.run(&["ledger", "tiles", "--out", &out]).expect(0);
    let folder = place.path("public").join(key.name());
    assert!(folder.join("checkpoint").exists() && !folder.join("tile/entries").exists());
    let named = file_of_key(&place).display().to_string();
    let folder = folder.display().to_string();
    let whole = place
        .run(&["ledger", "verify", "--tiles", &folder, "--verifier", &named])
        .expect(0);
    assert!(whole.stdout.contains("The tiles hold."), "{}", whole.stdout);
    outsiders_check(&place, &signed, &named, &cosigner.to_string());
}

/// With a checkpoint kept from before, `signed` by the witness: what is printed now continues it, and nothing else does.
fn outsiders_check(place: &Place, signed: &str, key: &str, cosigner: &str) {
    let write = |name: &str, text: &str| {
        let file = place.path(name);
        std::fs::write(&file, text).expect("a file");
        file.display().to_string()
    };
    let kept_note = write("kept", signed);
    let size = signed.lines().nth(1).expect("a size");
    let proof = write(
        "proof",
        &place.run(&["ledger", "consistency", "--from", size]).expect(0).stdout,
    );
    let check = ["ledger", "check", &proof, "--verifier", key];
    let holds = place.run(&[&check[..], &["--since", &kept_note]].concat()).expect(0);
    assert!(
        holds.stdout.contains("hold.") && !holds.stdout.contains("--since"),
        "{}",
        holds.stdout
    );
    assert!(place.run(&check).expect(0).stdout.contains("--since"));
    let unsigned = place.run(&[&check[..], &["--witness", cosigner]].concat()).expect(1);
    assert!(
        unsigned.stdout.contains("no signature of `witness.example`"),
        "{}",
        unsigned.stdout
    );
    let other = write(
        "proof",
        &place.run(&["ledger", "consistency", "--from", "1"]).expect(0).stdout,
    );
    let other = ["ledger", "check", &other, "--verifier", key, "--since", &kept_note];
    assert!(
        place
            .run(&other)
            .expect(1)
            .stdout
            .contains("not about the older checkpoint")
    );

    // The checkpoint that was kept is signed by the witness: what is proven against it is proven to everybody.
    let entry = place
        .run(&["ledger", "prove", "--entry", "1", "--with-entry"])
        .expect(0)
        .stdout;
    let entry_file = write("entry", &entry);
    place
        .run(&["ledger", "check", &entry_file, "--verifier", key])
        .expect(0);
    let mut forged: Value = serde_json::from_str(&entry).expect("JSON");
    forged["content"] = Value::from(
        forged["content"]
            .as_str()
            .expect("an entry")
            .replace("sha256:", "sha256:0"),
    );
    let forged = write("entry", &forged.to_string());
    let ran = place.run(&["ledger", "check", &forged, "--verifier", key]).expect(1);
    assert!(ran.stdout.contains("not the one that is proven"), "{}", ran.stdout);
    let no_proof = write("entry", "{}");
    place.run(&["ledger", "check", &no_proof, "--verifier", key]).expect(2);
}

#[test]
fn a_witness_that_cannot_be_asked_is_told_at_the_start() {
    let place = Place::new();
    let key = CosigningKey::from_seed("w.example", &[1; 32])
        .expect("a name")
        .cosigner()
        .to_string();
    let settings = settings(&place, "http://witness.example", &key);
    let ran = place
        .run(&["up", "--settings", &settings, "--gate", "127.0.0.1:0"])
        .expect(2);
    assert!(
        ran.stderr.contains("consortium") && ran.stderr.contains("https"),
        "{}",
        ran.stderr
    );
}

fn hashes(value: &Value) -> Vec<TreeHash> {
    serde_json::from_value(value.clone()).expect("hashes")
}

fn check_inclusion(ran: &Ran, key: &VerifierKey) -> Checkpoint {
    let found: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let note = found["checkpoint"].as_str().expect("a note");
    let checkpoint = Checkpoint::open(note, key).expect("signed by the log");
    let (entry, content) = (
        found["leaf"].as_u64().expect("a number"),
        found["content"].as_str().expect("an entry"),
    );
    let (leaf, proof) = (leaf_hash(content.as_bytes()), hashes(&found["proof"]));
    verify_inclusion(&leaf, entry, checkpoint.size, &proof, &checkpoint.root).expect("a proof that holds");
    checkpoint
}

/// A data folder with a ledger of `size` entries; gives its key and the roots after each of them.
fn ledger_of(place: &Place, size: u64) -> (SigningKey, Vec<TreeHash>) {
    let key = SigningKey::from_seed(ORIGIN, &[4; 32]).expect("a name");
    let (mut lines, mut tree, mut roots, mut groups, mut note) =
        (Vec::new(), Frontier::new(), Vec::new(), 0, String::new());
    for index in 0..size {
        let json = format!("{{\"v\":1,\"number\":{index}}}");
        let hash = leaf_hash(json.as_bytes());
        write_entry_line(&mut lines, index, &hash, &json);
        tree.push(hash);
        roots.push(tree.root());
        if (index + 1) % 1000 == 0 || index + 1 == size {
            groups += 1;
            note = Checkpoint::of(ORIGIN, &tree, groups).sign(&key);
            write_checkpoint_line(&mut lines, &note);
        }
    }
    let ledger = place.path("averment-data/ledger/0001");
    std::fs::create_dir_all(&ledger).expect("a folder");
    for (file, content) in [
        ("log", lines),
        ("checkpoint", note.into_bytes()),
        ("verifier", format!("{}\n", key.verifier()).into_bytes()),
    ] {
        std::fs::write(ledger.join(file), content).expect("a file of the ledger");
    }
    (key, roots)
}

/// Runs the judge; what it said.
pub(crate) fn judge(place: &Place, arguments: &[&str]) -> Ran {
    let ran = Command::new("go")
        .args(["run", &root().join("tests/ledger/judge.go").display().to_string()])
        .args(arguments)
        .env("GO111MODULE", "off")
        .env("GOPATH", "/usr/share/gocode")
        .env("GOCACHE", go_cache())
        .env("HOME", place.path(""))
        .output();
    Ran::of(
        ran.expect(
            "Debian's `golang-go` and `golang-golang-x-mod-dev` are installed: `cargo xtask test` installs them",
        ),
    )
}

/// Kept between runs: compiling Go's cryptography anew takes a minute.
fn go_cache() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_averment"))
        .ancestors()
        .nth(2)
        .expect("a target folder");
    target.join("go-cache")
}

#[test]
fn go_judges_tiles_checkpoint_and_proofs() {
    const SIZE: u64 = 70_000;
    let place = Place::new();
    let (key, roots) = ledger_of(&place, SIZE);
    let verifier = key.verifier().to_string();
    let out = place.path("public").display().to_string();
    let told = place.run(&["ledger", "tiles", "--entries", "--out", &out]).expect(0);
    assert!(told.stdout.contains("70000 entries, 0 cosignatures"), "{}", told.stdout);
    let folder = place.path("public").join(ORIGIN);
    let witness = CosigningKey::from_seed("witness.example/w1", &[6; 32]).expect("a name");
    cosign(&folder, &witness);
    let folder = folder.display().to_string();

    let mut files = Vec::new();
    for entry in [0_u64, 255, 256, 65_535, 65_536, 69_999] {
        let from_log = place
            .run(&["ledger", "prove", "--with-entry", "--entry", &entry.to_string()])
            .expect(0);
        let from_tiles = place
            .run(&[
                "ledger",
                "prove",
                "--with-entry",
                "--entry",
                &entry.to_string(),
                "--tiles",
                &folder,
                "--verifier",
                &verifier,
            ])
            .expect(0);
        assert_eq!(check_inclusion(&from_log, key.verifier()).size, SIZE);
        let proof = |ran: &Ran| serde_json::from_str::<Value>(&ran.stdout).expect("JSON")["proof"].clone();
        assert_eq!(proof(&from_log), proof(&from_tiles));
        files.extend([
            "-inclusion".to_owned(),
            kept(&place, &format!("entry-{entry}"), &from_tiles),
        ]);
    }
    for from in [1_u64, 255, 256, 1000, 65_536, 69_999, 70_000] {
        let ran = place
            .run(&["ledger", "consistency", "--from", &from.to_string()])
            .expect(0);
        let found: Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let at = usize::try_from(from - 1).expect("small");
        let newest = roots.last().expect("roots");
        verify_consistency((from, &roots[at]), (SIZE, newest), &hashes(&found["proof"])).expect("a proof that holds");
        assert_eq!(found["from"]["root"], Value::String(roots[at].to_string()));
        files.extend(["-consistency".to_owned(), kept(&place, &format!("from-{from}"), &ran)]);
    }
    let cosigner = witness.cosigner().to_string();
    let arguments = ["-dir", &folder, "-log", &verifier, "-witness", &cosigner];
    let proofs: Vec<&str> = files.iter().map(String::as_str).collect();
    let judged = judge(&place, &[&arguments, proofs.as_slice()].concat()).expect(0);
    assert!(
        judged.stdout.contains("tiles of 70000 entries: 13 places hold"),
        "{}",
        judged.stdout
    );
    assert_eq!(judged.stdout.lines().count(), 1 + 6 + 7, "{}", judged.stdout);
    the_judge_finds_what_is_wrong(&place, &arguments, &files);
}

/// Puts a cosignature below the published checkpoint.
fn cosign(folder: &Path, witness: &CosigningKey) {
    let file = folder.join("checkpoint");
    let note = std::fs::read_to_string(&file).expect("a checkpoint");
    let (text, _) = note.split_once("\n\n").expect("a note");
    let line = witness.cosign(&format!("{text}\n"), 1_772_366_400);
    std::fs::write(file, format!("{note}{line}")).expect("a checkpoint");
}

pub(crate) fn kept(place: &Place, name: &str, ran: &Ran) -> String {
    let file = place.path(name);
    std::fs::write(&file, &ran.stdout).expect("a file");
    file.display().to_string()
}

/// A judge that accepts everything would be none.
fn the_judge_finds_what_is_wrong(place: &Place, arguments: &[&str; 6], files: &[String]) {
    let [_, folder, _, verifier, _, witness] = arguments;
    let cosigned = [
        "ledger",
        "verify",
        "--tiles",
        folder,
        "--verifier",
        verifier,
        "--witness",
        witness,
    ];
    let ran = place.run(&cosigned).expect(0);
    assert!(
        ran.stdout.contains("witness.example/w1 at 2026-03-01T12:00:00Z"),
        "{}",
        ran.stdout
    );
    let text = std::fs::read_to_string(&files[1]).expect("a proof");
    let mut proof: Value = serde_json::from_str(&text).expect("JSON");
    proof["leaf"] = Value::from(1);
    std::fs::write(&files[1], proof.to_string()).expect("a file");
    assert_ne!(
        judge(place, &[arguments, [files[0].as_str(), &files[1]].as_slice()].concat()).code,
        0
    );

    let tile = Path::new(folder).join("tile/1/000");
    let good = std::fs::read(&tile).expect("a tile");
    let mut forged = good.clone();
    forged[40] ^= 1;
    std::fs::write(&tile, forged).expect("a tile");
    assert_ne!(judge(place, arguments).code, 0);
    let ours = place
        .run(&["ledger", "verify", "--tiles", folder, "--verifier", verifier])
        .expect(1);
    assert!(ours.stdout.contains("tile/1/000"), "{}", ours.stdout);
    std::fs::write(&tile, good).expect("a tile");
    let ours = place
        .run(&["ledger", "verify", "--tiles", folder, "--verifier", verifier])
        .expect(0);
    assert!(ours.stdout.contains("bundles      274"), "{}", ours.stdout);
}

#[test]
fn questions_that_have_no_proof_are_told() {
    let place = Place::new();
    place.run(&["ledger", "prove", "--entry", "0"]).expect(2);
    ledger_of(&place, 300);
    for (arguments, told) in [
        (vec!["ledger", "prove", "--entry", "300"], "300 sealed entries"),
        (vec!["ledger", "consistency", "--from", "301"], "300 sealed entries"),
        (vec!["ledger", "prove", "--entry", "-1"], "unexpected argument"),
        (
            vec!["ledger", "prove", "--entry", "1", "--tiles", "nowhere"],
            "--verifier",
        ),
    ] {
        let ran = place.run(&arguments).expect(2);
        assert!(ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
    }
    let empty = place.run(&["ledger", "consistency", "--from", "0"]).expect(0);
    let found: Value = serde_json::from_str(&empty.stdout).expect("JSON");
    assert_eq!(hashes(&found["proof"]), []);
    let stranger = SigningKey::from_seed(ORIGIN, &[5; 32])
        .expect("a name")
        .verifier()
        .to_string();
    place
        .run(&["ledger", "prove", "--entry", "1", "--verifier", &stranger])
        .expect(2);
}
