//! Policies in a text: taken out of headers, of pages, or as they are; and what each of them allows.

use html5gum::{Token, Tokenizer};

/// Policies of one file, and directives and sources of one policy.
const MANY_MAX: usize = 10_000;
const HEADER: &str = "content-security-policy";
const REPORT_ONLY: &str = "content-security-policy-report-only";
const REPORT_URI: &str = "report-uri";

/// Directives that say whom a page may contact, in the order of reports; all but the last two fall back to `default-src`.
pub(super) const DIRECTIVES: [&str; 17] = [
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "connect-src",
    "frame-src",
    "child-src",
    "img-src",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "font-src",
    "media-src",
    "object-src",
    "worker-src",
    "manifest-src",
    "form-action",
];
/// What a page contacts others with: not to name them, nor `default-src`, lets everybody.
const MAIN: [&str; 4] = ["script-src", "connect-src", "frame-src", "img-src"];

/// One policy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// Whether browsers only report and let everything happen.
    pub(super) report_only: bool,
    directives: Vec<(String, Vec<String>)>,
    /// Addresses that browsers send reports to.
    reports: Vec<String>,
}

/// A source that a directive allows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Allowed<'a> {
    /// As written.
    Source { directive: &'a str, source: &'a str },
    /// The directive is not there, and none that stands for it.
    Unset { directive: &'static str },
    /// An address that browsers send reports to: pages, and what was blocked there.
    Reports { directive: &'static str, address: &'a str },
}

impl Policy {
    /// All policies of a text.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let mut policies = in_headers(text);
        if policies.is_empty() && text.contains('<') {
            policies = in_page(text);
        }
        if policies.is_empty() {
            policies.extend(Self::parse(text, false));
        }
        policies.truncate(MANY_MAX);
        policies
    }

    /// None where there is no directive that the standard names.
    fn parse(text: &str, report_only: bool) -> Option<Self> {
        let mut directives: Vec<(String, Vec<String>)> = Vec::new();
        let mut reports: Vec<String> = Vec::new();
        let mut known = false;
        for part in text.split(';').take(MANY_MAX) {
            let mut words = part.split_ascii_whitespace();
            let Some(name) = words.next().map(str::to_ascii_lowercase) else {
                continue;
            };
            known |= is_directive(&name);
            if name == REPORT_URI && reports.is_empty() {
                reports.extend(words.by_ref().take(MANY_MAX).map(str::to_owned));
            }
            // The first of a name counts.
            if !directives.iter().any(|(other, _)| *other == name) && DIRECTIVES.contains(&name.as_str()) {
                directives.push((name, words.take(MANY_MAX).map(str::to_owned).collect()));
            }
        }
        known.then_some(Self {
            report_only,
            directives,
            reports,
        })
    }

    /// Everything that is allowed, in the order of the directives.
    pub(super) fn allowed(&self) -> Vec<Allowed<'_>> {
        let has = |name: &str| self.directives.iter().any(|(other, _)| other == name);
        let mut allowed: Vec<Allowed<'_>> = Vec::new();
        for (directive, sources) in &self.directives {
            allowed.extend(sources.iter().map(|source| Allowed::Source { directive, source }));
        }
        let falls_back = |name: &str| name == "frame-src" && has("child-src");
        let unset = MAIN
            .into_iter()
            .filter(|name| !has("default-src") && !has(name) && !falls_back(name));
        allowed.extend(unset.map(|directive| Allowed::Unset { directive }));
        let directive = REPORT_URI;
        allowed.extend(
            self.reports
                .iter()
                .map(|address| Allowed::Reports { directive, address }),
        );
        allowed
    }
}

fn is_directive(name: &str) -> bool {
    const OTHERS: [&str; 10] = [
        "base-uri",
        "frame-ancestors",
        "report-uri",
        "report-to",
        "sandbox",
        "upgrade-insecure-requests",
        "block-all-mixed-content",
        "require-trusted-types-for",
        "trusted-types",
        "navigate-to",
    ];
    DIRECTIVES.contains(&name) || OTHERS.contains(&name)
}

/// Header lines; several policies of one header are parted by commas.
fn in_headers(text: &str) -> Vec<Policy> {
    let mut policies = Vec::new();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        let report_only = match name.trim().to_ascii_lowercase().as_str() {
            HEADER => false,
            REPORT_ONLY => true,
            _ => continue,
        };
        policies.extend(
            value
                .split(',')
                .take(MANY_MAX)
                .filter_map(|one| Policy::parse(one, report_only)),
        );
    }
    policies
}

/// `<meta http-equiv="Content-Security-Policy" content="…">`. In a page a policy cannot only report.
fn in_page(text: &str) -> Vec<Policy> {
    let mut policies = Vec::new();
    for token in Tokenizer::new(text).flatten() {
        let Token::StartTag(tag) = token else { continue };
        if tag.name.as_slice() != b"meta" {
            continue;
        }
        let attribute = |wanted: &[u8]| {
            let found = tag.attributes.iter().find(|(name, _)| name.as_slice() == wanted);
            found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        };
        let is_policy = attribute(b"http-equiv").is_some_and(|name| name.trim().eq_ignore_ascii_case(HEADER));
        if let Some(content) = attribute(b"content").filter(|_| is_policy) {
            policies.extend(
                content
                    .split(',')
                    .take(MANY_MAX)
                    .filter_map(|one| Policy::parse(one, false)),
            );
        }
    }
    // A browser sends no reports about what stands in a page.
    for policy in &mut policies {
        policy.reports.clear();
    }
    policies
}

/// Endpoints that headers name for reports, with the header: `Reporting-Endpoints: a="https://x.example/r"`, and the older
/// `Report-To` in JSON. Source: Reporting API, sections 3.2 and 3.4.
pub(super) fn endpoints(text: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let header = match name.trim().to_ascii_lowercase().as_str() {
            "reporting-endpoints" => "reporting-endpoints",
            "report-to" => "report-to",
            _ => continue,
        };
        // In both addresses are texts in quotes, and nothing else in them is one.
        let quoted = value.split('"').skip(1).step_by(2).take(MANY_MAX);
        let addresses = quoted
            .map(|text| text.replace("\\/", "/"))
            .filter(|text| text.contains("://"));
        found.extend(addresses.map(|address| (header, address)));
    }
    found
}
