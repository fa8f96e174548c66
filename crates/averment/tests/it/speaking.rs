//! The gate's authority: bound to the hosts of the register, and what somebody can do who has stolen its key.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use averment_ledger::Deed;
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::dice::Dice;
use crate::third_parties::{ThirdParties, load_example_people};
use crate::wire::{Request, Trust};
use crate::world::{Place, Ran, Served, from_environment};

const DECLARED: &str = "api2.amplitude.com";
const UNDECLARED: &str = "bank.example";
const ADDED: &str = "api.added.example";

fn start(place: &Place, third_parties: &ThirdParties, register: &Path) -> (Served, SocketAddr) {
    load_example_people(place);
    let served = third_parties.behind_gate(place, &register.display().to_string());
    let address = served.said("gate").trim_start_matches("http://").parse();
    (served, address.expect("the gate says its address"))
}

const SHOW: [&str; 5] = ["authority", "show", "register", "--settings", "settings.toml"];
const RENEW: [&str; 5] = ["authority", "renew", "register", "--settings", "settings.toml"];

/// Makes the authority, with a domain besides the hosts of the register.
fn bind(place: &Place) {
    std::fs::write(
        place.path("settings.toml"),
        "[authority]\ndomains = [\"mail.example\"]\n",
    )
    .expect("a file");
    load_example_people(place);
    std::fs::create_dir_all(place.path("averment-keys")).expect("a folder");
    place.run(&[&RENEW[..], &["--new-key"]].concat()).expect(0);
}

fn trust(place: &Place) -> Trust {
    Trust::only(&place.path("averment-data/authority.pem"))
}

/// What a thief makes with the key: a server that is `host` to whoever trusts the authority.
fn forged(place: &Place, host: &str) -> SocketAddr {
    let read = |name: &str| std::fs::read_to_string(place.path(name)).expect("the gate wrote it");
    let key = KeyPair::from_pem(&read("averment-keys/authority.key")).expect("a key");
    let issuer = Issuer::from_ca_cert_pem(&read("averment-data/authority-chain.pem"), key).expect("an authority");
    let own = KeyPair::generate().expect("a key");
    let mut params = CertificateParams::new(vec![host.to_owned()]).expect("a name");
    params.use_authority_key_identifier_extension = true;
    let leaf = params.signed_by(&own, &issuer).expect("a certificate");
    std::fs::write(place.path(&format!("{host}.pem")), leaf.pem()).expect("a file");
    let chain = averment_gate::read_certificates(&place.path("averment-data/authority-chain.pem"));
    let chain = [vec![leaf.der().clone()], chain.expect("the gate wrote it")].concat();
    let key = PrivateKeyDer::try_from(own.serialize_der()).expect("a key");
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(chain, key);
    serve(Arc::new(config.expect("a certificate with its key")))
}

/// Answers everybody who takes the certificate.
fn serve(config: Arc<ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("a bound port");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a configuration that holds");
            let mut stream = StreamOwned::new(connection, stream);
            // Who does not take the certificate is gone here.
            if stream.read(&mut [0; 4096]).is_ok() {
                _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
                stream.conn.send_close_notify();
                _ = stream.flush();
            }
        }
    });
    address
}

/// Clients that verify by themselves. Each ends with 0 when it takes the server at `$PORT` for `$NAME`, trusting `$CA` only.
const CLIENTS: [(&str, &str); 4] = [
    (
        "curl",
        "curl -sS -o /dev/null --noproxy '*' --cacert $CA --resolve $NAME:$PORT:127.0.0.1 https://$NAME:$PORT/",
    ),
    (
        "openssl",
        "openssl verify -CAfile $CA -untrusted averment-data/authority-chain.pem $NAME.pem",
    ),
    (
        "python",
        "python3 -c \"import socket, ssl; ssl.create_default_context(cafile='$CA').wrap_socket(\
         socket.create_connection(('127.0.0.1', $PORT)), server_hostname='$NAME').close()\"",
    ),
    (
        "node",
        "node -e \"const c = require('tls').connect({host: '127.0.0.1', port: $PORT, servername: '$NAME', \
         ca: require('fs').readFileSync('$CA')}, () => process.exit(0)); c.on('error', () => process.exit(1))\"",
    ),
];

fn client(place: &Place, script: &str, name: &str, port: u16) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(place.path(""));
    command
        .env("NAME", name)
        .env("PORT", port.to_string())
        .env("CA", place.path("averment-data/authority.pem"));
    Ran::of(command.output().expect("a shell"))
}

/// Whether each client takes a server with a certificate that was made with the stolen key for `host`.
fn assert_all(place: &Place, host: &str, take_it: bool) {
    let server = forged(place, host);
    for (name, script) in CLIENTS {
        let ran = client(place, script, host, server.port());
        assert_eq!(ran.code == 0, take_it, "{name}, {host}: {}{}", ran.stdout, ran.stderr);
    }
    let request = Request {
        method: "GET",
        host,
        target: "/",
        headers: &[],
        body: b"",
    };
    let answer = request.over_tls(server, &trust(place));
    assert_eq!(
        answer.is_ok(),
        take_it,
        "rustls, {host}: {}",
        answer.err().map_or(String::new(), |e| e.to_string())
    );
}

#[test]
fn clients_hold_a_stolen_key_to_the_hosts_of_the_register() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let register = place.register_with_mode("amplitude", "enforce");
    let (served, _) = start(&place, &third_parties, &register);
    served.stop();
    assert_all(&place, DECLARED, true);
    assert_all(&place, UNDECLARED, false);
    assert_all(&place, "127.0.0.1", false);
}

fn event(place: &Place, gate: SocketAddr, host: &str) -> String {
    let request = Request {
        method: "POST",
        host,
        target: "/2/httpapi",
        headers: &[("content-type", "application/json")],
        body: b"{\"events\":[]}",
    };
    let answer = request.through_tunnel(gate, &trust(place)).expect("the gate answers");
    format!("{}{}", answer.head, answer.body)
}

fn declare(place: &Place) {
    let text = format!(
        "recipient = \"added\"\nthird_parties = []\npurpose = \"To test.\"\ninformation = \"What tests need.\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"none\"\nmode = \"report\"\nhosts = [\"{ADDED}\"]\n"
    );
    std::fs::write(place.path("register/recipients/added.toml"), text).expect("the register is a copy");
}

#[test]
fn hosts_outside_are_refused_and_recorded_until_the_authority_is_renewed() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let register = place.register_with_mode("amplitude", "enforce");
    bind(&place);
    let (mut served, gate) = start(&place, &third_parties, &register);
    place.run(&SHOW).expect(0);
    assert!(event(&place, gate, DECLARED).starts_with("HTTP/1.1 200"));
    let refused = event(&place, gate, UNDECLARED);
    assert!(
        refused.starts_with("HTTP/1.1 403") && refused.contains("averment-request"),
        "{refused}"
    );

    declare(&place);
    served.signal("HUP");
    served.wait_for("may not speak for `api.added.example`");
    served.wait_for("reloaded");
    let outside = event(&place, gate, ADDED);
    assert!(
        outside.starts_with("HTTP/1.1 503") && outside.contains("authority-outside"),
        "{outside}"
    );
    assert_eq!(third_parties.received().len(), 1, "nothing else went out");
    for (answer, why) in [
        (&refused, "no recipient declares"),
        (&outside, "may not speak for the host"),
    ] {
        let id = answer
            .split("averment-request: ")
            .nth(1)
            .and_then(|rest| rest.get(..32));
        let told = place.run(&["explain", id.expect("an identifier")]).stdout;
        assert!(told.contains(why), "{told}");
        assert_eq!(told.contains("authority"), why.contains("speak"), "{told}");
    }
    assert!(place.run(&SHOW).expect(1).stdout.contains("`api.added.example`"));

    let key = std::fs::read(place.path("averment-keys/authority-root.key")).expect("a key");
    let before = trust(&place);
    place.run(&RENEW).expect(0);
    served.signal("HUP");
    served.wait_for("reloaded");
    assert!(event(&place, gate, ADDED).starts_with("HTTP/1.1 200"));
    let request = Request {
        method: "GET",
        host: DECLARED,
        target: "/",
        headers: &[],
        body: b"",
    };
    request
        .through_tunnel(gate, &before)
        .expect("who trusts the certificate of before goes on");
    assert_eq!(
        std::fs::read(place.path("averment-keys/authority-root.key")).expect("a key"),
        key
    );
    place.run(&SHOW).expect(0);
    served.stop();
    let refused = place
        .deeds()
        .into_iter()
        .filter(|deed| matches!(deed, Deed::Refusal(_)))
        .count();
    assert_eq!(
        refused, 2,
        "the tunnel nobody declares, and the one that the authority may not answer in"
    );
    assert_key_is_nowhere_else(&place);
}

#[test]
fn a_renewal_that_is_killed_leaves_an_authority_that_works() {
    let place = Place::new();
    place.register_with_mode("amplitude", "enforce");
    bind(&place);
    let begun = Instant::now();
    place.run(&RENEW).expect(0);
    let time = u64::try_from(begun.elapsed().as_millis()).expect("a short time");
    let mut dice = Dice::new(0x5eed_0011);
    for round in 0..from_environment("AVERMENT_KILLS", 12) {
        let more = if round % 2 == 0 { &[][..] } else { &["--new-key"] };
        let mut renewing = place.averment(&[&RENEW[..], more].concat());
        let mut renewing = renewing.stdout(Stdio::null()).spawn().expect("averment starts");
        // What is written is written at the end.
        std::thread::sleep(Duration::from_millis(dice.between(time / 2, time)));
        // It may have ended by itself.
        _ = renewing.kill();
        renewing.wait().expect("a child to wait for");
        place.run(&SHOW).expect(0);
    }
    place.run(&RENEW).expect(0);
}

#[test]
fn an_authority_for_any_host_goes_on_with_a_notice_and_a_new_key_ends_it() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let register = place.register_with_mode("amplitude", "enforce");
    std::fs::write(place.path("settings.toml"), "[authority]\ndomains = [\"example\"]\n").expect("a file");
    load_example_people(&place);
    // What a gate made whose register let any host through.
    let (keys, data) = (place.path("averment-keys"), place.path("averment-data"));
    let clock = averment_gate::Clock::new(|| "2026-11-01T00:00:00Z".parse().expect("a time"));
    averment_gate::Authority::replace(&keys, &data, &averment_gate::Scope::Everything, clock).expect("an authority");
    let (served, gate) = start(&place, &third_parties, &register);
    assert!(served.has_said("lets it speak for any host"), "a notice");
    assert!(event(&place, gate, DECLARED).starts_with("HTTP/1.1 200"));
    served.stop();
    let old = trust(&place);

    let renew = [
        "authority",
        "renew",
        "register",
        "--settings",
        "settings.toml",
        "--new-key",
    ];
    place.run(&renew).expect(0);
    let (served, gate) = start(&place, &third_parties, &register);
    assert!(!served.has_said("lets it speak for any host"));
    assert!(event(&place, gate, DECLARED).starts_with("HTTP/1.1 200"));
    let request = Request {
        method: "GET",
        host: DECLARED,
        target: "/",
        headers: &[],
        body: b"",
    };
    assert!(
        request.through_tunnel(gate, &old).is_err(),
        "the old certificate vouches for nothing"
    );
    served.stop();
    assert_all(&place, UNDECLARED, true);
    assert_all(&place, "bank.example.org", false);
}

#[test]
fn renewals_of_no_use_are_refused_and_what_cannot_be_bound_is_told() {
    let place = Place::new();
    place.register_with_mode("amplitude", "enforce");
    bind(&place);
    let without = place.run(&["authority", "show", "register"]).expect(0).stdout;
    assert!(!without.contains("sending-domain"), "only browsers go there: {without}");
    let told = place.run(&SHOW).expect(0).stdout;
    assert!(
        told.contains("anybody may have a name below `appspot.com`"),
        "the example has patterns below it: {told}"
    );
    assert!(
        told.contains("domains of what the register declares and for no others\n"),
        "{told}"
    );
    let signing = [
        "authority",
        "renew",
        "register",
        "--root-key",
        "averment-keys/authority.key",
    ];
    let refused = place.run(&signing).expect(2);
    assert!(refused.stderr.contains("does not belong to"), "{}", refused.stderr);
    declare(&place);
    place.run(&RENEW).expect(0);
    let file = place.path("register/recipients/added.toml");
    let text = std::fs::read_to_string(&file).expect("it was written");
    let pattern = text.replace(ADDED, "{school}.{region}-suite.example");
    std::fs::write(&file, pattern).expect("the register is a copy");
    let told = place.run(&SHOW).expect(1).stdout;
    for part in [
        "permits what the register does not declare",
        "`{school}.{region}-suite.example`",
        "[authority] domains",
    ] {
        assert!(told.contains(part), "{told}");
    }
    assert!(!told.contains("nobody else"), "{told}");
    std::fs::remove_file(&file).expect("it was there");
    let told = place.run(&SHOW).expect(0).stdout;
    assert!(
        told.contains("permits what the register does not declare") && !told.contains("nobody else"),
        "{told}"
    );
}

/// Everything that this place wrote: data, log, a bundle and an export.
fn assert_key_is_nowhere_else(place: &Place) {
    place.run(&["env", "--shell", "docker"]).expect(0);
    place.run(&["bundle", "register", "--out", "bundle.averment"]).expect(0);
    place
        .run(&["ledger", "export", "--format", "jsonl", "--out", "export.jsonl"])
        .expect(0);
    for name in ["authority.key", "authority-root.key"] {
        assert_in_one_file(place, &format!("averment-keys/{name}"));
    }
}

fn assert_in_one_file(place: &Place, file: &str) {
    let key = std::fs::read_to_string(place.path(file)).expect("a key");
    // What is behind them is public, and in the certificate too.
    let lines: Vec<&str> = key.lines().filter(|line| !line.starts_with("-----")).take(2).collect();
    let der = KeyPair::from_pem(&key).expect("a key").serialize_der();
    // The private scalar of a P-256 key in PKCS #8.
    let secret = &der[36..68];
    for (path, bytes) in place.files() {
        let holds = |needle: &[u8]| memchr::memmem::find(&bytes, needle).is_some();
        let has_key = holds(secret) || lines.iter().any(|line| holds(line.as_bytes()));
        assert_eq!(has_key, path.ends_with(file), "{}", path.display());
    }
}
