//! The pages in a real browser: no accessibility violation, nothing cut off on a small screen, all by keyboard.

use std::process::Command;

use crate::world::{Place, root};

fn look(place: &Place, address: &str, name: &str) {
    let folder = root().join("tests/browser");
    assert!(
        folder.join("node_modules").is_dir(),
        "`cargo xtask test` installs what looks at pages"
    );
    let output = Command::new("node")
        .arg(folder.join("page.mjs"))
        .args([address, &place.path(name).display().to_string()])
        .output()
        .expect("node runs; `cargo xtask test` installs it");
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{address}\n{stdout}\n{stderr}");
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
    look(&place, &format!("{}?refresh=off", served.said("status")), "status");
}

#[test]
fn the_published_file_is_accessible() {
    let place = Place::new();
    place.run(&["publish", "--out", "site"]).expect(0);
    look(
        &place,
        &format!("file://{}", place.path("site/index.html").display()),
        "site",
    );
}
