//! Where decoded text came from, and what to put there instead.
//!
//! Every layer that decodes piecewise (JSON escapes, percent, case folding) keeps a [`SourceMap`], so that an [`Edit`] in
//! the decoded text becomes an edit of exactly the bytes that it was decoded from.

use std::ops::Range;

/// Replace `range` by `with`.
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) with: Vec<u8>,
}

/// Applies edits to the bytes that they were made for. Overlapping edits become one, with the first replacement.
pub(crate) fn apply(bytes: &[u8], edits: Vec<Edit>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for edit in merged(edits) {
        out.extend_from_slice(&bytes[done..edit.range.start]);
        out.extend_from_slice(&edit.with);
        done = edit.range.end;
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

/// Sorts edits and unites overlapping ones.
pub(crate) fn merged(mut edits: Vec<Edit>) -> Vec<Edit> {
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut out: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match out.last_mut() {
            Some(last) if edit.range.start < last.range.end => last.range.end = last.range.end.max(edit.range.end),
            _ => out.push(edit),
        }
    }
    out
}

/// Moves edits made for a part to the coordinates of the whole.
pub(crate) fn shifted(mut edits: Vec<Edit>, by: usize) -> Vec<Edit> {
    for edit in &mut edits {
        edit.range = edit.range.start + by..edit.range.end + by;
    }
    edits
}

/// One run of decoded bytes: copied as they are, or one escape that stands for them.
#[derive(Clone, Copy)]
struct Piece {
    decoded: usize,
    source: usize,
    verbatim: bool,
}

/// From positions in decoded text to positions in its source.
#[derive(Default)]
pub(crate) struct SourceMap {
    pieces: Vec<Piece>,
    source_end: usize,
}

impl SourceMap {
    /// An empty map with room for what a text of so many bytes mostly needs.
    pub(crate) fn of_text(bytes: usize) -> Self {
        Self {
            pieces: Vec::with_capacity((bytes / 4).min(64)),
            source_end: 0,
        }
    }

    /// From here on decoded and source bytes are the same.
    pub(crate) fn verbatim(&mut self, decoded: usize, source: usize) {
        if !self.pieces.last().is_some_and(|piece| piece.verbatim) {
            self.pieces.push(Piece {
                decoded,
                source,
                verbatim: true,
            });
        }
    }

    /// The source bytes from `source` up to the next piece stand for the decoded bytes from `decoded` up to it.
    pub(crate) fn escape(&mut self, decoded: usize, source: usize) {
        self.pieces.push(Piece {
            decoded,
            source,
            verbatim: false,
        });
    }

    /// Ends the map at the length of the source.
    pub(crate) fn end(&mut self, source: usize) {
        self.source_end = source;
    }

    /// The source of a non-empty decoded range, whole escapes included.
    pub(crate) fn source(&self, decoded: Range<usize>) -> Range<usize> {
        self.start(decoded.start)..self.stop(decoded.end)
    }

    fn start(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.decoded <= at);
        let Some(piece) = next.checked_sub(1).and_then(|index| self.pieces.get(index)) else {
            return at;
        };
        if piece.verbatim {
            piece.source + (at - piece.decoded)
        } else {
            piece.source
        }
    }

    fn stop(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.decoded < at);
        let Some(piece) = next.checked_sub(1).and_then(|index| self.pieces.get(index)) else {
            return at;
        };
        if piece.verbatim {
            return piece.source + (at - piece.decoded);
        }
        self.pieces.get(next).map_or(self.source_end, |after| after.source)
    }

    /// Edits of the decoded text as edits of the source, each replacement put through `encode`.
    pub(crate) fn back(&self, edits: Vec<Edit>, encode: impl Fn(&[u8]) -> Vec<u8>) -> Vec<Edit> {
        let back = |edit: Edit| Edit {
            range: self.source(edit.range),
            with: encode(&edit.with),
        };
        edits.into_iter().map(back).collect()
    }
}
