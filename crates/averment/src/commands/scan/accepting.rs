//! The baseline: drift that is accepted for a time.

use std::path::{Path, PathBuf};

use averment_scan::{BASELINE_FILE, Baseline, Report, additions};
use jiff::civil::Date;

use super::options::ScanOptions;
use crate::outcome::Failure;

/// Largest file.
const BYTES_MAX: u64 = 1 << 22;

/// Marks what the baseline accepts; with `--write-baseline` also adds what it does not, and says so.
pub(super) fn accept(report: &mut Report, options: &ScanOptions, today: Date) -> Result<Option<String>, Failure> {
    let file = match (&options.baseline, options.write_baseline) {
        (Some(file), _) => file.clone(),
        (None, true) => PathBuf::from(BASELINE_FILE),
        (None, false) => return Ok(None),
    };
    let text = read(&file, options.write_baseline)?;
    let baseline = Baseline::read(&text, today).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::new(format!(
            "`{}` accepts nothing as it stands:\n{}",
            file.display(),
            lines.join("\n")
        ))
        .hint("docs/drift.md names every field")
    })?;
    baseline.apply(report, today);
    if !options.write_baseline {
        return Ok(None);
    }
    add(&file, &text, &baseline, report, today).map(Some)
}

fn read(file: &Path, may_be_new: bool) -> Result<String, Failure> {
    let failed = |error| Failure::new(format!("cannot read `{}`", file.display())).because(error);
    match std::fs::metadata(file) {
        Err(error) if may_be_new && error.kind() == std::io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(failed(error)),
        Ok(about) if about.len() > BYTES_MAX => {
            return Err(Failure::new(format!(
                "`{}`: expected at most {BYTES_MAX} bytes",
                file.display()
            )));
        }
        Ok(_) => {}
    }
    std::fs::read_to_string(file).map_err(failed)
}

/// Writes behind what stands there, which stays as it is.
fn add(file: &Path, text: &str, baseline: &Baseline, report: &Report, today: Date) -> Result<String, Failure> {
    let (count, fresh) = additions(baseline, report, today);
    if count == 0 {
        return Ok(format!("{}: nothing to add", file.display()));
    }
    let fresh = if text.is_empty() { fresh.trim_start() } else { &fresh };
    let parted = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let written = std::fs::write(file, format!("{text}{parted}{fresh}"));
    written.map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))?;
    Ok(format!(
        "{}: {count} added; write a reason for each, without one the file is refused",
        file.display()
    ))
}
