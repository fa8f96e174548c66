use averment_detect::DirectoryKey;

use super::*;

#[test]
fn what_cannot_be_read_among_values_looked_at_together_is_counted() {
    let directory = Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []);
    let mut looking = Looking::new(&directory, None);
    looking.limits.layers_max = 0;
    let place = looking.name("notes.body".to_owned());
    looking.value(place, "plain words", false, false);
    // Words in base64, which nothing may unwrap here.
    looking.value(
        place,
        "YSBsb25nZXIgdGV4dCB0aGF0IHNvbWVib2R5IHdyb3RlIGluIGJhc2U2NA==",
        false,
        false,
    );
    let mut swept = Swept::default();
    looking.end(&mut swept);
    assert_eq!((swept.looked, swept.unreadable), (2, 1));
}
