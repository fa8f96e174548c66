//! Markdown inside one line: bold, links, code, escapes, entities and stray tags, to a [`Text`].
//!
//! A mark that is not closed stands for itself, so that a plain text with asterisks in it comes out as it is.

use super::text::{Mark, Text, clean};

/// How far a mark may reach, in bytes: keeps a text full of open marks linear.
const REACH_MAX: usize = 4_000;
/// So many marks that are not closed, and the rest of the text is read as it stands.
const OPEN_MAX: usize = 500;
/// Marks in marks.
const NESTING_MAX: usize = 4;

/// Reads one line, or lines joined by spaces; targets of links that are not kept go to `layout`.
pub(super) fn read(line: u32, text: &str, layout: &mut Vec<Text>) -> Text {
    let mut run = Run {
        out: String::new(),
        marks: Vec::new(),
        targets: Vec::new(),
        open: 0,
    };
    run.read(&clean(text), 0);
    layout.extend(run.targets.into_iter().map(|target| Text::new(line, &target)));
    tidy(line, &run.out, run.marks)
}

struct Run {
    out: String,
    marks: Vec<Mark>,
    targets: Vec<String>,
    /// Marks that were not closed.
    open: usize,
}

impl Run {
    fn read(&mut self, text: &str, depth: usize) {
        let mut at = 0;
        while let Some(letter) = text[at..].chars().next() {
            let rest = &text[at..];
            let taken = match letter {
                _ if self.open > OPEN_MAX => None,
                '\\' => self.escape(rest),
                '`' => self.code(rest),
                '!' if rest.starts_with("![") => self.image(rest),
                '[' => self.link(rest, depth),
                '<' => self.tag(rest, depth),
                '&' => self.entity(rest),
                '*' | '_' | '~' => self.emphasis(rest, at > 0 && ends_in_word(&text[..at]), depth),
                _ => None,
            };
            self.open += usize::from(taken.is_none() && matches!(letter, '[' | '<' | '*' | '_' | '`'));
            at += taken.unwrap_or_else(|| {
                self.out.push(letter);
                letter.len_utf8()
            });
        }
    }

    fn escape(&mut self, rest: &str) -> Option<usize> {
        let next = rest[1..].chars().next().filter(char::is_ascii_punctuation)?;
        self.out.push(next);
        Some(2)
    }

    fn code(&mut self, rest: &str) -> Option<usize> {
        let ticks = rest.len() - rest.trim_start_matches('`').len();
        let inner = &rest[ticks..];
        let end = within(inner).find(&rest[..ticks])?;
        self.out.push_str(inner[..end].trim());
        Some(ticks + end + ticks)
    }

    fn image(&mut self, rest: &str) -> Option<usize> {
        let (inner, target, taken) = bracketed(&rest[1..])?;
        self.targets.push(format!("{inner} {target}"));
        Some(1 + taken)
    }

    fn link(&mut self, rest: &str, depth: usize) -> Option<usize> {
        if rest.starts_with("[^") {
            // A footnote's number: it belongs to the page, not to the name before it.
            let end = within(rest).find(']').filter(|end| *end <= 12)?;
            self.targets.push(rest[..=end].to_owned());
            return Some(end + 1);
        }
        let (inner, target, taken) = bracketed(rest)?;
        let start = self.out.len();
        self.inner(inner, depth);
        let link = Some(
            target
                .split_whitespace()
                .next()
                .unwrap_or_default()
                .trim_matches(['<', '>'])
                .to_owned(),
        );
        self.targets.push(target.to_owned());
        self.marks.push(Mark {
            at: start..self.out.len(),
            link,
        });
        Some(taken)
    }

    fn inner(&mut self, inner: &str, depth: usize) {
        if depth < NESTING_MAX {
            self.read(inner, depth + 1);
        } else {
            self.out.push_str(inner);
        }
    }

    /// A tag is left out; an address in angle brackets, and what `<a>` and `<b>` hold, is kept.
    fn tag(&mut self, rest: &str, depth: usize) -> Option<usize> {
        let end = within(rest).find('>')?;
        let inner = &rest[1..end];
        if inner.contains("://") && !inner.contains([' ', '"']) || inner.contains('@') && !inner.contains([' ', '=']) {
            let target = inner.trim_start_matches("mailto:");
            let start = self.out.len();
            self.out.push_str(target);
            self.marks.push(Mark {
                at: start..self.out.len(),
                link: Some(target.to_owned()),
            });
            return Some(end + 1);
        }
        let name = inner.trim_start_matches('/');
        name.chars().next().filter(|c| c.is_ascii_alphabetic() || *c == '!')?;
        let name: String = name
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        let close = format!("</{name}>");
        let body = &rest[end + 1..];
        let strong = ["a", "b", "strong"].contains(&name.as_str()) && !inner.starts_with('/');
        let Some(stop) = within(body).find(&close).filter(|_| strong) else {
            if inner.contains('=') {
                self.targets.push(inner.to_owned());
            }
            if ["br", "p", "div", "li", "td", "tr"].contains(&name.as_str()) {
                self.out.push(' ');
            }
            return Some(end + 1);
        };
        let start = self.out.len();
        self.inner(&body[..stop], depth);
        let link = (name == "a").then(|| attribute(inner, "href"));
        self.marks.push(Mark {
            at: start..self.out.len(),
            link,
        });
        if name == "a" {
            self.targets.push(attribute(inner, "href"));
        }
        Some(end + 1 + stop + close.len())
    }

    fn entity(&mut self, rest: &str) -> Option<usize> {
        let end = rest[..rest.floor_char_boundary(12)].find(';')?;
        self.out.push(entity(&rest[1..end])?);
        Some(end + 1)
    }

    /// Bold and italic. An underscore inside a word is a letter like any other.
    fn emphasis(&mut self, rest: &str, inside: bool, depth: usize) -> Option<usize> {
        let letter = rest.chars().next()?;
        let run = rest.len() - rest.trim_start_matches(letter).len();
        let marker = &rest[..run.min(3)];
        let inner = &rest[marker.len()..];
        if run > 3 || inner.starts_with(' ') || inside && letter == '_' || letter == '~' && run != 2 {
            return None;
        }
        let end = within(inner)
            .find(marker)
            .filter(|end| *end > 0 && !inner[..*end].ends_with(' '))?;
        let after = inner[end + marker.len()..].chars().next();
        if letter == '_' && after.is_some_and(char::is_alphanumeric) {
            return None;
        }
        let start = self.out.len();
        self.inner(&inner[..end], depth);
        if marker.len() >= 2 && letter != '~' {
            self.marks.push(Mark {
                at: start..self.out.len(),
                link: None,
            });
        }
        Some(2 * marker.len() + end)
    }
}

fn ends_in_word(text: &str) -> bool {
    text.chars().next_back().is_some_and(char::is_alphanumeric)
}

/// At most as much as a mark may reach.
fn within(text: &str) -> &str {
    &text[..text.floor_char_boundary(REACH_MAX)]
}

/// `[inner](target)` or `[inner][target]`, and how much of the text it takes.
fn bracketed(rest: &str) -> Option<(&str, &str, usize)> {
    let mut depth = 0_usize;
    let close = within(rest).char_indices().find_map(|(at, letter)| {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    let inner = &rest[1..close];
    let after = &rest[close + 1..];
    let (open, shut) = match after.chars().next()? {
        '(' => ('(', ')'),
        '[' => ('[', ']'),
        _ => return None,
    };
    let mut depth = 0_usize;
    let end = within(after).char_indices().find_map(|(at, letter)| {
        match letter {
            letter if letter == open => depth += 1,
            letter if letter == shut => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    Some((inner, &after[1..end], close + 1 + end + 1))
}

fn attribute(tag: &str, name: &str) -> String {
    let found = tag.split_once(&format!("{name}="));
    let value = found.map_or("", |(_, rest)| rest.trim_start());
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next(),
        None => value.split([' ', '>']).next(),
    };
    value.unwrap_or_default().to_owned()
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "rsquo" => Some('’'),
        "lsquo" => Some('‘'),
        "ldquo" => Some('“'),
        "rdquo" => Some('”'),
        "hellip" => Some('…'),
        "bull" => Some('•'),
        "copy" => Some('©'),
        "reg" => Some('®'),
        "trade" => Some('™'),
        _ => match name.strip_prefix('#')? {
            hex if hex.starts_with(['x', 'X']) => number(&hex[1..], 16),
            digits => number(digits, 10),
        },
    }
}

/// Runs of spaces that left-out tags leave behind become one, and the marks move with the text.
pub(super) fn tidy(line: u32, text: &str, marks: Vec<Mark>) -> Text {
    let mut plain = String::with_capacity(text.len());
    // New place of every byte at which a mark begins or ends.
    let mut places: Vec<usize> = marks.iter().flat_map(|mark| [mark.at.start, mark.at.end]).collect();
    places.sort_unstable();
    places.dedup();
    let mut moved = std::collections::BTreeMap::new();
    let mut next = places.into_iter().peekable();
    let mut space = false;
    for (at, letter) in text.char_indices() {
        while next.peek().is_some_and(|place| *place <= at) {
            moved.extend(
                next.next()
                    .map(|place| (place, plain.len() + usize::from(space && !plain.is_empty()))),
            );
        }
        if letter.is_whitespace() || letter.is_control() || matches!(letter, '\u{feff}' | '\u{200b}') {
            space = true;
            continue;
        }
        if space && !plain.is_empty() {
            plain.push(' ');
        }
        space = false;
        plain.push(letter);
    }
    let end = plain.len();
    let place = |at: &usize| moved.get(at).copied().unwrap_or(end).min(end);
    let mut marks: Vec<Mark> = marks
        .into_iter()
        .map(|mark| Mark {
            at: place(&mark.at.start)..place(&mark.at.end),
            link: mark.link,
        })
        .filter(|mark| mark.at.start < mark.at.end && plain.is_char_boundary(mark.at.start))
        .collect();
    for mark in &mut marks {
        mark.at.end = mark.at.start + plain[mark.at.clone()].trim_end().len();
    }
    marks.retain(|mark| mark.at.start < mark.at.end);
    marks.sort_by_key(|mark| (mark.at.start, std::cmp::Reverse(mark.at.end)));
    Text { line, plain, marks }
}
