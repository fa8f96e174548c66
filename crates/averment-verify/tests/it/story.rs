//! A small ledger of one platform, told with variations, and the bundle made of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use averment_claims::{Fold, Graded, grade};
use averment_ledger::{Base64, Checkpoint, Entry, Frontier, SigningKey, TreeHash, leaf_hash};
use averment_register::{Charter, Digest, Source, compile};
use averment_verify::{Contents, LogContents, Question};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::Signer as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::raw::edit;

/// The time of whoever verifies.
pub(crate) const NOW: &str = "2026-03-01T18:00:00Z";
const MADE_AT: &str = "2026-03-01T17:30:00Z";
/// The grades are of this time.
pub(crate) const AS_OF: &str = "2026-03-01T17:00:00Z";
/// What somebody's word rests on.
pub(crate) const CERTIFICATE: &[u8] = b"a certificate of an auditor at example.example\n";
/// The claim that somebody vouches for.
pub(crate) const ATTESTED: &str = "desk/certified";

/// What varies.
pub(crate) struct Story {
    /// Seed of the ledger's key.
    pub(crate) seed: u8,
    pub(crate) school: Option<&'static str>,
    /// Leaf of the last log from which on all entries are shown.
    pub(crate) whole: Option<u64>,
    pub(crate) two_logs: bool,
    pub(crate) witnessed: bool,
    pub(crate) enclose: bool,
    /// The vendor says that the certificate counts, whatever the entries earn.
    pub(crate) attested: bool,
    pub(crate) made_at: &'static str,
    pub(crate) sentence: &'static str,
    /// What the vendor does to the charter, to its text and to that of the register files alike.
    pub(crate) charter: fn(String) -> String,
    /// Recorded before the grades.
    pub(crate) before: Vec<Value>,
    /// Recorded after them.
    pub(crate) after: Vec<Value>,
    /// What the vendor does to the document before it is recorded.
    pub(crate) document: fn(&mut Value),
    /// What the vendor does to the entry of the grades.
    pub(crate) grades: fn(&mut Value),
    /// What the vendor does to any entry.
    pub(crate) entry: fn(&mut Value),
    /// How the vendor spells an entry.
    pub(crate) spelled: fn(String) -> String,
    /// Size of the older checkpoint that a proof is from.
    pub(crate) since: Option<u64>,
    /// Kinds that are not shown.
    pub(crate) hidden: &'static [&'static str],
}

impl Default for Story {
    fn default() -> Self {
        Self {
            seed: 1,
            school: None,
            whole: None,
            two_logs: false,
            witnessed: false,
            enclose: true,
            attested: true,
            made_at: MADE_AT,
            sentence: "No Student Records.",
            charter: |text| text,
            before: Vec::new(),
            after: Vec::new(),
            document: |_| {},
            grades: |_| {},
            entry: |_| {},
            spelled: |entry| entry,
            since: None,
            hidden: &[],
        }
    }
}

/// A bundle and what is known by whoever verifies it.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) bundle: Vec<u8>,
    pub(crate) key: Option<String>,
    pub(crate) since: Option<String>,
    pub(crate) witness: Option<String>,
    pub(crate) school: Option<&'static str>,
}

impl Case {
    pub(crate) fn question(&self) -> Question {
        let mut question = Question::new(NOW.parse().unwrap());
        if let Some(key) = &self.key {
            question = question.key(key).unwrap();
        }
        if let Some(witness) = &self.witness {
            question = question.witness(witness).unwrap();
        }
        if let Some(since) = &self.since {
            question = question.since(since.clone());
        }
        match self.school {
            Some(school) => question.school(school.to_owned()),
            None => question,
        }
    }

    pub(crate) fn with(self, bundle: Vec<u8>) -> Self {
        Self { bundle, ..self }
    }
}

/// One log with its entries.
pub(crate) struct Log {
    key: SigningKey,
    first: u64,
    pub(crate) entries: Vec<String>,
}

impl Log {
    fn checkpoint(&self, size: usize) -> Checkpoint {
        let mut tree = Frontier::new();
        self.leaves()[..size].iter().for_each(|leaf| tree.push(*leaf));
        Checkpoint::of(self.key.verifier().name(), &tree, size as u64)
    }

    /// The signed checkpoint of the first `size` entries.
    pub(crate) fn note(&self, size: usize) -> String {
        self.checkpoint(size).sign(&self.key)
    }

    fn leaves(&self) -> Vec<TreeHash> {
        self.entries.iter().map(|entry| leaf_hash(entry.as_bytes())).collect()
    }
}

impl Story {
    pub(crate) fn case(self, name: &'static str) -> Case {
        let school = self.school;
        let logs = self.tell().0;
        let witness = self.witnessed.then(|| cosigner().0);
        Case {
            name,
            key: logs.last().map(|log| log.key.verifier().to_string()),
            since: None,
            witness,
            school,
            bundle: self.bundle(),
        }
    }

    /// Whoever verifies holds the checkpoint of six entries; the bundle has a proof from `proof`.
    pub(crate) fn case_since(self, name: &'static str, proof: Option<u64>) -> Case {
        let story = Self { since: proof, ..self };
        let since = Some(story.tell().0[0].note(6));
        Case {
            since,
            ..story.case(name)
        }
    }

    pub(crate) fn bundle(&self) -> Vec<u8> {
        let (logs, claims) = self.tell();
        let charter = charter(self.sentence);
        let count = logs.len();
        let logs = (1..)
            .zip(&logs)
            .map(|(number, log)| self.show(log, number, number == count))
            .collect();
        let contents = Contents {
            made_at: self.made_at.to_owned(),
            made_by: "averment 0.1.0".to_owned(),
            school: self.school.map(str::to_owned),
            charter: &charter,
            claims,
            logs,
            documents: if self.enclose {
                vec![CERTIFICATE.to_vec()]
            } else {
                Vec::new()
            },
            since: self.since.map(|size| ("0001".to_owned(), size)),
            left_out: 0,
        };
        let bundle = contents.pack().unwrap();
        if self.digest() == charter.digest() {
            return bundle;
        }
        edit(&bundle, |files, manifest| {
            manifest.charter = self.digest().to_string();
            let texts = files
                .iter_mut()
                .filter(|(name, _)| *name == "charter.json" || name.starts_with("register/"));
            for (_, text) in texts {
                *text = (self.charter)(String::from_utf8(std::mem::take(text)).unwrap()).into_bytes();
            }
        })
    }

    /// Of the charter that the entries name.
    fn digest(&self) -> Digest {
        Digest::of((self.charter)(charter(self.sentence).canonical()).as_bytes())
    }

    fn show(&self, log: &Log, number: usize, last: bool) -> LogContents {
        let whole = self.whole.map(|from| if last && !self.two_logs { from } else { 0 });
        let is_shown = |entry: &str| {
            let kind = kind_of(entry);
            let about = ["intent", "outcome", "refusal"].contains(&kind.as_str());
            let theirs = self.school.is_some_and(|school| entry.contains(school));
            let shown = if self.school.is_some() {
                !about || theirs
            } else {
                !about || whole.is_some()
            };
            shown && !self.hidden.contains(&kind.as_str())
        };
        let shown: BTreeMap<u64, String> = (0..)
            .zip(&log.entries)
            .filter(|(_, entry)| is_shown(entry))
            .map(|(leaf, entry)| (leaf, entry.clone()))
            .collect();
        let note = log.note(log.entries.len());
        LogContents {
            name: format!("{number:04}"),
            first: log.first,
            verifier: format!("{}\n", log.key.verifier()),
            checkpoint: if self.witnessed { cosigned(&note) } else { note },
            leaves: log.leaves(),
            shown,
            range: whole,
        }
    }

    /// The logs, and the document with the grades that they record.
    pub(crate) fn tell(&self) -> (Vec<Log>, String) {
        let charter = charter(self.sentence);
        let digest = self.digest().to_string();
        let mut told = Told {
            entry: self.entry,
            spelled: self.spelled,
            digest,
            logs: Vec::new(),
            count: 0,
        };
        told.begin_log(self.seed);
        for deed in beginning() {
            told.push(deed);
        }
        if self.two_logs {
            told.continue_log(self.seed + 100);
        }
        for deed in middle().into_iter().chain(self.before.clone()) {
            told.push(deed);
        }
        let document = self.document(&charter, &told);
        told.push(self.grades_of(&document));
        for deed in &self.after {
            told.push(deed.clone());
        }
        (told.logs, document)
    }

    fn document(&self, charter: &Arc<Charter>, told: &Told) -> String {
        let as_of: Timestamp = AS_OF.parse().unwrap();
        let mut fold = Fold::new(Arc::clone(charter));
        let entries = told.logs.iter().flat_map(|log| &log.entries);
        for (number, entry) in (0..).zip(entries) {
            if let Ok(entry) = serde_json::from_str::<Entry>(entry) {
                fold.push(&entry, number);
            }
        }
        let graded = grade(charter, &fold.evidence(as_of), as_of);
        let mut claims: Vec<Value> = graded.iter().map(claim_json).collect();
        if self.attested {
            claims
                .iter_mut()
                .filter(|claim| claim["id"] == ATTESTED)
                .for_each(|claim| claim["grade"] = json!("attested"));
        }
        let mut document = json!({ "schema": "averment.claims/2", "charter": charter.digest(), "claims": claims });
        (self.document)(&mut document);
        format!("{document:#}\n")
    }

    fn grades_of(&self, document: &str) -> Value {
        let read: Value = serde_json::from_str(document).unwrap();
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for claim in read["claims"].as_array().unwrap() {
            *counts.entry(claim["grade"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let sha256 = Base64::<32>(Sha256::digest(document).into());
        let mut deed = json!({
            "kind": "grades", "at": "2026-03-01T17:00:05.000000Z", "as_of": AS_OF, "sha256": sha256, "counts": counts,
        });
        (self.grades)(&mut deed);
        deed
    }
}

/// Logs while they are written.
struct Told {
    entry: fn(&mut Value),
    spelled: fn(String) -> String,
    digest: String,
    logs: Vec<Log>,
    count: u64,
}

impl Told {
    fn begin_log(&mut self, seed: u8) {
        let name = format!("averment.example/{seed}");
        let key = SigningKey::from_seed(&name, &[seed; 32]).unwrap();
        self.logs.push(Log {
            key,
            first: self.count,
            entries: Vec::new(),
        });
    }

    fn continue_log(&mut self, seed: u8) {
        let name = format!("averment.example/{seed}");
        let next = SigningKey::from_seed(&name, &[seed; 32]).unwrap();
        self.push(json!({ "kind": "ended", "next": 2, "origin": name, "verifier": next.verifier().to_string() }));
        let last = self.logs.last().unwrap();
        let Checkpoint { origin, size, root, .. } = last.checkpoint(last.entries.len());
        let (verifier, checkpoint) = (last.key.verifier().to_string(), last.note(last.entries.len()));
        let previous = json!({
            "origin": origin, "verifier": verifier, "size": size, "root": root, "checkpoint": checkpoint,
        });
        self.begin_log(seed);
        self.push(json!({ "kind": "begun", "log": 2, "first": self.count, "previous": previous }));
    }

    fn push(&mut self, deed: Value) {
        let mut entry = json!({
            "v": 2, "at": format!("2026-03-01T16:{:02}:00.000000Z", 40 + self.count), "charter": self.digest,
        });
        let members = entry.as_object_mut().unwrap();
        members.extend(deed.as_object().unwrap().clone());
        (self.entry)(&mut entry);
        self.logs
            .last_mut()
            .unwrap()
            .entries
            .push((self.spelled)(entry.to_string()));
        self.count += 1;
    }
}

fn beginning() -> Vec<Value> {
    vec![
        json!({ "kind": "charter", "recipients": 2, "claims": 4 }),
        json!({ "kind": "directory", "people": 3, "identifiers": 9 }),
        json!({ "kind": "watch", "watch": "begun", "version": "0.1.0" }),
        json!({ "kind": "run", "run": "AAAAAAAAAAAAAAAAAAAAAA==", "version": "0.1.0" }),
    ]
}

fn middle() -> Vec<Value> {
    let certificate = Base64::<32>(Sha256::digest(CERTIFICATE).into());
    vec![
        message("intent", 1, "forward", None),
        json!({ "kind": "outcome", "id": format!("{:032x}", 1), "result": "answered", "status": 200 }),
        message("refusal", 2, "refuse", Some("birch")),
        message("refusal", 3, "refuse", Some("alder")),
        json!({
            "kind": "attestation", "id": format!("{:032x}", 9), "claim": ATTESTED, "by": "auditor", "says": "It is certified.",
            "finds": "holds", "performed_on": "2026-01-15", "valid_until": "2026-12-31",
            "document": { "sha256": certificate, "bytes": CERTIFICATE.len(), "name": "certificate.txt" },
        }),
        json!({
            "kind": "grade", "claim": "amplitude/no-student-records", "from": "unverified", "to": "enforced",
            "reason": "Requests were refused.",
        }),
    ]
}

/// A message to the recipient that gets nothing about students; with the school whose person it names.
pub(crate) fn message(kind: &str, id: u64, action: &str, school: Option<&str>) -> Value {
    let mut message = json!({
        "kind": kind, "id": format!("{id:032x}"), "recipient": "amplitude", "host": "api2.amplitude.com",
        "plane": "gateway", "mode": "enforce", "action": action, "judged": action, "body_bytes": 1,
        "request": "AAAAAAAAAAAAAAAAAAAAAA==",
    });
    if let Some(school) = school {
        message["findings"] = json!([{
            "element": "contact.email", "subject": "student", "person": "AQEBAQEBAQEBAQEBAQEBAQ==", "known_by": "exact",
            "part": "body", "count": 1, "treated": if action == "refuse" { "block" } else { "pass" },
            "treatment": "block", "reason": "barred", "school": school,
        }]);
    }
    message
}

/// The register, with one sentence of choice.
pub(crate) fn charter(sentence: &str) -> Arc<Charter> {
    let mut source = Source::default();
    source.insert("organisation.toml", "organisation = \"Example Platform\"\n");
    let amplitude = format!(
        "recipient = \"amplitude\"\npurpose = \"p\"\ninformation = \"i\"\nplanes = [\"gateway\"]\nrole = \"processor\"\n\
         mode = \"enforce\"\nstudent_records = \"none\"\n[[claims]]\nkind = \"never_shares\"\nid = \"no-student-records\"\n\
         sentence = \"{sentence}\"\n"
    );
    source.insert("recipients/amplitude.toml", amplitude);
    source.insert(
        "recipients/desk.toml",
        "recipient = \"desk\"\nname = \"Desk\"\nthird_parties = []\nhosts = [\"desk.example\"]\npurpose = \"p\"\ninformation = \"i\"\n\
         planes = [\"gateway\"]\nrole = \"processor\"\nstudent_records = \"none\"\n[[claims]]\nkind = \"statement\"\n\
         id = \"certified\"\nsentence = \"It is certified.\"\n",
    );
    let compiled = compile(&source);
    Arc::new(
        compiled
            .charter
            .unwrap_or_else(|| unreachable!("{:?}", compiled.diagnostics)),
    )
}

fn claim_json(graded: &Graded) -> Value {
    let evidence = |evidence: &averment_claims::Evidence| json!({ "observed": evidence.observed, "contrary": evidence.contrary, "unreadable": evidence.unreadable });
    let planes: Vec<Value> = graded
        .planes
        .iter()
        .map(|plane| json!({ "plane": plane.plane, "grade": plane.grade, "evidence": plane.evidence.as_ref().map(evidence) }))
        .collect();
    json!({ "id": graded.claim.id, "sentence": graded.claim.sentence, "grade": graded.overall, "planes": planes })
}

fn kind_of(entry: &str) -> String {
    let entry: Value = serde_json::from_str(entry).unwrap();
    entry["kind"].as_str().unwrap().to_owned()
}

/// The first log's key under another name.
pub(crate) fn key_named(name: &str) -> String {
    let seed = Story::default().seed;
    SigningKey::from_seed(name, &[seed; 32]).unwrap().verifier().to_string()
}

/// A witness: its public key as text, and its secret key.
pub(crate) fn cosigner() -> (String, ed25519_dalek::SigningKey) {
    let key = ed25519_dalek::SigningKey::from_bytes(&[77; 32]);
    let public = [&[4_u8][..], key.verifying_key().as_bytes()].concat();
    let digest = Sha256::new()
        .chain_update("witness.example")
        .chain_update([b'\n'])
        .chain_update(&public)
        .finalize();
    let id: String = digest[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    (format!("witness.example+{id}+{}", STANDARD.encode(public)), key)
}

/// The note with the witness's signature behind the log's.
fn cosigned(note: &str) -> String {
    cosigned_over(note, note)
}

/// The note with a signature that the witness made over another one.
pub(crate) fn cosigned_over(note: &str, other: &str) -> String {
    cosigned_at(note, other, 1_772_000_000)
}

/// The same, made at a time, in seconds since 1970.
pub(crate) fn cosigned_at(note: &str, other: &str, time: u64) -> String {
    let (text, key) = cosigner();
    let id = u32::from_str_radix(text.split('+').nth(1).unwrap(), 16).unwrap();
    let body = &other[..=other.rfind("\n\n").unwrap()];
    let signature = key.sign(format!("cosignature/v1\ntime {time}\n{body}").as_bytes());
    let bytes = [&id.to_be_bytes()[..], &time.to_be_bytes(), &signature.to_bytes()].concat();
    format!("{note}— witness.example {}\n", STANDARD.encode(bytes))
}
