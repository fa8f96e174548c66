//! `averment scan code`: how it ends, what it prints where nobody watches, its cache.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::world::{Place, Ran};

fn write(place: &Place, name: &str, text: &str) {
    let path = place.path(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("a file");
}

/// A register without recipients, and a program that sends a text message.
fn house() -> Place {
    let place = Place::new();
    write(
        &place,
        "register/organisation.toml",
        "organisation = \"Reading Room\"\n",
    );
    write(
        &place,
        "register/claims/list.toml",
        "[[claims]]\nkind = \"list_complete\"\nsentence = \"Nobody else gets data.\"\n",
    );
    write(
        &place,
        "code/lib/texter.rb",
        "require 'twilio-ruby'\n\nclass Texter\n  def tell(student)\n    Twilio::REST::Client.new.messages.create(to: student.phone)\n  end\nend\n",
    );
    place
}

fn scan(place: &Place, path: &str, more: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["scan", "code", path, "--register", "register", "--cache", "cache"]
        .iter()
        .chain(more)
        .copied()
        .collect();
    place.run(&arguments)
}

#[test]
fn an_undeclared_third_party_ends_with_1_and_is_placed() {
    let place = house();
    let ran = scan(&place, "code", &[]).expect(1);
    assert!(ran.stdout.contains("Twilio"), "{}", ran.stdout);
    assert!(ran.stdout.contains("lib/texter.rb:5"), "{}", ran.stdout);
}

#[test]
fn code_that_contacts_nobody_ends_with_0() {
    let place = house();
    write(&place, "quiet/sum.rb", "def sum(a, b) = a + b\n");
    scan(&place, "quiet", &[]).expect(0);
}

#[test]
fn where_nothing_can_be_seen_it_ends_with_2() {
    let place = house();
    fs::create_dir_all(place.path("empty")).expect("a folder");
    scan(&place, "empty", &[]).expect(2);
    let gone = scan(&place, "gone", &[]).expect(2);
    assert!(gone.stderr.contains("cannot read `gone`"), "{}", gone.stderr);
}

#[test]
fn a_file_may_be_given_instead_of_a_folder() {
    let place = house();
    let ran = scan(&place, "code/lib/texter.rb", &[]).expect(1);
    assert!(ran.stdout.contains("texter.rb:5"), "{}", ran.stdout);
}

#[test]
fn domains_of_ones_own_are_nobody_else() {
    let place = house();
    write(&place, "own/a.js", "fetch('https://api.reading-room.org/marks')\n");
    scan(&place, "own", &[]).expect(1);
    scan(&place, "own", &["--own", "reading-room.org"]).expect(0);
    scan(&place, "own", &["--own", "org"]).expect(2);
}

#[test]
fn on_a_pipe_there_is_no_progress_and_no_line_is_longer_than_a_terminal() {
    let ran = scan(&house(), "code", &[]).expect(1);
    assert!(!ran.stderr.contains(['\u{1b}', '\r']), "{:?}", ran.stderr);
    assert!(!ran.stderr.contains("files,"), "{:?}", ran.stderr);
    let long: Vec<&str> = ran.stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(long.is_empty(), "{long:#?}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("it is there").permissions().mode() & 0o777
}

#[test]
fn the_cache_is_private_and_a_broken_one_is_thrown_away() {
    let place = house();
    let first = scan(&place, "code", &[]).expect(1);
    let file = place.path("cache/code-scan");
    assert_eq!((mode(&place.path("cache")), mode(&file)), (0o700, 0o600));
    let kept = fs::read(&file).expect("a cache");
    assert_eq!(scan(&place, "code", &[]).expect(1).stdout, first.stdout);
    assert_eq!(fs::read(&file).expect("a cache"), kept);
    let forged = String::from_utf8(kept.clone())
        .expect("text")
        .replace("twilio", "nobody");
    for broken in [forged.as_bytes(), &[0xff, 0], &[]] {
        fs::write(&file, broken).expect("a file");
        assert_eq!(scan(&place, "code", &[]).expect(1).stdout, first.stdout);
        assert_eq!(fs::read(&file).expect("a cache"), kept);
    }
}

#[test]
fn without_a_cache_nothing_is_kept() {
    let place = house();
    let home = place.path("home").display().to_string();
    let arguments = ["scan", "code", "code", "--register", "register", "--no-cache"];
    place
        .run_with(&arguments, &[("XDG_CACHE_HOME", &home), ("HOME", &home)])
        .expect(1);
    assert!(!place.path("home").exists());
    place
        .run_with(&arguments[..5], &[("XDG_CACHE_HOME", &home), ("HOME", &home)])
        .expect(1);
    assert!(place.path("home/averment/code-scan").exists());
}
