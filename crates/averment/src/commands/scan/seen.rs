//! `averment scan seen`: observations that another program, or an earlier look, wrote.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_scan::Seen;
use clap::Args;

use super::{ScanOptions, finish};
use crate::outcome::{Failure, Outcome};

/// Largest document.
const BYTES_MAX: u64 = 1 << 28;

#[derive(Debug, Args)]
pub(crate) struct SeenArgs {
    /// JSON document; `-` for standard input
    file: PathBuf,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

pub(crate) fn run(arguments: &SeenArgs) -> Result<Outcome, Failure> {
    finish(read(&arguments.file)?, Vec::new(), &arguments.options)
}

/// Reads a document of `--format seen`.
pub(crate) fn read(file: &Path) -> Result<Seen, Failure> {
    let mut text = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(BYTES_MAX + 1).read_to_end(&mut text))
    };
    read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    if text.len() as u64 > BYTES_MAX {
        return Err(Failure::new(format!("expected at most {BYTES_MAX} bytes")));
    }
    serde_json::from_slice(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let expected = "expected what `averment scan … --format seen` writes";
        Failure::new(format!(
            "`{}`, line {line}, column {column}: {expected}",
            file.display()
        ))
    })
}
