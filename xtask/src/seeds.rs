//! The real published documents: imported, and held against the figures that a person counted in them.
//!
//! The documents are other people's texts and not part of this project, so the folder is an argument.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use averment_register::{
    Charter, ClaimKind, Condition, ImportReport, Imported, Recipient, Severity, compile, decode, import,
};

use crate::run::Step;

/// What a document says in words, and how to tell that the register says it.
type Saying = (&'static str, fn(&Charter) -> bool);

/// A document, and what a person counted in it.
struct Seed {
    file: &'static str,
    recipients: usize,
    /// How many of them have a purpose, planes, and whose and which data they get, or a typed claim about it.
    whole: usize,
    /// Claims in the files of recipients that something is never shared.
    never_shares: usize,
    /// What else it says: a name, and whether the register says it.
    says: &'static [Saying],
}

const SEEDS: [Seed; 3] = [
    Seed {
        file: "codeorg-service-providers.txt",
        recipients: 44,
        whole: 44,
        never_shares: 30,
        says: &[],
    },
    Seed {
        file: "cocalc-third-parties.txt",
        recipients: 9,
        whole: 5,
        never_shares: 3,
        says: &[
            ("the avatar service only for who asks for it", |charter| {
                let gets = |one: &Recipient| one.discloses.iter().any(|row| row.when != Condition::Always);
                recipient(charter, "gravatar").is_some_and(gets)
            }),
            ("the operator of the avatar service", |charter| {
                recipient(charter, "gravatar").is_some_and(|one| one.operator.as_deref() == Some("Automattic"))
            }),
            ("the video service that is no longer used since 2018-10-03", |charter| {
                let is_day = |date: &dyn std::fmt::Display| date.to_string() == "2018-10-03";
                recipients(charter).any(|one| one.retired.is_some_and(|date| is_day(&date)))
                    && claims(charter).any(|kind| matches!(kind, ClaimKind::RetiredSince { date } if is_day(date)))
            }),
            ("four elements for the payment service", |charter| {
                let elements = |one: &Recipient| one.discloses.iter().map(|row| row.elements.len()).sum::<usize>();
                recipient(charter, "stripe").is_some_and(|one| elements(one) >= 4)
            }),
        ],
    },
    Seed {
        file: "thinglink-data-privacy.txt",
        // Two storage providers by name, four classes of recipients.
        recipients: 6,
        whole: 0,
        never_shares: 2,
        says: &[
            ("four classes of recipients", |charter| {
                recipients(charter).filter(|one| one.third_parties.is_empty()).count() == 4
            }),
            ("kept for 90 days", |charter| {
                retained(charter, "P90D", |after| after != "account_deleted")
            }),
            ("kept for 30 days after deletion", |charter| {
                retained(charter, "P30D", |after| after == "account_deleted")
            }),
            ("both places of storage", |charter| {
                let places = claims(charter).filter_map(|kind| match kind {
                    ClaimKind::StoredIn { places, .. } => Some(places),
                    _ => None,
                });
                places.flatten().collect::<BTreeSet<_>>().len() == 2
            }),
            ("who sees it", |charter| {
                claims(charter).any(|kind| matches!(kind, ClaimKind::VisibleTo { .. }))
            }),
            ("weekly backups", |charter| performed(charter, "backup", "P7D")),
            ("a yearly test of restoring", |charter| {
                performed(charter, "restore_test", "P1Y")
            }),
            ("the certificate", |charter| {
                claims(charter).any(|kind| matches!(kind, ClaimKind::HoldsCertificate { .. }))
            }),
        ],
    },
];

fn recipients(charter: &Charter) -> impl Iterator<Item = &Recipient> {
    charter.content().recipients.values()
}

fn recipient<'a>(charter: &'a Charter, id: &str) -> Option<&'a Recipient> {
    recipients(charter).find(|one| one.id.as_str() == id)
}

fn claims(charter: &Charter) -> impl Iterator<Item = &ClaimKind> {
    charter.content().claims.values().map(|claim| &claim.kind)
}

/// Whether something is kept for this long after an event that fits.
fn retained(charter: &Charter, period: &str, fits: impl Fn(&str) -> bool) -> bool {
    claims(charter).any(|kind| match kind {
        ClaimKind::RetainedFor { duration, after, .. } => duration.to_string() == period && fits(after.as_str()),
        _ => false,
    })
}

/// Whether the activity is performed once in every such period.
fn performed(charter: &Charter, what: &str, every: &str) -> bool {
    claims(charter).any(|kind| match kind {
        ClaimKind::PerformedEvery { activity, period } => {
            activity.as_str() == what && period.is_some_and(|period| period.to_string() == every)
        }
        _ => false,
    })
}

/// Imports every seed in `folder` and fails with all figures that are not met.
pub(crate) fn check(folder: &Path) -> Step {
    let missed: Vec<String> = SEEDS
        .iter()
        .map(|seed| check_seed(folder, seed))
        .collect::<Result<Vec<Vec<String>>, String>>()?
        .concat();
    if missed.is_empty() {
        Ok(())
    } else {
        Err(missed.join("\n"))
    }
}

fn check_seed(folder: &Path, seed: &Seed) -> Result<Vec<String>, String> {
    let path = folder.join(seed.file);
    let bytes = std::fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    let text = decode(&bytes);
    let Imported { source, report, .. } =
        import(seed.file, &text).map_err(|error| format!("`{}`: {error}", seed.file))?;
    let compiled = compile(&source);
    let kept = report.kept().count();
    println!(
        "{}: {} sentences, {} typed, {kept} kept",
        seed.file,
        report.sentences.len(),
        report.typed()
    );
    let charter = compiled.charter.as_ref();
    let found = charter.map_or(0, |charter| {
        recipients(charter).filter(|one| is_whole(charter, one)).count()
    });
    let mut missed = Vec::new();
    let mut expect = |what: &str, found: usize, expected: std::ops::RangeInclusive<usize>| {
        println!("{}: {what}: {found}", seed.file);
        if !expected.contains(&found) {
            missed.push(format!("{}: {what}: expected {expected:?}, found {found}", seed.file));
        }
    };
    expect("recipients", report.recipients.len(), seed.recipients..=seed.recipients);
    // A row that says that nothing leaves has no data, and a claim instead.
    expect(
        "recipients with purpose, planes, and data or a typed claim about it",
        found,
        seed.whole..=seed.recipients,
    );
    expect(
        "claims of recipients that something is never shared",
        report.claims("never_shares"),
        seed.never_shares..=seed.never_shares,
    );
    expect("errors in the register", compiled.count(Severity::Error), 0..=0);
    expect("words that are lost", lost_words(&text, &report).len(), 0..=0);
    for (what, says) in seed.says {
        expect(
            &format!("it says: {what}"),
            usize::from(charter.is_some_and(says)),
            1..=1,
        );
    }
    Ok(missed)
}

/// Whether a recipient has a purpose, planes, and data or a typed claim about it.
fn is_whole(charter: &Charter, one: &Recipient) -> bool {
    let own = charter.content().claims.values();
    let mut own = own.filter(|claim| claim.recipient.as_ref() == Some(&one.id));
    let told = !one.discloses.is_empty() || own.any(|claim| claim.kind != ClaimKind::Statement);
    !one.purposes.is_empty() && !one.planes.is_empty() && told
}

/// Words of the document that stand in no reported sentence and in no line of layout.
fn lost_words<'a>(text: &'a str, report: &ImportReport) -> Vec<&'a str> {
    let words = |text: &'a str| {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
    };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let sentences = report.sentences.iter().map(|sentence| sentence.sentence.as_str());
    for text in sentences.chain(report.layout.iter().map(|(_, text)| text.as_str())) {
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            *known.entry(word.to_owned()).or_default() += 1;
        }
    }
    let is_lost = |word: &&str| match known.get_mut(*word) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    };
    words(text).filter(is_lost).collect()
}
