//! The settings that stand before a page (`---` or `+++`): title and sentences are taken from them, the rest is layout.

use super::text::Text;
use super::{Document, Part, inline};

/// Longest block of settings, in lines; a page that merely begins with a rule is not taken for one.
const LINES_MAX: usize = 200;
/// Settings whose value is a sentence that readers see.
const SENTENCES: [&str; 8] = [
    "description",
    "lead",
    "summary",
    "subtitle",
    "excerpt",
    "intro",
    "tagline",
    "abstract",
];

/// Reads the settings at the front of `lines` and gives how many lines they take.
pub(super) fn read(lines: &[&str], document: &mut Document) -> usize {
    let fence = lines.first().map_or("", |line| line.trim());
    if fence != "---" && fence != "+++" {
        return 0;
    }
    let inside = lines
        .iter()
        .skip(1)
        .take(LINES_MAX)
        .position(|line| line.trim() == fence);
    let Some(end) = inside.filter(|end| lines[1..=*end].iter().all(|line| is_setting(line))) else {
        return 0;
    };
    for (at, line) in lines[1..=end].iter().enumerate() {
        let number = u32::try_from(at + 2).unwrap_or(u32::MAX);
        setting(number, line, document);
    }
    end + 2
}

fn is_setting(line: &str) -> bool {
    let text = line.trim();
    let key = text
        .split_once([':', '='])
        .is_some_and(|(key, _)| !key.trim().contains("  ") && key.split_whitespace().count() <= 2);
    text.is_empty() || text.starts_with(['#', '-', ']', '[', '}']) || line.starts_with([' ', '\t']) || key
}

fn setting(line: u32, text: &str, document: &mut Document) {
    let (key, value) = text.split_once([':', '=']).unwrap_or((text, ""));
    let value = value.trim();
    let bare = value.trim_matches(['"', '\'']);
    let key = key.trim().to_ascii_lowercase();
    if key == "title" && !bare.is_empty() {
        document.title = Some(inline::read(line, bare, &mut document.layout));
        document.layout.push(Text::new(line, text));
    } else if SENTENCES.contains(&key.as_str()) && bare.split_whitespace().count() >= 4 {
        let text = inline::read(line, bare, &mut document.layout);
        document.layout.push(Text::new(line, &key));
        document.parts.push(Part::Paragraph(text));
    } else if !text.trim().is_empty() {
        document.layout.push(Text::new(line, text));
    }
}
