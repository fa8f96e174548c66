//! The decision API: where it listens and which token it asks for, by itself (`access serve`) and beside a gate (`up --access`).

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use averment_access::Access;
use averment_console::access::{Guarded, InForce};
use averment_register::Charter;
use clap::Args;
use tokio::net::TcpListener;

use crate::outcome::Failure;
use crate::sockets::Sockets;

/// Where the token is, when no file is named.
const VARIABLE: &str = "AVERMENT_ACCESS_TOKEN";

/// The decision API beside a gate.
#[derive(Debug, Args)]
pub(crate) struct DecisionArgs {
    /// Answer here who may see what of whom, as `access serve` does; loopback or a private network
    #[arg(long = "access", value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// File with the token that every question asks for; `AVERMENT_ACCESS_TOKEN` when absent
    #[arg(long = "access-token-file", value_name = "FILE", requires = "listen")]
    token_file: Option<PathBuf>,
    /// The address that others reach it at, without a slash at its end; `http://` and the address listened on when absent
    #[arg(long = "access-public", value_name = "URL", requires = "listen")]
    public: Option<String>,
}

/// The decision API, ready to be served.
pub(crate) struct Decisions {
    pub(crate) listener: TcpListener,
    pub(crate) guarded: Guarded,
    /// Whether any sentence says who sees what; where none does everything is denied.
    pub(crate) says_anything: bool,
}

impl Decisions {
    /// Opens what was asked for; none when it was not.
    pub(crate) async fn open(
        arguments: &DecisionArgs,
        charter: &Charter,
        sockets: &mut Sockets,
    ) -> Result<Option<Self>, Failure> {
        let Some(address) = arguments.listen else {
            return Ok(None);
        };
        stays_inside(address, arguments.public.as_deref(), "--access-public")?;
        let access = Access::new(charter)?;
        let says_anything = !access.rules().rules.is_empty();
        let token = token(arguments.token_file.as_deref(), "--access-token-file")?;
        let listener = sockets.listen("access", address, "`--access ADDRESS`").await?;
        let guarded = guarded(access, token, arguments.public.as_deref(), listener.local_addr()?);
        Ok(Some(Self {
            listener,
            guarded,
            says_anything,
        }))
    }
}

/// Refuses an address that everybody reaches: it speaks without TLS, and token and answers would go in clear. With an `https`
/// address that others reach it at, somebody in front speaks it. `flag`: how to name that one.
pub(crate) fn stays_inside(address: SocketAddr, public: Option<&str>, flag: &str) -> Result<(), Failure> {
    let inside = match address.ip().to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    };
    if inside || public.is_some_and(|public| public.starts_with("https://")) {
        return Ok(());
    }
    let message = format!("decisions would go out in clear from `{address}`, expected loopback or a private network");
    Err(Failure::new(message).hint(format!(
        "put a proxy with TLS before it and name its address with `{flag} https://…`"
    )))
}

/// What the API is made of, listening on `address`.
pub(crate) fn guarded(access: Access, token: String, public: Option<&str>, address: SocketAddr) -> Guarded {
    let base = public.map_or_else(|| format!("http://{address}"), str::to_owned);
    Guarded {
        access: InForce::new(access),
        token,
        base: base.trim_end_matches('/').to_owned(),
    }
}

/// The token from the file or else from the environment, without white space around it. `flag`: how to name a file.
pub(crate) fn token(file: Option<&Path>, flag: &str) -> Result<String, Failure> {
    let (text, place) = match file {
        Some(file) => (read(file)?, format!("`{}`", file.display())),
        None => (
            variable().unwrap_or_default(),
            format!("the environment variable `{VARIABLE}`"),
        ),
    };
    match text.trim() {
        "" => Err(Failure::new(format!("{place} holds no token")).hint(format!(
            "name a file that holds one with `{flag} FILE`, or set `{VARIABLE}`"
        ))),
        token => Ok(token.to_owned()),
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))
}

#[expect(clippy::disallowed_methods, reason = "the outermost room reads the environment")]
fn variable() -> Option<String> {
    std::env::var(VARIABLE).ok()
}
