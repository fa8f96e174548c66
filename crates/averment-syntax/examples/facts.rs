//! Shows what is read of a file: `cargo run -p averment-syntax --example facts -- FILE`.
#![expect(clippy::print_stdout, reason = "an example shows what it found")]

#[path = "../tests/it/show.rs"]
mod show;

#[expect(clippy::disallowed_methods, reason = "an example is a binary")]
fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let source = std::fs::read_to_string(&path)?;
        let facts = averment_syntax::facts(averment_syntax::Language::of_path(&path), &source);
        println!("{}", show::show(&source, &facts));
    }
    Ok(())
}
