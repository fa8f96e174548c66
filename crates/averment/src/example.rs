//! The bundled example: a register of Code.org's 44 service providers in our own words, and a few fictional people.

use averment_register::Source;

include!(concat!(env!("OUT_DIR"), "/example.rs"));

/// The example's people: none of them exists, all live at `.example`.
pub(crate) const PEOPLE: &str = include_str!("../../../examples/people.csv");

/// What its page says first: nobody may take it for the real thing.
pub(crate) const NOTICE: &str = "This is an example: the people are invented, a built-in server stands in for every company \
                                 named, and the published sentences are retold. It says nothing about Code.org or these \
                                 companies.";

/// The files of the example register.
pub(crate) fn register() -> Source {
    let mut source = Source::default();
    for (name, text) in FILES {
        source.insert(*name, *text);
    }
    source
}
