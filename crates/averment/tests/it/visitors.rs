//! What visitors' browsers do, scanned: recordings, policies and their reports, and a site visited by a real Chromium.

mod web;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::{Place, root};
use web::{Answer, Web};

/// Where every test's platform is at home; nobody's own.
const PAGE: &str = "https://learn.birch-school.org/";

/// A folder with a register that declares nobody: looks are held against it without being told.
fn somewhere() -> Place {
    let place = Place::new();
    std::fs::create_dir_all(place.path("register")).expect("a folder");
    std::fs::write(place.path("register/organisation.toml"), "organisation = \"Birch\"\n").expect("a file");
    place
}

fn recording(requests: &[(&str, &str)]) -> String {
    let entry = |(kind, url): &(&str, &str)| {
        json!({ "pageref": "p", "startedDateTime": "2026-11-20T08:00:00Z", "_resourceType": kind,
            "request": { "method": "GET", "url": url, "headers": [] }, "response": { "status": 200, "headers": [] } })
    };
    let entries: Vec<Value> = [("document", PAGE)].iter().chain(requests).map(entry).collect();
    json!({ "log": { "version": "1.2", "pages": [{ "id": "p", "title": PAGE }], "entries": entries } }).to_string()
}

/// Third parties that a look saw, with the roles for which each was contacted.
fn seen(stdout: &str) -> Value {
    serde_json::from_str(stdout).expect("what `--format seen` writes")
}

fn parties(seen: &Value) -> Vec<String> {
    let observations = seen["observations"].as_array().expect("a list");
    observations.iter().map(|one| one["party"].to_string()).collect()
}

#[test]
fn recordings_of_roles_are_compared() {
    let place = somewhere();
    let all = (
        "image",
        "https://px.for-everybody.com/i.gif?who=maya.lindqvist@birch.example",
    );
    std::fs::write(place.path("student.har"), recording(&[all])).expect("a file");
    std::fs::write(
        place.path("teacher.har"),
        recording(&[all, ("script", "https://cdn.adults-only.com/a.js")]),
    )
    .expect("a file");
    let roles = ["--as", "student_under13=student.har", "--as", "teacher=teacher.har"];
    let ran = place.run(&[&["scan", "har"], &roles[..]].concat()).expect(1);
    assert!(
        ran.stdout.contains("only for teacher\n    adults-only.com\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("for-everybody.com  1 2\n"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("maya"), "{}", ran.stdout);
    let ran = place
        .run(&[&["scan", "har", "--format", "seen"], &roles[..]].concat())
        .expect(0);
    let seen = seen(&ran.stdout);
    assert_eq!(seen["look"], "scan.har");
    assert_eq!(seen["observations"][1]["passed"][0]["element"], "contact.email");
    assert_eq!(seen["observations"][1]["passed"][0]["subject"], "student.under13");
    let own = ["birch-school.org", "for-everybody.com", "adults-only.com"]
        .map(|own| ["--own", own])
        .concat();
    place.run(&[&["scan", "har"], &roles[..], &own[..]].concat()).expect(0);
}

#[test]
fn a_look_for_people_needs_people() {
    let place = somewhere();
    std::fs::write(place.path("a.har"), recording(&[])).expect("a file");
    let look = |more: &[&str]| place.run(&[&["scan", "har", "a.har", "--format", "seen"], more].concat());
    let failed = look(&["--with-people"]).expect(2);
    assert!(failed.stderr.contains("averment people load"), "{}", failed.stderr);
    assert_eq!(seen(&look(&[]).expect(0).stdout)["knows_people"], Value::Null);
    let people =
        "id,role,school,email,full_name,birth_year\nt-1,teacher,Westfield,ines.moreau@birch.example,Ines Moreau,\n";
    std::fs::write(place.path("people.csv"), people).expect("a file");
    place.run(&["people", "load", "people.csv"]).expect(0);
    assert_eq!(seen(&look(&["--with-people"]).expect(0).stdout)["knows_people"], true);
}

/// The digest of somebody's address in the path: of Maya, who asked for her picture, and of Lev, who did not.
#[test]
fn a_digest_of_whoever_did_not_consent_breaks_the_sentence() {
    let place = somewhere();
    let avatar = |address: &str| {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(address.as_bytes());
        let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        recording(&[("image", &format!("https://gravatar.com/avatar/{digits}?s=40"))])
    };
    let recipient = "recipient = \"gravatar\"\npurpose = \"Pictures.\"\ninformation = \"A digest.\"\nplanes = [\"browser\"]\n\
        role = \"controller\"\nstudent_records = \"possible\"\n[[discloses]]\nelements = [\"contact.email_hash\"]\n\
        subjects = [\"student\"]\nwhen = \"consent:avatar\"\n[[claims]]\nkind = \"needs_consent\"\nid = \"opt-in\"\n\
        consent = \"avatar\"\ngiver = \"subject\"\nelements = [\"contact.email\"]\nsentence = \"Only who asks for it.\"\n";
    let people = "id,role,school,email,full_name,birth_year\n\
        s-1,student,Birch,maya.lindqvist@birch.example,Maya Lindqvist,2005\n\
        s-2,student,Birch,lev.aronov@birch.example,Lev Aronov,2005\n";
    std::fs::create_dir_all(place.path("register/recipients")).expect("a folder");
    for (file, text) in [
        ("people.csv", people),
        (
            "register/organisation.toml",
            "organisation = \"Birch\"\n[about]\nown_domains = [\"birch-school.org\"]\n",
        ),
        ("register/recipients/gravatar.toml", recipient),
        ("maya.har", &avatar("maya.lindqvist@birch.example")),
        ("lev.har", &avatar("lev.aronov@birch.example")),
    ] {
        std::fs::write(place.path(file), text).expect("a file");
    }
    place.run(&["people", "load", "people.csv"]).expect(0);
    let look = |file: &str| {
        let options = ["--register", "register", "--with-people", "--record"];
        place.run(&[&["scan", "har", file], &options[..]].concat())
    };
    let grade = || {
        let claims = place.run(&["claims", "register", "--format", "json"]).stdout;
        let claims: Value = serde_json::from_str(&claims).expect("JSON");
        let all = claims["claims"].as_array().expect("claims").clone();
        let found = all
            .into_iter()
            .find(|one| one["id"] == "gravatar/opt-in")
            .expect("the claim");
        found["grade"].as_str().unwrap_or_default().to_owned()
    };
    let without = look("maya.har").expect(1);
    assert!(without.stdout.contains("rule: without-consent"), "{}", without.stdout);
    assert_eq!(grade(), "broken");
    let given = "consent give --person s-1 --kind avatar --by eligible_student --how settings";
    place.run(&given.split(' ').collect::<Vec<_>>()).expect(0);
    look("maya.har").expect(0);
    assert_eq!(grade(), "monitored");
    look("lev.har").expect(1);
    assert_eq!(grade(), "broken");
}

#[test]
fn a_look_that_saw_nothing_does_not_pass() {
    let place = somewhere();
    std::fs::write(place.path("a.har"), "{\"log\":{\"entries\":[]}}").expect("a file");
    place.run(&["scan", "har", "a.har"]).expect(2);
    place.run(&["scan", "har", "missing.har"]).expect(2);
    std::fs::write(place.path("policy.txt"), "nothing of a policy").expect("a file");
    place.run(&["scan", "csp", "policy.txt"]).expect(2);
    let ran = place.run(&["scan", "har", "--as", "teacher"]).expect(2);
    assert!(ran.stderr.contains("ROLE=FILE"), "{}", ran.stderr);
}

#[test]
fn a_policy_that_lets_everybody_in_is_told() {
    let place = somewhere();
    let policy = "Content-Security-Policy: default-src 'self'; img-src *; script-src https://cdn.little-tracker.com\n";
    std::fs::write(place.path("headers.txt"), policy).expect("a file");
    let ran = place.run(&["scan", "csp", "headers.txt", "--format", "seen"]).expect(0);
    assert_eq!(
        parties(&seen(&ran.stdout)),
        [r#"{"domain":"*"}"#, r#"{"domain":"little-tracker.com"}"#]
    );
}

#[test]
fn a_violation_in_a_real_browser_is_evidence_of_an_attempt() {
    let place = somewhere();
    let served = place.serve(&[
        "up",
        "--gate",
        "127.0.0.1:0",
        "--page",
        "127.0.0.1:0",
        "--sink",
        "127.0.0.1:0",
    ]);
    let endpoint = served.said("reports").to_owned();
    let web = Web::start(move |request| match request.path.as_str() {
        "/old" => Answer::html(
            "<!doctype html><title>x</title><img src=\"https://px.old-format.com/i.gif?who=maya\" alt=\"\">",
        )
        .with(
            "Content-Security-Policy",
            &format!("img-src 'self'; report-uri {endpoint}"),
        ),
        // As the Reporting API sends it, which a browser does when it likes: from another origin, so that it asks first.
        "/new" => {
            let report = json!([{ "type": "csp-violation", "age": 1, "url": "https://learn.birch-school.org/users/maya?token=secret", "body": {
                "documentURL": "https://learn.birch-school.org/users/maya?token=secret", "blockedURL": "https://px.new-format.com/i.gif?who=maya",
                "effectiveDirective": "img-src", "disposition": "report", "sample": "token=secret" } }]);
            let post = "method: 'POST', headers: { 'Content-Type': 'application/reports+json' }";
            Answer::html(&format!(
                "<!doctype html><title>x</title><script>fetch('{endpoint}', {{ {post}, body: JSON.stringify({report}) }})</script>"
            ))
        }
        _ => Answer::not_found(),
    });
    let mut browser = Command::new("node")
        .arg(root().join("tests/browser/violation.mjs"))
        .args([web.url("/old?token=secret"), web.url("/new")])
        .stdin(Stdio::piped())
        .spawn()
        .expect("node runs; `cargo xtask test` installs it");
    let end = Instant::now() + Duration::from_secs(60);
    let told = loop {
        let ran = place.run(&["scan", "csp", "--reports", "--format", "seen"]);
        let told = if ran.code == 0 {
            parties(&seen(&ran.stdout)).len()
        } else {
            0
        };
        if told == 2 || Instant::now() > end {
            break ran.stdout;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    drop(browser.stdin.take());
    assert!(browser.wait().expect("a child").success());
    let seen = seen(&told);
    assert_eq!(
        parties(&seen),
        [r#"{"domain":"new-format.com"}"#, r#"{"domain":"old-format.com"}"#]
    );
    let evidence = &seen["observations"][0]["evidence"][0];
    assert_eq!(evidence["how"], "policy_report");
    assert_eq!(evidence["what"], "img-src px.new-format.com");
    assert_eq!(evidence["spot"]["file"], "https://learn.birch-school.org/users/*");
    assert_eq!(
        seen["observations"][1]["evidence"][0]["what"],
        "img-src px.old-format.com (blocked)"
    );
    assert!(!told.contains("secret") && !told.contains("maya"), "{told}");
    assert_eq!(served.stop(), 0);
    for (path, bytes) in place.files() {
        assert!(
            memchr::memmem::find(&bytes, b"token=secret").is_none(),
            "{}",
            path.display()
        );
    }
}

/// What the page of one address shows before anything is done there.
fn first_page() -> Web {
    Web::start(|request| match (request.host.as_str(), request.path.as_str()) {
        ("127.0.0.1", "/") => Answer::html(
            "<!doctype html><title>Home</title><p>Hello</p><img src=\"http://px.first-image.com/i.gif\" alt=\"\">\
             <script src=\"http://cdn.first-script.com/a.js\"></script><script async src=\"http://cdn.late-script.com/a.js\"></script>",
        ),
        (_, "/a.js") => Answer::script("document.title = 'x';"),
        _ => Answer::not_found(),
    })
}

#[test]
fn the_first_page_is_recorded_without_a_journey() {
    let place = somewhere();
    let web = first_page();
    let (rules, page) = (format!("MAP *.com {}", web.address), web.url("/"));
    let site = ["scan", "site", &page, "--no-sandbox"];
    let rules = ["--resolver-rules", &rules, "--format", "seen"];
    let shown = ["first-image.com", "first-script.com", "late-script.com"];
    // What is lost when the page is opened too early is lost most of the times, and not always.
    for _ in 0..3 {
        let ran = place.run(&[&site[..], &rules[..]].concat()).expect(0);
        let mut told = parties(&seen(&ran.stdout));
        told.sort();
        assert_eq!(told, shown.map(|domain| format!("{{\"domain\":\"{domain}\"}}")));
    }
}

const PASSWORD: &str = "correct horse & battery";

/// A platform with a sign-in, and third parties that it contacts for everybody or for teachers alone.
fn platform() -> Web {
    Web::start(|request| {
        match (request.host.as_str(), request.path.as_str()) {
        ("learn.birch-school.org", "/") => Answer::html(
            "<!doctype html><title>Sign in</title><form method=post action=/login><input id=user name=user>\
             <input id=password name=password type=password><button>Go</button></form>",
        ),
        ("learn.birch-school.org", "/login") => {
            let user = request.body.split(['=', '&']).nth(1).unwrap_or_default();
            Answer::redirect("/home").with("Set-Cookie", &format!("who={user}; Path=/"))
        }
        ("learn.birch-school.org", "/home") => home(request.cookie.contains("who=teacher")),
        ("cdn.for-everybody.com", "/a.js") => Answer::script(
            "fetch('http://collect.for-everybody.com/e', { method: 'POST', mode: 'no-cors', body: JSON.stringify({ user: 'lena.virtanen@birch.example' }) });\
             const socket = new WebSocket('ws://live.socket-party.com/x');\
             socket.onopen = () => { socket.send('{\"who\":\"lena.virtanen@birch.example\"}'); document.body.id = 'ready'; };",
        )
        .with("Set-Cookie", "uid_7f3a91=secret; Path=/"),
        _ => Answer::not_found(),
    }
    })
}

fn home(is_teacher: bool) -> Answer {
    let pixel = if is_teacher {
        "<img src=\"http://px.adults-only.com/i.gif\" alt=\"\">"
    } else {
        ""
    };
    let frame = "<iframe src=\"http://www.youtube.com/embed/abcDEF12345\"></iframe>";
    Answer::html(&format!(
        "<!doctype html><title>Home</title><p>Hello</p>{pixel}{frame}<script src=\"http://cdn.for-everybody.com/a.js\"></script>"
    ))
}

const JOURNEY: &str = r##"
[[step]]
wait = "#user"

[[step]]
fill = "#user"
value = "ROLE"

[[step]]
fill = "#password"
env = "VISITOR_PASSWORD"

[[step]]
click = "button"

[[step]]
wait = "#ready"

[[step]]
wait = "idle"
"##;

fn visit(place: &Place, web: &Web, role: &str, more: &[&str]) -> Value {
    std::fs::write(place.path("journey.toml"), JOURNEY.replace("ROLE", role)).expect("a file");
    let rules = format!("MAP * {}", web.address);
    let har = format!("{role}.har");
    let arguments = [
        &[
            "scan",
            "site",
            "http://learn.birch-school.org/",
            "--journey",
            "journey.toml",
            "--as",
            role,
            "--har",
            &har,
        ][..],
        &["--no-sandbox", "--resolver-rules", &rules, "--format", "seen"][..],
        more,
    ];
    let ran = place
        .run_with(&arguments.concat(), &[("VISITOR_PASSWORD", PASSWORD)])
        .expect(0);
    seen(&ran.stdout)
}

#[test]
fn a_site_is_visited_as_two_roles_by_a_real_chromium() {
    let place = somewhere();
    let web = platform();
    let teacher = visit(&place, &web, "teacher", &[]);
    let student = visit(&place, &web, "student", &[]);
    assert_eq!(teacher["look"], "crawl.site");
    let for_student = [
        r#"{"domain":"for-everybody.com"}"#,
        r#"{"domain":"socket-party.com"}"#,
        r#"{"known":"youtube"}"#,
    ];
    let mut told = parties(&student);
    told.sort();
    assert_eq!(told, for_student, "{student:#}");
    let mut told = parties(&teacher);
    told.sort();
    assert_eq!(
        told,
        [&[r#"{"domain":"adults-only.com"}"#], &for_student[..]].concat(),
        "{teacher:#}"
    );
    let signed_in = web
        .asked()
        .into_iter()
        .filter(|request| request.path == "/login" && request.method == "POST");
    let bodies: Vec<String> = signed_in.map(|request| request.body).collect();
    let password = "password=correct+horse+%26+battery";
    assert_eq!(
        bodies,
        [format!("user=teacher&{password}"), format!("user=student&{password}")]
    );
    for party in ["for-everybody.com", "socket-party.com"] {
        let observations = student["observations"].as_array().expect("a list");
        let one = observations
            .iter()
            .find(|one| one["party"]["domain"] == party)
            .expect("it was contacted");
        assert_eq!(one["passed"][0]["element"], "contact.email", "{party}");
        assert_eq!(one["passed"][0]["role"], "student");
    }
    let text = student.to_string();
    assert!(text.contains("www.youtube.com") && text.contains("\"uid_*\""), "{text}");
    for secret in ["lena", "horse", "7f3a91"] {
        assert!(!text.contains(secret), "{secret}");
    }
    // The file says the same again, and who is met by one role alone.
    let roles = ["--as", "teacher=teacher.har", "--as", "student=student.har"];
    let ran = place.run(&[&["scan", "har"], &roles[..]].concat()).expect(1);
    assert!(
        ran.stdout.contains("only for teacher\n    adults-only.com\n"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_recording_of_a_visit_holds_no_secret_unless_asked_to() {
    let place = somewhere();
    let web = platform();
    visit(&place, &web, "teacher", &[]);
    let text = std::fs::read_to_string(place.path("teacher.har")).expect("a recording");
    for secret in ["horse", "uid_7f3a91=secret"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(text.contains("uid_7f3a91=[redacted]") && text.contains("_webSocketMessages"));
    visit(&place, &web, "teacher", &["--keep-values"]);
    let text = std::fs::read_to_string(place.path("teacher.har")).expect("a recording");
    assert!(text.contains("correct+horse"), "kept");
}

/// Processes that a browser of a visit is, by the profile that they were started with.
fn browsers(of: &std::path::Path) -> usize {
    let processes = std::fs::read_dir("/proc").expect("processes").flatten();
    let lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    let profile = of.display().to_string();
    lines
        .filter(|line| {
            memchr::memmem::find(line, profile.as_bytes()).is_some()
                && memchr::memmem::find(line, b"averment-visit-").is_some()
        })
        .count()
}

#[test]
fn the_browser_is_gone_however_the_visit_ends() {
    let place = somewhere();
    let web = platform();
    let folder = place.path("temporary");
    std::fs::create_dir(&folder).expect("a folder");
    let temporary = folder.display().to_string();
    let rules = format!("MAP * {}", web.address);
    let site = [
        "scan",
        "site",
        "http://learn.birch-school.org/",
        "--no-sandbox",
        "--resolver-rules",
        &rules,
    ];
    std::fs::write(place.path("lost.toml"), "[[step]]\nwait = \"#nowhere\"\n").expect("a file");
    let lost = [&site[..], &["--journey", "lost.toml", "--step-within", "1"]].concat();
    let ran = place.run_with(&lost, &[("TMPDIR", &temporary)]).expect(2);
    assert!(
        ran.stderr.contains("step 1 of the journey, `wait #nowhere`"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        (browsers(&folder), std::fs::read_dir(&folder).expect("a folder").count()),
        (0, 0)
    );
    let waiting = [&site[..], &["--journey", "lost.toml", "--step-within", "600"]].concat();
    let mut child = place
        .averment(&waiting)
        .env("TMPDIR", &temporary)
        .stderr(Stdio::piped())
        .spawn()
        .expect("averment starts");
    let (before, end) = (web.asked().len(), Instant::now() + Duration::from_secs(60));
    while web.asked().len() == before && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(browsers(&folder) > 0, "a browser runs");
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -TERM {}", child.id())])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    assert_eq!(child.wait().expect("a child").code(), Some(2));
    // A killed process is in the list until its parent has looked.
    while browsers(&folder) > 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(
        (browsers(&folder), std::fs::read_dir(&folder).expect("a folder").count()),
        (0, 0)
    );
}

#[test]
fn a_missing_browser_is_named_with_its_package() {
    let place = somewhere();
    let ran = place
        .run_with(
            &["scan", "site", "http://learn.birch-school.org/"],
            &[("PATH", "/nonexistent")],
        )
        .expect(2);
    assert!(
        ran.stderr.contains("the Debian package is") && ran.stderr.contains("`chromium`"),
        "{}",
        ran.stderr
    );
}
