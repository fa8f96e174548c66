//! Panics of the one way: whatever panics while a request is answered becomes an answer of the gate's own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// What `work` gives; none when it panicked. What it held is dropped, and with that settled: nothing is taken up again.
pub(super) async fn caught<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut panicked = false;
    std::future::poll_fn(|cx| {
        if panicked {
            return Poll::Ready(None);
        }
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => {
                panicked = true;
                Poll::Ready(None)
            }
        }
    })
    .await
}
