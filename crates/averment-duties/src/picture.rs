//! Pictures: what they say beside their pixels is read like any text, what they show nobody reads.

use averment_detect::{Inspection, UnreadableBecause, strip_metadata};

/// Whether `bytes` are a picture, and its pixels are all that could not be read of it.
pub(crate) fn all_but_pixels_read(inspection: &Inspection, bytes: &[u8]) -> bool {
    let [hole] = inspection.unreadable.as_slice() else {
        return false;
    };
    hole.because == UnreadableBecause::UnknownFormat && strip_metadata(bytes).is_some()
}
