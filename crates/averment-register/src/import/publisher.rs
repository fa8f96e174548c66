//! Who published a page, as its text says it.
//!
//! Start at [`publisher`]. A page rarely says so in one place: the name is the capitalised word that stands where only the
//! publisher can ("X uses the following …"), in its title, or most often in its cells.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Document, Part, Text};
use super::sentence::sentences;
use super::words::words;
use super::{grammar, identify, lexicon, names};

/// Verbs whose subject on such a page is its publisher.
const VERBS: [&str; 24] = [
    "uses",
    "engages",
    "complies",
    "currently uses",
    "may use",
    "may engage",
    "relies",
    "works",
    "shares",
    "collects",
    "stores",
    "does not",
    "will not",
    "never",
    "acts",
    "employs",
    "has",
    "makes",
    "processes",
    "utilizes",
    "utilises",
    "respects",
    "may share",
    "takes",
];

/// The publisher's name; none when no text says it.
pub(super) fn publisher(document: &Document) -> Option<String> {
    let texts = texts(document);
    defined(&texts)
        .or_else(|| subject(&texts))
        .or_else(|| texts.iter().find_map(|text| used_by(text)))
        .or_else(|| most_often(document))
        .or_else(|| document.title.as_ref().and_then(title))
}

/// Every text of the page: paragraphs, items, cells.
fn texts(document: &Document) -> Vec<&Text> {
    fn items<'a>(list: &'a [super::document::Item], out: &mut Vec<&'a Text>) {
        for item in list {
            out.push(&item.text);
            items(&item.items, out);
        }
    }
    let mut out = Vec::new();
    for part in &document.parts {
        match part {
            Part::Heading { text, .. } | Part::Paragraph(text) => out.push(text),
            Part::List(list) => items(list, &mut out),
            Part::Table(table) => out.extend(table.rows.iter().flat_map(|row| &row.cells)),
        }
    }
    out
}

/// The short name in brackets and quotes behind the full one, or before one of the verbs: "Wren Learning Ltd (\"Wren\")".
fn defined(texts: &[&Text]) -> Option<String> {
    const QUOTES: [char; 4] = ['"', '“', '”', '\''];
    texts
        .iter()
        .flat_map(|text| sentences(&text.plain))
        .find_map(|sentence| {
            let (front, rest) = sentence.split_once('(')?;
            let (inner, behind) = rest.split_once(')')?;
            let short = inner.strip_prefix(QUOTES)?;
            let short = short.split(QUOTES).next()?.trim_end_matches(',').trim();
            let full = front.trim();
            let of_full = !names::key(short).is_empty() && names::key(full).starts_with(&names::key(short));
            let acts = |rest: &str| {
                let rest = rest.trim_start().to_lowercase();
                VERBS
                    .iter()
                    .any(|verb| rest.strip_prefix(verb).is_some_and(|rest| rest.starts_with(' ')))
            };
            let whole = is_publisher(full) && full.split(' ').count() <= 5;
            match is_publisher(short) && !["Company", "Service", "Platform", "Site", "App"].contains(&short) {
                true if of_full && whole || acts(behind) => Some(short.to_owned()),
                _ => (whole && acts(behind)).then(|| full.to_owned()),
            }
        })
}

/// "List of sub-processors used by X", "List of X subprocessors".
fn used_by(text: &Text) -> Option<String> {
    if !super::context::speaks_of_recipients(&text.plain) || text.plain.len() > 120 {
        return None;
    }
    let (_, behind) = text
        .plain
        .split_once(" used by ")
        .or_else(|| text.plain.split_once("List of "))?;
    let name: Vec<&str> = behind
        .trim_end_matches([':', '.'])
        .split(' ')
        .take_while(|word| !super::context::speaks_of_recipients(word) && !word.starts_with(char::is_lowercase))
        .collect();
    let name = name.join(" ");
    is_publisher(&name).then_some(name)
}

/// The name that stands before the verbs, most often; once is enough where nothing contradicts it.
fn subject(texts: &[&Text]) -> Option<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for text in texts {
        for sentence in sentences(&text.plain) {
            if let Some(name) = subject_of(sentence) {
                *counts.entry(name).or_default() += 1;
            }
        }
    }
    let (name, count) = counts.iter().max_by(|a, b| (a.1, b.0).cmp(&(b.1, a.0)))?;
    let others = counts.values().sum::<usize>() - count;
    let known = identify::in_text(name).is_some();
    (*count > others && (!known || *count >= 3)).then(|| name.clone())
}

/// The capitalised words at the front of a sentence or of its main clause, before one of the verbs.
fn subject_of(sentence: &str) -> Option<String> {
    let clause = |text: &str| {
        let mut end = 0;
        for word in text.split(' ').take(5) {
            let bare = word.trim_end_matches(',');
            let proper = bare
                .chars()
                .next()
                .is_some_and(|c| c.is_uppercase() || c.is_lowercase() && bare.chars().skip(1).any(char::is_uppercase));
            if !proper {
                break;
            }
            end += word.len() + 1;
        }
        let name = text.get(..end.saturating_sub(1))?;
        let rest = text.get(end..)?.to_lowercase();
        let verb = VERBS
            .iter()
            .any(|verb| rest.strip_prefix(verb).is_some_and(|rest| rest.starts_with([' ', ','])));
        (verb && is_publisher(name)).then(|| name.trim_end_matches(',').to_owned())
    };
    clause(sentence).or_else(|| sentence.split_once(", ").and_then(|(_, main)| clause(main)))
}

fn is_publisher(name: &str) -> bool {
    let pronoun = [
        "If",
        "Because",
        "When",
        "While",
        "As",
        "Where",
        "Although",
        "Since",
        "Once",
        "In",
        "By",
        "For",
        "To",
        "We",
        "You",
        "It",
        "They",
        "This",
        "These",
        "Our",
        "Your",
        "The",
        "Each",
        "Some",
        "No",
        "All",
        "I",
        "Users",
        "Customers",
        "Students",
        "Yes",
        "Google",
    ];
    let first = name.split(' ').next().unwrap_or_default();
    let speaks =
        super::context::speaks_of_recipients(name) || super::context::speaks_of_recipients(&format!("{name}s"));
    !pronoun.contains(&first) && names::is_name(name) && !names::is_generic(name) && !speaks
}

/// "Subprocessors of X", "X's Subprocessors", "Subprocessors - X", "X Privacy Policy".
fn title(title: &Text) -> Option<String> {
    let plain = title.plain.strip_prefix("List of ").unwrap_or(&title.plain);
    let about = |text: &str| super::context::speaks_of_recipients(text) || names::is_generic(text);
    for parter in [" - ", " – ", " — ", " | ", ": ", " • ", " · "] {
        if let Some((a, b)) = plain.split_once(parter) {
            let other = [(a, b), (b, a)]
                .into_iter()
                .find(|(one, _)| about(one))
                .map(|(_, other)| other.trim());
            if let Some(other) = other.filter(|other| is_publisher(other)) {
                return Some(other.to_owned());
            }
        }
    }
    let bracket =
        names::trailing_bracket(plain).filter(|(start, inner)| about(&plain[..*start]) && is_publisher(inner));
    if let Some((_, inner)) = bracket {
        return Some(inner.to_owned());
    }
    let words: Vec<&str> = plain.split(' ').collect();
    let count = (1..words.len()).find(|count| about(&words[*count..].join(" ")))?;
    let front = words[..count].join(" ");
    let front = front.trim_end_matches("'s").trim_end_matches("’s");
    (is_publisher(front) && count <= 3).then(|| front.to_owned())
}

/// The capitalised name that stands most often in cells that give no name, never in lower case, at least once inside a
/// sentence, and that is no word of the lexicon. None when no name stands in two rows.
fn most_often(document: &Document) -> Option<String> {
    let tables = || {
        document.parts.iter().filter_map(|part| match part {
            Part::Table(table) => Some(table),
            _ => None,
        })
    };
    let rows = || tables().flat_map(|table| &table.rows);
    let bare = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.trim_end_matches("'s").trim_end_matches("’s").to_owned()
    };
    let long = |cell: &&Text| cell.plain.split_whitespace().count() > 3;
    let every = || rows().flat_map(|row| row.cells.iter().filter(long));
    let lower: BTreeSet<String> = every()
        .flat_map(|cell| cell.plain.split_whitespace())
        .map(bare)
        .collect();
    // A sentence begins with a capital, whatever its first word is.
    let inside: BTreeSet<String> = every()
        .flat_map(|cell| sentences(&cell.plain))
        .flat_map(|text| text.split_whitespace().skip(1))
        .map(bare)
        .collect();
    // A subject or an owner: what follows it is no further name.
    let acts: BTreeSet<String> = every()
        .flat_map(|cell| {
            let words: Vec<&str> = cell.plain.split_whitespace().collect();
            let owns = |word: &str| word.ends_with("'s") || word.ends_with("’s");
            let low = |word: &str| word.chars().next().is_some_and(char::is_lowercase);
            let found =
                (0..words.len()).filter(|at| owns(words[*at]) || words.get(at + 1).is_some_and(|next| low(next)));
            found.map(|at| bare(words[at])).collect::<Vec<_>>()
        })
        .collect();

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows() {
        let own: BTreeSet<String> = row
            .cells
            .iter()
            .take(2)
            .flat_map(|cell| cell.plain.split_whitespace())
            .map(bare)
            .collect();
        let seen: BTreeSet<String> = row
            .cells
            .iter()
            .filter(|cell| cell.plain.split_whitespace().count() > 3)
            .flat_map(|cell| sentences(&cell.plain))
            .flat_map(|text| text.split_whitespace())
            .map(bare)
            .collect();
        for word in seen {
            let capital = word.chars().next().is_some_and(char::is_uppercase);
            if capital && word.chars().count() > 3 && inside.contains(&word) && !own.contains(&word) {
                *counts.entry(word).or_default() += 1;
            }
        }
    }
    counts.retain(|word, count| {
        acts.contains(word)
            && *count >= 2
            && *count * 5 >= rows().count()
            && !lower.contains(&word.to_lowercase())
            && identify::exact(word).is_none()
            && is_publisher(word)
            && !super::prose::is_never(word)
            && !["ed", "ing"].iter().any(|ending| word.ends_with(ending))
            && !means_something(word)
            && !super::places::is_part_of_place(word)
    });
    let best = counts.into_iter().max_by(|a, b| (a.1, &b.0).cmp(&(b.1, &a.0)));
    best.map(|(word, _)| word)
}

/// Whether the lexicon knows the word: then it is no name.
fn means_something(word: &str) -> bool {
    let own = words(word);
    let lexicon = lexicon::lexicon();
    let claims = grammar::read(word, "").claims;
    !lexicon.nouns.find(&own).is_empty()
        || !lexicon.purposes.find(&own).is_empty()
        || !claims.is_empty()
        || ["Student", "Students", "Records"].contains(&word)
}
