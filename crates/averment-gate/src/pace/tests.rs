use super::*;

const SILENCE: Duration = Duration::from_secs(10);

/// How much longer than `waited` seconds a body may take that has brought `come` bytes by then.
fn left(waited: u64, come: usize) -> u64 {
    let mut pace = Pace::new(SILENCE);
    pace.waited = Duration::from_secs(waited);
    pace.came(come);
    pace.left().as_secs()
}

#[test]
fn whoever_is_slow_is_out_of_time_and_whoever_is_not_is_only_bound_in_silence() {
    for (waited, come, expected) in [
        (0, 0, 10),
        (4, 0, 6),
        (10, 0, 0),
        (10, 4_999, 0),
        (10, 7_500, 5),
        (15, 7_500, 0),
        (15, 1_000_000, 10),
        (3_000, 1_000_000, 0),
    ] {
        assert_eq!(left(waited, come), expected, "{come} bytes in {waited} s");
    }
}

#[test]
fn what_may_be_slow_is_bound_in_silence_alone() {
    let mut pace = Pace::new(SILENCE);
    pace.waited = Duration::from_secs(9_999);
    assert_eq!(pace.left(), Duration::ZERO);
    pace.let_be_slow(Duration::from_secs(300));
    assert_eq!(pace.left(), Duration::from_secs(300));
}
