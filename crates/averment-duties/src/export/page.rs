//! The page for people to read: grouped by what the data are about, in the catalog's words. No script, nothing from elsewhere.

use std::collections::BTreeSet;
use std::io::{self, Write};

use serde_json::Value;

use super::archive::name_of;
use super::objects::noted;
use super::spool::{Heading, Spool};
use super::{Received, Summary, Task, Whose};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1f24;background:#fff}\
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:2px solid #d0d7de}h3{margin:1.5rem 0 .3rem;font-size:1rem}\
table{border-collapse:collapse;width:100%;margin:.3rem 0 1rem}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #d8dee4;overflow-wrap:anywhere}\
th{background:#f6f8fa;font-weight:600}.note{color:#57606a}.wide{overflow-x:auto}@media print{.wide{overflow:visible}}";

/// What a category of the catalog is about.
const CATEGORIES: [(&str, &str); 14] = [
    ("identity", "Who you are"),
    ("contact", "How you are reached"),
    ("demographic", "About you"),
    ("account", "Your account"),
    ("guardian", "Parents and guardians"),
    ("edu", "School and learning"),
    ("content", "What you made"),
    ("comms", "Messages"),
    ("usage", "How you used it"),
    ("tech", "Technical data"),
    ("location", "Where you were"),
    ("finance", "Payments"),
    ("staff", "At work"),
    ("control", "Your choices"),
];

/// Writes the page.
pub(super) fn write(task: &Task<'_>, spool: &Spool, summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let organisation = escaped(&task.charter.content().organisation);
    write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Data held by {organisation}</title><style>{STYLE}</style></head><body><main>\n\
         <h1>Data held by {organisation}</h1>\n<p>About the person with number {}, as of {}. The same is in \
         <code>data.json</code> for programs; <code>data.schema.json</code> describes it.</p>\n",
        escaped(task.number),
        escaped(&format!("{:.0}", task.now)),
    )?;
    told(summary, out)?;
    let names = spool.names(".rows")?;
    for category in categories(spool, &names)? {
        section(&category, spool, &names, out)?;
    }
    files(spool, out)?;
    recipients(task.recipients, out)?;
    out.write_all(b"</main></body></html>\n")
}

fn told(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    write!(
        out,
        "<ul>\n<li>{} rows are about this person, {} rows of others name them, {} files.</li>\n\
         <li>{} values that name others read “{}”; in texts others are masked in {} places.</li>\n",
        summary.own_rows,
        summary.named_rows,
        summary.files,
        summary.somebody_else,
        super::SOMEBODY_ELSE,
        summary.masked_in_texts
    )?;
    if !summary.secrets.is_empty() {
        let names = escaped(&summary.secrets.join(", "));
        writeln!(out, "<li>Passwords and keys are held and left out: {names}.</li>")?;
    }
    for (store, because) in &summary.not_reached {
        let (store, because) = (escaped(store), escaped(because));
        writeln!(out, "<li><strong>Not in here: {store}</strong>, {because}.</li>")?;
    }
    out.write_all(b"</ul>\n")
}

/// Those that occur, in the order of the table above, then others by name, then what is of none.
fn categories(spool: &Spool, names: &[String]) -> io::Result<Vec<String>> {
    let mut found = BTreeSet::new();
    for name in names {
        let (heading, counts) = spool.read(name, &mut |_, _| Ok(()))?;
        if counts.rows > 0 {
            let shown = heading.columns.iter().filter(|column| !column.link);
            found.extend(shown.map(|column| category_of(column.element.as_deref())));
        }
    }
    let place = |category: &String| {
        let known = CATEGORIES.iter().position(|(id, _)| id == category);
        known.unwrap_or(CATEGORIES.len() + usize::from(category.is_empty()))
    };
    let mut all: Vec<String> = found.into_iter().collect();
    all.sort_by_key(|category| (place(category), category.clone()));
    Ok(all)
}

fn category_of(element: Option<&str>) -> String {
    let category = element.and_then(|element| element.split('.').next());
    category.unwrap_or_default().to_owned()
}

fn section(category: &str, spool: &Spool, names: &[String], out: &mut impl Write) -> io::Result<()> {
    let known = CATEGORIES.iter().find(|(id, _)| *id == category);
    let title = match known {
        Some((_, title)) => (*title).to_owned(),
        None if category.is_empty() => "Other details".to_owned(),
        None => category.to_owned(),
    };
    writeln!(out, "<section><h2>{}</h2>", escaped(&title))?;
    for name in names {
        let mut shown: Option<Vec<usize>> = None;
        spool.read(name, &mut |heading, row| {
            if shown.is_none() {
                let columns = columns(heading, category);
                if !columns.is_empty() {
                    begin(heading, &columns, out)?;
                }
                shown = Some(columns);
            }
            match shown.as_deref() {
                Some(columns @ [_, ..]) => line(columns, row, out),
                _ => Ok(()),
            }
        })?;
        if shown.is_some_and(|columns| !columns.is_empty()) {
            out.write_all(b"</tbody></table></div>\n")?;
        }
    }
    out.write_all(b"</section>\n")
}

/// Columns of the category, after those that say when.
fn columns(heading: &Heading, category: &str) -> Vec<usize> {
    let of = |place: &usize| {
        let column = &heading.columns[*place];
        !column.link && category_of(column.element.as_deref()) == category
    };
    let own: Vec<usize> = (0..heading.columns.len()).filter(of).collect();
    if own.is_empty() {
        return own;
    }
    let when = (0..heading.columns.len()).filter(|place| heading.columns[*place].time && !own.contains(place));
    when.chain(own.iter().copied()).collect()
}

fn begin(heading: &Heading, columns: &[usize], out: &mut impl Write) -> io::Result<()> {
    let whose = match heading.whose {
        Whose::Own => "",
        Whose::Named => ", where somebody else’s data name this person",
    };
    let table = escaped(&heading.table.replace('_', " "));
    write!(
        out,
        "<h3>{table} <span class=\"note\">({}{whose})</span></h3><div class=\"wide\"><table><thead><tr>",
        escaped(&heading.store)
    )?;
    let labelled = |label: &str| {
        columns
            .iter()
            .filter(|place| heading.columns[**place].label == label)
            .count()
    };
    for place in columns {
        let column = &heading.columns[*place];
        let (name, label) = (escaped(&column.name), escaped(&column.label));
        // Of several with one label only their names tell which is which.
        let named = match labelled(&column.label) {
            1 => String::new(),
            _ => format!(" <span class=\"note\">({name})</span>"),
        };
        write!(out, "<th scope=\"col\" title=\"{name}\">{label}{named}</th>")?;
    }
    out.write_all(b"</tr></thead><tbody>\n")
}

fn line(columns: &[usize], row: &[Value], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"<tr>")?;
    for place in columns {
        let text = match row.get(*place) {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => "–".to_owned(),
            Some(other) => other.to_string(),
        };
        write!(out, "<td>{}</td>", escaped(&text))?;
    }
    out.write_all(b"</tr>\n")
}

fn files(spool: &Spool, out: &mut impl Write) -> io::Result<()> {
    let all = noted(spool)?;
    if all.is_empty() {
        return Ok(());
    }
    out.write_all(b"<section><h2>Files</h2><ul>\n")?;
    for (place, noted) in all.iter().enumerate() {
        let name = escaped(&name_of(place, noted));
        writeln!(
            out,
            "<li><a href=\"{name}\">{}</a> ({}, {} bytes)</li>",
            escaped(&noted.name),
            escaped(&noted.store),
            noted.bytes
        )?;
    }
    out.write_all(b"</ul></section>\n")
}

fn recipients(received: &[Received], out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"<section><h2>Who received data</h2>\n")?;
    if received.is_empty() {
        return out.write_all("<p>The ledger has no disclosure about this person.</p></section>\n".as_bytes());
    }
    out.write_all(b"<div class=\"wide\"><table><thead><tr><th scope=\"col\">Recipient</th><th scope=\"col\">What</th><th scope=\"col\">How often</th><th scope=\"col\">First</th><th scope=\"col\">Last</th><th scope=\"col\">Rests on</th></tr></thead><tbody>\n")?;
    for one in received {
        let label = |element: &String| {
            let id = averment_catalog::ElementId::new(element).ok();
            let known = id.and_then(|id| averment_catalog::catalog().element(&id));
            known.map_or_else(|| element.clone(), |known| known.label.clone())
        };
        let elements: Vec<String> = one.elements.iter().map(label).collect();
        let cells = [
            &one.recipient,
            &elements.join(", "),
            &one.times.to_string(),
            &one.first,
            &one.last,
            &one.basis.join(", "),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| format!("<td>{}</td>", escaped(cell))).collect();
        writeln!(out, "<tr>{}</tr>", cells.concat())?;
    }
    out.write_all(b"</tbody></table></div></section>\n")
}

/// As text of HTML, also between quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter if letter.is_control() && letter != '\n' && letter != '\t' => out.push('\u{fffd}'),
            letter => out.push(letter),
        }
    }
    out
}
