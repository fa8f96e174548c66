//! The access room from outside: tables as files, a second evaluator, and what must hold for any register.

#![cfg(test)]

mod agree;
mod dice;
mod matrices;
mod naive;
mod proofs;
mod relations;
mod rules;
mod world;
