//! The ledger room against published vectors, and against whoever changes the record.

#[cfg(test)]
mod entry;
#[cfg(test)]
mod log;
#[cfg(test)]
mod note;
#[cfg(test)]
mod tiles;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod witness;
