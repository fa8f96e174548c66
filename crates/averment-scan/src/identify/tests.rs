use super::*;

fn parties(address: &str) -> Vec<String> {
    let address = Address::parse(address).unwrap();
    tables().parties_of(&address).iter().map(ToString::to_string).collect()
}

fn named(kind: Kind, name: &str) -> Vec<&'static str> {
    tables()
        .names()
        .look_up(kind, name)
        .iter()
        .map(|party| party.id.as_str())
        .collect()
}

#[test]
fn an_address_is_read_with_and_without_scheme() {
    let address = Address::parse("HTTPS://user:pass@API.Twilio.com:443/v1/x?To=1#y").unwrap();
    assert_eq!(
        (address.scheme.as_str(), address.host.as_str(), address.path.as_str()),
        ("https", "api.twilio.com", "/v1/x")
    );
    assert!(Address::parse("//cdn.example.org/a.js").is_ok());
    assert!(Address::parse("ws://socket.new-desk.org").unwrap().is_plain());
    for text in [
        "localhost:3000",
        "10.0.0.1",
        "main.js",
        "",
        "http://",
        "-a.com",
        "a..com",
        "com",
        "https://{host}/x",
    ] {
        assert_eq!(Address::parse(text), Err(AddressError::NoHost), "{text}");
    }
}

#[test]
fn the_most_specific_row_wins_and_the_unknown_go_by_their_domain() {
    assert_eq!(parties("https://api.twilio.com/2010-04-01"), ["twilio"]);
    assert_eq!(parties("https://a.b.new-desk.co.uk/x"), ["new-desk.co.uk"]);
}

#[test]
fn a_name_means_what_it_lies_below() {
    assert_eq!(named(Kind::Npm, "twilio/lib/rest"), ["twilio"]);
    assert_eq!(named(Kind::Pypi, "Twilio"), ["twilio"]);
    assert_eq!(named(Kind::Gem, "twilio-ruby"), ["twilio"]);
    assert_eq!(named(Kind::Gem, "twilio-rubyist"), Vec::<&str>::new());
    assert_eq!(named(Kind::EnvironmentKey, "TWILIO_AUTH_TOKEN"), ["twilio"]);
}
