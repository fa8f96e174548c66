//! `averment access serve`: the decision API at an address of its own, for whoever has the token.

use std::net::SocketAddr;
use std::path::PathBuf;

use averment_console::access;
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::open;
use crate::decisions;
use crate::outcome::{Failure, Outcome};

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Folder of the register
    register: PathBuf,
    /// Where to listen; loopback or a private network
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4184")]
    listen: SocketAddr,
    /// File with the token that every question asks for (`Authorization: Bearer`); `AVERMENT_ACCESS_TOKEN` when absent
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The address that others reach it at, without a slash at its end; `http://` and the address listened on when absent
    #[arg(long, value_name = "URL")]
    public: Option<String>,
}

#[tokio::main]
pub(super) async fn run(arguments: &ServeArgs) -> Result<Outcome, Failure> {
    decisions::stays_inside(arguments.listen, arguments.public.as_deref(), "--public")?;
    let (_, rules) = open(&arguments.register)?;
    let token = decisions::token(arguments.token_file.as_deref(), "--token-file")?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .map_err(|error| Failure::new(format!("cannot listen on `{}`", arguments.listen)).because(error))?;
    let address = listener.local_addr()?;
    let guarded = decisions::guarded(rules, token, arguments.public.as_deref(), address);
    anstream::println!("decides at http://{address}/access/v1/evaluation");
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        _ = tokio::signal::ctrl_c().await;
        stopping.cancel();
    });
    averment_console::serve(listener, access::router(guarded), stop).await?;
    Ok(Outcome::Holds)
}
