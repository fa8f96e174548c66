//! A sentence with what stands around it: the answer to a question, the item of a list, the fragment under a heading.
//!
//! Start at [`texts`]. "Yes" affirms the question above it and "No" denies it, unless the rest of the answer takes
//! something back; a list item is read behind the sentence that opens its list.

use super::parts::{Scene, has};
use super::tables::Mark;
use super::{Context, tables};
use crate::import::words::words;

/// Sentences that are read together.
#[derive(Debug)]
pub(super) struct Text {
    /// Each is read by itself.
    pub(super) parts: Vec<String>,
}

/// How a question begins that "yes" and "no" answer; stems.
const AUXILIARIES: [&str; 16] = [
    "is", "are", "do", "doe", "did", "can", "could", "will", "ha", "have", "may", "must", "should", "was", "were", "am",
];

/// How a question begins that a fragment answers.
const OPEN_QUESTIONS: [&str; 8] = [
    "where",
    "how long",
    "how often",
    "for how long",
    "what data do you collect",
    "what information do you collect",
    "what personal data do you collect",
    "what personal information do you collect",
];

/// Words that take something back; stems.
const BUT: [&str; 7] = ["but", "however", "although", "though", "while", "only", "except"];

/// Longest fragment that answers a question or names a list item without a verb of its own, in words.
const FRAGMENT_WORDS_MAX: usize = 12;

/// Bytes of the longest question or opening that is looked at; it is read again for every sentence below it.
const AROUND_BYTES_MAX: usize = 2_000;

/// What is to be read for `sentence`, best first; the first that is understood is meant.
pub(super) fn texts(sentence: &str, context: &Context<'_>) -> Vec<Text> {
    let trimmed = sentence.trim();
    if trimmed.ends_with('?') {
        return Vec::new();
    }
    if let Some(opening) = context.opening {
        return match opening.len() > AROUND_BYTES_MAX {
            true => Vec::new(),
            false => listed(trimmed, opening),
        };
    }
    let topic = context.topic.filter(|topic| topic.len() <= AROUND_BYTES_MAX);
    let (answer, rest) = answer(trimmed);
    let mut parts = Vec::new();
    if let (Some(answer), Some(question)) = (answer, topic.and_then(closed_question)) {
        parts.extend(answered(answer, question, rest));
    }
    parts.push(rest.to_owned());
    let mut texts = vec![Text { parts }];
    let fragment = answer.is_none() && words(rest).len() <= FRAGMENT_WORDS_MAX && !negates(rest);
    let question = topic.filter(|topic| fragment && opens(topic));
    texts.extend(question.map(|question| Text {
        parts: vec![format!("{} {rest}", addressed(question.trim().trim_end_matches('?')))],
    }));
    texts
}

/// The item behind its opening; by itself where the opening neither denies nor sets a condition.
fn listed(item: &str, opening: &str) -> Vec<Text> {
    let (_, opening) = answer(opening.trim());
    let opening = opening.trim_end_matches([':', ',', ' ', '…', '-', '–', '—']);
    let mut texts = vec![Text {
        parts: vec![format!("{opening} {item}")],
    }];
    let plain = Scene::of(opening);
    if !negates(opening) && !has(&plain, Mark::If) && !has(&plain, Mark::Doubt) && !has(&plain, Mark::Except) {
        texts.push(Text {
            parts: vec![item.to_owned()],
        });
    }
    texts
}

/// Denials of more than one word; lower case.
const DENIALS: [&str; 5] = [
    "absolutely not",
    "definitely not",
    "certainly not",
    "of course not",
    "not at all",
];

/// What stands behind `front`, whatever the case of its letters.
fn strip<'a>(text: &'a str, front: &str) -> Option<&'a str> {
    let head = text.get(..front.len())?;
    let rest = &text[front.len()..];
    (head.eq_ignore_ascii_case(front) && !rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Yes,
    No,
}

/// "Yes" or "No" at the front of a sentence, and the rest.
fn answer(sentence: &str) -> (Option<Answer>, &str) {
    let end = sentence
        .find(|letter: char| !letter.is_alphabetic())
        .unwrap_or(sentence.len());
    let (first, rest) = sentence.split_at(end);
    if let Some(rest) = DENIALS.iter().find_map(|denial| strip(sentence, denial)) {
        return (
            Some(Answer::No),
            rest.trim_start_matches(|letter: char| !letter.is_alphanumeric() && letter != '('),
        );
    }
    let answer = match first.to_lowercase().as_str() {
        "yes" | "absolutely" | "certainly" => Answer::Yes,
        "no" | "never" => Answer::No,
        _ => return (None, sentence),
    };
    // "No data is sold" is no answer: an answer ends with a mark.
    match rest.chars().next() {
        None | Some('.' | ',' | '!' | ';' | ':' | '–' | '—' | '-') => (
            Some(answer),
            rest.trim_start_matches(|letter: char| !letter.is_alphanumeric() && letter != '('),
        ),
        Some(_) => (None, sentence),
    }
}

/// The question as the statement that the answer makes of it; none where the rest of the answer takes something back.
fn answered(answer: Answer, question: &str, rest: &str) -> Option<String> {
    let scene = Scene::of(rest);
    let takes_back = scene.words.iter().any(|word| BUT.contains(&word.stem.as_str()));
    if takes_back || has(&scene, Mark::If) || has(&scene, Mark::Except) || negates(rest) && answer == Answer::Yes {
        return None;
    }
    let question = addressed(question);
    Some(match answer {
        Answer::Yes => question,
        Answer::No => format!("never {question}"),
    })
}

/// The question with the organisation as "we": it is the "you" of a question.
fn addressed(question: &str) -> String {
    let words = question.split(' ').map(|word| match word {
        "you" => "we",
        "your" => "our",
        other => other,
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The words of a question that "yes" or "no" answers.
fn closed_question(topic: &str) -> Option<&str> {
    let question = topic.trim().strip_suffix('?')?;
    let first = words(question).into_iter().next()?;
    AUXILIARIES.contains(&first.stem.as_str()).then_some(question)
}

fn opens(topic: &str) -> bool {
    let lower = topic.trim().to_lowercase();
    OPEN_QUESTIONS.iter().any(|begin| lower.starts_with(begin))
}

fn negates(text: &str) -> bool {
    let idioms = tables().mark(Mark::Idiom);
    let words = words(text);
    let covered = idioms.find(&words);
    words.iter().enumerate().any(|(at, word)| {
        crate::import::grammar::negates(word) && !covered.iter().any(|hit| hit.start <= at && at < hit.end)
    })
}
