//! What must hold of every page, whatever the register says.

use std::collections::{BTreeMap, BTreeSet};

use averment_publish::{Site, style, style_source};

use crate::example::{example, example_site, hostile, meta, with_own_mailboxes};

/// Every page of the example and of the hostile register, by path.
fn pages() -> Vec<(String, String)> {
    let (charter, graded) = hostile();
    let hostile = Site::new(&charter, &graded, &meta(), None).files();
    [example_site(), hostile].into_iter().flat_map(html_of).collect()
}

fn html_of(files: BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = (String, String)> {
    let pages = files.into_iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap()))
}

/// The page without the register that the first page carries, which nothing runs.
pub(crate) fn without_register(html: &str) -> String {
    let Some((front, rest)) = html.split_once("<script type=\"application/json\" id=\"averment-register\">") else {
        return html.to_owned();
    };
    let (_, back) = rest.split_once("</script>").unwrap();
    format!("{front}{back}")
}

/// Values of every `name="…"` in the page's own markup.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let pattern = format!(" {name}=\"");
    html.match_indices(&pattern)
        .map(|(at, _)| html[at + pattern.len()..].split('"').next().unwrap())
        .collect()
}

#[test]
fn nothing_is_loaded_and_nothing_runs() {
    for (path, html) in pages() {
        let html = without_register(&html);
        for forbidden in [" src=", "url(", "@import", "<script", "<iframe", "<object"] {
            assert!(!html.contains(forbidden), "{path}: {forbidden}");
        }
        assert!(
            html.contains("default-src 'none'") && html.contains(&style_source(style())),
            "{path}"
        );
        assert!(attributes(&html, "style").is_empty(), "{path}");
    }
}

#[test]
fn identifiers_are_unique_and_every_inner_link_arrives() {
    let (charter, graded) = hostile();
    let hostile = Site::new(&charter, &graded, &meta(), None).files();
    for files in [example_site(), hostile] {
        let ids: BTreeMap<&str, BTreeSet<&str>> = files
            .iter()
            .filter(|(path, _)| path.ends_with(".html"))
            .map(|(path, bytes)| (path.as_str(), unique_ids(path, std::str::from_utf8(bytes).unwrap())))
            .collect();
        for path in ids.keys() {
            let html = std::str::from_utf8(&files[*path]).unwrap();
            for href in attributes(html, "href") {
                follow(path, &href.replace("&#x2f;", "/"), &files, &ids);
            }
        }
    }
}

fn unique_ids<'a>(path: &str, html: &'a str) -> BTreeSet<&'a str> {
    let ids = attributes(html, "id");
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "{path}");
    unique
}

/// A link leads to a file of the site and to an anchor in it, or out of it by http, https or mail.
fn follow(from: &str, href: &str, files: &BTreeMap<String, Vec<u8>>, ids: &BTreeMap<&str, BTreeSet<&str>>) {
    if ["http://", "https://", "mailto:", "data:,"]
        .iter()
        .any(|scheme| href.starts_with(scheme))
    {
        return;
    }
    let (path, anchor) = href.split_once('#').unwrap_or((href, ""));
    let target = match (path, path.strip_prefix("../"), from.contains('/')) {
        ("", ..) => from.to_owned(),
        (_, Some(path), true) => path.to_owned(),
        (path, None, false) => path.to_owned(),
        _ => panic!("{from}: {href}"),
    };
    assert!(files.contains_key(&target), "{from}: {href}");
    assert!(
        anchor.is_empty() || ids[target.as_str()].contains(anchor),
        "{from}: {href}"
    );
}

#[test]
fn schools_read_whose_an_own_mailbox_is() {
    let page = |mailboxes: &[&str]| {
        let (charter, graded) = with_own_mailboxes(mailboxes);
        let mut pages = html_of(Site::new(&charter, &graded, &meta(), None).files());
        pages.find(|(path, _)| path == "schools.html").unwrap().1
    };
    let line = "<dt>Mailboxes of its own, which count as nobody’s unless somebody in the directory has one</dt>\
                <dd>desk@lantern.example, news@lantern.example</dd>";
    let said = page(&["news@lantern.example", "desk@lantern.example"]);
    assert!(said.contains(line), "{said}");
    assert!(!page(&[]).contains("Mailboxes of its own"));
}

#[test]
fn headings_never_skip_a_level() {
    for (path, html) in pages() {
        let levels = html
            .match_indices("<h")
            .filter_map(|(at, _)| html[at + 2..].chars().next()?.to_digit(10));
        let levels: Vec<u32> = levels.collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1, "{path}");
        assert!(
            levels.windows(2).all(|pair| pair[1] <= pair[0] + 1),
            "{path}: {levels:?}"
        );
    }
}

#[test]
fn every_claim_carries_its_grade_and_reason() {
    let (charter, graded) = example();
    let pages: BTreeMap<String, String> = html_of(Site::new(&charter, &graded, &meta(), None).files()).collect();
    let count = |html: &str, what: &str| html.matches(what).count();
    let on_pages: usize = pages
        .iter()
        .filter(|(path, _)| path.starts_with("recipients/") || *path == "index.html")
        .map(|(_, html)| count(html, "<li class=\"claim "))
        .sum();
    assert_eq!(on_pages, graded.len());
    let known = &pages["how-we-know.html"];
    assert_eq!(count(known, "class=\"reason\""), graded.len());
    for graded in &graded {
        assert!(
            known.contains(&graded.reason.replace('\'', "&#x27;").replace('/', "&#x2f;")),
            "{}",
            graded.reason
        );
    }
}

#[test]
fn broken_comes_first() {
    let pages: BTreeMap<String, String> = html_of(example_site()).collect();
    let html = &pages["index.html"];
    let alarm = html.find("class=\"alarm\"").unwrap();
    assert!(alarm < html.find("id=\"recipients\"").unwrap());
    assert!(
        pages["parents.html"].contains("promise was</strong> broken")
            || pages["parents.html"].contains("broken, or may have been")
    );
}

#[test]
fn sentences_in_another_language_are_marked_and_ours_too() {
    let (charter, graded) = crate::example::in_language("de");
    for (path, html) in html_of(Site::new(&charter, &graded, &meta(), None).files()) {
        assert!(
            html.contains("<html lang=\"de\">") && html.contains("<body lang=\"en\">"),
            "{path}"
        );
        let quoted = html.matches("<blockquote").count();
        assert_eq!(quoted, html.matches("<blockquote lang=\"de\">").count(), "{path}");
    }
    let (charter, graded) = hostile();
    let index = Site::new(&charter, &graded, &meta(), None).file("index.html").unwrap();
    assert!(String::from_utf8(index).unwrap().contains("<html lang=\"en\">"));
}

#[test]
fn every_page_is_dated_and_names_its_charter() {
    let (charter, _) = example();
    for (path, html) in html_of(example_site()) {
        assert!(
            html.contains(&format!(
                "<meta name=\"averment-charter\" content=\"{}\">",
                charter.digest()
            )),
            "{path}"
        );
        assert!(
            html.contains("<time datetime=\"2026-11-21T12:00:00Z\">21 November 2026, 12:00 UTC</time>"),
            "{path}"
        );
        assert!(html.contains("1 October 2026"), "{path}");
    }
}

#[test]
fn chains_are_shown_beyond_the_first_step_in_both_directions() {
    let site = example_site();
    let page = |id: &str| String::from_utf8_lossy(&site[&format!("recipients/{id}.html")]).replace("&#x2f;", "/");
    let aws = "From there, data can reach</dt><dd><a href=\"../recipients/aws.html\">Amazon Web Services (AWS)</a> (by way of Amplitude)";
    assert!(page("tags").contains(aws), "{}", page("tags"));
    let tags = "from further off</dt><dd><a href=\"../recipients/tags.html\">Tag Manager</a> (by way of Amplitude)";
    assert!(page("aws").contains(tags), "{}", page("aws"));
    assert!(!page("amplitude").contains("by way of"));
}
