use std::io::{Cursor, Write as _};

use averment_detect::{DirectoryKey, DirectoryRow, Form, PersonNumber};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;

use super::*;

/// Ada is a pupil, Mr Oak a teacher; `al.hill` is the user name of another pupil.
fn directory() -> Directory {
    let key = DirectoryKey::new([7; 32]);
    let row = |form, text: &str, element: &str, person| DirectoryRow {
        digest: key.digest(form, text),
        element: element.parse().unwrap(),
        person: PersonNumber(person),
    };
    let rows = vec![
        row(Form::Email, "ada@school.example", "contact.email", 1),
        row(Form::Name, "ada lovelorn", "identity.name", 1),
        row(Form::Email, "oak@school.example", "contact.email", 2),
        row(Form::Word, "al.hill9", "account.username", 3),
        row(Form::Word, "4711002", "account.user_id", 3),
    ];
    let people = [(1, "student.under13"), (2, "teacher"), (3, "student.13to17")];
    let people = people.map(|(number, subject)| (PersonNumber(number), subject.parse().unwrap()));
    Directory::new(key, rows, people)
}

fn swept(name: &str, bytes: &[u8]) -> Tally {
    let mut tally = Tally::default();
    sweep(name, bytes.len() as u64, Cursor::new(bytes), &directory(), &mut tally).unwrap();
    tally
}

/// Where something was found, with the number of different things.
fn places(tally: &Tally) -> Vec<String> {
    tally
        .holding
        .iter()
        .map(|one| format!("{} {}", one.spot, one.found.len()))
        .collect()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn issues_of_a_tracker_are_named_by_their_keys() {
    let text = br#"{"startAt":0,"issues":[
        {"key":"HELP-1","fields":{"summary":"page is slow"}},
        {"key":"HELP-2","fields":{"description":"Ada Lovelorn (ada@school.example) cannot sign in"}},
        {"key":"HELP-3","fields":{"comment":{"comments":[{"body":"ask oak@school.example"}]}}}],"total":3}"#;
    let tally = swept("jira.json", text);
    assert_eq!(
        places(&tally),
        ["jira.json#issues HELP-2 2", "jira.json#issues HELP-3 1"]
    );
    assert_eq!((tally.with_students().count(), tally.students()), (1, 1));
    // What stands around the three issues holds nothing, so it is no item.
    assert_eq!(tally.coverage.read, 3);
}

#[test]
fn lines_lists_and_boards_come_apart() {
    let lines = b"{\"id\":35436,\"subject\":\"x\"}\n{\"id\":35437,\"requester\":\"ada@school.example\"}\n";
    assert_eq!(places(&swept("tickets.ndjson", lines)), ["tickets.ndjson#35437 1"]);
    let list = br#"[{"ts":"1718000000.000100","text":"hello"},{"ts":"1718000001.000200","text":"al.hill9 again"}]"#;
    assert_eq!(places(&swept("day.json", list)), ["day.json#1718000001.000200 1"]);
    let board = br#"{"name":"board of ada@school.example","cards":[{"id":"5f0a","name":"[x]"},{"name":"}, {"}],
        "oddly named":[{"text":"ada@school.example"}],"labels":["oak@school.example"]}"#;
    let found = places(&swept("board.json", board));
    assert_eq!(found, ["board.json#list 2 1 1", "board.json#around the items 2"]);
}

#[test]
fn an_identifier_that_is_somebodys_is_not_shown() {
    let text = br#"{"users":[{"id":4711002,"note":"x"},{"id":4711003,"note":"ada@school.example"}]}"#;
    assert_eq!(
        places(&swept("users.json", text)),
        ["users.json#users 1 1", "users.json#users 4711003 1"]
    );
    let zip = zipped(&[
        ("dm/al.hill9.json", b"[{\"text\":\"ada@school.example\"}]"),
        ("general/2026-01-01.json", b"[]"),
    ]);
    assert_eq!(places(&swept("slack.zip", &zip)), ["slack.zip!file 1#1 1"]);
}

#[test]
fn a_file_that_is_named_for_somebody_is_numbered() {
    let mailbox = b"From x Thu Jan  1 00:00:00 2026\n\nAda Lovelorn\n";
    assert_eq!(
        places(&swept("ada@school.example.mbox", mailbox)),
        ["file 1#message 1 1"]
    );
    let nobody = Directory::new(DirectoryKey::new([7; 32]), Vec::new(), []);
    let mut tally = Tally::default();
    sweep(
        "anna.mbox",
        0,
        Cursor::new(b"From x\n\nada@school.example\n"),
        &nobody,
        &mut tally,
    )
    .unwrap();
    assert_eq!(places(&tally), ["file 1#message 1 1"]);
}

#[test]
fn tables_are_read_with_their_columns() {
    let comma = b"Issue key,Reporter\nHELP-7,Ada Lovelorn\nHELP-8,nobody\n";
    assert_eq!(places(&swept("jira.csv", comma)), ["jira.csv#row 2 HELP-7 1"]);
    let semicolon = b"id;mail\n12;ada@school.example\n13;\"a;b\"\n";
    assert_eq!(places(&swept("base.csv", semicolon)), ["base.csv#row 2 12 1"]);
    let headless = b"ada@school.example,x\ny,z\n";
    let found = places(&swept("list.csv", headless));
    assert!(found.contains(&"list.csv#row 1 1".to_owned()), "{found:?}");
}

#[test]
fn messages_of_a_mailbox_are_read_through_their_encodings() {
    let mailbox = b"From oak@school.example Thu Jan  1 00:00:00 2026\r\nFrom: Mr Oak <oak@school.example>\r\n\
        Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nQWRhIExvdmVsb3JuIGlzIGlsbA==\r\n\r\n\
        From helpdesk@platform.example Thu Jan  1 00:00:01 2026\r\nSubject: x\r\n\r\n>From here on\r\nnothing\r\n";
    let tally = swept("help.mbox", mailbox);
    assert_eq!(tally.coverage.read, 2);
    assert_eq!(
        tally
            .with_students()
            .map(|one| one.spot.to_string())
            .collect::<Vec<_>>(),
        ["help.mbox#message 1"]
    );
}

#[test]
fn archives_and_gzip_are_read_in_place() {
    let day = br#"[{"ts":"1718000001.000200","text":"ada@school.example"}]"#;
    let inner = zipped(&[("notes.txt", b"Ada Lovelorn")]);
    let zip = zipped(&[("../../etc/general.json", day), ("more.zip", &inner)]);
    let found = places(&swept("slack.zip", &zip));
    assert_eq!(
        found,
        [
            "slack.zip!../../etc/general.json#1718000001.000200 1",
            "slack.zip!more.zip 1"
        ]
    );
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(day).unwrap();
    assert_eq!(swept("day.json.gz", &packer.finish().unwrap()).holding.len(), 1);
}

#[test]
fn what_unpacks_to_too_much_is_told_and_not_read() {
    let nothing = vec![b' '; 8 << 20];
    let tally = swept(
        "bomb.zip",
        &zipped(&[
            ("bomb.json", &nothing),
            ("day.json", b"[{\"a\":\"ada@school.example\"}]"),
        ]),
    );
    assert_eq!(
        tally.coverage.unread[0].to_string(),
        "bomb.zip#file 1: it unpacks to more than 200 times its size"
    );
    assert_eq!(tally.holding.len(), 1);
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&nothing).unwrap();
    let packed = packer.finish().unwrap();
    let tally = swept("bomb.json.gz", &packed);
    assert_eq!(
        tally.coverage.unread[0].because,
        "not read to its end: it unpacks to more than 200 times its size"
    );
}

#[test]
fn what_is_no_json_is_unread_and_still_looked_at() {
    let tally = swept(
        "cut.json",
        br#"{"issues":[{"key":"AB-1","x":"ada@school.example"},{"key":"AB-2","x":"Ada Love"#,
    );
    assert_eq!(places(&tally)[0], "cut.json#issues AB-1 1");
    assert!(!tally.coverage.unread.is_empty());
}

#[test]
fn a_long_line_is_told_and_stops_nothing_else() {
    let mut table = b"a,b\n\"".to_vec();
    table.resize(ITEM_MAX + 100, b'x');
    for name in ["x.csv", "x.mbox"] {
        let tally = swept(name, &table);
        assert_eq!(
            tally.coverage.unread[0].because,
            "not read to its end: a line is longer than 64 MiB"
        );
    }
}

#[test]
fn nothing_is_no_item_and_brackets_are_no_document() {
    for (name, bytes) in [
        ("e.txt", &b""[..]),
        ("deep.json", &[b'['; 3000]),
        ("x.zip", b"no archive"),
    ] {
        let tally = swept(name, bytes);
        assert_eq!((tally.coverage.read, tally.coverage.unread.len()), (0, 1), "{name}");
    }
}

#[test]
fn what_cannot_be_read_is_no_item_that_holds_nothing() {
    let noise: Vec<u8> = (0..3000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let packed = [b"7z\xbc\xaf\x27\x1c".as_slice(), &noise].concat();
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise].concat();
    let inner = zipped(&[
        ("uploads/b.7z", &packed),
        ("uploads/a.heic", &noise),
        ("users.json", b"[]"),
    ]);
    for (name, bytes, unread) in [
        ("rnd.bin", &noise, 1),
        ("a.7z", &packed, 1),
        ("shot.png", &picture, 1),
        ("slack.zip", &inner, 2),
        ("cut.json", &br#"[{"id":1,"x":"Ada Love"#.to_vec(), 2),
    ] {
        let coverage = swept(name, bytes).coverage;
        assert_eq!(
            (coverage.read, coverage.live, coverage.unread.len()),
            (0, 0, unread),
            "{name}"
        );
        assert!(!coverage.saw_something(), "{name}");
    }
    let mail =
        b"From x Thu Jan  1 00:00:00 2026\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n////\n";
    assert_eq!(swept("x.mbox", mail).coverage.read, 0);
    let both = swept(
        "both.ndjson",
        b"{\"a\":\"ada@school.example\"}\n{\"a\":\"x\"}\n{\"a\":\n",
    );
    assert_eq!((both.coverage.read, both.with_students().count()), (2, 1));
}

#[test]
fn items_are_found_wherever_they_lie() {
    let day = br#"[{"ts":"1718000001.000200","text":"ada@school.example"},{"ts":"1718000002.000200","text":"x"}]"#;
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(&zipped(&[("general/day.json", day)])).unwrap();
    let packed = packer.finish().unwrap();
    let utf16 = |text: &str| {
        [
            vec![0xff, 0xfe],
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ]
        .concat()
    };
    let jira = "<?xml version=\"1.0\"?><rss><channel><title>Jira</title><!-- <item> --><item>\
        <key id='1'>BUG-1</key><description>&lt;p&gt;ada&#64;school.example</description></item><item><key>BUG-2</key>\
        <d><![CDATA[</item>]]></d></item></channel></rss>";
    let desk =
        "<tickets><ticket><id>1</id><ticket>x</ticket></ticket><ticket><d>ada@school.example</d></ticket></tickets>";
    for (name, bytes, read, places_) in [
        (
            "import.json",
            br#"{"projects":[{"key":"P","issues":[{"key":"HELP-1","s":"ada@school.example"},{"key":"HELP-2","s":"x"}]}]}"#
                .to_vec(),
            2,
            vec!["import.json#list 1 1 issues HELP-1 1"],
        ),
        (
            "wrapped.json",
            br#"{"a":{"tickets":[{"id":1,"d":"ada@school.example"},{"id":2,"d":"x"}]}}"#.to_vec(),
            2,
            vec!["wrapped.json#tickets 1 1"],
        ),
        (
            "deep.json",
            br#"{"all":{"projects":[{"n":1,"issues":[{"id":1}]},{"n":2,"issues":[{"id":7,"s":"ada@school.example"},{"id":8}]}]}}"#.to_vec(),
            3,
            vec!["deep.json#issues 7 1"],
        ),
        (
            "rooms.json",
            br#"[{"name":"general","messages":[{"id":5,"t":"x"},{"id":6,"t":"x"}],"topic":"ada@school.example"}]"#
                .to_vec(),
            3,
            vec!["rooms.json#1 around the items 1"],
        ),
        (
            "slack.zip.gz",
            packed,
            2,
            vec!["slack.zip.gz!general/day.json#1718000001.000200 1"],
        ),
        (
            "sep.csv",
            b"sep=;\r\nid;mail\r\n12;ada@school.example\r\n13;x\r\n".to_vec(),
            2,
            vec!["sep.csv#row 2 12 1"],
        ),
        (
            "wide.csv",
            utf16("id,mail\n12,ada@school.example\n13,\u{1f600}\n"),
            2,
            vec!["wide.csv#row 2 12 1"],
        ),
        ("jira.xml", jira.as_bytes().to_vec(), 2, vec!["jira.xml#item 1 1"]),
        ("desk.xml", desk.as_bytes().to_vec(), 2, vec!["desk.xml#ticket 2 1"]),
    ] {
        let tally = swept(name, &bytes);
        let unread: Vec<String> = tally.coverage.unread.iter().map(ToString::to_string).collect();
        assert_eq!(
            (tally.coverage.read, places(&tally), unread, tally.unsplit),
            (read, places_.into_iter().map(str::to_owned).collect(), vec![], 0),
            "{name}"
        );
    }
}

#[test]
fn what_was_not_taken_apart_says_so() {
    let inner = zipped(&[("a.txt", b"x")]);
    for (name, bytes, unsplit) in [
        (
            "odd.json",
            br#"{"a":{"b":[{"d":"ada@school.example"},{"d":"x"}]}}"#.to_vec(),
            1,
        ),
        (
            "one.json",
            br#"{"key":"BUG-1","log":{"b":[{"d":"ada@school.example"},{"d":"x"}]}}"#.to_vec(),
            0,
        ),
        ("odd.xml", b"<all><a>ada@school.example</a><a>x</a></all>".to_vec(), 1),
        ("more.zip", zipped(&[("in.zip", &inner)]), 1),
        ("note.txt", b"ada@school.example".to_vec(), 0),
    ] {
        let tally = swept(name, &bytes);
        assert_eq!((tally.coverage.read, tally.unsplit), (1, unsplit), "{name}");
    }
}

#[test]
fn a_name_that_an_editor_cut_in_two_is_found() {
    let text = br#"[{"key":"AB-1","body":{"content":[{"type":"text","text":"Ada "},{"type":"text","text":"Lovelorn","marks":[1]}]}},
        {"key":"AB-2","body":{"content":[{"text":"Ada Lovelorn"},{"text":" is ill"}]}}]"#;
    let tally = swept("adf.json", text);
    assert_eq!(places(&tally), ["adf.json#AB-1 1", "adf.json#AB-2 1"]);
    assert!(
        tally
            .holding
            .iter()
            .all(|one| one.found.values().all(|count| *count == 1)),
        "{:?}",
        tally.holding
    );
}

#[test]
fn counts_are_of_items_and_of_people() {
    let text =
        br#"[{"a":"ada@school.example","b":"ada@school.example"},{"a":"Ada@School.example"},{"a":"who@else.example"}]"#;
    let tally = swept("x.json", text);
    let totals: Vec<String> = tally
        .totals()
        .iter()
        .map(|(what, (items, people))| {
            format!(
                "{} {:?} {items} {people}",
                what.element,
                what.subject.as_ref().map(ToString::to_string)
            )
        })
        .collect();
    assert_eq!(
        totals,
        ["contact.email None 1 0", "contact.email Some(\"student.under13\") 2 1"]
    );
}

proptest! {
    #[test]
    fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0..5_usize) {
        let name = ["x.json", "x.csv", "x.mbox", "x.zip", "x.bin"][kind];
        let mut tally = Tally::default();
        let _ = sweep(name, bytes.len() as u64, Cursor::new(&bytes), &directory(), &mut tally);
    }

    /// However a document is written, its items hold together what it holds.
    #[test]
    fn every_item_is_seen(before in 0..5_usize, after in 0..5_usize, pretty: bool) {
        let blank = || serde_json::json!({"key": "X-1", "t": "[{\"x\":1},"});
        let mut items: Vec<_> = (0..before).map(|_| blank()).collect();
        items.push(serde_json::json!({"key": "HIT-1", "t": {"deep": ["ada@school.example"]}}));
        items.extend((0..after).map(|_| blank()));
        let document = serde_json::json!({"issues": items});
        let text = if pretty { serde_json::to_vec_pretty(&document) } else { serde_json::to_vec(&document) };
        let tally = swept("x.json", &text.unwrap());
        prop_assert_eq!(places(&tally), ["x.json#issues HIT-1 1"]);
        prop_assert!(tally.coverage.unread.is_empty());
    }
}

#[test]
fn what_stands_around_items_does_not_make_an_item_too_large() {
    let mut text = br#"{"a":""#.to_vec();
    text.resize(ITEM_MAX + 100, b'x');
    text.extend(br#"","issues":[{"key":"HIT-1","t":"ada@school.example"}]}"#);
    let tally = swept("x.json", &text);
    assert_eq!(places(&tally), ["x.json#issues HIT-1 1"]);
    let unread: Vec<String> = tally.coverage.unread.iter().map(ToString::to_string).collect();
    assert_eq!(unread, ["x.json#around the items: larger than 64 MiB"]);
}
