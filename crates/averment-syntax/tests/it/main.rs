//! What is read of source, judged by case files, by properties over any text, and by what the fuzzer once found.

mod any;
mod cases;
mod show;
