//! `averment access decide`: one question, from options or as AuthZEN has it asked.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use averment_access::{Context, Decision, Person, authzen};
use averment_catalog::ElementId;
use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::open;
use crate::outcome::{Failure, Outcome};
use crate::text::wrap;

/// Largest document.
const BYTES_MAX: u64 = 1 << 20;

#[derive(Debug, Args)]
pub(crate) struct DecideArgs {
    /// Folder of the register
    register: PathBuf,
    /// Who asks: `{"id": "t-1", "role": "teacher", "schools": {"hill": ["7b"]}}`
    #[arg(long, value_name = "JSON", requires_all = ["subject", "element"])]
    viewer: Option<String>,
    /// Whose data, in the same form
    #[arg(long, value_name = "JSON")]
    subject: Option<String>,
    /// Element or category of the catalog
    #[arg(long, value_name = "ID")]
    element: Option<String>,
    /// What is true of the question: `{"support_request": true}`
    #[arg(long, value_name = "JSON", requires = "viewer")]
    context: Option<String>,
    /// The whole question as an AuthZEN request, one or many; `-` for standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "viewer",
        required_unless_present = "viewer"
    )]
    request: Option<PathBuf>,
}

pub(super) fn run(arguments: &DecideArgs) -> Result<Outcome, Failure> {
    let (_, access) = open(&arguments.register)?;
    if let Some(file) = &arguments.request {
        let answer = authzen::evaluations(&access, &read(file)?)?;
        anstream::println!("{answer:#}");
        let allowed = match answer["evaluations"].as_array() {
            Some(answers) => answers.iter().all(|one| one["decision"] == true),
            None => answer["decision"] == true,
        };
        return Ok(if allowed { Outcome::Holds } else { Outcome::Contrary });
    }
    let viewer: Person = parse("--viewer", arguments.viewer.as_deref())?;
    let subject: Person = parse("--subject", arguments.subject.as_deref())?;
    let context: Context = match &arguments.context {
        None => Context::default(),
        Some(text) => parse("--context", Some(text))?,
    };
    if let Some(unknown) = context.unknown_exception() {
        return Err(Failure::new(format!("`{unknown}` is no exception of the catalog")));
    }
    let element = element(arguments.element.as_deref().unwrap_or_default())?;
    let decision = access.decide(&viewer, &subject, &context, &element);
    print(&decision, &element);
    Ok(if decision.is_allowed {
        Outcome::Holds
    } else {
        Outcome::Contrary
    })
}

fn element(id: &str) -> Result<ElementId, Failure> {
    let known = |id: &ElementId| averment_catalog::catalog().knows_element_or_category(id);
    let id = ElementId::new(id).ok().filter(known);
    id.ok_or_else(|| Failure::new("`--element` names no element or category of the catalog"))
}

fn print(decision: &Decision, element: &ElementId) {
    let labels: Vec<&str> = decision.relations.iter().map(|relation| relation.label()).collect();
    let answer = if decision.is_allowed { "may see" } else { "may not see" };
    anstream::println!("{answer} `{element}`");
    anstream::println!("  asks as  {}", wrap(&labels.join("; "), 80, "           "));
    let by = match (decision.rules.is_empty(), decision.is_allowed) {
        (false, true) => format!("shown by {}", decision.rules.join(", ")),
        (false, false) => format!("hidden by {}", decision.rules.join(", ")),
        (true, _) => "nothing shows it, given what is known".to_owned(),
    };
    anstream::println!("  because  {}", wrap(&by, 80, "           "));
}

/// Parses an option. The message of the parser may repeat a value, so only the place and what was expected are said.
fn parse<T: DeserializeOwned>(option: &str, text: Option<&str>) -> Result<T, Failure> {
    serde_json::from_str(text.unwrap_or_default()).map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        let words = expected(&error).unwrap_or_else(|| "it cannot be read".to_owned());
        Failure::new(format!("`{option}`, {at}: {words}")).hint("docs/access.md names every field")
    })
}

/// What the parser expected, without what it found.
fn expected(error: &serde_json::Error) -> Option<String> {
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(&said[..], |(said, _)| said);
    if said.starts_with("missing field ") {
        return Some(said.to_owned());
    }
    let is_of_parser = said.starts_with("unknown ") || said.starts_with("invalid ");
    let (found, expected) = said.rsplit_once(if is_of_parser { ", expected " } else { ": expected " })?;
    // Otherwise a part of what was found may stand behind those words.
    let is_whole = |part: &str| ['"', '`'].iter().all(|quote| part.matches(*quote).count() % 2 == 0);
    match expected.split_once(' ') {
        Some(("struct" | "map", _)) => Some("expected an object".to_owned()),
        _ => (is_whole(found) && is_whole(expected)).then(|| format!("expected {expected}")),
    }
}

fn read(file: &Path) -> Result<Value, Failure> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(BYTES_MAX + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Failure::new(format!("expected at most {BYTES_MAX} bytes")));
    }
    parse("--request", std::str::from_utf8(&bytes).ok())
}
