//! What must hold of every page, whatever the register says.

use std::collections::BTreeSet;

use averment_publish::{page, style, style_source};

use crate::example::{example, hostile, meta};

fn pages() -> [String; 2] {
    [example(), hostile()].map(|(charter, graded)| page(&charter, &graded, &meta()))
}

/// Values of every `name="…"` in the page's own markup.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let pattern = format!(" {name}=\"");
    html.match_indices(&pattern)
        .map(|(at, _)| html[at + pattern.len()..].split('"').next().unwrap())
        .collect()
}

#[test]
fn the_text_of_a_register_is_never_markup() {
    let [_, html] = pages();
    for forbidden in ["<script", "</style> ", "javascript:", " onmouseover=\"", "49"] {
        let body = html.split("</style>").last().unwrap();
        assert!(!body.contains(forbidden), "{forbidden}");
    }
    assert!(html.contains("&lt;script&gt;"));
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for html in pages() {
        assert!(!html.contains(" src=") && !html.contains("url(") && !html.contains("@import"));
        assert!(html.contains("default-src 'none'") && html.contains(&style_source(style())));
        assert!(attributes(&html, "style").is_empty());
    }
}

#[test]
fn identifiers_are_unique_and_every_inner_link_arrives() {
    for html in pages() {
        let ids = attributes(&html, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len());
        for href in attributes(&html, "href")
            .into_iter()
            .filter_map(|href| href.strip_prefix('#'))
        {
            assert!(unique.contains(href), "#{href}");
        }
    }
}

#[test]
fn headings_never_skip_a_level() {
    for html in pages() {
        let levels = html
            .match_indices("<h")
            .filter_map(|(at, _)| html[at + 2..].chars().next()?.to_digit(10));
        let levels: Vec<u32> = levels.collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    }
}

#[test]
fn every_claim_carries_its_grade_and_reason() {
    let (charter, graded) = example();
    let html = page(&charter, &graded, &meta());
    assert_eq!(html.matches("<li class=\"claim ").count(), graded.len());
    assert_eq!(
        html.matches("class=\"reason\"").count(),
        graded.len() + html.matches("class=\"who\"").count()
    );
}

#[test]
fn broken_comes_first() {
    let (charter, graded) = example();
    let html = page(&charter, &graded, &meta());
    let alarm = html.find("class=\"alarm\"").unwrap();
    assert!(alarm < html.find("id=\"recipients\"").unwrap());
}
