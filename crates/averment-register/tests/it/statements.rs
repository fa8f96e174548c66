//! Every statement of the three published documents stands in an example register: `examples/statements.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use averment_register::{Charter, Source, compile};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    statement: Vec<Statement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    example: String,
    line: Option<u32>,
    says: String,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    claims: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn list() -> Vec<Statement> {
    let text = std::fs::read_to_string(examples().join("statements.toml")).unwrap();
    toml::from_str::<List>(&text).unwrap().statement
}

fn charter(example: &str) -> Charter {
    let compiled = compile(&Source::read(&examples().join(example)).unwrap());
    compiled.charter.unwrap()
}

/// Identifiers by what they are: claims, rules and recipients.
struct Names {
    claims: Vec<String>,
    rules: Vec<String>,
    recipients: Vec<String>,
}

impl Names {
    fn of(charter: &Charter) -> Self {
        let content = charter.content();
        let rules = content.recipients.values().flat_map(|recipient| &recipient.discloses);
        Self {
            claims: content.claims.keys().map(ToString::to_string).collect(),
            rules: rules.map(|row| row.rule.to_string()).collect(),
            recipients: content.recipients.keys().map(ToString::to_string).collect(),
        }
    }
}

/// Whether `name` is what `pattern` names; one `*` stands for any text.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((front, back)) => {
            name.len() >= front.len() + back.len() && name.starts_with(front) && name.ends_with(back)
        }
    }
}

#[test]
fn the_three_documents_make_156_statements() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for statement in list() {
        *counts.entry(statement.example).or_default() += 1;
    }
    let expected = [("cocalc", 25), ("codeorg", 56), ("thinglink", 75)];
    assert_eq!(counts, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn each_statement_is_declared() {
    let statements = list();
    for example in ["codeorg", "cocalc", "thinglink"] {
        let names = Names::of(&charter(example));
        for statement in statements.iter().filter(|statement| statement.example == example) {
            let lists = [
                (&statement.claims, &names.claims),
                (&statement.rules, &names.rules),
                (&statement.recipients, &names.recipients),
            ];
            assert!(
                lists.iter().any(|(patterns, _)| !patterns.is_empty()),
                "{}",
                statement.says
            );
            for (patterns, names) in lists {
                for pattern in patterns {
                    let found = names.iter().any(|name| fits(pattern, name));
                    assert!(found, "{example}: {}: nothing is named `{pattern}`", statement.says);
                }
            }
        }
    }
}

#[test]
fn nothing_is_declared_that_no_document_states() {
    let statements = list();
    for example in ["codeorg", "cocalc", "thinglink"] {
        for claim in charter(example).content().claims.values() {
            let listed = |statement: &&Statement| {
                statement.example == example && statement.claims.iter().any(|pattern| fits(pattern, claim.id.as_str()))
            };
            assert!(
                statements.iter().any(|one| listed(&one)),
                "{example}: {} is in no statement",
                claim.id
            );
        }
        for recipient in charter(example).content().recipients.values() {
            let listed = |statement: &&Statement| {
                statement.example == example && statement.recipients.iter().any(|id| id == recipient.id.as_str())
            };
            let of_recipient: Vec<_> = statements.iter().filter(listed).collect();
            assert_eq!(of_recipient.len(), 1, "{example}: {}", recipient.id);
            let class = recipient.said.as_ref().map(|said| said.line);
            assert_eq!(of_recipient[0].line, class, "{example}: {}", recipient.id);
        }
    }
}

#[test]
fn the_facts_of_cocalc_and_thinglink_are_typed() {
    let cocalc = charter("cocalc");
    assert_eq!(cocalc.content().recipients.len(), 9);
    let thinglink = charter("thinglink");
    let kinds: Vec<String> = thinglink
        .content()
        .claims
        .values()
        .map(|claim| serde_json::to_string(&claim.kind).unwrap())
        .collect();
    for needed in [
        r#""kind":"retained_for","elements":["tech.ip_address","tech.server_log","usage.event"],"duration":"P90D","after":"collection""#,
        r#""kind":"retained_for","elements":["tech.ip_address","tech.server_log","usage.event"],"duration":"P30D","after":"account_deleted""#,
        r#""kind":"stored_in","places":["IE"]"#,
        r#""kind":"stored_in","places":["US"]"#,
        r#""kind":"performed_every","activity":"backup","period":"P7D""#,
        r#""kind":"performed_every","activity":"restore_test","period":"P1Y""#,
        r#""kind":"holds_certificate","certificate":"iso_27001""#,
        r#""viewers":["peer"],"when":"always","off_by":"school""#,
        r#""kind":"hidden_from","elements":["content"],"subjects":["student"],"viewers":["search_engine"]"#,
    ] {
        assert!(kinds.iter().any(|kind| kind.contains(needed)), "{needed}");
    }
}
