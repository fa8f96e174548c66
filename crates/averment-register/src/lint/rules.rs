//! The rules, one row each.

use super::{Rule, facts, students, wording};
use crate::diagnostic::Severity::{Note, Warning};

pub(super) const RULES: &[Rule] = &[
    Rule {
        code: "no-student-records-beside-content",
        severity: Warning,
        cite: Some("FERPA 34 CFR 99.3; COPPA 16 CFR 312.2"),
        hint: "content that a student makes is student data: say `student_records = \"content\"`, or exclude students",
        look: students::content_of_students,
    },
    Rule {
        code: "no-student-records-beside-traffic",
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.2 (persistent identifier)"),
        hint: "say `student_records = \"technical\"`, or keep this recipient off the pages that students use",
        look: students::traffic_of_students,
    },
    Rule {
        code: "open-ended-elements",
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.4(d); GDPR Art. 12(1)"),
        hint: "name every element, or drop the words: a list that is open cannot be held against anything",
        look: wording::open_list,
    },
    Rule {
        code: "open-ended-condition",
        severity: Note,
        cite: Some("GDPR Art. 12(1)"),
        hint: "say when it happens",
        look: wording::perhaps,
    },
    Rule {
        code: "incidental-data",
        severity: Warning,
        cite: Some("GDPR Art. 5(1)(c), (e); COPPA 16 CFR 312.10"),
        hint: "say how it is found and removed, and how long it is kept",
        look: wording::incidental,
    },
    Rule {
        code: "photo-without-consent",
        severity: Warning,
        cite: Some("COPPA 16 CFR 312.2, 312.5(a); FERPA 34 CFR 99.3"),
        hint: "name the consent: `when = \"consent:photo\"`",
        look: students::photo_without_consent,
    },
    Rule {
        code: "recipient-retention-unknown",
        severity: Note,
        cite: Some("COPPA 16 CFR 312.10; GDPR Art. 28(3)(g)"),
        hint: "what the platform does not store the recipient may: ask how long it keeps it",
        look: facts::not_stored_here_only,
    },
    Rule {
        code: "nothing-declared",
        severity: Note,
        cite: Some("GDPR Art. 30(1)(d)"),
        hint: "declare what leaves, or that it is reached through another recipient",
        look: facts::nothing_declared,
    },
    Rule {
        code: "hash-is-personal-data",
        severity: Note,
        cite: Some("GDPR Art. 4(1), 4(5), Recital 26"),
        hint: "say which function and whether it is keyed; without a key the value can be guessed",
        look: facts::hashes,
    },
    Rule {
        code: "gateway-not-declared",
        severity: Warning,
        cite: None,
        hint: "add `gateway` to `planes`, or the flow is not measured",
        look: facts::gateway_not_declared,
    },
    Rule {
        code: "purpose-bars-student-data",
        severity: Warning,
        cite: Some("Cal. Bus. & Prof. Code 22584; 105 ILCS 85"),
        hint: "student data may not serve this purpose: take `student` out of the rows or name the purpose that fits",
        look: students::purpose_bars_students,
    },
    Rule {
        code: "special-category",
        severity: Warning,
        cite: Some("GDPR Art. 9(1)"),
        hint: "it needs a ground of Art. 9(2), normally a consent: `when = \"consent:<kind>\"`",
        look: students::special_category,
    },
    Rule {
        code: "own-domain-unknown",
        severity: Note,
        cite: None,
        hint: "name it in `hosts`: the catalog cannot know it",
        look: facts::own_domain,
    },
    Rule {
        code: "not-in-catalog",
        severity: Note,
        cite: None,
        hint: "its hosts and fields are unknown: name `hosts`, or add it to the catalog",
        look: facts::not_in_catalog,
    },
    Rule {
        code: "facts-from-memory",
        severity: Note,
        cite: None,
        hint: "check the third party's hosts and fields before relying on them",
        look: facts::facts_from_memory,
    },
    Rule {
        code: "mode-report",
        severity: Note,
        cite: None,
        hint: "`mode = \"enforce\"` refuses what is not declared",
        look: facts::report_mode,
    },
];
