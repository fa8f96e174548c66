use super::*;

#[test]
fn what_is_dropped_is_given_back() {
    let gauge = Gauge::default();
    let first = gauge.take(3, 4).unwrap();
    assert!(gauge.take(2, 4).is_none());
    let mut second = gauge.take(1, 4).unwrap();
    assert!(!second.grow(1, 4) && !second.grow(usize::MAX, usize::MAX));
    drop(first);
    assert!(second.grow(3, 4));
    let bytes = second.bind(Bytes::from_static(b"four"));
    let copy = bytes.slice(1..);
    drop(bytes);
    assert!(gauge.take(1, 4).is_none());
    drop(copy);
    assert!(gauge.take(4, 4).is_some());
}
