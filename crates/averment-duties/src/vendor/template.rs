//! Templates of the catalog: texts with `{name}`, `{name:quoted}`, `{name:lower}`, `{{` and `}}`.

use super::trouble::Trouble;

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// As it stands.
    Text(&'t str),
    /// A value.
    Value { name: &'t str, form: Form },
}

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain,
    /// Inside quotes of a query language.
    Quoted,
    /// In lower case.
    Lower,
    /// Both.
    LowerQuoted,
}

/// Where a rendered text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The path of a URL: values are percent-encoded and never empty or dots.
    Path,
    /// A parameter of a query or form.
    Parameter,
    /// The host and what is before the path: values are labels.
    Host,
    /// As it is: JSON texts, comparisons.
    Plain,
    /// A header: no control characters.
    Header,
}

/// Takes a template apart.
pub(super) fn parts(template: &str) -> Result<Vec<Part<'_>>, Trouble> {
    let (mut parts, mut rest) = (Vec::new(), template);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        parts.push(Part::Text(before));
        if from.starts_with("{{") || from.starts_with("}}") {
            parts.push(Part::Text(&from[..1]));
            rest = &from[2..];
            continue;
        }
        let inner = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) = inner.ok_or_else(|| Trouble::row(format!("`{template}` has a brace of its own")))?;
        let (name, form) = match name.split_once(':') {
            Some((name, "quoted")) => (name, Form::Quoted),
            Some((name, "lower")) => (name, Form::Lower),
            Some((name, "lower_quoted")) => (name, Form::LowerQuoted),
            None => (name, Form::Plain),
            Some(_) => {
                return Err(Trouble::row(format!(
                    "`{template}` has a form other than `quoted`, `lower` and `lower_quoted`"
                )));
            }
        };
        parts.push(Part::Value { name, form });
        rest = after;
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// The names in a template.
pub(super) fn names(template: &str) -> Result<Vec<&str>, Trouble> {
    let parts = parts(template)?.into_iter();
    Ok(parts
        .filter_map(|part| match part {
            Part::Value { name, .. } => Some(name),
            Part::Text(_) => None,
        })
        .collect())
}

/// Fills a template in.
pub(super) fn render<'v>(
    template: &str,
    value: &dyn Fn(&str) -> Option<&'v str>,
    place: Place,
) -> Result<String, Trouble> {
    let mut text = String::new();
    for part in parts(template)? {
        match part {
            Part::Text(literal) if place == Place::Parameter => text.push_str(&percent(literal)),
            Part::Text(literal) => text.push_str(literal),
            Part::Value { name, form } => {
                let value = value(name).ok_or_else(|| Trouble::row(format!("`{name}` has no value")))?;
                let value = match form {
                    Form::Plain => value.to_owned(),
                    Form::Quoted => quote(value),
                    Form::Lower => value.to_lowercase(),
                    Form::LowerQuoted => quote(&value.to_lowercase()),
                };
                text.push_str(&escape(name, &value, place)?);
            }
        }
    }
    Ok(text)
}

fn escape(name: &str, value: &str, place: Place) -> Result<String, Trouble> {
    let unusable = || Trouble::Unusable { name: name.to_owned() };
    match place {
        // `DELETE /users/` with nothing behind it, or with dots, would be another resource.
        Place::Path if matches!(value, "" | "." | "..") => Err(unusable()),
        Place::Path | Place::Parameter => Ok(percent(value)),
        Place::Host if value.is_empty() || !value.bytes().all(is_label) => Err(unusable()),
        Place::Header if value.chars().any(char::is_control) => Err(unusable()),
        Place::Host | Place::Header | Place::Plain => Ok(value.to_owned()),
    }
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn quote(value: &str) -> String {
    let mut quoted = String::new();
    for letter in value.chars() {
        if matches!(letter, '\\' | '\'' | '"') {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

/// RFC 3986: all but the unreserved characters.
pub(super) fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
