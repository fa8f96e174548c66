//! The matrix of the examples, as files under `cases/`; `REWRITE_CASES=1` writes them anew.

use averment_access::Access;
use averment_access::matrix::Matrix;

use crate::world::{charter, example, held_to_file, school};

#[test]
fn matrices_of_the_examples() {
    for (name, own) in [
        ("thinglink", None),
        ("thinglink", Some("meadow-school")),
        ("cocalc", None),
    ] {
        let charter = example(name);
        let access = Access::new(&charter).unwrap();
        let own = own.map(school);
        let matrix = Matrix::of(&access, &charter, own.as_ref());
        let file = own.map_or_else(|| name.to_owned(), |own| format!("{name}-{own}"));
        let text = matrix.text();
        let wide = text.lines().find(|line| line.chars().count() > 80);
        assert_eq!(wide, None);
        held_to_file(&format!("{file}.txt"), &text);
        // The digest changes with every sentence of the example, which is not what this looks at.
        let digest = charter.digest().to_string();
        held_to_file(&format!("{file}.md"), &matrix.markdown().replace(&digest, "(digest)"));
        held_to_file(&format!("{file}.html"), &matrix.html().replace(&digest, "(digest)"));
    }
}

#[test]
fn names_cannot_break_out_of_the_page() {
    let text = "[[claims]]\nkind = \"visible_to\"\nviewers = [\"peer\"]\nelements = [\"identity\"]\nid = \"a\"\nsentence = \"<script>|`*\"\n";
    let charter = charter(text, &[]);
    let access = Access::new(&charter).unwrap();
    let matrix = Matrix::of(&access, &charter, None);
    assert!(!matrix.html().contains("<script>") && matrix.html().contains("&lt;script&gt;"));
    assert!(matrix.markdown().contains("\\<script\\>\\|\\`\\*"));
}
