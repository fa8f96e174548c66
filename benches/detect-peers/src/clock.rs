//! CPU time of this thread.

use std::hint::black_box;

/// Nanoseconds of CPU time that `deed` takes: the median of `rounds`. The kernel books ticks of up to 4 ms, so deeds should
/// take a tenth of a second or more.
pub(crate) fn median_ns(rounds: usize, mut deed: impl FnMut() -> usize) -> f64 {
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let start = cpu_ns();
            black_box(deed());
            (cpu_ns() - start) as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

fn cpu_ns() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux counts CPU time there");
    let spent = stat.split(' ').next().and_then(|spent| spent.parse().ok());
    spent.expect("the first number is the CPU time")
}
