//! One request from its head to the last byte of its answer: what it counts against, and what ends it.
//!
//! Start at [`Shared::serve`]. Around the way of the message (`way.rs`) it takes the request's place among those of its
//! recipient and its service, puts it on the list of what is open, and holds that place until the answer has ended.
//!
//! Invariant: an answer ends when what it came from is taken away, and when nothing goes through any more.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Body, Frame, SizeHint};

use crate::body::{Answer, AnswerError};
use crate::caller::Introduced;
use crate::front::Shown;
use crate::gate::Shared;
use crate::lifetime::Lifetime;
use crate::load::{self, Held};
use crate::problem::{Kind, Problem};
use crate::terms::Terms;
use crate::way::Arrival;

impl Shared {
    /// Answers one request within its shares, for as long as its recipient gets anything.
    pub(crate) async fn serve(self: &Arc<Self>, mut arrival: Arrival) -> Response<Served> {
        let terms = self.terms();
        let host = arrival.destination.host.as_str();
        let lifetime = arrival.link.lifetime.of_request(&self.flows, host);
        arrival.link.lifetime = lifetime.clone();
        let idle = terms.settings.limits.idle();
        let answer = match self.shares(&terms, &mut arrival) {
            Ok(_shares) => {
                let _work = lifetime.work();
                let answered = lifetime.unless_cut(self.answer(arrival)).await;
                answered.unwrap_or_else(|| self.turn_down(Problem::from(Kind::CutOff)))
            }
            Err(problem) => self.turn_down(problem),
        };
        answer.map(|answer| Served::new(answer, lifetime, idle))
    }

    fn turn_down(&self, problem: Problem) -> Response<Answer> {
        self.metrics.problem(problem.slug());
        problem.closing().into_response()
    }

    /// The places of a request among those of its recipient and its service.
    ///
    /// # Errors
    /// One of them has no more: others have to be served too.
    fn shares(&self, terms: &Terms, arrival: &mut Arrival) -> Result<[Option<Held>; 2], Problem> {
        let limits = &terms.settings.limits;
        let recipients = terms.charter.recipients_of_host(arrival.destination.host.as_str());
        let recipient = recipients.first().map_or("", |recipient| recipient.id.as_str());
        let of_recipient = self.load.recipients.take(recipient, limits.recipient_requests_max());
        let of_recipient = of_recipient.ok_or_else(|| load::beyond_share("recipient"))?;
        if terms.settings.services.is_empty() {
            return Ok([Some(of_recipient), None]);
        }
        self.introduce(arrival);
        let introduced = arrival.request.extensions().get::<Introduced>();
        let service = introduced.map_or("", Introduced::name);
        let of_service = self.load.services.take(service, limits.service_requests_max());
        let of_service = of_service.ok_or_else(|| load::beyond_share("service"))?;
        Ok([Some(of_recipient), Some(of_service)])
    }

    /// Finds out who sends a request outside of tunnels. Who shows something wrong is nobody here, and told so on the way.
    fn introduce(&self, arrival: &mut Arrival) {
        let request = &mut arrival.request;
        if request.extensions().get::<Introduced>().is_some() {
            return;
        }
        let shown = request.extensions().get::<Shown>();
        if let Ok(Some(introduced)) = self.introduced(request.headers(), shown) {
            request.extensions_mut().insert(introduced);
        }
    }
}

/// The body of an answer with its place on the list of what is open.
#[derive(Debug)]
pub(crate) struct Served {
    answer: Answer,
    lifetime: Lifetime,
    idle: Duration,
    silence: Option<Silence>,
}

/// Resolves when nothing went through for long.
struct Silence(Pin<Box<dyn Future<Output = ()> + Send>>);

impl std::fmt::Debug for Silence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Silence")
    }
}

/// Why an answer ends early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServedError {
    /// It broke off.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Nothing came and nothing was sent for too long.
    #[error("nothing went through for too long")]
    Silent,
}

impl Served {
    pub(crate) fn new(answer: Answer, lifetime: Lifetime, idle: Duration) -> Self {
        Self {
            answer,
            lifetime,
            idle,
            silence: None,
        }
    }

    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (lifetime, idle) = (&self.lifetime, self.idle);
        let silence = self.silence.get_or_insert_with(|| {
            let lifetime = lifetime.clone();
            Silence(Box::pin(async move { lifetime.silent(idle).await }))
        });
        silence.0.as_mut().poll(cx)
    }
}

impl Body for Served {
    type Data = Bytes;
    type Error = ServedError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ServedError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.answer).poll_frame(cx) {
            this.lifetime.beat();
            return Poll::Ready(frame.map(|frame| frame.map_err(ServedError::from)));
        }
        this.poll_silence(cx).map(|()| Some(Err(ServedError::Silent)))
    }

    fn is_end_stream(&self) -> bool {
        self.answer.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.answer.size_hint()
    }
}
