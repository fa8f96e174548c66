//! WebSocket: the handshake is judged as a request, and then every message of the caller by itself, before it goes on.
//!
//! Start at [`Shared::open_websocket`]. Extensions are taken out of the handshake, so that no message is compressed; a
//! message goes on in one frame however many it came in. What comes from the recipient is passed on as it comes and counted,
//! with pseudonyms turned back in texts where that is declared ([`back`]).
//!
//! Invariant: no byte of a message goes on before the intent of that message is durable. A message that may not go ends the
//! conversation with 1008.
//!
//! Inside HTTP/2 a handshake is an extended `CONNECT` ([`extended`]); towards the recipient it is one of HTTP/1.1.
//!
//! Source: RFC 6455, RFC 8441.

mod back;
mod conversation;
pub(crate) mod extended;
mod frames;

use std::sync::Arc;

use averment_policy::{Action, Decision};
use averment_store::Cleared;
use http::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{Extensions, Method, Response, StatusCode, Version, request};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;

use crate::body::Answer;
use crate::case::{Case, Judged};
use crate::framing::Framed;
use crate::gate::Shared;
use crate::load::Party;
use crate::metrics::Step;
use crate::outgoing::Outgoing;
use crate::problem::{Kind, Problem};
use crate::serving::Link;
use crate::turn_back::Exchanges;
use crate::way::{Pending, Traffic, hand_back};
use conversation::Conversation;

/// A handshake and the connection that it came on.
pub(crate) struct Handshake {
    pub(crate) upgrade: OnUpgrade,
    pub(crate) framed: Framed,
    pub(crate) link: Link,
    /// Whose shares its messages count against.
    pub(crate) party: Party,
}

/// Whether `head` asks for WebSocket, in the only way that the gate speaks it.
pub(crate) fn is_handshake(head: &request::Parts) -> bool {
    let one = |name, value: &str| {
        let mut values = head.headers.get_all(name).iter();
        let is_it = values
            .next()
            .is_some_and(|found| found.as_bytes().eq_ignore_ascii_case(value.as_bytes()));
        is_it && values.next().is_none()
    };
    let mut connection = head.headers.get_all(CONNECTION).iter();
    let asks = connection.any(|value| {
        let mut words = value.as_bytes().split(|b| *b == b',');
        words.any(|word| word.trim_ascii().eq_ignore_ascii_case(b"upgrade"))
    });
    let is_http11 = head.version == Version::HTTP_11 && head.method == Method::GET;
    let asks = extended::is_one(&head.extensions) || is_http11 && asks && one(UPGRADE, "websocket");
    asks && one(SEC_WEBSOCKET_VERSION, "13")
}

impl Shared {
    /// Opens a conversation, if the recipient agrees.
    pub(crate) async fn open_websocket(
        self: &Arc<Self>,
        outgoing: Outgoing,
        handshake: Handshake,
        extensions: Extensions,
    ) -> Result<Response<Answer>, Problem> {
        let case = Arc::new(Case::new(
            outgoing.asking_for_websocket(),
            self.people_or_fault()?,
            self.limits,
        ));
        let (cleared, outgoing) = self.judge_handshake(&case).await?;
        let (id, head) = (cleared.id().to_owned(), outgoing.clone());
        let is_extended = extended::is_one(&extensions);
        let traffic = Arc::new(Traffic::default());
        let pending = Pending::new(&self.journal, &id).counting(&traffic);
        let (pending, response) = self.ask(&cleared, pending, (outgoing, extensions)).await?;
        let agreement = agreement(&response, is_extended);
        if agreement != Agreement::Switches {
            pending.settle("answered", Some(response.status().as_u16()));
            return match agreement {
                Agreement::Answers => Ok(hand_back(response)),
                _ => Err(Problem::from(Kind::Lost).request(id)),
            };
        }
        let conversation = Conversation {
            shared: Arc::clone(self),
            exchanges: exchanges(&case, &cleared, &head),
            party: handshake.party,
            head,
            cleared,
            pending,
            traffic,
        };
        let here = (handshake.upgrade, handshake.framed, handshake.link);
        Ok(begin(conversation, here, (response, is_extended)))
    }

    /// What the recipient answers; its outcome is settled where it does not.
    async fn ask(
        &self,
        cleared: &Cleared,
        pending: Pending,
        (outgoing, extensions): (Outgoing, Extensions),
    ) -> Result<(Pending, Response<Incoming>), Problem> {
        let Ok(request) = outgoing.into_request(extensions) else {
            pending.settle("not_sent", None);
            return Err(Problem::from(Kind::RewriteImpossible).request(cleared.id().to_owned()));
        };
        let upgrade = self.upstream.upgrade(cleared, request, self.answer_time(cleared));
        match self.metrics.step(Step::Send, upgrade).await {
            Ok(response) => Ok((pending, response)),
            Err(problem) => {
                let fate = if problem.is_unsent() {
                    "not_sent"
                } else {
                    "may_have_left"
                };
                pending.settle(fate, None);
                Err(problem.request(cleared.id().to_owned()))
            }
        }
    }

    async fn judge_handshake(&self, case: &Arc<Case>) -> Result<(Cleared, Outgoing), Problem> {
        let Judged { inspection, decision } = self.judge(case, None).await?;
        let inspection = Arc::new(inspection);
        let permit = match decision {
            Decision::Refuse(verdict) => return Err(self.refuse(Kind::Refused, case, &inspection, &verdict).await),
            Decision::Proceed(permit) => permit,
        };
        let outgoing = match permit.verdict().action {
            Action::Forward => Some(case.outgoing.clone()),
            Action::Rewrite => self.rewrite(case, &inspection, permit.verdict()).await?,
            Action::Refuse => None,
        };
        let Some(outgoing) = outgoing else {
            return Err(self
                .refuse_anyway(Kind::RewriteImpossible, case, &inspection, permit.verdict())
                .await);
        };
        let with = case.with_head_credentials(outgoing, permit.verdict(), self.clock.now());
        let outgoing = self.or_unusable(with, case, &inspection, permit.verdict()).await?;
        let cleared = self.record(case, &outgoing, &inspection, permit).await?;
        Ok((cleared, outgoing))
    }
}

/// What a recipient makes of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Agreement {
    Switches,
    /// It gives another answer, which is the caller's.
    Answers,
    /// It switches to something else, or says so in a way that there is no going on with.
    Broken,
}

fn agreement<B>(response: &Response<B>, is_extended: bool) -> Agreement {
    let status = response.status();
    let switches = status == StatusCode::SWITCHING_PROTOCOLS;
    // Inside HTTP/2 any success would mean that it switches.
    match switches {
        true if agrees(response) => Agreement::Switches,
        false if !(is_extended && status.is_success()) => Agreement::Answers,
        _ => Agreement::Broken,
    }
}

/// What stands in the place of pseudonyms, where they are turned back.
fn exchanges(case: &Case, cleared: &Cleared, head: &Outgoing) -> Option<Exchanges> {
    let recipient = cleared.verdict().recipient.as_ref()?;
    let exchanges = case.is_turned_back(recipient).then(Exchanges::default)?;
    if let Some(exchanged) = &head.exchanged {
        exchanges.add(exchanged);
    }
    Some(exchanges)
}

/// Lets the conversation go on by itself once both sides have switched, and gives the caller's answer.
fn begin(
    conversation: Conversation,
    (upgrade, framed, link): (OnUpgrade, Framed, Link),
    (mut response, is_extended): (Response<Incoming>, bool),
) -> Response<Answer> {
    let there = hyper::upgrade::on(&mut response);
    framed.open_tunnel();
    let Link { lifetime, held } = link;
    let stopping = lifetime.clone();
    lifetime.spawn(async move {
        if let (Ok(here), Ok(there)) = tokio::join!(upgrade, there) {
            conversation.run(here, there, &stopping).await;
        }
        drop(held);
    });
    if is_extended {
        extended::opening(response)
    } else {
        switching(response)
    }
}

/// Whether the recipient switches to WebSocket and to nothing that the gate cannot read.
fn agrees<B>(response: &Response<B>) -> bool {
    let upgrade = response.headers().get(UPGRADE);
    let is_websocket = upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    is_websocket && !response.headers().contains_key(SEC_WEBSOCKET_EXTENSIONS)
}

fn switching(response: Response<Incoming>) -> Response<Answer> {
    let (mut head, _) = hand_back(response).into_parts();
    head.headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    head.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    Response::from_parts(head, Answer::own(""))
}
