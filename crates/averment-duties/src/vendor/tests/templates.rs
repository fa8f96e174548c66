use crate::vendor::Trouble;
use crate::vendor::template::{Place, names, render};

fn value(name: &str) -> Option<&'static str> {
    match name {
        "email" => Some("O'Lace+x@School.example"),
        "empty" => Some(""),
        "up" => Some(".."),
        "slash" => Some("a/b?c#d"),
        "line" => Some("a\r\nb"),
        _ => None,
    }
}

fn filled(template: &str, place: Place) -> String {
    render(template, &value, place).unwrap()
}

#[test]
fn values_are_escaped_for_where_they_stand() {
    assert_eq!(filled("/u/{email}", Place::Path), "/u/O%27Lace%2Bx%40School.example");
    assert_eq!(filled("/u/{slash}.json", Place::Path), "/u/a%2Fb%3Fc%23d.json");
    assert_eq!(
        filled("x = '{email:quoted}'", Place::Plain),
        "x = 'O\\'Lace+x@School.example'"
    );
    assert_eq!(filled("{email:lower}", Place::Plain), "o'lace+x@school.example");
    assert_eq!(
        filled("{email:lower_quoted}", Place::Plain),
        "o\\'lace+x@school.example"
    );
    assert_eq!(
        filled("a b={email}", Place::Parameter),
        "a%20b%3DO%27Lace%2Bx%40School.example"
    );
    assert_eq!(filled("LOWER({{{up}}})", Place::Plain), "LOWER({..})");
}

#[test]
fn a_path_is_never_cut_short_by_a_value() {
    for template in ["/users/{empty}", "/users/{up}"] {
        let found = render(template, &value, Place::Path);
        assert!(matches!(found, Err(Trouble::Unusable { .. })), "{found:?}");
    }
    assert!(render("{line}", &value, Place::Header).is_err());
    assert!(render("https://{slash}.example", &value, Place::Host).is_err());
}

#[test]
fn what_is_no_template_is_told() {
    for template in ["{", "a}b", "{email", "{email:loud}", "{nobody}"] {
        assert!(
            matches!(render(template, &value, Place::Plain), Err(Trouble::Row { .. })),
            "{template}"
        );
    }
    assert_eq!(names("{a}{{b}}{c:quoted}").unwrap(), ["a", "c"]);
}

proptest::proptest! {
    #[test]
    fn no_value_leaves_its_place(text in "\\PC{1,40}") {
        let value = |_: &str| Some(text.as_str());
        if let Ok(path) = render("/a/{x}/b", &value, Place::Path) {
            let inner = path.strip_prefix("/a/").and_then(|rest| rest.strip_suffix("/b")).unwrap();
            proptest::prop_assert!(inner.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        }
        let parameter = render("{x}", &value, Place::Parameter).unwrap();
        proptest::prop_assert!(!parameter.contains(['&', '=', '#', '+', ' ']));
        let quoted = render("'{x:quoted}'", &value, Place::Plain).unwrap();
        let inner: Vec<char> = quoted[1..quoted.len() - 1].chars().collect();
        let mut at = 0;
        while at < inner.len() {
            proptest::prop_assert!(inner[at] != '\'');
            at += if inner[at] == '\\' { 2 } else { 1 };
        }
    }
}
