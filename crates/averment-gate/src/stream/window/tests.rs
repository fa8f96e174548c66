use proptest::prelude::*;

use super::*;

/// All looks of `text` fed in steps: what was looked at, and what had gone out before each look.
fn looks(
    cut: fn() -> Cut,
    text: &[u8],
    step: usize,
    window: usize,
) -> Vec<(Vec<u8>, usize, Option<UnreadableBecause>)> {
    let mut of = Window::new(cut(), window, 64 << 10);
    let (mut all, mut out) = (Vec::new(), 0);
    let mut take = |of: &mut Window, ended| {
        while let Some(look) = of.next(ended).unwrap() {
            all.push((look.body, out, look.unread));
            out += look.releases;
            of.release(look.releases);
        }
    };
    for piece in text.chunks(step) {
        of.push(piece);
        take(&mut of, false);
    }
    take(&mut of, true);
    assert_eq!((out, of.held_bytes()), (text.len(), 0));
    all
}

fn json() -> Cut {
    Cut::Json(Box::default())
}

#[test]
fn what_is_planted_anywhere_is_whole_in_a_look_before_it_goes_out() {
    let filler: String = (0..4000).map(|n| format!("word{n} ")).collect();
    let needle = "ada.brook@school.example and more";
    for at in (0..filler.len()).step_by(61) {
        let at = filler[at..].find(' ').map_or(0, |space| at + space + 1);
        let text = format!("{}{needle}{}", &filler[..at], &filler[at..]);
        let seen = looks(|| Cut::Text, text.as_bytes(), 1000, 4096);
        let first = seen
            .iter()
            .find(|(body, ..)| body.windows(needle.len()).any(|part| part == needle.as_bytes()));
        assert!(first.is_some_and(|(_, out, _)| *out <= at), "{at}");
        assert!(seen.iter().all(|(.., unread)| unread.is_none()));
    }
}

#[test]
fn a_long_run_is_unreadable_wrapped_or_not() {
    let line = "QWRhIEJyb29rIGF0IHNjaG9vbCBldmVyeSBkYXkgb2YgdGhlIHdlZWsgYW5kIG1vcmUgc28gb24u";
    for text in [line.repeat(200), format!("{line}\r\n").repeat(200)] {
        let seen = looks(|| Cut::Text, text.as_bytes(), 1000, 4096);
        assert!(
            seen.iter()
                .any(|(.., unread)| *unread == Some(UnreadableBecause::TooLarge))
        );
    }
    let short = format!("{}\n\n\"{}\", ", line.repeat(8), line.repeat(9));
    let seen = looks(|| Cut::Text, short.repeat(20).as_bytes(), 1000, 4096);
    assert!(seen.iter().all(|(.., unread)| unread.is_none()));
    // Runs are whole: a look begins where one begins.
    assert!(
        seen.iter()
            .all(|(body, ..)| body.starts_with(b"QWRh") || body.starts_with(b"\"") || body.starts_with(b"\n")),
        "cut inside"
    );
}

#[test]
fn characters_are_not_torn() {
    let text = "ähnliche Wörter überall – ".repeat(2000);
    for (body, ..) in looks(|| Cut::Text, text.as_bytes(), 997, 4096) {
        assert!(std::str::from_utf8(&body).is_ok());
    }
}

#[test]
fn every_piece_of_json_is_json_with_what_is_open_around_it() {
    let event = |n: usize| {
        format!("{{\"id\":{n},\"user\":{{\"first, name\":\"A\\\"d]a\",\"last\":\"{{\"}},\"tags\":[1,\"]\"]}}")
    };
    let events: Vec<String> = (0..600).map(event).collect();
    let text = format!(
        "{{\"meta\":{{\"a\":1}}, \"batch\" : {{\"events\": [{}]}},\"end\":null}}\n",
        events.join(" ,\n")
    );
    let seen = looks(json, text.as_bytes(), 333, 4096);
    assert!(seen.len() > 5);
    let mut ids = Vec::new();
    for (body, _, unread) in &seen {
        assert_eq!(*unread, None);
        let value: serde_json::Value = serde_json::from_slice(body).unwrap();
        let events = value["batch"]["events"].as_array().cloned().unwrap_or_default();
        for event in &events {
            assert_eq!((&event["user"]["last"], &event["tags"][1]), (&"{".into(), &"]".into()));
            ids.push(event["id"].as_u64().unwrap());
        }
    }
    assert!(ids.into_iter().eq(0..600));
}

#[test]
fn what_is_no_json_is_unreadable_and_read_as_text() {
    let text = format!("[{}}}", "{\"a\":1},".repeat(2000));
    let seen = looks(json, text.as_bytes(), 100, 4096);
    // The bracket that does not fit is in the last piece, which the detection room refuses to read.
    assert!(serde_json::from_slice::<serde_json::Value>(&seen.last().unwrap().0).is_err());
    let text = format!("[1]]{}", "{\"a\":1},".repeat(2000));
    let seen = looks(json, text.as_bytes(), 100, 4096);
    assert_eq!(seen[0].2, Some(UnreadableBecause::Malformed));
    let deep = "[".repeat(200) + &"1,".repeat(4000);
    assert_eq!(
        looks(json, deep.as_bytes(), 100, 4096)[0].2,
        Some(UnreadableBecause::TooDeep)
    );
}

#[test]
fn a_value_longer_than_what_is_held_is_read_as_text() {
    let text = format!("[\"{}\",2]", "long words ".repeat(20_000));
    let seen = looks(json, text.as_bytes(), 1000, 4096);
    assert!(seen.iter().all(|(.., unread)| unread.is_none()) && seen.len() > 2);
}

#[test]
fn lines_and_pairs_stay_whole() {
    let lines = "{\"a\":\"b c\"}\n".repeat(3000);
    for (body, ..) in looks(
        || Cut::Delimited(b'\n', "application/x-ndjson"),
        lines.as_bytes(),
        100,
        4096,
    ) {
        assert!(body.starts_with(b"{") && body.ends_with(b"}"));
    }
    let long = "x ".repeat(100_000);
    assert!(
        looks(
            || Cut::Delimited(b'\n', "application/x-ndjson"),
            long.as_bytes(),
            1000,
            4096
        )
        .len()
            > 2
    );
}

#[test]
fn frames_come_as_they_are_complete() {
    let frame = [&[0, 0, 0, 0, 3][..], b"abc"].concat();
    let seen = looks(|| Cut::Frames, &frame.repeat(3), 1, 4096);
    assert!(seen.iter().all(|(body, ..)| *body == frame) && seen.len() == 3);
    let mut cut_off = Window::new(Cut::Frames, 4096, 4096);
    cut_off.push(&frame[..6]);
    assert_eq!(cut_off.next(false), Ok(None));
    assert_eq!(cut_off.next(true), Err(Stuck::CutOff));
    let mut large = Window::new(Cut::Frames, 4096, 8192);
    large.push(&[0, 0, 1, 0, 0]);
    assert_eq!(large.next(false), Err(Stuck::TooLarge));
}

#[test]
fn one_object_larger_than_a_window_is_cut_between_its_members() {
    let members: Vec<String> = (0..2000).map(|n| format!("\"k{n}\":{{\"a\":[{n},\"x\"]}}")).collect();
    let text = format!("{{\"outer\":{{{}}}}}", members.join(","));
    let mut seen = 0;
    for (body, ..) in looks(json, text.as_bytes(), 500, 4096) {
        let value: serde_json::Value = serde_json::from_slice(&body).unwrap();
        seen += value["outer"].as_object().unwrap().len();
    }
    assert_eq!(seen, 2000);
}

fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "[a-z \\\\\"\\[\\]{},:\u{e9}]{0,40}".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(6, 3000, 300, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..300).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z\\\\\"{,]{0,8}", inner, 0..100).prop_map(serde_json::Value::from_iter),
        ]
    })
}

/// How many strings, keys and other values a document holds, by their text.
fn count(value: &serde_json::Value, into: &mut std::collections::BTreeMap<String, usize>) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| count(item, into)),
        serde_json::Value::Object(members) => members.iter().for_each(|(_, member)| count(member, into)),
        other => *into.entry(other.to_string()).or_default() += 1,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_document_its_pieces_hold_all_of_it_once(document in document(), step in 1_usize..6000) {
        let text = document.to_string();
        let (mut whole, mut pieces) = Default::default();
        count(&document, &mut whole);
        for (body, _, unread) in looks(json, text.as_bytes(), step, 4096) {
            prop_assert_eq!(unread, None);
            count(&serde_json::from_slice(&body).unwrap(), &mut pieces);
        }
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn whatever_the_text_a_needle_is_whole_in_a_look_before_it_goes_out(
        words in prop::collection::vec("[a-zA-Z0-9@.+%/=\u{e9}\u{4e2d}-]{1,60}[ ,;\n\"<>]{1,3}", 300..1500),
        at in any::<prop::sample::Index>(),
        needle in "QWRh[A-Za-z0-9+/]{1,1500}==",
        step in 1_usize..6000,
    ) {
        let at = words[..at.index(words.len())].concat().len();
        let mut text = words.concat().into_bytes();
        text.splice(at..at, format!("{needle} ").into_bytes());
        let seen = looks(|| Cut::Text, &text, step, 4096);
        let holds = |body: &[u8]| body.windows(needle.len()).any(|part| part == needle.as_bytes());
        let first = seen.iter().find(|(body, ..)| holds(body));
        // From its first letter on, so that what is packed in fours is read in step.
        prop_assert!(first.is_some_and(|(_, out, _)| *out <= at));
    }
}

/// What has gone out of `text` when it paused at `at`, and whether a look showed `needle` before any of it went.
fn paused(cut: Cut, text: &str, at: usize, needle: &str) -> (usize, bool) {
    let mut of = Window::new(cut, 256 << 10, 4 << 20);
    let (mut out, mut shown) = (0, None);
    let start = text.find(needle).unwrap();
    for (piece, ended) in [(&text[..at], false), (&text[at..], true)] {
        of.push(piece.as_bytes());
        loop {
            let look = of.next(ended).unwrap();
            let Some(look) = look.or_else(|| of.next_at_pause().filter(|_| !ended)) else {
                break;
            };
            let shows = look.body.windows(needle.len()).any(|part| part == needle.as_bytes());
            shown = shown.or(shows.then_some(out));
            out += look.releases;
            of.release(look.releases);
            if !ended {
                break;
            }
        }
    }
    (out, shown.is_some_and(|out| out <= start))
}

#[test]
fn whatever_pauses_anywhere_shows_what_is_in_it_before_a_part_of_it_goes() {
    let needle = "ada.brook@school.example";
    let words = "a few words ".repeat(400);
    let documents: Vec<String> = (0..40)
        .map(|n| format!("{{\"n\": {n}, \"list\": [\"{needle}\", {{\"x\": \"}}]\\\\\"\"}}]}}"))
        .collect();
    let texts: [(fn() -> Cut, String); 5] = [
        (|| Cut::Text, format!("{words}{needle}{words}")),
        (json, documents.concat()),
        (json, format!("[{}] \n", documents.join(","))),
        (|| Cut::Delimited(b'\n', "application/x-ndjson"), documents.join("\n")),
        (
            || Cut::Delimited(b'\n', "application/x-ndjson"),
            format!("{{\"a\":\n\"{needle}\"\n}}\n{words}"),
        ),
    ];
    for (cut, text) in texts {
        for at in (0..text.len()).step_by(7) {
            assert_eq!(paused(cut(), &text, at, needle), (text.len(), true), "{at} of {text}");
        }
    }
}

/// What goes at a pause behind `text`.
fn goes_at_pause(cut: Cut, text: &str) -> (Option<usize>, Window) {
    let mut of = Window::new(cut, 256 << 10, 4 << 20);
    of.push(text.as_bytes());
    assert_eq!(of.next(false), Ok(None));
    (of.next_at_pause().map(|look| look.releases), of)
}

#[test]
fn text_that_begins_like_a_document_stays_at_a_pause_and_is_looked_at_in_one() {
    let words = "words and more words ".repeat(500);
    assert!(goes_at_pause(Cut::Text, &words).0.is_some());
    for begins in ["{\"rows\":[", "[", "<p>", "name: Ada "] {
        let text = format!("{begins}{words}");
        let (gone, mut of) = goes_at_pause(Cut::Text, &text);
        assert_eq!(gone, None, "{begins}");
        let more = words.repeat(50);
        of.push(more.as_bytes());
        assert_eq!((of.next(false), of.next_at_pause()), (Ok(None), None));
        assert_eq!(of.next(true).unwrap().unwrap().releases, text.len() + more.len());
    }
    // Nothing has come yet: it may be one.
    assert_eq!(goes_at_pause(Cut::Text, "").0, None);
}

#[test]
fn lines_go_up_to_the_first_that_is_no_document() {
    let lines = || Cut::Delimited(b'\n', "application/x-ndjson");
    for (text, goes) in [
        ("{\"a\":1}\n\n{\"a\":2}\n{\"a\":", Some(17)),
        ("{\"a\":1}\n[1,\n{\"a\":2}\n", Some(8)),
        ("[1,\n{\"a\":2}\n", None),
    ] {
        assert_eq!(goes_at_pause(lines(), text).0, goes, "{text}");
    }
}

#[test]
fn what_is_no_json_at_a_pause_stays_unreadable() {
    let (gone, mut of) = goes_at_pause(json(), "{\"a\":1]");
    assert_eq!(gone, None);
    let unread = Some(UnreadableBecause::Malformed);
    assert_eq!(of.peek().unwrap().unread, unread);
    of.push(b" and more");
    assert_eq!(of.next(true).unwrap().unwrap().unread, unread);
}
