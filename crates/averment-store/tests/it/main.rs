//! The store room against a real file system: journal, crashes, folder and keys, people, reading back.

#[cfg(test)]
mod ambiguous;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod clock;
#[cfg(test)]
mod consents;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod folder;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod index;
#[cfg(test)]
mod journal;
#[cfg(test)]
mod loaders;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod people;
#[cfg(test)]
mod person;
#[cfg(test)]
mod power;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod stall;
#[cfg(test)]
mod stolen;
#[cfg(test)]
mod sync;
#[cfg(test)]
mod tiles;
#[cfg(test)]
mod zips;
