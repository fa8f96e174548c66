use super::*;

#[test]
fn only_a_host_with_a_port_is_a_proxy() {
    for text in ["http://proxy.example:3128", "http://127.0.0.1:8080/", "http://[::1]:1"] {
        assert!(ParentProxy::parse(text).is_ok(), "{text}");
    }
    for text in [
        "https://proxy.example:3128",
        "proxy.example:3128",
        "http://u:p@proxy.example",
        "http://a/b",
    ] {
        let error = ParentProxy::parse(text).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot read the parent proxy `{text}`: expected `http://host:port`")
        );
    }
}
