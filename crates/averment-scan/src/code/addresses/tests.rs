use super::*;

fn hosts(text: &str) -> Vec<String> {
    addresses(text)
        .into_iter()
        .map(|found| format!("{}{}", found.address.host, found.address.path))
        .collect()
}

#[test]
fn addresses_are_found_with_a_scheme_or_behind_a_quote() {
    assert_eq!(
        hosts(r#"fetch("https://api.new-desk.org/v1?x=1")"#),
        ["api.new-desk.org/v1"]
    );
    assert_eq!(
        hosts(r#"{"u":"https:\/\/cdn.new-desk.org\/a.js"}"#),
        ["cdn.new-desk.org/a.js"]
    );
    assert_eq!(
        hosts(r#"<script src="//cdn.new-desk.org/a.js">"#),
        ["cdn.new-desk.org/a.js"]
    );
    assert_eq!(hosts("see https://new-desk.org."), ["new-desk.org"]);
    assert_eq!(hosts("// new-desk.org is not an address"), Vec::<String>::new());
    assert_eq!(hosts("//new-desk.org in a comment"), Vec::<String>::new());
    assert_eq!(hosts("git://new-desk.org/x"), Vec::<String>::new());
    assert_eq!(hosts("https://https://"), Vec::<String>::new());
}

#[test]
fn names_are_no_addresses() {
    for text in [
        "xmlns=\"http://www.w3.org/2000/svg\"",
        "http://www.apache.org/licenses/LICENSE-2.0",
        "https://schema.org/Person",
        "http://localhost:3000",
        "https://school.example/x",
        "http://foo.test/x",
        "https://example.com/a",
        "https://json-schema.org/draft/2020-12/schema",
    ] {
        assert_eq!(hosts(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn long_rows_of_slashes_end() {
    assert_eq!(hosts(&"https://".repeat(50_000)), Vec::<String>::new());
    assert_eq!(hosts(&"\"//".repeat(50_000)), Vec::<String>::new());
}
