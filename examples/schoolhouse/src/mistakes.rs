//! The mistakes that can be planted: each by a name, each with the sentence that it breaks. None is on by itself.
//!
//! Every place in the source that a mistake changes asks [`Mistakes::has`], so that a search for its name finds them all.

use std::collections::BTreeSet;

use clap::ValueEnum;

/// One planted mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Mistake {
    RetentionStopped,
    RetentionDeletesNothing,
    PeerSeesBirthDate,
    LinkIndexable,
    GravatarMd5WithoutOptIn,
    Md5OfEmailStored,
    PlainTextPasswordColumn,
    OptOutIgnored,
    #[value(name = "vendor-delete-202-and-nothing")]
    VendorDelete202AndNothing,
    OtherSchoolSees,
    DeletedAccountKeepsRows,
    LogHoldsViewerIp,
    IpInStatistics,
    MarketingToStudents,
    SubprocessorListStale,
    RestoredBackupBringsBack,
    EndedContractKeepsAccounts,
    SignUpTellsAddress,
    GuessesUnnoticed,
}

impl Mistake {
    /// The sentence that does not hold any more when it is on.
    pub(crate) fn breaks(self) -> &'static str {
        match self {
            Self::RetentionStopped => "Logs are kept for 90 days: nobody runs the job any more.",
            Self::RetentionDeletesNothing => {
                "Logs are kept for 90 days: the job runs, says that all is well, and deletes nothing."
            }
            Self::PeerSeesBirthDate => "Students of the same school do not see each other's date of birth.",
            Self::LinkIndexable => "What is shared by link does not turn up in search engines.",
            Self::GravatarMd5WithoutOptIn => {
                "A digest of the e-mail address goes to Gravatar only of those who opted in."
            }
            Self::Md5OfEmailStored => {
                "E-mail addresses are looked up by a keyed digest; no plain MD5 of one is stored."
            }
            Self::PlainTextPasswordColumn => "Passwords are stored as Argon2 hashes only.",
            Self::OptOutIgnored => "Who opted out of directory information is not listed.",
            Self::VendorDelete202AndNothing => {
                "What a vendor is asked to delete is deleted: it answers 202 and keeps it."
            }
            Self::OtherSchoolSees => "Students of other schools see nothing.",
            Self::DeletedAccountKeepsRows => "Whoever deletes their account has their data ended at once.",
            Self::LogHoldsViewerIp => "The IP address of people who only look is not stored.",
            Self::IpInStatistics => "How viewers move is recorded without saying who they are.",
            Self::MarketingToStudents => "Students are left out of all marketing.",
            Self::SubprocessorListStale => "The list of subprocessors is public and current.",
            Self::RestoredBackupBringsBack => "Who was deleted stays deleted when a backup is restored.",
            Self::SignUpTellsAddress => "Whoever has the account that somebody signs up with is told nothing of them.",
            Self::GuessesUnnoticed => "Attacks are looked for automatically.",
            Self::EndedContractKeepsAccounts => "Accounts of a school end with its contract.",
        }
    }
}

/// Those that are on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mistakes(BTreeSet<Mistake>);

impl Mistakes {
    pub(crate) fn new(on: &[Mistake]) -> Self {
        Self(on.iter().copied().collect())
    }

    pub(crate) fn has(&self, mistake: Mistake) -> bool {
        self.0.contains(&mistake)
    }
}
