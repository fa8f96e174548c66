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
    let told = Settings::read("[stores.app]\nurl = \"x\"").unwrap_err().to_string();
    assert!(told.contains("`url`") && told.contains("`url_env`"), "{told}");
}
