use super::*;

fn look(path: &str, text: &str) -> Vec<String> {
    let source = Source {
        path: path.to_owned(),
        class: class_of(path),
        bytes: text.as_bytes().to_vec(),
    };
    let given = look_at(&source, tables(), false);
    given
        .findings
        .iter()
        .map(|one| {
            let parties: Vec<String> = one.parties.iter().map(ToString::to_string).collect();
            format!(
                "{} {} {:?} {} @{}",
                parties.join("+"),
                one.tier.words(),
                one.how,
                one.what,
                one.line
            )
        })
        .collect()
}

#[test]
fn manifests() {
    assert_eq!(
        look("Gemfile", "gem 'twilio-ruby'\ngem 'pusher', group: :test\n"),
        [
            "twilio configured Manifest twilio-ruby @1",
            "pusher dead code Manifest pusher @2"
        ]
    );
}

#[test]
fn settings() {
    assert_eq!(
        look(
            ".env.example",
            "TWILIO_AUTH_TOKEN=\n# see https://www.twilio.com/docs\n"
        ),
        [
            "twilio configured Environment TWILIO_AUTH_TOKEN @1",
            "twilio dead code Host www.twilio.com @2",
        ]
    );
}

#[test]
fn policies() {
    let text = "add_header Content-Security-Policy \"default-src 'self'; connect-src https://api.amplitude.com; frame-ancestors https://www.new-desk.org\";\n";
    assert_eq!(
        look("nginx.conf", text),
        ["amplitude allowed by policy Policy https://api.amplitude.com @1"]
    );
}
