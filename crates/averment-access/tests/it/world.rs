//! Small registers and people, built from text.

use std::path::Path;

use averment_access::{Person, Role};
use averment_register::{Charter, ControllerId, Source, compile};

/// A bundled register.
pub(crate) fn example(name: &str) -> Charter {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name);
    compile(&Source::read(&folder).unwrap()).charter.expect("it compiles")
}

/// A register with these claims about the list, and these schools: identifier, and what stands in its file.
pub(crate) fn charter(claims: &str, schools: &[(&str, &str)]) -> Charter {
    let organisation = "organisation = \"Test\"\n[defaults]\nmode = \"report\"\nunknown_hosts = \"report\"\n";
    let mut source = Source::default();
    source.insert("organisation.toml", organisation);
    source.insert("claims/list.toml", claims);
    for (id, rest) in schools {
        let text = format!("controller = \"{id}\"\nname = \"{id}\"\n{rest}");
        source.insert(format!("controllers/{id}.toml"), text);
    }
    let compiled = compile(&source);
    let errors: Vec<String> = compiled
        .diagnostics
        .iter()
        .map(|finding| finding.render("test"))
        .collect();
    compiled.charter.unwrap_or_else(|| panic!("{}", errors.join("\n")))
}

pub(crate) fn school(id: &str) -> ControllerId {
    ControllerId::new(id).unwrap()
}

/// Somebody with a role, in classes of schools: `meadow:7b meadow:8a hill`.
pub(crate) fn person(id: &str, role: &str, schools: &str) -> Person {
    let mut person = Person::new(id, Role::of(role).unwrap());
    for place in schools.split_whitespace() {
        let (name, class) = place.split_once(':').unwrap_or((place, ""));
        let classes = person.schools.entry(school(name)).or_default();
        classes.extend((!class.is_empty()).then(|| class.to_owned()));
    }
    person
}

/// Compares with a file under `cases/`; `REWRITE_CASES=1` writes it anew.
#[expect(clippy::disallowed_methods, reason = "tests take REWRITE_CASES from the environment")]
pub(crate) fn held_to_file(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(name);
    if std::env::var("REWRITE_CASES").is_ok() {
        std::fs::write(&file, text).unwrap();
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        expected == text,
        "{} differs; REWRITE_CASES=1 writes it anew:\n{text}",
        file.display()
    );
}
