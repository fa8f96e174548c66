//! Whether a server would speak TLS 1.1 or older: a greeting that offers nothing newer, and what comes back.
//!
//! The library of this house cannot speak what is so old, so the greeting is written by hand and the answer read as far as its
//! version. Source: RFC 4346 sections 6.2.1 and 7.4.1, RFC 8422, RFC 6066 section 3; RFC 8996 (both versions are given up).

use std::io::{Read as _, Write as _};

use super::tls::connect;

/// TLS 1.1 and the record layer of the oldest.
const TLS_1_1: [u8; 2] = [3, 2];
const TLS_1_0: [u8; 2] = [3, 1];
/// What servers of the time choose: ECDHE and RSA with AES, and 3DES.
const SUITES: [u16; 9] = [0xc00a, 0xc014, 0xc009, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0x000a];

/// What a server says to somebody from yesterday.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// It goes on in an old version.
    Speaks,
    /// It does not.
    Refuses,
    /// Nobody answers.
    Unreachable,
}

/// Greets the server at `address` by the name `host`. `random`: any 32 bytes.
pub(super) fn greet(address: &str, host: &str, random: [u8; 32]) -> Answered {
    let Some(mut stream) = connect(address) else {
        return Answered::Unreachable;
    };
    if stream.write_all(&greeting(host, random)).is_err() {
        return Answered::Refuses;
    }
    // Record: type, version, length; handshake: type, length, version.
    let mut answer = [0; 11];
    match stream.read_exact(&mut answer) {
        Ok(()) => match answer {
            [22, _, _, _, _, 2, _, _, _, 3, 0..=2] => Answered::Speaks,
            _ => Answered::Refuses,
        },
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Answered::Unreachable,
        Err(_) => Answered::Refuses,
    }
}

fn greeting(host: &str, random: [u8; 32]) -> Vec<u8> {
    let suites: Vec<u8> = SUITES.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let mut name = vec![0];
    name.extend(with_length(host.as_bytes()));
    let mut extensions = extension(0, &with_length(&name));
    // Curves secp256r1, secp384r1 and x25519; points as they are.
    extensions.extend(extension(10, &with_length(&[0, 23, 0, 24, 0, 29])));
    extensions.extend(extension(11, &[1, 0]));
    let mut hello = TLS_1_1.to_vec();
    hello.extend(random);
    hello.push(0);
    hello.extend(with_length(&suites));
    hello.extend([1, 0]);
    hello.extend(with_length(&extensions));
    let mut handshake = vec![1, 0];
    handshake.extend(with_length(&hello));
    let mut record = vec![22];
    record.extend(TLS_1_0);
    record.extend(with_length(&handshake));
    record
}

fn extension(kind: u16, bytes: &[u8]) -> Vec<u8> {
    let mut all = kind.to_be_bytes().to_vec();
    all.extend(with_length(bytes));
    all
}

/// Two bytes of length, then the bytes.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut all = length.to_be_bytes().to_vec();
    all.extend(bytes);
    all
}
