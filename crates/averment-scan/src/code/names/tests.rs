use super::*;

#[test]
fn calls_say_what_is_done_with_an_address() {
    for path in [
        "fetch",
        "axios.post",
        "requests.get",
        "Net::HTTP.post",
        "new WebSocket",
        "http.Get",
        "RestClient.post",
        "apiClient.post",
        "$.ajax",
        "navigator.sendBeacon",
        "Faraday.new",
    ] {
        assert_eq!(of_call(path), Some(Use::Request), "{path}");
    }
    for path in ["link_to", "redirect_to", "window.open", "console.log"] {
        assert_eq!(of_call(path), Some(Use::Link), "{path}");
    }
    assert_eq!(of_call("$.getScript"), Some(Use::Load));
    assert_eq!(of_call("policy.script_src"), Some(Use::Policy));
    assert_eq!(of_call("names.get"), None);
}

#[test]
fn names_say_what_an_address_is_for() {
    for (name, means) in [
        ("apiHost", Use::Request),
        ("WEBHOOK_URL", Use::Request),
        ("base_url", Use::Request),
        ("docsUrl", Use::Link),
        ("href", Use::Link),
        ("helpLink", Use::Link),
        ("scriptSrc", Use::Policy),
        ("src", Use::Load),
        ("CORS_ORIGIN_WHITELIST", Use::Nothing),
        ("license", Use::Nothing),
        ("idp_entity_id", Use::Nothing),
        ("ENTITY_SERVICE_URL", Use::Request),
    ] {
        assert_eq!(of_name(name), Some(means), "{name}");
    }
    assert_eq!(of_name("x"), None);
    assert_eq!(of_name("url"), None);
}
