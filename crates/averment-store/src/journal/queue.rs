//! What callers have asked for and the journal's thread has not taken yet.
//!
//! The thread takes everything at once and says before it sleeps what it waits for: whoever hands in an order wakes it
//! only when that is there. A wake-up for each order costs more than all else that is done about it.
//!
//! Invariants: orders are taken in the order in which they were handed in, and when one side is gone the other hears of it.
//! However long the disk stands still, what waits is bounded: beyond [`ORDERS_MAX`] or [`BYTES_MAX`] nobody who waits for an
//! answer is let in. There is more room for what nobody waits for: outcomes of intents that were let in must find some. What
//! is owed for such an intent always does: there is one at most for each.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::writer::Order;

/// Most orders in the queue when one that somebody waits for is handed in.
pub(super) const ORDERS_MAX: usize = 8192;
/// Most bytes of their entries then.
pub(super) const BYTES_MAX: usize = 8 << 20;
/// How much more room there is for what nobody waits for.
const ROOM_FOR_NOTES: usize = 4;

/// The side of the callers. Dropping it tells the thread that nothing more comes.
pub(super) struct Sender(Arc<Queue>);

/// The side of the thread. Dropping it drops what was not taken, and with that everybody who waits for it.
pub(super) struct Receiver {
    queue: Arc<Queue>,
    /// What was taken from the queue and not looked at yet.
    taken: VecDeque<Order>,
}

/// The other side is gone.
#[derive(Debug)]
pub(super) struct Gone;

/// Why an order is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// The thread has ended.
    Gone,
    /// The disk does not keep up.
    Full,
}

/// What the thread sleeps for: any of these.
#[derive(Debug, Clone, Copy)]
pub(super) struct Until {
    /// So many orders.
    pub(super) orders: usize,
    /// So many orders that somebody waits for.
    pub(super) waiters: usize,
    /// Entries of so many bytes together.
    pub(super) bytes: usize,
}

impl Until {
    /// Whatever comes.
    pub(super) const ANY: Self = Self {
        orders: 1,
        waiters: 1,
        bytes: 1,
    };
}

#[derive(Default)]
struct Queue {
    inside: Mutex<Inside>,
    filled: Condvar,
    /// Something was put in since this was last cleared: to be looked at without the lock.
    has_news: AtomicBool,
}

#[derive(Default)]
struct Inside {
    orders: VecDeque<Order>,
    waiters: usize,
    bytes: usize,
    /// Among the orders is one that is about more than an entry.
    is_urgent: bool,
    is_sender_gone: bool,
    is_receiver_gone: bool,
    /// Set while the thread sleeps.
    until: Option<Until>,
}

impl Inside {
    fn is_reached(&self, until: Until) -> bool {
        self.is_urgent
            || self.is_sender_gone
            || self.orders.len() >= until.orders
            || self.waiters >= until.waiters
            || self.bytes >= until.bytes
    }

    fn admits(&self, order: &Order) -> Result<(), Refused> {
        let times = match order {
            Order::Write { reply: Some(_), .. } => 1,
            Order::Write { reply: None, .. } => ROOM_FOR_NOTES,
            Order::BeginLog(_) | Order::Close => usize::MAX,
        };
        let is_full = |has: usize, most: usize| has >= most.saturating_mul(times);
        match self {
            _ if self.is_receiver_gone => Err(Refused::Gone),
            _ if is_full(self.orders.len(), ORDERS_MAX) || is_full(self.bytes, BYTES_MAX) => Err(Refused::Full),
            _ => Ok(()),
        }
    }

    fn put(&mut self, order: Order) {
        match &order {
            Order::Write { entry, .. } => {
                self.bytes += entry.json_bytes();
                self.waiters += usize::from(order.is_waited_for());
            }
            Order::BeginLog(_) | Order::Close => self.is_urgent = true,
        }
        self.orders.push_back(order);
    }

    /// Whether the thread sleeps for what is there now. Says so once.
    fn wakes(&mut self) -> bool {
        self.until.is_some_and(|until| self.is_reached(until)) && self.until.take().is_some()
    }
}

/// Both sides of a new queue.
pub(super) fn queue() -> (Sender, Receiver) {
    let queue = Arc::new(Queue::default());
    let receiver = Receiver {
        queue: Arc::clone(&queue),
        taken: VecDeque::new(),
    };
    (Sender(queue), receiver)
}

impl Queue {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Nothing in here panics half way.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Inside)) {
        let mut inside = self.inside();
        change(&mut inside);
        let wakes = inside.wakes();
        self.has_news.store(true, Ordering::Release);
        drop(inside);
        if wakes {
            self.filled.notify_one();
        }
    }
}

impl Sender {
    /// Hands in one order.
    pub(super) fn send(&self, order: Order) -> Result<(), Refused> {
        self.send_behind(Vec::new(), order)
    }

    /// Hands in `order` right behind others that belong to it: all of them or none.
    pub(super) fn send_behind(&self, before: Vec<Order>, order: Order) -> Result<(), Refused> {
        let mut admitted = Ok(());
        self.0.change(|inside| {
            admitted = inside.admits(&order);
            if admitted.is_ok() {
                before.into_iter().for_each(|one| inside.put(one));
                inside.put(order);
            }
        });
        admitted
    }

    /// Hands in an order that is owed for one that was let in: however much waits.
    pub(super) fn send_owed(&self, order: Order) -> Result<(), Gone> {
        let mut is_taken = Ok(());
        self.0.change(|inside| match inside.is_receiver_gone {
            true => is_taken = Err(Gone),
            false => inside.put(order),
        });
        is_taken
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.change(|inside| inside.is_sender_gone = true);
    }
}

impl Receiver {
    /// The next order, if there is one.
    pub(super) fn next(&mut self) -> Option<Order> {
        if self.taken.is_empty() {
            let mut inside = self.queue.inside();
            self.queue.has_news.store(false, Ordering::Relaxed);
            std::mem::swap(&mut inside.orders, &mut self.taken);
            (inside.waiters, inside.bytes, inside.is_urgent) = (0, 0, false);
        }
        self.taken.pop_front()
    }

    /// Puts an order before all others.
    pub(super) fn put_back(&mut self, order: Option<Order>) {
        order.into_iter().for_each(|order| self.taken.push_front(order));
    }

    /// How many wait for something that is not taken yet.
    pub(super) fn waiters(&self) -> usize {
        let left = self.taken.iter().filter(|order| order.is_waited_for()).count();
        left + self.queue.inside().waiters
    }

    /// Looks again and again, for `wait` at most, whether something is put in: a thread that sleeps is back later than
    /// that. Gives whether it was.
    pub(super) fn watch(&self, wait: Duration) -> bool {
        let begun = Instant::now();
        while !self.queue.has_news.load(Ordering::Acquire) {
            if begun.elapsed() >= wait {
                return false;
            }
            std::hint::spin_loop();
        }
        true
    }

    /// Sleeps until what is asked for is in the queue, for `wait` at most when that is given. Everything that was taken
    /// must have been looked at.
    pub(super) fn sleep(&self, until: Until, wait: Option<Duration>) -> Result<(), Gone> {
        let end = wait.map(|wait| Instant::now() + wait);
        let mut inside = self.queue.inside();
        while !inside.is_reached(until) {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) {
                break;
            }
            inside.until = Some(until);
            let filled = &self.queue.filled;
            inside = match left {
                None => filled.wait(inside).unwrap_or_else(PoisonError::into_inner),
                Some(left) => {
                    filled
                        .wait_timeout(inside, left)
                        .unwrap_or_else(PoisonError::into_inner)
                        .0
                }
            };
        }
        inside.until = None;
        let is_over = inside.is_sender_gone && inside.orders.is_empty();
        if is_over { Err(Gone) } else { Ok(()) }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut inside = self.queue.inside();
        inside.is_receiver_gone = true;
        let left = std::mem::take(&mut inside.orders);
        // Outside the lock: it wakes whoever waits.
        drop(inside);
        drop(left);
    }
}

#[cfg(test)]
mod tests;
