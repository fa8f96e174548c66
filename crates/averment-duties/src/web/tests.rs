use super::*;

#[test]
fn references_lead_where_a_browser_goes() {
    let page: Uri = "https://birch.example/a/b?c=d".parse().unwrap();
    for (reference, expected) in [
        ("/x", "https://birch.example/x"),
        ("x/./y", "https://birch.example/a/x/y"),
        ("../x?q=1#top", "https://birch.example/x?q=1"),
        ("?e=f", "https://birch.example/a/b?e=f"),
        ("//oak.example/z", "https://oak.example/z"),
        ("http://oak.example", "http://oak.example/"),
        ("", "https://birch.example/a/b?c=d"),
    ] {
        let resolved = resolve(&page, reference).map(|uri| uri.to_string());
        assert_eq!(resolved.as_deref(), Some(expected), "{reference}");
    }
    for reference in [
        "mailto:help@birch.example",
        "javascript:void(0)",
        "ftp://birch.example/x",
    ] {
        assert_eq!(resolve(&page, reference), None, "{reference}");
    }
}

#[test]
fn forms_keep_what_is_hidden() {
    let page = br#"<p><form action="/in?x=1&amp;y=2"><input type=hidden name=token value="a&quot;b"><input name=user>
                   <input name=password type=password></form><form><input name=q></form>"#;
    let forms = Form::all(page);
    assert_eq!(forms.len(), 2);
    assert_eq!(forms[0].action, "/in?x=1&y=2");
    let given = [
        ("user".to_owned(), "ada".to_owned()),
        ("password".to_owned(), "x y".to_owned()),
    ];
    let filled = forms[0].filled(&given).unwrap();
    assert_eq!(form::encoded(&filled), "token=a%22b&user=ada&password=x%20y");
    assert_eq!(forms[1].filled(&given), None);
}
