//! The syntax room: the text of one source file in, what it imports, calls, embeds and mentions out.
//!
//! Start at [`facts`]. Nothing here knows third parties, files or the register: a fact is what stands there and in which
//! surroundings, so that a comment, a test or an example never reads like code that runs. The grammars make this room heavy,
//! which is why it is one of its own.
//!
//! Invariant: what cannot be parsed is still read as text and says so ([`Facts::broken`]); no text is too deep, too long or too
//! odd to end.

mod code;
mod define;
mod facts;
mod grammar;
mod guard;
mod haml;
mod html;
mod imports;
mod keys;
mod language;
mod path;
mod php;
mod pieces;
mod plain;
mod scope;
mod tags;
mod template;
mod tree;
mod value;
mod yaml;

pub use facts::{Argument, Call, Definition, Facts, Import, Key, Span, Surroundings, Tag, Text};
pub use language::Language;

/// Above this many bytes a file is read as text: nobody wrote it by hand, and parsing takes some forty times its length of memory.
pub const PARSED_MAX: usize = 4 << 20;

/// Everything that stands in one source file.
///
/// `text`: the whole file, UTF-8, without a byte order mark. Spans of the result are bytes of it and lie on boundaries of characters. What
/// the grammar of `language` cannot read is counted in [`Facts::broken`] and read as text, line by line.
#[must_use]
pub fn facts(language: Language, text: &str) -> Facts {
    if text.len() > PARSED_MAX {
        return plain::facts(text);
    }
    let mut facts = match language {
        Language::Plain => Some(plain::facts(text)),
        Language::Html => Some(template::facts(text, template::Marks::Any)),
        Language::Erb => Some(template::facts(text, template::Marks::Ruby)),
        Language::Haml => Some(haml::facts(text)),
        Language::Slim => Some(haml::facts_of_slim(text)),
        Language::Pug => Some(haml::facts_of_pug(text)),
        Language::Yaml => Some(yaml::facts(text)),
        Language::Php => php::facts(text),
        _ => code::facts(language, text),
    }
    .unwrap_or_else(|| plain::unread(text));
    facts.sort();
    facts
}
