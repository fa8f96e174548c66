//! Official clients of third parties, unchanged, through the gate.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use averment_gate::Received;
use averment_ledger::{Deed, Message};
use averment_store::request_digest;
use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::get;
use crate::world::{Place, Served, root};

const ADDRESS: &str = "maya.lindqvist@birch.example";
const NEVER_SHARES: &str = "amplitude/never-shares";
const SHARES: &str = "amplitude/shares";

/// How soon a page has to say that a sentence is broken.
const PAGE_IS_TOLD_WITHIN: Duration = Duration::from_secs(60);

/// A place with people, a gate in it, and third parties behind the gate.
struct House {
    place: Place,
    third_parties: ThirdParties,
    gate: Served,
    register: String,
}

impl House {
    fn with_example_register() -> Self {
        let place = Place::new();
        Self::open(place, example_register())
    }

    fn with_amplitude_only_reported() -> Self {
        let place = Place::new();
        let register = place.register_with_mode("amplitude", "report").display().to_string();
        Self::open(place, register)
    }

    fn open(place: Place, register: String) -> Self {
        load_example_people(&place);
        let third_parties = ThirdParties::new();
        let gate = third_parties.behind_up(&place, &register, &[]);
        Self {
            place,
            third_parties,
            gate,
            register,
        }
    }

    fn client(&self) -> Client {
        let proxy = self.gate.said("gate").to_owned();
        Client {
            proxy,
            trust: self.place.path("averment-data/authority.pem"),
            clock: None,
        }
    }

    fn page(&self) -> &str {
        self.gate
            .said("page")
            .trim_start_matches("http://")
            .trim_end_matches('/')
    }

    /// Stops the gate; then the messages of the ledger with the kind of their deed.
    fn messages(self) -> Vec<(&'static str, Message)> {
        assert_eq!(self.gate.stop(), 0);
        let messages = self.place.deeds().into_iter().filter_map(|deed| match deed {
            Deed::Intent(message) => Some(("intent", message)),
            Deed::Refusal(message) => Some(("refusal", message)),
            _ => None,
        });
        messages.collect()
    }
}

/// How the clients reach the world.
struct Client {
    /// Address of the proxy as a URL.
    proxy: String,
    /// Certificate to trust besides those of the platform.
    trust: PathBuf,
    /// A script that stops the client's clock.
    clock: Option<PathBuf>,
}

impl Client {
    /// Without a gate: only a blind tunnel to the sink.
    fn straight_to(third_parties: &ThirdParties, place: &Place) -> Self {
        let tunnel: SocketAddr = third_parties.plain_tunnel();
        Self {
            proxy: format!("http://{tunnel}"),
            trust: third_parties.certificate(place),
            clock: None,
        }
    }

    /// With a clock that stands, so that two runs send the same.
    fn with_stopped_clock(self, place: &Place) -> Self {
        let file = place.path("stopped-clock.mjs");
        let script = "const at = Date.UTC(2026, 0, 5, 9);\n\
            globalThis.Date = class extends Date {\n\
            \x20 constructor(...given) { super(...(given.length ? given : [at])); }\n\
            \x20 static now() { return at; }\n\
            };\n";
        std::fs::write(&file, script).expect("a file for the script");
        Self {
            clock: Some(file),
            ..self
        }
    }

    /// Sends one event; gives the status of the answer.
    fn amplitude(&self, event: &Value) -> u64 {
        let seen = self.run("amplitude.mjs", &[&event.to_string()]);
        seen["status"].as_u64().expect("a status")
    }

    /// Sends one text message; gives the status of the answer.
    fn twilio(&self, to: &str, text: &str) -> u64 {
        let seen = self.run("twilio.mjs", &[to, text]);
        seen["status"].as_u64().expect("a status")
    }

    /// Puts one record; gives the status of the answer.
    fn aws(&self, record: &str) -> u64 {
        let seen = self.run("aws.mjs", &[record]);
        seen["status"].as_u64().expect("a status")
    }

    fn run(&self, script: &str, arguments: &[&str]) -> Value {
        let folder = client_folder();
        let mut node = Command::new("node");
        if let Some(clock) = &self.clock {
            node.arg("--import").arg(clock);
        }
        node.arg(script).args(arguments).current_dir(folder);
        node.envs([("HTTPS_PROXY", &self.proxy), ("HTTP_PROXY", &self.proxy)]);
        node.env("NODE_EXTRA_CA_CERTS", &self.trust)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy");
        let output = node
            .output()
            .expect("this test needs Node.js: `cargo xtask test` installs it");
        let (printed, errors) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let last = printed.lines().last().and_then(|line| serde_json::from_str(line).ok());
        assert!(last.is_some(), "`{script}` printed no result:\n{printed}\n{errors}");
        last.unwrap_or_default()
    }
}

fn client_folder() -> PathBuf {
    let folder = root().join("tests/clients");
    for package in ["@amplitude/analytics-node", "@aws-sdk/client-firehose", "twilio"] {
        let installed = folder.join("node_modules").join(package).is_dir();
        assert!(
            installed,
            "this test needs the npm package `{package}`: `cargo xtask test` installs it"
        );
    }
    folder
}

#[test]
fn refuses_an_amplitude_event_with_a_students_address() {
    let events = [
        json!({ "event_type": "level_done", "user_properties": { "email": ADDRESS } }),
        json!({ "event_type": "level_done", "user_id": ADDRESS }),
        json!({ "event_type": "level_done", "event_properties": { "team": [{ "members": [{ "who": ADDRESS }] }] } }),
    ];
    let house = House::with_example_register();
    for event in &events {
        assert_eq!(house.client().amplitude(event), 403, "{event}");
    }
    assert_eq!(house.third_parties.received().len(), 0);
    let messages = house.messages();
    assert_eq!(messages.len(), events.len());
    for (kind, message) in messages {
        assert_eq!((kind, message.action.as_str()), ("refusal", "refuse"));
        assert_eq!(message.recipient.as_deref(), Some("amplitude"));
        assert_barred(&message);
    }
}

#[test]
fn reports_the_same_event_and_breaks_the_published_sentence() {
    let house = House::with_amplitude_only_reported();
    let event = json!({ "event_type": "level_done", "user_properties": { "email": ADDRESS } });
    assert_eq!(house.client().amplitude(&event), 200);

    wait_until_the_page_says_broken(house.page());
    let arrived = house.third_parties.take_only();
    assert!(arrived.encrypted && text(&arrived.body).contains(ADDRESS));
    assert_claims_are_broken(&house.place, &house.register);

    let messages = house.messages();
    let [(kind, message)] = messages.as_slice() else {
        panic!("{messages:?}")
    };
    let done = (
        *kind,
        message.mode.as_str(),
        message.action.as_str(),
        message.judged.as_str(),
    );
    assert_eq!(done, ("intent", "report", "forward", "refuse"));
    assert_barred(message);
}

#[test]
fn passes_a_clean_amplitude_event_byte_for_byte() {
    let house = House::with_example_register();
    let event = json!({ "event_type": "level_done", "insert_id": "7d1c", "time": 1_767_603_600_000_u64 });
    let through = house.client().with_stopped_clock(&house.place);
    let straight = Client::straight_to(&house.third_parties, &house.place).with_stopped_clock(&house.place);

    assert_eq!(straight.amplitude(&event), 200);
    let sent = house.third_parties.take_only();
    assert_eq!(through.amplitude(&event), 200);
    let arrived = house.third_parties.take_only();

    assert_same(&sent, &arrived);
    assert_passed(house, &arrived, "amplitude");
}

#[test]
fn passes_a_project_link_by_twilio_byte_for_byte() {
    let house = House::with_example_register();
    let link = "Look what I made! https://studio.code.example/projects/gamelab/kJ3x_9Qa?lang=es&from=sms";
    let straight = Client::straight_to(&house.third_parties, &house.place);

    assert_eq!(straight.twilio("+12025550146", link), 200);
    let sent = house.third_parties.take_only();
    assert_eq!(house.client().twilio("+12025550146", link), 200);
    let arrived = house.third_parties.take_only();

    assert_same(&sent, &arrived);
    let message = assert_passed(house, &arrived, "twilio");
    let phone = message
        .findings
        .iter()
        .find(|finding| finding.person.is_some())
        .expect("the number is a student's");
    let ruled = (
        phone.element.as_str(),
        phone.reason.as_str(),
        phone.rule.as_deref(),
        phone.treated.as_str(),
    );
    assert_eq!(ruled, ("contact.phone", "declared", Some("twilio/discloses-1"), "pass"));
}

/// The student's address was found, and the published sentence rules it out.
fn assert_barred(message: &Message) {
    assert_eq!(message.findings.len(), 1, "{message:?}");
    let finding = &message.findings[0];
    let found = (
        finding.element.as_str(),
        finding.subject.as_deref(),
        finding.known_by.as_str(),
    );
    assert_eq!(found, ("contact.email", Some("student.under13"), "exact"));
    assert_eq!(
        (finding.reason.as_str(), finding.rule.as_deref()),
        ("barred", Some(NEVER_SHARES))
    );
}

/// One request passed; its intent is about exactly the bytes that arrived.
fn assert_passed(house: House, arrived: &Received, recipient: &str) -> Message {
    let keys = house.place.keys();
    let mut messages = house.messages();
    assert_eq!(messages.len(), 1);
    let (kind, message) = messages.remove(0);
    assert_eq!(
        (kind, message.action.as_str(), message.judged.as_str()),
        ("intent", "forward", "forward")
    );
    assert_eq!(message.recipient.as_deref(), Some(recipient));
    let digest = request_digest(&keys, &arrived.method, &arrived.target, &arrived.body);
    assert_eq!(message.request, digest);
    message
}

/// Method, host, target, body and every header about the message are the same bytes in the same order.
fn assert_same(sent: &Received, arrived: &Received) {
    assert!(sent.encrypted && arrived.encrypted);
    assert_eq!((&sent.method, &sent.target), (&arrived.method, &arrived.target));
    assert_eq!(
        sent.host.trim_end_matches(":443"),
        arrived.host.trim_end_matches(":443")
    );
    assert!(!sent.body.is_empty());
    assert_eq!(sent.body, arrived.body, "{}\n{}", text(&sent.body), text(&arrived.body));
    assert_eq!(end_to_end(sent), end_to_end(arrived));
}

/// What is about the message. The gate speaks HTTP/2 where the client speaks HTTP/1.1: names are then in lower case, and
/// `Host` and `Connection` have no place there (RFC 9113 8.2.2, 8.3.1).
fn end_to_end(request: &Received) -> Vec<(String, String)> {
    let fields = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), text(value)));
    fields
        .filter(|(name, _)| name != "host" && name != "connection")
        .collect()
}

fn assert_claims_are_broken(place: &Place, register: &str) {
    let claims = place.run(&["claims", register]).expect(1);
    for claim in [NEVER_SHARES, SHARES] {
        let broken = claims
            .stdout
            .lines()
            .any(|line| line.split_whitespace().eq(["broken", claim]));
        assert!(broken, "`{claim}` is not broken in:\n{}", claims.stdout);
    }
}

fn wait_until_the_page_says_broken(page: &str) {
    let end = Instant::now() + PAGE_IS_TOLD_WITHIN;
    while !(page_says_broken(page) && json_says_broken(page)) {
        assert!(
            Instant::now() < end,
            "after a minute the page still does not say that the sentence is broken"
        );
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Looks at the item of the sentence, from its anchor to the next.
fn page_says_broken(page: &str) -> bool {
    let answer = get(page, "/recipients/amplitude.html");
    assert_eq!(answer.status(), 200);
    let anchor = format!("id=\"claim-{}\"", NEVER_SHARES.replace('/', "-"));
    let (_, from) = answer.body.split_once(&anchor).expect("the page shows the sentence");
    let item = from.split("id=\"claim-").next().unwrap_or_default();
    assert!(item.contains("No Student Records"), "{item}");
    item.contains("broken")
}

fn json_says_broken(page: &str) -> bool {
    let answer = get(page, "/claims.json");
    let document: Value = serde_json::from_str(&answer.body).expect("JSON");
    let recipients = document["recipients"].as_array().expect("recipients");
    let amplitude = recipients
        .iter()
        .find(|row| row["id"] == "amplitude")
        .expect("Amplitude");
    let claims = amplitude["claims"].as_array().expect("claims");
    claims
        .iter()
        .any(|claim| claim["id"] == NEVER_SHARES && claim["grade"] == "broken")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Not of anybody.
const AWS_ID: &str = "AKIDOFTHEGATE";
const AWS_KEY: &str = "of-the-gate";

/// A gate that masks addresses on their way to AWS and holds the key; the client has one of its own that is worth nothing.
fn house_with_an_aws_key() -> House {
    let place = Place::new();
    let recipient = "recipient = \"store\"\nthird_parties = []\npurpose = \"To keep events.\"\ninformation = \"Events.\"\n\
                     planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nmode = \"enforce\"\n\
                     hosts = [\"firehose.eu-central-1.amazonaws.com\"]\n[[discloses]]\nelements = [\"contact.email\"]\n\
                     subjects = [\"student\"]\ntreatment = \"mask\"\n";
    let settings = "[[credentials]]\nkind = \"aws\"\nrecipient = \"store\"\nregion = \"eu-central-1\"\n\
                    service = \"firehose\"\nsecret_file = \"aws.key\"\n";
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    for (name, text) in [
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/recipients/store.toml", recipient),
        ("gate.toml", settings),
        ("aws.key", &format!("{AWS_ID}\n{AWS_KEY}\n")),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    let only_mine = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(place.path("aws.key"), only_mine).expect("a mode");
    load_example_people(&place);
    let third_parties = ThirdParties::new();
    let gate = third_parties.behind_up_with(&place, "register", &["--settings", "gate.toml"]);
    House {
        place,
        third_parties,
        gate,
        register: "register".to_owned(),
    }
}

#[test]
fn signs_anew_what_the_aws_client_signed_and_the_gate_rewrote() {
    let house = house_with_an_aws_key();
    let client = house.client();
    for record in [format!("{{\"who\":\"{ADDRESS}\"}}"), "{\"level\":3}".to_owned()] {
        assert_eq!(client.aws(&record), 200);
        let arrived = house.third_parties.take_only();
        let body: Value = serde_json::from_slice(&arrived.body).expect("JSON");
        let data = body["Record"]["Data"].as_str().expect("the record, in base64");
        let data = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(data).expect("base64"));
        let data = data.expect("text");
        assert!(
            !data.contains(ADDRESS) && (data == record) != record.contains(ADDRESS),
            "{data}"
        );
        assert_eq!(field(&arrived, "authorization"), aws_authorization(&arrived));
    }
    let messages = house.messages();
    assert!(
        messages.len() == 2 && messages.iter().all(|(kind, _)| *kind == "intent"),
        "{messages:?}"
    );
}

fn field(arrived: &Received, name: &str) -> String {
    let value = arrived.header(name).unwrap_or_default();
    String::from_utf8_lossy(value).into_owned()
}

/// Signature Version 4 as AWS describes it, for a path of `/` and no query.
fn aws_authorization(arrived: &Received) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let mac = |key: Vec<u8>, text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("HMAC takes any key");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let date = field(arrived, "x-amz-date");
    let mut names: Vec<String> = arrived
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.retain(|name| name.starts_with("x-amz-") || ["content-type", "host"].contains(&name.as_str()));
    names.sort();
    let fields: String = names
        .iter()
        .map(|name| format!("{name}:{}\n", field(arrived, name)))
        .collect();
    let names = names.join(";");
    let digest = hex(&Sha256::digest(&arrived.body));
    let canonical = format!("POST\n/\n\n{fields}\n{names}\n{digest}");
    let scope = format!("{}/eu-central-1/firehose/aws4_request", &date[..8]);
    let signed = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let key = scope.split('/').fold(format!("AWS4{AWS_KEY}").into_bytes(), mac);
    let signature = hex(&mac(key, &signed));
    format!("AWS4-HMAC-SHA256 Credential={AWS_ID}/{scope}, SignedHeaders={names}, Signature={signature}")
}
