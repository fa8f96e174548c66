//! Prints the findings about a register folder or a page: `cargo run --example check -- PATH`. For work on the rules.

use std::path::Path;

use averment_register::{Source, check, check_page};

#[expect(clippy::print_stdout, clippy::unwrap_used, reason = "a program for work on the rules")]
fn main() {
    let today = jiff::civil::date(2026, 11, 22);
    for path in std::env::args().skip(1) {
        let path = Path::new(&path);
        let findings = if path.is_file() {
            let text = std::fs::read_to_string(path).unwrap();
            check_page(&path.file_name().unwrap().to_string_lossy(), &text, today).unwrap()
        } else {
            check(&Source::read(path).unwrap(), today).diagnostics
        };
        for finding in findings {
            println!("{}", finding.render(""));
        }
    }
}
