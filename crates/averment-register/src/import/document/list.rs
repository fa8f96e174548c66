//! Bulleted and numbered lines to nested items.

use super::blocks::begins_block;
use super::lines::{indent, is_short_line, item};
use super::text::Text;
use super::{DEPTH_MAX, Item, inline};

/// A line that is this long may have been broken where the next word did not fit.
const FULL_LINE: usize = 55;
/// Longer lines are never broken.
const WRAPPED_MAX: usize = 200;

/// One bulleted line with what continues it.
struct Flat {
    indent: usize,
    line: u32,
    text: String,
    /// Letters of its last line.
    last: usize,
}

/// Reads the list at the front of `lines`, the first of which is line `first`. Gives how many lines it takes.
pub(super) fn read(lines: &[&str], first: u32, layout: &mut Vec<Text>) -> (Vec<Item>, usize) {
    let mut flat: Vec<Flat> = Vec::new();
    let mut at = 0;
    let mut blank = false;
    while let Some(line) = lines.get(at) {
        let number = first.saturating_add(u32::try_from(at).unwrap_or(0));
        if line.trim().is_empty() {
            blank = true;
        } else if let Some((indent, text)) = item(line).filter(|_| !begins_block(line)) {
            flat.push(Flat {
                indent,
                line: number,
                text: text.to_owned(),
                last: text.chars().count(),
            });
            blank = false;
        } else {
            let last = flat.last_mut().filter(|last| continues(line, last, blank));
            let Some(last) = last else { break };
            last.text.push(' ');
            last.text.push_str(line.trim());
            last.last = line.trim().chars().count();
        }
        at += 1;
    }
    // Blank lines behind the list are not its own.
    while at > 0 && lines[at - 1].trim().is_empty() {
        at -= 1;
    }
    (nest(flat, layout), at)
}

/// Whether a line goes on with an item: it is indented under it, or follows it at once in lower case.
fn continues(line: &str, last: &Flat, blank: bool) -> bool {
    if begins_block(line) {
        return false;
    }
    let starts_low = line
        .trim_start()
        .chars()
        .next()
        .is_some_and(|c| c.is_lowercase() || c == '(');
    let open = !last.text.ends_with(['.', '!', '?', ')', ';', ':']);
    indent(line) > last.indent
        || !blank && (starts_low || open && !is_short_line(line) && (FULL_LINE..WRAPPED_MAX).contains(&last.last))
}

/// Items by their indent. A line that stands further in belongs to the one before it.
fn nest(flat: Vec<Flat>, layout: &mut Vec<Text>) -> Vec<Item> {
    // The open items from the outside in: indent and item.
    let mut open: Vec<(usize, Item)> = Vec::new();
    let mut done: Vec<Item> = Vec::new();
    for line in flat {
        while open
            .last()
            .is_some_and(|(indent, _)| line.indent <= *indent || open.len() >= DEPTH_MAX)
        {
            close(&mut open, &mut done);
        }
        let item = Item {
            text: inline::read(line.line, &line.text, layout),
            items: Vec::new(),
        };
        open.push((line.indent, item));
    }
    while !open.is_empty() {
        close(&mut open, &mut done);
    }
    done
}

fn close(open: &mut Vec<(usize, Item)>, done: &mut Vec<Item>) {
    let Some((_, item)) = open.pop() else { return };
    match open.last_mut() {
        Some((_, outer)) => outer.items.push(item),
        None => done.push(item),
    }
}
