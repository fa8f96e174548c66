use super::*;

#[tokio::test]
async fn who_finds_no_place_in_time_gets_none_and_places_are_given_back() {
    let room = Room::new(10 * UNIT_BYTES, Duration::from_millis(20));
    let first = room.take(6 * UNIT_BYTES).await.unwrap();
    assert!(room.take(5 * UNIT_BYTES).await.is_none(), "more than is left");
    let second = room.take(4 * UNIT_BYTES).await.unwrap();
    assert!(room.take(1).await.is_none());
    drop((first, second));
    // What is more than everything gets everything.
    let all = room.take(1 << 40).await.unwrap();
    assert!(room.take(1).await.is_none());
    drop(all);
    assert!(room.take(1).await.is_some());
}

#[tokio::test]
async fn only_so_many_are_looked_at_at_once() {
    let room = Room::new(1 << 30, Duration::from_millis(20));
    let mut places = Vec::new();
    while let Some(place) = room.take(1).await {
        places.push(place);
    }
    let processors = std::thread::available_parallelism().map_or(AT_ONCE_MIN, usize::from);
    assert_eq!(places.len(), processors.max(AT_ONCE_MIN));
}
