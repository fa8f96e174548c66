//! What an answer says, with its encodings undone: JSON, HTML text and attributes, percent signs, escapes of scripts.

use html5gum::{Token, Tokenizer};
use serde_json::Value;

use super::canary::folded;
use crate::web::Answer;

/// All readings of an answer, each folded; headers are part of it.
pub(super) fn readings(answer: &Answer) -> Vec<String> {
    let text = answer.text();
    let headers = answer.headers.iter().chain(&answer.passed);
    // When an answer was made is a day of today's, and says nothing of a person whose last visit was today.
    let headers = headers.filter(|(name, _)| name != "date");
    let headers: Vec<&str> = headers.map(|(_, value)| value.as_str()).collect();
    let headers = headers.join("\n");
    let mut all = vec![folded(&text), folded(&headers), folded(&without_percent(&headers))];
    let unescaped = without_escapes(&text);
    if let Ok(value) = serde_json::from_str::<Value>(&text) {
        all.push(folded(&json(&value)));
    } else {
        all.push(folded(&markup(&answer.body)));
        all.push(folded(&markup(unescaped.as_bytes())));
    }
    all.push(folded(&without_percent(&text)));
    all.push(folded(&unescaped));
    all
}

/// All texts, numbers and names of a JSON document; the parser bounds its depth.
fn json(value: &Value) -> String {
    let mut out = String::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        match value {
            Value::String(text) => {
                out.push_str(text);
                out.push('\n');
                // Documents in texts of documents.
                out.push_str(&markup(text.as_bytes()));
            }
            Value::Number(number) => out.push_str(&number.to_string()),
            Value::Array(values) => open.extend(values.iter().rev()),
            Value::Object(members) => {
                for (name, value) in members {
                    out.push_str(name);
                    out.push('\n');
                    open.push(value);
                }
            }
            _ => {}
        }
        out.push('\n');
    }
    out
}

/// Text and attributes of HTML. Tags between two words do not part them from each other more than a space does.
fn markup(page: &[u8]) -> String {
    let mut out = String::new();
    let mut attributes = String::new();
    for token in Tokenizer::new(page) {
        match token {
            Ok(Token::String(text)) => out.push_str(&String::from_utf8_lossy(&text)),
            Ok(Token::StartTag(tag)) => {
                out.push(' ');
                for value in tag.attributes.values() {
                    attributes.push_str(&String::from_utf8_lossy(value));
                    attributes.push('\n');
                }
            }
            Ok(Token::EndTag(_)) => out.push(' '),
            Ok(Token::Comment(text)) => out.push_str(&String::from_utf8_lossy(&text)),
            _ => {}
        }
    }
    out.push('\n');
    out.push_str(&attributes);
    out
}

fn without_percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = bytes.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match (bytes[at], byte) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
            }
            (byte, _) => {
                out.push(if byte == b'+' { b' ' } else { byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `\u0040`, `\x40` and `\/` as what they stand for.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let digits = match after.as_bytes().first() {
            Some(b'u') => after.get(1..5),
            Some(b'x') => after.get(1..3),
            _ => None,
        };
        let letter = digits.and_then(|digits| char::from_u32(u32::from_str_radix(digits, 16).ok()?));
        match (letter, digits) {
            (Some(letter), Some(digits)) => {
                out.push(letter);
                rest = &after[1 + digits.len()..];
            }
            _ => rest = after,
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_of_pages_are_undone() {
        let page = |body: &str| Answer {
            status: 200,
            url: "http://birch.example/".parse().unwrap(),
            headers: vec![("location".to_owned(), "/p?name=Maya%20L".to_owned())],
            body: body.as_bytes().to_vec(),
            passed: Vec::new(),
        };
        for body in [
            "{\"mail\":\"maya\\u0040birch.example\"}",
            "{\"page\":\"<p title='maya&#64;birch.example'>\"}",
            "<a href=\"mailto:maya&#x40;birch.example\">",
            "<p>maya&commat;birch.example",
            "<script>var x = 'maya\\x40birch.example'</script>",
            "/avatar?of=maya%40birch.example",
            "<!-- maya@birch.example -->",
        ] {
            let all = readings(&page(body));
            assert!(
                all.iter().any(|text| text.contains("maya@birch.example")),
                "{body}: {all:?}"
            );
        }
        assert!(readings(&page("")).iter().any(|text| text.contains("maya l")));
    }
}
