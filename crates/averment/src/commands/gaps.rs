//! `averment ledger gaps`: the times in which no gate was watching.

use averment_store::{DataFolder, Gap, Keys, gaps, trusted};
use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use crate::cli::{Folders, Format};
use crate::clock;
use crate::outcome::{Failure, Outcome};

/// Twice the heartbeat that a gate keeps by default.
pub(crate) const SILENCE_MAX_S: u32 = 120;

#[derive(Debug, Args)]
pub(crate) struct GapsArgs {
    /// Seconds without an entry that count as a gap; longer than the heartbeat of the settings
    #[arg(long, value_name = "SECONDS", default_value_t = SILENCE_MAX_S)]
    silence: u32,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    folders: Folders,
}

pub(crate) fn run(arguments: &GapsArgs) -> Result<Outcome, Failure> {
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let silence = SignedDuration::from_secs(arguments.silence.into());
    let found = gaps(&folder, trusted(&folder, &keys)?, silence, clock::now())?;
    match arguments.format {
        Format::Text => print_text(&found),
        Format::Json => print_json(&found),
    }
    Ok(Outcome::Holds)
}

fn print_text(found: &[Gap]) {
    for gap in found {
        let until = gap
            .until
            .map_or_else(|| "now".to_owned(), |until| format!("{until:.0}"));
        anstream::println!("{:.0}  to  {until:<20}  {}", gap.from, said(gap));
    }
    anstream::println!("{} times without a gate that watched", found.len());
}

fn said(gap: &Gap) -> String {
    gap.kind.as_str().replace('_', " ")
}

fn print_json(found: &[Gap]) {
    let rows: Vec<_> = found
        .iter()
        .map(|gap| {
            json!({
                "kind": gap.kind.as_str(), "from": gap.from.to_string(),
                "until": gap.until.map(|until| until.to_string()), "after_entry": gap.after,
            })
        })
        .collect();
    anstream::println!("{:#}", json!({ "schema": "averment.gaps/1", "gaps": rows }));
}
