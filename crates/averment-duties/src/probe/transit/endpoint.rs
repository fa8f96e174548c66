//! One endpoint.

use std::io::{Read as _, Write as _};

use jiff::{SignedDuration, Timestamp};

use super::super::Probed;
use super::super::stores::all_certificates;
use super::Endpoint;
use super::old::{Answered, greet};
use super::tls::{Shaken, connect, shake};

pub(super) fn look(endpoint: &Endpoint, now: Timestamp, probed: &mut Probed) {
    let place = format!("`{}:{}`", endpoint.host, endpoint.port);
    let trust = match all_certificates(&endpoint.trust) {
        Ok(trust) => trust,
        Err(because) => return probed.missed(1, format!("{place}: {because}")),
    };
    let address = address(endpoint);
    match shake(&address, &endpoint.host, &trust, now) {
        Shaken::Unreachable => return probed.missed(1, format!("{place} cannot be reached")),
        Shaken::Refused => {
            probed.saw(1);
            return probed.against(1, format!("{place} speaks no TLS of version 1.2 or later"));
        }
        Shaken::Certificate(because) => {
            probed.saw(1);
            probed.against(1, format!("{place} {because}"));
        }
        Shaken::Holds(version, head) => {
            probed.saw(1);
            let strict = match says_strict(&head) {
                true => "tells browsers to use nothing else",
                false => "does not tell browsers to use nothing else (RFC 6797)",
            };
            probed.note(format!("{place}: {version:?}, certificate holds; it {strict}"));
            soon(endpoint, (&place, &address), &trust, now, probed);
        }
    }
    yesterday(endpoint, (&place, &address), now, probed);
    plain(endpoint, &place, probed);
}

fn address(endpoint: &Endpoint) -> String {
    let host = || format!("{}:{}", endpoint.host, endpoint.port);
    endpoint.address.clone().unwrap_or_else(host)
}

fn says_strict(head: &str) -> bool {
    let head = head.split("\r\n\r\n").next().unwrap_or_default();
    head.lines()
        .any(|line| line.to_ascii_lowercase().starts_with("strict-transport-security:"))
}

/// Whether the certificate will still hold in some days.
fn soon(
    endpoint: &Endpoint,
    (place, address): (&str, &str),
    trust: &[rustls::pki_types::CertificateDer<'static>],
    now: Timestamp,
    probed: &mut Probed,
) {
    let later = now + SignedDuration::from_hours(i64::from(endpoint.days) * 24);
    if let Shaken::Certificate(_) = shake(address, &endpoint.host, trust, later) {
        probed.note(format!("{place}: its certificate ends within {} days", endpoint.days));
    }
}

fn yesterday(endpoint: &Endpoint, (place, address): (&str, &str), now: Timestamp, probed: &mut Probed) {
    let mut random = [0x5a; 32];
    random[..8].copy_from_slice(&now.as_second().to_be_bytes());
    match greet(address, &endpoint.host, random) {
        Answered::Refuses => probed.saw(1),
        Answered::Unreachable => {
            probed.missed(1, format!("{place}: whether it speaks TLS 1.1 was not to be found out"))
        }
        Answered::Speaks => {
            probed.saw(1);
            probed.against(1, format!("{place} speaks TLS 1.1 or older"));
        }
    }
}

/// What plain HTTP gives: nothing, or the way to TLS.
fn plain(endpoint: &Endpoint, place: &str, probed: &mut Probed) {
    let address = match endpoint.plain.as_deref() {
        Some("") => return,
        Some(address) => address.to_owned(),
        None => format!("{}:80", endpoint.host),
    };
    probed.saw(1);
    let Some(mut stream) = connect(&address) else {
        return probed.note(format!("{place}: nothing answers over plain HTTP"));
    };
    let request = format!("GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", endpoint.host);
    let mut head = [0; 4096];
    let read = stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.read(&mut head))
        .unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..read]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let leads = head.lines().any(|line| line.starts_with("location: https://"));
    match status.as_str() {
        "" => probed.note(format!("{place}: nothing answers over plain HTTP")),
        "301" | "302" | "303" | "307" | "308" if leads => probed.note(format!("{place}: plain HTTP leads to TLS")),
        status if status.starts_with('4') => probed.note(format!("{place}: plain HTTP is turned away")),
        _ => probed.against(1, format!("{place} answers over plain HTTP with status {status}")),
    }
}
