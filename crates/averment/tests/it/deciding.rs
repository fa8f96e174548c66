//! Decisions over HTTP beside a running gate: `averment up --access`.

use serde_json::{Value, json};

use crate::wire::{Answer, ask, get};
use crate::world::{Place, root};

const TOKEN: &str = "a-token-of-the-platform";

const CLAIMS: &str = r#"
[[claims]]
kind = "visible_to"
elements = ["contact"]
subjects = ["student"]
viewers = ["teacher"]
id = "teachers"
sentence = "Teachers see how to reach their students."
"#;

/// A register that says who sees what, and a token.
fn place() -> Place {
    let place = Place::new();
    place.run(&["new", "register", "register"]).expect(0);
    std::fs::create_dir_all(place.path("register/claims")).expect("a folder");
    std::fs::write(place.path("register/claims/access.toml"), CLAIMS).expect("a file");
    std::fs::write(place.path("token"), format!("{TOKEN}\n")).expect("a file");
    place
}

fn up<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let anywhere = [
        "--gate",
        "127.0.0.1:0",
        "--page",
        "127.0.0.1:0",
        "--access",
        "127.0.0.1:0",
    ];
    [&["up", "register"][..], &anywhere, more].concat()
}

/// A teacher asks for the address of a student in a class of theirs.
fn question(address: &str, token: &str) -> Answer {
    let person = |id: &str, role: &str| json!({ "type": "person", "id": id, "properties": { "role": role, "schools": { "hill": ["7b"] } } });
    let body = json!({
        "subject": person("t-1", "teacher"), "resource": person("s-1", "student.minor"), "action": { "name": "see:contact.email" },
    });
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
    ask(address, "POST", "/access/v1/evaluation", &headers, &body.to_string())
}

fn decision(address: &str) -> bool {
    let answer = question(address, TOKEN);
    let body: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(answer.status(), 200, "{}", answer.body);
    body["decision"].as_bool().expect("a decision")
}

fn decides(served: &crate::world::Served) -> String {
    let url = served.said("decides").to_owned();
    let rest = url
        .strip_prefix("http://")
        .and_then(|rest| rest.strip_suffix("/access/v1/evaluation"));
    rest.expect("an address").to_owned()
}

#[test]
fn a_gate_decides_beside_itself_and_follows_its_register() {
    let place = place();
    let mut served = place.serve(&up(&["--access-token-file", "token"]));
    let address = decides(&served);
    assert!(decision(&address));
    assert_eq!(question(&address, "another").status(), 401);
    let described = get(&address, "/.well-known/authzen-configuration");
    assert!(
        described
            .body
            .contains(&format!("http://{address}/access/v1/evaluation")),
        "{}",
        described.body
    );
    let narrowed = CLAIMS.replace("\"teacher\"", "\"guardian\"");
    std::fs::write(place.path("register/claims/access.toml"), narrowed).expect("a file");
    served.signal("HUP");
    served.wait_for("reloaded");
    assert!(!decision(&address));
    assert_eq!(served.stop(), 0);
}

#[test]
fn without_being_asked_a_gate_decides_nothing() {
    let place = place();
    let served = place.serve(&["up", "register", "--gate", "127.0.0.1:0", "--page", "127.0.0.1:0"]);
    assert!(!served.all_said().contains("decides"));
    assert_eq!(
        get(
            served.said("page").trim_start_matches("http://").trim_end_matches('/'),
            "/access/v1/evaluation"
        )
        .status(),
        404
    );
}

#[test]
fn a_token_comes_from_a_file_or_from_the_environment_and_must_be_there() {
    let place = place();
    let without = place.run(&up(&[])).expect(2);
    assert!(without.stderr.contains("`AVERMENT_ACCESS_TOKEN`"), "{}", without.stderr);
    std::fs::write(place.path("empty"), "\n").expect("a file");
    place.run(&up(&["--access-token-file", "empty"])).expect(2);
    let served = place.serve_with(&up(&[]), &[("AVERMENT_ACCESS_TOKEN", TOKEN)]);
    assert!(decision(&decides(&served)));
}

/// Everybody reaches `0.0.0.0`, and it speaks without TLS.
#[test]
fn an_address_for_everybody_wants_somebody_with_tls_before_it() {
    let place = place();
    let mut arguments = up(&["--access-token-file", "token"]);
    let address = arguments
        .iter()
        .position(|word| *word == "--access")
        .expect("an option")
        + 1;
    arguments[address] = "0.0.0.0:0";
    let refused = place.run(&arguments).expect(2);
    assert!(refused.stderr.contains("`0.0.0.0:0`"), "{}", refused.stderr);
    let serve = ["access", "serve", "register", "--token-file", "token", "--listen"];
    let refused = place.run(&[&serve[..], &["[::]:0"]].concat()).expect(2);
    assert!(refused.stderr.contains("`--public"), "{}", refused.stderr);
    arguments.extend(["--access-public", "https://decisions.platform.example"]);
    place.serve(&arguments);
}

#[test]
fn a_register_that_does_not_say_who_sees_what_denies_everything() {
    let place = place();
    let bundled = root().join("examples/codeorg").display().to_string();
    let arguments: Vec<&str> = up(&["--access-token-file", "token"])
        .into_iter()
        .map(|word| if word == "register" { bundled.as_str() } else { word })
        .collect();
    let served = place.serve(&arguments);
    assert!(
        served.all_said().contains("everything is denied"),
        "{}",
        served.all_said()
    );
    assert!(!decision(&decides(&served)));
}
