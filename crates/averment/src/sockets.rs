//! Listening sockets: made here, given by a service manager, or taken over from the process that serves now.
//!
//! Start at [`Sockets::given`]. A socket that outlives its process keeps callers waiting in its queue instead of turning
//! them away, so that a gate can be exchanged while it is used.
//!
//! Source: sd_listen_fds(3).

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::os::fd::OwnedFd;

use listenfd::ListenFd;
use tokio::net::{TcpListener, TcpSocket};

use crate::outcome::Failure;

/// What a socket is for, in the order in which unnamed ones are taken.
pub(crate) const NAMES: [&str; 4] = ["gate", "page", "admin", "access"];

/// Callers that the system holds until they are taken, at most its own bound (`net.core.somaxconn`). Many programs start
/// at once, and while one gate takes over from another nobody is taken for a moment.
const QUEUE: u32 = 4096;

/// Sockets that were there before this process.
#[derive(Debug, Default)]
pub(crate) struct Sockets(BTreeMap<String, StdListener>);

impl Sockets {
    /// What the service manager gave.
    pub(crate) fn given() -> Result<Self, Failure> {
        let mut given = ListenFd::from_env();
        let names = names();
        let mut sockets = BTreeMap::new();
        for index in 0..given.len() {
            let named = names.get(index).filter(|name| NAMES.contains(&name.as_str()));
            let name = named.cloned().or_else(|| NAMES.get(index).map(ToString::to_string));
            let listener = given.take_tcp_listener(index).map_err(|error| {
                Failure::new(format!("cannot use socket {index} of the service manager")).because(error)
            })?;
            if let Some((name, listener)) = name.zip(listener) {
                sockets.insert(name, listener);
            }
        }
        Ok(Self(sockets))
    }

    /// What another process handed over, by name.
    pub(crate) fn taken(sockets: Vec<(String, OwnedFd)>) -> Self {
        Self(
            sockets
                .into_iter()
                .map(|(name, socket)| (name, socket.into()))
                .collect(),
        )
    }

    /// Another handle of one of them.
    pub(crate) fn share(&self, name: &str) -> Option<TcpListener> {
        let listener = self.0.get(name)?.try_clone().ok()?;
        listener.set_nonblocking(true).ok()?;
        TcpListener::from_std(listener).ok()
    }

    /// The one of this name, or a new one on `address`. `flag`: how to name another address.
    pub(crate) async fn listen(&mut self, name: &str, address: SocketAddr, flag: &str) -> Result<TcpListener, Failure> {
        let failed = |error| {
            Failure::new(format!("cannot listen on `{address}` for the {name}"))
                .because(error)
                .hint(format!("name a free address with {flag}"))
        };
        let Some(listener) = self.0.remove(name) else {
            return bind(address).map_err(failed);
        };
        listener.set_nonblocking(true).map_err(failed)?;
        TcpListener::from_std(listener).map_err(failed)
    }
}

/// A new socket on `address`. Its port may still have connections of a gate that was stopped a moment ago.
fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn names() -> Vec<String> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    names.split(':').map(str::to_owned).collect()
}
