//! Laid out once, a register says the same, keeps its comments, and is not changed a second time.

use std::path::Path;

use proptest::prelude::*;

use super::{Formatted, comments, files};
use crate::any_register::any_register;
use crate::compile::compile;
use crate::source::Source;

/// `source` with what its layout makes of it.
fn laid_out(source: &Source) -> Source {
    let Formatted { changed, left, .. } = files(source);
    assert!(left.is_empty(), "{}", left[0].render(""));
    let mut new = source.clone();
    changed.into_iter().for_each(|(name, text)| new.insert(name, text));
    new
}

fn all_comments(source: &Source) -> Vec<String> {
    let mut found: Vec<String> = source
        .files()
        .flat_map(|(_, text)| comments::all(text))
        .map(str::to_owned)
        .collect();
    found.sort_unstable();
    found
}

/// The same register in a layout that nobody would choose: fields shuffled within their tables, comments in every place
/// that takes one, blank lines, odd spaces, lists over lines.
fn messy(source: &Source, tape: &[u16]) -> Source {
    let mut drawn = tape.iter().copied().cycle();
    let mut draw = move |end: usize| usize::from(drawn.next().unwrap_or(0)) % end;
    let mut new = Source::default();
    for (name, text) in source.files() {
        let mut number = 0;
        let mut comment = move || {
            number += 1;
            format!("#  comment \"{number} 'é [x]")
        };
        let mut out = format!("{}\n\n", comment());
        let mut blocks: Vec<Vec<&str>> = vec![Vec::new()];
        for line in text.lines().filter(|line| !line.is_empty()) {
            if line.starts_with('[') {
                blocks.push(Vec::new());
            }
            blocks.last_mut().unwrap().push(line);
        }
        for block in blocks {
            let header = block.first().filter(|line| line.starts_with('[')).copied();
            let mut fields: Vec<&str> = block.iter().copied().skip(usize::from(header.is_some())).collect();
            for at in 0..fields.len() {
                let with = draw(fields.len());
                fields.swap(at, with);
            }
            if let Some(header) = header {
                out += &format!("{}\n{}\n\n  {header}\t{}\n", comment(), comment(), comment());
            }
            for field in fields {
                let (key, value) = field.split_once(" = ").unwrap();
                out += ["", "\n\n", "\r\n"][draw(3)];
                if draw(3) == 0 {
                    out += &format!("  {}\n", comment());
                }
                let value = match value
                    .strip_prefix('[')
                    .filter(|rest| !rest.starts_with(']') && draw(2) == 0)
                {
                    Some(rest) => format!(
                        "[ {}\n {}\n {} {}\n ]",
                        comment(),
                        comment(),
                        rest.trim_end_matches(']'),
                        comment()
                    ),
                    None => value.to_owned(),
                };
                let behind = if draw(3) == 0 {
                    format!("   {}  ", comment())
                } else {
                    String::new()
                };
                out += &format!(" {key}   =\t{value}{behind}\n");
            }
        }
        new.insert(name, out + &comment());
    }
    new
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_laid_out_register_says_the_same_and_keeps_its_comments(source in any_register(), tape in prop::collection::vec(any::<u16>(), 1..60)) {
        let messy = messy(&source, &tape);
        let digest = |source: &Source| compile(source).charter.map(|charter| charter.digest());
        prop_assert_eq!(digest(&messy), digest(&source));
        let new = laid_out(&messy);
        prop_assert!(digest(&new).is_some());
        prop_assert_eq!(digest(&new), digest(&source));
        prop_assert_eq!(all_comments(&new), all_comments(&messy));
        prop_assert_eq!(&laid_out(&new), &new);
    }

    #[test]
    fn any_text_is_laid_out_or_left_alone(text in "([a-z.\"']{1,5} = |\\[|\\]|\\{|\\}|,|#.?|\"\"\"|'|\"|\n|\\[\\[claims\\]\\]\n|[0-9a-z]|\\PC){0,40}") {
        let mut source = Source::default();
        source.insert("claims/list.toml", text);
        let once = files(&source);
        for (name, new) in &once.changed {
            let mut source = Source::default();
            source.insert(name.as_str(), new.as_str());
            prop_assert!(files(&source).changed.is_empty(), "{}\n{:?}", new, files(&source).changed);
        }
    }
}

/// Small files before and after.
#[test]
fn files_are_laid_out_as_the_cases_say() {
    for (before, after) in [
        ("", ""),
        ("# only this", "# only this\n"),
        (
            "name='x'\nrecipient = 'y'  # why\n",
            "recipient = 'y' # why\nname='x'\n",
        ),
        (
            "# The file.\n\nname = \"x\"\nrecipient = \"y\"\n",
            "# The file.\n\nrecipient = \"y\"\nname = \"x\"\n",
        ),
        (
            "planes = [\"gateway\",\n\"mail\"]",
            "planes = [\"gateway\", \"mail\"]\n",
        ),
        (
            "hosts = [ # all\n'a',# first\n# next\n'b'\n]",
            "hosts = [ # all\n  'a', # first\n  # next\n  'b',\n]\n",
        ),
        (
            "[[claims]]\nsentence = \"x\"\nkind = \"y\"\n# last",
            "[[claims]]\nkind = \"y\"\nsentence = \"x\"\n# last\n",
        ),
        (
            "[[onward]]\n[[claims]]\n[contract]\n",
            "[contract]\n\n[[onward]]\n\n[[claims]]\n",
        ),
        (
            "said = {line=1,document='x'}\n",
            "said = { document = 'x', line = 1 }\n",
        ),
        (
            "contract.until = 1\nname = \"n\"\ncontract.document = 2\n",
            "name = \"n\"\ncontract.document = 2\ncontract.until = 1\n",
        ),
        (
            "[[claims]]\n[claims.evidence]\nevery = 1\nowner = 2\n[[claims]]\n",
            "[[claims]]\n\n[claims.evidence]\nowner = 2\nevery = 1\n\n[[claims]]\n",
        ),
        (
            "name = \"x\"\r\nrecipient = \"y\"\r\n",
            "recipient = \"y\"\r\nname = \"x\"\r\n",
        ),
        (
            "purpose = \"\"\"\r\na # b\r\n\"\"\" # c\n",
            "purpose = \"\"\"\r\na # b\r\n\"\"\" # c\r\n",
        ),
    ] {
        let mut source = Source::default();
        source.insert("recipients/y.toml", before);
        let new = laid_out(&source);
        let after = after.replace("name='x'", "name = 'x'");
        assert_eq!(new.get("recipients/y.toml"), Some(after.as_str()), "{before}");
        assert_eq!(laid_out(&new), new);
    }
}

#[test]
fn long_lists_are_broken_at_120_columns() {
    let items: Vec<String> = (0..40).map(|number| format!("\"host-{number}.example.org\"")).collect();
    let mut source = Source::default();
    source.insert("recipients/y.toml", format!("hosts = [{}]\n", items.join(",")));
    let new = laid_out(&source);
    let text = new.get("recipients/y.toml").unwrap();
    assert!(
        text.lines().count() > 5 && text.lines().all(|line| line.chars().count() <= 120),
        "{text}"
    );
    assert!(text.lines().nth(1).unwrap().chars().count() > 90, "{text}");
    assert_eq!(laid_out(&new), new);
}

#[test]
fn what_cannot_be_read_is_left_alone_and_told_with_its_place() {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation  = \"x\"\n");
    source.insert("recipients/x.toml", "recipient = \"x\"\nname  = \n");
    source.insert("Other.toml", "a  = 1\n");
    let formatted = files(&source);
    assert_eq!(formatted.changed.keys().collect::<Vec<_>>(), ["organisation.toml"]);
    let [finding] = formatted.left.as_slice() else {
        panic!("{:?}", formatted.left)
    };
    assert_eq!(
        (finding.file.as_str(), finding.at.as_ref().unwrap().line),
        ("recipients/x.toml", 2)
    );
}

#[test]
fn the_example_says_the_same_when_it_is_laid_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/codeorg");
    let source = Source::read(&folder).unwrap();
    assert_eq!(files(&source).count, 46);
    let new = laid_out(&source);
    let digest = |source: &Source| compile(source).charter.map(|charter| charter.digest());
    assert_eq!(digest(&new), digest(&source));
    assert_eq!(all_comments(&new), all_comments(&source));
    assert_eq!(laid_out(&new), new);
}
