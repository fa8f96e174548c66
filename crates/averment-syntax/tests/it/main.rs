//! What is read of source, judged by case files and by properties over any text.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

mod any;
mod cases;
mod show;
