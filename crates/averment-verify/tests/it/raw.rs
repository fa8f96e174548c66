//! Bundles changed from outside: file by file with the list put right again, or byte by byte.

use averment_verify::{Manifest, Zipped, read_container, seal, write_container};

/// Changes files of a bundle, and the list to fit.
pub(crate) fn edit(bundle: &[u8], change: impl FnOnce(&mut Zipped, &mut Manifest)) -> Vec<u8> {
    let mut files = read_container(bundle).unwrap();
    let mut manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
    change(&mut files, &mut manifest);
    seal(manifest, files)
}

/// Changes files of a bundle, and leaves the list as it was.
pub(crate) fn edit_unlisted(bundle: &[u8], change: impl FnOnce(&mut Zipped)) -> Vec<u8> {
    let mut files = read_container(bundle).unwrap();
    change(&mut files);
    write_container(&files)
}

/// Changes one file as text.
pub(crate) fn edit_text(bundle: &[u8], name: &str, change: impl FnOnce(String) -> String) -> Vec<u8> {
    edit(bundle, |files, _| {
        let text = String::from_utf8(files.remove(name).unwrap()).unwrap();
        files.insert(name.to_owned(), change(text).into_bytes());
    })
}

/// Replaces bytes wherever they stand, in headers too; both must be of one length.
pub(crate) fn replace_everywhere(bundle: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bundle.to_vec();
    let places: Vec<usize> = (0..bytes.len() - from.len())
        .filter(|&at| bytes[at..].starts_with(from))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";

/// Changes the first header of each kind: `at` is the offset of a field in the local header, in the central one it lies
/// two further.
pub(crate) fn edit_headers(bundle: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    let bytes = edit_header(bundle, LOCAL, at, value);
    edit_header(&bytes, CENTRAL, at + 2, value)
}

/// Changes the first local header alone.
pub(crate) fn edit_local(bundle: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    edit_header(bundle, LOCAL, at, value)
}

/// Changes the first central header alone.
pub(crate) fn edit_central(bundle: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    edit_header(bundle, CENTRAL, at, value)
}

fn edit_header(bundle: &[u8], magic: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    let mut bytes = bundle.to_vec();
    let start = (0..bytes.len())
        .find(|&start| bytes[start..].starts_with(magic))
        .unwrap();
    bytes[start + at..start + at + value.len()].copy_from_slice(value);
    bytes
}

/// Puts bytes between the first file and the second, all offsets put right.
pub(crate) fn with_gap(bundle: &[u8]) -> Vec<u8> {
    let starts: Vec<usize> = (0..bundle.len())
        .filter(|&at| bundle[at..].starts_with(LOCAL))
        .collect();
    let gap = b"GAP!";
    let mut bytes = bundle.to_vec();
    bytes.splice(starts[1]..starts[1], gap.iter().copied());
    let end = bytes.len() - 22;
    let old = |at: usize, bytes: &[u8]| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let central = old(end + 16, &bytes) + gap.len() as u32;
    bytes[end + 16..end + 20].copy_from_slice(&central.to_le_bytes());
    let mut at = central as usize;
    while bytes[at..].starts_with(CENTRAL) {
        let offset = old(at + 42, &bytes);
        if offset > 0 {
            bytes[at + 42..at + 46].copy_from_slice(&(offset + gap.len() as u32).to_le_bytes());
        }
        at += 46 + usize::from(bytes[at + 28]);
    }
    bytes
}
