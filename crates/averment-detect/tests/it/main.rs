//! The detection room from outside: case files, planted identifiers, look-alikes, properties, bombs.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod at_once;
mod benign;
mod binary;
mod bombs;
mod cases;
mod decoders;
mod documents;
mod evasions;
mod explosives;
mod files;
mod formats;
mod fuzzed;
mod identifiers;
mod json;
mod kinds;
mod met;
mod names;
mod overlay;
mod own;
mod pack;
mod patterns;
mod people;
mod planted;
mod properties;
mod rare;
mod stacks;
mod treatments;
mod wrap;
