use std::sync::Arc;

use super::Arrival;
use crate::gate::Shared;
use crate::load::Entered;

/// Bytes of what `deed` gives.
fn size<A, F: Future>(_deed: impl FnOnce(A) -> F) -> usize {
    size_of::<F>()
}

fn answering() -> usize {
    size(|(shared, arrival, entered): (&'static Arc<Shared>, Arrival, Entered)| shared.answer(arrival, entered))
}

fn walking() -> usize {
    size(|(shared, arrival, entered): (&'static Arc<Shared>, Arrival, Entered)| shared.walk(arrival, entered))
}

#[test]
fn what_is_moved_with_every_request_is_small() {
    // Whatever holds the future of an answer moves it: the connection's task, the metrics, what catches panics.
    assert!(answering() <= 2 << 10, "{} bytes", answering());
    // Few requests are streams, conversations or refusals: they have a place of their own.
    assert!(walking() <= 6 << 10, "{} bytes", walking());
}
