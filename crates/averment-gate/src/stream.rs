//! Bodies that are not decided whole: larger than the bound, of calls whose messages go both ways, or such that pause.
//!
//! Start at [`Shared::stream`]. The head is judged, then what comes is cut into looks ([`window`]) and each is judged before
//! its bytes go on ([`upload`]). The first look of an upload is judged before the head goes out, so that most refusals are
//! ordinary answers; at a later one the request is broken off, and what had left by then is recorded.
//!
//! A body whose length nobody announced and that pauses ([`Shared::pause`]) may be one that never ends, whose caller waits for an
//! answer meanwhile. Its head goes out then, and of it what cannot be a part of a match.
//!
//! Invariants: the intent is durable before the first byte, and a look with something new in it has an intent of its own
//! before its bytes go. Uploads are never rewritten, because their beginning has left when their end is read.

mod begins;
mod decode;
mod events;
mod intake;
mod json_cut;
mod upload;
mod window;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use averment_policy::{Action, Decision, Permit};
use averment_store::Cleared;
use http::header::CONTENT_TYPE;
use http::{Extensions, Response, Version, request};
use hyper::body::{Body as _, Incoming};
use tokio_util::sync::CancellationToken;

use crate::body::{Answer, Pause};
use crate::case::{Case, Judged};
use crate::gate::Shared;
use crate::metrics::Step;
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::sending::Sending;
use crate::turn_back;
use crate::way::{Pending, Traffic};
pub(crate) use begins::Begins;
pub(crate) use intake::Source;
use upload::{End, Upload};

/// A body that brings no byte for so long is not waited for: far longer than what lies between two packets.
const PAUSE: Duration = Duration::from_millis(250);

/// Whether a request is a call whose messages go both ways: gRPC, Connect, an event stream of AWS. There is no gRPC over
/// HTTP/1.1: what says so there is a body like any other.
pub(crate) fn is_call(head: &request::Parts) -> bool {
    let value = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.is_some_and(|media| intake::is_call(media, head.version == Version::HTTP_2))
}

/// Why an upload was broken off, for whoever answers its caller.
type Broken = Arc<Mutex<Option<Problem>>>;

impl Shared {
    /// When `body` goes on in pieces; none for one that is waited for: its length was announced, it could not be read as well in
    /// pieces, or its recipient gets things rewritten or signed by the gate, which pieces are not.
    pub(crate) fn pause(&self, outgoing: &Outgoing, body: &Incoming) -> Option<Pause> {
        if body.size_hint().exact().is_some() {
            return None;
        }
        let pause = intake::pause_of(outgoing, PAUSE)?;
        let (terms, host) = (self.terms(), outgoing.destination.host.as_str());
        let is_streamed = terms.settings.limits.stream_max_bytes > 0;
        let goes_over = is_streamed && !terms.may_rewrite_for(host) && !terms.signs_for(host);
        goes_over.then_some(pause)
    }

    /// Sends a message whose body comes from `source` while it comes.
    pub(crate) async fn stream(
        self: &Arc<Self>,
        outgoing: Outgoing,
        source: Source,
        extensions: Extensions,
    ) -> Result<Response<Answer>, Problem> {
        let case = Arc::new(Case::new(outgoing, self.people_or_fault()?, self.limits));
        let mut upload = Upload::new(self, &case.outgoing, source);
        match self.begin(&case, &mut upload).await {
            Ok((cleared, outgoing)) => self.send_pieces(cleared, outgoing, upload, extensions).await,
            Err(problem) => {
                upload.take_rest().await;
                Err(problem)
            }
        }
    }

    /// Judges head and first look and records the intent.
    async fn begin(&self, case: &Arc<Case>, upload: &mut Upload) -> Result<(Cleared, Outgoing), Problem> {
        let Judged { inspection, decision } = self.judge(case, None).await?;
        let inspection = Arc::new(inspection);
        let permit: Permit = match decision {
            Decision::Refuse(verdict) => return Err(self.refuse(Kind::Refused, case, &inspection, &verdict).await),
            Decision::Proceed(permit) => permit,
        };
        let outgoing = match permit.verdict().action {
            Action::Forward => Some(case.outgoing.clone()),
            // A length that was announced is that of the whole body, which a rewritten head could not know.
            Action::Rewrite if !case.outgoing.has_length() => self.rewrite(case, &inspection, permit.verdict()).await?,
            Action::Rewrite | Action::Refuse => None,
        };
        let Some(outgoing) = outgoing else {
            return Err(self
                .refuse_anyway(Kind::RewriteImpossible, case, &inspection, permit.verdict())
                .await);
        };
        let with = case.with_head_credentials(outgoing, permit.verdict(), self.clock.now());
        let outgoing = self.or_unusable(with, case, &inspection, permit.verdict()).await?;
        upload.look_first().await?;
        let cleared = self.record(case, &outgoing, &inspection, permit).await?;
        Ok((cleared, outgoing))
    }

    async fn send_pieces(
        &self,
        cleared: Cleared,
        mut outgoing: Outgoing,
        upload: Upload,
        extensions: Extensions,
    ) -> Result<Response<Answer>, Problem> {
        let (id, cleared) = (cleared.id().to_owned(), Arc::new(cleared));
        let traffic = Arc::new(Traffic::default());
        let pending = Pending::new(&self.journal, &id).counting(&traffic);
        let exchanged = outgoing.exchanged.take();
        let (body, release) = Sending::pieces(&traffic);
        let Ok(request) = outgoing.into_request_with(body, extensions) else {
            pending.settle("not_sent", None);
            return Err(Problem::from(Kind::RewriteImpossible).request(id));
        };
        let (broken, ended) = (Broken::default(), CancellationToken::new());
        let lifetime = upload.lifetime();
        let upload = lifetime.follow(upload.run(release, Arc::clone(&cleared), Arc::clone(&broken), ended.clone()));
        let time = self.answer_time(&cleared);
        let sending = self.upstream.send_pieces(&cleared, request, (&ended, time));
        let sent = self.metrics.step(Step::Send, sending).await;
        let stopped = broken.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (sent, stopped) {
            (sent, Some(problem)) => {
                pending.settle("partial", sent.ok().map(|response| response.status().as_u16()));
                Err(problem)
            }
            (Ok(response), None) => {
                let status = response.status().as_u16();
                let metrics = Arc::clone(&self.metrics);
                lifetime.see_to_the_end(async move {
                    match upload.await {
                        Ok(Some(End::Whole | End::NotWanted)) => pending.settle("answered", Some(status)),
                        _ => pending.settle("partial", Some(status)),
                    }
                    // Nobody can be told any more.
                    if let Some(problem) = broken.lock().unwrap_or_else(PoisonError::into_inner).take() {
                        metrics.problem(problem.slug());
                    }
                });
                Ok(turn_back::hand_back(response, exchanged))
            }
            (Err(problem), None) => {
                upload.abort();
                pending.settle(
                    if problem.is_unsent() {
                        "not_sent"
                    } else {
                        "may_have_left"
                    },
                    None,
                );
                Err(problem.request(id))
            }
        }
    }
}
