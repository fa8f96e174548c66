//! The browser's program: found, started with a profile of its own, and ended with everything that it started.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::{SiteError, Visit};

/// Names of the program, in the order in which they are tried.
const PROGRAMS: [&str; 5] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
];
/// How long a start may take.
const START_WITHIN: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// How often it is tried to remove the profile: three seconds.
const REMOVE_TRIES: u32 = 150;
/// How long it may take to end by itself.
const END_WITHIN: Duration = Duration::from_secs(3);

/// A fresh browser with little of its own to do; everything a page does stays as it is for a visitor. What the browser contacts
/// of its own accord is no page's and is not recorded.
const FLAGS: [&str; 16] = [
    "--headless=new",
    "--remote-debugging-port=0",
    "--remote-debugging-address=127.0.0.1",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--password-store=basic",
    "--mute-audio",
    // An address that is written as http is asked for as http, so that plain http is seen.
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,OptimizationHints,Translate,MediaRouter",
];

/// The first program of the known names in `path`, the search path of the environment.
///
/// # Errors
/// [`SiteError::NoChromium`].
pub fn find(path: &OsStr) -> Result<PathBuf, SiteError> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    let mut candidates = PROGRAMS
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates
        .find(|program| program.is_file())
        .ok_or(SiteError::NoChromium)
}

/// A running browser. Dropped, it is killed and its profile removed.
pub(super) struct Browser {
    /// Its group: it, and everything that it started.
    group: Option<Pid>,
    child: Child,
    profile: TempDir,
    address: String,
}

impl Browser {
    /// Starts it and waits until it can be talked to.
    pub(super) async fn start(visit: &Visit) -> Result<Self, SiteError> {
        let profile = tempfile::Builder::new().prefix("averment-visit-").tempdir()?;
        let mut command = Command::new(&visit.chromium);
        // Chromium keeps a socket in the temporary folder, which a kill would leave there.
        command
            .args(FLAGS)
            .arg(user_data(profile.path()))
            .env("TMPDIR", profile.path());
        if visit.no_sandbox {
            command.arg("--no-sandbox");
        }
        if let Some(rules) = &visit.resolver_rules {
            command.arg(format!("--host-resolver-rules={rules}"));
        }
        if !visit.trust.is_empty() {
            let keys = visit.trust.join(",");
            command.arg(format!("--ignore-certificate-errors-spki-list={keys}"));
        }
        // A group of its own, so that whatever it starts ends with it.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        let child = command.arg("about:blank").spawn().map_err(|source| SiteError::Start {
            program: visit.chromium.clone(),
            source,
        })?;
        let address = String::new();
        // Once the process has ended its number is not told any more, and others of its group may still run.
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        let mut browser = Self {
            child,
            group,
            profile,
            address,
        };
        browser.address = tokio::time::timeout(START_WITHIN, browser.announced())
            .await
            .map_err(|_| SiteError::Ended)??;
        Ok(browser)
    }

    /// Where it listens, as it writes into its profile.
    async fn announced(&mut self) -> Result<String, SiteError> {
        let file = self.profile.path().join("DevToolsActivePort");
        loop {
            if let Ok(text) = std::fs::read_to_string(&file)
                && let Some((port, path)) = text.trim_end().split_once('\n')
                && let Ok(port) = port.parse::<u16>()
            {
                return Ok(format!("ws://127.0.0.1:{port}{path}"));
            }
            if self.child.try_wait()?.is_some() {
                return Err(SiteError::Ended);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits a moment for it to end, as it was asked to, and kills it otherwise.
    pub(super) async fn close(mut self) {
        let _ = tokio::time::timeout(END_WITHIN, self.child.wait()).await;
    }

    fn kill(&mut self) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.kill();
        // Processes that are being killed may still write into the profile, so that it is not empty when it is removed.
        for _ in 0..REMOVE_TRIES {
            let _ = self.child.try_wait();
            let removed = std::fs::remove_dir_all(self.profile.path());
            if removed.is_ok() || !self.profile.path().exists() {
                return;
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }
}

fn user_data(profile: &Path) -> std::ffi::OsString {
    let mut flag = std::ffi::OsString::from("--user-data-dir=");
    flag.push(profile);
    flag
}
