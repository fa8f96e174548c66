//! Programs led to the gate, watched on their way, and what whoever looks at the record afterwards is told.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::third_parties::{ThirdParties, example_register, load_example_people};
use crate::wire::{self, Request, Trust};
use crate::world::{Place, Ran, Served};

const STUDENT: &str = "maya.lindqvist@birch.example";
const EVENT: &str = r#"{"events":[{"event_type":"level_done"}]}"#;
const AMPLITUDE: &str = "https://api2.amplitude.com/2/httpapi";
/// RFC 5737: nobody is there.
const NOBODY: &str = "http://192.0.2.1/";

fn start(place: &Place, third_parties: &ThirdParties, register: &str) -> (Served, SocketAddr) {
    load_example_people(place);
    let served = third_parties.behind_gate(place, register);
    let address = served.said("gate").trim_start_matches("http://").parse();
    (served, address.expect("the gate says its address"))
}

fn shell(place: &Place, script: &str) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-ec", script]).current_dir(place.path(""));
    Ran::of(command.output().expect("a shell"))
}

fn program() -> &'static str {
    env!("CARGO_BIN_EXE_averment")
}

#[test]
fn programs_that_read_the_printed_variables_go_through_the_gate() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (served, gate) = start(&place, &third_parties, &example_register());
    let behind = format!("eval \"$({} env --gate {gate})\"", program());
    let curl = shell(&place, &format!("{behind}\ncurl -sS {AMPLITUDE} --json '{EVENT}'")).expect(0);
    assert_eq!(curl.stdout, "{\"code\":200}");
    let python = format!(
        "{behind}\npython3 -c \"import urllib.request as u; print(u.urlopen(u.Request('{AMPLITUDE}', data=b'{{}}', \
         headers={{'content-type': 'application/json'}})).status)\""
    );
    assert_eq!(shell(&place, &python).expect(0).stdout, "200\n");
    let clear = shell(
        &place,
        &format!("{behind}\ncurl -sS http://localhost:9/ || echo direct"),
    )
    .expect(0);
    assert_eq!(clear.stdout, "direct\n", "this machine is not asked through the gate");
    assert_eq!(third_parties.received().len(), 2);

    let bundle = std::fs::read_to_string(place.path("averment-data/bundle.pem")).expect("written by `env`");
    let authority = std::fs::read_to_string(place.path("averment-data/authority.pem")).expect("written by the gate");
    assert!(bundle.starts_with(&authority), "the gate's authority comes first");
    std::fs::write(place.path("token"), "a b/c\n").expect("a file for the token");
    let json = place
        .run(&["env", "--shell", "json", "--service", "jobs", "--token-file", "token"])
        .expect(0);
    let variables: serde_json::Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(variables["HTTPS_PROXY"], "http://jobs:a%20b%2Fc@127.0.0.1:4180");
    for (shell, line) in [
        ("fish", "set -gx NODE_USE_ENV_PROXY '1'"),
        ("powershell", "$env:NODE_USE_ENV_PROXY = '1'"),
        ("docker", "NODE_USE_ENV_PROXY=1"),
    ] {
        let printed = place.run(&["env", "--shell", shell]).expect(0);
        assert!(
            printed.stdout.lines().any(|printed| printed == line),
            "{}",
            printed.stdout
        );
    }
    served.stop();
}

#[test]
fn a_program_that_goes_around_the_gate_is_told_of() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (served, gate) = start(&place, &third_parties, &example_register());
    let run = |program: &[&str]| {
        let gate = gate.to_string();
        place.run(&[&["run", "--strict", "--gate", &gate, "--"], program].concat())
    };
    let through = run(&["curl", "-sS", AMPLITUDE, "--json", EVENT]).expect(0);
    assert_eq!(through.stdout, "{\"code\":200}");
    assert!(
        through
            .stderr
            .contains("connections to the gate: 1; addresses reached around it: 0"),
        "{}",
        through.stderr
    );
    assert_eq!(run(&["sh", "-c", "exit 7"]).code, 7, "the program's own code");

    // The machine's own address on its network, so that nothing depends on who is there.
    let Some(own) = own_address() else {
        println!("this machine has no network, so nothing can go around");
        return;
    };
    let listener = std::net::TcpListener::bind((own, 0)).expect("a port of this machine");
    let around = format!("http://{}/", listener.local_addr().expect("a bound port"));
    let ran = run(&[
        "sh",
        "-c",
        &format!("curl -sS --noproxy '*' --max-time 1 {around} & wait"),
    ])
    .expect(1);
    let address = around.trim_start_matches("http://").trim_end_matches('/');
    assert!(
        ran.stderr.contains(&format!("around  {address} (tcp)")),
        "{}",
        ran.stderr
    );
    served.stop();
}

fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket
        .local_addr()
        .ok()
        .map(|address| address.ip())
        .filter(|ip| !ip.is_loopback())
}

#[test]
fn a_program_with_a_network_of_its_own_reaches_the_gate_and_nothing_else() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (served, gate) = start(&place, &third_parties, &example_register());
    let gate = gate.to_string();
    let run =
        |program: &[&str]| place.run(&[&["run", "--strict", "--isolate", "--gate", &gate, "--"], program].concat());
    let through = run(&["curl", "-sS", AMPLITUDE, "--json", EVENT]);
    if through
        .stderr
        .contains("does not let programs have a network of their own")
    {
        println!("no user namespaces on this machine");
        return;
    }
    let through = through.expect(0);
    assert_eq!(through.stdout, "{\"code\":200}");
    assert!(
        through
            .stderr
            .contains("connections to the gate: 1; tries to go around it, stopped: 0"),
        "{}",
        through.stderr
    );
    let around = run(&["curl", "-sS", "--noproxy", "*", "--max-time", "2", NOBODY]).expect(1);
    assert!(
        around.stderr.contains("tries to go around it, stopped: 1"),
        "{}",
        around.stderr
    );
    served.stop();
}

#[test]
fn a_decision_is_explained_by_the_identifier_in_its_answer() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let (served, gate) = start(&place, &third_parties, &example_register());
    let body = format!(r#"{{"user_id":"{STUDENT}"}}"#);
    let answer = send(&place, gate, "api2.amplitude.com", &body);
    let id = wire::header(&answer.head, "averment-request")
        .expect("a refusal names its entry")
        .to_owned();
    served.stop();
    let text = place.run(&["explain", &id]).expect(1).stdout;
    for part in [
        "recipient  amplitude (api2.amplitude.com)\n",
        "verdict    refuse (enforcement: refuse)\n",
        "outcome    refused\n",
        "block: barred (amplitude/never-shares); done: block\n",
    ] {
        assert!(text.contains(part), "{part}{text}");
    }
    let json = place
        .run(&["explain", &id.to_uppercase(), "--format", "json"])
        .expect(1)
        .stdout;
    let document: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(document["schema"], "averment.decision/1");
    assert!(document["findings"][0].get("person").is_none(), "{json}");
    place.run(&["explain", &id.replace(|c| c != '0', "0")]).expect(2);
    place.run(&["explain", "register"]).expect(2);

    let table = place
        .run(&["top", "--once", "--data", "averment-data"])
        .expect(0)
        .stdout;
    let row = table.lines().find(|line| line.starts_with("amplitude")).expect("a row");
    assert_eq!(
        row.split_whitespace().collect::<Vec<_>>(),
        ["amplitude", "-", "1", "0", "0", "1", "0", "0"]
    );
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
}

fn send(place: &Place, gate: SocketAddr, host: &str, body: &str) -> wire::Answer {
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let headers = [("Content-Type", "application/json")];
    let request = Request {
        method: "POST",
        host,
        target: "/",
        headers: &headers,
        body: body.as_bytes(),
    };
    request.through_tunnel(gate, &trust).expect("an answer")
}

/// A register with one recipient in report mode that gets nothing.
fn register(place: &Place) -> PathBuf {
    place.run(&["new", "register", "register"]).expect(0);
    let folder = place.path("register");
    let organisation = "organisation = \"School\"\n[defaults]\nmode = \"report\"\nunknown_hosts = \"report\"\n";
    std::fs::write(folder.join("organisation.toml"), organisation).expect("it can be written");
    std::fs::create_dir_all(folder.join("recipients")).expect("it can be made");
    let desk = "# By hand.\nrecipient = \"desk\"\nname = \"Desk\"\nthird_parties = []\npurpose = \"To help.\"\n\
                information = \"What people ask.\"\nplanes = [\"gateway\"]\nrole = \"processor\"\n\
                student_records = \"possible\"\nhosts = [\"desk.example\"]\n";
    std::fs::write(folder.join("recipients/desk.toml"), desk).expect("it can be written");
    folder
}

#[test]
fn what_was_seen_becomes_rows_and_what_stands_there_stays() {
    let place = Place::new();
    let third_parties = ThirdParties::new();
    let folder = register(&place);
    let register = folder.display().to_string();
    let (served, gate) = start(&place, &third_parties, &register);
    let body = format!(r#"{{"email":"{STUDENT}"}}"#);
    for host in ["desk.example", "desk.example", "api2.amplitude.com", "unheard.example"] {
        assert_eq!(send(&place, gate, host, &body).status(), 200, "report mode lets it out");
    }
    served.stop();
    let proposed = place.run(&["propose", &register]).expect(1).stdout;
    for part in [
        "# ==> recipients/desk.toml\n",
        "# contact.email of student.under13: ×2, ",
        ", in body email.\n",
        "elements = [\"contact.email\"]\nsubjects = [\"student.under13\"]\n",
        "# ==> recipients/amplitude.toml (new file)\n",
        "recipient = \"amplitude\"\n",
        "# ==> recipients/unheard-example.toml (new file)\n",
        "hosts = [\"unheard.example\"]\n",
    ] {
        assert!(proposed.contains(part), "{part}{proposed}");
    }
    assert!(!proposed.contains("maya"));
    assert!(
        read(&folder, "desk").ends_with("hosts = [\"desk.example\"]\n"),
        "printing writes nothing"
    );

    let before = read(&folder, "desk");
    place.run(&["propose", &register, "--into", &register]).expect(1);
    let after = read(&folder, "desk");
    assert!(after.starts_with(&before) && after.contains("[[discloses]]"), "{after}");
    for new in ["amplitude", "unheard-example"] {
        assert!(read(&folder, new).contains("[[discloses]]"));
        std::fs::remove_file(folder.join(format!("recipients/{new}.toml"))).expect("it was written");
    }
    let again = place.run(&["propose", &register]).expect(1).stdout;
    assert!(
        !again.contains("desk.toml"),
        "what is declared is not proposed again: {again}"
    );
}

fn read(register: &Path, recipient: &str) -> String {
    std::fs::read_to_string(register.join(format!("recipients/{recipient}.toml"))).expect("the file is there")
}
