use std::net::IpAddr;

use super::is_public;
use crate::host::Host;

/// Every spelling must either be no host at all or an address that is not public.
const INSIDE: &str = "
127.0.0.1 127.0.0.2 127.1.2.3 127.255.255.254 127.1 127.0.1 0x7f.0.0.1 0x7f.1 0x7f000001 0X7F000001 2130706433 017700000001
0177.0.0.1 00000177.0.0.1 127.0.0.1. 127.0.0.01 127.0.0.0x1 0 0.0 0.0.0.0 0.1.2.3 0x0 00
10.0.0.1 10.255.255.255 10.1 0xa.0.0.1 012.0.0.1 167772161
100.64.0.1 100.127.255.254 169.254.0.1 169.254.169.254 0xa9fea9fe 2852039166 0251.0376.0251.0376 168.63.129.16
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 0xc0a80001 3232235521
198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 0xffffffff 4294967295
[::] [::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:192.168.0.1] [::ffff:8.8.8.8]
[::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::7f00:1] [100::1]
[2001::1] [2001:0:7f00:1::] [2001:2::1] [2001:10::1] [2001:20::1] [2001:db8::1] [2002:7f00:1::] [2002:a9fe:a9fe::1] [2002:c0a8:1::1]
[3ffe::1] [3fff::1] [5f00::1] [fc00::1] [fd00::1] [fd00:ec2::254] [fdff:ffff::1] [fe80::1] [fe80::1%25lo] [fe80::1%lo] [febf::1]
[fec0::1] [ff00::1] [ff01::1] [ff02::1] [ff05::1:3] [ff0e::1] ::1 ::ffff:127.0.0.1 fe80::1 [::1 ::1] [127.0.0.1] [::1]. [::%31]
127。0。0。1 １２７.0.0.1 127%2e0%2e0%2e1 ①②⑦.0.0.1 127.0.0.1%00 127.0.0.1\u{0} user@127.0.0.1 127.0.0.1#x 127.0.0.1/ 127.0.0.1?x
127.0.0.1\\x 127.0.0.1,8.8.8.8 127.0.0.1;x -127.0.0.1 +127.0.0.1 1e3 127.0.0.1e0 0b1111111.0.0.1 0o177.0.0.1
";

#[test]
fn no_spelling_of_an_inside_address_is_public() {
    let spellings: Vec<&str> = INSIDE.split_ascii_whitespace().collect();
    assert!(spellings.len() >= 130, "{}", spellings.len());
    for text in spellings {
        // A name is resolved, and what it resolves to is checked; none of these may be a name that a resolver reads as
        // an address.
        let Some(host) = Host::parse(text) else { continue };
        let address = host.address();
        let resolver_reads_a_name = address.is_none() && text.parse::<IpAddr>().is_err();
        let name_like = ["127.0.0.1e0", "0b1111111.0.0.1", "0o177.0.0.1", "-127.0.0.1", "1e3"].contains(&text);
        assert!(
            address.map_or(resolver_reads_a_name && name_like, |address| !is_public(address)),
            "`{text}`"
        );
    }
}

#[test]
fn public_addresses_are_public() {
    for text in [
        "8.8.8.8",
        "1.1.1.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "223.255.255.255",
    ] {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
    for text in [
        "2606:4700::1111",
        "2a00:1450:4001::200e",
        "2001:4860:4860::8888",
        "2400:cb00::1",
    ] {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
}
