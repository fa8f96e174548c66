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
fn headers_are_shown_with_every_message_and_payloads_by_their_type() {
    let mut events = Events::default();
    for payload in ["{\"a\":1}", "{\"a\":2}"] {
        let message = json(payload);
        let (heads, media, releases) = seen(&mut events, &message);
        assert_eq!((media, releases), ("text/plain", 0));
        assert!(heads.contains(":event-type: Chunk\n"));
        assert_eq!(
            seen(&mut events, &message),
            (payload.to_owned(), "application/json", message.len())
        );
    }
}

#[test]
fn every_kind_of_value_is_shown() {
    let uuid: Vec<u8> = (0..16).collect();
    let headers: [(&str, u8, &[u8]); 9] = [
        ("yes", 0, b""),
        ("no", 1, b""),
        ("byte", 2, &[0xff]),
        ("short", 3, &(-300_i16).to_be_bytes()),
        ("whole", 4, &20_231_187_i32.to_be_bytes()),
        ("long", 5, &4_015_550_142_i64.to_be_bytes()),
        ("at", 8, &1_700_000_000_000_i64.to_be_bytes()),
        ("id", 9, &uuid),
        ("octets", 6, b"ada.brook@school.example"),
    ];
    let (heads, ..) = seen(&mut Events::default(), &message(&headers, b"{}"));
    assert_eq!(
        heads,
        "yes: true\nno: false\nbyte: -1\nshort: -300\nwhole: 20231187\nlong: 4015550142\nat: 1700000000000\n\
         id: 00010203-0405-0607-0809-0a0b0c0d0e0f 000102030405060708090a0b0c0d0e0f\noctets: ada.brook@school.example\n"
    );
}

#[test]
fn bytes_that_are_no_text_are_looked_at_by_themselves() {
    let (one, two): (&[u8], &[u8]) = (b"\x1f\x8b\x08 one", b"\xff\xfetwo");
    let message = message(&[("one", 6, one), ("two", 6, two)], b"{}");
    let mut events = Events::default();
    let shown: Vec<(Vec<u8>, usize)> = (0..4)
        .map(|_| events.look(&message))
        .map(|look| (look.body, look.releases))
        .collect();
    let heads = b"one: \ntwo: \n".to_vec();
    let expected = [
        (heads.clone(), 0),
        (one.to_vec(), 0),
        (two.to_vec(), 0),
        (b"{}".to_vec(), message.len()),
    ];
    assert_eq!(shown, expected);
    // And the next from its beginning.
    assert_eq!(events.look(&message).body, heads);
}

#[test]
fn what_is_signed_is_shown_from_inside_with_the_texts_of_both() {
    let inner = json("{\"b\":1}");
    let signature = [&[0xf0, 0x90][..], b"ada.brook@school.example", &[0; 6]].concat();
    let outer = message(&[(":date", 8, &[0; 8]), (":chunk-signature", 6, &signature)], &inner);
    let mut events = Events::default();
    let (heads, ..) = seen(&mut events, &outer);
    assert!(
        heads.contains(":chunk-signature: ada.brook@school.example ") && heads.contains("Chunk"),
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
    let many = message(&[("x", 6, &b"\xff"[..]); 9], b"");
    for bad in [&short[..], &strange, &torn, &many, b"\x00\x00\x00\x04"] {
        let look = Events::default().look(bad);
        assert_eq!(
            (look.unread, look.releases),
            (Some(UnreadableBecause::Malformed), bad.len())
        );
    }
}
