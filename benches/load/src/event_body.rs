//! Bodies to send: what a school platform posts to its analytics service, in any size, the same bytes for the same seed.
//!
//! The shape is that of Amplitude's HTTP V2 interface: a project key and a list of events with event and user
//! properties. Invariant: nothing in it names or identifies a person. There is no user id; device and insert ids are
//! made from the seed; words come from a fixed list about programming lessons.

use hyper::body::Bytes;
use serde_json::{Value, json};

/// One body of exactly `body_bytes` bytes of JSON.
///
/// As many whole events as fit, and a last one with free text that fills what is left. `body_bytes`: at least 512; for
/// less, the smallest possible body is returned.
///
/// # Source
/// Amplitude HTTP V2 API: `api_key`, `events[]`, `event_properties`, `user_properties`.
pub(crate) fn generate(seed: u64, body_bytes: usize) -> Bytes {
    let mut random = Random(seed);
    let feedback = feedback(&mut random, String::new());
    let mut events = Vec::new();
    let mut used = envelope(std::slice::from_ref(&feedback)).len();
    loop {
        let next = lesson_event(&mut random);
        used += next.to_string().len() + 1;
        if used > body_bytes {
            used -= next.to_string().len() + 1;
            break;
        }
        events.push(next);
    }
    let text = prose(&mut random, body_bytes.saturating_sub(used));
    events.push(with_text(feedback, text));
    envelope(&events).into()
}

fn envelope(events: &[Value]) -> String {
    json!({ "api_key": "0123456789abcdef0123456789abcdef", "events": events }).to_string()
}

fn lesson_event(random: &mut Random) -> Value {
    let event_type = random_of(random, &EVENT_TYPES);
    let mut event = event(random, event_type);
    event["event_properties"] = json!({
        "page": format!("/courses/{}/lessons/{}/levels/{}", random_of(random, &COURSES), random.below(30), random.below(12)),
        "lab": random_of(random, &LABS),
        "attempt": random.below(9),
        "blocks_used": random.below(60),
        "milliseconds": random.below(240_000),
        "passed": random.below(2) == 1,
    });
    event["user_properties"] = json!({ "$set": {
        "theme": random_of(random, &["light", "dark"]),
        "section_size": random.below(32),
        "experiments": [random_of(random, &EXPERIMENTS), random_of(random, &EXPERIMENTS)],
    }});
    event
}

fn feedback(random: &mut Random, text: String) -> Value {
    with_text(event(random, "Lesson Feedback"), text)
}

fn with_text(mut event: Value, text: String) -> Value {
    event["event_properties"] = json!({ "text": text });
    event
}

fn event(random: &mut Random, event_type: &str) -> Value {
    let time = 1_795_000_000_000 + random.below(1_000_000_000);
    json!({
        "event_type": event_type,
        "device_id": random.uuid(),
        "insert_id": random.uuid(),
        "session_id": time - random.below(900_000),
        "time": time,
        "platform": "Web",
        "os_name": random_of(random, &["Chrome", "Edge", "Firefox", "Safari"]),
        "language": "en-US",
        "app_version": "2026.11.3",
    })
}

/// Words with single spaces between, exactly `bytes` long: the last word may be cut.
fn prose(random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text.push_str(random_of(random, &WORDS));
        text.push(' ');
    }
    text.truncate(bytes);
    text
}

fn random_of<'a>(random: &mut Random, choices: &[&'a str]) -> &'a str {
    let index = usize::try_from(random.below(choices.len() as u64)).unwrap_or_default();
    choices.get(index).copied().unwrap_or_default()
}

const EVENT_TYPES: [&str; 4] = ["Level Started", "Level Completed", "Hint Opened", "Project Remixed"];
const COURSES: [&str; 4] = ["loops-and-lists", "first-steps", "data-stories", "physical-computing"];
const LABS: [&str; 4] = ["maze", "drawing", "sprite", "music"];
const EXPERIMENTS: [&str; 4] = ["wide-toolbox", "short-hints", "sound-on", "none"];
const WORDS: [&str; 32] = [
    "the", "loop", "repeats", "until", "path", "ends", "and", "then", "a", "variable", "counts", "every", "step", "we",
    "tried", "to", "draw", "square", "with", "four", "turns", "but", "robot", "stopped", "after", "third", "one", "so",
    "function", "is", "missing", "return",
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

    fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (first, second, third) = (high >> 32, (high >> 16) & 0xffff, (high & 0x0fff) | 0x4000);
        let (fourth, fifth) = (((low >> 48) & 0x3fff) | 0x8000, low & 0xffff_ffff_ffff);
        format!("{first:08x}-{second:04x}-{third:04x}-{fourth:04x}-{fifth:012x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_body_is_json_of_exactly_the_size_asked_for() {
        for body_bytes in [512, 513, 1024, 65_536, 1_000_000] {
            let body = generate(7, body_bytes);
            assert_eq!(body.len(), body_bytes);
            let read: Value = serde_json::from_slice(&body).unwrap();
            assert!(!read["events"].as_array().unwrap().is_empty());
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        assert_eq!(generate(1, 1024), generate(1, 1024));
        assert_ne!(generate(1, 1024), generate(2, 1024));
    }

    #[test]
    fn nothing_names_a_person() {
        let text = String::from_utf8(generate(3, 65_536).to_vec()).unwrap();
        assert!(!text.contains('@') && !text.contains("user_id"));
    }
}
