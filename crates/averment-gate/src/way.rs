//! The one way of a message through the gate: read, inspect, decide, treat, record, send, record what became of it.
//!
//! Start at [`Shared::answer`]. Every step either hands on or ends closed with a problem document; there is no other way
//! to [`Upstream::send`](crate::upstream::Client::send), which takes the [`Cleared`] that only the journal makes.
//!
//! Invariants: no byte goes out without a durable intent. Whatever panics, is late or is missing ends in an answer of the
//! gate's own. Answers of recipients are handed back as they come, but for pseudonyms that are turned back (`turn_back.rs`):
//! nothing is inspected in that direction yet.

mod panics;
mod pending;
mod piece;
pub(crate) mod refuse;

use std::sync::Arc;
use std::time::Instant;

use averment_detect::{Inspection, UnreadableBecause};
use averment_policy::{Action, Decision, Permit, Sender, Verdict};
use averment_store::{Cleared, JournalError};
use bytes::Bytes;
use http::header::ALT_SVC;
use http::{Extensions, HeaderMap, Request, Response, request};
use hyper::body::{Body as _, Incoming};
use hyper::upgrade::OnUpgrade;

use crate::body::{self, Answer, Bounds, Pause, Read, Unread};
use crate::case::{Case, Judged, Unjudged};
use crate::framing::Framed;
use crate::gate::Shared;
use crate::head;
use crate::hop;
use crate::host::Destination;
use crate::load::{self, Allowance, Entered, Party};
use crate::metrics::Step;
use crate::outgoing::Outgoing;
use crate::pace::Pace;
use crate::problem::{Kind, Problem, REQUEST_HEADER};
use crate::serving::Link;
use crate::stream::{self, Source};
use crate::turn_back;
use crate::websocket::{self, Handshake, extended};
pub(crate) use pending::{Pending, Traffic};
pub(crate) use piece::{Change, Piece};
use refuse::Obstacle;

/// What came of a request behind its head.
enum Come {
    Whole(Bytes, Option<HeaderMap>),
    /// The beginning of something that is not decided whole, and whether it pauses there.
    Beginning(Bytes, Allowance, bool),
    Unread(Obstacle),
}

/// A request as it came in.
pub(crate) struct Arrival {
    pub(crate) request: Request<Incoming>,
    /// The host that its connection is for.
    pub(crate) destination: Destination,
    pub(crate) framed: Framed,
    /// Its connection.
    pub(crate) link: Link,
}

impl Shared {
    /// Answers one request, which has its places.
    pub(crate) async fn answer(self: &Arc<Self>, arrival: Arrival, entered: Entered) -> Response<Answer> {
        // On the heap, because everything around it moves it.
        let walk = Box::pin(self.walk(arrival, entered));
        let walked = panics::caught(self.metrics.request(walk)).await;
        let answer = match walked {
            Some(answer) => answer,
            // Noting the fault goes through what may have panicked.
            None => Err(panics::caught(async { self.panicked() })
                .await
                .unwrap_or_else(|| Problem::from(Kind::InspectionFailed))
                .closing()),
        };
        answer.unwrap_or_else(|problem| {
            tracing::debug!(problem = problem.slug(), "answered with a problem");
            problem.into_response()
        })
    }

    fn panicked(&self) -> Problem {
        let problem = self.not_judged(&Unjudged::Panicked);
        self.metrics.problem(problem.slug());
        problem
    }

    async fn walk(self: &Arc<Self>, arrival: Arrival, entered: Entered) -> Result<Response<Answer>, Problem> {
        let Entered { party, places } = entered;
        let Arrival {
            request,
            destination,
            framed,
            link,
        } = arrival;
        let (mut head, mut body) = request.into_parts();
        let upgrade = head.extensions.remove::<OnUpgrade>();
        extended::translate(&mut head);
        let sender = match self.check(&head, &destination, &framed) {
            Ok(sender) => sender,
            Err(problem) => {
                take_rest(&head, &framed, body).await;
                return Err(problem);
            }
        };
        let outgoing = Outgoing::of(&head, destination).sent_by(sender);
        let read = if let Some(upgrade) = upgrade.filter(|_| websocket::is_handshake(&head) && body.is_end_stream()) {
            let handshake = Handshake {
                upgrade,
                framed,
                link,
                party,
            };
            // What few requests come to has a place of its own: it would be made room for, and moved, with every request.
            return Box::pin(self.open_websocket(outgoing, handshake, head.extensions)).await;
        } else if head::wants_upgrade(&head) || extended::is_one(&head.extensions) {
            Come::Unread(Obstacle::Upgrade)
        } else if stream::is_call(&head) {
            let allowance = Allowance::new(&self.load, &self.terms().settings, &party);
            Come::Beginning(Bytes::new(), allowance, false)
        } else {
            let pause = self.pause(&outgoing, &body);
            self.metrics
                .step(Step::Read, self.read((&mut body, &framed), pause, &party))
                .await?
        };
        match read {
            Come::Whole(body, trailers) => {
                let outgoing = outgoing.with_body(body).with_trailers(trailers);
                self.decide(outgoing, head.extensions).await
            }
            Come::Beginning(first, allowance, has_paused) => {
                let source = Source {
                    first,
                    pause: self.pause(&outgoing, &body),
                    has_paused,
                    body,
                    framed,
                    allowance,
                    limits: self.terms().settings.limits.clone(),
                    expects: head::expects(&head),
                    lifetime: link.lifetime,
                    places,
                };
                Box::pin(self.stream(outgoing, source, head.extensions)).await
            }
            Come::Unread(obstacle) => {
                take_rest(&head, &framed, body).await;
                Err(Box::pin(self.refuse_unread(outgoing, obstacle)).await)
            }
        }
    }

    fn check(&self, head: &request::Parts, destination: &Destination, framed: &Framed) -> Result<Sender, Problem> {
        head::check(head, destination, framed)?;
        self.people_or_fault()?;
        self.caller(head)
    }

    async fn read(
        &self,
        (body, framed): (&mut Incoming, &Framed),
        pause: Option<Pause>,
        party: &Party,
    ) -> Result<Come, Problem> {
        let settings = &self.terms().settings;
        let bounds = Bounds {
            max_bytes: settings.limits.whole_max_bytes.min(self.limits.body_max_bytes),
            pace: Pace::new(settings.timeouts.over(self.timeouts).body),
            pause,
        };
        let allowance = Allowance::new(&self.load, settings, party);
        let read = tokio::select! {
            biased;
            read = body::read(body, bounds, allowance) => read,
            () = framed.ambiguous() => return Err(head::ambiguous()),
        };
        // The framing of a body is known only now.
        if framed.is_ambiguous() {
            return Err(head::ambiguous());
        }
        let stream_max_bytes = settings.limits.stream_max_bytes;
        match read {
            Ok(Read::Whole(body, trailers)) => {
                trailers.as_ref().map_or(Ok(()), head::check_trailers)?;
                Ok(Come::Whole(body, trailers))
            }
            Ok(Read::Beginning(..)) if body.size_hint().lower() > stream_max_bytes || stream_max_bytes == 0 => {
                Ok(Come::Unread(Obstacle::TooLarge))
            }
            Ok(Read::Beginning(first, allowance)) => Ok(Come::Beginning(first, allowance, false)),
            Ok(Read::Paused(first, allowance)) => Ok(Come::Beginning(first, allowance, true)),
            Err(Unread::Overloaded) => Err(load::overloaded().closing()),
            Err(Unread::TooSlow) => Err(Problem::from(Kind::BodyTimeout).closing()),
            Err(Unread::Broken) => Err(Problem::from(Kind::BodyIncomplete).closing()),
        }
    }

    async fn decide(&self, outgoing: Outgoing, extensions: Extensions) -> Result<Response<Answer>, Problem> {
        let case = Arc::new(Case::new(outgoing, self.people_or_fault()?, self.limits));
        let Judged { inspection, decision } = self.judge(&case, None).await?;
        match decision {
            Decision::Refuse(verdict) => Err(self.refuse(Kind::Refused, &case, &inspection, &verdict).await),
            Decision::Proceed(permit) => self.treat(case, inspection, permit, extensions).await,
        }
    }

    /// Looks at a message or a piece of one and decides. `unread`: why its body could not be read at all.
    pub(crate) async fn judge(&self, case: &Arc<Case>, unread: Option<UnreadableBecause>) -> Result<Judged, Problem> {
        self.metrics.step(Step::Inspect, self.judge_in_time(case, unread)).await
    }

    async fn judge_in_time(&self, case: &Arc<Case>, unread: Option<UnreadableBecause>) -> Result<Judged, Problem> {
        let judged = self.in_time(case.judge(unread, &self.room)).await?;
        judged.map_err(|why| self.not_judged(&why))
    }

    /// The message of `case` with every finding treated as `verdict` says; none when that cannot be done.
    pub(crate) async fn rewrite(
        &self,
        case: &Arc<Case>,
        inspection: &Arc<Inspection>,
        verdict: &Verdict,
    ) -> Result<Option<Outgoing>, Problem> {
        let key = &self.replacement_key;
        let rewritten = self
            .in_time(case.rewrite(inspection, verdict, (key, &self.room)))
            .await?;
        rewritten.map_err(|why| self.not_judged(&why))
    }

    /// What `work` gives, unless it takes too long.
    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Problem> {
        let begun = Instant::now();
        let done = tokio::time::timeout(self.timeouts.judge, work).await;
        // A small message is looked at where it is, and no timeout interrupts that.
        let done = done.ok().filter(|_| begun.elapsed() <= self.timeouts.judge);
        done.ok_or_else(|| self.judged_too_late())
    }

    async fn treat(
        &self,
        case: Arc<Case>,
        inspection: Inspection,
        permit: Permit,
        extensions: Extensions,
    ) -> Result<Response<Answer>, Problem> {
        let inspection = Arc::new(inspection);
        let outgoing = match permit.verdict().action {
            Action::Forward => case.outgoing.clone(),
            Action::Rewrite => match Box::pin(self.rewrite(&case, &inspection, permit.verdict())).await? {
                Some(outgoing) => outgoing,
                None => {
                    return Err(self
                        .refuse_anyway(Kind::RewriteImpossible, &case, &inspection, permit.verdict())
                        .await);
                }
            },
            Action::Refuse => {
                return Err(self
                    .refuse_anyway(Kind::Refused, &case, &inspection, permit.verdict())
                    .await);
            }
        };
        let with = case.with_credentials(outgoing, permit.verdict(), self.clock.now());
        let outgoing = self.or_unusable(with, &case, &inspection, permit.verdict()).await?;
        let cleared = self.record(&case, &outgoing, &inspection, permit).await?;
        self.send(cleared, outgoing, extensions).await
    }

    /// Records and counts the intent to send `outgoing`.
    pub(crate) async fn record(
        &self,
        case: &Case,
        outgoing: &Outgoing,
        inspection: &Inspection,
        permit: Permit,
    ) -> Result<Cleared, Problem> {
        let record = case.record(outgoing, inspection);
        let cleared = self.recorded(self.journal.intent(permit, &record)).await?;
        let body_bytes = case.outgoing.body.len();
        self.metrics
            .judged(cleared.id(), cleared.verdict(), inspection, body_bytes);
        Ok(cleared)
    }

    /// As [`Self::record`], of a piece of the message whose intent is `whole`.
    pub(crate) async fn record_piece(
        &self,
        case: &Case,
        outgoing: &Outgoing,
        inspection: &Inspection,
        permit: Permit,
        whole: &Cleared,
    ) -> Result<Cleared, Problem> {
        let record = case.record(outgoing, inspection);
        let cleared = self
            .recorded(self.journal.intent_of_piece(permit, &record, whole))
            .await?;
        self.metrics.judged_piece(cleared.verdict(), inspection);
        Ok(cleared)
    }

    async fn recorded(&self, intent: impl Future<Output = Result<Cleared, JournalError>>) -> Result<Cleared, Problem> {
        let intent = tokio::time::timeout(self.timeouts.ledger, intent);
        match self.metrics.step(Step::Record, intent).await {
            Ok(Ok(cleared)) => Ok(cleared),
            Ok(Err(error)) => Err(refuse::not_recorded(&error)),
            Err(_) => Err(refuse::recorded_too_late()),
        }
    }

    async fn send(
        &self,
        cleared: Cleared,
        mut outgoing: Outgoing,
        extensions: Extensions,
    ) -> Result<Response<Answer>, Problem> {
        let id = cleared.id().to_owned();
        let exchanged = outgoing.exchanged.take();
        let pending = Pending::new(&self.journal, &id);
        let time = self.answer_time(&cleared);
        let Ok(request) = outgoing.into_request(extensions) else {
            pending.settle("not_sent", None);
            return Err(Problem::from(Kind::RewriteImpossible).request(id));
        };
        match self
            .metrics
            .step(Step::Send, self.upstream.send(cleared, request, time))
            .await
        {
            Ok(response) => {
                pending.settle("answered", Some(response.status().as_u16()));
                Ok(turn_back::hand_back(response, exchanged))
            }
            Err(problem) => {
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

/// Lets a caller finish writing, so that it reads why; not one that waits for leave to begin, or whose bytes mean nothing.
async fn take_rest(head: &request::Parts, framed: &Framed, body: Incoming) {
    if !head::expects(head) && !framed.is_ambiguous() {
        body::discard(body).await;
    }
}

/// The answer as the recipient gave it, without what is about its connection.
pub(crate) fn hand_back(response: Response<Incoming>) -> Response<Answer> {
    let (mut head, body) = response.into_parts();
    head.headers = hop::into_map(hop::end_to_end(&head.headers));
    // Only the gate's own answers carry it: a recipient must not be able to point at an entry.
    head.headers.remove(REQUEST_HEADER);
    // It would lead the caller to HTTP/3, past the gate (RFC 7838).
    head.headers.remove(ALT_SVC);
    Response::from_parts(head, Answer::Forwarded(body))
}

#[cfg(test)]
mod tests;
