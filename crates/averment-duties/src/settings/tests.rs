//! What is said about a file that cannot be used, and that no secret is repeated.

use super::Settings;

#[test]
fn a_fault_is_told_with_its_line_and_without_what_stands_there() {
    let secret = "postgres://app:hunter2@db.example/app";
    for (line, text) in [
        (2, format!("[stores.app]\nurl = \"{secret}\"\n")),
        (2, format!("\nstores = {{ app = \"{secret}\" }}\n")),
        (3, format!("[stores.app]\n\ntrust = \"{secret}\"\n")),
        (2, format!("[stores.app]\nurl_env = \"{secret}\n")),
        (2, format!("[[drills]]\nkind = \"{secret}\"\n")),
        (2, format!("[vendors]\n\"{secret}\" = 1\n")),
    ] {
        let told = Settings::read(&text).unwrap_err().to_string();
        assert!(!told.contains("hunter2") && !told.contains('\n'), "{told}");
        assert!(told.starts_with(&format!("line {line}: ")), "{told}");
        assert!(!told.contains("struct") && !told.contains("Access"), "{told}");
    }
    for (text, expected) in [
        (
            "[retention.schools]\nHill = \"hunter2\"\n",
            "lower-case letters, digits, `-`, `_` and `.`",
        ),
        ("[retention.schools]\nhill = [\"hunter2\"]\n", "a string"),
        (
            "[retention]\nevery = \"hunter2\"\n",
            "ISO 8601 such as `P90D`, `P1Y` or `PT72H`",
        ),
        ("[retention]\nbatch_rows = \"hunter2\"\n", "a whole number, 0 or more"),
        ("[[drills]]\nbytes = \"hunter2\"\n", "a whole number, 0 or more"),
        ("[retention]\nevery = \"hunter2: expected `\"\n", ""),
        (
            "[retention]\nbatch_rows = \"a, expected hunter2\"\n",
            "a whole number, 0 or more",
        ),
    ] {
        let told = Settings::read(text).unwrap_err().to_string();
        let wanted = match expected {
            "" => "line 2: not as expected".to_owned(),
            expected => format!("line 2: expected {expected}"),
        };
        assert!(told.starts_with(&wanted) && !told.contains("hunter2"), "{told}");
    }
    let told = Settings::read("[stores.app]\nurl = \"x\"").unwrap_err().to_string();
    assert!(told.contains("`url`") && told.contains("`url_env`"), "{told}");
}
