//! What is decided on the state at the moment of sending: consents, objections, schools, callers, cut-offs, canaries.

use std::sync::Arc;
use std::time::{Duration, Instant};

use averment_gate::Settings;
use averment_store::{About, ConsentState, GivenBy, NewChange, Proof};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::client::{Reply, post};
use crate::world::{ADA, DESK, EVENTS, REPORTED, Setup, World, clock, recipient};

/// Gets addresses given the consent `photo`.
pub(crate) const PHOTOS: &str = "photos.example";
/// Gets addresses when somebody chooses so.
pub(crate) const CHOSEN: &str = "chosen.example";
/// Gets addresses as directory information.
const LISTED: &str = "listed.example";

pub(crate) fn register() -> Vec<(&'static str, String)> {
    let file = |id: &str, host: &str, row: &str| {
        let row = format!(
            "mode = \"enforce\"\n[[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\"]\n{row}\n"
        );
        recipient(id, host, &row)
    };
    vec![
        (
            "recipients/photos.toml",
            file("photos", PHOTOS, "when = \"consent:photo\""),
        ),
        (
            "recipients/chosen.toml",
            file("chosen", CHOSEN, "when = \"subject_chooses\""),
        ),
        (
            "recipients/listed.toml",
            file("listed", LISTED, "basis = [\"ferpa.directory\"]"),
        ),
    ]
}

async fn world(settings: &str) -> World {
    world_of(settings, register()).await
}

async fn world_of(settings: &str, register: Vec<(&'static str, String)>) -> World {
    World::with(Setup {
        settings: Settings::parse(settings).unwrap(),
        register,
        ..Setup::default()
    })
    .await
}

fn naming() -> String {
    format!("{{\"from\":\"{ADA}\"}}")
}

impl World {
    /// What `averment consent` does.
    pub(crate) fn enter(&self, about: About<'_>, kind: &str, state: ConsentState) {
        let by = match about {
            About::Person(_) => GivenBy::Parent,
            About::School(_) => GivenBy::School,
        };
        self.enter_by(by, about, kind, state);
    }

    fn enter_by(&self, by: GivenBy, about: About<'_>, kind: &str, state: ConsentState) {
        let (consents, people) = self.office();
        let new = NewChange {
            about,
            kind: &kind.parse().unwrap(),
            state,
            by,
            how: &Proof::sentence("paper form").unwrap(),
        };
        consents.change(&people, &new, clock().now()).unwrap();
    }

    async fn name_ada(&self, host: &str) -> Reply {
        self.post(host, &naming()).await
    }

    fn settings(&self, text: &str) {
        self.gate
            .swap_settings(Arc::new(Settings::parse(text).unwrap()))
            .unwrap();
    }
}

pub(crate) fn reason(reply: &Reply) -> String {
    reply.problem()["findings"][0]["reason"]
        .as_str()
        .unwrap_or("nothing")
        .to_owned()
}

fn status_and_kind(reply: &Reply) -> (u16, String) {
    (reply.status, reply.kind())
}

#[tokio::test]
async fn a_consent_counts_from_the_moment_that_it_is_given_until_it_is_withdrawn() {
    let world = world("").await;
    assert_eq!(reason(&world.name_ada(PHOTOS).await), "consent_missing");
    world.enter(About::Person("ada"), "photo", ConsentState::Given);
    assert_eq!(world.name_ada(PHOTOS).await.status, 200);
    world.enter(About::Person("ada"), "photo", ConsentState::Withdrawn);
    assert_eq!(reason(&world.name_ada(PHOTOS).await), "consent_missing");
    world.enter(About::Person("ada"), "photo", ConsentState::Given);
    assert_eq!(world.name_ada(PHOTOS).await.status, 200);
    assert_eq!(world.sink.count(), 2);
    until(|| world.beside_unrecorded() == 0).await;
    let ledger = world.ledger();
    for version in [1, 3] {
        assert_eq!(
            ledger.matches(&format!("\"consent_version\":{version}")).count(),
            1,
            "{ledger}"
        );
    }
    let changes: Vec<&str> = ledger
        .lines()
        .filter(|line| line.contains("\"kind\":\"consent\""))
        .collect();
    assert_eq!(changes.len(), 3, "{ledger}");
    assert!(
        changes[1]
            .contains("\"consent\":\"photo\",\"state\":\"withdrawn\",\"version\":2,\"by\":\"parent\",\"person\":")
    );
}

impl World {
    fn beside_unrecorded(&self) -> usize {
        self.office().0.unrecorded().unwrap().len()
    }
}

/// Waits for what another task does.
async fn until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "it never held");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn opt_outs_and_objections_hold_at_once() {
    let world = world("").await;
    for host in [LISTED, CHOSEN] {
        assert_eq!(world.name_ada(host).await.status, 200);
    }
    world.enter(About::Person("ada"), "directory_information", ConsentState::Withdrawn);
    assert_eq!(reason(&world.name_ada(LISTED).await), "opted_out");
    assert_eq!(world.name_ada(CHOSEN).await.status, 200);
    world.enter(About::Person("ada"), "recipient:chosen", ConsentState::Withdrawn);
    assert_eq!(reason(&world.name_ada(CHOSEN).await), "objected");
    world.enter(About::Person("ada"), "recipient:chosen", ConsentState::Given);
    assert_eq!(world.name_ada(CHOSEN).await.status, 200);
    world.enter(About::School("westfield"), "recipient:chosen", ConsentState::Withdrawn);
    assert_eq!(reason(&world.name_ada(CHOSEN).await), "objected");
    assert_eq!(
        world.post(CHOSEN, "{}").await.status,
        200,
        "nobody of the school is in it"
    );
}

#[tokio::test]
async fn a_school_consents_for_school_purposes_until_it_or_a_parent_takes_it_back() {
    let taught = "purposes = [\"service.instruction\"]\nmode = \"enforce\"\n[[discloses]]\nelements = [\"contact.email\"]\n\
                  subjects = [\"student\"]\nwhen = \"consent:photo\"\n";
    let sold = taught.replace("service.instruction", "marketing.email");
    let mut files = register();
    files.push((
        "recipients/lessons.toml",
        recipient("lessons", "lessons.example", taught),
    ));
    files.push(("recipients/offers.toml", recipient("offers", "offers.example", &sold)));
    let world = world_of("", files).await;
    let school = About::School("westfield");
    world.enter_by(GivenBy::School, school, "photo", ConsentState::Given);
    assert_eq!(world.name_ada("lessons.example").await.status, 200);
    assert_eq!(
        reason(&world.name_ada("offers.example").await),
        "consent_missing",
        "outside education"
    );
    assert_eq!(
        reason(&world.name_ada(PHOTOS).await),
        "consent_missing",
        "of no purpose that is known"
    );
    world.enter(About::Person("ada"), "photo", ConsentState::Withdrawn);
    assert_eq!(
        reason(&world.name_ada("lessons.example").await),
        "consent_missing",
        "a parent said no"
    );
    world.enter(About::Person("ada"), "photo", ConsentState::Given);
    assert_eq!(
        world.name_ada("offers.example").await.status,
        200,
        "a parent's own consent reaches further"
    );
    world.enter(About::Person("ada"), "photo", ConsentState::Withdrawn);
    world.enter_by(GivenBy::School, school, "photo", ConsentState::Withdrawn);
    assert_eq!(reason(&world.name_ada("lessons.example").await), "consent_missing");
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"consent_of_school\":true").count(), 1, "{ledger}");
}

#[tokio::test]
async fn without_the_requests_nobody_knows_whose_data_may_only_be_stored() {
    let world = world("").await;
    let path = world.beside().0.requests();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(
        status_and_kind(&world.name_ada(DESK).await),
        (503, "consents-unavailable".to_owned())
    );
    assert_eq!(world.post(EVENTS, "{}").await.status, 200, "nobody is in it");
}

#[tokio::test]
async fn without_the_consents_nothing_goes_out_that_names_anybody() {
    let world = world("").await;
    let path = world.beside().0.consents();
    std::fs::remove_file(&path).unwrap();
    for host in [PHOTOS, REPORTED, DESK] {
        assert_eq!(
            status_and_kind(&world.name_ada(host).await),
            (503, "consents-unavailable".to_owned())
        );
    }
    assert_eq!(world.sink.count(), 0);
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
    assert_eq!(world.ledger().matches("\"fault\":\"consents_unavailable\"").count(), 1);
}

#[tokio::test]
async fn people_of_a_school_are_judged_by_its_variant() {
    let school = |rest: &str| {
        let own = format!("controller = \"ws\"\nname = \"Westfield\"\n{rest}");
        let mut files = register();
        files.push(("controllers/ws.toml", own));
        files
    };
    let removing = "[[removes]]\nelements = [\"contact.email\"]\nrecipients = [\"chosen\"]\n";
    let world = world_of("", school(&format!("off = [\"reported\"]\n{removing}"))).await;
    let refused = world.name_ada(CHOSEN).await;
    assert_eq!(
        (reason(&refused).as_str(), &refused.problem()["findings"][0]["school"]),
        ("undeclared", &"ws".into())
    );
    assert_eq!(world.name_ada(LISTED).await.status, 200);
    assert_eq!(
        world.name_ada(REPORTED).await.status,
        403,
        "switched off for her school, although in report mode"
    );
    assert_eq!(world.post(REPORTED, "{}").await.status, 200);
    world
        .gate
        .swap_charter(crate::world::charter_with("enforce", &register()));
    assert_eq!(world.name_ada(CHOSEN).await.status, 200);
    assert!(world.ledger().contains("\"school\":\"ws\""));
}

/// A service `mailer`, known by `token-of-mailer`.
pub(crate) fn service(rest: &str) -> String {
    let digest: String = Sha256::digest("token-of-mailer")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("[[services]]\nname = \"mailer\"\ntoken_sha256 = \"{digest}\"\n{rest}")
}

pub(crate) fn showing(token: &str) -> String {
    format!(
        "Proxy-Authorization: Basic {}\r\n",
        STANDARD.encode(format!("mailer:{token}"))
    )
}

#[tokio::test]
async fn only_services_send_where_the_settings_say_so() {
    let world = world(&format!("services_required = true\n{}", service(""))).await;
    for fields in [String::new(), showing("wrong")] {
        let (_, head) = world.connect_with(&format!("{EVENTS}:443"), &fields).await;
        assert!(
            head.starts_with("HTTP/1.1 407 ") && head.contains("proxy-authenticate: Basic realm="),
            "{head}"
        );
        let plain = world
            .send_plain(&format!(
                "GET https://{EVENTS}/ HTTP/1.1\r\nHost: {EVENTS}\r\n{fields}\r\n"
            ))
            .await;
        assert_eq!(status_and_kind(&plain), (407, "caller-unknown".to_owned()));
    }
    assert_eq!(world.sink.count(), 0);
    let token = showing("token-of-mailer");
    assert_eq!(world.send_as(&token, EVENTS, &post(EVENTS, "{}")).await.status, 200);
    let plain = world
        .send_plain(&format!(
            "GET https://{EVENTS}/ HTTP/1.1\r\nHost: {EVENTS}\r\n{token}\r\n"
        ))
        .await;
    assert_eq!(plain.status, 200);
    assert!(
        world
            .sink
            .requests()
            .iter()
            .all(|received| received.header("proxy-authorization").is_none())
    );
    let ledger = world.ledger();
    assert_eq!(ledger.matches("\"service\":\"mailer\"").count(), 2);
    assert!(!ledger.contains("token-of-mailer"));
}

#[tokio::test]
async fn a_service_sends_where_it_may_and_says_what_it_may() {
    let rest = "recipients = [\"chosen\"]\nconditions = [\"subject_chooses\"]\n";
    let world = world(&service(rest)).await;
    let token = showing("token-of-mailer");
    assert_eq!(
        world.send_as(&token, CHOSEN, &post(CHOSEN, &naming())).await.status,
        200
    );
    for host in [REPORTED, "elsewhere.example"] {
        let reply = world.send_as(&token, host, &post(host, "{}")).await;
        assert_eq!(status_and_kind(&reply), (403, "not-for-service".to_owned()));
    }
    world.settings(&service("conditions = [\"on_support_request\"]\n"));
    let declaring =
        post(CHOSEN, "{}").replace("Content-Type", "Averment-Context: when=subject_chooses\r\nContent-Type");
    let reply = world.send_as(&token, CHOSEN, &declaring).await;
    assert_eq!(status_and_kind(&reply), (403, "not-for-service".to_owned()));
    assert_eq!(world.sink.count(), 1);
    let ledger = world.ledger();
    assert!(
        ledger.contains("\"stopped\":\"service_recipient\"") && ledger.contains("\"stopped\":\"service_condition\"")
    );
}

#[tokio::test]
async fn a_condition_is_declared_to_the_gate_and_to_nobody_else() {
    let world = world("conditions_required = true").await;
    let declaring = |context: &str| {
        post(CHOSEN, &naming()).replace("Content-Type", &format!("aVerment-cOntext: {context}\r\nContent-Type"))
    };
    assert_eq!(reason(&world.name_ada(CHOSEN).await), "condition_not_declared");
    let reply = world
        .send(CHOSEN, &declaring("when=subject_chooses; purpose=service.support"))
        .await;
    assert_eq!(reply.status, 200);
    let plain = declaring("when=subject_chooses").replace("/v1/", &format!("https://{CHOSEN}/v1/"));
    assert_eq!(world.send_plain(&plain).await.status, 200);
    for received in world.sink.requests() {
        assert!(
            received
                .headers
                .iter()
                .all(|(name, _)| !name.to_ascii_lowercase().starts_with("averment"))
        );
    }
    let reply = world.send(CHOSEN, &declaring(&format!("when={ADA}"))).await;
    assert_eq!(status_and_kind(&reply), (400, "context-malformed".to_owned()));
    assert!(!reply.body.contains("brook"));
    assert!(
        world
            .ledger()
            .contains("\"when\":[\"subject_chooses\"],\"purpose\":\"service.support\"")
    );
}

#[tokio::test]
async fn who_is_cut_off_gets_nothing_until_that_is_lifted() {
    let world = world("").await;
    assert_eq!(world.post(REPORTED, "{}").await.status, 200);
    world.settings("cut_off.recipients = [\"reported\"]");
    assert_eq!(
        status_and_kind(&world.post(REPORTED, "{}").await),
        (503, "cut-off".to_owned())
    );
    assert_eq!(world.post(EVENTS, "{}").await.status, 200);
    world.settings("cut_off.all = true");
    for host in [EVENTS, REPORTED, "elsewhere.example"] {
        assert_eq!(
            status_and_kind(&world.name_ada(host).await),
            (503, "cut-off".to_owned())
        );
    }
    world.settings("");
    assert_eq!(world.post(REPORTED, "{}").await.status, 200);
    assert_eq!(world.sink.count(), 3);
    assert_eq!(world.ledger().matches("\"stopped\":\"cut_off\"").count(), 4);
}

#[tokio::test]
async fn a_canary_is_refused_recorded_and_not_explained() {
    let world = world("canaries = [\"ada\", \"nobody-at-all\"]").await;
    for host in [REPORTED, LISTED] {
        let reply = world.name_ada(host).await;
        assert_eq!(status_and_kind(&reply), (403, "refused".to_owned()));
        let problem = reply.problem();
        assert!(problem["findings"].is_null() && problem["detail"].is_null() && !reply.body.contains("anary"));
    }
    assert_eq!(world.sink.count(), 0);
    let ledger = world.ledger();
    assert_eq!(
        ledger.matches("\"stopped\":\"canary\",\"canary\":true").count(),
        2,
        "{ledger}"
    );
}

#[tokio::test]
async fn a_caller_that_asks_for_people_is_told_less() {
    let world = world("limits.telling_refusals_per_minute = 2").await;
    for told in [true, true, false] {
        let reply = world.name_ada(EVENTS).await;
        assert_eq!(status_and_kind(&reply), (403, "refused".to_owned()));
        assert_eq!(reply.problem()["findings"].is_array(), told);
        assert_eq!(reply.body.contains("student"), told, "{}", reply.body);
    }
    let about_nobody = world.post("elsewhere.example", "{}").await;
    assert!(about_nobody.problem()["findings"].is_null());
    assert_eq!(world.ledger().matches("\"kind\":\"refusal\"").count(), 4);
}
