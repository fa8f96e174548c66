//! Bodies as services take them, made up from a seed.

use crate::people::Person;
use crate::random::Random;

const BODY_BYTES: usize = 64 << 10;
const ALL_BYTES: usize = 64 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Events of an analytics service, one document.
    JsonEvents,
    /// Texts in a document.
    JsonProse,
    /// Text and nothing else.
    Prose,
    Form,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::JsonEvents, Self::JsonProse, Self::Prose, Self::Form];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::JsonEvents => "json events",
            Self::JsonProse => "json prose",
            Self::Prose => "prose",
            Self::Form => "form",
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::JsonEvents | Self::JsonProse => "application/json",
            Self::Prose => "text/plain",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

pub(crate) struct Bodies {
    pub(crate) kind: Kind,
    pub(crate) all: Vec<Vec<u8>>,
}

impl Bodies {
    pub(crate) fn new(kind: Kind, known: &Person) -> Self {
        let mut random = Random(1);
        let mut body = || match kind {
            Kind::JsonEvents => events(&mut random, known),
            Kind::JsonProse => posts(&mut random),
            Kind::Prose => prose(&mut random, BODY_BYTES),
            Kind::Form => form(&mut random),
        };
        let all = (0..ALL_BYTES / BODY_BYTES).map(|_| body().into_bytes()).collect();
        Self { kind, all }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.all.iter().map(Vec::len).sum()
    }
}

fn events(random: &mut Random, known: &Person) -> String {
    let mut body = r#"{"api_key":"0123456789abcdef0123456789abcdef","events":["#.to_owned();
    for number in 0.. {
        let event = event(random, known, number);
        if body.len() + event.len() > BODY_BYTES {
            break;
        }
        if number > 0 {
            body.push(',');
        }
        body.push_str(&event);
    }
    body + "]}"
}

fn posts(random: &mut Random) -> String {
    let post = |random: &mut Random| {
        let (title, text) = (prose(random, 40), prose(random, 1900));
        format!(
            r#"{{"id":{},"subject":"{title}","comment":"{text}"}}"#,
            random.below(99_999)
        )
    };
    let posts: Vec<String> = (0..BODY_BYTES / 2000).map(|_| post(random)).collect();
    format!("[{}]", posts.join(","))
}

fn form(random: &mut Random) -> String {
    let mut form = String::new();
    while form.len() < BODY_BYTES {
        let (url, text) = (page(random), prose(random, 80).replace(' ', "+"));
        form.push_str(&format!(
            "v=1&tid=UA-{}&dl=https%3A%2F%2Fcode.example{url}&dt={text}&",
            random.below(9999)
        ));
    }
    form
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
