//! How much processor time checking a register takes: 500, 1 000 and 2 000 recipients with three claims each, generated.
//!
//! `cargo run --release -p averment-register --example check_speed`. The last column must stay near 2: the work grows with
//! the register, not with its square. Processor time is what the scheduler counted for this thread (Linux).

use averment_register::{Source, check, compile};

const RECIPIENT: &str = r#"
name = "Helper"
third_parties = []
purpose = "To answer questions of the people who use it."
purposes = ["analytics.product"]
information = "Name, e-mail address, etc., which may incidentally be passed on. No Student Records."
planes = ["gateway"]
role = "processor"
student_records = "none"
countries = ["US"]
said = { document = "list.txt", line = 4 }

[contract]
document = "dpa.pdf"
terms = ["processor_only", "redisclosure_told"]
breach_notice = "PT48H"

[[discloses]]
elements = ["tech.ip_address", "usage.pages"]
subjects = ["student", "visitor"]
basis = ["ferpa.school_official"]

[[claims]]
kind = "never_shares"
sentence = "No Student Records."

[[claims]]
kind = "not_stored"
elements = ["contact.phone"]
sentence = "The telephone number is not stored."

[[claims]]
kind = "retained_for"
elements = ["tech.server_log"]
duration = "P90D"
after = "collection"
sentence = "Logs are kept for 90 days."
"#;

const ORGANISATION: &str = r#"
organisation = "Lantern"

[about]
country = "IE"

[[documents]]
id = "list.txt"
title = "Service providers"
"#;

const LIST: &str = r#"
[[claims]]
kind = "erased_on"
after = "account_deleted"
sentence = "Deleting an account erases everything immediately."

[[claims]]
kind = "performed_every"
activity = "backup"
period = "P7D"
sentence = "Backups are made weekly."
"#;

fn register(recipients: usize) -> Source {
    let mut source = Source::default();
    source.insert("organisation.toml", ORGANISATION);
    source.insert("claims/list.toml", LIST);
    for number in 0..recipients {
        let text = format!("recipient = \"helper-{number}\"\nhosts = [\"h{number}.helper.example\"]{RECIPIENT}");
        source.insert(format!("recipients/helper-{number}.toml"), text);
    }
    source
}

/// Processor time of this thread in seconds.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: f64 = text
        .split(' ')
        .next()
        .and_then(|first| first.parse().ok())
        .unwrap_or(f64::NAN);
    nanoseconds / 1e9
}

#[expect(clippy::print_stdout, reason = "a measuring program prints what it measured")]
fn main() {
    let today = jiff::civil::date(2026, 11, 22);
    println!("recipients  findings  compile s  check s  check/before");
    let mut before = f64::NAN;
    for recipients in [500, 1_000, 2_000] {
        let source = register(recipients);
        let start = processor_seconds();
        let compiled = compile(&source);
        let middle = processor_seconds();
        let checked = check(&source, today);
        let end = processor_seconds();
        assert!(compiled.charter.is_some() && checked.charter.is_some());
        let (first, second) = (middle - start, end - middle);
        let findings = checked.diagnostics.len();
        println!(
            "{recipients:>10}  {findings:>8}  {first:>9.2}  {second:>7.2}  {:>12.1}",
            second / before
        );
        before = second;
    }
}
