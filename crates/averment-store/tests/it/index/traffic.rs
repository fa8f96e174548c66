//! Random traffic through the real journal, and beside it a naive model of what left about whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use averment_detect::{Finding, Inspection, KnownBy, Part, PersonNumber, Place, Whose};
use averment_ledger::{Authority, ConsentChange, Correction, Deed, ManualDisclosure, NamedPerson, Outcome};
use averment_policy::{Decision, Facts, Observation, decide};
use averment_register::{Charter, Source, compile};
use averment_store::{Cleared, Fate, Journal, Record, Request, Snapshot};

/// People whom messages name.
pub(crate) const PEOPLE: u32 = 400;
const HOSTS: [(&str, Option<&str>); 3] = [
    ("desk.example", Some("desk")),
    ("stats.example", Some("stats")),
    ("elsewhere.example", None),
];
const ELEMENTS: [&str; 3] = ["contact.email", "contact.phone", "identity.name"];
const RESULTS: [&str; 5] = ["answered", "sent", "not_sent", "may_have_left", "partial"];

/// What a naive reader knows of one message or entered disclosure.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) id: String,
    pub(crate) recipient: Option<String>,
    pub(crate) fate: Fate,
    pub(crate) part_of: Option<String>,
    pub(crate) void: bool,
    /// By how much the schools had moved on then; of what somebody entered, nothing says it.
    pub(crate) shift: Option<u32>,
    /// By person: how often each element.
    pub(crate) people: BTreeMap<u32, BTreeMap<String, u32>>,
}

/// A seeded source of chance: xorshift64*.
#[derive(Clone)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit
    }

    fn one_in(&mut self, limit: u64) -> bool {
        self.below(limit) == 0
    }

    fn person(&mut self) -> u32 {
        u32::try_from(self.below(u64::from(PEOPLE))).unwrap() + 1
    }
}

pub(crate) fn charter() -> Charter {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example School Platform\"\n");
    for (recipient, mode) in [("desk", "enforce"), ("stats", "report")] {
        let row = format!(
            "recipient = \"{recipient}\"\nthird_parties = []\npurpose = \"To answer questions.\"\n\
             information = \"The address of whoever asks.\"\nplanes = [\"gateway\"]\nrole = \"processor\"\n\
             student_records = \"possible\"\nmode = \"{mode}\"\nhosts = [\"{recipient}.example\"]\n\
             [[discloses]]\nelements = [\"contact.email\"]\nsubjects = [\"student\", \"teacher\"]\n\
             treatment = \"mask\"\n[[discloses]]\nelements = [\"identity.name\"]\nsubjects = [\"student\"]\n"
        );
        source.insert(format!("recipients/{recipient}.toml"), row);
    }
    let compiled = compile(&source);
    compiled.charter.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
}

/// One sender.
pub(crate) struct Sender {
    pub(crate) journal: Journal,
    pub(crate) charter: Arc<Charter>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) chance: Chance,
    pub(crate) shift: u32,
    pub(crate) told: Vec<Told>,
}

impl Sender {
    /// Sends so many messages, and now and then something else that names people.
    pub(crate) async fn send(mut self, requests: u32) -> Vec<Told> {
        for _ in 0..requests {
            match self.chance.below(200) {
                0 => self.consent(),
                1 => self.manual().await,
                2..=4 => self.in_pieces().await,
                _ => {
                    let inspection = self.inspection();
                    self.message(&inspection, None).await;
                }
            }
        }
        self.told
    }

    fn inspection(&mut self) -> Inspection {
        let (people, findings) = match self.chance.below(3_000) {
            // Too large for one entry.
            0 => (300, 900),
            1..=300 => (0, 0),
            _ => {
                let people = 1 + self.chance.below(4);
                (people, 1 + self.chance.below(people * 2))
            }
        };
        let named: Vec<u32> = (0..people).map(|_| self.chance.person()).collect();
        let findings = (0..findings).map(|at| self.finding(&named, at)).collect();
        Inspection {
            findings,
            unreadable: Vec::new(),
            bytes_read: 100,
            own_mailboxes: 0,
        }
    }

    fn finding(&mut self, named: &[u32], at: u64) -> Finding {
        let person = named[usize::try_from(self.chance.below(named.len() as u64)).unwrap()];
        let element = ELEMENTS[usize::try_from(self.chance.below(3)).unwrap()];
        let whose = match self.chance.below(20) {
            0 => Whose::Unknown,
            _ => Whose::Person {
                number: PersonNumber(person),
                subject: if person.is_multiple_of(3) {
                    "student.under13"
                } else {
                    "student.minor"
                }
                .parse()
                .unwrap(),
            },
        };
        let at = usize::try_from(at).unwrap();
        Finding {
            element: element.parse().unwrap(),
            whose,
            known_by: KnownBy::Exact,
            place: Place {
                part: Part::Body,
                pointer: format!("events[{}].*", self.chance.below(5)),
            },
            layers: Vec::new(),
            span: at * 10..at * 10 + 5,
        }
    }

    /// Records one message and what becomes of it; gives its clearance when it may go out.
    async fn message(&mut self, inspection: &Inspection, whole: Option<&Cleared>) -> Option<Cleared> {
        let (host, recipient) = HOSTS[usize::try_from(self.chance.below(3)).unwrap()];
        let snapshot = Arc::clone(&self.snapshot);
        let request = Request {
            method: "POST",
            target: "/tickets",
            body: b"{}",
        };
        let record = Record {
            host,
            inspection,
            body_bytes: 2,
            request,
            snapshot: &snapshot,
        };
        let part_of = whole.map(|whole| whole.id().to_owned());
        let (id, fate, cleared) = match decide(&self.charter, &Observation { host, inspection }, &Facts::default()) {
            Decision::Proceed(permit) => {
                let cleared = match whole {
                    Some(whole) => self.journal.intent_of_piece(permit, &record, whole).await.unwrap(),
                    None => self.journal.intent(permit, &record).await.unwrap(),
                };
                (cleared.id().to_owned(), self.settle(&cleared), Some(cleared))
            }
            Decision::Refuse(verdict) => {
                let id = match &part_of {
                    Some(whole) => self.journal.refusal_of_piece(&verdict, &record, whole).await.unwrap(),
                    None => self.journal.refusal(&verdict, &record).await.unwrap(),
                };
                (id, Fate::Refused, None)
            }
        };
        self.told.push(Told {
            id,
            recipient: recipient.map(str::to_owned),
            fate,
            part_of,
            void: false,
            shift: Some(self.shift),
            people: people_of(inspection),
        });
        cleared
    }

    /// Tells the outcome, or not.
    fn settle(&mut self, cleared: &Cleared) -> Fate {
        if self.chance.one_in(10) {
            return Fate::MayHaveLeft;
        }
        let result = RESULTS[usize::try_from(self.chance.below(5)).unwrap()];
        let outcome = Outcome {
            id: cleared.id().to_owned(),
            result: result.to_owned(),
            ..Outcome::default()
        };
        self.journal.note(Deed::Outcome(outcome)).unwrap();
        match result {
            "answered" | "sent" => Fate::Left,
            "not_sent" => Fate::NotSent,
            _ => Fate::MayHaveLeft,
        }
    }

    async fn in_pieces(&mut self) {
        let head = Inspection {
            findings: Vec::new(),
            unreadable: Vec::new(),
            bytes_read: 10,
            own_mailboxes: 0,
        };
        let Some(whole) = self.message(&head, None).await else {
            return;
        };
        for _ in 0..1 + self.chance.below(4) {
            let piece = self.inspection();
            self.message(&piece, Some(&whole)).await;
        }
    }

    fn consent(&mut self) {
        let person = PersonNumber(self.chance.person());
        let key = self.snapshot.person_keys.get(person).unwrap();
        let make = |references: &[_]| {
            Deed::Consent(ConsentChange {
                consent: "newsletter".into(),
                state: "given".into(),
                version: 1,
                by: "parent".into(),
                person: Some(references[0]),
                school: None,
            })
        };
        self.journal.note_about(&[(person, key)], make).unwrap();
    }

    async fn manual(&mut self) {
        let id = format!("{:016x}{:016x}", self.chance.below(1 << 30), self.told.len());
        let people: std::collections::BTreeSet<u32> =
            (0..1 + self.chance.below(3)).map(|_| self.chance.person()).collect();
        let denied = self.chance.one_in(4);
        let snapshot = Arc::clone(&self.snapshot);
        let named: Vec<_> = people
            .iter()
            .map(|person| {
                (
                    PersonNumber(*person),
                    snapshot.person_keys.get(PersonNumber(*person)).unwrap(),
                )
            })
            .collect();
        let elements: Vec<String> = ELEMENTS[..2].iter().map(ToString::to_string).collect();
        let (manual_id, manual_elements) = (id.clone(), elements.clone());
        let make = |references: &[_]| {
            Deed::Manual(ManualDisclosure {
                id: manual_id,
                recipient: Some("desk".into()),
                party: None,
                means: "telephone".into(),
                result: if denied { "denied" } else { "disclosed" }.into(),
                happened_at: "2026-02-01T09:00:00Z".into(),
                elements: manual_elements,
                people: references
                    .iter()
                    .map(|person| NamedPerson {
                        person: *person,
                        subject: "student.minor".into(),
                    })
                    .collect(),
                forgotten: 0,
                authority: Authority {
                    basis: "ferpa.subpoena".into(),
                    consent: None,
                    instrument: Some("order 7".into()),
                    record_required: true,
                },
                interest: None,
                document: None,
            })
        };
        self.journal.record(&named, make).await.unwrap();
        let counts: BTreeMap<String, u32> = elements.iter().map(|element| (element.clone(), 1)).collect();
        self.told.push(Told {
            id,
            recipient: Some("desk".to_owned()),
            fate: if denied { Fate::Refused } else { Fate::Left },
            part_of: None,
            void: false,
            shift: None,
            people: people.into_iter().map(|person| (person, counts.clone())).collect(),
        });
    }
}

/// Says that an entry is wrong.
pub(crate) fn correct(journal: &Journal, entry: u64, void: bool) {
    let correction = Correction {
        id: String::new(),
        entry,
        leaf: averment_ledger::leaf_hash(b"seen"),
        because: "entered twice".into(),
        void,
    };
    journal.note(Deed::Correction(correction)).unwrap();
}

fn people_of(inspection: &Inspection) -> BTreeMap<u32, BTreeMap<String, u32>> {
    let mut people: BTreeMap<u32, BTreeMap<String, u32>> = BTreeMap::new();
    for finding in &inspection.findings {
        if let Whose::Person { number, .. } = &finding.whose {
            let element = finding.element.to_string();
            *people.entry(number.0).or_default().entry(element).or_default() += 1;
        }
    }
    people
}
