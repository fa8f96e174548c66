//! The queue wakes the thread for what it waits for, keeps the order, and tells each side when the other is gone.

use averment_ledger::{Deed, Entry, Fault, ReadyEntry};
use tokio::sync::oneshot;

use std::time::Duration;

use super::{BYTES_MAX, Gone, ORDERS_MAX, Order, ROOM_FOR_NOTES, Receiver, Refused, Until, queue};
use crate::journal::answer::Reply;

/// An order whose entry says `text`.
fn write(text: &str, reply: Option<Reply>) -> Order {
    let entry = Entry {
        v: 2,
        at: String::new(),
        charter: String::new(),
        deed: Deed::Fault(Fault { fault: text.to_owned() }),
    };
    let entry = ReadyEntry::new(&entry);
    Order::Write { entry, reply }
}

/// What the entry of an order says.
fn text_of(order: Order) -> String {
    let Order::Write { entry, .. } = order else {
        panic!("not an entry")
    };
    let mut line = Vec::new();
    entry.write_line(&mut line, 0);
    let line = String::from_utf8(line).unwrap();
    let (_, fault) = line.split_once(r#""fault":""#).unwrap();
    fault.split('"').next().unwrap().to_owned()
}

fn is_reached(receiver: &Receiver, until: Until) -> bool {
    receiver.queue.inside().is_reached(until)
}

#[test]
fn orders_are_taken_as_they_were_handed_in() {
    let (sender, mut receiver) = queue();
    sender.send(write("1", None)).unwrap();
    sender.send(write("2", None)).unwrap();
    assert_eq!(receiver.next().map(text_of).as_deref(), Some("1"));
    sender.send(write("3", None)).unwrap();
    assert_eq!(receiver.next().map(text_of).as_deref(), Some("2"));
    assert_eq!(receiver.next().map(text_of).as_deref(), Some("3"));
    assert!(receiver.next().is_none());
}

#[test]
fn each_thing_that_is_waited_for_is_reached_alone() {
    let never = Until {
        orders: usize::MAX,
        waiters: usize::MAX,
        bytes: usize::MAX,
    };
    let (sender, mut receiver) = queue();
    let order = write("12", None);
    let Order::Write { entry, .. } = &order else {
        unreachable!()
    };
    let bytes = entry.json_bytes();
    sender.send(order).unwrap();
    assert!(!is_reached(&receiver, never));
    assert!(is_reached(&receiver, Until { orders: 1, ..never }));
    assert!(is_reached(&receiver, Until { bytes, ..never }));
    assert!(!is_reached(
        &receiver,
        Until {
            bytes: bytes + 1,
            ..never
        }
    ));
    assert!(!is_reached(&receiver, Until { waiters: 1, ..never }));
    sender.send(write("3", Some(oneshot::channel().0.into()))).unwrap();
    assert!(is_reached(&receiver, Until { waiters: 1, ..never }));
    while receiver.next().is_some() {}
    assert!(!is_reached(&receiver, Until::ANY));
    sender.send(Order::Close).unwrap();
    assert!(is_reached(&receiver, never));
}

#[test]
fn who_watches_sees_what_is_put_in_until_it_is_taken() {
    let (sender, mut receiver) = queue();
    assert!(!receiver.watch(Duration::ZERO));
    sender.send(write("1", None)).unwrap();
    assert!(receiver.watch(Duration::ZERO));
    assert!(receiver.next().is_some());
    assert!(!receiver.watch(Duration::ZERO) || receiver.next().is_some());
    assert!(receiver.next().is_none() && !receiver.watch(Duration::ZERO));
}

#[test]
fn a_sleeper_is_woken() {
    let (sender, mut receiver) = queue();
    let sleeper = std::thread::spawn(move || {
        let until = Until {
            orders: 2,
            waiters: 9,
            bytes: 99,
        };
        receiver.sleep(until, None).unwrap();
        [receiver.next(), receiver.next()].map(|order| order.map(text_of))
    });
    sender.send(write("1", None)).unwrap();
    sender.send(write("2", None)).unwrap();
    assert_eq!(sleeper.join().unwrap(), ["1", "2"].map(|one| Some(one.to_owned())));
}

#[test]
fn what_was_handed_in_is_taken_after_the_callers_are_gone() {
    let (sender, mut receiver) = queue();
    sender.send(write("1", None)).unwrap();
    drop(sender);
    receiver.sleep(Until::ANY, None).unwrap();
    assert!(receiver.next().is_some());
    assert!(matches!(receiver.sleep(Until::ANY, None), Err(Gone)));
}

#[test]
fn who_waits_hears_that_the_thread_is_gone() {
    let (sender, receiver) = queue();
    let (reply, answer) = oneshot::channel();
    sender.send(write("1", Some(reply.into()))).unwrap();
    drop(receiver);
    assert!(answer.blocking_recv().is_err());
    assert_eq!(sender.send(write("2", None)), Err(Refused::Gone));
    assert!(sender.send_owed(write("3", None)).is_err());
}

#[test]
fn what_waits_is_bounded_by_number_and_by_bytes() {
    let waited_for = |text: &str| write(text, Some(oneshot::channel().0.into()));
    for (text, most) in [
        ("x".to_owned(), ORDERS_MAX),
        ("x".repeat(60_000), BYTES_MAX / 60_000 + 1),
    ] {
        let (sender, mut receiver) = queue();
        let let_in = (0..ORDERS_MAX + 1).take_while(|_| sender.send(waited_for(&text)).is_ok());
        let let_in = let_in.count();
        assert!(let_in.abs_diff(most) <= 1, "{let_in} of {most}");
        // What nobody waits for finds room, and then none either; the thread can always be asked to end.
        let notes = (0..).take_while(|_| sender.send(write(&text, None)).is_ok()).count();
        assert!(
            notes.abs_diff((ROOM_FOR_NOTES - 1) * most) <= ROOM_FOR_NOTES,
            "{notes} of {most}"
        );
        assert_eq!(
            sender.send_behind(vec![write("1", None)], waited_for("2")),
            Err(Refused::Full)
        );
        assert!(sender.send_owed(write("owed", None)).is_ok());
        assert_eq!(sender.send(Order::Close), Ok(()));
        let taken = std::iter::from_fn(|| receiver.next()).count();
        assert_eq!(taken, let_in + notes + 2);
        assert_eq!(sender.send_behind(vec![write("1", None)], waited_for("2")), Ok(()));
        assert_eq!(
            [receiver.next(), receiver.next()].map(|order| order.map(text_of)),
            ["1", "2"].map(|one| Some(one.to_owned()))
        );
    }
}
