//! The program as people use it: real processes, real sockets, real third-party clients, a real browser.

mod certificates;
mod chained;
mod clients;
mod commands;
mod consents;
mod crash;
mod detect;
mod dice;
mod editing;
mod grades;
mod leading;
mod needles;
mod operating;
mod outsiders;
mod overload;
mod pages;
mod rotating;
mod sdk;
mod secrecy;
mod starting;
mod tamper;
mod third_parties;
mod walkthrough;
mod wire;
mod world;
