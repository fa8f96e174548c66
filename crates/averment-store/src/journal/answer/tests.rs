//! Everybody in a group is told, whoever of them still waits.

use super::*;

type Heard = oneshot::Receiver<Result<Recorded, JournalError>>;

fn waiting(count: u64) -> (Vec<(Reply, u64)>, Vec<Heard>) {
    let pair = |number| {
        let (reply, heard) = oneshot::channel();
        ((reply.into(), number), heard)
    };
    (0..count).map(pair).unzip()
}

fn number(heard: &mut Heard) -> Option<u64> {
    heard.try_recv().ok()?.ok().map(|recorded| recorded.number)
}

#[test]
fn all_are_told_their_own_number() {
    for count in [1, 2, 32, 33, 1000] {
        let (mut told, mut heard) = waiting(count);
        let left = tell(&mut told);
        assert_eq!(left.len(), (count as usize + TOGETHER - 2) / TOGETHER, "{count}");
        let numbers: Vec<_> = heard.iter_mut().map(number).collect();
        assert_eq!(numbers, (0..count).map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn those_who_left_keep_nobody_from_being_told() {
    let (mut told, mut heard) = waiting(100);
    // One left before the answer, another one after it and before it looked.
    drop(heard.remove(0));
    drop(tell(&mut told));
    drop(heard.remove(31));
    let numbers: Vec<_> = heard.iter_mut().filter_map(number).collect();
    let expected: Vec<u64> = (1..100).filter(|number| *number != 32).collect();
    assert_eq!(numbers, expected);
}

#[test]
fn one_who_does_not_look_keeps_the_others_waiting_for_a_moment_only() {
    let (mut told, mut heard) = waiting(10);
    let left = tell(&mut told);
    let mut first = heard.remove(0);
    assert!(heard.iter_mut().all(|heard| number(heard).is_none()));
    left.iter().for_each(|untold| untold.tell());
    let numbers: Vec<_> = heard.iter_mut().filter_map(number).collect();
    assert_eq!(numbers, (1..10).collect::<Vec<_>>());
    assert_eq!(number(&mut first), Some(0));
}
