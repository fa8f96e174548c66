//! The corpus: fictional people planted in messages in every way that the tables list, and look-alikes of them.
//!
//! Start at [`check`]. Everything is made from a seed, so that a miss can be made again. The encoders are written from the
//! standards and share nothing with the rooms that undo them, but for compression, whose encoders are those of the crates.

mod benign;
mod binary;
mod formats;
mod pack;
mod people;
mod place;
mod random;
mod rare;
mod request;
mod rows;
mod spell;
mod text;

use averment_detect::{Directory, Inspection, Whose};

use crate::run::Step;
use benign::LOOK_ALIKES;
use people::People;
use random::Random;
use rows::{Class, Row};

/// What a run of CI looks at.
pub(crate) const COUNT: u64 = 20_000;
/// The corpus that everybody talks of.
pub(crate) const SEED: u64 = 20_261_122;

const PEOPLE: u32 = 400;
/// Misses and touches of each row that are shown.
const SHOWN: usize = 3;
/// One look-alike for so many planted.
const PLANTED_PER_LOOK_ALIKE: u64 = 4;

/// What became of the messages of one row.
#[derive(Default)]
struct Tally {
    planted: u64,
    missed: u64,
    /// Found, and somebody else as well or instead.
    others: u64,
    examples: Vec<String>,
}

impl Tally {
    fn note(&mut self, example: impl FnOnce() -> String) {
        if self.examples.len() < SHOWN {
            self.examples.push(example());
        }
    }
}

/// Makes `count` messages with somebody in them and a quarter as many without, looks at each and prints one line a row.
///
/// # Errors
/// An identifier of a row of class certain is missed, more than 1 % of those of class harder, somebody is taken for
/// another, or more than 0.1 % of the look-alikes are touched.
pub(crate) fn check(seed: u64, count: u64) -> Step {
    let people = People::random(seed, PEOPLE);
    let directory = people.directory()?;
    let rows = rows::rows();
    let planted = planted(seed, count, &people, &directory, &rows);
    let benign = benign(seed, count / PLANTED_PER_LOOK_ALIKE, &people, &directory);
    print(&rows, &planted, &benign);
    verdict(&rows, &planted, &benign)
}

fn planted(seed: u64, count: u64, people: &People, directory: &Directory, rows: &[Row]) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = rows.iter().map(|_| Tally::default()).collect();
    for index in 0..count {
        let mut random = Random::of(seed, index);
        let at = (index % rows.len() as u64) as usize;
        let (row, tally) = (&rows[at], &mut tallies[at]);
        let person = random.pick(&people.all);
        let made = rows::make(row, person, &mut random);
        let inspection = made.request.inspect(directory);
        let found = found(&inspection);
        tally.planted += 1;
        let shown = || format!("{index}: {}: {}", made.way.join(" / "), shown(&made.request));
        if !found.contains(&made.person) {
            tally.missed += 1;
            tally.note(|| format!("missed {}", shown()));
        }
        if found.iter().any(|number| *number != made.person) {
            tally.others += 1;
            tally.note(|| format!("somebody else {}", shown()));
        }
    }
    tallies
}

fn benign(seed: u64, count: u64, people: &People, directory: &Directory) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = LOOK_ALIKES.iter().map(|_| Tally::default()).collect();
    for index in 0..count {
        let mut random = Random::of(!seed, index);
        let at = (index % LOOK_ALIKES.len() as u64) as usize;
        let (request, text) = benign::make(&LOOK_ALIKES[at], people, &mut random);
        let inspection = request.inspect(directory);
        let tally = &mut tallies[at];
        tally.planted += 1;
        if !inspection.findings.is_empty() || !inspection.unreadable.is_empty() {
            tally.missed += 1;
            let elements: Vec<&str> = inspection.findings.iter().map(|found| found.element.as_str()).collect();
            let reasons: Vec<&str> = inspection.unreadable.iter().map(|hole| hole.because.as_str()).collect();
            tally.note(|| format!("{index}: `{text}` as {elements:?}{reasons:?}: {}", shown(&request)));
        }
    }
    tallies
}

fn found(inspection: &Inspection) -> Vec<u32> {
    let person = |found: &averment_detect::Finding| match found.whose {
        Whose::Person { number, .. } => Some(number.0),
        Whose::Unknown => None,
    };
    inspection.findings.iter().filter_map(person).collect()
}

/// The message in one line; its people are fictional.
fn shown(request: &request::Request) -> String {
    let headers = request.headers.iter();
    let headers: Vec<String> = headers
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value)))
        .collect();
    let body = String::from_utf8_lossy(&request.body[..request.body.len().min(300)]);
    format!("{} {headers:?} {body:?}", request.target)
}

fn print(rows: &[Row], planted: &[Tally], benign: &[Tally]) {
    println!(
        "{:<44} {:<8} {:>8} {:>8} {:>7}",
        "encoding", "class", "planted", "found", "missed"
    );
    for (row, tally) in rows.iter().zip(planted) {
        let found = tally.planted - tally.missed;
        println!(
            "{:<44} {:<8} {:>8} {found:>8} {:>7}",
            row.name,
            row.class.as_str(),
            tally.planted,
            tally.missed
        );
        if row.class != Class::NotRead || tally.others > 0 {
            tally.examples.iter().for_each(|example| println!("    {example}"));
        }
    }
    println!("\n{:<53} {:>8} {:>16}", "look-alike", "made", "touched");
    for (like, tally) in LOOK_ALIKES.iter().zip(benign) {
        println!("{:<53} {:>8} {:>16}", like.name, tally.planted, tally.missed);
        tally.examples.iter().for_each(|example| println!("    {example}"));
    }
}

fn verdict(rows: &[Row], planted: &[Tally], benign: &[Tally]) -> Step {
    let sum = |class: Class| {
        let of_class = rows.iter().zip(planted).filter(|(row, _)| row.class == class);
        of_class.fold((0, 0), |(all, missed), (_, tally)| {
            (all + tally.planted, missed + tally.missed)
        })
    };
    let made: u64 = benign.iter().map(|tally| tally.planted).sum();
    let touched: u64 = benign.iter().map(|tally| tally.missed).sum();
    let others: u64 = planted.iter().map(|tally| tally.others).sum();
    println!();
    for class in [Class::Deterministic, Class::Harder, Class::NotRead] {
        let count = rows.iter().filter(|row| row.class == class).count();
        let (all, missed) = sum(class);
        println!(
            "{:<9} {count} encodings, {all} planted, {missed} missed",
            class.as_str()
        );
    }
    println!("look-alikes {made}, touched {touched}; taken for somebody else {others}");
    let (_, leaks) = sum(Class::Deterministic);
    let (hard, hard_missed) = sum(Class::Harder);
    if leaks > 0 || hard_missed * 100 > hard || touched * 1000 > made || others > 0 {
        return Err("the corpus does not hold".to_owned());
    }
    Ok(())
}
