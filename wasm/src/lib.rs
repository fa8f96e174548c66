//! The verifying room for a page: two texts in, one out, over the memory of the module.
//!
//! The page calls [`prepare`] for the question (slot 0, JSON) and the bundle (slot 1, bytes) and writes each to the address it
//! gets; then [`check`], which gives the length of the answer, and [`answer`], which gives its address. The answer is
//! `averment.verification/1`, or an object with `error`.

use std::cell::RefCell;

use averment_verify::{Question, verify};
use serde::Deserialize;

thread_local! {
    static SLOTS: RefCell<[Vec<u8>; 3]> = const { RefCell::new([Vec::new(), Vec::new(), Vec::new()]) };
}

const QUESTION: usize = 0;
const BUNDLE: usize = 1;
const ANSWER: usize = 2;

/// What the page asks, with the time of its clock.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    now: String,
    #[serde(default)]
    keys: Vec<String>,
    #[serde(default)]
    since: Option<String>,
    #[serde(default)]
    witnesses: Vec<String>,
    #[serde(default)]
    school: Option<String>,
}

/// Makes room for `length` bytes in a slot and gives their address; 0 for a slot that does not exist.
#[expect(unsafe_code, reason = "the attribute exports the name; nothing is dereferenced")]
#[unsafe(no_mangle)]
pub extern "C" fn prepare(slot: usize, length: usize) -> *mut u8 {
    SLOTS.with_borrow_mut(|slots| match slots[..ANSWER].get_mut(slot) {
        Some(slot) => {
            *slot = vec![0; length];
            slot.as_mut_ptr()
        }
        None => std::ptr::null_mut(),
    })
}

/// Checks the bundle and gives the length of the answer.
#[expect(unsafe_code, reason = "the attribute exports the name; nothing is dereferenced")]
#[unsafe(no_mangle)]
pub extern "C" fn check() -> usize {
    SLOTS.with_borrow_mut(|slots| {
        let answered = question(&slots[QUESTION]).map(|question| verify(&slots[BUNDLE], &question).json());
        let text = answered.unwrap_or_else(|error| serde_json::json!({ "error": error }).to_string());
        slots[ANSWER] = text.into_bytes();
        slots[ANSWER].len()
    })
}

/// The address of the answer.
#[expect(unsafe_code, reason = "the attribute exports the name; nothing is dereferenced")]
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> *const u8 {
    SLOTS.with_borrow(|slots| slots[ANSWER].as_ptr())
}

fn question(json: &[u8]) -> Result<Question, String> {
    let asked: Asked = serde_json::from_slice(json).map_err(|_| "the page asked no question".to_owned())?;
    let now = asked.now.parse().map_err(|_| "the clock of this machine gives no time".to_owned())?;
    let mut question = Question::new(now);
    for key in asked.keys.iter().filter(|key| !key.trim().is_empty()) {
        question = question.key(key).map_err(|error| error.to_string())?;
    }
    for key in asked.witnesses.iter().filter(|key| !key.trim().is_empty()) {
        question = question.witness(key).map_err(|error| error.to_string())?;
    }
    if let Some(since) = asked.since {
        question = question.since(since);
    }
    Ok(match asked.school {
        Some(school) => question.school(school),
        None => question,
    })
}
