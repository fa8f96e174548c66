//! Who may send through a gate whose address others reach: somebody has to have said so.

use std::net::SocketAddr;

use averment_gate::Settings;

use crate::outcome::Failure;

/// Checks that whoever reaches a gate on `address` was meant to.
pub(crate) fn check(address: SocketAddr, settings: &Settings) -> Result<(), Failure> {
    if address.ip().is_loopback() || settings.services_required || settings.open {
        return Ok(());
    }
    let what = format!("others than this machine reach `{address}`, and nothing says who may send through the gate");
    Err(Failure::new(what).hint(
        "set `services_required = true` in the settings (`--settings FILE`) and name the programs under `[[services]]`; \
         `open = true` says that whoever reaches it may send",
    ))
}
