//! One conversation: the caller's messages are judged one by one, the recipient's frames are passed on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use averment_store::Cleared;
use bytes::Bytes;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::sync::watch;
use tokio::time::Instant;

use super::back::TurningBack;
use super::frames::{self, Assembler, Follower, Message};
use crate::gate::Shared;
use crate::lifetime::{Leaving, Lifetime};
use crate::load::{self, Allowance, Party};
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::turn_back::Exchanges;
use crate::way::{Change, Pending, Piece, Traffic};

const READ_BYTES: usize = 16 << 10;
/// How long the other side may take to close after it was told.
const FAREWELL_TIME: Duration = Duration::from_secs(2);
/// The same when the recipient gets nothing any more.
const CUT_TIME: Duration = Duration::from_millis(300);

/// One conversation.
pub(super) struct Conversation {
    pub(super) shared: Arc<Shared>,
    /// The handshake.
    pub(super) head: Outgoing,
    /// What stood in the place of pseudonyms, where they are turned back.
    pub(super) exchanges: Option<Exchanges>,
    /// Whose shares its messages count against.
    pub(super) party: Party,
    pub(super) cleared: Cleared,
    pub(super) pending: Pending,
    pub(super) traffic: Arc<Traffic>,
}

/// Why the caller is told that it is over.
#[derive(Debug, Clone)]
struct Ending {
    code: u16,
    reason: String,
}

impl From<u16> for Ending {
    fn from(code: u16) -> Self {
        Self {
            code,
            reason: String::new(),
        }
    }
}

impl From<Problem> for Ending {
    fn from(problem: Problem) -> Self {
        let code = match problem.kind() {
            Kind::Refused | Kind::RewriteImpossible | Kind::CutOff | Kind::BodyTimeout => frames::REFUSED,
            Kind::TooLarge => frames::TOO_LARGE,
            _ => frames::INTERNAL_ERROR,
        };
        Self {
            code,
            reason: problem.in_short(),
        }
    }
}

/// How the caller's side ended.
enum Heard {
    /// It closed, or the recipient takes no more.
    Gone,
    /// It is to be told.
    Ended(Ending),
}

impl Conversation {
    /// Goes on until one side closes, a message may not go, the recipient is taken away, nothing is said any more, or the gate
    /// stops.
    pub(super) async fn run(self, here: Upgraded, there: Upgraded, lifetime: &Lifetime) {
        let (from_caller, to_caller) = tokio::io::split(TokioIo::new(here));
        let (from_recipient, mut to_recipient) = tokio::io::split(TokioIo::new(there));
        let (told, tell) = watch::channel(None);
        let heard_back = || {
            lifetime.beat();
        };
        let turning = self.exchanges.clone().map(TurningBack::new);
        let back = pass_back((from_recipient, turning), to_caller, tell, (&self.traffic, &heard_back));
        let idle = self.shared.terms().settings.limits.idle();
        // The recipient may have taken its time to agree.
        lifetime.beat();
        let out = async {
            let (heard, time) = tokio::select! {
                heard = self.hear(from_caller, &mut to_recipient, lifetime) => (heard, FAREWELL_TIME),
                why = lifetime.leaving() => match why {
                    Leaving::Stopping => (Heard::Ended(frames::GOING_AWAY.into()), FAREWELL_TIME),
                    Leaving::Cut => (self.end_with(Kind::CutOff.into()), CUT_TIME),
                },
                () = lifetime.silent(idle) => (Heard::Ended(frames::GOING_AWAY.into()), FAREWELL_TIME),
            };
            if let Heard::Ended(ending) = &heard {
                told.send_replace(Some(ending.clone()));
            }
            // A recipient that takes nothing must not hold the caller; and its closing frame may still be under way to them.
            let until = Instant::now() + time;
            _ = tokio::time::timeout_at(until, say_farewell(&heard, &mut to_recipient)).await;
            tokio::time::sleep_until(until).await;
        };
        tokio::select! {
            () = back => {}
            () = out => {}
        }
        self.pending.settle("answered", Some(101));
    }

    async fn hear(
        &self,
        mut caller: ReadHalf<TokioIo<Upgraded>>,
        recipient: &mut WriteHalf<TokioIo<Upgraded>>,
        lifetime: &Lifetime,
    ) -> Heard {
        let mut frames = Assembler::default();
        let mut begun = None;
        let mut bytes = vec![0; READ_BYTES];
        let mut allowance = Allowance::new(&self.shared.load, &self.shared.terms().settings, &self.party);
        loop {
            let settings = &self.shared.terms().settings;
            let max_bytes = settings.limits.whole_max_bytes.min(self.shared.limits.body_max_bytes);
            loop {
                match frames.next(max_bytes) {
                    Ok(None) => break,
                    Ok(Some(message)) => {
                        // What stands between the frames of a message does not lengthen its time.
                        begun = begun.filter(|_| message.is_control());
                        match self.pass_on(message, recipient).await {
                            Ok(true) => {}
                            Ok(false) => return Heard::Gone,
                            Err(problem) => return self.end_with(problem),
                        }
                    }
                    Err(frames::TOO_LARGE) => return self.end_with(self.too_large().await),
                    Err(code) => return Heard::Ended(code.into()),
                }
            }
            if !allowance.fit(frames.held_bytes()) {
                return self.end_with(load::overloaded());
            }
            // What has begun has to be whole in the time that a body has; between messages there may be silence.
            let since = (frames.held_bytes() > 0).then(|| begun.unwrap_or_else(Instant::now));
            begun = since;
            let read = async {
                match since {
                    Some(since) => {
                        tokio::time::timeout_at(since + self.shared.timeouts().body, caller.read(&mut bytes)).await
                    }
                    None => Ok(caller.read(&mut bytes).await),
                }
            };
            match read.await {
                Ok(Ok(count)) if count > 0 => {
                    lifetime.beat();
                    frames.push(&bytes[..count]);
                }
                Ok(_) => return Heard::Gone,
                Err(_) => return self.end_with(Kind::BodyTimeout.into()),
            }
        }
    }

    /// A closing frame stands in the place of the answer.
    fn end_with(&self, problem: Problem) -> Heard {
        self.shared.metrics.problem(problem.slug());
        Heard::Ended(problem.into())
    }

    /// Judges, records and sends one message. `false`: the recipient takes no more.
    async fn pass_on(&self, message: Message, recipient: &mut WriteHalf<TokioIo<Upgraded>>) -> Result<bool, Problem> {
        let Message { opcode, payload } = message;
        let is_close = opcode == frames::CLOSE;
        // Nothing can be said in nothing, and a closing code alone says nothing of anybody.
        if payload.is_empty() || is_close && payload.len() == 2 {
            return Ok(self.write(opcode, &payload, recipient, &self.cleared).await && !is_close);
        }
        let mut allowance = Allowance::new(&self.shared.load, &self.shared.terms().settings, &self.party);
        if !allowance.grow(payload.len()) {
            return Err(load::overloaded());
        }
        let (code, text) = payload.split_at(if is_close { 2.min(payload.len()) } else { 0 });
        let (cleared, content) = self.clear(opcode, text).await?;
        let content = [code, &content].concat();
        let pending = Pending::new(&self.shared.journal, cleared.id());
        let written = self.write(opcode, &content, recipient, &cleared).await;
        if written {
            pending.settle("sent", None);
        }
        Ok(written && !is_close)
    }

    /// The intent of a message, and the message as it goes out.
    async fn clear(&self, opcode: u8, payload: &[u8]) -> Result<(Cleared, Bytes), Problem> {
        let shared = &self.shared;
        // What is not said to be text may be anything, and is read by what it looks like.
        let media = if opcode == frames::BINARY {
            "application/octet-stream"
        } else {
            "text/plain"
        };
        let piece = self.head.piece(Some(media), Bytes::copy_from_slice(payload));
        let judged = shared.judge_piece(piece, (None, Change::Possible), Some(self.cleared.id()));
        let Piece {
            case,
            outgoing,
            inspection,
            permit,
        } = judged.await?;
        let cleared = shared
            .record_piece(&case, &outgoing, &inspection, permit, &self.cleared)
            .await?;
        if let (Some(exchanges), Some(exchanged)) = (&self.exchanges, &outgoing.exchanged) {
            exchanges.add(exchanged);
        }
        Ok((cleared, outgoing.body))
    }

    async fn write(
        &self,
        opcode: u8,
        payload: &[u8],
        recipient: &mut WriteHalf<TokioIo<Upgraded>>,
        _under: &Cleared,
    ) -> bool {
        let Some(frame) = frames::masked(opcode, payload) else {
            return false;
        };
        let written = async {
            recipient.write_all(&frame).await?;
            recipient.flush().await
        };
        let is_written = written.await.is_ok();
        if is_written {
            let bytes = payload.len() as u64;
            self.traffic.out.fetch_add(bytes, Ordering::AcqRel);
            self.shared.metrics.passed_on(self.cleared.verdict(), bytes);
        }
        is_written
    }

    /// Refuses a message that is larger than what is decided whole.
    async fn too_large(&self) -> Problem {
        let piece = self.head.piece(None, Bytes::new());
        self.shared.refuse_too_large(piece, Some(self.cleared.id())).await
    }
}

/// Tells the recipient that nothing more comes.
async fn say_farewell(heard: &Heard, recipient: &mut WriteHalf<TokioIo<Upgraded>>) {
    if let Heard::Ended(_) = heard {
        let farewell = frames::close_payload(frames::GOING_AWAY, "");
        if let Some(frame) = frames::masked(frames::CLOSE, &farewell) {
            _ = recipient.write_all(&frame).await;
        }
    }
    _ = recipient.shutdown().await;
}

/// Passes the recipient's bytes on. Once there is something to `tell`, only to the end of the frame that is under way, and
/// then a closing frame of the gate's own.
async fn pass_back(
    (mut recipient, mut turning): (impl AsyncRead + Unpin, Option<TurningBack>),
    mut caller: impl AsyncWrite + Unpin,
    mut tell: watch::Receiver<Option<Ending>>,
    (traffic, beat): (&Traffic, &(dyn Fn() + Sync)),
) {
    let mut follower = Follower::default();
    let mut bytes = vec![0; READ_BYTES];
    loop {
        let told = tell.borrow_and_update().clone();
        if let Some(ending) = told.as_ref().filter(|_| follower.is_between_frames()) {
            _ = caller.write_all(&frames::close(ending.code, &ending.reason)).await;
            break;
        }
        let read = tokio::select! {
            read = recipient.read(&mut bytes) => read,
            Ok(()) = tell.changed() => continue,
        };
        let Ok(count @ 1..) = read else { break };
        beat();
        let turned = turning.as_mut().map(|turning| turning.feed(&bytes[..count]));
        let passing = turned.as_deref().unwrap_or(&bytes[..count]);
        let end = follower.last_end(passing);
        let passed = match (&told, end) {
            (Some(_), Some(end)) => {
                // What follows belongs to a frame that the caller will not see the end of.
                follower = Follower::default();
                end
            }
            _ => passing.len(),
        };
        if caller.write_all(&passing[..passed]).await.is_err() || caller.flush().await.is_err() {
            break;
        }
        traffic.back.fetch_add(passed as u64, Ordering::AcqRel);
    }
    _ = caller.shutdown().await;
}
