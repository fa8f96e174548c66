//! Where in a request a text stands, each format escaping by its own rules.

use super::binary::{cbor, field, frame, msgpack, number_field, text_item};
use super::pack::gzipped;
use super::people::Person;
use super::random::Random;
use super::request::Request;
use super::rows::{Class, Escaped, How, Piece, Row};
use super::text::{base64_standard, is_reserved, percent, quoted};

const JSON_TYPE: &str = "application/json";
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Where any text can stand, to mix with other rows.
pub(super) const PLAIN: &[Row] = &[JSON_VALUE, FORM_VALUE, QUERY, PATH, COOKIE, TEXT, MULTIPART];
/// Documents of text.
pub(super) const TEXTS: &[Row] = &[JSON_VALUE, TEXT, JSON_EVENT];
/// Where JSON escapes are undone.
pub(super) const JSON: &[Row] = &[JSON_VALUE, JSON_KEY, JSON_EVENT, NDJSON, EVENT_STREAM];
/// Where references are undone.
pub(super) const MARKUP: &[Row] = &[XML_TEXT, XML_ATTRIBUTE, HTML];
/// Where line breaks can stand.
pub(super) const LINES: &[Row] = &[JSON_VALUE, TEXT, MULTIPART];

const JSON_VALUE: Row = row("JSON value", |piece, random| {
    Request::post(JSON_TYPE, document(piece, random))
});
const JSON_KEY: Row = row("JSON key", |piece, _| {
    Request::post(JSON_TYPE, format!("{{\"seen\":{{{}:true}}}}", string(piece)))
});
const JSON_EVENT: Row = row("JSON event with many fields", |piece, random| {
    Request::post(JSON_TYPE, event(piece, random))
});
const NDJSON: Row = row("lines of JSON", |piece, random| {
    Request::post(
        "application/x-ndjson",
        format!("{{\"a\":1}}\n{}\n{{\"b\":[]}}\n", document(piece, random)),
    )
});
const EVENT_STREAM: Row = row("event stream", |piece, random| {
    Request::post(
        "text/event-stream",
        format!("event: note\nid: 7\ndata: {}\n\n: end\n\n", document(piece, random)),
    )
});
const FORM_VALUE: Row = row("form value", |piece, _| {
    Request::post(FORM_TYPE, format!("v=1&zz={}&t=event", form(&piece.text)))
});
const QUERY: Row = row("query value", |piece, _| {
    Request::to(format!("/collect?v=2&zz={}&t=event", component(piece)))
});
const PATH: Row = row("path segment", |piece, _| {
    Request::to(format!("/v1/people/{}/notes", component(piece)))
});
const COOKIE: Row = row("cookie", |piece, _| {
    Request::with_header("cookie", format!("a=1; zz={}; b=2", component(piece)))
});
const TEXT: Row = row("plain text", |piece, random| {
    Request::post("text/plain", prose(&piece.text, random))
});
const MULTIPART: Row = row("multipart field", |piece, _| {
    multipart("form-data; name=\"zz\"", piece.text.as_bytes())
});
const XML_TEXT: Row = row("XML text", |piece, _| {
    Request::post(
        "application/xml",
        format!("<?xml version=\"1.0\"?><r><zz>{}</zz></r>", markup(piece)),
    )
});
const XML_ATTRIBUTE: Row = row("XML attribute", |piece, _| {
    Request::post("application/xml", format!("<r><zz v=\"{}\" w='1'/></r>", markup(piece)))
});
const HTML: Row = row("HTML with tags around", |piece, _| {
    Request::post(
        "text/html",
        format!("<p>Dear <b>{}</b>,<br>all is well&nbsp;&mdash; bye</p>", markup(piece)),
    )
});

pub(super) const ROWS: &[Row] = &[
    JSON_VALUE,
    JSON_KEY,
    JSON_EVENT,
    NDJSON,
    EVENT_STREAM,
    row("JSON, first of two equal keys", |piece, _| {
        Request::post(JSON_TYPE, format!("{{\"zz\":{},\"zz\":\"-\"}}", string(piece)))
    }),
    row("JSON in a string of JSON", |piece, random| {
        Request::post(
            JSON_TYPE,
            format!("{{\"payload\":{}}}", quoted(&document(piece, random))),
        )
    }),
    row("form in a string of JSON", |piece, _| {
        Request::post(
            JSON_TYPE,
            format!("{{\"body\":{}}}", quoted(&format!("v=1&zz={}", form(&piece.text)))),
        )
    }),
    row("URL in a string of JSON", |piece, _| {
        let url = format!("https://app.example/p?zz={}&v=1#top", component(piece));
        Request::post(JSON_TYPE, format!("{{\"page\":{}}}", quoted(&url)))
    }),
    row("CSV in a string of JSON", |piece, _| {
        Request::post(JSON_TYPE, format!("{{\"file\":{}}}", quoted(&csv(&piece.text))))
    }),
    row("XML in a string of JSON", |piece, _| {
        Request::post(
            JSON_TYPE,
            format!("{{\"x\":{}}}", quoted(&format!("<a><b>{}</b></a>", markup(piece)))),
        )
    }),
    row("HTML in a string of JSON", |piece, _| {
        Request::post(
            JSON_TYPE,
            format!("{{\"x\":{}}}", quoted(&format!("<p>Dear <i>{}</i></p>", markup(piece)))),
        )
    }),
    row("YAML in a string of JSON", |piece, _| {
        Request::post(
            JSON_TYPE,
            format!(
                "{{\"x\":{}}}",
                quoted(&format!("a: 1\nzz: {}\nb:\n- 2\n", string(piece)))
            ),
        )
    }),
    row("JSON that no type tells of", |piece, random| Request {
        headers: Vec::new(),
        ..Request::post("", document(piece, random))
    }),
    row("GraphQL with variables", |piece, _| {
        let body = format!(
            "{{\"query\":\"mutation($z: String!) {{ add(z: $z) {{ id }} }}\",\"variables\":{{\"z\":{}}}}}",
            string(piece)
        );
        Request::post(JSON_TYPE, body)
    }),
    FORM_VALUE,
    row("form name", |piece, _| {
        Request::post(FORM_TYPE, format!("v=1&{}=on", form(&piece.text)))
    }),
    row("form, JSON in a value", |piece, random| {
        Request::post(FORM_TYPE, format!("v=1&data={}", form(&document(piece, random))))
    }),
    row("form, base64 of JSON in a value", |piece, random| {
        Request::post(
            FORM_TYPE,
            format!("data={}", form(&base64_standard(document(piece, random).as_bytes()))),
        )
    }),
    QUERY,
    row("query name", |piece, _| {
        Request::to(format!("/collect?{}", component(piece)))
    }),
    row("query, JSON in a value", |piece, random| {
        Request::to(format!(
            "/collect?data={}",
            percent(document(piece, random).as_bytes(), is_reserved)
        ))
    }),
    PATH,
    row("path, JSON in base64", |piece, random| {
        let token = base64_standard(document(piece, random).as_bytes())
            .replace('+', "-")
            .replace('/', "_");
        Request::to(format!("/t/{}/x.gif", token.trim_end_matches('=')))
    }),
    row("path parameter", |piece, _| {
        Request::to(format!("/v1/notes;zz={}/all", component(piece)))
    }),
    row("header of its own", |piece, _| {
        Request::with_header("x-context", piece.text.clone())
    }),
    row("Referer", |piece, _| {
        Request::with_header("referer", format!("https://app.example/p?zz={}", component(piece)))
    }),
    row("User-Agent", |piece, _| {
        Request::with_header("user-agent", format!("App/4.2 ({})", piece.text))
    }),
    row("Basic credentials", |piece, _| {
        Request::with_header(
            "authorization",
            format!("Basic {}", base64_standard(format!("{}:x", piece.text).as_bytes())),
        )
    }),
    row("Content-Disposition of the message", |piece, _| {
        Request::with_header(
            "content-disposition",
            format!("attachment; filename*=UTF-8''{}.txt", component(piece)),
        )
    }),
    COOKIE,
    row("cookie, JSON", |piece, random| {
        Request::with_header(
            "cookie",
            format!("s={}", percent(document(piece, random).as_bytes(), is_reserved)),
        )
    }),
    row("cookie, JSON in base64", |piece, random| {
        Request::with_header(
            "cookie",
            format!("s={}", base64_standard(document(piece, random).as_bytes())),
        )
    }),
    TEXT,
    MULTIPART,
    row("multipart file name", |piece, _| {
        let name = piece.text.replace('\\', "\\\\").replace('"', "\\\"");
        multipart(&format!("form-data; name=\"f\"; filename=\"{name}.txt\""), b"-")
    }),
    row("multipart file name, extended", |piece, _| {
        multipart(
            &format!("form-data; name=\"f\"; filename*=utf-8''{}.txt", component(piece)),
            b"-",
        )
    }),
    row("multipart file, gzip", |piece, random| {
        multipart(
            "form-data; name=\"f\"; filename=\"a.gz\"",
            &gzipped(document(piece, random).as_bytes()),
        )
    }),
    row("multipart in multipart", |piece, _| {
        let inner = format!(
            "--in\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{}\r\n--in--\r\n",
            piece.text
        );
        let body = format!("--out\r\nContent-Type: multipart/alternative; boundary=in\r\n\r\n{inner}\r\n--out--\r\n");
        Request::post("multipart/mixed; boundary=\"out\"", body)
    }),
    XML_TEXT,
    XML_ATTRIBUTE,
    row("XML comment", |piece, _| {
        Request::post(
            "text/xml",
            format!("<r><!-- by {} --><a/></r>", piece.text.replace("--", "- -")),
        )
    }),
    row("XML section of characters", |piece, _| {
        Request::post("text/xml", format!("<r><![CDATA[{}]]></r>", piece.text))
    }),
    HTML,
    row("CSV cell", |piece, _| Request::post("text/csv", csv(&piece.text))),
    row("cells between tabs", |piece, _| {
        Request::post(
            "text/tab-separated-values",
            format!("n\twho\tx\n1\t{}\t-\n2\t-\t-\n", piece.text),
        )
    }),
    row("YAML", |piece, _| {
        Request::post("application/yaml", format!("a: 1\nwho:\n  - zz: {}\n", string(piece)))
    }),
    row("MessagePack", |piece, _| {
        Request::post("application/msgpack", msgpack(&piece.text))
    }),
    row("MessagePack in base64 in JSON", |piece, _| {
        Request::post(
            JSON_TYPE,
            format!("{{\"b\":\"{}\"}}", base64_standard(&msgpack(&piece.text))),
        )
    }),
    row("CBOR", |piece, _| Request::post("application/cbor", cbor(&piece.text))),
    row("CBOR, text in pieces", |piece, _| {
        let (first, second) = piece
            .text
            .split_at(piece.text.floor_char_boundary(piece.text.len() / 2));
        let body = [
            &[0xbf, 0x61, b'z', 0x7f],
            &text_item(first)[..],
            &text_item(second),
            &[0xff, 0xff],
        ]
        .concat();
        Request::post("application/cbor", body)
    }),
    row("protocol buffers", |piece, random| {
        Request::post("application/x-protobuf", protobuf(piece, random))
    }),
    row("gRPC", |piece, random| {
        Request::post("application/grpc+proto", frame(0, &protobuf(piece, random)))
    }),
    row("gRPC, message packed", |piece, random| {
        let mut request = Request::post("application/grpc", frame(1, &gzipped(&protobuf(piece, random))));
        request.headers.push(("grpc-encoding", "gzip".into()));
        request
    }),
    row("gRPC-web", |piece, random| {
        let body = [frame(0, &protobuf(piece, random)), frame(0x80, b"grpc-status: 0\r\n")].concat();
        Request::post("application/grpc-web+proto", body)
    }),
    row("gRPC-web in base64", |piece, random| {
        Request::post(
            "application/grpc-web-text",
            base64_standard(&frame(0, &protobuf(piece, random))),
        )
    }),
];

/// What is not one text.
pub(super) const OF_PEOPLE: &[Row] = &[
    of_person("number in JSON", |person, _| {
        Request::post(JSON_TYPE, format!("{{\"zz\":{},\"n\":3}}", person.student_number))
    }),
    of_person("number that was a float, in JSON", |person, _| {
        Request::post(JSON_TYPE, format!("{{\"zz\":[{}.0]}}", person.student_number))
    }),
    of_person("number in protocol buffers", |person, _| {
        let number = person.student_number.parse().unwrap_or_default();
        Request::post(
            "application/x-protobuf",
            [field(1, b"event"), number_field(2, number)].concat(),
        )
    }),
    of_person("two fields, JSON", |person, random| {
        let (first, last) = *random.pick(&[
            ("first_name", "last_name"),
            ("givenName", "familyName"),
            ("student_first_name", "student_last_name"),
        ]);
        let body = format!(
            "{{\"{first}\":{},\"n\":1,\"{last}\":{}}}",
            quoted(person.given),
            quoted(person.family)
        );
        Request::post(JSON_TYPE, body)
    }),
    of_person("two fields, form", |person, _| {
        Request::post(
            FORM_TYPE,
            format!(
                "last_name={}&x=1&first_name={}",
                form(person.family),
                form(person.given)
            ),
        )
    }),
    of_person("two fields, query", |person, _| {
        let escape = |text: &str| percent(text.as_bytes(), is_reserved);
        Request::to(format!(
            "/c?firstname={}&lastname={}",
            escape(person.given),
            escape(person.family)
        ))
    }),
    of_person("two fields, CSV", |person, _| {
        Request::post(
            "text/csv",
            format!(
                "id,first_name,grade,last_name\n1,{},7,{}\n",
                person.given, person.family
            ),
        )
    }),
    of_person("two fields, XML", |person, _| {
        let body = format!(
            "<s><firstName>{}</firstName><lastName>{}</lastName></s>",
            person.given,
            person.family.replace('\'', "&apos;")
        );
        Request::post("application/xml", body)
    }),
    of_person("two fields, multipart", |person, _| {
        let part = |name: &str, text: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
        };
        let body = format!(
            "{}{}--b--\r\n",
            part("first_name", person.given),
            part("last_name", person.family)
        );
        Request::post("multipart/form-data; boundary=b", body)
    }),
];

const fn row(name: &'static str, put: fn(&Piece, &mut Random) -> Request) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::Placed(put),
    }
}

const fn of_person(name: &'static str, put: fn(&Person, &mut Random) -> Request) -> Row {
    Row {
        name,
        class: Class::Deterministic,
        how: How::PersonPlaced(put),
    }
}

/// The piece as a string of JSON.
fn string(piece: &Piece) -> String {
    if piece.escaped == Escaped::Json {
        format!("\"{}\"", piece.text)
    } else {
        quoted(&piece.text)
    }
}

fn markup(piece: &Piece) -> String {
    if piece.escaped == Escaped::Markup {
        return piece.text.clone();
    }
    piece
        .text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn component(piece: &Piece) -> String {
    percent(piece.text.as_bytes(), is_reserved)
}

/// The URL standard's form serialisation: a space is `+`.
fn form(text: &str) -> String {
    percent(text.as_bytes(), is_reserved).replace("%20", "+")
}

fn csv(text: &str) -> String {
    format!("n,who,x\r\n1,\"{}\",-\r\n2,nobody,-\r\n", text.replace('"', "\"\""))
}

fn document(piece: &Piece, random: &mut Random) -> String {
    match random.below(3) {
        0 => format!("{{\"zz\":{}}}", string(piece)),
        1 => format!("{{ \"a\" : [ 1, {{ \"zz\" : {} }}, null ] }}", string(piece)),
        _ => {
            let string = string(piece);
            format!(
                "[{{\"t\":\"note\",\"zz\":\"see {}, please\"}}]",
                &string[1..string.len() - 1]
            )
        }
    }
}

fn event(piece: &Piece, random: &mut Random) -> String {
    format!(
        "{{\"event\":\"Level Completed\",\"time\":17{},\"device\":{{\"os\":\"Linux\",\"v\":\"14.{}\"}},\"score\":{}.5,\
         \"tags\":[\"loop\",\"if\"],\"zz\":{},\"ok\":true}}",
        random.digits(8),
        random.digits(2),
        random.digits(2),
        string(piece)
    )
}

fn prose(text: &str, random: &mut Random) -> String {
    match random.below(4) {
        0 => text.to_owned(),
        1 => format!("Hello,\n\nplease look at this: {text}\n\nThanks!\n"),
        2 => format!("note=\"{text}\"; done"),
        _ => format!("The teacher wrote ({text}) twice."),
    }
}

fn multipart(disposition: &str, content: &[u8]) -> Request {
    let head = format!("--b4a1\r\nContent-Disposition: {disposition}\r\n\r\n");
    Request::post(
        "multipart/form-data; boundary=b4a1",
        [head.as_bytes(), content, b"\r\n--b4a1--\r\n"].concat(),
    )
}

fn protobuf(piece: &Piece, random: &mut Random) -> Vec<u8> {
    let inner = [number_field(1, random.next() >> 40), field(3, piece.text.as_bytes())].concat();
    [field(1, b"event"), field(2, &inner), number_field(9, 1)].concat()
}
