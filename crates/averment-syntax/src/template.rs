//! Templates: code between marks in text that is HTML in the main.
//!
//! Start at [`parts`], which cuts a file at its marks; [`facts`] reads the code and the HTML around it.

use crate::pieces::Pieces;
use crate::{Call, Facts, Language, Surroundings, Text, code, haml, html, plain};

/// What stands between two marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text of the page.
    Page,
    /// Code whose value is put into the page.
    Value,
    /// Code that only runs.
    Code,
    Comment,
    /// `{% word … %}`.
    Word,
    /// `{{ … }}`.
    Mustache,
}

/// Which marks a template has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marks {
    /// `<% %>` with Ruby in it.
    Ruby,
    /// `<% %>`, `{{ }}` and `{% %}` with JavaScript or what reads like it.
    Any,
}

/// A part and where its inside stands.
type Cut<'a> = (Part, &'a str, usize);

/// Opening and closing marks, the longest first. Those with braces are not for ERB.
const MARKS: [(&str, &str, Part); 14] = [
    ("<%#", "%>", Part::Comment),
    ("<%--", "--%>", Part::Comment),
    ("<%!--", "--%>", Part::Comment),
    ("<%==", "%>", Part::Value),
    ("<%=", "%>", Part::Value),
    ("<%-", "%>", Part::Value),
    ("<%", "%>", Part::Code),
    ("{#", "#}", Part::Comment),
    ("{%", "%}", Part::Word),
    ("{{!--", "--}}", Part::Comment),
    ("{{--", "--}}", Part::Comment),
    ("{{!", "}}", Part::Comment),
    ("{{{", "}}}", Part::Mustache),
    ("{{", "}}", Part::Mustache),
];

/// Cuts a file at its marks. A mark that is not closed is text.
pub(crate) fn parts(text: &str, marks: Marks) -> Vec<Cut<'_>> {
    let known = if marks == Marks::Ruby { &MARKS[..7] } else { &MARKS[..] };
    let (mut found, mut from, mut at) = (Vec::new(), 0, 0);
    // Marks that are not closed once are not looked for again: else a file of opening marks takes the square of its length.
    let mut open_ended: Vec<&str> = Vec::new();
    let mut in_script = false;
    while let Some(next) = text[at..].find(['<', '{']) {
        at += next;
        let rest = &text[at..];
        if let Some(tag) = ["<script", "</script"].into_iter().find(|tag| starts_with(rest, tag)) {
            in_script = tag == "<script";
        }
        if let Some(length) = bound(text, at).filter(|_| marks == Marks::Any && !in_script) {
            found.push((Part::Page, &text[from..at], from));
            found.push((Part::Value, &rest[1..length], at + 1));
            at += length + 1;
            from = at;
            continue;
        }
        let mark = known
            .iter()
            .find(|(open, close, _)| rest.starts_with(open) && !open_ended.contains(close));
        let Some((open, close, part)) =
            mark.filter(|_| !rest.starts_with("<%%") && !rest.starts_with("{#if") && !rest.starts_with("{#each"))
        else {
            at += 1;
            continue;
        };
        let Some(end) = rest[open.len()..].find(close) else {
            open_ended.push(close);
            at += 1;
            continue;
        };
        found.push((Part::Page, &text[from..at], from));
        // `<%-` of ERB trims white space, and of EJS it puts in a value.
        let part = if *open == "<%-" && marks == Marks::Ruby {
            Part::Code
        } else {
            *part
        };
        found.push((part, &rest[open.len()..open.len() + end], at + open.len()));
        at += open.len() + end + close.len();
        from = at;
    }
    found.push((Part::Page, &text[from..], from));
    without_commented(text, found)
}

/// What stands between `{% comment %}` and `{% endcomment %}` of Django and Liquid as one comment. One that is not closed is a word.
fn without_commented<'a>(text: &'a str, cuts: Vec<Cut<'a>>) -> Vec<Cut<'a>> {
    let is = |cut: &Cut<'_>, word: &str| cut.0 == Part::Word && first_word(cut.1) == word;
    let Some(last) = cuts.iter().rposition(|cut| is(cut, "endcomment")) else {
        return cuts;
    };
    let (mut kept, mut open): (Vec<Cut<'_>>, Option<usize>) = (Vec::with_capacity(cuts.len()), None);
    for (number, cut) in cuts.into_iter().enumerate() {
        match open {
            None if number < last && is(&cut, "comment") => open = Some(cut.2 + cut.1.len() + "%}".len()),
            None => kept.push(cut),
            Some(from) if is(&cut, "endcomment") => {
                let until = cut.2 - "{%".len();
                kept.push((Part::Comment, text.get(from..until).unwrap_or_default(), from));
                open = None;
            }
            Some(_) => {}
        }
    }
    kept
}

fn starts_with(text: &str, tag: &str) -> bool {
    text.as_bytes()
        .get(..tag.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
}

/// The length of `{…}` behind the `=` of an attribute, as Svelte and Astro have it.
fn bound(text: &str, at: usize) -> Option<usize> {
    let is_value = text[..at].ends_with('=')
        && text[at..].starts_with('{')
        && !text[at..].starts_with("{{")
        && !text[at..].starts_with("{%");
    if is_value { haml::closing(&text[at..]) } else { None }
}

/// The facts of a template.
pub(crate) fn facts(text: &str, marks: Marks) -> Facts {
    let cuts = parts(text, marks);
    let language = if marks == Marks::Ruby {
        Language::Ruby
    } else {
        Language::JavaScript
    };
    let mut facts = html::facts(&page(&cuts), text);
    let mut code = Pieces::default();
    let mut words = Vec::new();
    for (part, inside, start) in &cuts {
        match part {
            Part::Page => {}
            Part::Comment => facts.texts.extend(plain::lines(inside, *start, Surroundings::Comment)),
            Part::Word => words.push((*inside, *start)),
            Part::Mustache if is_word(inside) => words.push((*inside, *start)),
            Part::Value | Part::Code | Part::Mustache => {
                let trimmed = inside.trim_end_matches(['-', '_']);
                code.add(trimmed, *start);
                code.glue("\n;", start + trimmed.len());
            }
        }
    }
    if !code.text.trim().is_empty() {
        facts.take(read(language, &code, text));
    }
    for (inside, start) in words {
        word(inside, start, &mut facts);
    }
    facts
}

/// Reads pieces as code, or as text if they cannot be parsed.
pub(crate) fn read(language: Language, pieces: &Pieces, file: &str) -> Facts {
    let found = code::facts(language, &pieces.text);
    pieces.moved(found.unwrap_or_else(|| plain::unread(&pieces.text)), file)
}

/// What is HTML, with holes where values are put in.
fn page(cuts: &[Cut<'_>]) -> Pieces {
    let mut page = Pieces::default();
    for (part, inside, start) in cuts {
        match part {
            Part::Page => page.add(inside, *start),
            Part::Value | Part::Mustache if !is_control(inside) => page.hole(inside, *start),
            Part::Value => page.hole(inside, *start),
            Part::Word if !is_control(inside) => page.hole(inside, *start),
            Part::Word | Part::Mustache | Part::Code | Part::Comment => page.glue(" ", *start),
        }
    }
    page
}

/// Words of Jinja, Django, Liquid, Twig and Handlebars that steer what is shown and show nothing.
const CONTROL: [&str; 22] = [
    "if",
    "elif",
    "elsif",
    "else",
    "for",
    "block",
    "with",
    "extends",
    "load",
    "macro",
    "set",
    "from",
    "import",
    "filter",
    "spaceless",
    "autoescape",
    "comment",
    "verbatim",
    "unless",
    "case",
    "when",
    "assign",
];

fn first_word(inside: &str) -> &str {
    let inside = inside
        .trim_start_matches(['-', '+', '~', '#', '/', '>', '^', '&'])
        .trim_start();
    inside
        .split(|letter: char| !letter.is_alphanumeric() && !"_-./".contains(letter))
        .next()
        .unwrap_or("")
}

fn is_control(inside: &str) -> bool {
    let word = first_word(inside);
    // Blocks and partials of Handlebars steer too.
    word.is_empty() || inside.starts_with(['#', '/', '^', '>']) || word.starts_with("end") || CONTROL.contains(&word)
}

/// Whether a mustache is a word with arguments (`{{#if x}}`, `{{helper "text" key=value}}`) and not an expression.
fn is_word(inside: &str) -> bool {
    let bare = inside.trim_start_matches(['~', '-']).trim();
    if bare.starts_with(['#', '/', '>', '^', '&']) {
        return true;
    }
    let (word, rest) = bare.split_once(char::is_whitespace).unwrap_or((bare, ""));
    let is_name = !word.is_empty()
        && word
            .chars()
            .all(|letter| letter.is_alphanumeric() || "_-./@".contains(letter));
    let argument = rest
        .trim_start()
        .starts_with(|letter: char| letter.is_alphanumeric() || "\"'@_".contains(letter));
    is_name
        && argument
        && !matches!(
            rest.split_whitespace().next(),
            Some("if" | "in" | "or" | "and" | "is" | "not" | "instanceof")
        )
}

/// A word with its texts; one that shows something is a call.
fn word(inside: &str, start: usize, facts: &mut Facts) {
    let name = first_word(inside);
    let path = if is_control(inside) {
        String::new()
    } else {
        name.to_owned()
    };
    let texts = quoted(inside, start);
    if !path.is_empty() && !inside.starts_with('/') {
        let name_at = start + inside.find(name).unwrap_or(0);
        let arguments = texts
            .iter()
            .map(|(text, span)| crate::Argument {
                name: String::new(),
                names: Vec::new(),
                texts: vec![(*text).to_owned()],
                span: span.clone(),
            })
            .chain(bare_arguments(inside, name, name_at))
            .collect();
        facts.calls.push(Call {
            resolved: path.clone(),
            path: path.clone(),
            arguments,
            within: String::new(),
            span: start..start + inside.len(),
            surroundings: Surroundings::Live,
        });
    }
    for (text, span) in texts {
        let argument_of = path.clone();
        facts.texts.push(Text {
            text: text.to_owned(),
            given_to: String::new(),
            argument_of,
            span,
            surroundings: Surroundings::Live,
        });
    }
}

/// Arguments that are names: `{{avatar user.email}}`.
fn bare_arguments(inside: &str, name: &str, name_at: usize) -> Vec<crate::Argument> {
    let behind = inside.find(name).map_or("", |at| &inside[at + name.len()..]);
    let words = behind.split_whitespace().filter(|word| {
        word.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') && !word.contains(['"', '\''])
    });
    words
        .take(32)
        .map(|word| {
            let (key, value) = word.split_once('=').unwrap_or(("", word));
            let names = value
                .split(['.', '|'])
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect();
            crate::Argument {
                name: key.to_owned(),
                names,
                texts: Vec::new(),
                span: name_at..name_at + name.len(),
            }
        })
        .collect()
}

/// Texts in quotes with their places.
fn quoted(inside: &str, start: usize) -> Vec<(&str, std::ops::Range<usize>)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = inside[at..].find(['"', '\'']).map(|open| at + open) {
        let quote = char::from(inside.as_bytes()[open]);
        let Some(end) = inside[open + 1..].find(quote).map(|end| open + 1 + end) else {
            break;
        };
        if end > open + 1 {
            found.push((&inside[open + 1..end], start + open + 1..start + end));
        }
        at = end + 1;
    }
    found
}
