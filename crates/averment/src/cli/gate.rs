//! What can be asked of the gate: started, watched, asked why.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Folders, Format};

/// How the gate reaches third parties.
#[derive(Debug, Clone, Args)]
pub(crate) struct UpstreamArgs {
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) trust: Vec<PathBuf>,
    /// Send every connection to this address, whatever the host; the host's name is still verified
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) connect_to: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Folder of the register; the bundled example when absent
    pub(crate) register: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) folders: Folders,
    /// File with how this gate is run: services, limits, routes, credentials
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// How the stores of the data map are reached, and when what is due goes; `averment-duties.toml` when it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) duties: Option<PathBuf>,
    /// Take the sockets of the gate that runs on the data folder, and its place when it has finished
    #[arg(long)]
    pub(crate) take_over: bool,
    /// Address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    pub(crate) gate: SocketAddr,
    /// Address of the public page and the status view
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4181")]
    pub(crate) page: SocketAddr,
    /// Start a sink on this address and send everything there; the default for the bundled example
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, default_missing_value = "127.0.0.1:4182")]
    pub(crate) sink: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) decisions: crate::decisions::DecisionArgs,
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GateArgs {
    /// Folder of the register
    pub(crate) register: PathBuf,
    #[command(flatten)]
    pub(crate) folders: Folders,
    /// File with how this gate is run: services, limits, routes, credentials
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Take the sockets of the gate that runs on the data folder, and its place when it has finished
    #[arg(long)]
    pub(crate) take_over: bool,
    /// Address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    pub(crate) gate: SocketAddr,
    #[command(flatten)]
    pub(crate) upstream: UpstreamArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Folder of the register; or the identifier of a request that is on record, from its `averment-request` header
    #[arg(value_name = "REGISTER|ID")]
    pub(crate) subject: PathBuf,
    /// File with one HTTP/1.1 request as text; `-` for standard input
    pub(crate) request: Option<PathBuf>,
    /// File with how the gate is run: services, cut-offs, canaries, conditions
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// Name of the service that sends it; its token is not needed
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) folders: Folders,
}

#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    /// Admin address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4183")]
    pub(crate) admin: SocketAddr,
    /// Count what is in the ledger of this data folder instead; without times
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Print the table once and end, for scripts
    #[arg(long)]
    pub(crate) once: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) every: u64,
}

#[derive(Debug, Args)]
pub(crate) struct SinkArgs {
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4182")]
    pub(crate) listen: SocketAddr,
    /// Write the certificate to trust here
    #[arg(long, value_name = "FILE", default_value = "averment-sink.pem")]
    pub(crate) certificate: PathBuf,
}
