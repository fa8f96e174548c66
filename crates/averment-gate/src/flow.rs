//! One request from its head to the last byte of its answer: what it counts against, and what ends it.
//!
//! Start at [`Shared::serve`]. Around the way of the message (`way.rs`) it takes the request's place among those of its
//! recipient and its service, puts it on the list of what is open, and holds both until the answer has ended.
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
use crate::host::Host;
use crate::lifetime::Lifetime;
use crate::load::{Party, Places};
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
        let party = self.party(&terms, &mut arrival);
        let (answer, places) = match party.enter(&self.load, &terms.settings.limits) {
            Ok(entered) => {
                let _work = lifetime.work();
                let places = Arc::clone(&entered.places);
                let answered = lifetime.unless_cut(self.answer(arrival, entered)).await;
                let answer = answered.unwrap_or_else(|| self.turn_down(Problem::from(Kind::CutOff)));
                (answer, Some(places))
            }
            Err(problem) => (self.turn_down(problem), None),
        };
        answer.map(|answer| Served::new(answer, (lifetime, idle), places))
    }

    fn turn_down(&self, problem: Problem) -> Response<Answer> {
        self.metrics.problem(problem.slug());
        problem.closing().into_response()
    }

    /// Whose shares a request counts against.
    fn party(&self, terms: &Terms, arrival: &mut Arrival) -> Party {
        if !terms.settings.services.is_empty() {
            self.introduce(arrival);
        }
        let introduced = arrival.request.extensions().get::<Introduced>();
        self.party_of(terms, &arrival.destination.host, introduced)
    }

    /// The same of what `introduced` sends to `host`.
    pub(crate) fn party_of(&self, terms: &Terms, host: &Host, introduced: Option<&Introduced>) -> Party {
        let recipients = terms.charter.recipients_of_host(host.as_str());
        let recipient = recipients.first().map_or("", |recipient| recipient.id.as_str());
        let recipient = self.load.recipients.of(recipient);
        let service = (!terms.settings.services.is_empty())
            .then(|| self.load.services.of(introduced.map_or("", Introduced::name)));
        Party { recipient, service }
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
    /// Until the answer has ended.
    places: Option<Arc<Places>>,
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
    /// `idle`: after how long without a byte it ends, from now on: what came before was waited for.
    pub(crate) fn new(answer: Answer, (lifetime, idle): (Lifetime, Duration), places: Option<Arc<Places>>) -> Self {
        lifetime.beat();
        Self {
            places: places.filter(|_| !answer.is_end_stream()),
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
            // Before its last byte is written: who has read that finds the place free.
            if frame.is_none() || this.answer.is_end_stream() {
                this.places = None;
            }
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
