//! A request that is on record: what was decided then, by which rule and charter, and what became of it.

use averment_ledger::{Deed, FindingEntry, Message};
use averment_store::{DataFolder, Keys, entries, trusted};
use serde_json::json;

use crate::cli::{ExplainArgs, Format};
use crate::outcome::{Failure, Outcome};

/// Hexadecimal digits of an identifier.
const ID_DIGITS: usize = 32;

/// One decision as it stands in the ledger.
struct Recorded {
    index: u64,
    at: String,
    charter: String,
    message: Message,
    /// `refused`, `may_have_left`, or as the outcome says.
    fate: String,
    status: Option<u16>,
}

pub(super) fn run(arguments: &ExplainArgs) -> Result<Outcome, Failure> {
    let id = id(arguments)?;
    let recorded = find(arguments, &id)?.ok_or_else(|| {
        Failure::new(format!("the ledger in `{}` has no request `{id}`", arguments.folders.data.display()))
            .hint("a request that was answered before it was judged is not on record; name other folders with `--data` and `--keys`")
    })?;
    match arguments.format {
        Format::Text => print_text(&recorded),
        Format::Json => print_json(&recorded),
    }
    let is_refusal = recorded.message.judged == "refuse";
    Ok(if is_refusal { Outcome::Contrary } else { Outcome::Holds })
}

fn id(arguments: &ExplainArgs) -> Result<String, Failure> {
    let text = arguments.subject.display().to_string().to_ascii_lowercase();
    if text.len() == ID_DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(text);
    }
    let hint = "`averment explain REGISTER FILE` judges the request in a file";
    Err(Failure::new(format!(
        "`{text}` is not the identifier of a request: expected {ID_DIGITS} hexadecimal digits"
    ))
    .hint(hint))
}

fn find(arguments: &ExplainArgs, id: &str) -> Result<Option<Recorded>, Failure> {
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let mut found: Option<Recorded> = None;
    for numbered in entries(&folder, trusted(&folder, &keys)?)? {
        let numbered = numbered?;
        let (index, entry) = (numbered.index, numbered.entry);
        match entry.deed {
            Deed::Intent(message) | Deed::Refusal(message) if message.id == id => {
                let is_refusal = message.action == "refuse";
                let fate = if is_refusal { "refused" } else { "may_have_left" }.to_owned();
                let (at, charter) = (entry.at, entry.charter);
                found = Some(Recorded {
                    index,
                    at,
                    charter,
                    message,
                    fate,
                    status: None,
                });
            }
            Deed::Outcome(outcome) if outcome.id == id => {
                if let Some(found) = &mut found {
                    (found.fate, found.status) = (outcome.result, outcome.status);
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

fn print_text(recorded: &Recorded) {
    let message = &recorded.message;
    let recipient = message
        .recipient
        .as_deref()
        .unwrap_or("no recipient declares this host");
    let status = recorded
        .status
        .map(|status| format!(", status {status}"))
        .unwrap_or_default();
    anstream::println!("request    {}", message.id);
    anstream::println!("at         {} (entry {})", recorded.at, recorded.index);
    anstream::println!("recipient  {recipient} ({})", message.host);
    anstream::println!("mode       {}", message.mode);
    anstream::println!("verdict    {} (enforcement: {})", message.action, message.judged);
    if let Some(stopped) = &message.stopped {
        anstream::println!("stopped    {stopped}: {}", because(stopped));
    }
    anstream::println!("outcome    {}{status}", recorded.fate.replace('_', " "));
    for finding in &message.findings {
        print_finding(finding);
    }
    for hole in &message.unreadable {
        anstream::println!("\n  not readable: {}, {}", hole.part, hole.because.replace('_', " "));
    }
    anstream::println!("\ncharter    {}", recorded.charter);
}

/// What an entry's word for what stood against a message means.
fn because(stopped: &str) -> &'static str {
    match stopped {
        "in_clear" => "it was for the host in clear (`http`), which no origin of the settings declared",
        "port" => "it was for another port than 443, which no origin of the settings declared",
        "cut_off" => "the recipient was cut off",
        "canary" => "it named somebody who does not exist",
        "authority_outside" => {
            "the gate's authority may not speak for the host of the tunnel: `averment authority renew`"
        }
        "credential_unusable" => "the gate could not use the credential that it holds for the recipient",
        "rewrite_impossible" => "it could not be treated as the register says",
        "service_unknown" | "service_recipient" | "service_condition" => "its sender may not send it",
        _ => "whatever the register says",
    }
}

fn print_finding(finding: &FindingEntry) {
    let whose = finding.subject.as_deref().unwrap_or("somebody outside the directory");
    let rule = finding.rule.as_deref().unwrap_or("no rule");
    let place = format!("{} {}", finding.part, finding.pointer);
    let layers = if finding.layers.is_empty() {
        String::new()
    } else {
        format!(", behind {}", finding.layers.join(", "))
    };
    anstream::println!("\n  {} of {whose} ×{}", finding.element, finding.count);
    anstream::println!("    in {}{layers}", place.trim_end());
    anstream::println!(
        "    {}: {} ({rule}); done: {}",
        finding.treatment,
        finding.reason,
        finding.treated
    );
}

/// References to people are left out: nobody can read them without the keys, and whoever asks about a person uses
/// `averment ledger person`.
fn print_json(recorded: &Recorded) {
    let message = &recorded.message;
    let findings: Vec<FindingEntry> = message
        .findings
        .iter()
        .map(|finding| FindingEntry {
            person: None,
            ..finding.clone()
        })
        .collect();
    let document = json!({
        "schema": "averment.decision/1", "request": message.id, "entry": recorded.index, "at": recorded.at,
        "charter": recorded.charter, "recipient": message.recipient, "host": message.host, "mode": message.mode,
        "action": message.action, "judged": message.judged, "stopped": message.stopped, "outcome": recorded.fate, "status": recorded.status,
        "findings": findings, "unreadable": message.unreadable,
    });
    anstream::println!("{document:#}");
}
