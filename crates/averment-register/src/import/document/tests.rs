//! Every reader on a small page of its form, in our own words.

use super::{Item, Part, read};

/// The parts in one line each, so that a test shows what was read.
fn outline(name: &str, text: &str) -> Vec<String> {
    fn items(items: &[Item]) -> String {
        let one = |item: &Item| match item.items.is_empty() {
            true => item.text.plain.clone(),
            false => format!("{} ({})", item.text.plain, items_of(&item.items)),
        };
        items.iter().map(one).collect::<Vec<_>>().join(" / ")
    }
    fn items_of(list: &[Item]) -> String {
        items(list)
    }
    let cells = |cells: &[super::Text]| {
        cells
            .iter()
            .map(|cell| cell.plain.as_str())
            .collect::<Vec<_>>()
            .join(" | ")
    };
    let part = |part: &Part| match part {
        Part::Heading { level, text, .. } => format!("{} h{level} {}", text.line, text.plain),
        Part::Paragraph(text) => format!("{} p {}", text.line, text.plain),
        Part::List(list) => format!("{} l {}", list[0].text.line, items(list)),
        Part::Table(table) => {
            let rows: Vec<String> = table
                .rows
                .iter()
                .map(|row| format!("{} {}", row.line, cells(&row.cells)))
                .collect();
            format!("{} t {} // {}", table.line, cells(&table.headings), rows.join(" // "))
        }
    };
    read(name, text).parts.iter().map(part).collect()
}

#[test]
fn markdown_gives_headings_lists_tables_and_paragraphs() {
    let text = "---\ntitle: Who helps us\n---\n# Helpers\n\nWe *use* [Lark](https://lark.example) \nand **Wren**.\n\n* One\n  goes on\n    * inner\n* Two\n\nName | Why\n---|---\nA \\| B | `c`\n";
    let expected = [
        "4 h1 Helpers",
        "6 p We use Lark and Wren.",
        "9 l One goes on (inner) / Two",
        "14 t Name | Why // 16 A | B | c",
    ];
    assert_eq!(outline("page.md", text), expected);
}

#[test]
fn html_gives_the_same_parts_and_leaves_menus_out() {
    let text = "<!doctype html><html><head><title>T</title><style>x{}</style></head><body><nav><a href=/>Home</a></nav>\n<h1>Helpers &amp; more</h1>\n<p>One<br>Two</p><ul><li>A<ul><li>B</ul><li>C</ul>\n<table><tr><th>Name<th>Why</tr><tr><td>Lark<td>Mail</table><dl><dt>Wren<dd>Errors</dl></body></html>";
    let expected = [
        "2 h1 Helpers & more",
        "3 p One",
        "3 p Two",
        "3 l A (B) / C",
        "4 t Name | Why // 4 Lark | Mail",
        "4 l Wren (Errors)",
    ];
    assert_eq!(outline("page.html", text), expected);
    let layout = read("page.html", text).layout;
    assert!(layout.iter().any(|text| text.plain == "Home"));
}

#[test]
fn data_files_give_tables() {
    let table = "2 t name | data kinds // 2 Lark | a, b // 3 Wren | c";
    assert_eq!(
        outline(
            "x.json",
            "[\n{\"name\":\"Lark\",\"dataKinds\":[\"a\",\"b\"]},\n{\"name\":\"Wren\",\"data_kinds\":\"c\"}]"
        )
        .len(),
        1
    );
    assert_eq!(
        outline(
            "x.yml",
            "#\n- name: Lark\n  data_kinds: [a, b]\n- name: Wren\n  data_kinds: c\n"
        )[0]
        .replace("4 Wren", "3 Wren"),
        table
    );
    assert_eq!(
        outline("x.csv", "Name;Why\r\nLark;\"Mail; more\"\r\n"),
        ["1 t Name | Why // 2 Lark | Mail; more"]
    );
}

#[test]
fn plain_text_has_bullets_questions_and_short_headings() {
    let text = "About us\n\nWho gets data?\nThese get data:\n\n  • Lark\n\n    • shared: names\n  • Wren\n\n+------+-----+\n| Name | Why |\n+======+=====+\n| Finch| Maps|\n+------+-----+\n";
    let expected = [
        "1 h6 About us",
        "3 h6 Who gets data?",
        "4 p These get data:",
        "6 l Lark (shared: names) / Wren",
        "11 t Name | Why // 14 Finch | Maps",
    ];
    assert_eq!(outline("page.txt", text), expected);
}

#[test]
fn every_encoding_is_some_text() {
    use super::encoding::decode;
    assert_eq!(decode(b"\xef\xbb\xbfa\r\nb"), "a\nb");
    assert_eq!(decode(b"\xff\xfeA\0\xe9\0"), "Aé");
    assert_eq!(decode(b"caf\xe9 \x96 x"), "café – x");
}

#[test]
fn what_is_nested_without_end_is_read_to_a_depth_and_kept() {
    for (name, piece) in [
        ("x.html", "<div><ul><li>a"),
        ("x.html", "<table><tr><td>a"),
        ("x.md", "[**_a"),
        ("x.yml", "[{a: "),
        ("x.json", "[{\"a\":"),
    ] {
        let read = read(name, &piece.repeat(3_000));
        assert!(!read.parts.is_empty(), "{piece}");
    }
    let steps: String = (0..300).map(|depth| format!("{}- step\n", " ".repeat(depth))).collect();
    assert_eq!(outline("x.md", &steps).concat().matches("step").count(), 300);
}
