//! The ledger room against published vectors, and against whoever changes the record.

#[cfg(test)]
mod log;
#[cfg(test)]
mod note;
#[cfg(test)]
mod tiles;
mod tree;
mod witness;
