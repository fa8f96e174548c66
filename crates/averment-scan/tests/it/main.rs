//! The scan room from outside.

mod code;
