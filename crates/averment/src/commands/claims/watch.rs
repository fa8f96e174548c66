//! Grades as they change: drawn anew in a terminal, one line per change otherwise.

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use averment_claims::{Fold, Grade, Graded, History, grade};
use averment_ledger::Entry;
use averment_store::{DataFolder, Follower, Keys};
use jiff::Timestamp;

use super::arguments::{ClaimsArgs, ClaimsFormat};
use super::print::{self, minute};
use crate::clock;
use crate::live::{CHANGES_SHOWN, Standing};
use crate::outcome::{Failure, Outcome};
use crate::register::Register;
use crate::text::wrap;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Moves to the upper left and clears; what terminals have understood since the VT100.
const CLEAR: &str = "\x1b[H\x1b[2J";

/// Until interrupted, or until nobody reads any more.
pub(super) fn run(arguments: &ClaimsArgs, register: &Register) -> Result<Outcome, Failure> {
    if arguments.format == ClaimsFormat::Json {
        return Err(Failure::new("`--watch` is for people").hint("leave `--format json` out"));
    }
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let mut follower = Follower::new(&folder, keys.verifier().clone());
    let mut fold = Fold::new(Arc::clone(&register.charter));
    let mut history = History::keeping(CHANGES_SHOWN);
    let mut shown: Option<BTreeMap<String, Grade>> = None;
    let mut entries = 0;
    loop {
        follower.read(|index, entry: Entry| {
            fold.push(&entry, index);
            history.push(&entry, index);
            entries = index + 1;
        })?;
        let now = clock::now();
        fold.forget(now);
        let evidence = fold.evidence(now);
        let graded = grade(&register.charter, &evidence, now);
        let standing = Standing {
            graded: arguments.asked_for(graded, &history, &register.name)?,
            charter: Arc::clone(&register.charter),
            history: history.clone(),
            watched: evidence.watched,
            now,
            entries,
        };
        if !show(&standing, arguments.format, shown.as_ref()) {
            return Ok(Outcome::Holds);
        }
        let grades = standing
            .graded
            .iter()
            .map(|graded| (graded.claim.id.to_string(), graded.overall));
        shown = Some(grades.collect());
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Whether anybody still reads.
fn show(standing: &Standing, format: ClaimsFormat, shown: Option<&BTreeMap<String, Grade>>) -> bool {
    let before = |graded: &Graded| shown.and_then(|shown| shown.get(graded.claim.id.as_str()).copied());
    let changed: Vec<&Graded> = standing
        .graded
        .iter()
        .filter(|graded| before(graded) != Some(graded.overall))
        .collect();
    if changed.is_empty() {
        return true;
    }
    let text = if std::io::stdout().is_terminal() {
        let drawn = match format {
            ClaimsFormat::Text => print::text(standing),
            _ => print::table(standing),
        };
        format!("{CLEAR}{}\n\n{drawn}", minute(standing.now))
    } else {
        changed
            .iter()
            .map(|graded| line(standing.now, before(graded), graded))
            .collect()
    };
    let mut out = anstream::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_ok()
}

fn line(now: Timestamp, before: Option<Grade>, graded: &Graded) -> String {
    let from = before.map_or_else(String::new, |before| format!("{} -> ", before.as_str()));
    let head = format!("{} {from}{} {}", minute(now), graded.overall.as_str(), graded.claim.id);
    format!("{head}\n    {}\n", wrap(&graded.reason, 79, "    "))
}
