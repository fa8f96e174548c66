//! One gate hands its listening sockets to the next, over a socket in the data folder that only its owner can reach.
//!
//! [`offer`] is the old process, [`ask`] the new one. The new one has the sockets at once and the ledger only when the old
//! one has finished what is open: meanwhile callers wait in the queue of the socket, and after [`PATIENCE`] they are told to
//! come again ([`turn_away`]). Two processes never write the ledger at once.

use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixListener};
use tokio_util::sync::CancellationToken;

use crate::sockets::{NAMES, Sockets};

/// How long callers wait before they are told to come again.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// How long somebody who is turned away may take.
const TURNING_AWAY: Duration = Duration::from_secs(2);
/// The old process answers at once, or not at all.
const ANSWER: Duration = Duration::from_secs(5);
const HEAD_MAX_BYTES: usize = 64 << 10;

/// Where the sockets are handed over.
pub(crate) fn place(data: &Path) -> PathBuf {
    data.join("hand-over.sock")
}

/// Sockets of a running gate, by name.
pub(crate) type Handles = Vec<(&'static str, OwnedFd)>;

/// Gives the sockets to whoever asks, then stops this process. Ends with `stop`.
pub(crate) async fn offer(data: PathBuf, sockets: Handles, stop: CancellationToken) {
    let listener = match listen(&place(&data)) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(%error, "the sockets of this gate cannot be handed over");
            return;
        }
    };
    while let Some(asked) = stop.run_until_cancelled(listener.accept()).await {
        let Ok((stream, _)) = asked else { continue };
        match stream.into_std().and_then(|stream| give(&stream, &sockets)) {
            Ok(()) => {
                tracing::warn!("another process took the sockets over");
                stop.cancel();
                return;
            }
            Err(error) => tracing::warn!(%error, "the sockets were not handed over"),
        }
    }
    // Nobody else can have taken its place: that takes the lock, which this process still has.
    _ = std::fs::remove_file(place(&data));
}

fn listen(place: &Path) -> std::io::Result<UnixListener> {
    match std::fs::remove_file(place) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(place)?;
    std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

fn give(stream: &UnixStream, sockets: &Handles) -> std::io::Result<()> {
    let names: Vec<&str> = sockets.iter().map(|(name, _)| *name).collect();
    let handles: Vec<BorrowedFd<'_>> = sockets.iter().map(|(_, handle)| handle.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(NAMES.len()))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&handles)) {
        return Err(std::io::Error::other("more sockets than expected"));
    }
    let names = names.join(" ");
    sendmsg(
        stream,
        &[IoSlice::new(names.as_bytes())],
        &mut control,
        SendFlags::NOSIGNAL,
    )?;
    Ok(())
}

/// The sockets of the gate that runs on `data`; none when no gate answers there.
pub(crate) fn ask(data: &Path) -> std::io::Result<Option<Sockets>> {
    let Ok(stream) = UnixStream::connect(place(data)) else {
        return Ok(None);
    };
    stream.set_read_timeout(Some(ANSWER))?;
    let mut names = [0; 64];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(NAMES.len()))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut parts = [IoSliceMut::new(&mut names)];
    let received = recvmsg(&stream, &mut parts, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    let handles = control.drain().filter_map(|message| match message {
        RecvAncillaryMessage::ScmRights(handles) => Some(handles),
        _ => None,
    });
    let handles: Vec<OwnedFd> = handles.flatten().collect();
    let names = String::from_utf8_lossy(&names[..received.bytes]).into_owned();
    let sockets = names.split(' ').map(str::to_owned).zip(handles).collect();
    Ok(Some(Sockets::taken(sockets)))
}

/// Tells callers on `listener` to come again in a moment. Never ends by itself.
pub(crate) async fn turn_away(listener: TcpListener) {
    tokio::time::sleep(PATIENCE).await;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(async move { tokio::time::timeout(TURNING_AWAY, say_so(stream)).await });
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

const COME_AGAIN: &str = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nConnection: close\r\n\
                          Content-Type: application/problem+json\r\nContent-Length: ";
const PROBLEM: &str = "{\n  \"type\": \"urn:averment:problem:exchange\",\n  \"title\": \"the gate is being exchanged\",\n  \
                       \"status\": 503,\n  \"fault\": \"averment\",\n  \"retry\": \"safe\",\n  \
                       \"detail\": \"nothing was sent; try again in two seconds\"\n}\n";

async fn say_so(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut piece = [0; 4096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") && head.len() < HEAD_MAX_BYTES {
        let read = stream.read(&mut piece).await?;
        if read == 0 {
            return Ok(());
        }
        head.extend_from_slice(&piece[..read]);
    }
    let answer = format!("{COME_AGAIN}{}\r\n\r\n{PROBLEM}", PROBLEM.len());
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    // Closing with bytes unread would take the answer away from who still sends.
    while stream.read(&mut piece).await? > 0 {}
    Ok(())
}
