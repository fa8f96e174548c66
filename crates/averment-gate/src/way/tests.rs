use std::sync::Arc;

use super::Arrival;
use crate::gate::Shared;

/// Bytes of what `deed` gives.
fn size<A, F: Future>(_deed: impl FnOnce(A) -> F) -> usize {
    size_of::<F>()
}

fn answering() -> usize {
    size(|(shared, arrival): (&'static Arc<Shared>, Arrival)| shared.answer(arrival))
}

fn walking() -> usize {
    size(|(shared, arrival): (&'static Arc<Shared>, Arrival)| shared.walk(arrival))
}

#[test]
fn what_is_moved_with_every_request_is_small() {
    // Whatever holds the future of an answer moves it: the connection's task, the metrics, what catches panics.
    assert!(answering() <= 2 << 10, "{} bytes", answering());
    // Few requests are streams, conversations or refusals: they have a place of their own.
    assert!(walking() <= 6 << 10, "{} bytes", walking());
}
