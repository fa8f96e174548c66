//! Who may see what of whom.
//!
//! Start at [`Access`]: a charter's `visible_to` and `hidden_from` claims and what schools hide, compiled to a table that
//! answers who may see which element of whom. The same rules are shown as a matrix ([`matrix`]) and proved ([`prove`]).
//! Nothing here reads a file, a clock or a socket. The feature `symbolic` starts a solver, a program that is named to it.
//!
//! Invariants: what nothing says is hidden; what hides wins over what shows, but for its exceptions; more facts never show
//! less; the school comes from the entry of a person, never from the question; an error denies.
//!
//! Source: GDPR Art. 25(2); FERPA 34 CFR 99.3, 99.4, 99.5, 99.31(a)(1), 99.31(a)(11), 99.37.

mod access;
pub mod authzen;
pub mod cedar;
mod element_set;
mod fact;
mod kind;
pub mod matrix;
mod person;
pub mod prove;
mod relation;
mod rules;
pub mod sql;
mod table;
mod viewer;

pub use access::{Access, Decision};
pub use element_set::ElementSet;
pub use fact::{FACTS_MAX, Fact, FactIndex, FactSet};
pub use kind::Kind;
pub use person::{Context, Part, Person, Role, Schools};
pub use relation::{facts, relations};
pub use rules::{Effect, Rule, Rules, RulesError};
pub use table::Table;
pub use viewer::{RECIPIENT, Viewer};
