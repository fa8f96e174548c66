//! `averment scan site`: a site visited by an installed Chromium, as one kind of visitor.

use std::path::PathBuf;
use std::time::Duration;

use averment_scan::har::Reader;
use averment_scan::site::{Journey, Recording, SiteError, Visit, find, key_digests, visit};
use averment_scan::{Look, Seen};
use clap::Args;

use super::har::{looker, role, us};
use super::people::{KnownPeople, nobody};
use super::{ScanOptions, finish};
use crate::clock;
use crate::house::AskedToStop;
use crate::outcome::{Failure, Outcome};

/// Largest journey.
const JOURNEY_MAX_BYTES: u64 = 1 << 20;

#[derive(Debug, Args)]
pub(crate) struct SiteArgs {
    /// Where the visit begins: `https://learn.example.org/`
    url: String,
    /// Steps to take there, as TOML: see docs/scan-browser.md
    #[arg(long, value_name = "FILE")]
    journey: Option<PathBuf>,
    /// As whom the journey visits: `teacher`
    #[arg(long = "as", value_name = "ROLE", value_parser = role)]
    role: Option<String>,
    /// Write the recording here, without cookies' values and what was filled in
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
    /// Write it with everything: whoever has the file can enter as the visitor
    #[arg(long, requires = "har")]
    keep_values: bool,
    /// The browser's program; the first Chromium in the path when absent
    #[arg(long, value_name = "PATH")]
    chromium: Option<PathBuf>,
    /// Without the browser's sandbox: as root, and where a container forbids it
    #[arg(long)]
    no_sandbox: bool,
    /// Names to look up elsewhere: `MAP staging.example.org 10.0.0.4:8080`
    #[arg(long, value_name = "RULES")]
    resolver_rules: Option<String>,
    /// Certificates to believe besides the system's, as PEM: of a staging site
    /// with an authority of its own, which has to send it in its chain. Names
    /// and last days are not checked under them
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// Seconds that a step may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..))]
    step_within: u16,
    #[command(flatten)]
    people: KnownPeople,
    #[command(flatten)]
    pub(super) options: ScanOptions,
}

pub(crate) fn run(arguments: &SiteArgs) -> Result<Outcome, Failure> {
    let known = arguments.people.known(&arguments.options)?;
    let planned = planned(arguments)?;
    let (recording, failed) = visited(&planned)?;
    write(&recording, &planned, arguments)?;
    let (nobody, us) = (nobody(), us(&arguments.options)?);
    let mut reader = Reader::new(looker(known.as_ref(), &nobody, &us));
    let document = recording.document().to_string();
    reader.read("the visit", arguments.role.as_deref(), document.as_bytes());
    let seen = reader.finish(Look::Site, clock::now());
    // What was seen until then is shown: it is true, and it is not all.
    let outcome = finish(told(seen, &recording, failed.as_ref()), Vec::new(), &arguments.options)?;
    match failed {
        Some(error) => Err(error.into()),
        None => Ok(outcome),
    }
}

/// The look, with what the visit could not do.
fn told(mut seen: Seen, recording: &Recording, failed: Option<&SiteError>) -> Seen {
    let mut note = |because: String| {
        let spot = averment_scan::Spot {
            file: "the visit".to_owned(),
            ..averment_scan::Spot::default()
        };
        seen.coverage.unread.push(averment_scan::Unread { spot, because });
    };
    if let Some(error) = failed {
        note(error.to_string());
    }
    if recording.left_out() > 0 {
        note(format!(
            "{} requests or bodies were beyond the limits",
            recording.left_out()
        ));
    }
    seen
}

fn planned(arguments: &SiteArgs) -> Result<Visit, Failure> {
    let chromium = match &arguments.chromium {
        Some(program) => program.clone(),
        None => find(&std::env::var_os("PATH").unwrap_or_default())
            .map_err(|error| Failure::from(error).hint("`--chromium PATH` names another program"))?,
    };
    Ok(Visit {
        chromium,
        url: arguments.url.clone(),
        journey: journey(arguments)?,
        step_within: Duration::from_secs(arguments.step_within.into()),
        no_sandbox: arguments.no_sandbox,
        resolver_rules: arguments.resolver_rules.clone(),
        trust: trusted(&arguments.trust)?,
    })
}

/// Digests of the keys of the certificates in these files.
fn trusted(files: &[PathBuf]) -> Result<Vec<String>, Failure> {
    let mut all = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
        let digests = key_digests(&text);
        all.extend(
            digests.ok_or_else(|| Failure::new(format!("expected certificates as PEM in `{}`", file.display())))?,
        );
    }
    Ok(all)
}

fn journey(arguments: &SiteArgs) -> Result<Journey, Failure> {
    let Some(file) = &arguments.journey else {
        return Ok(Journey::default());
    };
    let unreadable = || format!("cannot read `{}`", file.display());
    let length = std::fs::metadata(file)
        .map_err(|error| Failure::new(unreadable()).because(error))?
        .len();
    if length > JOURNEY_MAX_BYTES {
        return Err(Failure::new(format!(
            "{}: expected at most {JOURNEY_MAX_BYTES} bytes",
            unreadable()
        )));
    }
    let text = std::fs::read_to_string(file).map_err(|error| Failure::new(unreadable()).because(error))?;
    let environment = |name: &str| std::env::var_os(name).and_then(|value| value.into_string().ok());
    Journey::parse(&text, &environment)
        .map_err(|error| Failure::new(format!("journey `{}`", file.display())).because(error))
}

/// Visits until done, or until asked to stop; the browser is gone in either case.
#[tokio::main(flavor = "current_thread")]
async fn visited(planned: &Visit) -> Result<(Recording, Option<SiteError>), Failure> {
    let mut asked = AskedToStop::listen()?;
    tokio::select! {
        visited = visit(planned) => Ok(visited?),
        () = asked.wait() => Err(Failure::new("stopped before the visit was over")),
    }
}

fn write(recording: &Recording, planned: &Visit, arguments: &SiteArgs) -> Result<(), Failure> {
    let Some(file) = &arguments.har else { return Ok(()) };
    let document = if arguments.keep_values {
        recording.document()
    } else {
        recording.without_secrets(&planned.journey)
    };
    write_private(file, format!("{document:#}\n").as_bytes())
        .map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))
}

/// For the owner alone: even without secrets it says what somebody did.
fn write_private(file: &std::path::Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let mut options = std::fs::OpenOptions::new();
    let mut opened = options.write(true).create(true).truncate(true).mode(0o600).open(file)?;
    // One that was there may have been open to others.
    opened.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    opened.write_all(bytes)
}
