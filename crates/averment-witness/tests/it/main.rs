//! The witness over real sockets and a real disk: what it signs, what it keeps, how a log asks it.

#[cfg(test)]
mod asked;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod log;
#[cfg(test)]
mod served;
