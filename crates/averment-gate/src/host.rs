//! Host names and ports as callers spell them, brought to one spelling before anything is compared or connected.
//!
//! Start at [`Host::parse`]. Invariant: two spellings of one host give one [`Host`]; a text that resolvers and browsers
//! read differently (`0x7f.1`, `127.1`, `a@b`, `host%00`) gives none.
//!
//! Source: RFC 3986 3.2.2; RFC 1123 2.1; the WHATWG rule that a name whose last label is a number is an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use rustls::pki_types::ServerName;

/// A host: lower case, no trailing dot, no brackets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Host {
    /// Shared, since every request of a connection has it.
    text: Arc<str>,
    address: Option<IpAddr>,
}

impl Host {
    /// The host that `text` spells; none when it spells none or more than one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(inside) = text.strip_prefix('[') {
            let address: Ipv6Addr = inside.strip_suffix(']')?.parse().ok()?;
            return Some(Self::from_address(IpAddr::V6(address)));
        }
        if let Ok(address) = text.parse::<Ipv4Addr>() {
            return Some(Self::from_address(IpAddr::V4(address)));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        is_name(&name).then(|| Self {
            text: name.into(),
            address: None,
        })
    }

    fn from_address(address: IpAddr) -> Self {
        Self {
            text: address.to_string().into(),
            address: Some(address),
        }
    }

    /// The name or address, without brackets.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The address, when the host is spelled as one.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// As in a URI: an IPv6 address in brackets.
    pub(crate) fn in_uri(&self) -> String {
        match self.address {
            Some(IpAddr::V6(_)) => format!("[{}]", self.text),
            _ => self.text.as_ref().to_owned(),
        }
    }

    /// The name that the certificate must be for.
    pub(crate) fn server_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.text.as_ref().to_owned()).ok()
    }
}

fn is_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    (1..=253).contains(&name.len()) && name.split('.').all(is_label) && !is_number(last)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
}

/// Whether resolvers may read the last label as part of an IPv4 address.
fn is_number(label: &str) -> bool {
    let hexadecimal = label
        .strip_prefix("0x")
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_hexdigit()));
    hexadecimal || label.bytes().all(|b| b.is_ascii_digit())
}

/// How the recipient is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

impl Scheme {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub(crate) fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Destination {
    pub(crate) scheme: Scheme,
    pub(crate) host: Host,
    pub(crate) port: u16,
}

impl Destination {
    /// Reads `host` or `host:port`; user names and passwords are not taken.
    pub(crate) fn parse(scheme: Scheme, authority: &str) -> Option<Self> {
        let (host, port) = split_port(authority)?;
        let port = port.map_or(Some(scheme.default_port()), parse_port)?;
        Some(Self {
            scheme,
            host: Host::parse(host)?,
            port,
        })
    }

    /// Reads `https://host`, `http://host:port` and the like: a scheme and an authority, and nothing behind them.
    pub(crate) fn parse_origin(origin: &str) -> Option<Self> {
        let (scheme, authority) = origin.split_once("://")?;
        match scheme {
            "http" => Self::parse(Scheme::Http, authority),
            "https" => Self::parse(Scheme::Https, authority),
            _ => None,
        }
    }

    /// Whether `authority` (a `Host` header) names this destination. A missing port is taken as the right one.
    pub(crate) fn is_named_by(&self, authority: &str) -> bool {
        let Some((host, port)) = split_port(authority) else {
            return false;
        };
        let port_fits = port.is_none_or(|port| parse_port(port) == Some(self.port));
        port_fits && Host::parse(host).is_some_and(|host| host == self.host)
    }

    /// Scheme and authority as in a URI.
    pub(crate) fn origin(&self) -> String {
        let (scheme, host) = (self.scheme.as_str(), self.host.in_uri());
        if self.port == self.scheme.default_port() {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{}", self.port)
        }
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end_of_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    match authority[end_of_host..].split_once(':') {
        None => Some((authority, None)),
        Some((rest, port)) => Some((&authority[..end_of_host + rest.len()], Some(port))),
    }
}

fn parse_port(text: &str) -> Option<u16> {
    let digits = text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|port| *port != 0)
}

#[cfg(test)]
mod tests;
