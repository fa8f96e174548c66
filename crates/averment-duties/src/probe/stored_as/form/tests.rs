use averment_detect::DirectoryKey;

use super::*;

fn judge(word: &str, value: &str) -> Judged {
    let nobody = Directory::new(DirectoryKey::new([0; 32]), Vec::new(), []);
    let form = Form { word, passwords: false };
    form.judge(value, &nobody)
}

#[test]
fn addresses_are_anonymous_only_when_they_are_cut() {
    for (value, fits) in [
        ("203.0.113.0", true),
        ("203.0.113.7", false),
        ("203.0.113.7/32", false),
        ("203.0.113.0/24", true),
        ("2001:db8:7::", true),
        ("2001:db8:7:1::9", false),
        ("::ffff:203.0.113.7", false),
        ("a1b2c3", true),
        ("ada@birch.example", false),
    ] {
        assert_eq!(judge("anonymous", value) == Judged::Fits, fits, "{value}");
        assert_eq!(judge("truncated", value) == Judged::Fits, fits, "{value}");
    }
}

#[test]
fn clear_values_have_no_form() {
    for word in [
        "one_way_hash",
        "keyed_hash",
        "bcrypt",
        "encrypted",
        "sha256",
        "pseudonym",
    ] {
        let judged = judge(word, "ada@birch.example");
        assert!(matches!(judged, Judged::Against(_)), "{word}: {judged:?}");
    }
    assert_eq!(judge("pseudonym", "018f3b8e-7f3a-7c1e-9b1a-2f6f0c4d5e6f"), Judged::Fits);
    assert_eq!(
        judge("encrypted", "correct horse battery staple"),
        Judged::Against(CLEAR)
    );
    assert_eq!(judge("one_way_hash", ""), Judged::Empty);
    assert_eq!(judge("a form that nobody knows", "x"), Judged::Undecided);
}
