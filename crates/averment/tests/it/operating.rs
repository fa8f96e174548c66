//! What whoever runs a gate does while it runs: reload, cut off, ask how it is, exchange it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use averment_ledger::Deed;

use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::{self, Request, Trust};
use crate::world::{Place, Served};

const TOKEN: &str = "correct-horse-battery-staple";
const STUDENT: &str = "maya.lindqvist@birch.example";
const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn event<'a>(host: &'a str, body: &'a str) -> Request<'a> {
    Request {
        method: "POST",
        host,
        target: "/2/httpapi",
        headers: &JSON,
        body: body.as_bytes(),
    }
}

fn harmless() -> Request<'static> {
    event("api2.amplitude.com", r#"{"events":[{"event_type":"level_done"}]}"#)
}

fn settings(place: &Place) -> String {
    std::fs::write(place.path("token"), TOKEN).expect("a file for the token");
    let token = place.path("token").display().to_string();
    let text = format!("[admin]\nlisten = \"127.0.0.1:0\"\ntoken_file = \"{token}\"\n");
    std::fs::write(place.path("settings.toml"), text).expect("a settings file");
    place.path("settings.toml").display().to_string()
}

fn gate(place: &Place, third_parties: &ThirdParties, command: &[&str]) -> Served {
    let arguments = third_parties.upstream_of(place, command);
    place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

fn address_of(served: &Served, label: &str) -> SocketAddr {
    let said = served.said(label).trim_start_matches("http://").trim_end_matches('/');
    said.parse().expect("an address was said")
}

fn trust(place: &Place) -> Trust {
    Trust::only(&place.path("averment-data/authority.pem"))
}

#[test]
fn a_register_that_changed_is_in_force_after_the_signal_and_open_tunnels_are_cut() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let register = place.register_with_mode("statsig", "report").display().to_string();
    load_example_people(&place);
    let mut served = gate(&place, &third_parties, &["up", &register, "--page", "127.0.0.1:0"]);
    let (gate, page) = (address_of(&served, "gate"), address_of(&served, "page").to_string());
    let before = served.said("charter").to_owned();
    let mut tunnel = harmless().open_tunnel(gate, &trust(&place)).expect("a tunnel");
    assert_eq!(tunnel.ask(&harmless()).expect("an answer").status(), 200);
    let statsig = event("events.statsigapi.net", "{}");
    let mut other = statsig.open_tunnel(gate, &trust(&place)).expect("a tunnel");
    assert_eq!(other.ask(&statsig).expect("an answer").status(), 200);

    std::fs::remove_file(Path::new(&register).join("recipients/amplitude.toml")).expect("it was there");
    served.signal("HUP");
    served.wait_for("reloaded");
    assert!(tunnel.is_closed(), "the tunnel to who is not declared any more");
    let refused = harmless().through_tunnel(gate, &trust(&place)).expect("an answer");
    assert_eq!(refused.status(), 403, "{}", refused.body);
    assert_eq!(
        other.ask(&statsig).expect("an answer").status(),
        200,
        "other tunnels stay"
    );
    let after = served.all_said().rsplit(' ').next().unwrap_or_default().to_owned();
    assert_ne!(before, after);
    assert!(
        wire::get(&page, "/status?refresh=off").body.contains(&after),
        "the live page follows"
    );

    std::fs::write(Path::new(&register).join("recipients/statsig.toml"), "recipient = ").expect("it can be written");
    served.signal("HUP");
    wait_until(|| std::fs::read_to_string(place.path("averment.log")).is_ok_and(|log| log.contains("not reloaded")));
    assert_eq!(
        other.ask(&statsig).expect("an answer").status(),
        200,
        "what does not compile changes nothing"
    );
    assert_eq!(served.stop(), 0);
    let charters = place
        .deeds()
        .iter()
        .filter(|deed| matches!(deed, Deed::Charter(_)))
        .count();
    assert_eq!(charters, 2, "at the start and at the reload that worked");
    assert_eq!(third_parties.received().len(), 4);
}

#[test]
fn the_admin_address_says_how_it_is_and_changes_only_for_who_has_the_token() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (register, settings) = (example_register(), settings(&place));
    load_example_people(&place);
    let served = gate(&place, &third_parties, &["gate", &register, "--settings", &settings]);
    let (gate, admin) = (address_of(&served, "gate"), address_of(&served, "admin").to_string());
    assert_eq!(wire::get(&admin, "/healthz").body, "ok\n");
    assert_eq!(wire::get(&admin, "/readyz").status(), 200);
    assert_eq!(
        harmless()
            .through_tunnel(gate, &trust(&place))
            .expect("an answer")
            .status(),
        200
    );
    let body = format!(r#"{{"user_id":"{STUDENT}"}}"#);
    let named = event("api2.amplitude.com", &body);
    assert_eq!(
        named.through_tunnel(gate, &trust(&place)).expect("an answer").status(),
        403
    );

    let metrics = wire::get(&admin, "/metrics").body;
    let lines = [
        "averment_messages_total{recipient=\"amplitude\",action=\"forward\",judged=\"forward\",mode=\"enforce\",service=\"unnamed\"} 1\n",
        "averment_messages_total{recipient=\"amplitude\",action=\"refuse\",judged=\"refuse\",mode=\"enforce\",service=\"unnamed\"} 1\n",
        "averment_rulings_total{recipient=\"amplitude\",reason=\"barred\",treatment=\"block\"} 1\n",
        "averment_problems_total{problem=\"refused\"} 1\n",
        "averment_step_seconds_count{step=\"record\"} 1\n",
        "averment_request_seconds_count{recipient=\"amplitude\"} 2\n",
        "averment_ready 1\n",
    ];
    for line in lines {
        assert!(metrics.contains(line), "{line}{metrics}");
    }
    assert!(!metrics.contains("maya") && !metrics.contains("httpapi"), "{metrics}");

    let bearer = format!("Bearer {TOKEN}");
    let with_token = [("Authorization", bearer.as_str())];
    for (method, path) in [("POST", "/reload"), ("POST", "/cut-off"), ("DELETE", "/cut-off")] {
        assert_eq!(
            wire::ask(&admin, method, path, &[], "{\"all\":true}").status(),
            401,
            "{path}"
        );
    }
    assert_eq!(
        wire::ask(&admin, "GET", "/healthz", &[("Origin", "https://page.example")], "").status(),
        421
    );
    let reloaded = wire::ask(&admin, "POST", "/reload", &with_token, "");
    assert!(reloaded.body.contains("\"changed\": false"), "{}", reloaded.body);
    let unknown = wire::ask(&admin, "POST", "/cut-off", &with_token, r#"{"recipients":["nobody"]}"#);
    assert_eq!(unknown.status(), 422, "{}", unknown.body);
    assert_eq!(served.stop(), 0);
}

#[test]
fn who_is_cut_off_gets_nothing_until_it_is_lifted_restarts_included() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (register, settings) = (example_register(), settings(&place));
    load_example_people(&place);
    let command = ["gate", &register, "--settings", &settings];
    let bearer = format!("Bearer {TOKEN}");
    let with_token = [("Authorization", bearer.as_str())];
    let served = gate(&place, &third_parties, &command);
    let (address, admin) = (address_of(&served, "gate"), address_of(&served, "admin").to_string());
    let mut tunnel = harmless().open_tunnel(address, &trust(&place)).expect("a tunnel");
    assert_eq!(tunnel.ask(&harmless()).expect("an answer").status(), 200);
    let cut = wire::ask(
        &admin,
        "POST",
        "/cut-off",
        &with_token,
        r#"{"recipients":["amplitude"]}"#,
    );
    assert_eq!(cut.status(), 200, "{}", cut.body);
    assert!(tunnel.is_closed());
    let refused = harmless().through_tunnel(address, &trust(&place)).expect("an answer");
    assert!(
        refused.status() == 503 && refused.body.contains("urn:averment:problem:cut-off"),
        "{}",
        refused.body
    );
    wire::ask(&admin, "POST", "/reload", &with_token, "");
    assert_eq!(
        harmless()
            .through_tunnel(address, &trust(&place))
            .expect("an answer")
            .status(),
        503
    );
    assert_eq!(served.stop(), 0);

    let served = gate(&place, &third_parties, &command);
    let (address, admin) = (address_of(&served, "gate"), address_of(&served, "admin").to_string());
    assert_eq!(
        harmless()
            .through_tunnel(address, &trust(&place))
            .expect("an answer")
            .status(),
        503
    );
    assert_eq!(third_parties.received().len(), 1, "nothing went out meanwhile");
    assert_eq!(
        wire::ask(&admin, "DELETE", "/cut-off/amplitude", &with_token, "").status(),
        200
    );
    assert_eq!(
        harmless()
            .through_tunnel(address, &trust(&place))
            .expect("an answer")
            .status(),
        200
    );
    assert_eq!(served.stop(), 0);
    let states: Vec<usize> = place.deeds().iter().filter_map(cut_off).collect();
    assert_eq!(states, [1, 1, 0], "cut off, again after the restart, lifted");
    let refusals = place
        .deeds()
        .iter()
        .filter(|deed| matches!(deed, Deed::Refusal(_)))
        .count();
    assert_eq!(refusals, 3);
}

fn cut_off(deed: &Deed) -> Option<usize> {
    match deed {
        Deed::CutOff(set) => Some(set.recipients.len()),
        _ => None,
    }
}

/// Callers that keep their connections and callers that do not, while the gate is exchanged under them.
#[test]
fn a_gate_is_exchanged_under_load_without_a_lost_request() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    load_example_people(&place);
    let register = example_register();
    let command = ["gate", register.as_str()];
    let first = gate(&place, &third_parties, &command);
    let address = address_of(&first, "gate");
    let load = Load::default();
    let trust = trust(&place);
    std::thread::scope(|threads| {
        for caller in 0..4 {
            let (load, trust) = (&load, &trust);
            threads.spawn(move || load.send(address, trust, caller % 2 == 0));
        }
        load.wait_for_more(50);
        let mut gate_now = first;
        for _ in 0..3 {
            let next = gate(&place, &third_parties, &["gate", &register, "--take-over"]);
            assert_eq!(address_of(&next, "gate"), address, "the same socket");
            assert_eq!(gate_now.ended(), 0, "the old one ends by itself");
            gate_now = next;
            load.wait_for_more(50);
        }
        load.end.store(true, Ordering::Relaxed);
        gate_now
    })
    .stop();
    let counts = [&load.answered, &load.told, &load.failed].map(|count| count.load(Ordering::Relaxed));
    println!(
        "{} answered, {} told to come again, {} failed",
        counts[0], counts[1], counts[2]
    );
    assert_eq!(counts[2], 0, "{counts:?}");
    place.run(&["ledger", "verify"]).expect(0);
}

/// A request whose recipient never answers keeps the old process; who comes meanwhile is not kept waiting for it.
#[test]
fn callers_are_told_to_come_again_while_the_old_gate_finishes() {
    let place = Place::new();
    load_example_people(&place);
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let upstream = silent.local_addr().expect("a bound port").to_string();
    let register = example_register();
    let command = ["gate", &register, "--gate", "127.0.0.1:0", "--connect-to", &upstream];
    let old = place.serve(&command);
    let address = address_of(&old, "gate");
    let trust = trust(&place);
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| harmless().through_tunnel(address, &trust));
        let (held, _) = silent.accept().expect("the gate connects");
        let next = threads.spawn(|| place.serve(&[&command[..], &["--take-over"]].concat()));
        let log = place.path("averment.log");
        wait_until(|| std::fs::read_to_string(&log).is_ok_and(|log| log.contains("took the sockets over")));
        wait_until(|| {
            let answer = harmless().through(address);
            answer.is_ok_and(|answer| answer.status() == 503 && wire::header(&answer.head, "retry-after") == Some("2"))
        });
        drop(held);
        let kept = waiting.join().expect("no panic").expect("an answer");
        // Gone, or given up by then; in both cases by the old process, which had it.
        assert!(matches!(kept.status(), 502 | 504), "{}", kept.body);
        assert_eq!(old.ended(), 0);
        assert_eq!(next.join().expect("no panic").stop(), 0);
    });
    place.run(&["ledger", "verify"]).expect(0);
}

/// As a service manager does it: the socket is there before the program, and the program says how it is.
#[test]
fn a_service_manager_gives_the_socket_and_is_told() {
    let place = Place::new();
    load_example_people(&place);
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = socket.local_addr().expect("a bound port");
    let told = std::os::unix::net::UnixDatagram::bind(place.path("notify")).expect("a socket to be told at");
    told.set_read_timeout(Some(std::time::Duration::from_secs(30)))
        .expect("it can be set");
    let script = "exec 3<&0 0</dev/null; LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" gate \"$1\"";
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", script, env!("CARGO_BIN_EXE_averment"), &example_register()])
        .current_dir(place.path(""))
        .env("NOTIFY_SOCKET", place.path("notify"))
        .env("WATCHDOG_USEC", "200000")
        .stdin(std::os::fd::OwnedFd::from(socket));
    let mut served = Served::start(command, &place.path("averment.log"));
    assert_eq!(address_of(&served, "gate"), address);
    let wait_for = |news: &str| {
        let mut text = [0; 256];
        while !told
            .recv(&mut text)
            .map(|length| String::from_utf8_lossy(&text[..length]).starts_with(news))
            .expect(news)
        {}
    };
    wait_for("READY=1");
    wait_for("WATCHDOG=1");
    served.signal("HUP");
    served.wait_for("reloaded");
    wait_for("RELOADING=1\nMONOTONIC_USEC=");
    wait_for("READY=1");
    assert_eq!(served.stop(), 0);
    wait_for("STOPPING=1");
}

/// What became of requests.
#[derive(Default)]
struct Load {
    end: AtomicBool,
    answered: AtomicU64,
    /// 503 with `Retry-After`.
    told: AtomicU64,
    failed: AtomicU64,
}

impl Load {
    fn send(&self, gate: SocketAddr, trust: &Trust, is_kept: bool) {
        let mut kept = None;
        while !self.end.load(Ordering::Relaxed) {
            let answer = if is_kept {
                let mut tunnel = match kept.take() {
                    Some(tunnel) => tunnel,
                    None => match harmless().open_tunnel(gate, trust) {
                        Ok(tunnel) => tunnel,
                        Err(error) => {
                            let is_told = error.to_string().to_ascii_lowercase().contains("retry-after");
                            self.count(is_told.then_some(503));
                            continue;
                        }
                    },
                };
                let answer = tunnel.ask(&harmless());
                let closes = answer
                    .as_ref()
                    .is_ok_and(|answer| wire::header(&answer.head, "connection") == Some("close"));
                kept = (!closes && answer.is_ok()).then_some(tunnel);
                answer
            } else {
                harmless().through_tunnel(gate, trust)
            };
            let told = answer
                .as_ref()
                .is_ok_and(|answer| wire::header(&answer.head, "retry-after").is_some());
            self.count(
                answer
                    .ok()
                    .map(|answer| answer.status())
                    .filter(|status| *status == 200 || told),
            );
        }
    }

    fn count(&self, status: Option<u16>) {
        let count = match status {
            Some(200) => &self.answered,
            Some(_) => &self.told,
            None => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    fn wait_for_more(&self, more: u64) {
        let before = self.answered.load(Ordering::Relaxed);
        wait_until(|| self.answered.load(Ordering::Relaxed) >= before + more);
    }
}

/// Looks again and again, for as long as a test has.
fn wait_until(is_so: impl Fn() -> bool) {
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !is_so() {
        assert!(std::time::Instant::now() < end, "it did not come to that");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
