//! What went wrong on the way, in the words of the problem table.

use hyper_util::client::legacy;

use crate::problem::{Kind, Problem};

/// Why no connection was made. Nothing of the message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConnectError {
    #[error("the destination is malformed")]
    Destination,
    #[error("the name has no address")]
    Unresolved,
    #[error("the address is not one of the public internet")]
    Inside,
    #[error("no address answered")]
    Unreachable,
    #[error("the parent proxy gives no way to it")]
    Parent,
    #[error("connecting took too long")]
    TooSlow,
    #[error("the certificate does not hold")]
    Unverified,
    #[error("none of the protocols that were offered is spoken there")]
    Protocol,
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        Self::from(error.kind())
    }
}

impl ConnectError {
    fn kind(self) -> Kind {
        match self {
            Self::Destination | Self::Unreachable | Self::Parent | Self::Protocol => Kind::Unreachable,
            Self::Unresolved => Kind::Unresolved,
            Self::Inside => Kind::AddressInside,
            Self::TooSlow => Kind::ConnectTimeout,
            Self::Unverified => Kind::Unverified,
        }
    }
}

/// The kind of problem that `error` is. What is not known for sure may have been sent.
pub(super) fn kind(error: &legacy::Error) -> Kind {
    if let Some(connect) = sources(error).find_map(|source| source.downcast_ref::<ConnectError>()) {
        return connect.kind();
    }
    let never_started = sources(error)
        .filter_map(|source| source.downcast_ref::<hyper::Error>())
        .any(hyper::Error::is_canceled);
    if error.is_connect() || never_started {
        Kind::NotSent
    } else {
        Kind::Lost
    }
}

fn sources<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
}
