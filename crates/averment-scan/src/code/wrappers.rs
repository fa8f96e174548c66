//! Functions of the repository that call a third party and hand on what they are given: whoever calls them is evidence as well.
//!
//! One step only: what calls a caller is not followed. Constants that hold an address go the same way ([`super::constants`]).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use averment_catalog::catalog;
use averment_syntax::{Call, Definition, Facts, Language};

use super::class::Class;
use super::finding::{Finding, Wrapper};
use super::judge::{Contact, passed_here, words_at};
use super::look::{Look, live};
use crate::observation::{Confidence, How, Party};

/// Wrappers that a file defines.
pub(super) fn of(look: &Look<'_>, facts: &Facts, contacts: &[Contact]) -> Vec<Wrapper> {
    if look.class != Class::Live {
        return Vec::new();
    }
    let ambiguous = ambiguous(look, facts, contacts);
    let mut found: BTreeMap<String, Wrapper> = BTreeMap::new();
    for contact in contacts {
        let Some(call) = facts.calls.get(contact.call) else {
            continue;
        };
        let Some(definition) = around(facts, call) else {
            continue;
        };
        if !is_shared(look, definition) || !hands_on(definition, call) || ambiguous.contains(definition.name.as_str()) {
            continue;
        }
        if hangs_on_argument(look, definition, call) {
            continue;
        }
        if contact.parties.iter().all(is_monitoring) && !is_short(look, definition) {
            continue;
        }
        let wrapper = found.entry(definition.name.clone()).or_insert_with(|| Wrapper {
            name: definition.name.clone(),
            parties: Vec::new(),
            side: look.side,
            tier: contact.tier,
            constant: false,
        });
        wrapper.tier = wrapper.tier.max(contact.tier);
        for party in &contact.parties {
            if !wrapper.parties.contains(party) {
                wrapper.parties.push(party.clone());
            }
        }
    }
    found.into_values().chain(super::constants::of(look, facts)).collect()
}

/// The smallest definition around a call.
fn around<'f>(facts: &'f Facts, call: &Call) -> Option<&'f Definition> {
    let holds =
        |definition: &&Definition| definition.span.start <= call.span.start && call.span.end <= definition.span.end;
    facts
        .definitions
        .iter()
        .filter(holds)
        .min_by_key(|definition| definition.span.len())
}

/// Names of functions of which one asks nobody, so that nobody can say which of them is called. Signatures ask nobody and are
/// never what is called.
fn ambiguous<'f>(look: &Look<'_>, facts: &'f Facts, contacts: &[Contact]) -> BTreeSet<&'f str> {
    let calls = contacts.iter().filter_map(|contact| facts.calls.get(contact.call));
    let starts: BTreeSet<usize> = calls.map(|call| call.span.start).collect();
    let silent = facts
        .definitions
        .iter()
        .filter(|one| starts.range(one.span.clone()).next().is_none() && has_body(look, one));
    silent.map(|one| one.name.as_str()).collect()
}

/// Longest head of a definition that is looked through for its end, in bytes.
const HEAD_MAX: usize = 2000;

/// Whether a definition says what is done, and not only how it is called: overloads of TypeScript, abstract methods and methods of
/// interfaces do not. What is in doubt has a body.
fn has_body(look: &Look<'_>, definition: &Definition) -> bool {
    let text = look.text.get(definition.span.clone()).unwrap_or_default().trim_end();
    match look.language {
        Language::Ruby | Language::Erb | Language::Haml | Language::Slim => true,
        Language::Python => head_end(text, b":").is_none_or(|at| {
            let body = text.get(at + 1..).unwrap_or_default().trim();
            !(["...", "pass"].contains(&body) || body.starts_with("raise NotImplementedError"))
        }),
        _ => match head_end(text, b"{=") {
            // A type in braces is what a signature gives: `: { id: string };`.
            Some(at) => text.as_bytes().get(at) == Some(&b'=') || !text.ends_with(';'),
            None => text.len() > HEAD_MAX,
        },
    }
}

/// Where one of `marks` first stands outside of parentheses and brackets.
fn head_end(text: &str, marks: &[u8]) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(HEAD_MAX) {
        match byte {
            b'(' | b'[' => open += 1,
            b')' | b']' => open = open.saturating_sub(1),
            _ if open == 0 && marks.contains(&byte) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether other files can call it: marked where it stands, or named in a list of exports.
fn is_shared(look: &Look<'_>, definition: &Definition) -> bool {
    let head = definition.name.split('.').next().unwrap_or_default();
    let listed = ["module.exports", "export default", "export {"]
        .iter()
        .filter_map(|word| look.text.split_once(word));
    definition.exported
        || listed
            .map(|(_, rest)| rest)
            .any(|rest| words_at(rest, head).next().is_some())
}

/// Whether a parameter stands among the arguments.
fn hands_on(definition: &Definition, call: &Call) -> bool {
    let parameters = &definition.parameters;
    let names = call.arguments.iter().flat_map(|argument| &argument.names);
    names.into_iter().any(|name| {
        let head = name.split(['.', '[', '(']).next().unwrap_or(name);
        parameters.iter().any(|parameter| parameter == head)
    })
}

/// Whether what a parameter is compared with decides if a call is made: `if (['paid', 'left'].includes(key)) gtag(…)`. Who calls the
/// function then does not always make it. That a parameter is missing is no such thing.
fn hangs_on_argument(look: &Look<'_>, definition: &Definition, call: &Call) -> bool {
    let front = look
        .text
        .get(definition.span.start..call.span.start)
        .unwrap_or_default();
    let lines: Vec<&str> = front.lines().collect();
    let decides = |line: &str| {
        let mut parameters = definition.parameters.iter().filter(|name| !name.is_empty());
        compares(line) && parameters.any(|name| words_at(line, name).next().is_some())
    };
    let mut deciding = (0..lines.len()).filter(|at| decides(lines[*at]));
    deciding.any(|at| is_open(&lines[at..]))
}

/// Whether a line branches by what a value is: `if (key === 'paid')`, `if key in [`, `case name`.
fn compares(line: &str) -> bool {
    let code = line.trim_start().trim_start_matches("} ");
    let branches = ["if ", "if(", "else if", "elsif ", "elif ", "unless "];
    let chooses = ["switch ", "switch(", "case ", "when "];
    let marks = [
        "== '",
        "== \"",
        "!= '",
        "!= \"",
        "includes(",
        "include?(",
        " in (",
        " in [",
        "startsWith(",
        ".has(",
    ];
    let starts = |words: &[&str]| words.iter().any(|word| code.starts_with(word));
    starts(&chooses) || (starts(&branches) && marks.iter().any(|mark| code.contains(mark)))
}

/// Whether what the first of these lines begins still goes on in the last, or has left the function.
fn is_open(lines: &[&str]) -> bool {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let outer = lines.first().map_or(0, |line| indent(line));
    let goes_on = |line: &str| {
        let code = line.trim_start().trim_start_matches("} ");
        code.is_empty()
            || indent(line) > outer
            || ["else", "elif", "elsif", "when"]
                .iter()
                .any(|word| code.starts_with(word))
    };
    let end = lines.iter().skip(1).position(|line| !goes_on(line)).map(|at| at + 1);
    let block = lines.get(..end.unwrap_or(lines.len())).unwrap_or_default();
    end.is_none() || block.iter().any(|line| words_at(line, "return").next().is_some())
}

/// Whether somebody only watches how the program runs.
fn is_monitoring(party: &Party) -> bool {
    let Party::Known(id) = party else { return false };
    catalog()
        .third_party(id)
        .is_some_and(|party| party.kinds.iter().any(|kind| kind == "error-monitoring"))
}

/// Longest function, in lines, that is there for telling somebody who watches; longer ones do their work and tell of what failed.
const SHORT: usize = 12;

fn is_short(look: &Look<'_>, definition: &Definition) -> bool {
    let body = look.text.get(definition.span.clone()).unwrap_or_default();
    body.lines().count() <= SHORT
}

/// Endings of files whose functions can call each other.
const FAMILIES: [&[&str]; 4] = [
    &["js", "jsx", "mjs", "cjs", "ts", "tsx", "vue", "svelte", "html", "htm"],
    &["rb", "rake", "erb", "haml", "slim"],
    &["java", "kt", "kts"],
    &["php", "phtml", "inc"],
];

fn is_callable(from: &str, to: &str) -> bool {
    let ending = |path: &'_ str| {
        path.rsplit_once('.')
            .map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase())
    };
    let (from, to) = (ending(from), ending(to));
    let family = |ending: &str| FAMILIES.iter().position(|family| family.contains(&ending));
    from == to || (family(&from).is_some() && family(&from) == family(&to))
}

/// All wrappers of a repository, by the last part of their name.
#[derive(Debug, Default)]
pub(super) struct Wrappers {
    by_method: BTreeMap<String, Vec<Placed>>,
}

#[derive(Debug)]
struct Placed {
    /// `Class` of `Class.method`; empty for a function.
    class: String,
    /// What other files import it by: the file's name without ending, or the folder's for an index.
    module: String,
    path: String,
    wrapper: Wrapper,
}

/// Names so common that a call by them says nothing, even with the module's name in front.
const COMMON: [&str; 12] = [
    "get",
    "post",
    "render",
    "call",
    "run",
    "init",
    "constructor",
    "new",
    "initialize",
    "main",
    "set",
    "index",
];

impl Wrappers {
    pub(super) fn of<'a>(files: impl Iterator<Item = (&'a str, &'a [Wrapper])>) -> Self {
        let mut all = Self::default();
        for (path, wrappers) in files {
            for wrapper in wrappers {
                let name = wrapper.name.replace("::", ".");
                let (class, method) = name.rsplit_once('.').unwrap_or(("", name.as_str()));
                let class = class.rsplit('.').next().unwrap_or_default();
                if class.is_empty() && COMMON.contains(&method) {
                    continue;
                }
                all.by_method.entry(method.to_owned()).or_default().push(Placed {
                    class: class.to_owned(),
                    module: module_of(path),
                    path: path.to_owned(),
                    wrapper: wrapper.clone(),
                });
            }
        }
        all
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_method.is_empty()
    }

    /// What a file has to hold for a call of a wrapper: the name of a method.
    pub(super) fn methods(&self) -> impl Iterator<Item = &str> {
        self.by_method.keys().map(String::as_str)
    }

    /// Whether a text can call one: beside the name of the method, class or module stand in it, or it is the file itself.
    /// `held`: which of [`Self::methods`] stand in it, by number.
    pub(super) fn may_be_called<'w>(&'w self, path: &str, text: &str, held: &BTreeSet<usize>) -> bool {
        let placed = self
            .by_method
            .values()
            .enumerate()
            .filter(|(number, _)| held.contains(number));
        // Many wrappers share a class or a module: each word is looked for once.
        let known: RefCell<BTreeMap<&str, bool>> = RefCell::default();
        let there = |word: &'w str| {
            let before = known.borrow().get(word).copied();
            before.unwrap_or_else(|| {
                let found = !word.is_empty() && words_at(text, word).next().is_some();
                known.borrow_mut().insert(word, found);
                found
            })
        };
        placed.flat_map(|(_, all)| all).any(|placed| {
            is_callable(path, &placed.path) && (placed.path == path || there(&placed.class) || there(&placed.module))
        })
    }

    /// Everything that the wrappers are, for the key of the cache.
    pub(super) fn fingerprint(&self) -> String {
        format!("{:?}", self.by_method)
    }

    fn look_up(&self, path: &str, call: &Call) -> Option<&Wrapper> {
        [&call.resolved, &call.path]
            .into_iter()
            .find_map(|written| self.fits(path, written))
    }

    fn fits(&self, path: &str, written: &str) -> Option<&Wrapper> {
        let written = written
            .strip_prefix("new ")
            .unwrap_or(written)
            .replace("::", ".")
            .replace("()", "");
        let written = written
            .replace(".new.", ".")
            .replace(".default.", ".")
            .replace(".instance.", ".");
        let (front, method) = written.rsplit_once('.').unwrap_or(("", written.as_str()));
        let receiver = front.rsplit(['.', '/', '\\']).next().unwrap_or_default();
        self.by_method
            .get(method)?
            .iter()
            .find(|placed| {
                let same_file = placed.path == path && (front.is_empty() || ["self", "this", "cls"].contains(&front));
                let by_class = !placed.class.is_empty() && placed.class == receiver;
                let by_module = placed.path != path && placed.module == receiver;
                let callable = !placed.wrapper.constant && is_callable(path, &placed.path);
                callable && (same_file || by_class || by_module)
            })
            .map(|placed| &placed.wrapper)
    }

    /// The constant `name` of the module that is imported as `module`, seen from `path`.
    pub(super) fn constant(&self, path: &str, module: &str, name: &str) -> Option<&Wrapper> {
        let module = module
            .trim_end_matches('/')
            .rsplit(['/', '.'])
            .find(|part| !part.is_empty())?;
        let placed = self.by_method.get(name)?.iter();
        let mut fits = placed.filter(|placed| {
            placed.wrapper.constant && placed.module == module && placed.path != path && is_callable(path, &placed.path)
        });
        // Two modules of one name: nobody can say which is meant.
        fits.next()
            .filter(|_| fits.next().is_none())
            .map(|placed| &placed.wrapper)
    }
}

fn module_of(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.split('.').next().unwrap_or(name);
    if ["index", "__init__", "mod", "lib"].contains(&stem) {
        return path.rsplit('/').nth(1).unwrap_or(stem).to_owned();
    }
    stem.to_owned()
}

/// Findings about callers of wrappers in one file.
pub(super) fn callers(look: &mut Look<'_>, facts: &Facts, wrappers: &Wrappers) -> Vec<Finding> {
    for call in &facts.calls {
        let Some(wrapper) = wrappers.look_up(look.path, call) else {
            continue;
        };
        let (parties, tier): (Vec<Party>, _) = (wrapper.parties.clone(), live(call.surroundings, wrapper.tier));
        let passed = passed_here(look, call);
        let side = wrapper.side;
        if let Some(finding) = look.add(
            parties,
            &call.path,
            call.span.start,
            (tier, How::Call, Confidence::Likely),
        ) {
            finding.passed = passed;
            finding.side = finding.side.or(side);
        }
    }
    super::constants::asked(look, facts, wrappers);
    std::mem::take(&mut look.findings)
}
