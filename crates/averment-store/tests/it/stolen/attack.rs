//! What somebody can confirm who took the data folder, has a list of addresses that holds all members, and not the key.
//!
//! The suite runs it with some thousands of candidates, `examples/stolen_folder.rs` with a million.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;

use averment_detect::{DirectoryKey, Form};
use averment_store::{DataFolder, Keys, People, PeopleFormat, Scope, Shrink};
use sha2::Digest as _;

/// What came of it.
#[derive(Debug)]
pub(crate) struct Spoils {
    /// Candidates of which anything was found in the folder.
    pub(crate) confirmed: usize,
    /// Members of which something was found with the key: all of them, or the search itself is broken.
    pub(crate) confirmed_with_key: usize,
    /// Bytes that were searched.
    pub(crate) bytes: usize,
}

/// Loads `members` people, takes the folder and tries `candidates` addresses, the members' among them.
pub(crate) fn attack(place: &Path, members: usize, candidates: usize) -> Spoils {
    let (data, keys) = (place.join("data"), place.join("keys"));
    load(place, (&data, &keys), members);
    let folder = all_bytes(&data);
    let found: HashSet<[u8; 8]> = folder.windows(8).map(|window| window.try_into().unwrap()).collect();
    let guessed_keys = guessed_keys(&folder);
    // The members stand among the others, not before them.
    let stride = candidates / members;
    let tries = (0..candidates).map(|number| match (number % stride, number / stride) {
        (0, member) if member < members => address(member),
        _ => format!("candidate{number}@school.example"),
    });
    let is_found = |short: &[u8; 8]| found.contains(short);
    let confirmed = tries
        .filter(|address| {
            plain_digests(address).iter().any(|parts| parts.iter().all(is_found))
                || under(&guessed_keys, address).iter().any(is_found)
        })
        .count();
    let key = [Keys::read(&keys).unwrap().directory_key()];
    let with_key = (0..members).filter(|member| under(&key, &address(*member)).iter().all(is_found));
    Spoils {
        confirmed,
        confirmed_with_key: with_key.count(),
        bytes: folder.len(),
    }
}

pub(crate) fn address(member: usize) -> String {
    format!("pupil{member}@school.example")
}

/// Also changes and somebody who leaves: side files and what was freed are taken, too.
pub(crate) fn load(place: &Path, (data, keys): (&Path, &Path), members: usize) {
    let (folder, keys) = DataFolder::open(data, keys).unwrap();
    let mut people = People::open(&folder, &keys).unwrap();
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let file = place.join("people.csv");
    for count in [members + 1, members] {
        let mut csv = std::io::BufWriter::new(std::fs::File::create(&file).unwrap());
        writeln!(csv, "id,role,birth_year,email,full_name").unwrap();
        for member in 0..count {
            writeln!(csv, "s-{member},student,2014,{},Pupil{member} Oakley", address(member)).unwrap();
        }
        drop(csv);
        let scope = Scope::Whole(Shrink::Any);
        people.load_file(&file, PeopleFormat::Csv, scope, now).unwrap();
    }
    std::fs::remove_file(file).unwrap();
}

/// Every file of the folder, one behind the other.
pub(crate) fn all_bytes(dir: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        bytes.extend(match entry.is_dir() {
            true => all_bytes(&entry),
            false => std::fs::read(&entry).unwrap(),
        });
    }
    bytes
}

/// Keys that somebody would try: none, and what lies in the folder itself.
pub(crate) fn guessed_keys(folder: &[u8]) -> Vec<DirectoryKey> {
    let own = sha2::Sha256::digest(folder).into();
    [[0; 32], [0xff; 32], own].map(DirectoryKey::new).into()
}

/// The digests of an address under keys, as the directory makes them; by their first eight bytes.
pub(crate) fn under(keys: &[DirectoryKey], address: &str) -> Vec<[u8; 8]> {
    let digests = keys.iter().map(|key| key.digest(Form::Email, address));
    let shorts = digests.flat_map(|digest| [digest.fast.to_be_bytes(), *digest.strong.first_chunk().unwrap()]);
    shorts.collect()
}

/// The address itself and its usual digests, raw and in hexadecimal digits. Each is found where all of its parts are: eight
/// digits alone stand by chance in any ledger of some size.
pub(crate) fn plain_digests(address: &str) -> Vec<Vec<[u8; 8]>> {
    let digests = [
        md5::Md5::digest(address).to_vec(),
        sha1::Sha1::digest(address).to_vec(),
        sha2::Sha256::digest(address).to_vec(),
    ];
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hexadecimal = digests.iter().map(|digest| digits(&digest[..8]).into_bytes());
    // What every address has in common is no address.
    let name = address.split('@').next().unwrap_or_default();
    let name = format!("{name}@scho").into_bytes();
    let raw = digests.iter().map(|digest| digest[..8].to_vec());
    let whole = hexadecimal.chain(raw).chain([name[..8].to_vec()]);
    whole.map(|bytes| bytes.as_chunks::<8>().0.to_vec()).collect()
}
