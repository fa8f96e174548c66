//! What comes of a body: frame by frame, in the time that it may take, as much at once as there is room for.

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::BodyExt as _;
use tokio::time::Instant;

use super::{Stop, Upload};
use crate::head;
use crate::load;
use crate::pace::Pace;
use crate::problem::{Kind, Problem};
use crate::sending::Release;

/// What is taken in at a time.
const STEP_BYTES: usize = 16 << 10;

/// What comes next from the caller.
enum Next {
    Data(Bytes),
    Trailers(HeaderMap),
    End,
    /// Nothing, for now.
    Pause,
}

impl Upload {
    pub(super) async fn read_on(&mut self, release: Option<&Release>) -> Result<(), Stop> {
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
    pub(super) fn take_in(&mut self) -> Result<(), Problem> {
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
        pace.let_be_slow(self.idle);
        self.allowance.become_slow()
    }
}
