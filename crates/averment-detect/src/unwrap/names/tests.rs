use super::{Half, NameField};

fn half(field: &str) -> Option<(Half, String)> {
    NameField::of(field.as_bytes()).map(|field| (field.half, field.of))
}

#[test]
fn usual_spellings_are_halves_of_a_name() {
    for field in [
        "first_name",
        "firstName",
        "FIRSTNAME",
        "given-name",
        "first",
        "fname",
        "[first_name]",
        "forename",
    ] {
        assert!(half(field) == Some((Half::Given, String::new())), "{field}");
    }
    for field in [
        "last_name",
        "lastName",
        "family_name",
        "surname",
        "sn",
        "last",
        "lname",
        "Nachname",
    ] {
        assert!(half(field) == Some((Half::Family, String::new())), "{field}");
    }
    assert!(half("student[first_name]") == Some((Half::Given, "student".to_owned())));
    assert!(half("name[last]") == Some((Half::Family, "name".to_owned())));
}

#[test]
fn other_fields_are_none() {
    for field in [
        "name",
        "full_name",
        "at_last",
        "broadcast",
        "schoolname",
        "list",
        "sessions",
        "",
        "first_name_x",
    ] {
        assert!(half(field).is_none(), "{field}");
    }
}
