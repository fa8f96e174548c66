//! `averment explain`: the verdict on one request, with rule and reason. Nothing is sent or recorded.
//!
//! Of a request in a file it is what the gate would say now; of one on record ([`recorded`]) what was decided then.

mod recorded;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use averment_detect::{Inspection, Limits, Look, Message, Whose};
use averment_gate::{Settings, Sources, gather, reach_of, read_context};
use averment_policy::{Facts, Observation, Reach, Sender, Variants, Verdict, decide};
use averment_register::Charter;
use averment_store::{Consents, DataFolder, Keys, People, PersonId, Snapshot, Standing};
use serde_json::json;

use crate::cli::{ExplainArgs, Format};
use crate::clock;
use crate::outcome::{Failure, Outcome};
use crate::{register, reload};

/// Where a sender says when and why.
const CONTEXT_HEADER: &str = "averment-context";

pub(crate) fn run(arguments: &ExplainArgs) -> Result<Outcome, Failure> {
    let Some(file) = &arguments.request else {
        return recorded::run(arguments);
    };
    let register = register::open(Some(&arguments.subject))?;
    let request = Request::parse(&read(file)?)?;
    let folder = DataFolder::open_read(&arguments.folders.data)?;
    let keys = Keys::read(&arguments.folders.keys)?;
    let snapshot = People::open(&folder, &keys)?.snapshot(clock::now())?;
    let inspection = request.inspect(&snapshot.directory, &register.charter.content().about.own_mailboxes);
    let observation = Observation {
        host: &request.host,
        inspection: &inspection,
    };
    let settings = reload::settings(arguments.settings.as_deref())?;
    let house = House {
        folder: &folder,
        keys: &keys,
        settings: &settings,
        variants: &Variants::new(Arc::clone(&register.charter)),
        snapshot: &snapshot,
    };
    let sender = request.sender(arguments.service.as_deref(), house.variants)?;
    let mut facts = house.facts(&sender, &inspection)?;
    facts.reach = request.reach(&register.charter, &settings)?;
    let decision = decide(&register.charter, &observation, &facts);
    match arguments.format {
        Format::Text => print_text(decision.verdict(), &inspection),
        Format::Json => print_json(decision.verdict(), &inspection),
    }
    let holds = decision.verdict().judged != averment_policy::Action::Refuse;
    Ok(if holds { Outcome::Holds } else { Outcome::Contrary })
}

/// What a gate on these folders would go by.
struct House<'a> {
    folder: &'a DataFolder,
    keys: &'a Keys,
    settings: &'a Settings,
    variants: &'a Variants,
    snapshot: &'a Snapshot,
}

impl House<'_> {
    fn facts(&self, sender: &Sender, inspection: &Inspection) -> Result<Facts, Failure> {
        if let Some(name) = &sender.service {
            let known = self.settings.services.iter().any(|service| service.name == *name);
            if !known {
                return Err(Failure::new(format!("no service `{name}` in the settings"))
                    .hint("name the settings of the gate with `--settings FILE`"));
            }
        }
        // A folder without consents is one that no gate and no `averment consent` has used yet.
        let consents = match self.folder.consents().exists() {
            true => Some(Consents::open(self.folder, self.keys)?),
            false => None,
        };
        let standing = consents.as_ref().map(Consents::now).transpose()?;
        let named = |consents: &Consents| self.settings.canaries.iter().map(|id| consents.person_id(id)).collect();
        let canaries: BTreeSet<PersonId> = consents.as_ref().map(named).unwrap_or_default();
        let sources = Sources {
            variants: self.variants,
            snapshot: self.snapshot,
            consents: &standing.unwrap_or_else(|| Arc::new(Standing::default())),
            settings: self.settings,
            canaries: &canaries,
        };
        Ok(gather(&sources, sender, inspection))
    }
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
    /// Scheme, host and port.
    origin: String,
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
        let Asked { origin, host, target } = asked(target, &headers)?;
        Ok(Self {
            origin,
            host,
            target,
            headers,
            body: body.to_vec(),
        })
    }

    /// How it would reach its host.
    fn reach(&self, charter: &Charter, settings: &Settings) -> Result<Reach, Failure> {
        reach_of(charter, settings, &self.origin).ok_or_else(not_an_origin)
    }

    /// Who sends it: the service as named on the command line, the context as in the request.
    fn sender(&self, service: Option<&str>, variants: &Variants) -> Result<Sender, Failure> {
        let mut sender = Sender {
            service: service.map(str::to_owned),
            ..Sender::default()
        };
        for (_, value) in self.headers.iter().filter(|(name, _)| name == CONTEXT_HEADER) {
            let read = read_context(&String::from_utf8_lossy(value), variants.charter(), &mut sender);
            read.map_err(|expected| Failure::new(format!("field `{CONTEXT_HEADER}` of the request: {expected}")))?;
        }
        Ok(sender)
    }

    /// What a gate would look at: fields that are for the gate itself are not among what goes out.
    fn inspect(&self, directory: &averment_detect::Directory, own: &BTreeSet<String>) -> Inspection {
        let headers: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .filter(|(name, _)| name != CONTEXT_HEADER && !name.starts_with("proxy-"))
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        let message = Message {
            authority: &self.host,
            target: &self.target,
            headers: &headers,
            body: &self.body,
        };
        let look = Look {
            directory,
            limits: &Limits::default(),
            own,
        };
        look.inspect(&message)
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

/// What a request asks for.
struct Asked {
    origin: String,
    host: String,
    target: String,
}

/// From an absolute target or, as inside of a tunnel, the `Host` header.
fn asked(target: &str, headers: &[(String, Vec<u8>)]) -> Result<Asked, Failure> {
    let absolute = target.split_once("://").map(|(scheme, rest)| {
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        (scheme.to_ascii_lowercase(), authority.to_owned(), path)
    });
    let (scheme, authority, path) = match absolute {
        Some(absolute) => absolute,
        None => {
            let host = headers.iter().find(|(name, _)| name == "host");
            let host = host.map(|(_, value)| String::from_utf8_lossy(value).into_owned());
            let host = host.ok_or_else(|| malformed(1, "a target with host, or a `Host` header"))?;
            ("https".to_owned(), host, target)
        }
    };
    // A conversation is asked for like anything else on its host.
    let scheme = match scheme.as_str() {
        "ws" => "http",
        "wss" => "https",
        other => other,
    };
    let authority = authority.rsplit_once('@').map_or(authority.as_str(), |(_, host)| host);
    let origin = format!("{scheme}://{authority}");
    let host = authority
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(authority, |(host, _)| host);
    let path = match path {
        "" => "/".to_owned(),
        query if query.starts_with('?') => format!("/{query}"),
        path => path.to_owned(),
    };
    Ok(Asked {
        host: host.to_ascii_lowercase(),
        origin,
        target: path,
    })
}

fn not_an_origin() -> Failure {
    Failure::new("the request goes to no host that the gate sends to")
        .hint("expected `https://` or `http://`, one host name or address, and a port where it is not the usual one")
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
    if let Some(stop) = verdict.stopped {
        anstream::println!("stopped    {}, whatever the register says", stop.as_str());
    }
    if let Some(service) = &verdict.sender.service {
        anstream::println!("service    {service}");
    }
    for condition in &verdict.sender.when {
        anstream::println!("declared   when={condition}");
    }
    for (finding, ruling) in inspection.findings.iter().zip(&verdict.rulings) {
        let whose = match &finding.whose {
            Whose::Person { subject, .. } => subject.as_str(),
            Whose::Unknown => "somebody outside the directory",
        };
        let rule = ruling.reason.rule().unwrap_or("no rule");
        anstream::println!("\n  {} of {whose}", finding.element);
        anstream::println!("    in {}", finding.place);
        anstream::println!("    {}: {} ({rule})", ruling.treatment.as_str(), ruling.reason.as_str());
        if let Some(school) = &ruling.school {
            anstream::println!("    by the variant of school {school}");
        }
        if let Some(version) = ruling.reason.consent_version() {
            anstream::println!("    under version {version} of the consent");
        }
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
                "school": ruling.school, "consent_version": ruling.reason.consent_version(),
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
        "action": verdict.action.as_str(), "judged": verdict.judged.as_str(),
        "stopped": verdict.stopped.map(|stop| stop.as_str()), "service": verdict.sender.service, "when": verdict.sender.when,
        "purpose": verdict.sender.purpose, "findings": findings, "unreadable": unreadable,
    });
    anstream::println!("{verdict:#}");
}
