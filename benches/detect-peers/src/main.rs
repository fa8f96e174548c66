//! Averment's detection room beside others, over the same texts: `detect-peers write|ours|crates …`.
//!
//! `write FOLDER` makes the labelled texts and a sample for the clock; `ours FOLDER` judges the detection room over them
//! and clocks it; `crates` prints the table of the others in Rust (feature `crates`).

mod clock;
mod ours;
#[cfg(feature = "crates")]
mod peers;
mod people;
mod random;
mod texts;

use std::io;
use std::path::Path;
use std::process::ExitCode;

use people::People;
use random::Random;
use texts::Text;

/// Labelled texts of each kind.
const LABELLED: usize = 2000;
/// Bytes of the sample that slow ones are clocked over.
const SAMPLE_BYTES: usize = 2 << 20;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["write", folder] => write(folder.as_ref()),
        ["ours", folder, counts @ ..] => ours(folder.as_ref(), counts),
        #[cfg(feature = "crates")]
        ["crates"] => {
            peers::table();
            Ok(())
        }
        _ => {
            eprintln!("usage: detect-peers write FOLDER | ours FOLDER [IDENTIFIERS ...] | crates");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// In every fifth event and sentence somebody of the directory, in as many a stranger.
fn labelled(people: &People) -> Vec<(&'static str, Vec<Text>)> {
    let mut random = Random(5);
    let events = (0..LABELLED).map(|_| texts::event(people, &mut random, 5)).collect();
    let prose = (0..LABELLED)
        .map(|_| texts::prose(people, &mut random, 5, 500))
        .collect();
    vec![("events", events), ("prose", prose)]
}

fn write(folder: &Path) -> io::Result<()> {
    let people = People::new();
    for (name, texts) in labelled(&people) {
        let lines: Vec<String> = texts.iter().map(|text| text.to_json().to_string()).collect();
        std::fs::write(folder.join(format!("labelled-{name}.jsonl")), lines.join("\n"))?;
        let sample = texts::bodies(&people, name == "prose", SAMPLE_BYTES);
        std::fs::write(folder.join(format!("sample-{name}.json")), serde_json::to_vec(&sample)?)?;
    }
    Ok(())
}

fn ours(folder: &Path, counts: &[&str]) -> io::Result<()> {
    let counts: Vec<usize> = counts.iter().filter_map(|count| count.parse().ok()).collect();
    let people = People::new();
    let report = ours::report(&labelled(&people), &people, &counts);
    std::fs::write(folder.join("ours.json"), serde_json::to_vec_pretty(&report)?)
}
