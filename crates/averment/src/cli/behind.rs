//! How programs are led to a gate.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How programs are led to a gate.
#[derive(Debug, Clone, Args)]
pub(crate) struct BehindArgs {
    /// Address of the gate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4180")]
    pub(crate) gate: SocketAddr,
    /// Data folder of the gate: its authority is there, and the bundles are written there
    #[arg(long, value_name = "DIR", default_value = "averment-data")]
    pub(crate) data: PathBuf,
    /// Name of the calling service, as in the settings
    #[arg(long, value_name = "NAME", requires = "token_file")]
    pub(crate) service: Option<String>,
    /// File with the service's token
    #[arg(long, value_name = "FILE", requires = "service")]
    pub(crate) token_file: Option<PathBuf>,
    /// Name in the gate's own certificate, when its address is served over TLS
    #[arg(long, value_name = "NAME")]
    pub(crate) tls_name: Option<String>,
    /// Who signed that certificate (PEM), when it is nobody that the system trusts
    #[arg(long, value_name = "FILE", requires = "tls_name")]
    pub(crate) tls_authority: Option<PathBuf>,
    /// Hosts that are reached without the gate, besides this machine
    #[arg(long, value_name = "HOST")]
    pub(crate) direct: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    #[command(flatten)]
    pub(crate) behind: BehindArgs,
    /// For which shell
    #[arg(long, value_enum, default_value_t = Shell::Sh)]
    pub(crate) shell: Shell,
}

/// Who reads the variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shell {
    /// `eval "$(averment env)"`
    Sh,
    /// `averment env --shell fish | source`
    Fish,
    /// `averment env --shell powershell | Invoke-Expression`
    Powershell,
    /// One object
    Json,
    /// A file for `docker run --env-file`
    Docker,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: that of the program; with --strict 1 when something went around the\ngate; 2 when \
                        the program could not be started."
)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) behind: BehindArgs,
    /// Exit with 1 when a connection went around the gate
    #[arg(long)]
    pub(crate) strict: bool,
    /// Give the program a network of its own, from which only the gate can be reached
    #[arg(long, conflicts_with = "tls_name")]
    pub(crate) isolate: bool,
    /// The program and its arguments
    #[arg(required = true, last = true, value_name = "CMD")]
    pub(crate) program: Vec<std::ffi::OsString>,
}

/// What the inside of `run --isolate` is told.
#[derive(Debug, Args)]
pub(crate) struct EnterArgs {
    /// Where the socket is handed out
    pub(crate) meeting: PathBuf,
    /// The gate's port
    pub(crate) port: u16,
    /// The program and its arguments
    #[arg(required = true, last = true)]
    pub(crate) program: Vec<std::ffi::OsString>,
}
