//! Evidence never works the wrong way round: less support never helps, and more against never helps, for any kind of claim.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use averment_claims::{Fold, Grade, Messages, ROWS, grade};
use averment_ledger::{Attestation, Deed, Entry, FindingEntry, Measurement, Message, Watch};
use averment_register::{Charter, ClaimId, Source};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::scenario::{File, charter, now};

/// Each kind with the register of its file and the claim that its scenarios ask for.
pub(crate) static KINDS: LazyLock<Vec<(Arc<Charter>, ClaimId)>> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let files = ROWS.iter().map(|row| folder.join(format!("kind-{}.txt", row.kind)));
    files.map(|path| File::read(path).charter_and_claim()).collect()
});

/// The charter of a register whose recipient is on these planes.
pub(crate) fn charter_of(register: &[(String, String)]) -> Arc<Charter> {
    let mut source = Source::default();
    for (name, text) in register {
        let text = text.replace("$UNKNOWN_HOSTS", "enforce");
        source.insert(name.as_str(), text.replace("$PLANES", "\"gateway\", \"browser\""));
    }
    charter(&source)
}

/// One piece of evidence that supports a claim.
#[derive(Debug, Clone)]
pub(crate) enum Support {
    Message(u8),
    Look(usize, usize),
    Vouched(u8),
}

pub(crate) fn support() -> impl Strategy<Value = (i64, Support)> {
    let piece = prop_oneof![
        any::<u8>().prop_map(Support::Message),
        (0..3_usize, 0..7_usize).prop_map(|(program, plane)| Support::Look(program, plane)),
        (1..20_u8).prop_map(Support::Vouched),
    ];
    (0..24 * 40_i64, piece)
}

/// One piece of evidence that speaks against a claim.
#[derive(Debug, Clone)]
pub(crate) enum Against {
    Message,
    Look(usize, usize),
    Vouched(u8),
}

pub(crate) fn against() -> impl Strategy<Value = (i64, Against)> {
    let piece = prop_oneof![
        Just(Against::Message),
        (0..3_usize, 0..7_usize).prop_map(|(program, plane)| Against::Look(program, plane)),
        (1..20_u8).prop_map(Against::Vouched),
    ];
    (-24 * 3..24 * 40_i64, piece)
}

const PROGRAMS: [&str; 3] = ["scan.code", "probe.stores", "crawl.pages"];
const PLANES: [&str; 7] = [
    "gateway",
    "browser",
    "vendor_form",
    "staff_tool",
    "infrastructure",
    "database",
    "mail",
];

fn look(claim: &ClaimId, hours: i64, program: usize, plane: usize, contrary: u64) -> Deed {
    let at = (now() - SignedDuration::from_hours(hours)).to_string();
    Deed::Measurement(Measurement {
        id: format!("{hours} {program} {plane} {contrary}"),
        claim: claim.to_string(),
        by: PROGRAMS[program].into(),
        plane: Some(PLANES[plane].into()),
        from: at.clone(),
        until: at,
        observed: 9,
        contrary,
        // Of one program always the same: that a newer look enforces less is no support.
        enforcing: program == 1,
        ..Measurement::default()
    })
}

fn vouched(claim: &ClaimId, day: u8, finds: &str) -> Deed {
    Deed::Attestation(Attestation {
        id: format!("{day} {finds}"),
        claim: claim.to_string(),
        claim_version: None,
        by: "the auditor".into(),
        says: "Seen.".into(),
        finds: finds.into(),
        scope: None,
        performed_on: format!("2026-11-{day:02}"),
        valid_until: Some(format!("2026-11-{:02}", u32::from(day) * 7 % 29 + 1)),
        document: None,
    })
}

fn message(id: String, subject: &str) -> Deed {
    let finding = FindingEntry {
        element: "contact.email".into(),
        subject: Some(subject.into()),
        known_by: "exact".into(),
        part: "body".into(),
        count: 1,
        treated: "pass".into(),
        treatment: if subject == "student" {
            "block".into()
        } else {
            "pass".into()
        },
        reason: if subject == "student" {
            "undeclared".into()
        } else {
            "declared".into()
        },
        ..FindingEntry::default()
    };
    Deed::Intent(Message {
        id,
        recipient: Some("desk".into()),
        host: "api.desk.example".into(),
        plane: "gateway".into(),
        mode: "enforce".into(),
        findings: vec![finding],
        ..Message::default()
    })
}

fn entry(charter: &Charter, hours: i64, deed: Deed) -> Entry {
    Entry {
        v: 2,
        at: (now() - SignedDuration::from_hours(hours)).to_string(),
        charter: charter.digest().to_string(),
        deed,
    }
}

pub(crate) fn supporting(charter: &Charter, claim: &ClaimId, (hours, support): &(i64, Support)) -> Entry {
    let deed = match support {
        Support::Message(id) => message(format!("{id} {hours}"), "teacher"),
        Support::Look(program, plane) => look(claim, *hours, *program, *plane, 0),
        Support::Vouched(day) => vouched(claim, *day, "holds"),
    };
    entry(charter, *hours, deed)
}

pub(crate) fn contrary(charter: &Charter, claim: &ClaimId, (hours, against): &(i64, Against)) -> Entry {
    let deed = match against {
        Against::Message => message("leak".into(), "student"),
        Against::Look(program, plane) => look(claim, *hours, *program, *plane, 1),
        Against::Vouched(day) => vouched(claim, *day, "does_not_hold"),
    };
    entry(charter, *hours, deed)
}

/// The grade that these entries earn, taken in the order of their times, after a gate began to watch.
fn earned(charter: &Arc<Charter>, claim: &ClaimId, entries: &[Entry]) -> Grade {
    let mut entries: Vec<&Entry> = entries.iter().collect();
    entries.sort_by(|one, other| one.at.cmp(&other.at));
    let watch = |watch: &str, hours| {
        let deed = Deed::Watch(Watch {
            watch: watch.into(),
            version: "0".into(),
            ..Watch::default()
        });
        entry(charter, hours, deed)
    };
    let mut fold = Fold::new(Arc::clone(charter));
    fold.push(&watch("begun", 24 * 41), 0);
    for (index, entry) in entries.into_iter().enumerate() {
        fold.push(entry, index as u64 + 1);
    }
    fold.push(&watch("ended", 0), 9_999);
    let graded = grade(charter, &fold.evidence(now()), now());
    graded
        .into_iter()
        .find(|graded| graded.claim.id == *claim)
        .unwrap()
        .overall
}

proptest! {
    #[test]
    fn less_support_never_helps_and_more_against_never_helps(
        kind in 0..25_usize,
        support in prop::collection::vec((support(), any::<bool>()), 0..12),
        against_before in prop::collection::vec(against(), 0..3),
        against_more in against(),
    ) {
        let (charter, claim) = &KINDS[kind];
        // For these kinds any message to the recipient speaks against the claim.
        let messages = ROWS[kind].messages;
        let any_is_against = matches!(messages, Messages::Absence | Messages::OnlyAgainst);
        let is_support = |piece: &Support| !(any_is_against && matches!(piece, Support::Message(_)));
        let support: Vec<_> = support.into_iter().filter(|((_, piece), _)| is_support(piece)).collect();
        let all: Vec<Entry> = support.iter().map(|(piece, _)| supporting(charter, claim, piece)).collect();
        let kept: Vec<Entry> = support.iter().zip(&all).filter(|((_, kept), _)| *kept).map(|(_, entry)| entry.clone()).collect();
        let before: Vec<Entry> = against_before.iter().map(|piece| contrary(charter, claim, piece)).collect();
        let grade = |support: &[Entry], more: Option<Entry>| {
            let entries: Vec<Entry> = support.iter().chain(&before).cloned().chain(more).collect();
            earned(charter, claim, &entries)
        };
        let whole = grade(&all, None);
        prop_assert!(grade(&kept, None) >= whole, "without some of its support it is better than {whole:?}");
        let against = contrary(charter, claim, &against_more);
        prop_assert!(grade(&all, Some(against)) >= whole, "with more against it, it is better than {whole:?}");
        if messages != Messages::Absence {
            prop_assert!(grade(&[], None) >= Grade::Unverified, "without any support");
        }
    }
}
