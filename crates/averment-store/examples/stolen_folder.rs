//! A stolen data folder against a million candidate addresses that hold all ten thousand members: how many are confirmed
//! without the key (none), and how many with it (all).
//!
//! `cargo run --release -p averment-store --example stolen_folder -- MEMBERS CANDIDATES`.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, reason = "a trial that cannot run stops")]
#![expect(clippy::disallowed_methods, reason = "a program reads its arguments")]

#[path = "../tests/it/stolen/attack.rs"]
mod attack;

fn main() -> std::process::ExitCode {
    let number = |position, usual| {
        std::env::args()
            .nth(position)
            .map_or(usual, |text| text.parse().unwrap())
    };
    let (members, candidates) = (number(1, 10_000), number(2, 1_000_000));
    let place = tempfile::tempdir().unwrap();
    let spoils = attack::attack(place.path(), members, candidates);
    println!(
        "{members} members, {candidates} candidates, {} bytes searched",
        spoils.bytes
    );
    println!("confirmed without the key: {}", spoils.confirmed);
    println!("confirmed with the key:    {}", spoils.confirmed_with_key);
    let holds = spoils.confirmed == 0 && spoils.confirmed_with_key == members;
    if holds {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}
