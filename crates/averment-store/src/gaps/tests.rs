//! Gaps of short histories.

use averment_ledger::{CharterLoaded, Heartbeat, Watch};

use super::*;

/// What a history says: seconds after noon, and one word per entry.
fn found(history: &[(i64, &str)], now: i64) -> Vec<(&'static str, i64, Option<i64>, u64)> {
    let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
    let at = |second: i64| noon + SignedDuration::from_secs(second);
    let mut fold = GapFold::new(SignedDuration::from_secs(120));
    for ((second, word), index) in history.iter().zip(0..) {
        let deed = match *word {
            "begun" | "ended" => Deed::Watch(Watch {
                watch: (*word).to_owned(),
                version: "1".into(),
                ..Watch::default()
            }),
            "charter" => Deed::Charter(CharterLoaded {
                recipients: 1,
                claims: 1,
            }),
            _ => Deed::Heartbeat(Heartbeat { up_s: 1 }),
        };
        let entry = Entry {
            v: 2,
            at: at(*second).to_string(),
            charter: String::new(),
            deed,
        };
        fold.push(index, &entry);
    }
    let since = |at: Timestamp| at.duration_since(noon).as_secs();
    let gaps = fold.finish(at(now)).into_iter();
    gaps.map(|gap| (gap.kind.as_str(), since(gap.from), gap.until.map(since), gap.after))
        .collect()
}

#[test]
fn a_gate_that_watches_and_beats_leaves_no_gap() {
    let history = [
        (0, "charter"),
        (1, "begun"),
        (61, "beat"),
        (130, "beat"),
        (140, "charter"),
    ];
    assert_eq!(found(&history, 200), []);
}

#[test]
fn stops_crashes_silence_and_clocks_are_told_apart() {
    let history = [
        (1, "begun"),
        (10, "ended"),
        (20, "charter"),
        (21, "begun"),
        (60, "beat"),
        // Cut off; the next start reads its charter first.
        (500, "charter"),
        (501, "begun"),
        (800, "beat"),
        (700, "beat"),
        (710, "ended"),
    ];
    let expected = [
        ("stopped", 10, Some(21), 1),
        ("cut_off", 60, Some(501), 4),
        ("silent", 501, Some(800), 6),
        ("clock_back", 800, Some(700), 7),
        ("stopped", 710, None, 9),
    ];
    assert_eq!(found(&history, 2000), expected);
}

#[test]
fn a_watch_that_goes_silent_is_told_while_it_lasts() {
    assert_eq!(found(&[(0, "begun"), (50, "beat")], 100), []);
    assert_eq!(found(&[(0, "begun"), (50, "beat")], 200), [("silent", 50, None, 1)]);
}
