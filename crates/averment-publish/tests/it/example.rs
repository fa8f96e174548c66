//! One register with something of everything, and a day of traffic.

use std::sync::Arc;

use averment_claims::{Fold, Graded, History, grade};
use averment_ledger::{
    Attestation, Base64, Deed, Entry, FindingEntry, GradeChange, Measurement, Message, UnreadableEntry, Watch,
};
use averment_publish::{Meta, Previous, Site, SiteFiles};
use averment_register::{Charter, Diagnostic, Severity, Source, compile};
use jiff::{SignedDuration, Timestamp};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn meta() -> Meta {
    let watched = folded(&charter(&source())).watched(now());
    Meta {
        generated_at: now(),
        live: false,
        notice: None,
        history: history(),
        watched,
    }
}

/// One sentence was broken and mended, another is broken since today.
fn history() -> History {
    let mut history = History::keeping(2);
    let changes = [
        ("2026-11-01T08:00:00Z", "twilio/shares", None, "enforced"),
        ("2026-11-12T09:30:00Z", "twilio/shares", Some("enforced"), "broken"),
        ("2026-11-14T16:05:00Z", "twilio/shares", Some("broken"), "enforced"),
        ("2026-11-21T10:59:02Z", "amplitude/shares", Some("monitored"), "broken"),
    ];
    for (index, (at, claim, from, to)) in changes.into_iter().enumerate() {
        let change = Deed::Grade(GradeChange {
            claim: claim.into(),
            from: from.map(str::to_owned),
            to: to.into(),
            reason: "1 request carried what the register does not declare.".into(),
            entries: vec![index as u64],
        });
        let entry = Entry {
            v: 2,
            at: at.into(),
            charter: "sha256:00".into(),
            deed: change,
        };
        history.push(&entry, 1500 + index as u64);
    }
    history
}

pub(crate) fn example() -> (Arc<Charter>, Vec<Graded>) {
    let charter = charter(&source());
    let graded = grade(&charter, &folded(&charter).evidence(now()), now());
    (charter, graded)
}

/// Every file of the example's site, told from an earlier register that said less of some and more of others.
pub(crate) fn example_site() -> std::collections::BTreeMap<String, Vec<u8>> {
    let (charter, graded) = example();
    Site::new(&charter, &graded, &meta(), Some(&earlier())).files()
}

/// The example's first publication, a month earlier.
pub(crate) fn earlier() -> Previous {
    let mut source = source();
    let text = |name: &str| source.get(name).unwrap().to_owned();
    let amplitude = text("recipients/amplitude.toml")
        .replace("mode = \"report\"", "mode = \"enforce\"")
        .replace("\"no_training\"]", "\"no_training\", \"no_sale\"]");
    let twilio = text("recipients/twilio.toml").replace("\"content.project_text\"", "\"content.share_link\"");
    let list = text("claims/list.toml")
        .replace("Backups are tested.", "Backups are tested every month.")
        .replace("viewers = [\"teacher\", \"peer\"]", "viewers = [\"teacher\"]");
    let westfield = text("controllers/westfield.toml").replace("deletion = \"P60D\"", "deletion = \"P30D\"");
    source.insert("controllers/westfield.toml", westfield);
    source.insert("recipients/amplitude.toml", amplitude);
    source.insert("recipients/twilio.toml", twilio);
    source.insert("claims/list.toml", list);
    source.insert(
        "recipients/gone.toml",
        "recipient = \"gone\"\nname = \"Gone\"\nthird_parties = []\npurpose = \"None.\"\ninformation = \"None.\"\n\
         planes = [\"mail\"]\nrole = \"processor\"\nstudent_records = \"none\"\n",
    );
    let charter = charter(&source);
    let then = now() - SignedDuration::from_hours(24 * 30);
    let graded = grade(&charter, &folded(&charter).evidence(then), then);
    let meta = Meta {
        generated_at: then,
        ..meta()
    };
    previous(&Site::new(&charter, &graded, &meta, None).files())
}

/// A published site, as the next one reads it.
pub(crate) fn previous(site: &std::collections::BTreeMap<String, Vec<u8>>) -> Previous {
    let text = |name: &str| Some(std::str::from_utf8(&site[name]).unwrap());
    Previous::read(SiteFiles {
        register: text("register.json"),
        page: text("page.json"),
        changes: text("changes.json"),
    })
    .unwrap()
}

/// The example after `edit`, with its grades.
pub(crate) fn edited(edit: impl Fn(&mut Source)) -> (Arc<Charter>, Vec<Graded>) {
    let mut source = source();
    edit(&mut source);
    charter_and_grades(&source)
}

/// A register whose every text tries to be something else.
pub(crate) fn hostile() -> (Arc<Charter>, Vec<Graded>) {
    let nasty = r#"=cmd|' /C calc'!A0 <script>alert(1)</script> \" onmouseover=\"x {{ 7*7 }} & </style>"#;
    charter_and_grades(&hostile_source(nasty))
}

fn charter_and_grades(source: &Source) -> (Arc<Charter>, Vec<Graded>) {
    let charter = charter(source);
    let graded = grade(&charter, &Fold::new(Arc::clone(&charter)).evidence(now()), now());
    (charter, graded)
}

/// The example with sentences that are said to be in another language.
pub(crate) fn in_language(tag: &str) -> (Arc<Charter>, Vec<Graded>) {
    let mut source = source();
    let organisation = source.get("organisation.toml").unwrap().replace("en-IE", tag);
    source.insert("organisation.toml", organisation);
    charter_and_grades(&source)
}

/// The example of an organisation with mailboxes of its own.
pub(crate) fn with_own_mailboxes(mailboxes: &[&str]) -> (Arc<Charter>, Vec<Graded>) {
    let mut source = source();
    let organisation = source.get("organisation.toml").unwrap();
    let about = format!("[about]\nown_domains = [\"lantern.example\"]\nown_mailboxes = {mailboxes:?}\n");
    source.insert("organisation.toml", organisation.replacen("[about]\n", &about, 1));
    charter_and_grades(&source)
}

/// A register whose every text is `text`, which must be the inside of a TOML string.
pub(crate) fn of_texts(text: &str) -> (Arc<Charter>, Vec<Graded>) {
    charter_and_grades(&hostile_source(text))
}

fn hostile_source(nasty: &str) -> Source {
    let mut source = Source::default();
    source.insert(
        "organisation.toml",
        format!(
            "organisation = \"{nasty}\"\n[about]\ncontact = \"{nasty}\"\naddress = \"{nasty}\"\npage = \"{nasty}\"\n\
             data_protection_officer = \"{nasty}\"\nrepresentative = \"{nasty}\"\nlanguage = \"{nasty}\"\n\
             [[documents]]\nid = \"page.txt\"\ntitle = \"{nasty}\"\nurl = \"javascript:alert(1)\"\n"
        ),
    );
    source.insert(
        "recipients/desk.toml",
        format!(
            "recipient = \"desk\"\nname = \"{nasty}\"\nthird_parties = []\npurpose = \"{nasty}\"\ninformation = \"{nasty}\"\n\
             planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"yes\"\nhosts = [\"desk.example\"]\n\
             operator = \"{nasty}\"\naddress = \"{nasty}\"\nwebsite = \"{nasty}\"\n\
             said = {{ document = \"page.txt\", line = 3 }}\n[contract]\ndocument = \"{nasty}\"\n\
             [[discloses]]\nelements = [\"contact\"]\nsubjects = [\"student\", \"guardian\"]\n\
             [[onward]]\nname = \"{nasty}\"\npurpose = \"{nasty}\"\n[[transfers]]\nto = \"US\"\nsafeguard = \"adequacy\"\n\
             instrument = \"{nasty}\"\n[[claims]]\nkind = \"statement\"\nsentence = \"{nasty}\"\n\
             [[claims]]\nkind = \"retained_for\"\nduration = \"P1D\"\nafter = \"request\"\nsentence = \"{nasty}\"\n"
        ),
    );
    source.insert(
        "claims/list.toml",
        format!("[[claims]]\nkind = \"offers\"\noffer = \"opt_out\"\nurl = \"{nasty}\"\nsentence = \"{nasty}\"\n"),
    );
    source.insert(
        "controllers/school.toml",
        format!("controller = \"school\"\nname = \"{nasty}\"\n[agreement]\nform = \"ndpa\"\ndocument = \"{nasty}\"\n"),
    );
    source
}

fn charter(source: &Source) -> Arc<Charter> {
    let compiled = compile(source);
    Arc::new(
        compiled
            .charter
            .unwrap_or_else(|| panic!("{:#?}", errors(&compiled.diagnostics))),
    )
}

fn source() -> Source {
    let mut source = Source::default();
    let text = include_str!("../../fixtures/register.txt");
    for section in text.split("-- ").skip(1) {
        let (name, body) = section.split_once(" --\n").unwrap();
        source.insert(name, body);
    }
    source
}

fn folded(charter: &Arc<Charter>) -> Fold {
    let mut fold = Fold::new(Arc::clone(charter));
    // The first hundred requests were judged under an earlier register.
    let digest = |index| match index {
        0..=100 => "sha256:0000000000000000000000000000000000000000000000000000000000000000".to_owned(),
        _ => charter.digest().to_string(),
    };
    for (index, (minutes_ago, mut deed)) in traffic().into_iter().enumerate() {
        if let Deed::Intent(message) | Deed::Refusal(message) = &mut deed {
            message.id = index.to_string();
        }
        let at = (now() - SignedDuration::from_mins(minutes_ago)).to_string();
        fold.push(
            &Entry {
                v: 1,
                at,
                charter: digest(index),
                deed,
            },
            index as u64,
        );
    }
    fold
}

fn traffic() -> Vec<(i64, Deed)> {
    let watch = Deed::Watch(Watch {
        watch: "begun".into(),
        version: "0.1.0".into(),
        ..Watch::default()
    });
    let mut traffic = vec![(3000, watch)];
    for minute in 0..1400 {
        traffic.push((
            2900 - minute,
            Deed::Intent(message("twilio", "enforce", "contact.phone", "pass")),
        ));
    }
    for minute in 0..12 {
        traffic.push((
            1300 - minute,
            Deed::Intent(message("mailgun", "report", "contact.email", "pass")),
        ));
        traffic.push((1200 - minute, Deed::Intent(plain("zendesk", "report"))));
    }
    traffic.push((700, Deed::Intent(plain("honeybadger", "enforce"))));
    traffic.push((
        690,
        Deed::Refusal(message("honeybadger", "enforce", "contact.email", "block")),
    ));
    traffic.push((500, Deed::Intent(plain("amplitude", "report"))));
    traffic.push((
        61,
        Deed::Intent(message("amplitude", "report", "contact.email", "block")),
    ));
    traffic.extend(testimony());
    let unreadable = vec![UnreadableEntry {
        part: "body".into(),
        because: "unknown_format".into(),
    }];
    traffic.push((
        40,
        Deed::Intent(Message {
            unreadable,
            ..plain("dropbox", "report")
        }),
    ));
    traffic
}

/// A program looked, and somebody vouches.
fn testimony() -> [(i64, Deed); 3] {
    let look = |claim: &str, contrary| {
        Deed::Measurement(Measurement {
            id: claim.into(),
            claim: claim.into(),
            by: "probe.stores".into(),
            plane: Some("database".into()),
            from: "2026-11-21T11:10:00Z".into(),
            until: "2026-11-21T11:10:00Z".into(),
            observed: 1400,
            contrary,
            ..Measurement::default()
        })
    };
    let attestation = Deed::Attestation(Attestation {
        id: "01".into(),
        claim: "list/performed-every".into(),
        claim_version: None,
        by: "the head of operations".into(),
        says: "A backup was restored into an empty system, and it worked.".into(),
        finds: "holds".into(),
        scope: Some("the database and its files".into()),
        performed_on: "2026-10-05".into(),
        valid_until: None,
        document: None,
    });
    [
        (50, look("twilio/not-stored", 0)),
        (48, look("aws/stored-as", 3)),
        (46, attestation),
    ]
}

fn message(recipient: &str, mode: &str, element: &str, treatment: &str) -> Message {
    let finding = FindingEntry {
        element: element.into(),
        subject: Some("student.under13".into()),
        person: None,
        known_by: "exact".into(),
        part: "body".into(),
        pointer: String::new(),
        layers: Vec::new(),
        count: 1,
        treated: if mode == "report" {
            "pass".into()
        } else {
            treatment.into()
        },
        treatment: treatment.into(),
        reason: if treatment == "pass" {
            "declared".into()
        } else {
            "barred".into()
        },
        rule: None,
        ..FindingEntry::default()
    };
    Message {
        findings: vec![finding],
        ..plain(recipient, mode)
    }
}

fn plain(recipient: &str, mode: &str) -> Message {
    Message {
        id: "00".into(),
        recipient: Some(recipient.into()),
        host: format!("{recipient}.example"),
        plane: "gateway".into(),
        mode: mode.into(),
        action: "forward".into(),
        judged: "forward".into(),
        findings: Vec::new(),
        unreadable: Vec::new(),
        part_of: None,
        body_bytes: 1,
        request: Base64([0; 16]),
        preceded_by: 0,
        ..Message::default()
    }
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<String> {
    let errors = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors.map(|diagnostic| diagnostic.render("")).collect()
}
