//! The little of XML that answers of S3 are made of: elements without attributes that matter, and five entities.

/// The contents of all elements of this name, in order, as written but for entities where they hold text.
pub(super) fn all(document: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = document;
    while let Some(start) = rest.find(&open) {
        let after = &rest[start..];
        if !after[open.len()..].starts_with(['>', ' ', '/']) {
            // Another element whose name begins alike.
            rest = &after[open.len()..];
            continue;
        }
        let Some(begin) = after.find('>') else { break };
        if after[..begin].ends_with('/') {
            rest = &after[begin..];
            continue;
        }
        let Some(end) = after.find(&close) else { break };
        if end > begin {
            found.push(text(&after[begin + 1..end]));
        }
        rest = &after[end + close.len()..];
    }
    found
}

/// The content of the first.
pub(super) fn first(document: &str, name: &str) -> Option<String> {
    all(document, name).into_iter().next()
}

/// Elements stay as they are, so that what is in them can be looked for.
fn text(content: &str) -> String {
    if content.contains('<') {
        return content.to_owned();
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    entities.iter().fold(content.to_owned(), |text, (entity, letter)| {
        text.replace(entity, letter)
    })
}

/// A text as the content of an element.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let page = "<R xmlns=\"x\"><Key>a&amp;b</Key><V><Key>c</Key></V><T/><Key></Key><LocationConstraint xmlns=\"y\">eu-west-3</LocationConstraint></R>";
        assert_eq!(all(page, "Key"), ["a&b", "c", ""]);
        assert_eq!(first(page, "V").as_deref(), Some("<Key>c</Key>"));
        assert_eq!(first(page, "LocationConstraint").as_deref(), Some("eu-west-3"));
        assert_eq!(first(page, "T"), None);
        assert_eq!(all("<Key>never ends", "Key"), Vec::<String>::new());
    }
}
