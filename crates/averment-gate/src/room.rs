//! Room for looking at bodies: how many that are not small are looked at at once, and how much all of them may decode to.
//!
//! Start at [`Room::take`]. What a body decodes to is known only when it is decoded, so a place is for the most that it may
//! be; whoever finds that to be too little asks for a larger one. Who waits too long is turned away.
//!
//! Without it the memory of each is bounded and that of all together is not.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places are counted in these.
const UNIT_BYTES: usize = 4096;
/// Bodies looked at at once where it is not known how many processors there are.
const AT_ONCE_MIN: usize = 2;

/// The room of one gate.
#[derive(Debug)]
pub(crate) struct Room {
    bodies: Arc<Semaphore>,
    units: Arc<Semaphore>,
    units_max: u32,
    /// How long to wait for a place.
    patience: Duration,
}

/// A place in it, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    _units: OwnedSemaphorePermit,
    _body: OwnedSemaphorePermit,
}

impl Room {
    /// `decoded_max_bytes`: of all bodies together.
    pub(crate) fn new(decoded_max_bytes: usize, patience: Duration) -> Self {
        let processors = std::thread::available_parallelism().map_or(AT_ONCE_MIN, usize::from);
        let units_max = u32::try_from(decoded_max_bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX);
        Self {
            bodies: Arc::new(Semaphore::new(processors.max(AT_ONCE_MIN))),
            units: Arc::new(Semaphore::new(units_max as usize)),
            units_max,
            patience,
        }
    }

    /// A place for a body that may decode to `bytes`; of what is more than there is at all, all there is. None when none is
    /// free for too long.
    pub(crate) async fn take(&self, bytes: usize) -> Option<Place> {
        let units = u32::try_from(bytes.div_ceil(UNIT_BYTES))
            .unwrap_or(u32::MAX)
            .clamp(1, self.units_max.max(1));
        let place = async {
            let units = Arc::clone(&self.units).acquire_many_owned(units).await.ok()?;
            let body = Arc::clone(&self.bodies).acquire_owned().await.ok()?;
            Some(Place {
                _units: units,
                _body: body,
            })
        };
        tokio::time::timeout(self.patience, place).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests;
