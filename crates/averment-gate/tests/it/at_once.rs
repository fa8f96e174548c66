//! Bodies that decode to much, all at once, in a process of their own, so that its peak of resident memory is theirs.

use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use averment_detect::Limits;
use averment_gate::{Settings, Timeouts};
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::task::JoinSet;

use crate::client::exchange;
use crate::world::{ADA, EVENTS, Setup, World};

/// Says to the child process that it is one.
const INSIDE: &str = "AVERMENT_BOMBS_INSIDE";
const AT_ONCE: usize = 32;
/// What each decodes to: a quarter of a gigabyte together.
const DECODED_BYTES: usize = 8 << 20;
const AGAIN_BYTES: usize = 256 << 10;
/// Room for two of them.
const SETTINGS: &str = "[limits]\ndecoded_max_bytes = 16777216\n";
/// All of them would be 256 MiB. Two that grow at the same time, and what their threads keep, came to 50 to 81.
const MORE_MAX_KIB: u64 = 96 << 10;

/// Resident memory, KiB: now (`VmRSS:`), or the most that there was since the process began (`VmHWM:`).
fn resident_kib(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Packed well, and less well than what is refused for that alone: a few words again and again, and then others.
fn bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let mut number = 0_u32;
    let mut word = || {
        number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{:x} ", number >> 8)
    };
    for _ in 0..DECODED_BYTES / AGAIN_BYTES {
        let words: String = std::iter::repeat_with(&mut word).take(600).collect();
        let again = words.bytes().cycle().take(AGAIN_BYTES);
        encoder.write_all(&again.collect::<Vec<u8>>()).unwrap();
    }
    encoder.write_all(ADA.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn all_at_once(world: &Arc<World>) {
    let body = bomb();
    assert!(body.len() * 200 > DECODED_BYTES, "{} bytes", body.len());
    let head = format!(
        "POST / HTTP/1.1\r\nHost: {EVENTS}\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let request = Arc::new([head.into_bytes(), body].concat());
    let mut callers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (world, request) = (Arc::clone(world), Arc::clone(&request));
        callers.spawn(async move {
            let reply = exchange(&mut world.tunnel(EVENTS).await, &request).await;
            (reply.status, reply.kind())
        });
    }
    let answers = callers.join_all().await;
    let (refused, shed) = ((403, "refused".to_owned()), (503, "overloaded".to_owned()));
    assert!(
        answers.iter().all(|answer| [&refused, &shed].contains(&answer)),
        "{answers:?}"
    );
    assert!(answers.contains(&refused), "{answers:?}");
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the child process is told by a variable that it is one"
)]
fn inside_the_child_process() {
    let Ok(report) = std::env::var(INSIDE) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let timeouts = Timeouts {
            judge: Duration::from_secs(60),
            ..Timeouts::default()
        };
        let world = World::with(Setup {
            settings: Settings::parse(SETTINGS).unwrap(),
            limits: Limits::default(),
            timeouts,
            ..Setup::default()
        });
        let world = Arc::new(world.await);
        // What is made once, such as threads and a certificate.
        assert_eq!(world.post(EVENTS, "{}").await.status, 200);
        drop(bomb());
        let before = resident_kib("VmRSS:");
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        all_at_once(&world).await;
        assert_eq!(world.post(EVENTS, "{}").await.status, 200, "others are served again");
        assert_eq!(world.sink.count(), 2);
        // The parent reads this line.
        std::fs::write(report, (resident_kib("VmHWM:") - before).to_string()).unwrap();
    });
}

#[test]
fn thirty_two_bodies_that_decode_to_much_take_little_memory_and_never_arrive() {
    let report = std::env::temp_dir().join(format!("averment-gate-bombs-{}", std::process::id()));
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "at_once::inside_the_child_process", "--nocapture"])
        .env(INSIDE, &report)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success(),
        "{told} {}",
        String::from_utf8_lossy(&child.stderr)
    );
    let more: u64 = std::fs::read_to_string(&report).unwrap().parse().unwrap();
    std::fs::remove_file(&report).unwrap();
    assert!(more < MORE_MAX_KIB, "{more} KiB more");
}
