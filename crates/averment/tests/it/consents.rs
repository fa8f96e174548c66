//! A consent that is withdrawn while the gate runs: the next message is refused, and the ledger says both.

use std::time::{Duration, Instant};

use averment_ledger::Deed;

use crate::wire::{Request, Trust};
use crate::world::{Place, Served};

const PEOPLE: &str = "id,role,school,email\ns-1,student,Westfield,maya.lindqvist@birch.example\n";
const DESK: &str = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                    planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nmode = \"enforce\"\n\
                    hosts = [\"desk.example\"]\n[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n\
                    when = \"consent:photo\"\n";

fn place() -> Place {
    let place = Place::new();
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    let organisation = "organisation = \"Example Platform (fictional)\"\n";
    for (name, text) in [
        ("people.csv", PEOPLE),
        ("register/organisation.toml", organisation),
        ("register/recipients/desk.toml", DESK),
    ] {
        std::fs::write(place.path(name), text).expect("a file");
    }
    place.run(&["people", "load", "people.csv"]).expect(0);
    place
}

fn up(place: &Place) -> Served {
    let addresses = [
        "--gate",
        "127.0.0.1:0",
        "--page",
        "127.0.0.1:0",
        "--sink",
        "127.0.0.1:0",
    ];
    place.serve(&[&["up", "register"][..], &addresses].concat())
}

fn say(place: &Place, verb: &str) {
    let about = [
        "--person",
        "s-1",
        "--kind",
        "photo",
        "--by",
        "parent",
        "--how",
        "paper form",
    ];
    place.run(&[&["consent", verb][..], &about].concat()).expect(0);
}

#[test]
fn a_consent_that_is_withdrawn_while_the_gate_runs_holds_for_the_next_message() {
    let place = place();
    say(&place, "give");
    let served = up(&place);
    let gate = served.gate();
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let status = || {
        let request = Request {
            method: "POST",
            host: "desk.example",
            target: "/tickets",
            headers: &[("Content-Type", "application/json")],
            body: b"{\"from\":\"maya.lindqvist@birch.example\"}",
        };
        request.through_tunnel(gate, &trust).expect("an answer").status()
    };
    assert_eq!(status(), 200);
    say(&place, "withdraw");
    assert_eq!(status(), 403, "not a moment later");
    say(&place, "give");
    assert_eq!(status(), 200);
    wait_until_recorded(&place);
    assert_eq!(served.stop(), 0);

    let mut versions = Vec::new();
    let mut changes = Vec::new();
    for deed in place.deeds() {
        match deed {
            Deed::Intent(message) => versions.push(message.findings[0].consent_version),
            Deed::Consent(change) => changes.push((change.state, change.version, change.person.is_some())),
            _ => {}
        }
    }
    assert_eq!(versions, [Some(1), Some(3)]);
    let state = |word: &str, version| (word.to_owned(), version, true);
    assert_eq!(changes, [state("given", 1), state("withdrawn", 2), state("given", 3)]);
}

#[test]
fn a_school_that_consents_for_its_pupils_takes_it_back_at_once() {
    let place = place();
    let lessons = DESK
        .replace("\"desk", "\"lessons")
        .replace("purpose = ", "purposes = [\"service.instruction\"]\npurpose = ");
    std::fs::write(place.path("register/recipients/lessons.toml"), lessons).expect("a file");
    let served = up(&place);
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let status = |host: &str| {
        let request = Request {
            method: "POST",
            host,
            target: "/tickets",
            headers: &[("Content-Type", "application/json")],
            body: b"{\"from\":\"maya.lindqvist@birch.example\"}",
        };
        request
            .through_tunnel(served.gate(), &trust)
            .expect("an answer")
            .status()
    };
    let say = |verb: &str, whose: [&str; 4]| {
        let what = ["--kind", "photo", "--how", "paper form"];
        place.run(&[&["consent", verb][..], &whose, &what].concat()).expect(0)
    };
    let school = ["--school", "Westfield", "--by", "school"];
    let parent = ["--person", "s-1", "--by", "parent"];
    assert_eq!(status("lessons.example"), 403);
    let said = say("give", school);
    assert!(said.stdout.contains("school purposes only"), "{}", said.stdout);
    assert_eq!(
        (status("lessons.example"), status("desk.example")),
        (200, 403),
        "education, and the rest"
    );
    say("withdraw", school);
    assert_eq!(status("lessons.example"), 403, "not a moment later");
    say("give", school);
    assert_eq!(status("lessons.example"), 200);
    say("withdraw", parent);
    assert_eq!(status("lessons.example"), 403, "a parent said no");
    let again = [
        "consent",
        "give",
        "--person",
        "s-1",
        "--by",
        "school",
        "--kind",
        "photo",
        "--how",
        "by telephone",
    ];
    let again = place.run(&again).expect(2);
    assert!(again.stderr.contains("has withdrawn this"), "{}", again.stderr);
    say("give", parent);
    assert_eq!(
        (status("lessons.example"), status("desk.example")),
        (200, 200),
        "their own reaches further"
    );
    let opt_out = [
        "consent",
        "withdraw",
        "--school",
        "Westfield",
        "--by",
        "school",
        "--recipient",
        "desk",
    ];
    place.run(&[&opt_out[..], &["--how", "by letter"]].concat()).expect(0);
    assert_eq!(
        (status("lessons.example"), status("desk.example")),
        (200, 403),
        "the school objects to one"
    );
    assert_eq!(served.stop(), 0);
    let of_school = place.deeds().into_iter().filter_map(|deed| match deed {
        Deed::Intent(message) => Some(message.findings[0].consent_of_school),
        _ => None,
    });
    assert_eq!(of_school.collect::<Vec<_>>(), [true, true, false, false, false]);
}

/// What is told to the ledger counts as recorded a round later.
fn wait_until_recorded(place: &Place) {
    let (folder, keys) =
        averment_store::DataFolder::open_unlocked(&place.path("averment-data"), &place.path("averment-keys"))
            .expect("the gate made the folders");
    let consents = averment_store::Consents::open(&folder, &keys).expect("the gate made the consents");
    let began = Instant::now();
    while !consents.unrecorded().expect("consents that can be read").is_empty() {
        assert!(began.elapsed() < Duration::from_secs(30), "never recorded");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// An objection to nobody, or of nobody, keeps nothing back: it is no answer that something goes no more.
#[test]
fn what_is_said_of_no_school_no_recipient_or_no_consent_is_refused() {
    let place = place();
    let say = |more: &[&str]| {
        let said = ["consent", "withdraw", "--by", "school", "--how", "by letter"];
        place.run(&[&said[..], more].concat())
    };
    let register = ["--register", "register"];
    for (said, because) in [
        (
            &["--school", "Westfeild", "--recipient", "desk"][..],
            "nobody in the directory is of the school",
        ),
        (
            &["--school", "wf-7", "--recipient", "desk"],
            "nobody in the directory is of the school",
        ),
    ] {
        let refused = say(said).expect(2);
        assert!(refused.stderr.contains(because), "{}", refused.stderr);
    }
    let school = ["--school", "Westfield"];
    for (said, because) in [
        (["--recipient", "dsek"], "the register has no recipient `dsek`"),
        (["--kind", "recipient:dsek"], "the register has no recipient `dsek`"),
        (
            ["--kind", "foto"],
            "the register has no row or claim with the consent `foto`",
        ),
    ] {
        let refused = say(&[&school[..], &said, &register].concat()).expect(2);
        let told = refused.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(because), "{told}");
    }
    assert!(
        place
            .run(&["consent", "list"])
            .expect(0)
            .stdout
            .contains("nobody has said anything")
    );
    place.run(&["consent", "list", "--school", "Westfeild"]).expect(2);

    let unlooked = say(&[&school[..], &["--recipient", "desk"]].concat()).expect(0).stdout;
    assert!(unlooked.contains("was not looked up"), "{unlooked}");
    let looked = say(&[&school[..], &["--recipient", "desk"], &register].concat())
        .expect(0)
        .stdout;
    assert!(!looked.contains("not looked up"), "{looked}");
    std::fs::create_dir_all(place.path("register/controllers")).expect("a folder");
    let called = "controller = \"wf-7\"\nname = \"Westfield\"\n";
    std::fs::write(place.path("register/controllers/wf-7.toml"), called).expect("a file");
    say(&[&["--school", "wf-7", "--kind", "photo"][..], &register].concat()).expect(0);

    // A school that joins may object before its people are loaded: refused, it would be asked for nothing.
    let called = "controller = \"hill\"\nname = \"Hill School\"\n";
    std::fs::write(place.path("register/controllers/hill.toml"), called).expect("a file");
    let early = ["--school", "hill", "--recipient", "desk"];
    say(&early).expect(2);
    let said = say(&[&early[..], &register].concat()).expect(0).stdout;
    assert!(
        said.contains("Nobody in the directory is of the school `hill` yet"),
        "{said}"
    );
}

/// What was printed as taken back would go on to be kept back.
#[test]
fn an_objection_is_taken_back_by_nobody_in_the_place_of_who_made_it() {
    let place = place();
    let say = |verb: &str, by: &str, more: &[&str]| {
        let said = ["consent", verb, "--by", by, "--how", "by letter", "--recipient", "desk"];
        place.run(&[&said[..], more].concat())
    };
    let (person, school) = (["--person", "s-1"], ["--school", "Westfield"]);
    say("withdraw", "parent", &person).expect(0);
    let refused = |by: &str, whose: &[&str]| {
        let said = say("give", by, whose).expect(2).stderr;
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = refused("school", &person);
    assert!(said.contains("has said no to this"), "{said}");
    say("give", "parent", &person).expect(0);
    say("withdraw", "school", &school).expect(0);
    let said = refused("parent", &school);
    assert!(said.contains("expected `school`, found `parent`"), "{said}");
    say("give", "school", &school).expect(0);
}
