//! The steps of a journey, one after another.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::client::Client;
use super::journey::Step;
use super::{SiteError, Visit};

/// How often it is looked whether something is there.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A page that never becomes quiet (it asks again and again) is taken as it is then.
const QUIET_WITHIN: Duration = Duration::from_secs(10);
/// What a click begins has begun by then.
const CLICKED: Duration = Duration::from_millis(200);

/// Opens the first page and takes every step.
pub(super) async fn walk(client: &mut Client, visit: &Visit) -> Result<(), SiteError> {
    let session = client.open_page().await?;
    let walker = &mut Walker { client, visit, session };
    let first = Step::Goto(visit.url.clone());
    walker
        .step(&first)
        .await?
        .map_err(|because| failed(0, &first, because))?;
    for (at, step) in visit.journey.steps.iter().enumerate() {
        walker
            .step(step)
            .await?
            .map_err(|because| failed(at + 1, step, because))?;
    }
    Ok(())
}

fn failed(number: usize, step: &Step, because: &'static str) -> SiteError {
    let step = crate::har::mask::plain_words(&step.to_string());
    SiteError::Step { number, step, because }
}

struct Walker<'a> {
    client: &'a mut Client,
    visit: &'a Visit,
    session: String,
}

/// Done, or why the step could not be taken.
type Taken = Result<(), &'static str>;

impl Walker<'_> {
    async fn step(&mut self, step: &Step) -> Result<Taken, SiteError> {
        match step {
            Step::Goto(address) => self.open(address).await,
            Step::Click(selector) => self.click(selector).await,
            Step::Fill(selector, secret) => self.fill(selector, secret.expose()).await,
            Step::WaitFor(selector) => self.wait_for(selector).await,
            Step::WaitIdle => self.client.wait_for_quiet(self.visit.step_within).await.map(|_| Ok(())),
        }
    }

    /// A path is one of the site that is open.
    async fn open(&mut self, address: &str) -> Result<Taken, SiteError> {
        let url = match address.strip_prefix('/') {
            Some(path) if !path.starts_with('/') => format!("{}{address}", origin(&self.visit.url)),
            _ => address.to_owned(),
        };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Ok(Err(
                "expected a path, or an address that begins with `http://` or `https://`",
            ));
        }
        let parameters = json!({ "url": url });
        let opened = self
            .client
            .call(Some(&self.session), "Page.navigate", parameters)
            .await?;
        if opened["errorText"].is_string() {
            return Ok(Err("the page cannot be opened"));
        }
        let complete = "document.readyState === 'complete' ? true : null";
        if self.until(complete).await?.is_none() {
            return Ok(Err("the page did not load in time"));
        }
        self.client.wait_for_quiet(QUIET_WITHIN).await.map(|_| Ok(()))
    }

    async fn evaluate(&mut self, expression: String) -> Result<Value, SiteError> {
        let parameters = json!({ "expression": expression, "returnByValue": true });
        // A page that is just being left refuses: there is nothing there then.
        match self
            .client
            .call(Some(&self.session), "Runtime.evaluate", parameters)
            .await
        {
            Ok(mut answer) => Ok(answer["result"]["value"].take()),
            Err(SiteError::Refused { .. }) => Ok(Value::Null),
            Err(error) => Err(error),
        }
    }

    /// Asks again and again until the expression gives something.
    async fn until(&mut self, expression: &str) -> Result<Option<Value>, SiteError> {
        let end = Instant::now() + self.visit.step_within;
        loop {
            let found = self.evaluate(expression.to_owned()).await?;
            if !found.is_null() {
                return Ok(Some(found));
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            self.client.pause(LOOK_EVERY).await?;
        }
    }

    async fn wait_for(&mut self, selector: &str) -> Result<Taken, SiteError> {
        let found = self.until(&element(selector, "true")).await?;
        Ok(found.map(drop).ok_or("nothing on the page fits the selector"))
    }

    /// Presses where the middle of the element is, as a hand does.
    async fn click(&mut self, selector: &str) -> Result<Taken, SiteError> {
        let middle = "(e.scrollIntoView({ block: 'center' }), e.getClientRects().length === 0 ? null : \
                      [e.getBoundingClientRect()].map((r) => [r.x + r.width / 2, r.y + r.height / 2])[0])";
        let Some(place) = self.until(&element(selector, middle)).await? else {
            return Ok(Err("nothing that can be clicked fits the selector"));
        };
        for (kind, pressed) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            let parameters = json!({
                "type": kind, "x": place[0], "y": place[1], "button": button, "buttons": pressed,
                "clickCount": i32::from(kind != "mouseMoved"),
            });
            self.client
                .call(Some(&self.session), "Input.dispatchMouseEvent", parameters)
                .await?;
        }
        self.client.pause(CLICKED).await?;
        self.client.wait_for_quiet(QUIET_WITHIN).await.map(|_| Ok(()))
    }

    /// Replaces what stands in a field, as a keyboard does.
    async fn fill(&mut self, selector: &str, text: &str) -> Result<Taken, SiteError> {
        let select = "(e.focus(), e.select ? e.select() : undefined, document.activeElement === e ? true : null)";
        if self.until(&element(selector, select)).await?.is_none() {
            return Ok(Err("no field that can be filled in fits the selector"));
        }
        let parameters = json!({ "text": text });
        self.client
            .call(Some(&self.session), "Input.insertText", parameters)
            .await?;
        Ok(Ok(()))
    }
}

/// `use_of_it` of the first element `e` that fits; null where there is none, or where the selector is none.
fn element(selector: &str, use_of_it: &str) -> String {
    let selector = json!(selector);
    format!(
        "(() => {{ try {{ const e = document.querySelector({selector}); return e ? {use_of_it} : null; }} catch {{ return null; }} }})()"
    )
}

/// Scheme, host and port of an address.
fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}
