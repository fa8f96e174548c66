//! A PostgreSQL of the moment: in a folder of its own, on a socket there, gone with its value.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::bound::process::well;
use crate::run::Step;

/// Where Debian keeps each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The user whom the server is of, when root starts it.
const USER: &str = "postgres";
/// How often it is tried whether it answers, and how long after each other.
const TRIES: u32 = 600;
const TRY_EVERY: Duration = Duration::from_millis(100);

/// The server.
pub(super) struct Server {
    folder: PathBuf,
    process: Child,
}

impl Server {
    /// Starts it, and waits until it answers.
    pub(super) fn start() -> Result<Self, String> {
        let (binaries, root) = (binaries()?, is_root()?);
        // Names of sockets are short, and the server's user has to get there.
        let folder = std::env::temp_dir().join(format!("averment-bound-{}", std::process::id()));
        std::fs::create_dir(&folder).map_err(|error| format!("`{}`: {error}", folder.display()))?;
        if root {
            well(Command::new("chown").arg(USER).arg(&folder))?;
        }
        let data = folder.join("data");
        let mut make = of_user(&binaries.join("initdb"), root, &folder);
        make.args(["-U", "averment", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D"]);
        well(make.arg(&data))?;
        let mut serve = of_user(&binaries.join("postgres"), root, &folder);
        serve.arg("-D").arg(&data).arg("-k").arg(&folder);
        serve.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = serve.spawn();
        let server = Self {
            folder,
            process: process.map_err(|error| format!("`postgres` cannot be started: {error}"))?,
        };
        for _ in 0..TRIES {
            if server.said("select 1").is_ok() {
                return Ok(server);
            }
            std::thread::sleep(TRY_EVERY);
        }
        Err("PostgreSQL does not answer".to_owned())
    }

    /// Makes a database, and gives its address.
    pub(super) fn database(&self, name: &str) -> Result<String, String> {
        self.said(&format!("create database {name}"))?;
        Ok(format!("host={} user=averment dbname={name}", self.folder.display()))
    }

    fn said(&self, sql: &str) -> Step {
        let mut psql = Command::new("psql");
        psql.arg("-h").arg(&self.folder);
        well(psql.args(["-X", "-q", "-U", "averment", "-d", "postgres", "-c", sql])).map(|_| ())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is its fast shutdown.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-INT", &id]).status();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_root() -> Result<bool, String> {
    Ok(well(Command::new("id").arg("-u"))?.trim() == "0")
}

/// The newest that is installed.
fn binaries() -> Result<PathBuf, String> {
    let missing = |error| format!("`{VERSIONS}`: {error}; Debian's package is `postgresql`");
    let mut found: Vec<PathBuf> = std::fs::read_dir(VERSIONS)
        .map_err(missing)?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found
        .pop()
        .ok_or_else(|| format!("there is no `initdb` below `{VERSIONS}`"))
}

/// A program of the server; it refuses to run as root, and ends with whoever started it.
fn of_user(program: &Path, root: bool, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "INT"]);
    if root {
        command.args([&format!("--reuid={USER}"), &format!("--regid={USER}"), "--clear-groups"]);
    }
    command.arg(program).current_dir(folder);
    command
}
