use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use tokio_util::sync::CancellationToken;

use super::unless;

/// Work of so many turns, each of which it asks for itself.
async fn turns(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn work_ends_by_itself_and_its_signal_is_asked_once() {
    let asked = AtomicUsize::new(0);
    let signal = std::future::poll_fn(|_| {
        asked.fetch_add(1, Ordering::Relaxed);
        Poll::Pending
    });
    assert_eq!(unless(turns(50), signal).await, Some(()));
    assert_eq!(asked.into_inner(), 1);
}

#[tokio::test]
async fn a_signal_that_was_there_before_ends_work_before_it_begins() {
    let token = CancellationToken::new();
    token.cancel();
    let begun = AtomicUsize::new(0);
    let work = async { begun.fetch_add(1, Ordering::Relaxed) };
    assert_eq!(unless(work, token.cancelled()).await, None);
    assert_eq!(begun.into_inner(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signal_from_another_thread_ends_work_that_waits_and_work_that_is_busy() {
    for _ in 0..200 {
        let token = CancellationToken::new();
        let (waiting, busy) = (token.clone(), token.clone());
        let waiting = tokio::spawn(async move { unless(std::future::pending::<()>(), waiting.cancelled()).await });
        let busy = tokio::spawn(async move { unless(turns(usize::MAX), busy.cancelled()).await });
        tokio::task::yield_now().await;
        token.cancel();
        assert_eq!((waiting.await.unwrap(), busy.await.unwrap()), (None, None));
    }
}

/// The task that is woken is the one that asked last.
#[tokio::test]
async fn work_that_moves_to_another_task_is_still_ended() {
    let token = CancellationToken::new();
    let signal = token.clone();
    let mut work = Box::pin(async move { unless(std::future::pending::<()>(), signal.cancelled()).await });
    let first = Arc::new(AtomicUsize::new(0));
    let turned = std::future::poll_fn(|cx| {
        first.fetch_add(1, Ordering::Relaxed);
        assert!(work.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    });
    turned.await;
    let moved = tokio::spawn(work);
    tokio::task::yield_now().await;
    token.cancel();
    assert_eq!(moved.await.unwrap(), None);
    assert_eq!(first.load(Ordering::Relaxed), 1);
}
