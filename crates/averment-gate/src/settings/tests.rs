use jiff::tz::TimeZone;

use super::*;

fn fault(text: &str) -> String {
    let error = Settings::parse(text).unwrap_err();
    std::error::Error::source(&error)
        .map(ToString::to_string)
        .unwrap_or_default()
}

#[test]
fn a_witness_is_known_by_the_key_of_a_witness() {
    let witness = |key: &str| format!("[[witnesses]]\nname = \"w\"\nurl = \"https://w.example\"\nkey = \"{key}\"\n");
    let key = averment_ledger::CosigningKey::from_seed("w.example", &[1; 32]).unwrap();
    let read = Settings::parse(&witness(&key.cosigner().to_string())).unwrap();
    assert_eq!(&read.witnesses[0].key, key.cosigner());
    let log = averment_ledger::SigningKey::from_seed("w.example", &[1; 32]).unwrap();
    let fault = fault(&witness(&log.verifier().to_string()));
    assert!(fault.contains("type 4") && fault.contains("line 4"), "{fault}");
}

#[test]
fn a_zone_is_one_that_there_is() {
    let zone = |name: &str| format!("[ledger]\nnew_log = \"monthly\"\nzone = \"{name}\"\n");
    let read = Settings::parse(&zone("America/Chicago")).unwrap();
    assert_eq!(read.ledger.zone.iana_name(), Some("America/Chicago"));
    assert_eq!(Settings::parse("").unwrap().ledger.zone, TimeZone::UTC);
    let fault = fault(&zone("Chicago"));
    assert!(
        fault.contains("`Chicago` is no time zone") && fault.contains("line 3"),
        "{fault}"
    );
}

#[test]
fn services_that_could_never_be_told_apart_are_refused() {
    let twice = "[[services]]\nname = \"mailer\"\n[[services]]\nname = \"mailer\"\n";
    assert!(fault(twice).contains("`mailer` twice"), "{}", fault(twice));
    let short = "[[services]]\nname = \"mailer\"\ntoken_sha256 = \"abc\"\n";
    assert!(
        fault(short).contains("64 hexadecimal digits") && fault(short).contains("line 3"),
        "{}",
        fault(short)
    );
}

#[test]
fn certificates_that_could_name_nobody_or_two_are_refused() {
    let tls = "[tls]\ncertificate_file = \"a\"\nkey_file = \"b\"\nclient_authority_file = \"c\"\n";
    let service =
        |name: &str, certificate: &str| format!("[[services]]\nname = \"{name}\"\ncertificate = \"{certificate}\"\n");
    let with = |services: &str| format!("{services}{tls}");
    for good in ["mailer.internal", "spiffe://school.example/ns/mail/sa/mailer"] {
        assert!(Settings::parse(&with(&service("a", good))).is_ok(), "{good}");
        assert!(
            fault(&service("a", good)).contains("`client_authority_file`"),
            "nobody would ask for it"
        );
    }
    for bad in ["*.internal", "", "mailer internal", "://x", "spiffe://"] {
        assert!(
            fault(&with(&service("a", bad))).contains("expected a DNS name"),
            "{bad}"
        );
    }
    let twice = service("a", "mailer.internal") + &service("b", "Mailer.INTERNAL");
    assert!(
        fault(&with(&twice)).contains("`mailer.internal` twice"),
        "{}",
        fault(&with(&twice))
    );
}
