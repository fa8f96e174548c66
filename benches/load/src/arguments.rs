//! What can be asked for, and the plan that comes of it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Parser};
use hyper::Uri;

use crate::connection::{Client, Protocol, Route, SetupError, Target};
use crate::event_body;
use crate::measure::{Limits, Plan};

/// How many different bodies are sent in turn, so that nothing on the way can profit from seeing the same bytes again.
const BODIES: u64 = 32;

/// Sends analytics events in a closed loop and prints how it went as one line of JSON.
#[derive(Debug, Parser)]
#[command(name = "averment-load", version, max_term_width = 80)]
#[command(group(ArgGroup::new("route").required(true).args(["proxy", "connect_to"])))]
#[command(after_help = "Exit codes: 0 every request was answered with success, 1 not every one,\n2 could not measure.")]
pub(crate) struct Arguments {
    /// Go through the proxy at this loopback address, by CONNECT
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    pub(crate) proxy: Option<SocketAddr>,
    /// Go straight to this loopback address, whatever the host of the target
    #[arg(long, value_name = "ADDRESS", value_parser = loopback)]
    pub(crate) connect_to: Option<SocketAddr>,
    /// Where the events are addressed to: an https URL; its host is verified but never resolved
    #[arg(long, value_name = "URL")]
    pub(crate) target: Uri,
    /// Trust the certificates in these PEM files, and no others
    #[arg(long, value_name = "FILE", required = true, num_args = 1..)]
    pub(crate) trust: Vec<PathBuf>,
    /// Connections, each with one request under way
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = RangedU64ValueParser::<usize>::new().range(1..=256))]
    pub(crate) connections: usize,
    /// How long to send
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = RangedU64ValueParser::<u64>::new().range(1..=600))]
    pub(crate) seconds: u64,
    /// Stop after this many requests even when there is time left
    #[arg(long, value_name = "COUNT", default_value_t = 5_000_000, value_parser = RangedU64ValueParser::<u64>::new().range(1..=5_000_000))]
    pub(crate) requests_max: u64,
    /// Requests per second to keep to, all connections together, instead of as many as there can be; a request that
    /// begins late counts from when it was due
    #[arg(long, value_name = "COUNT", value_parser = RangedU64ValueParser::<u32>::new().range(1..=100_000))]
    pub(crate) rate: Option<u32>,
    /// Bytes of each request body
    #[arg(long, value_name = "BYTES", default_value_t = 1024, value_parser = RangedU64ValueParser::<usize>::new().range(512..=1_000_000))]
    pub(crate) body_bytes: usize,
    /// Speak HTTP/2 instead of HTTP/1.1
    #[arg(long)]
    pub(crate) http2: bool,
}

impl Arguments {
    /// Reads the certificates, makes the bodies, and leaves nothing to do but send.
    ///
    /// # Errors
    /// [`SetupError`] when the target is not an https URL with a host name, or a certificate cannot be read.
    pub(crate) fn plan(self) -> Result<Plan, SetupError> {
        let protocol = if self.http2 { Protocol::Http2 } else { Protocol::Http1 };
        let client = Client::new(self.route()?, Target::new(self.target)?, protocol, &self.trust)?;
        let limits = Limits {
            time: Duration::from_secs(self.seconds),
            requests_max: self.requests_max,
            rate: self.rate,
        };
        let bodies = (0..BODIES)
            .map(|seed| event_body::generate(seed, self.body_bytes))
            .collect();
        Ok(Plan {
            client,
            connections: self.connections,
            limits,
            bodies,
        })
    }

    fn route(&self) -> Result<Route, SetupError> {
        match (self.proxy, self.connect_to) {
            (Some(address), None) => Ok(Route::Proxy(address)),
            (None, Some(address)) => Ok(Route::Direct(address)),
            _ => Err(SetupError::Route),
        }
    }
}

fn loopback(text: &str) -> Result<SocketAddr, String> {
    let address: SocketAddr = text
        .parse()
        .map_err(|_| "expected an address and port like `127.0.0.1:4180`".to_owned())?;
    if !address.ip().is_loopback() {
        return Err("only loopback addresses: load is never sent to another machine".to_owned());
    }
    Ok(address)
}
