//! Every kind of identifier in the spellings that it is known by, and its near misses.

use crate::people::{found_people, looked_at};

fn people_in(text: &str) -> Vec<u32> {
    let json = serde_json::json!({ "zz": [text] }).to_string();
    let [plain, json] = [("text/plain", text), ("application/json", json.as_str())]
        .map(|(kind, body)| found_people(&looked_at(&[("content-type", kind.as_bytes())], body.as_bytes())));
    assert_eq!(plain, json, "{text}");
    plain
}

fn elements_in(text: &str) -> Vec<String> {
    let inspection = looked_at(&[("content-type", b"text/plain")], text.as_bytes());
    inspection
        .findings
        .iter()
        .map(|finding| finding.element.as_str().to_owned())
        .collect()
}

#[test]
fn spellings_of_one_identifier_are_one_persons() {
    for (text, person) in [
        // Dots and tags that the host ignores, and its other name.
        ("mirasolwinter@gmail.com", 5),
        ("m.i.r.a.solwinter+news@googlemail.com", 5),
        ("Mira.Sol.Winter@GoogleMail.com", 5),
        // Two scripts.
        ("Мира Зоричева", 5),
        ("Mira Zoricheva", 5),
        ("ЗОРИЧЕВА, МИРА", 5),
        ("Juergen Oeztuerk", 6),
        ("Jurgen Ozturk", 6),
        // Streets, long and short.
        ("17 Old Mill Road", 5),
        ("17 old mill rd", 5),
        ("Ship to: 17 Old Mill Rd, Springfield", 5),
        ("(17 OLD MILL ROAD)", 5),
        ("note=\"17 Old Mill Rd\"", 5),
        ("v=1&a=17+Old+Mill+Rd.", 5),
        // One more word than the directory has, between any two.
        ("José M. Núñez-Ortega", 2),
        ("Jose Quincy Nunez Ortega", 2),
        ("Ada K. Lovelace", 1),
        // A first or last name beside a date of birth.
        ("2014-07-09 Winter", 5),
        ("Winter (9 July 2014)", 5),
        ("Jul 9, 2014 Mira", 5),
        ("Mira 9.7.2014", 5),
        ("7/9/2014 Winter", 5),
        ("Mira, born 2014-07-09", 5),
        ("Mira (09.07.2014)", 5),
        ("July 9, 2014 is the birthday of Mira", 0),
        ("birthday: July 9, 2014 (Mira)", 5),
    ] {
        let expected: Vec<u32> = if person == 0 { Vec::new() } else { vec![person] };
        assert_eq!(people_in(text), expected, "{text}");
    }
}

#[test]
fn digests_of_an_address_are_its_owners() {
    for digest in [ADA_MD5, ADA_SHA1, ADA_SHA256] {
        for text in [
            digest.to_owned(),
            digest.to_uppercase(),
            format!("https://avatar.example/a/{digest}.png?s=80"),
        ] {
            assert_eq!(people_in(&text), [1], "{text}");
            assert_eq!(elements_in(&text), ["contact.email_hash"], "{text}");
        }
        let mut other = digest.to_owned();
        other.replace_range(..1, if digest.starts_with('0') { "1" } else { "0" });
        assert!(people_in(&other).is_empty(), "{other}");
        assert!(people_in(&format!("a{digest}")).is_empty());
    }
}

const ADA_MD5: &str = "b2eafe5c024185878ff33e27c575fd52";
const ADA_SHA1: &str = "17ddb7f48b2784c54ba12384f9a1cf6ccf05b3f1";
const ADA_SHA256: &str = "0923909bf5e7aebbbcfa139a31d3aa2fe9142051c5dea52ce3035336bb48eada";

#[test]
fn near_misses_are_nobodys() {
    for text in [
        "mira.sol.winters@gmail.com",
        "mirasolwinter@gmail.example",
        "ada.l@school.example",
        "Mira Ozturk",
        "Jurgen Zoricheva",
        "Mira Lovelace",
        "71 Old Mill Road",
        "17 Old Mall Road",
        "170 Old Mill Road",
        "17 Old Mill Court",
        "Mira, 2014-07-10",
        "Ada, 2014-07-09",
        "the release of 2014-07-09",
        "Mira 20140709123",
    ] {
        assert!(people_in(text).is_empty(), "{text}");
    }
}

#[test]
fn what_the_corpus_once_missed_is_found() {
    let utf_16: Vec<u8> = "Åström Björn".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_16 = crate::wrap::wrapped(&[crate::wrap::Wrap::Base64], &utf_16);
    let cyrillic: Vec<u8> = "Зоричева Мира".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cyrillic = crate::wrap::wrapped(&[crate::wrap::Wrap::Base64], &cyrillic);
    assert_eq!(found_people(&looked_at(&[], &cyrillic)), [5]);
    // The last line is as long as the others, and the text goes on.
    let json = format!("{:72}", r#"{"kind":"note","zz":["bj\u00f6rn@skola.example"],"n":1}"#);
    let base64 = crate::wrap::wrapped(&[crate::wrap::Wrap::Base64], json.as_bytes());
    let lines: Vec<&str> = base64
        .chunks(24)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    let lines = ["\r\n", "\n\n"].map(|end| format!("see: {}{end}Thanks!", lines.join("\r\n")));
    let bodies: [(&str, &[u8]); 6] = [
        ("text/plain", &utf_16),
        ("text/plain", b"bj%&#99;3%b6rn%40skola&#37;2eexample"),
        ("text/plain", lines[0].as_bytes()),
        ("text/plain", lines[1].as_bytes()),
        ("text/plain", b"Hello, this is Bj\xf6rn \xc5str\xf6m"),
        ("application/json", b"{\"zz\":\"Bj\xf6rn \xc5str\xf6m\"}"),
    ];
    for (kind, body) in bodies {
        let inspection = looked_at(&[("content-type", kind.as_bytes())], body);
        assert_eq!(found_people(&inspection), [4], "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_name_whose_bytes_are_a_binary_message_by_chance_is_found() {
    // CBOR: tag 5, an array of one, a text of 21 bytes.
    let base64 = crate::wrap::wrapped(&[crate::wrap::Wrap::Base64], "Łukasz Ottilie Rossetti".as_bytes());
    assert_eq!(
        found_people(&looked_at(&[("content-type", b"text/plain")], &base64)),
        [7]
    );
}
