//! Programs of the house as children: servers that end with their value, and commands that are waited for.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::run::{built, line};

/// A server that is killed with its value.
pub(super) struct Server {
    process: Child,
    lines: Vec<String>,
    /// Held open: who writes to a pipe that nobody reads any more is ended by it.
    output: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// Starts it, and reads what it says until a line begins with `ready`.
    pub(super) fn start(mut command: Command, ready: &str, log: &Path) -> Result<Self, String> {
        let name = line(&command);
        let failed = |error: std::io::Error| format!("`{name}` cannot be started: {error}");
        let log_file = std::fs::File::options().create(true).append(true).open(log);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.stderr(log_file.map_err(failed)?);
        let mut process = command.spawn().map_err(failed)?;
        let output = process.stdout.take().ok_or("its output is not piped")?;
        let mut server = Self {
            process,
            lines: Vec::new(),
            output: BufReader::new(output),
        };
        loop {
            let mut line = String::new();
            let read = server.output.read_line(&mut line).map_err(failed)?;
            if read == 0 {
                return Err(format!("`{name}` ended; `{}` says why", log.display()));
            }
            let is_ready = line.trim_start().starts_with(ready);
            server.lines.push(line.trim().to_owned());
            if is_ready {
                return Ok(server);
            }
        }
    }

    /// What it said behind a word.
    pub(super) fn said(&self, word: &str) -> Result<&str, String> {
        let found = self.lines.iter().find_map(|line| line.strip_prefix(word));
        found
            .and_then(|rest| rest.split_whitespace().next())
            .ok_or_else(|| format!("the server says nothing of `{word}`"))
    }

    /// Asks it to end, as Ctrl-C does, and waits.
    pub(super) fn stop(mut self) -> Result<(), String> {
        let id = self.process.id().to_string();
        let asked = Command::new("kill").args(["-INT", &id]).status();
        asked.map_err(|error| format!("`kill` cannot be started: {error}"))?;
        let ended = self.process.wait().map_err(|error| error.to_string())?;
        match ended.code() {
            Some(0) => Ok(()),
            _ => Err(format!("a server ended with {ended}")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a command printed, and how it ended.
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// Runs it to its end.
pub(super) fn ran(command: &mut Command) -> Result<Ran, String> {
    let name = line(command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    Ok(Ran {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs it; anything but 0 is an error with what it printed.
pub(super) fn well(command: &mut Command) -> Result<String, String> {
    let ran = ran(command)?;
    match ran.code {
        Some(0) => Ok(ran.stdout),
        code => Err(format!(
            "`{}` ended with {code:?}:\n{}{}",
            line(command),
            ran.stdout,
            ran.stderr
        )),
    }
}

/// A program of the house. The kernel asks it to end when whoever started it is gone, however that went.
pub(super) fn program(name: &str) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "TERM"])
        .arg(built(name))
        .env("NO_COLOR", "1");
    command
}
