//! Commands for who writes register files: `new`, `fmt`, `schema`, and a published form read back.

use averment_register::{Source, compile, interchange};

use crate::world::{Place, root};

#[test]
fn a_register_is_begun_filled_in_and_checked() {
    let place = Place::new();
    place.run(&["new", "register", "register"]).expect(0);
    let made = place
        .run(&["new", "recipient", "zendesk", "--register", "register"])
        .expect(0);
    assert!(
        made.stdout.contains("register/recipients/zendesk.toml"),
        "{}",
        made.stdout
    );
    place
        .run(&["new", "school", "westfield", "--register", "register"])
        .expect(0);
    let checked = place.run(&["check", "register"]).expect(1);
    for expected in [
        "`purpose` is empty",
        "`information` is empty",
        "needs the field `role`",
        "`name` is empty",
    ] {
        assert!(
            checked.stdout.contains(expected),
            "no `{expected}` in\n{}",
            checked.stdout
        );
    }
    let file = place.path("register/recipients/zendesk.toml");
    std::fs::write(&file, "mine").expect("a file");
    let again = place
        .run(&["new", "recipient", "zendesk", "--register", "register"])
        .expect(2);
    assert!(again.stderr.contains("is there already"), "{}", again.stderr);
    assert_eq!(std::fs::read(&file).expect("a file"), b"mine");
    let register = place.run(&["new", "register", "register"]).expect(2);
    assert!(register.stderr.contains("is not empty"), "{}", register.stderr);
    let unknown = place
        .run(&["new", "recipient", "zendsk", "--register", "register"])
        .expect(2);
    assert!(unknown.stderr.contains("did you mean `zendesk`"), "{}", unknown.stderr);
    let nowhere = place
        .run(&["new", "recipient", "twilio", "--register", "elsewhere"])
        .expect(2);
    assert!(nowhere.stderr.contains("is not a register"), "{}", nowhere.stderr);
}

#[test]
fn files_are_laid_out_and_left_alone_when_they_cannot_be_read() {
    let place = Place::new();
    let register = place.register_with_mode("amplitude", "enforce");
    place.run(&["fmt", "register"]).expect(0);
    let clean = place.run(&["fmt", "register", "--check"]).expect(0);
    assert!(clean.stdout.contains("0 of 46 files would change"), "{}", clean.stdout);
    let file = register.join("recipients/twilio.toml");
    let text = std::fs::read_to_string(&file).expect("a file");
    std::fs::write(&file, text.replace(" = ", "=")).expect("a file");
    let named = place.run(&["fmt", "register", "--check"]).expect(1);
    assert!(
        named.stdout.contains("register/recipients/twilio.toml\n"),
        "{}",
        named.stdout
    );
    assert_ne!(std::fs::read_to_string(&file).expect("a file"), text);
    place.run(&["fmt", "register"]).expect(0);
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), text);
    std::fs::write(&file, "recipient = \n").expect("a file");
    let broken = place.run(&["fmt", "register"]).expect(2);
    assert!(
        broken.stdout.contains("register/recipients/twilio.toml:1:"),
        "{}",
        broken.stdout
    );
    assert_eq!(std::fs::read_to_string(&file).expect("a file"), "recipient = \n");
}

#[test]
fn schemas_are_printed_and_written() {
    let place = Place::new();
    let one = place.run(&["schema", "recipient"]).expect(0);
    let schema: serde_json::Value = serde_json::from_str(&one.stdout).expect("JSON");
    assert_eq!(schema["required"][0], "recipient");
    place.run(&["schema", "--out", "schema"]).expect(0);
    for kind in ["organisation", "recipient", "claims", "controller", "data"] {
        assert!(place.path(&format!("schema/{kind}.schema.json")).is_file());
    }
    let listed = place.run(&["schema"]).expect(0);
    assert_eq!(
        listed.stdout.matches("averment schema ").count(),
        6,
        "{}",
        listed.stdout
    );
}

#[test]
fn a_published_form_is_imported_as_the_register_it_came_from() {
    let place = Place::new();
    let source = Source::read(&root().join("examples/codeorg")).expect("the example");
    let charter = compile(&source).charter.expect("a charter");
    for (name, text) in [
        ("page.html", interchange::html_block(&charter)),
        ("page.md", interchange::markdown_block(&charter)),
        ("register.csv", interchange::csv(&charter)),
        ("register.json", interchange::json(&charter)),
    ] {
        std::fs::write(place.path(name), &text).expect("a file");
        let into = format!("{name}.d");
        let imported = place.run(&["import", name, "--into", &into]).expect(0);
        assert!(imported.stdout.contains("read back"), "{}", imported.stdout);
        let again = compile(&Source::read(&place.path(&into)).expect("a register"));
        assert_eq!(again.charter.expect("a charter").digest(), charter.digest());
        std::fs::write(place.path(name), text.replacen("44 ", "45 ", 1)).expect("a file");
        let refused = place.run(&["import", name, "--into", "other"]).expect(2);
        assert!(refused.stderr.contains("edited"), "{}", refused.stderr);
    }
}
