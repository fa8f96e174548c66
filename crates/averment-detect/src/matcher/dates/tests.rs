use super::date_at;

fn first(text: &str) -> Option<String> {
    date_at(text, 0)?.readings[0].clone()
}

#[test]
fn usual_spellings_are_read() {
    for text in [
        "2015-03-02",
        "2015/3/2",
        "20150302",
        "2.3.2015",
        "2. 3. 2015",
        "02/03/2015",
        "2 march 2015",
        "march 2, 2015",
        "2nd mar 2015",
        "mars 2, 2015",
        "2. märz 2015",
        "2015-03-02, and more",
    ] {
        assert_eq!(first(text).as_deref(), Some("2015-03-02"), "{text}");
    }
    assert_eq!(
        date_at("02/03/2015", 0).unwrap().readings[1].as_deref(),
        Some("2015-02-03")
    );
    assert_eq!(first("13/31/2015"), None);
}

#[test]
fn what_is_no_date_is_none() {
    for text in [
        "2015-02-29",
        "2015-13-01",
        "1.2.3",
        "12.345.678",
        "20151345",
        "2015",
        "may be 2015",
        "201503021",
        "",
        "é",
    ] {
        assert_eq!(first(text), None, "{text}");
    }
}
