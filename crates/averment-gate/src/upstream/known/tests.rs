use super::*;

fn told(value: &'static str) -> HeaderMap {
    [("keep-alive".parse().unwrap(), value.parse().unwrap())]
        .into_iter()
        .collect()
}

#[test]
fn a_server_is_taken_at_its_word() {
    for (value, expected) in [
        ("timeout=2", Keeps::Brief),
        ("timeout=4, max=100", Keeps::Brief),
        ("timeout=5", Keeps::Usual),
        ("max=100, Timeout=\"60\"", Keeps::Long),
        ("max=100", Keeps::Usual),
        ("timeout=soon", Keeps::Usual),
    ] {
        let known = Known::default();
        known.note_answer("a:443", &told(value));
        assert_eq!(known.keeps("a:443"), expected, "{value}");
    }
    let known = Known::default();
    known.note_answer("a:443", &told("timeout=60"));
    known.note_answer("a:443", &HeaderMap::new());
    assert_eq!(
        (known.keeps("a:443"), known.keeps("b:443")),
        (Keeps::Long, Keeps::Usual)
    );
}

#[test]
fn however_it_is_spelled_a_server_is_one() {
    let keys = ["https://A.example/x", "https://a.example:443/y"].map(|uri| key(&uri.parse().unwrap()));
    assert_eq!(keys, ["a.example:443", "a.example:443"]);
    assert_eq!(key(&"http://a.example/".parse().unwrap()), "a.example:80");
}

#[test]
fn the_list_stays_short() {
    let known = Known::default();
    for number in 0..=SERVERS_MAX {
        known.note_protocol(&number.to_string(), Protocol::Http2Only);
    }
    assert_eq!(known.protocol("0"), None);
    assert_eq!(known.protocol(&SERVERS_MAX.to_string()), Some(Protocol::Http2Only));
    assert_eq!(known.0.read().unwrap().len(), 1);
}
