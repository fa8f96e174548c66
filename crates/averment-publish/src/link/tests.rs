use super::{Reach, web_address};

#[test]
fn only_web_and_plain_mail_addresses_are_links() {
    let href = |text: &str| Reach::new(text).href;
    assert_eq!(
        href("privacy@lernwerk.example").as_deref(),
        Some("mailto:privacy@lernwerk.example")
    );
    assert_eq!(
        href("https://lernwerk.example/a?b=c#d").as_deref(),
        Some("https://lernwerk.example/a?b=c#d")
    );
    for text in [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://x.example/ \"onclick",
        "a@b?subject=x",
        "<a@b>",
        "1 Test Street",
        "//x.example",
    ] {
        assert_eq!(href(text), None, "{text}");
    }
    assert_eq!(web_address(None), None);
}
