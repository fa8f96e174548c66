//! Content types of files by the endings of their names.

/// Content types by the ending of the file's name.
const TYPES: [(&str, &str); 27] = [
    ("json", "application/json"),
    ("har", "application/json"),
    ("ndjson", "application/x-ndjson"),
    ("jsonl", "application/x-ndjson"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("xml", "application/xml"),
    ("svg", "image/svg+xml"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("txt", "text/plain"),
    ("md", "text/plain"),
    ("log", "text/plain"),
    ("sql", "text/plain"),
    ("yaml", "application/yaml"),
    ("yml", "application/yaml"),
    ("msgpack", "application/msgpack"),
    ("cbor", "application/cbor"),
    ("pb", "application/x-protobuf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("eml", "message/rfc822"),
    ("pdf", "application/pdf"),
    ("zip", "application/zip"),
    ("ics", "text/calendar"),
    ("vcf", "text/vcard"),
];
/// Content encodings by the last ending.
const CODINGS: [(&str, &str); 3] = [("gz", "gzip"), ("br", "br"), ("zst", "zstd")];

/// Content type and content encoding that the name of a file tells of: `events.json.gz` is JSON in gzip. Either may be unknown.
pub fn content_type_of(name: &str) -> (Option<&'static str>, Option<&'static str>) {
    let name = name.to_lowercase();
    let coding = of(&CODINGS, &name);
    let inner = match coding {
        Some(_) => name.rsplit_once('.').map_or("", |(inner, _)| inner),
        None => &name,
    };
    (of(&TYPES, inner), coding)
}

fn of(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    table.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind)
}
