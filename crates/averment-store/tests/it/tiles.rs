//! Tiles of a growing log: complete below every published checkpoint, never changed, whatever kills the writer.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use averment_ledger::{
    Checkpoint, Frontier, Nodes as _, SigningKey, TileId, TileKind, VerifierKey, consistency_from_tiles,
    inclusion_from_tiles, leaf_hash, read_bundle, verify_bundle, verify_consistency, verify_inclusion, verify_tiles,
    write_checkpoint_line, write_entry_line,
};
use averment_store::{TileContents, TileFolder, TileReadError, TileWriteError, TileWriter, read_leaves};

const FOLDER: &str = "AVERMENT_TEST_TILES_FOLDER";
const LEAVES: TileKind = TileKind::Hashes { level: 0 };

/// A log that grows as a journal lets it grow, and the folder of its tiles.
struct Log {
    dir: tempfile::TempDir,
    key: SigningKey,
    tree: Frontier,
    groups: u64,
}

fn key() -> SigningKey {
    SigningKey::from_seed("log.example", &[5; 32]).unwrap()
}

/// Entries as large as usual ones, so that bundles are worth packing.
fn entry(index: u64) -> String {
    format!("{{\"v\":1,\"index\":{index},\"filler\":\"{}\"}}", "ab".repeat(100))
}

impl Log {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("log"), "").unwrap();
        let (key, tree) = (key(), Frontier::new());
        Self {
            dir,
            key,
            tree,
            groups: 0,
        }
    }

    fn of(entries: u64) -> Self {
        let mut log = Self::new();
        log.grow(entries);
        log
    }

    fn grow(&mut self, entries: u64) {
        self.grow_with(entries, entry);
    }

    fn grow_with(&mut self, entries: u64, entry: impl Fn(u64) -> String) {
        let (mut lines, first) = (Vec::new(), self.tree.size());
        for index in first..first + entries {
            let json = entry(index);
            let hash = leaf_hash(json.as_bytes());
            write_entry_line(&mut lines, index, &hash, &json);
            self.tree.push(hash);
            if (index + 1).is_multiple_of(7) || index + 1 == first + entries {
                self.groups += 1;
                let checkpoint = Checkpoint::of("log.example", &self.tree, self.groups);
                write_checkpoint_line(&mut lines, &checkpoint.sign(&self.key));
            }
        }
        use std::io::Write as _;
        let mut log = std::fs::File::options().append(true).open(self.file()).unwrap();
        log.write_all(&lines).unwrap();
    }

    fn file(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("tiles")
    }

    fn folder(&self) -> TileFolder {
        TileFolder::new(self.out())
    }

    fn writer(&self) -> TileWriter {
        self.try_writer(TileContents::HashesAndEntries).unwrap()
    }

    fn try_writer(&self, contents: TileContents) -> Result<TileWriter, TileWriteError> {
        TileWriter::open(self.dir.path(), self.key.verifier(), &self.out(), contents)
    }

    /// Writes and publishes all there is.
    fn publish(&self) {
        publish(&mut self.writer());
    }
}

fn publish(writer: &mut TileWriter) {
    writer.catch_up().unwrap();
    writer.publish(&[]).unwrap();
}

/// Checks everything that the published checkpoint promises; gives its size.
fn check_published(folder: &TileFolder, key: &VerifierKey) -> u64 {
    let Some(note) = folder.checkpoint().unwrap() else {
        return 0;
    };
    let checkpoint = Checkpoint::open(&note, key).unwrap();
    let size = checkpoint.size;
    verify_tiles(folder, size, &checkpoint.root).unwrap();
    for index in 0.. {
        let Some(bundle) = TileId::at(TileKind::Entries, index, size) else {
            break;
        };
        let hashes = folder.tile(TileId::at(LEAVES, index, size).unwrap()).unwrap();
        let entries = folder.bundle(bundle).unwrap();
        verify_bundle(&entries, &hashes).unwrap();
        assert_eq!(
            read_bundle(&entries, bundle.width()).unwrap()[0],
            entry(index * 256).as_bytes()
        );
    }
    size
}

fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for file in std::fs::read_dir(next).unwrap().map(|file| file.unwrap().path()) {
            if file.is_dir() {
                open.push(file);
            } else {
                found.push(file.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_published_checkpoint_has_all_its_tiles() {
    let mut log = Log::new();
    let mut writer = log.writer();
    assert_eq!(writer.catch_up().unwrap(), None);
    writer.publish(&[]).unwrap();
    assert_eq!(check_published(&log.folder(), log.key.verifier()), 0);
    let mut expected = 0;
    for more in [1, 2, 250, 2, 1, 1, 255, 256, 40] {
        log.grow(more);
        publish(&mut writer);
        expected += more;
        assert_eq!(check_published(&log.folder(), log.key.verifier()), expected);
    }
    assert_eq!(
        files(&log.out()),
        [
            "checkpoint",
            "tile/0/000",
            "tile/0/001",
            "tile/0/002",
            "tile/0/003.p/40",
            "tile/1/000.p/1",
            "tile/1/000.p/2",
            "tile/1/000.p/3",
            "tile/entries/000",
            "tile/entries/001",
            "tile/entries/002",
            "tile/entries/003.p/40",
        ]
    );
}

#[test]
fn proofs_come_from_the_folder_also_where_narrow_tiles_are_gone() {
    let mut log = Log::of(300);
    let mut writer = log.writer();
    publish(&mut writer);
    let older = log.tree.root();
    log.grow(500);
    publish(&mut writer);
    let (folder, newer) = (log.folder(), log.tree.root());
    let partial = TileId::at(LEAVES, 1, 300).unwrap();
    assert!(matches!(folder.hash_tile(partial), Err(TileReadError::File { .. })));
    assert_eq!(folder.tile(partial).unwrap().len(), 44);
    verify_tiles(&folder, 300, &older).unwrap();
    let proof = consistency_from_tiles(&folder, 300, 800).unwrap();
    verify_consistency((300, &older), (800, &newer), &proof).unwrap();
    for (index, size, root) in [(299, 300, &older), (299, 800, &newer), (799, 800, &newer)] {
        let proof = inclusion_from_tiles(&folder, index, size).unwrap();
        verify_inclusion(&leaf_hash(entry(index).as_bytes()), index, size, &proof, root).unwrap();
    }
}

#[test]
fn cosignatures_stand_below_the_published_checkpoint_only() {
    let log = Log::of(3);
    let mut writer = log.writer();
    let note = writer.catch_up().unwrap().unwrap().to_owned();
    let witness = averment_ledger::CosigningKey::from_seed("witness.example", &[8; 32]).unwrap();
    let text = note.split_once("\n\n").unwrap().0.to_owned() + "\n";
    let line = witness.cosign(&text, 1_772_366_400);
    writer.publish(std::slice::from_ref(&line)).unwrap();
    let published = log.folder().checkpoint().unwrap().unwrap();
    assert_eq!(published, format!("{note}{line}"));
    assert_eq!(witness.cosigner().verify(&published).unwrap().line, line);
    assert_eq!(check_published(&log.folder(), log.key.verifier()), 3);
    drop(writer);
    publish(&mut log.writer());
    assert_eq!(log.folder().checkpoint().unwrap().unwrap(), note);
}

#[test]
fn without_entries_nothing_that_can_be_read_is_written() {
    let mut log = Log::of(600);
    log.grow_with(1, |_| format!("\"{}\"", "x".repeat(70_000)));
    let mut writer = log.try_writer(TileContents::Hashes).unwrap();
    publish(&mut writer);
    let written = [
        "checkpoint",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/89",
        "tile/1/000.p/2",
    ];
    assert_eq!(files(&log.out()), written);
    verify_tiles(&log.folder(), 601, &log.tree.root()).unwrap();
}

#[test]
fn an_entry_that_fits_into_no_bundle_is_named_and_nothing_wrong_is_written() {
    let mut log = Log::of(300);
    log.grow_with(1, |_| format!("\"{}\"", "x".repeat(70_000)));
    log.grow(300);
    let mut writer = log.writer();
    for _ in 0..2 {
        let error = writer.catch_up().unwrap_err();
        assert!(matches!(error, TileWriteError::TooLarge { index: 300, .. }), "{error}");
    }
    assert_eq!(log.folder().checkpoint().unwrap(), None);
}

#[test]
fn a_tile_that_was_changed_is_found_and_left_for_people_to_look_at() {
    for (tile, change) in [
        ("tile/0/000", 0),
        ("tile/entries/000", 0),
        ("tile/0/001", 1),
        ("tile/0/002.p/88", 2),
    ] {
        let log = Log::of(600);
        log.publish();
        let file = log.out().join(tile);
        let mut bytes = std::fs::read(&file).unwrap();
        match change {
            0 => bytes[40] ^= 1,
            1 => bytes.truncate(64),
            _ => bytes.extend([0; 32]),
        }
        std::fs::write(&file, &bytes).unwrap();
        let error = log.writer().catch_up().unwrap_err();
        assert!(
            matches!(&error, TileWriteError::Differs { path } if *path == file),
            "{error}"
        );
        assert_eq!(std::fs::read(&file).unwrap(), bytes);
    }
}

#[test]
fn tiles_that_were_changed_are_told_and_put_aside_and_made_anew() {
    let mut log = Log::of(600);
    log.publish();
    let changed = [
        "tile/0/001",
        "tile/0/002.p/88",
        "tile/entries/000",
        "tile/entries/002.p/88",
    ];
    let whole = changed.map(|name| std::fs::read(log.out().join(name)).unwrap());
    for name in changed {
        std::fs::write(log.out().join(name), b"anything").unwrap();
    }
    let mut writer = log.writer().telling();
    writer.catch_up().unwrap();
    let mut told: Vec<_> = writer.told().iter().map(|found| found.name.clone()).collect();
    told.sort();
    assert_eq!(told, changed);
    assert!(
        changed
            .iter()
            .all(|name| std::fs::read(log.out().join(name)).unwrap() == b"anything")
    );
    // An entry is recorded meanwhile; what lay in the way before stays where it was put then.
    log.grow(1);
    let aside = log.dir.path().join("aside");
    std::fs::create_dir_all(aside.join("tile/0")).unwrap();
    std::fs::write(aside.join("tile/0/001"), b"from before").unwrap();
    writer.put_aside(&aside).unwrap();
    drop(writer);
    log.writer().catch_up().unwrap();
    for (name, content) in changed.iter().zip(whole) {
        assert_eq!(std::fs::read(log.out().join(name)).unwrap(), content, "{name}");
        let name = if *name == "tile/0/001" { "tile/0/001.2" } else { name };
        assert_eq!(std::fs::read(aside.join(name)).unwrap(), b"anything", "{name}");
    }
    assert_eq!(std::fs::read(aside.join("tile/0/001")).unwrap(), b"from before");
    log.publish();
}

#[test]
fn another_history_than_the_published_one_is_never_published() {
    let log = Log::of(600);
    log.publish();
    let published = log.folder().checkpoint().unwrap();
    let in_place_of = |other: Log| {
        std::fs::copy(other.file(), log.file()).unwrap();
        let error = log.writer().catch_up().unwrap_err();
        assert_eq!(log.folder().checkpoint().unwrap(), published);
        error
    };
    assert!(matches!(
        in_place_of(Log::of(599)),
        TileWriteError::Behind {
            published: 600,
            found: 599
        }
    ));
    let mut forked = Log::of(599);
    forked.grow_with(2, |index| format!("\"fork {index}\""));
    assert!(matches!(in_place_of(forked), TileWriteError::Forked { published: 600 }));
    let mut early = Log::new();
    early.grow_with(700, |index| format!("\"fork {index}\""));
    let error = in_place_of(early);
    assert!(
        matches!(error, TileWriteError::Differs { .. } | TileWriteError::Forked { .. }),
        "{error}"
    );
    let stranger = SigningKey::from_seed("log.example", &[6; 32]).unwrap();
    let opened = TileWriter::open(log.dir.path(), stranger.verifier(), &log.out(), TileContents::Hashes);
    assert!(matches!(opened, Err(TileWriteError::OtherLog { .. })));
}

#[test]
fn a_log_that_does_not_hold_is_not_published() {
    let log = Log::of(600);
    let mut bytes = std::fs::read(log.file()).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(log.file(), bytes).unwrap();
    assert!(matches!(log.writer().catch_up(), Err(TileWriteError::Log(_))));
    assert_eq!(files(&log.out()), [""; 0]);
}

#[test]
fn one_writer_at_a_time() {
    let log = Log::of(3);
    let writer = log.writer();
    assert!(matches!(
        log.try_writer(TileContents::Hashes),
        Err(TileWriteError::Locked { .. })
    ));
    drop(writer);
    // A test beside this one may just be starting a program, which for a moment has a copy of every lock.
    let free = (0..10_000).any(|_| log.try_writer(TileContents::Hashes).is_ok());
    assert!(free);
}

#[test]
fn what_is_not_sealed_is_in_no_tile() {
    let mut log = Log::of(10);
    let sealed = std::fs::metadata(log.file()).unwrap().len();
    log.grow(5);
    let whole = std::fs::read(log.file()).unwrap();
    let mut writer = log.writer();
    // Cut within the group of five: everything from its first byte to the last of its checkpoint is not sealed.
    for end in [sealed, sealed + 1, whole.len() as u64 - 1] {
        std::fs::write(log.file(), &whole[..usize::try_from(end).unwrap()]).unwrap();
        publish(&mut writer);
        let size = check_published(&log.folder(), log.key.verifier());
        assert!((10..15).contains(&size), "{end}: {size}");
    }
    std::fs::write(log.file(), &whole).unwrap();
    publish(&mut writer);
    assert_eq!(check_published(&log.folder(), log.key.verifier()), 15);
}

#[test]
fn a_whole_log_is_read_entry_by_entry() {
    let log = Log::of(30);
    let mut seen = Vec::new();
    let end = read_leaves(log.dir.path(), log.key.verifier().clone(), |index, hash, json| {
        assert_eq!(hash, leaf_hash(json));
        seen.push((index, String::from_utf8(json.to_vec()).unwrap()));
    });
    assert_eq!(seen, (0..30).map(|index| (index, entry(index))).collect::<Vec<_>>());
    assert_eq!(end.unwrap().checkpoint().map(|checkpoint| checkpoint.size), Some(30));
}

/// Not a test of its own: without the variable it does nothing. With it, writes and publishes the tiles of a log.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(FOLDER) else { return };
    let dir = Path::new(&dir);
    let open = || {
        TileWriter::open(
            dir,
            key().verifier(),
            &dir.join("tiles"),
            TileContents::HashesAndEntries,
        )
    };
    let mut writer = open().unwrap();
    println!("\nopen");
    publish(&mut writer);
    println!("\npublished");
}

/// Files that cannot be written are among many of the same round, of which others were written already.
#[test]
fn a_round_that_breaks_off_leaves_no_file_under_its_name_and_is_made_again() {
    let log = Log::of(256 * 20 + 9);
    for broken in ["tile/0/000", "tile/0/011", "tile/entries/007", "tile/1/000.p/20"] {
        let new = log.out().join(format!("{broken}.new"));
        std::fs::create_dir_all(&new).unwrap();
        let mut writer = log.writer();
        let error = writer.catch_up().unwrap_err();
        assert!(
            matches!(&error, TileWriteError::File { path, .. } if *path == log.out().join(broken)),
            "{broken}: {error}"
        );
        let named: Vec<String> = files(&log.out())
            .into_iter()
            .filter(|file| !is_left_over(file))
            .collect();
        assert_eq!(named, [""; 0], "{broken}");
        std::fs::remove_dir(&new).unwrap();
        // The same writer, and on what the round left another one.
        writer.catch_up().unwrap();
        drop(writer);
        log.publish();
        assert_eq!(check_published(&log.folder(), log.key.verifier()), log.tree.size());
        assert!(!files(&log.out()).iter().any(|file| is_left_over(file)), "{broken}");
        std::fs::remove_dir_all(log.out()).unwrap();
    }
}

#[test]
fn whatever_moment_a_writer_is_killed_at_the_next_one_goes_on() {
    let mut log = Log::of(900);
    let (mut last, mut cut) = (0, 0);
    for round in 0..25_u64 {
        log.grow(97);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "tiles::child", "--nocapture"])
            .env(FOLDER, log.dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        lines
            .by_ref()
            .find(|line| line == "open")
            .expect("the child opens its folder");
        // The moment moves through writing, syncing, renaming, publishing, removing.
        std::thread::sleep(Duration::from_micros(round * 7_919 % 60_013));
        child.kill().unwrap();
        child.wait().unwrap();
        cut += u32::from(!lines.any(|line| line == "published"));
        let size = check_published(&log.folder(), log.key.verifier());
        assert!(size >= last, "round {round}: {size} after {last}");
        last = size;
    }
    assert!(cut > 0, "no writer was killed at work");
    log.publish();
    assert_eq!(check_published(&log.folder(), log.key.verifier()), log.tree.size());
    let left_over: Vec<String> = files(&log.out())
        .into_iter()
        .filter(|file| is_left_over(file))
        .collect();
    // Of each writer that was killed at most the narrow tiles of its checkpoint, and that: full ones are made by the next.
    assert!(left_over.len() <= 4 * usize::try_from(cut).unwrap(), "{left_over:?}");
    assert!(
        left_over
            .iter()
            .all(|file| file.contains(".p/") || file == "checkpoint.new")
    );
    let full_with_partial = (0..4).filter(|index| log.out().join(format!("tile/0/00{index}.p")).exists());
    assert_eq!(full_with_partial.count(), 0);
}

fn is_left_over(file: &str) -> bool {
    file.ends_with(".new")
}
