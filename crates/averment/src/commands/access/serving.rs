//! `averment access serve`: the decision API at an address of its own, for whoever has the token.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use averment_console::access::{self, Guarded};
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::open;
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Folder of the register
    register: PathBuf,
    /// Where to listen; loopback or a private network
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4184")]
    listen: SocketAddr,
    /// File with the token that every question asks for (`Authorization: Bearer`)
    #[arg(long, value_name = "FILE")]
    token_file: PathBuf,
    /// The address that others reach it at, without a slash at its end; `http://` and the address listened on when absent
    #[arg(long, value_name = "URL")]
    public: Option<String>,
}

#[tokio::main]
pub(super) async fn run(arguments: &ServeArgs) -> Result<Outcome, Failure> {
    let (_, access) = open(&arguments.register)?;
    let token = std::fs::read_to_string(&arguments.token_file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", arguments.token_file.display())).because(error))?;
    if token.trim().is_empty() {
        return Err(Failure::new(format!(
            "`{}` holds no token",
            arguments.token_file.display()
        )));
    }
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| Failure::new(format!("cannot listen on `{}`", arguments.listen)).because(error))?;
    let address = listener.local_addr()?;
    let base = arguments.public.clone().unwrap_or_else(|| format!("http://{address}"));
    let router = access::router(Guarded {
        access: Arc::new(access),
        token: token.trim().to_owned(),
        base: base.trim_end_matches('/').to_owned(),
    });
    anstream::println!("decides at http://{address}/access/v1/evaluation");
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        _ = tokio::signal::ctrl_c().await;
        stopping.cancel();
    });
    averment_console::serve(listener, router, stop).await?;
    Ok(Outcome::Holds)
}
