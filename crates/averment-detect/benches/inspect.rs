//! How fast is `inspect`, and how far from the floor? `cargo bench -p averment-detect`.
//!
//! Per body and directory one line: megabytes per second of CPU time of this thread, user and system together, as
//! `/proc/thread-self/schedstat` counts it; and the same for the floor, which is what any exact matcher must do: cut the
//! body into runs of letters and digits, hash each under a key (SipHash-1-3, and 2-4 beside it), probe one hash set.
//! Rounds of both alternate and the medians are printed, so that the ratio holds on a busy machine; the absolute
//! figures do not. Everything is made up from a seed.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::hint::black_box;

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Limits, Message, PersonNumber, inspect};
use siphasher::sip::{SipHasher13, SipHasher24};

const BODY_BYTES: usize = 64 << 10;
const IDENTIFIERS: [usize; 2] = [1_000, 1_000_000];
const ROUNDS: usize = 9;
/// The kernel books CPU time at ticks of up to 4 ms: a round of this length is then right to a few percent.
const ROUND_NS: u64 = 60_000_000;

fn main() {
    println!(
        "{:<12} {:>11} {:>9} {:>9} {:>9} {:>7} {:>8}",
        "body", "identifiers", "inspect", "floor1-3", "floor2-4", "ratio", "findings"
    );
    for count in IDENTIFIERS {
        let people = people(count);
        for (name, kind, body) in bodies(&people.known) {
            measure(name, kind, &body, &people);
        }
    }
}

fn measure(name: &str, kind: &str, body: &[u8], people: &People) {
    let headers: [(&str, &[u8]); 1] = [("content-type", kind.as_bytes())];
    let message = Message {
        authority: "analytics.example",
        target: "/2/httpapi",
        headers: &headers,
        body,
    };
    let limits = Limits::default();
    let inspected = || inspect(&message, &people.directory, &limits).findings.len() as u64;
    let [look, sip13, sip24] = medians([
        &|| inspected(),
        &|| floor(body, &people.hashes, SipHasher13::new_with_key(&[7; 16])),
        &|| floor(body, &people.hashes, SipHasher24::new_with_key(&[7; 16])),
    ])
    .map(|ns| body.len() as f64 * 1e3 / ns);
    println!(
        "{name:<12} {:>11} {look:>9.0} {sip13:>9.0} {sip24:>9.0} {:>7.2} {:>8}",
        people.directory.identifiers(),
        look / sip13,
        inspected()
    );
}

/// Nanoseconds of CPU time per call, each the median of rounds that alternate.
fn medians<const N: usize>(deeds: [&dyn Fn() -> u64; N]) -> [f64; N] {
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (deed, rounds) in deeds.iter().zip(&mut rounds) {
            rounds.push(round(deed));
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    })
}

fn round(deed: &dyn Fn() -> u64) -> f64 {
    let (start, mut calls) = (cpu_ns(), 0);
    loop {
        for _ in 0..16 {
            black_box(deed());
        }
        calls += 16;
        let spent = cpu_ns() - start;
        if spent > ROUND_NS {
            return spent as f64 / f64::from(calls);
        }
    }
}

fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts CPU time there");
    let spent = stat.split(' ').next().and_then(|spent| spent.parse().ok());
    spent.expect("the first number is the CPU time")
}

/// What no exact matcher can leave out.
fn floor(body: &[u8], hashes: &Hashes, hasher: impl Hasher + Copy) -> u64 {
    let (mut known, mut at) = (0, 0);
    while at < body.len() {
        let start = at;
        while body.get(at).is_some_and(|b| WORD[usize::from(*b)]) {
            at += 1;
        }
        if at > start {
            let mut token = hasher;
            token.write(&body[start..at]);
            known += u64::from(hashes.contains(&token.finish()));
        }
        at += 1;
    }
    known
}

static WORD: [bool; 256] = {
    let mut word = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        word[byte] = (byte as u8).is_ascii_alphanumeric() || byte >= 0x80;
        byte += 1;
    }
    word
};

type Hashes = HashSet<u64, BuildHasherDefault<Hashed>>;

/// Hashes are hashed already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only numbers are hashed");
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

struct Person {
    email: String,
    username: String,
    student_id: String,
    phone: String,
    name: String,
}

struct People {
    directory: Directory,
    /// As many random hashes as there are identifiers.
    hashes: Hashes,
    /// Somebody of them.
    known: Person,
}

fn people(identifier_count: usize) -> People {
    let mut random = Random(identifier_count as u64);
    let key = DirectoryKey::new([7; 32]);
    let mut rows = Vec::with_capacity(identifier_count);
    let mut number = 0;
    while rows.len() < identifier_count {
        add(&mut rows, &key, number, &person(&mut random));
        number += 1;
    }
    let known = person(&mut random);
    add(&mut rows, &key, number, &known);
    let student = SubjectId::new("student").expect("a literal");
    let subjects = (0..=number).map(|number| (PersonNumber(number), student.clone()));
    People {
        directory: Directory::new(key, rows, subjects),
        hashes: (0..identifier_count).map(|_| random.next()).collect(),
        known,
    }
}

fn person(random: &mut Random) -> Person {
    let (first, last) = (random.name(2), random.name(3));
    let number = random.below(1_000_000);
    Person {
        email: format!("{first}.{last}{number}@school.example"),
        username: format!("{first}_{number}"),
        student_id: format!("S-{}-{number:06}", random.below(9999)),
        phone: format!("+1 {} 555 {:04}", 201 + random.below(700), random.below(10_000)),
        name: format!("{first} {last}"),
    }
}

fn add(rows: &mut Vec<DirectoryRow>, key: &DirectoryKey, number: u32, person: &Person) {
    for (kind, text) in [
        (IdentifierKind::Email, &person.email),
        (IdentifierKind::Username, &person.username),
        (IdentifierKind::StudentId, &person.student_id),
        (IdentifierKind::Phone, &person.phone),
        (IdentifierKind::FullName, &person.name),
    ] {
        let pairs = identifiers(kind, text).expect("made to be matched");
        rows.extend(pairs.into_iter().map(|(form, normal)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: kind.element(),
            person: PersonNumber(number),
        }));
    }
}

fn bodies(known: &Person) -> [(&'static str, &'static str, Vec<u8>); 3] {
    let mut random = Random(1);
    let (mut events, mut posts, mut form) = (Vec::new(), Vec::new(), String::new());
    for number in 0.. {
        let event = event(&mut random, known, number);
        if events.iter().map(String::len).sum::<usize>() + event.len() > BODY_BYTES {
            break;
        }
        events.push(event);
    }
    for _ in 0..BODY_BYTES / 2000 {
        let (title, text) = (prose(&mut random, 40), prose(&mut random, 1900));
        posts.push(format!(
            r#"{{"id":{},"subject":"{title}","comment":"{text}"}}"#,
            random.below(99_999)
        ));
    }
    while form.len() < BODY_BYTES {
        let (url, text) = (page(&mut random), prose(&mut random, 80).replace(' ', "+"));
        form.push_str(&format!(
            "v=1&tid=UA-{}&dl=https%3A%2F%2Fcode.example{url}&dt={text}&",
            random.below(9999)
        ));
    }
    let events = format!(
        r#"{{"api_key":"0123456789abcdef0123456789abcdef","events":[{}]}}"#,
        events.join(",")
    );
    [
        ("json events", "application/json", events.into_bytes()),
        (
            "json prose",
            "application/json",
            format!("[{}]", posts.join(",")).into_bytes(),
        ),
        ("form", "application/x-www-form-urlencoded", form.into_bytes()),
    ]
}

/// One event as analytics services take them. Every 40th has somebody known in it: about three in a body.
fn event(random: &mut Random, known: &Person, number: usize) -> String {
    let time = 1_795_000_000_000 + random.below(1_000_000_000);
    let user = match number % 40 {
        0 => format!(
            r#""email":"{}","name":"{}","phone":"{}","#,
            known.email, known.name, known.phone
        ),
        20 => format!(r#""user_name":"{}","number":"{}","#, known.username, known.student_id),
        _ => String::new(),
    };
    let (device, insert, page) = (random.uuid(), random.uuid(), page(random));
    let (kind, lab) = (random.of(&EVENTS), random.of(&LABS));
    let (attempt, blocks, spent) = (random.below(9), random.below(60), random.below(240_000));
    format!(
        r#"{{"event_type":"{kind}","device_id":"{device}","insert_id":"{insert}","session_id":{},"time":{time},"platform":"Web","os_name":"Chrome","language":"en-US","app_version":"2026.11.3","event_properties":{{"page":"{page}","lab":"{lab}","attempt":{attempt},"blocks_used":{blocks},"milliseconds":{spent},"passed":true,"at":"2026-11-{:02}T10:20:30.{:03}Z"}},"user_properties":{{{user}"$set":{{"theme":"light","section_size":{},"experiments":["wide-toolbox","sound-on"]}}}}}}"#,
        time - random.below(900_000),
        1 + random.below(28),
        random.below(1000),
        random.below(32),
    )
}

fn page(random: &mut Random) -> String {
    format!(
        "/courses/loops-and-lists/lessons/{}/levels/{}",
        random.below(30),
        random.below(12)
    )
}

fn prose(random: &mut Random, bytes: usize) -> String {
    let mut text = String::new();
    while text.len() < bytes {
        text.push_str(random.of(&WORDS));
        text.push_str(if random.below(9) == 0 { ", " } else { " " });
    }
    text
}

const EVENTS: [&str; 4] = ["Level Started", "Level Completed", "Hint Opened", "Project Remixed"];
const LABS: [&str; 4] = ["maze", "drawing", "sprite", "music"];
const WORDS: [&str; 64] = [
    "the",
    "loop",
    "repeats",
    "until",
    "path",
    "ends",
    "and",
    "then",
    "a",
    "variable",
    "counts",
    "every",
    "step",
    "we",
    "tried",
    "to",
    "draw",
    "square",
    "with",
    "four",
    "turns",
    "but",
    "robot",
    "stopped",
    "after",
    "third",
    "one",
    "so",
    "function",
    "is",
    "missing",
    "return",
    "I",
    "think",
    "that",
    "teacher",
    "showed",
    "us",
    "how",
    "this",
    "should",
    "work",
    "yesterday",
    "however",
    "my",
    "program",
    "still",
    "crashes",
    "when",
    "pressing",
    "button",
    "twice",
    "please",
    "explain",
    "what",
    "condition",
    "means",
    "in",
    "of",
    "it",
    "for",
    "understand",
    "question",
    "Thanks",
];

/// SplitMix64: small, even, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn name(&mut self, syllables: usize) -> String {
        const SYLLABLES: [&str; 20] = [
            "ma", "ri", "jo", "han", "el", "ka", "so", "lin", "da", "vi", "ter", "no", "be", "ru", "ash", "mi", "ol",
            "fe", "wen", "zu",
        ];
        (0..syllables).map(|_| self.of(&SYLLABLES)).collect()
    }

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (first, second, third) = (high >> 32, (high >> 16) & 0xffff, (high & 0x0fff) | 0x4000);
        let (fourth, fifth) = (((low >> 48) & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
        format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{fifth:012x}")
    }
}
