//! What the tests share: a log with a history to fork, a witness with folders of its own, plain HTTP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;

use averment_ledger::{AddCheckpoint, Frontier, MemoryTiles, SigningKey, TreeHash, consistency_proof, leaf_hash};
use averment_witness::{Keeper, KeeperError, open_key, router, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

pub(crate) const ORIGIN: &str = "log.example/a";
pub(crate) const NOW: u64 = 1_772_366_400;

pub(crate) fn now() -> u64 {
    NOW
}

pub(crate) fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap()
}

/// A history that differs from the honest one from leaf `fork` on.
pub(crate) fn leaves(size: usize, fork: usize) -> Vec<TreeHash> {
    let leaf = |number| leaf_hash(format!("{} {number}", number >= fork).as_bytes());
    (0..size).map(leaf).collect()
}

pub(crate) fn tiles(leaves: &[TreeHash]) -> MemoryTiles {
    let mut tiles = MemoryTiles::new();
    leaves.iter().for_each(|leaf| tiles.push(*leaf));
    tiles
}

pub(crate) fn note(leaves: &[TreeHash]) -> String {
    let mut tree = Frontier::new();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    log_key().sign(&format!("{ORIGIN}\n{}\n{}\n", leaves.len(), tree.root()))
}

pub(crate) fn request(old: usize, leaves: &[TreeHash]) -> String {
    let proof = consistency_proof(leaves, old).unwrap_or_default();
    let (old_size, note) = (old as u64, note(leaves));
    AddCheckpoint { old_size, proof, note }.body()
}

/// Folders of one witness.
pub(crate) struct Home {
    pub(crate) dir: tempfile::TempDir,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub(crate) fn keys(&self) -> PathBuf {
        self.dir.path().join("keys")
    }

    pub(crate) fn open(&self) -> Result<Keeper, KeeperError> {
        // A test beside this one may just be starting a program, which for a moment has a copy of every lock.
        let mut tries = std::iter::repeat_with(|| open(self));
        let free = |opened: &Result<_, _>| !matches!(opened, Err(KeeperError::Locked { .. }));
        tries
            .by_ref()
            .take(10_000)
            .find(free)
            .unwrap_or_else(|| tries.next().unwrap())
    }

    /// Serves until the token is cancelled or dropped with the runtime.
    pub(crate) async fn serve(&self) -> (SocketAddr, CancellationToken) {
        start(self.open().unwrap()).await
    }
}

fn open(home: &Home) -> Result<Keeper, KeeperError> {
    let key = open_key(&home.keys(), &home.data(), Some("witness.example"))?;
    Keeper::open(&home.data(), key, vec![log_key().verifier().clone()])
}

pub(crate) async fn start(keeper: Keeper) -> (SocketAddr, CancellationToken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
    tokio::spawn(serve(listener, router(keeper, now), stop.clone()));
    (address, stop)
}

/// Status, head and body of an answer; none when the connection broke.
pub(crate) fn ask(address: SocketAddr, method: &str, path: &str, body: &str) -> Option<(u16, String, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nHost: w\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    // A server that answers before it has read everything may close.
    _ = stream.write_all(format!("{head}{body}").as_bytes());
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let whole = length.is_none_or(|length| length.parse() == Ok(body.len()));
    whole.then(|| (status, head.to_owned(), body.to_owned()))
}

pub(crate) fn submit(address: SocketAddr, body: &str) -> Option<(u16, String)> {
    ask(address, "POST", "/add-checkpoint", body).map(|(status, _, body)| (status, body))
}
