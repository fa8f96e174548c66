//! The list of who was erased: one that lost lines, an older one, an empty one or another one is refused.

use std::path::Path;

use averment_duties::erase::{PEOPLE_AT_ONCE, TombstoneError, Tombstones};
use averment_register::Engine;
use averment_store::{Keys, ListMark};

use super::school::{CANARY, School};
use super::{erased_all, people};

/// Changes a list: given its lines, gives what stands in the file.
type Change = fn(&[&str]) -> Vec<String>;

fn owned(lines: &[&str]) -> Vec<String> {
    lines.iter().map(|line| (*line).to_owned()).collect()
}

/// How a list may be less than it was, and a part of what is said of it.
const CHANGES: [(&str, Change, &str); 7] = [
    (
        "the last line",
        |lines| owned(&lines[..lines.len() - 1]),
        "lines, and had",
    ),
    ("all lines", |lines| owned(&lines[..1]), "has 0 lines, and had"),
    ("everything", |_| Vec::new(), "has 0 lines, and had"),
    (
        "a line in the middle",
        |lines| [owned(&lines[..2]), owned(&lines[3..])].concat(),
        "line 3 of",
    ),
    (
        "the first line of somebody",
        |lines| [owned(&lines[..1]), owned(&lines[2..])].concat(),
        "line 2 of",
    ),
    (
        "the order",
        |lines| [owned(&lines[..1]), owned(&[lines[2], lines[1]]), owned(&lines[3..])].concat(),
        "line 2 of",
    ),
    (
        "a letter",
        |lines| {
            [
                owned(&lines[..1]),
                vec![lines[1].replacen('T', "t", 1)],
                owned(&lines[2..]),
            ]
            .concat()
        },
        "line 2 of",
    ),
];

fn refusals(folder: &Path, keys: &Keys) -> [String; 2] {
    refusals_of(folder, keys, None)
}

fn refusals_of(folder: &Path, keys: &Keys, listed: Option<&ListMark>) -> [String; 2] {
    let told = |opened: Result<Tombstones, TombstoneError>| opened.unwrap_err().to_string();
    [
        told(Tombstones::open_read(folder, keys, listed)),
        told(Tombstones::open(folder, keys, listed)),
    ]
}

#[test]
fn a_list_that_lacks_something_is_refused() {
    let school = School::new(Engine::Sqlite);
    let (keys, folder) = (school.keys(), school.path("tombstones"));
    let file = folder.join("tombstones");
    erased_all(&school, &people(&[CANARY]), PEOPLE_AT_ONCE, &mut |_| {});
    let older = std::fs::read_to_string(&file).unwrap();
    erased_all(&school, &people(&["3"]), PEOPLE_AT_ONCE, &mut |_| {});
    let whole = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    for (what, change, said) in CHANGES {
        let mut text = change(&lines).join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        std::fs::write(&file, text).unwrap();
        for refusal in refusals(&folder, &keys) {
            assert!(refusal.contains(said), "without {what}: {refusal}");
        }
    }
    std::fs::write(&file, older).unwrap();
    for refusal in refusals(&folder, &keys) {
        assert!(refusal.contains("expected the newest list"), "{refusal}");
    }
    std::fs::write(&file, &whole).unwrap();
    assert_eq!(
        Tombstones::open_read(&folder, &keys, None).unwrap().end().lines,
        lines.len() as u64 - 1
    );
}

/// Two lists under one pair of keys: the second is refused where the first was kept.
#[test]
fn another_list_and_a_second_one_are_refused() {
    let (school, other) = (School::new(Engine::Sqlite), School::new(Engine::Sqlite));
    let keys = school.keys();
    super::killed::copy(&school.path("keys"), &other.path("keys"));
    erased_all(&other, &people(&["3", CANARY]), 1, &mut |_| {});
    erased_all(&school, &people(&[CANARY]), PEOPLE_AT_ONCE, &mut |_| {});
    for refusal in refusals(&other.path("tombstones"), &keys) {
        assert!(refusal.contains("is another list"), "{refusal}");
    }
    let elsewhere = school.path("elsewhere");
    let refused = Tombstones::open(&elsewhere, &keys, None)
        .map(drop)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("expected that one, and no second"), "{refused}");
    assert!(!elsewhere.exists(), "nothing is begun");
    // Whoever lost the mark, too, has nothing to hold a list against.
    std::fs::remove_file(school.path("keys/tombstones.mark")).unwrap();
    Tombstones::open(&elsewhere, &keys, None).unwrap();
}

/// As an older averment wrote it: a check of each line by itself.
fn as_before(chain: &str, keys: &Keys) -> String {
    let mut text = "averment.tombstones/1\n".to_owned();
    for line in chain.lines().skip(1) {
        let content = line.rsplit_once(' ').unwrap().0;
        let sum = keys.tombstone(&[b"line", content.as_bytes()]);
        let sum: String = sum[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        text.push_str(&format!("{content} {sum}\n"));
    }
    text
}

#[test]
fn a_list_of_the_older_form_is_read_and_taken_over_once() {
    let school = School::new(Engine::Sqlite);
    let (keys, folder) = (school.keys(), school.path("tombstones"));
    let (file, mark) = (folder.join("tombstones"), school.path("keys/tombstones.mark"));
    erased_all(&school, &people(&[CANARY]), PEOPLE_AT_ONCE, &mut |_| {});
    let chain = std::fs::read_to_string(&file).unwrap();
    let before = as_before(&chain, &keys);
    let kept = std::fs::read_to_string(&mark).unwrap();
    std::fs::write(&file, &before).unwrap();
    std::fs::remove_file(&mark).unwrap();
    let asked = Tombstones::open_read(&folder, &keys, None).unwrap().len();
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        before,
        "whoever asks changes nothing"
    );
    assert_eq!(Tombstones::open(&folder, &keys, None).unwrap().len(), asked);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), chain);
    assert_eq!(std::fs::read_to_string(&mark).unwrap(), kept);
    std::fs::write(&file, before).unwrap();
    for refusal in refusals(&folder, &keys) {
        assert!(refusal.contains("is another list"), "{refusal}");
    }
}

/// Without the mark beside the keys the ledger says what the list was.
#[test]
fn a_list_that_lacks_what_the_ledger_tells_of_is_refused_without_the_mark() {
    let school = School::new(Engine::Sqlite);
    let (keys, folder) = (school.keys(), school.path("tombstones"));
    let (file, mark) = (folder.join("tombstones"), school.path("keys/tombstones.mark"));
    erased_all(&school, &people(&[CANARY]), PEOPLE_AT_ONCE, &mut |_| {});
    let older = std::fs::read_to_string(&file).unwrap();
    erased_all(&school, &people(&["3"]), PEOPLE_AT_ONCE, &mut |_| {});
    let listed = Tombstones::open_read(&folder, &keys, None).unwrap().end().clone();
    erased_all(&school, &people(&["4"]), PEOPLE_AT_ONCE, &mut |_| {});
    let whole = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let up_to_listed = lines[..=listed.lines as usize].join("\n") + "\n";
    let first = lines[0].to_owned() + "\n";
    for (what, text, said) in [
        ("everything", "", "has 0 lines, and had"),
        ("all lines", &first, "has 0 lines, and had"),
        ("what came since", &older, "expected the newest list"),
        ("the chain", &as_before(&whole, &keys), "is another list"),
    ] {
        std::fs::write(&file, text).unwrap();
        _ = std::fs::remove_file(&mark);
        for refusal in refusals_of(&folder, &keys, Some(&listed)) {
            assert!(refusal.contains(said), "without {what}: {refusal}");
        }
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            text,
            "without {what} nothing is changed"
        );
        assert!(!mark.exists(), "without {what}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let [asked, added] = refusals_of(&folder, &keys, Some(&listed));
    assert!(asked.contains("there is no list of who was erased"), "{asked}");
    assert!(added.contains("expected that one, and no second"), "{added}");
    assert!(!folder.exists(), "nothing is begun");

    std::fs::create_dir(&folder).unwrap();
    // What the ledger tells of is what it was at least.
    for text in [&up_to_listed, &whole] {
        std::fs::write(&file, text).unwrap();
        Tombstones::open_read(&folder, &keys, Some(&listed)).unwrap();
    }
    let end = Tombstones::open(&folder, &keys, Some(&listed)).unwrap().end().clone();
    assert_eq!(
        std::fs::read_to_string(&mark).unwrap(),
        format!("{} {}\n", end.lines, end.head)
    );
}
