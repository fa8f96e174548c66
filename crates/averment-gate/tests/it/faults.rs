//! Every fault by every way in: nothing goes out, and the caller is told why.
//!
//! Start at [`FAULTS`]: one row each. The table in `docs/faults.md` is made from the rows; `REWRITE_CASES=1` writes it anew.

mod disk;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use averment_detect::Limits;
use averment_gate::{Clock, Route, Settings, Timeouts};
use averment_ledger::Deed;
use averment_store::Snapshot;

use crate::client::{Reply, post};
use crate::world::{ADA, DESK, EVENTS, Setup, World, clock, nobody, people};
use disk::{Plant, Trouble};

/// Far longer than any answer takes: what is meant is that there is one.
const PATIENCE: Duration = Duration::from_secs(20);
/// Set to a time at which the clock of the gate panics.
const BROKEN: i64 = i64::MIN;

/// How a request comes to the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// With an absolute target, in clear.
    Absolute,
    /// In a tunnel, over TLS.
    Tunnel,
    /// To the gate's own address, by one of its routes.
    Routed,
}

/// All that this gate serves.
const MODES: [Mode; 3] = [Mode::Absolute, Mode::Tunnel, Mode::Routed];

impl Mode {
    async fn send(self, world: &World, host: &str, body: &str) -> Reply {
        let sent = async {
            match self {
                Self::Absolute => {
                    let request = post(host, body).replacen("POST /", &format!("POST http://{host}/"), 1);
                    world.send_plain(&request).await
                }
                Self::Tunnel => world.post(host, body).await,
                Self::Routed => {
                    let recipient = host.split('.').next().unwrap();
                    let request = post(host, body).replacen("POST /", &format!("POST /to/{recipient}/"), 1);
                    let own = format!("Host: {}\r\n", world.address);
                    world
                        .send_plain(&request.replacen(&format!("Host: {host}\r\n"), &own, 1))
                        .await
                }
            }
        };
        tokio::time::timeout(PATIENCE, sent).await.expect("an answer")
    }
}

/// What a test needs to plant a fault.
struct Scene {
    world: World,
    disk: Plant,
    time: Arc<AtomicI64>,
}

/// One row of the table.
struct Fault {
    name: &'static str,
    /// Makes it happen while the gate runs.
    begin: fn(&Scene),
    /// The kind and status of the answer.
    answer: (&'static str, u16),
    /// Host and body of the request that meets it.
    request: (&'static str, fn() -> String),
    /// Whether the gate works before; some faults are a matter of how it is set up.
    at_first: AtFirst,
}

#[derive(Clone, Copy)]
enum AtFirst {
    Works,
    Fails(fn(&mut Setup)),
}

const CLEAN: (&str, fn() -> String) = (EVENTS, || "{\"a\":1}".to_owned());
const OF_ADA: (&str, fn() -> String) = (DESK, || format!("{{\"from\":\"{ADA}\"}}"));
const STOPPED: (&str, u16) = ("ledger-stopped", 503);

const fn on_disk(name: &'static str, begin: fn(&Scene)) -> Fault {
    Fault {
        name,
        begin,
        answer: STOPPED,
        request: CLEAN,
        at_first: AtFirst::Works,
    }
}

const fn elsewhere(name: &'static str, answer: (&'static str, u16), begin: fn(&Scene)) -> Fault {
    Fault {
        name,
        begin,
        answer,
        request: CLEAN,
        at_first: AtFirst::Works,
    }
}

const FAULTS: &[Fault] = &[
    on_disk("disk full", |scene| write_fails(scene, std::io::ErrorKind::StorageFull)),
    on_disk("input/output error while writing", |scene| {
        write_fails(scene, std::io::ErrorKind::Other)
    }),
    on_disk("file system turned read-only", |scene| {
        write_fails(scene, std::io::ErrorKind::ReadOnlyFilesystem);
    }),
    on_disk("quota used up", |scene| {
        write_fails(scene, std::io::ErrorKind::QuotaExceeded)
    }),
    on_disk("input/output error while syncing", |scene| {
        scene.disk.begin(Trouble::Sync)
    }),
    on_disk("a byte of the log is another than was written", |scene| {
        scene.disk.begin(Trouble::WrongByte)
    }),
    on_disk("log cannot be read back", |scene| scene.disk.begin(Trouble::Unreadable)),
    on_disk("half of a group written", |scene| scene.disk.begin(Trouble::Half)),
    on_disk("checkpoint could not be replaced", checkpoint_fails),
    on_disk("defect in the ledger's thread", |scene| {
        scene.disk.begin(Trouble::Panic)
    }),
    on_disk("ledger's folder removed", |scene| {
        // The file `checkpoint` follows the answers, and may be made anew meanwhile.
        while std::fs::remove_dir_all(ledger(scene))
            .is_err_and(|error| error.kind() == std::io::ErrorKind::DirectoryNotEmpty)
        {}
    }),
    on_disk("log removed", |scene| {
        std::fs::remove_file(ledger(scene).join("log")).unwrap()
    }),
    on_disk("log cut back", |scene| {
        let log = std::fs::File::options().write(true).open(ledger(scene).join("log"));
        log.unwrap().set_len(10).unwrap();
    }),
    on_disk("log replaced by a copy", |scene| {
        let (log, copy) = (ledger(scene).join("log"), ledger(scene).join("copy"));
        std::fs::copy(&log, &copy).unwrap();
        std::fs::rename(copy, log).unwrap();
    }),
    on_disk("log written to by somebody else", |scene| {
        let mut log = std::fs::File::options()
            .append(true)
            .open(ledger(scene).join("log"))
            .unwrap();
        std::io::Write::write_all(&mut log, b"x").unwrap();
    }),
    on_disk("ledger closed", |scene| scene.world.journal.close().unwrap()),
    Fault {
        name: "slow disk",
        begin: |scene| scene.disk.begin(Trouble::Slow(Duration::from_millis(1500))),
        answer: ("ledger-unavailable", 503),
        request: CLEAN,
        at_first: AtFirst::Fails(|setup| setup.ledger = Duration::from_millis(300)),
    },
    elsewhere("nobody in the directory", ("directory-empty", 503), |scene| {
        scene.world.gate.swap_snapshot(nobody());
    }),
    elsewhere("directory loaded too long ago", ("directory-stale", 503), |scene| {
        let mut settings = settings();
        settings.limits.directory_max_age_hours = 24;
        scene.world.gate.swap_settings(Arc::new(settings)).unwrap();
        scene.time.fetch_add(25 * 3600, Ordering::SeqCst);
    }),
    elsewhere("clock set back by two years", ("clock-set-back", 503), |scene| {
        scene.time.fetch_sub(2 * 365 * 86_400, Ordering::SeqCst);
    }),
    elsewhere("clock set back by an hour", ("clock-set-back", 503), |scene| {
        scene.time.fetch_sub(3600, Ordering::SeqCst);
    }),
    elsewhere(
        "defect while a request is answered",
        ("inspection-failed", 503),
        |scene| {
            scene.time.store(BROKEN, Ordering::SeqCst);
        },
    ),
    Fault {
        name: "key of a recognised person missing",
        begin: |scene| scene.world.gate.swap_snapshot(without_keys()),
        answer: ("ledger-unavailable", 503),
        request: OF_ADA,
        at_first: AtFirst::Works,
    },
    Fault {
        name: "decision too slow",
        begin: |_| {},
        answer: ("inspection-failed", 503),
        request: CLEAN,
        at_first: AtFirst::Fails(|setup| {
            setup.timeouts = Timeouts {
                judge: Duration::ZERO,
                ..Timeouts::default()
            };
        }),
    },
    Fault {
        name: "decoder over its limit",
        begin: |_| {},
        answer: ("refused", 403),
        request: (EVENTS, || "[".repeat(40) + &"]".repeat(40)),
        at_first: AtFirst::Fails(|setup| {
            setup.limits = Limits {
                nesting_max: 20,
                ..Limits::default()
            };
        }),
    },
    Fault {
        name: "body over its limit",
        begin: |_| {},
        answer: ("too-large", 413),
        request: (EVENTS, || "x".repeat(2000)),
        at_first: AtFirst::Fails(|setup| {
            setup.settings.limits.whole_max_bytes = 1000;
            setup.settings.limits.stream_max_bytes = 1500;
        }),
    },
];

fn write_fails(scene: &Scene, kind: std::io::ErrorKind) {
    scene.disk.begin(Trouble::Write(kind));
}

/// Seen behind an entry that is durable, signature and all; what comes after that one is refused.
fn checkpoint_fails(scene: &Scene) {
    scene.disk.begin(Trouble::Checkpoint);
    let deed = Deed::Fault(averment_ledger::Fault {
        fault: "directory_empty".into(),
    });
    // What the request before left to be recorded may meet it first.
    _ = scene.world.journal.note(deed);
    while scene.world.journal.failure().is_none() {
        std::thread::yield_now();
    }
}

fn ledger(scene: &Scene) -> PathBuf {
    scene.world.home.path().join("data/ledger/0001")
}

/// The people, recognised as before, without the keys that entries name them by.
fn without_keys() -> Arc<Snapshot> {
    let mut snapshot = Arc::into_inner(people(None)).unwrap();
    snapshot.person_keys = [].into();
    Arc::new(snapshot)
}

/// Routes to the two recipients of the rows.
fn settings() -> Settings {
    let route = |host: &str| Route {
        recipient: host.split('.').next().unwrap().parse().unwrap(),
        host: host.to_owned(),
    };
    Settings {
        routes: vec![route(EVENTS), route(DESK)],
        ..Settings::default()
    }
}

async fn scene(at_first: AtFirst) -> Scene {
    let (disk, time) = (Plant::default(), Arc::new(AtomicI64::new(clock().now().as_second())));
    let (planted, told) = (disk.clone(), Arc::clone(&time));
    let mut setup = Setup {
        settings: settings(),
        clock: Clock::new(move || {
            let second = told.load(Ordering::SeqCst);
            assert!(second != BROKEN, "a defect planted by a test");
            jiff::Timestamp::from_second(second).unwrap()
        }),
        disk: Box::new(move |disk| planted.on(disk)),
        ..Setup::default()
    };
    if let AtFirst::Fails(change) = at_first {
        change(&mut setup);
    }
    let world = World::with(setup).await;
    Scene { world, disk, time }
}

/// What came of one fault by one way in, for the table.
async fn meet(fault: &Fault, mode: Mode) -> String {
    let scene = scene(fault.at_first).await;
    let (host, body) = fault.request;
    let mut before = 0;
    if matches!(fault.at_first, AtFirst::Works) {
        assert_eq!(
            mode.send(&scene.world, host, &body()).await.status,
            200,
            "{}",
            fault.name
        );
        before = 1;
    }
    (fault.begin)(&scene);
    // Again: the gate must not forget.
    for _ in 0..2 {
        let reply = mode.send(&scene.world, host, &body()).await;
        let kind = reply.kind();
        assert_eq!(
            (kind.as_str(), reply.status),
            fault.answer,
            "{} by {mode:?}",
            fault.name
        );
        assert!(!reply.body.contains("brook"), "{} by {mode:?}", fault.name);
        assert!(reply.problem()["title"].as_str().unwrap().len() > 20);
    }
    // Whatever was still under way when it was answered has come to its end.
    _ = scene.world.journal.close();
    assert_eq!(scene.world.sink.count(), before, "{} by {mode:?}", fault.name);
    format!("{} {}", fault.answer.1, fault.answer.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_goes_out_whatever_fails() {
    let mut rows = String::new();
    for fault in FAULTS {
        _ = write!(rows, "| {} |", fault.name);
        for mode in MODES {
            let answer = meet(fault, mode).await;
            _ = write!(rows, " {answer} |");
        }
        rows.push('\n');
    }
    check_documented(&rows);
}

fn check_documented(rows: &str) {
    const BEGIN: &str = "| fault | absolute target | tunnel | route |\n|---|---|---|---|\n";
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/faults.md");
    let text = std::fs::read_to_string(&file).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (found, tail) = rest.split_once("\n\n").unwrap();
    if std::env::var_os("REWRITE_CASES").is_some() {
        std::fs::write(&file, format!("{head}{BEGIN}{rows}\n{tail}")).unwrap();
    } else {
        assert_eq!(format!("{found}\n"), rows, "run with REWRITE_CASES=1");
    }
}
