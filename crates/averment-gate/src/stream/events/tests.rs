use super::*;

/// A message with `headers` (name, kind, value) and `payload`; checksums are nobody's business here.
fn message(headers: &[(&str, u8, &[u8])], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, kind, value) in headers {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend_from_slice(name.as_bytes());
        head.push(*kind);
        if matches!(kind, 6 | 7) {
            head.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        }
        head.extend_from_slice(value);
    }
    let total = u32::try_from(PRELUDE + head.len() + payload.len() + TAIL).unwrap();
    let length = u32::try_from(head.len()).unwrap();
    [
        &total.to_be_bytes()[..],
        &length.to_be_bytes(),
        &[0; 4],
        &head,
        payload,
        &[0; 4],
    ]
    .concat()
}

fn json(payload: &str) -> Vec<u8> {
    let headers: [(&str, u8, &[u8]); 2] = [(":event-type", 7, b"Chunk"), (":content-type", 7, b"application/json")];
    message(&headers, payload.as_bytes())
}

/// Body, type, bytes that go.
fn seen(events: &mut Events, message: &[u8]) -> (String, &'static str, usize) {
    let look = events.look(message);
    assert_eq!(look.unread, None);
    (
        String::from_utf8(look.body).unwrap(),
        look.media.unwrap(),
        look.releases,
    )
}

#[test]
fn headers_are_shown_when_they_are_new_and_payloads_by_their_type() {
    let (mut events, first, second) = (Events::default(), json("{\"a\":1}"), json("{\"a\":2}"));
    let (heads, media, releases) = seen(&mut events, &first);
    assert_eq!((media, releases), ("text/plain", 0));
    assert!(heads.contains(":event-type: Chunk\n"));
    assert_eq!(
        seen(&mut events, &first),
        ("{\"a\":1}".to_owned(), "application/json", first.len())
    );
    assert_eq!(
        seen(&mut events, &second),
        ("{\"a\":2}".to_owned(), "application/json", second.len())
    );
}

#[test]
fn what_is_signed_is_shown_from_inside_with_the_texts_of_both() {
    let inner = json("{\"b\":1}");
    let signature = [&[0xf0, 0x90][..], b"ada.brook@school.example", &[0; 6]].concat();
    let outer = message(&[(":date", 8, &[0; 8]), (":chunk-signature", 6, &signature)], &inner);
    let mut events = Events::default();
    let (heads, ..) = seen(&mut events, &outer);
    assert!(
        heads.contains(":chunk-signature: ada.brook@school.example\n") && heads.contains("Chunk"),
        "{heads}"
    );
    assert_eq!(
        seen(&mut events, &outer),
        ("{\"b\":1}".to_owned(), "application/json", outer.len())
    );
}

#[test]
fn what_cannot_be_followed_is_unreadable() {
    let good = json("{}");
    let mut short = good.clone();
    short[7] = 0xff;
    let strange = message(&[("x", 10, b"")], b"");
    let torn = message(&[("x", 7, b"\xff")], b"");
    for bad in [&short[..], &strange, &torn, b"\x00\x00\x00\x04"] {
        let look = Events::default().look(bad);
        assert_eq!(
            (look.unread, look.releases),
            (Some(UnreadableBecause::Malformed), bad.len())
        );
    }
}
