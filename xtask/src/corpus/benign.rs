//! What looks like an identifier and is nobody's. Nothing of it may be found, and all of it must be readable.

use super::pack::{brotli, gzipped, zstd};
use super::people::People;
use super::random::Random;
use super::request::Request;
use super::rows::{Escaped, Piece};
use super::text::{base64_standard, hex, is_reserved, percent, quoted};

/// What is written: a name for the table, and how.
pub(super) struct LookAlike {
    pub(super) name: &'static str,
    write: fn(&People, &mut Random) -> String,
}

pub(super) const LOOK_ALIKES: &[LookAlike] = &[
    like("name of two people's parts", |people, random| {
        let (given, family) = random.pick(&people.nobody);
        if random.chance(50) {
            format!("{given} {family}")
        } else {
            format!("{family}, {given}")
        }
    }),
    like("given or family name alone", |people, random| {
        let (given, family) = random.pick(&people.nobody);
        format!("{given} is here, and so is Ms. {family}")
    }),
    like("nearly somebody's user name", |people, random| {
        let word = &random.pick(&people.all).username;
        match random.below(4) {
            0 => format!("{word}0"),
            1 => format!("x{word}"),
            2 => word.replace('_', ""),
            _ => format!("{}9", &word[..word.len() - 2]),
        }
    }),
    like("nearly somebody's number", |people, random| {
        let number = &random.pick(&people.all).student_number;
        match random.below(3) {
            0 => format!("{number}{}", random.below(10)),
            1 => format!("1.{number}"),
            _ => number[1..].to_owned(),
        }
    }),
    like("another account id", |_, random| uuid(random)),
    like("time", |_, random| match random.below(4) {
        0 => format!("17{}", random.digits(8)),
        1 => format!("17{}", random.digits(11)),
        2 => format!("17{}", random.digits(14)),
        _ => format!(
            "20{}-{:02}-{:02}T{:02}:20:30.123Z",
            random.between(15, 26),
            random.between(1, 12),
            random.between(1, 28),
            random.below(24)
        ),
    }),
    like("date of something", |_, random| {
        let date = format!(
            "{}.{}.20{}",
            random.between(1, 28),
            random.between(1, 12),
            random.between(15, 26)
        );
        random
            .pick(&[
                "released on",
                "due",
                "the term ends",
                "field trip on",
                "birthday party on",
                "last login",
            ])
            .to_string()
            + " "
            + &date
    }),
    like("number of 7 to 12 digits", |_, random| {
        let count = random.between(7, 12);
        random.digits(count)
    }),
    like("number of 13 to 19 digits", |_, random| {
        let count = random.between(13, 19);
        random.digits(count)
    }),
    like("number in groups", |_, random| match random.below(5) {
        0 => format!("{}-{}", random.digits(6), random.digits(4)),
        1 => format!("{} {} {}", random.digits(4), random.digits(4), random.digits(4)),
        2 => format!("{}.{}.{}", random.digits(2), random.digits(3), random.digits(4)),
        3 => format!("{}-{}-{}", random.digits(2), random.digits(5), random.digits(3)),
        _ => format!("978-3-{}-{}-{}", random.digits(2), random.digits(6), random.below(10)),
    }),
    like("price, measure or place", |_, random| match random.below(4) {
        0 => format!("{},{}.{}", random.digits(3), random.digits(3), random.digits(2)),
        1 => format!(
            "{}.{},-{}.{}",
            random.digits(2),
            random.digits(7),
            random.digits(3),
            random.digits(7)
        ),
        2 => format!("{}x{}", random.digits(4), random.digits(4)),
        _ => format!(
            "M{}.{} {}.{}L{} {} {}Z",
            random.digits(2),
            random.digits(3),
            random.digits(2),
            random.digits(3),
            random.digits(3),
            random.digits(3),
            random.digits(3)
        ),
    }),
    like("version", |_, random| {
        format!(
            "v{}.{}.{}-rc.{}",
            random.below(20),
            random.below(200),
            random.digits(4),
            random.below(9)
        )
    }),
    like("internet address of a machine", |_, random| {
        let address = format!(
            "{}.{}.{}.{}",
            random.between(11, 220),
            random.below(256),
            random.below(256),
            random.below(256)
        );
        match random.below(5) {
            0 => format!("upstream {address}:8443 is down"),
            1 => format!("allow {address}/32"),
            2 => format!("http://{address}/health"),
            3 => format!("server ip {address}"),
            _ => format!("ping {address} took 12 ms"),
        }
    }),
    like("digest", |_, random| {
        let count = *random.pick(&[32, 40, 64, 96]);
        random.letters(b"0123456789abcdef", count)
    }),
    like("key in base64", |_, random| {
        let bytes: Vec<u8> = (0..random.between(12, 64)).map(|_| random.next() as u8).collect();
        base64_standard(&bytes)
    }),
    like("settings in base64", |_, random| {
        base64_standard(
            format!(
                "{{\"theme\":\"dark\",\"level\":{},\"id\":\"{}\"}}",
                random.digits(2),
                uuid(random)
            )
            .as_bytes(),
        )
    }),
    like("what stands at an @", |_, random| {
        random
            .pick(&[
                "icon@2x.png",
                "lodash@4.17.21",
                "@media print",
                "git@github.example:a/b.git",
                "https://k3y@o1.ingest.example/42",
                "@Override",
                "a @ b",
                "user@",
                "12@3",
            ])
            .to_string()
    }),
    like("words about passwords", |_, random| {
        random
            .pick(&[
                "forgot your password? reset it",
                "password: required",
                "password must have 8 characters",
                "the password is wrong",
                "password=${SECRET}",
                "Password: please choose one",
            ])
            .to_string()
    }),
    like("words about streets", |_, random| {
        let n = random.between(1, 99);
        match random.below(4) {
            0 => format!("level {n}: High Street run"),
            1 => format!("we drive {n} km a day, {n} people in the court"),
            2 => format!("main street has {n} houses"),
            _ => format!("move {n} steps on the way place"),
        }
    }),
    like("program", |_, random| {
        format!(
            "for (let i = 0; i < {}; i++) {{ draw({}, {}); }} // loop\n#a{} {{ margin: 0 {}px; }}",
            random.digits(2),
            random.digits(3),
            random.digits(3),
            random.digits(5),
            random.digits(2)
        )
    }),
    like("prose", |_, random| {
        let words = [
            "the", "robot", "turns", "left", "when", "its", "sensor", "sees", "a", "wall", "and", "Loops", "again",
            "until", "Level", "seven", "May", "Rose", "Will", "Mark", "Grace",
        ];
        (0..random.between(5, 40))
            .map(|_| *random.pick(&words))
            .collect::<Vec<_>>()
            .join(" ")
    }),
    like("browser", |_, random| {
        format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.{}.{} Safari/537.36",
            random.between(90, 140),
            random.digits(4),
            random.digits(3)
        )
    }),
    like("list of small numbers", |_, random| {
        let gap = *random.pick(&[", ", ",", " ", ":", "-", ";"]);
        let digits = random.between(1, 3);
        (0..random.between(5, 40))
            .map(|_| random.digits(digits))
            .collect::<Vec<_>>()
            .join(gap)
    }),
    like("list of small numbers of JSON", |_, random| {
        let numbers: Vec<String> = (0..random.between(5, 60))
            .map(|_| random.between(0, 255).to_string())
            .collect();
        format!("{{\"points\":[{}]}}", numbers.join(","))
    }),
    like("hexadecimal in groups", |_, random| {
        let gap = *random.pick(&[":", "-"]);
        (0..random.between(6, 20))
            .map(|_| random.letters(b"0123456789abcdef", 2))
            .collect::<Vec<_>>()
            .join(gap)
    }),
    like("colours and styles", |_, random| {
        format!(
            "a{{color:#{};margin:{}px {}px}} b::before{{content:\"\\201{}\"}} c{{background:rgb({},{},{})}}",
            random.letters(b"0123456789abcdef", 6),
            random.below(99),
            random.below(99),
            random.below(10),
            random.below(256),
            random.below(256),
            random.below(256)
        )
    }),
    like("word of letters and digits", |_, random| {
        let count = random.between(6, 40);
        random.letters(b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", count)
    }),
    like("signs without a space", |_, random| {
        let count = random.between(10, 50);
        random.letters(b"0123456789ABCDEFabcdefghijklmnop!#$()*;<>?^_`{|}~", count)
    }),
    like("key in base32", |_, random| {
        let count = *random.pick(&[16, 26, 32]);
        random.letters(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", count)
    }),
    like("words of four letters", |_, random| {
        let words = [
            "this", "that", "with", "some", "word", "here", "more", "than", "four", "each", "line", "code",
        ];
        (0..random.between(4, 20))
            .map(|_| *random.pick(&words))
            .collect::<Vec<_>>()
            .join(" ")
    }),
    like("sums and shortcuts", |_, random| {
        random
            .pick(&[
                "1+1=2",
                "a+b+c",
                "Ctrl+Alt-",
                "C++ & C#",
                "R&D-",
                "+AB-",
                "x=&y-",
                "Q&A-B",
                "+ADw",
            ])
            .to_string()
    }),
    like("order number", |_, random| {
        let letter = random.letters(b"TRWAGMYFPDXBNJZSQVHLCKE", 1);
        format!("order {}{letter}, batch {}", random.digits(8), random.digits(11))
    }),
    like("location with a name", |_, random| {
        random
            .pick(&["https://k3y@o1.ingest.example/42", "postgres://db:5432/x"])
            .to_string()
    }),
];

const fn like(name: &'static str, write: fn(&People, &mut Random) -> String) -> LookAlike {
    LookAlike { name, write }
}

fn uuid(random: &mut Random) -> String {
    let hex = random.letters(b"0123456789abcdef", 32);
    format!(
        "{}-{}-4{}-8{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[13..16],
        &hex[17..20],
        &hex[20..]
    )
}

/// A message with this look-alike somewhere, and its text.
pub(super) fn make(look_alike: &LookAlike, people: &People, random: &mut Random) -> (Request, String) {
    let text = (look_alike.write)(people, random);
    let piece = Piece {
        text: text.clone(),
        escaped: Escaped::No,
    };
    let json = format!(
        "{{\"event\":\"Level\",\"n\":{},\"zz\":[{}]}}",
        random.below(500),
        quoted(&piece.text)
    );
    let escaped = percent(text.as_bytes(), is_reserved);
    let request = match random.below(12) {
        0 => Request::to(format!("/v1/things/{escaped}/x")),
        1 => Request::to(format!("/collect?v=2&zz={escaped}")),
        2 => Request::with_header("cookie", format!("a=1; zz={escaped}")),
        3 => Request::post("application/x-www-form-urlencoded", format!("a=1&zz={escaped}")),
        4 => Request::post("text/plain", format!("Note: {text}\n")),
        5 => Request::post("text/csv", format!("n,zz\n1,\"{text}\"\n")),
        6 => Request::post("application/json", format!("{{\"p\":{}}}", quoted(&json))),
        7 => coded(json, "gzip", gzipped),
        8 => coded(json, "br", brotli),
        9 => coded(json, "zstd", zstd),
        10 => Request::post(
            "application/json",
            format!(
                "{{\"b\":\"{}\",\"h\":\"{}\"}}",
                base64_standard(json.as_bytes()),
                hex(json.as_bytes())
            ),
        ),
        _ => Request::post("application/json", json),
    };
    (request, text)
}

fn coded(json: String, coding: &'static str, encode: fn(&[u8]) -> Vec<u8>) -> Request {
    let mut request = Request::post("application/json", encode(json.as_bytes()));
    request.headers.push(("content-encoding", coding.into()));
    request
}
