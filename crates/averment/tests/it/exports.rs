//! Exports of staff tools, as whoever is in charge of them sweeps them.

use crate::world::Place;

const PEOPLE: &str = "id,role,school,email,full_name,birth_year\n\
                      s-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist,2015\n\
                      t-1,teacher,Westfield,ines.moreau@birch.example,Ines Moreau,\n";
const TRACKER: &str = "recipient = \"tracker\"\nthird_parties = [\"atlassian-jira\"]\npurpose = \"To mend bugs.\"\n\
                       information = \"What a teacher writes.\"\nplanes = [\"staff_tool\"]\nrole = \"processor\"\n\
                       student_records = \"possible\"\nmode = \"report\"\n[[discloses]]\nelements = [\"contact.email\"]\n\
                       subjects = [\"teacher\"]\nbasis = [\"gdpr.contract\"]\n";
const ISSUES: &str = r#"{"issues":[{"key":"BUG-1","fields":{"summary":"slow"}},
    {"key":"BUG-2","fields":{"reporter":"ines.moreau@birch.example"}},
    {"key":"BUG-3","fields":{"description":"Maya Lindqvist <maya.lindqvist@birch.example> cannot sign in"}}]}"#;

fn place() -> Place {
    let place = Place::new();
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    for (name, text) in [
        ("people.csv", PEOPLE),
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/recipients/tracker.toml", TRACKER),
        ("jira.json", ISSUES),
        ("clean.json", r#"[{"key":"BUG-9","t":"slow"}]"#),
        ("empty.json", "[]"),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    place
}

#[test]
fn tickets_that_hold_students_are_counted_and_listed_without_values() {
    let place = place();
    let sweep = [
        "scan",
        "export",
        "jira.json",
        "--of",
        "tracker",
        "--register",
        "register",
        "--clean-up",
        "list.csv",
    ];
    let failed = place.run(&sweep).expect(2);
    assert!(failed.stderr.contains("averment people load"), "{}", failed.stderr);
    place.run(&["people", "load", "people.csv"]).expect(0);
    let ran = place.run(&sweep).expect(1);
    assert!(
        ran.stdout
            .contains("1 of 3 items hold data of students (33.33 %), of 1 students"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("jira.json#issues BUG-3"), "{}", ran.stdout);
    let list = std::fs::read_to_string(place.path("list.csv")).expect("the list");
    assert_eq!(
        list,
        "item,people,found\n\
         jira.json#issues BUG-2,1,contact.email of teacher x1\n\
         jira.json#issues BUG-3,1,contact.email of student.under13 x1; identity.name.full of student.under13 x1\n"
    );
    for said in [&ran.stdout, &ran.stderr, &list] {
        assert!(
            !said.to_lowercase().contains("maya") && !said.contains("birch.example"),
            "{said}"
        );
    }
}

#[test]
fn an_export_without_students_holds_and_an_empty_one_shows_nothing() {
    let place = place();
    place.run(&["people", "load", "people.csv"]).expect(0);
    let sweep = |file| place.run(&["scan", "export", file, "--of", "tracker", "--register", "register"]);
    sweep("clean.json").expect(0);
    sweep("empty.json").expect(2);
    sweep("missing.json").expect(2);
    let ran = place
        .run(&[
            "scan",
            "export",
            "clean.json",
            "--of",
            "nobody",
            "--register",
            "register",
        ])
        .expect(2);
    assert!(
        ran.stderr.contains("neither register nor catalog has `nobody`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn people_outside_the_directory_are_seen_and_a_look_says_whether_it_knows_people() {
    let place = place();
    let outside = r#"[{"key":"BUG-7","t":"write to noor.abadi@elm.example"}]"#;
    std::fs::write(place.path("outside.json"), outside).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    let sweep = |more: &[&str]| {
        let of = [
            "scan",
            "export",
            "outside.json",
            "--of",
            "tracker",
            "--register",
            "register",
        ];
        let ran = place.run(&[&of[..], &["--format", "seen"], more].concat()).expect(0);
        serde_json::from_str::<serde_json::Value>(&ran.stdout).expect("what `--format seen` writes")
    };
    let (known, unknown) = (sweep(&[]), sweep(&["--without-people"]));
    assert_eq!(
        (&known["knows_people"], &unknown["knows_people"]),
        (&true.into(), &serde_json::Value::Null)
    );
    let passed = &known["observations"][0]["passed"][0];
    assert_eq!(
        (&passed["element"], &passed["subject"]),
        (&"contact.email".into(), &serde_json::Value::Null)
    );
    assert_eq!(passed["confidence"], "likely");
}

#[test]
fn what_cannot_be_read_gives_no_share_and_a_folder_is_read_as_its_archive() {
    let place = place();
    place.run(&["people", "load", "people.csv"]).expect(0);
    let sweep = |file| place.run(&["scan", "export", file, "--of", "tracker", "--register", "register"]);
    let noise: Vec<u8> = (0..3000_u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    std::fs::write(place.path("a.7z"), [b"7z\xbc\xaf\x27\x1c".as_slice(), &noise].concat()).expect("a file");
    let ran = sweep("a.7z").expect(2);
    assert!(
        !ran.stdout.contains('%') && ran.stdout.contains("no item could be read"),
        "{}",
        ran.stdout
    );
    std::fs::create_dir_all(place.path("slack/general")).expect("a folder");
    std::fs::write(place.path("slack/general/day.json"), ISSUES).expect("a file");
    let ran = sweep("slack").expect(1);
    assert!(
        ran.stdout.contains("slack/general/day.json#issues BUG-3"),
        "{}",
        ran.stdout
    );
    let odd = r#"{"a":{"b":[{"d":"maya.lindqvist@birch.example"},{"d":"x"}]}}"#;
    std::fs::write(place.path("odd.json"), odd).expect("a file");
    let ran = sweep("odd.json");
    assert!(
        !ran.stdout.contains('%') && ran.stdout.contains("as a whole"),
        "{}",
        ran.stdout
    );
}
