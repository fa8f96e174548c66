//! Registers for property tests: files with every field, every kind of claim, and texts that trip up writers.
//!
//! Start at [`any_register`]. A tape of numbers decides; a shorter tape gives a smaller register, so failures shrink.

use averment_catalog::{Vocabulary, catalog};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::charter::{ColumnHolds, Engine, Owner};
use crate::compile::claims::{KINDS, Place};
use crate::compile::shape::{self, Field, Holds, Shape};
use crate::emit::{self, FileTable};
use crate::field::{Names, names};
use crate::source::Source;

/// A register that compiles.
pub(crate) fn any_register() -> impl Strategy<Value = Source> {
    prop::collection::vec(any::<u16>(), 0..400).prop_map(|tape| {
        let mut make = Make { tape, at: 0, number: 0 };
        emit::source_of(&make.files())
    })
}

/// Texts with what some format gives a meaning to.
const TEXTS: [&str; 30] = [
    "We share names.",
    "=1+1",
    "+49 30 1",
    "-",
    "@office",
    "'quoted",
    "''",
    "\\",
    "\\n is two letters",
    "a; b\\; c",
    "</script><script>alert(1)</script>",
    "<!-- no comment -->",
    "```\n``````",
    "~~~~",
    "two\nlines",
    "two\r\nlines",
    "tab\tand \"quotes\"",
    "  around  ",
    "end \n",
    "Schüler, élèves, 学生",
    "\u{2028}\u{2029}\u{85}",
    "\u{FEFF}mark",
    "\u{1}\u{7f}",
    "a,b",
    "＝1",
    "&lt; & &amp;",
    "{\"schema\": \"averment.register/1\"}",
    "table,of",
    "sha256:",
    "😀",
];

const RECIPIENTS: [&str; 6] = ["twilio", "zendesk", "amplitude", "acme", "school-bus_2", "honeybadger"];
const HOSTS: [&str; 4] = [
    "api.acme.example",
    "*.acme.example",
    "{region}.acme.example",
    "API2.Acme.example",
];
/// What rows let leave; claims rule out others, so that none contradicts another.
const SHARED: [&str; 5] = [
    "contact.email",
    "contact.phone",
    "identity.name.full",
    "tech",
    "account.id",
];
const OTHERS: [&str; 3] = ["edu", "guardian", "demographic"];

struct Make {
    tape: Vec<u16>,
    at: usize,
    /// Makes sentences and conditions differ.
    number: usize,
}

impl Make {
    fn below(&mut self, end: usize) -> usize {
        let drawn = self.tape.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(drawn) % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }

    fn some<'a>(&mut self, of: &[&'a str], at_least: usize) -> Vec<&'a str> {
        let count = at_least + self.below(3);
        (0..count).map(|_| self.one(of)).collect()
    }

    fn text(&mut self) -> String {
        self.number += 1;
        format!("{}{}", self.one(&TEXTS), self.number)
    }

    fn files(&mut self) -> Vec<FileTable> {
        let count = self.below(RECIPIENTS.len() + 1);
        let recipients = &RECIPIENTS[..count];
        let file = |name: String, shape, value| FileTable { name, shape, value };
        let organisation = self.table(&shape::ORGANISATION, recipients, "");
        let mut files = vec![file(emit::ORGANISATION_FILE.into(), &shape::ORGANISATION, organisation)];
        for id in recipients {
            let value = self.table(&shape::RECIPIENT, recipients, id);
            files.push(file(emit::recipient_file(id), &shape::RECIPIENT, value));
        }
        let kept = json!({ "kind": "retained_for", "id": "kept", "duration": "P9Y", "sentence": "Kept." });
        let mut claims = vec![kept];
        claims.extend((0..self.below(6)).map(|_| self.claim(Place::List)));
        files.push(file(
            "claims/some.toml".into(),
            &shape::CLAIMS,
            json!({ "claims": claims }),
        ));
        for id in &["westfield", "twilio"][..self.below(3)] {
            let value = self.table(&shape::CONTROLLER, recipients, id);
            files.push(file(emit::controller_file(id), &shape::CONTROLLER, value));
        }
        for id in &["app", "files-2"][..self.below(3)] {
            let value = self.store(recipients, id);
            files.push(file(emit::data_file(id), &shape::DATA, value));
        }
        files
    }

    /// A store with rows that name what is there.
    fn store(&mut self, recipients: &[&str], id: &str) -> Value {
        let mut store = self.table(&shape::DATA, recipients, id);
        let engine = self.one(&Engine::WORDS);
        store["engine"] = engine.into();
        let objects = ["s3", "files"].contains(&engine);
        let rows = (0..self.below(4)).map(|index| self.stored(objects, index)).collect();
        store["tables"] = Value::Array(rows);
        store
    }

    fn stored(&mut self, objects: bool, index: usize) -> Value {
        let mut row = Map::new();
        if self.below(2) > 0 {
            row.insert(
                "subjects".into(),
                json!(self.some(&["student", "teacher", "student.under13"], 0)),
            );
            row.insert("owner".into(), self.one(&Owner::WORDS).into());
        }
        if objects {
            row.insert("prefix".into(), format!("uploads/{{id}}/{index}").into());
            row.insert("elements".into(), json!(self.some(&SHARED, 0)));
            row.insert("key".into(), "id".into());
        } else {
            let name = ["users", "public.Class rooms", "\"x\"", "a=b"][index];
            row.insert("table".into(), name.into());
            if self.below(4) > 0 {
                let mut columns = Map::new();
                columns.insert("id".into(), json!({ "element": self.one(&SHARED) }));
                for number in 0..self.below(4) {
                    let column = format!("{}{number}", self.one(&TEXTS));
                    columns.insert(column, self.column());
                }
                row.insert("columns".into(), columns.into());
                row.insert("belongs_to".into(), json!({ "id": format!("{name}.id") }));
                row.insert("key".into(), "id".into());
                row.insert("others".into(), json!({ "id": format!("{name}.id") }));
                row.insert("times".into(), json!({ (self.one(&["collection", "last_use"])): "id" }));
                if self.below(3) == 0 {
                    row.insert("role".into(), "id".into());
                    row.insert(
                        "roles".into(),
                        json!({ (self.one(&TEXTS)): self.one(&["student", "teacher"]) }),
                    );
                    row.insert("on_erase".into(), "keep".into());
                    row.insert("keep".into(), self.text().into());
                }
            } else {
                row.insert("none".into(), self.text().into());
            }
        }
        Value::Object(row)
    }

    fn column(&mut self) -> Value {
        match self.below(4) {
            0 => json!({ "element": self.one(&SHARED) }),
            1 => json!({ "holds": self.one(&ColumnHolds::WORDS) }),
            2 => json!({ "element": self.one(&OTHERS), "holds": "free_text" }),
            _ => json!({ "none": self.text() }),
        }
    }

    fn table(&mut self, shape: &'static Shape, recipients: &[&str], own: &str) -> Value {
        let mut table = Map::new();
        for field in shape.fields {
            // Not every recipient of the pool is a third party of the catalog.
            let said = field.name == "third_parties";
            let wanted = field.needed || said || self.below(3) > 0;
            let value = wanted.then(|| self.value(shape, field, recipients, own));
            if let Some(value) = value.flatten() {
                table.insert(field.name.to_owned(), value);
            }
        }
        // A mailbox is at a domain of one's own.
        if table.contains_key("own_mailboxes") {
            table.insert("own_domains".to_owned(), json!(["example.org", "room.example"]));
        }
        Value::Object(table)
    }

    fn value(&mut self, shape: &'static Shape, field: &Field, recipients: &[&str], own: &str) -> Option<Value> {
        match field.holds {
            Holds::Table(inner) => Some(self.table(inner, recipients, own)),
            Holds::Rows(inner) => Some(self.rows(inner, recipients, own)),
            // Not every element can be made less precise.
            Holds::Word(words) if field.name == "treatment" => {
                Some(self.one(words).into()).filter(|word| word != "generalise")
            }
            Holds::Word(words) => Some(self.one(words).into()),
            Holds::Words(words) => Some(json!(self.some(words, 1))),
            Holds::Names => Some(json!(self.names(shape, field, recipients, 1)?)),
            // No patterns: everything below a domain is meant anyway.
            Holds::List if field.name == "own_domains" => Some(json!(self.some(&["example.org", "room.example"], 0))),
            Holds::List if field.name == "own_mailboxes" => {
                Some(json!(self.some(&["news@example.org", "desk@room.example"], 0)))
            }
            Holds::List => Some(json!(self.names(shape, field, recipients, 0)?)),
            Holds::Count => Some((1 + self.below(70_000)).into()),
            Holds::Date => Some(
                format!(
                    "20{:02}-{:02}-{:02}",
                    self.below(100),
                    1 + self.below(12),
                    1 + self.below(28)
                )
                .into(),
            ),
            Holds::Period => Some(self.one(&["P0D", "P90D", "P1Y6M", "PT72H", "P2W"]).into()),
            Holds::Text => self.plain(shape, field, own).map(Value::from),
            // Written by hand, because they name each other.
            Holds::Texts | Holds::Named(_) => None,
        }
    }

    fn rows(&mut self, shape: &'static Shape, recipients: &[&str], own: &str) -> Value {
        let count = self.below(3);
        let of = |other: &Shape| std::ptr::eq(shape, other);
        let rows = (0..count).map(|index| {
            let mut row = match of(&shape::CLAIM) {
                true => self.claim(Place::Recipient),
                false => self.table(shape, recipients, own),
            };
            // Two rows of which neither says when may be the same rule twice.
            if of(&shape::DISCLOSES) && index > 0 && row.get("when").is_none() {
                row["when"] = format!("act:row{index}").into();
            }
            row
        });
        rows.collect()
    }

    /// A text of a field that holds one.
    fn plain(&mut self, shape: &'static Shape, field: &Field, own: &str) -> Option<String> {
        self.number += 1;
        let number = self.number;
        Some(match (names(shape, field), field.name) {
            (Names::Place, _) => self.one(&["US", "DE", "EU", "EEA"]).to_owned(),
            (Names::Condition, _) => match self.below(2) {
                0 => format!("consent:c{number}"),
                _ => format!("act:a{number}"),
            },
            (Names::Word(vocabulary), _) => self.word(vocabulary),
            (Names::Host, _) => self.one(&HOSTS).to_owned(),
            (_, "recipient" | "controller" | "store") => own.to_owned(),
            (_, "claim") => "list/kept".to_owned(),
            (_, "consent") => "photo".to_owned(),
            (_, "document") if std::ptr::eq(shape, &shape::SAID) => "?".to_owned(),
            (Names::Id, _) => format!("own-{number}"),
            _ => self.text(),
        })
    }

    fn word(&mut self, vocabulary: Vocabulary) -> String {
        let words: Vec<&str> = catalog()
            .words(vocabulary)
            .iter()
            .map(|word| word.id.as_str())
            .collect();
        self.one(&words).to_owned()
    }

    fn names(
        &mut self,
        shape: &'static Shape,
        field: &Field,
        recipients: &[&str],
        at_least: usize,
    ) -> Option<Vec<String>> {
        let owned = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
        Some(match names(shape, field) {
            Names::Element => owned(self.some(&SHARED, at_least)),
            Names::Subject => owned(self.some(&["student", "teacher", "student.under13"], at_least)),
            Names::Purpose => owned(self.some(&["service.notify_sms"], at_least)),
            Names::ThirdParty => owned(self.some(&["twilio", "zendesk"], at_least)),
            Names::Place => owned(self.some(&["US", "DE", "EU", "IE"], at_least)),
            Names::Host => owned(self.some(&HOSTS, at_least)),
            Names::Id if recipients.is_empty() => return None,
            Names::Id => owned(self.some(recipients, at_least)),
            Names::Word(vocabulary) => (0..at_least + self.below(3)).map(|_| self.word(vocabulary)).collect(),
            Names::Condition | Names::ClaimKind | Names::Free => owned(vec!["x"]),
        })
    }

    /// A claim with the parameters that its kind takes.
    fn claim(&mut self, place: Place) -> Value {
        let kinds: Vec<_> = KINDS
            .iter()
            .filter(|kind| [Place::Anywhere, place].contains(&kind.place))
            .collect();
        let kind = kinds[self.below(kinds.len())];
        let mut row = Map::new();
        for field in shape::CLAIM.fields {
            let parameter = kind.needs.contains(&field.name) || kind.may.contains(&field.name);
            // Without elements, `never_shares` speaks of what rows may let leave.
            let wanted = kind.needs.contains(&field.name) || kind.word == "never_shares" && parameter;
            let general = ["id", "said", "evidence"].contains(&field.name);
            let optional = (parameter || general) && self.below(3) > 0;
            let value = match field.name {
                "kind" => Some(kind.word.into()),
                "sentence" => Some(self.text().into()),
                "elements" if wanted => Some(json!(self.some(&OTHERS, 1))),
                _ if wanted || optional => self.value(&shape::CLAIM, field, &[], ""),
                _ => None,
            };
            if let Some(value) = value {
                row.insert(field.name.to_owned(), value);
            }
        }
        Value::Object(row)
    }
}
