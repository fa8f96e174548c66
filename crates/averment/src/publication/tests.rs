use std::collections::BTreeMap;
use std::path::Path;

use super::folder::{in_renames, link, remove_seen};
use super::list::List;
use super::{in_place, replace};

fn files(names: &[&str]) -> BTreeMap<String, Vec<u8>> {
    names
        .iter()
        .map(|name| ((*name).to_owned(), name.as_bytes().to_vec()))
        .collect()
}

fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn read(folder: &Path, name: &str) -> Option<String> {
    std::fs::read_to_string(folder.join(name)).ok()
}

#[test]
fn what_is_no_longer_of_the_site_goes_and_what_a_person_put_there_stays() {
    let place = tempfile::tempdir().unwrap();
    let site = place.path().join("www/site");
    replace(&site, &files(&["index.html", "recipients/a.html", "recipients/b.html"])).unwrap();
    put(&site, "CNAME", "register.example");
    put(&site, "recipients/notes/mine.txt", "mine");
    std::fs::create_dir(site.join("empty")).unwrap();
    std::os::unix::fs::symlink("CNAME", site.join("link")).unwrap();
    let replaced = replace(&site, &files(&["index.html", "recipients/b.html"])).unwrap();
    assert_eq!(replaced.kept, 4);
    assert!(replaced.left_behind.is_none());
    assert_eq!(read(&site, "CNAME").as_deref(), Some("register.example"));
    assert_eq!(read(&site, "link").as_deref(), Some("register.example"));
    assert_eq!(read(&site, "recipients/notes/mine.txt").as_deref(), Some("mine"));
    assert!(site.join("empty").is_dir() && site.join("recipients/b.html").is_file());
    assert!(!site.join("recipients/a.html").exists());
    let beside: Vec<_> = std::fs::read_dir(place.path().join("www")).unwrap().collect();
    assert_eq!(beside.len(), 1, "no draft is left: {beside:?}");
}

#[test]
fn a_file_that_was_not_published_is_never_overwritten() {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("index.html", "my own page"),
        ("recipients", "a file"),
        ("index.html/x", "a folder"),
    ] {
        let site = place.path().join(name.replace('/', "-"));
        put(&site, name, text);
        let failure = replace(&site, &files(&["index.html", "recipients/a.html"]))
            .err()
            .unwrap();
        assert!(failure.render().contains("did not write it"), "{}", failure.render());
        assert_eq!(read(&site, name).as_deref(), Some(text));
        assert_eq!(std::fs::read_dir(&site).unwrap().count(), 1);
    }
}

#[test]
fn a_published_file_that_somebody_changed_is_not_deleted() {
    let place = tempfile::tempdir().unwrap();
    let site = place.path().join("site");
    replace(&site, &files(&["a.html", "b.html"])).unwrap();
    put(&site, "b.html", "changed by hand");
    let replaced = replace(&site, &files(&["a.html"])).unwrap();
    assert_eq!(
        (replaced.kept, read(&site, "b.html").as_deref()),
        (1, Some("changed by hand"))
    );
}

#[test]
fn a_forged_list_reaches_nothing_outside_the_folder() {
    let place = tempfile::tempdir().unwrap();
    let site = place.path().join("site");
    replace(&site, &files(&["a.html"])).unwrap();
    put(place.path(), "victim", "v");
    let digest = averment_register::Digest::of(b"v");
    put(
        &site,
        ".well-known/averment-files.json",
        &format!(r#"{{"schema":"averment.files/1","files":{{"../victim":"{digest}","a.html":"{digest}"}}}}"#),
    );
    replace(&site, &files(&["a.html"])).unwrap();
    assert_eq!(read(place.path(), "victim").as_deref(), Some("v"));
    put(&site, ".well-known/averment-files.json", "{}");
    let failure = replace(&site, &files(&["a.html"])).err().unwrap();
    assert!(
        failure.render().contains("nobody knows which files"),
        "{}",
        failure.render()
    );
}

#[test]
fn a_private_folder_stays_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = tempfile::tempdir().unwrap();
    let site = place.path().join("site");
    replace(&site, &files(&["index.html", "recipients/a.html"])).unwrap();
    put(&site, "private/deep/notes.txt", "mine");
    std::fs::create_dir(site.join("empty")).unwrap();
    let modes = [
        ("private", 0o700),
        ("private/deep", 0o711),
        ("empty", 0o750),
        ("recipients", 0o775),
    ];
    for (name, mode) in modes {
        std::fs::set_permissions(site.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    }
    replace(&site, &files(&["index.html", "recipients/a.html"])).unwrap();
    for (name, mode) in modes {
        let now = std::fs::metadata(site.join(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(now, mode, "{name}: {now:o}");
    }
}

#[test]
fn in_place_touches_no_name_that_a_person_could_have_taken() {
    let place = tempfile::tempdir().unwrap();
    let site = place.path().join("site");
    put(place.path(), "victim", "v");
    put(&site, "index.averment-new", "mine");
    std::os::unix::fs::symlink("../victim", site.join("a.averment-new")).unwrap();
    let taken = format!(".index.html.averment-{}-0", std::process::id());
    std::os::unix::fs::symlink("../victim", site.join(&taken)).unwrap();
    in_place(&site, &files(&["index.html", "a.html"]), &List::default()).unwrap();
    assert_eq!(read(&site, "index.html").as_deref(), Some("index.html"));
    assert_eq!(read(&site, "index.averment-new").as_deref(), Some("mine"));
    assert_eq!(read(place.path(), "victim").as_deref(), Some("v"));
    assert!(site.join("a.averment-new").is_symlink() && site.join(taken).is_symlink());
    assert_eq!(std::fs::read_dir(&site).unwrap().count(), 5);
}

#[test]
fn changing_places_by_renames_leaves_other_names_alone() {
    let place = tempfile::tempdir().unwrap();
    let (site, draft) = (place.path().join("site"), place.path().join(".site.averment-draft-1"));
    put(&site, "old", "old");
    put(&draft, "new", "new");
    std::fs::create_dir(place.path().join(".site.old")).unwrap();
    in_renames(&draft, &site).unwrap();
    assert_eq!(read(&site, "new").as_deref(), Some("new"));
    assert_eq!(read(&draft, "old").as_deref(), Some("old"));
    assert!(place.path().join(".site.old").is_dir());
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 3);
}

#[test]
fn a_kept_file_that_was_replaced_meanwhile_is_not_removed() {
    let place = tempfile::tempdir().unwrap();
    let (old, new) = (place.path().join("old"), place.path().join("new"));
    put(&old, "saved", "first");
    put(&old, "same", "same");
    let linked: BTreeMap<_, _> = ["saved", "same"]
        .map(|name| (name.into(), link(&old.join(name), &new.join(name)).unwrap().unwrap()))
        .into();
    // An editor saves by writing another file and renaming it.
    put(&old, "saved.tmp", "second");
    std::fs::rename(old.join("saved.tmp"), old.join("saved")).unwrap();
    assert!(!remove_seen(&old, &linked.keys().cloned().collect(), &linked));
    assert_eq!(read(&old, "saved").as_deref(), Some("second"));
    assert!(!old.join("same").exists());
}
