//! The verifying room: a bundle in, named checks with reasons out, in words for whoever runs a school.
//!
//! Start at [`verify`], which takes the bytes of a bundle and a [`Question`]: what the asker knows from elsewhere.
//! [`Contents::pack`] makes a bundle. The format and the meaning of every check are in `docs/bundle.md`; the command, the page in
//! the browser and the tests use this and nothing else.
//!
//! Nothing here reads a file, a clock or a socket, so it runs where WebAssembly runs. Whatever is in a bundle is hostile until
//! a check has shown otherwise.
//!
//! Invariant: after the first check that fails nothing of the bundle is believed.

mod answer;
mod chain;
mod charter;
mod check;
mod claims;
mod container;
mod documents;
mod files;
mod grades;
mod history;
mod levels;
mod make;
mod manifest;
mod once;
mod proved;
mod question;
mod range;
mod since;
mod times;
mod verify;

pub use answer::{Answer, Outcome, State, Step};
pub use check::{Check, Reason};
pub use container::{Zipped, read_container, write_container};
pub use make::{Contents, ContentsError, LogContents, seal};
pub use manifest::{Level, MANIFEST, Manifest, SCHEMA};
pub use question::{Question, QuestionError};
pub use verify::verify;
