//! From what looks saw to rows of register files, each with the places that show it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use averment_register::{Charter, Source, draft};
use averment_scan::{Element, Evidence, Party, Place, Seen, Wanted, wanted};

use super::rows::{BEGUN, Proposal, comment, file_named, id_of, unheard_of};

/// Most places named for one thing.
const PLACES_MAX: usize = 5;

/// One proposal per file, recipients of the register first.
pub(super) fn of(looks: &[Seen], charter: &Charter, source: &Source, own: &BTreeSet<String>) -> Vec<Proposal> {
    let wanted = wanted(charter, looks, own);
    let (known, new): (Vec<_>, Vec<_>) = wanted.iter().partition(|(_, wanted)| wanted.recipient.is_some());
    let known = known
        .into_iter()
        .filter_map(|(party, wanted)| of_known(party, wanted, source));
    let new = new.into_iter().map(|(party, wanted)| of_new(party, wanted, source));
    merged(known.chain(new))
}

/// Several third parties of one recipient in one proposal.
fn merged(proposals: impl Iterator<Item = Proposal>) -> Vec<Proposal> {
    let mut by_file: Vec<Proposal> = Vec::new();
    for proposal in proposals {
        match by_file.iter_mut().find(|other| other.file == proposal.file) {
            Some(other) => {
                other.rows += proposal.rows;
                other.text.push('\n');
                other.text.push_str(&proposal.text);
            }
            None => by_file.push(proposal),
        }
    }
    by_file
}

fn of_known(party: &Party, wanted: &Wanted, source: &Source) -> Option<Proposal> {
    let id = wanted.recipient.as_ref()?;
    let (rows, mut text) = rows(&wanted.elements);
    for host in &wanted.hosts {
        comment(
            &mut text,
            &format!("Yours: add `{host}` to `hosts`, if that is who it is."),
        );
    }
    if !wanted.planes.is_empty() && wanted.hosts.is_empty() {
        let planes: Vec<&str> = wanted.planes.iter().map(|plane| plane.as_str()).collect();
        let planes = planes.join("`, `");
        comment(
            &mut text,
            &format!("Yours: `{party}` is seen on `{planes}`: add it to `planes`."),
        );
    }
    evidence(&mut text, &wanted.evidence);
    for ((element, subject), (claim, places)) in &wanted.ruled_out {
        let whose = subject.as_ref().map_or("somebody", |subject| subject.as_str());
        let sentence = "the published sentence of the claim rules it out, so no row is proposed: stop sending it";
        let told = format!("{element} of {whose}: {}; {sentence} (`{claim}`).", listed(places));
        comment(&mut text, &told);
    }
    Some(Proposal {
        file: file_named(id.as_str(), source),
        is_new: false,
        rows,
        text,
    })
}

/// Somebody whom no recipient declares. A file that was begun for them already is left alone.
fn of_new(party: &Party, wanted: &Wanted, source: &Source) -> Proposal {
    let (id, begun) = match party {
        Party::Known(id) => (
            id.to_string(),
            draft::recipient(id.as_str()).ok().map(|draft| draft.text),
        ),
        Party::Domain(domain) => (id_of(domain), None),
    };
    let file = format!("recipients/{id}.toml");
    let planes: Vec<&str> = wanted.planes.iter().map(|plane| plane.as_str()).collect();
    let hosts: Vec<&str> = wanted.hosts.iter().map(String::as_str).collect();
    let (rows, declared) = rows(&wanted.elements);
    let mut text = String::new();
    let is_new = source.get(&file).is_none();
    if is_new {
        let begun = begun.map(|text| with_planes(&text, &planes));
        text = begun.unwrap_or_else(|| unheard_of(&id, &planes, &hosts)) + "\n";
    } else {
        comment(&mut text, BEGUN);
    }
    evidence(&mut text, &wanted.evidence);
    text.push_str(&declared);
    Proposal {
        file,
        is_new,
        rows: if is_new { rows } else { 0 },
        text,
    }
}

/// A draft of the catalog, with the planes on which the third party was seen instead of those where it is expected.
fn with_planes(draft: &str, planes: &[&str]) -> String {
    let named: Vec<String> = planes.iter().map(|plane| format!("\"{plane}\"")).collect();
    let (mut text, seen) = (String::new(), format!("planes = [{}]", named.join(", ")));
    for line in draft.lines() {
        match line.strip_prefix("planes = ") {
            Some(expected) if !planes.is_empty() => {
                comment(&mut text, &format!("Seen there; the catalog expects {expected}."));
                text.push_str(&seen);
            }
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// What shows it, a line each: `app/x.rb:12 import twilio-ruby`.
fn evidence(text: &mut String, evidence: &BTreeSet<Evidence>) {
    for one in evidence.iter().take(PLACES_MAX) {
        let how = serde_json::to_value(one.how).unwrap_or_default();
        let how = how.as_str().unwrap_or_default().replace('_', " ");
        comment(text, &format!("{} {how} {}", one.spot, one.what));
    }
    if evidence.len() > PLACES_MAX {
        comment(text, &format!("and {} more places", evidence.len() - PLACES_MAX));
    }
}

/// One row per kind of subject, with the places of each element; how many rows. Whose it is was not always seen: then the
/// row is left to people.
fn rows(elements: &BTreeMap<Element, BTreeSet<Place>>) -> (usize, String) {
    let mut by_subject: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for ((element, subject), places) in elements {
        by_subject.entry(subject).or_default().push((element, places));
    }
    let (mut count, mut text) = (0, String::new());
    for (subject, elements) in by_subject {
        for (element, places) in &elements {
            comment(&mut text, &format!("{element}: {}", listed(places)));
        }
        let names: Vec<String> = elements.iter().map(|(element, _)| format!("\"{element}\"")).collect();
        let mark = if subject.is_some() { "" } else { "# " };
        let whose = subject.as_ref().map_or("", |subject| subject.as_str());
        _ = writeln!(
            text,
            "{mark}[[discloses]]\n{mark}elements = [{}]\n{mark}subjects = [\"{whose}\"]\n",
            names.join(", ")
        );
        count += usize::from(subject.is_some());
    }
    (count, text)
}

fn listed(places: &BTreeSet<Place>) -> String {
    let shown: Vec<String> = places.iter().take(PLACES_MAX).map(ToString::to_string).collect();
    let more = places.len().saturating_sub(PLACES_MAX);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join(", "))
}
