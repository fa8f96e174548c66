//! `averment scan code`: what a repository contacts, embeds, allows, sets up and links to.

use std::io::IsTerminal as _;
use std::path::PathBuf;

use averment_scan::code::{CodeError, CodeOptions, Limits, scan};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{ScanOptions, finish};
use crate::clock::now;
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct CodeArgs {
    /// Folder of the source code
    path: PathBuf,
    /// Folder in which results are kept between runs; the user's cache folder when absent
    #[arg(long, value_name = "DIR", conflicts_with = "no_cache")]
    cache: Option<PathBuf>,
    /// Keep nothing between runs
    #[arg(long)]
    no_cache: bool,
    /// Largest file that is read, in bytes; manifests and lock files may be larger
    #[arg(long, value_name = "BYTES")]
    file_max: Option<u64>,
    /// How many files are read at the same time; the number of processors when absent
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: Option<u16>,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

pub(crate) fn run(arguments: &CodeArgs) -> Result<Outcome, Failure> {
    let mut limits = Limits::default();
    limits.file_max = arguments.file_max.unwrap_or(limits.file_max);
    limits.threads = arguments.threads.map_or(limits.threads, usize::from);
    let options = CodeOptions {
        limits,
        cache: (!arguments.no_cache)
            .then(|| arguments.cache.clone().or_else(user_cache))
            .flatten(),
        unfiltered: false,
    };
    let bar = bar();
    let tick = |_| bar.inc(1);
    let seen = scan(&arguments.path, &options, now(), &tick);
    bar.finish_and_clear();
    let seen = seen.map_err(|error| match error {
        CodeError::Root { path, source } => Failure::new(format!("cannot read `{path}`")).because(source),
        error => Failure::new(error.to_string()),
    })?;
    finish(seen, Vec::new(), &arguments.options)
}

/// Files so far, on a terminal only.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {human_pos} files, {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::no_length().with_style(style)
}

/// `averment` in the user's cache folder. Source: XDG Base Directory Specification.
fn user_cache() -> Option<PathBuf> {
    let folder = |key| {
        std::env::var_os(key)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let base = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    base.map(|base| base.join("averment"))
}
