//! Does the time that a look takes tell whether a word is somebody's? `cargo bench -p averment-detect --bench membership`.
//!
//! User names of a directory and words of the same shape that are nobody's, each in a small JSON body of its own: the time of
//! the first look at each, and of the second, in turn, so that what else the machine does falls on all. Medians over rounds
//! with fresh words; `apart` is how often a look at a member took longer than one at a stranger: 0.50 tells nothing.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::hint::black_box;
use std::time::Instant;

use averment_catalog::SubjectId;
use averment_detect::normalise::{IdentifierKind, identifiers};
use averment_detect::{Directory, DirectoryKey, DirectoryRow, Limits, Message, PersonNumber, inspect};

const ROUNDS: u64 = 40;
/// Of each kind in a round: together they fit where words that were met are kept.
const WORDS: usize = 400;

/// Nanoseconds of each look.
#[derive(Default)]
struct Times {
    members: Vec<f64>,
    strangers: Vec<f64>,
}

fn main() {
    let (mut first, mut again) = (Times::default(), Times::default());
    for round in 0..ROUNDS {
        let mut letters = Letters(round);
        let members: Vec<String> = (0..WORDS).map(|_| letters.word()).collect();
        let strangers: Vec<String> = (0..WORDS).map(|_| letters.word()).collect();
        let directory = directory(&members);
        look(&members, &strangers, &directory, &mut first);
        look(&members, &strangers, &directory, &mut again);
    }
    println!("{:<8} {:>12} {:>12} {:>7}", "look", "member ns", "stranger ns", "apart");
    first.print("first");
    again.print("second");
}

fn directory(members: &[String]) -> Directory {
    let key = DirectoryKey::new([7; 32]);
    let student = SubjectId::new("student").expect("a literal");
    let mut rows = Vec::new();
    for (member, person) in members.iter().zip(0..) {
        let pairs = identifiers(IdentifierKind::Username, member).expect("made to be matched");
        rows.extend(pairs.into_iter().map(|(form, normal)| DirectoryRow {
            digest: key.digest(form, &normal),
            element: IdentifierKind::Username.element(),
            person: PersonNumber(person),
        }));
    }
    let subjects = (0..)
        .take(members.len())
        .map(|person| (PersonNumber(person), student.clone()));
    Directory::new(key, rows, subjects)
}

/// Looks at a member and a stranger in turn.
fn look(members: &[String], strangers: &[String], directory: &Directory, times: &mut Times) {
    for (member, stranger) in members.iter().zip(strangers) {
        let (time, found) = timed(member, directory);
        assert_eq!(found, 1, "a member is found each time");
        times.members.push(time);
        let (time, found) = timed(stranger, directory);
        assert_eq!(found, 0);
        times.strangers.push(time);
    }
}

fn timed(word: &str, directory: &Directory) -> (f64, usize) {
    let body = format!("{{\"v\":\"{word}\"}}");
    let message = Message {
        authority: "analytics.example",
        target: "/",
        headers: &[("content-type", b"application/json")],
        body: body.as_bytes(),
    };
    let begun = Instant::now();
    let found = black_box(inspect(&message, directory, &Limits::default()))
        .findings
        .len();
    (begun.elapsed().as_nanos() as f64, found)
}

impl Times {
    fn print(mut self, name: &str) {
        self.members.sort_by(f64::total_cmp);
        self.strangers.sort_by(f64::total_cmp);
        let longer = |member: &f64| self.strangers.partition_point(|stranger| stranger < member);
        let pairs = (self.members.len() * self.strangers.len()) as f64;
        let apart = self.members.iter().map(|member| longer(member) as f64).sum::<f64>() / pairs;
        let middle = |times: &[f64]| times[times.len() / 2];
        println!(
            "{name:<8} {:>12.0} {:>12.0} {apart:>7.2}",
            middle(&self.members),
            middle(&self.strangers)
        );
    }
}

/// Words of twelve small letters, by SplitMix64.
struct Letters(u64);

impl Letters {
    fn word(&mut self) -> String {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let letter = |at: u32| char::from(b'a' + ((mixed >> (5 * at)) % 26) as u8);
        (0..12).map(letter).collect()
    }
}
