//! PostgreSQL and MariaDB as Debian installs them, each in a folder of its own, on a socket.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const INSTALL: &str = "the tests need PostgreSQL and MariaDB: `cargo xtask test` installs Debian's packages `postgresql` and `mariadb-server`";

/// A server that ends with its value.
pub(crate) struct Server {
    dir: tempfile::TempDir,
    process: Child,
    postgres: bool,
}

impl Server {
    /// PostgreSQL without rows.
    pub(crate) fn postgres() -> Self {
        let (dir, root) = folder("pg", "postgres");
        let bin = postgres_binaries();
        let data = dir.path().join("data");
        let mut make = of_user(&bin.join("initdb"), root, "postgres", dir.path());
        make.args(["-U", "averment", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data);
        run(&mut make);
        let mut server = of_user(&bin.join("postgres"), root, "postgres", dir.path());
        server
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(dir.path())
            .args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        let process = server.spawn().unwrap_or_else(|error| panic!("{INSTALL} ({error})"));
        let mut server = Self {
            dir,
            process,
            postgres: true,
        };
        server.wait(|server| postgres::Client::connect(&server.address(), postgres::NoTls).is_ok());
        server
    }

    /// MariaDB with an empty database `school`.
    pub(crate) fn mariadb() -> Self {
        let (dir, root) = folder("my", "mysql");
        let data = dir.path().join("data");
        let mut make = of_user(Path::new("/usr/bin/mariadb-install-db"), root, "mysql", dir.path());
        make.args([
            "--no-defaults",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]);
        make.arg(format!("--datadir={}", data.display()));
        // A server that starts removes the temporary tables of others in the same folder, the one that makes the database, too.
        make.arg(format!("--tmpdir={}", dir.path().display()));
        run(&mut make);
        let mut server = of_user(Path::new("/usr/sbin/mariadbd"), root, "mysql", dir.path());
        server.args([
            "--no-defaults",
            "--skip-networking",
            "--innodb-flush-log-at-trx-commit=0",
        ]);
        server.arg(format!("--datadir={}", data.display()));
        server.arg(format!("--socket={}", dir.path().join("sock").display()));
        server.arg(format!("--tmpdir={}", dir.path().display()));
        server.arg(format!("--pid-file={}", dir.path().join("pid").display()));
        let process = server.spawn().unwrap_or_else(|error| panic!("{INSTALL} ({error})"));
        let mut server = Self {
            dir,
            process,
            postgres: false,
        };
        server.wait(|server| {
            server
                .client("mariadb")
                .args(["-e", "create database if not exists school"])
                .status()
                .is_ok_and(|status| status.success())
        });
        server
    }

    /// As `--url-env` takes it.
    pub(crate) fn address(&self) -> String {
        match self.postgres {
            true => format!("host={} user=averment dbname=postgres", self.dir.path().display()),
            false => format!(
                "mariadb://root@localhost/school?socket={}",
                self.dir.path().join("sock").display()
            ),
        }
    }

    /// Runs statements.
    pub(crate) fn execute(&self, sql: &str) {
        if self.postgres {
            postgres::Client::connect(&self.address(), postgres::NoTls)
                .unwrap()
                .batch_execute(sql)
                .unwrap();
            return;
        }
        let file = self.dir.path().join("input.sql");
        std::fs::write(&file, sql).unwrap();
        let mut client = self.client("mariadb");
        client.arg("school").stdin(std::fs::File::open(file).unwrap());
        run(&mut client);
    }

    /// What the server's own program for it dumps.
    pub(crate) fn dump(&self) -> Vec<u8> {
        let mut command = match self.postgres {
            true => {
                let mut command = Command::new(postgres_binaries().join("pg_dump"));
                command
                    .args(["-U", "averment", "-h"])
                    .arg(self.dir.path())
                    .arg("postgres");
                command
            }
            false => {
                let mut command = self.client("mariadb-dump");
                command.arg("school");
                command
            }
        };
        let output = command.stdout(Stdio::piped()).output().unwrap();
        assert!(output.status.success());
        output.stdout
    }

    fn client(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(["--no-defaults", "-u", "root"])
            .arg(format!("--socket={}", self.dir.path().join("sock").display()));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn wait(&mut self, ready: impl Fn(&Self) -> bool) {
        while !ready(self) {
            assert!(
                self.process.try_wait().unwrap().is_none(),
                "the server ended; {INSTALL}"
            );
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGINT is PostgreSQL's fast shutdown, SIGTERM MariaDB's only one.
        let signal = if self.postgres { "-INT" } else { "-TERM" };
        let _ = Command::new("kill")
            .args([signal, &self.process.id().to_string()])
            .status();
        let _ = self.process.wait();
    }
}

/// A folder that the server's user may write to; whether we are root, whom both servers refuse to be.
fn folder(prefix: &str, user: &str) -> (tempfile::TempDir, bool) {
    let dir = tempfile::Builder::new().prefix(prefix).tempdir().unwrap();
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if root {
        run(Command::new("chown").arg(user).arg(dir.path()));
    }
    (dir, root)
}

fn of_user(program: &Path, root: bool, user: &str, dir: &Path) -> Command {
    let mut command = match root {
        true => {
            let mut command = Command::new("setpriv");
            command
                .args([&format!("--reuid={user}"), &format!("--regid={user}"), "--clear-groups"])
                .arg(program);
            command
        }
        false => Command::new(program),
    };
    command
        .current_dir(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn run(command: &mut Command) {
    let ran = command.stderr(Stdio::piped()).output();
    let ran = ran.unwrap_or_else(|error| panic!("{INSTALL} ({error})"));
    let says = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{command:?} failed; {INSTALL}; it says: {says}");
}

/// Debian keeps each version in a folder of its own.
pub(crate) fn postgres_binaries() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect(INSTALL);
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.unwrap().path().join("bin")).collect();
    folders.sort();
    folders.retain(|folder| folder.join("initdb").exists());
    folders.pop().expect(INSTALL)
}
