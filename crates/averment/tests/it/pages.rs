//! The pages in a real browser: no accessibility violation, nothing cut off on a small screen, all by keyboard.

use std::process::Command;

use crate::grades;
use crate::world::{Place, root};

fn look(place: &Place, address: &str, name: &str) {
    run_node("page.mjs", &[address, &place.path(name).display().to_string()]);
}

/// Runs a program of `tests/browser`.
fn run_node(program: &str, arguments: &[&str]) {
    let folder = root().join("tests/browser");
    assert!(
        folder.join("node_modules").is_dir(),
        "`cargo xtask test` installs what looks at pages"
    );
    let output = Command::new("node")
        .arg(folder.join(program))
        .args(arguments)
        .output()
        .expect("node runs; `cargo xtask test` installs it");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{program} {arguments:?}\n{stdout}\n{stderr}");
}

#[test]
fn the_live_page_and_the_status_view_are_accessible() {
    let place = Place::new();
    let served = place.serve(&[
        "up",
        "--gate",
        "127.0.0.1:0",
        "--page",
        "127.0.0.1:0",
        "--sink",
        "127.0.0.1:0",
    ]);
    let leak = r#"{"events":[{"user":{"email":"maya.lindqvist@birch.example"}}]}"#;
    let trust = place.path("averment-data/authority.pem");
    let sent = Command::new("curl")
        .args(["-sS", "-f", "-x", served.said("gate"), "--cacert"])
        .arg(trust)
        .args(["https://events.statsigapi.net/v1/rgstr", "--json", leak])
        .output()
        .expect("curl runs; `cargo xtask test` installs it");
    assert!(sent.status.success(), "{}", String::from_utf8_lossy(&sent.stderr));
    look(&place, served.said("page"), "page");
    for page in KINDS {
        look(
            &place,
            &format!("{}{page}", served.said("page")),
            &page.replace('/', "-"),
        );
    }
    look(&place, &format!("{}?refresh=off", served.said("status")), "status");
}

#[test]
fn the_history_of_a_claim_that_was_broken_is_accessible_and_valid() {
    let place = Place::new();
    let served = grades::mended(&place);
    let live = format!("{}recipients/statsig.html", served.said("page"));
    look(&place, &live, "mended-live");
    assert_eq!(served.stop(), 0);
    place.run(&["publish", "register", "--out", "site"]).expect(0);
    let file = place.path("site/recipients/statsig.html");
    let text = std::fs::read_to_string(&file).expect("a page");
    assert!(
        text.contains("It was broken") && text.contains("class=\"past\""),
        "{text}"
    );
    look(&place, &format!("file://{}", file.display()), "mended");
    run_node("pages.mjs", &[&place.path("site").display().to_string()]);
}

/// One page of every kind of a published site.
const KINDS: [&str; 7] = [
    "index.html",
    "recipients/amplitude.html",
    "changes.html",
    "how-we-know.html",
    "schools.html",
    "parents.html",
    "schools/schedule-of-data.html",
];

fn look_at_every_kind(place: &Place, site: &str) {
    for page in KINDS {
        let file = place.path(site).join(page);
        look(
            place,
            &format!("file://{}", file.display()),
            &format!("{site}-{}", page.replace('/', "-")),
        );
    }
    run_node("pages.mjs", &[&place.path(site).display().to_string()]);
}

#[test]
fn every_kind_of_published_page_is_accessible_and_valid() {
    let place = Place::new();
    place.run(&["publish", "--out", "site"]).expect(0);
    look_at_every_kind(&place, "site");
}

/// The example above leaves much of a register empty; this one has something of everything, and a change.
#[test]
fn pages_with_something_of_everything_are_accessible_and_valid() {
    let place = Place::new();
    let text =
        std::fs::read_to_string(root().join("crates/averment-publish/fixtures/register.txt")).expect("a fixture");
    for section in text.split("-- ").skip(1) {
        let (name, body) = section.split_once(" --\n").expect("a name and a body");
        let file = place.path("full").join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, body).expect("a file");
    }
    let example = root().join("examples/codeorg").display().to_string();
    place
        .run(&["publish", "full", "--out", "site", "--previous", &example])
        .expect(0);
    look_at_every_kind(&place, "site");
}
