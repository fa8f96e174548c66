//! Signed notes and checkpoints. The note and keys of `PeterNeumann` are the published example of the format
//! (golang.org/x/mod/sumdb/note, repeated by C2SP implementations).

use averment_ledger::{Checkpoint, Frontier, NoteError, SigningKey, VerifierKey, leaf_hash};
use proptest::prelude::*;

const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
/// The part behind the type byte of `AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz`.
const SEED: [u8; 32] = [
    0x81, 0x0a, 0x14, 0x02, 0xd5, 0x14, 0x6c, 0x8d, 0x84, 0xf2, 0x44, 0x33, 0x30, 0xf5, 0x40, 0x80, 0xeb, 0xf9, 0x8e,
    0xe1, 0x7d, 0x9c, 0x74, 0xf6, 0x25, 0x2f, 0xc5, 0xd5, 0xc7, 0x28, 0x31, 0x73,
];

fn key() -> SigningKey {
    SigningKey::from_seed("PeterNeumann", &SEED).unwrap()
}

fn note() -> String {
    format!("{TEXT}\n{SIGNATURE}")
}

#[test]
fn the_published_note_comes_out_and_opens() {
    assert_eq!(key().sign(TEXT), note());
    assert_eq!(key().verifier().open(&note()), Ok(TEXT));
}

#[test]
fn a_verifier_key_has_one_spelling() {
    let key = key();
    let text = key.verifier().to_string();
    assert!(text.starts_with("PeterNeumann+c74f20a3+A"), "{text}");
    assert_eq!(text.parse::<VerifierKey>().as_ref(), Ok(key.verifier()));
    let upper = text.replace("c74f20a3", "C74F20A3");
    for wrong in [
        upper.as_str(),
        &text[..text.len() - 1],
        "PeterNeumann",
        "a b+c74f20a3+AQ==",
        "",
        "+",
    ] {
        assert!(
            matches!(wrong.parse::<VerifierKey>(), Err(NoteError::Key { .. })),
            "{wrong}"
        );
    }
    for name in ["", "two words", "a+b", "line\n"] {
        assert!(SigningKey::from_seed(name, &SEED).is_err());
    }
}

#[test]
fn signatures_of_others_are_left_alone() {
    let other = SigningKey::from_seed("witness.example", &[9; 32]).unwrap();
    let both = format!(
        "{}{}",
        note(),
        other.sign(TEXT).strip_prefix(&format!("{TEXT}\n")).unwrap()
    );
    assert_eq!(key().verifier().open(&both), Ok(TEXT));
    assert_eq!(other.verifier().open(&both), Ok(TEXT));
    assert_eq!(
        other.verifier().open(&note()),
        Err(NoteError::NotSigned {
            name: "witness.example".into()
        })
    );
}

#[test]
fn a_checkpoint_is_four_lines_spelled_one_way() {
    let mut tree = Frontier::new();
    tree.push(leaf_hash(b"one"));
    let key = SigningKey::from_seed("log.example", &[1; 32]).unwrap();
    let checkpoint = Checkpoint::of("log.example", &tree, 7);
    assert_eq!(checkpoint.text(), format!("log.example\n1\n{}\ngroup 7\n", tree.root()));
    assert_eq!(
        Checkpoint::open(&checkpoint.sign(&key), key.verifier()),
        Ok(checkpoint.clone())
    );
    for (from, to) in [
        ("\n1\n", "\n01\n"),
        ("\n1\n", "\n+1\n"),
        ("=\n", "=\nmore\n"),
        ("=\n", "\n"),
        ("log.example", ""),
    ] {
        assert!(
            Checkpoint::parse(&checkpoint.text().replacen(from, to, 1)).is_err(),
            "{from:?} {to:?}"
        );
    }
    let foreign = Checkpoint {
        origin: "elsewhere.example".into(),
        ..checkpoint
    };
    assert!(Checkpoint::open(&foreign.sign(&key), key.verifier()).is_err());
}

#[test]
fn every_changed_byte_of_a_note_fails() {
    let (key, note) = (key(), note().into_bytes());
    for at in 0..note.len() {
        for bit in 0..8 {
            let mut changed = note.clone();
            changed[at] ^= 1 << bit;
            let opened = std::str::from_utf8(&changed).is_ok_and(|note| key.verifier().open(note).is_ok());
            assert!(!opened, "byte {at}, bit {bit}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_parsing_panic(text in "(?s).{0,200}", head in "[a-z+ ]{0,10}") {
        let _ = key().verifier().open(&text);
        let _ = key().verifier().open(&format!("{text}\n\n— {head}{text}\n"));
        let _ = Checkpoint::parse(&text);
        let _ = format!("{head}{text}").parse::<VerifierKey>();
    }
}
