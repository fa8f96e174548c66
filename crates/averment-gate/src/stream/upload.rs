//! One body on its way: read, look, judge, record, release, and so on to its end.

mod judging;
mod reading;
mod told;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use averment_store::Cleared;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use hyper::body::Incoming;
use tokio_util::sync::CancellationToken;

use super::Broken;
use super::intake::{Intake, Source};
use super::window::{Look, Stuck};
use crate::body;
use crate::framing::Framed;
use crate::gate::Shared;
use crate::head;
use crate::lifetime::Lifetime;
use crate::load::{Allowance, Places};
use crate::outgoing::Outgoing;
use crate::pace::Pace;
use crate::problem::{Kind, Problem};
use crate::sending::{NotWanted, Release};
use crate::way::Pending;
use judging::Judgement;
use told::Told;

/// How an upload ended.
pub(super) enum End {
    /// All of it was released.
    Whole,
    /// The recipient takes no more.
    NotWanted,
    /// It was broken off.
    Broken,
}

/// Why it does not go on.
enum Stop {
    NotWanted,
    Problem(Problem),
}

impl From<NotWanted> for Stop {
    fn from(_: NotWanted) -> Self {
        Self::NotWanted
    }
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// One body on its way.
pub(super) struct Upload {
    shared: Arc<Shared>,
    /// The message without its body.
    head: Outgoing,
    body: Incoming,
    /// What came of it and was not taken in yet.
    rest: Bytes,
    framed: Framed,
    intake: Intake,
    allowance: Allowance,
    /// Held until it has ended, also when the answer has before.
    _places: Arc<Places>,
    allowed_bytes: usize,
    /// How long the next bytes may take; calls that go both ways end when nothing goes either way for `idle`.
    pace: Option<Pace>,
    idle: Duration,
    /// After how long without a byte what can go on does; none: it is waited for.
    pause: Option<Duration>,
    /// Whether that was so since the last byte.
    has_paused: bool,
    /// Whether it is so now and nothing was made of it yet.
    pauses_now: bool,
    expects: bool,
    lifetime: Lifetime,
    came: u64,
    max_bytes: u64,
    ended: bool,
    trailers: Option<HeaderMap>,
    /// The look that was judged before the head went out.
    first: Option<Judgement>,
    /// What the intents of this body say already.
    told: Told,
    /// The identifier of the whole, once it has one.
    whole: Option<String>,
}

impl Upload {
    pub(super) fn new(shared: &Arc<Shared>, head: &Outgoing, source: Source) -> Self {
        let intake = Intake::new(head, &source.limits, &shared.limits);
        let idle = source.limits.idle();
        let mut pace = Pace::new(shared.timeouts().body);
        if source.allowance.is_slow() {
            pace.let_be_slow(idle);
        }
        Self {
            shared: Arc::clone(shared),
            head: head.clone(),
            body: source.body,
            framed: source.framed,
            pace: (!intake.is_call()).then_some(pace),
            pause: source.pause.map(|pause| pause.time),
            has_paused: source.has_paused,
            pauses_now: source.has_paused,
            idle,
            intake,
            allowance: source.allowance,
            _places: source.places,
            allowed_bytes: source.first.len(),
            came: source.first.len() as u64,
            rest: source.first,
            expects: source.expects,
            lifetime: source.lifetime,
            max_bytes: source.limits.stream_max_bytes,
            ended: false,
            trailers: None,
            first: None,
            told: Told::default(),
            whole: None,
        }
    }

    /// The life of the connection that it came on.
    pub(super) fn lifetime(&self) -> Lifetime {
        self.lifetime.clone()
    }

    /// Reads and judges the first look, before anything goes out. Calls are not waited for: their caller may want to hear
    /// something first. Of what pauses before there is one, everything that came is judged, and stays.
    pub(super) async fn look_first(&mut self) -> Result<(), Problem> {
        if self.intake.is_call() {
            return Ok(());
        }
        self.first = self.judge_next(None).await.map_err(|stop| match stop {
            Stop::Problem(problem) => problem,
            // Nobody was asked yet.
            Stop::NotWanted => Problem::from(Kind::Lost),
        })?;
        Ok(())
    }

    /// Lets the caller finish writing, so that it reads why.
    pub(super) async fn take_rest(self) {
        let waits = self.expects && self.came == 0;
        if !waits && !self.framed.is_ambiguous() {
            body::discard(self.body).await;
        }
    }

    /// Releases everything, look by look. `ended` is cancelled when nothing more is released.
    pub(super) async fn run(
        mut self,
        release: Release,
        whole: Arc<Cleared>,
        broken: Broken,
        ended: CancellationToken,
    ) -> End {
        let _ended = ended.drop_guard();
        // Looking at the head took time of the gate's, in which nothing could go through.
        self.lifetime.beat();
        self.whole = Some(whole.id().to_owned());
        let end = match self.pass_on(&release, &whole).await {
            // Only now: a body that ends before its last look was judged would look like a whole one.
            Ok(()) => release.end().await.map_or(End::NotWanted, |()| End::Whole),
            Err(Stop::NotWanted) => End::NotWanted,
            Err(Stop::Problem(problem)) => {
                let problem = problem.closing();
                *broken.lock().unwrap_or_else(PoisonError::into_inner) = Some(problem);
                drop(release);
                End::Broken
            }
        };
        if !matches!(end, End::Whole) {
            self.take_rest().await;
        }
        end
    }

    async fn pass_on(&mut self, release: &Release, whole: &Cleared) -> Result<(), Stop> {
        let mut next = self.first.take();
        if next.is_none() {
            next = self.judge_next(Some(release)).await?;
        }
        while let Some(judgement) = next {
            self.let_out(judgement, release, whole).await?;
            next = self.judge_next(Some(release)).await?;
        }
        self.pass_trailers(release, whole).await
    }

    /// Reads until the next look is there and judges it; none at the end, and none where there is nothing but a pause before
    /// anything went out.
    async fn judge_next(&mut self, release: Option<&Release>) -> Result<Option<Judgement>, Stop> {
        loop {
            let look = self.intake.next(self.ended);
            match look {
                Ok(Some(look)) => return Ok(Some(self.judge(look).await?)),
                Ok(None) if self.ended => return Ok(None),
                Ok(None) if !self.rest.is_empty() => self.take_in()?,
                Ok(None) if !self.pauses_now => self.read_on(release).await?,
                Ok(None) if !self.intake.is_utf_8() => {
                    // Other character sets are read in a whole only.
                    (self.pauses_now, self.pause) = (false, None);
                }
                Ok(None) => {
                    self.pauses_now = false;
                    match self.look_at_pause(release) {
                        Some(look) => return Ok(Some(self.judge(look).await?)),
                        None if release.is_none() => return Ok(None),
                        None => {}
                    }
                }
                Err(Stuck::CutOff) => return Err(Problem::from(Kind::BodyIncomplete).into()),
                Err(Stuck::TooLarge) => return Err(self.too_large().await.into()),
            }
        }
    }

    /// What may go on at a pause; before anything went out, everything that came, to be judged only.
    fn look_at_pause(&mut self, release: Option<&Release>) -> Option<Look> {
        let look = self.intake.next_at_pause();
        match release {
            Some(_) => look,
            None => look.or_else(|| self.intake.peek()),
        }
    }

    async fn let_out(&mut self, judgement: Judgement, release: &Release, whole: &Cleared) -> Result<(), Stop> {
        let releases = judgement.releases;
        let pieces = if judgement.is_rewritten() {
            self.intake.replace(releases);
            vec![judgement.piece.outgoing.body.clone()]
        } else {
            let last = self.ended && self.intake.held_bytes() == releases;
            self.intake.release(releases, last)
        };
        let cleared = self.clear(judgement, whole).await?;
        let under = cleared.as_ref().unwrap_or(whole);
        let pending = cleared
            .as_ref()
            .map(|cleared| Pending::new(&self.shared.journal, cleared.id()));
        for bytes in pieces {
            let count = bytes.len() as u64;
            release.data(bytes, under).await?;
            self.shared.metrics.passed_on(under.verdict(), count);
        }
        if let Some(pending) = pending {
            pending.settle("sent", None);
        }
        Ok(())
    }

    async fn pass_trailers(&mut self, release: &Release, whole: &Cleared) -> Result<(), Stop> {
        if self.framed.is_ambiguous() {
            return Err(head::ambiguous().into());
        }
        let mut shown = HeaderMap::new();
        for (name, value) in self.intake.inner_trailers() {
            let field = name.parse::<HeaderName>().ok().zip(HeaderValue::from_bytes(value).ok());
            let (name, value) = field.ok_or_else(|| Problem::from(Kind::Malformed))?;
            shown.append(name, value);
        }
        let trailers = self.trailers.take().filter(|trailers| !trailers.is_empty());
        if let Some(trailers) = &trailers {
            head::check_trailers(trailers)?;
            shown.extend(trailers.clone());
        }
        if shown.is_empty() {
            return self.let_rest_out(release, whole).await;
        }
        let piece = self.head.piece(None, Bytes::new()).with_trailers(Some(shown));
        let judgement = self.judge_piece(piece, None, 0, false).await?;
        let cleared = self.clear(judgement, whole).await?;
        let under = cleared.as_ref().unwrap_or(whole);
        self.let_rest_out(release, under).await?;
        if let Some(trailers) = trailers {
            release.trailers(trailers, under).await?;
        }
        if let Some(cleared) = cleared {
            Pending::new(&self.shared.journal, cleared.id()).settle("sent", None);
        }
        Ok(())
    }

    /// Lets out what was held back because trailers inside the body are in it.
    async fn let_rest_out(&mut self, release: &Release, under: &Cleared) -> Result<(), Stop> {
        for bytes in self.intake.release_rest() {
            let count = bytes.len() as u64;
            release.data(bytes, under).await?;
            self.shared.metrics.passed_on(under.verdict(), count);
        }
        Ok(())
    }
}
