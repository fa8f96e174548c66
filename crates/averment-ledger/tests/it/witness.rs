//! Cosignatures and the witness, which is tried with every request that can be made about small logs, against a model that
//! knows all leaves.

use averment_ledger::{
    AddCheckpoint, AnswerError, CosignerKey, CosigningKey, Frontier, MemoryTiles, NoteError, Refusal, Signed,
    SigningKey, TreeHash, VerifierKey, Witness, WitnessAnswer, consistency_proof, empty_root, leaf_hash, read_answer,
};
use proptest::prelude::*;

const NOW: u64 = 1_772_366_400;
const ORIGIN: &str = "log.example/a";

fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

fn witness_key() -> CosigningKey {
    CosigningKey::from_seed("witness.example/w1", &[2; 32]).unwrap()
}

/// Leaves of a history: the honest one, and one that differs from leaf `fork` on.
fn leaves(size: usize, fork: usize) -> Vec<TreeHash> {
    let leaf = |number| leaf_hash(format!("{} {number}", number >= fork).as_bytes());
    (0..size).map(leaf).collect()
}

fn root(leaves: &[TreeHash]) -> TreeHash {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

fn text(leaves: &[TreeHash]) -> String {
    format!("{ORIGIN}\n{}\n{}\n", leaves.len(), root(leaves))
}

fn request(old: usize, leaves: &[TreeHash]) -> AddCheckpoint {
    let proof = consistency_proof(leaves, old).unwrap_or_default();
    let note = log_key().sign(&text(leaves));
    AddCheckpoint {
        old_size: old as u64,
        proof,
        note,
    }
}

/// Signs and takes note of it, as a server does when the disk works.
fn submit(witness: &mut Witness, request: &AddCheckpoint) -> Result<Signed, Refusal> {
    let signed = witness.consider(request.body().as_bytes())?.sign(&witness_key(), NOW);
    witness.advance(&signed);
    Ok(signed)
}

fn new() -> Witness {
    Witness::new([log_key().verifier().clone()])
}

#[test]
fn a_cosignature_signs_statement_time_and_checkpoint() {
    let key = witness_key();
    let text = text(&leaves(3, 9));
    let note = format!("{}{}", log_key().sign(&text), key.cosign(&text, NOW));
    let found = key.cosigner().verify(&note).unwrap();
    assert_eq!((found.time, found.line), (NOW, key.cosign(&text, NOW)));
    // The bytes that are signed are those that the format shows: a plain Ed25519 signature over them.
    let plain = SigningKey::from_seed("witness.example/w1", &[2; 32]).unwrap();
    let message = format!("cosignature/v1\ntime {NOW}\n{text}");
    let (plain, ours) = (plain.sign(&message), key.cosign(&text, NOW));
    let bytes = |line: &str| decode(line.trim_end().rsplit(' ').next().unwrap());
    assert_eq!(bytes(&plain)[4..], bytes(&ours)[12..]);
    assert_eq!(bytes(&ours)[4..12], NOW.to_be_bytes());
    // The log's signature on the same note stays good, and a cosignature is none.
    assert_eq!(log_key().verifier().open(&note), Ok(text.as_str()));
    let same_name = SigningKey::from_seed("witness.example/w1", &[2; 32]).unwrap();
    assert!(matches!(
        same_name.verifier().open(&note),
        Err(NoteError::NotSigned { .. })
    ));
}

fn decode(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

#[test]
fn keys_of_witnesses_and_of_logs_are_told_apart() {
    let key = witness_key();
    let text = key.cosigner().to_string();
    assert!(text.starts_with("witness.example/w1+") && text.contains("+B"), "{text}");
    assert_eq!(text.parse::<CosignerKey>().as_ref(), Ok(key.cosigner()));
    assert!(text.parse::<VerifierKey>().is_err(), "a cosigner is no log");
    assert!(
        log_key().verifier().to_string().parse::<CosignerKey>().is_err(),
        "a log is no cosigner"
    );
}

#[test]
fn what_is_not_a_cosignature_of_this_text_is_refused() {
    let key = witness_key();
    let text = text(&leaves(3, 9));
    let note = log_key().sign(&text);
    let verify = |line: &str| key.cosigner().verify(&format!("{note}{line}"));
    assert!(matches!(key.cosigner().verify(&note), Err(NoteError::NotSigned { .. })));
    for (other, time) in [
        (text.replace("\n3\n", "\n4\n"), NOW),
        (text.clone(), 0),
        (text.clone(), 1 << 63),
    ] {
        assert!(matches!(
            verify(&key.cosign(&other, time)),
            Err(NoteError::BadSignature { .. })
        ));
    }
    let both = format!("{}{}", key.cosign(&text, NOW), key.cosign(&text, NOW + 1));
    assert_eq!(verify(&both).unwrap().time, NOW + 1);
    let spoiled = format!("{}{}", key.cosign(&text, NOW), key.cosign("other\n", NOW + 1));
    assert!(verify(&spoiled).is_err());
}

#[test]
fn a_request_has_one_spelling() {
    let request = request(2, &leaves(5, 9));
    let body = request.body();
    assert_eq!(AddCheckpoint::parse(body.as_bytes()), Ok(request));
    let hash = format!("{}\n", empty_root());
    let many = body.replacen("old 2\n", &format!("old 2\n{}", hash.repeat(64)), 1);
    for wrong in [
        body.replacen("old 2", "old 02", 1),
        body.replacen("old 2", "old +2", 1),
        body.replacen("old 2", "old -2", 1),
        body.replacen("old 2", "old  2", 1),
        body.replacen("old 2", "Old 2", 1),
        body.replacen("old 2\n", "", 1),
        body.replacen("old 2\n", "old 2\nAAAA\n", 1),
        body.replacen("old 2\n", "old 18446744073709551616\n", 1),
        body.replacen("\n\n", "\n", 2),
        many,
        String::new(),
    ] {
        assert!(AddCheckpoint::parse(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(AddCheckpoint::parse(&[0xff, 0xfe]).is_err());
}

/// Every state and every request about histories of up to six entries, two of them: what is signed and what is answered is
/// what a model says that looks at all leaves.
#[test]
fn of_all_requests_only_those_that_continue_are_signed() {
    const SIZES: usize = 7;
    let (mut signed, mut refused) = (0, [0; 3]);
    for known in 0..SIZES {
        let mut witness = new();
        let seen = leaves(known, 99);
        if known > 0 {
            submit(&mut witness, &request(0, &seen)).unwrap();
        }
        let before = witness.clone();
        for (old, new_size, fork, proof_from) in every(SIZES) {
            let new_leaves = leaves(new_size, fork);
            let mut request = request(old, &new_leaves);
            request.proof = consistency_proof(&new_leaves, proof_from).unwrap_or_default();
            let right_proof = consistency_proof(&new_leaves, known).unwrap_or_default();
            let continues = new_leaves.starts_with(&seen) && request.proof == right_proof;
            let expected = match () {
                () if old > new_size => 400,
                () if old != known => 409,
                () if continues => 200,
                () => 422,
            };
            let found = witness.consider(request.body().as_bytes());
            let status = found.as_ref().map_or_else(Refusal::status, |_| 200);
            assert_eq!(
                status, expected,
                "known {known}, {old} to {new_size}, fork {fork}, {proof_from}"
            );
            assert_eq!(witness, before, "nothing is taken note of before it is signed and kept");
            match found {
                Ok(_) => signed += 1,
                Err(Refusal::Conflict { size }) => {
                    assert_eq!(size, known as u64);
                    refused[0] += 1;
                }
                Err(Refusal::Inconsistent) => refused[1] += 1,
                Err(_) => refused[2] += 1,
            }
        }
    }
    assert!(
        signed > 20 && refused.iter().all(|count| *count > 100),
        "{signed} {refused:?}"
    );
}

/// Old size, new size, where the history forks (above all sizes: nowhere), which proof is sent.
fn every(sizes: usize) -> impl Iterator<Item = (usize, usize, usize, usize)> {
    (0..sizes).flat_map(move |old| {
        (0..sizes).flat_map(move |new| {
            [0, 1, 3, 5, 99]
                .into_iter()
                .flat_map(move |fork| (0..sizes).map(move |proof| (old, new, fork, proof)))
        })
    })
}

#[test]
fn only_known_logs_with_good_signatures_are_heard() {
    let witness = new();
    let honest = request(0, &leaves(2, 9));
    let status = |note: String| {
        let request = AddCheckpoint { note, ..honest.clone() };
        witness
            .consider(request.body().as_bytes())
            .map_or_else(|refusal| refusal.status(), |_| 200)
    };
    let text = text(&leaves(2, 9));
    let (stranger, forger) = (
        SigningKey::from_seed("log.example/b", &[1; 32]).unwrap(),
        SigningKey::from_seed(ORIGIN, &[9; 32]).unwrap(),
    );
    assert_eq!(status(honest.note.clone()), 200);
    assert_eq!(status(stranger.sign(&text.replace(ORIGIN, "log.example/b"))), 404);
    assert_eq!(status(forger.sign(&text)), 403);
    assert_eq!(status(stranger.sign(&text)), 403);
    let other_text = log_key().sign(&text.replace("\n2\n", "\n3\n"));
    let moved = format!("{text}\n{}", other_text.rsplit_once("\n\n").unwrap().1);
    assert_eq!(
        status(moved.clone()),
        403,
        "name and identifier fit, the signature does not"
    );
    assert_eq!(
        status(format!("{}{}", honest.note, moved.rsplit_once("\n\n").unwrap().1)),
        403
    );
    let foreign = forger.sign(&text).rsplit_once("\n\n").unwrap().1.to_owned();
    assert_eq!(
        status(format!("{}{foreign}", honest.note)),
        200,
        "signatures of others are left alone"
    );
    assert_eq!(status(log_key().sign(&text.replace("\n2\n", "\n02\n"))), 400);
    assert_eq!(
        status(log_key().sign(&format!("{text}group 7\n"))),
        200,
        "extension lines are signed too"
    );
    assert_eq!(status("no note\n".to_owned()), 400);
    let empty = format!("{ORIGIN}\n0\n{}\n", leaf_hash(b"x"));
    assert_eq!(status(log_key().sign(&empty)), 422);
}

#[test]
fn what_was_kept_is_put_back_and_nothing_else_is() {
    let mut witness = new();
    let signed = submit(&mut witness, &request(0, &leaves(4, 9))).unwrap();
    assert_eq!(witness.latest(ORIGIN), Some(signed.note.as_str()));
    assert_eq!(signed.origin(), ORIGIN);
    let (mut again, key) = (new(), witness_key());
    again.restore(ORIGIN, &signed.note, key.cosigner()).unwrap();
    assert_eq!(again, witness);
    let refused = again.restore(ORIGIN, &signed.note.replace("\n4\n", "\n2\n"), key.cosigner());
    assert!(refused.is_err());
    assert!(again.restore("log.example/b", &signed.note, key.cosigner()).is_err());
    assert!(
        again
            .restore(ORIGIN, &log_key().sign(&text(&leaves(1, 9))), key.cosigner())
            .is_err()
    );
    assert_eq!(again, witness);
}

#[test]
fn a_log_believes_only_its_witness() {
    let key = witness_key();
    let request = request(0, &leaves(4, 9));
    let signed = submit(&mut new(), &request).unwrap();
    let read = |status, body: &str| read_answer(status, body.as_bytes(), &request.note, key.cosigner());
    let Ok(WitnessAnswer::Cosigned(found)) = read(200, &signed.answer) else {
        panic!("{:?}", read(200, &signed.answer))
    };
    assert_eq!(format!("{}{}", request.note, found.line), signed.note);
    let stranger = CosigningKey::from_seed("witness.example/w2", &[3; 32]).unwrap();
    let theirs = stranger.cosign(&text(&leaves(4, 9)), NOW);
    assert!(matches!(
        read(200, &theirs),
        Err(AnswerError::Note(NoteError::NotSigned { .. }))
    ));
    assert!(matches!(
        read(200, &format!("{theirs}{}", signed.answer)),
        Ok(WitnessAnswer::Cosigned(_))
    ));
    assert!(matches!(
        read(200, &key.cosign("other\n", NOW)),
        Err(AnswerError::Note(_))
    ));
    for malformed in [
        "",
        "\n",
        "4\n",
        &format!("\n{}", signed.answer),
        &format!("{}\n", signed.answer),
        "— x",
    ] {
        assert!(
            matches!(read(200, malformed), Err(AnswerError::Malformed { .. })),
            "{malformed}"
        );
    }
    assert_eq!(read(409, "17\n"), Ok(WitnessAnswer::Behind(17)));
    for malformed in ["17", "017\n", "-1\n", "", "\n"] {
        assert!(
            matches!(read(409, malformed), Err(AnswerError::Malformed { .. })),
            "{malformed}"
        );
    }
    assert_eq!(read(422, "no\n"), Err(AnswerError::Refused { status: 422 }));
}

proptest! {
    #[test]
    fn nothing_sent_makes_a_witness_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(new().consider(&body).is_err());
    }

    /// However requests come, honest or forked: all that was signed is one history.
    #[test]
    fn all_that_is_signed_is_one_history(requests in prop::collection::vec((0_usize..40, 0_usize..40, 0_usize..50), 1..30)) {
        let (mut witness, mut signed) = (new(), Vec::new());
        for (old, more, fork) in requests {
            let leaves = leaves(old + more, fork);
            if submit(&mut witness, &request(old, &leaves)).is_ok() {
                signed.push(leaves);
            }
        }
        for pair in signed.windows(2) {
            prop_assert!(pair[1].starts_with(&pair[0]));
        }
    }
}

/// The proof in a request may come from tiles.
#[test]
fn a_proof_from_tiles_is_taken() {
    let (mut witness, all) = (new(), leaves(700, 999));
    let mut tiles = MemoryTiles::new();
    all.iter().for_each(|leaf| tiles.push(*leaf));
    submit(&mut witness, &request(0, &all[..300])).unwrap();
    let proof = averment_ledger::consistency_from_tiles(&tiles, 300, 700).unwrap();
    submit(
        &mut witness,
        &AddCheckpoint {
            proof,
            ..request(300, &all)
        },
    )
    .unwrap();
}
