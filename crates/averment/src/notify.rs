//! What the service manager is told: ready, reading again, stopping, still alive.
//!
//! Start at [`tell`]. Does nothing where nobody wants to be told. Source: sd_notify(3), sd_watchdog_enabled(3).

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio_util::sync::CancellationToken;

/// What there is to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    /// Callers are served.
    Ready,
    /// Register and settings are being read again; [`News::Ready`] follows, whatever becomes of it.
    Reloading,
    /// Nothing new is taken.
    Stopping,
    /// Still alive.
    Alive,
}

impl News {
    fn text(self) -> String {
        match self {
            Self::Ready => "READY=1".to_owned(),
            Self::Reloading => {
                let now = clock_gettime(ClockId::Monotonic);
                let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1000;
                format!("RELOADING=1\nMONOTONIC_USEC={microseconds}")
            }
            Self::Stopping => "STOPPING=1".to_owned(),
            Self::Alive => "WATCHDOG=1".to_owned(),
        }
    }
}

/// Tells the service manager. That it cannot be told is logged and changes nothing.
pub(crate) fn tell(news: News) {
    let Some(address) = variable("NOTIFY_SOCKET") else {
        return;
    };
    if let Err(error) = send(&address, &news.text()) {
        tracing::warn!(%error, ?news, "the service manager cannot be told");
    }
}

fn send(address: &str, text: &str) -> std::io::Result<()> {
    let address = match address.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(address)?,
    };
    UnixDatagram::unbound()?
        .send_to_addr(text.as_bytes(), &address)
        .map(|_| ())
}

/// Says that the program lives, twice as often as the service manager wants to hear it, until `stop`. It runs among the
/// tasks that serve callers: when those are stuck, so is this.
pub(crate) async fn stay_alive(stop: CancellationToken) {
    let Some(every) = watchdog_interval() else {
        return;
    };
    while stop.run_until_cancelled(tokio::time::sleep(every)).await.is_some() {
        tell(News::Alive);
    }
}

fn watchdog_interval() -> Option<Duration> {
    let is_ours = variable("WATCHDOG_PID").is_none_or(|pid| pid == std::process::id().to_string());
    let microseconds: u64 = variable("WATCHDOG_USEC")?.parse().ok()?;
    (is_ours && microseconds > 0).then(|| Duration::from_micros(microseconds / 2))
}

#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
