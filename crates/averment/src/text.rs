//! Text for terminals of 80 columns.

/// Breaks `text` at spaces so that no line is longer than `width` characters where that can be helped. Every line but the
/// first starts with `indent`; the first is printed behind something as long as that.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let start = indent.chars().count();
    let mut column = start;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > start && column + 1 + length > width {
            out.push('\n');
            out.push_str(indent);
            column = start;
        } else if column > start {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn long_text_breaks_at_spaces() {
        assert_eq!(wrap("one two  three four", 9, "  "), "one two\n  three\n  four");
        assert_eq!(wrap("one two  three four", 8, "  "), "one\n  two\n  three\n  four");
        assert_eq!(wrap("unbreakable", 4, ""), "unbreakable");
    }
}
