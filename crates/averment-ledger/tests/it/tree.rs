//! Tree and proofs. The eight inputs and their roots are those that Certificate Transparency implementations have shared
//! since RFC 6962 (google/certificate-transparency, transparency-dev/merkle).

use averment_ledger::{
    Base64, Frontier, ProofError, TreeHash, consistency_proof, empty_root, inclusion_proof, leaf_hash,
    verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

const INPUTS: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const LEAF_1: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const LEAF_4: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";
const LEAF_6: &str = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f";
const PAIR_1: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const PAIR_2: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const PAIR_3: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const QUAD_1: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn hash(hex: &str) -> TreeHash {
    Base64(bytes(hex).try_into().unwrap())
}

fn hashes(hexes: &[&str]) -> Vec<TreeHash> {
    hexes.iter().map(|hex| hash(hex)).collect()
}

fn published() -> Vec<TreeHash> {
    INPUTS.iter().map(|input| leaf_hash(&bytes(input))).collect()
}

fn root(leaves: &[TreeHash]) -> TreeHash {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

#[test]
fn the_published_roots_come_out() {
    assert_eq!(empty_root(), hash(ROOTS[0]));
    for (size, expected) in ROOTS.iter().enumerate() {
        assert_eq!(root(&published()[..size]), hash(expected), "{size}");
    }
}

#[test]
fn the_published_inclusion_proofs_come_out() {
    let cases: [(usize, usize, &[&str]); 5] = [
        (0, 1, &[]),
        (0, 8, &[LEAF_1, PAIR_1, QUAD_1]),
        (5, 8, &[LEAF_4, PAIR_3, ROOTS[4]]),
        (2, 3, &[ROOTS[2]]),
        (1, 5, &[ROOTS[1], PAIR_1, LEAF_4]),
    ];
    for (index, size, expected) in cases {
        let leaves = &published()[..size];
        let proof = inclusion_proof(leaves, index).unwrap();
        assert_eq!(proof, hashes(expected), "{index} of {size}");
        verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &hash(ROOTS[size])).unwrap();
    }
}

#[test]
fn the_published_consistency_proofs_come_out() {
    let cases: [(usize, usize, &[&str]); 5] = [
        (1, 1, &[]),
        (1, 8, &[LEAF_1, PAIR_1, QUAD_1]),
        (6, 8, &[PAIR_2, PAIR_3, ROOTS[4]]),
        (2, 5, &[PAIR_1, LEAF_4]),
        (6, 7, &[PAIR_2, LEAF_6, ROOTS[4]]),
    ];
    for (older, newer, expected) in cases {
        let proof = consistency_proof(&published()[..newer], older).unwrap();
        assert_eq!(proof, hashes(expected), "{older} to {newer}");
        let (older_root, newer_root) = (hash(ROOTS[older]), hash(ROOTS[newer]));
        verify_consistency((older as u64, &older_root), (newer as u64, &newer_root), &proof).unwrap();
    }
}

#[test]
fn questions_without_an_answer_are_refused() {
    let leaves = published();
    assert_eq!(inclusion_proof(&leaves, 8), Err(ProofError::Range));
    assert_eq!(consistency_proof(&leaves, 0), Err(ProofError::Range));
    assert_eq!(consistency_proof(&leaves, 9), Err(ProofError::Range));
    let root = hash(ROOTS[8]);
    assert_eq!(verify_inclusion(&leaves[0], 8, 8, &[], &root), Err(ProofError::Range));
    assert_eq!(verify_consistency((9, &root), (8, &root), &[]), Err(ProofError::Range));
    verify_consistency((0, &empty_root()), (8, &root), &[]).unwrap();
    assert_eq!(verify_consistency((0, &root), (8, &root), &[]), Err(ProofError::Root));
    assert!(verify_consistency((8, &root), (8, &root), &[root]).is_err());
}

fn leaves(size: usize) -> Vec<TreeHash> {
    (0..size).map(|number| leaf_hash(&number.to_le_bytes())).collect()
}

fn flipped(hash: &TreeHash, bit: usize) -> TreeHash {
    let mut bytes = hash.0;
    bytes[bit / 8] ^= 1 << (bit % 8);
    Base64(bytes)
}

/// Every proof with one bit changed, one hash less, one more.
fn spoiled(proof: &[TreeHash], bit: usize) -> Vec<Vec<TreeHash>> {
    let mut all: Vec<Vec<TreeHash>> = (0..proof.len())
        .map(|at| {
            let mut proof = proof.to_vec();
            proof[at] = flipped(&proof[at], bit);
            proof
        })
        .collect();
    all.push([proof, &[empty_root()]].concat());
    all.extend(proof.split_last().map(|(_, shorter)| shorter.to_vec()));
    all
}

proptest! {
    #[test]
    fn every_inclusion_proof_verifies_and_every_flipped_bit_fails(size in 1_usize..300, at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let (leaves, index) = (leaves(size), at.index(size));
        let (root, proof) = (root(&leaves), inclusion_proof(&leaves, index).unwrap());
        let verify = |leaf: &TreeHash, index: usize, size: usize, proof: &[TreeHash], root: &TreeHash| {
            verify_inclusion(leaf, index as u64, size as u64, proof, root)
        };
        prop_assert_eq!(verify(&leaves[index], index, size, &proof, &root), Ok(()));
        prop_assert!(verify(&flipped(&leaves[index], bit), index, size, &proof, &root).is_err());
        prop_assert!(verify(&leaves[index], index, size, &proof, &flipped(&root, bit)).is_err());
        prop_assert!(index == 0 || verify(&leaves[index], index - 1, size, &proof, &root).is_err());
        for spoiled in spoiled(&proof, bit) {
            prop_assert!(verify(&leaves[index], index, size, &spoiled, &root).is_err());
        }
    }

    #[test]
    fn every_consistency_proof_verifies_and_every_flipped_bit_fails(newer in 1_usize..300, at in any::<prop::sample::Index>(), bit in 0_usize..256) {
        let (leaves, older) = (leaves(newer), 1 + at.index(newer));
        let (older_root, newer_root) = (root(&leaves[..older]), root(&leaves));
        let proof = consistency_proof(&leaves, older).unwrap();
        let verify = |older_root: &TreeHash, newer_root: &TreeHash, proof: &[TreeHash]| {
            verify_consistency((older as u64, older_root), (newer as u64, newer_root), proof)
        };
        prop_assert_eq!(verify(&older_root, &newer_root, &proof), Ok(()));
        prop_assert!(verify(&flipped(&older_root, bit), &newer_root, &proof).is_err());
        prop_assert!(verify(&older_root, &flipped(&newer_root, bit), &proof).is_err());
        for spoiled in spoiled(&proof, bit) {
            prop_assert!(verify(&older_root, &newer_root, &spoiled).is_err());
        }
    }

    #[test]
    fn no_proof_makes_verification_panic(size in any::<u64>(), index in any::<u64>(), length in 0_usize..70) {
        let (leaf, proof) = (empty_root(), leaves(length));
        let _ = verify_inclusion(&leaf, index, size, &proof, &leaf);
        let _ = verify_consistency((index, &leaf), (size, &leaf), &proof);
    }
}
