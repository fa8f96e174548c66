use averment_catalog::catalog;
use averment_catalog::erasure::{Does, Identifier};
use jiff::SignedDuration;

use super::{access, everything, now, order};
use crate::vendor::{
    Answer, Deletion, Identifiers, Plan, Request, SendError, Status, Transport, Trouble, VendorAccess, advance, report,
};

/// Nobody is there.
struct Deaf;

impl Transport for Deaf {
    fn send(&mut self, _: &Request) -> Result<Answer, SendError> {
        Err(SendError::TimedOut)
    }
}

fn stripe(identifiers: Identifiers, with_access: bool) -> Plan<'static> {
    let party = catalog().third_party(&order("stripe").third_party).unwrap();
    let access = with_access.then(|| access(party.erasure.as_ref().unwrap()));
    Plan::new(order("stripe"), identifiers, access, catalog())
}

#[test]
fn without_access_somebody_does_it_by_a_day() {
    let plan = stripe(everything(), false);
    let deletion = plan.start(now());
    assert_eq!(deletion.trouble, Some(Trouble::NoAccess));
    let told = report(&plan, &deletion, now());
    assert!(told.state == "manual" && told.due.is_some() && !told.done && !told.overdue);
    let later = now().checked_add(SignedDuration::from_hours(24 * 31)).unwrap();
    assert!(report(&plan, &deletion, later).overdue);
    assert!(told.says.contains("no access"), "{}", told.says);
    assert_eq!(plan.says().count(), 0);
    // Once the access is set it runs.
    let plan = stripe(everything(), true);
    assert_eq!(
        plan.says().next(),
        Some((Does::Find, "looks customers up by e-mail address"))
    );
    let sent = advance(&plan, deletion.again(), &mut Deaf, now());
    assert!(sent.status == Status::Planned && sent.next_at.is_some());
}

#[test]
fn without_an_identifier_that_counts_there_it_says_which() {
    let known = Identifiers::default().with(Identifier::Phone, "+15550100001");
    let deletion = stripe(known, true).start(now());
    let told = deletion.trouble.map(|trouble| trouble.to_string()).unwrap();
    assert_eq!(told, "the third party goes by e-mail address, and none is known");
    assert!(matches!(deletion.status, Status::Manual { .. }));
}

#[test]
fn a_third_party_that_is_not_known_is_not_done() {
    let plan = Plan::new(order("nobody-there"), everything(), None, catalog());
    let deletion = plan.start(now());
    assert_eq!(deletion.status, Status::NoApi);
    assert!(deletion.is_over() && !deletion.is_done());
    let again = advance(&plan, deletion.clone().again(), &mut Deaf, now());
    assert_eq!((again.status, again.trouble), (Status::NoApi, Some(Trouble::Unknown)));
    let attested = deletion.attested("entry 7", now());
    assert!(attested.is_done() && report(&plan, &attested, now()).state == "attested");
}

/// Tries until it gives up; how often it tried and the longest wait.
fn tries(plan: &Plan<'_>) -> (Deletion, u32, SignedDuration) {
    let (mut deletion, mut at, mut count, mut longest) = (plan.start(now()), now(), 0, SignedDuration::ZERO);
    while !deletion.is_over() {
        deletion = advance(plan, deletion, &mut Deaf, at);
        count += 1;
        if let Some(next) = deletion.next_at {
            longest = longest.max(next.duration_since(at));
            // Too early: nothing happens.
            assert_eq!(advance(plan, deletion.clone(), &mut Deaf, at), deletion);
            at = next;
        }
    }
    (deletion, count, longest)
}

#[test]
fn silence_is_tried_again_within_bounds_and_can_be_begun_anew() {
    let plan = stripe(everything(), true);
    let (deletion, count, longest) = tries(&plan);
    assert_eq!(count, 8);
    assert!(longest <= SignedDuration::from_hours(24) && longest >= SignedDuration::from_mins(30));
    assert!(matches!(deletion.status, Status::Failed { .. }));
    assert_eq!(deletion.clone().again().status, Status::Planned);
    let told = report(&plan, &deletion, now());
    assert_eq!(
        told.says,
        "it did not work: looks customers up by e-mail address: no answer in time"
    );
}

/// Keeps what was sent, and answers that it cannot now.
struct Kept(Vec<Request>);

impl Transport for Kept {
    fn send(&mut self, request: &Request) -> Result<Answer, SendError> {
        self.0.push(request.clone());
        Ok(Answer {
            status: 500,
            ..Answer::default()
        })
    }
}

const ROW: &str = r#"
way = "api"
certainty = "sourced"
sources = ["made up"]
base = "https://api.vendor.example"
secrets = { token = "a token" }
authentication = [{ scheme = "query", name = "api_key", value = "{token}" }]
takes = "PT1M"
[[steps]]
id = "delete"
does = "delete"
says = "deletes"
method = "POST"
path = "/erase"
form = [["who", "{email}"], ["order", "{reference}"]]
idempotency_header = "idempotency-key"
answers = [{ status = [200], means = "done" }]
"#;

#[test]
fn a_request_that_is_sent_again_has_the_same_key_and_names_nobody_in_it() {
    let row: averment_catalog::erasure::Erasure = toml::from_str(ROW).unwrap();
    let two = Identifiers::default()
        .with(Identifier::Email, "ada@school.example")
        .with(Identifier::Email, "a@b.example");
    let plan = Plan::of(order("stripe"), two, Some(access(&row)), Some(&row));
    let mut sent = Kept(Vec::new());
    let first = advance(&plan, plan.start(now()), &mut sent, now());
    assert!(
        sent.0.is_empty() && first.status == Status::Requested,
        "an order is written down before it is sent"
    );
    let second = advance(&plan, first.clone(), &mut sent, now());
    // Killed before `second` was kept, and once more after a wait.
    let _ = advance(&plan, first, &mut sent, now());
    let _ = advance(&plan, second.clone(), &mut sent, second.next_at.unwrap());
    let [one, two, three] = sent.0.as_slice() else {
        panic!("{sent:?}", sent = sent.0)
    };
    assert!(one == two && two == three);
    let key = one
        .headers
        .iter()
        .find(|(name, _)| name == "idempotency-key")
        .unwrap()
        .1
        .expose();
    assert!(key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(one.url.expose(), "https://api.vendor.example/erase?api_key=s");
    let body = one.body.as_ref().unwrap().1.expose();
    assert_eq!(body, format!("who=ada%40school.example&order={key}"));
    let shown = format!("{one:?}");
    assert!(!shown.contains("ada") && !shown.contains("api_key"), "{shown}");
}

#[test]
fn a_state_of_another_version_is_not_read_half() {
    let deletion = stripe(everything(), true).start(now());
    let mut json = serde_json::to_value(&deletion).unwrap();
    json["unknown"] = serde_json::json!(1);
    assert!(serde_json::from_value::<Deletion>(json).is_err());
}

#[test]
fn an_access_is_read_and_its_secrets_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, "from-file\n").unwrap();
    let text = format!(
        "region = \"eu\"\ntoken_env = \"TOKEN\"\n[secrets]\nkey = {{ file = {:?} }}\n[canary]\nemail = \"c@school.example\"\n",
        file
    );
    let access: VendorAccess = toml::from_str(&text).unwrap();
    let open = access
        .open(&|name| (name == "TOKEN").then(|| "from-env".to_owned()))
        .unwrap();
    assert_eq!(
        (open.secrets["token"].expose(), open.secrets["key"].expose()),
        ("from-env", "from-file")
    );
    let shown = format!("{open:?}");
    assert!(
        !shown.contains("from-") && !shown.contains("c@school.example"),
        "{shown}"
    );
    assert!(toml::from_str::<VendorAccess>("tokens = \"x\"").is_err());
    assert!(access.open(&|_| None).is_err() && access.open(&|_| Some("a\nb".to_owned())).is_err());
    let both: VendorAccess = toml::from_str("token_env = \"A\"\ntoken_file = \"b\"").unwrap();
    assert!(both.open(&|_| Some("x".to_owned())).is_err());
}

#[test]
fn addresses_are_private_ones() {
    let opens = |url: &str| {
        let access = VendorAccess {
            base_url: Some(url.to_owned()),
            ..VendorAccess::default()
        };
        access.open(&|_| None).is_ok()
    };
    for url in [
        "https://stripe.school.example",
        "https://a.example/base/",
        "http://127.0.0.1:8080",
        "http://localhost:1",
    ] {
        assert!(opens(url), "{url}");
    }
    for url in [
        "http://stripe.school.example",
        "ftp://a.example",
        "https://u:p@a.example",
        "https://a.example/?x=1",
        "a.example",
        "",
    ] {
        assert!(!opens(url), "{url}");
    }
}
