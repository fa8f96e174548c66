//! Open tunnels by host, so that those of a recipient that is no longer declared can be cut.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The tunnels that are open.
#[derive(Debug, Default)]
pub(crate) struct Tunnels {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    by_number: BTreeMap<u64, (String, CancellationToken)>,
}

impl Tunnels {
    /// Adds one; it is taken off the list when the result is dropped.
    pub(super) fn register(self: &Arc<Self>, host: &str) -> Registered {
        let cut = CancellationToken::new();
        let mut open = self.open();
        let number = open.next;
        open.next += 1;
        open.by_number.insert(number, (host.to_owned(), cut.clone()));
        Registered {
            tunnels: Arc::clone(self),
            number,
            cut,
        }
    }

    /// Ends every tunnel to a host that `is_cut` names. Gives how many.
    pub(crate) fn cut(&self, is_cut: impl Fn(&str) -> bool) -> usize {
        let open = self.open();
        let cut = open.by_number.values().filter(|(host, _)| is_cut(host));
        cut.map(|(_, token)| token.cancel()).count()
    }

    /// How many are open.
    pub(crate) fn count(&self) -> usize {
        self.open().by_number.len()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open tunnel.
#[derive(Debug)]
pub(super) struct Registered {
    tunnels: Arc<Tunnels>,
    number: u64,
    cut: CancellationToken,
}

impl Registered {
    /// Waits until it is cut.
    pub(super) async fn cut(&self) {
        self.cut.cancelled().await;
    }

    pub(super) fn is_cut(&self) -> bool {
        self.cut.is_cancelled()
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.tunnels.open().by_number.remove(&self.number);
    }
}
