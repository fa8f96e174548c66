//! PHP and the page around it.

use crate::pieces::{HOLE, Pieces};
use crate::tree::{Id, NONE, Role};
use crate::{Facts, Language, code, grammar, html};

/// The facts of a PHP file; none when it could not be parsed.
pub(crate) fn facts(text: &str) -> Option<Facts> {
    let tree = grammar::parse(Language::Php, text)?;
    let mut facts = code::of_tree(&tree);
    let mut page = Pieces::default();
    let mut end = 0;
    for id in 0..Id::try_from(tree.nodes.len()).unwrap_or(NONE) {
        if tree.role(id) != Role::Markup {
            continue;
        }
        let span = tree.span(id);
        let between = text.get(end..span.start).unwrap_or("");
        if !between.trim().is_empty() && end > 0 {
            page.glue(
                if between.trim_start().starts_with("<?=") || between.contains("echo ") {
                    HOLE
                } else {
                    " "
                },
                end,
            );
        }
        page.add(tree.source(id), span.start);
        end = span.end;
    }
    if page.text.contains(['<', '&']) {
        facts.take(html::facts(&page, text));
    }
    Some(facts)
}
