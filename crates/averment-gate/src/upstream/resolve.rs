//! Names to addresses: by the system, or by a table that is handed in.
//!
//! Whatever gives them, every address is checked before anything is connected to, and what was checked is connected to:
//! nothing is resolved a second time for one connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::error::ConnectError;
use crate::host::Destination;

/// Who knows the addresses of names.
#[derive(Clone, Default)]
pub struct Resolver(Option<Arc<Table>>);

type Table = dyn Fn(&str) -> Vec<IpAddr> + Send + Sync;

impl Resolver {
    /// One that asks `look_up` for the addresses of a name (lower case, no trailing dot) and nobody else.
    pub fn new(look_up: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(look_up)))
    }

    /// The addresses of `destination`, at least one.
    pub(super) async fn resolve(&self, destination: &Destination) -> Result<Vec<SocketAddr>, ConnectError> {
        let (name, port) = (destination.host.as_str(), destination.port);
        if let Some(address) = destination.host.address() {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let addresses: Vec<SocketAddr> = match &self.0 {
            Some(look_up) => look_up(name).into_iter().map(|ip| SocketAddr::new(ip, port)).collect(),
            None => {
                let found = tokio::net::lookup_host((name, port)).await;
                found.map_err(|_| ConnectError::Unresolved)?.collect()
            }
        };
        if addresses.is_empty() {
            Err(ConnectError::Unresolved)
        } else {
            Ok(addresses)
        }
    }
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() {
            "Resolver(table)"
        } else {
            "Resolver(system)"
        })
    }
}
