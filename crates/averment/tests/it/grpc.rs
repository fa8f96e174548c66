//! An official gRPC client over a route of the gate, HTTP/2 in clear up to it and TLS behind: calls of every kind, by the recipient's
//! name and by a path.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use averment_ledger::Deed;
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};

use crate::third_parties::load_example_people;
use crate::world::{Place, Served, root};

const HOST: &str = "notes.example";
const ADDRESS: &str = "maya.lindqvist@birch.example";

/// A recipient that speaks gRPC, by the library that recipients use.
struct Recipient {
    child: Child,
    lines: mpsc::Receiver<String>,
    port: u64,
}

impl Recipient {
    fn start(place: &Place) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![HOST.to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("a certificate");
        std::fs::write(place.path("notes.key"), key.serialize_pem()).expect("a file");
        std::fs::write(place.path("notes.pem"), certificate.pem()).expect("a file");
        let mut child = Command::new("node")
            .arg("grpc-server.mjs")
            .args([place.path("notes.key"), place.path("notes.pem")])
            .current_dir(client_folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test needs Node.js: `cargo xtask test` installs it");
        let output = child.stdout.take().expect("piped");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(output).lines().map_while(Result::ok);
            lines.all(|line| send.send(line).is_ok())
        });
        let first = lines.recv_timeout(Duration::from_secs(30)).expect("it says its port");
        let first: Value = serde_json::from_str(&first).expect("JSON");
        let port = first["port"].as_u64().expect("a port");
        Self { child, lines, port }
    }

    /// The texts that arrived since it was asked last.
    fn got(&self) -> Vec<String> {
        // What a call brought is printed before its answer is sent.
        let lines = std::iter::from_fn(|| self.lines.recv_timeout(Duration::from_millis(200)).ok());
        let texts = lines.filter_map(|line| {
            serde_json::from_str::<Value>(&line).ok()?["got"]
                .as_str()
                .map(str::to_owned)
        });
        texts.collect()
    }
}

impl Drop for Recipient {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn client_folder() -> PathBuf {
    let folder = root().join("tests/clients");
    assert!(
        folder.join("node_modules/@grpc/grpc-js").is_dir(),
        "this test needs the npm package `@grpc/grpc-js`: `cargo xtask test` installs it"
    );
    folder
}

fn start(place: &Place, recipient: &Recipient) -> Served {
    load_example_people(place);
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    let organisation = "organisation = \"Example Platform (fictional)\"\n\n[defaults]\nunknown_hosts = \"enforce\"\n";
    std::fs::write(place.path("register/organisation.toml"), organisation).expect("a file");
    let row = format!(
        "recipient = \"notes\"\nthird_parties = []\nhosts = [\"{HOST}\"]\npurpose = \"To keep notes.\"\ninformation = \"Notes.\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"none\"\nmode = \"enforce\"\n"
    );
    std::fs::write(place.path("register/recipients/notes.toml"), row).expect("a file");
    let route = format!("[[routes]]\nrecipient = \"notes\"\nhost = \"{HOST}\"\n");
    std::fs::write(place.path("settings.toml"), route).expect("a file");
    let there = format!("127.0.0.1:{}", recipient.port);
    let arguments = [
        "gate",
        "register",
        "--settings",
        "settings.toml",
        "--gate",
        "127.0.0.1:0",
    ];
    place.serve(&[&arguments[..], &["--trust", "notes.pem", "--connect-to", &there]].concat())
}

/// What the client saw of each kind of call.
fn calls(gate: &Served, (authority, before): (&str, &str), text: &str) -> Value {
    let output = Command::new("node")
        .args(["grpc.mjs", &gate.gate().to_string(), authority, before, text])
        .current_dir(client_folder())
        .output()
        .expect("this test needs Node.js: `cargo xtask test` installs it");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let seen = printed.lines().last().and_then(|line| serde_json::from_str(line).ok());
    assert!(seen.is_some(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    seen.unwrap_or_default()
}

#[test]
fn an_official_grpc_client_calls_over_routes_in_every_way() {
    let place = Place::new();
    let recipient = Recipient::start(&place);
    let gate = start(&place, &recipient);
    for way in [(HOST, ""), ("", "/to/notes")] {
        let seen = calls(&gate, way, "three");
        let expected = json!({
            "add": { "came": ["THREE"], "code": 0 },
            "upload": { "came": ["FIRST SECOND THREE"], "code": 0 },
            "list": { "came": ["WORDS", "OF", "THREE"], "code": 0 },
            "talk": { "came": ["ONE", "TWO", "THREE"], "code": 0 },
        });
        assert_eq!(seen, expected, "{way:?}");
        let texts = [
            "three",
            "first",
            "second",
            "three",
            "words of three",
            "one",
            "two",
            "three",
        ];
        assert_eq!(recipient.got(), texts, "{way:?}");
    }
    for way in [(HOST, ""), ("", "/to/notes")] {
        let seen = calls(&gate, way, ADDRESS);
        // Not permitted, and where an answer had begun its stream is broken off.
        for (kind, code) in [("add", 7), ("upload", 7), ("list", 7), ("talk", 13)] {
            assert_eq!(seen[kind]["code"], json!(code), "{way:?} {seen}");
        }
        assert_eq!(seen["talk"]["came"], json!(["ONE", "TWO"]), "{way:?}");
        let got = recipient.got();
        assert!(got.iter().all(|text| !text.contains("maya")), "{way:?} {got:?}");
    }
    assert_eq!(gate.stop(), 0);
    let refused = place.deeds().into_iter().filter_map(|deed| match deed {
        Deed::Refusal(message) => Some(message),
        _ => None,
    });
    let refused: Vec<_> = refused.collect();
    assert_eq!(refused.len(), 8, "one for each call that named her");
    for message in refused {
        assert_eq!(message.recipient.as_deref(), Some("notes"));
        let elements: Vec<&str> = message
            .findings
            .iter()
            .map(|finding| finding.element.as_str())
            .collect();
        assert_eq!(elements, ["contact.email"]);
    }
}
