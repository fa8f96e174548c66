//! The decision room from outside: cases as text files, a second evaluator, and what must hold for any register.

mod cases;
mod properties;
mod reach;
mod school;
mod world;
