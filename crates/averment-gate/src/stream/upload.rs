//! One body on its way: read, look, judge, record, release, and so on to its end.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use averment_catalog::ElementId;
use averment_detect::{Inspection, UnreadableBecause, Whose};
use averment_policy::{Action, Decision, Permit};
use averment_store::Cleared;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Broken;
use super::intake::{Intake, Source};
use super::window::{Look, Stuck};
use crate::body;
use crate::case::{Case, Judged};
use crate::framing::Framed;
use crate::gate::Shared;
use crate::head;
use crate::lifetime::Lifetime;
use crate::load::{self, Allowance, Held};
use crate::outgoing::Outgoing;
use crate::pace::Pace;
use crate::problem::{Kind, Problem};
use crate::sending::{NotWanted, Release};
use crate::terms::Terms;
use crate::way::{Pending, refuse};

/// What is taken in at a time.
const STEP_BYTES: usize = 16 << 10;

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

/// A look that may go out.
struct Judgement {
    case: Arc<Case>,
    /// As it goes out.
    outgoing: Outgoing,
    inspection: Arc<Inspection>,
    permit: Permit,
    releases: usize,
    /// Whether it has an intent of its own.
    is_new: bool,
    is_rewritten: bool,
}

/// What comes next from the caller.
enum Next {
    Data(Bytes),
    Trailers(HeaderMap),
    End,
    /// Nothing, for now.
    Pause,
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
    /// One of few that may be slower than [`RATE_MIN`](crate::pace::RATE_MIN).
    slow: Option<Held>,
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

/// What was recorded, and by which terms.
#[derive(Default)]
struct Told {
    terms: Option<Arc<Terms>>,
    found: BTreeSet<(ElementId, Whose)>,
    unreadable: BTreeSet<UnreadableBecause>,
    own_mailbox: bool,
}

impl Told {
    /// Notes what `inspection` holds, and says whether anything of it was not noted before.
    fn is_new(&mut self, terms: &Arc<Terms>, inspection: &Inspection) -> bool {
        if !self.terms.as_ref().is_some_and(|known| Arc::ptr_eq(known, terms)) {
            *self = Self {
                terms: Some(Arc::clone(terms)),
                ..Self::default()
            };
        }
        let mut is_new = false;
        for finding in &inspection.findings {
            is_new |= self.found.insert((finding.element.clone(), finding.whose.clone()));
        }
        for note in &inspection.unreadable {
            is_new |= self.unreadable.insert(note.because);
        }
        let own_mailbox = inspection.own_mailboxes > 0;
        is_new |= own_mailbox && !self.own_mailbox;
        self.own_mailbox |= own_mailbox;
        is_new
    }
}

impl Upload {
    pub(super) fn new(shared: &Arc<Shared>, head: &Outgoing, source: Source) -> Self {
        let intake = Intake::new(head, &source.limits, &shared.limits);
        Self {
            shared: Arc::clone(shared),
            head: head.clone(),
            body: source.body,
            framed: source.framed,
            pace: (!intake.is_call()).then(|| Pace::new(shared.timeouts().body)),
            pause: source.pause,
            has_paused: source.has_paused,
            pauses_now: source.has_paused,
            slow: None,
            idle: source.limits.idle(),
            intake,
            allowance: source.allowance,
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

    async fn read_on(&mut self, release: Option<&Release>) -> Result<(), Stop> {
        let next = self.next(release).await?;
        self.pauses_now = matches!(next, Next::Pause);
        self.has_paused = self.pauses_now;
        match next {
            Next::Data(bytes) => {
                self.came += bytes.len() as u64;
                if self.came > self.max_bytes {
                    return Err(self.too_large().await.into());
                }
                self.rest = bytes;
            }
            Next::Trailers(trailers) => self.trailers = Some(trailers),
            Next::End => {
                self.ended = true;
                self.intake.end();
            }
            Next::Pause => {}
        }
        Ok(())
    }

    /// Takes in the next of what came, so little that what it decodes to is not much.
    fn take_in(&mut self) -> Result<(), Problem> {
        let step = self.rest.split_to(self.rest.len().min(STEP_BYTES));
        self.intake.push(step);
        let held = self.intake.held_bytes() + self.rest.len();
        if held > self.allowed_bytes {
            if !self.allowance.grow(held - self.allowed_bytes) {
                return Err(load::overloaded());
            }
            self.allowed_bytes = held;
        }
        Ok(())
    }

    async fn next(&mut self, release: Option<&Release>) -> Result<Next, Stop> {
        let framed = self.framed.clone();
        let not_wanted = async {
            match release {
                Some(release) => release.not_wanted().await,
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            biased;
            next = self.frame() => next?,
            () = framed.ambiguous() => return Err(head::ambiguous().into()),
            () = not_wanted => return Err(Stop::NotWanted),
        };
        if framed.is_ambiguous() {
            return Err(head::ambiguous().into());
        }
        Ok(next)
    }

    /// The next frame, in the time that it may take.
    async fn frame(&mut self) -> Result<Next, Problem> {
        loop {
            let left = self.pace.as_ref().map(Pace::left);
            let pause = self
                .pause
                .filter(|pause| !self.has_paused && left.is_none_or(|left| *pause < left));
            let since = Instant::now();
            let frame = match pause.or(left) {
                None => tokio::select! {
                    frame = self.body.frame() => Some(frame),
                    () = self.lifetime.silent(self.idle) => None,
                },
                Some(time) => tokio::time::timeout(time, self.body.frame()).await.ok(),
            };
            if let Some(pace) = &mut self.pace {
                pace.waited(since);
            }
            match frame {
                None if pause.is_some() => return Ok(Next::Pause),
                None if self.becomes_slow() => {}
                None => return Err(Problem::from(Kind::BodyTimeout)),
                Some(None) => return Ok(Next::End),
                Some(Some(Err(_))) => return Err(Problem::from(Kind::BodyIncomplete)),
                Some(Some(Ok(frame))) => {
                    self.lifetime.beat();
                    return Ok(self.of_frame(frame));
                }
            }
        }
    }

    fn of_frame(&mut self, frame: Frame<Bytes>) -> Next {
        match frame.into_data() {
            Ok(data) => {
                if let Some(pace) = &mut self.pace {
                    pace.came(data.len());
                }
                Next::Data(data)
            }
            Err(frame) => Next::Trailers(frame.into_trailers().unwrap_or_default()),
        }
    }

    /// Whether it is from now on one of few that may be slow. What goes on at a pause may take its time: nothing says that it
    /// ever ends.
    fn becomes_slow(&mut self) -> bool {
        let Some(pace) = self
            .pace
            .as_mut()
            .filter(|pace| self.pause.is_some() && !pace.may_be_slow())
        else {
            return false;
        };
        let max = self.shared.terms().settings.limits.slow_streams_max;
        self.slow = self.shared.load.slow_streams.take(1, max);
        pace.let_be_slow(self.idle);
        self.slow.is_some()
    }

    async fn judge(&mut self, look: Look) -> Result<Judgement, Problem> {
        let piece = self.head.piece(look.media, Bytes::from(look.body));
        let is_message = self.intake.is_messages();
        self.judge_piece(piece, look.unread, look.releases, is_message).await
    }

    /// Judges `piece`; the answer of the gate when it may not go out is recorded already.
    async fn judge_piece(
        &mut self,
        piece: Outgoing,
        unread: Option<UnreadableBecause>,
        releases: usize,
        is_message: bool,
    ) -> Result<Judgement, Problem> {
        let shared = Arc::clone(&self.shared);
        let case = Arc::new(Case::new(piece, shared.people_or_fault()?, shared.limits));
        let Judged { inspection, decision } = shared.judge(&case, unread).await?;
        let inspection = Arc::new(inspection);
        let whole = self.whole.as_deref();
        let permit = match decision {
            Decision::Proceed(permit) => permit,
            Decision::Refuse(verdict) => {
                return Err(shared
                    .refuse_piece(Kind::Refused, &case, &inspection, &verdict, whole)
                    .await);
            }
        };
        let outgoing = match permit.verdict().action {
            Action::Forward => Some(case.outgoing.clone()),
            Action::Rewrite if is_message => shared.rewrite(&case, &inspection, permit.verdict()).await?,
            Action::Rewrite | Action::Refuse => None,
        };
        let Some(outgoing) = outgoing else {
            let verdict = refuse::refusing(permit.verdict(), &inspection);
            return Err(shared
                .refuse_piece(Kind::RewriteImpossible, &case, &inspection, &verdict, whole)
                .await);
        };
        let is_new = self.told.is_new(&case.terms, &inspection) || is_message;
        Ok(Judgement {
            is_rewritten: permit.verdict().action == Action::Rewrite,
            case,
            outgoing,
            inspection,
            permit,
            releases,
            is_new,
        })
    }

    async fn let_out(&mut self, judgement: Judgement, release: &Release, whole: &Cleared) -> Result<(), Stop> {
        let Judgement {
            outgoing,
            releases,
            is_rewritten,
            ..
        } = &judgement;
        let pieces = if *is_rewritten {
            self.intake.replace(*releases);
            vec![outgoing.body.clone()]
        } else {
            let last = self.ended && self.intake.held_bytes() == *releases;
            self.intake.release(*releases, last)
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

    /// The intent of a look with something new in it.
    async fn clear(&self, judgement: Judgement, whole: &Cleared) -> Result<Option<Cleared>, Problem> {
        if !judgement.is_new {
            return Ok(None);
        }
        let Judgement {
            case,
            outgoing,
            inspection,
            permit,
            ..
        } = judgement;
        self.shared
            .record_piece(&case, &outgoing, &inspection, permit, whole)
            .await
            .map(Some)
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

    /// Refuses the rest of what is larger than any bound.
    async fn too_large(&mut self) -> Problem {
        let shared = Arc::clone(&self.shared);
        let terms = match shared.people_or_fault() {
            Ok(terms) => terms,
            Err(problem) => return problem,
        };
        let piece = self.head.piece(None, Bytes::new());
        let case = Arc::new(Case::new(piece, terms, shared.limits));
        let judged = match shared.judge(&case, Some(UnreadableBecause::TooLarge)).await {
            Ok(judged) => judged,
            Err(problem) => return problem,
        };
        let verdict = refuse::refusing(judged.decision.verdict(), &judged.inspection);
        let whole = self.whole.as_deref();
        shared
            .refuse_piece(Kind::TooLarge, &case, &judged.inspection, &verdict, whole)
            .await
    }
}
