//! Deletions at third parties that speak the published interfaces, on this machine.

mod deeds;
mod desk;
mod faults;
mod gate;
mod house;
mod page;
mod people;
mod server;
