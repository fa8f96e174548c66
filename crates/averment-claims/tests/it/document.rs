//! The document of all grades is what its schema says, and its schema knows every field of it.

use averment_claims::{DOCUMENT_SCHEMA, SCHEMA};
use jsonschema::{Draft, JSONSchema};
use serde_json::Value;

use crate::files;

/// The schema; fields that it does not name are wrong, which it leaves open for whoever reads documents.
fn strict() -> JSONSchema {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap();
    close(&mut schema);
    let compiled = JSONSchema::options().with_draft(Draft::Draft202012).compile(&schema);
    compiled.map_err(|error| error.to_string()).unwrap()
}

fn close(schema: &mut Value) {
    match schema {
        Value::Object(table) => {
            if table.get("properties").is_some_and(Value::is_object) {
                table.insert("additionalProperties".to_owned(), false.into());
            }
            table.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

fn faults(schema: &JSONSchema, document: &Value) -> Vec<String> {
    let faults = schema.validate(document).err();
    let all = faults.into_iter().flatten();
    all.map(|fault| format!("{}: {fault}", fault.instance_path)).collect()
}

#[test]
fn every_document_is_what_its_schema_says() {
    let schema = strict();
    let mut mended = 0;
    for file in files() {
        for (title, text) in file.documents() {
            let document: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(faults(&schema, &document), Vec::<String>::new(), "{title}");
            assert_eq!(document["schema"], DOCUMENT_SCHEMA);
            let claims = document["claims"].as_array().unwrap();
            mended += claims.iter().filter(|claim| claim["mended"].is_object()).count();
        }
    }
    assert!(mended > 0, "no document has a claim that was mended");
}

#[test]
fn a_document_with_a_field_too_few_or_a_wrong_grade_is_refused() {
    let schema = strict();
    let files = files();
    let (_, text) = files[0].documents().next().unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    for field in ["as_of", "charter", "entries", "grades", "claims"] {
        let mut document = whole.clone();
        document.as_object_mut().unwrap().remove(field);
        assert_ne!(faults(&schema, &document), Vec::<String>::new(), "without `{field}`");
    }
    let mut document = whole;
    document["claims"][0]["grade"] = "perfect".into();
    assert_ne!(faults(&schema, &document), Vec::<String>::new());
}
