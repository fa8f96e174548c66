//! How fast source is read: megabytes a second of each language over the files of folders.
//!
//! `cargo bench -p averment-syntax -- FOLDER …`; one thread and its processor time, everything read into memory first, the best of three runs.
#![expect(clippy::print_stdout, reason = "a benchmark shows its figures")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use averment_syntax::{Language, facts};

/// Files above this many bytes are left out, as they are when code is scanned.
const FILE_MAX: u64 = 4 << 20;

#[expect(clippy::disallowed_methods, reason = "a benchmark is a binary")]
fn main() {
    let mut texts: BTreeMap<Language, Vec<String>> = BTreeMap::new();
    for folder in std::env::args().skip(1).filter(|argument| !argument.starts_with('-')) {
        gather(Path::new(&folder), &mut texts);
    }
    println!(
        "{:<12} {:>7} {:>9} {:>8} {:>9} {:>9} {:>9} {:>12}",
        "language", "files", "MB", "MB/s", "calls", "texts", "broken", "slowest ms"
    );
    for (language, texts) in &texts {
        report(*language, texts);
    }
}

/// Processor time of this thread, so that a busy machine does not show; elapsed time where the system does not tell.
fn spent() -> Duration {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| START.elapsed(), Duration::from_nanos)
}

fn gather(path: &Path, texts: &mut BTreeMap<Language, Vec<String>>) {
    let Ok(kind) = path.symlink_metadata() else { return };
    if kind.is_dir() {
        let Ok(entries) = path.read_dir() else { return };
        let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        entries.sort();
        for entry in entries {
            gather(&entry, texts);
        }
        return;
    }
    let language = Language::of_path(&path.to_string_lossy());
    if kind.is_file()
        && kind.len() <= FILE_MAX
        && language != Language::Plain
        && let Ok(text) = std::fs::read_to_string(path)
    {
        texts.entry(language).or_default().push(text);
    }
}

fn report(language: Language, texts: &[String]) {
    let bytes: usize = texts.iter().map(String::len).sum();
    let (mut best, mut slowest) = (Duration::MAX, Duration::ZERO);
    let mut counts = (0, 0, 0);
    for _ in 0..3 {
        let start = spent();
        counts = (0, 0, 0);
        for text in texts {
            let one = spent();
            let found = facts(language, text);
            slowest = slowest.max(spent().saturating_sub(one));
            counts = (
                counts.0 + found.calls.len(),
                counts.1 + found.texts.len(),
                counts.2 + usize::from(found.broken > 0),
            );
        }
        best = best.min(spent().saturating_sub(start));
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let megabytes = bytes as f64 / 1e6;
    let name = format!("{language:?}");
    let (files, speed, slowest) = (texts.len(), megabytes / best.as_secs_f64(), slowest.as_millis());
    println!(
        "{name:<12} {files:>7} {megabytes:>9.2} {speed:>8.1} {:>9} {:>9} {:>9} {slowest:>12}",
        counts.0, counts.1, counts.2
    );
}
