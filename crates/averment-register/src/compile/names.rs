//! Names to identifiers: what a file calls something is looked up in the catalog, with the nearest word as hint.

use std::collections::BTreeSet;

use averment_catalog::{ElementId, PurposeId, SubjectId, ThirdPartyId, Vocabulary, WordId, catalog};
use toml::Spanned;

use super::{At, Findings, suggest};
use crate::charter::Condition;

/// A name that the catalog does not know.
pub(super) struct Unknown {
    code: &'static str,
    message: String,
    hint: Option<String>,
}

/// Looks up every name; what is not known is reported and left out.
pub(super) fn resolve<T: Ord>(
    findings: &mut Findings,
    at: At<'_>,
    names: &[Spanned<String>],
    one: impl Fn(&str) -> Result<T, Unknown>,
) -> BTreeSet<T> {
    let mut found = BTreeSet::new();
    for name in names {
        match one(name.get_ref()) {
            Ok(id) => _ = found.insert(id),
            Err(unknown) => findings.error(at, Some(name.span()), unknown.code, unknown.message, unknown.hint),
        }
    }
    found
}

/// A third party of the catalog.
pub(super) fn third_party(text: &str) -> Result<ThirdPartyId, Unknown> {
    let known = ThirdPartyId::new(text)
        .ok()
        .filter(|id| catalog().third_party(id).is_some());
    let names = || catalog().third_parties().map(|party| party.id.as_str());
    known.ok_or_else(|| Unknown {
        code: "unknown-third-party",
        message: format!("third party `{text}` is not in the catalog"),
        hint: suggest::hint(text, names()).or_else(|| {
            Some("name the catalog's word in `third_parties`, or `third_parties = []` and its `hosts`".into())
        }),
    })
}

/// A purpose.
pub(super) fn purpose(text: &str) -> Result<PurposeId, Unknown> {
    let known = PurposeId::new(text).ok().filter(|id| catalog().purpose(id).is_some());
    known.ok_or_else(|| Unknown {
        code: "unknown-purpose",
        message: format!("purpose `{text}` is not in the catalog"),
        hint: suggest::hint(text, catalog().purposes().map(|purpose| purpose.id.as_str())),
    })
}

/// A data element or a category of them.
pub(super) fn element(text: &str) -> Result<ElementId, Unknown> {
    let known = ElementId::new(text)
        .ok()
        .filter(|id| catalog().knows_element_or_category(id));
    let names = catalog().elements().map(|element| element.id.as_str());
    let categories = catalog()
        .elements()
        .filter_map(|element| element.id.as_str().split('.').next());
    known.ok_or_else(|| Unknown {
        code: "unknown-element",
        message: format!("data element `{text}` is not in the catalog"),
        hint: suggest::hint(text, names.chain(categories)),
    })
}

/// A kind of data subject.
pub(super) fn subject(text: &str) -> Result<SubjectId, Unknown> {
    let known = SubjectId::new(text).ok().filter(|id| catalog().subject(id).is_some());
    known.ok_or_else(|| Unknown {
        code: "unknown-subject",
        message: format!("kind of data subject `{text}` is not in the catalog"),
        hint: suggest::hint(text, catalog().subjects().map(|subject| subject.id.as_str())),
    })
}

/// A word of a closed vocabulary.
pub(super) fn word(vocabulary: Vocabulary) -> impl Fn(&str) -> Result<WordId, Unknown> {
    move |text| {
        let known = catalog().word(vocabulary, text).map(|word| word.id.clone());
        known.ok_or_else(|| Unknown {
            code: "unknown-word",
            message: format!("`{text}` is not {}", vocabulary.a_word()),
            hint: suggest::hint(text, catalog().words(vocabulary).iter().map(|word| word.id.as_str())),
        })
    }
}

/// A country, or the European Union or Economic Area as a whole.
pub(super) fn place(text: &str) -> Result<String, Unknown> {
    let union = ["EU", "EEA"].contains(&text);
    let known = union || catalog().country(text).is_some();
    known.then(|| text.to_owned()).ok_or_else(|| {
        let by_name = catalog()
            .countries()
            .find(|country| country.name.eq_ignore_ascii_case(text) || country.code.eq_ignore_ascii_case(text));
        let hint = by_name.map_or_else(
            || "expected two capital letters of ISO 3166-1, such as `IE`, or `EU` or `EEA`".to_owned(),
            |country| format!("did you mean `{}`?", country.code),
        );
        Unknown {
            code: "unknown-country",
            message: format!("`{text}` is not a country"),
            hint: Some(hint),
        }
    })
}

/// One name; reported and none when it is not known.
pub(super) fn one<T>(
    findings: &mut Findings,
    at: At<'_>,
    name: &Spanned<String>,
    look: impl Fn(&str) -> Result<T, Unknown>,
) -> Option<T> {
    match look(name.get_ref()) {
        Ok(id) => Some(id),
        Err(unknown) => {
            findings.error(at, Some(name.span()), unknown.code, unknown.message, unknown.hint);
            None
        }
    }
}

/// A condition; `always` when absent or not known.
pub(super) fn condition(findings: &mut Findings, at: At<'_>, when: Option<&Spanned<String>>) -> Condition {
    let Some(when) = when else { return Condition::Always };
    when.get_ref().parse().unwrap_or_else(|message| {
        let near = suggest::nearest(when.get_ref(), Condition::WORDS.into_iter());
        let hint = near.map(|near| format!("did you mean `{near}`?"));
        findings.error(at, Some(when.span()), "unknown-condition", message, hint);
        Condition::Always
    })
}
