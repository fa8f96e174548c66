//! Bytes that are not UTF-8 as the code pages of other languages read them, where nothing says which it is.
//!
//! Source: the encoding standard, section 4.

use super::charset::Charset;

/// Where a letter beyond ASCII stands alone: Central Europe, Turkey, old Macintosh.
const OF_SINGLE_LETTERS: [&str; 4] = ["windows-1250", "iso-8859-2", "windows-1254", "macintosh"];
/// Where whole words are beyond ASCII: Cyrillic, Greek, Hebrew, Arabic, and the scripts of East Asia.
const OF_WORDS: [&str; 11] = [
    "windows-1251",
    "koi8-r",
    "ibm866",
    "windows-1253",
    "windows-1255",
    "windows-1256",
    "shift_jis",
    "euc-jp",
    "gb18030",
    "big5",
    "euc-kr",
];

/// The readings that every byte has a meaning in.
pub(super) fn readings(bytes: &[u8]) -> impl Iterator<Item = String> {
    let has_words = bytes.windows(2).any(|pair| pair[0] >= 0x80 && pair[1] >= 0x80);
    let words = OF_WORDS.into_iter().filter(move |_| has_words);
    OF_SINGLE_LETTERS.into_iter().chain(words).filter_map(|name| {
        let decoded = Charset::named(name)?.decode(bytes);
        decoded.whole.then_some(decoded.text)
    })
}
