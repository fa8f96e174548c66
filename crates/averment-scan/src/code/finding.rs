//! What one file gave, before files are joined. This is also what the cache keeps, so it holds no text of the file beyond names.

use averment_catalog::{ElementId, Plane, SubjectId};
use serde::{Deserialize, Serialize};

use super::class::Class;
use super::own::Sign;
use crate::observation::{Confidence, How, Party, Side, Tier};

/// One thing in a file that shows a third party.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Finding {
    pub(super) line: u32,
    pub(super) column: u32,
    pub(super) parties: Vec<Party>,
    pub(super) how: How,
    /// Package, host, module, key or call; no value.
    pub(super) what: String,
    pub(super) tier: Tier,
    pub(super) side: Option<Side>,
    pub(super) confidence: Confidence,
    pub(super) host: Option<String>,
    pub(super) plain_http: bool,
    /// A pinned package of which only the manifest beside the lock file says whether it was asked for.
    pub(super) pinned: bool,
    /// A pinned package that another package of the lock file wants.
    pub(super) wanted: bool,
    /// A call that is somebody's only if the program has one of its gems.
    pub(super) of_gem: bool,
    pub(super) passed: Vec<PassedHere>,
}

impl Finding {
    /// Whether only manifests say whether it was asked for.
    pub(super) fn is_pinned(&self) -> bool {
        self.pinned && self.tier != Tier::Dead
    }
}

/// An element at a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct PassedHere {
    pub(super) element: ElementId,
    pub(super) subject: Option<SubjectId>,
    pub(super) confidence: Confidence,
    pub(super) line: u32,
    pub(super) column: u32,
}

/// A function of the repository that calls a third party and hands on what it is given, or a constant that holds its address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Wrapper {
    /// `name` or `Class.name`.
    pub(super) name: String,
    pub(super) parties: Vec<Party>,
    pub(super) side: Option<Side>,
    pub(super) tier: Tier,
    /// A constant: whoever hands it to a request is evidence.
    pub(super) constant: bool,
}

/// Everything that one file gave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileFindings {
    pub(super) findings: Vec<Finding>,
    pub(super) wrappers: Vec<Wrapper>,
    /// Packages that a manifest asks for, as the lock file beside it writes them.
    pub(super) declared: Vec<String>,
    /// What it says is the repository's own.
    pub(super) own: Vec<Sign>,
    /// Every gem of a lock file of Bundler.
    pub(super) gems: Vec<String>,
    /// The plane that it can say something about, where it is live and says on which machine it runs.
    pub(super) plane: Option<Plane>,
    /// Why it could not be read, or not to its end.
    pub(super) unread: Option<String>,
}

/// One file with what it gave.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) path: String,
    pub(super) class: Class,
    pub(super) digest: [u8; 32],
    pub(super) given: FileFindings,
}

/// Lines and columns of bytes.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1);
        Self {
            text,
            starts: std::iter::once(0).chain(breaks).collect(),
        }
    }

    /// Line and column, in characters and from 1, of a byte.
    pub(super) fn at(&self, byte: usize) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= byte).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = self
            .text
            .get(start..byte)
            .map_or(0, |before| before.chars().take(100_000).count());
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(before + 1).unwrap_or(u32::MAX),
        )
    }
}
