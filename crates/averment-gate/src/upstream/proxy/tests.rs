use super::*;

#[test]
fn only_a_host_with_a_port_is_a_proxy() {
    for text in [
        "http://proxy.example:3128",
        "https://proxy.example:3129",
        "http://127.0.0.1:8080/",
        "http://[::1]:1",
    ] {
        assert!(ParentProxy::parse(text, None).is_ok(), "{text}");
    }
    for (text, shown) in [
        ("ftp://proxy.example:3128", "ftp://proxy.example:3128"),
        ("proxy.example:3128", "proxy.example:3128"),
        ("http://u:secret@proxy.example", "…@proxy.example"),
        ("http://a/b", "http://a/b"),
    ] {
        let error = ParentProxy::parse(text, None).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("cannot read the parent proxy `{shown}`: expected")),
            "{error}"
        );
        assert!(!error.contains("secret"));
    }
}

#[test]
fn a_login_is_sent_and_never_shown() {
    for text in ["user", "", "user:pass\nword", "user:pass\r"] {
        assert!(Login::parse(text).is_none(), "{text:?}");
    }
    let login = Login::parse("gate:open sesame").unwrap();
    let proxy = ParentProxy::parse("http://proxy.example:3128", Some(login)).unwrap();
    let shown = format!("{proxy:?}");
    assert!(
        !shown.contains("sesame") && !shown.contains("Z2F0ZTpvcGVuIHNlc2FtZQ"),
        "{shown}"
    );
    let destination = Destination::parse_origin("https://api.example").unwrap();
    assert_eq!(
        String::from_utf8(proxy.question(&destination)).unwrap(),
        "CONNECT api.example:443 HTTP/1.1\r\nHost: api.example:443\r\n\
         Proxy-Authorization: Basic Z2F0ZTpvcGVuIHNlc2FtZQ==\r\n\r\n"
    );
}
