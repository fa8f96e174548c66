//! What a decision costs, and whether evaluators agree over many of them.
//!
//! `cargo bench -p averment-access` asks the table against the sentences ten million times, each question about a random person of
//! random registers, and prints the processor time of a question to the table alone and of one with entries;
//! with `--features cedar` the Cedar engine answers the same ten million questions, which takes minutes, and those that it allows once more
//! with both people loaded. Processor time is that of this process
//! (Linux: `/proc/self/stat`). `-- 200 1000` asks a thousand questions of each of two hundred registers instead. Goals: a cell of the table 110 ns, at most 1 µs, Cedar with its slice 15 µs.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench prints, and stops at the first surprise"
)]
#![allow(dead_code, reason = "the second evaluator and the dice are those of the tests")]

#[path = "../tests/it/dice.rs"]
mod dice;
#[path = "../tests/it/naive.rs"]
mod naive;

use averment_access::{Access, FactSet, Kind, Viewer};
use dice::Dice;

#[cfg(feature = "cedar")]
type Question = (
    averment_access::Person,
    averment_access::Person,
    averment_access::Context,
    averment_catalog::ElementId,
);

/// Registers, and questions of each, where the command line says nothing.
const REGISTERS: u64 = 2_000;
const QUESTIONS: u64 = 5_000;
/// How often a decision is made with a slice that is loaded: the clock counts hundredths of seconds.
#[cfg(feature = "cedar")]
const AGAIN: u64 = 20;

#[expect(clippy::disallowed_methods, reason = "a benchmark is a binary")]
fn main() {
    let mut numbers = std::env::args().filter_map(|argument| argument.parse().ok());
    let size = (numbers.next().unwrap_or(REGISTERS), numbers.next().unwrap_or(QUESTIONS));
    agree(size);
    cells();
    entries();
    #[cfg(feature = "cedar")]
    cedar(size);
}

fn agree((registers, questions): (u64, u64)) {
    let (mut asked, mut allowed, mut apart) = (0_u64, 0_u64, 0_u64);
    for seed in 0..registers {
        let mut dice = Dice(seed);
        let charter = dice.charter();
        let access = Access::new(&charter).unwrap();
        for _ in 0..questions {
            let (viewer, subject, context) = (dice.person(), dice.person(), dice.context());
            let element = dice.element();
            let by_table = access.decide(&viewer, &subject, &context, &element).is_allowed;
            let by_sentences = naive::may_see(&charter, &viewer, &subject, &context, &element);
            asked += 1;
            allowed += u64::from(by_table);
            apart += u64::from(by_table != by_sentences);
        }
    }
    println!("{asked} questions, {allowed} allowed, {apart} answered otherwise by the second evaluator");
}

/// Questions about viewer, kind of person and facts alone.
fn cells() {
    let access = Access::new(&Dice(1).charter()).unwrap();
    let table = access.table(None);
    let kinds: Vec<Kind> = Kind::all().collect();
    let facts = [FactSet::NONE, access.rules().facts.set(access.rules().facts.facts())];
    let begin = cpu_seconds();
    let (mut asked, mut seen) = (0_u64, 0_usize);
    while asked < 50_000_000 {
        for viewer in Viewer::ALL {
            for kind in &kinds {
                for facts in facts {
                    seen += table.visible(std::hint::black_box(viewer), *kind, facts).len();
                    asked += 1;
                }
            }
        }
    }
    per_question("a cell of the table", begin, asked, seen);
}

/// Questions with the entries of both people.
fn entries() {
    let mut dice = Dice(2);
    let access = Access::new(&dice.charter()).unwrap();
    let people: Vec<_> = (0..1_000)
        .map(|_| (dice.person(), dice.person(), dice.context()))
        .collect();
    let begin = cpu_seconds();
    let mut seen = 0;
    for _ in 0..1_000 {
        for (viewer, subject, context) in &people {
            seen += access.visible(viewer, subject, context).len();
        }
    }
    per_question("all elements, with entries", begin, 1_000_000, seen);
}

#[cfg(feature = "cedar")]
fn cedar((registers, questions_each): (u64, u64)) {
    use averment_access::cedar::Engine;
    let (mut asked, mut allowed, mut apart) = (0_u64, 0_u64, 0_u64);
    let (mut seconds, mut allowed_seconds, mut loaded_seconds) = (0.0, 0.0, 0.0);
    for seed in 0..registers {
        let mut dice = Dice(seed);
        let access = Access::new(&dice.charter()).unwrap();
        let engine = Engine::new(access.rules()).unwrap();
        let questions: Vec<_> = (0..questions_each)
            .map(|_| (dice.person(), dice.person(), dice.context(), dice.element()))
            .collect();
        let begin = cpu_seconds();
        let by_cedar: Vec<bool> = questions
            .iter()
            .map(|(a, b, c, d)| engine.may_see(a, b, c, d))
            .collect();
        seconds += cpu_seconds() - begin;
        asked += questions_each;
        let mut seen = Vec::new();
        for (question, by_cedar) in questions.iter().zip(by_cedar) {
            let (viewer, subject, context, element) = question;
            apart += u64::from(access.decide(viewer, subject, context, element).is_allowed != by_cedar);
            seen.extend(by_cedar.then_some(question));
        }
        // What is denied is often denied without asking; what is allowed never is allowed so.
        let begin = cpu_seconds();
        allowed += seen.len() as u64;
        let again = seen.iter().all(|(a, b, c, d)| engine.may_see(a, b, c, d));
        allowed_seconds += cpu_seconds() - begin;
        assert!(again, "the same question was answered otherwise");
        loaded_seconds += loaded(&engine, &seen);
    }
    println!(
        "{asked} questions to Cedar, {apart} answered otherwise by the table, {:.2} µs each; {allowed} allowed, {:.2} µs each, \
         {:.2} µs with the slice loaded",
        seconds * 1e6 / asked as f64,
        allowed_seconds * 1e6 / allowed as f64,
        loaded_seconds * 1e6 / (AGAIN * allowed) as f64
    );
}

/// Seconds that decisions about what is allowed take once both people are loaded.
#[cfg(feature = "cedar")]
fn loaded(engine: &averment_access::cedar::Engine, questions: &[&Question]) -> f64 {
    let slices: Vec<_> = questions
        .iter()
        .map(|(viewer, subject, context, element)| (engine.load(viewer, subject, context).unwrap(), element))
        .collect();
    let begin = cpu_seconds();
    for _ in 0..AGAIN {
        let again = slices.iter().all(|(slice, element)| slice.may_see(element));
        assert!(again, "the same question was answered otherwise");
    }
    cpu_seconds() - begin
}

fn per_question(what: &str, begin: f64, asked: u64, seen: usize) {
    let each = (cpu_seconds() - begin) * 1e9 / asked as f64;
    println!("{what}: {each:.1} ns ({asked} questions, {seen} elements seen)");
}

/// Processor time of this process, user and system, in hundredths.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
    ticks / 100.0
}
