use super::*;

const SIGNATURE: &str = "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648";

fn signed(chunks: &[&str], trailers: &str) -> Vec<u8> {
    let mut body = String::new();
    for chunk in chunks.iter().copied().chain([""]) {
        body.push_str(&format!("{:x};chunk-signature={SIGNATURE}\r\n{chunk}", chunk.len()));
        body.push_str(if chunk.is_empty() { "" } else { "\r\n" });
    }
    format!("{body}{trailers}\r\n").into_bytes()
}

#[test]
fn the_content_is_taken_out_however_it_comes() {
    let body = signed(&["ada.br", "ook"], "x-amz-checksum-crc32:sOO8/Q==\r\n");
    let expected = (
        b"ada.brook".to_vec(),
        vec![("x-amz-checksum-crc32".to_owned(), b"sOO8/Q==".to_vec())],
    );
    assert_eq!(AwsChunked::decode(&body).unwrap(), expected);
    let (mut chunks, mut out) = (AwsChunked::default(), Vec::new());
    for byte in &body {
        chunks.feed(&[*byte], &mut out).unwrap();
    }
    assert_eq!((out, chunks.trailers().to_vec()), expected);
    assert!(chunks.is_whole());
}

#[test]
fn what_is_something_else_is_told() {
    let whole = signed(&["ada"], "");
    for cut in 0..whole.len() {
        assert!(AwsChunked::decode(&whole[..cut]).is_err(), "{cut}");
    }
    for body in [
        "3;user=ada\r\nada\r\n0\r\n\r\n",
        "3;chunk-signature=ada.brook\r\nada\r\n0\r\n\r\n",
        "3\nada\r\n0\r\n\r\n",
        "+3\r\nada\r\n0\r\n\r\n",
        "3\r\nadab\r\n0\r\n\r\n",
        "3\r\nada\r\n0\r\n\r\nmore",
        "3\r\nada\r\n0\r\nno colon\r\n\r\n",
    ] {
        assert!(AwsChunked::decode(body.as_bytes()).is_err(), "{body}");
    }
}
