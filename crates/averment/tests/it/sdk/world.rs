//! The gate, the sink and the folders of packages for the official clients.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use averment_gate::Received;
use averment_ledger::{Deed, Message};
use averment_store::request_digest;
use serde_json::Value;

use super::{Client, Led, Registry};
use crate::needles::Needles;
use crate::third_parties::{ThirdParties, load_example_people};
use crate::world::{Place, Served, root};

/// A client that takes longer has failed.
const CLIENT_MAX: Duration = Duration::from_secs(60);

/// Names nobody.
const CLEAN: &str = "Level three of the river world is done";

/// A student's address, name and number, as in the example people.
const PLANTED: [&str; 3] = [
    "Please tell amina.delacroix@juniper.example today",
    "Please tell Amina Delacroix today",
    "Please call +1 202 555 0146 today",
];

/// What one client did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Requests that the sink had straight from the client.
    straight: usize,
    /// Requests that came through the gate.
    through: usize,
    /// How the second compare with the first.
    likeness: Likeness,
    /// Whether every request that arrived is the one that the ledger's entry is about.
    digests_agree: bool,
    /// Labels of the identifiers found at the sink.
    leaks: Vec<String>,
    /// Elements that the ledger says were refused, per planted text in order.
    refused: BTreeSet<String>,
    /// Refusals of the message that names nobody.
    refused_clean: Vec<String>,
    /// What the client said of the clean message through the gate.
    said: String,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Likeness {
    #[default]
    Absent,
    Different,
    /// But for values that change with each run: times, random identifiers, signatures.
    ButForChanging,
    Identical,
}

impl Outcome {
    pub(super) fn leaked(&self) -> bool {
        !self.leaks.is_empty()
    }

    pub(super) fn holds(&self) -> bool {
        let clean = matches!(self.likeness, Likeness::Identical | Likeness::ButForChanging);
        clean && self.digests_agree && !self.leaked() && self.refused.len() == PLANTED.len()
    }

    pub(super) fn row(&self, client: &Client) -> String {
        let clean = match self.likeness {
            Likeness::Absent => "did not arrive",
            Likeness::Different => "differs",
            Likeness::ButForChanging => "same but for changing values",
            Likeness::Identical => "identical",
        };
        let planted = if self.leaked() {
            format!("ARRIVED: {}", self.leaks.join(", "))
        } else {
            "0 at the sink".to_owned()
        };
        let refused: Vec<&str> = self.refused.iter().map(String::as_str).collect();
        let mut remark: Vec<String> = client.finding.iter().cloned().collect();
        if !self.holds() {
            remark.push(format!(
                "{} straight, {} through, digests {}; {}; {}",
                self.straight,
                self.through,
                if self.digests_agree { "agree" } else { "differ" },
                self.refused_clean.join(" "),
                self.said
            ));
        }
        format!(
            "| {} {} | {} | {clean} | {planted} | {} | {} |",
            client.id,
            client.packages.first().map_or("", String::as_str),
            client.led.word(),
            refused.join(", "),
            remark.join("; ")
        )
    }
}

/// A gate that enforces, with one recipient for each provider.
pub(super) struct World {
    place: Place,
    third_parties: ThirdParties,
    gate: Served,
    tunnel: String,
    needles: Needles,
}

impl World {
    pub(super) fn for_providers<'a>(providers: impl Iterator<Item = &'a str>) -> Self {
        let place = Place::new();
        write_register(&place, providers.collect());
        load_example_people(&place);
        let third_parties = ThirdParties::new();
        let gate = third_parties.behind_gate(&place, "register");
        let tunnel = format!("http://{}", third_parties.plain_tunnel());
        Self {
            place,
            third_parties,
            gate,
            tunnel,
            needles: Needles::of_example_people(),
        }
    }

    pub(super) fn tried(&self, client: &Client) -> Outcome {
        let straight = self.sent(client, &self.straight(), &[CLEAN]).0;
        let entries_before = self.place.deeds().len();
        let (through, said) = self.sent(client, &self.behind_gate(), &[CLEAN]);
        let clean: Vec<Message> = self
            .messages_after(entries_before)
            .map(|(_, message)| message)
            .collect();
        let entries_before = self.place.deeds().len();
        let (arrived, _) = self.sent(client, &self.behind_gate(), &PLANTED);
        let refusals = self.messages_after(entries_before).filter(|(refused, _)| *refused);
        let refused = refusals
            .flat_map(|(_, message)| message.findings)
            .filter(|finding| finding.person.is_some());
        Outcome {
            straight: straight.len(),
            through: through.len(),
            likeness: likeness(&straight, &through),
            digests_agree: self.all_in_ledger(&clean, &through),
            leaks: self.leaks(&arrived),
            refused: refused.map(|finding| finding.element).collect(),
            refused_clean: clean
                .iter()
                .filter(|message| message.action != "forward")
                .map(why)
                .collect(),
            said,
        }
    }

    /// Runs a client; gives what the sink received meanwhile and what the client said.
    fn sent(&self, client: &Client, environment: &[(String, String)], texts: &[&str]) -> (Vec<Received>, String) {
        let before = self.third_parties.received().len();
        let said = run(client, environment, texts);
        let mut received = self.third_parties.received().split_off(before);
        // Google's clients ask whether they run in its cloud; the gate never connects there.
        received.retain(|request| !request.host.starts_with("169.254.") && !request.host.starts_with("metadata."));
        (received, said)
    }

    /// The variables that `averment env` prints.
    fn behind_gate(&self) -> Vec<(String, String)> {
        let gate = self.gate.said("gate").trim_start_matches("http://").to_owned();
        let printed = self
            .place
            .run(&["env", "--gate", &gate, "--shell", "json"])
            .expect(0)
            .stdout;
        let variables: Value = serde_json::from_str(&printed).expect("JSON");
        let variables = variables.as_object().expect("an object").iter();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut variables: Vec<_> = variables.map(|(name, value)| (name.clone(), text(value))).collect();
        variables.push(("GATE_RUN".to_owned(), "1".to_owned()));
        variables
    }

    /// The same, but they lead to a blind tunnel to the sink.
    fn straight(&self) -> Vec<(String, String)> {
        let sink = self.third_parties.certificate(&self.place).display().to_string();
        let gate = self.gate.said("gate").trim_end_matches('/').to_owned();
        let swapped = |value: String| match value {
            value if value.trim_end_matches('/') == gate => self.tunnel.clone(),
            value if value.ends_with(".pem") => sink.clone(),
            value => value,
        };
        self.behind_gate()
            .into_iter()
            .map(|(name, value)| (name, swapped(value)))
            .collect()
    }

    fn messages_after(&self, entries: usize) -> impl Iterator<Item = (bool, Message)> {
        self.place
            .deeds()
            .into_iter()
            .skip(entries)
            .filter_map(|deed| match deed {
                Deed::Intent(message) => Some((false, message)),
                Deed::Refusal(message) => Some((true, message)),
                _ => None,
            })
    }

    /// Messages of a call are entries of their own and have other digests.
    fn all_in_ledger(&self, entries: &[Message], arrived: &[Received]) -> bool {
        let keys = self.place.keys();
        arrived.iter().all(|request| {
            let digest = request_digest(&keys, &request.method, &request.target, &request.body);
            let call = request
                .header("content-type")
                .is_some_and(|kind| kind.starts_with(b"application/grpc"));
            entries
                .iter()
                .any(|message| message.request == digest || (call && message.part_of.is_some()))
        })
    }

    fn leaks(&self, arrived: &[Received]) -> Vec<String> {
        let mut found = BTreeSet::new();
        for request in arrived {
            let mut all = format!("{} {}\n", request.host, request.target).into_bytes();
            for (name, value) in request.headers.iter().chain(&request.trailers) {
                all.extend_from_slice(name.as_bytes());
                all.extend_from_slice(value);
                all.push(b'\n');
            }
            all.extend_from_slice(&request.body);
            all.extend_from_slice(&unpacked(&request.body));
            found.extend(self.needles.found_in(&all).into_iter().map(str::to_owned));
        }
        found.into_iter().collect()
    }
}

fn why(message: &Message) -> String {
    let findings = message
        .findings
        .iter()
        .map(|finding| format!("{}:{}", finding.element, finding.reason));
    let unreadable = message.unreadable.iter().map(|part| format!("{part:?}"));
    let all: Vec<String> = findings.chain(unreadable).collect();
    format!("{} to {}: {}", message.action, message.host, all.join(","))
}

fn write_register(place: &Place, providers: BTreeSet<&str>) {
    let folder = place.path("register/recipients");
    std::fs::create_dir_all(&folder).expect("a folder");
    let organisation = "organisation = \"Example Platform (fictional)\"\n\n[defaults]\nunknown_hosts = \"enforce\"\n";
    std::fs::write(place.path("register/organisation.toml"), organisation).expect("a file");
    for provider in providers {
        let row = format!(
            "recipient = \"{provider}\"\npurpose = \"To do what the platform asks of it.\"\ninformation = \"Events.\"\n\
             planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"none\"\nmode = \"enforce\"\n\n\
             [[discloses]]\nelements = [\"usage.event\", \"tech.ip_address\", \"tech.user_agent\", \"tech.locale\"]\n\
             subjects = [\"student\", \"teacher\", \"visitor\"]\n\n\
             [[discloses]]\nelements = [\"contact.phone\", \"contact.email\"]\nsubjects = [\"teacher\", \"visitor\"]\n"
        );
        std::fs::write(folder.join(format!("{provider}.toml")), row).expect("a file");
    }
}

/// Where `cargo xtask sdk-all` and `cargo xtask test` install the packages.
pub(crate) fn packages() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("sdk")
}

fn run(client: &Client, environment: &[(String, String)], texts: &[&str]) -> String {
    let (table, packages) = (root().join("tests/sdk"), packages());
    let mut command = match client.registry {
        Registry::Npm => {
            let mut node = Command::new("node");
            node.args(["--no-warnings", "--import", "./lead.mjs", "drive.mjs"]);
            node.env("SDK_FOLDER", packages.join("npm"));
            node
        }
        Registry::Pypi => {
            let mut python = Command::new(packages.join("venv/bin/python"));
            python.args(["-W", "ignore", "-P", "drive.py"]);
            python
        }
    };
    command.arg(&client.script).args(texts).current_dir(table);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.env("SDK_LED", client.led.word());
    if client.led == Led::Preload {
        command.env_remove("NODE_USE_ENV_PROXY");
    }
    ended(
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped()),
        client,
    )
}

/// The last line that it printed, or of its errors.
#[expect(clippy::panic, reason = "a missing package fails the test")]
fn ended(command: &mut Command, client: &Client) -> String {
    let start = command.spawn();
    let mut child = start.unwrap_or_else(|error| {
        panic!(
            "`{}` cannot be started ({error}): `cargo xtask sdk-all` installs it",
            client.id
        )
    });
    let end = Instant::now() + CLIENT_MAX;
    let (mut out, mut errors) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
    let errors = std::thread::spawn(move || {
        let mut text = String::new();
        errors.read_to_string(&mut text).map(|_| text).unwrap_or_default()
    });
    let out = std::thread::spawn(move || {
        let mut text = String::new();
        out.read_to_string(&mut text).map(|_| text).unwrap_or_default()
    });
    while child.try_wait().expect("a child").is_none() {
        if Instant::now() > end {
            let _ = child.kill();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let (out, errors) = (out.join().unwrap_or_default(), errors.join().unwrap_or_default());
    let missing = errors.contains("MODULE_NOT_FOUND") || errors.contains("ModuleNotFoundError");
    assert!(
        !missing,
        "`{}` is not installed: `cargo xtask sdk-all` installs it\n{errors}",
        client.id
    );
    let last = |text: &str| {
        text.lines()
            .rfind(|line| line.contains("rror") || line.starts_with('{'))
            .unwrap_or_default()
            .to_owned()
    };
    if out.trim().is_empty() {
        last(&errors)
    } else {
        last(&out)
    }
}

/// Every request of one side has its like on the other.
fn likeness(straight: &[Received], through: &[Received]) -> Likeness {
    if straight.is_empty() || through.is_empty() {
        return Likeness::Absent;
    }
    let exact = |request: &Received| (request.method.clone(), request.target.clone(), request.body.to_vec());
    let rough = |request: &Received| {
        (
            request.method.clone(),
            steady(request.target.as_bytes()),
            steady(&unpacked(&request.body)),
        )
    };
    if sorted(straight, exact) == sorted(through, exact) {
        Likeness::Identical
    } else if sorted(straight, rough) == sorted(through, rough) {
        Likeness::ButForChanging
    } else {
        Likeness::Different
    }
}

fn sorted<T: Ord>(requests: &[Received], of: impl Fn(&Received) -> T) -> BTreeSet<T> {
    requests.iter().map(of).collect()
}

/// With every run of letters and digits that holds a digit, or is long, replaced: times, identifiers, signatures.
fn steady(bytes: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_+/=.:%".contains(byte);
    for run in bytes.chunk_by(|left, right| word(left) == word(right)) {
        let changing = word(&run[0]) && (run.iter().any(u8::is_ascii_digit) || run.len() > 40);
        kept.extend_from_slice(if changing { b"#" } else { run });
    }
    kept
}

/// The bytes inside gzip, deflate or zstd; otherwise the bytes.
fn unpacked(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let read = match body {
        [0x1f, 0x8b, ..] => flate2::read::MultiGzDecoder::new(body).read_to_end(&mut out).is_ok(),
        [0x78, ..] => flate2::read::ZlibDecoder::new(body).read_to_end(&mut out).is_ok(),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => zstd::stream::copy_decode(body, &mut out).is_ok(),
        _ => false,
    };
    if read { out } else { body.to_vec() }
}
