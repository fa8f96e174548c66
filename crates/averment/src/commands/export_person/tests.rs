//! What becomes of texts that may name others.

use averment_detect::{Directory, DirectoryKey, Limits};

use super::mask;

#[test]
fn a_text_that_cannot_be_read_whole_is_left_out() {
    let directory = Directory::new(DirectoryKey::new([7; 32]), Vec::new(), Vec::new());
    let short = mask("my own map", &directory, None);
    assert_eq!(short.text.as_deref(), Some("my own map"));
    let most = Limits::default().body_max_bytes;
    let long = mask(&"my own map ".repeat(most / 11 + 2), &directory, None);
    assert_eq!((long.text, long.others), (None, 0));
}
