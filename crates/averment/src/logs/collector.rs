//! Which collector the environment names, and what is said to it.
//!
//! Source: OpenTelemetry protocol exporter, environment variables; W3C Baggage 3.3.1 for the list of header fields.

use std::path::PathBuf;

/// Where traces go.
#[derive(PartialEq, Eq)]
pub(super) struct Collector {
    /// `http` or `https`, with the path of traces.
    pub(super) url: String,
    /// Fields of each request; their values are secrets.
    pub(super) fields: Vec<(String, String)>,
    /// Certificates to trust besides those of the system.
    pub(super) certificates: Option<PathBuf>,
}

impl std::fmt::Debug for Collector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        write!(f, "Collector({}, {names:?}, {:?})", self.url, self.certificates)
    }
}

/// What the environment says; none when it names nothing that can be sent to, which is then said.
pub(super) fn collector(variable: impl Fn(&str) -> Option<String>) -> Option<Collector> {
    let exact = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
    let base =
        || variable("OTEL_EXPORTER_OTLP_ENDPOINT").map(|base| format!("{}/v1/traces", base.trim_end_matches('/')));
    let url = exact.or_else(base)?;
    let is_known = url.starts_with("https://") || url.starts_with("http://");
    // A name and password in the address would be in every error about it.
    if !is_known || url.contains('@') {
        anstream::eprintln!(
            "warning: traces are sent to addresses that begin with `https://` or `http://` and hold no login, so there are none"
        );
        return None;
    }
    // What is said of traces counts before what is said of everything.
    let of_traces = |name: &str| {
        variable(&format!("OTEL_EXPORTER_OTLP_TRACES_{name}"))
            .or_else(|| variable(&format!("OTEL_EXPORTER_OTLP_{name}")))
    };
    let Some(fields) = fields(&of_traces("HEADERS").unwrap_or_default()) else {
        anstream::eprintln!(
            "warning: `OTEL_EXPORTER_OTLP_HEADERS` is no list of fields such as `api-key=…,team=…`, so there are no traces"
        );
        return None;
    };
    Some(Collector {
        url,
        fields,
        certificates: of_traces("CERTIFICATE")
            .filter(|path| !path.is_empty())
            .map(PathBuf::from),
    })
}

/// `name=value,name=value`, values in percent encoding.
fn fields(text: &str) -> Option<Vec<(String, String)>> {
    let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
    members.map(field).collect()
}

fn field(member: &str) -> Option<(String, String)> {
    let (name, value) = member.split_once('=')?;
    // What comes behind a semicolon is about the value, and none of the fields of HTTP.
    let value = decoded(value.split(';').next()?.trim())?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    let is_value = value.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b));
    (is_name && is_value).then(|| (name.to_owned(), value))
}

fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut out = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        out.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::{Collector, collector, fields};

    fn of(given: &[(&str, &str)]) -> Option<Collector> {
        collector(|asked| {
            let found = given.iter().find(|(name, _)| *name == asked);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_endpoint_is_read_as_the_standard_says() {
        const BASE: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        for (name, given, expected) in [
            (BASE, "http://127.0.0.1:4318", Some("http://127.0.0.1:4318/v1/traces")),
            (
                BASE,
                "http://127.0.0.1:4318/a/",
                Some("http://127.0.0.1:4318/a/v1/traces"),
            ),
            (
                BASE,
                "https://collector.example",
                Some("https://collector.example/v1/traces"),
            ),
            (
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                "http://127.0.0.1:4318/t",
                Some("http://127.0.0.1:4318/t"),
            ),
            (BASE, "grpc://collector.example", None),
            (BASE, "https://a:b@collector.example", None),
            ("OTHER", "http://127.0.0.1:4318", None),
        ] {
            let url = of(&[(name, given)]).map(|collector| collector.url);
            assert_eq!(url.as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn fields_are_decoded_and_those_of_traces_come_first() {
        let read =
            |text| fields(text).map(|fields| fields.iter().map(|(n, v)| format!("{n}: {v}")).collect::<Vec<_>>());
        assert_eq!(read(""), Some(Vec::new()));
        assert_eq!(
            read("api-key=a%20b=, team = c;d=e"),
            Some(vec!["api-key: a b=".into(), "team: c".into()])
        );
        for wrong in ["api-key", "=x", "a b=c", "a=%zz", "a=%0d%0ab: c", "a=%", "a=%C3%A9"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let all = of(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "key=general"),
            ("OTEL_EXPORTER_OTLP_TRACES_HEADERS", "key=sesame"),
            ("OTEL_EXPORTER_OTLP_CERTIFICATE", "roots.pem"),
        ])
        .unwrap();
        assert_eq!(all.fields, [("key".to_owned(), "sesame".to_owned())]);
        assert_eq!(all.certificates.as_deref(), Some("roots.pem".as_ref()));
        assert!(!format!("{all:?}").contains("sesame"));
    }
}
