//! Where a long JSON document can be cut: behind a comma that is as far out as there is one, so that the objects of a list
//! stay whole. Each piece is shown inside the levels that were open around it, as a document of its own. Where documents
//! follow each other, it can be cut between them at any time ([`JsonCut::values`]).
//!
//! Source: RFC 8259.

use averment_detect::UnreadableBecause;

use super::window::Look;

/// Nesting beyond this is not followed.
const NESTING_MAX: usize = 128;
/// Names of members beyond this are not kept.
const KEY_MAX_BYTES: usize = 4096;
/// A later place of the same depth is taken when it is at least this much later: remembering one costs a copy.
const STEP_BYTES: usize = 1024;

#[derive(Clone)]
enum Level {
    Array,
    /// With the name (in quotes) of the member that is open, if one is.
    Object(Vec<u8>),
}

/// A place to cut at, and what is open there.
struct Place {
    at: usize,
    open: Vec<Level>,
}

/// The scanner. Positions count from the first held byte.
#[derive(Default)]
pub(super) struct JsonCut {
    open: Vec<Level>,
    /// Inside a string, which began here.
    string: Option<usize>,
    escaped: bool,
    /// The last string, if nothing came behind it.
    last_string: Option<(usize, usize)>,
    scanned: usize,
    /// Where the last whole document ends.
    top: usize,
    best: Option<Place>,
    /// What is open at the first held byte.
    base: Vec<Level>,
    /// What is open where the look that was given ends.
    next_base: Option<Vec<Level>>,
}

impl JsonCut {
    /// The next piece of `held`, of about `window_bytes`; none when there is no place to cut at yet.
    ///
    /// # Errors
    /// Why it cannot be followed.
    pub(super) fn look(
        &mut self,
        held: &[u8],
        window_bytes: usize,
        ended: bool,
    ) -> Result<Option<Look>, UnreadableBecause> {
        if ended && held.len() <= window_bytes {
            // What stands behind the last document is no document.
            let is_behind = self.base.is_empty() && held.trim_ascii().is_empty();
            return Ok(Some(if is_behind {
                blank(held)
            } else {
                self.shown(held, held.len(), &[])
            }));
        }
        while self.scanned < held.len() && (self.best.is_none() || self.scanned < window_bytes) {
            self.scan(held, window_bytes)?;
        }
        let Some(place) = self.best.take() else {
            return Ok(ended.then(|| self.shown(held, held.len(), &[])));
        };
        let look = self.shown(&held[..place.at - 1], place.at, &place.open);
        self.next_base = Some(place.open);
        Ok(Some(look))
    }

    /// The whole documents at the front of `held`; none when there is none.
    ///
    /// # Errors
    /// Why it cannot be followed.
    pub(super) fn values(&mut self, held: &[u8]) -> Result<Option<Look>, UnreadableBecause> {
        if self.scanned < held.len() {
            self.scan(held, held.len())?;
        }
        if self.top == 0 {
            return Ok(None);
        }
        let gap = held[self.top..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let look = self.shown(&held[..self.top], self.top + gap, &[]);
        self.next_base = None;
        Ok(Some(look))
    }

    /// The piece that was given last is gone from the front.
    pub(super) fn released(&mut self) {
        let base = self.next_base.take().unwrap_or_default();
        *self = Self {
            open: base.clone(),
            base,
            ..Self::default()
        };
    }

    fn shown(&self, piece: &[u8], releases: usize, open: &[Level]) -> Look {
        let mut body = Vec::with_capacity(piece.len() + 64);
        for level in &self.base {
            match level {
                Level::Array => body.push(b'['),
                Level::Object(key) => {
                    body.push(b'{');
                    body.extend_from_slice(key);
                    body.extend_from_slice(if key.is_empty() { b"" } else { b":" });
                }
            }
        }
        body.extend_from_slice(piece);
        body.extend(open.iter().rev().map(|level| match level {
            Level::Array => b']',
            Level::Object(_) => b'}',
        }));
        Look {
            body,
            media: Some("application/json"),
            releases,
            unread: None,
        }
    }

    /// Scans at most `step_bytes` more.
    fn scan(&mut self, held: &[u8], step_bytes: usize) -> Result<(), UnreadableBecause> {
        let end = held.len().min(self.scanned + step_bytes);
        for at in self.scanned..end {
            self.step(held, at, held[at])?;
        }
        self.scanned = end;
        Ok(())
    }

    fn step(&mut self, held: &[u8], at: usize, byte: u8) -> Result<(), UnreadableBecause> {
        if let Some(start) = self.string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => {
                    self.string = None;
                    self.last_string = Some((start, at + 1));
                }
                _ => {}
            }
            return Ok(());
        }
        match byte {
            b'"' => self.string = Some(at),
            b'{' => self.enter(Level::Object(Vec::new()))?,
            b'[' => self.enter(Level::Array)?,
            b'}' | b']' => {
                self.leave(byte == b']')?;
                self.top = if self.open.is_empty() { at + 1 } else { self.top };
            }
            b':' => self.name(held)?,
            b',' => self.comma(at),
            _ => {}
        }
        Ok(())
    }

    fn enter(&mut self, level: Level) -> Result<(), UnreadableBecause> {
        if self.open.len() >= NESTING_MAX {
            return Err(UnreadableBecause::TooDeep);
        }
        self.open.push(level);
        Ok(())
    }

    fn leave(&mut self, array: bool) -> Result<(), UnreadableBecause> {
        match self.open.pop() {
            Some(Level::Array) if array => Ok(()),
            Some(Level::Object(_)) if !array => Ok(()),
            _ => Err(UnreadableBecause::Malformed),
        }
    }

    fn name(&mut self, held: &[u8]) -> Result<(), UnreadableBecause> {
        let (Some(Level::Object(key)), Some((start, end))) = (self.open.last_mut(), self.last_string.take()) else {
            return Err(UnreadableBecause::Malformed);
        };
        if end - start > KEY_MAX_BYTES {
            return Err(UnreadableBecause::TooLarge);
        }
        *key = held[start..end].to_vec();
        Ok(())
    }

    fn comma(&mut self, at: usize) {
        if let Some(Level::Object(key)) = self.open.last_mut() {
            key.clear();
        }
        let depth = self.open.len();
        let is_better = self
            .best
            .as_ref()
            .is_none_or(|best| depth < best.open.len() || depth == best.open.len() && at >= best.at + STEP_BYTES);
        if depth > 0 && is_better {
            self.best = Some(Place {
                at: at + 1,
                open: self.open.clone(),
            });
        }
    }
}

/// White space, which says nothing.
fn blank(held: &[u8]) -> Look {
    Look {
        body: held.to_vec(),
        media: Some("text/plain"),
        releases: held.len(),
        unread: None,
    }
}
