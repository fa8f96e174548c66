//! Faults at the start: the program ends, says what is wrong and what to do, and has answered nobody.
//!
//! One row a fault, on a copy of folders that a gate has used; `docs/faults.md` says them in words.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::third_parties::{ThirdParties, load_example_people};
use crate::wire::Request;
use crate::world::{Place, Ran};

/// What is wrong, how it is made so, how the gate is started then, and what it must say.
struct Fault {
    name: &'static str,
    make: fn(&Place),
    /// After `averment gate`.
    arguments: &'static [&'static str],
    says: &'static [&'static str],
}

const REGISTER: &str = "register";
const USUAL: &[&str] = &[REGISTER];
const WITH_SETTINGS: &[&str] = &[REGISTER, "--settings", "settings.toml"];

const FAULTS: [Fault; 24] = [
    Fault {
        name: "register missing",
        make: |_| {},
        arguments: &["nowhere"],
        says: &["`nowhere`"],
    },
    Fault {
        name: "register with two errors",
        make: |place| {
            place.edit("register/recipients/amplitude.toml", |text| {
                format!("colour = \"blue\"\n{text}")
            });
            place.edit("register/recipients/zendesk.toml", |text| {
                format!("flavour = \"mint\"\n{text}")
            });
        },
        arguments: USUAL,
        says: &[
            "recipients/amplitude.toml:1",
            "`colour`",
            "recipients/zendesk.toml:1",
            "`flavour`",
        ],
    },
    Fault {
        name: "settings missing",
        make: |_| {},
        arguments: WITH_SETTINGS,
        says: &["cannot read `settings.toml`"],
    },
    Fault {
        name: "settings with an unknown field",
        make: |place| place.write("settings.toml", "services_requierd = true\n", 0o644),
        arguments: WITH_SETTINGS,
        says: &[
            "`settings.toml` does not hold",
            "line 1",
            "`services_requierd`",
            "`services_required`",
        ],
    },
    Fault {
        name: "secret that others can read",
        make: |place| {
            place.write("secret", "token\n", 0o644);
            let credential = "[[credentials]]\nkind = \"header\"\nrecipient = \"zendesk\"\n\
                              hosts = [\"school.zendesk.com\"]\nname = \"Authorization\"\n\
                              secret_file = \"secret\"\n";
            place.write("settings.toml", credential, 0o644);
        },
        arguments: WITH_SETTINGS,
        says: &["secret file `secret` has mode 644", "chmod 600"],
    },
    Fault {
        name: "key of the gate's own address that others can read",
        make: |place| {
            place.copy("averment-data/authority.pem", "gate.pem");
            place.copy("averment-keys/authority.key", "gate.key");
            place.mode("gate.key", 0o640);
            place.write("settings.toml", TLS, 0o644);
        },
        arguments: WITH_SETTINGS,
        says: &["key file `gate.key` has mode 640", "chmod 600"],
    },
    Fault {
        name: "certificate of the gate's own address missing",
        make: |place| place.write("settings.toml", TLS, 0o644),
        arguments: WITH_SETTINGS,
        says: &["`[tls]` of the settings", "cannot read `gate.pem`"],
    },
    Fault {
        name: "trusted certificate that is none",
        make: |place| place.write("roots.pem", "nothing\n", 0o644),
        arguments: &[REGISTER, "--trust", "roots.pem"],
        says: &["`roots.pem` holds no certificate"],
    },
    Fault {
        name: "admin address taken",
        make: |_| {},
        arguments: &[REGISTER, "--settings", "admin-taken.toml"],
        says: &[
            "cannot listen on `127.0.0.1:",
            "for the admin",
            "`listen` under `[admin]`",
        ],
    },
    Fault {
        name: "directory key missing",
        make: |place| place.remove("averment-keys/directory.key"),
        arguments: USUAL,
        says: &["directory.key` is missing", "put the key back"],
    },
    Fault {
        name: "ledger key missing",
        make: |place| place.remove("averment-keys/ledger.key"),
        arguments: USUAL,
        says: &["ledger.key` is missing", "put the key back"],
    },
    Fault {
        name: "key that others can read",
        make: |place| place.mode("averment-keys/directory.key", 0o640),
        arguments: USUAL,
        says: &["directory.key` has mode 640, expected 600"],
    },
    Fault {
        name: "key cut short",
        make: |place| place.cut("averment-keys/ledger.key", 7),
        arguments: USUAL,
        says: &["ledger.key` has 7 bytes, expected 32"],
    },
    Fault {
        name: "key that cannot be read",
        make: |place| {
            place.remove("averment-keys/directory.key");
            std::fs::create_dir(place.path("averment-keys/directory.key")).expect("a folder in its place");
        },
        arguments: USUAL,
        says: &["directory.key`"],
    },
    Fault {
        name: "key of the authority missing",
        make: |place| place.remove("averment-keys/authority.key"),
        arguments: USUAL,
        says: &["authority.pem` without `", "authority.key`"],
    },
    Fault {
        name: "key of the authority that others can read",
        make: |place| place.mode("averment-keys/authority.key", 0o644),
        arguments: USUAL,
        says: &["authority.key` can be read by others", "chmod 600"],
    },
    Fault {
        name: "directory damaged",
        make: |place| place.damage("averment-data/people.db", 0),
        arguments: USUAL,
        says: &["directory of people"],
    },
    Fault {
        name: "directory that is no file",
        make: |place| {
            place.remove("averment-data/people.db");
            std::fs::create_dir(place.path("averment-data/people.db")).expect("a folder in its place");
        },
        arguments: USUAL,
        says: &["people.db"],
    },
    Fault {
        name: "ledger changed",
        make: |place| place.damage("averment-data/ledger/0001/log", 300),
        arguments: USUAL,
        says: &["the ledger does not hold", "log"],
    },
    Fault {
        name: "ledger cut",
        make: |place| place.cut("averment-data/ledger/0001/log", 200),
        arguments: USUAL,
        says: &["ledger", "log"],
    },
    Fault {
        name: "log gone",
        make: |place| place.remove("averment-data/ledger/0001/log"),
        arguments: USUAL,
        says: &["ledger", "`0001/log`", "found none"],
    },
    Fault {
        name: "whole ledger gone",
        make: |place| {
            std::fs::remove_dir_all(place.path("averment-data/ledger")).expect("the ledger is there");
        },
        arguments: USUAL,
        says: &["the ledger in `", "is gone", "put it back"],
    },
    Fault {
        name: "list of who is cut off damaged",
        make: |place| place.write("averment-data/cut-off.json", "{", 0o600),
        arguments: USUAL,
        says: &["cut-off.json` does not hold", "remove it to lift every cut-off"],
    },
    Fault {
        name: "data folder that is a file",
        make: |place| {
            std::fs::remove_dir_all(place.path("averment-data")).expect("the data folder is there");
            place.write("averment-data", "", 0o644);
        },
        arguments: USUAL,
        says: &["averment-data"],
    },
];

const TLS: &str = "[tls]\ncertificate_file = \"gate.pem\"\nkey_file = \"gate.key\"\n";

impl Place {
    fn write(&self, name: &str, text: &str, mode: u32) {
        std::fs::write(self.path(name), text).expect("it can be written");
        self.mode(name, mode);
    }

    fn mode(&self, name: &str, mode: u32) {
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(mode)).expect("its owner");
    }

    fn edit(&self, name: &str, change: impl FnOnce(String) -> String) {
        let text = std::fs::read_to_string(self.path(name)).expect("it is there");
        std::fs::write(self.path(name), change(text)).expect("it can be written");
    }

    fn copy(&self, from: &str, to: &str) {
        std::fs::copy(self.path(from), self.path(to)).expect("it is there");
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.path(name)).expect("it is there");
    }

    fn cut(&self, name: &str, bytes: u64) {
        let file = std::fs::File::options().write(true).open(self.path(name));
        file.expect("it is there").set_len(bytes).expect("it can be cut");
    }

    /// Other bytes from `begin` on.
    fn damage(&self, name: &str, begin: usize) {
        let mut bytes = std::fs::read(self.path(name)).expect("it is there");
        bytes.iter_mut().skip(begin).take(64).for_each(|byte| *byte = !*byte);
        std::fs::write(self.path(name), bytes).expect("it can be written");
    }

    /// Everything of `other`, with its modes.
    fn take_all(&self, other: &Self) {
        let copied = Command::new("cp")
            .arg("-a")
            .arg(other.path("."))
            .arg(self.path("."))
            .status();
        assert!(copied.is_ok_and(|status| status.success()), "`cp` copies a folder");
    }
}

/// Folders that a gate has used, and the register that it used.
fn used_place() -> Place {
    let place = Place::new();
    place.register_with_mode("statsig", "report");
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&place, REGISTER);
    let address = gate.said("gate").trim_start_matches("http://").parse();
    let sent = harmless().through(address.expect("an address"));
    assert_eq!(sent.expect("an answer").status(), 200);
    assert_eq!(gate.stop(), 0);
    place
}

fn harmless() -> Request<'static> {
    Request {
        method: "POST",
        host: "api2.amplitude.com",
        target: "/2/httpapi",
        headers: &[("Content-Type", "application/json")],
        body: b"{\"events\":[]}",
    }
}

/// An address that nobody has.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("a bound port")
}

fn until_logged(place: &Place, text: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    while !std::fs::read_to_string(place.path("averment.log")).is_ok_and(|log| log.contains(text)) {
        assert!(Instant::now() < end, "the log does not say `{text}`");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Runs to the end while somebody knocks at `gate`; what was answered there in bytes.
fn run_knocking(mut command: Command, gate: SocketAddr) -> (Ran, u64) {
    let (ended, answered) = (AtomicBool::new(false), AtomicU64::new(0));
    let ran = std::thread::scope(|threads| {
        threads.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                answered.fetch_add(knock(gate), Ordering::Relaxed);
            }
        });
        let ran = until_it_ends(&mut command);
        ended.store(true, Ordering::Relaxed);
        ran
    });
    (ran, answered.into_inner())
}

fn knock(gate: SocketAddr) -> u64 {
    let Ok(mut stream) = TcpStream::connect_timeout(&gate, Duration::from_millis(100)) else {
        std::thread::sleep(Duration::from_millis(2));
        return 0;
    };
    let mut answer = Vec::new();
    _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    _ = stream.write_all(b"GET http://api2.amplitude.com/ HTTP/1.1\r\nHost: api2.amplitude.com\r\n\r\n");
    _ = stream.read_to_end(&mut answer);
    answer.len() as u64
}

/// A gate that starts all the same would run for ever.
fn until_it_ends(command: &mut Command) -> Ran {
    let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("averment starts");
    let begun = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if begun.elapsed() > Duration::from_secs(60) {
            _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Ran::of(child.wait_with_output().expect("a child that ended"))
}

fn gate_command(place: &Place, arguments: &[&str], gate: SocketAddr) -> Command {
    let gate = gate.to_string();
    place.averment(&[&["gate"], arguments, &["--gate", &gate]].concat())
}

fn assert_refused(name: &str, ran: &Ran, answered: u64, says: &[&str]) {
    assert_eq!(ran.code, 2, "{name}: {}{}", ran.stdout, ran.stderr);
    // Long lines are broken, wherever a place allows.
    let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in says {
        assert!(said.contains(text), "{name}: expected `{text}` in\n{}", ran.stderr);
    }
    assert!(
        !said.contains("internal fault") && !said.contains("panicked"),
        "{name}: {said}"
    );
    assert_eq!(answered, 0, "{name}: somebody was answered");
}

#[test]
fn a_gate_that_cannot_start_ends_says_why_and_answers_nobody() {
    let used = used_place();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let admin = format!("[admin]\nlisten = \"{}\"\n", taken.local_addr().expect("a bound port"));
    for fault in &FAULTS {
        let place = Place::new();
        place.take_all(&used);
        place.write("admin-taken.toml", &admin, 0o644);
        (fault.make)(&place);
        let gate = free();
        let (ran, answered) = run_knocking(gate_command(&place, fault.arguments, gate), gate);
        assert_refused(fault.name, &ran, answered, fault.says);
        assert!(TcpStream::connect(gate).is_err(), "{}: something listens", fault.name);
    }
    // Every fault was made: without one the same folders serve.
    let place = Place::new();
    place.take_all(&used);
    assert_eq!(place.serve(&["gate", REGISTER, "--gate", "127.0.0.1:0"]).stop(), 0);
}

#[test]
fn a_gate_that_others_reach_starts_only_where_somebody_said_who_may_send() {
    let used = used_place();
    let everywhere = SocketAddr::from(([0, 0, 0, 0], 0));
    used.write("settings.toml", "services_required = false\n", 0o644);
    for arguments in [USUAL, WITH_SETTINGS] {
        let ran = until_it_ends(&mut gate_command(&used, arguments, everywhere));
        let says = [
            "nothing says who may send",
            "`services_required = true`",
            "`open = true`",
        ];
        assert_refused("an open gate", &ran, 0, &says);
    }
    for said in ["services_required = true\n", "open = true\n"] {
        used.write("settings.toml", said, 0o644);
        let arguments = [&["gate"], WITH_SETTINGS, &["--gate", "0.0.0.0:0"]].concat();
        let gate = used.serve(&arguments);
        assert_eq!(gate.all_said().contains("warning"), said.starts_with("open"), "{said}");
        // What closed it does not go away while it runs.
        used.write("settings.toml", "\n", 0o644);
        gate.signal("HUP");
        until_logged(&used, "not reloaded");
        std::fs::remove_file(used.path("averment.log")).expect("a log");
        assert_eq!(gate.stop(), 0);
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let used = used_place();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("a bound port");
    let ran = until_it_ends(&mut gate_command(&used, USUAL, address));
    let says = [
        &format!("cannot listen on `{address}` for the gate"),
        "`--gate ADDRESS`",
    ];
    assert_refused("port taken", &ran, 0, &says);
}

#[test]
fn a_disk_without_room_ends_the_start() {
    let used = used_place();
    let gate = free();
    // What is written to a file fails; without the trap the system would end the program by a signal.
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 0; exec \"$0\" gate register --gate \"$1\"",
        ])
        .args([env!("CARGO_BIN_EXE_averment"), &gate.to_string()])
        .current_dir(used.path(""))
        .stdin(Stdio::null())
        .env("NO_COLOR", "1");
    let (ran, answered) = run_knocking(command, gate);
    assert_refused("no room", &ran, answered, &["error:"]);
    assert_eq!(
        used.serve(&["gate", REGISTER, "--gate", "127.0.0.1:0"]).stop(),
        0,
        "nothing is spoilt by it"
    );
}

#[test]
fn people_who_were_loaded_too_long_ago_let_nothing_out() {
    let used = used_place();
    let aged = "import sqlite3; database = sqlite3.connect('averment-data/people.db'); \
                database.execute(\"update state set loaded_at = '2020-01-01T00:00:00Z'\"); database.commit()";
    let mut python = Command::new("python3");
    let status = python.args(["-c", aged]).current_dir(used.path("")).status();
    assert!(status.is_ok_and(|status| status.success()), "`python3` changes a date");
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_gate(&used, REGISTER);
    assert!(gate.all_said().contains("loaded too long ago"), "{}", gate.all_said());
    let address = gate.said("gate").trim_start_matches("http://").parse();
    let answer = harmless().through(address.expect("an address")).expect("an answer");
    assert_eq!(answer.status(), 503);
    assert_eq!(gate.stop(), 0);
    assert!(third_parties.received().is_empty());
}
