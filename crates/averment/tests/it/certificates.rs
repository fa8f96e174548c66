//! Services known by their certificate, as an operator sets it up and curl uses it: `--proxy https://… --proxy-cert …`.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use averment_ledger::Deed;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};

use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::world::{Place, Ran, Served};

const MAILER: &str = "spiffe://school.example/mailer";
const URL: &str = "https://api2.amplitude.com/2/httpapi";

type Signer = CertifiedIssuer<'static, KeyPair>;

fn signer() -> Signer {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    // OpenSSL takes a certificate whose issuer has its own name for one that nobody signed.
    params.distinguished_name.push(DnType::CommonName, "Test authority");
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

/// Writes `NAME.pem` and `NAME.key`.
fn write_leaf(place: &Place, file: &str, name: &str, signer: &Signer) {
    let mut params = CertificateParams::default();
    let text = name.try_into().expect("ASCII");
    params.subject_alt_names = vec![if name.contains(':') {
        SanType::URI(text)
    } else {
        SanType::DnsName(text)
    }];
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, signer).expect("a certificate");
    write(&place.path(&format!("{file}.pem")), &certificate.pem(), 0o644);
    write(&place.path(&format!("{file}.key")), &key.serialize_pem(), 0o600);
}

fn write(path: &Path, text: &str, mode: u32) {
    std::fs::write(path, text).expect("a file");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("its owner");
}

/// Settings, the gate's certificate, and who signs those of callers; gives the settings file.
fn set_up(place: &Place, gate: &Signer, callers: &Signer) -> String {
    write_leaf(place, "gate", "localhost", gate);
    write(&place.path("gate-authority.pem"), &gate.pem(), 0o644);
    write(&place.path("callers.pem"), &callers.pem(), 0o644);
    let text = format!(
        "services_required = true\n\n[[services]]\nname = \"mailer\"\ncertificate = \"{MAILER}\"\n\n[tls]\n\
         certificate_file = \"gate.pem\"\nkey_file = \"gate.key\"\nclient_authority_file = \"callers.pem\"\n"
    );
    write(&place.path("settings.toml"), &text, 0o644);
    place.path("settings.toml").display().to_string()
}

fn start(place: &Place, third_parties: &ThirdParties, settings: &str) -> Served {
    load_example_people(place);
    let register = example_register();
    let arguments = third_parties.upstream_of(place, &["gate", &register, "--settings", settings]);
    place.serve(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

/// One event through the gate by curl, led there by `averment env`; the exit code, and the status that was answered.
fn curl(place: &Place, port: &str, certificate: &str) -> Ran {
    let program = env!("CARGO_BIN_EXE_averment");
    let behind = format!(
        "eval \"$({program} env --gate 127.0.0.1:{port} --tls-name localhost --tls-authority gate-authority.pem 2>env.log)\""
    );
    let script = format!(
        "{behind}\ncurl -sS --proxy-cacert gate-authority.pem {certificate} {URL} --json '{{\"events\":[]}}' \
         -w ' %{{http_connect}} %{{http_code}}'"
    );
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(place.path(""));
    Ran::of(command.output().expect("a shell"))
}

#[test]
fn curl_is_known_by_its_certificate_and_a_reload_takes_other_certificates() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (gate, callers) = (signer(), signer());
    let settings = set_up(&place, &gate, &callers);
    write_leaf(&place, "mailer", MAILER, &callers);
    let mut served = start(&place, &third_parties, &settings);
    let port = served
        .said("gate")
        .strip_prefix("https://127.0.0.1:")
        .expect("over TLS")
        .to_owned();
    let shown = "--proxy-cert mailer.pem --proxy-key mailer.key";

    let known = curl(&place, &port, shown).expect(0);
    assert_eq!(known.stdout, "{\"code\":200} 200 200");
    let nobody = curl(&place, &port, "");
    assert_eq!(
        (nobody.code, nobody.stdout.trim()),
        (56, "407 000"),
        "{}",
        nobody.stderr
    );
    write_leaf(&place, "stranger", MAILER, &signer());
    let stranger = curl(&place, &port, "--proxy-cert stranger.pem --proxy-key stranger.key");
    assert_ne!(stranger.code, 0, "{}", stranger.stdout);
    assert_eq!(third_parties.received().len(), 1);

    let callers = signer();
    write(&place.path("callers.pem"), &callers.pem(), 0o644);
    write(&place.path("gate.key"), "no key", 0o600);
    served.signal("HUP");
    wait_until(|| log(&place).contains("not reloaded, everything stays as it was"));
    assert!(log(&place).contains("holds no private key"), "{}", log(&place));
    curl(&place, &port, shown).expect(0);
    write_leaf(&place, "gate", "localhost", &gate);
    served.signal("HUP");
    served.wait_for("reloaded");
    assert_ne!(curl(&place, &port, shown).code, 0, "signed by the authority of before");
    write_leaf(&place, "mailer", MAILER, &callers);
    curl(&place, &port, shown).expect(0);
    served.stop();

    let services: Vec<_> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Intent(message) => Some(message.service),
            _ => None,
        })
        .collect();
    assert_eq!(services, vec![Some("mailer".to_owned()); 3]);
    let told = std::fs::read_to_string(place.path("env.log")).expect("written by the shell");
    assert!(told.starts_with("note: Java and gRPC"), "{told}");
    let bundle = std::fs::read_to_string(place.path("averment-data/bundle.pem")).expect("written by `env`");
    assert!(
        bundle.contains(gate.pem().trim()),
        "who signed the gate's certificate is in the bundle"
    );
}

fn log(place: &Place) -> String {
    std::fs::read_to_string(place.path("averment.log")).expect("written by the gate")
}

fn wait_until(holds: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !holds() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "it never held");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
