//! Scratch databases on a PostgreSQL server, and dumps restored into them by the server's own programs.

use std::fs::File;
use std::io::{BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use averment_register::Engine;
use postgres::config::Host;

use super::command::{Ended, within};
use super::script::command_in;
use crate::connect::{Database, Next, open};

/// How the names of scratch databases begin.
const NAME: &str = "averment_drill_";

/// A database that goes with its value.
pub(super) struct Scratch {
    server: Box<dyn Database>,
    config: postgres::Config,
    name: String,
}

impl Scratch {
    /// Makes a database on the server at `address`. `mark`: digits that no other scratch database has; those with a smaller one
    /// than `stale` were left by a drill that was cut off, and go.
    pub(super) fn make(address: &str, mark: u128, stale: u128) -> Result<Self, String> {
        let config: postgres::Config = address
            .parse()
            .map_err(|_| "the address of the scratch server cannot be read")?;
        let mut server = open(Engine::Postgresql, address, &[]).map_err(|error| format!("scratch server: {error}"))?;
        sweep(&mut *server, stale);
        let name = format!("{NAME}{mark}");
        let made = server.change(&format!("create database {name} template template0"), &[]);
        made.map_err(|error| format!("scratch server: a database cannot be made: {error}"))?;
        Ok(Self { server, config, name })
    }

    /// Restores a dump.
    pub(super) fn restore(&self, dump: &Path, limit: Duration) -> Result<(), String> {
        let is_archive = is_archive(dump);
        let mut command = self.program(if is_archive { "pg_restore" } else { "psql" });
        match is_archive {
            true => command
                .args([
                    "--exit-on-error",
                    "--no-owner",
                    "--no-privileges",
                    "--dbname",
                    &self.name,
                ])
                .arg(dump),
            false => command
                .args([
                    "--no-psqlrc",
                    "--quiet",
                    "--single-transaction",
                    "--set",
                    "ON_ERROR_STOP=1",
                    "--dbname",
                    &self.name,
                ])
                .arg("--file")
                .arg(dump),
        };
        match within(command, limit) {
            Ended::Exit(status, _) if status.success() => Ok(()),
            Ended::Exit(..) => Err("the backup cannot be restored".to_owned()),
            Ended::Late => Err(format!("the restore did not end within {} seconds", limit.as_secs())),
            Ended::NotStarted => Err("`pg_restore` and `psql` could not be started".to_owned()),
        }
    }

    /// One of the server's programs, told by its environment how to connect: arguments are seen by everybody.
    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let ports: Vec<String> = self.config.get_ports().iter().map(u16::to_string).collect();
        command.env("PGHOST", hosts.collect::<Vec<_>>().join(","));
        if !ports.is_empty() {
            command.env("PGPORT", ports.join(","));
        }
        if let Some(user) = self.config.get_user() {
            command.env("PGUSER", user);
        }
        if let Some(password) = self.config.get_password() {
            command.env("PGPASSWORD", String::from_utf8_lossy(password).into_owned());
        }
        command
    }

    /// The restored database.
    pub(super) fn open(&self) -> Result<Box<dyn Database>, String> {
        let quoted = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        let mut words = vec![format!("dbname={}", quoted(&self.name))];
        let hosts: Vec<String> = self
            .config
            .get_hosts()
            .iter()
            .map(|host| match host {
                Host::Tcp(name) => name.clone(),
                Host::Unix(path) => path.display().to_string(),
            })
            .collect();
        words.push(format!("host={}", quoted(&hosts.join(","))));
        let ports: Vec<String> = self.config.get_ports().iter().map(u16::to_string).collect();
        if !ports.is_empty() {
            words.push(format!("port={}", quoted(&ports.join(","))));
        }
        if let Some(user) = self.config.get_user() {
            words.push(format!("user={}", quoted(user)));
        }
        if let Some(password) = self.config.get_password() {
            words.push(format!("password={}", quoted(&String::from_utf8_lossy(password))));
        }
        open(Engine::Postgresql, &words.join(" "), &[]).map_err(|error| format!("restored backup: {error}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing more can be done where this fails; the name says what it was for.
        _ = self
            .server
            .change(&format!("drop database if exists {} with (force)", self.name), &[]);
    }
}

/// Why a dump must not be given to `psql`; none for archives, which it never sees.
pub(super) fn refused(dump: &Path) -> Option<String> {
    if is_archive(dump) {
        return None;
    }
    match File::open(dump).and_then(|file| command_in(BufReader::new(file))) {
        Ok(None) => None,
        Ok(Some(line)) => Some(format!(
            "line {line} of the dump is a command for `psql` itself, and was not run: expected a dump of one database"
        )),
        Err(_) => Some("the dump cannot be read".to_owned()),
    }
}

fn is_archive(dump: &Path) -> bool {
    let mut magic = [0; 5];
    let read = File::open(dump).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"PGDMP"
}

/// Drops what drills left that were cut off. What cannot be dropped is somebody else's, or still in use.
fn sweep(server: &mut dyn Database, stale: u128) {
    let mut names = Vec::new();
    _ = server.rows("select datname::text from pg_database", &[], &mut |row| {
        names.extend(row.first().cloned().flatten());
        Ok(Next::Row)
    });
    let mark = |name: &String| name.strip_prefix(NAME)?.parse::<u128>().ok();
    for name in names.iter().filter(|name| mark(name).is_some_and(|mark| mark < stale)) {
        _ = server.change(&format!("drop database if exists {name} with (force)"), &[]);
    }
}

/// Where a program of PostgreSQL is: on the path, or where Debian keeps the newest version.
fn program(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin").join(name))
        .filter(|path| path.is_file())
        .collect();
    folders.sort();
    folders.pop().unwrap_or_else(|| PathBuf::from(name))
}
