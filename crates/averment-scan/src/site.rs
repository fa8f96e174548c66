//! A site visited by an installed Chromium: a scripted journey, recorded as HAR 1.2 and then read like any other recording.
//!
//! Start at [`visit`]. The browser gets a fresh profile in a temporary folder, is driven over its DevTools protocol on loopback,
//! and is gone with the profile whichever way the visit ends. Bodies of answers are not recorded.
//!
//! Invariant: what a journey fills in never stands in an argument, an error or a recording ([`Recording::without_secrets`]).
//!
//! Source: Chrome DevTools Protocol, domains Target, Network, Page, Runtime and Input.

mod chromium;
mod client;
mod journey;
mod record;
mod secrets;
mod sockets;
mod steps;
mod trust;

use std::path::PathBuf;
use std::time::Duration;

pub use chromium::find;
pub use journey::{Journey, JourneyError};
pub use record::Recording;
pub use trust::key_digests;

use client::Client;

/// How a site is visited.
#[derive(Debug)]
pub struct Visit {
    /// The browser's program.
    pub chromium: PathBuf,
    /// Where it begins.
    pub url: String,
    /// What is done there.
    pub journey: Journey,
    /// How long one step may take.
    pub step_within: Duration,
    /// Leave the browser's sandbox away: for containers that forbid it, and for `root`.
    pub no_sandbox: bool,
    /// Names that are looked up elsewhere, in the browser's words: `MAP staging.example 10.0.0.4:8443`.
    pub resolver_rules: Option<String>,
    /// Digests of the keys of certificates to believe besides the system's, as [`key_digests`] gives them.
    pub trust: Vec<String>,
}

/// Why a site could not be visited. Nothing of what was filled in or sent is in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// No program of the known names.
    #[error(
        "no Chromium found: expected `chromium`, `chromium-browser` or `google-chrome` in the path; the Debian package is `chromium`"
    )]
    NoChromium,
    /// The address is none that a browser opens.
    #[error("expected an address that begins with `http://` or `https://`")]
    Address,
    /// The program does not start.
    #[error("`{}` cannot be started", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It ended, or never said where it can be reached.
    #[error("the browser ended before it could be used; as root or in a container it may need `--no-sandbox`")]
    Ended,
    /// Something of this machine failed.
    #[error("the browser cannot be talked to")]
    Talk(#[from] std::io::Error),
    /// The connection to the browser broke.
    #[error("the connection to the browser broke")]
    Broken,
    /// The browser refused a command of the protocol.
    #[error("the browser refused `{method}`")]
    Refused {
        /// The command.
        method: &'static str,
    },
    /// A step of the journey failed.
    #[error("step {number} of the journey, `{step}`: {because}")]
    Step {
        /// From 1; 0 is the opening of the first page.
        number: usize,
        /// What was to be done, without values.
        step: String,
        /// Why it could not.
        because: &'static str,
    },
}

/// Visits a site and records what the browser contacts, sends and is told to keep. What was recorded until a step failed is
/// given beside the failure.
///
/// # Errors
/// [`SiteError`] where not even the browser could be used.
pub async fn visit(visit: &Visit) -> Result<(Recording, Option<SiteError>), SiteError> {
    if !visit.url.starts_with("http://") && !visit.url.starts_with("https://") {
        return Err(SiteError::Address);
    }
    let browser = chromium::Browser::start(visit).await?;
    let mut client = Client::connect(browser.address()).await?;
    let done = steps::walk(&mut client, visit).await;
    let recording = client.into_recording().await;
    browser.close().await;
    match done {
        Ok(()) => Ok((recording, None)),
        Err(error @ SiteError::Step { .. }) => Ok((recording, Some(error))),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
