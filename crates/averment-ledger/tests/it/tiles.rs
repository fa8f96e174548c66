//! Tiles, bundles and what is made from them. The examples of widths and paths are those of C2SP tlog-tiles.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use averment_ledger::{
    BUNDLE_ENTRY_BYTES_MAX, Base64, BundleError, Frontier, MemoryTiles, NoSuchTile, Nodes, ProofError, TileError,
    TileId, TileKind, TreeHash, consistency_from_tiles, consistency_proof, empty_root, inclusion_from_tiles,
    inclusion_proof, leaf_hash, partial_tiles, read_bundle, root_from_tiles, tile_hashes, verify_bundle,
    verify_consistency, verify_inclusion, verify_tiles, write_bundle_entry,
};
use proptest::prelude::*;

const LEAVES: TileKind = TileKind::Hashes { level: 0 };

fn leaf(number: u64) -> TreeHash {
    leaf_hash(&number.to_le_bytes())
}

fn leaves(size: u64) -> Vec<TreeHash> {
    (0..size).map(leaf).collect()
}

fn tiles(size: u64) -> MemoryTiles {
    let mut tiles = MemoryTiles::new();
    (0..size).for_each(|number| tiles.push(leaf(number)));
    tiles
}

fn root(size: u64) -> TreeHash {
    let mut tree = Frontier::new();
    (0..size).for_each(|number| tree.push(leaf(number)));
    tree.root()
}

/// Counts the tiles that are read, and may answer with another hash in one of them.
struct Watched<'a> {
    tiles: &'a MemoryTiles,
    read: RefCell<Vec<TileId>>,
    forged: Option<(TileId, usize)>,
}

impl<'a> Watched<'a> {
    fn new(tiles: &'a MemoryTiles) -> Self {
        let read = RefCell::default();
        let forged = None;
        Self { tiles, read, forged }
    }
}

impl Nodes for Watched<'_> {
    type Error = NoSuchTile;

    fn tile(&self, tile: TileId) -> Result<Vec<TreeHash>, NoSuchTile> {
        self.read.borrow_mut().push(tile);
        let mut hashes = self.tiles.tile(tile)?;
        if let Some((_, at)) = self.forged.filter(|(forged, _)| *forged == tile) {
            hashes[at].0[3] ^= 1;
        }
        Ok(hashes)
    }
}

#[test]
fn paths_are_those_of_the_format() {
    let path = |kind, index, size| TileId::at(kind, index, size).unwrap().to_string();
    assert_eq!(path(LEAVES, 1_234_067, u64::MAX), "tile/0/x001/x234/067");
    assert_eq!(path(LEAVES, 273, 70_000), "tile/0/273.p/112");
    assert_eq!(path(TileKind::Hashes { level: 1 }, 1, 70_000), "tile/1/001.p/17");
    assert_eq!(path(TileKind::Hashes { level: 2 }, 0, 70_000), "tile/2/000.p/1");
    assert_eq!(path(TileKind::Entries, 1000, 300_000), "tile/entries/x001/000");
    assert_eq!(TileId::at(LEAVES, 1, 256), None);
    assert_eq!(TileId::at(TileKind::Hashes { level: 1 }, 0, 255), None);
    assert_eq!(TileId::at(TileKind::Hashes { level: 63 }, 0, u64::MAX), None);
    let partial = |size| partial_tiles(size).map(|tile| tile.to_string()).collect::<Vec<_>>();
    assert_eq!(
        partial(70_000),
        [
            "tile/entries/273.p/112",
            "tile/0/273.p/112",
            "tile/1/001.p/17",
            "tile/2/000.p/1"
        ]
    );
    assert_eq!(partial(256), ["tile/1/000.p/1"]);
    assert_eq!(partial(0), [""; 0]);
}

#[test]
fn only_the_one_spelling_of_a_path_is_read() {
    for path in [
        "tile/0/000",
        "tile/63/999",
        "tile/entries/x001/x234/067.p/255",
        "tile/0/x018/x446/x744/x073/x709/x551/615",
    ] {
        assert_eq!(path.parse::<TileId>().unwrap().to_string(), path);
    }
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/64/000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/x001/x002",
        "tile/0/+01",
        "tile/0/-01",
        "tile/-1/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/+1",
        "tile/0/000.p",
        "tile/data/000",
        "tile/Entries/000",
        "/tile/0/000",
        "tile/0/000/",
        "tile/0/../000",
        "tile/0/000.p/1/2",
        "tile/0/x018/x446/x744/x073/x709/x551/616",
        "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        "tile/0/٠٠٠",
        "tile/8/0/000",
        "tile/256/000",
    ] {
        assert!(path.parse::<TileId>().is_err(), "{path}");
    }
}

#[test]
fn proofs_from_tiles_are_those_from_leaves() {
    let (all, tiles) = (leaves(600), tiles(600));
    let sizes = (1..=40).chain([255, 256, 257, 258, 300, 511, 512, 513, 600]);
    for size in sizes {
        let known = &all[..size];
        assert_eq!(root_from_tiles(&tiles, size as u64).unwrap(), root(size as u64));
        let step = 1 + size / 40;
        for at in (0..size).step_by(step).chain([size - 1]) {
            let proof = inclusion_from_tiles(&tiles, at as u64, size as u64).unwrap();
            assert_eq!(proof, inclusion_proof(known, at).unwrap(), "{at} of {size}");
            let proof = consistency_from_tiles(&tiles, at as u64 + 1, size as u64).unwrap();
            assert_eq!(proof, consistency_proof(known, at + 1).unwrap(), "{at} + 1 to {size}");
        }
    }
}

#[test]
fn a_large_log_needs_few_tiles() {
    let size = 200_001;
    let tiles = tiles(size);
    for index in [0, 1, 255, 256, 65_535, 65_536, 131_071, 199_679, 199_999, 200_000] {
        let watched = Watched::new(&tiles);
        inclusion_from_tiles(&watched, index, size).unwrap();
        let older = index + 1;
        let inclusion = watched.read.borrow().len();
        consistency_from_tiles(&watched, older, size).unwrap();
        let consistency = watched.read.borrow().len() - inclusion;
        // Three levels of tiles: one on the way to the leaf and one on the right edge of each.
        assert!(
            inclusion <= 6 && consistency <= 6,
            "{index}: {inclusion}, {consistency}"
        );
    }
}

#[test]
fn questions_without_an_answer_are_refused() {
    let tiles = tiles(300);
    let range = |result: Result<_, TileError<_>>| matches!(result, Err(TileError::Proof(ProofError::Range)));
    assert!(range(inclusion_from_tiles(&tiles, 300, 300)));
    assert!(range(consistency_from_tiles(&tiles, 0, 300)));
    assert!(range(consistency_from_tiles(&tiles, 301, 300)));
    assert_eq!(root_from_tiles(&tiles, 0).unwrap(), empty_root());
    let found = inclusion_from_tiles(&tiles, 3, 301).unwrap_err();
    assert_eq!(found.to_string(), "cannot read `tile/0/001.p/45`");
}

#[test]
fn every_forged_hash_in_a_tile_is_found() {
    let size = 256 * 3 + 7;
    let (tiles, root) = (tiles(size), root(size));
    verify_tiles(&tiles, size, &root).unwrap();
    let mut watched = Watched::new(&tiles);
    verify_tiles(&watched, size, &root).unwrap();
    let all: BTreeSet<TileId> = watched.read.take().into_iter().collect();
    assert_eq!(all.len(), 3 + 1 + 1, "{all:?}");
    for tile in all {
        for at in (0..usize::from(tile.width())).step_by(50) {
            watched.forged = Some((tile, at));
            let found = verify_tiles(&watched, size, &root).unwrap_err();
            assert!(
                matches!(found, TileError::Differs { .. } | TileError::Root),
                "{tile} {at}: {found}"
            );
        }
    }
    watched.forged = None;
    assert!(matches!(verify_tiles(&watched, size, &leaf(0)), Err(TileError::Root)));
    assert!(matches!(
        verify_tiles(&watched, size + 1, &root),
        Err(TileError::Read { .. })
    ));
}

/// What the eight published inputs give (see `tree.rs`) also comes out of tiles.
#[test]
fn the_published_proofs_come_out_of_tiles() {
    let inputs: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let mut tiles = MemoryTiles::new();
    inputs.iter().for_each(|input| tiles.push(leaf_hash(input)));
    let hex = |hash: &TreeHash| hash.0.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hexes = |hashes: Vec<TreeHash>| hashes.iter().map(hex).collect::<Vec<_>>();
    let root = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
    assert_eq!(hex(&root_from_tiles(&tiles, 8).unwrap()), root);
    let (leaf_4, pair_3) = (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    );
    let (pair_2, quad_0) = (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    );
    assert_eq!(
        hexes(inclusion_from_tiles(&tiles, 5, 8).unwrap()),
        [leaf_4, pair_3, quad_0]
    );
    assert_eq!(
        hexes(consistency_from_tiles(&tiles, 6, 8).unwrap()),
        [pair_2, pair_3, quad_0]
    );
}

#[test]
fn bundles_hold_what_was_put_into_them_and_nothing_else() {
    let entries: [&[u8]; 3] = [b"", b"{\"v\":1}", &[7; BUNDLE_ENTRY_BYTES_MAX]];
    let hashes: Vec<TreeHash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
    let mut bundle = Vec::new();
    entries
        .iter()
        .for_each(|entry| write_bundle_entry(&mut bundle, entry).unwrap());
    assert_eq!(&bundle[..6], b"\x00\x00\x00\x07{\"");
    assert_eq!(read_bundle(&bundle, 3).unwrap(), entries);
    verify_bundle(&bundle, &hashes).unwrap();
    let before = bundle.clone();
    let found = write_bundle_entry(&mut bundle, &[7; BUNDLE_ENTRY_BYTES_MAX + 1]);
    assert_eq!(found, Err(BundleError::TooLarge { found: 65_536 }));
    assert_eq!(bundle, before);
    let long = BundleError::Long {
        expected: 2,
        found: 65_537,
    };
    assert_eq!(read_bundle(&bundle, 2), Err(long));
    for end in 0..bundle.len().min(64) {
        assert!(
            matches!(read_bundle(&bundle[..end], 3), Err(BundleError::Short { .. })),
            "{end}"
        );
    }
    for at in [0, 1, 3, 5, 9, 20, 70, bundle.len() - 1] {
        let mut forged = bundle.clone();
        forged[at] ^= 1;
        assert!(verify_bundle(&forged, &hashes).is_err(), "{at}");
    }
}

#[test]
fn tile_bytes_come_out_even() {
    assert_eq!(tile_hashes(&[1; 64]), Some(vec![Base64([1; 32]); 2]));
    assert_eq!(tile_hashes(&[1; 65]), None);
    assert_eq!(tile_hashes(&[]), Some(Vec::new()));
}

/// What stays when tiles were written as files, each under its name.
#[test]
fn the_edge_gives_each_tile_once_and_all_that_a_tree_has() {
    let mut edge = averment_ledger::TileEdge::new();
    let mut full = BTreeMap::new();
    for number in 0..70_000_u64 {
        for tile in edge.push(leaf(number)) {
            assert_eq!(full.insert(tile.id, tile.hashes.len()), None, "{}", tile.id);
        }
    }
    // The example of the format: 273 full tiles of level 0, one of level 1, three partial ones.
    assert_eq!(full.keys().filter(|id| id.kind() == LEAVES).count(), 273);
    assert_eq!(full.len(), 274);
    let partial: Vec<String> = edge.partial().map(|tile| tile.id.to_string()).collect();
    assert_eq!(partial, ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]);
    assert_eq!(edge.root(), root(70_000));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn proofs_of_random_sizes_are_those_from_leaves(size in 1_u64..70_000, at in any::<prop::sample::Index>()) {
        let (tiles, all) = (tiles(size), leaves(size));
        let index = at.index(all.len());
        let root = root(size);
        prop_assert_eq!(root_from_tiles(&tiles, size).unwrap(), root);
        let proof = inclusion_from_tiles(&tiles, index as u64, size).unwrap();
        verify_inclusion(&all[index], index as u64, size, &proof, &root).unwrap();
        prop_assert_eq!(proof, inclusion_proof(&all, index).unwrap());
        let older = index as u64 + 1;
        let older_root = root_from_tiles(&tiles, older).unwrap();
        let proof = consistency_from_tiles(&tiles, older, size).unwrap();
        verify_consistency((older, &older_root), (size, &root), &proof).unwrap();
        prop_assert_eq!(proof, consistency_proof(&all, index + 1).unwrap());
        verify_tiles(&tiles, size, &root).unwrap();
    }

    #[test]
    fn no_path_and_no_bundle_makes_reading_panic(path in "tile/[0-9a-z]{0,3}/(x?[0-9]{0,4}/){0,9}[0-9.p/]{0,9}", bytes in any::<Vec<u8>>(), width in any::<u16>()) {
        if let Ok(tile) = path.parse::<TileId>() {
            prop_assert_eq!(tile.to_string(), path);
        }
        if let Ok(entries) = read_bundle(&bytes, width) {
            let mut again = Vec::new();
            entries.iter().for_each(|entry| write_bundle_entry(&mut again, entry).unwrap());
            prop_assert_eq!(again, bytes);
        }
    }
}
