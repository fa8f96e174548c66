//! Work that a signal may end: the signal is asked when it has rung, and not with every turn of the work.
//!
//! A connection is turned to several times for every request, and what may end it is shared by all connections: asking each
//! time whether it is there cost more than all else about it.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// What `work` gives; none when `signal` came first.
pub(super) async fn unless<T>(work: impl Future<Output = T>, signal: impl Future<Output = ()>) -> Option<T> {
    let (mut work, mut signal) = (pin!(work), pin!(signal));
    let bell = Arc::new(Bell::default());
    let ringing = Waker::from(Arc::clone(&bell));
    std::future::poll_fn(|cx| {
        bell.wakes(cx.waker());
        if bell.has_rung() && signal.as_mut().poll(&mut Context::from_waker(&ringing)).is_ready() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(cx).map(Some)
    })
    .await
}

/// Rung when the signal is to be asked. Rung from the beginning, so that it is asked once.
struct Bell {
    has_rung: AtomicBool,
    /// Whom it wakes.
    task: Mutex<Option<Waker>>,
}

impl Default for Bell {
    fn default() -> Self {
        Self {
            has_rung: AtomicBool::new(true),
            task: Mutex::default(),
        }
    }
}

impl Bell {
    /// Before it is asked whether it has rung: a ring after that wakes `task`, one before is seen.
    fn wakes(&self, task: &Waker) {
        let mut kept = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.as_mut() {
            Some(kept) => kept.clone_from(task),
            None => *kept = Some(task.clone()),
        }
    }

    fn has_rung(&self) -> bool {
        self.has_rung.load(Ordering::Acquire) && self.has_rung.swap(false, Ordering::AcqRel)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.has_rung.store(true, Ordering::Release);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests;
