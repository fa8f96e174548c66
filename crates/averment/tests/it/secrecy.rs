//! Nothing that says who somebody is stays behind: not on disk, not in a log, not on a terminal, not in an answer.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::needles::Needles;
use crate::third_parties::{ThirdParties, load_example_people};
use crate::wire::{Request, Trust, get};
use crate::world::{Place, root};

/// As loud as it gets.
const LOUD: [(&str, &str); 4] = [
    ("AVERMENT_LOG", "trace"),
    ("RUST_LOG", "trace"),
    ("RUST_BACKTRACE", "1"),
    ("RUST_LIB_BACKTRACE", "1"),
];

/// Host, path and query.
type Where = (&'static str, &'static str);

const AMPLITUDE: Where = ("api2.amplitude.com", "/2/httpapi");
const STATSIG: Where = ("events.statsigapi.net", "/v1/rgstr");
const TWILIO: Where = ("api.twilio.com", "/2010-04-01/Accounts/AC0/Messages.json");

const JSON: (&str, &str) = ("Content-Type", "application/json");
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// One request of the run.
struct Case {
    to: Where,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
}

/// Every way that an identifier comes along: clean, refused, reported, unknown, broken.
const CASES: [Case; 18] = [
    Case {
        to: AMPLITUDE,
        headers: &[JSON],
        body: r#"{"events":[{"event_type":"level_done"}]}"#,
    },
    Case {
        to: AMPLITUDE,
        headers: &[JSON],
        body: r#"{"events":[{"user_id":"maya.lindqvist@birch.example"}]}"#,
    },
    Case {
        to: AMPLITUDE,
        headers: &[JSON],
        body: r#"{"name":"Tom\u00e1s Okafor","no":4810222}"#,
    },
    Case {
        to: AMPLITUDE,
        headers: &[JSON],
        body: r#"{"maya_builds":{"maya.lindqvist@birch.example":[1]}}"#,
    },
    Case {
        to: AMPLITUDE,
        headers: &[JSON],
        body: r#"{"mail":"maya.lindqvist@birch.example","name":"Inés Mor"#,
    },
    Case {
        to: AMPLITUDE,
        headers: &[JSON],
        body: r#"{"d":"eyJtYWlsIjoibWF5YS5saW5kcXZpc3RAYmlyY2guZXhhbXBsZSJ9"}"#,
    },
    Case {
        to: STATSIG,
        headers: &[JSON],
        body: r#"{"email":"oskar.brandvold@cedar.example","u":"oskar_b_06"}"#,
    },
    Case {
        to: STATSIG,
        headers: &[("X-User", "fairweather10"), ("X-leehaver", "s-10423")],
        body: "Lee Haverström",
    },
    Case {
        to: STATSIG,
        headers: &[("Cookie", "user=amina_codes; mail=amina.delacroix%40juniper.example")],
        body: "",
    },
    Case {
        to: STATSIG,
        headers: &[JSON],
        body: r#"{"broken": "Petra Lindqvist, +1 202 555 0143"#,
    },
    Case {
        to: STATSIG,
        headers: &[("Content-Encoding", "gzip")],
        body: "not gzip: ines_moravec",
    },
    Case {
        to: (
            "events.statsigapi.net",
            "/u/jonah.fairweather@juniper.example?n=Jonah+Fairweather",
        ),
        headers: &[],
        body: "",
    },
    Case {
        to: (
            "api2.amplitude.com",
            "/a?mail=maya.lindqvist%40birch.example&tel=%2B12025550143",
        ),
        headers: &[],
        body: "",
    },
    Case {
        to: TWILIO,
        headers: &[FORM],
        body: "To=%2B12025550146&Body=https%3A%2F%2Fstudio.code.example%2Fp%2F1",
    },
    Case {
        to: TWILIO,
        headers: &[FORM],
        body: "To=%28202%29+555-0148&Body=Jonah+Fairweather+4810225",
    },
    Case {
        to: ("leehaver.tracker.example", "/u/maya.lindqvist@birch.example"),
        headers: &[],
        body: "maya_builds",
    },
    Case {
        to: ("tracker.example", "/s-10421/4810221?who=Maya%20Lindqvist"),
        headers: &[JSON],
        body: r#"{"a":1}"#,
    },
    Case {
        to: ("api2.amplitude.com", "/2/httpapi"),
        headers: &[("Expect", "maya_builds")],
        body: "tomas_o_2015",
    },
];

/// What is no request at all, or one that is turned away before anything is looked at.
const RAW: [&str; 7] = [
    "MAYA_BUILDS http://api2.amplitude.com/ HTTP/1.1\r\nHost: api2.amplitude.com\r\n\r\n",
    "maya.lindqvist@birch.example Maya Lindqvist\r\n\r\n",
    "GET /maya.lindqvist@birch.example HTTP/1.1\r\nHost: leehaver\r\n\r\n",
    "GET http://maya_builds:4810221@api2.amplitude.com/ HTTP/1.1\r\nHost: api2.amplitude.com\r\n\r\n",
    "GET http://api2.amplitude.com/ HTTP/1.1\r\nHost: maya.lindqvist@birch.example\r\n\r\n",
    "POST http://api2.amplitude.com/ HTTP/1.1\r\nHost: api2.amplitude.com\r\nContent-Length: 90\r\n\r\nmaya_builds",
    "CONNECT leehaver.example:443 HTTP/1.1\r\nHost: leehaver.example:443\r\n\r\nnot TLS: tomas.okafor@birch.example",
];

/// People files that cannot be loaded, each with identifiers where they do not belong.
const BAD_PEOPLE: [&str; 6] = [
    "id,role,birth_year,email\ns-10421,maya.lindqvist@birch.example,Maya Lindqvist,4810221\n",
    "s-10421,student,2016,maya.lindqvist@birch.example,maya_builds\n",
    "id,role,email,Maya Lindqvist\ns-10421,student,not a mail maya_builds,+1 202 555 0143\ns-10421,student,x,y\n",
    "id,role,email\ns-10421,student\n\"s-10422,student,tomas.okafor@birch.example\n",
    "id,role,birth_year,phone,email\ns-10424,student,4810224,Amina Delacroix,amina.delacroix@juniper.example\n",
    "id,role,maya.lindqvist@birch.example,email,email\n,student,1,maya_builds,Maya Lindqvist\n",
];

#[test]
fn nothing_that_says_who_somebody_is_stays_behind() {
    let place = Place::new();
    let inputs = Place::new();
    let mut heard = Heard::default();
    load_example_people(&place);
    let register = place.register_with_mode("statsig", "report").display().to_string();

    let third_parties = ThirdParties::new();
    let settings = place.path("settings.toml");
    std::fs::write(&settings, "[admin]\nlisten = \"127.0.0.1:0\"\n").expect("a settings file");
    let settings = settings.display().to_string();
    let command = ["up", &register, "--page", "127.0.0.1:0", "--settings", &settings];
    let arguments = third_parties.upstream_of(&place, &command);
    let gate = place.serve_with(&arguments.iter().map(String::as_str).collect::<Vec<_>>(), &LOUD);
    let address = gate.gate();
    send_everything(&place, address, &mut heard);
    use_every_command(&place, &inputs, &register, &mut heard);
    read_every_page(gate.said("page"), &mut heard);
    read_the_numbers(gate.said("admin"), &mut heard);
    assert!(
        !third_parties.received().is_empty(),
        "nothing was let out: the run proves little"
    );
    drop(third_parties);
    send_everything(&place, address, &mut heard);
    let (code, said) = gate.stop_and_tell();
    assert_eq!(code, 0);
    heard.hear("standard output of `up`", said);

    assert!(
        place.path("averment.log").metadata().is_ok_and(|log| log.len() > 0),
        "the gate said nothing in its log"
    );
    assert_every_end_was_reached(&heard);
    assert_silent(&place, &heard);
}

/// Everything that the admin address says.
fn read_the_numbers(admin: &str, heard: &mut Heard) {
    let admin = admin.trim_start_matches("http://").trim_end_matches('/');
    for path in ["/metrics", "/readyz", "/cut-off", "/maya.lindqvist@birch.example"] {
        let answer = get(admin, path);
        let metrics = path != "/metrics" || answer.body.contains("recipient=\"statsig\"");
        assert!(metrics, "numbers without the requests prove little: {}", answer.body);
        heard.hear(format!("answer of the admin address to `{}`", &path[..5]), answer.body);
    }
}

/// What was said to somebody: by whom, and the words.
#[derive(Default)]
struct Heard(Vec<(String, String)>);

impl Heard {
    fn hear(&mut self, from: impl Into<String>, words: impl Into<String>) {
        self.0.push((from.into(), words.into()));
    }
}

fn send_everything(place: &Place, gate: SocketAddr, heard: &mut Heard) {
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    for (number, case) in CASES.iter().enumerate() {
        let Case {
            to: (host, target),
            headers,
            body,
        } = case;
        let request = Request {
            method: "POST",
            host,
            target,
            headers,
            body: body.as_bytes(),
        };
        for (way, answer) in [
            ("clear", request.through(gate)),
            ("tunnel", request.through_tunnel(gate, &trust)),
        ] {
            let answer = answer.map_err(|error| format!("case {number} in {way}: {error}"));
            let answer = answer.expect("the gate answers every request");
            heard.hear(
                format!("answer to case {number} in {way}"),
                format!("{}{}", answer.head, answer.body),
            );
        }
    }
    for (number, bytes) in RAW.iter().enumerate() {
        heard.hear(format!("answer to raw bytes {number}"), send_raw(gate, bytes));
    }
}

/// Sends the bytes and reads what comes until the gate closes or is silent for a while.
fn send_raw(gate: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(gate).expect("the gate listens");
    stream
        .set_read_timeout(Some(Duration::from_millis(300)))
        .expect("a timeout");
    stream.write_all(bytes.as_bytes()).expect("the gate reads");
    let mut answer = Vec::new();
    // A timeout or reset is an end as well; what came before it is in the buffer.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Runs commands in a place and listens to what they print.
struct Terminal<'a> {
    place: &'a Place,
    heard: &'a mut Heard,
}

impl Terminal<'_> {
    fn run(&mut self, arguments: &[&str], codes: &[i32]) {
        let ran = self.place.run_with(arguments, &LOUD);
        let name = arguments[..2].join(" ");
        assert!(
            codes.contains(&ran.code),
            "`averment {name}` ended with {}:\n{}",
            ran.code,
            ran.stderr
        );
        self.heard
            .hear(format!("standard output of `averment {name}`"), ran.stdout);
        self.heard
            .hear(format!("standard error of `averment {name}`"), ran.stderr);
    }
}

fn use_every_command(place: &Place, inputs: &Place, register: &str, heard: &mut Heard) {
    let mut terminal = Terminal { place, heard };
    load_people_again_and_again(&mut terminal, inputs);
    explain_every_request(&mut terminal, inputs, register);
    for format in ["text", "json"] {
        terminal.run(&["ledger", "person", "s-10421", "--format", format], &[0]);
        terminal.run(
            &["ledger", "person", "maya.lindqvist@birch.example", "--format", format],
            &[2],
        );
        terminal.run(&["claims", register, "--format", format], &[1]);
        terminal.run(&["check", register, "--format", format], &[1]);
    }
    enter_and_list_consents(&mut terminal);
    terminal.run(&["ledger", "verify"], &[0]);
    terminal.run(
        &["publish", register, "--out", &place.path("site").display().to_string()],
        &[0],
    );
}

fn enter_and_list_consents(terminal: &mut Terminal<'_>) {
    let office = ["--by", "parent", "--how"];
    for (id, how, code) in [
        ("s-10421", "paper form", 0),
        ("s-10421", "a call from Maya Lindqvist", 2),
        ("maya.lindqvist@birch.example", "paper form", 2),
    ] {
        let change = ["consent", "give", "--person", id, "--kind", "photo"];
        terminal.run(&[&change[..], &office, &[how]].concat(), &[code]);
        terminal.run(&["consent", "history", "--person", id], &[code, 0]);
    }
    terminal.run(&["consent", "list"], &[0]);
}

fn load_people_again_and_again(terminal: &mut Terminal<'_>, inputs: &Place) {
    for (number, content) in BAD_PEOPLE.iter().enumerate() {
        let file = write(inputs, &format!("people-{number}.csv"), content);
        for command in ["load", "add"] {
            terminal.run(&["people", command, &file], &[2]);
        }
    }
    let good = root().join("examples/people.csv").display().to_string();
    terminal.run(&["people", "load", &good], &[0]);
    terminal.run(&["people", "add", &good], &[0]);
    for format in ["text", "json"] {
        terminal.run(&["people", "status", "--format", format], &[0]);
    }
}

fn explain_every_request(terminal: &mut Terminal<'_>, inputs: &Place, register: &str) {
    let requests = CASES.iter().map(as_text).chain(RAW.iter().map(ToString::to_string));
    for (number, request) in requests.enumerate() {
        let file = write(inputs, &format!("request-{number}"), &request);
        for format in ["text", "json"] {
            terminal.run(&["explain", register, &file, "--format", format], &[0, 1, 2]);
        }
    }
}

fn as_text(case: &Case) -> String {
    let Case {
        to: (host, target),
        headers,
        body,
    } = case;
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    format!("POST {target} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n{body}")
}

/// Writes a file with identifiers, apart from the place that is searched. Gives its path.
fn write(inputs: &Place, name: &str, content: &str) -> String {
    let file: PathBuf = inputs.path(name);
    std::fs::write(&file, content).expect("a file for the input");
    file.display().to_string()
}

fn read_every_page(page: &str, heard: &mut Heard) {
    let address = page.trim_start_matches("http://").trim_end_matches('/');
    for path in [
        "/",
        "/recipients/statsig.html",
        "/how-we-know.html",
        "/parents.html",
        "/schools.html",
        "/changes.html",
        "/page.json",
        "/claims.csv",
        "/status",
        "/maya_builds?who=maya.lindqvist@birch.example",
    ] {
        let answer = get(address, path);
        heard.hear(
            format!("page {}", &path[..path.len().min(5)]),
            answer.head + &answer.body,
        );
    }
}

/// Let out, malformed, refused, for another host, unwilling, unreachable.
fn assert_every_end_was_reached(heard: &Heard) {
    for status in [200, 400, 403, 417, 421, 502] {
        let begin = format!("HTTP/1.1 {status} ");
        assert!(
            heard.0.iter().any(|(_, words)| words.starts_with(&begin)),
            "no answer {status}"
        );
    }
}

/// Looks through every file of the place and every word heard.
fn assert_silent(place: &Place, heard: &Heard) {
    let needles = Needles::of_example_people();
    let files = place.files();
    for expected in [
        "averment-data/people.db",
        "averment-data/ledger/0001/log",
        "averment.log",
        "site/index.html",
    ] {
        assert!(
            files
                .iter()
                .any(|(path, bytes)| path.ends_with(expected) && !bytes.is_empty()),
            "no `{expected}`"
        );
    }
    let of_files = files
        .iter()
        .map(|(path, bytes)| (path.display().to_string(), bytes.as_slice()));
    let of_words = heard.0.iter().map(|(from, words)| (from.clone(), words.as_bytes()));
    let (mut places, mut hits) = (0, Vec::new());
    for (from, bytes) in of_files.chain(of_words) {
        places += 1;
        hits.extend(
            needles
                .found_in(bytes)
                .into_iter()
                .map(|label| format!("{from}: {label}")),
        );
    }
    assert!(
        places > 100 && hits.is_empty(),
        "{} hits:\n{}",
        hits.len(),
        hits.join("\n")
    );
}
