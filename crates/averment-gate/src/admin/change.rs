//! What operators may change: the register and settings in force, and who is cut off.

use std::sync::Arc;

use averment_ledger::{CutOffSet, Deed};
use averment_register::RecipientId;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde_json::json;

use super::answer::{self, Problem};
use super::{Desk, OperatorError, PATIENCE, guard, look};
use crate::settings::CutOff;

/// More recipients than any register has fit in.
const BODY_MAX_BYTES: usize = 64 << 10;

impl Desk {
    /// Reads register and settings again.
    pub(super) async fn reload(&self, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, Problem> {
        self.check_token(request)?;
        let operator = Arc::clone(&self.admin.operator);
        let reloaded = tokio::task::spawn_blocking(move || operator.reload()).await;
        let reloaded = reloaded.unwrap_or_else(|_| Err(OperatorError("reading them failed".to_owned())));
        let reloaded = reloaded.map_err(|error| {
            Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "admin-not-reloaded",
                "register and settings stay as they were",
                error.to_string(),
            )
        })?;
        let members = json!({ "charter": reloaded.charter.to_string(), "changed": reloaded.is_changed });
        Ok(answer::json(format!("{members:#}\n")))
    }

    /// Cuts off more.
    pub(super) async fn cut_off(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Problem> {
        self.check_token(&request)?;
        let wanted = wanted(request.into_body()).await?;
        let terms = self.shared().terms();
        let known = &terms.charter.content().recipients;
        if let Some(unknown) = wanted.recipients.iter().find(|id| !known.contains_key(*id)) {
            return Err(not_in_the_register(unknown));
        }
        let mut cut_off = terms.own_cut_off().clone();
        cut_off.all |= wanted.all;
        cut_off.recipients.extend(wanted.recipients);
        // First it takes effect: a full disk must not keep anything flowing.
        self.put_in_force(&cut_off);
        self.keep(&cut_off).await.map_err(|error| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "admin-not-kept",
                "the cut-off is in force and ends with this process",
                error.to_string(),
            )
        })?;
        Ok(look::cut_off(self.shared()))
    }

    /// Lifts every cut-off that was made here.
    pub(super) async fn lift_all(&self, request: &Request<Incoming>) -> Result<Response<Full<Bytes>>, Problem> {
        self.check_token(request)?;
        self.lift_to(CutOff::default()).await
    }

    /// Lets one recipient have data again.
    pub(super) async fn lift(&self, request: &Request<Incoming>, id: &str) -> Result<Response<Full<Bytes>>, Problem> {
        self.check_token(request)?;
        let mut cut_off = self.shared().terms().own_cut_off().clone();
        if !cut_off.recipients.iter().any(|known| known.as_str() == id) {
            return Err(answer::nothing_there());
        }
        cut_off.recipients.retain(|known| known.as_str() != id);
        self.lift_to(cut_off).await
    }

    async fn lift_to(&self, cut_off: CutOff) -> Result<Response<Full<Bytes>>, Problem> {
        self.keep(&cut_off).await.map_err(|error| {
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "admin-not-kept",
                "the cut-off stays as it was",
                error.to_string(),
            )
        })?;
        self.put_in_force(&cut_off);
        Ok(look::cut_off(self.shared()))
    }

    fn put_in_force(&self, cut_off: &CutOff) {
        self.gate.cut_off(cut_off.clone());
        let all = self.shared().terms().settings.cut_off.clone();
        let deed = Deed::CutOff(CutOffSet {
            all: all.all,
            recipients: all.recipients.iter().map(ToString::to_string).collect(),
        });
        tracing::warn!(all = all.all, recipients = all.recipients.len(), "cut off");
        if let Err(error) = self.shared().journal.note(deed) {
            tracing::error!(%error, "a cut-off is not recorded");
        }
    }

    async fn keep(&self, cut_off: &CutOff) -> Result<(), OperatorError> {
        let (operator, cut_off) = (Arc::clone(&self.admin.operator), cut_off.clone());
        let kept = tokio::task::spawn_blocking(move || operator.keep_cut_off(&cut_off)).await;
        kept.unwrap_or_else(|_| Err(OperatorError("keeping it failed".to_owned())))
    }

    fn check_token<B>(&self, request: &Request<B>) -> Result<(), Problem> {
        guard::check_token(request, self.admin.token_file.as_deref())
    }
}

/// What is to be cut off: `{"all": true}` or `{"recipients": ["desk"]}`.
async fn wanted(body: Incoming) -> Result<CutOff, Problem> {
    let read = tokio::time::timeout(PATIENCE, Limited::new(body, BODY_MAX_BYTES).collect()).await;
    let bytes = read.ok().and_then(Result::ok).map(http_body_util::Collected::to_bytes);
    let wanted = bytes.and_then(|bytes| serde_json::from_slice::<CutOff>(&bytes).ok());
    wanted
        .filter(|wanted| wanted.all || !wanted.recipients.is_empty())
        .ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "admin-body",
                "the body does not say what to cut off",
                "expected JSON such as `{\"recipients\": [\"desk\"]}` or `{\"all\": true}`",
            )
        })
}

fn not_in_the_register(id: &RecipientId) -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "admin-recipient",
        "the register has no such recipient",
        format!("recipient `{id}` is not in the charter in force, so nothing was cut off"),
    )
}
