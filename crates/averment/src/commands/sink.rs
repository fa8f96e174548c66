//! `averment sink`: a loopback server that stands in for every third party.

use std::path::Path;

use averment_gate::{Clock, Received, Sink};

use crate::cli::SinkArgs;
use crate::clock;
use crate::house::AskedToStop;
use crate::outcome::{Failure, Outcome};

#[tokio::main]
pub(crate) async fn run(arguments: &SinkArgs) -> Result<Outcome, Failure> {
    let mut asked = AskedToStop::listen()?;
    let sink = Sink::start(arguments.listen, Clock::new(clock::now), print).await?;
    write_certificate(&sink, &arguments.certificate)?;
    anstream::println!("sink  {}", sink.address());
    anstream::println!("trust {}", arguments.certificate.display());
    anstream::println!("ready: answers every host; one line per request, without values; Ctrl-C stops");
    asked.wait().await;
    anstream::println!("{} requests received", sink.count());
    Ok(Outcome::Holds)
}

fn write_certificate(sink: &Sink, file: &Path) -> Result<(), Failure> {
    std::fs::write(file, sink.root_certificate_pem())
        .map_err(|error| Failure::new(format!("cannot write `{}`", file.display())).because(error))
}

/// Method and host only: path and body may hold anything.
fn print(received: &Received) {
    anstream::println!("{} {} {} bytes", received.method, received.host, received.body.len());
}
