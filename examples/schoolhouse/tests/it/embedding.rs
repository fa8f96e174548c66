//! What pages load from others: nothing by itself, and what they are told to.

use crate::platform::{Home, Platform, Running};
use crate::visitor::visitor;

const PAGES: [&str; 4] = ["/", "/sign-in", "/privacy", "/subprocessors"];

#[test]
fn nothing_is_loaded_from_others_by_itself() {
    let home = Home::sqlite();
    let platform = home.serve(&[], &[]);
    let dora = platform.as_user("dora");
    for page in PAGES.iter().chain(&["/home", "/classes/3/call", "/people/16"]) {
        let got = dora.get(page);
        assert_eq!(got.status, 200, "{page}");
        assert!(
            !got.body.contains("src=\"//") && !got.body.contains("href=\"//"),
            "{page}"
        );
    }
}

/// Serves with pages that load what this file says.
fn loading(home: &Home, text: &str) -> Platform {
    let file = home.path().join("pages.toml");
    std::fs::write(&file, text).unwrap();
    home.serve(&[], &["--pages", &file.display().to_string()])
}

#[test]
fn pages_load_what_they_are_told_to_and_the_list_says_so() {
    let home = Home::sqlite();
    let platform = loading(
        &home,
        "head = '<script src=\"//counter.example/a.js\"></script>'\n\
         privacy = '<a href=\"https://counter.example/out\">out</a>'\n[[listed]]\nname = \"Counter\"\npurpose = \"counts\"\n\
         data = \"pages\"\ncountry = \"Finland\"\npage = \"https://counter.example/privacy\"\n",
    );
    let nobody = platform.nobody();
    for page in PAGES {
        let body = nobody.get(page).body;
        assert!(
            body.contains("<script src=\"//counter.example/a.js\"></script></head>"),
            "{page}"
        );
    }
    assert!(!nobody.get("/robots.txt").body.contains("counter"), "it is no page");
    let list = nobody.get("/subprocessors").body;
    assert!(list.contains("<td>Counter</td>") && list.contains("<a href=\"https://counter.example/privacy\">"));
    assert!(list.contains("<td>Zendesk</td>"));
    assert!(nobody.get("/privacy").body.contains("https://counter.example/out"));
}

#[test]
fn a_call_is_for_the_class_and_says_nothing_of_who_is_in_it() {
    let home = Home::sqlite();
    let platform = loading(&home, "call = \"//calls.example/{room}\"\n");
    let room = |name: &str| {
        let body = platform.as_user(name).get("/classes/3/call").body;
        let address = body.split("src=\"").nth(1).unwrap();
        address.split('"').next().unwrap().to_owned()
    };
    assert_eq!(room("dora"), room("wes"), "pupils and their teacher meet in one room");
    let room = room("dora");
    let name = room.strip_prefix("//calls.example/").unwrap();
    assert!(
        name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{name}"
    );
    for outsider in ["ben", "tom", "gerda", "staffan"] {
        let got = platform.as_user(outsider).get("/classes/3/call");
        assert_eq!(got.status, 404, "{outsider}");
    }
    assert_eq!(platform.nobody().get("/classes/3/call").status, 303);
}

#[test]
fn stand_ins_answer_for_what_pages_load() {
    let stub = Running::start(&["vendor-stub"]);
    let others = visitor(&stub.address);
    for (path, holds) in [
        ("/gtag/js?id=G-EXAMPLE", "document.cookie = `_ga="),
        ("/look.css", "h1"),
        ("/0a1b2c", "<title>Call</title>"),
    ] {
        let got = others.get(path);
        assert!(got.status == 200 && got.body.contains(holds), "{path}: {}", got.body);
    }
    assert_eq!(others.post("/g/collect", &[]).status, 204);
}
