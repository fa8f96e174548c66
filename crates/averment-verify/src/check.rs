//! The table of checks and of the reasons that each can give. `docs/bundle.md` says what they mean.

/// Declares an enum of words that are spelled in files as in the table.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$row])* $variant,)* }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word in answers.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
    };
}

words!(
    /// What is checked, in this order.
    Check {
        /// One reading of every byte of the file.
        Container = "container",
        /// The list of contents.
        Manifest = "manifest",
        /// Every file is as listed.
        Files = "files",
        /// What the ledger says about itself, signed.
        Checkpoints = "checkpoints",
        /// Whose ledger it is.
        Key = "key",
        /// Single entries are in the ledger.
        Entries = "entries",
        /// All entries from a point on.
        Range = "range",
        /// The logs of the ledger follow each other.
        Chain = "chain",
        /// It continues what the asker saw before.
        Since = "since",
        /// Somebody else saw the same.
        Witnesses = "witnesses",
        /// Nothing lies in the future.
        Times = "times",
        /// It is about the right school and no other.
        School = "school",
        /// The charter is the one in force.
        Charter = "charter",
        /// The grades are those that were recorded.
        Claims = "claims",
        /// The sentences are those of the charter.
        Sentences = "sentences",
        /// The grades are those that changes led to.
        History = "history",
        /// Who vouches does so still.
        Attestations = "attestations",
        /// Documents are those that entries name.
        Documents = "documents",
        /// The grades come out again.
        Grades = "grades",
    }
);

words!(
    /// Why a check fails or is not made.
    Reason {
        /// An earlier check failed.
        Stopped = "stopped",
        /// Not a ZIP file at all.
        NotAZip = "not_a_zip",
        /// Order, gaps or ends.
        ZipLayout = "zip_layout",
        /// A header says what it may not, or two headers disagree.
        ZipHeader = "zip_header",
        /// Neither stored nor deflated.
        ZipMethod = "zip_method",
        /// Sum, size or stream.
        ZipContent = "zip_content",
        /// A name that is none.
        NameMalformed = "name_malformed",
        /// Two files of one name.
        NameTwice = "name_twice",
        /// Over a limit.
        TooLarge = "too_large",
        /// No list of contents.
        ManifestMissing = "manifest_missing",
        /// Not as it must be.
        ManifestMalformed = "manifest_malformed",
        /// Written by a newer version.
        NewerFormat = "newer_format",
        /// Listed and not there.
        FileMissing = "file_missing",
        /// There and not listed.
        FileUnlisted = "file_unlisted",
        /// Other bytes than listed.
        FileChanged = "file_changed",
        /// Not a file of a bundle, or one is missing that must be there.
        FileUnknown = "file_unknown",
        /// Of none of the keys named.
        OtherKey = "other_key",
        /// No key was named.
        NoKey = "no_key",
        /// Not a key.
        VerifierMalformed = "verifier_malformed",
        /// No signature of the key.
        NotSigned = "not_signed",
        /// The signature does not fit.
        BadSignature = "bad_signature",
        /// Signed, but not a checkpoint of this log.
        CheckpointMalformed = "checkpoint_malformed",
        /// Not a line with an entry and its proof.
        EntryMalformed = "entry_malformed",
        /// Not in order.
        EntryOrder = "entry_order",
        /// The proof does not lead to the checkpoint.
        EntryNotInLog = "entry_not_in_log",
        /// Proved, but not an entry.
        EntryUnreadable = "entry_unreadable",
        /// A line that is neither entry nor hash, or an edge of another length.
        RangeMalformed = "range_malformed",
        /// Entries are missing at the end.
        RangeIncomplete = "range_incomplete",
        /// The entries do not lead to the checkpoint.
        RangeNotInLog = "range_not_in_log",
        /// An entry is withheld from everybody.
        RangeWithheld = "range_withheld",
        /// Only single entries are in the bundle.
        StatementOnly = "statement_only",
        /// A log of the ledger is missing.
        LogMissing = "log_missing",
        /// Nothing ties two logs together.
        LinkMissing = "link_missing",
        /// The next log continues another one.
        LinkBroken = "link_broken",
        /// The asker has seen more already.
        RolledBack = "rolled_back",
        /// Not what the asker saw.
        AnotherHistory = "another_history",
        /// The older checkpoint is none.
        SinceMalformed = "since_malformed",
        /// The older checkpoint is not of this ledger's key.
        SinceNotSigned = "since_not_signed",
        /// No older checkpoint was named.
        NoOlder = "no_older",
        /// The bundle has no proof from there.
        NoProof = "no_proof",
        /// A witness has not signed.
        CosignatureMissing = "cosignature_missing",
        /// A witness's signature does not fit.
        CosignatureBad = "cosignature_bad",
        /// No witness was named.
        NoWitness = "no_witness",
        /// Not a time.
        TimeMalformed = "time_malformed",
        /// Made later than now.
        MadeInTheFuture = "made_in_the_future",
        /// An entry is later than the bundle.
        EntryAfterMaking = "entry_after_making",
        /// Grades of a time after they were recorded.
        GradedAfterEntry = "graded_after_entry",
        /// For another school than expected.
        AnotherSchool = "another_school",
        /// An entry about another school.
        NamesAnotherSchool = "names_another_school",
        /// Other bytes than the digest is of.
        CharterDigest = "charter_digest",
        /// Not a charter.
        CharterMalformed = "charter_malformed",
        /// The register does not compile to it.
        CharterRegister = "charter_register",
        /// Never came into force, as far as shown.
        CharterNotRecorded = "charter_not_recorded",
        /// Another one came into force later.
        CharterNotInForce = "charter_not_in_force",
        /// Not a document with grades.
        ClaimsMalformed = "claims_malformed",
        /// No entry records them.
        ClaimsNotRecorded = "claims_not_recorded",
        /// Other bytes than were recorded.
        ClaimsChanged = "claims_changed",
        /// Graded by another charter.
        ClaimsAnotherCharter = "claims_another_charter",
        /// Other counts than were recorded.
        ClaimsCounts = "claims_counts",
        /// Of another moment than was recorded.
        ClaimsAnotherTime = "claims_another_time",
        /// Entries that were there are not counted.
        EntriesIgnored = "entries_ignored",
        /// Another sentence, kind or recipient than the charter's.
        SentenceChanged = "sentence_changed",
        /// The charter has one more.
        ClaimMissing = "claim_missing",
        /// The charter has no such claim.
        ClaimAdded = "claim_added",
        /// The last change of grade says otherwise.
        HistoryContradicts = "history_contradicts",
        /// A grade changed after those shown were recorded.
        GradesOutdated = "grades_outdated",
        /// No change of grade is recorded.
        NoHistory = "no_history",
        /// Nobody vouches.
        AttestationMissing = "attestation_missing",
        /// Somebody did, and it has run out.
        AttestationExpired = "attestation_expired",
        /// Somebody says that it does not hold.
        AttestationContrary = "attestation_contrary",
        /// Other bytes than its name is of.
        DocumentChanged = "document_changed",
        /// No entry names it.
        DocumentUnknown = "document_unknown",
        /// Named and not enclosed.
        DocumentNotEnclosed = "document_not_enclosed",
        /// Another grade comes out.
        GradeDiffers = "grade_differs",
        /// Other counts come out.
        EvidenceDiffers = "evidence_differs",
        /// Entries are withheld.
        EntriesWithheld = "entries_withheld",
        /// The entries begin too late.
        WindowNotCovered = "window_not_covered",
    }
);
