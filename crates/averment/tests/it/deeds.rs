//! What people and programs do besides messages, as they enter it: while a gate runs and while none does.

use std::io::BufRead as _;
use std::process::Stdio;

use averment_ledger::{Attestation, Correction, Deed, FindingEntry, ManualDisclosure, Measurement};

use crate::wire::{Request, Trust, get};
use crate::world::{Place, Served};

const PEOPLE: &str = "id,role,school,email,full_name,birth_year\n\
                      s-1,student,Westfield,maya.lindqvist@birch.example,Maya Lindqvist,2015\n\
                      s-2,student,Westfield,lev.aronov@birch.example,Lev Aronov,2015\n\
                      t-1,teacher,Westfield,ines.moreau@birch.example,Ines Moreau,\n";
const DESK: &str = "recipient = \"desk\"\nthird_parties = []\npurpose = \"To help.\"\ninformation = \"An address.\"\n\
                    planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"possible\"\nmode = \"report\"\n\
                    hosts = [\"desk.example\"]\n[[discloses]]\nelements = [\"contact.email\"]\n\
                    subjects = [\"student\", \"teacher\"]\nbasis = [\"ferpa.parent_or_student\", \"gdpr.contract\"]\n";
const CLAIMS: &str = "[[claims]]\nid = \"backups\"\nkind = \"performed_every\"\nactivity = \"restore_test\"\n\
                      period = \"P1Y\"\nsentence = \"We restore a backup every year.\"\n\
                      evidence = { owner = \"operations\", every = \"P1Y\" }\n\
                      [[claims]]\nid = \"hashes\"\nkind = \"stored_as\"\nelements = [\"contact.email\"]\n\
                      form = \"one_way_hash\"\nsentence = \"We store hashes of addresses only.\"\n";

fn place() -> Place {
    let place = Place::new();
    for folder in ["register/recipients", "register/claims"] {
        std::fs::create_dir_all(place.path(folder)).expect("a folder");
    }
    for (name, text) in [
        ("people.csv", PEOPLE),
        (
            "register/organisation.toml",
            "organisation = \"Example Platform (fictional)\"\n",
        ),
        ("register/recipients/desk.toml", DESK),
        ("register/claims/list.toml", CLAIMS),
        ("order.txt", "An order of a fictional court.\n"),
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

const SUBPOENA: [&str; 16] = [
    "ledger",
    "record",
    "--party",
    "a county court",
    "--means",
    "subpoena",
    "--element",
    "edu.grade_level",
    "--person",
    "s-1",
    "--basis",
    "ferpa.court_order",
    "--at",
    "2026-03-01",
    "--interest",
    "evidence in a case",
];

fn manuals(place: &Place) -> Vec<ManualDisclosure> {
    let deeds = place.deeds().into_iter();
    deeds
        .filter_map(|deed| match deed {
            Deed::Manual(manual) => Some(manual),
            _ => None,
        })
        .collect()
}

/// The number after `entry` in what a command said.
fn entry(said: &str) -> String {
    let after = said.split("entry ").nth(1).expect("a number");
    after.chars().take_while(char::is_ascii_digit).collect()
}

#[test]
fn a_finding_says_what_it_rests_on_and_whether_it_must_be_recorded() {
    let place = place();
    let served = up(&place);
    let gate = served.gate();
    let trust = Trust::only(&place.path("averment-data/authority.pem"));
    let body = br#"{"from":"maya.lindqvist@birch.example","cc":"ines.moreau@birch.example","who":"Lev Aronov"}"#;
    let request = Request {
        method: "POST",
        host: "desk.example",
        target: "/tickets",
        headers: &[("Content-Type", "application/json")],
        body,
    };
    assert_eq!(request.through_tunnel(gate, &trust).expect("an answer").status(), 200);
    assert_eq!(served.stop(), 0);
    let findings: Vec<FindingEntry> = place
        .deeds()
        .into_iter()
        .find_map(|deed| match deed {
            Deed::Intent(message) => Some(message.findings),
            _ => None,
        })
        .expect("an intent");
    let of = |element: &str, subject: &str| {
        let found = findings.iter().find(|finding| {
            let whose = finding.subject.as_deref().unwrap_or_default();
            finding.element.starts_with(element) && whose.starts_with(subject)
        });
        let found = found.expect("the finding");
        (found.basis.join(" "), found.record_required)
    };
    let declared = "ferpa.parent_or_student gdpr.contract".to_owned();
    assert_eq!(of("contact.email", "student"), (declared.clone(), Some(false)));
    assert_eq!(of("contact.email", "teacher"), (declared, None), "no student");
    // In report mode it went out, and nothing lets it.
    assert_eq!(of("identity.name", "student"), (String::new(), Some(true)));
}

#[test]
fn what_left_by_other_ways_is_recorded_with_and_without_a_gate() {
    let place = place();
    let first = place
        .run(&[&SUBPOENA[..], &["--document", "order.txt"]].concat())
        .expect(0);
    assert!(
        first.stdout.contains("belongs in the school's record"),
        "{}",
        first.stdout
    );
    let served = up(&place);
    let second = place
        .run(&[
            "ledger",
            "record",
            "--register",
            "register",
            "--to",
            "desk",
            "--means",
            "telephone",
            "--denied",
            "--element",
            "contact",
            "--person",
            "t-1",
            "s-2",
            "--basis",
            "ferpa.school_official",
            "--at",
            "2026-03-01T10:00:00Z",
        ])
        .expect(0);
    assert!(second.stdout.contains("need not stand"), "{}", second.stdout);
    assert_eq!(served.stop(), 0);
    let [by_order, denied] = manuals(&place).try_into().expect("two entries");
    assert_eq!((by_order.people.len(), by_order.result.as_str()), (1, "disclosed"));
    assert_eq!(by_order.people[0].subject, "student.under13");
    assert_eq!(by_order.document.as_ref().map(|document| document.bytes), Some(31));
    assert_eq!((denied.people.len(), denied.result.as_str()), (2, "denied"));
    assert_eq!(denied.recipient.as_deref(), Some("desk"));
    assert_ne!(by_order.people[0].person, denied.people[1].person);
    for (ran, manual) in [(first, by_order), (second, denied)] {
        let shown = place
            .run(&["ledger", "show", &entry(&ran.stdout), "--format", "json"])
            .expect(0);
        assert!(shown.stdout.contains(&manual.id), "{}", shown.stdout);
    }
    place.run(&["ledger", "verify"]).expect(0);
    place.run(&["ledger", "person", "s-1"]).expect(0);
}

#[test]
fn a_consent_that_nothing_shows_spares_no_record() {
    let place = place();
    let words = "ledger record --party agency --means letter --element contact --person s-1 --basis ferpa.consent --at 2026-03-01";
    let words: Vec<&str> = words.split(' ').collect();
    let bare = place.run(&words).expect(0);
    assert!(
        bare.stdout.contains("belongs in the school's record"),
        "{}",
        bare.stdout
    );
    assert!(bare.stderr.contains("nothing shows the consent"), "{}", bare.stderr);
    let shown = place
        .run(&[&words[..], &["--document", "order.txt"]].concat())
        .expect(0);
    assert!(shown.stdout.contains("need not stand"), "{}", shown.stdout);
    let required = manuals(&place)
        .into_iter()
        .map(|manual| manual.authority.record_required);
    assert_eq!(required.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn a_text_that_names_somebody_is_refused_and_not_repeated() {
    let place = place();
    for (option, text) in [
        ("--instrument", "the case of Maya Lindqvist"),
        ("--instrument", "write to lev.aronov@birch.example"),
    ] {
        let ran = place.run(&[&SUBPOENA[..], &[option, text]].concat()).expect(2);
        assert!(ran.stderr.contains("names somebody in the directory"), "{}", ran.stderr);
        assert!(
            !ran.stderr.contains("Maya") && !ran.stderr.contains("aronov"),
            "{}",
            ran.stderr
        );
    }
    std::fs::write(place.path("maya-lindqvist.txt"), "x").expect("a file");
    let ran = place.run(&[&SUBPOENA[..], &["--document", "maya-lindqvist.txt"]].concat());
    assert!(ran.expect(2).stderr.contains("names somebody"));
    assert!(!place.path("averment-data/documents").exists(), "nothing of it is kept");
    assert!(!place.path("averment-data/inbox").exists(), "nothing was put in");
}

#[test]
fn what_nobody_could_mean_is_refused() {
    let place = place();
    let with = |option: &str, text: &str| {
        let mut arguments = SUBPOENA.to_vec();
        let at = arguments.iter().position(|word| *word == option).expect("an option");
        arguments[at + 1] = text;
        place.run(&arguments).expect(2).stderr
    };
    assert!(with("--basis", "ferpa.subpoena").contains("is no basis"));
    assert!(with("--element", "edu.grade_levels").contains("no data element"));
    assert!(with("--at", "2999-01-01").contains("still to come"));
    assert!(with("--at", "yesterday").contains("expected a day"));
    let unknown = with("--person", "s-999");
    assert!(
        unknown.contains("person 1 of those named") && !unknown.contains("s-999"),
        "{unknown}"
    );
}

#[test]
fn a_correction_names_its_entry_by_number_and_hash_and_voids_only_what_people_entered() {
    let place = place();
    let ran = place.run(&SUBPOENA).expect(0);
    let number = entry(&ran.stdout);
    let because = ["--because", "it was another day"];
    let correct = |number: &str, more: &[&str]| {
        place.run(&[&["ledger", "correct", "--entry", number][..], &because, more].concat())
    };
    correct(&number, &[]).expect(0);
    correct(&number, &["--void"]).expect(0);
    assert!(correct("999", &[]).expect(2).stderr.contains("no entry 999"));
    let refused = correct("0", &["--void"]).expect(2);
    assert!(refused.stderr.contains("counts whatever is said"), "{}", refused.stderr);
    let corrections: Vec<Correction> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Correction(correction) => Some(correction),
            _ => None,
        })
        .collect();
    assert_eq!(
        corrections.iter().map(|one| one.void).collect::<Vec<_>>(),
        [false, true]
    );
    let shown = place.run(&["ledger", "show", &number]).expect(0).stdout;
    assert!(
        shown.contains("corrected by entry") && shown.contains("voided by entry"),
        "{shown}"
    );
    assert!(shown.contains(&corrections[0].leaf.to_string()), "{shown}");
}

fn attest(place: &Place, more: &[&str]) -> crate::world::Ran {
    let words = [
        "attest",
        "register",
        "--claim",
        "list/backups",
        "--by",
        "operations",
        "--says",
        "restored",
    ];
    place.run(&[&words[..], more].concat())
}

#[test]
fn what_a_certificate_is_for_is_on_record_and_printed() {
    let place = place();
    let scope = "hosting in Helsinki, without the support desk";
    let said = attest(&place, &["--scope", scope, "--until", "2099-01-01"])
        .expect(0)
        .stdout;
    assert!(
        said.contains(&format!("Its scope: {scope}")) && !said.contains("until 2099-01-01"),
        "{said}"
    );
    attest(&place, &[]).expect(0);
    let scopes: Vec<Option<String>> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Attestation(attestation) => Some(attestation.scope),
            _ => None,
        })
        .collect();
    assert_eq!(scopes, [Some(scope.to_owned()), None]);
    let shown = place.run(&["ledger", "show", &entry(&said)]).expect(0).stdout;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(&format!("holds, for {scope}")), "{shown}");
    // A name is no scope.
    attest(&place, &["--scope", "the letters of Maya Lindqvist"]).expect(2);
}

#[test]
fn a_claim_is_vouched_for_until_its_duty_and_its_document_is_watched() {
    let place = place();
    let due = |more: &[&str]| place.run(&[&["attest", "due", "register"][..], more].concat());
    assert!(due(&[]).expect(1).stdout.contains("never"));
    attest(&place, &["--on", "2020-02-29", "--document", "order.txt"]).expect(0);
    let late = due(&[]).expect(1).stdout;
    assert!(late.contains("overdue") && late.contains("2021-02-28"), "{late}");

    let served = up(&place);
    attest(&place, &["--finds", "does_not_hold"]).expect(0);
    let page = served.said("page").trim_start_matches("http://").trim_end_matches('/');
    let calendar = get(page, "/attestations.ics").body;
    assert!(calendar.contains("list/backups"), "{calendar}");
    assert_eq!(served.stop(), 0);

    // Whoever says that it does not hold has not vouched for it.
    assert!(due(&[]).expect(1).stdout.contains("1 denied, 0 overdue"));
    attest(&place, &[]).expect(0);
    due(&[]).expect(0);
    due(&["--within", "P30D"]).expect(0);
    due(&["--within", "P2Y", "--format", "ical", "--out", "due.ics"]).expect(1);
    let calendar = std::fs::read_to_string(place.path("due.ics")).expect("a calendar");
    let attested: Vec<Attestation> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Attestation(attestation) => Some(attestation),
            _ => None,
        })
        .collect();
    assert_eq!(attested[0].valid_until.as_deref(), Some("2021-02-28"));
    assert_eq!(attested[1].finds, "does_not_hold");
    let performed: jiff::civil::Date = attested[1].performed_on.parse().expect("a day");
    let next = performed.checked_add(jiff::Span::new().years(1)).expect("a day");
    let event = format!("DTSTART;VALUE=DATE:{}\r\n", next.strftime("%Y%m%d"));
    assert!(calendar.contains(&event), "{calendar}");
    place.run(&["attest", "documents", "--verify"]).expect(0);
    let kept = std::fs::read_dir(place.path("averment-data/documents")).expect("a folder");
    for file in kept {
        std::fs::write(file.expect("a file").path(), "Another order.").expect("written over");
    }
    let found = place.run(&["attest", "documents", "--verify"]).expect(1).stdout;
    assert!(found.contains("changed") && found.contains("order.txt"), "{found}");
}

#[test]
fn what_was_vouched_for_without_a_duty_is_due_on_its_last_day() {
    let place = place();
    let words = "attest register --claim list/hashes --by operations --says looked --on 2020-02-01 --until";
    let attest = |until: &str| {
        let words: Vec<&str> = words.split(' ').chain([until]).collect();
        place.run(&words).expect(0).stdout
    };
    let due = |format: &str| {
        let words = ["attest", "due", "register", "--format", format];
        place.run(&words).expect(1).stdout
    };
    assert!(attest("2020-12-01").contains("It counts until 2020-12-01;"));
    let text = due("text");
    assert!(
        text.contains("overdue  2020-12-01  list/hashes\n         no evidence duty; last 2020-02-01 by operations\n"),
        "{text}"
    );
    let document: serde_json::Value = serde_json::from_str(&due("json")).expect("JSON");
    let row = &document["due"][0];
    assert_eq!(
        (&row["claim"], &row["due"]),
        (&"list/hashes".into(), &"2020-12-01".into()),
        "{document}"
    );
    assert_eq!(
        (&row["owner"], &row["by"]),
        (&serde_json::Value::Null, &"operations".into()),
        "{document}"
    );
    assert!(due("ical").contains("SUMMARY:Overdue: list/hashes\r\n"));
}

#[test]
fn an_attestation_is_of_a_claim_and_of_a_day_that_was() {
    let place = place();
    let unknown = [
        "attest",
        "register",
        "--claim",
        "list/nothing",
        "--by",
        "operations",
        "--says",
        "x",
    ];
    assert!(place.run(&unknown).expect(2).stderr.contains("no claim `list/nothing`"));
    assert!(
        attest(&place, &["--on", "2999-01-01"])
            .expect(2)
            .stderr
            .contains("still to come")
    );
    let before = attest(&place, &["--on", "2026-01-02", "--until", "2026-01-01"]).expect(2);
    assert!(before.stderr.contains("lies before"), "{}", before.stderr);
    assert!(
        attest(&place, &["--says", "two\nlines"]).code == 2,
        "given twice, and not one line"
    );
}

fn measurement(more: &str) -> String {
    format!(
        r#"{{"schema":"averment.measurements/1","measurements":[{{"claim":"list/hashes","by":"scan.code",
        "plane":"database","from":"2026-03-01T00:00:00Z","until":"2026-03-01T00:00:00Z",
        "observed":12,"contrary":1,"places":["accounts: column email"]{more}}}]}}"#
    )
}

#[test]
fn what_a_program_measured_is_recorded_and_a_slip_is_refused() {
    let place = place();
    let put = |text: &str| {
        std::fs::write(place.path("seen.json"), text).expect("a file");
        place.run(&["measured", "seen.json", "register"])
    };
    let id = "0123456789abcdef0123456789abcdef";
    put(&measurement(&format!(r#","id":"{id}","unreadable":2"#))).expect(0);
    for (text, expected) in [
        (measurement(r#","contary":0"#), "expected a document"),
        (measurement(r#","id":"x""#), "32 hexadecimal digits"),
        (measurement("").replace("list/hashes", "list/nothing"), "no claim"),
        (
            measurement("").replace(r#""until":"2026"#, r#""until":"2999"#),
            "still to come",
        ),
        (
            measurement("").replace(r#""until":"2026"#, r#""until":"2025"#),
            "lies after",
        ),
        (
            measurement("").replace(r#""contrary":1,"#, r#""contrary":13,"#),
            "more than `observed`",
        ),
        (
            measurement("").replace("column email", "of Maya Lindqvist"),
            "names somebody",
        ),
        ("[".repeat(100_000), "expected a document"),
    ] {
        let ran = put(&text).expect(2);
        let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("Maya"), "{said}");
    }
    let measured: Vec<Measurement> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Measurement(measurement) => Some(measurement),
            _ => None,
        })
        .collect();
    assert_eq!(measured.len(), 1, "of a document with a slip nothing is recorded");
    assert_eq!((measured[0].id.as_str(), measured[0].unreadable), (id, 2));
}

#[test]
fn people_who_are_forgotten_are_counted_in_the_ledger_and_not_found_again() {
    let place = place();
    place.run(&SUBPOENA).expect(0);
    let served = up(&place);
    place.run(&["ledger", "index"]).expect(0);
    place
        .run(&["people", "forget", "--person", "s-1", "s-2", "nobody"])
        .expect(2);
    let ran = place.run(&["ledger", "index"]).expect(0);
    assert!(
        !ran.stdout.contains("unlinked"),
        "the index was left behind: {}",
        ran.stdout
    );
    assert_eq!(served.stop(), 0);
    let counts: Vec<u64> = place
        .deeds()
        .into_iter()
        .filter_map(|deed| match deed {
            Deed::Erasure(erasure) if erasure.state == "forgotten" => Some(erasure.people),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [2]);
    let ran = place.run(&["ledger", "person", "s-1"]).expect(2);
    assert!(ran.stderr.contains("forgotten"), "{}", ran.stderr);
}

#[test]
fn what_lay_in_the_inbox_when_the_gate_was_killed_is_recorded_by_the_next() {
    let place = place();
    up(&place).kill();
    // Holds the lock as a program does that takes nothing: the command gives up and the deed stays.
    let (folder, keys) =
        averment_store::DataFolder::open(&place.path("averment-data"), &place.path("averment-keys")).expect("the lock");
    let ran = place.run(&SUBPOENA).expect(2);
    assert!(ran.stderr.contains("do not enter it again"), "{}", ran.stderr);
    std::fs::write(place.path("averment-data/inbox/0.json"), "no deed").expect("a file");
    drop((folder, keys));
    let served = up(&place);
    // Recorded after what lay there before.
    place.run(&["people", "forget", "--person", "s-2"]).expect(0);
    assert_eq!(served.stop(), 0);
    assert_eq!(manuals(&place).len(), 1);
    assert!(place.path("averment-data/inbox/aside/0.json").exists());
    let log = std::fs::read_to_string(place.path("averment.log")).expect("a log");
    assert!(log.contains("put aside"), "{log}");
}

#[test]
fn a_deed_that_was_left_is_recorded_under_the_register_that_it_is_about() {
    let place = place();
    attest(&place, &[]).expect(0);
    let first = charters(&place).pop().expect("an entry");
    let before = charters(&place).len();
    leave_an_attestation(&place);
    let another = CLAIMS.replace("We restore a backup every year.", "Every year we restore a backup.");
    std::fs::write(place.path("register/claims/list.toml"), another).expect("a file");
    attest(&place, &["--on", "2026-03-02"]).expect(0);
    let said = charters(&place).split_off(before);
    assert_eq!(said.len(), 2);
    assert_eq!(said[0], first);
    assert_ne!(said[1], first);
}

/// A command that somebody stops while another program holds the data folder.
fn leave_an_attestation(place: &Place) {
    let held = averment_store::DataFolder::open(&place.path("averment-data"), &place.path("averment-keys"));
    let held = held.expect("the lock");
    let words = "attest register --claim list/backups --by operations --says restored --on 2026-03-01";
    let words: Vec<&str> = words.split(' ').collect();
    let mut command = place.averment(&words).spawn().expect("averment starts");
    let is_left = || {
        let files = std::fs::read_dir(place.path("averment-data/inbox"));
        files.is_ok_and(|mut files| {
            files.any(|file| file.is_ok_and(|file| file.path().extension().is_some_and(|ext| ext == "json")))
        })
    };
    while !is_left() {
        assert!(
            command.try_wait().expect("it runs").is_none(),
            "it ended without leaving its deed"
        );
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    command.kill().and_then(|()| command.wait()).expect("it ends");
    drop(held);
}

/// Charters of the entries, oldest first.
fn charters(place: &Place) -> Vec<String> {
    let folder = averment_store::DataFolder::open_read(&place.path("averment-data")).expect("a data folder");
    let read = averment_store::entries(&folder, Some(place.keys().verifier())).expect("a ledger that holds");
    // What a program says of itself is not about a charter.
    read.map(|numbered| numbered.expect("a ledger that holds").entry)
        .filter(|entry| !matches!(entry.deed, Deed::Run(_)))
        .map(|entry| entry.charter)
        .collect()
}

#[test]
fn what_is_recorded_without_a_gate_carries_the_charter_that_it_is_about() {
    let place = place();
    attest(&place, &[]).expect(0);
    let first = charters(&place).pop().expect("an entry");
    let another = CLAIMS.replace("We restore a backup every year.", "Every year we restore a backup.");
    std::fs::write(place.path("register/claims/list.toml"), another).expect("a file");
    attest(&place, &["--on", "2026-03-01"]).expect(0);
    let second = charters(&place).pop().expect("an entry");
    assert_ne!(first, second);
    let checked = place.run(&["check", "register"]).stdout;
    assert!(checked.contains(&second), "{checked}");
    // What is about no register goes by the newest entry.
    place.run(&["people", "forget", "--person", "s-2"]).expect(0);
    assert_eq!(charters(&place).pop(), Some(second));
}

/// What a sync that goes on says, up to what it says of own mailboxes and what comes within the second after.
fn said_by_service(place: &Place) -> String {
    let arguments = "people sync --sqlite people.sqlite3 --query people.sql --register register --every PT1S";
    let words: Vec<&str> = arguments.split(' ').collect();
    let mut command = place.averment(&words);
    let mut service = command.stdout(Stdio::piped()).spawn().expect("averment starts");
    let lines = std::io::BufReader::new(service.stdout.take().expect("a pipe")).lines();
    let mut said = String::new();
    let mut rounds = 0;
    for line in lines.map_while(Result::ok) {
        rounds += usize::from(line.contains("own mailboxes"));
        said.push_str(&line);
        // All of the first round is said when the second is.
        if rounds == 2 {
            break;
        }
    }
    service.kill().and_then(|()| service.wait()).expect("it ends");
    said
}

#[test]
fn an_own_mailbox_that_is_somebodys_is_told_after_a_sync() {
    let place = place();
    let organisation = |mailboxes: &str| {
        let text = format!(
            "organisation = \"Example Platform (fictional)\"\n[about]\nown_domains = [\"birch.example\"]\nown_mailboxes = [{mailboxes}]\n"
        );
        std::fs::write(place.path("register/organisation.toml"), text).expect("a file");
    };
    let database = rusqlite::Connection::open(place.path("people.sqlite3")).expect("a file");
    let made = database.execute_batch(
        "create table people (id, role, email); insert into people values ('s-1', 'student', 'maya.lindqvist@birch.example'),
         ('s-2', 'student', 'news@birch.example'), ('t-1', 'teacher', 'ines.moreau@birch.example')",
    );
    made.expect("three people");
    std::fs::write(place.path("people.sql"), "select id, role, email from people").expect("a file");
    let sync = |more: &[&str]| {
        let all = ["people", "sync", "--sqlite", "people.sqlite3", "--query", "people.sql"];
        place.run(&[&all[..], more].concat()).expect(0).stdout
    };
    organisation("\"desk@birch.example\", \"news@birch.example\"");
    let told = sync(&["--register", "register"]);
    assert!(
        told.contains("1 of 2 own mailboxes") && told.contains("`news@birch.example`") && !told.contains("desk@"),
        "{told}"
    );
    assert!(!sync(&[]).contains("own mailbox"));
    let said = said_by_service(&place);
    assert!(said.contains("1 of 2 own mailboxes") && !said.contains('@'), "{said}");
    organisation("\"desk@birch.example\"");
    assert!(!sync(&["--register", "register"]).contains("own mailbox"));
    let more = "insert into people values ('s-3', 'student', 'lev.arden@birch.example')";
    database.execute_batch(more).expect("a person");
    std::fs::write(place.path("register/organisation.toml"), "organisation = ").expect("a file");
    let people = || place.run(&["people", "status"]).stdout;
    let before = people();
    let all = ["people", "sync", "--sqlite", "people.sqlite3", "--query", "people.sql"];
    place.run(&[&all[..], &["--register", "register"]].concat()).expect(2);
    assert_eq!(people(), before, "a broken register is seen before anybody is loaded");
}
