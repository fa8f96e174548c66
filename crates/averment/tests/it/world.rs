//! A place for one test: folders of its own, the program itself as a child, a sink that stands in for third parties.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use averment_ledger::Deed;
use averment_store::{DataFolder, Keys, entries};
use tempfile::TempDir;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A number that somebody who has the time sets higher; `otherwise` in an ordinary run.
pub(crate) fn from_environment(name: &str, otherwise: u64) -> u64 {
    let given = std::env::var_os(name);
    given.map_or(otherwise, |text| {
        text.to_str().and_then(|text| text.parse().ok()).expect("a number")
    })
}

/// Folders of one test.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `averment` with the folders of this place; the working folder is the place.
    pub(crate) fn averment(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_averment"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env("NO_COLOR", "1");
        command
    }

    /// Runs `averment` to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.averment(arguments).output().expect("averment starts"))
    }

    /// The same with more environment.
    pub(crate) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        Ran::of(
            self.averment(arguments)
                .envs(environment.iter().copied())
                .output()
                .expect("averment starts"),
        )
    }

    /// Starts `averment up` or `gate` and waits until it says that it is ready.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Served {
        Served::start(self.averment(arguments), &self.path("averment.log"))
    }

    /// The same with more environment.
    pub(crate) fn serve_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Served {
        let mut command = self.averment(arguments);
        command.envs(environment.iter().copied());
        Served::start(command, &self.path("averment.log"))
    }

    /// The keys of this place.
    pub(crate) fn keys(&self) -> Keys {
        Keys::read(&self.path("averment-keys")).expect("a gate made the keys")
    }

    /// What the ledger holds, oldest first.
    pub(crate) fn deeds(&self) -> Vec<Deed> {
        let folder = DataFolder::open_read(&self.path("averment-data")).expect("a gate made the data folder");
        let read = entries(&folder, Some(self.keys().verifier())).expect("a ledger that holds");
        read.map(|numbered| numbered.expect("a ledger that holds").entry.deed)
            .collect()
    }

    /// Writes a copy of the example register with one recipient's mode changed.
    pub(crate) fn register_with_mode(&self, recipient: &str, mode: &str) -> PathBuf {
        let target = self.path("register");
        copy_folder(&root().join("examples/codeorg"), &target);
        let file = target.join(format!("recipients/{recipient}.toml"));
        let text = std::fs::read_to_string(&file).expect("the example has this recipient");
        let kept: Vec<&str> = text.lines().filter(|line| !line.starts_with("mode = ")).collect();
        let first_table = kept.iter().position(|line| line.starts_with('[')).unwrap_or(kept.len());
        let mode = format!("mode = \"{mode}\"");
        let lines: Vec<&str> = kept[..first_table]
            .iter()
            .copied()
            .chain([mode.as_str(), ""])
            .chain(kept[first_table..].iter().copied())
            .collect();
        std::fs::write(&file, lines.join("\n") + "\n").expect("the copy can be written");
        target
    }

    /// Every file below this place, with its bytes.
    pub(crate) fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        collect(self.folder.path(), &mut found);
        found
    }
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder for the copy");
    for entry in std::fs::read_dir(from).expect("the example is in the checkout") {
        let entry = entry.expect("a folder entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("the copy can be written");
        }
    }
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a folder entry").path();
        if path.is_dir() {
            collect(&path, found);
        } else {
            let bytes = std::fs::read(&path).expect("a readable file");
            found.push((path, bytes));
        }
    }
}

/// A program that ran to its end.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Fails the test unless the exit code is this one.
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// A running `averment up` or `gate`.
pub(crate) struct Served {
    child: Child,
    said: Vec<String>,
    rest: mpsc::Receiver<String>,
}

impl Served {
    /// Starts a command that is `averment up` or `gate` in the end.
    pub(crate) fn start(mut command: Command, log: &Path) -> Self {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a log file");
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("averment starts");
        let output = child.stdout.take().expect("piped");
        let (send, rest) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let mut served = Self {
            child,
            said: Vec::new(),
            rest,
        };
        served.wait_for("ready");
        served
    }

    /// Waits for a line that contains `text`.
    #[expect(clippy::panic, reason = "a program that does not become ready fails the test")]
    pub(crate) fn wait_for(&mut self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while let Ok(line) = self.rest.recv_timeout(end.saturating_duration_since(Instant::now())) {
            let found = line.contains(text);
            self.said.push(line);
            if found {
                return;
            }
        }
        let _ = self.child.kill();
        panic!("averment did not say `{text}`; it said:\n{}", self.said.join("\n"));
    }

    /// The word after `label` in what was printed, e.g. the address after `gate`.
    #[expect(clippy::panic, reason = "a missing line fails the test")]
    pub(crate) fn said(&self, label: &str) -> &str {
        let line = self
            .said
            .iter()
            .find_map(|line| line.trim().strip_prefix(label)?.strip_prefix(' '));
        let word = line.and_then(|rest| rest.split_whitespace().next());
        word.unwrap_or_else(|| panic!("no line `{label}` in:\n{}", self.said.join("\n")))
    }

    /// Whether a line with this was printed so far.
    pub(crate) fn has_said(&self, text: &str) -> bool {
        self.said.iter().any(|line| line.contains(text))
    }

    /// Address of the gate that it said it has.
    pub(crate) fn gate(&self) -> std::net::SocketAddr {
        let address = self.said("gate").trim_start_matches("http://").parse();
        address.expect("an address")
    }

    /// Everything printed so far.
    pub(crate) fn all_said(&self) -> String {
        self.said.join("\n")
    }

    /// Sends a signal, such as `HUP`.
    pub(crate) fn signal(&self, name: &str) {
        // The shell's own `kill`: the program of that name is not on every machine.
        let sent = Command::new("sh")
            .args(["-c", &format!("kill -{name} {}", self.child.id())])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "`kill` sends the signal");
    }

    /// Waits until it ends by itself; gives the exit code.
    pub(crate) fn ended(mut self) -> i32 {
        self.child.wait().expect("a child to wait for").code().unwrap_or(-1)
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// As `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("a running child");
        let _ = self.child.wait();
    }

    /// As Ctrl-C; gives the exit code.
    pub(crate) fn stop(self) -> i32 {
        self.stop_and_tell().0
    }

    /// As Ctrl-C; gives the exit code and everything printed.
    pub(crate) fn stop_and_tell(mut self) -> (i32, String) {
        self.signal("INT");
        let code = self.child.wait().expect("a child to wait for").code().unwrap_or(-1);
        let rest: Vec<String> = self.rest.iter().collect();
        self.said.extend(rest);
        (code, self.all_said())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
