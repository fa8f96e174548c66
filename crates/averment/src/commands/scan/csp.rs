//! `averment scan csp`: whom a content security policy lets in, and whom browsers reported.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_scan::csp::{BYTES_MAX, Reader};
use averment_store::{DataFolder, POLICY_REPORTS_KEPT, PolicyReports};
use clap::Args;
use jiff::Timestamp;

use super::har::us;
use super::people::KnownPeople;
use super::{ScanOptions, finish};
use crate::outcome::{Failure, Outcome};
use crate::{clock, reported};

#[derive(Debug, Args)]
pub(crate) struct CspArgs {
    /// Headers, a page with a meta tag, the text of a policy, or reports of
    /// browsers as JSON; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "reports")]
    files: Vec<PathBuf>,
    /// What browsers reported to `/csp-reports` of `averment up`
    #[arg(long)]
    reports: bool,
    #[command(flatten)]
    people: KnownPeople,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

pub(crate) fn run(arguments: &CspArgs) -> Result<Outcome, Failure> {
    let us = us(&arguments.options)?;
    let people = arguments.people.directory(&arguments.options.folders)?;
    let mut reader = Reader::new(us.own, &us.declared, Some(&people));
    for file in &arguments.files {
        reader.read(&file.display().to_string(), &bytes(file)?);
    }
    if arguments.reports {
        reported(&mut reader, &arguments.options.folders.data)?;
    }
    finish(reader.finish(clock::now()), Vec::new(), &arguments.options)
}

fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let (mut bytes, limit) = (Vec::new(), BYTES_MAX as u64 + 1);
    let read = if file == Path::new("-") {
        std::io::stdin().take(limit).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(limit).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    Ok(bytes)
}

/// What the endpoint of a running or stopped house has counted.
fn reported(reader: &mut Reader<'_>, data: &Path) -> Result<(), Failure> {
    let folder = DataFolder::open_read(data)?;
    // None is nothing seen, and the look then ends as one that saw nothing.
    let Some(reports) = PolicyReports::read(&folder)? else {
        return Ok(());
    };
    let is_old = |at: Timestamp| at.checked_add(POLICY_REPORTS_KEPT).is_ok_and(|end| end < clock::now());
    for row in reports.all()?.into_iter().filter(|row| !is_old(row.last_at)) {
        let span = (row.first_at, row.last_at);
        reader.violation(&reported::violation(row.report), row.count, Some(span));
    }
    reader.reports_not_kept(&folder.policy_reports().display().to_string(), reports.not_kept()?);
    Ok(())
}
