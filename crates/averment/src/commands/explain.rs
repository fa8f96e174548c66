//! `averment explain`: the verdict on one request, with rule and reason. Nothing is sent or recorded.
//!
//! Of a request in a file it is what the register would say now; of one on record ([`recorded`]) what was decided then.

mod recorded;

use std::io::Read as _;
use std::path::Path;

use averment_detect::{Inspection, Limits, Message, Whose, inspect};
use averment_policy::{Facts, Observation, Verdict, decide};
use averment_store::{DataFolder, Keys, People};
use serde_json::json;

use crate::cli::{ExplainArgs, Format};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::register;

pub(crate) fn run(arguments: &ExplainArgs) -> Result<Outcome, Failure> {
    let Some(file) = &arguments.request else {
        return recorded::run(arguments);
    };
    let register = register::open(Some(&arguments.subject))?;
    let request = Request::parse(&read(file)?)?;
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let snapshot = People::open(&folder, &keys)?.snapshot(clock::now())?;
    let inspection = request.inspect(&snapshot.directory);
    let observation = Observation {
        host: &request.host,
        inspection: &inspection,
    };
    let decision = decide(&register.charter, &observation, &Facts::default());
    match arguments.format {
        Format::Text => print_text(decision.verdict(), &inspection),
        Format::Json => print_json(decision.verdict(), &inspection),
    }
    let holds = decision.verdict().judged != averment_policy::Action::Refuse;
    Ok(if holds { Outcome::Holds } else { Outcome::Contrary })
}

/// A whole file; standard input when it is `-`.
pub(crate) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Failure::new(format!("cannot read `{}`", file.display())).because(error))?;
    Ok(bytes)
}

/// A request as text: a request line, header lines, an empty line, the body.
struct Request {
    host: String,
    target: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Request {
    fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let (head, body) = split_head(bytes);
        let head = std::str::from_utf8(head).map_err(|_| malformed(1, "UTF-8 text up to the empty line"))?;
        let mut lines = head.lines();
        let start = lines.next().unwrap_or_default();
        let mut words = start.split_whitespace();
        let (Some(_), Some(target)) = (words.next(), words.next()) else {
            return Err(malformed(
                1,
                "a request line such as `POST https://api.example/v1 HTTP/1.1`",
            ));
        };
        let mut headers = Vec::new();
        for (index, line) in lines.enumerate() {
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| malformed(index + 2, "a header such as `Host: api.example`"))?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().as_bytes().to_vec()));
        }
        let (host, target) = authority(target, &headers)?;
        Ok(Self {
            host,
            target,
            headers,
            body: body.to_vec(),
        })
    }

    fn inspect(&self, directory: &averment_detect::Directory) -> Inspection {
        let headers: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        let message = Message {
            authority: &self.host,
            target: &self.target,
            headers: &headers,
            body: &self.body,
        };
        inspect(&message, directory, &Limits::default())
    }
}

fn malformed(line: usize, expected: &str) -> Failure {
    Failure::new(format!("line {line} of the request: expected {expected}"))
}

fn split_head(bytes: &[u8]) -> (&[u8], &[u8]) {
    for separator in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = bytes.windows(separator.len()).position(|window| window == separator) {
            return (&bytes[..at], &bytes[at + separator.len()..]);
        }
    }
    (bytes, &[])
}

/// Host and path, from an absolute target or the `Host` header.
fn authority(target: &str, headers: &[(String, Vec<u8>)]) -> Result<(String, String), Failure> {
    let absolute = target
        .split_once("://")
        .map(|(_, rest)| rest.split_at(rest.find('/').unwrap_or(rest.len())));
    let (authority, path) = match absolute {
        Some((authority, path)) => (authority.to_owned(), if path.is_empty() { "/" } else { path }),
        None => {
            let host = headers
                .iter()
                .find(|(name, _)| name == "host")
                .map(|(_, value)| String::from_utf8_lossy(value).into_owned());
            (
                host.ok_or_else(|| malformed(1, "a target with host, or a `Host` header"))?,
                target,
            )
        }
    };
    let host = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let host = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(host, _)| host);
    Ok((host.to_ascii_lowercase(), path.to_owned()))
}

fn print_text(verdict: &Verdict, inspection: &Inspection) {
    let recipient = verdict
        .recipient
        .as_ref()
        .map_or("no recipient declares this host", |id| id.as_str());
    anstream::println!("recipient  {recipient}");
    anstream::println!("mode       {}", verdict.mode.as_str());
    anstream::println!(
        "verdict    {} (enforcement: {})",
        verdict.action.as_str(),
        verdict.judged.as_str()
    );
    for (finding, ruling) in inspection.findings.iter().zip(&verdict.rulings) {
        let whose = match &finding.whose {
            Whose::Person { subject, .. } => subject.as_str(),
            Whose::Unknown => "somebody outside the directory",
        };
        let rule = ruling.reason.rule().unwrap_or("no rule");
        anstream::println!("\n  {} of {whose}", finding.element);
        anstream::println!("    in {}", finding.place);
        anstream::println!("    {}: {} ({rule})", ruling.treatment.as_str(), ruling.reason.as_str());
    }
    for hole in &inspection.unreadable {
        anstream::println!("\n  not readable: {}, {}", hole.place, hole.because.as_str());
    }
    anstream::println!("\ncharter    {}", verdict.charter);
}

fn print_json(verdict: &Verdict, inspection: &Inspection) {
    let findings: Vec<_> = inspection
        .findings
        .iter()
        .zip(&verdict.rulings)
        .map(|(finding, ruling)| {
            let subject = match &finding.whose {
                Whose::Person { subject, .. } => Some(subject.as_str()),
                Whose::Unknown => None,
            };
            json!({
                "element": finding.element, "subject": subject, "known_by": finding.known_by,
                "part": finding.place.part, "pointer": finding.place.pointer, "layers": finding.layers,
                "treatment": ruling.treatment, "reason": ruling.reason.as_str(), "rule": ruling.reason.rule(),
            })
        })
        .collect();
    let unreadable: Vec<_> = inspection
        .unreadable
        .iter()
        .map(|hole| json!({ "part": hole.place.part, "because": hole.because }))
        .collect();
    let verdict = json!({
        "schema": "averment.explain/1", "charter": verdict.charter, "recipient": verdict.recipient, "mode": verdict.mode,
        "action": verdict.action.as_str(), "judged": verdict.judged.as_str(), "findings": findings, "unreadable": unreadable,
    });
    anstream::println!("{verdict:#}");
}
