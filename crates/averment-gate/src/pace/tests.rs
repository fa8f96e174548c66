use super::*;

const SILENCE: Duration = Duration::from_secs(10);

/// How much longer a body may take, after steps of so many seconds that so many bytes came behind.
fn left(steps: &[(u64, usize)]) -> u64 {
    let mut pace = Pace::new(SILENCE);
    for (waited, come) in steps {
        pace.waited += Duration::from_secs(*waited);
        pace.came(*come);
    }
    pace.left().as_secs()
}

#[test]
fn every_stretch_of_time_has_to_bring_its_bytes() {
    let cases: [(&[(u64, usize)], u64); 7] = [
        (&[], 10),
        (&[(4, 1)], 6),
        (&[(10, 0)], 0),
        (&[(5, 2_000), (5, 2_000)], 0),
        (&[(5, 2_500), (4, 2_500)], 10),
        // However much came before.
        (&[(1, 8 << 20), (10, 4_999)], 0),
        (&[(1, 8 << 20), (9, 5_000), (3, 9)], 7),
    ];
    for (steps, expected) in cases {
        assert_eq!(left(steps), expected, "{steps:?}");
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
