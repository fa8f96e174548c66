//! The detection room: bytes in, findings out, and back.
//!
//! Start at [`inspect`]: it undoes every encoding that it can ([`Layer`]), looks at what is inside with one matcher, and
//! says what it found and what it could not read. [`rewrite`] walks the same way with the same matcher and puts
//! replacements in at the innermost place, so that bytes outside them stay as they were.
//!
//! Invariant: what cannot be read is reported as unreadable, never as clean. No value is kept in a finding, an error or a
//! `Debug` text; only [`inspect_and_reveal`] shows one, to whom it is called for. Nothing here knows who may get what.

mod directory;
mod finding;
mod kinds;
mod mask;
mod matcher;
mod message;
pub mod normalise;
mod pointer;
mod pseudonym;
mod replace;
mod shapes;
mod signs;
mod sniff;
mod span;
mod unwrap;

pub use directory::{Directory, DirectoryKey, DirectoryRow, Form, IdentifierDigest, Match};
pub use finding::{
    Finding, Inspection, KnownBy, Layer, Part, PersonNumber, Place, Unreadable, UnreadableBecause, Whose,
};
pub use kinds::content_type_of;
pub use message::{Limits, Message};
pub use pseudonym::{pseudonym, pseudonyms, reveal_pseudonym};
pub use replace::Pseudonymised;
pub use unwrap::strip_metadata;

use std::collections::BTreeSet;

use averment_catalog::Treatment;

use replace::Replacer;
use unwrap::Walk;

/// A message after rewriting. What was not touched is byte for byte what it was.
#[derive(Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// Path and query.
    pub target: String,
    /// Values of the headers, same order and number as in the message.
    pub headers: Vec<Vec<u8>>,
    /// The body, in its content encoding.
    pub body: Vec<u8>,
}

/// Why a message could not be rewritten.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// The element sits where no replacement can be put back.
    #[error("cannot put a replacement back at {place}")]
    NotRewritable {
        /// Where.
        place: Place,
    },
    /// A second look still found what was to be removed.
    #[error("a replacement at {place} did not remove the element")]
    StillThere {
        /// Where.
        place: Place,
    },
}

/// Secrets and names that replacements are made with.
pub struct ReplacementKey<'a> {
    /// Key of hashes and pseudonyms.
    pub key: &'a [u8; 32],
    /// The recipient: pseudonyms of two recipients cannot be joined.
    pub recipient: &'a str,
}

/// What messages are looked at with.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The people.
    pub directory: &'a Directory,
    /// Bounds on the work.
    pub limits: &'a Limits,
    /// Mailboxes of the platform itself (`news@school.example`), in lower case: such an address is nobody's, and no finding. What
    /// the directory knows somebody by is theirs all the same, and so is any longer address that ends with one of these.
    pub own: &'a BTreeSet<String>,
}

impl Look<'_> {
    /// As [`inspect`].
    ///
    /// # Errors
    /// None, as [`inspect`].
    pub fn inspect(&self, message: &Message<'_>) -> Inspection {
        let walk = Walk::new(self.directory, self.limits, None).passing_own(self.own);
        walk.message(message).inspection
    }

    /// As [`Self::inspect`]; none when there is more to decode than the limits allow, which other limits might.
    pub fn inspect_within_limits(&self, message: &Message<'_>) -> Option<Inspection> {
        let walk = Walk::new(self.directory, self.limits, None).passing_own(self.own);
        let walked = walk.message(message);
        (!walked.is_cut_short).then_some(walked.inspection)
    }

    /// As [`rewrite`], or, with `reveal`, as [`rewrite_and_reveal`].
    ///
    /// # Errors
    /// As [`rewrite`].
    pub fn rewrite(
        &self,
        message: &Message<'_>,
        key: &ReplacementKey<'_>,
        treat: &dyn Fn(&Finding) -> Treatment,
        reveal: Option<&dyn Fn(&Pseudonymised<'_>)>,
    ) -> Result<Rewritten, RewriteError> {
        self.rewrite_by(message, &Replacer { key, treat, reveal })
    }
}

/// Looks at every place of `message`.
///
/// Findings are in the order host, path, query, headers (cookies among them), body.
///
/// # Errors
/// None: what cannot be read is part of the result.
pub fn inspect(message: &Message<'_>, directory: &Directory, limits: &Limits) -> Inspection {
    Walk::new(directory, limits, None).message(message).inspection
}

/// As [`inspect`], for a person who may see the values: `reveal` is told of each finding with the value as it was matched
/// (normalised), and may be told of one that several readings gave more than once.
///
/// # Errors
/// None, as [`inspect`].
pub fn inspect_and_reveal(
    message: &Message<'_>,
    directory: &Directory,
    limits: &Limits,
    reveal: &dyn Fn(&Finding, &str),
) -> Inspection {
    Walk::new(directory, limits, None)
        .revealing(reveal)
        .message(message)
        .inspection
}

/// Replaces every finding for which `treat` does not answer [`Treatment::Pass`], and looks again.
///
/// Bytes outside the replaced spans are what they were; a compressed or base64 layer is made again when something in it
/// was replaced. `Content-Length` and digests of the body in headers are not touched: the gate sets them, and refuses
/// instead of rewriting where the request is signed. What could not be read stays as it is: ask [`inspect`] first.
///
/// # Errors
/// [`RewriteError::NotRewritable`] where a replacement cannot be put back (the host, a header name, bytes that cannot be
/// read), and for [`Treatment::Block`], which is the caller's to refuse. [`RewriteError::StillThere`] when the second
/// look finds something that `treat` would not pass. Nothing of the message may then be forwarded.
pub fn rewrite(
    message: &Message<'_>,
    directory: &Directory,
    limits: &Limits,
    key: &ReplacementKey<'_>,
    treat: &dyn Fn(&Finding) -> Treatment,
) -> Result<Rewritten, RewriteError> {
    nobody_own(directory, limits).rewrite(message, key, treat, None)
}

/// As [`rewrite`], for whoever has to turn the answer back: `reveal` is told of each pseudonym with the value in whose place it
/// was put. Where several readings of one place give different replacements it is told of each.
///
/// # Errors
/// As [`rewrite`].
pub fn rewrite_and_reveal(
    message: &Message<'_>,
    directory: &Directory,
    limits: &Limits,
    key: &ReplacementKey<'_>,
    treat: &dyn Fn(&Finding) -> Treatment,
    reveal: &dyn Fn(&Pseudonymised<'_>),
) -> Result<Rewritten, RewriteError> {
    nobody_own(directory, limits).rewrite(message, key, treat, Some(reveal))
}

/// A platform without mailboxes of its own.
fn nobody_own<'a>(directory: &'a Directory, limits: &'a Limits) -> Look<'a> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    Look {
        directory,
        limits,
        own: &NONE,
    }
}

impl Look<'_> {
    fn rewrite_by(&self, message: &Message<'_>, replacer: &Replacer<'_>) -> Result<Rewritten, RewriteError> {
        let treat = replacer.treat;
        let walk = Walk::new(self.directory, self.limits, Some(replacer)).passing_own(self.own);
        let walked = walk.message(message);
        let rewritten = walked.rewritten?;
        // The same bytes would be seen again.
        let after = if is_same(message, &rewritten) {
            walked.inspection.clone()
        } else {
            self.look_again(message, &rewritten)
        };
        if let Some(finding) = after
            .findings
            .into_iter()
            .find(|finding| treat(finding) != Treatment::Pass)
        {
            return Err(RewriteError::StillThere { place: finding.place });
        }
        // Whatever a replacement made unreadable could hide what is still there.
        match after
            .unreadable
            .into_iter()
            .find(|note| !walked.inspection.unreadable.contains(note))
        {
            Some(note) => Err(RewriteError::NotRewritable { place: note.place }),
            None => Ok(rewritten),
        }
    }

    fn look_again(&self, message: &Message<'_>, rewritten: &Rewritten) -> Inspection {
        let names = message.headers.iter().map(|(name, _)| *name);
        let headers: Vec<(&str, &[u8])> = names.zip(rewritten.headers.iter().map(Vec::as_slice)).collect();
        let after = Message {
            authority: message.authority,
            target: &rewritten.target,
            headers: &headers,
            body: &rewritten.body,
        };
        self.inspect(&after)
    }
}

fn is_same(message: &Message<'_>, rewritten: &Rewritten) -> bool {
    let mut headers = message.headers.iter().zip(&rewritten.headers);
    message.target == rewritten.target
        && message.body == rewritten.body
        && headers.all(|((_, before), after)| before == after)
}
