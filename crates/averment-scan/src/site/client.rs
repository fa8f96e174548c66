//! The DevTools protocol as far as it is used: commands with their answers, and events on the way to the recording.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::SiteError;
use super::record::Recording;

/// Largest message of the browser.
const MESSAGE_MAX_BYTES: usize = 64 << 20;
/// Largest body of a request that is recorded.
const BODY_MAX_BYTES: usize = 8 << 20;
/// How long the browser may take to answer a command.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Nothing is loaded for so long: the page is idle.
const QUIET: Duration = Duration::from_millis(500);

/// A connection to the browser.
pub(super) struct Client {
    socket: WebSocketStream<TcpStream>,
    next: u64,
    recording: Recording,
    /// Session of each page by its target.
    pages: BTreeMap<String, String>,
    /// Bodies that were asked for, by the command's number.
    bodies: BTreeMap<u64, String>,
}

impl Client {
    /// Connects, and has every page, frame and worker recorded from its first request on.
    pub(super) async fn connect(address: &str) -> Result<Self, SiteError> {
        let authority = address
            .trim_start_matches("ws://")
            .split('/')
            .next()
            .unwrap_or_default();
        let stream = TcpStream::connect(authority).await?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_MAX_BYTES))
            .max_frame_size(Some(MESSAGE_MAX_BYTES));
        let connected = tokio_tungstenite::client_async_with_config(address, stream, Some(config)).await;
        let (socket, _) = connected.map_err(|_| SiteError::Broken)?;
        let mut client = Self {
            socket,
            next: 0,
            recording: Recording::default(),
            pages: BTreeMap::new(),
            bodies: BTreeMap::new(),
        };
        client.call(None, "Target.setAutoAttach", attach_to_all()).await?;
        Ok(client)
    }

    /// Opens an empty page; gives its session.
    pub(super) async fn open_page(&mut self) -> Result<String, SiteError> {
        let made = self
            .call(None, "Target.createTarget", json!({ "url": "about:blank" }))
            .await?;
        let target = made["targetId"].as_str().unwrap_or_default().to_owned();
        let session = self.session_of(&target).await?;
        // A navigation that overtakes what was asked when the page was attached begins in a process that is not watched yet:
        // these are answered when it is.
        self.call(Some(&session), "Network.enable", network()).await?;
        self.call(Some(&session), "Page.enable", json!({})).await?;
        Ok(session)
    }

    async fn session_of(&mut self, target: &str) -> Result<String, SiteError> {
        let end = Instant::now() + ANSWER_WITHIN;
        loop {
            if let Some(session) = self.pages.get(target) {
                return Ok(session.clone());
            }
            self.event_until(end).await?.ok_or(SiteError::Broken)?;
        }
    }

    /// Sends a command and waits for its answer, taking events on the way.
    pub(super) async fn call(
        &mut self,
        session: Option<&str>,
        method: &'static str,
        parameters: Value,
    ) -> Result<Value, SiteError> {
        let number = self.send(session, method, parameters).await?;
        let end = Instant::now() + ANSWER_WITHIN;
        loop {
            let mut message = self.next_until(end).await?.ok_or(SiteError::Broken)?;
            if message["id"] == number {
                return if message["error"].is_null() {
                    Ok(message["result"].take())
                } else {
                    Err(SiteError::Refused { method })
                };
            }
            self.take(message).await?;
        }
    }

    async fn send(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Result<u64, SiteError> {
        self.next += 1;
        let mut command = json!({ "id": self.next, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = json!(session);
        }
        let sent = self.socket.send(Message::text(command.to_string())).await;
        sent.map_err(|_| SiteError::Broken).map(|()| self.next)
    }

    /// The next message, none when there is none until `end`.
    async fn next_until(&mut self, end: Instant) -> Result<Option<Value>, SiteError> {
        loop {
            let Ok(next) = timeout_at(end, self.socket.next()).await else {
                return Ok(None);
            };
            match next {
                Some(Ok(Message::Text(text))) => {
                    return serde_json::from_str(text.as_str())
                        .map(Some)
                        .map_err(|_| SiteError::Broken);
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(SiteError::Broken),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Takes one message; none when there is none until `end`.
    async fn event_until(&mut self, end: Instant) -> Result<Option<()>, SiteError> {
        match self.next_until(end).await? {
            Some(message) => self.take(message).await.map(Some),
            None => Ok(None),
        }
    }

    async fn take(&mut self, mut message: Value) -> Result<(), SiteError> {
        if let Some(number) = message["id"].as_u64() {
            if let Some(request) = self.bodies.remove(&number) {
                self.recording.body(&request, &message["result"]);
            }
            return Ok(());
        }
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let session = message["sessionId"].as_str().unwrap_or_default().to_owned();
        let event = message["params"].take();
        if method == "Target.attachedToTarget" {
            return self.attached(&session, &event).await;
        }
        if let Some(request) = self.recording.event(&session, &method, &event) {
            let wanted = json!({ "requestId": request });
            let number = self.send(Some(&session), "Network.getRequestPostData", wanted).await?;
            self.bodies.insert(number, request);
        }
        Ok(())
    }

    /// A page, frame or worker that waits until it is watched.
    async fn attached(&mut self, parent: &str, event: &Value) -> Result<(), SiteError> {
        let session = event["sessionId"].as_str().unwrap_or_default().to_owned();
        let target = &event["targetInfo"];
        let kind = target["type"].as_str().unwrap_or_default();
        // Parts of the browser itself.
        if target["url"].as_str().is_some_and(|url| url.starts_with("chrome")) {
            return self
                .send(Some(&session), "Runtime.runIfWaitingForDebugger", json!({}))
                .await
                .map(drop);
        }
        let page = target["targetId"].as_str().filter(|_| kind == "page");
        self.recording.attached(parent, &session, page);
        let to = Some(session.as_str());
        self.send(to, "Network.enable", network()).await?;
        if matches!(kind, "page" | "iframe") {
            self.send(to, "Page.enable", json!({})).await?;
        }
        self.send(to, "Target.setAutoAttach", attach_to_all()).await?;
        self.send(to, "Runtime.runIfWaitingForDebugger", json!({})).await?;
        if let Some(page) = page {
            self.pages.insert(page.to_owned(), session);
        }
        Ok(())
    }

    /// Takes events until nothing was loaded for a moment, or `within` is over; whether it became quiet.
    pub(super) async fn wait_for_quiet(&mut self, within: Duration) -> Result<bool, SiteError> {
        let end = Instant::now() + within;
        let mut quiet_since = Instant::now();
        loop {
            if self.recording.open() > 0 {
                quiet_since = Instant::now();
            }
            if Instant::now() >= quiet_since + QUIET {
                return Ok(true);
            }
            if Instant::now() >= end {
                return Ok(false);
            }
            let before = self.recording.requests();
            let until = end.min(Instant::now() + QUIET / 10);
            self.event_until(until).await?;
            if self.recording.requests() > before {
                quiet_since = Instant::now();
            }
        }
    }

    /// Takes events for a moment.
    pub(super) async fn pause(&mut self, length: Duration) -> Result<(), SiteError> {
        let end = Instant::now() + length;
        while self.event_until(end).await?.is_some() {}
        Ok(())
    }

    /// What was recorded. The browser is asked to end.
    pub(super) async fn into_recording(mut self) -> Recording {
        let _ = self.wait_for_quiet(QUIET * 4).await;
        let _ = self.send(None, "Browser.close", json!({})).await;
        let _ = timeout(QUIET, self.socket.close(None)).await;
        self.recording
    }
}

fn network() -> Value {
    json!({ "maxPostDataSize": BODY_MAX_BYTES })
}

fn attach_to_all() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true })
}
