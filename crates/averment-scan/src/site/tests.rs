use serde_json::json;

use super::*;

fn parse(text: &str) -> Result<Journey, JourneyError> {
    Journey::parse(text, &|name| {
        (name == "TEACHER_PASSWORD").then(|| "a secret & more".to_owned())
    })
}

#[test]
fn a_journey_is_a_list_of_steps() {
    let journey = parse(
        "[[step]]\ngoto = \"/login?next=x\"\n[[step]]\nfill = \"#p\"\nenv = \"TEACHER_PASSWORD\"\n[[step]]\nclick = \"button\"\n\
         [[step]]\nwait = \"idle\"\n[[step]]\nwait = \"#home\"\n",
    )
    .unwrap();
    let told: Vec<String> = journey.steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["goto /login", "fill #p", "click button", "wait idle", "wait #home"]
    );
    assert_eq!(journey.secrets().collect::<Vec<_>>(), ["a secret & more"]);
    assert!(!format!("{journey:?}").contains("secret & more"));
}

#[test]
fn what_is_no_step_is_said_without_its_values() {
    for (text, expected) in [
        ("[[step]]\n", "step 1: expected one of `goto`"),
        (
            "[[step]]\ngoto = \"/\"\nclick = \"a\"\n",
            "step 1: expected one of `goto`",
        ),
        ("[[step]]\nfill = \"a\"\n", "step 1: expected one of `value`"),
        (
            "[[step]]\nclick = \"a\"\nvalue = \"hunter2\"\n",
            "step 1: expected one of `value`",
        ),
        (
            "[[step]]\nfill = \"a\"\nenv = \"NOT_SET\"\n",
            "step 1: `NOT_SET` is not set",
        ),
        ("[[step]]\nfill = \"a\"\nvalue = hunter2\n", "line 3"),
        ("[[step]]\nscreenshot = \"hunter2\"\n", "unknown field `screenshot`"),
        (
            "[[step]]\nfill = \"a\"\nfile = \"/nowhere/at/all\"\n",
            "step 1: cannot read `/nowhere/at/all`",
        ),
    ] {
        let error = parse(text).unwrap_err().to_string();
        assert!(
            error.contains(expected) && !error.contains("hunter2"),
            "{text}: {error}"
        );
    }
}

fn request(id: &str, url: &str, rest: &serde_json::Value) -> serde_json::Value {
    let mut event = json!({
        "requestId": id, "frameId": "T", "documentURL": url, "wallTime": 1_795_000_000.5, "type": "Document",
        "request": { "method": "GET", "url": url, "headers": { "Referer": "x" } }, "initiator": { "type": "other" },
    });
    for (name, value) in rest.as_object().unwrap() {
        event[name] = value.clone();
    }
    event
}

#[test]
fn events_make_a_recording() {
    let mut recording = Recording::default();
    recording.attached("", "S", Some("T"));
    let event =
        |recording: &mut Recording, method: &str, event: &serde_json::Value| recording.event("S", method, event);
    event(
        &mut recording,
        "Network.requestWillBeSent",
        &request("1", "http://a.test/", &json!({})),
    );
    event(
        &mut recording,
        "Network.requestWillBeSentExtraInfo",
        &json!({ "requestId": "1", "headers": { "Cookie": "a=first" } }),
    );
    let redirected = json!({ "redirectResponse": { "status": 302, "headers": {} } });
    event(
        &mut recording,
        "Network.requestWillBeSent",
        &request("1", "http://a.test/next", &redirected),
    );
    event(
        &mut recording,
        "Network.requestWillBeSentExtraInfo",
        &json!({ "requestId": "1", "headers": { "Cookie": "a=second" } }),
    );
    let response = json!({ "requestId": "1", "response": { "status": 200, "headers": {}, "mimeType": "text/html" } });
    event(&mut recording, "Network.responseReceived", &response);
    event(&mut recording, "Network.loadingFinished", &json!({ "requestId": "1" }));
    let frame = json!({ "frameId": "F", "initiator": { "type": "parser", "url": "http://a.test/next" } });
    event(
        &mut recording,
        "Network.requestWillBeSent",
        &request("2", "http://b.test/", &frame),
    );
    assert_eq!(recording.open(), 1);
    let asked = json!({ "type": "Fetch", "request": { "method": "POST", "url": "http://b.test/", "headers": {}, "hasPostData": true } });
    assert_eq!(
        event(&mut recording, "Network.requestWillBeSent", &request("3", "x", &asked)).as_deref(),
        Some("3")
    );
    recording.body("3", &json!({ "postData": "aGk=", "base64Encoded": true }));
    event(
        &mut recording,
        "Network.loadingFailed",
        &json!({ "requestId": "3", "errorText": "net::ERR_X", "blockedReason": "csp" }),
    );
    let document = recording.document();
    let entries = document["log"]["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0]["response"]["redirectURL"], "http://a.test/next");
    assert_eq!(entries[0]["request"]["headers"][0]["value"], "a=first");
    assert_eq!(entries[1]["request"]["headers"][0]["value"], "a=second");
    assert_eq!(
        (&entries[1]["_resourceType"], &entries[2]["_resourceType"]),
        (&json!("document"), &json!("subdocument"))
    );
    assert_eq!(entries[3]["request"]["postData"]["encoding"], "base64");
    assert_eq!(entries[3]["response"]["_error"], "blocked: csp");
    assert_eq!(entries[0]["startedDateTime"], "2026-11-18T11:06:40.5Z");
    assert_eq!(document["log"]["pages"].as_array().unwrap().len(), 1);
}

#[test]
fn a_recording_for_others_has_no_secrets() {
    let mut recording = Recording::default();
    recording.attached("", "S", Some("T"));
    let headers = json!({ "Authorization": "Bearer key", "Cookie": "sid=key; _ga=key", "X-Shown": "kept", "X-Auth-Token": "ticket-77", "Referer": "http://a.test/in?code=ticket-77&x=1" });
    let body = "p=a+secret+%26+more&q=%61";
    let sent = json!({ "request": { "method": "POST", "url": "http://a.test/?access_token=ticket-77&p=a%20secret%20%26%20more#id_token=ticket-77", "headers": headers, "postData": body } });
    recording.event("S", "Network.requestWillBeSent", &request("1", "http://a.test/", &sent));
    let packed = json!({ "request": { "method": "POST", "url": "http://a.test/", "headers": {}, "hasPostData": true, "postDataEntries": [{ "bytes": "/2Egc2VjcmV0ICYgbW9yZQ==" }] } });
    recording.event(
        "S",
        "Network.requestWillBeSent",
        &request("2", "http://a.test/", &packed),
    );
    let answered =
        json!({ "requestId": "1", "headers": { "set-cookie": "sid=key; Path=/\nb=key" }, "statusCode": 200 });
    recording.event("S", "Network.responseReceivedExtraInfo", &answered);
    let journey = parse("[[step]]\nfill = \"#p\"\nenv = \"TEACHER_PASSWORD\"\n").unwrap();
    let all = recording.document().to_string();
    assert!(all.contains("key") && all.contains("secret"));
    let document = recording.without_secrets(&journey);
    let text = document.to_string();
    assert!(
        ["key", "secret", "c2VjcmV0", "ticket"]
            .iter()
            .all(|value| !text.contains(value)),
        "{text}"
    );
    assert!(
        text.contains("sid=[redacted]; _ga=[redacted]") && text.contains("kept"),
        "{text}"
    );
}

/// The recording of one request with `body`, and of one socket, as it is written for others.
fn written(body: &str, message: &str) -> String {
    let mut recording = Recording::default();
    recording.attached("", "S", Some("T"));
    let sent = json!({ "request": { "method": "POST", "url": "http://a.test/", "headers": {}, "postData": body } });
    recording.event("S", "Network.requestWillBeSent", &request("1", "http://a.test/", &sent));
    recording.event(
        "S",
        "Network.webSocketCreated",
        &json!({ "requestId": "2", "url": "wss://a.test/" }),
    );
    recording.event(
        "S",
        "Network.webSocketFrameSent",
        &json!({ "requestId": "2", "timestamp": 1.0, "response": { "opcode": 1, "payloadData": message } }),
    );
    let journey = parse("[[step]]\ngoto = \"/\"\n").unwrap();
    let document = recording.without_secrets(&journey);
    assert!(
        recording.document().to_string().contains("ticket-77"),
        "nothing to take out"
    );
    document.to_string()
}

#[test]
fn tokens_in_bodies_and_messages_are_no_part_of_a_recording_for_others() {
    let signed = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ0aWNrZXQtNzcifQ.ticket-77";
    let parts = "--b\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\nticket-77\r\n--b\r\n\
                 Content-Disposition: form-data; name=\"title\"\r\n\r\nshown\r\n--b--\r\n";
    for body in [
        r#"{"access_token":"ticket-77","title":"shown"}"#,
        r#"[{"user":{"refreshToken":"ticket-77"}},"shown"]"#,
        r#"{"variables":"{\"csrfToken\":\"ticket-77\"}","title":"shown"}"#,
        r#"[{"name":"authenticity_token","value":"ticket-77"},{"name":"title","value":"shown"}]"#,
        "csrf_token=ticket-77&title=shown",
        "{\"title\":\"shown\"}\n{\"session_id\":\"ticket-77\"}\n",
        parts,
        &format!("shown {signed}, and on"),
    ] {
        let text = written(body, "none");
        assert!(!text.contains("ticket-77") && text.contains("shown"), "{body}: {text}");
    }
    for message in [
        r#"42["join",{"token":"ticket-77","room":"shown"}]"#,
        "{\"accessToken\":\"ticket-77\",\"room\":\"shown\"}\u{1e}",
    ] {
        let text = written("none", message);
        assert!(
            !text.contains("ticket-77") && text.contains("shown"),
            "{message}: {text}"
        );
    }
    let plain = r#"{"title":"ticket-77","count":3}"#;
    assert!(
        written(plain, "none").contains("ticket-77"),
        "nobody says that this opens anything"
    );
}
