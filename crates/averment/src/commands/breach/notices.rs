//! Drafts of notices: to each school, to the parents of its pupils, and to the authority. What the ledger knows stands in
//! them; what it cannot know is a blank in square brackets.
//!
//! Source of what a notice says: GDPR Art. 33(3) and 34(2); 8 NYCRR 121.10(f).

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use averment_catalog::catalog;
use averment_store::{ElementReach, SchoolReach};

use super::super::export::private_file;
use super::Breach;
use crate::outcome::Failure;

/// Writes a draft for every addressee into `folder`, which is made; gives how many.
pub(super) fn write(breach: &Breach<'_>, folder: &Path) -> Result<u64, Failure> {
    let cannot = |error| Failure::new(format!("cannot use the folder `{}`", folder.display())).because(error);
    let mut made = std::fs::DirBuilder::new();
    made.recursive(true).mode(0o700).create(folder).map_err(cannot)?;
    if std::fs::read_dir(folder).map_err(cannot)?.next().is_some() {
        let message = format!(
            "`{}` holds something: expected an empty or a new folder",
            folder.display()
        );
        return Err(Failure::new(message));
    }
    let mut names = BTreeSet::new();
    let mut drafts = vec![("authority.md".to_owned(), authority(breach))];
    for (school, reach) in &breach.reach.schools {
        if reach.people.affected() > 0 {
            let slug = slug(school.as_deref(), &mut names);
            drafts.push((format!("school-{slug}.md"), to_school(breach, school.as_deref(), reach)));
            drafts.push((
                format!("parents-{slug}.md"),
                to_parents(breach, school.as_deref(), reach),
            ));
        }
    }
    for (name, text) in &drafts {
        let path = folder.join(name);
        private_file(&path)?.write_all(text.as_bytes()).map_err(cannot)?;
    }
    Ok(drafts.len() as u64)
}

/// A file name of letters, digits and `-`, no two alike.
fn slug(school: Option<&str>, names: &mut BTreeSet<String>) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let base: String = school.unwrap_or("not-known").chars().take(60).map(plain).collect();
    let mut slug = base.clone();
    for number in 2.. {
        if names.insert(slug.clone()) {
            break;
        }
        slug = format!("{base}-{number}");
    }
    slug
}

const DRAFT: &str = "> Draft. What stands in [square brackets] is not in the ledger: fill it in or take it out. Have it read by \
                     somebody who answers for it before it is sent.\n\n";

const BLANKS: &str = "\n## What happened\n\n[what happened, how, and when it began and ended]\n\n\
                      ## What may follow from it\n\n[likely consequences]\n\n\
                      ## What was done and what will be done\n\n[measures by the recipient and by us]\n\n\
                      ## Whom to ask\n\n[name or role, telephone, address]\n";

fn to_school(breach: &Breach<'_>, school: Option<&str>, reach: &SchoolReach) -> String {
    let mut text = format!("# Notice of a breach at {}\n\n{DRAFT}", whom(breach));
    let name = school.unwrap_or("[school: neither the directory nor the ledger names one]");
    let _ = writeln!(text, "To: {name}\n");
    let _ = writeln!(
        text,
        "{} had a breach, discovered {}. We had disclosed data of your people to it.",
        whom(breach),
        discovered(breach)
    );
    facts(&mut text, breach, reach);
    if reach.record_required.affected() > 0 {
        let _ = writeln!(
            text,
            "\nDisclosures about {} of them have to stand in your record of disclosures (34 CFR 99.32).",
            reach.record_required.affected()
        );
    }
    text.push_str("\nWho they are can be given to you as a list.\n");
    clocks(&mut text, breach, &["the school", "those affected", "the authority"]);
    text.push_str(BLANKS);
    text
}

fn to_parents(breach: &Breach<'_>, school: Option<&str>, reach: &SchoolReach) -> String {
    let mut text = format!("# A breach at a company that our platform uses\n\n{DRAFT}");
    let name = school.unwrap_or("[school]");
    let _ = writeln!(text, "To: [name], about [name of the child], {name}\n");
    let _ = writeln!(
        text,
        "{} had a breach, discovered {}. Data about [name of the child] had gone to it, or may have.",
        whom(breach),
        discovered(breach)
    );
    text.push_str(
        "\nThis is what our record says about the school as a whole; leave only what is true of this child:\n",
    );
    elements(&mut text, reach);
    text.push_str("\nYou may ask us and the school for everything on record about your child.\n");
    text.push_str("\n[what you can do to protect your child: passwords, credit reports, whom to report misuse to]\n");
    text.push_str(BLANKS);
    text
}

fn authority(breach: &Breach<'_>) -> String {
    let mut text = format!(
        "# Notification of a personal data breach at {}\n\n{DRAFT}",
        whom(breach)
    );
    text.push_str("To: [authority]\n\nFrom: [controller, data protection officer or other contact]\n\n");
    let _ = writeln!(
        text,
        "Discovered: {}. [If later than the law allows: why.]",
        discovered(breach)
    );
    let reach = &breach.reach;
    facts(&mut text, breach, &reach.all);
    let _ = writeln!(
        text,
        "\nSchools: {}.",
        reach.schools.values().filter(|of| of.people.affected() > 0).count()
    );
    let records: u64 = [averment_store::Fate::Left, averment_store::Fate::MayHaveLeft]
        .iter()
        .filter_map(|fate| reach.messages.get(fate))
        .sum();
    let _ = writeln!(text, "Records (messages that left or may have left): {records}.");
    if reach.unlinked.affected() > 0 {
        let _ = writeln!(
            text,
            "{} of them name people who were erased since; how many people these are is not known any more.",
            reach.unlinked.affected()
        );
    }
    clocks(&mut text, breach, &["the authority"]);
    text.push_str(BLANKS);
    text
}

/// What is certain, and what may be.
fn facts(text: &mut String, breach: &Breach<'_>, reach: &SchoolReach) {
    text.push_str("\n## What is on record\n\n");
    let _ = writeln!(text, "- Certain: data of {} people left.", reach.people.left);
    let _ = writeln!(
        text,
        "- Possible: data of {} more people may have left; a message was under way and nothing says that it arrived.",
        reach.people.may_have_left
    );
    let _ = writeln!(text, "- Time asked about: {}.", window(breach));
    text.push_str(
        "- What went another way than through the gate is in these numbers only where somebody entered it.\n\n",
    );
    for (subject, count) in reach.subjects.iter().filter(|(_, count)| count.affected() > 0) {
        let label = subject
            .parse()
            .ok()
            .and_then(|id| catalog().subject(&id))
            .map(|row| row.label.to_string());
        let label = label.unwrap_or_else(|| subject.clone());
        let _ = writeln!(
            text,
            "- {label}: {} certain, {} possible",
            count.left, count.may_have_left
        );
    }
    elements(text, reach);
}

fn elements(text: &mut String, reach: &SchoolReach) {
    text.push_str("\n| data | people, certain | people, possible | of these as it was |\n|---|---|---|---|\n");
    for (element, of_element) in &reach.elements {
        let ElementReach { people, as_it_was } = of_element;
        if people.affected() > 0 {
            let label = element
                .parse()
                .ok()
                .and_then(|id| catalog().element(&id))
                .map(|row| row.label.to_string());
            let label = label.unwrap_or_else(|| element.clone());
            let _ = writeln!(
                text,
                "| {label} | {} | {} | {as_it_was} |",
                people.left, people.may_have_left
            );
        }
    }
}

fn clocks(text: &mut String, breach: &Breach<'_>, told: &[&str]) {
    text.push_str("\n## Deadlines (for whoever sends this; take them out)\n\n");
    for due in breach
        .due
        .iter()
        .filter(|due| told.iter().any(|told| due.told.starts_with(told)))
    {
        let zone = due.zone.as_ref().map_or_else(String::new, |zone| format!(" ({zone})"));
        let by = due.by.as_deref().unwrap_or("[count from the discovery]");
        let unconfirmed = if due.is_unconfirmed {
            " Not confirmed from the text of the law."
        } else {
            ""
        };
        let _ = writeln!(
            text,
            "- {by}{zone}: {} tells {}, {} ({}; {}; {}).{unconfirmed}",
            due.who,
            due.told,
            due.limit(),
            due.rule,
            due.applies,
            due.source
        );
    }
}

fn whom(breach: &Breach<'_>) -> String {
    let recipients = breach.charter.as_ref().map(|charter| &charter.content().recipients);
    let id = &breach.arguments.recipient;
    let row = recipients.and_then(|rows| rows.iter().find(|(row, _)| row.as_str() == id));
    let third_party = row.and_then(|(_, row)| row.third_parties.iter().next());
    let known = third_party.and_then(|third_party| catalog().third_party(third_party));
    known.map_or_else(
        || format!("`{id}`"),
        |third_party| format!("{} ({})", third_party.product, third_party.company),
    )
}

fn discovered(breach: &Breach<'_>) -> String {
    let discovered = breach.arguments.discovered;
    discovered.map_or_else(|| "[when]".to_owned(), |time| time.to_string())
}

fn window(breach: &Breach<'_>) -> String {
    let or = |time: Option<jiff::Timestamp>, otherwise: &str| {
        time.map_or_else(|| otherwise.to_owned(), |time| time.to_string())
    };
    let (from, to) = (or(breach.from, "the beginning of the ledger"), or(breach.until, "now"));
    format!("from {from} to before {to}; what went out before and is still kept there is not counted")
}
