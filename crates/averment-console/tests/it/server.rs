//! A console on a port of its own, and a client that sends exactly what it is given.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use averment_claims::Activity;
use averment_console::{Checkpoint, LedgerStatus, LogFile, Status, Taken, View, router};
use averment_ledger::Entry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Server {
    address: SocketAddr,
    fails: Arc<AtomicBool>,
}

struct Example {
    fails: Arc<AtomicBool>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Server {
    pub(crate) async fn start(names: &[String]) -> Self {
        let fails = Arc::new(AtomicBool::new(false));
        let router = router(
            Arc::new(Example {
                fails: Arc::clone(&fails),
            }),
            names,
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, fails }
    }

    pub(crate) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    pub(crate) async fn ask(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::read(&String::from_utf8(bytes).unwrap())
    }
}

impl Answer {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            status,
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> String {
        self.headers.get(name).cloned().unwrap_or_default()
    }
}

pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
}

pub(crate) fn with_host(path: &str, host: &str) -> String {
    get(path).replace("localhost", host)
}

impl View for Example {
    fn file(&self, path: &str) -> Option<Vec<u8>> {
        if self.fails.load(Ordering::SeqCst) {
            panic!("deliberate");
        }
        let text = match path {
            "index.html" => "<p>page</p>",
            "recipients/desk.html" => "<p>desk</p>",
            "claims.json" | ".well-known/averment.json" => "{}",
            "feed.atom" => "<feed/>",
            _ => return None,
        };
        Some(text.into())
    }

    fn log_file(&self, path: &str) -> Option<LogFile> {
        match path {
            "log.example/a/checkpoint" => Some(LogFile::Checkpoint("log.example/a\n0\n".to_owned())),
            "log.example/a/tile/0/x001/000.p/7" => Some(LogFile::Tile(b"hashes".to_vec())),
            _ => None,
        }
    }

    fn policy_reports(&self, body: &[u8]) -> Taken {
        match body {
            b"{}" => Taken::NoReport,
            _ if self.fails.load(Ordering::SeqCst) => Taken::NotNow,
            _ => Taken::Counted,
        }
    }

    fn calendar(&self) -> String {
        "BEGIN:VCALENDAR\r\n".to_owned()
    }

    fn status(&self) -> Status {
        let mut activity = Activity::default();
        activity.push(&entry(0), 0);
        let at = |text: &str| text.parse().unwrap();
        Status {
            now: at("2026-11-21T12:00:00Z"),
            started_at: at("2026-11-21T09:30:00Z"),
            version: "0.1.0".into(),
            gate: "127.0.0.1:8480".into(),
            authority: Some("averment-keys/authority.pem".into()),
            organisation: "Lernwerk".into(),
            register: "register".into(),
            charter: "sha256:abc".into(),
            enforcing: 1,
            reporting: 2,
            unknown_hosts: "report".into(),
            people: 1234,
            identifiers: 5678,
            people_loaded_at: None,
            ledger: LedgerStatus {
                folder: "averment-data/ledger".into(),
                entries: 1,
                checkpoint: Some(Checkpoint {
                    size: 1,
                    root: "AAAA".into(),
                    signed_at: None,
                }),
            },
            activity,
        }
    }
}

pub(crate) fn entry(number: u64) -> Entry {
    let line = format!(
        r#"{{"v":1,"at":"2026-11-21T11:00:00.123456Z","charter":"sha256:abc","kind":"intent","id":"{number:032x}","recipient":"amplitude","host":"api2.amplitude.com","plane":"gateway","mode":"report","action":"forward","judged":"refuse","body_bytes":1,"request":"AAAAAAAAAAAAAAAAAAAAAA==","findings":[{{"element":"contact.email","subject":"student.under13","known_by":"exact","part":"body","pointer":"events[].user_properties.email","count":1,"treated":"pass","treatment":"block","reason":"barred","rule":"amplitude/no-student-records"}}]}}"#
    );
    serde_json::from_str(&line).unwrap()
}
