//! Case files: a request in, findings, what is unreadable, and the rewritten request out.
//!
//! Sections: `request`, `findings`, `unreadable`, `rewritten <treatment>` (target line when it changed, changed headers,
//! body). `AVERMENT_CASES=write` writes what the program says into the files; review reads the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use averment_catalog::Treatment;
use averment_detect::{Limits, Message, ReplacementKey, Rewritten, Whose, inspect, rewrite};

use crate::people::directory;

const TREATMENTS: [Treatment; 6] = [
    Treatment::Mask,
    Treatment::Drop,
    Treatment::Hash,
    Treatment::Pseudonym,
    Treatment::Generalise,
    Treatment::Block,
];

struct Case {
    about: String,
    sections: Vec<(String, String)>,
}

impl Case {
    fn read(text: &str) -> Self {
        let mut case = Self {
            about: String::new(),
            sections: Vec::new(),
        };
        for line in text.split_inclusive('\n') {
            if let Some(name) = line
                .strip_prefix("-- ")
                .and_then(|rest| rest.trim_end().strip_suffix(" --"))
            {
                case.sections.push((name.to_owned(), String::new()));
            } else {
                match case.sections.last_mut() {
                    Some((_, body)) => body.push_str(line),
                    None => case.about.push_str(line),
                }
            }
        }
        case
    }

    fn section(&self, name: &str) -> &str {
        self.sections
            .iter()
            .find(|(found, _)| found == name)
            .map_or("", |(_, body)| body)
    }

    /// The whole file as the program sees it now.
    fn actual(&self) -> String {
        let request = Request::read(self.section("request"));
        let mut text = self.about.clone();
        for (name, _) in &self.sections {
            let body = match name.split_once(' ') {
                None if name == "request" => self.section("request").to_owned(),
                None if name == "findings" => request.findings(),
                None if name == "unreadable" => request.unreadable(),
                Some(("rewritten", treatment)) => request.rewritten(treatment),
                _ => panic!("unknown section {name}"),
            };
            write!(text, "-- {name} --\n{body}").unwrap();
        }
        text
    }
}

struct Request {
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    fn read(text: &str) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
        let mut lines = head.lines();
        let target = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
        let header = |line: &str| {
            line.split_once(": ")
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .unwrap()
        };
        let headers: Vec<_> = lines.map(header).collect();
        let crlf = headers
            .iter()
            .any(|(name, value)| name == "content-type" && value.starts_with("multipart/"));
        let body = body.strip_suffix('\n').unwrap_or(body);
        Self {
            target,
            headers,
            body: if crlf {
                body.replace('\n', "\r\n")
            } else {
                body.to_owned()
            },
        }
    }

    fn with<T>(&self, look: impl FnOnce(&Message<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        let host = self
            .headers
            .iter()
            .find(|(name, _)| name == "host")
            .map_or("sink.example", |(_, value)| value);
        look(&Message {
            authority: host,
            target: &self.target,
            headers: &headers,
            body: self.body.as_bytes(),
        })
    }

    fn findings(&self) -> String {
        let inspection = self.with(|message| inspect(message, &directory(), &Limits::default()));
        let mut text = String::new();
        for finding in inspection.findings {
            let whose = match finding.whose {
                Whose::Person { number, subject } => format!("{subject}#{}", number.0),
                Whose::Unknown => "unknown".to_owned(),
            };
            let layers: Vec<&str> = finding.layers.iter().map(|layer| layer.as_str()).collect();
            writeln!(
                text,
                "{} {whose} at {} [{}] {:?}",
                finding.element,
                finding.place,
                layers.join(" "),
                finding.span
            )
            .unwrap();
        }
        text
    }

    fn unreadable(&self) -> String {
        let inspection = self.with(|message| inspect(message, &directory(), &Limits::default()));
        let line = |note: &averment_detect::Unreadable| format!("{}: {}\n", note.place, note.because.as_str());
        inspection.unreadable.iter().map(line).collect()
    }

    fn rewritten(&self, treatment: &str) -> String {
        let treatment = *TREATMENTS.iter().find(|known| known.as_str() == treatment).unwrap();
        let key = ReplacementKey {
            key: &[9; 32],
            recipient: "sink",
        };
        let rewritten = self.with(|message| rewrite(message, &directory(), &Limits::default(), &key, &|_| treatment));
        match rewritten {
            Ok(rewritten) => self.changes(&rewritten),
            Err(error) => format!("error: {error}\n"),
        }
    }

    fn changes(&self, rewritten: &Rewritten) -> String {
        let mut text = String::new();
        if rewritten.target != self.target {
            writeln!(text, "{}", rewritten.target).unwrap();
        }
        for ((name, value), after) in self.headers.iter().zip(&rewritten.headers) {
            if value.as_bytes() != after.as_slice() {
                writeln!(text, "{name}: {}", String::from_utf8_lossy(after)).unwrap();
            }
        }
        if rewritten.body != self.body.as_bytes() {
            writeln!(
                text,
                "{}",
                String::from_utf8_lossy(&rewritten.body).replace("\r\n", "\n")
            )
            .unwrap();
        }
        text
    }
}

fn case_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    files.sort();
    files
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "one variable rewrites the case files, as the style page wants"
)]
fn case_files_say_what_the_program_says() {
    let write = std::env::var("AVERMENT_CASES").is_ok_and(|value| value == "write");
    let files = case_files();
    assert!(files.len() >= 10, "only {} case files", files.len());
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let actual = Case::read(&text).actual();
        if write {
            std::fs::write(&path, actual).unwrap();
        } else {
            assert_eq!(actual, text, "{}", path.display());
        }
    }
}
