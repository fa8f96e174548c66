//! `averment run`: a program behind the gate, and which of its connections went around it.
//!
//! Start at [`run`]. Without `--isolate` the connections of the program and of what it starts are looked at many times a
//! second; one that is shorter than that is not seen. With it the program has a network of its own with nothing in it but a
//! way to the gate, so nothing can go around, and tries are counted. Only addresses are told, never content.

mod connections;
mod isolate;

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use crate::behind;
use crate::cli::RunArgs;
use crate::outcome::{Failure, Outcome};
use connections::{Seen, Way};
use isolate::Isolated;
pub(crate) use isolate::enter;

/// How often connections are looked at.
const EVERY: Duration = Duration::from_millis(20);

#[tokio::main]
pub(crate) async fn run(arguments: &RunArgs) -> Result<Outcome, Failure> {
    let gate = arguments.behind.gate;
    tokio::net::TcpStream::connect(gate).await.map_err(|error| {
        Failure::new(format!("no gate answers at `{gate}`"))
            .because(error)
            .hint("start it, or name its address with `--gate ADDRESS`")
    })?;
    // What a program leaves behind is looked after here, so that its connections are still its own.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let (status, around) = if arguments.isolate {
        isolated(arguments).await?
    } else {
        watched(arguments).await?
    };
    Ok(if arguments.strict && around {
        Outcome::Contrary
    } else {
        Outcome::OfProgram(code(status))
    })
}

fn command(arguments: &RunArgs, behind: &crate::cli::BehindArgs) -> Result<Command, Failure> {
    let (program, rest) = arguments
        .program
        .split_first()
        .ok_or_else(|| Failure::new("no program is named"))?;
    let mut command = Command::new(program);
    command.args(rest).envs(behind::variables(behind)?);
    Ok(command)
}

fn start(mut command: Command) -> Result<Child, Failure> {
    let name = command.get_program().display().to_string();
    command
        .spawn()
        .map_err(|error| Failure::new(format!("cannot start `{name}`")).because(error))
}

/// Runs it as it is; tells what went around. Whether something did.
async fn watched(arguments: &RunArgs) -> Result<(ExitStatus, bool), Failure> {
    let child = start(command(arguments, &arguments.behind)?)?;
    let mut seen = Seen::new(arguments.behind.gate);
    let status = wait(child, || seen.look()).await?;
    let around: BTreeSet<String> = seen.all(Way::Around).map(ToString::to_string).collect();
    let through = seen.all(Way::Through).count();
    anstream::eprintln!(
        "averment: connections to the gate: {through}; addresses reached around it: {}",
        around.len()
    );
    for address in &around {
        anstream::eprintln!("  around  {address}");
    }
    Ok((status, !around.is_empty()))
}

/// Runs it with nothing but the gate; tells how often it tried something else. Whether it did.
async fn isolated(arguments: &RunArgs) -> Result<(ExitStatus, bool), Failure> {
    let place = Isolated::prepare(arguments.behind.gate)?;
    let behind = place.behind(&arguments.behind);
    let child = start(place.command(&command(arguments, &behind)?)?)?;
    let mut place = place.entered(&child)?;
    let status = wait(child, || {}).await?;
    let tries = place.tries();
    anstream::eprintln!(
        "averment: connections to the gate: {}; tries to go around it, stopped: {tries}",
        place.through()
    );
    Ok((status, tries > 0))
}

/// Waits for the program; passes on what it is asked by signals. Ctrl-C reaches it by itself.
async fn wait(mut child: Child, mut look: impl FnMut()) -> Result<ExitStatus, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {
                let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
                _ = pid.map(|pid| kill_process(pid, Signal::TERM));
            }
        }
        look();
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
    }
}

/// As a shell has it: 128 and the signal for what a signal ended.
fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
