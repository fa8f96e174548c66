//! The register room from outside: case files (text in, text out), and properties that hold for all text.
//!
//! A case is a file under `cases/`: `-- name --` lines part it into sections. To rewrite the expected sections, run the
//! tests with `REWRITE_CASES=1` and read the diff.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its case has failed")]

mod case;
mod compile_cases;
mod diff;
mod example;
mod format;
mod import_cases;
mod interchange;
mod lint_cases;
mod properties;
mod read;
mod statements;
mod write;
