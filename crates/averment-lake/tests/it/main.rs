//! The lake from outside.

mod lake;
