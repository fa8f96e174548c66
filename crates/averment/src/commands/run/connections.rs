//! Connections of this program's descendants, as the kernel lists them.
//!
//! Source: proc_pid_net(5), proc_pid_stat(5).

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// Where a connection led.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// To the gate.
    Through,
    /// To somewhere that is not on this machine.
    Around,
    /// On this machine.
    Inside,
}

/// A connection: the other side, over TCP or UDP, and the socket's number.
type Connection = (u64, Other);

/// The other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Other {
    address: SocketAddr,
    is_udp: bool,
}

impl std::fmt::Display for Other {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.address, if self.is_udp { "udp" } else { "tcp" })
    }
}

/// Every connection that was seen.
pub(super) struct Seen {
    gate: SocketAddr,
    seen: BTreeSet<(Way, Connection)>,
}

impl Seen {
    pub(super) fn new(gate: SocketAddr) -> Self {
        Self {
            gate,
            seen: BTreeSet::new(),
        }
    }

    /// Looks once.
    pub(super) fn look(&mut self) {
        for pid in descendants(std::process::id()) {
            let sockets = sockets(pid);
            if sockets.is_empty() {
                continue;
            }
            for (file, is_udp) in [("tcp", false), ("tcp6", false), ("udp", true), ("udp6", true)] {
                let list = std::fs::read_to_string(format!("/proc/{pid}/net/{file}")).unwrap_or_default();
                let rows = list
                    .lines()
                    .filter_map(parse)
                    .filter(|(socket, _)| sockets.contains(socket));
                for (socket, address) in rows {
                    let way = self.way(address);
                    self.seen.insert((way, (socket, Other { address, is_udp })));
                }
            }
        }
    }

    /// The other sides of connections that led there, one per connection.
    pub(super) fn all(&self, way: Way) -> impl Iterator<Item = &Other> {
        self.seen
            .iter()
            .filter(move |(seen, _)| *seen == way)
            .map(|(_, (_, other))| other)
    }

    fn way(&self, address: SocketAddr) -> Way {
        if address == self.gate {
            Way::Through
        } else if address.ip().is_loopback() {
            Way::Inside
        } else {
            Way::Around
        }
    }
}

/// Every process below `root`, not itself.
fn descendants(root: u32) -> BTreeSet<u32> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    for pid in processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()) {
        if let Some(parent) = parent(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let (mut found, mut open) = (BTreeSet::new(), vec![root]);
    while let Some(pid) = open.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if found.insert(*child) {
                open.push(*child);
            }
        }
    }
    found
}

/// The parent's number stands second after the name, which may hold anything and ends with the last bracket.
fn parent(pid: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn sockets(pid: u32) -> BTreeSet<u64> {
    let handles = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten()
        .flatten();
    handles.filter_map(|handle| socket(&handle.path())).collect()
}

fn socket(handle: &Path) -> Option<u64> {
    let target = std::fs::read_link(handle).ok()?;
    target
        .to_str()?
        .strip_prefix("socket:[")?
        .strip_suffix(']')?
        .parse()
        .ok()
}

/// Socket and other side of one row; none for a heading, and for who listens.
fn parse(row: &str) -> Option<(u64, SocketAddr)> {
    let words: Vec<&str> = row.split_whitespace().collect();
    let (address, port) = words.get(2)?.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let ip = ip(address)?;
    if port == 0 || ip.is_unspecified() {
        return None;
    }
    Some((words.get(9)?.parse().ok()?, SocketAddr::new(ip.to_canonical(), port)))
}

/// Words of four bytes, each printed as this machine's number.
fn ip(hex: &str) -> Option<IpAddr> {
    if !hex.is_ascii() {
        return None;
    }
    let word = |at: usize| u32::from_str_radix(hex.get(at..at + 8)?, 16).ok().map(u32::to_ne_bytes);
    match hex.len() {
        8 => Some(Ipv4Addr::from(word(0)?).into()),
        32 => {
            let mut bytes = [0; 16];
            for (number, part) in bytes.chunks_exact_mut(4).enumerate() {
                part.copy_from_slice(&word(8 * number)?);
            }
            Some(Ipv6Addr::from(bytes).into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    #[cfg(target_endian = "little")]
    fn rows_of_the_kernel_are_read() {
        let tcp = "   1: 0100007F:D431 0100007F:1054 01 00000000:00000000 00:00000000 00000000     0        0 77 1 0";
        assert_eq!(parse(tcp), Some((77, "127.0.0.1:4180".parse().unwrap())));
        let mapped = "   2: 0000000000000000FFFF00000100007F:D431 0000000000000000FFFF000008080808:01BB 01 \
                      00000000:00000000 00:00000000 00000000     0        0 78 1 0";
        assert_eq!(parse(mapped), Some((78, "8.8.8.8:443".parse().unwrap())));
        let listening =
            "   0: 0100007F:1054 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 79 1 0";
        assert_eq!(parse(listening), None);
        assert_eq!(parse("  sl  local_address rem_address   st tx_queue rx_queue"), None);
        assert_eq!(parse("é: é é:é"), None);
    }
}
