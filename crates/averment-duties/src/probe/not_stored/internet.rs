//! Addresses of the internet among other words: at the beginning of a line of a log, behind a `=`, in a word of a statistic.
//!
//! Messages are looked at with more doubt: there an address counts only where a word says whose it is. Who asks whether
//! addresses are stored wants them wherever they stand free. The number of a version is none, nor is one that only says where
//! a server is (`https://203.0.113.7/`), nor one of a network that nobody outside comes from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Words before four numbers with dots between them that are no address.
const NUMBERED: [&str; 12] = [
    "version", "versions", "v", "ver", "release", "revision", "build", "firmware", "section", "chapter", "clause",
    "step",
];

/// A whole value that is an address of the internet, as PostgreSQL writes one too. Shortened ones name nobody.
pub(super) fn is_address(value: &str) -> bool {
    address(value.trim()).is_some_and(|address| !is_cut(address))
}

/// Whether an address stands free in a text.
pub(super) fn holds_address(text: &str) -> bool {
    let mut before = "";
    for word in text.split(is_between) {
        if word.is_empty() {
            continue;
        }
        if names_somebody(word) && !is_numbered(before) {
            return true;
        }
        before = word;
    }
    false
}

fn is_between(letter: char) -> bool {
    letter.is_whitespace() || letter.is_control() || ",;|\"'`()[]{}<>=&?#".contains(letter)
}

fn is_numbered(before: &str) -> bool {
    let before = before.trim_end_matches([':', '.']);
    NUMBERED.iter().any(|word| before.eq_ignore_ascii_case(word))
}

/// An address from which somebody outside may come, perhaps with the port or at the end of a sentence.
fn names_somebody(word: &str) -> bool {
    // The shortest are `::1` and `1.1.1.1`, the longest an address of version 6 with a port or bits.
    if !(3..=64).contains(&word.len()) || !word.contains(['.', ':']) {
        return false;
    }
    let word = word.trim_end_matches(['.', ':']);
    let without_port = word.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok());
    let found = address(word).or_else(|| without_port.and_then(|(host, _)| address(host)));
    found.is_some_and(|address| !is_cut(address) && is_outside(address))
}

fn address(text: &str) -> Option<IpAddr> {
    let (address, bits) = text.split_once('/').unwrap_or((text, ""));
    matches!(bits, "" | "32" | "128")
        .then(|| address.parse().ok())
        .flatten()
}

/// Whether the part that tells machines of a network apart is taken away.
fn is_cut(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.octets()[3] == 0,
        IpAddr::V6(address) => address.segments()[3..].iter().all(|part| *part == 0),
    }
}

/// Source: RFC 6890, without the addresses of documentation, which stand for somebody's.
fn is_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_outside_4(address),
        IpAddr::V6(address) => address
            .to_ipv4_mapped()
            .map_or_else(|| is_outside_6(address), is_outside_4),
    }
}

fn is_outside_4(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    let shared = octets[0] == 100 && (64..128).contains(&octets[1]);
    let none = octets[0] == 0 || octets[0] >= 224;
    !(address.is_private() || address.is_loopback() || address.is_link_local() || shared || none)
}

fn is_outside_6(address: Ipv6Addr) -> bool {
    (0x2000..0x4000).contains(&address.segments()[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_wherever_they_stand_free() {
        for text in [
            "link 198.51.100.23",
            "203.0.113.7 - - [10/Oct/2026:13:55:36 +0000] \"GET /p/9 HTTP/1.1\" 200 2326",
            "GET /p/9?by=203.0.113.7",
            "viewer=203.0.113.7&page=2",
            "{\"from\":\"2001:db8::17\"}",
            "came from 203.0.113.7.",
            "203.0.113.7:51234",
            "[2001:db8::17]:443 opened",
            "::ffff:203.0.113.7",
            "203.0.113.7/32",
        ] {
            assert!(holds_address(text), "{text}");
        }
    }

    #[test]
    fn versions_servers_and_networks_are_none() {
        for text in [
            "",
            "version 1.2.3.4",
            "upgraded to release: 10.4.3.2",
            "Mozilla/5.0 Chrome/120.0.6099.71 Safari/537.36",
            "see section 4.1.2.9 of the plan",
            "https://203.0.113.7/",
            "203.0.113.7/24",
            "cut to 203.0.113.0",
            "127.0.0.1 ::1 10.0.0.8 192.168.1.20 100.64.0.3 fe80::1 fd00::7",
            "at 12:30:45 on 2026-11-22",
            "1.2.3.4.5 and 300.1.2.3 and 1.2.3",
            "name@203.0.113.7.example",
        ] {
            assert!(!holds_address(text), "{text}");
        }
    }

    #[test]
    fn a_column_of_addresses_may_hold_those_of_any_network() {
        for value in ["10.0.0.8", " 203.0.113.7 ", "2001:db8::17/128", "127.0.0.1"] {
            assert!(is_address(value), "{value}");
        }
        for value in ["203.0.113.0", "2001:db8::", "203.0.113.7/24", "link 203.0.113.7"] {
            assert!(!is_address(value), "{value}");
        }
    }
}
