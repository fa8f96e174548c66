use super::Shape;

#[test]
fn uuids_and_times_are_told_by_every_byte() {
    let uuid = "0d9b1c3e-5f7a-4b6c-8d2e-9f0a1b2c3d4e";
    assert_eq!(Shape::of(uuid.as_bytes()), Shape::Uuid);
    assert_eq!(Shape::of(uuid.to_uppercase().as_bytes()), Shape::Uuid);
    for at in 0..uuid.len() {
        let mut other = uuid.as_bytes().to_vec();
        other[at] = b'x';
        assert_eq!(Shape::of(&other), Shape::Other, "{at}");
    }
    assert_eq!(Shape::of(&uuid.as_bytes()[..35]), Shape::Other);
}

#[test]
fn times_are_told_with_all_their_parts() {
    for time in [
        "2026-11-03T10:20",
        "2026-11-03 10:20:30",
        "2026-11-03T10:20:30Z",
        "2026-11-03T10:20:30.123Z",
        "2026-11-03T10:20:30,123456789+02:00",
        "2026-11-03t10:20-0500",
    ] {
        assert_eq!(Shape::of(time.as_bytes()), Shape::Time, "{time}");
    }
    for other in [
        "2026-11-03",
        "4026-11-03T10:20:30Z",
        "2026-11-03T10:20:30.1234567890Z",
        "2026-11-03T10:20:30.123Z ada",
        "2026-11-03Tada20:30.123Z",
        "2026-11-03T10:20:30.+02:00",
    ] {
        assert_eq!(Shape::of(other.as_bytes()), Shape::Other, "{other}");
    }
}
