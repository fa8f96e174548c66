use super::{code, internet_address};

fn element(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let is_dial = |b: &u8| matches!(b, b' ' | b'_' | b'~' | b'-'..=b'9' | b'('..=b')');
    let start = bytes.iter().position(u8::is_ascii_digit)?;
    (start..bytes.len())
        .filter(|at| is_dial(&bytes[*at]) && (*at == start || !is_dial(&bytes[at - 1])))
        .find_map(|at| {
            let length = bytes[at..].iter().take_while(|b| is_dial(b)).count();
            code(bytes, at, at + length, false)
        })
        .map(|code| code.element)
}

#[test]
fn codes_with_right_check_digits_are_found() {
    for (text, expected) in [
        ("4111 1111 1111 1111", "finance.payment_card"),
        ("card=4111111111111111", "finance.payment_card"),
        ("3782 822463 10005", "finance.payment_card"),
        ("de89370400440532013000", "finance.bank_account"),
        ("gb29 nwbk 6016 1331 9268 19", "finance.bank_account"),
        ("fr14 2004 1010 0505 0001 3m02 606", "finance.bank_account"),
        ("nl91abna0417164300", "finance.bank_account"),
        ("078-05-1120", "identity.gov_id.ssn"),
        ("529.982.247-25", "identity.gov_id.other"),
        ("personnummer 811228-9874", "identity.gov_id.other"),
        ("2 55 08 14 168 025 38", "identity.gov_id.other"),
        ("aadhaar 2341 2341 2346", "identity.gov_id.other"),
    ] {
        assert_eq!(element(text), Some(expected), "{text}");
    }
}

#[test]
fn one_wrong_digit_or_a_neighbour_makes_it_a_number() {
    for text in [
        "4111 1111 1111 1112",
        "41111111111111112",
        "a4111111111111111",
        "4111111111111111",
        "order 811228-9874",
        "2341 2341 2346",
        "1795000000000000",
        "de89370400440532013001",
        "xde89370400440532013000",
        "666-05-1120",
        "078-05-0000",
        "1078-05-1120",
        "529.982.247-26",
        "811228-9875",
        "811328-9874",
        "2341 2341 2347",
        "550e8400-e29b-41d4-a716-446655440000",
        "2015-03-02",
        "0000 0000 0000 0000",
        "1.4111111111111111",
        "12-3456",
    ] {
        assert_eq!(element(text), None, "{text}");
    }
}

#[test]
fn addresses_of_the_internet_are_told_from_local_ones() {
    let look = |text: &str| internet_address(text.as_bytes(), 0, text.len()).is_some();
    for text in ["203.0.113.77", "8.8.8.8", "2001:db8::17", "2001:db8:0:0:1:2:3:4"] {
        assert!(look(text), "{text}");
    }
    for text in [
        "192.168.100.200",
        "10.20.30.40",
        "127.0.0.1",
        "1.2.3",
        "256.1.1.1",
        "0.0.0.0",
        "fe80::1",
        "::1",
    ] {
        assert!(!look(text), "{text}");
    }
}
