//! Archives that somebody made to do harm: refused, with nothing loaded and nothing written.

use std::io::Write as _;
use std::path::PathBuf;

use averment_store::LoadError;
use zip::write::SimpleFileOptions;

use crate::loaders::{Place, WHOLE, bundle};

/// An archive of the school with files of other names and contents before and behind it.
fn archive(
    place: &Place,
    before: &[(&str, &[u8])],
    school: &[(&'static str, String)],
    behind: &[(&str, &[u8])],
) -> PathBuf {
    let path = place.home.dir.path().join("export.zip");
    let mut archive = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let school: Vec<(&str, &[u8])> = school
        .iter()
        .map(|(name, content)| (*name, content.as_bytes()))
        .collect();
    for (name, content) in before.iter().chain(&school).chain(behind) {
        archive.start_file(*name, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
    path
}

/// Everything below the folder of the test.
fn files(place: &Place) -> Vec<PathBuf> {
    let mut folders = vec![place.home.dir.path().to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry.clone());
            }
            files.push(entry);
        }
    }
    files.sort();
    files
}

fn refused(place: &mut Place, path: &std::path::Path) -> String {
    let before = files(place);
    let error = place.load(path, WHOLE).unwrap_err();
    assert_eq!(place.people.version().unwrap(), 0, "nothing is loaded");
    assert_eq!(files(place), before, "nothing is written");
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    format!("{error}: {}", cause.unwrap_or_default())
}

#[test]
fn names_that_lead_out_of_the_archive_lead_nowhere() {
    let mut place = Place::new();
    let out: [(&str, &[u8]); 3] = [
        ("../../escaped.csv", b"x"),
        ("/tmp/averment-escaped.csv", b"x"),
        ("..\\escaped.csv\u{1b}[2J", b"x"),
    ];
    let path = archive(&place, &out, &bundle(), &[]);
    let before = files(&place);
    assert_eq!(
        place.load(&path, WHOLE).unwrap().present,
        5,
        "what is not asked for is not read"
    );
    assert_eq!(files(&place), before);
    assert!(!std::path::Path::new("/tmp/averment-escaped.csv").exists());
}

#[test]
fn a_second_file_of_a_name_is_refused() {
    let mut place = Place::new();
    let path = archive(&place, &[("school/users.csv", b"sourcedId\n")], &bundle(), &[]);
    let text = refused(&mut place, &path);
    assert!(text.contains("expected `users.csv` in the archive once"), "{text}");
}

#[test]
fn what_unpacks_to_much_more_than_it_is_is_refused_at_its_limit() {
    let field = format!("u-99,,,true,\"{}", "a".repeat(4 << 20));
    let lines = "u-99,,,true,,,,,,,,,,\n".repeat((65 << 20) / 22);
    for (text, expected) in [(field, "bytes in a record"), (lines, "expected at most 67108864 bytes")] {
        let mut place = Place::new();
        let mut school = bundle();
        school[1].1.push_str(&text);
        let path = archive(&place, &[], &school, &[]);
        assert!(std::fs::metadata(&path).unwrap().len() < 1 << 20);
        let told = refused(&mut place, &path);
        assert!(told.contains(expected) && told.len() < 500, "{expected} in {told:.200}");
    }
}

#[test]
fn an_archive_that_is_cut_or_changed_is_refused() {
    let place = Place::new();
    let path = archive(&place, &[], &bundle(), &[]);
    let whole = std::fs::read(&path).unwrap();
    for cut in (0..whole.len()).step_by(97) {
        let mut place = Place::new();
        let path = place.file("export.zip", "");
        std::fs::write(&path, &whole[..cut]).unwrap();
        _ = refused(&mut place, &path);
    }
    // What was changed is refused, or reads as it was: the check sums cover the contents, not every field around them.
    for at in (0..whole.len()).step_by(31) {
        let mut place = Place::new();
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        let path = place.file("export.zip", "");
        std::fs::write(&path, &changed).unwrap();
        match place.load(&path, WHOLE) {
            Ok(report) => assert_eq!(report.present, 5, "byte {at}"),
            Err(LoadError::Read { .. } | LoadError::Faults { .. } | LoadError::Bundle { .. }) => {}
            Err(other) => panic!("byte {at}: {other}"),
        }
    }
}
