//! A stolen data folder against a million candidate addresses that hold all ten thousand members: how many are confirmed
//! without the key (none), and how many with it (all). Then the same after every tenth was forgotten who is in directory,
//! ledger, index and inbox.
//!
//! `cargo run --release -p averment-store --example stolen_folder -- MEMBERS CANDIDATES`.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]
#![expect(clippy::unwrap_used, reason = "a trial that cannot run stops")]
#![expect(clippy::disallowed_methods, reason = "a program reads its arguments")]

#[path = "../tests/it/stolen/attack.rs"]
mod attack;
#[path = "../tests/it/stolen/forgotten.rs"]
mod forgotten;

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
    let place = tempfile::tempdir().unwrap();
    let remains = forgotten::attack_after_forgetting(place.path(), members, candidates);
    println!(
        "{} of them forgotten, {} bytes searched",
        remains.forgotten, remains.bytes
    );
    println!("confirmed without keys:    {}", remains.confirmed);
    println!("forgotten, with the key:   {}", remains.confirmed_with_key);
    println!("others, with the key:      {}", remains.others_with_key);
    println!("requests guessed whole:    {}", remains.bodies_with_key);
    println!("the ledger holds:          {}", remains.holds);
    let holds = spoils.confirmed == 0 && spoils.confirmed_with_key == members;
    let forgets = remains.holds && remains.confirmed == 0 && remains.confirmed_with_key == 0;
    if holds && forgets && remains.others_with_key == members - remains.forgotten {
        std::process::ExitCode::SUCCESS
    } else {
        std::process::ExitCode::FAILURE
    }
}
