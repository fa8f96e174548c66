//! What publishing costs: registers of 100, 500 and 2,000 recipients, every file of the site made in memory.
//!
//! `cargo bench -p averment-publish` prints the processor time of this process per register (Linux: `/proc/self/stat`), and
//! the cost per recipient, which stays the same when cost is linear. The target is 3 s for 2,000.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops at the first surprise"
)]

use std::fmt::Write as _;

use averment_claims::{EvidenceByClaim, Watched, grade};
use averment_publish::{Meta, Previous, Site};
use averment_register::{Charter, Source, compile};
use jiff::SignedDuration;

fn main() {
    println!("recipients  files      bytes   grade    site  total s  ms each");
    for count in [100, 500, 2_000] {
        measure(count);
    }
}

fn measure(count: usize) {
    let charter = charter(count);
    let begin = cpu_seconds();
    let now = "2026-11-21T12:00:00Z".parse().unwrap();
    let graded = grade(&charter, &EvidenceByClaim::default(), now);
    let after_grade = cpu_seconds();
    let window = SignedDuration::from_hours(720);
    let meta = Meta {
        generated_at: now,
        live: false,
        notice: None,
        history: averment_claims::History::keeping(20),
        watched: Watched {
            window,
            watched: window,
            since_begun: window,
        },
    };
    let previous = Previous::of_register(&charter);
    let files = Site::new(&charter, &graded, &meta, Some(&previous)).files();
    let end = cpu_seconds();
    let bytes: usize = files.values().map(Vec::len).sum();
    let total = end - begin;
    println!(
        "{count:>10} {:>6} {bytes:>10} {:>7.2} {:>7.2} {total:>8.2} {:>8.3}",
        files.len(),
        after_grade - begin,
        end - after_grade,
        total * 1_000.0 / count as f64,
    );
}

/// A register of `count` recipients, each with two rows, two claims and a contract; every tenth runs on another.
fn charter(count: usize) -> Charter {
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        "organisation = \"Lernwerk (fictional)\"\n[about]\nlanguage = \"en\"\n",
    );
    for number in 0..count {
        source.insert(format!("recipients/r{number}.toml"), recipient(number));
    }
    source.insert(
        "claims/list.toml",
        "[[claims]]\nkind = \"list_complete\"\nsentence = \"There is nobody else.\"\n",
    );
    compile(&source).charter.unwrap()
}

fn recipient(number: usize) -> String {
    let planes = ["gateway", "browser", "mail"][number % 3];
    let mut text = format!(
        "recipient = \"r{number}\"\nname = \"Recipient {number}\"\nthird_parties = []\npurpose = \"To do the work of number {number}.\"\n\
         purposes = [\"service.support\"]\ninformation = \"The e-mail address of those who ask.\"\nplanes = [\"{planes}\"]\n\
         role = \"processor\"\nstudent_records = \"possible\"\nhosts = [\"api.r{number}.example\", \"*.r{number}.example\"]\n\
         countries = [\"IE\"]\n"
    );
    if number % 10 == 1 {
        _ = writeln!(text, "runs_on = [\"r{}\"]", number - 1);
    }
    text + "[contract]\nterms = [\"processor_only\", \"no_training\"]\ndeletion = \"P30D\"\n\
            [[discloses]]\nelements = [\"contact.email\", \"identity.name.full\"]\nsubjects = [\"student\", \"teacher\"]\nwhen = \"on_support_request\"\n\
            [[discloses]]\nelements = [\"tech\"]\nsubjects = [\"visitor\"]\n\
            [[claims]]\nkind = \"never_shares\"\nelements = [\"demographic\", \"finance\"]\nsubjects = [\"student\"]\nsentence = \"No sensitive data.\"\n\
            [[claims]]\nkind = \"retained_for\"\nduration = \"P90D\"\nafter = \"collection\"\nsentence = \"Kept for 90 days.\"\n"
}

/// Processor time of this process in user and system mode: fields 14 and 15, in hundredths of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |field: usize| fields[field - 3].parse::<f64>().unwrap();
    (ticks(14) + ticks(15)) / 100.0
}
