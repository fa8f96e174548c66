//! Names of parties: cleaned as a register wants them, told from other words, and split from what stands behind them.

use std::collections::BTreeSet;

use super::document::Text;
use super::identify;
use super::lexicon::lexicon;
use super::words::words;

/// Words that no party is called by alone: headings and links of pages.
const GENERIC: [&str; 107] = [
    "about",
    "access",
    "account",
    "accounts",
    "addendum",
    "agreement",
    "analytics",
    "authentication",
    "authorization",
    "backup",
    "california",
    "children",
    "choices",
    "collection",
    "communication",
    "communications",
    "compliance",
    "consent",
    "contact",
    "content",
    "controller",
    "cookie",
    "cookies",
    "copyright",
    "customer",
    "customers",
    "data",
    "database",
    "definitions",
    "disclaimer",
    "disclosure",
    "documents",
    "download",
    "email",
    "enforcement",
    "faq",
    "feedback",
    "ferpa",
    "future",
    "gdpr",
    "general",
    "history",
    "home",
    "hosting",
    "important",
    "information",
    "infrastructure",
    "integrations",
    "introduction",
    "language",
    "law",
    "legal",
    "list",
    "location",
    "monitoring",
    "newsletter",
    "notice",
    "notes",
    "objecting",
    "our",
    "overview",
    "page",
    "parties",
    "payment",
    "payments",
    "personal",
    "policies",
    "policy",
    "privacy",
    "processing",
    "processors",
    "purpose",
    "questions",
    "regionality",
    "registration",
    "related",
    "retention",
    "rights",
    "scope",
    "security",
    "service",
    "services",
    "sharing",
    "storage",
    "subprocessors",
    "summary",
    "support",
    "terms",
    "transfers",
    "updates",
    "version",
    "website",
    "controls",
    "minimization",
    "minimisation",
    "encryption",
    "termination",
    "residency",
    "isolation",
    "incident",
    "incidents",
    "object",
    "training",
    "use",
    "limited",
    "erasure",
    "relationships",
];

/// Endings of company names.
const COMPANY: [&str; 24] = [
    "inc",
    "llc",
    "ltd",
    "limited",
    "corp",
    "corporation",
    "co",
    "gmbh",
    "sas",
    "lp",
    "plc",
    "pbc",
    "bv",
    "b.v",
    "ag",
    "sa",
    "s.a",
    "oy",
    "ab",
    "a/s",
    "srl",
    "pty",
    "ulc",
    "sarl",
];

/// Small words inside names.
const JOINERS: [&str; 16] = [
    "of", "by", "and", "the", "for", "&", "de", "la", "du", "von", "und", "et", "y", "e", "/", "+",
];

/// A name without footnotes, trademark signs and remarks in brackets that only lead elsewhere.
pub(super) fn clean(name: &str) -> String {
    let mut text: String = name
        .chars()
        .filter(|c| !matches!(c, '®' | '™' | '©' | '†' | '‡' | '¹' | '²' | '³' | '⁴' | '⁵'))
        .collect();
    loop {
        let trimmed = text
            .trim()
            .trim_end_matches(['*', ':', ';', ',', '–', '—', '-', ' '])
            .to_owned();
        let shorter = trailing_bracket(&trimmed)
            .filter(|(_, inner)| is_remark(inner))
            .map(|(start, _)| trimmed[..start].trim().to_owned());
        match shorter.filter(|shorter| !shorter.is_empty()) {
            Some(shorter) => text = shorter,
            None => {
                let dot = trimmed.ends_with('.')
                    && !ends_in_company(&trimmed)
                    && !trimmed.trim_end_matches('.').contains('.');
                return if dot {
                    trimmed.trim_end_matches('.').to_owned()
                } else {
                    trimmed
                };
            }
        }
    }
}

/// Where the bracket at the end of a text begins, and what is in it.
pub(super) fn trailing_bracket(text: &str) -> Option<(usize, &str)> {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(inner) = text.strip_suffix(close) {
            let start = inner.rfind(open)?;
            return Some((start, &inner[start + 1..]));
        }
    }
    None
}

/// A text without brackets at its end that only lead elsewhere.
pub(super) fn without_remark(text: &str) -> &str {
    match trailing_bracket(text.trim_end()) {
        Some((start, inner)) if is_remark(inner) => text[..start].trim_end(),
        _ => text,
    }
}

/// What a bracket behind a name holds that is no part of the name: links, numbers of footnotes.
fn is_remark(inner: &str) -> bool {
    let lower = inner.to_lowercase();
    let telling = [
        "rolling out",
        "if enabled",
        "planned",
        "coming soon",
        "privacy",
        "policy",
        "terms",
        "gdpr",
        " security",
        "link",
        "http",
        "opt-out",
        "opt out",
        "website",
        "learn more",
        "security info",
    ];
    inner.trim().is_empty()
        || inner.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '*')
        || telling.iter().any(|word| lower.contains(word))
}

fn ends_in_company(name: &str) -> bool {
    let last = name.rsplit([' ', ',']).next().unwrap_or_default();
    COMPANY.contains(&last.trim_end_matches('.').to_lowercase().as_str())
}

/// Whether a text names a company by its ending.
pub(super) fn is_company(name: &str) -> bool {
    name.split_whitespace().count() > 1 && ends_in_company(name.trim_end_matches(')'))
}

/// The names of a text that lists several parties: "Wren, Lark and Finch". `listed`: keys of the names that the page has
/// already. None for one party, and where too few are known to tell a list from a name ("Finch and Sons").
pub(super) fn several(text: &str, listed: &BTreeSet<String>) -> Option<Vec<String>> {
    const JOINTS: [&str; 6] = [", and ", ", ", " and ", " & ", " + ", "; "];
    if identify::exact(text).is_some() || text.contains('(') || text.len() > 200 {
        return None;
    }
    let mut parts = vec![text.trim()];
    for joint in JOINTS {
        parts = parts.iter().flat_map(|part| part.split(joint)).map(str::trim).collect();
    }
    let known = |part: &&&str| {
        let words: Vec<&str> = part.split(' ').collect();
        let mut fronts = (1..words.len()).map(|count| words[..count].join(" "));
        identify::exact(part).is_some()
            || listed.contains(&key(part))
            || fronts.any(|front| identify::in_text(&front).is_some() || listed.contains(&key(&front)))
    };
    let company = |part: &&str| COMPANY.contains(&part.trim_end_matches('.').to_lowercase().as_str());
    let named = parts.len() > 1
        && parts
            .iter()
            .all(|part| is_name(part) && !company(part) && !super::places::is_only_places(part));
    let count = parts.iter().filter(known).count();
    let enough = match text.contains(" and ") || text.contains(" & ") {
        true => count == parts.len(),
        false => count >= 2,
    };
    // A plus sign with space around it stands in no name.
    (named && (enough || text.contains(" + "))).then(|| parts.into_iter().map(clean).collect())
}

/// Letters and digits only, lower case, without the ending of a company.
pub(super) fn key(name: &str) -> String {
    let mut words: Vec<&str> = name.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    while words.len() > 1
        && words
            .last()
            .is_some_and(|word| COMPANY.contains(&word.trim_end_matches('.').to_lowercase().as_str()))
    {
        words.pop();
    }
    words
        .concat()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether two names mean the same party by their words.
pub(super) fn same(a: &str, b: &str) -> bool {
    key(a) == key(b)
}

/// Whether a text can be the name of a party: few words, each with a capital, a digit or a dot in it, not a word of pages.
pub(super) fn is_name(text: &str) -> bool {
    let text = text.trim().trim_end_matches([':', '.']);
    let count = text.split_whitespace().count();
    if !(1..=8).contains(&count) || text.chars().count() > 90 || text.contains(['?', '!', ';', '“', '"', '@']) {
        return false;
    }
    let outside = text.split('(').next().unwrap_or_default().trim();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let words: Vec<&str> = outside.split_whitespace().collect();
    let first = words.first().map(|word| bare(word)).unwrap_or_default();
    let starts = first
        .chars()
        .next()
        .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit() || has_inner_capital(&first));
    let proper = words.iter().skip(1).all(|word| {
        let word = bare(word);
        word.is_empty()
            || JOINERS.contains(&word.to_lowercase().as_str())
            || !word.chars().next().is_some_and(char::is_lowercase)
            || has_inner_capital(&word)
    });
    let letters = outside.chars().any(char::is_alphabetic);
    (starts || first.contains('.')) && proper && letters && !is_generic(outside)
}

fn has_inner_capital(word: &str) -> bool {
    let inner = word.chars().skip(1).any(char::is_uppercase);
    let digit = word.chars().any(|c| c.is_ascii_digit()) && word.chars().any(char::is_alphabetic);
    inner || digit || word.contains('.')
}

/// Whether a text is made of words that pages are made of.
pub(super) fn is_generic(text: &str) -> bool {
    let own = words(text);
    let known = |word: &str| GENERIC.contains(&word) || GENERIC.contains(&format!("{word}s").as_str());
    let small = |word: &str| {
        JOINERS.contains(&word)
            || word.chars().all(|c| c.is_ascii_digit() || c == '.')
            || [
                "to", "we", "your", "how", "you", "with", "what", "in", "this", "when", "other",
            ]
            .contains(&word)
    };
    let telling: Vec<&str> = own
        .iter()
        .map(|word| word.stem.as_str())
        .filter(|word| !small(word))
        .collect();
    let nouns = lexicon()
        .nouns
        .find(&own)
        .iter()
        .map(|hit| hit.end - hit.start)
        .sum::<usize>();
    telling.iter().all(|word| known(word))
        || nouns >= own.len()
        || telling.last().is_some_and(|last| {
            [
                "policy",
                "statement",
                "notice",
                "agreement",
                "addendum",
                "term",
                "information",
                "guide",
                "documentation",
            ]
            .contains(last)
        })
}

/// A name, and what stands behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    /// The name, cleaned.
    pub(super) name: String,
    /// What the brackets behind it hold.
    pub(super) brackets: Vec<String>,
    /// Who runs it ("by …").
    pub(super) operator: Option<String>,
    /// The rest, with its marks.
    pub(super) rest: Text,
    /// Whether the name is marked, or parted from the rest by a dash or a colon.
    pub(super) parted: bool,
    /// Its page.
    pub(super) link: Option<String>,
}

/// What parts a name from what is said about it, the most telling first.
const PARTERS: [&str; 9] = [" – ", " — ", " - ", " -- ", ": ", " : ", " | ", " → ", "– "];

/// Splits the text of an item into name and rest; none when it does not begin with a name.
pub(super) fn head(text: &Text) -> Option<Head> {
    // A bold text at the front is all that is named: "**Incident history** – …" names no "Incident".
    let bold = text
        .marks
        .iter()
        .filter(|mark| mark.at.start == 0 && mark.link.is_none())
        .map(|mark| mark.at.end)
        .max();
    let labels = bold.is_some_and(|end| end < text.plain.len() && !is_name(text.plain[..end].trim()));
    let running = || running(text).filter(|_| !labels);
    marked(text).or_else(|| parted(text)).or_else(running)
}

/// "**Name** – rest", "[Name](link). Rest".
fn marked(text: &Text) -> Option<Head> {
    let mark = text.marks.first().filter(|mark| mark.at.start == 0)?;
    let end = text
        .marks
        .iter()
        .filter(|other| other.at.start == 0)
        .map(|mark| mark.at.end)
        .max()
        .unwrap_or(mark.at.end);
    // "**Provider:** Name" is a label, not a name.
    let inner = text.plain[..end].trim_end();
    let name = clean(inner);
    let whole = PARTERS
        .iter()
        .find_map(|parter| inner.split_once(parter))
        .map(|(name, _)| name.len());
    if let Some(length) = whole {
        // The mark reaches over name and purpose.
        return finish(text, length, true).filter(|head| is_name(&head.name));
    }
    is_name(&name).then(|| finish(text, end, true))?
}

/// "Name – rest", "Name: rest".
fn parted(text: &Text) -> Option<Head> {
    let found = PARTERS.iter().filter_map(|parter| text.plain.find(parter)).min()?;
    let left = &text.plain[..found];
    let outside = left.split('(').next().unwrap_or_default();
    let named = is_name(outside) || is_name(left);
    named.then(|| finish(text, found, true))?
}

/// "Name payment processor (…)", "Name by Company for …": the capitalised words in front.
fn running(text: &Text) -> Option<Head> {
    let plain = text.plain.as_str();
    let mut end = 0;
    for (start, word) in word_places(plain) {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let proper = bare
            .chars()
            .next()
            .is_some_and(|c| c.is_uppercase() || c.is_ascii_digit())
            || has_inner_capital(bare);
        let joiner = ["of", "&", "and"].contains(&bare) && end > 0 && next_is_proper(&plain[start + word.len()..]);
        if word.starts_with('(') || !(proper || joiner) {
            break;
        }
        end = start + word.len();
        if word.ends_with([',', '.', ';'])
            && !COMPANY.contains(&bare.to_lowercase().as_str())
            && !company_follows(&plain[end..])
        {
            break;
        }
    }
    let name = plain[..end].trim_end_matches([',', ';']);
    is_name(name).then(|| finish(text, name.len(), false))?
}

fn next_is_proper(rest: &str) -> bool {
    rest.trim_start().chars().next().is_some_and(char::is_uppercase)
}

fn company_follows(rest: &str) -> bool {
    let next = rest.split_whitespace().next().unwrap_or_default();
    COMPANY.contains(&next.trim_end_matches(['.', ',']).to_lowercase().as_str())
}

fn word_places(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(' ').scan(0, |at, word| {
        let start = *at;
        *at += word.len() + 1;
        Some((start, word))
    })
}

/// Takes brackets, "by …" and the parter from the rest.
fn finish(text: &Text, end: usize, mut parted: bool) -> Option<Head> {
    let link = text
        .marks
        .iter()
        .find(|mark| mark.at.start < end)
        .and_then(|mark| mark.link.clone());
    let mut brackets = Vec::new();
    let mut name = text.plain[..end].trim().to_owned();
    while let Some((start, inner)) = trailing_bracket(&name) {
        brackets.push(inner.to_owned());
        name = name[..start].trim().to_owned();
    }
    let mut at = end;
    loop {
        let rest = &text.plain[at..];
        let trimmed = rest.trim_start();
        let skipped = rest.len() - trimmed.len();
        if let Some(close) = trimmed.strip_prefix('(').and_then(|inner| inner.find(')')) {
            brackets.push(trimmed[1..=close].trim().to_owned());
            at += skipped + close + 2;
        } else if let Some(parter) = trimmed
            .chars()
            .next()
            .filter(|c| matches!(c, '–' | '—' | ':' | '|' | '→'))
        {
            parted = true;
            at += skipped + parter.len_utf8();
        } else if trimmed.starts_with("- ") || trimmed.starts_with(", ") || trimmed.starts_with(". ") {
            let company = trimmed.starts_with(", ") && company_follows(&trimmed[2..]);
            if company {
                let next = trimmed[2..].split_whitespace().next().unwrap_or_default();
                let next = next.trim_end_matches(',');
                name = format!("{name}, {next}");
                at += skipped + 2 + next.len();
            } else {
                at += skipped + 2;
                break;
            }
        } else if trimmed == "." || trimmed == "," {
            at = text.plain.len();
        } else {
            break;
        }
    }
    let mut rest = text.from(at.min(text.plain.len()));
    let mut operator = None;
    for by in [" by ", ", a service of ", ", a product of ", " (by "] {
        if let Some((brand, company)) = name.clone().split_once(by) {
            (name, operator) = (brand.to_owned(), Some(clean(company)));
        }
    }
    for by in ["by ", "operated by ", "provided by ", "a service of "] {
        if let Some(after) = rest.plain.strip_prefix(by) {
            let from = Text::new(rest.line, after);
            if let Some(head) = running(&from) {
                operator = Some(head.name.clone());
                rest = head.rest;
            }
            break;
        }
    }
    let name = clean(&name);
    (!name.is_empty()).then_some(Head {
        name,
        brackets,
        operator,
        rest,
        parted,
        link,
    })
}

/// Nouns that a class of recipients is named by.
const CLASSES: [&str; 22] = [
    "provider",
    "processor",
    "service",
    "tool",
    "platform",
    "vendor",
    "supplier",
    "partner",
    "network",
    "company",
    "agency",
    "contractor",
    "consultant",
    "system",
    "host",
    "firm",
    "advisor",
    "auditor",
    "conferencing",
    "software",
    "analytic",
    "affiliate",
];

/// A class of recipients ("our payment processor"): its name without the article.
pub(super) fn class(text: &str) -> Option<String> {
    let outside = text
        .split(['(', ';', ','])
        .next()
        .unwrap_or_default()
        .trim()
        .trim_end_matches(['.', ':']);
    let bare = ["our ", "a ", "an ", "the ", "some ", "various ", "certain ", "other "]
        .iter()
        .find_map(|article| {
            outside
                .to_lowercase()
                .starts_with(article)
                .then(|| &outside[article.len()..])
        })
        .unwrap_or(outside);
    let own = words(bare);
    let last = own.last()?;
    let verb = own.iter().any(|word| {
        [
            "is", "are", "have", "has", "do", "will", "may", "can", "be", "to", "that", "you", "we",
        ]
        .contains(&word.stem.as_str())
    });
    let of_pages = own
        .iter()
        .all(|word| GENERIC.contains(&word.stem.as_str()) || CLASSES.contains(&word.stem.as_str()));
    let fits = CLASSES.contains(&last.stem.as_str()) && (2..=9).contains(&own.len()) && !verb;
    let mut letters = bare.chars();
    let first = letters.next()?;
    let fits = fits && !(of_pages && bare.len() == outside.len());
    fits.then(|| first.to_uppercase().chain(letters).collect())
}

/// Headings that say what a page is, not what recipients are for.
pub(super) fn is_generic_page(lower: &str) -> bool {
    [
        "overview",
        "introduction",
        "united states",
        "contents",
        "about",
        "appendix",
        "annex",
        "schedule",
        "introduction",
    ]
    .contains(&lower)
}
