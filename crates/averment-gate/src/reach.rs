//! How a message would reach its host: over TLS on port 443, as the settings declare, or otherwise.
//!
//! Start at [`reach_of`]. The gate and `averment explain` use the same.

use averment_policy::Reach;
use averment_register::Charter;

use crate::host::{Destination, Scheme};
use crate::settings::Settings;

/// How a message for `origin` would reach it: scheme, host, and port where it is not the usual one (`http://printer.example:8080`). None
/// where that is no origin that the gate sends to.
pub fn reach_of(charter: &Charter, settings: &Settings, origin: &str) -> Option<Reach> {
    Some(of(charter, settings, &Destination::parse_origin(origin)?))
}

/// How a message for `destination` would reach it.
pub(crate) fn of(charter: &Charter, settings: &Settings, destination: &Destination) -> Reach {
    let is_usual = destination.scheme == Scheme::Https && destination.port == Scheme::Https.default_port();
    if is_usual || is_declared(charter, settings, destination) {
        Reach::Declared
    } else if destination.scheme == Scheme::Http {
        Reach::InClear
    } else {
        Reach::OtherPort
    }
}

/// Whether the settings name `destination` for a recipient that has the host in the register.
fn is_declared(charter: &Charter, settings: &Settings, destination: &Destination) -> bool {
    let origins = settings.origins.iter();
    let origins = origins.filter_map(|row| Some((&row.recipient, Destination::parse_origin(&row.origin)?)));
    let routes = settings.routes.iter();
    let routes = routes.filter_map(|row| Some((&row.recipient, Destination::parse(Scheme::Https, &row.host)?)));
    let mut rows = origins.chain(routes).filter(|(_, origin)| origin == destination);
    let recipients = charter.recipients_of_host(destination.host.as_str());
    rows.any(|(id, _)| recipients.iter().any(|recipient| recipient.id == *id))
}
