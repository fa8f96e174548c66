use super::*;
use crate::settings::Settings;

fn fault(text: &str) -> String {
    let error = Settings::parse(text).unwrap_err();
    std::error::Error::source(&error).unwrap().to_string()
}

#[test]
fn what_is_set_counts_and_the_rest_stays() {
    let text =
        "[timeouts]\nconnect_s = 3\nanswer_s = 120\n[[timeouts.recipients]]\nrecipient = \"slow\"\nanswer_s = 900\n";
    let settings = Settings::parse(text).unwrap().timeouts;
    let (base, over) = (Timeouts::default(), settings.over(Timeouts::default()));
    let seconds = Duration::from_secs;
    assert_eq!((over.connect, over.answer), (seconds(3), seconds(120)));
    assert_eq!(
        (over.head, over.keep_alive, over.body),
        (base.head, base.keep_alive, base.body)
    );
    assert_eq!(settings.answer_of(&"slow".parse().unwrap()), Some(seconds(900)));
    assert_eq!(settings.answer_of(&"other".parse().unwrap()), None);
}

#[test]
fn what_is_out_of_range_is_told_with_its_place() {
    for (field, value, range) in [
        ("connect_s", "0", "1 to 120"),
        ("head_s", "121", "1 to 120"),
        ("keep_alive_s", "3601", "1 to 3600"),
        ("body_s", "-1", "1 to 600"),
        ("answer_s", "86400", "1 to 3600"),
    ] {
        let told = fault(&format!("[timeouts]\n{field} = {value}\n"));
        let expected = format!("expected {range} seconds, found {value}");
        assert!(told.contains(&expected) && told.contains("line 2"), "{told}");
    }
    assert!(fault("[timeouts]\nanswers_s = 1\n").contains("unknown field"));
    let row = "[[timeouts.recipients]]\nrecipient = \"slow\"\nanswer_s = 9\n";
    assert!(fault(&format!("{row}{row}")).contains("`slow` twice"));
    assert!(fault("[[timeouts.recipients]]\nrecipient = \"slow\"\n").contains("answer_s"));
}
