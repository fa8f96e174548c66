//! The one way of a message through the gate: read, inspect, decide, treat, record, send, record what became of it.
//!
//! Start at [`Shared::answer`]. Every step either hands on or ends closed with a problem document; there is no other way
//! to [`Upstream::send`](crate::upstream::Client::send), which takes the [`Cleared`] that only the journal makes.
//!
//! Invariants: no byte goes out without a durable intent. Whatever panics, is late or is missing ends in an answer of the
//! gate's own. Answers of recipients are handed back as they come: nothing is inspected in that direction yet.

mod panics;
mod pending;
mod refuse;

use std::sync::Arc;
use std::time::Instant;

use averment_detect::Inspection;
use averment_policy::{Action, Decision, Permit};
use averment_store::Cleared;
use bytes::Bytes;
use http::{Extensions, Request, Response, request};
use hyper::body::Incoming;

use crate::body::{self, Answer, Unread};
use crate::case::{Case, Judged};
use crate::framing::Framed;
use crate::gate::Shared;
use crate::head;
use crate::hop;
use crate::host::Destination;
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem, REQUEST_HEADER};
use pending::Pending;
use refuse::Obstacle;

/// A request as it came in.
pub(crate) struct Arrival {
    pub(crate) request: Request<Incoming>,
    /// The host that its connection is for.
    pub(crate) destination: Destination,
    pub(crate) framed: Framed,
}

impl Shared {
    /// Answers one request.
    pub(crate) async fn answer(&self, arrival: Arrival) -> Response<Answer> {
        let walked = panics::caught(self.walk(arrival)).await;
        let answer = match walked {
            Some(answer) => answer,
            // Noting the fault goes through what may have panicked.
            None => Err(panics::caught(async { self.inspection_failed() })
                .await
                .unwrap_or_else(|| Problem::from(Kind::InspectionFailed))
                .closing()),
        };
        answer.unwrap_or_else(|problem| {
            tracing::debug!(problem = problem.slug(), "answered with a problem");
            problem.into_response()
        })
    }

    async fn walk(&self, arrival: Arrival) -> Result<Response<Answer>, Problem> {
        let Arrival {
            request,
            destination,
            framed,
        } = arrival;
        let (head, mut body) = request.into_parts();
        if let Err(problem) = self.check(&head, &destination, &framed) {
            take_rest(&head, &framed, body).await;
            return Err(problem);
        }
        let read = self.read(&head, &mut body, &framed).await?;
        let outgoing = Outgoing::of(&head, destination);
        match read {
            Ok(body) => self.decide(outgoing.with_body(body), head.extensions).await,
            Err(obstacle) => {
                take_rest(&head, &framed, body).await;
                Err(self.refuse_unread(outgoing, obstacle).await)
            }
        }
    }

    fn check(&self, head: &request::Parts, destination: &Destination, framed: &Framed) -> Result<(), Problem> {
        head::check(head, destination, framed)?;
        self.people_or_fault().map(|_| ())
    }

    async fn read(
        &self,
        head: &request::Parts,
        body: &mut Incoming,
        framed: &Framed,
    ) -> Result<Result<Bytes, Obstacle>, Problem> {
        if head::wants_upgrade(head) {
            return Ok(Err(Obstacle::Upgrade));
        }
        let read = tokio::select! {
            biased;
            read = body::read(body, self.limits.body_max_bytes, self.timeouts.body) => read,
            () = framed.ambiguous() => return Err(head::ambiguous()),
        };
        // The framing of a body is known only now.
        if framed.is_ambiguous() {
            return Err(head::ambiguous());
        }
        match read {
            Ok(body) => Ok(Ok(body)),
            Err(Unread::TooLarge) => Ok(Err(Obstacle::TooLarge)),
            Err(Unread::Trailers) => Ok(Err(Obstacle::Trailers)),
            Err(Unread::TooSlow) => Err(Problem::from(Kind::BodyTimeout).closing()),
            Err(Unread::Broken) => Err(Problem::from(Kind::BodyIncomplete).closing()),
        }
    }

    async fn decide(&self, outgoing: Outgoing, extensions: Extensions) -> Result<Response<Answer>, Problem> {
        let case = Arc::new(Case::new(outgoing, self.people_or_fault()?, self.limits));
        let begun = Instant::now();
        let judged = tokio::time::timeout(self.timeouts.judge, case.judge(None)).await;
        // A small message is judged where it is, and no timeout interrupts that.
        let judged = judged.ok().filter(|_| begun.elapsed() <= self.timeouts.judge);
        let judged = judged.ok_or_else(|| self.judged_too_late())?;
        let Judged { inspection, decision } = judged.ok_or_else(|| self.inspection_failed())?;
        match decision {
            Decision::Refuse(verdict) => Err(self.refuse(Kind::Refused, &case, &inspection, &verdict).await),
            Decision::Proceed(permit) => self.treat(case, inspection, permit, extensions).await,
        }
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
            Action::Rewrite => match case.rewrite(&inspection, permit.verdict(), &self.replacement_key).await {
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
        let cleared = self.record(&case, &outgoing, &inspection, permit).await?;
        self.send(cleared, outgoing, extensions).await
    }

    async fn record(
        &self,
        case: &Case,
        outgoing: &Outgoing,
        inspection: &Inspection,
        permit: Permit,
    ) -> Result<Cleared, Problem> {
        let record = case.record(outgoing, inspection);
        let intent = tokio::time::timeout(self.timeouts.ledger, self.journal.intent(permit, &record));
        match intent.await {
            Ok(Ok(cleared)) => Ok(cleared),
            Ok(Err(error)) => Err(refuse::not_recorded(&error)),
            Err(_) => Err(refuse::recorded_too_late()),
        }
    }

    async fn send(
        &self,
        cleared: Cleared,
        outgoing: Outgoing,
        extensions: Extensions,
    ) -> Result<Response<Answer>, Problem> {
        let id = cleared.id().to_owned();
        let pending = Pending::new(&self.journal, &id);
        let Ok(request) = outgoing.into_request(extensions) else {
            pending.settle("not_sent", None);
            return Err(Problem::from(Kind::RewriteImpossible).request(id));
        };
        match self.upstream.send(cleared, request).await {
            Ok(response) => {
                pending.settle("answered", Some(response.status().as_u16()));
                Ok(hand_back(response))
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
fn hand_back(response: Response<Incoming>) -> Response<Answer> {
    let (mut head, body) = response.into_parts();
    head.headers = hop::into_map(hop::end_to_end(&head.headers));
    // Only the gate's own answers carry it: a recipient must not be able to point at an entry.
    head.headers.remove(REQUEST_HEADER);
    Response::from_parts(head, Answer::Forwarded(body))
}
