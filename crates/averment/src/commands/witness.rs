//! `averment witness`: signs checkpoints of other people's logs, each only when it continues the one before.

use averment_ledger::VerifierKey;
use averment_witness::{Keeper, open_key, router, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::cli::WitnessArgs;
use crate::clock;
use crate::house::AskedToStop;
use crate::outcome::{Failure, Outcome};

#[tokio::main]
pub(crate) async fn run(arguments: &WitnessArgs) -> Result<Outcome, Failure> {
    let mut asked = AskedToStop::listen()?;
    let logs = arguments
        .logs
        .iter()
        .map(|named| verifier(named))
        .collect::<Result<Vec<_>, _>>()?;
    let key = open_key(&arguments.keys, &arguments.data, arguments.name.as_deref())?;
    let keeper = Keeper::open(&arguments.data, key, logs)?;
    let listener = TcpListener::bind(arguments.listen).await.map_err(|error| {
        Failure::new(format!("cannot listen on `{}`", arguments.listen))
            .because(error)
            .hint("name a free address with `--listen ADDRESS`")
    })?;
    anstream::println!("  witness   http://{}/", listener.local_addr()?);
    anstream::println!("  key       {}", keeper.cosigner());
    for (origin, is_begun) in keeper.logs() {
        let state = if is_begun { "" } else { " (nothing signed yet)" };
        anstream::println!("  log       {origin}{state}");
    }
    anstream::println!("\nready; Ctrl-C stops");
    let stop = CancellationToken::new();
    let stopping = stop.clone();
    tokio::spawn(async move {
        asked.wait().await;
        stopping.cancel();
    });
    serve(listener, router(keeper, seconds), stop).await?;
    anstream::println!("stopped; everything signed is on disk");
    Ok(Outcome::Holds)
}

/// Seconds since 1970 UTC, at least 1: a cosignature without a time is none.
fn seconds() -> u64 {
    u64::try_from(clock::now().as_second()).unwrap_or(0).max(1)
}

/// A key, or a file that holds it.
pub(crate) fn verifier(named: &str) -> Result<VerifierKey, Failure> {
    let text = std::fs::read_to_string(named).unwrap_or_else(|_| named.to_owned());
    let key = text.trim().parse::<VerifierKey>();
    key.map_err(|error| Failure::from(error).hint("`averment-data/ledger/0001/verifier` holds such a key"))
}
