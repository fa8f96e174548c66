//! From what was seen to rows of register files.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use averment_catalog::ThirdParty;
use averment_register::{Charter, Recipient, Source, draft, third_parties_of_host};
use averment_scan::report::{visible, visible_toml};

use super::seen::{Flow, Span, Traffic, What};
use crate::register::files_of_recipients;
use crate::text::wrap;

const WIDTH: usize = 100;
/// What is said of a file that an earlier proposal began.
pub(super) const BEGUN: &str = "Begun, and not finished yet: nothing is added to it.";

/// What one register file should say besides.
pub(super) struct Proposal {
    /// Its name in the register.
    pub(super) file: String,
    pub(super) is_new: bool,
    /// Rows that can be added as they are; the rest of the text is comments.
    pub(super) rows: usize,
    pub(super) text: String,
}

/// One proposal per file, recipients of the register first.
pub(super) fn of(traffic: &Traffic, charter: &Charter, source: &Source) -> Vec<Proposal> {
    let known = traffic.known.iter().filter_map(|(id, flow)| {
        let recipient = charter
            .content()
            .recipients
            .values()
            .find(|recipient| recipient.id.as_str() == id)?;
        of_recipient(recipient, flow, source)
    });
    let unknown = traffic
        .unknown
        .iter()
        .filter(|(host, _)| charter.recipients_of_host(host).is_empty());
    let mut new: BTreeMap<String, Proposal> = BTreeMap::new();
    for (host, flow) in unknown {
        add_host(&mut new, host, flow, charter);
    }
    let begun = |proposal: Proposal| match source.get(&proposal.file) {
        Some(_) if proposal.is_new => as_begun(proposal),
        _ => proposal,
    };
    known.chain(new.into_values().map(begun)).collect()
}

fn of_recipient(recipient: &Recipient, flow: &Flow, source: &Source) -> Option<Proposal> {
    let declared = |(element, subject): &What| {
        let element = element.parse();
        let subject = subject.as_ref().and_then(|subject| subject.parse().ok());
        element.is_ok_and(|element| match &subject {
            Some(subject) => recipient.discloses.iter().any(|row| row.covers(&element, subject)),
            None => recipient.discloses.iter().any(|row| row.covers_element(&element)),
        })
    };
    let open = flow.undeclared.iter().filter(|(what, _)| !declared(what));
    let (rows, mut text) = rows(open);
    for (((element, subject), claim), span) in &flow.barred {
        let whose = subject.as_deref().unwrap_or("somebody outside the directory");
        let sentence =
            "it is what the published sentence of the claim rules out, so no row is proposed: stop sending it";
        comment(
            &mut text,
            &format!("{element} of {whose}: {}; {sentence} (`{claim}`).", said(span)),
        );
    }
    let file = file_named(recipient.id.as_str(), source);
    (!text.is_empty()).then_some(Proposal {
        file,
        is_new: false,
        rows,
        text,
    })
}

/// The file of the recipient of this identifier.
pub(super) fn file_named(id: &str, source: &Source) -> String {
    let named = files_of_recipients(source).remove(id);
    named.unwrap_or_else(|| format!("recipients/{id}.toml"))
}

/// A file that is there already, and not finished: nothing is added to it.
fn as_begun(proposal: Proposal) -> Proposal {
    let mut text = String::new();
    comment(&mut text, BEGUN);
    let seen = proposal.text.lines().filter(|line| line.starts_with("# Seen: "));
    seen.for_each(|line| text.push_str(&format!("{line}\n")));
    Proposal {
        is_new: false,
        rows: 0,
        text,
        ..proposal
    }
}

/// A host that nobody declares: of a third party that the catalog knows, or of somebody unheard of.
fn add_host(new: &mut BTreeMap<String, Proposal>, host: &str, flow: &Flow, charter: &Charter) {
    let parties = third_parties_of_host(host);
    let seen = format!("Seen: {host}, {}.", said(&flow.messages));
    let (count, rows) = rows(flow.undeclared.iter());
    let party = parties.first();
    let declared = party.filter(|party| {
        charter
            .content()
            .recipients
            .keys()
            .any(|id| id.as_str() == party.id.as_str())
    });
    if let Some(party) = declared {
        return add_to_declared(new, party, host, &seen);
    }
    let file = party.map_or_else(
        || format!("recipients/{}.toml", id_of(host)),
        |party| format!("recipients/{}.toml", party.id),
    );
    let proposal = new.entry(file.clone()).or_insert_with(|| Proposal {
        file,
        is_new: true,
        rows: 0,
        text: party
            .and_then(|party| draft::recipient(party.id.as_str()).ok())
            .map_or_else(|| unheard_of(&id_of(host), &["gateway"], &[host]), |draft| draft.text),
    });
    proposal.rows += count;
    proposal.text.push('\n');
    for other in parties.iter().skip(1) {
        comment(
            &mut proposal.text,
            &format!("The catalog also knows this host as one of `{}`.", other.id),
        );
    }
    comment(&mut proposal.text, &seen);
    proposal.text.push_str(&rows);
}

/// Lists of hosts are edited by hand: a line put into the middle of a file might change what somebody wrote there.
fn add_to_declared(new: &mut BTreeMap<String, Proposal>, party: &ThirdParty, host: &str, seen: &str) {
    let file = format!("recipients/{}.toml", party.id);
    let proposal = new.entry(file.clone()).or_insert_with(|| Proposal {
        file,
        is_new: false,
        rows: 0,
        text: String::new(),
    });
    comment(&mut proposal.text, seen);
    comment(
        &mut proposal.text,
        &format!("Yours: add `{host}` to `hosts`, if that is who it is."),
    );
}

/// The file of somebody that the catalog does not know.
pub(super) fn unheard_of(id: &str, planes: &[&str], hosts: &[&str]) -> String {
    let list = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| visible_toml(name)).collect();
        names.join(", ")
    };
    format!(
        "# Not in the catalog. What is marked as yours only you can write; until then `averment check` reports this file as\n\
         # unfinished.\n\
         recipient = \"{id}\"\n# Yours: the name as you publish it.\nname = \"\"\nthird_parties = []\n\
         # Yours: why it gets data, and what, word for word as you publish it.\npurpose = \"\"\ninformation = \"\"\n\
         planes = [{}]\nrole = \"processor\"\nstudent_records = \"possible\"\nhosts = [{}]\n",
        list(planes),
        list(hosts)
    )
}

/// An identifier out of a host name: `api.new-desk.example` gives `api-new-desk-example`.
pub(super) fn id_of(host: &str) -> String {
    host.chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect()
}

/// One row per kind of subject, with a comment per element; how many rows.
fn rows<'a>(seen: impl Iterator<Item = (&'a What, &'a Span)>) -> (usize, String) {
    let mut by_subject: BTreeMap<&Option<String>, Vec<(&str, &Span)>> = BTreeMap::new();
    for ((element, subject), span) in seen {
        by_subject.entry(subject).or_default().push((element, span));
    }
    let (mut count, mut text) = (0, String::new());
    for (subject, elements) in by_subject {
        for (element, span) in &elements {
            let whose = subject.as_deref().unwrap_or("somebody outside the directory");
            comment(&mut text, &format!("{element} of {whose}: {}.", said(span)));
        }
        let names: Vec<String> = elements.iter().map(|(element, _)| format!("\"{element}\"")).collect();
        // Whose it is was not seen, so only people can say it: the row is left to them.
        let mark = if subject.is_some() { "" } else { "# " };
        let whose = subject.as_deref().unwrap_or("");
        _ = writeln!(
            text,
            "{mark}[[discloses]]\n{mark}elements = [{}]\n{mark}subjects = [\"{whose}\"]\n",
            names.join(", ")
        );
        count += usize::from(subject.is_some());
    }
    (
        count,
        text.trim_end().to_owned() + if text.is_empty() { "" } else { "\n" },
    )
}

fn said(span: &Span) -> String {
    let day = |at: &str| at.split_once('T').map_or(at, |(day, _)| day).to_owned();
    let (first, last) = (day(&span.first), day(&span.last));
    let when = if first == last {
        first
    } else {
        format!("{first} to {last}")
    };
    let places: Vec<&str> = span.places.iter().map(String::as_str).collect();
    let places = if places.is_empty() {
        String::new()
    } else {
        format!(", in {}", places.join(", "))
    };
    format!("×{}, {when}{places}", span.count)
}

pub(super) fn comment(text: &mut String, words: &str) {
    // What looks read may hold what would end a comment, or what a terminal obeys.
    _ = writeln!(text, "# {}", wrap(&visible(words), WIDTH, "# "));
}
