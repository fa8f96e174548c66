use super::*;

/// Made with `openssl req -x509`; the digest is that of `openssl pkey -pubin -outform der | openssl dgst -sha256`.
const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----\n\
MIIBijCCAS+gAwIBAgIUY6ugaT1pHnp2cucpSMclv9GnjwIwCgYIKoZIzj0EAwIw\n\
GjEYMBYGA1UEAwwPQmlyY2ggYXV0aG9yaXR5MB4XDTI2MTEyMjE5Mjc1NFoXDTQ2\n\
MTExNzE5Mjc1NFowGjEYMBYGA1UEAwwPQmlyY2ggYXV0aG9yaXR5MFkwEwYHKoZI\n\
zj0CAQYIKoZIzj0DAQcDQgAEMOi1zBLGXja5gNiPNK5kzM8A1H8jH9QvVks/c8m3\n\
zAt+3/WZGwbubY6hLgra379jmRZUaInXqN6wr+EQu9x5PKNTMFEwHQYDVR0OBBYE\n\
FKOCIM20AWtKf3+J7p9tkbldRCTbMB8GA1UdIwQYMBaAFKOCIM20AWtKf3+J7p9t\n\
kbldRCTbMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAOCBgNBt\n\
ZGHm2GmFKPxnpEY567jIRvNjIwD3dMD/XqldAiEAp+fc/vpo3J9MuMnhwYJYjtoZ\n\
QqB4jRG8GMQGc8R8LtM=\n\
-----END CERTIFICATE-----\n\
";
const DIGEST: &str = "cfBAVpMWkTM3vYSpP5N291xKEXpNyBn80BnsTWiQxHU=";

#[test]
fn the_digest_is_that_of_the_key() {
    assert_eq!(key_digests(CERTIFICATE), Some(vec![DIGEST.to_owned()]));
    let two = format!("a note\n{CERTIFICATE}{CERTIFICATE}");
    assert_eq!(key_digests(&two), Some(vec![DIGEST.to_owned(); 2]));
}

#[test]
fn what_is_no_certificate_has_no_key() {
    assert_eq!(key_digests(""), None);
    assert_eq!(
        key_digests("-----BEGIN CERTIFICATE-----\nno base64\n-----END CERTIFICATE-----\n"),
        None
    );
    let whole = STANDARD
        .decode(
            CERTIFICATE
                .lines()
                .filter(|line| !line.starts_with('-'))
                .collect::<String>(),
        )
        .unwrap();
    let key_at = whole.len() - key(&whole).unwrap().len();
    for length in 0..whole.len().min(key_at) {
        assert_eq!(key(&whole[..length]), None);
    }
}
