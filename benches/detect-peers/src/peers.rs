//! Others in Rust over the same texts: libraries that look for e-mail addresses and telephone numbers by their shape, and
//! engines that look for 100,000 given words.
//!
//! Every library looks for these two kinds only, where it can be told so. Found is what overlaps a planted one and has its
//! kind; wrong is what is reported of the kind elsewhere. The libraries get the bytes as they stand: none reads JSON.

use averment_detect::Directory;
use redact_core::EntityType;

use crate::clock::median_ns;
use crate::people::{People, Person};
use crate::texts::{Kind, Text, bodies};
use crate::{labelled, ours};

const IDENTIFIERS: usize = 100_000;
const CLOCK_BYTES: usize = 16 << 20;
const ROUNDS: usize = 3;
/// Whoever needs longer for the first body is clocked over fewer.
const BUDGET_NS: f64 = 10e9;

/// Kind, first byte, byte behind the last.
type Hit = (Kind, usize, usize);

struct Peer {
    name: &'static str,
    find: Box<dyn Fn(&str) -> Vec<Hit>>,
}

/// Prints everything.
pub(crate) fn table() {
    let people = People::new();
    let directory = people.directory(IDENTIFIERS);
    let texts = labelled(&people);
    let bodies = [bodies(&people, false, CLOCK_BYTES), bodies(&people, true, CLOCK_BYTES)];
    let ours = [0, 1].map(|at| ours::speed(&bodies[at], ours::TYPES[at].1, &directory));
    println!(
        "MB: megabytes per second of CPU time, one thread, bodies of 64 KB; ×: how many times faster averment is."
    );
    println!("recall and precision in per cent: events / prose.\n");
    println!(
        "{:<34}{:>10}{:>7}{:>10}{:>7}{:>15}{:>15}{:>15}{:>15}",
        "", "events MB", "×", "prose MB", "×", "e-mail recall", "precision", "phone recall", "precision"
    );
    let quality = [0, 1].map(|at| our_quality(&texts[at].1, ours::TYPES[at].1, &directory));
    print(&format!("averment, {IDENTIFIERS} identifiers"), ours, ours, &quality);
    for peer in libraries() {
        let speeds = [0, 1].map(|at| speed(&bodies[at], &peer));
        print(
            peer.name,
            speeds,
            ours,
            &[0, 1].map(|at| quality_of(&texts[at].1, &peer)),
        );
    }
    println!("\nEngines for given words, no shapes, no whose, byte for byte as written:");
    for peer in engines(&words(&people)) {
        let speeds = [0, 1].map(|at| speed(&bodies[at], &peer));
        print(peer.name, speeds, ours, &[]);
    }
}

fn print(name: &str, speeds: [f64; 2], ours: [f64; 2], quality: &[[Counts; 2]]) {
    let share = |part: usize, whole: usize| match whole {
        0 => "–".to_owned(),
        whole => format!("{:.0}", 100.0 * part as f64 / whole as f64),
    };
    let mut line = format!("{name:<34}");
    for at in [0, 1] {
        line += &format!("{:>10.1}{:>7.1}", speeds[at], ours[at] / speeds[at]);
    }
    if let [events, prose] = quality {
        for kind in [0, 1] {
            let recall = |counts: &Counts| share(counts.found, counts.planted);
            let precision = |counts: &Counts| share(counts.right, counts.right + counts.wrong);
            for shown in [&recall as &dyn Fn(&Counts) -> String, &precision] {
                line += &format!("{:>15}", format!("{} / {}", shown(&events[kind]), shown(&prose[kind])));
            }
        }
    }
    println!("{line}");
}

/// Of e-mail addresses or telephone numbers.
#[derive(Default)]
struct Counts {
    planted: usize,
    found: usize,
    right: usize,
    wrong: usize,
}

const SHAPES: [Kind; 2] = [Kind::Email, Kind::Phone];

fn quality_of(texts: &[Text], peer: &Peer) -> [Counts; 2] {
    let mut counts = SHAPES.map(|_| Counts::default());
    for text in texts {
        let hits = (peer.find)(&text.text);
        for (kind, counts) in SHAPES.iter().zip(&mut counts) {
            let hits: Vec<&Hit> = hits.iter().filter(|hit| hit.0 == *kind).collect();
            let planted: Vec<_> = text.planted.iter().filter(|planted| planted.kind == *kind).collect();
            let touches = |hit: &Hit, start: usize, len: usize| hit.1 < start + len && start < hit.2;
            counts.planted += planted.len();
            counts.found += planted
                .iter()
                .filter(|planted| hits.iter().any(|hit| touches(hit, planted.start, planted.text.len())))
                .count();
            let is_right = |hit: &&&Hit| {
                planted
                    .iter()
                    .any(|planted| touches(hit, planted.start, planted.text.len()))
            };
            let right = hits.iter().filter(is_right).count();
            counts.right += right;
            counts.wrong += hits.len() - right;
        }
    }
    counts
}

fn our_quality(texts: &[Text], kind: &str, directory: &Directory) -> [Counts; 2] {
    let (tallies, _) = ours::tallied(texts, kind, directory);
    SHAPES.map(|shape| {
        let mut counts = Counts::default();
        for tally in tallies
            .iter()
            .filter(|((kind, _), _)| *kind == shape)
            .map(|(_, tally)| tally)
        {
            counts.planted += tally.planted;
            counts.found += tally.found;
            counts.right += tally.found;
            counts.wrong += tally.wrong;
        }
        counts
    })
}

fn speed(bodies: &[String], peer: &Peer) -> f64 {
    let one = median_ns(1, || (peer.find)(&bodies[0]).len());
    let fit = (BUDGET_NS / ROUNDS as f64 / one.max(1.0)) as usize;
    let bodies = &bodies[..fit.clamp(1, bodies.len())];
    let ns = median_ns(ROUNDS, || bodies.iter().map(|body| (peer.find)(body).len()).sum());
    bodies.iter().map(String::len).sum::<usize>() as f64 * 1e3 / ns
}

fn peer(name: &'static str, find: impl Fn(&str) -> Vec<Hit> + 'static) -> Peer {
    Peer {
        name,
        find: Box::new(find),
    }
}

fn libraries() -> Vec<Peer> {
    let redact = redact_core::AnalyzerEngine::new();
    let leakguard = leakguard::Redactor::only(&[leakguard::Kind::Email, leakguard::Kind::PhoneNumber]);
    let (emails, phones) = (llm_pii_redact::Redactor::email(), llm_pii_redact::Redactor::phone());
    let shapes = regex::Regex::new(concat!(
        r"([A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})|",
        r"((?:\+1[ .-]?)?(?:\([0-9]{3}\) ?|[0-9]{3}[ .-])[0-9]{3}[ .-][0-9]{4})"
    ))
    .expect("a literal");
    vec![
        peer("redact-core 0.12", move |text| {
            let wanted = [EntityType::EmailAddress, EntityType::PhoneNumber];
            let result = redact.analyze_with_entities(text, &wanted, None).expect("a text");
            let hits = result.detected_entities.iter();
            hits.filter_map(|hit| {
                let kind = kind_of(
                    hit.entity_type == EntityType::EmailAddress,
                    hit.entity_type == EntityType::PhoneNumber,
                )?;
                Some((kind, hit.start, hit.end))
            })
            .collect()
        }),
        peer("leakguard 1.0", move |text| {
            let hits = leakguard.find(text).into_iter();
            hits.filter_map(|hit| {
                let kind = kind_of(
                    hit.kind == leakguard::Kind::Email,
                    hit.kind == leakguard::Kind::PhoneNumber,
                )?;
                Some((kind, hit.start, hit.end))
            })
            .collect()
        }),
        peer("regex-pii-rs 0.1 (all its kinds)", |text| {
            let hits = regex_pii_rs::find(text).into_iter();
            hits.filter_map(|hit| {
                let kind = kind_of(hit.kind == "email", hit.kind == "phone")?;
                Some((kind, hit.byte_pos, hit.byte_pos + hit.value.len()))
            })
            .collect()
        }),
        peer("llm-pii-redact 0.1", move |text| {
            let of = |kind, redactor: &llm_pii_redact::Redactor| {
                let hits = redactor.detect(text).into_iter();
                hits.map(move |hit| (kind, hit.start, hit.end)).collect::<Vec<Hit>>()
            };
            [of(Kind::Email, &emails), of(Kind::Phone, &phones)].concat()
        }),
        peer("regex 1, the two shapes", move |text| {
            let hits = shapes.captures_iter(text);
            hits.map(|hit| {
                let kind = if hit.get(1).is_some() { Kind::Email } else { Kind::Phone };
                let whole = hit.get(0).expect("a match");
                (kind, whole.start(), whole.end())
            })
            .collect()
        }),
    ]
}

fn kind_of(is_email: bool, is_phone: bool) -> Option<Kind> {
    match (is_email, is_phone) {
        (true, _) => Some(Kind::Email),
        (_, true) => Some(Kind::Phone),
        _ => None,
    }
}

/// The identifiers of the known people and others like them, as they are written.
fn words(people: &People) -> Vec<String> {
    let fields = |person: &Person| {
        [
            &person.email,
            &person.phone,
            &person.name,
            &person.username,
            &person.account,
            &person.student_number,
        ]
        .map(String::clone)
    };
    let mut words: Vec<String> = people.known.iter().flat_map(fields).collect();
    let mut random = crate::random::Random(3);
    while words.len() < IDENTIFIERS {
        let model = people.known[words.len() % people.known.len()].email.clone();
        words.push(format!("{}{model}", random.below(1_000_000)));
        words.push(random.uuid());
    }
    words.truncate(IDENTIFIERS);
    words.sort_unstable();
    words.dedup();
    words
}

fn engines(words: &[String]) -> Vec<Peer> {
    let corasick = aho_corasick::AhoCorasick::builder()
        .build(words)
        .expect("100,000 words");
    let daachorse = daachorse::DoubleArrayAhoCorasick::<u32>::new(words).expect("100,000 words");
    vec![
        peer("aho-corasick 1, 100000 words", move |text| {
            corasick
                .find_iter(text)
                .map(|hit| (Kind::Name, hit.start(), hit.end()))
                .collect()
        }),
        peer("daachorse, 100000 words", move |text| {
            daachorse
                .find_iter(text)
                .map(|hit| (Kind::Name, hit.start(), hit.end()))
                .collect()
        }),
    ]
}
