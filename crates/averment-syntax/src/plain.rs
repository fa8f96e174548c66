//! Text without a grammar: one [`Text`] a line.

use crate::{Facts, Surroundings, Text};

/// The lines of a text, without white space around them; empty ones are left out.
pub(crate) fn facts(text: &str) -> Facts {
    Facts {
        texts: lines(text, 0, Surroundings::Live),
        ..Facts::default()
    }
}

/// The same for what a grammar should have read and could not.
pub(crate) fn unread(text: &str) -> Facts {
    Facts {
        broken: 1,
        ..facts(text)
    }
}

/// Lines as texts; `offset` is where `text` starts in the file.
pub(crate) fn lines(text: &str, offset: usize, surroundings: Surroundings) -> Vec<Text> {
    let mut at = offset;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let line = line.trim();
        if !line.is_empty() {
            found.push(Text {
                text: line.to_owned(),
                given_to: String::new(),
                argument_of: String::new(),
                span: start..start + line.len(),
                surroundings,
            });
        }
    }
    found
}
