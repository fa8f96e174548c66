use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::{end_to_end, into_map};

fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
    into_map(
        fields
            .iter()
            .map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v)))
            .collect(),
    )
}

#[test]
fn what_is_about_the_connection_ends_and_the_order_stays() {
    let headers = map(&[
        ("host", "a.example"),
        ("connection", "keep-alive, X-Secret, host"),
        ("accept", "*/*"),
        ("proxy-authorization", "Basic x"),
        ("x-secret", "y"),
        ("proxy-anything", "z"),
        ("te", "trailers"),
        ("transfer-encoding", "chunked"),
        ("b", "1"),
        ("a", "2"),
        ("b", "3"),
    ]);
    let fields = end_to_end(&headers);
    let text: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.to_str().unwrap())).collect();
    assert_eq!(
        text,
        [
            ("host", "a.example"),
            ("accept", "*/*"),
            ("b", "1"),
            ("b", "3"),
            ("a", "2")
        ]
    );
}
