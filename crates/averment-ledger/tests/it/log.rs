//! A small log, and everything that somebody could do to it.

use averment_ledger::{
    Audit, Checkpoint, Deed, Deviation, ENTRY_VERSION, Entry, Frontier, Head, LedgerFile, LogReader, Outcome,
    Signatures, SigningKey, audit, leaf_hash, write_checkpoint_line, write_entry_line,
};

/// The three files of a ledger folder.
#[derive(Clone, PartialEq, Eq)]
struct Files {
    verifier: Vec<u8>,
    checkpoint: Vec<u8>,
    log: Vec<u8>,
}

fn key() -> SigningKey {
    SigningKey::from_seed("averment.local/log/test", &[3; 32]).unwrap()
}

fn json(number: u64) -> String {
    let id = format!("{number:032x}");
    let deed = Deed::Outcome(Outcome {
        id,
        result: "answered".into(),
        status: Some(200),
        ..Outcome::default()
    });
    let at = format!("2026-03-01T12:00:{number:02}.000000Z");
    Entry {
        v: ENTRY_VERSION,
        at,
        charter: "sha256:00".into(),
        deed,
    }
    .to_json()
}

/// A log of groups of these sizes, and the folder's files after each group.
fn history(sizes: &[u64]) -> Vec<Files> {
    let (key, mut tree, mut log) = (key(), Frontier::new(), Vec::new());
    let verifier = format!("{}\n", key.verifier()).into_bytes();
    let sign = |tree: &Frontier, group| Checkpoint::of(key.verifier().name(), tree, group).sign(&key);
    let mut states = vec![Files {
        verifier: verifier.clone(),
        checkpoint: sign(&tree, 0).into_bytes(),
        log: Vec::new(),
    }];
    for (group, size) in (1..).zip(sizes) {
        for _ in 0..*size {
            let json = json(tree.size());
            let hash = leaf_hash(json.as_bytes());
            write_entry_line(&mut log, tree.size(), &hash, &json);
            tree.push(hash);
        }
        let note = sign(&tree, group);
        write_checkpoint_line(&mut log, &note);
        states.push(Files {
            verifier: verifier.clone(),
            checkpoint: note.into_bytes(),
            log: log.clone(),
        });
    }
    states
}

fn last(sizes: &[u64]) -> Files {
    history(sizes).pop().unwrap()
}

fn check(files: &Files) -> Audit {
    audit(
        Some(&files.verifier),
        Some(&files.checkpoint),
        &files.log[..],
        Some(key().verifier()),
    )
    .unwrap()
}

/// Whether the audit says that all is as it was left.
fn unnoticed(audit: &Audit) -> bool {
    audit.holds() && audit.tail.is_none() && audit.sealed.as_ref().is_some_and(|sealed| sealed.after_head == 0)
}

#[test]
fn a_whole_log_holds() {
    for files in history(&[2, 1, 3]) {
        let audit = check(&files);
        assert!(unnoticed(&audit), "{audit:?}");
    }
    let audit = check(&last(&[2, 1, 3]));
    let sealed = audit.sealed.unwrap();
    assert_eq!((sealed.entries, sealed.checkpoints), (6, 3));
    assert_eq!(audit.last_at.as_deref(), Some("2026-03-01T12:00:05.000000Z"));
}

#[test]
fn every_flip_of_every_byte_of_every_file_is_found_with_its_place() {
    let files = last(&[2, 1]);
    for mask in [0x01, 0x20, 0x80, 0xff] {
        for at in 0..files.log.len() {
            let mut changed = files.clone();
            changed.log[at] ^= mask;
            let found = check(&changed).breaks.swap_remove(0);
            assert_eq!(found.file, LedgerFile::Log, "byte {at}");
            let (start, line) = (found.offset as usize, found.line as usize);
            assert!(start <= at, "byte {at}: {found}");
            let lines_before = files.log[..start].iter().filter(|byte| **byte == b'\n').count();
            // A newline that is made or lost moves what is found by one line.
            assert!(lines_before + 1 == line || mask != 0x01, "byte {at}: {found}");
        }
        for at in 0..files.checkpoint.len() {
            let mut changed = files.clone();
            changed.checkpoint[at] ^= mask;
            assert_eq!(check(&changed).breaks[0].file, LedgerFile::Checkpoint, "byte {at}");
        }
        for at in 0..files.verifier.len() {
            let mut changed = files.clone();
            changed.verifier[at] ^= mask;
            assert_eq!(check(&changed).breaks[0].file, LedgerFile::Verifier, "byte {at}");
        }
    }
}

#[test]
fn every_truncation_is_found() {
    let files = last(&[2, 1]);
    for length in 0..files.log.len() {
        let changed = Files {
            log: files.log[..length].to_vec(),
            ..files.clone()
        };
        assert!(!check(&changed).holds(), "{length}");
    }
    for length in 0..files.checkpoint.len() {
        let changed = Files {
            checkpoint: files.checkpoint[..length].to_vec(),
            ..files.clone()
        };
        assert!(!check(&changed).holds(), "{length}");
    }
}

#[test]
fn every_line_deleted_doubled_or_moved_is_found() {
    let files = last(&[2, 1, 3]);
    let lines: Vec<&[u8]> = files.log.split_inclusive(|byte| *byte == b'\n').collect();
    let holds = |lines: &[&[u8]]| {
        check(&Files {
            log: lines.concat(),
            ..files.clone()
        })
        .holds()
    };
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        assert!(!holds(&without), "{at}");
        for to in 0..lines.len() {
            let (mut doubled, mut swapped) = (lines.clone(), lines.clone());
            doubled.insert(to, lines[at]);
            swapped.swap(at, to);
            assert!(!holds(&doubled), "{at} {to}");
            assert!(at == to || !holds(&swapped), "{at} {to}");
        }
    }
}

#[test]
fn older_copies_are_found() {
    let states = history(&[2, 1, 3]);
    let newest = states.last().unwrap();
    for (age, older) in states.iter().rev().enumerate().skip(1) {
        let old_log = check(&Files {
            log: older.log.clone(),
            ..newest.clone()
        });
        assert!(
            matches!(old_log.breaks[0].deviation, Deviation::Shorter { expected: 6, .. }),
            "{old_log:?}"
        );
        let old_checkpoint = check(&Files {
            checkpoint: older.checkpoint.clone(),
            ..newest.clone()
        });
        assert_eq!(old_checkpoint.sealed.unwrap().after_head, age as u64);
    }
}

#[test]
fn another_history_of_the_same_key_or_of_another_is_found() {
    let files = last(&[2, 1]);
    let other = last(&[1, 2]);
    let mixed = Files {
        log: other.log.clone(),
        ..files.clone()
    };
    assert!(
        check(&mixed).holds(),
        "the same entries in other groups are the same tree"
    );
    let longer = last(&[2, 2]);
    assert!(
        !check(&Files {
            log: longer.log,
            ..files.clone()
        })
        .holds()
    );
    let forger = SigningKey::from_seed("averment.local/log/test", &[4; 32]).unwrap();
    let verifier = format!("{}\n", forger.verifier()).into_bytes();
    let audit = check(&Files { verifier, ..files });
    assert!(
        matches!(audit.breaks[0].deviation, Deviation::OtherKey { .. }),
        "{audit:?}"
    );
}

#[test]
fn missing_files_are_told() {
    let files = last(&[1]);
    let without_checkpoint = audit(Some(&files.verifier), None, &files.log[..], None).unwrap();
    assert_eq!(
        without_checkpoint.breaks[0].to_string(),
        "`0001/checkpoint` line 1, byte 0: expected this file, found none"
    );
    let without_key = audit(None, Some(&files.checkpoint), &files.log[..], None).unwrap();
    assert_eq!(without_key.breaks[0].file, LedgerFile::Verifier);
}

#[test]
fn an_unsealed_end_is_told_apart() {
    let (files, next) = (last(&[2]), last(&[2, 3]));
    for length in files.log.len() + 1..next.log.len() {
        let audit = check(&Files {
            log: next.log[..length].to_vec(),
            ..files.clone()
        });
        let tail = audit.tail.unwrap();
        assert!(audit.holds());
        assert_eq!(
            (tail.offset + tail.bytes, audit.sealed.unwrap().entries),
            (length as u64, 2)
        );
        let whole = next.log[files.log.len()..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        assert_eq!(tail.entries, whole as u64);
    }
}

#[test]
fn a_changed_entry_is_found_even_behind_the_head_when_a_checkpoint_follows() {
    let states = history(&[2, 3, 1]);
    let (older, newest) = (&states[1], &states[3]);
    let at = older.log.len() + 100;
    let mut log = newest.log.clone();
    log[at] ^= 1;
    let audit = check(&Files { log, ..older.clone() });
    assert!(
        matches!(audit.breaks[0].deviation, Deviation::LeafHash { .. }),
        "{audit:?}"
    );
}

#[test]
fn ten_thousand_random_changes_are_all_found() {
    let states = history(&[2, 1, 3, 1]);
    let files = states.last().unwrap();
    let mut random = Random(0x5eed);
    let mut changes = 0;
    while changes < 10_000 {
        let mut changed = files.clone();
        let target = match random.below(8) {
            0 => &mut changed.checkpoint,
            1 => &mut changed.verifier,
            _ => &mut changed.log,
        };
        let (at, length) = (random.below(target.len()), 1 + random.below(40));
        let end = (at + length).min(target.len());
        match random.below(6) {
            0 => target[at] ^= 1 << random.below(8),
            1 => drop(target.drain(at..end)),
            2 => target.truncate(at),
            3 => target[at..end].reverse(),
            4 => {
                let piece = target[at..end].to_vec();
                let to = random.below(target.len());
                target.splice(to..to, piece);
            }
            _ => {
                let older = &states[random.below(states.len() - 1)];
                if random.below(2) == 0 {
                    changed.log = older.log.clone()
                } else {
                    changed.checkpoint = older.checkpoint.clone()
                }
            }
        }
        if changed != *files {
            changes += 1;
            assert!(!unnoticed(&check(&changed)), "change {changes}");
        }
    }
}

/// A small generator, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

#[test]
fn entries_are_given_out_group_by_group_with_their_place() {
    let files = last(&[2, 1]);
    let head = Head::open(&files.checkpoint, key().verifier()).unwrap();
    let mut reader = LogReader::new(&files.log[..], key().verifier().clone(), head, Signatures::AfterHead);
    let mut seen = Vec::new();
    while let Some(group) = reader.next_group().unwrap() {
        for line in group.lines() {
            let at = line.offset as usize;
            assert!(files.log[at..].starts_with(format!("E {} ", line.index).as_bytes()));
            assert_eq!(line.json, json(line.index).as_bytes());
            assert_eq!(line.entry().unwrap().v, ENTRY_VERSION);
            seen.push((line.index, line.line));
        }
    }
    assert_eq!(seen, [(0, 1), (1, 2), (2, 4)]);
}
