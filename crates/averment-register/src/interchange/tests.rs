//! What is published is read back, and nothing else is.

use proptest::prelude::*;

use super::{InterchangeError, csv, html_block, json, markdown_block, read};
use crate::any_register::any_register;
use crate::charter::{Charter, canonical_json};
use crate::compile::compile;
use crate::digest::Digest;
use crate::source::Source;

/// The four forms, each alone and in the middle of a page where it may stand in one.
fn forms(charter: &Charter) -> Vec<(&'static str, String)> {
    let table = "Provider | Purpose | Information\n---|---|---\nTwilio | To send. | A number.\n";
    let before = "<html><body><script>let a = '<b>';</script>\n<p>Text\n\n```\nother\n```\n";
    let (html, markdown) = (html_block(charter), markdown_block(charter));
    vec![
        ("json", json(charter)),
        ("csv", csv(charter)),
        (
            "html in a page",
            format!("{before}{html}<script src=\"x\"></script>{table}"),
        ),
        (
            "markdown in a page",
            format!("# List\n\n{table}\n{before}\n{markdown}\n## More\n\n```\nmore\n```\n"),
        ),
        ("html", html),
        ("markdown", markdown),
    ]
}

/// What happens to a text on its way: nothing, CRLF, a trim of every line, a byte order mark.
fn ways(text: &str) -> Vec<(&'static str, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    vec![
        ("as it is", text.to_owned()),
        ("CRLF", lines.join("\r\n") + "\r\n"),
        ("LF", lines.join("\n")),
        ("trimmed", trimmed.join("\n") + "\n"),
        ("with a byte order mark", format!("\u{FEFF}{text}")),
    ]
}

fn charter(source: &Source) -> Charter {
    let compiled = compile(source);
    let findings: String = compiled.diagnostics.iter().map(|finding| finding.render("")).collect();
    compiled.charter.ok_or(findings).unwrap()
}

fn small() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Lantern\"\n");
    source.insert(
        "recipients/twilio.toml",
        "recipient = \"twilio\"\npurpose = \"To send.\"\ninformation = \"A number.\"\nplanes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"none\"\n",
    );
    charter(&source)
}

fn error(text: &str) -> InterchangeError {
    read("page.html", text).unwrap().unwrap_err()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_form_reads_back_as_the_charter_that_was_published(source in any_register()) {
        let published = charter(&source);
        prop_assert_eq!(charter(&published.to_source()).canonical(), published.canonical());
        for (form, text) in forms(&published) {
            for (way, text) in ways(&text) {
                let back = read("page", &text);
                prop_assert!(back.is_some(), "{form}, {way}: not recognised");
                let back = back.unwrap().map_err(|error| TestCaseError::fail(format!("{form}, {way}: {error}\n{text}")))?;
                prop_assert_eq!(charter(&back).digest(), published.digest(), "{}, {}", form, way);
                prop_assert_eq!(&back, &published.to_source(), "{}, {}", form, way);
            }
        }
    }

    #[test]
    fn no_cell_begins_a_formula_and_no_sentence_ends_a_block(source in any_register()) {
        let published = charter(&source);
        let table = csv(&published);
        let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
        for record in reader.records() {
            let record = record.unwrap();
            prop_assert!(record.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'])), "{:?}", record);
        }
        let html = html_block(&published);
        let body = html.trim_start_matches(|c| c != '\n').strip_suffix("</script>\n").unwrap();
        prop_assert!(!body.contains('<'));
        let markdown = markdown_block(&published);
        let fence = markdown.lines().nth(2).unwrap().trim_end_matches(|c| c != '`').len();
        prop_assert!(!markdown.lines().skip(3).any(|line| line.contains(&"`".repeat(fence)) && line.len() > fence));
    }

    #[test]
    fn a_changed_byte_never_gives_another_register(at in any::<prop::sample::Index>(), letter in any::<char>(), form in 0..4_usize) {
        let published = small();
        let (_, text) = forms(&published).remove(form);
        let mut letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len());
        letters[at] = letter;
        let text: String = letters.into_iter().collect();
        if let Some(Ok(back)) = read("page", &text) {
            prop_assert_eq!(charter(&back).digest(), published.digest());
        }
    }

    #[test]
    fn reading_never_panics(text in "(table,of\n|averment.register/1,|sha256:|recipient,|<script id=averment-register>|```averment-register\n|[{}\":,;'\\\\<>`]|\\PC|\n){0,40}") {
        _ = read("page", &text);
    }
}

#[test]
fn an_edit_is_told_with_both_digests() {
    let published = small();
    for (form, text) in forms(&published) {
        let text = text.replace("A number.", "A name.").replace("| A name.", "| A number.");
        let InterchangeError::Edited {
            stated,
            found,
            document,
        } = error(&text)
        else {
            panic!("{form}: {}", error(&text));
        };
        assert_eq!((stated, document.as_str()), (published.digest(), "page.html"));
        let message = error(&text).to_string();
        assert!(
            message.contains(&stated.to_string()) && message.contains(&found.to_string()),
            "{message}"
        );
        assert_ne!(stated, found);
    }
}

/// A form whose content was changed by somebody who knows how digests are made.
fn forged(change: impl Fn(&mut serde_json::Value)) -> InterchangeError {
    let mut form: serde_json::Value = serde_json::from_str(&json(&small())).unwrap();
    change(&mut form["content"]);
    form["charter"] = Digest::of(canonical_json(&form["content"]).as_bytes())
        .to_string()
        .into();
    error(&form.to_string())
}

#[test]
fn a_forged_form_is_refused_all_the_same() {
    let broken = |error: InterchangeError| matches!(error, InterchangeError::Broken { .. });
    assert!(broken(forged(|content| content["more"] = 1.into())));
    assert!(broken(forged(
        |content| content["recipients"]["twilio"]["mode"] = "often".into()
    )));
    assert!(broken(forged(|content| content["recipients"]["../x"] = 1.into())));
    assert!(broken(forged(|content| content["claims"] = 1.into())));
    let compiled = forged(|content| content["recipients"]["twilio"]["id"] = "a/b".into());
    assert!(matches!(compiled, InterchangeError::Register { .. }), "{compiled}");
    let unknown = forged(|content| content["recipients"]["twilio"]["more"] = 1.into());
    assert!(matches!(unknown, InterchangeError::OtherCatalog { .. }), "{unknown}");
    let element = forged(|content| content["recipients"]["twilio"]["purposes"] = serde_json::json!(["no.such"]));
    assert!(
        element
            .to_string()
            .contains("`recipients/twilio.toml`: purpose `no.such`"),
        "{element}"
    );
}

#[test]
fn what_is_broken_is_told_with_its_line() {
    let published = small();
    let page = format!("one\ntwo\n{}", html_block(&published)).replace("\"content\": {", "\"content\": [");
    let InterchangeError::Broken { line, .. } = error(&page) else {
        panic!("{}", error(&page))
    };
    assert!(line > 6, "{line}");
    let table = csv(&published).replace("\r\nrecipient,", "\r\nrecipent,");
    let InterchangeError::Broken { line: 6, reason, .. } = error(&table) else {
        panic!("{}", error(&table))
    };
    assert_eq!(reason, "`recipent` is not a table of a register");
    let next = json(&published).replace("averment.register/1", "averment.register/2");
    assert!(matches!(error(&next), InterchangeError::Schema { .. }));
    let two = format!(
        "{}{}",
        html_block(&published),
        markdown_block(&published).replace("number", "name")
    );
    assert!(matches!(error(&two), InterchangeError::Several { count: 2, .. }));
}

#[test]
fn a_table_that_a_spreadsheet_saved_with_other_signs_is_read() {
    let published = small();
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(csv(&published).as_bytes().to_vec().leak() as &[u8]);
    let mut writer = ::csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    for record in reader.records() {
        writer.write_record(&record.unwrap()).unwrap();
    }
    let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    assert_eq!(
        charter(&read("x.csv", &text).unwrap().unwrap()).digest(),
        published.digest()
    );
}

/// `small` with Twilio's hosts of the catalog.
fn with_catalog_hosts() -> (Charter, String) {
    let published = small();
    let table = csv(&published);
    assert!(table.contains("api.twilio.com"), "{table}");
    (published, table)
}

/// `table` with the digest of its cells made right.
fn stating_its_cells(table: &str) -> String {
    let InterchangeError::Cells { stated, found, .. } = error(table) else {
        panic!("{}", error(table))
    };
    table.replace(&stated.to_string(), &found.to_string())
}

#[test]
fn a_host_of_the_catalog_cannot_be_edited_away() {
    let (_, table) = with_catalog_hosts();
    for (what, with) in [("api.twilio.com; ", ""), ("api.twilio.com", "api.twilio.example")] {
        let edited = table.replacen(what, with, 1);
        assert_ne!(edited, table);
        assert!(matches!(
            error(&edited),
            InterchangeError::Cells { .. } | InterchangeError::Edited { .. }
        ));
    }
    let removed = table.replacen("api.twilio.com; ", "", 1);
    let forged = stating_its_cells(&removed);
    assert!(
        matches!(error(&forged), InterchangeError::Cells { .. }),
        "{}",
        error(&forged)
    );
}

#[test]
fn a_table_of_another_catalog_was_not_edited() {
    let (published, table) = with_catalog_hosts();
    // As a program would have published it that knew one host fewer, and so made another charter.
    let fewer = stating_its_cells(&table.replacen("api.twilio.com; ", "", 1));
    let other = Digest::of(b"another charter");
    let fewer = fewer.replace(&published.digest().to_string(), &other.to_string());
    let InterchangeError::OtherCatalog { stated, found, .. } = error(&fewer) else {
        panic!("{}", error(&fewer))
    };
    assert_eq!((stated, found), (other, published.digest()));
}

#[test]
fn a_table_with_a_column_twice_or_words_beside_its_digests_is_refused() {
    let table = csv(&small());
    let mut lines: Vec<String> = table.lines().map(|line| format!("{line},")).collect();
    assert!(read("page", &lines.join("\r\n")).unwrap().is_ok());
    for line in 1..3 {
        let mut beside = lines.clone();
        beside[line].push_str("verified");
        assert!(matches!(error(&beside.join("\r\n")), InterchangeError::Broken { .. }));
    }
    lines[0].push_str("organisation");
    assert!(
        error(&lines.join("\r\n"))
            .to_string()
            .ends_with("the column `organisation` stands there twice")
    );
}

#[test]
fn a_key_that_stands_there_twice_is_refused_at_any_depth() {
    let text = json(&small());
    for (before, twice) in [
        ("\"organisation\": \"Lantern\"", "\"organisation\": \"Evil\", "),
        ("\"purpose\": \"To send.\"", "\"purpose\": \"To sell.\", "),
        ("\"charter\":", "\"\\u0063harter\": \"sha256:0\", "),
    ] {
        let forged = text.replacen(before, &format!("{twice}{before}"), 1);
        assert_ne!(forged, text);
        let InterchangeError::Broken { reason, .. } = error(&forged) else {
            panic!("{}", error(&forged))
        };
        assert!(reason.starts_with("a field stands there twice"), "{reason}");
    }
}

#[test]
fn other_documents_are_left_to_others() {
    for text in [
        "",
        "{}",
        "{\"schema\": 1}",
        "a,b\n1,2\n",
        "table,of\n",
        "# Page\n\n```json\n{}\n```\n",
        "<script id=x>{}</script>",
        "<script id=averment-register",
    ] {
        assert!(read("page", text).is_none(), "{text}");
    }
}
