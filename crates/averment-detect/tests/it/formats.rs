//! Whole bodies in other formats than JSON and forms: found, masked in place, and what stands around stays.

use averment_catalog::Treatment;
use averment_detect::{Layer, Limits, Message, ReplacementKey, RewriteError, rewrite};

use crate::people::{directory, found_people, looked_at};
use crate::wrap::{Wrap, wrapped};

pub(crate) fn masked(kind: &str, body: &[u8]) -> Result<Vec<u8>, RewriteError> {
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
    let message = Message {
        authority: "sink.example",
        target: "/v1",
        headers: &headers,
        body,
    };
    let key = ReplacementKey {
        key: &[9; 32],
        recipient: "sink",
    };
    rewrite(&message, &directory(), &Limits::default(), &key, &|_| Treatment::Mask).map(|out| out.body)
}

/// The people in `body`, which is readable, and the body after masking.
fn seen(kind: &str, body: &[u8]) -> (Vec<u32>, Result<Vec<u8>, RewriteError>) {
    let inspection = looked_at(&[("content-type", kind.as_bytes())], body);
    assert!(inspection.unreadable.is_empty(), "{kind}: {:?}", inspection.unreadable);
    let out = masked(kind, body);
    if let Ok(out) = &out {
        assert!(looked_at(&[("content-type", kind.as_bytes())], out).findings.is_empty());
    }
    (found_people(&inspection), out)
}

fn masks(kind: &str, body: &str, person: u32, wanted: &str) {
    let (people, out) = seen(kind, body.as_bytes());
    assert_eq!(people, [person], "{kind}: {body}");
    assert_eq!(String::from_utf8(out.unwrap()).unwrap(), wanted, "{kind}");
}

#[test]
fn utf_16_with_and_without_mark_is_read() {
    let json = r#"{"email":"ada@school.example","ok":"é"}"#;
    let masked = r#"{"email":"***","ok":"é"}"#;
    let mark = |text: &str| format!("\u{feff}{text}");
    for wrap in [Wrap::Utf16Le, Wrap::Utf16Be] {
        for (kind, before, after) in [
            ("application/json", json.to_owned(), masked.to_owned()),
            ("application/json", mark(json), mark(masked)),
            ("text/plain", mark(json), mark(masked)),
            ("application/octet-stream", mark(json), mark(masked)),
            ("", json.to_owned(), masked.to_owned()),
        ] {
            let (people, out) = seen(kind, &wrapped(&[wrap], before.as_bytes()));
            assert_eq!(people, [1], "{kind} {wrap:?}");
            assert_eq!(out.unwrap(), wrapped(&[wrap], after.as_bytes()), "{kind} {wrap:?}");
        }
    }
}

#[test]
fn declared_character_sets_are_decoded_and_made_again() {
    for (kind, body, wanted) in [
        (
            "text/plain; charset=iso-8859-1",
            b"\xe9t\xe9 Jos\xe9 N\xfa\xf1ez-Ortega".as_slice(),
            b"\xe9t\xe9 ***".as_slice(),
        ),
        (
            "text/plain; charset=macintosh",
            b"\x8et\x8e Jos\x8e N\x9c\x96ez-Ortega",
            b"\x8et\x8e ***",
        ),
        ("text/plain; charset=ibm866", b"\x80 ada_l \x81", b"\x80 *** \x81"),
        (
            "text/plain; charset=shift_jis",
            b"\x83\x66 ada_l \x83\x66",
            b"\x83\x66 *** \x83\x66",
        ),
        (
            "application/json; charset=windows-1251",
            b"{\"\xe0\":\"ada_l\"}",
            b"{\"\xe0\":\"***\"}",
        ),
    ] {
        let (people, out) = seen(kind, body);
        assert_eq!(people.len(), 1, "{kind}");
        assert_eq!(out.unwrap(), wanted, "{kind}");
    }
    // Cyrillic letters that are one person's name in another reading only.
    let (people, _) = seen("text/plain; charset=utf-8", "Björn Åström".as_bytes());
    assert_eq!(people, [4]);
    let (people, out) = seen("text/plain; charset=iso-8859-1", "Björn Åström".as_bytes());
    assert_eq!((people, out.is_err()), (vec![4], true));
}

#[test]
fn markup_is_read_in_texts_attributes_comments_and_cdata() {
    for (before, after) in [
        ("<p>Hi <b>ada_l</b> &amp; co</p>", "<p>Hi <b>***</b> &amp; co</p>"),
        (
            "<a href='mailto:ada@school.example?x=1'>x</a>",
            "<a href='mailto:***?x=1'>x</a>",
        ),
        ("<u e=\"ada&#64;school.example\" f=1 />", "<u e=\"***\" f=1 />"),
        ("<!-- ada_l --><p/>", "<!-- *** --><p/>"),
        ("<n><![CDATA[ada@school.example]]></n>", "<n><![CDATA[***]]></n>"),
        (
            "<script>var u = {e: 'ada\\x40school.example'};</script>",
            "<script>var u = {e: '***'};</script>",
        ),
        (
            "<div data-p=\"{&quot;a&quot;:&quot;ada\\u0040school.example&quot;}\">",
            "<div data-p=\"{&quot;a&quot;:&quot;***&quot;}\">",
        ),
        ("<input value=ada_l><br>ok", "<input value=***><br>ok"),
        ("<p>a < b > c ada_l", "<p>a < b > c ***"),
        ("<phone>2065550100</phone>", "<phone>***</phone>"),
    ] {
        for kind in ["text/html", "application/xml", "image/svg+xml; charset=utf-8"] {
            masks(kind, before, 1, after);
        }
    }
}

#[test]
fn what_tags_take_apart_is_seen_together_and_not_rewritten() {
    for body in [
        "<p>ada<b></b>_<i>l</i></p>",
        "<span>ada@school</span><span>.example</span>",
        "<td>Ada</td><td>Lovelace</td>",
        "<w:r><w:t>Ada Love</w:t></w:r><w:r><w:t>lace</w:t></w:r>",
        "<ada_l/>",
    ] {
        let (people, out) = seen("text/html", body.as_bytes());
        assert_eq!((people, out.is_err()), (vec![1], true), "{body}");
    }
    for body in ["<td>ada</td><td>_l</td>", "<p>Ada</p><p>and</p><p>Lovelace</p>"] {
        assert!(seen("text/html", body.as_bytes()).0.is_empty(), "{body}");
    }
}

#[test]
fn tables_are_read_by_cells_and_columns() {
    masks(
        "text/csv",
        "id,who,note\r\n1,\"ada@school.example\",\"he said \"\"hi\"\"\"\r\n",
        1,
        "id,who,note\r\n1,\"***\",\"he said \"\"hi\"\"\"\r\n",
    );
    masks("text/csv", "a;phone\nx;2065550100\n", 1, "a;phone\nx;***\n");
    masks(
        "text/tab-separated-values",
        "first_name\tage\tlast_name\nAda\t9\tLovelace\n",
        1,
        "first_name\tage\tlast_name\n***\t9\t***\n",
    );
    masks(
        "text/csv",
        "a,d\n1,\"{\"\"e\"\":\"\"ada\\u0040school.example\"\"}\"\n",
        1,
        "a,d\n1,\"{\"\"e\"\":\"\"***\"\"}\"\n",
    );
    let (people, _) = seen("text/csv", b"x,y\nLovelace,Ada\n\"open, ada_l");
    assert_eq!(people, [1]);
}

#[test]
fn event_streams_are_read_by_lines_and_events() {
    masks(
        "text/event-stream",
        "event: x\ndata: {\"e\":\"ada\\u0040school.example\"}\n\n: ada_l\nid: 7\n",
        1,
        "event: x\ndata: {\"e\":\"***\"}\n\n: ***\nid: 7\n",
    );
    let (people, _) = seen(
        "text/event-stream",
        b"data: {\"e\":\r\ndata: \"ada\\u0040school.example\"}\r\n\r\n",
    );
    assert_eq!(people, [1]);
}

#[test]
fn yaml_and_graphql_are_read_as_text() {
    masks(
        "application/yaml",
        "u:\n  e: \"ada\\x40school.example\"\n",
        1,
        "u:\n  e: \"***\"\n",
    );
    let data = String::from_utf8(wrapped(
        &[Wrap::Base64],
        b"a note that says ada@school.example and so on",
    ))
    .unwrap();
    let (first, rest) = data.split_at(32);
    let body = format!("k: !!binary |\n  {first}\n  {rest}\nz: 1\n");
    let (people, out) = seen("application/yaml", body.as_bytes());
    assert_eq!((people, out.is_ok()), (vec![1], true));
    masks(
        "application/graphql",
        "mutation { add(e: \"ada\\u0040school.example\") { id } }",
        1,
        "mutation { add(e: \"***\") { id } }",
    );
    masks(
        "application/json",
        r#"{"query":"q($e: String!)","variables":{"e":"ada@school.example"}}"#,
        1,
        r#"{"query":"q($e: String!)","variables":{"e":"***"}}"#,
    );
}

#[test]
fn quoted_printable_parts_are_undone_and_made_again() {
    let part = |content: &str| {
        format!(
            "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{content}\r\n--b--\r\n"
        )
    };
    masks(
        "multipart/mixed; boundary=b",
        &part("caf=C3=A9 ada=40sch=\r\nool.example =3D 1"),
        1,
        &part("caf=C3=A9 *** =3D 1"),
    );
    let latin = "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
        Jos=E9 N=FA=F1ez-Ortega\r\n--b--\r\n";
    let (people, out) = seen("multipart/mixed; boundary=b", latin.as_bytes());
    assert_eq!((people, out.is_ok()), (vec![2], true));
}

#[test]
fn a_transfer_encoding_of_the_message_is_read_as_well() {
    for (transfer, body) in [
        ("quoted-printable", "ada=40school.example".to_owned()),
        ("base64", "eyJ4Ijoi\r\nYWRhX2wi\r\nfQ==".to_owned()),
    ] {
        let headers: [(&str, &[u8]); 1] = [("content-transfer-encoding", transfer.as_bytes())];
        let inspection = looked_at(&headers, body.as_bytes());
        assert_eq!(found_people(&inspection), [1], "{transfer}");
    }
}

#[test]
fn the_way_through_a_document_is_told() {
    let body = "<student><email>ada@school.example</email></student>";
    let inspection = looked_at(&[("content-type", b"application/xml")], body.as_bytes());
    assert_eq!(inspection.findings[0].place.to_string(), "body student.email");
    assert_eq!(inspection.findings[0].layers, [Layer::Markup]);
}
