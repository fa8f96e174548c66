//! Tunnels whose TLS is not opened, for recipients that pin certificates: declared in the settings, by host.
//!
//! Start at [`is_declared`] and [`serve`]. Nothing inside is read, so it counts as unreadable, and the register must say
//! `unreadable = "forward"` for the recipient. The name in the handshake must be the tunnel's.
//!
//! Invariant: no byte of the caller goes on before the intent is durable. What would not be opened now does not stay open.
//!
//! Source: RFC 8446 4.1.2; RFC 6066 3 for the name.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use averment_detect::UnreadableBecause;
use averment_policy::{Action, Decision, Sender};
use averment_register::Unreadable;
use rustls::server::Acceptor;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

use crate::case::Case;
use crate::gate::Shared;
use crate::host::{Destination, Host};
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::terms::Terms;
use crate::tunnel::Failed;
use crate::way::{Pending, Traffic};

/// How soon an open tunnel notices that it would not be opened any more.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A handshake's first message is far below this.
const HELLO_MAX_BYTES: usize = 64 << 10;

/// Whether settings and register say that what goes to `destination` is passed on unread. A row whose recipient does not
/// have the host, or does not declare the exception, counts for nothing: the tunnel is then opened like any other.
pub(crate) fn is_declared(terms: &Terms, destination: &Destination) -> bool {
    let host = destination.host.as_str();
    let named = |id| {
        let mut rows = terms.settings.pass_through.iter();
        rows.any(|row| row.recipient == id && Host::parse(&row.host).as_ref() == Some(&destination.host))
    };
    let cut_off = &terms.settings.cut_off;
    let recipients = terms.charter.recipients_of_host(host);
    let is_cut_off = cut_off.all
        || recipients
            .iter()
            .any(|recipient| cut_off.recipients.contains(&recipient.id));
    let mut recipients = recipients.into_iter();
    !is_cut_off
        && recipients.any(|recipient| recipient.unreadable == Unreadable::Forward && named(recipient.id.clone()))
}

/// Passes one tunnel of `sender` on, or closes it.
pub(crate) async fn serve<S>(mut stream: S, shared: &Shared, destination: Destination, sender: Sender)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let heard = tokio::time::timeout(shared.timeouts.handshake, hear(&mut stream)).await;
    let (hello, name) = match heard.unwrap_or(Err(Failed::TooSlow)) {
        Ok(heard) => heard,
        Err(failed) => return shared.tunnel_failed(&destination.host, failed.as_str()),
    };
    if name.as_ref() != Some(&destination.host) {
        return shared.tunnel_failed(&destination.host, Failed::OtherName.as_str());
    }
    let tunnel = Outgoing::tunnel(destination.clone()).sent_by(sender);
    if let Err(problem) = pass(stream, &hello, shared, tunnel).await {
        shared.metrics.problem(problem.slug());
        shared.tunnel_failed(&destination.host, problem.slug());
    }
}

/// The bytes of the first message, and the name in it.
async fn hear(stream: &mut (impl AsyncRead + Unpin)) -> Result<(Vec<u8>, Option<Host>), Failed> {
    let mut acceptor = Acceptor::default();
    let mut bytes = Vec::new();
    while bytes.len() < HELLO_MAX_BYTES {
        let before = bytes.len();
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(Failed::Closed);
        }
        let mut new = &bytes[before..];
        while !new.is_empty() {
            acceptor.read_tls(&mut new)?;
            if let Some(accepted) = acceptor.accept().map_err(|_| Failed::NoTls)? {
                let name = accepted.client_hello().server_name().and_then(Host::parse);
                return Ok((bytes, name));
            }
        }
    }
    Err(Failed::NoTls)
}

async fn pass<S>(stream: S, hello: &[u8], shared: &Shared, outgoing: Outgoing) -> Result<(), Problem>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let destination = outgoing.destination.clone();
    let case = Arc::new(Case::new(outgoing.clone(), shared.people_or_fault()?, shared.limits));
    let judged = shared.judge(&case, Some(UnreadableBecause::PassThrough)).await?;
    let permit = match judged.decision {
        Decision::Proceed(permit) if permit.verdict().action == Action::Forward => permit,
        other => {
            return Err(shared
                .refuse_anyway(Kind::Refused, &case, &judged.inspection, other.verdict())
                .await);
        }
    };
    let cleared = shared.record(&case, &case.outgoing, &judged.inspection, permit).await?;
    let traffic = Arc::new(Traffic::default());
    let pending = Pending::new(&shared.journal, cleared.id()).counting(&traffic);
    let there = match shared.upstream.tunnel(&cleared, &destination).await {
        Ok(there) => there,
        Err(problem) => {
            pending.settle("not_sent", None);
            return Err(problem);
        }
    };
    let mut there = Counted {
        stream: there,
        traffic: Arc::clone(&traffic),
    };
    let mut here = stream;
    if there.write_all(hello).await.is_ok() {
        // However it ends: both sides are closed, and the bytes are counted.
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut here, &mut there) => {}
            why = until_it_may_not(shared, &outgoing, &traffic) => {
                tracing::info!(why, "a tunnel that was passed on is closed");
            }
        }
    }
    pending.settle("sent", None);
    let bytes = traffic.out.load(Ordering::Acquire);
    shared.metrics.passed_on(cleared.verdict(), bytes);
    Ok(())
}

/// Resolves, with why, when `tunnel` would not be opened any more or nothing goes through it.
async fn until_it_may_not(shared: &Shared, tunnel: &Outgoing, traffic: &Traffic) -> &'static str {
    let (mut passed, mut since) = (0, Instant::now());
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if let Err(why) = may_still(shared, tunnel).await {
            return why;
        }
        let now = traffic.out.load(Ordering::Acquire) + traffic.back.load(Ordering::Acquire);
        if now != passed {
            (passed, since) = (now, Instant::now());
        } else if since.elapsed() >= shared.terms().settings.limits.idle() {
            return "idle";
        }
    }
}

/// Whether `tunnel` would be opened now: ledger and directory can be gone by, the settings declare it, and its service may.
async fn may_still(shared: &Shared, tunnel: &Outgoing) -> Result<(), &'static str> {
    if shared.journal.failure().is_some() {
        return Err(Problem::from(Kind::LedgerUnavailable).slug());
    }
    let terms = shared.people_or_fault().map_err(|problem| problem.slug())?;
    if !is_declared(&terms, &tunnel.destination) {
        return Err("undeclared");
    }
    let case = Arc::new(Case::new(tunnel.clone(), terms, shared.limits));
    match case.judge(Some(UnreadableBecause::PassThrough), &shared.room).await {
        Ok(judged) if judged.decision.verdict().action == Action::Forward => Ok(()),
        _ => Err(Problem::from(Kind::Refused).slug()),
    }
}

/// Counts what goes through.
struct Counted<S> {
    stream: S,
    traffic: Arc<Traffic>,
}

fn add(counter: &AtomicU64, bytes: usize) {
    counter.fetch_add(bytes as u64, Ordering::AcqRel);
}

impl<S: AsyncRead + Unpin> AsyncRead for Counted<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        add(&self.traffic.back, buf.filled().len() - before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Counted<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if let Poll::Ready(Ok(written)) = polled {
            add(&self.traffic.out, written);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
