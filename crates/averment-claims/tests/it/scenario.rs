//! Scenario files: a register, then `== title` blocks of entries, the claim asked for, and its expected grades.
//!
//! One line is one entry, times relative to [`NOW`]:
//!
//! ```text
//! -2h intent a desk enforce contact.email:student:pass:block:undeclared
//! -2h outcome a answered
//! -2h measured CLAIM probe.retention plane=database observed=3 contrary=1 enforcing
//! -2h attested CLAIM holds on=2026-11-01 until=2027-11-01
//! -1h void 1
//! ```
//!
//! A scenario that starts with `other charter` is of entries that were written under another one, and its proofs
//! (`probe.access.…`) are of that one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use averment_claims::{Fold, Graded, History, claim_version, document, grade};
use averment_ledger::{
    Attestation, Base64, CharterLoaded, Correction, Deed, Document, ENTRY_VERSION, Entry, FindingEntry, GradeChange,
    Grades, Heartbeat, Measurement, Message, Outcome, UnreadableEntry, Watch,
};
use averment_register::{Charter, ClaimId, Diagnostic, Severity, Source, compile};
use jiff::{SignedDuration, Timestamp};

pub(crate) const NOW: &str = "2026-11-21T12:00:00Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) struct File {
    path: PathBuf,
    head: String,
    register: Vec<(String, String)>,
    scenarios: Vec<Scenario>,
}

struct Scenario {
    title: String,
    lines: Vec<String>,
    expected: Vec<String>,
}

impl File {
    pub(crate) fn read(path: PathBuf) -> Self {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut file = Self {
            path,
            head: String::new(),
            register: Vec::new(),
            scenarios: Vec::new(),
        };
        for line in text.lines() {
            file.line(line);
        }
        file
    }

    fn line(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("-- ").and_then(|rest| rest.strip_suffix(" --")) {
            self.register.push((name.to_owned(), String::new()));
        } else if let Some(title) = line.strip_prefix("== ") {
            self.scenarios.push(Scenario {
                title: title.to_owned(),
                lines: Vec::new(),
                expected: Vec::new(),
            });
        } else if let Some(scenario) = self.scenarios.last_mut() {
            match line.strip_prefix("= ") {
                Some(expected) => scenario.expected.push(expected.to_owned()),
                None if line.is_empty() => {}
                None => scenario.lines.push(line.to_owned()),
            }
        } else {
            let text = self.register.last_mut().map_or(&mut self.head, |(_, body)| body);
            *text += &format!("{line}\n");
        }
    }

    /// The kind that a file `kind-….txt` is about.
    pub(crate) fn kind(&self) -> Option<&str> {
        self.path.file_stem()?.to_str()?.strip_prefix("kind-")
    }

    /// The register's charter, and the claim that the first scenario asks for.
    pub(crate) fn charter_and_claim(&self) -> (Arc<Charter>, ClaimId) {
        let asked = self.scenarios[0]
            .lines
            .iter()
            .find_map(|line| line.strip_prefix("ask "));
        let charter = crate::monotone::charter_of(&self.register);
        (charter, ClaimId::new(asked.unwrap()).unwrap())
    }

    /// Titles up to their colon, each with the overall grade that is expected.
    pub(crate) fn expectations(&self) -> Vec<(String, String)> {
        let overall = |line: &&String| line.starts_with("overall ");
        let expectation = |scenario: &'_ Scenario| {
            let line = scenario.expected.iter().find(overall).map_or("", String::as_str);
            (
                scenario.title.clone(),
                line.split(' ').nth(1).unwrap_or_default().to_owned(),
            )
        };
        let all = self.scenarios.iter().map(expectation);
        all.map(|(title, grade)| (title.split(':').next().unwrap_or_default().to_owned(), grade))
            .collect()
    }

    /// Compares every scenario with what is found, or rewrites the file.
    pub(crate) fn judge(&self) -> Result<(), String> {
        let found: Vec<Vec<String>> = self
            .scenarios
            .iter()
            .map(|scenario| scenario.run(&self.register))
            .collect();
        if std::env::var_os("REWRITE_CASES").is_some() {
            std::fs::write(&self.path, self.rewritten(&found)).unwrap();
            return Ok(());
        }
        let wrong = self
            .scenarios
            .iter()
            .zip(&found)
            .filter(|(scenario, found)| scenario.expected != **found);
        let wrong: Vec<String> = wrong
            .map(|(s, found)| {
                format!(
                    "{}: {}\n expected {:#?}\n found {found:#?}",
                    self.path.display(),
                    s.title,
                    s.expected
                )
            })
            .collect();
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(wrong.join("\n"))
        }
    }

    /// The document that each scenario gives, with its title.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (&str, String)> {
        let document = |scenario: &Scenario| scenario.document(&self.register);
        self.scenarios
            .iter()
            .map(move |scenario| (scenario.title.as_str(), document(scenario)))
    }

    /// The charter and the entries of each scenario, with its title.
    pub(crate) fn told(&self) -> impl Iterator<Item = (&str, Arc<Charter>, Vec<Entry>)> {
        self.scenarios.iter().map(|scenario| {
            let (charter, entries) = scenario.told(&self.register);
            (scenario.title.as_str(), charter, entries)
        })
    }

    fn rewritten(&self, found: &[Vec<String>]) -> String {
        let mut text = self.head.clone();
        for (name, body) in &self.register {
            text += &format!("-- {name} --\n{body}");
        }
        for (scenario, found) in self.scenarios.iter().zip(found) {
            text += &format!("== {}\n", scenario.title);
            scenario.lines.iter().for_each(|line| text += &format!("{line}\n"));
            found.iter().for_each(|line| text += &format!("= {line}\n"));
            text.push('\n');
        }
        text.truncate(text.trim_end().len());
        text + "\n"
    }
}

impl Scenario {
    fn run(&self, register: &[(String, String)]) -> Vec<String> {
        let (charter, fold) = self.folded(register);
        let graded = grade(&charter, &fold.evidence(now()), now());
        let asked = self.lines.iter().filter_map(|line| line.strip_prefix("ask "));
        asked
            .flat_map(|id| shown(graded.iter().find(|graded| graded.claim.id.as_str() == id).unwrap()))
            .collect()
    }

    fn folded(&self, register: &[(String, String)]) -> (Arc<Charter>, Fold) {
        let (charter, entries) = self.told(register);
        let mut fold = Fold::new(Arc::clone(&charter));
        (0..).zip(&entries).for_each(|(index, entry)| fold.push(entry, index));
        (charter, fold)
    }

    fn told(&self, register: &[(String, String)]) -> (Arc<Charter>, Vec<Entry>) {
        let mut source = Source::default();
        let unknown_hosts = self
            .lines
            .iter()
            .find_map(|line| line.strip_prefix("unknown_hosts "))
            .unwrap_or("report");
        let planes = self.lines.iter().find_map(|line| line.strip_prefix("planes "));
        for (name, text) in register {
            let text = text.replace("$UNKNOWN_HOSTS", unknown_hosts);
            source.insert(name.as_str(), text.replace("$PLANES", planes.unwrap_or("\"gateway\"")));
        }
        let charter = charter(&source);
        let entries = self.lines.iter().filter(|line| line.starts_with(['-', '+', '?']));
        let digest = match self.lines.iter().any(|line| line == "other charter") {
            true => "sha256:other".to_owned(),
            false => charter.digest().to_string(),
        };
        let versioned = |line: &String| match line.split(' ').nth(2).and_then(|id| ClaimId::new(id).ok()) {
            Some(id) if line.contains("version=today") => {
                let version = claim_version(&charter.content().claims[&id]);
                line.replace("version=today", &format!("version={version}"))
            }
            _ => line.clone(),
        };
        let entries = entries.map(|line| entry(&versioned(line), &digest)).collect();
        (charter, entries)
    }

    /// The document of all claims, each of which was broken an hour ago and mended at once.
    fn document(&self, register: &[(String, String)]) -> String {
        let (charter, fold) = self.folded(register);
        let graded = grade(&charter, &fold.evidence(now()), now());
        let mut history = History::keeping(10);
        for (index, (from, to)) in [(None, "broken"), (Some("broken"), "unverified")]
            .into_iter()
            .enumerate()
        {
            for graded in &graded {
                let change = GradeChange {
                    claim: graded.claim.id.as_str().to_owned(),
                    from: from.map(str::to_owned),
                    to: to.to_owned(),
                    reason: "It was looked at.".to_owned(),
                    entries: Vec::new(),
                };
                let entry = Entry {
                    v: ENTRY_VERSION,
                    at: time("-1h"),
                    charter: charter.digest().to_string(),
                    deed: Deed::Grade(change),
                };
                history.push(&entry, 1000 + index as u64);
            }
        }
        document(&charter, &graded, &history, fold.watched(now()), (now(), 1002))
    }
}

fn shown(graded: &Graded) -> Vec<String> {
    let planes = graded
        .planes
        .iter()
        .map(|p| format!("{} {} | {}", p.plane.as_str(), p.grade.as_str(), p.reason));
    let overall = format!("overall {} | {}", graded.overall.as_str(), graded.reason);
    planes.chain([overall]).collect()
}

pub(crate) fn charter(source: &Source) -> Arc<Charter> {
    let compiled = compile(source);
    Arc::new(
        compiled
            .charter
            .unwrap_or_else(|| panic!("{:#?}", errors(&compiled.diagnostics))),
    )
}

fn entry(line: &str, charter: &str) -> Entry {
    let words: Vec<&str> = line.split_whitespace().collect();
    let deed = match words[1] {
        "intent" => Deed::Intent(message(&words[2..])),
        "refusal" => Deed::Refusal(message(&words[2..])),
        "outcome" => Deed::Outcome(Outcome {
            id: words[2].into(),
            result: words[3].into(),
            ..Outcome::default()
        }),
        "watch" => Deed::Watch(Watch {
            watch: words[2].into(),
            version: "0".into(),
            ..Watch::default()
        }),
        "charter" => Deed::Charter(CharterLoaded {
            recipients: 1,
            claims: 1,
        }),
        "grades" => Deed::Grades(Grades {
            as_of: time(words[0]),
            sha256: Base64([0; 32]),
            counts: BTreeMap::new(),
            entries: 0,
        }),
        "heartbeat" => Deed::Heartbeat(Heartbeat { up_s: 1 }),
        "measured" => Deed::Measurement(measurement(&words[2..], &time(words[0]), charter)),
        "attested" => Deed::Attestation(attestation(&words[2..], line)),
        "void" => Deed::Correction(Correction {
            id: String::new(),
            entry: words[2].parse().unwrap(),
            leaf: Base64([0; 32]),
            because: "Entered by mistake.".into(),
            void: true,
        }),
        "unknown" => Deed::Unknown,
        other => panic!("{other}"),
    };
    Entry {
        v: ENTRY_VERSION,
        at: time(words[0]),
        charter: charter.to_owned(),
        deed,
    }
}

/// `CLAIM PROGRAM [plane=PLANE] [observed=N] [contrary=N] [unreadable=N] [unseen=N] [enforcing] [id=ID] [until=TIME]`
fn measurement(words: &[&str], at: &str, charter: &str) -> Measurement {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    let count = |key: &str| value(key).map_or(0, |count| count.parse().unwrap());
    Measurement {
        id: value("id").unwrap_or(at).to_owned(),
        claim: words[0].to_owned(),
        claim_version: value("version").map(str::to_owned),
        by: words[1].to_owned(),
        plane: value("plane").map(str::to_owned),
        from: at.to_owned(),
        until: value("until").map_or(at.to_owned(), time),
        observed: value("observed").map_or(10, |count| count.parse().unwrap()),
        contrary: count("contrary"),
        unreadable: count("unreadable"),
        unseen: count("unseen"),
        enforcing: words.contains(&"enforcing"),
        places: value("place").map(str::to_owned).into_iter().collect(),
        document: words[1].starts_with("probe.access.").then(|| Document {
            sha256: Base64([0; 32]),
            bytes: 0,
            name: averment_claims::proofs_name(charter),
        }),
    }
}

/// `CLAIM holds|does_not_hold on=DAY [until=DAY] [id=ID]`
fn attestation(words: &[&str], line: &str) -> Attestation {
    let value = |key: &str| words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    Attestation {
        id: value("id").unwrap_or(line).to_owned(),
        claim: words[0].to_owned(),
        claim_version: value("version").map(str::to_owned),
        by: "the data protection officer".to_owned(),
        says: "It was looked at.".to_owned(),
        finds: words[1].to_owned(),
        scope: None,
        performed_on: value("on").unwrap().to_owned(),
        valid_until: value("until").map(str::to_owned),
        document: None,
    }
}

fn time(text: &str) -> String {
    if text == "?" {
        return "yesterday".to_owned();
    }
    let (number, unit) = text[1..].split_at(text.len() - 2);
    let unit = match unit {
        "d" => 24 * 3600,
        "h" => 3600,
        "m" => 60,
        other => panic!("{other}"),
    };
    let distance = SignedDuration::from_secs(number.parse::<i64>().unwrap() * unit);
    let at = if text.starts_with('-') {
        now() - distance
    } else {
        now() + distance
    };
    at.to_string()
}

/// `ID RECIPIENT MODE [host=HOST] [unreadable] [own-mailboxes] [ELEMENT:SUBJECT:TREATED:TREATMENT:REASON …]`
fn message(words: &[&str]) -> Message {
    let host = words
        .iter()
        .find_map(|word| word.strip_prefix("host="))
        .unwrap_or("api.desk.example");
    let unreadable = words.contains(&"unreadable");
    let unreadable = unreadable.then(|| UnreadableEntry {
        part: "body".into(),
        because: "malformed".into(),
    });
    Message {
        id: words[0].to_owned(),
        recipient: (words[1] != "-").then(|| words[1].to_owned()),
        host: host.to_owned(),
        plane: words
            .iter()
            .find_map(|word| word.strip_prefix("plane="))
            .unwrap_or("gateway")
            .to_owned(),
        mode: words[2].to_owned(),
        action: "forward".into(),
        judged: "forward".into(),
        findings: words[3..]
            .iter()
            .filter(|word| word.contains(':'))
            .map(|word| finding(word))
            .collect(),
        unreadable: unreadable.into_iter().collect(),
        part_of: None,
        body_bytes: 10,
        own_mailboxes: 2 * u32::from(words.contains(&"own-mailboxes")),
        request: Base64([0; 16]),
        preceded_by: u32::from(words.contains(&"incomplete")),
        purpose: words
            .iter()
            .find_map(|word| word.strip_prefix("purpose="))
            .map(str::to_owned),
        ..Message::default()
    }
}

fn finding(word: &str) -> FindingEntry {
    let fields: Vec<&str> = word.split(':').collect();
    FindingEntry {
        element: fields[0].into(),
        subject: (fields[1] != "-").then(|| fields[1].into()),
        person: None,
        known_by: "exact".into(),
        part: "body".into(),
        pointer: String::new(),
        layers: Vec::new(),
        count: 1,
        treated: fields[2].into(),
        treatment: fields[3].into(),
        reason: fields[4].into(),
        rule: fields.get(5).map(|rule| (*rule).to_owned()),
        consent_version: fields.get(6).map(|version| version.parse().unwrap()),
        ..FindingEntry::default()
    }
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<String> {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| diagnostic.render("")).collect()
}
