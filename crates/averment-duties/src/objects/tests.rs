use super::*;

fn pattern(prefix: &str) -> Pattern {
    Pattern::of(&StoreTable {
        prefix: Some(prefix.to_owned()),
        ..table()
    })
}

fn table() -> StoreTable {
    serde_json::from_str("{}").expect("every field may be absent")
}

#[test]
fn a_place_of_a_prefix_is_found_in_names() {
    let uploads = pattern("uploads/{account}/");
    assert_eq!(uploads.beginning(), "uploads/");
    assert_eq!(uploads.beginning_with("account", "7"), "uploads/7/");
    assert_eq!(uploads.at("account", "uploads/7/a/b.png"), Some("7"));
    assert_eq!(uploads.at("account", "uploads/7"), None);
    assert_eq!(uploads.at("account", "other/7/a.png"), None);
    let nested = pattern("schools/{school}/avatars/{account}.");
    assert_eq!(nested.beginning_with("account", "7"), "schools/");
    assert_eq!(nested.at("account", "schools/birch/avatars/7.png"), Some("7"));
    assert_eq!(nested.at("account", "schools/birch/avatars/7/x.png"), None);
    let last = pattern("exports/{account}");
    assert_eq!(last.at("account", "exports/12"), Some("12"));
    assert_eq!(last.at("account", "exports/12/whole.zip"), Some("12"));
}

#[test]
fn a_name_is_read_in_every_way_that_fits() {
    let cases: [(&str, &str, &[&str]); 12] = [
        ("uploads/{user}/", "uploads/7/a.png", &["7"]),
        ("uploads/{user}/", "uploads/7", &[]),
        ("up/{user}-", "up/s-17-x.png", &["s", "s-17"]),
        ("up/{user}-", "up/7-12-x.png", &["7", "7-12"]),
        ("avatars/{user}", "avatars/7.png", &["7", "7.png"]),
        ("avatars/{user}", "avatars/70", &["70"]),
        ("avatars/{user}", "avatars/7-12", &["7-12"]),
        ("{school}/{user}/", "birch/7/x", &["7"]),
        ("{school}/{user}/", "birch/deep/7/x", &["deep"]),
        ("{school}/{user}-", "birch/7-report.pdf", &["7"]),
        ("{school}-{user}/", "birch-7-9/x", &["7-9", "9"]),
        ("other/{user}/", "uploads/7/x", &[]),
    ];
    for (prefix, name, expected) in cases {
        let found: Vec<&str> = pattern(prefix).readings("user", name).into_iter().collect();
        assert_eq!(found, expected, "{prefix} {name}");
    }
    assert_eq!(pattern("avatars/{user}").at("user", "avatars/7.png"), Some("7"));
    assert_eq!(
        pattern("avatars/{user}").at("user", "avatars/a@b.example"),
        Some("a@b.example")
    );
}

#[test]
fn files_stay_within_their_folder() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(dir.path().join("store/uploads/7")).unwrap();
    std::fs::write(dir.path().join("store/uploads/7/a.txt"), "a").unwrap();
    std::fs::write(dir.path().join("secret.txt"), "b").unwrap();
    std::os::unix::fs::symlink(dir.path().join("secret.txt"), dir.path().join("store/uploads/7/link")).unwrap();
    let mut files = Files::open(&dir.path().join("store")).unwrap();
    assert_eq!(files.list("uploads/").unwrap(), ["uploads/7/a.txt", "uploads/7/link"]);
    assert_eq!(files.list("uploads/7").unwrap().len(), 2);
    assert_eq!(files.list("uploads/8/").unwrap(), Vec::<String>::new());
    assert!(files.get("../secret.txt").is_err());
    assert!(files.get("/etc/hostname").is_err());
    assert!(files.get("uploads/7/link").is_err(), "links are not followed");
    assert!(files.delete("uploads/7/link").unwrap());
    assert!(
        dir.path().join("secret.txt").exists(),
        "the link went, not what it leads to"
    );
    assert!(files.delete("uploads/7/a.txt").unwrap());
    assert!(!files.delete("uploads/7/a.txt").unwrap());
    assert!(
        !dir.path().join("store/uploads/7").exists(),
        "a folder that became empty goes"
    );
}

#[test]
fn what_is_too_large_is_not_held_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(dir.path().join("film")).unwrap();
    file.set_len(IN_MEMORY_BYTES_MAX + 1).unwrap();
    std::fs::write(dir.path().join("note"), "seven").unwrap();
    let mut files = Files::open(dir.path()).unwrap();
    assert!(matches!(files.get("film"), Err(ObjectError::TooLarge(_))));
    assert_eq!(files.get("note").unwrap().unwrap(), b"seven");
    let mut out = Vec::new();
    assert_eq!(files.copy("note", 5, &mut out).unwrap(), Copied::Whole(5));
    assert_eq!(files.copy("note", 4, &mut out).unwrap(), Copied::TooLarge);
    assert_eq!(files.copy("letter", 4, &mut out).unwrap(), Copied::Gone);
    let listed = files.details("").unwrap();
    let sizes: Vec<u64> = listed.iter().map(|one| one.bytes).collect();
    assert_eq!(sizes, [IN_MEMORY_BYTES_MAX + 1, 5]);
    assert!(listed.iter().all(|one| one.modified.is_some() && !one.is_link));
    assert!(
        !format!("{listed:?}").contains("film"),
        "names may be numbers of people"
    );
}

#[test]
fn a_name_fits_where_every_place_of_the_pattern_has_something() {
    let cases = [
        ("up/{user}/", "up/7/a", true),
        ("up/{user}/", "upper/7/a", false),
        ("up/{user}/", "up/readme", false),
        ("class/", "class/all.png", true),
        ("", "anything", true),
    ];
    for (prefix, name, expected) in cases {
        assert_eq!(pattern(prefix).fits(name), expected, "{prefix} {name}");
    }
}
