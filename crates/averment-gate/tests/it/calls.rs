//! gRPC: message by message, both ways at once, with the trailers of the answer.

use bytes::{BufMut as _, Bytes, BytesMut};
use http::{HeaderMap, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::io::Write as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::third_party::server;
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World};

/// A body whose frames come through a channel.
pub(crate) struct Fed(pub(crate) mpsc::Receiver<Frame<Bytes>>);

impl http_body::Body for Fed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

/// A body, and where its frames are put.
pub(crate) fn fed() -> (mpsc::Sender<Frame<Bytes>>, Fed) {
    let (feed, fed) = mpsc::channel(1);
    (feed, Fed(fed))
}

/// A string in field 1 of a protocol buffers message, in a frame.
pub(crate) fn message(text: &str) -> Bytes {
    let mut inner = vec![0x0a, u8::try_from(text.len()).unwrap()];
    inner.extend_from_slice(text.as_bytes());
    frame(0, &inner)
}

pub(crate) fn frame(flag: u8, inner: &[u8]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(flag);
    bytes.put_u32(u32::try_from(inner.len()).unwrap());
    bytes.put_slice(inner);
    bytes.freeze()
}

/// Answers every frame with itself as it comes, and closes with a status in trailers.
async fn echo(request: Request<Incoming>, heads: Arc<Mutex<Vec<HeaderMap>>>) -> Result<Response<Fed>, Infallible> {
    heads.lock().unwrap().push(request.headers().clone());
    let (sender, receiver) = mpsc::channel(8);
    tokio::spawn(async move {
        let mut body = request.into_body();
        while let Some(Ok(frame)) = body.frame().await {
            if let Ok(data) = frame.into_data() {
                _ = sender.send(Frame::data(data)).await;
            }
        }
        let trailers: HeaderMap = [("grpc-status".parse().unwrap(), "0".parse().unwrap())]
            .into_iter()
            .collect();
        _ = sender.send(Frame::trailers(trailers)).await;
    });
    let mut response = Response::new(Fed(receiver));
    response
        .headers_mut()
        .insert("content-type", "application/grpc".parse().unwrap());
    Ok(response)
}

pub(crate) struct There {
    pub(crate) world: World,
    heads: Arc<Mutex<Vec<HeaderMap>>>,
}

pub(crate) async fn start(host: &'static str) -> There {
    start_with(host, Setup::default()).await
}

/// The same behind a gate of `setup`.
pub(crate) async fn start_with(host: &'static str, setup: Setup) -> There {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (acceptor, upstream) = server(host, "h2", listener.local_addr().unwrap());
    let heads: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
    let kept = Arc::clone(&heads);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, kept) = (acceptor.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let stream = acceptor.accept(stream).await.unwrap();
                let answers = service_fn(move |request| echo(request, Arc::clone(&kept)));
                _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(TokioIo::new(stream), answers)
                    .await;
            });
        }
    });
    let world = World::with(Setup {
        upstream: Some(upstream),
        ..setup
    })
    .await;
    There { world, heads }
}

pub(crate) async fn sender(world: &World, host: &str) -> SendRequest<Fed> {
    let tunnel = world.tunnel_as(host, host, "h2").await;
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(tunnel)).await.unwrap();
    tokio::spawn(connection);
    sender
}

pub(crate) fn call(host: &str, body: Fed) -> Request<Fed> {
    Request::post(format!("https://{host}/school.Roster/Chat"))
        .header("content-type", "application/grpc+proto")
        .header("grpc-encoding", "gzip")
        .header("te", "trailers")
        .body(body)
        .unwrap()
}

pub(crate) async fn data(body: &mut Incoming) -> Option<Bytes> {
    body.frame().await?.ok()?.into_data().ok()
}

#[tokio::test]
async fn messages_go_both_ways_one_by_one() {
    let there = start(EVENTS).await;
    let (feed, fed) = mpsc::channel(1);
    let mut sender = sender(&there.world, EVENTS).await;
    // The head is answered before any message was sent.
    let response = sender.send_request(call(EVENTS, Fed(fed))).await.unwrap();
    assert_eq!(response.status(), 200);
    let mut answer = response.into_body();
    for text in ["one", "two", "three"] {
        feed.send(Frame::data(message(text))).await.unwrap();
        assert_eq!(data(&mut answer).await.unwrap(), message(text));
    }
    drop(feed);
    let trailers = answer.frame().await.unwrap().unwrap().into_trailers().unwrap();
    assert_eq!(trailers["grpc-status"], "0");
    assert_eq!(there.heads.lock().unwrap()[0]["te"], "trailers");
    there.world.until_outcomes(4).await;
    let ledger = there.world.ledger();
    assert_eq!(ledger.matches("\"kind\":\"intent\"").count(), 4);
    assert_eq!(ledger.matches("\"part_of\":").count(), 3);
    assert_eq!(ledger.matches("\"result\":\"sent\"").count(), 3);
    assert_eq!(ledger.matches("\"result\":\"answered\",\"status\":200").count(), 1);
}

#[tokio::test]
async fn a_recipient_that_speaks_nothing_but_http2_answers_a_caller_who_does_not() {
    let there = start(EVENTS).await;
    let reply = there.world.post(EVENTS, "{\"a\":1}").await;
    assert_eq!(
        (reply.status, reply.body.contains("{\"a\":1}")),
        (200, true),
        "{}",
        reply.body
    );
    assert_eq!(there.heads.lock().unwrap().len(), 1, "sent once");
}

#[tokio::test]
async fn a_message_that_may_not_go_breaks_the_call_off() {
    let packed = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(ADA.as_bytes()).unwrap();
        frame(1, &encoder.finish().unwrap())
    };
    for bad in [message(ADA), packed, frame(0, &[0xff; 40])] {
        let there = start(EVENTS).await;
        let (feed, fed) = mpsc::channel(1);
        let mut sender = sender(&there.world, EVENTS).await;
        let response = sender.send_request(call(EVENTS, Fed(fed))).await.unwrap();
        let mut answer = response.into_body();
        feed.send(Frame::data(message("fine"))).await.unwrap();
        assert_eq!(data(&mut answer).await.unwrap(), message("fine"));
        feed.send(Frame::data(bad.clone())).await.unwrap();
        // No more data and no status: the call is broken.
        let rest = answer.collect().await;
        assert!(rest.is_err() || rest.unwrap().trailers().is_none());
        there.world.until_outcomes(2).await;
        let ledger = there.world.ledger();
        assert_eq!(ledger.matches("\"kind\":\"refusal\"").count(), 1);
        assert!(
            ledger.contains("\"result\":\"partial\",\"status\":200,\"bytes_out\":11"),
            "{ledger}"
        );
    }
}

#[tokio::test]
async fn a_message_is_rewritten_where_the_register_says_so() {
    let there = start(DESK).await;
    let (feed, fed) = mpsc::channel(1);
    let mut sender = sender(&there.world, DESK).await;
    let response = sender.send_request(call(DESK, Fed(fed))).await.unwrap();
    let mut answer = response.into_body();
    // In two pieces, so that nothing goes before it is whole.
    let whole = message(ADA);
    feed.send(Frame::data(whole.slice(..9))).await.unwrap();
    feed.send(Frame::data(whole.slice(9..))).await.unwrap();
    assert_eq!(data(&mut answer).await.unwrap(), message("***"));
    drop(feed);
    assert!(answer.collect().await.unwrap().trailers().is_some());
}

#[tokio::test]
async fn one_message_and_one_answer_pass_and_report_mode_records() {
    let there = start(REPORTED).await;
    let (feed, fed) = mpsc::channel(1);
    feed.send(Frame::data(message(ADA))).await.unwrap();
    drop(feed);
    let mut sender = sender(&there.world, REPORTED).await;
    let response = sender.send_request(call(REPORTED, Fed(fed))).await.unwrap();
    let collected = response.into_body().collect().await.unwrap();
    assert_eq!(collected.trailers().unwrap()["grpc-status"], "0");
    assert_eq!(collected.to_bytes(), message(ADA));
    there.world.until_outcomes(2).await;
    assert!(there.world.ledger().contains("\"judged\":\"refuse\""));
}

#[tokio::test]
async fn without_a_ledger_no_message_goes_out() {
    let there = start(EVENTS).await;
    let (feed, fed) = mpsc::channel(1);
    let mut sender = sender(&there.world, EVENTS).await;
    let response = sender.send_request(call(EVENTS, Fed(fed))).await.unwrap();
    there.world.journal.close().unwrap();
    feed.send(Frame::data(message("fine"))).await.unwrap();
    let rest = response.into_body().collect().await;
    assert!(rest.is_err() || rest.unwrap().to_bytes().is_empty());
}
