//! Constants whose address somebody is only led to, or that nobody uses: by what is done with their name in the same file.

use averment_syntax::{Language, Text};

use crate::code::judge::words_at;
use crate::code::look::Look;

/// What stands in a line that leads somebody somewhere.
const LEADS: [&str; 17] = [
    "href",
    "window.open",
    "window.location",
    "location.assign",
    "location.replace",
    // Not `redirect_uri`, which is told to whoever signs people in.
    "redirect(",
    "redirect_to",
    "redirectTo",
    "Redirect(",
    "link_to",
    "<Link",
    "openURL",
    "openUrl",
    "openBrowser",
    "openInBrowser",
    "ACTION_VIEW",
    "CustomTabs",
];

/// Longest file that is searched for names, in bytes: each constant is looked for in all of it.
const TEXT_MAX: usize = 256 << 10;

/// Whether the name that a text is given to leads people somewhere wherever it stands, or stands nowhere else although nobody outside
/// of the file can see it.
pub(super) fn leads_only(look: &Look<'_>, text: &Text) -> bool {
    let name = text.given_to.rsplit(['.', ':']).next().unwrap_or_default();
    if name.len() < 4 || !text.argument_of.is_empty() || look.text.len() > TEXT_MAX {
        return false;
    }
    let defined = line_of(look.text, text.span.start);
    let mut uses = words_at(look.text, name)
        .filter(|at| !(defined.start..=text.span.end).contains(at))
        .map(|at| look.text.get(line_of(look.text, at)).unwrap_or_default())
        .filter(|line| !is_comment(look.language, line))
        .peekable();
    if uses.peek().is_none() {
        let line = look.text.get(defined.clone()).unwrap_or_default();
        return declares(line, name) && is_private(look, line);
    }
    uses.all(|line| LEADS.iter().any(|lead| line.contains(lead)))
}

/// Whether `name` is what a line declares, and no key of an object that it declares: `const X = …`, `private val X: String = …`.
fn declares(line: &str, name: &str) -> bool {
    let front = words_at(line, name).next().and_then(|at| line.get(..at));
    front.is_some_and(|front| !front.contains(['=', '(', '{', '[']))
}

/// `private const val X = …`, `private static final String X`, and in a module of JavaScript `const X` that is not exported.
fn is_private(look: &Look<'_>, line: &str) -> bool {
    let constant = ["const ", "final ", "val "].iter().any(|word| line.contains(word));
    match look.language {
        Language::Kotlin | Language::Java | Language::Php => line.trim_start().starts_with("private ") && constant,
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            let module = ["import ", "export ", "require("]
                .iter()
                .any(|word| look.text.contains(word));
            line.starts_with("const ") && module
        }
        _ => false,
    }
}

fn is_comment(language: Language, line: &str) -> bool {
    // In JavaScript `#ask() { … }` is a method.
    let hash = matches!(language, Language::Php | Language::Python | Language::Ruby);
    let line = line.trim_start();
    ["//", "*", "/*"].iter().any(|mark| line.starts_with(mark)) || (hash && line.starts_with('#'))
}

fn line_of(text: &str, at: usize) -> std::ops::Range<usize> {
    let start = text
        .get(..at)
        .and_then(|front| front.rfind('\n'))
        .map_or(0, |before| before + 1);
    let end = text
        .get(at..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |length| at + length);
    start..end
}
