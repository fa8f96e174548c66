//! CPU time, and medians of it.

use std::hint::black_box;

const ROUNDS: usize = 5;

/// Nanoseconds of CPU time per call, each the median of rounds that alternate.
pub(crate) fn medians<const N: usize>(deeds: [&dyn Fn() -> u64; N]) -> [f64; N] {
    let mut rounds = [const { Vec::new() }; N];
    for _ in 0..ROUNDS {
        for (deed, rounds) in deeds.iter().zip(&mut rounds) {
            let start = cpu_ns();
            black_box(deed());
            rounds.push((cpu_ns() - start) as f64);
        }
    }
    rounds.map(|mut rounds| {
        rounds.sort_by(f64::total_cmp);
        rounds[ROUNDS / 2]
    })
}

/// The kernel books CPU time at ticks of up to 4 ms: right to a few percent for deeds of a tenth of a second.
fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts CPU time there");
    let spent = stat.split(' ').next().and_then(|spent| spent.parse().ok());
    spent.expect("the first number is the CPU time")
}
