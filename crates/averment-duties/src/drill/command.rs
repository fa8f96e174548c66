//! Programs of others as drills: run with a time limit, their exit code is what counts.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{Drill, Drilled};

/// Most that is kept of what a program says.
const SAID_BYTES_MAX: u64 = 1 << 20;
const SAID_LINES_MAX: usize = 40;
/// How often it is asked whether it has ended.
const ASK_EVERY: Duration = Duration::from_millis(50);

/// How a program ended.
pub(super) enum Ended {
    /// By itself, with the last lines that it said.
    Exit(ExitStatus, Vec<String>),
    /// Not in time.
    Late,
    /// It never began.
    NotStarted,
}

pub(super) fn run(drill: &Drill, drilled: &mut Drilled) {
    let Some((program, arguments)) = drill.command.split_first() else {
        return drilled.probed.missed(1, "nothing says which program to run: `command`");
    };
    let mut command = Command::new(program);
    command.args(arguments);
    match within(command, Duration::from_secs(drill.within_s)) {
        Ended::NotStarted => drilled.probed.missed(1, format!("`{program}` could not be started")),
        Ended::Late => drilled
            .probed
            .missed(1, format!("`{program}` did not end within {} seconds", drill.within_s)),
        Ended::Exit(status, said) => {
            drilled.said = said;
            drilled.probed.saw(1);
            let code = status.code();
            match code {
                Some(0) => drilled.probed.note(format!("`{program}` ended with 0")),
                Some(code) => drilled.probed.against(1, format!("`{program}` ended with {code}")),
                None => drilled.probed.against(1, format!("`{program}` was ended by a signal")),
            }
        }
    }
}

/// Runs a program to its end, or ends it.
pub(super) fn within(mut command: Command, limit: Duration) -> Ended {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        return Ended::NotStarted;
    };
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut output) = output {
            _ = output.by_ref().take(SAID_BYTES_MAX).read_to_end(&mut said);
            // Whoever says more must not wait for us.
            _ = std::io::copy(&mut output, &mut std::io::sink());
        }
        said
    });
    let Some(status) = wait(&mut child, limit) else {
        _ = child.kill();
        _ = child.wait();
        return Ended::Late;
    };
    let said = reader.join().unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<String> = said.lines().map(visible).collect();
    Ended::Exit(status, lines[lines.len().saturating_sub(SAID_LINES_MAX)..].to_vec())
}

/// A line without what terminals obey.
fn visible(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(400).collect()
}

fn wait(child: &mut Child, limit: Duration) -> Option<ExitStatus> {
    let began = Instant::now();
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        if began.elapsed() > limit {
            return None;
        }
        std::thread::sleep(ASK_EVERY);
    }
}
