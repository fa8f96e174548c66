//! Texts as services take them, with people planted at known places: events of an analytics service, and messages to a
//! help desk. Between the people stands what looks like them: numbers, times, versions, keys, links.

use serde_json::{Value, json};

use crate::people::{People, Person};
use crate::random::Random;

/// What is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Email,
    Phone,
    Name,
    Username,
    Account,
    StudentNumber,
    Street,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Email => "e-mail",
            Self::Phone => "telephone",
            Self::Name => "full name",
            Self::Username => "user name",
            Self::Account => "account id",
            Self::StudentNumber => "student number",
            Self::Street => "street",
        }
    }
}

/// One identifier at its place.
pub(crate) struct Planted {
    pub(crate) kind: Kind,
    /// The person of the directory; `None` for a stranger.
    pub(crate) person: Option<u32>,
    pub(crate) text: String,
    /// Bytes, which are characters too: the texts are ASCII.
    pub(crate) start: usize,
}

#[derive(Default)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) planted: Vec<Planted>,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn plant(&mut self, kind: Kind, who: Who<'_>, other: bool) {
        let person = who.person;
        let text = match kind {
            Kind::Email => &person.email,
            Kind::Phone if other => &dashed(&person.phone),
            Kind::Phone => &person.phone,
            Kind::Name if other => &turned(&person.name),
            Kind::Name => &person.name,
            Kind::Username => &person.username,
            Kind::Account => &person.account,
            Kind::StudentNumber => &person.student_number,
            Kind::Street => &person.street,
        };
        self.planted.push(Planted {
            kind,
            person: who.is_known.then_some(person.number),
            text: text.clone(),
            start: self.text.len(),
        });
        self.text.push_str(text);
    }

    pub(crate) fn to_json(&self) -> Value {
        let planted: Vec<Value> = self
            .planted
            .iter()
            .map(|planted| {
                json!({
                    "kind": planted.kind.as_str(),
                    "known": planted.person.is_some(),
                    "start": planted.start,
                    "end": planted.start + planted.text.len(),
                })
            })
            .collect();
        json!({ "text": self.text, "planted": planted })
    }
}

#[derive(Clone, Copy)]
struct Who<'a> {
    person: &'a Person,
    is_known: bool,
}

/// `(206) 555-0100`
fn dashed(phone: &str) -> String {
    let parts: Vec<&str> = phone.split(' ').collect();
    format!("({}) {}-{}", parts[1], parts[2], parts[3])
}

/// `Lovelace, Ada`
fn turned(name: &str) -> String {
    name.split_once(' ')
        .map_or_else(|| name.to_owned(), |(given, family)| format!("{family}, {given}"))
}

/// An event of an analytics service. `who`: one in so many has a person of the directory in it, as many have a stranger.
pub(crate) fn event(people: &People, random: &mut Random, one_in: u64) -> Text {
    let mut text = Text::default();
    text.push(&format!(
        r#"{{"event_type":"{}","device_id":"{}","insert_id":"{}","session_id":17{:011},"time":17{:011},"platform":"Web","app_version":"2026.{}.{}","event_properties":{{"page":"/courses/loops-and-lists/lessons/{}/levels/{}","referrer":"https://code.example.org/home?tab={}","attempt":{},"milliseconds":{},"score":{}.{},"at":"2026-11-{:02}T10:20:30.123Z"}},"user_properties":{{"theme":"light""#,
        random.of(&["Level Started", "Level Completed", "Hint Opened", "Project Remixed"]),
        random.uuid(),
        random.uuid(),
        random.below(99_999_999_999),
        random.below(99_999_999_999),
        random.below(12),
        random.below(400),
        random.below(30),
        random.below(12),
        random.below(9),
        random.below(9),
        random.below(240_000),
        random.below(100),
        random.below(1000),
        1 + random.below(28),
    ));
    let dice = random.below(one_in);
    if dice < 2 {
        let who = who(people, random, dice == 0);
        let fields = [
            ("email", Kind::Email),
            ("phone", Kind::Phone),
            ("name", Kind::Name),
            ("user_name", Kind::Username),
            ("account", Kind::Account),
            ("number", Kind::StudentNumber),
            ("street", Kind::Street),
        ];
        let first = random.below(7) as usize;
        for at in 0..1 + random.below(4) as usize {
            let (name, kind) = fields[(first + at) % 7];
            text.push(&format!(",\"{name}\":\""));
            text.plant(kind, who, random.below(3) == 0);
            text.push("\"");
        }
    }
    text.push("}}");
    text
}

fn who<'a>(people: &'a People, random: &mut Random, is_known: bool) -> Who<'a> {
    Who {
        person: random.of(if is_known { &people.known } else { &people.strangers }),
        is_known,
    }
}

/// Before and behind an identifier.
const SENTENCES: [(&str, Kind, &str); 16] = [
    ("My daughter ", Kind::Name, " cannot sign in since Monday."),
    ("The project was made by ", Kind::Name, " and two others in period 4."),
    ("Please remove ", Kind::Name, " from section 12."),
    ("Grades are missing for ", Kind::Name, "."),
    ("You can write to ", Kind::Email, " at any time."),
    ("The invitation went to ", Kind::Email, ", but nothing arrived."),
    ("Change the address to ", Kind::Email, "."),
    ("Call me back at ", Kind::Phone, " after three."),
    ("The emergency contact is ", Kind::Phone, "."),
    ("Her user name is ", Kind::Username, "."),
    ("We logged in as ", Kind::Username, " and saw an empty page."),
    ("Account ", Kind::Account, " was merged with another one."),
    ("It happens for student ", Kind::StudentNumber, " only."),
    ("The number in our system is ", Kind::StudentNumber, "."),
    ("We moved to ", Kind::Street, " last month."),
    ("The parcel went to ", Kind::Street, "."),
];

/// Without anybody.
const OTHERS: [&str; 20] = [
    "The loop repeats until the path ends, and then the robot stops.",
    "Level 7 of lesson 12 crashed at 10:20 on 3 November with error 0x80040154.",
    "We use version 2026.11.3 on Chrome 128.0.6613.84.",
    "The teacher showed us how a variable counts every step.",
    "It took 1795000000123 ticks, which is too long for 32 pupils.",
    "Order 4711-2231-09 was paid with voucher CODE-2026-77.",
    "I think that the function is missing a return.",
    "See https://support.example.org/articles/20391 for how it should look.",
    "My program still crashes when pressing the button twice, please explain.",
    "The build a3f9c27be1 is from 2026-11-03 and weighs 104857600 bytes.",
    "May I ask whether Grace Hall is open on Saturday?",
    "Will and Mark of the robotics team say that May is fine.",
    "The trace id is 4bf92f3577b34da6a3ce929d0e0e4736.",
    "What the condition means is easy to understand, however.",
    "There are 12 courses, 340 lessons and 5120 levels in the Fall 2026 catalog.",
    "Draw a square with four turns, then repeat it 36 times.",
    "The scale is 1:25000 and the map shows 47.6062, -122.3321.",
    "Room 204 is free from 9:00 to 11:30, room 206 is not.",
    "The class of Ms. Walker did the Hour of Code on Main Street.",
    "Thanks a lot for looking into this, it is a great help for all of us.",
];

/// A message to a help desk, of about `bytes`; one sentence in so many has a person of the directory, as many a stranger.
pub(crate) fn prose(people: &People, random: &mut Random, one_in: u64, bytes: usize) -> Text {
    let mut text = Text::default();
    text.push("Hello, ");
    while text.text.len() < bytes {
        let dice = random.below(one_in);
        if dice < 2 {
            let who = who(people, random, dice == 0);
            let (before, kind, after) = *random.of(&SENTENCES);
            text.push(before);
            text.plant(kind, who, random.below(3) == 0);
            text.push(after);
        } else {
            text.push(random.of::<&str>(&OTHERS));
        }
        text.push(if random.below(5) == 0 { "\n\n" } else { " " });
    }
    text.push("Kind regards");
    text
}

/// Bodies of 64 KB together `bytes`, for the clock: in every 40th event, and every 100th sentence, somebody of the
/// directory, and as often a stranger.
pub(crate) fn bodies(people: &People, is_prose: bool, bytes: usize) -> Vec<String> {
    let mut random = Random(9);
    let mut body = || {
        if is_prose {
            return prose(people, &mut random, 100, BODY_BYTES).text;
        }
        let mut body = String::from("[");
        while body.len() < BODY_BYTES {
            body.push_str(&event(people, &mut random, 40).text);
            body.push(',');
        }
        body.pop();
        body + "]"
    };
    (0..bytes / BODY_BYTES).map(|_| body()).collect()
}

const BODY_BYTES: usize = 64 << 10;
